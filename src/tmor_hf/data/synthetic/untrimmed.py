# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Synthetic recordings of several actions one after the other, with a label for each frame.

One body does all actions of a person. Each goes on where the one before it ended, facing the same way; between two of
them, all joints pass smoothly from one pose to the next, with the bones keeping their lengths.

Axes: T frames, K classes, M people, V = 22 joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...processing.joint_layouts import CANONICAL
from ...processing.kinematic_tree import kinematic_tree
from ...processing.skeletons import Skeletons
from ..clips import MotionClip, MotionDataset
from . import body, captions
from .generator import FPS, LAYOUT, _Draft, _draw, _names, _pose
from .sensor import SensorModel

_LONGEST = 150  # frames of one action
_PAUSE = (0.3, 1.5)  # seconds of rest before and after an action that has a rest pose
_SPEED = 0.8  # metres per second of the joint that moves furthest between two actions
_PASSING = (8, 45)  # frames from one action to the next
_SPACING = 1.5  # metres between neighbours
_HIPS = (14, 18)  # left, right
_TREE = kinematic_tree(CANONICAL)


def synthetic_recordings(
    count: int,
    seed: int = 0,
    actions: Sequence[str] | str | None = None,
    *,
    num_actions: tuple[int, int] = (4, 8),
    num_people: int = 1,
    sensor: SensorModel | None = SensorModel(),  # noqa: B008 - frozen
) -> MotionDataset:
    """Makes untrimmed recordings; recording i depends on (seed, i) and the options alone.

    Args:
        count: Number of recordings.
        seed: Seed of the set.
        actions: Names of the actions to draw from, see `ACTIONS`; all by default. They are the classes.
        num_actions: Least and largest number of actions that a person does.
        num_people: People in a recording, each doing actions of their own side by side; one who is done leaves.
        sensor: Errors to add, or None for exact joints. Frames are never left out.

    Returns:
        Clips with `frame_labels` (T, K), where K is the number of `actions`: True from the start of an action to its
        end, False in between. Each recording is a subject of its own.

    Raises:
        ValueError: For unknown actions, or a number out of range.
    """
    names = _names(actions)
    if count < 1 or num_people < 1 or not 1 <= num_actions[0] <= num_actions[1]:
        raise ValueError(
            "expected at least one recording, person and action, and num_actions as (least, most), got "
            f"{count}, {num_people} and {num_actions}"
        )
    clips = [
        _recording(
            np.random.default_rng((seed, index)), f"synthetic_{seed}_{index}", names, num_actions, num_people, sensor
        )
        for index in range(count)
    ]
    return MotionDataset(clips, "synthetic_recordings", [captions.class_phrase(name, None) for name in names])


def _recording(
    rng: np.random.Generator,
    name: str,
    names: Sequence[str],
    num_actions: tuple[int, int],
    num_people: int,
    sensor: SensorModel | None,
) -> MotionClip:
    people = [_person(rng, names, int(rng.integers(num_actions[0], num_actions[1] + 1))) for _ in range(num_people)]
    frames = max(len(joints) for joints, _, _ in people)
    keypoints = np.full((frames, num_people, body.NUM_JOINTS, 3), np.nan, dtype=np.float32)
    labels = np.zeros((frames, len(names)), dtype=bool)
    for slot, (joints, own_labels, _) in enumerate(people):
        keypoints[: len(joints), slot] = joints
        keypoints[: len(joints), slot, :, 0] += _SPACING * slot
        labels[: len(joints)] |= own_labels
    tilt = np.radians(0.0 if sensor is None else sensor.tilt)
    yaw, forward, sideways = rng.uniform(-1, 1, size=3) * (np.pi, tilt, tilt)
    turn = body.rotations(0.0, forward, sideways) @ body.rotations(yaw, 0.0, 0.0)
    skeletons = Skeletons(keypoints @ turn.T, fps=FPS, layout=LAYOUT)
    if sensor is not None:
        skeletons = replace(sensor, low_rate_probability=0.0)(skeletons, rng)
    sentences = dict.fromkeys(sentence for _, _, own in people for sentence in own)
    phrases = [captions.class_phrase(action, None) for action, goes_on in zip(names, labels.any(axis=0), strict=True)
               if goes_on]  # fmt: skip
    return MotionClip(
        skeletons, name, "synthetic_recordings", tuple(sentences), " and ".join(phrases), subject=name,
        frame_labels=labels,
    )  # fmt: skip


def _person(rng: np.random.Generator, names: Sequence[str], count: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Joints (T, V, 3), labels (T, K) and captions of one person doing so many actions."""
    drafts = [_draw(rng, names, None, _LONGEST, None) for _ in range(count)]
    spans = [_with_rest(draft, rng) for draft in drafts]
    for draft in drafts:
        draft.lengths, draft.view = drafts[0].lengths, (0.0, 0.0, 0.0)
    posed = _pose(drafts, 0.0)
    joints, labels = [], []
    for draft, clip, (start, end) in zip(drafts, posed, spans, strict=True):
        clip = clip[: draft.frames]
        if joints:
            clip, passing = _joined(joints[-1], clip)
            joints.append(passing)
            labels.append(np.zeros((len(passing), len(names)), dtype=bool))
        joints.append(clip)
        labels.append(np.zeros((draft.frames, len(names)), dtype=bool))
        labels[-1][start:end, names.index(draft.action)] = True
    everything = body._above_floor(np.concatenate(joints)[None])[0]
    return everything, np.concatenate(labels), [draft.caption for draft in drafts]


def _with_rest(draft: _Draft, rng: np.random.Generator) -> tuple[int, int]:
    """Shows an action whole, with rest around it unless it repeats without end; returns its span."""
    before, after = rng.uniform(*_PAUSE, size=2)
    if draft.plan.cyclic:
        return 0, draft.frames
    draft.begin, draft.step = -before, 1.0 / FPS
    start = round(before * FPS)
    end = start + max(round(draft.plan.duration * FPS), 1)
    draft.frames = end + round(after * FPS)
    return start, end


def _joined(past: np.ndarray, clip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The next clip, put where the past one ended, and the frames that lead from one to the other."""
    clip = clip @ _turn_between(clip[0], past[-1]).T
    before, after = past[-1] - past[-2], clip[1] - clip[0]  # per frame
    offset = (past[-1] - clip[0])[0] * (1, 0, 1)
    distance = np.linalg.norm(clip[0] + offset - past[-1], axis=-1).max()
    frames = int(np.clip(round(distance / _SPEED * FPS), *_PASSING))
    drift = (before + after)[0] * (1, 0, 1) * (frames + 1) / 2  # a walker does not stop at once
    clip = (clip + offset + drift).astype(np.float32)
    share = (np.arange(1, frames + 1) / (frames + 1))[:, None, None]
    rest = 1 - share
    passing = (
        past[-1] * (1 + 2 * share) * rest**2
        + clip[0] * (3 - 2 * share) * share**2
        + (before * share * rest**2 - after * share**2 * rest) * (frames + 1)
    )
    return clip, _with_bones(passing.astype(np.float32), past[-1])


def _turn_between(pose: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """(3, 3) rotation about the vertical that makes a pose (V, 3) face as another does, judged by the hips."""
    across = [(one[_HIPS[0]] - one[_HIPS[1]])[[0, 2]] for one in (pose, onto)]
    angles = [np.arctan2(-z, x) for x, z in across]
    return body.rotations(angles[1] - angles[0], 0.0, 0.0)


def _with_bones(joints: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Joints (T, V, 3) whose bones have their directions, and the lengths of those of a pose (V, 3)."""
    vectors, wanted = _TREE.bone_vectors @ joints, np.linalg.norm(_TREE.bone_vectors @ pose, axis=-1)
    vectors *= (wanted / np.maximum(np.linalg.norm(vectors, axis=-1), 1e-6))[..., None]
    vectors[:, CANONICAL.root] = joints[:, CANONICAL.root]
    return _TREE.chains @ vectors


__all__ = ["synthetic_recordings"]
