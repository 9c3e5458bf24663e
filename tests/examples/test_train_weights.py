# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The training of the bundled checkpoints, on a tiny teacher and generated motion."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoProcessor, BertConfig, BertModel, pipeline

from tmor_hf import SyntheticMotion, TMorForSkeletonActionClassification
from tmor_hf.data import MotionDataset, build_tokenizer, generate_sentences, synthetic_clips

ACTIONS = ("walk", "clap")


@pytest.fixture
def small(example, tmp_path, monkeypatch):
    """The example with a teacher and options of seconds."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(generate_sentences(200))
    sizes = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(tokenizer), **sizes), add_pooling_layer=False).save_pretrained(
        tmp_path / "bert"
    )
    tokenizer.save_pretrained(tmp_path / "bert")
    distil = {"sentences": 20, "vocab-size": 500, "hidden-size": 16, "num-layers": 1, "max-steps": 2}
    monkeypatch.setattr(example.distill_text, "package_sentences", lambda *_: generate_sentences(400, 1))
    towers = {"dataset": ("synthetic:20",), "max-steps": 2, "batch-size": 8, "preset": "tiny", "num-frames": 16}
    monkeypatch.setattr(example, "TEACHER", str(tmp_path / "bert"))
    monkeypatch.setattr(example, "DISTIL", distil)
    monkeypatch.setattr(example, "PRETRAIN", towers)
    monkeypatch.setattr(example, "ACTIONS", {"num_epochs": 1, "batch_size": 8, "progress_bar": False})

    def clips(part, data_dir, count, class_names=None):
        found = synthetic_clips(SyntheticMotion(12, seed=len(part), actions=ACTIONS))
        return MotionDataset(list(found), "actions", found.class_names)

    monkeypatch.setattr(example, "load_everyday_actions", clips)
    return example


def test_all_steps_give_two_checkpoints_and_are_not_run_again(small, tmp_path, monkeypatch):
    args = small.get_arguments(["--data-dir", str(tmp_path), "--output-dir", str(tmp_path / "out"), "--cpu"])
    base, actions = small.main(args)
    first = {path: path.read_bytes() for path in (base / "model.safetensors", actions / "model.safetensors")}
    for folder in (base, actions):
        assert {values.dtype for values in load_file(folder / "model.safetensors").values()} == {torch.float16}
        assert str(tmp_path) not in (folder / "config.json").read_text()
        record = json.loads((folder / small.RECORD).read_text())
        assert set(record["steps"]) == set(small.STEPS_OF[folder.name])
        assert all(step["hours"] >= 0 and step["cpu"] for step in record["steps"].values())
    model = AutoModel.from_pretrained(base)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert model.config.text_config.hidden_size == 16
    clip = SyntheticMotion(1, seed=3)[0].skeletons
    zero_shot = pipeline("zero-shot-skeleton-action-classification", model=str(base))
    assert len(zero_shot(clip, candidate_labels=["walking", "clapping"])) == 2
    assert len(pipeline("skeleton-action-classification", model=str(actions))(clip)) == len(ACTIONS)

    for name in ("distil_text", "pretrain_towers", "train_actions"):
        monkeypatch.setattr(small, name, lambda *_: pytest.fail("ran again"))
    small.main(args)
    assert all(path.read_bytes() == content for path, content in first.items())


@pytest.mark.slow
def test_the_new_text_tower_embeds_as_the_student_does(small, tmp_path):
    """Towers before and after agree on skeletons; the text is the student's, through head and old projection."""
    args = small.get_arguments(["--data-dir", str(tmp_path), "--output-dir", str(tmp_path / "out"), "--cpu"])
    base, _ = small.main(args)
    old, new = AutoModel.from_pretrained(tmp_path / "out" / "towers"), AutoModel.from_pretrained(base)
    processor = AutoProcessor.from_pretrained(base)
    clip = SyntheticMotion(1, seed=3)[0].skeletons
    inputs = processor(skeletons=clip, return_tensors="pt")
    embeds = [model.get_skeleton_features(**inputs).pooler_output for model in (old.eval(), new.eval())]
    assert torch.allclose(*embeds, atol=2e-2, rtol=2e-2)
    student = small.load_student(tmp_path / "out" / "text")
    tokens = processor.tokenizer(["a person walks"], return_tensors="pt")
    states = student.model(**tokens).last_hidden_state.mean(dim=1)
    expected = old.text_projection(student.head(states))
    found = new.get_text_features(**tokens).pooler_output
    assert torch.nn.functional.cosine_similarity(found, expected).item() > 0.999


def test_hours_add_up_over_runs_that_were_stopped(example, tmp_path):
    (tmp_path / "hours.json").write_text(json.dumps({"distil": {"hours": 2.0}}))
    with pytest.raises(KeyboardInterrupt), example.measured(tmp_path, "distil"):
        raise KeyboardInterrupt
    assert 2.0 <= json.loads((tmp_path / "hours.json").read_text())["distil"]["hours"] < 2.1


def test_classifiers_are_written_without_their_training(small, tmp_path, tiny_skeleton_config, tiny_feature_extractor):
    TMorForSkeletonActionClassification(tiny_skeleton_config).save_pretrained(tmp_path / "actions")
    tiny_feature_extractor.save_pretrained(tmp_path / "actions")
    (tmp_path / "actions" / "optimizer.bin").write_bytes(b"state")
    small.write_actions(tmp_path / "actions", tmp_path / "written")
    assert {path.name for path in (tmp_path / "written").iterdir()} == {
        "config.json", "model.safetensors", "preprocessor_config.json"
    }  # fmt: skip
