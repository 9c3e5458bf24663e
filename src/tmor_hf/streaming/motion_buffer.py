# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The last frames of one person at an even frame rate, in memory of fixed size.

Axes: N frames of the buffer, V joints, C coordinates. Positions in time are counted in frames of the even rate.
"""

from __future__ import annotations

import numpy as np

_NOTHING = np.iinfo(np.int64).min


class MotionBuffer:
    """A ring of the last N frames of a person, filled by linear interpolation between the poses that came.

    Args:
        num_frames: N.
        max_gap: Frames between two poses that interpolation bridges; longer gaps are missing frames.
    """

    def __init__(self, num_frames: int, max_gap: float) -> None:
        self.num_frames = num_frames
        self.max_gap = max_gap
        self.newest = -1
        """The last frame that was filled."""
        self.last_position = -np.inf
        """Where the last pose came."""
        self._numbers = np.full(num_frames, _NOTHING)  # the frame that each row holds
        self._last_pose: np.ndarray | None = None
        self._frames: np.ndarray | None = None

    def add(self, position: float, pose: np.ndarray) -> None:
        """Takes a pose (V, C), NaN where a joint is missing, at a position that lies after the last one."""
        if self._frames is None:
            self._frames = np.full((self.num_frames, *pose.shape), np.nan, dtype=np.float32)
        end = int(np.floor(position))
        gap = position - self.last_position
        if self._last_pose is not None and gap <= self.max_gap:
            first = max(int(np.floor(self.last_position)) + 1, end + 1 - self.num_frames)
            numbers = np.arange(first, end + 1)
            self._write(numbers, interpolate(self._last_pose, pose, (numbers - self.last_position) / gap))
        elif end == position:
            self._write(np.array([end]), pose[None])
        self.last_position, self._last_pose = position, pose

    def _write(self, numbers: np.ndarray, frames: np.ndarray) -> None:
        if len(numbers):
            rows = numbers % self.num_frames
            self._frames[rows] = frames
            self._numbers[rows] = numbers
            self.newest = int(numbers[-1])

    def window(self, end: int) -> np.ndarray:
        """(T, V, C) frames up to and with `end`, T at most N, from the first in which the person was seen; NaN else.

        T is 0 if none of them was seen.
        """
        numbers = np.arange(end + 1 - self.num_frames, end + 1)
        is_held = self._numbers[numbers % self.num_frames] == numbers
        if not is_held.any():
            return np.zeros((0, 0, 0), dtype=np.float32)
        start = int(is_held.argmax())
        frames = self._frames[numbers[start:] % self.num_frames]
        frames[~is_held[start:]] = np.nan
        return frames


def interpolate(first: np.ndarray, last: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """(n, V, C) poses between two poses (V, C); where one of the two misses a joint, the nearer one decides.

    The same rule as that of the feature extractor.
    """
    shares = shares.astype(np.float32)[:, None, None]
    between = first + (last - first) * shares
    is_one_missing = np.isnan(between)
    return np.where(is_one_missing, np.where(shares < 0.5, first, last), between) if is_one_missing.any() else between


__all__ = ["MotionBuffer", "interpolate"]
