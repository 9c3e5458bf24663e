# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From the poses of a video to clips: who is who, where a scene ends, when somebody moves, and what is good enough.

Axes: T frames, M people, V joints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ....io.tracking import stack_rows, track_people
from .arguments import BuildArguments
from .motion import body_height, fill_short_gaps, longest_runs, resample, speeds
from .poses import VideoPoses

_LONGEST_SCENE = 60.0  # seconds tracked in one go, which bounds the memory that a crowd takes


@dataclass
class Clip:
    """A stretch of a video with the people in it.

    Args:
        start: First moment in seconds.
        end: Last moment.
        keypoints: (T, M, V, 2) float32 pixels at `rate` frames per second from `start` on; NaN is missing.
        scores: (T, M, V) float32 confidences, 0 is missing.
        person_ids: (M,) int64, unique in the video.
    """

    start: float
    end: float
    keypoints: np.ndarray
    scores: np.ndarray
    person_ids: np.ndarray


@dataclass(frozen=True)
class Drop:
    """What was left out, and why.

    Args:
        what: ``"person"`` or ``"clip"``.
        reason: In a few words.
        start: First moment in seconds.
        end: Last moment.
    """

    what: str
    reason: str
    start: float
    end: float


@dataclass
class _Scene:
    """Tracked poses of consecutive frames, absent people NaN."""

    times: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
    person_ids: np.ndarray

    def select(self, frames: slice | np.ndarray, people: np.ndarray) -> _Scene:
        return _Scene(
            self.times[frames],
            self.keypoints[frames][:, people],
            self.scores[frames][:, people],
            self.person_ids[people],
        )

    @property
    def is_present(self) -> np.ndarray:
        """(T, M) bool."""
        return np.isfinite(self.keypoints[..., 0]).any(axis=-1)


def cut_clips(poses: VideoPoses, arguments: BuildArguments) -> tuple[list[Clip], list[Drop]]:
    """The clips of a video in the order of time, and what was left out.

    A clip lies within one scene, has somebody in it all the time but for short absences, and no long still stretch;
    longer ones are cut into equal parts.

    Args:
        poses: The poses of the video.
        arguments: Their fields from `min_joint_score` to `scene_threshold` say how to cut.
    """
    clips: list[Clip] = []
    drops: list[Drop] = []
    first_id = 0
    for frames in _scenes(poses, arguments):
        scene, count = _track(poses, frames, arguments, first_id)
        first_id += count
        if scene is None:
            continue
        scene = _good_people(scene, poses, arguments, drops)
        for window in _windows(scene, poses.rate, arguments, drops):
            clip = _finish(scene.select(window, np.arange(len(scene.person_ids))), poses.rate, arguments)
            if clip is None:
                drops.append(
                    Drop("clip", "too few joints seen", *scene.times[[window.start, window.stop - 1]].tolist())
                )
            else:
                clips.append(clip)
    return clips, drops


def _scenes(poses: VideoPoses, arguments: BuildArguments) -> Iterator[slice]:
    """Stretches of frames without a change of scene or a hole in time."""
    times = poses.times
    is_cut = poses.changes > arguments.scene_threshold
    is_cut[1:] |= np.diff(times) > max(arguments.max_gap, 1.5 / poses.rate)
    cuts = [0, *(np.flatnonzero(is_cut[1:]) + 1).tolist(), len(times)]
    longest = round(max(_LONGEST_SCENE, 2 * arguments.max_seconds) * poses.rate)
    for start, stop in pairwise(cuts):
        parts = max(1, -(-(stop - start) // longest))
        edges = np.linspace(start, stop, parts + 1).round().astype(int)
        yield from (slice(int(a), int(b)) for a, b in pairwise(edges) if b > a)


def _track(poses: VideoPoses, frames: slice, arguments: BuildArguments, first_id: int) -> tuple[_Scene | None, int]:
    """The people of a scene who stay for a while, and the number of all tracks."""
    detections, scores = poses.per_frame(poses.keypoints, frames), poses.per_frame(poses.scores, frames)
    sure = [np.where(found >= arguments.min_joint_score, found, 0) for found in scores]
    numbers, order = np.round(poses.times[frames] * poses.rate).astype(np.int64), np.arange(len(detections))
    numbers = np.maximum.accumulate(numbers - order) + order  # rising, also where frames come faster than the rate
    gap = max(1, round(arguments.max_gap * poses.rate))
    ids = track_people(detections, sure, frames=numbers, max_gap=gap)
    rows = np.repeat(np.arange(len(ids)), [len(found) for found in ids])
    flat = np.concatenate(ids) if ids else np.zeros(0, np.int64)
    count = int(flat.max()) + 1 if len(flat) else 0
    # Somebody who is seen for less than a third of the shortest clip is a false alarm or a passer-by.
    lengths = np.bincount(flat, minlength=count)
    kept = lengths[flat] >= max(2.0, arguments.min_seconds * poses.rate / 3)
    if not kept.any():
        return None, count
    keypoints, found_scores = np.concatenate(detections)[kept], np.concatenate(scores)[kept]
    missing = found_scores < arguments.min_joint_score
    keypoints = np.where(missing[..., None], np.float32(np.nan), keypoints)
    stacked, stacked_scores, known = stack_rows(
        "scene", rows[kept], flat[kept], keypoints, found_scores, num_frames=len(ids)
    )
    return _Scene(poses.times[frames], stacked, stacked_scores, known + first_id), count


def _good_people(scene: _Scene, poses: VideoPoses, arguments: BuildArguments, drops: list[Drop]) -> _Scene:
    """Without people of low confidence, and without small ones."""
    is_there = scene.scores.any(axis=-1)
    kept = []
    for person in range(len(scene.person_ids)):
        frames = np.flatnonzero(is_there[:, person])
        span = scene.times[frames[[0, -1]]].tolist()
        height = body_height(scene.keypoints[frames, person])
        if scene.scores[frames, person].mean() < arguments.min_pose_score:
            drops.append(Drop("person", "low pose confidence", *span))
        elif not height >= arguments.min_person_height * poses.image_size[0]:
            drops.append(Drop("person", "too small", *span))
        else:
            kept.append(person)
    return scene.select(slice(None), np.array(kept, dtype=np.int64))


def _windows(scene: _Scene, rate: float, arguments: BuildArguments, drops: list[Drop]) -> list[slice]:
    """Stretches with motion in them, of a length to keep."""
    gap = round(arguments.max_gap * rate)
    is_used = fill_short_gaps(scene.is_present.any(axis=1), gap)
    is_moving = speeds(scene.keypoints, scene.times) >= arguments.still_speed
    found = []
    for run in longest_runs(is_used):
        for part, is_still in _split_still(run, is_moving, round(arguments.still_seconds * rate)):
            span = scene.times[[part.start, part.stop - 1]].tolist()
            length = span[1] - span[0] + 1 / rate
            if is_still:
                drops.append(Drop("clip", "still", *span))
            elif length < arguments.min_seconds - 1e-6:
                drops.append(Drop("clip", "too short", *span))
            else:
                pieces = max(1, int(np.ceil(length / arguments.max_seconds - 1e-6)))
                edges = np.linspace(part.start, part.stop, pieces + 1).round().astype(int)
                found += [slice(int(a), int(b)) for a, b in pairwise(edges)]
    return found


def _split_still(run: slice, is_moving: np.ndarray, longest: int) -> Iterator[tuple[slice, bool]]:
    """Parts of a run, each with whether nobody moves in it for at least `longest` frames."""
    is_active = fill_short_gaps(is_moving[run], longest - 1, at_ends=True)
    if not is_moving[run].any():
        is_active[:] = False
    edges = np.concatenate(([0], np.flatnonzero(np.diff(is_active)) + 1, [len(is_active)]))
    for start, stop in pairwise(edges.tolist()):
        yield slice(run.start + start, run.start + stop), not is_active[start]


def _finish(scene: _Scene, rate: float, arguments: BuildArguments) -> Clip | None:
    """The people of a window who are in it for long enough, at an even pace; None if too little is seen of them."""
    is_present = scene.is_present
    order = np.argsort(-is_present.sum(axis=0), kind="stable")
    needed = min(0.5 * len(is_present), arguments.min_seconds * rate)
    kept = [person for person in order if is_present[:, person].sum() >= needed][: arguments.max_people]
    kept = np.sort(np.array(kept, dtype=np.int64))
    if not len(kept) or scene.scores[:, kept].max(axis=1).mean() < arguments.min_joint_score:
        return None
    scene = scene.select(slice(None), kept)
    keypoints, scores = resample(scene.keypoints, scene.scores, scene.times, rate)
    scores = np.where(np.isfinite(keypoints[..., 0]), scores, 0).astype(np.float32)
    end = scene.times[0] + (len(keypoints) - 1) / rate
    return Clip(float(scene.times[0]), float(end), keypoints, scores, scene.person_ids)


__all__ = ["Clip", "Drop", "cut_clips"]
