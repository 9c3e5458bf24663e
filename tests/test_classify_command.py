# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor classify`: a model's own classes and free labels, in words and JSON, and errors of one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tmor_hf import TMorForSkeletonActionClassification, TMorSkeletonConfig, checkpoints
from tmor_hf.cli import main


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch, random_clip, tiny_model, tiny_processor):
    """Two clips, a classifier that says "waving", and a contrastive model; the two are the bundled ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkpoints, "__file__", str(tmp_path / "__init__.py"))
    config = TMorSkeletonConfig.tiny(id2label={0: "walking", 1: "waving"}, label2id={"walking": 0, "waving": 1})
    classifier = TMorForSkeletonActionClassification(config)
    torch.nn.init.zeros_(classifier.classifier.weight)
    classifier.classifier.bias.data = torch.tensor([0.0, 3.0]).log1p()
    classifier.save_pretrained("tmor-base-actions")
    tiny_processor.feature_extractor.save_pretrained("tmor-base-actions")
    tiny_model.save_pretrained("tmor-base")
    tiny_processor.save_pretrained("tmor-base")
    for name in ("one", "two"):
        random_clip(frames=30, fps=30).save(Path(f"{name}.npz"))


def test_words(capsys):
    assert main(["classify", "one.npz", "two.npz"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "one.npz" and lines[3] == "two.npz"
    assert [line.split() for line in lines[1:3]] == [["80.0%", "waving"], ["20.0%", "walking"]]
    assert main(["classify", "one.npz", "--top-k", "1", "--model", "tmor-base-actions"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_free_labels_as_json(capsys):
    assert main(["classify", "one.npz", "two.npz", "--json", "--labels", "jumping", "sitting down"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["file"], row["clip"]) for row in rows] == [("one.npz", "one"), ("two.npz", "two")]
    for row in rows:
        assert {answer["label"] for answer in row["labels"]} == {"jumping", "sitting down"}
        assert sum(answer["score"] for answer in row["labels"]) == pytest.approx(1)


def test_the_template_goes_around_the_labels(capsys):
    scores = []
    for words in ([], ["--template", "someone is {} slowly"]):
        assert main(["classify", "one.npz", "--json", "--labels", "jumping", "walking", *words]) == 0
        scores.append(json.loads(capsys.readouterr().out)["labels"][0]["score"])
    assert scores[0] != scores[1]


def test_a_file_that_cannot_be_read_is_skipped_among_others(capsys):
    Path("bad.npz").write_bytes(b"no clip")
    assert main(["classify", "bad.npz", "one.npz"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("one.npz") and "skipped bad.npz" in captured.err


def test_arrays_need_a_layout(capsys):
    np.save("points.npy", np.random.default_rng(0).normal(size=(20, 17, 2)))
    assert main(["classify", "points.npy", "--layout", "coco17", "--fps", "30"]) == 0
    assert "waving" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.npz"], "none.npz"),
        (["one.npz", "--template", "{}"], "--labels"),
        (["one.npz", "--model", "tmor-base"], "--labels"),
        (["one.npz", "--model", "tmor-base-actions", "--labels", "walking"], "contrastive checkpoint"),
        (["one.npz", "--clip", "other"], "other"),
    ],
)
def test_errors_take_one_line_and_name_the_cure(capsys, words, message):
    assert main(["classify", *words]) == 1
    captured = capsys.readouterr()
    assert message in captured.err and captured.err.count("\n") == 1 and not captured.out


def test_a_package_without_weights_says_how_to_get_them(capsys):
    Path("tmor-base-actions", "model.safetensors").unlink()
    assert main(["classify", "one.npz"]) == 1
    error = capsys.readouterr().err
    assert "make weights" in error and error.count("\n") == 1
