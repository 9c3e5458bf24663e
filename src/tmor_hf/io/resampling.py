# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From unevenly sampled poses to a uniform frame rate.

Axes: T frames, V joints, C coordinates.
"""

from __future__ import annotations

import numpy as np

from .files import MAX_ELEMENTS

_CHUNK = 1 << 14  # frames at a time, which bounds the memory


def resample_irregular(keypoints: np.ndarray, seconds: np.ndarray, fps: float, longest_gap: float = 1.0) -> np.ndarray:
    """Interpolates unevenly sampled poses linearly to a uniform frame rate.

    Args:
        keypoints: (T, V, C) positions at the times `seconds`.
        seconds: (T,) times, rising.
        fps: Frames per second of the result.
        longest_gap: Seconds between two frames that interpolation bridges; what lies in longer gaps is missing.

    Returns:
        (T', V, C) float32 from the first time on; NaN inside gaps of more than `longest_gap`.

    Raises:
        ValueError: If the times do not rise, or are not one for each frame, or span too long a time to be filled.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    if seconds.shape != (len(keypoints),) or not len(seconds) or not (np.diff(seconds) > 0).all():
        raise ValueError(f"expected {len(keypoints)} rising times, got {seconds.shape}; sort the frames by time")
    if not (np.isfinite(fps) and fps > 0):
        raise ValueError(f"expected fps above 0, got {fps}")
    seconds = seconds - seconds[0]
    if (seconds[-1] * fps + 1) * np.prod(keypoints.shape[1:]) > MAX_ELEMENTS:
        raise ValueError(
            f"expected times within {MAX_ELEMENTS} values at {fps} frames per second, got a span of "
            f"{seconds[-1]:.6g} seconds; pass a lower fps, or check the times"
        )
    times = np.arange(int(np.floor(seconds[-1] * fps + 1e-6)) + 1) / fps
    if len(seconds) == 1:
        return keypoints.astype(np.float32)
    after = np.clip(np.searchsorted(seconds, times - 1e-9), 1, len(seconds) - 1)
    before = after - 1
    gap = seconds[after] - seconds[before]
    share = (times - seconds[before]) / gap
    frames = np.empty((len(times), *keypoints.shape[1:]), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(times), _CHUNK):
            rows = slice(start, start + _CHUNK)
            part = share[rows, None, None]
            frames[rows] = keypoints[before[rows]] * (1 - part) + keypoints[after[rows]] * part
    frames[(gap > longest_gap) & (share > 1e-6) & (share < 1 - 1e-6)] = np.nan
    return frames


__all__ = ["resample_irregular"]
