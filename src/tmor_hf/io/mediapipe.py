# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""MediaPipe pose landmarks as people export them: JSON in the words of its results, and tables.

- JSON: a list of frames (or an object with a list ``frames``). A frame holds its landmarks under ``pose_landmarks``,
  ``landmarks``, ``pose_world_landmarks`` or ``worldLandmarks`` (or is the list of them), as a list of 33 objects with
  ``x, y, z, visibility``, or a list of such lists for several people, or null.
- Wide tables: a row for each frame (and person), columns ``x0, y0, z0, v0, ...``, ``0_x, ...`` or ``nose_x, ...``.
- Long tables: a row for each landmark, columns ``frame, landmark_id`` (or ``landmark``), ``x, y, z, visibility``.

World landmarks are 3D, in metres from the middle of the hips, y down. Image landmarks are relative to the image's
width and height; their z has another unit and no true scale, and is left out.

Axes: N poses, V = 33 joints, C coordinates.
"""

from __future__ import annotations

import os
import re
from operator import itemgetter
from typing import Any

import numpy as np

from ..processing.joint_layouts import get_layout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_count, check_size, is_number, naming, read_error, read_json
from .rows import PoseRows, is_relative, to_pixels
from .tables import FRAME_COLUMNS, PERSON_COLUMNS, Table, group_rows, header_of, read_table
from .tracking import track_rows
from .writing import CSV_MARK

_LAYOUT = "mediapipe33"
_JOINTS = get_layout(_LAYOUT).joints
_HIPS = (23, 24)
_WORLD_KEYS = ("pose_world_landmarks", "poseWorldLandmarks", "world_landmarks", "worldLandmarks")
_IMAGE_KEYS = ("pose_landmarks", "poseLandmarks", "landmarks", "keypoints")
_LIST_KEYS = ("frames", "results", "data", "poses")
_FRAME_KEYS = (*FRAME_COLUMNS, "frameIndex", "frameNumber")
_LANDMARK_COLUMNS = (
    "landmark_id",
    "landmark_idx",
    "landmark_index",
    "landmark",
    "landmark_name",
    "joint",
    "id",
    "name",
)
_PARTS = {"x": 0, "y": 1, "z": 2, "v": 3, "visibility": 3, "vis": 3}
_WIDE = re.compile(
    r"^(?:(?P<part>x|y|z|v|vis|visibility)_?(?P<number>\d{1,3})|"
    r"(?:landmark_?)?(?P<start>\d{1,3}|[a-z][a-z_ ]*?)[_.](?P<end>x|y|z|v|vis|visibility))$",
    re.ASCII,
)
_NEAR_HIPS = 0.02  # metres: so near is the origin of world landmarks to the middle of the hips


def is_mediapipe_json(file: PoseFile) -> bool:
    """Whether it is a list of frames with pose landmarks, or an object with such a list, or one frame."""
    if not file.looks_like_json:
        return False
    frames = _frames(file.json)
    return frames is not None and any(_looks_like_landmarks(frame) for frame in frames[:1000])


def is_mediapipe_csv(file: PoseFile) -> bool:
    """Whether it is a table with columns for 33 landmarks, or one with a landmark a row."""
    header = [] if file.text.startswith(CSV_MARK) else header_of(file)
    if {"x", "y"} <= set(header):
        return any(name in header for name in _LANDMARK_COLUMNS[:5])
    return len(_wide_columns(header)) == len(_JOINTS)


def read_mediapipe_json(
    path: str | os.PathLike, *, world: bool | None = None, image_size: tuple[int, int] | None = None
) -> Skeletons:
    """Reads landmarks of one video or image.

    Args:
        path: The file.
        world: True for the world landmarks, False for those of the image; by default the world's where there are some.
        image_size: (height, width); image landmarks then become pixels.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or has no landmarks of the wanted kind; the frame is named.
    """
    data = read_json(path)
    frames = _frames(data)
    if frames is None:
        raise read_error(path, "expected a list of frames with pose landmarks, got something else")
    if world is None:
        world = any(isinstance(frame, dict) and _first(frame, _WORLD_KEYS) for frame in frames)
    numbers = _numbers(path, frames)
    rows = _collect(path, frames, numbers, world)
    values = rows.array(stride=4)
    rows.ids = _people(rows, values, frames, numbers, world)
    if image_size is None and isinstance(data, dict):
        image_size = _image_size(path, data)
    fps = data.get("fps") if isinstance(data, dict) and is_number(data.get("fps")) else None
    first = min(numbers, default=0)
    return _clip(rows, values, world, image_size, first, max(numbers, default=0) - first + 1, fps)


def _numbers(path: str | os.PathLike, frames: list[Any]) -> list[int]:
    numbers = []
    for index, frame in enumerate(frames):
        key = next((key for key in _FRAME_KEYS if isinstance(frame, dict) and key in frame), None)
        numbers.append(index if key is None else as_count(path, frame[key], f"frame {index}: {key}"))
    return numbers


def _collect(path: str | os.PathLike, frames: list[Any], numbers: list[int], world: bool) -> PoseRows:
    rows = PoseRows(path)
    for index, (number, frame) in enumerate(zip(numbers, frames, strict=True)):
        for pose in _poses(path, frame, world, f"frame {index}"):
            rows.add(number, -1, _flat(path, pose, f"frame {index}"))
    return rows


def _people(
    rows: PoseRows, values: np.ndarray, frames: list[Any], numbers: list[int], world: bool
) -> list[int] | np.ndarray:
    """Ids of the people. World landmarks do not say where a person is; those of the image do, if they are there."""
    if len(set(rows.frames)) == len(rows.frames):  # never two at once: it is the one person that MediaPipe follows
        return [0] * len(rows.frames)
    if world:
        has_image = all(isinstance(frame, dict) and _first(frame, _IMAGE_KEYS) for frame in frames)
        image = _collect(rows.path, frames, numbers, False) if has_image else None
        if image is not None and image.frames == rows.frames:
            rows, values = image, image.array(stride=4)
    with naming(rows.path):
        return track_rows(np.array(rows.frames), values[..., :2], values[..., 3])


def _frames(data: Any) -> list[Any] | None:
    if isinstance(data, list):
        # 33 landmarks at once are a single frame.
        return [data] if _is_pose(data) else data
    if not isinstance(data, dict):
        return None
    if _is_pose(data) or _first(data, (*_WORLD_KEYS, *_IMAGE_KEYS)) is not None:
        return [data]
    return next((data[key] for key in _LIST_KEYS if isinstance(data.get(key), list)), None)


def _first(frame: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((frame[key] for key in keys if frame.get(key) is not None), None)


def _is_landmark(value: Any) -> bool:
    if isinstance(value, dict):
        return {"x", "y"} <= set(value)
    return isinstance(value, list) and 3 <= len(value) <= 5 and type(value[0]) in (int, float)


def _is_pose(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.get("landmark")
    return isinstance(value, list) and len(value) == len(_JOINTS) and _is_landmark(value[0])


def _looks_like_landmarks(frame: Any) -> bool:
    if isinstance(frame, dict):
        if not set(frame).isdisjoint((*_WORLD_KEYS, *_IMAGE_KEYS[:2])):
            return True
        frame = frame if _is_pose(frame) else _first(frame, _IMAGE_KEYS)
    return _is_pose(frame) or (isinstance(frame, list) and len(frame) > 0 and _is_pose(frame[0]))


def _poses(path: str | os.PathLike, frame: Any, world: bool, place: str) -> list[list[Any]]:
    """The poses of a frame, each a list of 33 landmarks."""
    found = frame
    if isinstance(frame, dict) and "landmark" not in frame:
        keys, others = (_WORLD_KEYS, _IMAGE_KEYS) if world else (_IMAGE_KEYS, _WORLD_KEYS)
        found = _first(frame, keys)
        if found is None and _first(frame, others):
            kinds = ("world", "image") if world else ("image", "world")
            message = f"expected {kinds[0]} landmarks, got {kinds[1]} landmarks; pass world={not world}"
            raise read_error(path, message, place)
    elif frame is not None and not isinstance(frame, dict | list):
        raise read_error(path, "expected a list of landmarks or an object with one, got something else", place)
    if isinstance(found, dict):
        found = found.get("landmark")
    if not found:
        return []
    if not isinstance(found, list):
        raise read_error(path, "expected a list of landmarks, got something else", place)
    poses = [found] if _is_landmark(found[0]) else found
    poses = [pose.get("landmark") if isinstance(pose, dict) else pose for pose in poses]
    for pose in poses:
        if not isinstance(pose, list) or len(pose) != len(_JOINTS):
            count = len(pose) if isinstance(pose, list) else "something else"
            raise read_error(path, f"expected {len(_JOINTS)} landmarks, got {count}", place)
    return poses


def _flat(path: str | os.PathLike, pose: list[Any], place: str) -> list[Any]:
    """x, y, z and visibility of 33 landmarks in a row; z is null and visibility 1 where the file has none."""
    if isinstance(pose[0], list):
        if not all(isinstance(landmark, list) and 3 <= len(landmark) <= 5 for landmark in pose):
            raise read_error(path, "expected lists of x, y, z (and visibility) as landmarks", place)
        return [value for landmark in pose for value in (*landmark[:3], landmark[3] if len(landmark) > 3 else 1.0)]
    first = pose[0]
    try:
        if "z" in first and "visibility" in first:
            pick = itemgetter("x", "y", "z", "visibility")
            return [value for landmark in pose for value in pick(landmark)]
        return [
            value
            for landmark in pose
            for value in (landmark["x"], landmark["y"], landmark.get("z"), landmark.get("visibility", 1.0))
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise read_error(path, "expected objects with x, y, z and visibility as landmarks", place) from error


def _image_size(path: str | os.PathLike, data: dict[str, Any]) -> tuple[int, int] | None:
    """(height, width) that an object says of itself."""
    for part in (data, data.get("metadata"), data.get("video_info")):
        if isinstance(part, dict):
            for height, width in (("height", "width"), ("image_height", "image_width")):
                if part.get(height) and part.get(width):
                    return as_count(path, part[height], height, minimum=1), as_count(
                        path, part[width], width, minimum=1
                    )
    return None


def read_mediapipe_csv(
    path: str | os.PathLike, *, world: bool | None = None, image_size: tuple[int, int] | None = None
) -> Skeletons:
    """Reads a table of landmarks.

    Args:
        path: The file.
        world: True for world landmarks, False for those of the image; by default they are the world's if the middle of
            the hips is always the origin.
        image_size: (height, width); image landmarks then become pixels.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or does not hold 33 landmarks; the line is named.
    """
    table = read_table(path)
    if not table.rows:
        raise read_error(path, "expected rows below the header, got none")
    read = _long if {"x", "y"} <= set(table.column) else _wide
    frames, people, values = read(table)
    rows = PoseRows(path, frames.tolist(), people.tolist(), [[]] * len(frames))
    if world is None:
        middle = values[:, _HIPS, :3].mean(axis=1)
        middle = middle[np.isfinite(middle).all(axis=1)]
        world = len(middle) > 0 and bool((np.abs(middle) < _NEAR_HIPS).all())
    first = int(frames.min())
    return _clip(rows, values, world, image_size, first, int(frames.max()) - first + 1)


def _wide_columns(header: list[str]) -> dict[int, dict[int, int]]:
    """Landmark -> part (0 to 3 for x, y, z, visibility) -> column, for names of whatever form; counted from 0."""
    found: dict[int, dict[int, int]] = {}
    names = {name: index for index, name in enumerate(_JOINTS)}
    names |= {f"mouth_{side}": names[f"{side}_mouth"] for side in ("left", "right")}  # as MediaPipe says it
    for column, name in enumerate(header):
        match = _WIDE.match(name.lower().strip())
        if match is None:
            continue
        joint, part = match["number"] or match["start"], match["part"] or match["end"]
        index = int(joint) if joint.isdecimal() else names.get(joint.replace(" ", "_"))
        if index is not None:
            found.setdefault(index, {})[_PARTS[part]] = column
    if found and min(found) == 1 and max(found) == len(_JOINTS):
        found = {index - 1: parts for index, parts in found.items()}
    return {index: parts for index, parts in found.items() if {0, 1} <= set(parts)}


def _wide(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frame (N,), person (N,) and values (N, 33, 4) of each row; NaN for z and 1 for visibility that are not there."""
    columns = _wide_columns(table.header)
    if sorted(columns) != list(range(len(_JOINTS))):
        raise read_error(table.path, f"expected columns for {len(_JOINTS)} landmarks, got {len(columns)}", "header")
    people = table.counts(table.find(PERSON_COLUMNS), 0)
    frames = table.counts(table.find(FRAME_COLUMNS), np.arange(len(table.rows)))
    values = np.full((len(table.rows), len(_JOINTS), 4), np.nan, dtype=np.float32)
    values[..., 3] = 1
    for part in range(4):
        if all(part in columns[joint] for joint in range(len(_JOINTS))):
            values[..., part] = table.numbers([columns[joint][part] for joint in range(len(_JOINTS))])
    return frames, people, values


def _long(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same from a row for each landmark."""
    landmark_column, frame_column = table.find(_LANDMARK_COLUMNS), table.find(FRAME_COLUMNS)
    if landmark_column is None:
        raise read_error(table.path, "expected a column 'landmark_id' beside x and y", "header")
    frames = table.counts(frame_column, 0)
    people = table.counts(table.find(PERSON_COLUMNS), 0)
    names = {name: index for index, name in enumerate(_JOINTS)}
    names |= {f"mouth_{side}": names[f"{side}_mouth"] for side in ("left", "right")}
    names |= {str(index): index for index in range(len(_JOINTS))}
    slots = []
    for index, row in enumerate(table.rows):
        name = row[landmark_column].strip().lower().rpartition(".")[2].replace(" ", "_")
        if name not in names:
            raise read_error(
                table.path,
                f"expected a landmark 0 to {len(_JOINTS) - 1} or its name, got {name[:40]!r}",
                table.line(index),
            )
        slots.append(names[name])
    first, group = group_rows(table, frames, people, np.array(slots))
    check_size(table.path, (len(first), len(_JOINTS), 4))
    values = np.full((len(first), len(_JOINTS), 4), np.nan, dtype=np.float32)
    present = [
        (part, column) for part, column in enumerate(map(table.find, (("x",), ("y",), ("z",)))) if column is not None
    ]
    visibility = table.find(("visibility", "v", "vis"))
    values[group[:, None], np.array(slots)[:, None], [part for part, _ in present]] = table.numbers(
        [column for _, column in present]
    )
    values[group, slots, 3] = 1 if visibility is None else table.numbers([visibility])[:, 0]
    return frames[first], people[first], values


def _clip(
    rows: PoseRows,
    values: np.ndarray,
    world: bool,
    image_size: tuple[int, int] | None,
    first: int,
    num_frames: int,
    fps: float | None = None,
) -> Skeletons:
    joints, scores = values[..., : 3 if world else 2], values[..., 3]
    if world:
        return rows.clip(joints, scores, _LAYOUT, first, num_frames, fps=fps)
    joints, image_size = to_pixels(joints, image_size, is_relative(joints))
    return rows.clip(joints, scores, _LAYOUT, first, num_frames, image_size=image_size, fps=fps)


__all__ = ["is_mediapipe_csv", "is_mediapipe_json", "read_mediapipe_csv", "read_mediapipe_json"]
