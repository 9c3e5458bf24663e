# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips as this package saves them (``.npz``, ``.json``), and plain arrays (``.npy``).

Axes: T frames, M people, V joints, C coordinates.
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from ..processing.joint_layouts import LAYOUTS, JointLayout
from ..processing.skeletons import Skeletons
from .fields import FIELDS, check_fields
from .files import PoseFile, check_size, list_npz, naming, open_npy, open_npz, read_error, read_json, read_text


def is_plain_npz(file: PoseFile) -> bool:
    """Whether it is an archive with an array `keypoints` and nothing but the fields of `Skeletons`."""
    if file.head[:2] != b"PK" or file.suffix != ".npz":
        return False
    names = set(list_npz(file))
    return "keypoints" in names and names <= set(FIELDS)


def is_plain_json(file: PoseFile) -> bool:
    """Whether it is an object with `keypoints` and nothing but the fields of `Skeletons`."""
    if not file.looks_like_json:
        return False
    data = file.json
    return isinstance(data, dict) and "keypoints" in data and set(data) <= set(FIELDS)


def is_npy(file: PoseFile) -> bool:
    """Whether it is one numpy array."""
    return file.head[:6] == b"\x93NUMPY"


def read_plain_npz(path: str | os.PathLike, *, layout: str | JointLayout | None = None) -> Skeletons:
    """Reads a clip that `Skeletons.save` wrote as ``.npz``, or any archive with the same arrays.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, too large, or lacks `keypoints`.
    """
    arrays = open_npz(path)
    data: dict[str, Any] = {}
    for name, value in arrays.items():
        data[name] = value.item() if value.ndim == 0 else value
    if isinstance(data.get("layout"), str) and data["layout"].startswith("{"):
        try:
            data["layout"] = json.loads(data["layout"])
        except (ValueError, RecursionError) as error:
            raise read_error(path, f"expected a layout as JSON ({error})", "array 'layout'") from error
    return _from_fields(path, data, layout)


def read_plain_json(path: str | os.PathLike, *, layout: str | JointLayout | None = None) -> Skeletons:
    """Reads a clip that `Skeletons.save` wrote as ``.json``, or any object with the same fields.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, too large, or lacks `keypoints`.
    """
    data = read_json(path)
    if not isinstance(data, dict):
        raise read_error(path, "expected an object with 'keypoints', got a list or a plain value")
    data = dict(data)
    for name in ("keypoints", "scores"):
        if data.get(name) is not None:
            data[name] = _nested_numbers(path, data[name], name)
    return _from_fields(path, data, layout)


CAPTION_FILES = ("captions.csv", "captions.jsonl", "captions.json")  # beside clips, for `tmor_hf.data`


def describe_captions(path: str | os.PathLike) -> str:
    """What the file of captions beside clips is, in a line; `tmor_hf.data` reads it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it does not look like one.
    """
    text = read_text(path)
    if "keypoints" in text or not text.strip():
        raise read_error(path, "expected captions of clips, got something else; pass format= if it is a clip")
    return "captions of the clips in this folder; tmor_hf.data.load_skeleton_text reads both together"


def read_npy(path: str | os.PathLike, *, layout: str | JointLayout | None = None) -> Skeletons:
    """Reads an array (T, V, C) or (T, M, V, C); the layout is guessed where its number of joints leaves no doubt.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, holds pickles, has another shape, or fits several layouts or none.
    """
    array = open_npy(path)
    if array.ndim not in (3, 4) or array.shape[-1] not in (2, 3):
        raise read_error(
            path, f"expected keypoints (T, V, C) or (T, M, V, C) with C 2 or 3, got an array of shape {array.shape}"
        )
    if layout is None:
        fitting = sorted(name for name, known in LAYOUTS.items() if known.num_joints == array.shape[-2])
        if len(fitting) != 1:
            raise read_error(
                path,
                f"expected to know the layout of {array.shape[-2]} joints, and "
                f"{', '.join(fitting) if fitting else 'none'} would fit; pass layout=",
            )
        layout = fitting[0]
    return _from_fields(path, {"keypoints": array}, layout)


def _from_fields(path: str | os.PathLike, data: dict[str, Any], layout: str | JointLayout | None) -> Skeletons:
    data = {name: value for name, value in data.items() if value is not None}
    keypoints = data.get("keypoints")
    if isinstance(keypoints, np.ndarray):
        check_size(path, keypoints.shape, "keypoints")
    if layout is not None:
        data["layout"] = layout
    with naming(path):
        check_fields(data)
        return Skeletons.from_dict(data)


def _nested_numbers(path: str | os.PathLike, values: Any, name: str) -> np.ndarray:
    """Nested lists as float32, null as NaN; every level is checked before numpy sees it."""
    shape: list[int] = []
    level = values
    flat = [level]
    while isinstance(level, list):
        if len(shape) == 4:
            raise read_error(path, "expected at most 4 nested lists, got more", repr(name))
        lengths = {len(item) if isinstance(item, list) else -1 for item in flat}
        if len(lengths) != 1 or -1 in lengths:
            raise read_error(path, "expected nested lists of equal lengths, got unequal ones", repr(name))
        shape.append(lengths.pop())
        flat = [item for items in flat for item in items]
        level = flat[0] if flat else None
    if not shape or not set(map(type, flat)) <= {int, float, type(None)}:
        raise read_error(path, "expected nested lists of numbers, got something else", repr(name))
    try:
        with np.errstate(over="ignore"):
            return np.array(flat, dtype=np.float32).reshape(shape)
    except OverflowError as error:
        raise read_error(path, "expected numbers, got an integer beyond all floats", repr(name)) from error


__all__ = [
    "CAPTION_FILES",
    "describe_captions",
    "is_npy",
    "is_plain_json",
    "is_plain_npz",
    "read_npy",
    "read_plain_json",
    "read_plain_npz",
]
