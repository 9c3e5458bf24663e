# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""NW-UCLA clips as JSON: ``{"file_name": "a01_s01_e00_v01", "skeletons": [T][20][3], "label": 1}``.

Positions are those of Kinect v1 in metres, y up. The frame rate is not known: frames were left out unevenly.

Axes: T frames, V joints.
"""

from __future__ import annotations

import os
import re
from itertools import chain
from typing import NamedTuple

from ..processing.skeletons import Skeletons
from .files import PoseFile, as_count, as_rows, check_size, naming, read_error, read_json

_NUM_JOINTS = 20
_NAME = re.compile(r"a(\d+)_s(\d+)_e(\d+)_v(\d+)")


class NWUCLAClip(NamedTuple):
    """A clip of NW-UCLA with what its file says of it; `action`, `label` and `view` count from 1, as the set does."""

    skeletons: Skeletons
    name: str
    label: int
    action: int
    subject: int
    episode: int
    view: int


def is_nw_ucla(file: PoseFile) -> bool:
    """Whether it is an object with `file_name`, `skeletons` and `label`."""
    return file.looks_like_json and isinstance(file.json, dict) and {"file_name", "skeletons"} <= set(file.json)


def read_nw_ucla(path: str | os.PathLike) -> Skeletons:
    """Reads a clip, in layout ``kinect20``; one with a single frame is good.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged; the file and the frame are named.
    """
    return _skeletons(path, read_json(path))


def read_nw_ucla_clip(path: str | os.PathLike) -> NWUCLAClip:
    """Reads a clip with its label, and subject, episode and view out of its name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_nw_ucla`, or if label or name are not as they should be.
    """
    data = read_json(path)
    skeletons = _skeletons(path, data)
    name = data.get("file_name")
    match = _NAME.fullmatch(name) if isinstance(name, str) and len(name) < 100 else None
    if match is None:
        raise read_error(path, "expected a name such as 'a01_s01_e00_v01'", "file_name")
    label = as_count(path, data.get("label"), "label", minimum=1)
    return NWUCLAClip(skeletons, name, label, *map(int, match.groups()))


def _skeletons(path: str | os.PathLike, data: object) -> Skeletons:
    frames = data.get("skeletons") if isinstance(data, dict) else None
    if not isinstance(frames, list) or not frames:
        raise read_error(path, "expected an object with 'skeletons', a list of frames, got something else")
    check_size(path, (len(frames), 1, _NUM_JOINTS, 3), "skeletons")
    for number, frame in enumerate(frames):
        if not isinstance(frame, list) or len(frame) != _NUM_JOINTS:
            got = f"{len(frame)}" if isinstance(frame, list) else "something else"
            raise read_error(path, f"expected a list of {_NUM_JOINTS} joints, got {got}", _place(number))
    joints = list(chain.from_iterable(frames))
    rows = as_rows(path, joints, lambda i: f"{_place(i // _NUM_JOINTS)}, joint {i % _NUM_JOINTS + 1}", 3)
    with naming(path):
        return Skeletons(rows.reshape(len(frames), _NUM_JOINTS, 3), layout="kinect20")


def _place(frame: int) -> str:
    return f"frame {frame + 1} of skeletons"


__all__ = ["NWUCLAClip", "is_nw_ucla", "read_nw_ucla", "read_nw_ucla_clip"]
