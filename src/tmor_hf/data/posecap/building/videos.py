# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Video files, and the frames in them: upright, at an even pace, with their times, and never more than two in memory.

Axes: H, W pixels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....io.files import read_text

SUFFIXES = frozenset({".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm", ".wmv"})
_THUMBNAIL = {"width": 32, "height": 18}
_RATES = (1.0, 300.0)  # what a video may claim as its frame rate; other claims are not believed
_LONGEST_HOLD = 0.5  # seconds for which a picture stands in for moments that have none of their own


class VideoError(ValueError):
    """A video that cannot be read; it is reported and skipped."""


@dataclass(frozen=True)
class VideoFile:
    """A video as the build knows it.

    Args:
        name: Its path within the input, with ``/``; unique in a build.
        path: Where the file lies.
        size: Bytes.
        mtime_ns: Time of the last change. Name, size and time together identify the content.
    """

    name: str
    path: str
    size: int
    mtime_ns: int


def find_videos(source: str | Path) -> list[VideoFile]:
    """The videos of a folder (and its folders), of a list, or a single one; in the order of their names.

    Args:
        source: A folder, a video, or a ``.txt`` file with a path in each line, relative to that file.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: If there is no video in it, or two have the same name.
    """
    source = Path(source)
    if source.is_dir():
        found = {path.relative_to(source).as_posix(): path for path in source.rglob("*") if _is_video(path)}
    elif source.suffix == ".txt":
        found = _read_list(source)
    else:
        found = {source.name: source}
    if not found:
        raise ValueError(f"{source}: expected videos ({', '.join(sorted(SUFFIXES))}), found none")
    return [_describe(name, found[name]) for name in sorted(found)]


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")


def _read_list(path: Path) -> dict[str, Path]:
    lines = [line.strip() for line in read_text(path).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    paths = [Path(os.path.normpath(path.parent / line)) for line in lines]
    if not paths:
        return {}
    # Names must not depend on where the list lies, nor say more of the file system than they need to.
    base = Path(os.path.commonpath([found.parent for found in paths]))
    found = {entry.relative_to(base).as_posix(): entry for entry in paths}
    if len(found) < len(paths):
        raise ValueError(f"{path}: expected each video once, got {len(paths) - len(found)} of them again")
    return found


def _describe(name: str, path: Path) -> VideoFile:
    status = path.stat()
    return VideoFile(name, str(path.resolve()), status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class Frame:
    """One frame.

    Args:
        time: Seconds since the video's first moment.
        image: (H, W, 3) uint8 RGB, upright.
        thumbnail: (18, 32) uint8 brightness, as it is stored (not turned), to tell scenes apart.
    """

    time: float
    image: np.ndarray
    thumbnail: np.ndarray


def frame_rate(own_rate: float | None, wanted: float) -> float:
    """The rate at which a video is looked at: its own, divided by a whole number so that frames stay evenly spaced."""
    if own_rate is None or not _RATES[0] <= own_rate <= _RATES[1]:
        return wanted
    return own_rate / max(1, round(own_rate / wanted))


class VideoReader:
    """Reads the frames of one video.

    Frames come one by one; a later one is decoded when it is asked for.

    Args:
        path: The file.
        fps: Frames per second to come near to, see `frame_rate`.
        max_side: Longest side in pixels; larger frames are scaled down.
        threads: Threads of the decoder.

    Attributes:
        rate: Frames per second that `frames` gives.

    Raises:
        VideoError: If the file is no video that can be opened.
        ImportError: If PyAV is not installed.
    """

    def __init__(self, path: str | Path, fps: float, max_side: int = 1280, threads: int = 1):
        self._av = require_av()
        self.path, self.max_side = str(path), max_side
        try:
            self._container = self._av.open(self.path)
        except (self._av.error.FFmpegError, ValueError, OSError) as error:
            raise self._error(error) from error
        if not self._container.streams.video:
            self._container.close()
            raise VideoError(f"{self.path}: expected a video, got a file without pictures")
        self._stream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = threads
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.rate = frame_rate(None if rate is None else float(rate), fps)

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(self, *exception: object) -> None:
        self._container.close()

    def frames(self, start: float = 0.0, end: float = float("inf")) -> Iterator[Frame]:
        """The frames nearest to the moments k / `rate`, each once, from about `start` to about `end` seconds.

        With a varying frame rate some moments have no frame of their own: then frames are fewer, and their times say
        where they belong.

        Raises:
            VideoError: If the video is damaged on the way.
        """
        moment = max(int(np.ceil(start * self.rate - 1e-3)), 0)
        previous: tuple[float, Any] | None = None
        for current in self._decode(start):
            if previous is not None:
                moment, hits = self._advance(moment, previous[0], (previous[0] + current[0]) / 2)
                if hits and previous[0] <= end + 1e-6:
                    yield self._convert(*previous)
            previous = current
            if current[0] > end + 1.0 / self.rate:
                return
        if previous is not None and previous[0] <= end + 1e-6:
            _, hits = self._advance(moment, previous[0], previous[0] + 1e-3)
            if hits:
                yield self._convert(*previous)

    def _advance(self, moment: int, time: float, until: float) -> tuple[int, bool]:
        """Next moment after `until`, and whether one before it is near enough to the frame at `time`."""
        following = max(int(np.ceil(until * self.rate - 1e-6)), moment)
        nearest = np.clip(np.round(time * self.rate), moment, max(following - 1, moment)) / self.rate
        return following, following > moment and abs(nearest - time) <= _LONGEST_HOLD

    def _decode(self, start: float) -> Iterator[tuple[float, Any]]:
        """Decoded frames with their times, rising, from the key frame before `start` on."""
        stream = self._stream
        base, first = stream.time_base, stream.start_time or 0
        try:
            if start > 0:
                margin = max(start - 1.0 / self.rate, 0.0)
                self._container.seek(first + int(margin / base), stream=stream)
            latest = -np.inf
            for count, frame in enumerate(self._container.decode(stream)):
                time = count / self.rate if frame.pts is None else float((frame.pts - first) * base)
                if time > latest:
                    latest = time
                    yield time, frame
        except (self._av.error.FFmpegError, ValueError, OSError) as error:
            raise self._error(error) from error

    def _convert(self, time: float, frame: Any) -> Frame:
        width, height = self._size(frame)
        try:
            image = frame.to_ndarray(format="rgb24", width=width, height=height)
            thumbnail = frame.reformat(format="gray", **_THUMBNAIL).to_ndarray()
        except (self._av.error.FFmpegError, ValueError, OSError) as error:
            raise self._error(error) from error
        turns = round(frame.rotation / 90) % 4
        return Frame(max(time, 0.0), np.ascontiguousarray(np.rot90(image, turns)) if turns else image, thumbnail)

    def _size(self, frame: Any) -> tuple[int, int]:
        """Width and height with square pixels and within `max_side`."""
        aspect = float(self._stream.sample_aspect_ratio or 1) or 1.0
        width, height = frame.width * aspect, float(frame.height)
        scale = min(1.0, self.max_side / max(width, height))
        return max(round(width * scale), 1), max(round(height * scale), 1)

    def _error(self, error: Exception) -> VideoError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return VideoError(f"{self.path}: expected a readable video, got an error: {reason}")


def require_av() -> Any:
    """The module av.

    Raises:
        ImportError: If it is not installed, with what to do.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError("building PoseCap needs PyAV: pip install tmor_hf[build]") from error
    return av


__all__ = ["SUFFIXES", "Frame", "VideoError", "VideoFile", "VideoReader", "find_videos", "frame_rate", "require_av"]
