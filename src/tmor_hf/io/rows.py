# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Poses of a file as rows, in any order, and the clip that they make.

Axes: T frames, V joints, C coordinates, N rows.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout, get_layout
from ..processing.skeletons import Skeletons
from .files import as_rows, naming, read_error
from .layouts import BODY_OF_COUNT, layouts_with
from .tracking import skeletons_from_rows

_SPARSE = 20  # frames for each one with a person, from which on images are hardly frames of one clip
_RELATIVE = 2.0  # joints may lie outside of the image, but not far


@dataclass
class PoseRows:
    """What a reader collects: frame, person and numbers of each pose.

    Args:
        path: The file, for messages.
        frames: Frame number of each pose, as the file counts.
        ids: Track id of each, -1 where not known.
        values: A flat list of each: x, y and confidence of a joint after another.
    """

    path: str | os.PathLike
    frames: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)

    def add(self, frame: int, person: int, values: Any) -> None:
        self.frames.append(frame)
        self.ids.append(person)
        self.values.append(values)

    def array(self, place: Callable[[int], str] | None = None, stride: int = 3) -> np.ndarray:
        """(N, V, stride) float32 of all rows.

        Raises:
            ValueError: If a row holds something else than numbers, or another count of them than the first.
        """
        place = place or (lambda index: f"frame {self.frames[index]}")
        rows = as_rows(self.path, self.values, place)
        if rows.shape[1] % stride:
            raise read_error(self.path, f"expected {stride} numbers for each joint, got {rows.shape[1]}", place(0))
        return rows.reshape(len(rows), rows.shape[1] // stride, stride)

    def clip(
        self,
        joints: np.ndarray,
        scores: np.ndarray | None,
        layout: JointLayout | str,
        first_frame: int | None = None,
        num_frames: int | None = None,
        **fields: Any,
    ) -> Skeletons:
        """The clip of all rows.

        Args:
            joints: (N, V, C) positions.
            scores: (N, V) confidences, or None.
            layout: The layout of the joints.
            first_frame: The number of the frame that the clip begins with; by default the lowest.
            num_frames: T; by default the last frame with a pose ends the clip.
            fields: More fields of the `Skeletons`.
        """
        numbers = np.array(self.frames, dtype=np.int64)
        start = (numbers.min() if len(numbers) else 0) if first_frame is None else first_frame
        with naming(self.path):
            expected = get_layout(layout).num_joints
        if not len(joints):
            joints = np.zeros((0, expected, joints.shape[-1]), dtype=np.float32)
            scores = None if scores is None else joints[..., 0]
        if joints.shape[1] != expected:
            raise read_error(
                self.path,
                f"expected {expected} joints for layout {get_layout(layout).name!r}, got {joints.shape[1]}; "
                "pass layout= to match the file",
            )
        return skeletons_from_rows(
            self.path, numbers - start, joints, scores, np.array(self.ids, dtype=np.int64), num_frames,
            layout=layout, **fields,
        )  # fmt: skip


def body_layout(
    path: str | os.PathLike, num_joints: int, layout: str | JointLayout | None
) -> tuple[str | JointLayout, slice]:
    """The layout of poses with so many joints, and which of them it takes: face and hands are left out.

    Args:
        path: The file, for messages.
        num_joints: Joints in the file.
        layout: A layout that the user chose, which then counts.

    Raises:
        ValueError: If no estimator is known to give this count, and none is chosen.
    """
    if layout is not None:
        return layout, slice(None)
    if not num_joints:  # nobody in the whole file
        return "coco17", slice(None)
    if num_joints not in BODY_OF_COUNT:
        fitting = ", ".join(layouts_with(num_joints)) or "none of the known ones has so many"
        raise read_error(
            path,
            f"expected {', '.join(map(str, BODY_OF_COUNT))} joints, got {num_joints}; "
            f"pass layout= ({fitting}; or a JointLayout of your own)",
        )
    found = BODY_OF_COUNT[num_joints]
    return found.name, slice(found.num_joints)


def clip_frames(path: str | os.PathLike, numbers: list[int], frames: str, what: str) -> list[int]:
    """Frames out of the numbers of images.

    Args:
        path: The file, for messages.
        numbers: Number of the image of each pose.
        frames: "number" to take them as they are; "order" for the images one after another; "auto" for "number" unless
            they are so far apart that the images look unrelated.
        what: Words for the numbers, for messages.

    Raises:
        ValueError: If the images look unrelated, or `frames` is another word.
    """
    if frames == "order":
        rank = {number: index for index, number in enumerate(sorted(set(numbers)))}
        return [rank[number] for number in numbers]
    if frames not in ("auto", "number"):
        raise ValueError(f"expected frames 'auto', 'number' or 'order', got {frames!r}")
    distinct = set(numbers)
    if frames == "auto" and distinct and max(distinct) - min(distinct) > _SPARSE * (len(distinct) + _SPARSE):
        raise read_error(
            path,
            f"expected {what} of one clip, got {len(distinct)} between {min(distinct)} and {max(distinct)}, which "
            "look like unrelated images; pass frames='number' if they are frames with long gaps, or frames='order' if "
            "they are frames one after another",
        )
    return numbers


def is_relative(joints: np.ndarray) -> bool:
    """Whether positions are in units of the image's width and height: no pixel positions are all so small."""
    largest = np.abs(joints[np.isfinite(joints)]).max(initial=0)
    return bool(0 < largest <= _RELATIVE)


def to_pixels(
    joints: np.ndarray, image_size: tuple[int, int] | None, relative: bool
) -> tuple[np.ndarray, tuple[int, int] | None]:
    """2D joints in pixels, if they are in units of the image's width and height and its size is known.

    Args:
        joints: (N, V, 2) positions.
        image_size: (height, width).
        relative: Whether the positions are relative.

    Returns:
        The joints and the image size. Relative joints of an image of unknown size stay so, with a warning, because a
        body in them is stretched.
    """
    if not relative:
        return joints, image_size
    if image_size is None:
        warnings.warn(
            "positions are relative to the image's width and height, and its size is not known: bodies are stretched "
            "unless it is square; pass image_size=(height, width)",
            stacklevel=3,
        )
        return joints, None
    height, width = image_size
    return joints * np.array([width, height], dtype=np.float32), image_size


def frame_number(name: str) -> tuple[str, int] | None:
    """What stands before the last number in a file name, and that number; None without a number, or a huge one.

    ``"images/walk_0012.jpg"`` gives ``("images/walk_", 12)``.
    """
    path = PurePath(name.replace("\\", "/"))
    match = re.search(r"(\d+)\D*$", path.stem)
    if match is None or len(match[1]) > 18 or not match[1].isascii():
        return None
    return f"{path.parent.as_posix()}/{path.stem[: match.start()]}", int(match[1])


__all__ = ["PoseRows", "body_layout", "clip_frames", "frame_number", "is_relative", "to_pixels"]
