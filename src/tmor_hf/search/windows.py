# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Recordings cut into overlapping windows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from ..processing.skeletons import Skeletons

_ASSUMED_FPS = 30.0  # for the length of windows where the frame rate is not known


class Window(NamedTuple):
    """A stretch of a clip, from `start` to `end` in `unit` ("seconds", or "frames" without a frame rate)."""

    skeletons: Skeletons
    start: float
    end: float
    unit: str


def check_windows(window_seconds: float, stride_seconds: float) -> None:
    """Refuses windows that leave gaps or have no end.

    Raises:
        ValueError: If the stride is not above 0 or longer than the window, or the window is not finite.
    """
    if not 0 < stride_seconds <= window_seconds < math.inf:
        raise ValueError(
            "expected a stride above 0, no longer than a window of finite length, got "
            f"{stride_seconds} and {window_seconds} s"
        )


def cut_windows(clip: Skeletons, window_seconds: float, stride_seconds: float) -> Iterator[Window]:
    """The windows of a clip in which a joint is visible; the whole of a clip that is no longer than one.

    The last window ends with the clip. Without a frame rate, 30 frames count as a second.

    Raises:
        ValueError: As `check_windows`.
    """
    check_windows(window_seconds, stride_seconds)
    fps = clip.fps or _ASSUMED_FPS
    sizes = window_seconds * fps, stride_seconds * fps
    length, stride = (max(round(min(size, clip.num_frames)), 1) for size in sizes)
    last = clip.num_frames - length
    is_seen = clip.to_layout().valid.any(axis=(1, 2))
    scale, unit = (1.0, "frames") if clip.fps is None else (clip.fps, "seconds")
    for start in [*range(0, last, stride), last]:
        end = start + length
        if is_seen[start:end].any():
            yield Window(clip.select_frames(slice(start, end)), start / scale, end / scale, unit)


__all__ = ["Window", "check_windows", "cut_windows"]
