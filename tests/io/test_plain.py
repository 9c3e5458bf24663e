# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips of our own: what is written is read back, and damaged files do no harm."""

from __future__ import annotations

import numpy as np
import pytest
from fuzzing import assert_survives

from tmor_hf import Skeletons
from tmor_hf.io import read_skeletons, write_skeletons


@pytest.fixture
def clip(rng) -> Skeletons:
    keypoints = rng.normal(size=(5, 2, 17, 2)).astype(np.float32)
    keypoints[1, 0] = np.nan
    return Skeletons(
        keypoints, scores=rng.random((5, 2, 17)), fps=30, layout="coco17", image_size=(480, 640), person_ids=[3, 7]
    )


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_damaged_files_do_no_harm(suffix, clip, tmp_path):
    path = write_skeletons(clip, tmp_path / f"clip{suffix}")
    assert_survives(read_skeletons, path, path.read_bytes())
