# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""OpenPose: a folder with one JSON file for each frame, as ``--write_json`` makes it, or one such file.

The layout follows from the number of joints: 25 is BODY_25, 18 is the older COCO model. A confidence of 0 is a missing
joint. Numbers in file names are frame numbers; gaps between them are frames without people.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons
from .files import PoseFile, as_id, read_error, read_json
from .formats import choose_clip
from .rows import PoseRows

_FRAME_FILE = re.compile(r"^(.*?)(\d{1,18})?_keypoints\.json$", re.ASCII)
_LAYOUTS = {18: "openpose18", 25: "openpose25"}
_KEYS = {2: ("pose_keypoints_2d", "pose_keypoints"), 3: ("pose_keypoints_3d",)}


def is_openpose(file: PoseFile) -> bool:
    """Whether it is a folder with a ``..._keypoints.json``, or a JSON object with a list of people with poses."""
    if file.is_folder:
        with os.scandir(file) as entries:
            return any(_FRAME_FILE.match(entry.name) for entry in entries)
    if not file.looks_like_json or not isinstance(file.json, dict):
        return False
    people = file.json.get("people")
    if not isinstance(people, list):
        return False
    keys = {*_KEYS[2], *_KEYS[3]}
    return "version" in file.json or any(isinstance(person, dict) and keys & set(person) for person in people)


def read_openpose(
    path: str | os.PathLike,
    *,
    layout: str | JointLayout | None = None,
    num_coordinates: int | None = None,
    clip: str | int | None = None,
) -> Skeletons:
    """Reads the frames of one clip.

    Args:
        path: The folder, or the file of one frame.
        layout: The layout, if it is not BODY_25 or COCO-18.
        num_coordinates: 3 for the reconstructed joints, 2 for those in the image; by default 3 where there are some.
        clip: The common part of the file names, if the folder holds several clips.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a file is damaged, or the folder holds several clips; the file and the frame are named.
    """
    options = {"layout": layout, "num_coordinates": num_coordinates}
    return choose_clip(path, iter_openpose(path, **options), clip)


def iter_openpose(
    path: str | os.PathLike, *, layout: str | JointLayout | None = None, num_coordinates: int | None = None
) -> Iterator[tuple[str, Skeletons]]:
    """Yields the clips of a folder: files whose names agree but for the frame number make one clip.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_openpose`.
    """
    if not Path(path).is_dir():
        name = Path(path).name.removesuffix(".json").removesuffix("_keypoints")
        yield name, _read([(0, path)], path, layout, num_coordinates)
        return
    for name, files in _clips_of(path).items():
        yield name or Path(path).name, _read(files, path, layout, num_coordinates)


def _clips_of(folder: str | os.PathLike) -> dict[str, list[tuple[int, str]]]:
    """Frame numbers and files of each clip, by the part of their names before the number."""
    clips: dict[str, list[tuple[int, str]]] = {}
    unnumbered = []
    for name in sorted(os.listdir(folder)):
        match = _FRAME_FILE.match(name)
        if match is None:
            continue
        path = os.path.join(folder, name)
        if match[2] is None:
            unnumbered.append(path)
        else:
            clips.setdefault(match[1].rstrip("_-. "), []).append((int(match[2]), path))
    if unnumbered:
        clips.setdefault("", []).extend(enumerate(unnumbered))
    if not clips:
        raise read_error(folder, "expected files that end in _keypoints.json, got a folder without any")
    return clips


def _read(
    files: Sequence[tuple[int, str | os.PathLike]],
    source: str | os.PathLike,
    layout: str | JointLayout | None,
    num_coordinates: int | None,
) -> Skeletons:
    people = [(frame, path, *person) for frame, path in files for person in _people(path)]
    if num_coordinates is None:
        num_coordinates = 3 if any(poses[3] for *_, poses in people) else 2
    rows, places = PoseRows(source), []
    for frame, path, place, person, poses in people:
        if poses[num_coordinates] not in (None, []):  # else a face or a hand without a body
            rows.add(frame, person, poses[num_coordinates])
            places.append((path, place))

    def place_of(index: int) -> str:
        path, place = places[index]
        return place if path is source else f"{os.path.basename(path)}, {place}"

    joints = rows.array(place_of, stride=num_coordinates + 1)
    if layout is None:
        layout = _layout_of(source, joints.shape[1] if places else 25)
    numbers = [frame for frame, _ in files]
    first = min(numbers)
    return rows.clip(
        joints[..., :-1], joints[..., -1], layout, first, max(numbers) - first + 1,
        up_axis="-y" if num_coordinates == 3 else None,
    )  # fmt: skip


def _people(path: str | os.PathLike) -> Iterator[tuple[str, int, dict[int, Any]]]:
    """Place in the file, id, and the numbers in 2D and 3D of each person of a frame."""
    data = read_json(path)
    people = data.get("people") if isinstance(data, dict) else None
    if not isinstance(people, list):
        raise read_error(path, "expected an object with a list 'people', got something else")
    for index, person in enumerate(people):
        place = f"person {index}"
        if not isinstance(person, dict):
            raise read_error(path, "expected an object, got something else", place)
        number = as_id(path, person.get("person_id", -1), f"{place}: person_id")
        yield (
            place,
            number,
            {size: next((person[key] for key in keys if key in person), None) for size, keys in _KEYS.items()},
        )


def _layout_of(path: str | os.PathLike, num_joints: int) -> str:
    if num_joints not in _LAYOUTS:
        raise read_error(
            path, f"expected 25 joints (BODY_25) or 18 (COCO), got {num_joints}; pass layout= for other models"
        )
    return _LAYOUTS[num_joints]


__all__ = ["is_openpose", "iter_openpose", "read_openpose"]
