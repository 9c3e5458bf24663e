# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""BVH motion capture: hierarchy, channels, and the positions of the joints by forward kinematics.

Rotations apply in the order in which a joint lists its channels. Position channels take the place of the joint's
OFFSET, one by one. Units are those of the file, mostly centimetres; the models do not depend on them.

Axes: T frames, V joints, K channels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from ..processing.joint_layouts import LAYOUTS, JointLayout, get_layout
from ..processing.skeletons import Skeletons
from .bvh_layout import Hierarchy, layout_of_hierarchy
from .files import PoseFile, check_size, naming, read_error, read_text
from .number_lines import parse_lines, split_lines, whole_number
from .upright import find_upright_axis

_MAX_JOINTS = 2000
_MAX_LINE = 4096  # characters of a line in the hierarchy
_MAX_CHANNELS = 6  # of one joint
_CHUNK = 1 << 19  # poses of joints that are computed at a time
_CHANNELS = {f"{axis}{kind}": (axis, kind) for axis in "xyz" for kind in ("position", "rotation")}


@dataclass
class _Bones:
    """The hierarchy of a file.

    Args:
        names: V distinct names; an end site is named after its parent.
        parents: Index of each joint's parent, -1 for the root.
        offsets: Rest position of each joint relative to its parent.
        channels: Channels of each joint, in order, as (axis 0 to 2, True for a rotation).
        is_end: True for end sites.
        taken: The names again, to look up.
    """

    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[list[float]] = field(default_factory=list)
    channels: list[list[tuple[int, bool]]] = field(default_factory=list)
    is_end: list[bool] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    @property
    def num_channels(self) -> int:
        return sum(map(len, self.channels))


def is_bvh(file: PoseFile) -> bool:
    """Whether it starts with HIERARCHY and ROOT."""
    words = file.text[:1000].split(maxsplit=2)
    return [word.upper() for word in words[:2]] == ["HIERARCHY", "ROOT"] or file.suffix == ".bvh"


def read_bvh(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    end_sites: bool = False,
    scale: float = 1.0,
    up_axis: str | None = None,
) -> Skeletons:
    """Reads a BVH file as joint positions.

    Args:
        path: The file.
        layout: The layout; its joints are found by their names in the file, or, if their number is that of the file's
            joints, by their order. By default a known one if all of its joints are there by name, else one with all
            joints of the file, of which those that can be told by name are mapped onto the canonical joints.
        end_sites: Takes the end sites as joints too; fingertips and toes often have no other.
        scale: Factor on all positions, such as 0.01 from centimetres to metres.
        up_axis: The axis that points up. By default ``"y"``, unless in the rest pose and on average over the clip
            feet and head lie along another axis.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, if the layout does not fit, or if no limb can be told by its name; the file and
            the line are named.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"expected a scale above 0, got {scale}")
    lines = split_lines(path, read_text(path))
    bones, at = _parse_hierarchy(path, lines)
    num_frames, seconds, numbers = _parse_motion_head(path, lines, at)
    found, kept = _find_layout(path, bones, layout, end_sites)
    check_size(path, (num_frames, 1, len(kept), 3))
    keypoints = np.empty((num_frames, len(kept), 3), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        step = max(_CHUNK // len(bones.names), 1)
        for start in range(0, num_frames, step):
            rows = numbers[start : start + step]
            motion = parse_lines(
                path, [lines[row] for row in rows], bones.num_channels, lambda i, rows=rows: rows[i] + 1
            )
            keypoints[start : start + step] = scale * forward_kinematics(bones, motion)[:, kept]
        if up_axis is None:
            up_axis = _find_up_axis(_rest_pose(bones)[kept], keypoints, found)
    with naming(path):
        return Skeletons(
            keypoints,
            fps=round(1 / seconds, 2) if seconds > 0 else None,  # the file's 0.0333333 means 30
            layout=found.name if LAYOUTS.get(found.name) == found else found,
            up_axis=None if up_axis == found.up_axis else up_axis,
        )


def forward_kinematics(bones: _Bones, motion: np.ndarray) -> np.ndarray:
    """(T, V, 3) positions of all joints, from the numbers (T, K) of all channels."""
    num_frames = len(motion)
    positions = np.empty((len(bones.names), num_frames, 3))
    turns: list[np.ndarray] = []  # (T, 3, 3) of each joint in the world
    at = 0
    for joint, (parent, channels) in enumerate(zip(bones.parents, bones.channels, strict=True)):
        values = motion[:, at : at + len(channels)].T
        at += len(channels)
        local = np.broadcast_to(np.asarray(bones.offsets[joint]), (num_frames, 3)).copy()
        turn = None
        for value, (axis, is_rotation) in zip(values, channels, strict=True):
            if is_rotation:
                around = _rotations(axis, value)
                turn = around if turn is None else turn @ around
            else:
                local[:, axis] = value
        if parent >= 0:
            positions[joint] = positions[parent] + (turns[parent] @ local[..., None])[..., 0]
            turn = turns[parent] if turn is None else turns[parent] @ turn
        else:
            positions[joint] = local
            turn = np.broadcast_to(np.eye(3), (num_frames, 3, 3)) if turn is None else turn
        turns.append(turn)
    return positions.transpose(1, 0, 2)


def _rotations(axis: int, degrees: np.ndarray) -> np.ndarray:
    """(T, 3, 3) rotations about one axis."""
    radians = np.deg2rad(degrees)
    cosine, sine = np.cos(radians), np.sin(radians)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrices = np.zeros((len(degrees), 3, 3))
    matrices[:, axis, axis] = 1
    matrices[:, first, first] = matrices[:, second, second] = cosine
    matrices[:, first, second], matrices[:, second, first] = -sine, sine
    return matrices


def _rest_pose(bones: _Bones) -> np.ndarray:
    """(V, 3) positions without any motion."""
    positions = np.zeros((len(bones.names), 3))
    for joint, parent in enumerate(bones.parents):
        positions[joint] = bones.offsets[joint] if parent < 0 else positions[parent] + bones.offsets[joint]
    return positions


def _words(path: str | os.PathLike, lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Words of the hierarchy with the numbers of their lines; braces need no space around them."""
    for number, line in enumerate(lines, 1):
        if len(line) > _MAX_LINE:
            raise read_error(path, f"expected lines of at most {_MAX_LINE} characters before MOTION", number)
        for word in line.replace("{", " { ").replace("}", " } ").split():
            yield word, number
    raise read_error(path, "expected the hierarchy and MOTION, got the end of a file cut short", max(len(lines), 1))


def _parse_hierarchy(path: str | os.PathLike, lines: Sequence[str]) -> tuple[_Bones, int]:
    """The bones, and the index of the line after MOTION."""
    words = _words(path, lines)
    word, number = next(words)
    if word.upper() != "HIERARCHY":
        raise read_error(path, f"expected HIERARCHY, got {word[:40]!r}", number)
    bones, open_joints = _Bones(), []  # without recursion, so that no depth is too deep
    while True:
        word, number = next(words)
        key = word.upper()
        if key == "MOTION" and not open_joints and bones.names:
            return bones, number
        if key == "ROOT" and not bones.names or key in ("JOINT", "END") and open_joints:
            open_joints.append(_open_joint(path, words, bones, open_joints[-1] if open_joints else -1, key == "END"))
        elif key == "}" and open_joints:
            open_joints.pop()
        elif key == "OFFSET" and open_joints:
            bones.offsets[open_joints[-1]] = [_number(path, *next(words)) for _ in range(3)]
        elif key == "CHANNELS" and open_joints and not bones.is_end[open_joints[-1]]:
            bones.channels[open_joints[-1]] = _channels(path, words)
        else:
            where = f"in joint {bones.names[open_joints[-1]][:40]!r}" if open_joints else "outside of all joints"
            raise read_error(path, f"expected no {word[:40]!r} {where}; a file holds one ROOT", number)


def _open_joint(
    path: str | os.PathLike, words: Iterator[tuple[str, int]], bones: _Bones, parent: int, is_end: bool
) -> int:
    """Reads name and brace of a new joint; returns its index."""
    if len(bones.names) >= _MAX_JOINTS:
        raise read_error(path, f"expected at most {_MAX_JOINTS} joints, got more", next(words)[1])
    title: list[str] = []
    while (item := next(words))[0] != "{":
        title.append(item[0])
        if len(title) > 20:
            raise read_error(path, "expected a name and '{', got a long text", item[1])
    if parent >= 0 and bones.is_end[parent]:
        raise read_error(path, "expected nothing below an End Site", item[1])
    if not title:
        raise read_error(path, "expected the name of a joint before '{'", item[1])
    wanted = f"{bones.names[parent]}_end" if is_end else " ".join(title).replace("+", "_")
    name = wanted
    for index in count(2):
        if name not in bones.taken:
            break
        name = f"{wanted}_{index}"
    bones.taken.add(name)
    bones.names.append(name)
    bones.parents.append(parent)
    bones.offsets.append([0.0, 0.0, 0.0])
    bones.channels.append([])
    bones.is_end.append(is_end)
    return len(bones.names) - 1


def _channels(path: str | os.PathLike, words: Iterator[tuple[str, int]]) -> list[tuple[int, bool]]:
    word, number = next(words)
    num_channels = whole_number(word)
    if num_channels is None or num_channels > _MAX_CHANNELS:
        raise read_error(path, f"expected 0 to {_MAX_CHANNELS} channels, got {word[:40]!r}", number)
    channels = []
    for _ in range(num_channels):
        word, number = next(words)
        if word.lower() not in _CHANNELS:
            raise read_error(path, f"expected a channel such as Xposition or Zrotation, got {word[:40]!r}", number)
        axis, kind = _CHANNELS[word.lower()]
        channel = ("xyz".index(axis), kind == "rotation")
        if channel in channels and not channel[1]:
            raise read_error(path, f"expected each position once, got {word} again", number)
        channels.append(channel)
    return channels


def _number(path: str | os.PathLike, word: str, number: int) -> float:
    try:
        value = float(word)
    except ValueError as error:
        raise read_error(path, f"expected a number, got {word[:40]!r}", number) from error
    if not np.isfinite(value):
        raise read_error(path, f"expected a finite number, got {word[:40]!r}", number)
    return value


def _parse_motion_head(path: str | os.PathLike, lines: Sequence[str], at: int) -> tuple[int, float, list[int]]:
    """Number of frames, seconds of each, and the indices of their lines."""
    rows = [index for index in range(at, len(lines)) if lines[index].strip()]
    heads = []
    for row, title in zip((*rows[:2], len(lines), len(lines)), ("frames:", "frame time:"), strict=False):
        line = " ".join(lines[row][:200].split()) if row < len(lines) else ""
        if not line.lower().startswith(title):
            got = repr(line[:40]) if line else "the end of a file cut short"
            raise read_error(path, f"expected '{title.capitalize()} ...', got {got}", row + 1)
        heads.append((line[len(title) :].strip(), row + 1))
    (total, total_line), (time, time_line) = heads
    num_frames = whole_number(total, minimum=1)
    if num_frames is None:
        raise read_error(path, f"expected a number of frames above 0, got {total[:40]!r}", total_line)
    seconds = _number(path, time, time_line)
    if seconds < 0 or 0 < seconds < 1e-6 or seconds > 100:
        raise read_error(path, f"expected a frame time of 0 to 100 seconds, got {time[:40]!r}", time_line)
    numbers = rows[2:]
    if len(numbers) != num_frames:
        raise read_error(
            path, f"expected {num_frames} frames, got {len(numbers)}; the file may be cut short", total_line
        )
    return num_frames, seconds, numbers


def _find_layout(
    path: str | os.PathLike, bones: _Bones, layout: str | JointLayout | None, end_sites: bool
) -> tuple[JointLayout, list[int]]:
    """The layout, and the indices of its joints among all joints and end sites."""
    members = [index for index, is_end in enumerate(bones.is_end) if end_sites or not is_end]
    names = [bones.names[index] for index in members]
    if layout is not None:
        wanted = get_layout(layout)
        if set(wanted.joints) <= set(names):
            return wanted, [members[names.index(joint)] for joint in wanted.joints]
        if wanted.num_joints == len(members):
            return wanted, members
        raise read_error(
            path,
            f"expected the {wanted.num_joints} joints of layout {wanted.name!r}, got {len(names)}: "
            f"{', '.join(names)[:400]}; pass a layout with these names",
        )
    position = {member: index for index, member in enumerate(members)}
    hierarchy = Hierarchy(
        tuple(names),
        tuple(position.get(bones.parents[index], -1) for index in members),
        tuple(bones.is_end[index] for index in members),
    )
    found = layout_of_hierarchy(hierarchy)
    if found is None:
        raise read_error(
            path,
            f"expected joints whose names tell arms or legs, got {', '.join(names)[:400]}; "
            "pass layout=JointLayout(...) with these names, and how they map onto the canonical joints",
        )
    return found[0], [members[index] for index in found[1]]


def _find_up_axis(rest: np.ndarray, keypoints: np.ndarray, layout: JointLayout) -> str:
    """The axis from feet to head, if the rest pose (V, 3) and the motion (T, V, 3) agree on it; else y."""
    axes = {find_upright_axis(rest[None], layout), find_upright_axis(keypoints, layout)}
    return (axes.pop() if len(axes) == 1 else None) or "y"


__all__ = ["forward_kinematics", "is_bvh", "read_bvh"]
