# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""NTU RGB+D ``.skeleton`` files (Kinect v2, 25 joints), and the ``.txt`` files of UAV-Human, of the same form.

A file holds, each on a line of its own: the number of frames; for each frame the number of bodies; for each body ten
values of which the first is its id, the number of joints, and a line for each joint. The joints of NTU RGB+D have 12
numbers: x, y, z in metres (y up), x, y in the depth image (512 x 424), x, y in the colour image (1920 x 1080), four of
an orientation, and the tracking state: 0 not tracked, 1 inferred, 2 tracked. UAV-Human has the 17 joints of COCO with
x, y in pixels first; ids and tracking states are not filled in there.

Axes: T frames, M people, V joints, N bodies of all frames.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from ..processing.skeletons import Skeletons
from .files import PoseFile, check_size, read_error, read_text
from .number_lines import parse_lines, split_lines, whole_number
from .tracking import skeletons_from_rows

_KINECT, _COCO = 25, 17
_LAYOUTS = {_KINECT: "ntu25", _COCO: "coco17"}
_NUM_BODY_VALUES = 10
_NUM_JOINT_VALUES = 12
_NTU_FPS = 30.0
# Columns of a joint's line, and height and width of the image that they lie in.
_COLUMNS: dict[int, dict[str, tuple[slice, tuple[int, int] | None]]] = {
    _KINECT: {
        "3d": (slice(0, 3), None),
        "depth": (slice(3, 5), (424, 512)),
        "color": (slice(5, 7), (1080, 1920)),
    },
    _COCO: {"2d": (slice(0, 2), None), "3d": (slice(0, 3), None)},
}
_SCORE_OF_STATE = np.array([0.0, 0.5, 1.0], dtype=np.float32)


@dataclass
class _Bodies:
    """The bodies of a file in its order.

    Args:
        num_frames: T.
        frames: (N,) frame of each.
        ids: (N,) id of each.
        starts: (N,) index of the line of its first joint.
        num_joints: V, the same for all; None without any body.
    """

    num_frames: int
    frames: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    num_joints: int | None = None


def is_ntu(file: PoseFile) -> bool:
    """Whether it starts with counts of frames and bodies, a body of ten values, and a count of 17 or 25 joints."""
    if file.suffix == ".skeleton":
        return True
    lines = [line.split() for line in file.lines if line.strip()]
    first = next((index for index, words in enumerate(lines[1:], 1) if words != ["0"]), len(lines))
    head = lines[:1] + lines[first : first + 3]
    if [len(words) for words in head] != [1, 1, _NUM_BODY_VALUES, 1]:
        return False
    frames, bodies, _, joints = (whole_number(words[0]) for words in head)
    return frames is not None and bodies is not None and joints in _LAYOUTS


def read_ntu(
    path: str | os.PathLike,
    *,
    coordinates: str | None = None,
    min_frames: int = 1,
    max_people: int | None = None,
) -> Skeletons:
    """Reads a file of NTU RGB+D or UAV-Human; frames without bodies stay, and bodies come and go.

    Args:
        path: The file.
        coordinates: ``"3d"`` (Kinect's default: metres, y up), ``"color"`` or ``"depth"`` (pixels of that image). For
            UAV-Human ``"2d"`` (its default: pixels), or ``"3d"`` for the first three numbers, whatever they are.
        min_frames: Leaves out people who are seen in fewer frames: Kinect sometimes sees bodies in furniture.
        max_people: Keeps those who move most: by the variance of their joints, summed over joints and coordinates.
            By default all are kept.

    Returns:
        A clip in layout ``ntu25`` (30 frames per second) or ``coco17``. Kinect's joints have the score 1 where they
        were tracked, 0.5 where inferred, and are missing where not tracked; its body ids are the `person_ids`.
        People are tracked where ids are not distinct.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or cut short, if the options do not fit, or if they leave nobody; the file and the
            line are named.
    """
    lines = split_lines(path, read_text(path))
    bodies = _find_bodies(path, lines)
    num_joints = bodies.num_joints or _KINECT
    choices = _COLUMNS[num_joints]
    coordinates = coordinates or next(iter(choices))
    if coordinates not in choices:
        raise read_error(
            path, f"expected coordinates out of {', '.join(choices)} with {num_joints} joints, got {coordinates!r}"
        )
    columns, image_size = choices[coordinates]
    values = _joint_values(path, lines, bodies, num_joints, columns.stop)
    scores = _scores(path, values[..., -1], bodies) if num_joints == _KINECT else None
    ids = np.array(bodies.ids, dtype=np.int64)
    if len(set(zip(bodies.frames, bodies.ids, strict=True))) < len(ids):
        ids[:] = -1
    with np.errstate(over="ignore"):
        keypoints = values[..., columns].astype(np.float32)
    skeletons = skeletons_from_rows(
        path,
        np.array(bodies.frames, dtype=np.int64),
        keypoints,
        scores,
        ids,
        bodies.num_frames,
        layout=_LAYOUTS[num_joints],
        fps=_NTU_FPS if num_joints == _KINECT else None,
        image_size=image_size,
    )
    return _select(path, skeletons, min_frames, max_people)


def _find_bodies(path: str | os.PathLike, lines: list[str]) -> _Bodies:
    """Walks over the counts; what the joints' lines hold is not looked at."""
    if not lines:
        raise read_error(path, "expected a number of frames, got an empty file")
    bodies = _Bodies(_count(path, lines, 0, "the number of frames", minimum=1))
    check_size(path, (bodies.num_frames,))
    at = 1
    for frame in range(bodies.num_frames):
        num_bodies = _count(path, lines, at, f"the number of bodies in frame {frame + 1} of {bodies.num_frames}")
        at += 1
        for _ in range(num_bodies):
            at = _find_body(path, lines, at, frame, bodies)
    if at < len(lines):
        raise read_error(path, f"expected the end after {bodies.num_frames} frames, got more lines", at + 1)
    return bodies


def _find_body(path: str | os.PathLike, lines: list[str], at: int, frame: int, bodies: _Bodies) -> int:
    """Notes the body whose ten values stand on the line `at`; returns the line after its joints."""
    words = lines[at].split() if at < len(lines) else []
    number = whole_number(words[0]) if len(words) == _NUM_BODY_VALUES else None
    if number is None:
        raise read_error(
            path,
            f"expected a body's id and {_NUM_BODY_VALUES - 1} more values, got {_shown(lines, at)}",
            at + 1,
        )
    num_joints = _count(path, lines, at + 1, "the number of joints")
    if num_joints != (bodies.num_joints or num_joints) or num_joints not in _LAYOUTS:
        expected = bodies.num_joints or " or ".join(map(str, sorted(_LAYOUTS)))
        raise read_error(path, f"expected {expected} joints, got {num_joints}", at + 2)
    end = at + 2 + num_joints
    if end <= len(lines) and len(lines[end - 1].split()) < 2:  # what follows would be taken for something else
        raise read_error(path, f"expected {num_joints} lines of joints, got {lines[end - 1][:60]!r}", end)
    if end > len(lines):
        raise read_error(path, f"expected {num_joints} lines of joints, got the end of a file cut short", len(lines))
    bodies.num_joints = num_joints
    bodies.frames.append(frame)
    bodies.ids.append(number)
    bodies.starts.append(at + 2)
    return end


def _count(path: str | os.PathLike, lines: list[str], at: int, what: str, minimum: int = 0) -> int:
    number = whole_number(lines[at], minimum) if at < len(lines) else None
    if number is None:
        raise read_error(path, f"expected {what}, got {_shown(lines, at)}", at + 1)
    return number


def _shown(lines: list[str], at: int) -> str:
    return repr(lines[at].strip()[:60]) if at < len(lines) else "the end of a file cut short"


def _joint_values(
    path: str | os.PathLike, lines: list[str], bodies: _Bodies, num_joints: int, num_needed: int
) -> np.ndarray:
    """(N, V, columns) float64 numbers of all joints."""
    num_columns = _NUM_JOINT_VALUES
    if num_joints != _KINECT and bodies.starts:
        num_columns = len(lines[bodies.starts[0]].split())
        if not num_needed <= num_columns <= _NUM_JOINT_VALUES:
            raise read_error(
                path,
                f"expected {num_needed} to {_NUM_JOINT_VALUES} numbers for a joint, got {num_columns}",
                bodies.starts[0] + 1,
            )
    joints = list(chain.from_iterable(lines[start : start + num_joints] for start in bodies.starts))
    table = parse_lines(
        path, joints, num_columns, lambda index: bodies.starts[index // num_joints] + index % num_joints + 1
    )
    return table.reshape(len(bodies.starts), num_joints, num_columns)


def _scores(path: str | os.PathLike, states: np.ndarray, bodies: _Bodies) -> np.ndarray:
    """(N, V) float32 of Kinect's tracking states."""
    is_known = (states == 0) | (states == 1) | (states == 2)
    if not is_known.all():
        body, joint = np.argwhere(~is_known)[0]
        raise read_error(
            path,
            f"expected a tracking state of 0, 1 or 2 as the last number, got {states[body, joint]:g}",
            int(bodies.starts[body] + joint + 1),
        )
    return _SCORE_OF_STATE[states.astype(np.int64)]


def _select(path: str | os.PathLike, skeletons: Skeletons, min_frames: int, max_people: int | None) -> Skeletons:
    if min_frames <= 1 and (max_people is None or max_people >= skeletons.num_people):
        return skeletons
    if max_people is not None and max_people < 1:
        raise read_error(path, f"expected max_people of 1 or more, got {max_people}")
    seen = skeletons.valid.any(axis=2).sum(axis=0)
    kept = np.flatnonzero(seen >= min_frames)
    if not len(kept):
        raise read_error(path, f"expected people in {min_frames} frames, got at most {seen.max()}; lower min_frames")
    if max_people is not None and len(kept) > max_people:
        order = np.argsort(-_motion(skeletons)[kept], kind="stable")
        kept = np.sort(kept[order[:max_people]])
    return skeletons.select_people(kept.tolist())


def _motion(skeletons: Skeletons) -> np.ndarray:
    """(M,) variance over time of each person's joints, summed over joints and coordinates."""
    valid = skeletons.valid[..., None]
    count = np.maximum(valid.sum(axis=0), 1)
    keypoints = np.where(valid, skeletons.keypoints, 0).astype(np.float64)
    mean = keypoints.sum(axis=0) / count
    variance = (np.where(valid, keypoints - mean, 0) ** 2).sum(axis=0) / count
    return variance.sum(axis=(1, 2))


__all__ = ["is_ntu", "read_ntu"]
