# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A tiny classifier, and folders that tiny models were exported to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tmor_hf import TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.export import export_onnx

LABELS = ["walking", "sitting down", "waving", "jumping"]


@pytest.fixture
def classifier() -> TMorForSkeletonActionClassification:
    torch.manual_seed(1)
    config = TMorSkeletonConfig.tiny(id2label=dict(enumerate(LABELS)), label2id={n: i for i, n in enumerate(LABELS)})
    return TMorForSkeletonActionClassification(config).eval()


@pytest.fixture
def classifier_folder(classifier, tiny_feature_extractor, tmp_path) -> Path:
    return export_onnx(classifier, tiny_feature_extractor, tmp_path / "classifier")


@pytest.fixture
def zero_shot_folder(tiny_model, tiny_processor, tmp_path) -> Path:
    return export_onnx(tiny_model, tiny_processor, tmp_path / "zero_shot", labels=LABELS)


@pytest.fixture
def embedder_folder(tiny_model, tiny_processor, tmp_path) -> Path:
    return export_onnx(tiny_model, tiny_processor, tmp_path / "embedder")


def _make_inputs(clips: int, frames: int, people: int, seed: int = 0) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, frames + 1, (clips, 1), generator=rng)
    return {
        "keypoints": torch.randn(clips, frames, people, 22, 3, generator=rng),
        "joint_mask": torch.rand(clips, frames, people, 22, generator=rng) < 0.7,
        "frame_mask": torch.arange(frames) < lengths,
        "depth_mask": (torch.rand(clips, 1, generator=rng) < 0.5).expand(clips, frames).contiguous(),
    }


@pytest.fixture
def make_inputs() -> Callable[..., dict[str, torch.Tensor]]:
    """Clips with missing joints and padded frames, 2D and 3D among them."""
    return _make_inputs
