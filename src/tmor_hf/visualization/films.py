# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`animate_clip`: a clip as a GIF or MP4.

Axes: T frames of the clip.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ..processing.skeletons import Skeletons
from .drawing import TEXT_COLOUR, Panel, new_figure, outlined
from .pictures import as_clip, time_of
from .scene import View, make_scene
from .video import Video, need, resized, write_gif, write_mp4

_DPI = 100
_SIZE = 480
_UNKNOWN_FPS = 30.0  # of clips that do not know theirs
_FASTEST_GIF = 50.0  # viewers slow frames down that last less than 20 ms
_SUFFIXES = (".gif", ".mp4")
_DRAWN_COLOURS, _FILMED_COLOURS = 64, 255  # of a GIF
_SAMPLES = 6  # frames that a GIF takes its colours from


def animate_clip(
    skeletons: Skeletons,
    path: str | Path,
    fps: float | None = None,
    *,
    size: int | None = None,
    title: str | None = None,
    caption: str | None = None,
    video: np.ndarray | str | Path | None = None,
    video_start: float = 0.0,
    view: View = View(),  # noqa: B008 - frozen
    progress: bool = False,
) -> Path:
    """Writes a clip as a film.

    Args:
        skeletons: The clip, of any layout.
        path: Path that ends in ``.gif`` or ``.mp4``. A file of this name is replaced when the film is complete.
        fps: Frames of the clip per second of film; by default the clip's own, or 30 where it is not known. A GIF
            leaves out frames above 50 and keeps the pace.
        size: Pixels of the drawing's longer side: by default 480, and as many as the video has where there is one.
        title: Words above.
        caption: Words below.
        video: Images to draw on, for 2D clips: (F, height, width, 3) uint8, evenly spread over the clip, or the path
            of a video file.
        video_start: Time in the video file at which the clip starts, in seconds.
        view: The camera, for 3D clips.
        progress: Show a progress bar.

    Returns:
        The path.

    Raises:
        ValueError: If the path ends in something else, or `fps`, `size` or the video do not fit.
        ImportError: If the extra `viz` is not installed.
    """
    clip, path = as_clip(skeletons), Path(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(f"expected a path that ends in {' or '.join(_SUFFIXES)}, got {path}")
    rate = _rate(clip, fps)
    if size is not None and not 16 <= size <= 8192:
        raise ValueError(f"expected a size of 16 to 8192 pixels, got {size}")
    need("matplotlib", "PIL" if suffix == ".gif" else "av")
    step = int(np.ceil(rate / _FASTEST_GIF)) if suffix == ".gif" else 1
    frames = np.arange(0, clip.num_frames, step)
    source = None if video is None else Video(video, clip, video_start)
    film = _Film(clip, source, view, size, title, caption)
    partial = path.with_name(f".{path.name}.part")
    try:
        images = tqdm(film.images(frames), path.name, len(frames), leave=False, disable=not progress, unit="frame")
        if suffix == ".gif":
            colours = _DRAWN_COLOURS if video is None else _FILMED_COLOURS
            write_gif(partial, images, film.sample(frames), len(frames), rate / step, colours)
        else:
            write_mp4(partial, images, rate)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _rate(clip: Skeletons, fps: float | None) -> float:
    rate = float(clip.fps or _UNKNOWN_FPS) if fps is None else float(fps)
    if not 0.01 <= rate <= 10_000:
        raise ValueError(f"expected fps of 0.01 to 10000, got {rate}")
    return rate


class _Film:
    """Draws the frames of a clip, one after the other, with the same artists."""

    def __init__(
        self,
        clip: Skeletons,
        video: Video | None,
        view: View,
        size: int | None,
        title: str | None,
        caption: str | None,
    ) -> None:
        self._clip, self._video = clip, video
        scene = make_scene(clip, view, None if video is None else video.size, may_follow=False)
        longer = max(video.size) if size is None and video is not None else size or _SIZE
        height = longer / max(scene.aspect, 1.0) / _DPI
        self._figure, (axes,) = new_figure(scene, height, 1, title, caption, is_film=True)
        self._figure.set_dpi(_DPI)
        self._panel = Panel(axes, scene, height)
        self._label = axes.text(0.99, 0.985, "", transform=axes.transAxes, ha="right", va="top", fontsize=8)
        self._label.set(color=TEXT_COLOUR, path_effects=outlined("white" if scene.has_video else None))
        self._place = axes.get_window_extent()

    def images(self, frames: np.ndarray) -> Iterator[np.ndarray]:
        """(height, width, 3) uint8 of each of these frames, which must rise."""
        images = [None] * len(frames) if self._video is None else self._video.images(frames)
        for frame, image in zip(frames, images, strict=True):
            self._panel.show(frame)
            self._label.set_text(time_of(self._clip, frame))
            self._figure.canvas.draw()
            drawn = np.asarray(self._figure.canvas.buffer_rgba())
            yield drawn[..., :3].copy() if image is None else self._on(image, drawn)

    def _on(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """A drawing (height, width, 4) on an image; matplotlib's own way there is several times slower."""
        width, height = round(self._place.width), round(self._place.height)
        left, top = round(self._place.x0), drawn.shape[0] - round(self._place.y1)
        paper = np.full((*drawn.shape[:2], 3), 255, dtype=np.uint8)
        paper[top : top + height, left : left + width] = resized(image, height, width)
        is_drawn = drawn[..., 3] > 0
        ink = drawn[is_drawn].astype(np.uint16)
        opacity = ink[:, 3:]
        paper[is_drawn] = (ink[:, :3] * opacity + paper[is_drawn] * (255 - opacity) + 127) // 255
        return paper

    def sample(self, frames: np.ndarray) -> np.ndarray:
        """Some frames side by side, for the choice of colours."""
        chosen = frames[np.unique(np.linspace(0, len(frames) - 1, _SAMPLES).round().astype(int))]
        return np.concatenate(list(self.images(chosen)), axis=1)


__all__ = ["animate_clip"]
