# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The layout behind joint names or counts."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from ..processing.joint_layouts import LAYOUTS, JointLayout, get_layout
from .files import read_error

_COCO, _COCO23, _HALPE26 = get_layout("coco17"), get_layout("coco23"), get_layout("halpe26")
# Joints that a pose estimator gives -> the layout of the first of them. The rest are of face and hands.
BODY_OF_COUNT: dict[int, JointLayout] = {
    17: _COCO,
    23: _COCO23,
    26: _HALPE26,
    68: _HALPE26,
    133: _COCO23,
    136: _HALPE26,
}

# Names that MMPose gives to the joints of Human3.6M.
_H36M_NAMES = {
    "root": "pelvis", "right_foot": "right_ankle", "left_foot": "left_ankle", "neck_base": "nose", "head": "head_top",
}  # fmt: skip


def layout_of_names(names: Sequence[str]) -> tuple[JointLayout, list[int]] | None:
    """The known layout with the most joints that are all among `names`, and their positions there; None without one.

    Case, spaces and hyphens make no difference.
    """
    plain = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in names]
    best = None
    for spelled in (plain, [_H36M_NAMES.get(name, name) for name in plain]):
        position = {name: index for index, name in enumerate(spelled)}
        for layout in LAYOUTS.values():
            indices = [position.get(joint.lower(), -1) for joint in layout.joints]
            if -1 not in indices and (best is None or len(indices) > len(best[1])):
                best = layout, indices
    return best


def layout_of_file(path: str | os.PathLike, names: Sequence[str], place: str) -> tuple[str, list[int]]:
    """Name of the layout behind the joint names that a file says, and the positions of its joints among them.

    Raises:
        ValueError: If there is none. The number of joints alone must not decide then: others have 17 joints too.
    """
    found = layout_of_names(names)
    if found is None:
        shown = ", ".join(name[:40] for name in names[:8]) + (", ..." if len(names) > 8 else "")
        raise read_error(
            path,
            f"expected joints of a known layout, got {shown}; pass layout=, a JointLayout of your own or the name of "
            "the one that they are in other words",
            place,
        )
    return found[0].name, found[1]


def layouts_with(num_joints: int) -> Collection[str]:
    """Names of the known layouts with this number of joints, for messages."""
    return sorted(name for name, layout in LAYOUTS.items() if layout.num_joints == num_joints)


__all__ = ["BODY_OF_COUNT", "layout_of_file", "layout_of_names", "layouts_with"]
