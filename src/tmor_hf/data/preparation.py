# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips on the canonical joints and of bounded length, many at once: several times faster than one by one.

Axes: T frames, M people, V joints of the source, J = 22 canonical joints, C coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..processing.joint_layouts import CANONICAL, get_layout, to_canonical, to_y_up
from ..processing.skeletons import Skeletons, replace_unchecked


def prepare(clips: Sequence[Skeletons], max_frames: int | None) -> list[Skeletons]:
    """Each clip as `to_layout()` gives it, thinned out to at most `max_frames` frames.

    Of a longer clip, every second, third, ... frame is kept, unless no joint is seen in these.
    """
    thinned = [_thin(clip, max_frames) for clip in clips]
    prepared = _to_canonical(thinned)
    for index, (clip, thin) in enumerate(zip(clips, thinned, strict=True)):
        if thin is not clip and not has_joints(prepared[index]):
            prepared[index] = clip.to_layout()
    return prepared


def has_joints(clip: Skeletons) -> bool:
    """Whether a clip on the canonical joints, NaN where missing, shows any."""
    first = clip.keypoints.item(0)  # says so nearly always
    return first == first or not np.isnan(clip.keypoints[..., 0]).all()


def thinned_length(lengths: np.ndarray, max_frames: int | None) -> np.ndarray:
    """Frames that clips of so many frames have after `prepare`."""
    if max_frames is None:
        return lengths
    steps = np.maximum(-(-lengths // max_frames), 1)
    return -(-lengths // steps)


def _thin(clip: Skeletons, max_frames: int | None) -> Skeletons:
    if max_frames is None or clip.num_frames <= max_frames:
        return clip
    step = -(-clip.num_frames // max_frames)
    return replace(
        clip,
        keypoints=np.ascontiguousarray(clip.keypoints[::step]),
        scores=None if clip.scores is None else clip.scores[::step],
        fps=None if clip.fps is None else clip.fps / step,
    )


def _to_canonical(clips: Sequence[Skeletons]) -> list[Skeletons]:
    """`to_layout()` of each; clips of one layout go through it together."""
    alike: dict[tuple, list[int]] = {}
    for index, clip in enumerate(clips):
        # By identity: layouts of one's own may bear the same name and differ.
        key = (id(get_layout(clip.layout)), clip.num_joints, clip.num_coordinates, clip.resolved_up_axis)
        alike.setdefault(key, []).append(index)
    done: list[Skeletons | None] = [None] * len(clips)
    for (_, joints, coordinates, up_axis), members in alike.items():
        layout = get_layout(clips[members[0]].layout)
        flat = np.concatenate([clips[index].keypoints.reshape(-1, joints, coordinates) for index in members])
        sizes = [clips[index].num_frames * clips[index].num_people for index in members]
        scores = _flat_scores([clips[index] for index in members])
        valid = Skeletons(flat, scores=scores, layout=layout).valid[:, 0]
        canonical, _ = to_canonical(flat, valid, layout, missing=np.nan)
        canonical = to_y_up(canonical, up_axis)
        start = 0
        for index, size in zip(members, sizes, strict=True):
            clip, part = clips[index], canonical[start : start + size]
            shape = (clip.num_frames, clip.num_people, CANONICAL.num_joints, coordinates)
            start += size
            done[index] = replace_unchecked(
                clip, keypoints=part.reshape(shape), scores=None, layout=CANONICAL.name, up_axis="y"
            )
    return done


def _flat_scores(clips: Sequence[Skeletons]) -> np.ndarray | None:
    """(frames and people of all clips, V), 1 where a clip has no scores; None if none has."""
    if all(clip.scores is None for clip in clips):
        return None
    parts = [np.ones(clip.keypoints.shape[:3], np.float32) if clip.scores is None else clip.scores for clip in clips]
    return np.concatenate([part.reshape(-1, part.shape[-1]) for part in parts])


__all__ = ["has_joints", "prepare", "thinned_length"]
