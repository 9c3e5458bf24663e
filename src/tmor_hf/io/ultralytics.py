# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Ultralytics (YOLO pose): ``Results.to_json()`` and ``.to_csv()``.

- JSON: a list of detections (``name, class, confidence, box, keypoints: {x, y, visible}`` and, when tracking,
  ``track_id``) is one image; a list of such lists, or of such JSON texts, is a frame each. Detections with a key
  ``frame`` say their frame themselves.
- CSV: the same columns, with a column ``frame`` for more than one image.
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_count, as_id, as_rows, read_error, read_json
from .rows import PoseRows, body_layout, is_relative, to_pixels
from .tables import FRAME_COLUMNS, PERSON_COLUMNS, header_of, read_table


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
    rows, is_numbered = PoseRows(path), not is_frames
    for number, frame in enumerate(frames):
        for index, entry in enumerate(_detections(path, frame, number)):
            place = f"frame {number}, detection {index}"
            if not isinstance(entry, dict):
                raise read_error(path, "expected an object, got something else", place)
            key = next((key for key in FRAME_COLUMNS if key in entry), None)
            is_numbered |= key is not None
            own = number if key is None else as_count(path, entry[key], f"{place}: {key}")
            if "keypoints" in entry:
                rows.add(own, as_id(path, entry.get("track_id"), f"{place}: track_id"), entry["keypoints"])
    first, count = (None, None) if is_numbered else (0, len(frames))
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
    return rows.clip(joints, scores, layout, first, count, image_size=image_size)


__all__ = ["is_ultralytics_csv", "is_ultralytics_json", "read_ultralytics_csv", "read_ultralytics_json"]
