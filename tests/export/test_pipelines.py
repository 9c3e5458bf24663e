# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The stock `pipeline` over exported folders, and with `backend="onnx"` over checkpoints of PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import pipeline

from tmor_hf import TMorForSkeletonFrameClassification

LABELS = ["walking", "sitting down", "waving", "jumping"]
CLASSIFY, ZERO_SHOT, FEATURES = (
    "skeleton-action-classification",
    "zero-shot-skeleton-action-classification",
    "skeleton-feature-extraction",
)


def same(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert [row["label"] for row in one] == [row["label"] for row in other]
        np.testing.assert_allclose([row["score"] for row in one], [row["score"] for row in other], atol=1e-4)


@pytest.fixture
def checkpoint(tmp_path, tiny_model, tiny_processor) -> str:
    for part in (tiny_model, tiny_processor):
        part.save_pretrained(tmp_path / "checkpoint")
    return str(tmp_path / "checkpoint")


@pytest.fixture
def classifier_checkpoint(tmp_path, classifier, tiny_feature_extractor) -> str:
    for part in (classifier, tiny_feature_extractor):
        part.save_pretrained(tmp_path / "classifier_checkpoint")
    return str(tmp_path / "classifier_checkpoint")


@pytest.mark.parametrize("options", [{}, {"backend": "onnx"}])
def test_an_exported_classifier_answers_as_the_checkpoint(
    classifier_checkpoint, classifier_folder, mixed_clips, options
):
    expected = pipeline(CLASSIFY, model=classifier_checkpoint)(mixed_clips)
    exported = pipeline(CLASSIFY, model=str(classifier_folder), **options)
    same(exported(mixed_clips, batch_size=3), expected)
    assert exported(mixed_clips[1], per_person=True, top_k=1)[1][0]["label"] in LABELS


def test_the_backend_runs_a_classifier(classifier_checkpoint, mixed_clips):
    expected = pipeline(CLASSIFY, model=classifier_checkpoint)(mixed_clips)
    same(pipeline(CLASSIFY, model=classifier_checkpoint, backend="onnx")(mixed_clips, batch_size=2), expected)


def test_the_backend_leaves_the_given_model_alone(classifier, tiny_feature_extractor, mixed_clips):
    encoder = classifier.skeleton_model
    classify = pipeline(CLASSIFY, classifier, feature_extractor=tiny_feature_extractor, backend="onnx")
    assert classifier.skeleton_model is encoder and classify.model.skeleton_model is not encoder
    assert len(classify(mixed_clips[0], top_k=2)) == 2


def test_the_backend_runs_zero_shot_with_free_text(checkpoint, mixed_clips):
    options = {"candidate_labels": LABELS, "hypothesis_template": ["someone {}", "{}"]}
    expected = pipeline(ZERO_SHOT, model=checkpoint)(mixed_clips, **options)
    same(pipeline(ZERO_SHOT, model=checkpoint, backend="onnx")(mixed_clips, **options), expected)


def test_an_exported_zero_shot_model_knows_its_labels(checkpoint, zero_shot_folder, mixed_clips):
    plain = pipeline(ZERO_SHOT, model=checkpoint)
    exported = pipeline(ZERO_SHOT, model=str(zero_shot_folder), backend="onnx")
    same(exported(mixed_clips, batch_size=2), plain(mixed_clips, candidate_labels=LABELS))
    some = ["jumping", "walking"]
    same(exported(mixed_clips, candidate_labels=some), plain(mixed_clips, candidate_labels=some))
    with pytest.raises(ValueError, match="out of those that the model was exported with.*export it with others"):
        exported(mixed_clips[0], candidate_labels=["walking", "drinking"])
    with pytest.raises(ValueError, match="the texts of an exported model are fixed"):
        exported(mixed_clips[0], hypothesis_template="{}")


@pytest.mark.parametrize("features", [None, "projected", "pooled", "tokens"])
def test_features_are_the_same(checkpoint, embedder_folder, mixed_clips, features):
    options = {"features": features, "return_tensors": "np", "batch_size": 2}
    expected = pipeline(FEATURES, model=checkpoint)(mixed_clips, **options)
    for model in (checkpoint, str(embedder_folder)):
        found = pipeline(FEATURES, model=model, backend="onnx")(mixed_clips, **options)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)


def test_an_exported_pipeline_is_saved_and_loaded(classifier_folder, mixed_clips, tmp_path):
    classify = pipeline(CLASSIFY, model=str(classifier_folder))
    classify.save_pretrained(tmp_path / "saved")
    same(pipeline(CLASSIFY, model=str(tmp_path / "saved"))(mixed_clips), classify(mixed_clips))


def test_other_tasks_and_backends_are_refused(
    classifier, classifier_folder, tiny_skeleton_config, tiny_feature_extractor
):
    with pytest.raises(TypeError, match=f"exported for '{CLASSIFY}'"):
        pipeline(FEATURES, model=str(classifier_folder))
    with pytest.raises(ValueError, match=r"expected backend as one of \('torch', 'onnx'\), got 'tflite'"):
        pipeline(CLASSIFY, model=str(classifier_folder), backend="tflite")
    frames = TMorForSkeletonFrameClassification(tiny_skeleton_config)
    with pytest.raises(TypeError, match="embeds or classifies clips, got TMorForSkeletonFrame"):
        pipeline(
            "skeleton-temporal-action-detection", frames, feature_extractor=tiny_feature_extractor, backend="onnx"
        )
