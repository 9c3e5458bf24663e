# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Ultralytics (YOLO pose): ``Results.to_json()`` and ``.to_csv()``, and label files as ``save_txt`` writes them.

- JSON: a list of detections (``name, class, confidence, box, keypoints: {x, y, visible}`` and, when tracking,
  ``track_id``) is one image; a list of such lists, or of such JSON texts, is a frame each. Detections with a key
  ``frame`` say their frame themselves.
- CSV: the same columns, with a column ``frame`` for more than one image.
- Labels: a folder with a text file for each frame (or one such file), each line ``class x y width height``, then
  ``x y`` or ``x y visible`` of each joint, all relative to the image, then perhaps the confidence and the track id.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout, get_layout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_count, as_id, as_rows, read_error, read_json, read_text
from .formats import choose_clip
from .rows import PoseRows, body_layout, check_density, frame_number, is_relative, to_pixels
from .tables import FRAME_COLUMNS, PERSON_COLUMNS, header_of, read_table

_BOX = 5  # class and box before the joints of a label


def is_ultralytics_json(file: PoseFile) -> bool:
    """Whether it is a list of detections whose keypoints are an object of x and y, or a list of such lists."""
    if not file.looks_like_json or not isinstance(file.json, list):
        return False
    for entry in file.json:
        if isinstance(entry, str):
            return entry.lstrip()[:1] == "[" and '"keypoints"' in entry if entry.strip() != "[]" else False
        first = entry[0] if isinstance(entry, list) and entry else entry
        if isinstance(first, dict):
            keypoints = first.get("keypoints")
            return isinstance(keypoints, dict) and {"x", "y"} <= set(keypoints)
    return False


def is_ultralytics_csv(file: PoseFile) -> bool:
    """Whether it is a table with columns name, class, confidence, box and keypoints."""
    return {"name", "class", "confidence", "keypoints"} <= set(header_of(file))


def is_yolo_labels(file: PoseFile) -> bool:
    """Whether it is a text file of pose labels for 17 joints, or a folder of them."""
    if not file.is_folder:
        return file.suffix == ".txt" and _is_label(next((line for line in file.lines if line.strip()), ""))
    with os.scandir(file) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".txt"))
    for name in names[:20]:
        child = PoseFile(file.path / name)
        if child.path.is_file() and child.head.strip():
            return is_yolo_labels(child)
    return False


def _is_label(line: str) -> bool:
    words = line.split()
    if len(words) - _BOX not in (34, 35, 36, 51, 52, 53):
        return False
    try:
        return float(words[0]).is_integer() and all(0 <= float(word) <= 1.001 for word in words[1:_BOX])
    except ValueError:
        return False


def read_ultralytics_json(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    image_size: tuple[int, int] | None = None,
) -> Skeletons:
    """Reads exported results of one video or image.

    Args:
        path: The file.
        layout: The layout; by default COCO's for 17 joints.
        image_size: (height, width); relative positions then become pixels.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged; the detection is named.
    """
    data = read_json(path)
    if not isinstance(data, list):
        raise read_error(path, "expected a list of detections or of frames, got something else")
    is_frames = any(isinstance(entry, list | str) for entry in data)
    frames = data if is_frames else [data]
    rows = PoseRows(path)
    for number, frame in enumerate(frames):
        for index, entry in enumerate(_detections(path, frame, number)):
            place = f"frame {number}, detection {index}"
            if not isinstance(entry, dict):
                raise read_error(path, "expected an object, got something else", place)
            key = next((key for key in FRAME_COLUMNS if key in entry), None)
            own = number if key is None else as_count(path, entry[key], f"{place}: {key}")
            if "keypoints" in entry:
                rows.add(own, as_id(path, entry.get("track_id"), f"{place}: track_id"), entry["keypoints"])
    first, count = (0, len(frames)) if is_frames else (None, None)
    if any(
        isinstance(entry, dict) and not set(FRAME_COLUMNS).isdisjoint(entry) for entry in chain(*map(_listed, frames))
    ):
        first, count = None, None
    return _clip(rows, layout, image_size, first, count)


def read_ultralytics_csv(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    image_size: tuple[int, int] | None = None,
) -> Skeletons:
    """Reads an exported table of results; arguments and errors as `read_ultralytics_json`."""
    table = read_table(path)
    column = table.find(("keypoints",))
    if column is None:
        raise read_error(path, f"expected a column 'keypoints', got {', '.join(table.header[:8])}", "header")
    frames = table.counts(table.find(FRAME_COLUMNS), 0)
    person_column = table.find(PERSON_COLUMNS)
    rows = PoseRows(path)
    for index, row in enumerate(table.rows):
        cell = row[column].strip()
        if not cell:
            continue
        try:  # a Python dict, whose quotes are the only difference
            keypoints = json.loads(cell.replace("'", '"').replace("nan", "NaN"))
        except (ValueError, RecursionError) as error:
            raise read_error(path, f"expected x, y and visible in {cell[:40]!r}", table.line(index)) from error
        person = -1
        if person_column is not None and row[person_column].strip():
            person = _whole(path, row[person_column], table.line(index))
        rows.add(int(frames[index]), person, keypoints)
    return _clip(rows, layout, image_size)


def _whole(path: str | os.PathLike, cell: str, line: int) -> int:
    try:
        return as_id(path, float(cell), line)
    except ValueError as error:
        raise read_error(path, f"expected a whole number as track id, got {cell[:40]!r}", line) from error


def _listed(frame: Any) -> list[Any]:
    return frame if isinstance(frame, list) else []


def _detections(path: str | os.PathLike, frame: Any, number: int) -> list[Any]:
    """The detections of a frame, which may be JSON in a JSON text: `json.dump([r.to_json() for r in results])`."""
    if isinstance(frame, str):
        try:
            frame = json.loads(frame)
        except (ValueError, RecursionError) as error:
            raise read_error(path, "expected a list of detections as JSON text", f"frame {number}") from error
    if not isinstance(frame, list):
        raise read_error(path, "expected a list of detections, got something else", f"frame {number}")
    return frame


def _clip(
    rows: PoseRows,
    layout: str | JointLayout | None,
    image_size: tuple[int, int] | None,
    first: int | None = None,
    count: int | None = None,
) -> Skeletons:
    keys = ("x", "y", "visible")
    for index, keypoints in enumerate(rows.values):
        if not isinstance(keypoints, dict) or not {"x", "y"} <= set(keypoints):
            raise read_error(rows.path, "expected keypoints with x and y", f"detection {index}")
    has_scores = bool(rows.values) and all("visible" in keypoints for keypoints in rows.values)
    columns: list[np.ndarray] = []
    for key in keys if has_scores else keys[:2]:
        length = columns[0].shape[1] if columns else None
        lists = [keypoints[key] for keypoints in rows.values]
        columns.append(
            as_rows(
                rows.path, lists, lambda index, key=key: f"frame {rows.frames[index]}, pose {index}: {key}", length
            )
        )
    joints = np.stack(columns[:2], axis=-1)
    layout, kept = body_layout(rows.path, joints.shape[1], layout)
    joints = joints[:, kept]
    joints, image_size = to_pixels(joints, image_size, is_relative(joints))
    scores = columns[2][:, kept] if has_scores else None
    check_density(rows.path, rows.frames, "frame numbers", "number the frames of one clip")
    return rows.clip(joints, scores, layout, first, count, image_size=image_size)


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
    for name in sorted(os.listdir(path)):
        if not name.endswith(".txt") or name == "classes.txt":
            continue
        numbered = frame_number(name)
        prefix = "" if numbered is None else numbered[0].removeprefix("./").rstrip("_-. ")
        members = clips.setdefault(prefix, [])
        members.append((len(members) if numbered is None else numbered[1], Path(path, name)))
    if not clips:
        raise read_error(path, "expected label files that end in .txt, got a folder without any")
    for name, files in clips.items():
        check_density(path, [frame for frame, _ in files], "file numbers", "name the files by frame number")
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
            rest = len(values) - _BOX
            fits = [size for size in (stride,) if size] or [
                size for size in (3, 2) if 0 <= rest - size * num_joints <= 2
            ]
            if not fits or not 0 <= rest - fits[0] * num_joints <= 2:
                expected = " or ".join(str(_BOX + size * num_joints) for size in ((stride,) if stride else (3, 2)))
                raise read_error(
                    path, f"expected {expected} numbers (and at most 2 more), got {len(values)}; pass layout=", line
                )
            stride = fits[0]
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


__all__ = [
    "is_ultralytics_csv",
    "is_ultralytics_json",
    "is_yolo_labels",
    "iter_yolo_labels",
    "read_ultralytics_csv",
    "read_ultralytics_json",
    "read_yolo_labels",
]
