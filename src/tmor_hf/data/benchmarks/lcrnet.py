# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Poses of LCR-Net++ as Toyota Smarthome distributes them.

``{"K": 5, "njts": 13, "frames": [[{"pose2d": [26 numbers], "pose3d": [39 numbers]}, ...], ...]}``: a list of people
for each frame, and of each first all x, then all y (then all z). Order of joints and size of the images (640 x 480) as
in github.com/YangDi666/UNIK, data_gen/smarthome_gendata.py.

Axes: T frames, V joints, N poses of all frames.
"""

from __future__ import annotations

import os

import numpy as np

from ...io.files import as_rows, check_size, read_error, read_json
from ...io.tracking import skeletons_from_rows
from ...processing.joint_layouts import JointLayout, register_layout
from ...processing.skeletons import Skeletons

_IMAGE_SIZE = (480, 640)
_COORDINATES = {"2d": 2, "3d": 3}

LCRNET13 = register_layout(
    JointLayout(
        name="lcrnet13",
        joints=(
            "right_ankle", "left_ankle", "right_knee", "left_knee", "right_hip", "left_hip", "right_wrist",
            "left_wrist", "right_elbow", "left_elbow", "right_shoulder", "left_shoulder", "head",
        ),
        bones=(
            ("head", "left_shoulder"), ("head", "right_shoulder"), ("left_shoulder", "right_shoulder"),
            ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"), ("right_shoulder", "right_elbow"),
            ("right_elbow", "right_wrist"), ("left_hip", "right_hip"), ("left_shoulder", "left_hip"),
            ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("right_shoulder", "right_hip"),
            ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
        ),
        mirror_pairs=tuple(
            (f"left_{joint}", f"right_{joint}") for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        ),
        root="left_hip",
    )
)  # fmt: skip


def read_lcrnet(path: str | os.PathLike, coordinates: str = "2d", up_axis: str | None = None) -> Skeletons:
    """Reads a file of LCR-Net++; people are tracked, and frames without any stay.

    Args:
        path: The file.
        coordinates: ``"2d"`` (pixels) or ``"3d"``.
        up_axis: The axis that points up, needed for ``"3d"``: the set does not say it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or the options do not fit; the file and the frame are named.
    """
    if coordinates not in _COORDINATES or (coordinates == "3d" and up_axis is None):
        raise ValueError(f"expected coordinates '2d', or '3d' with an up_axis, got {coordinates!r} and {up_axis!r}")
    data = read_json(path)
    frames = data.get("frames") if isinstance(data, dict) else None
    if not isinstance(frames, list) or not frames or data.get("njts") != LCRNET13.num_joints:
        raise read_error(path, f"expected an object with 'njts': {LCRNET13.num_joints} and a list of 'frames'")
    check_size(path, (len(frames), 1, LCRNET13.num_joints, 3), "frames")
    key, size = f"pose{coordinates}", _COORDINATES[coordinates]
    places, poses = [], []
    for frame, people in enumerate(frames):
        if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
            raise read_error(path, "expected a list of people", f"frame {frame + 1}")
        places += [frame] * len(people)
        poses += [person.get(key) for person in people]
    rows = as_rows(path, poses, lambda index: f"{key} of frame {places[index] + 1}", LCRNET13.num_joints * size)
    return skeletons_from_rows(
        path,
        np.array(places, dtype=np.int64),
        rows.reshape(len(poses), size, LCRNET13.num_joints).swapaxes(1, 2),
        num_frames=len(frames),
        layout="lcrnet13",
        image_size=_IMAGE_SIZE if coordinates == "2d" else None,
        up_axis=up_axis,
    )


COORDINATE_OPTIONS = {
    "coordinates": '"2d" (pixels, the default) or "3d"',
    "up_axis": "which axis points up, needed for 3d: the set does not say it",
}

__all__ = ["COORDINATE_OPTIONS", "LCRNET13", "read_lcrnet"]
