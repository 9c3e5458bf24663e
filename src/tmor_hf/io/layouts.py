# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Layouts that pose estimators deliver besides the common ones, and the layout behind joint names or counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..processing.joint_layouts import LAYOUTS, JointLayout, chains, get_layout, register_layout, sides

_LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_COCO = get_layout("coco17")
_COCO_CANONICAL = dict(_COCO.canonical)
_FEET = {
    "left_foot": ("left_big_toe + left_small_toe", "left_big_toe"),
    "right_foot": ("right_big_toe + right_small_toe", "right_big_toe"),
}
_COCO_CHAINS = (
    "left_shoulder right_shoulder", "left_hip right_hip", "nose *eye *ear", "*shoulder *elbow *wrist",
    "*shoulder *hip *knee *ankle *big_toe *small_toe", "*ankle *heel",
)  # fmt: skip
_COCO_SIDES = sides("eye", "ear", *_LIMBS, "big_toe", "small_toe", "heel")

HALPE26 = register_layout(
    JointLayout(
        name="halpe26",
        joints=(
            *_COCO.joints, "head", "neck", "hip", "left_big_toe", "right_big_toe", "left_small_toe",
            "right_small_toe", "left_heel", "right_heel",
        ),
        bones=chains("hip neck nose", "neck head", "hip *hip", "neck *shoulder", *_COCO_CHAINS),
        mirror_pairs=_COCO_SIDES,
        root="hip",
        canonical={**_COCO_CANONICAL, **_FEET, "pelvis": "hip"},  # its head is the top of it, ours the middle
    )
)  # fmt: skip

# The body and the feet of COCO-WholeBody, whose other 110 joints are of face and hands.
COCO23 = register_layout(
    JointLayout(
        name="coco23",
        joints=(
            *_COCO.joints, "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe",
            "right_heel",
        ),
        bones=chains("nose *shoulder", *_COCO_CHAINS),
        mirror_pairs=_COCO_SIDES,
        root="left_hip",
        canonical={**_COCO_CANONICAL, **_FEET},
    )
)  # fmt: skip

# Joints that a pose estimator gives -> the layout of the first of them. The rest are of face and hands.
BODY_OF_COUNT: dict[int, JointLayout] = {17: _COCO, 23: COCO23, 26: HALPE26, 133: COCO23, 136: HALPE26}

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


def layouts_with(num_joints: int) -> Collection[str]:
    """Names of the known layouts with this number of joints, for messages."""
    return sorted(name for name, layout in LAYOUTS.items() if layout.num_joints == num_joints)


__all__ = ["BODY_OF_COUNT", "COCO23", "HALPE26", "layout_of_names", "layouts_with"]
