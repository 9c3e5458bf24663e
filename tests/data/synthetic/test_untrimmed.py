# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Recordings of joined actions: one body, no jumps, labels where the actions are."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf.data import SyntheticMotion, synthetic_recordings
from tmor_hf.processing.joint_layouts import CANONICAL

ACTIONS = ("walk", "sit_down", "clap", "wave", "lie_down", "kick")


@pytest.fixture(scope="module")
def recordings():
    return synthetic_recordings(8, 3, ACTIONS, sensor=None)


def joints(clip) -> np.ndarray:
    return clip.skeletons.keypoints[:, 0]


def spans(labels: np.ndarray) -> int:
    """How many stretches of True there are in (T,) bool."""
    return int((np.diff(labels.astype(int), prepend=0) == 1).sum())


def test_every_frame_is_labelled(recordings):
    assert recordings.class_names[:2] == ("walking", "sitting down")
    for clip in recordings:
        assert clip.frame_labels.shape == (clip.skeletons.num_frames, len(ACTIONS))
        assert clip.frame_labels.dtype == bool and clip.frame_labels.sum(axis=1).max() == 1
        goes_on = clip.frame_labels.any(axis=1)
        assert 0.2 < goes_on.mean() < 0.9
        assert 4 <= spans(goes_on) <= 8 and len(clip.captions) <= 8
    assert np.concatenate([clip.frame_labels for clip in recordings]).any(axis=0).all()


def test_a_body_keeps_its_bones(recordings):
    for clip in recordings:
        for start, end in ((19, 20), (7, 8), (3, 4)):  # shank, forearm, neck to head
            lengths = np.linalg.norm(joints(clip)[:, start] - joints(clip)[:, end], axis=-1)
            np.testing.assert_allclose(lengths, lengths.mean(), rtol=1e-3)


def test_nothing_jumps_between_actions(recordings):
    """Between actions, joints are slower and change their speed less than in the quickest actions."""
    motion = SyntheticMotion(100, seed=1, actions=ACTIONS, sensor=None)
    for order in (1, 2):
        changes = [np.abs(np.diff(clip.skeletons.keypoints[:, 0], order, axis=0)).max() for clip in motion]
        for clip in recordings:
            change = np.abs(np.diff(joints(clip), order, axis=0)).max(axis=(1, 2))
            between = change[~clip.frame_labels.any(axis=1)[order:]]
            assert between.max() < 0.6 * max(changes)


def test_the_body_goes_on_the_way_it_faced(recordings):
    """The hips turn by a few degrees a frame at most."""
    for clip in recordings:
        across = (joints(clip)[:, 14] - joints(clip)[:, 18])[:, [0, 2]]
        is_upright = np.linalg.norm(across, axis=1) > 0.1
        angles = np.unwrap(np.arctan2(across[:, 1], across[:, 0]))
        assert np.abs(np.diff(angles))[is_upright[1:] & is_upright[:-1]].max() < np.radians(20)


def test_nobody_sinks_into_the_floor(recordings):
    assert all(joints(clip)[..., 1].min() > -0.03 for clip in recordings)


def test_a_recording_depends_on_seed_and_index_alone(recordings):
    again = synthetic_recordings(3, 3, ACTIONS, sensor=None)
    for one, other in zip(again, recordings, strict=False):
        np.testing.assert_array_equal(joints(one), joints(other))
        np.testing.assert_array_equal(one.frame_labels, other.frame_labels)
    other_seed = synthetic_recordings(1, 4, ACTIONS, sensor=None)[0]
    assert other_seed.skeletons.num_frames != recordings[0].skeletons.num_frames


def test_several_people_do_several_things():
    (clip,) = synthetic_recordings(1, 0, ACTIONS, num_people=3, num_actions=(2, 6), sensor=None)
    keypoints = clip.skeletons.keypoints
    assert keypoints.shape[1] == 3 and clip.frame_labels.sum(axis=1).max() > 1
    is_there = ~np.isnan(keypoints[..., 0, 0])
    assert is_there[0].all() and (np.diff(is_there.astype(int), axis=0) <= 0).all()  # one who is done leaves
    pelvis = keypoints[0, :, CANONICAL.root]
    assert min(np.linalg.norm(pelvis[i] - pelvis[j]) for i, j in ((0, 1), (0, 2), (1, 2))) > 0.7


def test_sensor_errors_leave_frames_and_labels():
    exact, observed = (synthetic_recordings(2, 5, ACTIONS, **options) for options in ({"sensor": None}, {}))
    for one, other in zip(exact, observed, strict=True):
        assert one.skeletons.keypoints.shape == other.skeletons.keypoints.shape
        np.testing.assert_array_equal(one.frame_labels, other.frame_labels)
        assert not np.allclose(one.skeletons.keypoints, other.skeletons.keypoints, atol=1e-3, equal_nan=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "at least one recording"),
        ({"count": 1, "num_people": 0}, "at least one recording, person"),
        ({"count": 1, "num_actions": (3, 2)}, r"got 1, 1 and \(3, 2\)"),
        ({"count": 1, "actions": ["fly"]}, "expected some of the actions"),
    ],
)
def test_impossible_wishes_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        synthetic_recordings(**options)
