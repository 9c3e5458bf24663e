# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Who is who over the frames of a clip: ids for formats that have none, and people as one axis.

Axes: T frames, M people, V joints, C coordinates, N detections of one frame or of all.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..processing.skeletons import Skeletons
from .files import check_size, naming

logger = logging.getLogger(__name__)

_EXPECTED_MOTION = 0.7  # share of the last motion that is expected to go on; all of it overshoots when people turn
_LONGEST_GUESS = 5  # frames for which it is
_SMALLEST_BODY = 0.2  # of the largest in the clip; one joint alone has no size to measure a distance by
_SHRINKING = 0.9  # the least part of its size that a body keeps from one sighting to the next
_BLOCK = 1 << 20  # numbers that are compared at once
_MAX_PEOPLE = 500  # in one frame: the work grows with the cube of it


class _Tracker:
    """The people so far, as arrays: where each joint was last seen, how the body moved, how large it is."""

    def __init__(self, num_joints: int, num_coordinates: int, max_distance: float, max_gap: int):
        self.numbers = np.zeros(0, dtype=np.int64)
        self.frames = np.zeros(0, dtype=np.int64)
        self.poses = np.zeros((0, num_joints, num_coordinates))
        self.velocities = np.zeros((0, 1, num_coordinates))
        self.sizes = np.zeros(0)
        self.max_distance, self.max_gap = max_distance, max_gap
        self.count = 0

    def step(self, frame: int, poses: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """(N,) ids of the poses of one frame, from the poses (N, V, C) and the sizes (N,) of their bodies."""
        self._forget(frame)
        rows, people = self._assign(frame, poses, sizes)
        self._update(frame, poses[rows], sizes[rows], people)
        ids = np.full(len(poses), -1, dtype=np.int64)
        ids[rows] = self.numbers[people]
        if len(rows) < len(poses):
            is_new = ids < 0
            ids[is_new] = np.arange(self.count, self.count + len(poses) - len(rows))
            self._start(frame, poses[is_new], sizes[is_new], ids[is_new])
        return ids

    def _forget(self, frame: int) -> None:
        is_kept = self.frames >= frame - self.max_gap
        if not is_kept.all():
            for name in ("numbers", "frames", "poses", "velocities", "sizes"):
                setattr(self, name, getattr(self, name)[is_kept])

    def _assign(self, frame: int, poses: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of `poses` and the people they belong to, within the gate."""
        if not len(poses) or not len(self.numbers):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        elapsed = frame - self.frames
        steps = _EXPECTED_MOTION * np.minimum(elapsed, _LONGEST_GUESS)
        cost = _distances(poses, self.poses + steps[:, None, None] * self.velocities)
        cost /= np.maximum(sizes[:, None], self.sizes)
        is_good = cost <= self.max_distance * np.minimum(0.5 + 0.5 * elapsed, 3)
        if (is_good.sum(axis=0) <= 1).all() and (is_good.sum(axis=1) <= 1).all():
            return np.nonzero(is_good)  # there is nothing to choose
        from scipy.optimize import linear_sum_assignment

        # A forbidden pair costs more than any set of good ones, so that as many good pairs are formed as there can be.
        forbidden = 3 * self.max_distance * (min(cost.shape) + 1)
        rows, people = linear_sum_assignment(np.where(is_good, cost, forbidden))
        is_chosen = is_good[rows, people]
        return rows[is_chosen], people[is_chosen]

    def _update(self, frame: int, poses: np.ndarray, sizes: np.ndarray, people: np.ndarray) -> None:
        old = self.poses[people]
        moved = poses - old
        is_common = moved[..., :1] == moved[..., :1]
        total = np.where(is_common, moved, 0).sum(axis=1, keepdims=True)
        elapsed = (frame - self.frames[people])[:, None, None]
        self.velocities[people] = total / np.maximum(is_common.sum(axis=1, keepdims=True), 1) / elapsed
        self.poses[people] = np.where(poses == poses, poses, old)
        self.sizes[people] = np.maximum(sizes, _SHRINKING * self.sizes[people])
        self.frames[people] = frame

    def _start(self, frame: int, poses: np.ndarray, sizes: np.ndarray, ids: np.ndarray) -> None:
        self.numbers = np.concatenate([self.numbers, ids])
        self.frames = np.concatenate([self.frames, np.full(len(ids), frame)])
        self.poses = np.concatenate([self.poses, poses])
        self.velocities = np.concatenate([self.velocities, np.zeros((len(ids), 1, poses.shape[-1]))])
        self.sizes = np.concatenate([self.sizes, sizes])
        self.count += len(ids)


def track_people(
    detections: Sequence[np.ndarray],
    scores: Sequence[np.ndarray] | None = None,
    *,
    frames: Sequence[int] | np.ndarray | None = None,
    max_gap: int = 30,
    max_distance: float = 0.5,
) -> list[np.ndarray]:
    """Gives the poses of each frame the ids of the people they belong to.

    Poses go to the people of earlier frames by the assignment of least total cost (Hungarian method). The cost is the
    mean distance over common joints between a pose and where its person ought to be by now, in units of the larger of
    the two bodies (or of a fifth of the clip's largest, for bodies of which little is seen). What is further than the
    gate starts a new person. Nothing is drawn by chance.

    Args:
        detections: T arrays (N_t, V, C) of poses, NaN or all zero where a joint is missing; N_t may be 0.
        scores: T arrays (N_t, V) of confidences; 0 or less, and NaN, is missing.
        frames: (T,) rising frame numbers, if frames are left out between the arrays.
        max_gap: Frames that a person may be out of sight and still be recognised.
        max_distance: The gate, in body sizes; it widens by half of itself with each frame out of sight, up to three
            times.

    Returns:
        T arrays (N_t,) int64 of ids, counted from 0 in order of appearance; distinct within a frame.

    Raises:
        ValueError: If a frame holds more than 500 people, or `frames` are not T rising numbers.
    """
    _check_crowd(max(map(len, detections), default=0))
    numbers = range(len(detections)) if frames is None else [int(frame) for frame in frames]
    if len(numbers) != len(detections) or any(a >= b for a, b in pairwise(numbers)):
        raise ValueError(f"expected {len(detections)} rising frame numbers, got {list(numbers)[:10]}; sort the frames")
    filled = [index for index, poses in enumerate(detections) if len(poses)]
    if not filled:
        return [np.zeros(0, dtype=np.int64) for _ in detections]
    poses = _with_nan(
        np.concatenate([detections[index] for index in filled]),
        None if scores is None else np.concatenate([scores[index] for index in filled]),
    )
    sizes = _sizes(poses)
    sizes = np.maximum(sizes, max(_SMALLEST_BODY * sizes.max(), 1e-9))
    tracker = _Tracker(*poses.shape[1:], max_distance, max_gap)
    ids, start = [], 0
    for number, count in zip(numbers, map(len, detections), strict=True):
        rows = slice(start, start := start + count)
        ids.append(tracker.step(number, poses[rows], sizes[rows]) if count else np.zeros(0, dtype=np.int64))
    return ids


class PeopleTracker:
    """As `track_people`, for frames that come one at a time; what it remembers does not grow.

    Bodies are compared with the largest of those in sight and remembered, not with the largest of the whole clip, so
    that a body of which next to nothing is seen may be judged otherwise.

    Args:
        max_gap: Frames that a person may be out of sight and still be recognised.
        max_distance: The gate, in body sizes.
    """

    def __init__(self, max_gap: int = 30, max_distance: float = 0.5) -> None:
        self.max_gap, self.max_distance = max_gap, max_distance
        self._tracker: _Tracker | None = None

    def step(self, frame: int, poses: np.ndarray, scores: np.ndarray | None = None) -> np.ndarray:
        """Ids (N,) of the poses (N, V, C) of one frame, with confidences (N, V).

        Args:
            frame: Its number, above that of the last frame.

        Raises:
            ValueError: If it holds more than 500 people.
        """
        _check_crowd(len(poses))
        if not len(poses):
            return np.zeros(0, dtype=np.int64)
        poses = _with_nan(poses, scores)
        if self._tracker is None:
            self._tracker = _Tracker(*poses.shape[1:], self.max_distance, self.max_gap)
        sizes = _sizes(poses)
        largest = max(sizes.max(), self._tracker.sizes.max(initial=0))
        return self._tracker.step(frame, poses, np.maximum(sizes, max(_SMALLEST_BODY * largest, 1e-9)))


def _check_crowd(num_people: int) -> None:
    if num_people > _MAX_PEOPLE:
        raise ValueError(f"expected at most {_MAX_PEOPLE} people in a frame to track, got more; give them ids")


def _with_nan(poses: np.ndarray, scores: np.ndarray | None) -> np.ndarray:
    """(N, V, C) float64, NaN where a joint is missing."""
    poses = np.asarray(poses, dtype=np.float64)
    is_seen = np.isfinite(poses).all(axis=-1) & poses.any(axis=-1)
    if scores is not None:
        is_seen &= np.asarray(scores) > 0
    return np.where(is_seen[..., None], poses, np.nan)


def _distances(poses: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """(N, people) mean distance of common joints; infinity without any."""
    if len(poses) > 1 and len(poses) * expected.size > _BLOCK:  # a crowd, in blocks of bounded size
        rows = max(_BLOCK // expected.size, 1)
        blocks = [_distances(poses[start : start + rows], expected) for start in range(0, len(poses), rows)]
        return np.concatenate(blocks)
    moved = expected - poses[:, None]
    apart = np.sqrt(np.einsum("nmvc,nmvc->nmv", moved, moved))
    is_common = apart == apart
    counts = is_common.sum(axis=-1)
    total = np.where(is_common, apart, 0).sum(axis=-1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.inf)


def _sizes(poses: np.ndarray) -> np.ndarray:
    """(N,) diagonal of the box around the joints that were seen; 0 without any."""
    span = np.fmax.reduce(poses, axis=1) - np.fmin.reduce(poses, axis=1)
    return np.nan_to_num(np.sqrt((span**2).sum(axis=-1)))


def stack_rows(
    path: str | os.PathLike,
    frames: np.ndarray,
    person_ids: np.ndarray,
    keypoints: np.ndarray,
    scores: np.ndarray | None = None,
    num_frames: int | None = None,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Puts N poses, in any order, into one array with an axis for frames and one for people.

    Args:
        path: The file, for messages.
        frames: (N,) frame of each pose, from 0.
        person_ids: (N,) id of its person.
        keypoints: (N, V, C) the poses.
        scores: (N, V) confidences.
        num_frames: T; by default the last frame that has a pose ends the clip.

    Returns:
        Keypoints (T, M, V, C) float32 with NaN where a person is absent; scores (T, M, V) with 0 there, or None; ids
        (M,) in order of first appearance. Without any pose there is one person who is always absent, with id 0. Of
        two poses of one person in a frame the later counts.

    Raises:
        ValueError: If the array would pass the limits.
    """
    frames = np.asarray(frames, dtype=np.int64)
    if num_frames is None:
        num_frames = int(frames.max()) + 1 if len(frames) else 1
    person_ids = np.asarray(person_ids)
    known, first, slots = np.unique(person_ids, return_index=True, return_inverse=True)
    earliest = np.full(len(known), np.iinfo(np.int64).max)
    np.minimum.at(earliest, slots.reshape(-1), frames)
    order = np.lexsort((first, earliest))
    rank = np.empty(len(known), dtype=np.int64)
    rank[order] = np.arange(len(known))
    ids = known[order] if len(known) else np.zeros(1, dtype=np.int64)
    shape = (num_frames, len(ids), *keypoints.shape[1:])
    check_size(path, shape)
    stacked = np.full(shape, np.nan, dtype=np.float32)
    place = (frames, rank[slots.reshape(-1)]) if len(known) else (frames, frames)
    stacked[place] = keypoints
    if scores is None:
        return stacked, None, ids
    stacked_scores = np.zeros(shape[:3], dtype=np.float32)
    stacked_scores[place] = scores
    return stacked, stacked_scores, ids


def stack_people(
    frames: Sequence[Sequence[tuple[int, np.ndarray, np.ndarray | None]]],
    num_joints: int,
    num_coordinates: int,
    path: str | os.PathLike = "clip",
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """As `stack_rows`, from a list for each frame of (person id, keypoints (V, C), scores (V,) or None).

    Args:
        frames: T lists; empty where nobody was seen.
        num_joints: V, also for a clip without people.
        num_coordinates: C.
        path: The file, for messages.

    Returns:
        Keypoints (T, M, V, C), scores (T, M, V) if the poses have them, ids (M,); as `stack_rows`.

    Raises:
        ValueError: If the array would pass the limits.
    """
    rows = [(frame, *person) for frame, people in enumerate(frames) for person in people]
    keypoints = np.array([row[2] for row in rows], dtype=np.float32).reshape(len(rows), num_joints, num_coordinates)
    has_scores = bool(rows) and all(row[3] is not None for row in rows)
    return stack_rows(
        path,
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows]),
        keypoints,
        np.array([row[3] for row in rows], dtype=np.float32) if has_scores else None,
        num_frames=max(len(frames), 1),
    )


def skeletons_from_rows(
    path: str | os.PathLike,
    frames: np.ndarray,
    keypoints: np.ndarray,
    scores: np.ndarray | None = None,
    person_ids: np.ndarray | None = None,
    num_frames: int | None = None,
    **fields: Any,
) -> Skeletons:
    """A clip from N poses in any order; people are tracked where their ids are not known.

    Args:
        path: The file, for messages.
        frames: (N,) frame of each pose, from 0.
        keypoints: (N, V, C) poses, also for N = 0.
        scores: (N, V) confidences.
        person_ids: (N,) ids, negative where not known; those people get ids above all others. Ids of which one stands
            twice in a frame, as when an estimator numbers everybody 0, count as not known altogether.
        num_frames: T; by default the last frame that has a pose ends the clip.
        fields: More fields of the `Skeletons`.

    Raises:
        ValueError: If the clip would pass the limits, or the fields do not fit; the file is named.
    """
    frames = np.asarray(frames, dtype=np.int64)
    if num_frames is None:
        num_frames = int(frames.max()) + 1 if len(frames) else 1
    check_size(path, (num_frames, 1, *keypoints.shape[1:]))
    is_seen = np.isfinite(keypoints).all(axis=-1) & keypoints.any(axis=-1)
    if scores is not None:
        is_seen &= scores > 0
    kept = is_seen.any(axis=1)  # a pose of which nothing was seen is nobody
    frames, keypoints, scores = frames[kept], keypoints[kept], None if scores is None else scores[kept]
    ids = np.full(len(frames), -1, dtype=np.int64) if person_ids is None else np.array(person_ids, np.int64)[kept]
    if _stand_twice(frames, ids):
        logger.info("%s gives an id to two people of one frame; people are tracked instead", os.fspath(path))
        ids[:] = -1
    unknown = np.flatnonzero(ids < 0)
    with naming(path):
        ids[unknown] = (
            ids.max(initial=-1)
            + 1
            + track_rows(frames[unknown], keypoints[unknown], None if scores is None else scores[unknown])
        )
        stacked, stacked_scores, known = stack_rows(path, frames, ids, keypoints, scores, num_frames)
        return Skeletons(stacked, scores=stacked_scores, person_ids=known, **fields)


def _stand_twice(frames: np.ndarray, ids: np.ndarray) -> bool:
    pairs = np.stack([frames, ids], axis=1)[ids >= 0]
    return len(np.unique(pairs, axis=0)) < len(pairs)


def track_rows(frames: np.ndarray, keypoints: np.ndarray, scores: np.ndarray | None) -> np.ndarray:
    """As `track_people`, for N poses in any order.

    Args:
        frames: (N,) frame of each pose.
        keypoints: (N, V, C) the poses.
        scores: (N, V) confidences.

    Returns:
        (N,) ids.
    """
    order = np.argsort(frames, kind="stable")
    present, starts = np.unique(frames[order], return_index=True)
    groups = np.split(order, starts[1:])
    if not len(present):
        return np.zeros(0, dtype=np.int64)
    ids = np.empty(len(frames), dtype=np.int64)
    ids[order] = np.concatenate(
        track_people(
            [keypoints[rows] for rows in groups],
            None if scores is None else [scores[rows] for rows in groups],
            frames=present,
        )
    )
    return ids


__all__ = ["PeopleTracker", "skeletons_from_rows", "stack_people", "stack_rows", "track_people", "track_rows"]
