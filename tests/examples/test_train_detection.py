# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The example that trains frame classification: every kind of source trains, and what it wrote loads."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor, pipeline

from tmor_hf import AutoModelForSkeletonFrameClassification, TMorForSkeletonFrameClassification
from tmor_hf.data import synthetic_recordings

TINY = ("--preset", "tiny", "--max-steps", "2", "--batch-size", "2", "--segment-frames", "64", "--cpu",
        "--no-progress-bar")  # fmt: skip


def train(example, folder, *options):
    return example.train_detection(example.get_arguments([*map(str, options), *TINY, "--output-dir", str(folder)]))


def utkinect(folder: Path) -> tuple:
    """Three subjects with a recording each, in the prepared form."""
    rng = np.random.default_rng(0)
    numbers = np.arange(0, 400, 4)
    ids = ["walk", "sitDown", "standUp", "pickUp", "carry", "throw", "push", "pull", "waveHands", "clapHands"]
    segments = [[index, label, 10 * label, 10 * label + 6] for index in range(3) for label in range(10)]
    arrays = {
        "kp": rng.normal(size=(300, 20, 3)).astype(np.float32), "offsets": np.arange(0, 301, 100),
        "names": np.array(["s01_e01", "s02_e01", "s03_e01"]), "subject": np.array([1, 2, 3]),
        "frame_idx": np.tile(numbers, 3), "segments": np.array(segments),
    }  # fmt: skip
    (folder / "utkinect_untrimmed").mkdir()
    np.savez(folder / "utkinect_untrimmed" / "data.npz", **arrays)
    (folder / "utkinect_untrimmed" / "meta.json").write_text(json.dumps({"class_ids": ids}))
    return ("--dataset", "utkinect_frames", "--protocol", "loso-1", "--data-dir", folder, "--smoke")


@pytest.mark.parametrize("options", [(), ("--exclusive", "--no-augmentation")])
def test_generated_recordings_train_a_model(example, tmp_path, options):
    metrics = train(example, tmp_path, "--synthetic", 5, "--smoke", *options)
    assert metrics["steps"] == 2 and np.isfinite([metrics["loss"], metrics["eval_loss"]]).all()
    assert 0 <= metrics["eval_per_frame_map"] <= 1
    model = AutoModelForSkeletonFrameClassification.from_pretrained(tmp_path)
    names = ["walking", "clapping", "kicking a ball with one leg", "squatting"]
    found = list(model.config.id2label.values())
    assert model.is_exclusive == bool(options) and len(found) == len(names) + bool(options)
    assert (found[0] == "background") == bool(options)
    assert AutoFeatureExtractor.from_pretrained(tmp_path).sampling_rate == 30.0
    clip = synthetic_recordings(1)[0].skeletons
    result = pipeline("skeleton-temporal-action-detection", model=str(tmp_path))(clip)
    assert result["labels"] == found and result["frame_scores"].shape == (clip.num_frames, len(found))


def test_a_benchmark_trains_a_model_from_a_checkpoint(example, tmp_path, tiny_model):
    tiny_model.save_pretrained(tmp_path / "pretrained")
    metrics = train(example, tmp_path / "out", *utkinect(tmp_path), "--model", tmp_path / "pretrained")
    assert metrics["steps"] == 2 and 0 <= metrics["eval_per_frame_map"] <= 1
    model = TMorForSkeletonFrameClassification.from_pretrained(tmp_path / "out")
    assert model.config.hidden_size == tiny_model.config.skeleton_config.hidden_size
    assert len(model.config.id2label) == 10


def test_a_frozen_encoder_stays_as_it_was(example, tmp_path, tiny_model):
    tiny_model.save_pretrained(tmp_path / "pretrained")
    options = ("--model", tmp_path / "pretrained", "--freeze-encoder")
    train(example, tmp_path / "out", *utkinect(tmp_path), *options)
    model = TMorForSkeletonFrameClassification.from_pretrained(tmp_path / "out")
    for name, value in tiny_model.skeleton_model.state_dict().items():
        assert torch.equal(model.skeleton_model.state_dict()[name], value), name
    assert any(block.projection.weight.any() for block in model.temporal_head)


def test_the_best_checkpoint_is_the_result(example, tmp_path):
    scores = iter([0.1, 0.9, 0.3, 0.9])
    example_measure, example.measure = example.measure, lambda prediction: {"per_frame_map": next(scores)}
    kept = {}
    try:
        args = example.get_arguments([*TINY[:2], *TINY[4:], "--synthetic", "2", "--num-epochs", "3", "--smoke",
                                      "--max-steps", "-1", "--output-dir", str(tmp_path)])  # fmt: skip
        evaluate = example.Trainer.evaluate

        def remember(trainer, *positional, **options):
            kept[len(kept)] = trainer.model.classifier.weight.detach().clone()
            return evaluate(trainer, *positional, **options)

        example.Trainer.evaluate = remember
        example.train_detection(args)
    finally:
        example.measure, example.Trainer.evaluate = example_measure, evaluate
    weight = TMorForSkeletonFrameClassification.from_pretrained(tmp_path).classifier.weight
    assert torch.equal(weight, kept[1]) and not torch.equal(weight, kept[2])


def measured(example, predictions, labels):
    return example.measure(SimpleNamespace(predictions=predictions, label_ids=labels))


def test_metrics_leave_out_padding_and_background(example):
    """A perfect model, also where the Trainer has padded recordings of different lengths with -100."""
    labels = np.array([[0, 1, 2, 2], [2, 0, -100, -100]])
    logits = np.where(labels[..., None] == np.arange(3), 9.0, -9.0)
    logits[1, 2:] = -100
    multi = np.where(labels[..., None] == -100, -100.0, labels[..., None] == np.arange(1, 3))
    found = [measured(example, logits, labels), measured(example, logits[..., 1:], multi)]
    assert found[0] == found[1] == {"per_frame_map": 1.0, "event_map_0.3": 1.0, "event_map_0.5": 1.0}
    worst = measured(example, -logits, labels)
    assert worst["per_frame_map"] < 0.6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "expected one thing to train on"),
        (("--dataset", "tsu"), "needs --data-dir"),
        (("--dataset", "tsu", "--synthetic", "3"), "expected one thing to train on"),
        (("--synthetic", "3", "--freeze-encoder"), "needs --model"),
    ],
)
def test_what_is_not_at_hand_is_said_at_once(example, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit):
        train(example, tmp_path, *options)
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_the_smoke_run_learns(run_script, tmp_path):
    result = run_script("--smoke", "--output-dir", tmp_path, "--cpu", "--no-progress-bar")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["eval_per_frame_map"] > 0.5
