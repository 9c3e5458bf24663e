# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest

from tmor_hf.io.resampling import resample_irregular


def test_frames_lie_where_time_says_and_long_gaps_stay_open():
    keypoints = np.arange(1, 5, dtype=np.float32).reshape(4, 1, 1)
    frames = resample_irregular(keypoints, np.array([0.0, 0.5, 2.5, 3.0]), fps=2)
    np.testing.assert_allclose(frames[:, 0, 0], [1, 2, np.nan, np.nan, np.nan, 3, 4])
    bridged = resample_irregular(keypoints, np.array([0.0, 0.5, 2.5, 3.0]), fps=2, longest_gap=2)
    np.testing.assert_allclose(bridged[:, 0, 0], [1, 2, 2.25, 2.5, 2.75, 3, 4])


def test_even_times_give_the_same_frames_back(rng):
    keypoints = rng.normal(size=(7, 3, 2)).astype(np.float32)
    np.testing.assert_array_equal(resample_irregular(keypoints, 5 + np.arange(7) / 30, fps=30), keypoints)
    np.testing.assert_array_equal(resample_irregular(keypoints[:1], np.array([3.0]), fps=30), keypoints[:1])


@pytest.mark.parametrize(
    ("seconds", "fps", "message"),
    [
        ([0.0, 1.0, 1.0], 2, "rising"),
        ([0.0, np.nan, 1.0], 2, "rising"),
        ([0.0, 1.0], 2, "3 rising"),
        ([0.0, 1.0, 2.0], 0, "fps"),
        ([0.0, 1.0, 1e12], 30, "lower fps"),
    ],
)
def test_times_that_make_no_sense_are_refused(seconds, fps, message):
    with pytest.raises(ValueError, match=message):
        resample_irregular(np.zeros((3, 1, 2)), np.array(seconds), fps)
