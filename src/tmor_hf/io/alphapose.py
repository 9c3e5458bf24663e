# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""AlphaPose results: a list like COCO's but with file names as `image_id`, or one object for each image by its name.

17 joints are COCO's; of Halpe's 136 and 68 the first 26, body and feet, are taken. The forms for CMU-Pose and OpenPose
(``--format cmu|open``) have the 18 joints of OpenPose's COCO model.
"""

from __future__ import annotations

import os
from typing import Any

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_id, read_error, read_json
from .rows import PoseRows, body_layout, clip_frames, frame_number

_LISTS = {"bodies": "joints", "people": "pose_keypoints_2d"}  # of people, and of the numbers of each


def is_alphapose(file: PoseFile) -> bool:
    """Whether it is a list of poses with file names as `image_id`, or an object of images with bodies or people."""
    if not file.looks_like_json or not file.json:
        return False
    data = file.json
    if isinstance(data, list):
        first = data[0]
        return isinstance(first, dict) and isinstance(first.get("image_id"), str) and "keypoints" in first
    if not isinstance(data, dict):
        return False
    first = next(iter(data.values()))
    return isinstance(first, dict) and any(isinstance(first.get(key), list) for key in _LISTS)


def read_alphapose(
    path: str | os.PathLike, *, layout: str | JointLayout | None = None, frames: str = "auto"
) -> Skeletons:
    """Reads the results of one video or folder of images.

    Args:
        path: The file.
        layout: The layout, if it is not one of AlphaPose's own.
        frames: "number" to take the numbers in the images' names as frames, gaps included; "order" to take the images
            one after another; by default the numbers, unless they are so far apart that the images look unrelated.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, the number of joints is not known, or the images are unrelated.
    """
    data = read_json(path)
    if isinstance(data, list):
        images, rows = _from_list(path, data)
        values = rows.array(lambda index: f"result {index}")
        layout, kept = body_layout(path, values.shape[1], layout)
        values = values[:, kept]
    elif isinstance(data, dict):
        images, rows = _from_images(path, data)
        values = rows.array(lambda index: f"image {images[rows.frames[index]]!r}")
        layout = layout or "openpose18"
    else:
        raise read_error(path, "expected a list of results or an object of images, got something else")
    numbers = _frame_numbers(images)
    rows.frames = clip_frames(path, [numbers[index] for index in rows.frames], frames, "numbers of images")
    return rows.clip(values[..., :2], values[..., 2], layout)


def _from_list(path: str | os.PathLike, data: list[Any]) -> tuple[list[str], PoseRows]:
    """Names of the images in order of appearance, and the poses with the positions of their images as frames."""
    images: dict[str, int] = {}
    rows = PoseRows(path)
    for index, entry in enumerate(data):
        place = f"result {index}"
        if not isinstance(entry, dict) or not isinstance(entry.get("image_id"), str) or "keypoints" not in entry:
            raise read_error(path, "expected an object with a file name as 'image_id', and 'keypoints'", place)
        position = images.setdefault(entry["image_id"], len(images))
        rows.add(position, _track(path, entry.get("idx"), f"{place}: idx"), entry["keypoints"])
    return list(images), rows


def _track(path: str | os.PathLike, value: Any, place: str) -> int:
    """A track id; without tracking there are lists of the boxes that were merged, which say nothing."""
    return -1 if isinstance(value, list) and len(value) != 1 else as_id(path, value, place)


def _from_images(path: str | os.PathLike, data: dict[str, Any]) -> tuple[list[str], PoseRows]:
    rows = PoseRows(path)
    for position, (name, image) in enumerate(data.items()):
        place = f"image {name[:80]!r}"
        key = next((key for key in _LISTS if isinstance(image, dict) and isinstance(image.get(key), list)), None)
        if key is None:
            raise read_error(path, "expected an object with a list 'bodies' or 'people'", place)
        for index, body in enumerate(image[key]):
            if not isinstance(body, dict) or _LISTS[key] not in body:
                raise read_error(path, f"expected an object with {_LISTS[key]!r}", f"{place}, person {index}")
            rows.add(position, -1, body[_LISTS[key]])
    return list(data), rows


def _frame_numbers(images: list[str]) -> list[int]:
    """Frame of each image: the last number in its name, or its position if names have none or share them."""
    numbered = [frame_number(name) for name in images]
    if None in numbered or len({number for _, number in numbered}) < len(images):
        return list(range(len(images)))
    return [number for _, number in numbered]


__all__ = ["is_alphapose", "read_alphapose"]
