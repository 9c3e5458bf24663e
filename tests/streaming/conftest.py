# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Streams on tiny models, and the pipelines that they must agree with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from transformers import Pipeline, pipeline

from tmor_hf import (
    Skeletons,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorModel,
    TMorProcessor,
    TMorSkeletonConfig,
)
from tmor_hf.streaming import SkeletonStream

LABELS = ["walking", "sitting down", "waving", "jumping"]


@pytest.fixture
def classifier() -> TMorForSkeletonActionClassification:
    torch.manual_seed(1)
    config = TMorSkeletonConfig.tiny(id2label=dict(enumerate(LABELS)), initializer_range=0.3)
    return TMorForSkeletonActionClassification(config).eval()


@pytest.fixture
def make_stream(classifier: TMorForSkeletonActionClassification) -> Callable[..., SkeletonStream]:
    """Makes a stream with a tiny classifier: windows of 16 frames, scored every 4."""
    return partial(SkeletonStream, classifier, TMorFeatureExtractor(layout="ntu25"), num_frames=16)


@pytest.fixture
def classify(classifier: TMorForSkeletonActionClassification) -> Pipeline:
    return pipeline(
        "skeleton-action-classification",
        classifier,
        feature_extractor=TMorFeatureExtractor(layout="ntu25"),
        device="cpu",
    )


@pytest.fixture
def zero_shot(tiny_model: TMorModel, tiny_processor: TMorProcessor) -> tuple[SkeletonStream, Pipeline]:
    """A stream and the pipeline with the same free texts."""
    stream = SkeletonStream(tiny_model, tiny_processor, LABELS, layout="coco17", num_frames=16)
    parts = {"processor": tiny_processor, "candidate_labels": LABELS, "device": "cpu"}
    return stream, pipeline("zero-shot-skeleton-action-classification", tiny_model, **parts)


@pytest.fixture
def assert_labels() -> Callable[[list[dict], list[dict]], None]:
    """The same scores to 1e-5, label by label."""

    def check(found: list[dict], expected: list[dict]) -> None:
        found, expected = ({row["label"]: row["score"] for row in rows} for rows in (found, expected))
        assert found == pytest.approx(expected, abs=1e-5)

    return check


@pytest.fixture
def with_holes(rng: np.random.Generator) -> Callable[[Skeletons], Skeletons]:
    """Hides a fifth of the joints of a clip."""

    def hide(clip: Skeletons) -> Skeletons:
        clip.keypoints[rng.random(clip.keypoints.shape[:3]) < 0.2] = np.nan
        return clip

    return hide
