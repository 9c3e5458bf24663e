# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""MMPose results: ``{"meta_info", "instance_info"}`` of its demos, and the list of its inferencer.

Either holds ``{"frame_id", "instances"}`` for each frame of a video, or the instances of one image at once. An
instance has ``keypoints`` (V, 2 or 3) and ``keypoint_scores`` (V,). Lifted 3D poses have z up; MMPose gets there from
the camera's x, y, z by -x, z, -y, which makes a mirror image of the body, and its x is turned back here.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from itertools import chain
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_count, as_id, as_rows, read_error, read_json
from .layouts import layout_of_file
from .rows import PoseRows, body_layout

_LIFTED = 17  # joints of the lifters; its models of the whole body in 3D turn without a mirror
_TRACK_KEYS = ("track_id", "instance_id", "tracking_id")


def is_mmpose(file: PoseFile) -> bool:
    """Whether it is an object with `instance_info`, or a list of frames with instances, or of instances."""
    if not file.looks_like_json:
        return False
    data = file.json
    if isinstance(data, dict):
        return "instance_info" in data
    if not isinstance(data, list) or not data or not isinstance(data[0], dict):
        return False
    return {"frame_id", "instances"} <= set(data[0]) or {"keypoints", "keypoint_scores"} <= set(data[0])


def read_mmpose(path: str | os.PathLike, *, layout: str | JointLayout | None = None) -> Skeletons:
    """Reads the results of one video or image.

    Args:
        path: The file.
        layout: The layout; by default the one that the names in `meta_info` say. Without names, 17 joints are COCO's
            in 2D and Human3.6M's in 3D, and 23, 26, 133 and 136 are COCO's and Halpe's with feet.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or the joints are of no known layout.
    """
    data = read_json(path)
    names = None
    if isinstance(data, dict):
        names = _joint_names(path, data.get("meta_info"))
        data = data.get("instance_info")
    if not isinstance(data, list):
        raise read_error(path, "expected 'instance_info' or a list of frames, got something else")
    numbers, rows, scores = _collect(path, data)
    joints, confidences = _arrays(path, rows, scores)
    is_3d = joints.shape[-1] == 3
    if is_3d and joints.shape[1] == _LIFTED:
        joints = joints * np.array([-1, 1, 1], dtype=np.float32)
    if layout is None:
        layout, kept = _layout_of(path, names, joints.shape[1], is_3d)
        if len(joints):
            joints, confidences = joints[:, kept], None if confidences is None else confidences[:, kept]
    first = min(numbers, default=0)
    num_frames = max(numbers, default=0) - first + 1
    up_axis = "z" if is_3d else None
    return rows.clip(joints, confidences, layout, first, num_frames, up_axis=up_axis)


def _collect(path: str | os.PathLike, data: list[Any]) -> tuple[list[int], PoseRows, list[Any]]:
    """Numbers of all frames, the poses, and the confidences of each or None."""
    if data and isinstance(data[0], dict) and "instances" not in data[0]:
        data = [{"frame_id": 0, "instances": data}]
    numbers, rows, scores = [], PoseRows(path), []
    for index, frame in enumerate(data):
        place = f"frame {index}"
        if not isinstance(frame, dict) or not isinstance(frame.get("instances"), list):
            raise read_error(path, "expected an object with 'frame_id' and a list 'instances'", place)
        number = as_count(path, frame.get("frame_id", index), f"{place}: frame_id")
        numbers.append(number)
        for person, instance in enumerate(frame["instances"]):
            where = f"frame {number}, person {person}"
            if not isinstance(instance, dict) or not isinstance(instance.get("keypoints"), list):
                raise read_error(path, "expected an object with a list 'keypoints'", where)
            key = next((key for key in _TRACK_KEYS if key in instance), None)
            rows.add(number, -1 if key is None else as_id(path, instance[key], where), instance["keypoints"])
            scores.append(instance.get("keypoint_scores"))
    return numbers, rows, scores


def _arrays(path: str | os.PathLike, rows: PoseRows, scores: list[Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Joints (N, V, C) and confidences (N, V) or None."""

    def place(index: int) -> str:
        return f"frame {rows.frames[index]}"

    if not rows.values:
        return np.zeros((0, 0, 2), dtype=np.float32), None
    num_joints = Counter(map(len, rows.values)).most_common(1)[0][0]
    for index, pose in enumerate(rows.values):
        if len(pose) != num_joints:
            raise read_error(path, f"expected {num_joints} joints, got {len(pose)}", place(index))
    points = list(chain.from_iterable(rows.values))
    joints = as_rows(path, points, lambda index: place(index // num_joints))
    if joints.shape[1] not in (2, 3):
        raise read_error(path, f"expected 2 or 3 coordinates for each joint, got {joints.shape[1]}", place(0))
    joints = joints.reshape(len(rows.values), num_joints, -1)
    if all(score is None for score in scores):
        return joints, None
    return joints, as_rows(path, scores, lambda index: f"{place(index)}: keypoint_scores", num_joints)


def _layout_of(
    path: str | os.PathLike, names: list[str] | None, num_joints: int, is_3d: bool
) -> tuple[str | JointLayout, Any]:
    if names is not None and num_joints in (0, len(names)):
        return layout_of_file(path, names, "meta_info")
    if is_3d and num_joints == _LIFTED:
        return "h36m17", slice(None)
    return body_layout(path, num_joints, None)


def _joint_names(path: str | os.PathLike, meta: Any) -> list[str] | None:
    """Names in order out of ``keypoint_id2name``, which JSON gives text as keys, or out of ``keypoint_name2id``."""
    if not isinstance(meta, dict):
        return None
    by_id, by_name = meta.get("keypoint_id2name"), meta.get("keypoint_name2id")
    if isinstance(by_id, dict):
        pairs = list(by_id.items())
    elif isinstance(by_name, dict):
        pairs = [(str(number), name) for name, number in by_name.items()]
    else:
        return None
    known = {int(number): name for number, name in pairs if re.fullmatch("[0-9]{1,6}", number)}
    if sorted(known) != list(range(len(pairs))) or not all(isinstance(name, str) for name in known.values()):
        raise read_error(path, "expected joint names numbered from 0", "meta_info: keypoint_id2name")
    return [known[index] for index in range(len(known))]


__all__ = ["is_mmpose", "read_mmpose"]
