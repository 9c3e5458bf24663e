# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a user without any network does, whose cache was filled by hand. No socket is opened."""

from __future__ import annotations

import socket

import checks
import numpy as np
import torch
from transformers import (
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioFrameClassification,
    AutoModelForVideoClassification,
    AutoProcessor,
    pipeline,
)

import tmor_hf

GIVEN = checks.given()
CLIP = np.random.default_rng(0).normal(size=(12, 25, 3)).astype(np.float32)


def refuse(*address: object) -> None:
    raise AssertionError(f"expected no connection, got one to {address}")


def every_auto_class_loads_by_name():
    expected = {
        ("tmor-base", AutoModel): tmor_hf.TMorModel,
        ("tmor-base", AutoFeatureExtractor): tmor_hf.TMorFeatureExtractor,
        ("tmor-base", AutoProcessor): tmor_hf.TMorProcessor,
        ("tmor-base-actions", AutoModelForVideoClassification): tmor_hf.TMorForSkeletonActionClassification,
        ("tmor-base-frames", AutoModelForAudioFrameClassification): tmor_hf.TMorForSkeletonFrameClassification,
    }
    for (name, auto_class), kind in expected.items():
        found = auto_class.from_pretrained(f"org/{name}")
        assert type(found) is kind, (name, auto_class, type(found))
        if isinstance(found, torch.nn.Module):
            local = kind.from_pretrained(GIVEN[name]).state_dict()
            assert all(torch.equal(values, local[key]) for key, values in found.state_dict().items()), name


def pipelines_load_by_name():
    classifier = pipeline("skeleton-action-classification", model="org/tmor-base-actions")
    local = pipeline("skeleton-action-classification", model=GIVEN["tmor-base-actions"])
    assert classifier(CLIP, layout="ntu25") == local(CLIP, layout="ntu25")
    zero_shot = pipeline("zero-shot-skeleton-action-classification", model="org/tmor-base")
    labels = ["walking", "waving"]
    assert {found["label"] for found in zero_shot(CLIP, layout="ntu25", candidate_labels=labels)} == set(labels)


def the_code_in_the_repository_is_not_used():
    model = AutoModelForVideoClassification.from_pretrained("org/tmor-base-actions", trust_remote_code=True)
    assert type(model) is tmor_hf.TMorForSkeletonActionClassification
    assert not any(model_class._auto_class for model_class in (type(model), tmor_hf.TMorModel, tmor_hf.TMorConfig))


def what_is_not_in_the_cache_is_an_error():
    error = checks.error_of(lambda: AutoModel.from_pretrained("org/tmor-huge"))
    assert error.startswith("OSError") and "couldn't find them in the cached files" in error, error


if __name__ == "__main__":
    socket.socket.connect = refuse
    checks.run(
        every_auto_class_loads_by_name,
        pipelines_load_by_name,
        the_code_in_the_repository_is_not_used,
        what_is_not_in_the_cache_is_an_error,
    )
