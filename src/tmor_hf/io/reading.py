# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""One door to all pose formats: find out what a file is, and read it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..processing.skeletons import Skeletons
from .alphapose import is_alphapose, read_alphapose
from .amass import is_amass, is_humanml3d, read_amass, read_humanml3d
from .bvh import is_bvh, read_bvh
from .coco import (
    is_coco_annotations,
    is_coco_results,
    iter_coco_annotations,
    read_coco_annotations,
    read_coco_results,
)
from .files import Limits, PoseFile, naming, read_error, use_limits
from .formats import Companion, PoseFormat
from .mediapipe import is_mediapipe_csv, is_mediapipe_json, read_mediapipe_csv, read_mediapipe_json
from .mmpose import is_mmpose, read_mmpose
from .ntu import is_ntu, read_ntu
from .nw_ucla import is_nw_ucla, read_nw_ucla
from .openpose import is_openpose, iter_openpose, read_openpose
from .penn_action import is_penn_action, read_penn_action
from .plain import (
    CAPTION_FILES,
    describe_captions,
    is_npy,
    is_plain_json,
    is_plain_npz,
    read_npy,
    read_plain_json,
    read_plain_npz,
)
from .pyskl import is_pyskl, iter_pyskl, read_pyskl
from .tables import is_plain_csv, read_plain_csv
from .ultralytics import is_ultralytics_csv, is_ultralytics_json, read_ultralytics_csv, read_ultralytics_json
from .utkinect import describe_utkinect_labels, is_utkinect, read_utkinect
from .yolo_labels import is_yolo_labels, iter_yolo_labels, read_yolo_labels

# In the order in which they are asked; each is recognised by something that the others do not have.
FORMATS: list[PoseFormat] = [
    PoseFormat(
        "npz", (".npz",), is_plain_npz, read_plain_npz, description="clip of this package, as arrays",
        companion=Companion(CAPTION_FILES, describe_captions),
    ),
    PoseFormat("json", (".json",), is_plain_json, read_plain_json, description="clip of this package, as JSON"),
    PoseFormat("humanml3d", (".npy",), is_humanml3d, read_humanml3d, description="HumanML3D, new_joints"),
    PoseFormat("npy", (".npy",), is_npy, read_npy, description="one array (T, V, C) or (T, M, V, C)"),
    PoseFormat("csv", (".csv",), is_plain_csv, read_plain_csv, description="clip of this package, as a table"),
    PoseFormat(
        "openpose", (".json",), is_openpose, read_openpose, iter_openpose,
        description="OpenPose, a folder of ..._keypoints.json or one of them", frame_files="*_keypoints.json",
    ),
    PoseFormat(
        "coco", (".json",), is_coco_annotations, read_coco_annotations, iter_coco_annotations,
        description="COCO keypoints, annotations",
    ),
    PoseFormat("coco_results", (".json",), is_coco_results, read_coco_results, description="COCO keypoints, results"),
    PoseFormat("mmpose", (".json",), is_mmpose, read_mmpose, description="MMPose, results"),
    PoseFormat("alphapose", (".json",), is_alphapose, read_alphapose, description="AlphaPose, results"),
    PoseFormat(
        "ultralytics_json", (".json",), is_ultralytics_json, read_ultralytics_json,
        description="Ultralytics YOLO pose, to_json()",
    ),
    PoseFormat(
        "ultralytics_csv", (".csv",), is_ultralytics_csv, read_ultralytics_csv,
        description="Ultralytics YOLO pose, to_csv()",
    ),
    PoseFormat(
        "yolo_labels", (".txt",), is_yolo_labels, read_yolo_labels, iter_yolo_labels,
        description="Ultralytics YOLO pose, a folder of label files or one of them", frame_files="*.txt",
    ),
    PoseFormat(
        "mediapipe_json", (".json",), is_mediapipe_json, read_mediapipe_json, description="MediaPipe pose, JSON"
    ),
    PoseFormat(
        "mediapipe_csv", (".csv",), is_mediapipe_csv, read_mediapipe_csv, description="MediaPipe pose, table"
    ),
    PoseFormat("ntu", (".skeleton", ".txt"), is_ntu, read_ntu, description="NTU RGB+D and UAV-Human"),
    PoseFormat(
        "utkinect", (".txt",), is_utkinect, read_utkinect, description="UTKinect-Action3D, a recording",
        companion=Companion(("actionLabel.txt",), describe_utkinect_labels),
    ),
    PoseFormat("nw_ucla", (".json",), is_nw_ucla, read_nw_ucla, description="NW-UCLA, a clip as JSON"),
    PoseFormat("bvh", (".bvh",), is_bvh, read_bvh, description="BVH motion capture"),
    PoseFormat("penn_action", (".mat",), is_penn_action, read_penn_action, description="Penn Action, a MATLAB file"),
    PoseFormat("amass", (".npz",), is_amass, read_amass, description="joint positions of SMPL bodies, as of AMASS"),
    PoseFormat("pyskl", (".json", ".npz"), is_pyskl, read_pyskl, iter_pyskl, description="PYSKL, annotations"),
]  # fmt: skip

_COMMON = ("layout", "fps", "image_size", "up_axis")  # fields that can be set over what a file says
PICKLE_SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")


def sniff(path: str | os.PathLike) -> str:
    """Name of the format of a file or folder, found by its content.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it has no known format, or is damaged too early to tell; the message lists the formats.
    """
    return _find_format(_as_file(path), None).name


def read_skeletons(
    path: str | os.PathLike, format: str | None = None, *, limits: Limits | None = None, **options: Any
) -> Skeletons:
    """Reads a clip of any known format.

    Args:
        path: A file, or a folder where the format keeps a file for each frame.
        format: Name of the format; by default it is found out by `sniff`.
        limits: How much one file may hold, where the default limits are too tight.
        options: Options of the format's reader. For all: `layout`, `fps`, `image_size` (height, width) and `up_axis`,
            which count more than what the file says; for files with several clips: `clip`, a name or position.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the format is not known, the file is damaged or holds several clips, or an option is unknown;
            the file and the place in it are named.
    """
    file = _as_file(path)
    with use_limits(limits):
        found = _find_format(file, format)
        given, fields = _split_options(found, found.read, options)
        return _with_fields(file, found.read(file, **given), fields)


def describe_companion(path: str | os.PathLike) -> str | None:
    """What a file holds that comes with a pose format but has no poses, in a line; None for all other files.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it has the name of one, but other content.
    """
    return next((known.companion.describe(path) for known in FORMATS if known.is_companion(path)), None)


def iter_skeletons(
    path: str | os.PathLike, format: str | None = None, *, limits: Limits | None = None, **options: Any
) -> Iterator[tuple[str, Skeletons]]:
    """Yields name and skeletons of each clip in a file; of a format with one clip in a file, the file's stem.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_skeletons`.
    """
    file = _as_file(path)
    with use_limits(limits):
        found = _find_format(file, format)
        if found.iter_clips is None:
            clips = [(file.path.stem, read_skeletons(file, found.name, **options))]
        else:
            given, fields = _split_options(found, found.iter_clips, options)
            clips = ((name, _with_fields(file, clip, fields)) for name, clip in found.iter_clips(file, **given))
        iterator = iter(clips)
    while True:
        with use_limits(limits):  # not held over the yield: what the caller does meanwhile has its own limits
            item = next(iterator, None)
        if item is None:
            return
        yield item


def _as_file(path: str | os.PathLike) -> PoseFile:
    return path if isinstance(path, PoseFile) else PoseFile(path)


def _known_formats() -> str:
    return ", ".join(format.name for format in FORMATS)


def _find_format(file: PoseFile, name: str | None) -> PoseFormat:
    if name is not None:
        found = [format for format in FORMATS if format.name == name]
        if not found:
            raise ValueError(f"expected a format out of {_known_formats()}, got {name!r}")
        return found[0]
    if not file.path.exists() and not file.path.is_symlink():
        raise FileNotFoundError(f"no file {file}")
    _refuse_pickles(file)
    if not file.is_folder and not file.head:
        raise read_error(file, "expected poses, got an empty file")
    if file.looks_like_json:
        _ = file.json  # a damaged document says where, instead of matching no format
    for format in FORMATS:
        if format.is_match(file):
            return format
    if (note := describe_companion(file)) is not None:
        raise read_error(file, f"expected poses, got {note}")
    cure = "; name a file in it, or use read_folder" if file.is_folder else "; pass format= if you know better"
    raise read_error(file, f"expected poses in one of the formats {_known_formats()}, got something else{cure}")


def _refuse_pickles(file: PoseFile) -> None:
    if file.is_folder:
        return
    is_protocol = file.head[:1] == b"\x80" and file.head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    if is_protocol or file.suffix in PICKLE_SUFFIXES:
        raise read_error(
            file,
            "pickles can run any code when they are read, so they are refused; where you trust the file, convert it: "
            "load it with pickle or torch and save plain arrays with numpy.savez(path, keypoints=..., scores=...), or "
            "annotations of PYSKL with tmor_hf.io.save_pyskl_npz",
        )


def _split_options(format: PoseFormat, reader: Any, options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options that the reader takes, and fields to set on what it returns."""
    known = [name for name in inspect.signature(reader).parameters if name != "path"]
    unknown = sorted(set(options) - set(known) - set(_COMMON))
    if unknown:
        raise ValueError(
            f"unknown option {', '.join(unknown)} for format {format.name!r}; it takes "
            f"{', '.join(dict.fromkeys([*known, *_COMMON]))}"
        )
    given = {name: value for name, value in options.items() if name in known}
    return given, {name: value for name, value in options.items() if name not in known and value is not None}


def _with_fields(file: PoseFile, skeletons: Skeletons, fields: dict[str, Any]) -> Skeletons:
    if not fields:
        return skeletons
    with naming(file):
        return replace(skeletons, **fields)


__all__ = ["FORMATS", "describe_companion", "iter_skeletons", "read_skeletons", "sniff"]
