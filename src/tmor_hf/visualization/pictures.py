# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`plot_clip`: key frames of a clip in a row.

Axes: T frames, M people, V joints, C coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..processing.skeletons import Skeletons
from .drawing import TEXT_COLOUR, Panel, new_figure
from .scene import View, make_scene
from .video import Video, need

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STILL_SHARE = 0.1  # of even pace that key frames by motion keep where nothing moves


def plot_clip(
    skeletons: Skeletons,
    num_frames: int = 8,
    *,
    frames: str | Sequence[int] = "even",
    title: str | None = None,
    caption: str | None = None,
    video: np.ndarray | str | Path | None = None,
    video_start: float = 0.0,
    view: View = View(),  # noqa: B008 - frozen
    height: float = 2.2,
) -> Figure:
    """Draws key frames of a clip in a row.

    Args:
        skeletons: The clip, of any layout.
        num_frames: Key frames; a shorter clip shows all that it has.
        frames: "even" spreads them evenly, "motion" puts them closer where more happens; or the frame numbers.
        title: Words above the row.
        caption: Words below the row.
        video: Images to draw on, for 2D clips: (F, height, width, 3) uint8, evenly spread over the clip, or the path
            of a video file.
        video_start: Time in the video file at which the clip starts, in seconds.
        view: The camera, for 3D clips.
        height: Height of a key frame in inches.

    Returns:
        A figure that is in no one's way: `figure.savefig(path)` writes it, `pyplot` does not know it.

    Raises:
        ValueError: If frames or video do not fit the clip.
        ImportError: If the extra `viz` is not installed.
    """
    need("matplotlib")
    clip = as_clip(skeletons)
    chosen = _key_frames(clip, num_frames, frames)
    source = None if video is None else Video(video, clip, video_start)
    scene = make_scene(clip, view, None if source is None else source.size, may_follow=True)
    figure, grid = new_figure(scene, height, len(chosen), title, caption)
    images = [None] * len(chosen) if source is None else source.images(chosen)
    for axes, frame, image in zip(grid, chosen, images, strict=True):
        Panel(axes, scene, height).show(frame, image)
        axes.set_title(time_of(clip, frame), fontsize=8, color=TEXT_COLOUR, y=-0.01, pad=0, va="top")
    return figure


def as_clip(skeletons: Any) -> Skeletons:
    """The clip itself.

    Raises:
        ValueError: If it is something else.
    """
    if not isinstance(skeletons, Skeletons):
        raise ValueError(
            f"expected Skeletons, got {type(skeletons).__name__}; make them: Skeletons(array, layout=...)"
        )
    return skeletons


def time_of(clip: Skeletons, frame: int) -> str:
    """When a frame is, in words."""
    return f"frame {frame}" if clip.fps is None else f"{frame / clip.fps:.2f} s"


def _key_frames(clip: Skeletons, num_frames: int, frames: str | Sequence[int]) -> np.ndarray:
    """Numbers of the frames to show, rising."""
    last = clip.num_frames - 1
    if not isinstance(frames, str):
        chosen = np.asarray(frames)
        if chosen.ndim != 1 or not chosen.size or chosen.dtype.kind not in "iu":
            raise ValueError(f"expected whole frame numbers, got {frames}")
        if not ((0 <= chosen) & (chosen <= last)).all():
            raise ValueError(f"expected frame numbers from 0 to {last}, got {frames}")
        return np.unique(chosen)
    if frames not in ("even", "motion"):
        raise ValueError(f"expected frames 'even', 'motion' or frame numbers, got {frames!r}")
    if num_frames < 1:
        raise ValueError(f"expected num_frames above 0, got {num_frames}")
    travelled = np.arange(last + 1.0) if frames == "even" else _travelled(clip)
    targets = np.linspace(0, travelled[-1], min(num_frames, last + 1))
    return np.unique(np.abs(travelled[:, None] - targets).argmin(axis=0))


def _travelled(clip: Skeletons) -> np.ndarray:
    """(T,) how far all joints went up to each frame, rising even where nothing moves."""
    valid = clip.valid
    steps = np.diff(np.where(valid[..., None], clip.keypoints, 0).astype(np.float64), axis=0)
    moved = (np.linalg.norm(steps, axis=-1) * (valid[1:] & valid[:-1])).sum(axis=(1, 2))
    pace = _STILL_SHARE * moved.mean() if moved.any() else 1.0
    return np.concatenate([[0.0], np.cumsum(moved + pace)])


__all__ = ["as_clip", "plot_clip", "time_of"]
