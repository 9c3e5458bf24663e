# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The measurement of the bundled weights, on tiny models: what it asks, counts, picks out and draws."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import tmor_hf  # noqa: F401 (registers the pipelines)
from tmor_hf import TMorForSkeletonActionClassification
from tmor_hf.data import MotionClip, MotionDataset, class_texts, load_skeleton_text
from tmor_hf.data.everyday_actions import EVERYDAY_SETS
from tmor_hf.evaluation import PROMPT_TEMPLATES, predict_logits
from tmor_hf.pipelines import ZeroShotSkeletonActionClassificationPipeline

FOLDER = Path(__file__).parents[2] / "benchmarks"
PHRASES = ("walking", "sitting down", "waving")


@pytest.fixture
def measuring(monkeypatch):
    """The module that measures, as the script imports it."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("bundled_rows.measuring")


@pytest.fixture
def script(measuring):
    return importlib.import_module("bundled_weights")


@pytest.fixture
def part(measuring, random_clip):
    """Twelve clips of three classes, two of which mean the same."""
    clips = [
        MotionClip(random_clip(frames=6), f"clip{number}", "synthetic", ("a person moves",), "wave" if number % 3 else
                   "walk", label=number % 3, class_name=PHRASES[number % 3])
        for number in range(12)
    ]  # fmt: skip
    return measuring.Part("some_set", "Some set", "test", False, MotionDataset(clips, "synthetic", PHRASES))


@pytest.fixture
def classifier(tiny_skeleton_config):
    tiny_skeleton_config.id2label = {0: "jump", 1: "walk", 2: "wave", 3: "sit"}
    torch.manual_seed(0)
    return TMorForSkeletonActionClassification(tiny_skeleton_config).eval()


def group_of(clip):
    return clip.group


def test_zero_shot_scores_are_those_of_the_pipeline(measuring, part, tiny_model, tiny_processor):
    found = measuring.name_by_text(tiny_model, tiny_processor, part)["phrases"]
    pipe = ZeroShotSkeletonActionClassificationPipeline(model=tiny_model, processor=tiny_processor)
    answers = pipe(part.clips.skeletons, candidate_labels=list(PHRASES), hypothesis_template=list(PROMPT_TEMPLATES))
    for row, answer in zip(found.scores, answers, strict=True):
        scores = {one["label"]: one["score"] for one in answer}
        np.testing.assert_allclose(row, [scores[name] for name in PHRASES], atol=1e-5)
    assert found.labels.tolist() == part.clips.labels.tolist()


def test_a_classifier_chooses_among_all_labels_and_among_those_of_the_set(
    measuring, part, classifier, tiny_feature_extractor
):
    found = measuring.classify(classifier, tiny_feature_extractor, part, label_of=group_of)
    own, whole = found["own_labels"], found["all_labels"]
    assert own.class_names == ("walk", "wave") and whole.class_names == ("jump", "walk", "wave", "sit")
    assert [own.class_names[label] for label in own.labels] == [clip.group for clip in part.clips]
    assert [whole.class_names[label] for label in whole.labels] == [clip.group for clip in part.clips]
    logits = torch.tensor(predict_logits(classifier, tiny_feature_extractor, part.clips))
    np.testing.assert_allclose(whole.scores, logits.softmax(-1), atol=1e-6)
    np.testing.assert_allclose(own.scores, logits[:, [1, 2]].softmax(-1), atol=1e-6)
    row = measuring.report(found)
    assert (row["clips"], row["own_labels"]["chance"], row["all_labels"]["chance"]) == (12, 0.5, 0.25)
    assert row["own_labels"]["top1"] >= row["all_labels"]["top1"]


def test_classes_of_all_sets_have_a_label_of_the_classifier(measuring, random_clip):
    def clip(dataset, class_name):
        return MotionClip(random_clip(frames=2), "clip", dataset, (), class_name, label=0, class_name=class_name)

    learned = {
        measuring.label_of(clip(name, text.phrase)) for name in EVERYDAY_SETS for text in class_texts(name).values()
    }
    learned |= {measuring.label_of(motion) for motion in load_skeleton_text("synthetic:1000")}
    assert {measuring.label_of(clip("nw_ucla", text.phrase)) for text in class_texts("nw_ucla").values()} <= learned
    assert measuring.label_of(clip("nw_ucla", "walking around")) == "walking"


def test_the_worst_cases_are_the_most_confident_ones_of_each_confusion(measuring, part):
    scores = np.full((12, 3), 0.1)
    scores[np.arange(12), part.clips.labels] = 0.5
    for row, answer, score in ((0, 1, 0.7), (3, 1, 0.9), (1, 2, 0.8), (6, 2, 0.6)):
        scores[row, answer] = score
    cases = measuring.worst_cases([measuring.Prediction(part, PHRASES, part.clips.labels, scores)])
    assert [(case.clip.name, case.truth, case.answer, case.score) for case in cases] == [
        ("clip3", "walking", "sitting down", 0.9),
        ("clip1", "sitting down", "waving", 0.8),
        ("clip6", "walking", "waving", 0.6),
    ]
    assert len(measuring.worst_cases([measuring.Prediction(part, PHRASES, part.clips.labels, scores)], count=2)) == 2


def test_robustness_asks_about_changed_clips_and_leaves_the_part_as_it_is(measuring, part):
    before = [clip.skeletons.keypoints.copy() for clip in part.clips]
    asked = []

    def answer(worse):
        asked.append(worse)
        return measuring.Prediction(worse, PHRASES, worse.clips.labels, np.eye(3)[worse.clips.labels])

    top1 = measuring.robustness(part, answer)["top1"]
    assert top1 == dict.fromkeys(("clean", *measuring.CORRUPTIONS), 1.0)
    assert asked[0] is part and all(clip.skeletons.layout == "coco17" for clip in asked[1].clips)
    assert all((clip.skeletons.keypoints == old).all() for clip, old in zip(part.clips, before, strict=True))


def test_figures_and_pictures_of_a_checkpoint(
    script, measuring, part, classifier, tiny_feature_extractor, tmp_path, capsys
):
    def answer(asked):
        return measuring.classify(classifier, tiny_feature_extractor, asked, label_of=group_of)

    figures = json.loads(json.dumps(script.measure(answer, [part], "some_set", "own_labels", tmp_path)))
    assert figures["accuracy"]["some_set"]["own_labels"]["clips"] == 12 and "top-1" in capsys.readouterr().out
    assert figures["robustness"]["top1"]["clean"] == figures["accuracy"]["some_set"]["own_labels"]["top1"]
    assert figures["cases"] and all(case["truth"] != case["answer"] for case in figures["cases"])
    for picture in (*figures["confusion"].values(), *(case["picture"] for case in figures["cases"])):
        with Image.open(tmp_path / picture) as image:
            image.verify()
