# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Tiny models and clips of three classes that can be told apart."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf import Skeletons, TMorFeatureExtractor, TMorModel
from tmor_hf.data import MotionClip, MotionDataset

CLASSES = ("walking", "sitting down", "waving")


def make_clip(label: int, number: int, rng: np.random.Generator) -> MotionClip:
    """A body of which one joint is raised and swings: which one is the class, how fast is chance."""
    body = np.random.default_rng(7).normal(size=(1, 1, 25, 3))
    keypoints = np.repeat(body, 12, axis=0) + rng.normal(scale=0.02, size=(12, 1, 25, 3))
    swing = np.sin(np.arange(12) * rng.uniform(0.8, 1.2) + rng.uniform(0, 6))
    keypoints[:, 0, (6, 14, 10)[label], 1] += 4 + swing
    name = CLASSES[label]
    skeletons = Skeletons(keypoints.astype(np.float32), layout="ntu25", fps=10)
    return MotionClip(skeletons, f"{label}_{number}", "toy", (name,), name, label, name)


@pytest.fixture(scope="session")
def toy_clips() -> MotionDataset:
    """Eight clips of each of three classes."""
    rng = np.random.default_rng(0)
    return MotionDataset([make_clip(n % 3, n, rng) for n in range(24)], "toy", CLASSES)


@pytest.fixture
def feature_extractor() -> TMorFeatureExtractor:
    return TMorFeatureExtractor(num_frames=8)


@pytest.fixture
def base_folder(tiny_model: TMorModel, tmp_path) -> str:
    """A saved contrastive checkpoint."""
    tiny_model.save_pretrained(tmp_path / "base")
    return str(tmp_path / "base")
