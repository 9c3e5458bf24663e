# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Annotations of many clips as PYSKL and MMAction2 use them, from JSON or from an ``.npz`` of flat arrays.

They are ``{"split": {name: [frame_dir, ...]}, "annotations": [{"frame_dir", "label", "img_shape", "original_shape",
"total_frames", "keypoint" (M, T, V, C), "keypoint_score" (M, T, V)}, ...]}``, or the list alone. PYSKL distributes
them as pickles, which run any code when they are read and are refused here; `save_pyskl_npz` converts them where they
are trusted. Its archive holds, for N clips in order:

- `frame_dir` (N,) text; `people` and `frames` (N,) whole numbers; `img_shape` (N, 2) height and width, 0 if not known;
- `keypoint` (rows, V, C) and, if there are scores, `keypoint_score` (rows, V), people x frames rows for each clip;
- `label` (labels,) and `label_offsets` (N + 1,): clip i has `label[label_offsets[i]:label_offsets[i + 1]]`;
- `split_name` (S,) text and `split_member` (S, N) bool.

Axes: M people, T frames, V joints, C coordinates.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons
from .files import (
    Limits,
    PoseFile,
    as_count,
    as_rows,
    check_size,
    list_npz,
    naming,
    open_npz,
    read_error,
    read_json,
    use_limits,
)
from .formats import choose_clip

# Joints and coordinates -> layout, where they leave no doubt.
_LAYOUTS = {(17, 2): "coco17", (18, 2): "openpose18", (25, 3): "ntu25", (20, 3): "kinect20"}
_ARRAYS = ("frame_dir", "people", "frames", "img_shape", "keypoint", "label", "label_offsets")
_HINT = (
    "pickles can run any code when they are read, so they are refused; where you trust the file, convert it once: "
    "import pickle, tmor_hf.io; tmor_hf.io.save_pyskl_npz('clips.npz', pickle.load(open('clips.pkl', 'rb')))"
)


class PysklClip(NamedTuple):
    """A clip with its annotation.

    Args:
        name: Its `frame_dir`.
        skeletons: The poses.
        labels: Its class, or its classes where it has several; empty if none is given.
        splits: Names of the parts that it belongs to, such as ``"xsub_train"``.
    """

    name: str
    skeletons: Skeletons
    labels: tuple[int, ...]
    splits: tuple[str, ...]

    @property
    def label(self) -> int | None:
        """The class of a clip that has one."""
        return self.labels[0] if len(self.labels) == 1 else None


class _Entry(NamedTuple):
    """An annotation before it becomes a clip; the arrays as `Skeletons` has them, (T, M, V, C) and (T, M, V)."""

    name: str
    keypoints: np.ndarray
    scores: np.ndarray | None
    image_size: tuple[int, int] | None
    labels: tuple[int, ...]
    splits: tuple[str, ...]
    place: str


def is_pyskl(file: PoseFile) -> bool:
    """Whether it is JSON with annotations that have `frame_dir` and `keypoint`, or an archive of ours with them."""
    if file.looks_like_json:
        entries = file.json.get("annotations") if isinstance(file.json, dict) else file.json
        first = entries[0] if isinstance(entries, list) and entries else None
        return isinstance(first, dict) and {"frame_dir", "keypoint"} <= set(first)
    return file.suffix == ".npz" and file.head[:2] == b"PK" and {"frame_dir", "keypoint"} <= set(list_npz(file))


def read_pyskl(
    path: str | os.PathLike, *, clip: str | int | None = None, layout: str | JointLayout | None = None
) -> Skeletons:
    """Reads one clip.

    Args:
        path: The file.
        clip: Its `frame_dir`, or its position from 0; by default the only one.
        layout: As in `read_pyskl_annotations`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_pyskl_annotations`, or if there is no such clip, or several and none is chosen.
    """
    return choose_clip(path, iter_pyskl(path, layout=layout), clip)


def iter_pyskl(
    path: str | os.PathLike, *, split: str | None = None, layout: str | JointLayout | None = None
) -> Iterator[tuple[str, Skeletons]]:
    """Yields `frame_dir` and clip of each annotation.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_pyskl_annotations`.
    """
    for clip in iter_pyskl_annotations(path, split=split, layout=layout):
        yield clip.name, clip.skeletons


def read_pyskl_annotations(
    path: str | os.PathLike,
    *,
    split: str | None = None,
    layout: str | JointLayout | None = None,
    limits: Limits | None = None,
) -> list[PysklClip]:
    """Reads all clips with their labels and parts.

    Args:
        path: ``.json``, or ``.npz`` by `save_pyskl_npz`.
        split: Reads the clips of this part only.
        layout: The layout; by default told by the joints: 17 or 18 in 2D are ``coco17`` and ``openpose18``, 25 or 20
            in 3D are ``ntu25`` and ``kinect20``.
        limits: How much the file may hold, where the default limits are too tight: whole sets make large archives.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, has no such part, or is a pickle; the file and the annotation are named.
    """
    return list(iter_pyskl_annotations(path, split=split, layout=layout, limits=limits))


def iter_pyskl_annotations(
    path: str | os.PathLike,
    *,
    split: str | None = None,
    layout: str | JointLayout | None = None,
    limits: Limits | None = None,
) -> Iterator[PysklClip]:
    """Yields what `read_pyskl_annotations` returns.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_pyskl_annotations`.
    """
    file = path if isinstance(path, PoseFile) else PoseFile(path)
    if file.head[:1] == b"\x80" or file.suffix in (".pkl", ".pickle"):
        raise read_error(path, _HINT)
    with use_limits(limits):
        if file.head[:2] == b"PK":
            entries = _entries_of_npz(path, open_npz(path), split)
        else:
            entries = _entries_of_json(path, read_json(path), split)
    for entry in entries:
        yield PysklClip(entry.name, _skeletons(path, entry, layout), entry.labels, entry.splits)


def _skeletons(path: str | os.PathLike, entry: _Entry, layout: str | JointLayout | None) -> Skeletons:
    keypoints = entry.keypoints
    check_size(path, keypoints.shape, entry.place)
    if layout is None:
        layout = _LAYOUTS.get(keypoints.shape[2:])
        if layout is None:
            joints, coordinates = keypoints.shape[2:]
            message = f"expected a known layout, got {joints} joints in {coordinates}D; pass layout="
            raise read_error(path, message, entry.place)
    image_size = entry.image_size if keypoints.shape[3] == 2 else None
    with naming(path, entry.place):
        return Skeletons(keypoints, scores=entry.scores, layout=layout, image_size=image_size)


def _entries_of_json(path: str | os.PathLike, data: Any, split: str | None) -> Iterator[_Entry]:
    annotations = data.get("annotations") if isinstance(data, dict) else data
    if not isinstance(annotations, list):
        raise read_error(path, "expected 'split' and 'annotations', a list, or the list alone")
    members = _split_members(path, data.get("split") if isinstance(data, dict) else None)
    _check_split(path, split, {name for names in members.values() for name in names})
    for index, annotation in enumerate(annotations):
        place = f"annotation {index}"
        name = annotation.get("frame_dir") if isinstance(annotation, dict) else None
        if not isinstance(name, str):
            raise read_error(path, "expected an object with a text 'frame_dir'", place)
        splits = members.get(name, ())
        if split is not None and split not in splits:
            continue
        place = f"{place} ({name[:60]!r})"
        keypoints = _nested(path, annotation.get("keypoint"), 4, f"{place}, keypoint").transpose(1, 0, 2, 3)
        scores = annotation.get("keypoint_score")
        if scores is not None:
            scores = _nested(path, scores, 3, f"{place}, keypoint_score").transpose(1, 0, 2)
        total = annotation.get("total_frames")
        if total is not None and as_count(path, total, f"{place}, total_frames") != len(keypoints):
            raise read_error(path, f"expected total_frames {total}, got {len(keypoints)} frames", place)
        size = _image_size(path, annotation, place)
        yield _Entry(name, keypoints, scores, size, _labels(path, annotation.get("label"), place), splits, place)


def _split_members(path: str | os.PathLike, split: Any) -> dict[str, tuple[str, ...]]:
    """`frame_dir` -> names of the parts that it is in."""
    found: dict[str, list[str]] = {}
    if split is not None and not isinstance(split, dict):
        raise read_error(path, "expected an object of names and lists", "split")
    for name, members in (split or {}).items():
        if not isinstance(members, list) or not set(map(type, members)) <= {str}:
            raise read_error(path, "expected a list of texts", f"split {name[:60]!r}")
        for member in members:
            found.setdefault(member, []).append(name)
    return {member: tuple(dict.fromkeys(names)) for member, names in found.items()}


def _check_split(path: str | os.PathLike, split: str | None, known: set[str]) -> None:
    if split is not None and split not in known:
        raise read_error(path, f"expected a split out of {', '.join(sorted(known)) or 'none'}, got {split!r}")


def _nested(path: str | os.PathLike, values: Any, depth: int, place: str) -> np.ndarray:
    """Nested lists of one shape as a float32 array; null becomes NaN."""
    shape, level = [], [values]
    for axis in range(depth - 1):
        lengths = {len(item) if isinstance(item, list) else -1 for item in level}
        if len(lengths) != 1 or lengths & {-1, 0}:
            raise read_error(path, f"expected {depth} nested lists of equal lengths that are not empty", place)
        shape.append(lengths.pop())
        level = list(chain.from_iterable(level)) if axis < depth - 2 else level
    rows = list(chain.from_iterable(level))
    array = as_rows(path, rows, place)
    if not array.shape[1]:
        raise read_error(path, f"expected {depth} nested lists of equal lengths that are not empty", place)
    return array.reshape(*shape, array.shape[1])


def _image_size(path: str | os.PathLike, annotation: Mapping[str, Any], place: str) -> tuple[int, int] | None:
    size = annotation.get("img_shape") or annotation.get("original_shape")
    if size is None:
        return None
    if not isinstance(size, list) or len(size) < 2:
        raise read_error(path, "expected height and width", f"{place}, img_shape")
    return tuple(as_count(path, value, f"{place}, img_shape", minimum=1) for value in size[:2])


def _labels(path: str | os.PathLike, label: Any, place: str) -> tuple[int, ...]:
    values = label if isinstance(label, list) else [] if label is None else [label]
    return tuple(as_count(path, value, f"{place}, label") for value in values)


def _entries_of_npz(path: str | os.PathLike, arrays: dict[str, np.ndarray], split: str | None) -> Iterator[_Entry]:
    arrays = _checked_arrays(path, arrays)
    names, parts = arrays["frame_dir"].tolist(), arrays["split_name"].tolist()
    _check_split(path, split, set(parts))
    counts = arrays["people"] * arrays["frames"]
    ends = np.cumsum(counts)
    keypoint, score = arrays["keypoint"], arrays.get("keypoint_score")
    offsets = arrays["label_offsets"]
    for index, name in enumerate(names):
        splits = tuple(part for part, is_in in zip(parts, arrays["split_member"][:, index], strict=True) if is_in)
        if split is not None and split not in splits:
            continue
        rows = slice(ends[index] - counts[index], ends[index])
        shape = (arrays["people"][index], arrays["frames"][index])
        place = f"annotation {index} ({name[:60]!r})"
        keypoints = keypoint[rows].reshape(*shape, *keypoint.shape[1:]).swapaxes(0, 1)
        scores = None if score is None else score[rows].reshape(*shape, score.shape[1]).swapaxes(0, 1)
        size = tuple(arrays["img_shape"][index].tolist())
        labels = tuple(arrays["label"][offsets[index] : offsets[index + 1]].tolist())
        yield _Entry(name, keypoints, scores, size if min(size) > 0 else None, labels, splits, place)


def _checked_arrays(path: str | os.PathLike, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays, after it is sure that all fit together."""
    missing = [name for name in _ARRAYS if name not in arrays]
    if missing:
        raise read_error(path, f"expected the arrays {', '.join(_ARRAYS)}, got none {missing[0]!r}")
    arrays.setdefault("split_name", np.empty(0, "U1"))
    num_clips = arrays["frame_dir"].size
    arrays.setdefault("split_member", np.empty((arrays["split_name"].size, num_clips), dtype=bool))
    num_rows = len(arrays["keypoint"]) if arrays["keypoint"].ndim else 0
    shapes = {
        "frame_dir": ("U", (num_clips,)), "people": ("iu", (num_clips,)), "frames": ("iu", (num_clips,)),
        "img_shape": ("iu", (num_clips, 2)), "keypoint": ("fiu", (num_rows, None, None)),
        "keypoint_score": ("fiu", (num_rows, arrays["keypoint"].shape[1] if arrays["keypoint"].ndim > 1 else 0)),
        "label": ("iu", (None,)), "label_offsets": ("iu", (num_clips + 1,)), "split_name": ("U", (None,)),
        "split_member": ("b", (arrays["split_name"].size, num_clips)),
    }  # fmt: skip
    for name, (kinds, shape) in shapes.items():
        array = arrays.get(name)
        fits = array is None or (
            array.dtype.kind in kinds
            and array.ndim == len(shape)
            and all(want in (None, size) for want, size in zip(shape, array.shape, strict=True))
        )
        if not fits:
            raise read_error(path, f"expected shape {shape}, got {array.dtype} of {array.shape}", f"array {name!r}")
    people, frames = arrays["people"].astype(np.float64), arrays["frames"].astype(np.float64)
    if num_clips and (min(people.min(), frames.min()) < 1 or (people * frames).sum() != num_rows):
        raise read_error(path, f"expected people and frames above 0 that make up {num_rows} rows of keypoint")
    for name in ("people", "frames", "label", "label_offsets", "img_shape"):
        arrays[name] = arrays[name].astype(np.int64)
    offsets = arrays["label_offsets"]
    if offsets[0] != 0 or offsets[-1] != arrays["label"].size or (np.diff(offsets) < 0).any():
        raise read_error(path, f"expected offsets that rise from 0 to {arrays['label'].size}", "array 'label_offsets'")
    return arrays


def save_pyskl_npz(
    path: str | os.PathLike, data: Mapping[str, Any] | Sequence[Mapping[str, Any]], dtype: Any = np.float32
) -> Path:
    """Saves annotations as PYSKL has them as an ``.npz`` without pickles, which the readers of this file take.

    Args:
        path: Where to write; ends in ``.npz``.
        data: ``{"split": ..., "annotations": [...]}``, or the list alone; all clips with the same joints.
        dtype: Of keypoints and scores; float16 halves the file, and is good to a millimetre below 4 metres and to half
            a pixel below 2048.

    Raises:
        ValueError: If the path ends otherwise, there is no annotation, or one does not fit; it is named.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"expected a path that ends in .npz, got {path}")
    annotations = list(data["annotations"] if isinstance(data, Mapping) else data)
    if not annotations:
        raise ValueError(f"expected annotations to save as {path}, got none")
    _check_annotations(annotations)
    names = np.array([str(annotation["frame_dir"]) for annotation in annotations])
    shapes = np.array([np.shape(annotation["keypoint"])[:2] for annotation in annotations])
    labels = [np.atleast_1d(np.asarray(a.get("label", ()), dtype=np.int64)) for a in annotations]
    split = data.get("split", {}) if isinstance(data, Mapping) else {}
    members = [np.isin(names, np.array(list(map(str, part)), dtype=np.str_)) for part in split.values()]
    np.savez_compressed(
        path,
        frame_dir=names,
        people=shapes[:, 0],
        frames=shapes[:, 1],
        img_shape=np.array([_size_of(annotation) for annotation in annotations], dtype=np.int64),
        label=np.concatenate(labels),
        label_offsets=np.cumsum([0, *map(len, labels)]),
        split_name=np.array(list(split), dtype=np.str_),
        split_member=np.array(members, dtype=bool).reshape(len(members), len(names)),
        **_flat_arrays(annotations, dtype),
    )
    return path


def _check_annotations(annotations: Sequence[Mapping[str, Any]]) -> None:
    joints = None
    for index, annotation in enumerate(annotations):
        if not {"frame_dir", "keypoint"} <= set(annotation):
            raise ValueError(f"expected 'frame_dir' and 'keypoint', got {sorted(annotation)} in annotation {index}")
        name, shape = annotation["frame_dir"], np.shape(annotation["keypoint"])
        joints = joints or shape[2:]
        if len(shape) != 4 or shape[2:] != joints or 0 in shape:
            raise ValueError(f"expected keypoint (M, T, {', '.join(map(str, joints))}), got {shape} in {name!r}")
        score = annotation.get("keypoint_score")
        if score is not None and np.shape(score) != shape[:3]:
            raise ValueError(f"expected keypoint_score {shape[:3]}, got {np.shape(score)} in {name!r}")


def _flat_arrays(annotations: Sequence[Mapping[str, Any]], dtype: Any) -> dict[str, np.ndarray]:
    """Keypoints of all clips one after another, and scores if any clip has them; 1 for those without."""
    keypoints = [np.asarray(annotation["keypoint"], dtype=dtype) for annotation in annotations]
    arrays = {"keypoint": np.concatenate([array.reshape(-1, *array.shape[2:]) for array in keypoints])}
    scores = [annotation.get("keypoint_score") for annotation in annotations]
    if any(score is not None for score in scores):
        rows = [
            np.ones((array.shape[0] * array.shape[1], array.shape[2]), dtype=dtype)
            if score is None
            else np.asarray(score, dtype=dtype).reshape(-1, array.shape[2])
            for array, score in zip(keypoints, scores, strict=True)
        ]
        arrays["keypoint_score"] = np.concatenate(rows)
    return arrays


def _size_of(annotation: Mapping[str, Any]) -> tuple[int, int]:
    for name in ("img_shape", "original_shape"):
        if annotation.get(name) is not None:
            return tuple(annotation[name])[:2]
    return 0, 0


__all__ = [
    "PysklClip",
    "is_pyskl",
    "iter_pyskl",
    "iter_pyskl_annotations",
    "read_pyskl",
    "read_pyskl_annotations",
    "save_pyskl_npz",
]
