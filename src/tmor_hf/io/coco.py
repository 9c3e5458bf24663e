# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""COCO keypoints: annotations (``images``, ``annotations``, ``categories``), and lists of results.

Frames of annotations come from ``frame_id`` of their images, else from the numbers in the file names; those of results
from ``image_id``. Clips are told apart by ``video_id`` (or ``vid_id``), else by the folders of the images.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_count, as_id, read_error, read_json
from .formats import choose_clip
from .layouts import layout_of_file
from .rows import PoseRows, body_layout, clip_frames, frame_number

_TRACK_KEYS = ("track_id", "person_id")
_FRAME_KEYS = ("frame_id", "frame_index", "frame_number")
_VIDEO_KEYS = ("video_id", "vid_id")


@dataclass(frozen=True)
class _Image:
    clip: str
    frame: int
    size: tuple[int, int] | None


def is_coco_annotations(file: PoseFile) -> bool:
    """Whether it is an object with lists of images and annotations, some of which have keypoints."""
    if not file.looks_like_json or not isinstance(file.json, dict):
        return False
    images, annotations = file.json.get("images"), file.json.get("annotations")
    if not isinstance(images, list) or not isinstance(annotations, list):
        return False
    has_keypoints = any(isinstance(entry, dict) and "keypoints" in entry for entry in annotations)
    return has_keypoints or (not annotations and "categories" in file.json)


def is_coco_results(file: PoseFile) -> bool:
    """Whether it is a list of objects with the number of an image, a category and keypoints."""
    if not file.looks_like_json or not isinstance(file.json, list) or not file.json:
        return False
    first = file.json[0]
    has_keys = isinstance(first, dict) and {"image_id", "category_id", "keypoints"} <= set(first)
    return has_keys and isinstance(first["image_id"], int) and isinstance(first["keypoints"], list)


def read_coco_annotations(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    frames: str = "auto",
    clip: str | int | None = None,
) -> Skeletons:
    """Reads one clip of an annotation file.

    A joint that is labelled but hidden gets score 0.5, a visible one 1.

    Args:
        path: The file.
        layout: The layout; by default the one that the names of the category's joints, or their number, say.
        frames: "number" to take the numbers of the images as frames, gaps included; "order" to take the images one
            after another; by default the numbers, unless they are so far apart that the images look unrelated.
        clip: Name of the video, or its position, if there are several.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or holds several clips, or unrelated images.
    """
    return choose_clip(path, iter_coco_annotations(path, layout=layout, frames=frames), clip)


def iter_coco_annotations(
    path: str | os.PathLike, *, layout: str | JointLayout | None = None, frames: str = "auto"
) -> Iterator[tuple[str, Skeletons]]:
    """Yields the clips of an annotation file by video.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_coco_annotations`.
    """
    data = read_json(path)
    images = _images(path, data, frames)
    numbers: dict[str, list[int]] = {}
    sizes: dict[str, set[tuple[int, int] | None]] = {}
    for image in images.values():
        numbers.setdefault(image.clip, []).append(image.frame)
        sizes.setdefault(image.clip, set()).add(image.size)
    rows = {name: PoseRows(path) for name in numbers}
    for index, entry in enumerate(_objects(path, data, "annotations")):
        if "keypoints" not in entry:  # an object of another category
            continue
        image = images.get(entry.get("image_id")) if isinstance(entry.get("image_id"), int | str) else None
        if image is None:
            raise read_error(path, "expected the id of an image in 'images' as image_id", f"annotation {index}")
        rows[image.clip].add(image.frame, _track(path, entry, f"annotation {index}"), entry["keypoints"])
    names = None if layout is not None else _joint_names(path, data)
    for name, clip_rows in rows.items():
        first, last = min(numbers[name]), max(numbers[name])
        size = next(iter(sizes[name])) if len(sizes[name]) == 1 else None
        values = clip_rows.array()
        values[..., 2] = np.where(values[..., 2] > 0, values[..., 2] / 2, 0)  # 1 is labelled but hidden, 2 visible
        yield name, _clip(clip_rows, values, layout, names, first, last - first + 1, size)


def read_coco_results(
    path: str | os.PathLike, *, layout: str | JointLayout | None = None, frames: str = "auto"
) -> Skeletons:
    """Reads a list of results as one clip.

    Args:
        path: The file.
        layout: The layout; by default that of COCO for 17 joints, and of its relatives for 26, 133 and 136.
        frames: As for `read_coco_annotations`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or the images are unrelated.
    """
    data = read_json(path)
    if not isinstance(data, list):
        raise read_error(path, "expected a list of results, got something else")
    rows = PoseRows(path)
    for index, entry in enumerate(data):
        place = f"result {index}"
        if not isinstance(entry, dict) or not {"image_id", "keypoints"} <= set(entry):
            raise read_error(path, "expected an object with 'image_id' and 'keypoints', got something else", place)
        rows.add(as_count(path, entry["image_id"], place), _track(path, entry, place), entry["keypoints"])
    rows.frames = clip_frames(path, rows.frames, frames, "image ids")
    return _clip(rows, rows.array(lambda index: f"result {index}"), layout, None)


def _clip(
    rows: PoseRows,
    values: np.ndarray,
    layout: str | JointLayout | None,
    names: list[str] | None,
    first: int | None = None,
    num_frames: int | None = None,
    image_size: tuple[int, int] | None = None,
) -> Skeletons:
    if names and values.shape[1] in (0, len(names)):
        layout, kept = layout_of_file(rows.path, names, "keypoints of the category")
    else:
        layout, kept = body_layout(rows.path, values.shape[1], layout)
    values = values[:, kept] if len(values) else values
    return rows.clip(values[..., :2], values[..., 2], layout, first, num_frames, image_size=image_size)


def _objects(path: str | os.PathLike, data: Any, key: str) -> list[dict[str, Any]]:
    entries = data.get(key) if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise read_error(path, f"expected an object with a list {key!r}, got something else")
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise read_error(path, "expected an object, got something else", f"{key} {index}")
    return entries


def _track(path: str | os.PathLike, entry: dict[str, Any], place: str) -> int:
    key = next((key for key in _TRACK_KEYS if key in entry), None)
    return -1 if key is None else as_id(path, entry[key], f"{place}: {key}")


def _images(path: str | os.PathLike, data: Any, frames: str) -> dict[int | str, _Image]:
    """Clip, frame and size of each image, by its id."""
    entries = _objects(path, data, "images")
    names = _video_names(path, data)
    clips: dict[str, list[tuple[int | str, int, tuple[int, int] | None]]] = {}
    for index, entry in enumerate(entries):
        place = f"images {index}"
        if not isinstance(entry.get("id"), int | str):
            raise read_error(path, "expected an image with a number or text as 'id'", place)
        clip, frame = _clip_and_frame(path, entry, names, index, place)
        clips.setdefault(clip, []).append((entry["id"], frame, _size(path, entry, place)))
    images: dict[int | str, _Image] = {}
    for clip, members in clips.items():
        numbers = [frame for _, frame, _ in members]
        if len(set(numbers)) < len(numbers):  # names without telling numbers
            numbers = list(range(len(numbers)))
        for (image, _, size), frame in zip(members, clip_frames(path, numbers, frames, "image numbers"), strict=True):
            images[image] = _Image(clip, frame, size)
    if len(images) < len(entries):
        raise read_error(path, "expected distinct ids of images, got one twice")
    return images


def _video_names(path: str | os.PathLike, data: dict[str, Any]) -> dict[Any, str]:
    videos = _objects(path, data, "videos") if "videos" in data else []
    found = {}
    for index, video in enumerate(videos):
        name = next((video[key] for key in ("name", "file_name") if isinstance(video.get(key), str)), None)
        if not isinstance(video.get("id"), int | str):
            raise read_error(path, "expected a video with a number or text as 'id'", f"videos {index}")
        found[video["id"]] = name or str(video["id"])
    return found


def _clip_and_frame(
    path: str | os.PathLike, entry: dict[str, Any], names: dict[Any, str], index: int, place: str
) -> tuple[str, int]:
    name = entry.get("file_name", "")
    if not isinstance(name, str):
        raise read_error(path, "expected 'file_name' as text", place)
    numbered = frame_number(name)
    video = next((entry[key] for key in _VIDEO_KEYS if key in entry), None)
    if video is None:
        clip = os.path.dirname(name.replace("\\", "/")) or "images"
    elif isinstance(video, int | str):
        clip = names.get(video, str(video))
    else:
        raise read_error(path, "expected a number or text as the id of a video", place)
    key = next((key for key in _FRAME_KEYS if key in entry), None)
    if key is not None:
        return clip, as_count(path, entry[key], f"{place}: {key}")
    return clip, index if numbered is None else numbered[1]


def _size(path: str | os.PathLike, entry: dict[str, Any], place: str) -> tuple[int, int] | None:
    if entry.get("height") is None or entry.get("width") is None:
        return None
    return as_count(path, entry["height"], place, minimum=1), as_count(path, entry["width"], place, minimum=1)


def _joint_names(path: str | os.PathLike, data: dict[str, Any]) -> list[str] | None:
    """Joint names of the only category that has some."""
    categories = _objects(path, data, "categories") if "categories" in data else []
    named = [category["keypoints"] for category in categories if isinstance(category.get("keypoints"), list)]
    if len(named) != 1 or not all(isinstance(name, str) for name in named[0]):
        return None
    return named[0]


__all__ = [
    "is_coco_annotations",
    "is_coco_results",
    "iter_coco_annotations",
    "read_coco_annotations",
    "read_coco_results",
]
