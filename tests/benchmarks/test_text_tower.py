# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The comparison of a distilled text tower with its teacher: a student that is the teacher loses nothing."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel

from tmor_hf import TMorConfig, TMorFeatureExtractor, TMorModel, TMorProcessor, TMorSkeletonConfig
from tmor_hf.data import build_tokenizer, generate_sentences, load_skeleton_text
from tmor_hf.training import Student, save_student

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "text_tower.py"
SIZE = 24


@pytest.fixture
def benchmark(monkeypatch):
    spec = importlib.util.spec_from_file_location("text_tower", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "COMPARED", 30)
    clips = load_skeleton_text("synthetic:12", synthetic_options={"actions": ("walk", "clap")})
    monkeypatch.setattr(module, "load_benchmark", lambda name, data_dir, part: clips)
    return module


@pytest.fixture
def teacher(tmp_path):
    """Folder of a tiny teacher, which is at once a student with the identity as its head."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(generate_sentences(100))
    sizes = {"hidden_size": SIZE, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = BertModel(BertConfig(vocab_size=len(tokenizer), **sizes), add_pooling_layer=False).eval()
    head = nn.Linear(SIZE, SIZE, bias=False)
    nn.init.eye_(head.weight)
    save_student(Student(model, tokenizer, head), tmp_path / "teacher")
    return tmp_path / "teacher", tokenizer


def test_a_student_that_is_the_teacher_agrees_and_classifies_alike(benchmark, teacher, tmp_path):
    folder, tokenizer = teacher
    skeleton_config = TMorSkeletonConfig.tiny()
    model = TMorModel(
        TMorConfig(skeleton_config=skeleton_config, text_config=BertModel.from_pretrained(folder).config)
    )
    model.text_model.load_state_dict(BertModel.from_pretrained(folder, add_pooling_layer=False).state_dict())
    model.save_pretrained(tmp_path / "model")
    TMorProcessor(TMorFeatureExtractor(num_frames=8), tokenizer).save_pretrained(tmp_path / "model")
    options = ["--teacher", folder, "--checkpoint", tmp_path / "model", "--data-dir", tmp_path, "--parts", "any:test"]
    report = benchmark.main(benchmark.get_arguments([str(option) for option in (folder, *options)]))
    for part in ("held_out", "unseen_verbs"):
        assert report["sentences"][part]["spearman"] == pytest.approx(1, abs=1e-4)
        assert report["sentences"][part]["cosine"] == pytest.approx(1, abs=1e-4)
    assert all(answer["teacher"] == answer["student"] for answer in report["nearest"].values())
    zero_shot = report["zero_shot"]["any:test"]
    assert zero_shot["clips"] == 12 and zero_shot["teacher"] == zero_shot["student"]
    assert json.loads(json.dumps(report)) == report


def test_classifying_needs_clips(benchmark, capsys):
    with pytest.raises(SystemExit):
        benchmark.get_arguments(["student", "--checkpoint", "model"])
    assert "--checkpoint needs --data-dir" in capsys.readouterr().err
