# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor export`: the folders it writes, and errors of one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoConfig, pipeline

from tmor_hf import TMorForSkeletonActionClassification
from tmor_hf.cli import main


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, monkeypatch, tiny_model, tiny_processor, tiny_skeleton_config) -> None:
    monkeypatch.chdir(tmp_path)
    for part in (tiny_model, tiny_processor):
        part.save_pretrained("contrastive")
    for part in (TMorForSkeletonActionClassification(tiny_skeleton_config), tiny_processor.feature_extractor):
        part.save_pretrained("classifier")


def test_a_classifier_is_exported(capsys, random_clip):
    assert main(["export", "classifier", "out", "--int8"]) == 0
    assert "wrote out, model.onnx of" in capsys.readouterr().err
    assert AutoConfig.from_pretrained("out").quantization == "int8"
    assert len(pipeline("skeleton-action-classification", model="out")(random_clip())) == 2


def test_labels_and_templates_make_a_zero_shot_model(random_clip):
    words = ["export", "contrastive", "out", "--labels", "walking", "jumping", "--template", "someone {}"]
    assert main([*words, "--template", "{}"]) == 0
    config = AutoConfig.from_pretrained("out")
    assert list(config.id2label.values()) == ["walking", "jumping"] and config.templates == ["someone {}", "{}"]
    answer = pipeline("zero-shot-skeleton-action-classification", model="out")(random_clip())
    assert sum(row["score"] for row in answer) == pytest.approx(1)


def test_without_labels_embeddings_are_exported():
    assert main(["export", "contrastive", "out"]) == 0
    assert AutoConfig.from_pretrained("out").exported_task == "skeleton-feature-extraction"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["classifier", "out", "--labels", "walking"], "contrastive model for labels"),
        (["contrastive", "out", "--template", "{}"], "give both"),
        (["contrastive", "out", "--labels", "walking", "--template", "someone"], "place {}"),
        (["classifier", "classifier"], "--force"),
        (["./none", "out"], "none"),
    ],
)
def test_errors_take_one_line_and_name_the_cure(capsys, words, message):
    assert main(["export", *words]) == 1
    captured = capsys.readouterr()
    assert message in captured.err and captured.err.count("\n") == 1 and not captured.out
    assert not Path("out").exists()
