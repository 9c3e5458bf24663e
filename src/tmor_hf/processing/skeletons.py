# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`Skeletons`: the poses of the people in one clip, as one plain object with a file form.

Axes: T frames, M people, V joints, C coordinates (2 or 3).
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from .joint_layouts import CANONICAL, JointLayout, check_up_axis, get_layout, to_canonical, to_y_up


@dataclass
class Skeletons:
    """The poses of the people in one clip.

    Args:
        keypoints: (T, M, V, C) joint positions, or (T, V, C) for one person; C is 2 (pixels or relative image units)
            or 3 (any length unit). NaN, infinity and joints that are exactly 0 in all coordinates count as missing.
            Integers and float64 become float32.
        scores: (T, M, V) or (T, V) confidences of the pose estimator; 0 or less, and NaN, means missing.
        fps: Frames per second, if known.
        layout: Name of the joint layout, or a `JointLayout`.
        image_size: (height, width) in pixels of the images that 2D keypoints come from, if known.
        up_axis: The axis that points up: ``"y"``, ``"-y"``, ``"z"``, ... By default ``"-y"`` for 2D keypoints (image
            rows grow downwards), and what the layout says for 3D ones.
        person_ids: (M,) track ids, if known.

    Raises:
        ValueError: If ranks, sizes or the layout do not fit together; the message says what was expected.
    """

    keypoints: np.ndarray
    scores: np.ndarray | None = None
    fps: float | None = None
    layout: str | JointLayout = "tmor22"
    image_size: tuple[int, int] | None = None
    up_axis: str | None = None
    person_ids: np.ndarray | None = None

    def __post_init__(self) -> None:
        layout = get_layout(self.layout)
        self.layout = self.layout if isinstance(self.layout, str) else layout
        self.keypoints = _as_keypoints(self.keypoints, layout)
        if self.scores is not None:
            self.scores = _as_scores(self.scores, self.keypoints)
        if self.fps is not None:
            self.fps = float(self.fps)
            if not (np.isfinite(self.fps) and self.fps > 0):
                raise ValueError(f"expected fps above 0, got {self.fps}; leave it None if it is not known")
        if self.image_size is not None:
            self.image_size = tuple(int(size) for size in self.image_size)
            if len(self.image_size) != 2 or min(self.image_size) <= 0:
                raise ValueError(f"expected image_size (height, width) above 0, got {self.image_size}")
        if self.up_axis is not None:
            check_up_axis(self.up_axis)
        if self.person_ids is not None:
            self.person_ids = np.asarray(self.person_ids)
            if self.person_ids.shape != (self.num_people,):
                raise ValueError(f"expected {self.num_people} person_ids, got shape {self.person_ids.shape}")

    @property
    def num_frames(self) -> int:
        return self.keypoints.shape[0]

    @property
    def num_people(self) -> int:
        return self.keypoints.shape[1]

    @property
    def num_joints(self) -> int:
        return self.keypoints.shape[2]

    @property
    def num_coordinates(self) -> int:
        return self.keypoints.shape[3]

    @property
    def resolved_up_axis(self) -> str:
        """`up_axis`, or its default for this layout and number of coordinates."""
        if self.up_axis is not None:
            return self.up_axis
        return "-y" if self.num_coordinates == 2 else get_layout(self.layout).up_axis

    @property
    def valid(self) -> np.ndarray:
        """(T, M, V) bool, True where a joint was seen: finite, not all zero, and with a score above 0."""
        # One product per joint is many times faster than reductions over an axis of length 2 or 3. NaN compares False.
        coordinates = self.num_coordinates
        with np.errstate(invalid="ignore", over="ignore"):  # infinity is a legal way to say that a joint is missing
            total = np.abs(self.keypoints.reshape(-1, coordinates)) @ np.ones(coordinates, dtype=np.float32)
        valid = ((total > 0) & (total < np.inf)).reshape(self.keypoints.shape[:3])
        if self.scores is not None:
            valid &= self.scores > 0
        return valid

    def to_layout(self, layout: str = "tmor22") -> Skeletons:
        """This clip on the canonical joints, y up, missing joints NaN; scores are used up in finding the missing ones.

        Raises:
            ValueError: If another layout than the canonical one is asked for: most joints could not be derived.
        """
        if get_layout(layout) != CANONICAL:
            raise ValueError(f"skeletons convert to {CANONICAL.name!r} only, got {layout!r}")
        shape = (self.num_frames, self.num_people, CANONICAL.num_joints, self.num_coordinates)
        flat = self.keypoints.reshape(-1, self.num_joints, self.num_coordinates)
        valid = self.valid.reshape(-1, self.num_joints)
        joints, mask = to_canonical(flat, valid, get_layout(self.layout))
        joints = to_y_up(joints, self.resolved_up_axis)
        joints = np.where(mask[..., None], joints, np.float32(np.nan)).reshape(shape)
        return replace(self, keypoints=joints, scores=None, layout=CANONICAL.name, up_axis="y")

    def select_frames(self, frames: slice) -> Skeletons:
        """This clip with some of its frames, in the order of the slice; the frame rate stays as it is.

        Raises:
            ValueError: If no frame is left.
        """
        scores = None if self.scores is None else self.scores[frames]
        return replace(self, keypoints=self.keypoints[frames], scores=scores)

    def select_people(self, people: slice | list[int]) -> Skeletons:
        """This clip with some of its people, by slot."""
        return replace(
            self,
            keypoints=self.keypoints[:, people],
            scores=None if self.scores is None else self.scores[:, people],
            person_ids=None if self.person_ids is None else self.person_ids[people],
        )

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by name; a layout of one's own becomes its dict form."""
        data = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) is not None}
        if isinstance(self.layout, JointLayout):
            data["layout"] = self.layout.to_dict()
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Skeletons:
        """Reads the dict form.

        Raises:
            ValueError: If `keypoints` is lacking or a key is unknown.
        """
        known = [f.name for f in fields(cls)]
        unknown = sorted(set(data) - set(known))
        if "keypoints" not in data or unknown:
            raise ValueError(
                f"expected a clip with 'keypoints' and optionally {', '.join(known[1:])}; got keys {sorted(data)}"
            )
        layout = data.get("layout", "tmor22")
        return cls(**{**data, "layout": layout if isinstance(layout, str) else get_layout(layout)})

    def save(self, path: str | Path) -> Path:
        """Writes ``.npz`` (compressed, no pickles) or ``.json``.

        Raises:
            ValueError: For another suffix.
        """
        path, data = Path(path), self.to_dict()
        if path.suffix == ".npz":
            if isinstance(data["layout"], dict):
                data["layout"] = json.dumps(data["layout"])
            np.savez_compressed(path, **{name: np.asarray(value) for name, value in data.items()})
        elif path.suffix == ".json":
            lists = {k: _to_list(v) if isinstance(v, np.ndarray) else v for k, v in data.items()}
            path.write_text(json.dumps(lists, allow_nan=False))
        else:
            raise ValueError(f"expected a path that ends in .npz or .json, got {path}")
        return path

    @classmethod
    def load(cls, path: str | Path) -> Skeletons:
        """Reads a clip that `save` wrote, or any ``.npz``/``.json`` with the same fields.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is of another kind, damaged, holds pickles, or lacks `keypoints`; it is named.
        """
        path = Path(path)
        if path.suffix not in (".npz", ".json"):
            raise ValueError(f"expected a path that ends in .npz or .json, got {path}")
        try:
            return cls.from_dict(_read_npz(path) if path.suffix == ".npz" else _read_json(path))
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"{path} is no clip of skeletons: {error}") from error


def replace_unchecked(clip: Skeletons, **changes: Any) -> Skeletons:
    """As `dataclasses.replace`, many times faster: for many clips whose new fields fit because of how they came."""
    changed = object.__new__(Skeletons)
    changed.__dict__ = {**clip.__dict__, **changes}
    return changed


def _as_keypoints(keypoints: Any, layout: JointLayout) -> np.ndarray:
    array = np.asarray(keypoints)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"expected numeric keypoints, got dtype {array.dtype}")
    if array.ndim == 3:
        array = array[:, None]
    if array.ndim != 4 or array.shape[-1] not in (2, 3):
        raise ValueError(
            "expected keypoints (T, V, C) or (T, M, V, C) with C 2 or 3, got shape "
            f"{np.shape(keypoints)}; put confidences into `scores`"
        )
    if array.shape[-2] != layout.num_joints:
        raise ValueError(
            f"expected {layout.num_joints} joints for layout {layout.name!r}, got {array.shape[-2]}; "
            "pass `layout=` to match your data, or define one with JointLayout(...)"
        )
    if array.shape[0] == 0 or array.shape[1] == 0:
        raise ValueError(f"expected at least one frame and one person, got keypoints of shape {np.shape(keypoints)}")
    return array.astype(np.float32, copy=False)


def _as_scores(scores: Any, keypoints: np.ndarray) -> np.ndarray:
    array = np.asarray(scores, dtype=np.float32)
    if array.ndim == 2:
        array = array[:, None]
    if array.shape != keypoints.shape[:3]:
        raise ValueError(f"expected scores of shape {keypoints.shape[:3]} (T, M, V), got {np.shape(scores)}")
    return array


def _to_list(array: np.ndarray) -> list:
    """Nested lists with None for NaN and infinity, which JSON does not know."""
    if array.dtype.kind != "f":
        return array.tolist()
    return np.where(np.isfinite(array), array.astype(object), None).tolist()


def _read_json(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"expected a JSON object, got {type(data).__name__}")
    for name in ("keypoints", "scores"):
        if data.get(name) is not None:
            data[name] = np.array(data[name], dtype=np.float32)  # None becomes NaN
    return data


def _read_npz(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("expected an .npz archive, got a single array")
        data = {name: archive[name] for name in archive.files}
    data = {name: value.item() if value.ndim == 0 else value for name, value in data.items()}
    if isinstance(data.get("layout"), str) and data["layout"].startswith("{"):
        data["layout"] = json.loads(data["layout"])
    return data


__all__ = ["Skeletons"]
