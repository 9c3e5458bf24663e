# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The checkpoints that come with the package: what they hold, and that they know the actions that everybody knows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForVideoClassification, AutoProcessor, pipeline

import tmor_hf
from tmor_hf import TMorForSkeletonActionClassification, TMorModel, TMorSkeletonModel, checkpoints
from tmor_hf.checkpoints import BUNDLED, bundled
from tmor_hf.cli import main
from tmor_hf.data import SyntheticMotion

FOLDER = Path(checkpoints.__file__).parent
MAX_BYTES = 30 * 2**20  # of all files of both
DATA_DIR = os.environ.get("TMOR_DATA_DIR")
# A wheel of released sources has the weights; sources whose weights are still to be trained have not.
trained = pytest.mark.skipif(
    not all((FOLDER / name).is_dir() for name in BUNDLED), reason="this source tree has no weights yet: make weights"
)
# Generated action -> a word of the label that says the same.
EVERYDAY = {"walk": "walking", "run": "running", "clap": "clapping", "squat": "squat", "kick": "kick"}
# Original file, below raw/ of the folder of the motion sets -> label.
ORIGINALS = {
    "bvh/dataset-2_raise-up-both-hands_normal_016.bvh": "raising both hands",
    "penn_action_mat/0001.mat": "pitching a baseball",
    "nw_ucla_json/a01_s01_e00_v01.json": "picking something up",  # of a set that was never trained on
}


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A package without weights."""
    monkeypatch.setattr(checkpoints, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path


def generated(action: str, count: int = 8) -> list:
    return [clip.skeletons for clip in SyntheticMotion(count, seed=77, actions=(action,))]


def test_names_of_no_checkpoint_are_refused_with_those_that_are():
    with pytest.raises(ValueError, match="tmor-base, tmor-base-actions.*'tmor-huge'"):
        bundled("tmor-huge")


def test_without_weights_the_cure_is_said_and_no_network_is_asked(empty):
    for task in ("skeleton-action-classification", "zero-shot-skeleton-action-classification"):
        with pytest.raises(FileNotFoundError, match="make weights"):
            pipeline(task)


def test_the_pipelines_take_the_checkpoints_as_defaults(empty, tiny_model, tiny_processor, tiny_skeleton_config):
    tiny_model.save_pretrained(empty / "tmor-base")
    tiny_processor.save_pretrained(empty / "tmor-base")
    TMorForSkeletonActionClassification(tiny_skeleton_config).save_pretrained(empty / "tmor-base-actions")
    tiny_processor.feature_extractor.save_pretrained(empty / "tmor-base-actions")
    clip = generated("walk", 1)[0]
    assert pipeline("skeleton-action-classification")(clip)
    assert pipeline("zero-shot-skeleton-action-classification")(clip, candidate_labels=["walking"])
    assert pipeline("skeleton-feature-extraction")(clip)


def test_every_command_and_the_package_know_bundled():
    assert tmor_hf.bundled is bundled


@trained
def test_files_are_small_and_say_nothing_of_where_they_were_made():
    sizes = [path.stat().st_size for name in BUNDLED for path in (FOLDER / name).rglob("*") if path.is_file()]
    assert sum(sizes) < MAX_BYTES
    for name in BUNDLED:
        values = load_file(FOLDER / name / "model.safetensors")
        assert {value.dtype for value in values.values()} == {torch.float16}
        assert all(value.isfinite().all() for value in values.values())
        for path in (FOLDER / name).glob("*.json"):
            text = path.read_text(encoding="utf-8")
            json.loads(text)
            assert not any(place in text for place in ("/home/", "/root", "/tmp/", "/work/", "site-packages"))


@trained
def test_all_classes_load_them_and_compute_in_float32():
    loaded = {
        TMorModel: AutoModel.from_pretrained(bundled()),
        TMorSkeletonModel: AutoModel.from_pretrained(bundled("tmor-base-actions")),
        TMorForSkeletonActionClassification: AutoModelForVideoClassification.from_pretrained(
            bundled("tmor-base-actions")
        ),
    }
    for expected, model in loaded.items():
        assert type(model) is expected
        assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert AutoProcessor.from_pretrained(bundled()).tokenizer("a person waves")["input_ids"]
    with_head = tmor_hf.AutoModelForSkeletonActionClassification.from_pretrained(bundled(), num_labels=3)
    assert with_head.classifier.out_features == 3


@trained
def test_the_default_classifier_names_everyday_actions():
    classifier = pipeline("skeleton-action-classification")
    is_right = [
        word in answer[0]["label"]
        for action, word in EVERYDAY.items()
        for answer in classifier(generated(action), top_k=1)
    ]
    assert sum(is_right) / len(is_right) > 0.6


@trained
def test_the_default_of_zero_shot_chooses_among_free_labels():
    classifier = pipeline("zero-shot-skeleton-action-classification")
    labels = {"walk": "walking", "clap": "clapping", "squat": "doing squats", "kick": "kicking"}
    is_right = [
        answer[0]["label"] == label
        for action, label in labels.items()
        for answer in classifier(generated(action), candidate_labels=list(labels.values()))
    ]
    assert sum(is_right) / len(is_right) > 0.6


@trained
@pytest.mark.skipif(DATA_DIR is None, reason="TMOR_DATA_DIR is not set")
@pytest.mark.parametrize(("name", "label"), ORIGINALS.items())
def test_originals_of_three_formats_are_named(name, label, capsys):
    assert main(["classify", str(Path(DATA_DIR, "raw", name)), "--json"]) == 0
    labels = [row["label"] for row in json.loads(capsys.readouterr().out)["labels"]]
    assert len(labels) == 3 and labels[0] == label
