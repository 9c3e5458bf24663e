# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""YOLO pose labels, as Ultralytics' ``save_txt`` writes them and as its data sets hold them.

A folder with a text file for each frame (or one such file). Each line is ``class x y width height``, then ``x y`` or
``x y visible`` of each joint, all relative to the image, then perhaps the confidence and the track id. Numbers in file
names are frame numbers; a frame without people has no file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..processing.joint_layouts import JointLayout, get_layout
from ..processing.skeletons import Skeletons
from .files import PoseFile, read_error, read_text
from .formats import choose_clip
from .rows import PoseRows, frame_number, to_pixels

_BOX = 5  # class and box before the joints


def is_yolo_labels(file: PoseFile) -> bool:
    """Whether it is a text file of pose labels for 17 joints, or a folder of them."""
    if not file.is_folder:
        return file.suffix == ".txt" and _is_label(next((line for line in file.lines if line.strip()), ""))
    for name in _label_files(file)[:20]:
        child = PoseFile(file.path / name)
        if child.path.is_file() and child.head.strip():
            return is_yolo_labels(child)
    return False


def _label_files(folder: str | os.PathLike) -> list[str]:
    """Names of the label files; the list of classes is none."""
    return sorted(name for name in os.listdir(folder) if name.endswith(".txt") and name != "classes.txt")


def _is_label(line: str) -> bool:
    words = line.split()
    if len(words) - _BOX not in (34, 35, 36, 51, 52, 53):
        return False
    try:
        return float(words[0]).is_integer() and all(0 <= float(word) <= 1.001 for word in words[1:_BOX])
    except ValueError:
        return False


def read_yolo_labels(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    image_size: tuple[int, int] | None = None,
    clip: str | int | None = None,
) -> Skeletons:
    """Reads the label files of one video, or the label file of one image.

    Args:
        path: The folder, or the file.
        layout: The layout; by default COCO's.
        image_size: (height, width); positions then become pixels.
        clip: The common part of the file names, if the folder holds several clips.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a file is damaged, or the folder holds several clips; file and line are named.
    """
    return choose_clip(path, iter_yolo_labels(path, layout=layout, image_size=image_size), clip)


def iter_yolo_labels(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    image_size: tuple[int, int] | None = None,
) -> Iterator[tuple[str, Skeletons]]:
    """Yields the clips of a folder: files whose names agree but for the frame number make one clip.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_yolo_labels`.
    """
    if not Path(path).is_dir():
        yield Path(path).stem, _read_labels([(0, Path(path))], path, layout, image_size)
        return
    clips: dict[str, list[tuple[int, Path]]] = {}
    for name in _label_files(path):
        numbered = frame_number(name)
        prefix = "" if numbered is None else numbered[0].removeprefix("./").rstrip("_-. ")
        members = clips.setdefault(prefix, [])
        members.append((len(members) if numbered is None else numbered[1], Path(path, name)))
    if not clips:
        raise read_error(path, "expected label files that end in .txt, got a folder without any")
    for name, files in clips.items():
        yield name or Path(path).name, _read_labels(files, path, layout, image_size)


def _read_labels(
    files: list[tuple[int, Path]],
    source: str | os.PathLike,
    layout: str | JointLayout | None,
    image_size: tuple[int, int] | None,
) -> Skeletons:
    layout = layout if layout is not None else "coco17"
    num_joints = get_layout(layout).num_joints
    rows, stride, extras = PoseRows(source), 0, []
    for frame, path in files:
        for line, text in enumerate(read_text(path).splitlines(), start=1):
            if not text.strip():
                continue
            values = _label(path, line, text)
            stride = _stride(path, line, len(values) - _BOX, num_joints, stride)
            rows.add(frame, -1, values[_BOX : _BOX + stride * num_joints])
            extras.append(values[_BOX + stride * num_joints :])
    rows.ids = _track_ids(extras)
    joints = rows.array(stride=stride or 3)
    scores = joints[..., 2] if joints.shape[-1] == 3 else None
    if scores is not None and np.isin(scores, (0, 1, 2)).all():  # labels for training: 1 is hidden, 2 visible
        scores = scores / max(scores.max(initial=1), 1)
    positions, image_size = to_pixels(joints[..., :2], image_size, bool(len(joints)))
    numbers = [frame for frame, _ in files]
    first = min(numbers)
    return rows.clip(positions, scores, layout, first, max(numbers) - first + 1, image_size=image_size)


def _stride(path: Path, line: int, count: int, num_joints: int, known: int) -> int:
    """Numbers for each joint, 3 or 2, out of those behind the box; `known` is that of earlier lines, or 0."""
    possible = (known,) if known else (3, 2)
    for stride in possible:
        if 0 <= count - stride * num_joints <= 2:
            return stride
    expected = " or ".join(str(_BOX + stride * num_joints) for stride in possible)
    raise read_error(path, f"expected {expected} numbers (and at most 2 more), got {_BOX + count}; pass layout=", line)


def _label(path: Path, line: int, text: str) -> list[float]:
    try:
        values = [float(word) for word in text.split()]
    except ValueError as error:
        raise read_error(path, f"expected numbers, got {text[:40]!r}", line) from error
    if "_" in text or not values[0].is_integer():
        raise read_error(path, f"expected a class and numbers, got {text[:40]!r}", line)
    return values


def _track_ids(extras: list[list[float]]) -> list[int]:
    """Track ids out of what follows the joints: confidence and id, or one of the two, whichever all lines can be."""
    single = [extra[0] for extra in extras if len(extra) == 1]
    is_id = all(value.is_integer() and value >= 0 for value in single)
    found = [extra[-1] if len(extra) == 2 or (extra and is_id) else -1.0 for extra in extras]
    return [int(value) if value.is_integer() and 0 <= value < 2**53 else -1 for value in found]


__all__ = ["is_yolo_labels", "iter_yolo_labels", "read_yolo_labels"]
