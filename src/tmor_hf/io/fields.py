# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The fields of `Skeletons` out of a document that nobody vouches for: each must be of its own kind."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout, get_layout
from ..processing.skeletons import Skeletons
from .files import is_number

FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Skeletons))


def check_fields(data: dict[str, Any]) -> None:
    """Refuses what numpy and Python would take for a number or a name and is none; puts the rest into its own kind.

    Args:
        data: Fields by name, none of them None. A layout in dict form becomes a `JointLayout`, lists become arrays.

    Raises:
        ValueError: If a field is of another kind; it is named.
    """
    if isinstance(data.get("layout"), dict):
        data["layout"] = layout_of_dict(data["layout"])
    elif not isinstance(data.get("layout", ""), str | JointLayout):
        raise ValueError(f"expected the name of a layout, got {type(data['layout']).__name__}")
    for name in ("keypoints", "scores"):
        if name in data and not (isinstance(data[name], np.ndarray) and data[name].dtype.kind in "fiub"):
            raise ValueError(f"expected numbers in {name!r}, got {type(data[name]).__name__}")
    if "fps" in data and not is_number(data["fps"]):
        raise ValueError(f"expected a number as fps, got {type(data['fps']).__name__}")
    if not isinstance(data.get("up_axis", ""), str):
        raise ValueError(f"expected up_axis as text, got {type(data['up_axis']).__name__}")
    for name in ("image_size", "person_ids"):
        if name in data:
            data[name] = _whole_numbers(name, data[name])
    if "layout" in data:
        get_layout(data["layout"])


def layout_of_dict(data: dict[str, Any]) -> JointLayout:
    """A layout out of its dict form.

    Raises:
        ValueError: If it is none.
    """
    try:
        layout = JointLayout.from_dict(data)
        is_named = all(isinstance(name, str) for name in (layout.name, *layout.joints))
        if not is_named or isinstance(data["joints"], str):
            raise ValueError("its name and those of its joints are text")
    except (TypeError, AttributeError, KeyError, OverflowError, ValueError) as error:
        raise ValueError(f"expected a layout with name, joints and bones ({error})") from error
    return layout


def _whole_numbers(name: str, values: Any) -> Any:
    array = np.asarray(values) if isinstance(values, list | tuple | np.ndarray) else None
    kinds = "iu" if name == "image_size" else "iuU"  # track ids may be names
    if array is None or array.ndim != 1 or not array.size or array.dtype.kind not in kinds:
        raise ValueError(f"expected a list of whole numbers as {name}, got {type(values).__name__}")
    return tuple(array.tolist()) if name == "image_size" else array


__all__ = ["FIELDS", "check_fields", "layout_of_dict"]
