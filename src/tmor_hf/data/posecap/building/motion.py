# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Measures of motion in tracked poses, and an even pace for them.

Axes: T frames, M people, V joints.
"""

from __future__ import annotations

import numpy as np

_WINDOW = 0.4  # seconds over which speed is measured, so that an estimator's jitter counts little


def body_height(keypoints: np.ndarray) -> float:
    """Median height in pixels of the box around the joints of (T, V, 2) poses; NaN if none is seen."""
    low = np.fmin.reduce(keypoints[..., 1], axis=-1)
    heights = np.fmax.reduce(keypoints[..., 1], axis=-1) - low
    heights = heights[np.isfinite(heights)]
    return float(np.median(heights)) if len(heights) else float("nan")


def body_size(keypoints: np.ndarray) -> float:
    """As `body_height`, by the diagonal of the box: a body that lies has no height."""
    low, high = np.fmin.reduce(keypoints, axis=-2), np.fmax.reduce(keypoints, axis=-2)
    sizes = np.sqrt(((high - low) ** 2).sum(axis=-1))
    sizes = sizes[np.isfinite(sizes)]
    return float(np.median(sizes)) if len(sizes) else float("nan")


def speeds(keypoints: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How fast the fastest person moves: the mean over joints, in body sizes per second.

    Args:
        keypoints: (T, M, V, 2), NaN where a joint is missing.
        times: (T,) seconds.

    Returns:
        (T,); 0 where nothing can be compared.
    """
    frames, people = keypoints.shape[:2]
    before = np.searchsorted(times, times - _WINDOW / 2 - 1e-6).clip(0, frames - 1)
    after = (np.searchsorted(times, times + _WINDOW / 2 + 1e-6, side="right") - 1).clip(0, frames - 1)
    elapsed = np.maximum(times[after] - times[before], 1e-6)
    fastest = np.zeros(frames)
    for person in range(people):
        poses = keypoints[:, person]
        moved = np.sqrt(((poses[after] - poses[before]) ** 2).sum(axis=-1))
        is_common = np.isfinite(moved)
        mean = np.where(is_common, moved, 0).sum(axis=-1) / np.maximum(is_common.sum(axis=-1), 1)
        speed = mean / elapsed / max(body_size(poses), 1e-6)
        fastest = np.fmax(fastest, speed)
    return fastest


def longest_runs(flags: np.ndarray) -> list[slice]:
    """The stretches in which flags (T,) are true, each as long as can be."""
    padded = np.concatenate(([False], flags, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return [slice(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def fill_short_gaps(flags: np.ndarray, longest: int, at_ends: bool = False) -> np.ndarray:
    """Flags (T,) that are true in gaps of up to `longest` frames too; also in those at the ends, if asked for."""
    filled = flags.copy()
    for gap in longest_runs(~flags):
        is_inside = gap.start > 0 and gap.stop < len(flags)
        if gap.stop - gap.start <= longest and (is_inside or at_ends):
            filled[gap] = True
    return filled


def resample(
    keypoints: np.ndarray, scores: np.ndarray, times: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Poses at an even pace from uneven times, by linear interpolation; even ones come back as they are.

    Args:
        keypoints: (T, M, V, 2), NaN where a joint is missing.
        scores: (T, M, V).
        times: (T,) seconds, rising.
        rate: Frames per second of the result.

    Returns:
        (T', M, V, 2) and (T', M, V) at the times `times[0] + k / rate`; a joint is missing, and a score that of the
        less sure, between two frames of which one lacks it.
    """
    moments = times[0] + np.arange(int(np.floor((times[-1] - times[0]) * rate + 1e-3)) + 1) / rate
    if len(moments) == len(times) and np.abs(moments - times).max() * rate < 1e-2:
        return keypoints.astype(np.float32), scores.astype(np.float32)
    after = np.searchsorted(times, moments - 1e-6).clip(1, len(times) - 1)
    before = after - 1
    share = ((moments - times[before]) / (times[after] - times[before])).clip(0, 1)
    # At a frame's own time its neighbour must not matter, not even by being missing.
    before, after = np.where(share > 0.99, after, before), np.where(share < 0.01, before, after)
    share = share[:, None, None]
    mixed = keypoints[before] * (1 - share[..., None]) + keypoints[after] * share[..., None]
    return mixed.astype(np.float32), np.minimum(scores[before], scores[after]).astype(np.float32)


__all__ = ["body_height", "body_size", "fill_short_gaps", "longest_runs", "resample", "speeds"]
