# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor detect`: words, JSON, pictures, and errors of one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tmor_hf import (
    Skeletons,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorSkeletonConfig,
)
from tmor_hf.cli import main


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A recording, and a model that finds "waving" in all of it and nothing else."""
    monkeypatch.chdir(tmp_path)
    config = TMorSkeletonConfig.tiny(id2label={0: "walking", 1: "waving"}, label2id={"walking": 0, "waving": 1})
    model = TMorForSkeletonFrameClassification(config)
    torch.nn.init.zeros_(model.classifier.weight)
    model.classifier.bias.data = torch.tensor([-3.0, 2.0])
    model.save_pretrained("model")
    TMorFeatureExtractor().save_pretrained("model")
    points = np.random.default_rng(0).normal(size=(60, 2, 25, 3)) + 3
    Skeletons(points, layout="ntu25", fps=30).save("day.npz")
    np.save("points.npy", points.astype(np.float32))


def test_words(capsys):
    assert main(["detect", "day.npz", "--model", "model"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "day.npz" and lines[2].split() == ["0.00", "to", "2.00", "s", "0.88", "waving"]
    assert len(lines) == 3
    assert main(["detect", "day.npz", "--model", "model", "--threshold", "0.95"]) == 0
    assert "no action found" in capsys.readouterr().out


def test_without_a_frame_rate_times_are_frames(capsys):
    assert main(["detect", "points.npy", "--layout", "ntu25", "--model", "model"]) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[:4] == ["0", "to", "60", "frames"]
    assert main(["detect", "points.npy", "--layout", "ntu25", "--fps", "20", "--model", "model"]) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[:4] == ["0.00", "to", "3.00", "s"]


def test_json_has_a_result_for_each_person_that_is_looked_at_alone(capsys):
    assert main(["detect", "day.npz", "--model", "model", "--json", "--per-person"]) == 0
    (clip,) = json.loads(capsys.readouterr().out)["clips"]
    assert [[s["label"] for s in person["segments"]] for person in clip["results"]] == [["waving"], ["waving"]]
    assert "frame_scores" not in clip["results"][0]


def test_the_picture_is_written_whole_and_not_over_another(capsys):
    pytest.importorskip("matplotlib")
    words = ["detect", "day.npz", "--model", "model", "--output", "timeline.png"]
    assert main(words) == 0
    with open("timeline.png", "rb") as file:
        assert file.read(4) == b"\x89PNG"
    assert main(words) == 1 and "--force" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0
    assert main([*words[:-1], "timeline.gif"]) == 1 and "ends in .png" in capsys.readouterr().err


def test_a_model_without_a_trained_head_is_refused(capsys):
    TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny()).save_pretrained("clips")
    TMorFeatureExtractor().save_pretrained("clips")
    assert main(["detect", "day.npz", "--model", "clips"]) == 1
    error = capsys.readouterr().err
    assert "classifies frames, got TMorForSkeletonActionClassification" in error and error.count("\n") == 1
