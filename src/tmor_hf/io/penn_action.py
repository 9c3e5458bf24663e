# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Penn Action's labels: a ``.mat`` file for each video, with 13 joints in pixels and flags of which are visible.

Axes: T frames, V joints.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from ..processing.skeletons import Skeletons
from .files import check_size, naming, read_error
from .mat5 import is_mat, read_mat

_NUM_JOINTS = 13
_NEEDED = ("x", "y", "visibility", "dimensions")
_FIELDS = (*_NEEDED, "action", "pose", "train", "bbox")


class PennActionClip(NamedTuple):
    """A clip of Penn Action with what its file says of it.

    Args:
        skeletons: The poses, in pixels.
        action: The class, such as ``"baseball_pitch"``.
        viewpoint: ``"front"``, ``"back"``, ``"left"`` or ``"right"``.
        is_train: True for the training part of the official split.
        boxes: (T', 4) left, top, right and bottom of the person in each frame.
    """

    skeletons: Skeletons
    action: str
    viewpoint: str
    is_train: bool
    boxes: np.ndarray


# Its files have nothing before their variables that would tell them from others of MATLAB.
is_penn_action = is_mat


def read_penn_action(path: str | os.PathLike) -> Skeletons:
    """Reads the poses of a video, in layout ``penn13``, which puts right that the files call left what is right.

    Joints that are not visible have the score 0: the set's x and y there are guesses. The frame rate is not known.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or lacks x, y, visibility or dimensions; file and variable are named.
    """
    return _skeletons(path, read_mat(path, _NEEDED))


def read_penn_action_clip(path: str | os.PathLike) -> PennActionClip:
    """Reads the poses of a video with its class, viewpoint, part of the split, and boxes.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_penn_action`, or if it lacks one of these.
    """
    data = read_mat(path, _FIELDS)
    skeletons = _skeletons(path, data)
    texts = [data.get(name) for name in ("action", "pose")]
    train, boxes = data.get("train"), data.get("bbox")
    if not all(isinstance(text, str) for text in texts):
        raise read_error(path, "expected texts 'action' and 'pose', got something else")
    if not isinstance(train, np.ndarray) or train.size != 1:
        raise read_error(path, "expected one number, 1 for training and -1 for test", "variable 'train'")
    if not isinstance(boxes, np.ndarray) or boxes.ndim != 2 or boxes.shape[1] != 4:
        raise read_error(path, "expected four numbers for each frame", "variable 'bbox'")
    with np.errstate(over="ignore"):
        boxes = boxes.astype(np.float32)
    return PennActionClip(skeletons, *texts, bool(train.ravel()[0] == 1), boxes)


def _skeletons(path: str | os.PathLike, data: dict[str, np.ndarray | str]) -> Skeletons:
    missing = [name for name in _NEEDED if not isinstance(data.get(name), np.ndarray)]
    if missing:
        raise read_error(path, f"expected variables {', '.join(_NEEDED)} as in Penn Action, got none {missing[0]!r}")
    x, y, visibility, dimensions = (data[name] for name in _NEEDED)
    for name in ("x", "y", "visibility"):
        if data[name].shape != (len(x), _NUM_JOINTS) or not len(x):
            got = data[name].shape
            raise read_error(
                path, f"expected {_NUM_JOINTS} joints for each frame, got shape {got}", f"variable {name!r}"
            )
    if dimensions.size < 2:
        raise read_error(path, f"expected height, width and frames, got {dimensions.size}", "variable 'dimensions'")
    check_size(path, (len(x), 1, _NUM_JOINTS, 2))
    size = dimensions.ravel()[:2].astype(np.float64)
    if not (np.isfinite(size).all() and (0 < size).all() and (size < 2**31).all()):
        raise read_error(path, f"expected height and width above 0, got {size.tolist()}", "variable 'dimensions'")
    with naming(path), np.errstate(over="ignore"):
        keypoints = np.stack([x, y], axis=-1).astype(np.float32)
        return Skeletons(keypoints, scores=visibility, layout="penn13", image_size=tuple(size.astype(int).tolist()))


__all__ = ["PennActionClip", "is_penn_action", "read_penn_action", "read_penn_action_clip"]
