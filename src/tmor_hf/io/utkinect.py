# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""UTKinect-Action3D: recordings (``joints_s01_e01.txt``, Kinect v1) and the file of labels (``actionLabel.txt``).

A line of a recording is a frame number and x, y, z of 20 joints in metres, y up. Numbers count at 30 hertz; they are
sparse and uneven, and some stand twice.

Axes: T frames, V joints.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

import numpy as np

from ..processing.skeletons import Skeletons
from .files import PoseFile, check_size, naming, read_error, read_text
from .number_lines import parse_lines, split_lines, whole_number
from .resampling import resample_irregular

_NUM_JOINTS = 20
_NUM_COLUMNS = 1 + _NUM_JOINTS * 3
_TICKS = 30.0  # frame numbers count at this rate, in hertz
_RECORDING = re.compile(r"s\d+_e\d+")
_SEGMENT = re.compile(r"(\w+)\s*:\s*(\S+)\s+(\S+)")


class UTKinectSegment(NamedTuple):
    """An action within a recording, from the frame number `start` to `end`, both included."""

    label: str
    start: int
    end: int


class UTKinectFrames(NamedTuple):
    """A recording as it stands in the file: frame `numbers` (T,) int64, rising, and `keypoints` (T, 20, 3) float32."""

    numbers: np.ndarray
    keypoints: np.ndarray


def is_utkinect(file: PoseFile) -> bool:
    """Whether the first line is a frame number and the numbers of 20 joints."""
    words = file.text[: 400 * _NUM_COLUMNS].partition("\n")[0].split()
    return len(words) == _NUM_COLUMNS and whole_number(words[0]) is not None and "." in words[1]


def read_utkinect(path: str | os.PathLike, *, resample_fps: float | None = None) -> Skeletons:
    """Reads a recording.

    Args:
        path: The file.
        resample_fps: Interpolates to this frame rate by frame numbers; joints in gaps of more than a second are
            missing. By default the frames come as they are, unevenly spaced, and `fps` is not known.

    Returns:
        A clip in layout ``kinect20``; of a frame number that stands twice, the first line counts.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or frame numbers fall; the file and the line are named.
    """
    numbers, keypoints = read_utkinect_frames(path)
    with naming(path):
        if resample_fps is not None:
            keypoints = resample_irregular(keypoints, numbers / _TICKS, resample_fps)
        return Skeletons(keypoints, fps=resample_fps, layout="kinect20")


def read_utkinect_frames(path: str | os.PathLike) -> UTKinectFrames:
    """Reads a recording with its frame numbers, which the labels refer to.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or frame numbers fall; the file and the line are named.
    """
    lines = split_lines(path, read_text(path))
    if not lines:
        raise read_error(path, "expected frames, got an empty file")
    check_size(path, (len(lines), 1, _NUM_JOINTS, 3))
    table = parse_lines(path, lines, _NUM_COLUMNS, lambda index: index + 1)
    numbers = table[:, 0]
    is_good = (numbers >= 0) & (numbers < 2**53) & (numbers == np.floor(numbers))
    is_good[1:] &= numbers[1:] >= numbers[:-1]
    if not is_good.all():
        at = int(np.flatnonzero(~is_good)[0])
        raise read_error(path, f"expected a frame number not below the last, got {numbers[at]:g}", at + 1)
    is_first = np.append(True, numbers[1:] > numbers[:-1])
    with np.errstate(over="ignore"):
        keypoints = table[is_first, 1:].astype(np.float32).reshape(-1, _NUM_JOINTS, 3)
    return UTKinectFrames(numbers[is_first].astype(np.int64), keypoints)


def read_utkinect_labels(path: str | os.PathLike) -> dict[str, tuple[UTKinectSegment, ...]]:
    """Reads the file of labels: recording (``"s01_e01"``) -> its actions, in the file's order.

    Actions without frames (``NaN NaN`` in the official file, where one actor left one out) are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line is neither a recording nor an action with its first and last frame.
    """
    recordings: dict[str, list[UTKinectSegment]] = {}
    current: list[UTKinectSegment] | None = None
    for number, line in enumerate(split_lines(path, read_text(path)), 1):
        line = line.strip()
        if not line:
            continue
        if _RECORDING.fullmatch(line):
            if line in recordings:
                raise read_error(path, f"expected each recording once, got {line} again", number)
            current = recordings[line] = []
            continue
        match = _SEGMENT.fullmatch(line)
        if match is None or current is None:
            expected = "a recording such as 's01_e01'" if current is None else "'action: first last'"
            raise read_error(path, f"expected {expected}, got {line[:60]!r}", number)
        if "nan" not in (match[2].lower(), match[3].lower()):
            start, end = whole_number(match[2]), whole_number(match[3])
            if start is None or end is None or end < start:
                raise read_error(path, f"expected the first and the last frame, got {line[:60]!r}", number)
            current.append(UTKinectSegment(match[1], start, end))
    if not recordings:
        raise read_error(path, "expected recordings with their actions, got a file without any")
    return {name: tuple(segments) for name, segments in recordings.items()}


def describe_utkinect_labels(path: str | os.PathLike) -> str:
    """What the file of labels holds, in a line.

    Raises:
        FileNotFoundError, ValueError: As `read_utkinect_labels`.
    """
    recordings = read_utkinect_labels(path).values()
    segments = [segment for recording in recordings for segment in recording]
    actions = len({segment.label for segment in segments})
    return (
        f"labels of UTKinect-Action3D: {len(recordings)} recordings, {len(segments)} segments of {actions} actions; "
        "the poses are in joints_*.txt"
    )


__all__ = [
    "UTKinectFrames",
    "UTKinectSegment",
    "describe_utkinect_labels",
    "is_utkinect",
    "read_utkinect",
    "read_utkinect_frames",
    "read_utkinect_labels",
]
