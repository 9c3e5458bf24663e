# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Joint positions of SMPL bodies: archives as of AMASS (``.npz``), and HumanML3D's ``new_joints`` (``.npy``).

AMASS itself distributes pose parameters; positions come out of them by a body model, which has a licence of its own
and is not part of this package. What is read here are archives into which somebody has put the positions.

Axes: T frames, V joints.
"""

from __future__ import annotations

import os

import numpy as np

from ..processing.joint_layouts import get_layout
from ..processing.skeletons import Skeletons
from .files import PoseFile, check_size, list_npz, naming, open_npy, open_npz, read_error
from .upright import find_upright_axis

_JOINT_NAMES = ("joints", "Jtr", "jtr", "joint_positions", "joints3d", "joints_3d", "positions")
_RATE_NAMES = ("mocap_framerate", "mocap_frame_rate", "framerate", "frame_rate", "fps")
_PARAMETER_NAMES = ("poses", "trans", "betas", "root_orient", "pose_body", "body_pose")
# Numbers of joints that the SMPL family gives -> how many of them, from the first on, are the body. SMPL: 24, with 21
# landmarks 45. SMPL-H: 52, with landmarks 73. SMPL-X: 55, with landmarks 127 or 144. All begin with the same 22.
_BODY_OF = {22: 22, 24: 24, 45: 24, 52: 22, 55: 22, 73: 22, 127: 22, 144: 22}
_HUMANML3D_FPS = 20.0


def is_amass(file: PoseFile) -> bool:
    """Whether it is an archive with joint positions or pose parameters of SMPL."""
    if file.suffix != ".npz" or file.head[:2] != b"PK":
        return False
    names = set(list_npz(file))
    return not names.isdisjoint(_JOINT_NAMES) or len(names & set(_PARAMETER_NAMES)) >= 2


def is_humanml3d(file: PoseFile) -> bool:
    """Whether it is an array in a folder `new_joints`; others are read by ``format="humanml3d"``."""
    return file.head[:6] == b"\x93NUMPY" and file.path.parent.name == "new_joints"


def read_amass(path: str | os.PathLike, *, joints: str | None = None, up_axis: str | None = None) -> Skeletons:
    """Reads joint positions of a body of the SMPL family; of those with hands and face, the body.

    Args:
        path: The archive.
        joints: Name of the array of positions (T, V, 3); by default the first of ``joints``, ``Jtr``, ``jtr``,
            ``joint_positions``, ``joints3d``, ``joints_3d``, ``positions``.
        up_axis: The axis that points up; by default ``"z"`` beside AMASS's pose parameters, else that along which feet
            and head lie on average, and ``"z"`` if there is none.

    Returns:
        A clip in layout ``smpl22`` (V = 22, 52, 55, 73, 127, 144) or ``smpl24`` (24, 45); frames per second from
        ``mocap_framerate``, ``mocap_frame_rate`` or the like, if it is there.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, holds pose parameters only (the message says how to get positions), or has
            another number of joints.
    """
    there = list_npz(path)
    name = joints or next((name for name in _JOINT_NAMES if name in there), None)
    if name is None or name not in there:
        raise read_error(path, _no_joints(there, joints))
    rate_name = next((name for name in _RATE_NAMES if name in there), None)
    arrays = open_npz(path, [name, *([rate_name] if rate_name else [])])
    keypoints, layout = _body(path, arrays[name], f"array {name!r}")
    if up_axis is None:
        is_original = not set(_PARAMETER_NAMES).isdisjoint(there)
        with np.errstate(over="ignore", invalid="ignore"):
            up_axis = None if is_original else find_upright_axis(keypoints, get_layout(layout))
        up_axis = up_axis or "z"
    fps = None if rate_name is None else _rate(path, arrays[rate_name], rate_name)
    with naming(path):
        return Skeletons(keypoints, fps=fps, layout=layout, up_axis=up_axis)


def read_humanml3d(path: str | os.PathLike) -> Skeletons:
    """Reads an array (T, 22, 3) of HumanML3D's folder ``new_joints``: layout ``smpl22``, 20 frames per second, y up.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another shape.
    """
    array = open_npy(path)
    if array.ndim == 2 and array.shape[1] in (251, 263):
        raise read_error(path, "expected joints (T, 22, 3), got feature vectors; use the file in new_joints")
    if array.ndim != 3 or array.shape[1:] != (22, 3):
        raise read_error(path, f"expected joints (T, 22, 3), got an array of shape {array.shape}")
    keypoints, layout = _body(path, array, "array")
    with naming(path):
        return Skeletons(keypoints, fps=_HUMANML3D_FPS, layout=layout, up_axis="y")


def _no_joints(there: list[str], joints: str | None) -> str:
    if joints is None and not set(_PARAMETER_NAMES).isdisjoint(there):
        return (
            "expected joint positions, got pose parameters, out of which only a body model makes positions; with one "
            "(packages smplx or human_body_prior, and its licence) compute the joints of all frames and save them: "
            "np.savez(path, joints=positions, mocap_framerate=rate), positions (T, 22, 3) or more joints"
        )
    names = ", ".join(map(repr, there[:20])) or "nothing"
    return f"expected an array {joints or ' or '.join(map(repr, _JOINT_NAMES))} of positions (T, V, 3), got {names}"


def _body(path: str | os.PathLike, array: np.ndarray, place: str) -> tuple[np.ndarray, str]:
    """(T, V', 3) float32 positions of the body, and its layout."""
    if array.dtype.kind not in "fiu" or array.ndim != 3 or array.shape[2] != 3 or not len(array):
        raise read_error(path, f"expected positions (T, V, 3), got {array.dtype} of shape {array.shape}", place)
    if array.shape[1] not in _BODY_OF:
        raise read_error(
            path,
            f"expected a body of the SMPL family with {', '.join(map(str, _BODY_OF))} joints, got {array.shape[1]}",
            place,
        )
    num_joints = _BODY_OF[array.shape[1]]
    check_size(path, (len(array), 1, num_joints, 3), place)
    with np.errstate(over="ignore", invalid="ignore"):
        return array[:, :num_joints].astype(np.float32), f"smpl{num_joints}"


def _rate(path: str | os.PathLike, array: np.ndarray, name: str) -> float:
    rate = float(array.ravel()[0]) if array.size == 1 and array.dtype.kind in "fiu" else np.nan
    if not (np.isfinite(rate) and rate > 0):
        raise read_error(path, "expected one number above 0 as frames per second", f"array {name!r}")
    return rate


__all__ = ["is_amass", "is_humanml3d", "read_amass", "read_humanml3d"]
