# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Checks that hold for every pipeline, and pipelines to run them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Pipeline, pipeline

from tmor_hf import (
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorModel,
    TMorProcessor,
    TMorSkeletonConfig,
)

LABELS = ["walking", "sitting down", "waving", "jumping"]


@pytest.fixture
def classifier_model() -> TMorForSkeletonActionClassification:
    torch.manual_seed(1)
    config = TMorSkeletonConfig.tiny(id2label=dict(enumerate(LABELS)), label2id={n: i for i, n in enumerate(LABELS)})
    return TMorForSkeletonActionClassification(config).eval()


@pytest.fixture
def classification_pipe(
    classifier_model: TMorForSkeletonActionClassification, tiny_feature_extractor: TMorFeatureExtractor
) -> Pipeline:
    return pipeline(
        "skeleton-action-classification", classifier_model, feature_extractor=tiny_feature_extractor, device="cpu"
    )


@pytest.fixture
def zero_shot_pipe(tiny_model: TMorModel, tiny_processor: TMorProcessor) -> Pipeline:
    return pipeline(
        "zero-shot-skeleton-action-classification",
        tiny_model,
        processor=tiny_processor,
        candidate_labels=LABELS,
        device="cpu",
    )


@pytest.fixture
def feature_pipe(tiny_model: TMorModel, tiny_feature_extractor: TMorFeatureExtractor) -> Pipeline:
    return pipeline("skeleton-feature-extraction", tiny_model, feature_extractor=tiny_feature_extractor, device="cpu")


@pytest.fixture
def frame_model() -> TMorForSkeletonFrameClassification:
    torch.manual_seed(2)
    config = TMorSkeletonConfig.tiny(
        id2label=dict(enumerate(LABELS)), label2id={n: i for i, n in enumerate(LABELS)}, frame_head_dilations=[1, 2]
    )
    return TMorForSkeletonFrameClassification(config).eval()


@pytest.fixture
def detection_pipe(
    frame_model: TMorForSkeletonFrameClassification, tiny_feature_extractor: TMorFeatureExtractor
) -> Pipeline:
    return pipeline(
        "skeleton-temporal-action-detection", frame_model, feature_extractor=tiny_feature_extractor, device="cpu"
    )


@pytest.fixture(params=["classification_pipe", "zero_shot_pipe", "feature_pipe", "detection_pipe"])
def any_pipe(request: pytest.FixtureRequest) -> Pipeline:
    return request.getfixturevalue(request.param)


def _assert_close(first: Any, second: Any) -> None:
    assert type(first) is type(second)
    if isinstance(first, dict):
        first, second = [list(answer.items()) for answer in (first, second)]
    if isinstance(first, (list, tuple)):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            _assert_close(one, other)
    elif isinstance(first, float):
        assert first == pytest.approx(second, abs=1e-5)
    elif isinstance(first, (np.ndarray, torch.Tensor)):
        np.testing.assert_allclose(np.asarray(first), np.asarray(second), atol=1e-5)
    else:
        assert first == second


@pytest.fixture
def assert_close() -> Callable[[Any, Any], None]:
    """Compares nested results: the same labels in the same order, numbers equal to 1e-5."""
    return _assert_close
