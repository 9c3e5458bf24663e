# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Poses at any times become frames at an even rate."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf.processing.feature_extraction_tmor import _interpolate
from tmor_hf.streaming.motion_buffer import MotionBuffer, interpolate


def pose(value: float) -> np.ndarray:
    return np.full((2, 3), value, dtype=np.float32)


def test_frames_lie_on_the_line_between_poses():
    buffer = MotionBuffer(8, max_gap=3)
    for position in (0.5, 2.25, 2.75, 5.5):  # where the body is, too
        buffer.add(position, pose(position))
    np.testing.assert_allclose(buffer.window(5)[:, 0, 0], [1, 2, 3, 4, 5])
    assert buffer.newest == 5


def test_the_first_pose_is_a_frame_only_if_it_falls_on_one():
    early, late = MotionBuffer(8, max_gap=3), MotionBuffer(8, max_gap=3)
    early.add(3.0, pose(3))
    late.add(3.5, pose(3.5))
    assert early.window(3)[:, 0, 0].tolist() == [3] and len(late.window(3)) == 0


def test_longer_gaps_are_missing_and_a_pose_after_them_counts():
    buffer = MotionBuffer(8, max_gap=2)
    buffer.add(0.0, pose(0))
    buffer.add(3.0, pose(3))
    np.testing.assert_array_equal(buffer.window(4)[:, 0, 0], [0, np.nan, np.nan, 3, np.nan])


def test_a_window_ends_where_it_is_told_and_holds_so_many_frames():
    buffer = MotionBuffer(4, max_gap=2)
    for position in range(11):
        buffer.add(float(position), pose(position))
    assert buffer.window(10)[:, 0, 0].tolist() == [7, 8, 9, 10]
    np.testing.assert_array_equal(buffer.window(12)[:, 0, 0], [9, 10, np.nan, np.nan])
    assert len(buffer.window(14)) == 0


def test_what_was_given_out_stays_as_it_is():
    buffer = MotionBuffer(4, max_gap=2)
    for position in range(4):
        buffer.add(float(position), pose(position))
    window = buffer.window(3)
    buffer.add(4.0, pose(4))
    assert window[:, 0, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("gap", [1e3, 1e9])
def test_a_bridged_gap_of_any_length_fills_no_more_than_the_buffer(gap):
    buffer = MotionBuffer(4, max_gap=np.inf)
    buffer.add(0.0, pose(0))
    buffer.add(gap, pose(1))
    assert buffer.window(int(gap)).shape == (4, 2, 3)


def test_missing_joints_are_interpolated_as_the_feature_extractor_does(rng):
    poses = rng.normal(size=(2, 22, 3)).astype(np.float32)
    poses[rng.random((2, 22)) < 0.4] = np.nan
    shares = np.array([0, 0.2, 0.5, 0.8, 1])
    mask = ~np.isnan(poses[..., 0])
    first, last = np.zeros((1, 5), dtype=int), np.ones((1, 5), dtype=int)
    expected, expected_mask = _interpolate(
        np.nan_to_num(poses)[:, None], mask[:, None], first, last, shares[None].astype(np.float32)
    )
    expected = np.where(expected_mask[..., None], expected, np.nan)[0, :, 0]
    np.testing.assert_allclose(interpolate(*poses, shares), expected, atol=1e-6)
