# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Tracking: people keep their ids through crossings, absences, missing joints and any order of detections."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmor_hf.io import PeopleTracker, stack_people, track_people
from tmor_hf.io.tracking import skeletons_from_rows

BODY = np.random.default_rng(3).uniform((-20, -80), (20, 80), size=(17, 2))


def path(start, step, frames: int, body=BODY, sway: float = 2.0) -> np.ndarray:
    """(T, 17, 2) a body that moves steadily and sways its joints."""
    times = np.arange(frames)[:, None, None]
    return body + np.array(start) + times * np.array(step) + sway * np.sin(times / 3 + np.arange(17)[:, None])


def ids_of(paths: list[np.ndarray], present: np.ndarray | None = None, order=None) -> np.ndarray:
    """(T, M) id that each person gets in each frame; -1 where absent."""
    frames = len(paths[0])
    present = np.ones((frames, len(paths)), dtype=bool) if present is None else present
    rows = [np.flatnonzero(present[t]) for t in range(frames)]
    if order is not None:
        rows = [order.permutation(row) for row in rows]
    tracked = track_people([np.array([paths[m][t] for m in row]).reshape(-1, 17, 2) for t, row in enumerate(rows)])
    ids = np.full((frames, len(paths)), -1)
    for t, row in enumerate(rows):
        ids[t, row] = tracked[t]
    return ids


def assert_constant(ids: np.ndarray) -> None:
    found = [set(column[column >= 0].tolist()) for column in ids.T]
    assert all(len(one) == 1 for one in found) and len(set.union(*found)) == len(found), found


def test_people_far_apart_keep_their_ids_in_any_order(rng):
    paths = [path((200 * m, 100), (1, 0), 40) for m in range(5)]
    assert_constant(ids_of(paths, order=rng))


@pytest.mark.parametrize("gap", [30.0, 5.0])
def test_two_people_cross(gap, rng):
    """They walk towards and past each other, with `gap` pixels between their lines."""
    one, other = path((100, 200), (6, 0), 60), path((460, 200 + gap), (-6, 0), 60, BODY[::-1] * [1, 0.9])
    assert_constant(ids_of([one, other], order=rng))


def test_who_leaves_and_returns_is_known_again(rng):
    paths = [path((100 + 300 * m, 200), (2, 0), 60) for m in range(3)]
    present = np.ones((60, 3), dtype=bool)
    present[20:38, 1] = False
    assert_constant(ids_of(paths, present, rng))


def test_who_stays_away_too_long_is_someone_new():
    walker = path((100, 200), (0, 0), 80)
    present = np.ones((80, 1), dtype=bool)
    present[10:60] = False
    ids = ids_of([walker], present)
    assert set(ids[:10, 0]) == {0} and set(ids[60:, 0]) == {1}


def test_someone_else_at_another_place_is_someone_new():
    first, second = path((100, 200), (0, 0), 20), path((500, 200), (0, 0), 20)
    present = np.zeros((20, 2), dtype=bool)
    present[:10, 0] = present[10:, 1] = True
    assert_constant(ids_of([first, second], present))


def test_left_out_frames_count(rng):
    """Every fifth frame of a walk: bodies move by a third of their size between two detections."""
    paths = [path((100, 100), (12, 0), 60)[::5], path((100, 500), (12, 0), 60)[::5]]
    frames = range(0, 60, 5)
    tracked = track_people([np.stack([p[t] for p in paths]) for t in range(12)], frames=frames)
    assert all(ids.tolist() == [0, 1] for ids in tracked)


def test_missing_joints_and_scores_do_not_lose_people(rng):
    paths = np.stack([path((250 * m, 200), (1, 1), 50) for m in range(3)], axis=1)
    scores = rng.random(paths.shape[:3])
    scores[rng.random(scores.shape) < 0.6] = 0
    paths[scores == 0] = rng.uniform(0, 1000, size=paths[scores == 0].shape)  # what has no score is anywhere
    tracked = track_people(list(paths), list(scores))
    assert all(ids.tolist() == tracked[0].tolist() for ids in tracked)


def test_bodies_of_one_visible_joint_are_followed():
    poses = np.full((20, 2, 17, 2), np.nan)
    poses[:, 0] = path((100, 100), (1, 0), 20)
    poses[:, 1, 0] = [400, 100] + np.arange(20)[:, None] * [1, 0]
    assert all(ids.tolist() == [0, 1] for ids in track_people(list(poses)))


def test_scale_does_not_matter(rng):
    paths = [path((200 * m, 100), (3, 1), 30) for m in range(3)]
    metres = [p / 1000 for p in paths]
    np.testing.assert_array_equal(ids_of(paths), ids_of(metres))


def test_nobody_needs_no_ids():
    none = np.zeros((0, 17, 2))
    assert [len(ids) for ids in track_people([none, none])] == [0, 0]
    assert track_people([]) == []
    tracked = track_people([none, BODY[None] + 100, none, BODY[None] + 101])
    assert [ids.tolist() for ids in tracked] == [[], [0], [], [0]]


@pytest.mark.parametrize("frames", [[0, 0], [1, 0], [0], [0, 1, 2]])
def test_frame_numbers_must_rise_and_fit(frames):
    with pytest.raises(ValueError, match="expected 2 rising frame numbers"):
        track_people([np.ones((1, 3, 2))] * 2, frames=frames)


def test_a_crowd_is_refused():
    with pytest.raises(ValueError, match="at most 500 people in a frame"):
        track_people([np.ones((501, 17, 2))])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 1e-30, 1.0, 1e30, np.nan, np.inf]),
)
def test_ids_are_distinct_within_frames_and_in_order_of_appearance(counts, seed, scale):
    rng = np.random.default_rng(seed)
    detections = [rng.normal(size=(count, 5, 3)) * scale for count in counts]
    tracked = track_people(detections)
    again = track_people(detections)
    seen = -1
    for ids, same, count in zip(tracked, again, counts, strict=True):
        assert ids.tolist() == same.tolist()
        assert len(ids) == count == len(set(ids.tolist()))
        for new in sorted(number for number in ids.tolist() if number > seen):
            assert new == seen + 1
            seen = new


def test_stacked_people_lie_where_they_were():
    pose, scores = np.ones((17, 2), np.float32), np.ones(17, np.float32)
    frames = [[(7, pose, scores)], [], [(3, 3 * pose, scores / 2), (7, 2 * pose, scores)]]
    keypoints, confidences, ids = stack_people(frames, 17, 2)
    assert ids.tolist() == [7, 3] and keypoints.shape == (3, 2, 17, 2)
    assert keypoints[[0, 2], 0, 0, 0].tolist() == [1, 2] and keypoints[2, 1, 0, 0] == 3
    assert np.isnan(keypoints[1]).all() and np.isnan(keypoints[0, 1]).all()
    assert confidences[2, 1, 0] == 0.5 and not confidences[1].any()
    empty, none, ids = stack_people([[], []], 17, 2)
    assert empty.shape == (2, 1, 17, 2) and np.isnan(empty).all() and none is None


def test_known_ids_stay_and_unknown_people_get_others():
    poses = np.stack([path((100, 100), (1, 0), 6), path((400, 100), (1, 0), 6)], axis=1).reshape(-1, 17, 2)
    clip = skeletons_from_rows(
        "clip", np.repeat(np.arange(6), 2), poses, person_ids=np.tile([40, -1], 6), layout="coco17"
    )
    assert clip.person_ids.tolist() == [40, 41]
    np.testing.assert_allclose(clip.keypoints[:, 1], path((400, 100), (1, 0), 6), atol=1e-4)


def test_a_frame_at_a_time_gives_the_ids_of_the_whole(rng):
    paths = [path((start, 0), (step, 0), 40) for start, step in ((0, 3), (300, -4), (600, 0))]
    frames = [np.array([one[t] for one in rng.permutation(paths)]) for t in range(40)]
    frames[10:20] = [poses[:2] for poses in frames[10:20]]
    scores = [(rng.random(poses.shape[:2]) > 0.2).astype(float) for poses in frames]
    tracker = PeopleTracker()
    for t, expected in enumerate(track_people(frames, scores)):
        np.testing.assert_array_equal(tracker.step(t, frames[t], scores[t]), expected)
    assert len(tracker.step(40, np.zeros((0, 17, 2)))) == 0
    with pytest.raises(ValueError, match="at most 500 people"):
        tracker.step(41, np.ones((501, 17, 2)))
