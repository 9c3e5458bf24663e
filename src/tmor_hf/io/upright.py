# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Which axis points up, told by people who stand.

Axes: T frames, V joints.
"""

from __future__ import annotations

import numpy as np

from ..processing.joint_layouts import CANONICAL_JOINTS, JointLayout, to_canonical

_SHARE = 0.8  # of the way from feet to head that must lie along one axis to call that axis up
_MAX_POSES = 100  # more tell no more


def find_upright_axis(keypoints: np.ndarray, layout: JointLayout) -> str | None:
    """The axis along which feet and head lie on average, such as ``"z"`` or ``"-y"``; None if no axis does.

    Args:
        keypoints: (T, V, 3) positions, NaN where missing.
        layout: The layout of the joints.
    """
    some = keypoints[:: max(len(keypoints) // _MAX_POSES, 1)]
    joints, mask = to_canonical(some, np.isfinite(some).all(axis=-1), layout)
    ways = []
    for top in ("head", "neck"):
        for foot in ("left_ankle", "right_ankle", "left_knee", "right_knee"):
            ends = CANONICAL_JOINTS.index(top), CANONICAL_JOINTS.index(foot)
            both = mask[:, ends].all(axis=1)
            if both.any():
                ways.append((joints[both, ends[0]] - joints[both, ends[1]]).mean(axis=0))
    if not ways:
        return None
    way = np.mean(ways, axis=0)
    axis = int(np.argmax(np.abs(way)))
    if not abs(way[axis]) > _SHARE * np.linalg.norm(way):
        return None
    return f"{'-' if way[axis] < 0 else ''}{'xyz'[axis]}"


__all__ = ["find_upright_axis"]
