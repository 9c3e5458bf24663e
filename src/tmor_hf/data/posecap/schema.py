# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What one row of PoseCap is: a clip's skeletons with captions, labels, a video reference, and where it comes from.

A row explains itself: shapes, number types and own joint layouts travel in it. The columns stand in a table in
`docs/posecap_format.md`.

Axes: T frames, M people, V joints, C coordinates (2 or 3), K captions, E numbers of an embedding.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ...processing.joint_layouts import LAYOUTS, JointLayout, get_layout
from ...processing.skeletons import Skeletons
from .encoding import Encoding, decode_keypoints, decode_scores, encode_keypoints, encode_scores

if TYPE_CHECKING:
    import pyarrow

SCHEMA_VERSION = 1
VERSION_KEY = b"posecap_schema_version"
# Layouts that a row names without defining them. Part of the format: names may be added, but never change.
NAMED_LAYOUTS: frozenset[str] = frozenset(
    {
        "bandai21", "coco17", "h36m17", "hdm05_31", "kinect20", "mediapipe33", "ntu25", "openpose18", "openpose25",
        "penn13", "smpl22", "smpl24", "tmor22",
    }
)  # fmt: skip
TEXT_COLUMNS: tuple[str, ...] = ("captions", "text_embeds", "text_embeds_dim")
VIDEO_COLUMNS: tuple[str, ...] = (
    "video_path", "video_bytes", "video_start", "video_end", "video_embeds", "video_embeds_dim",
)  # fmt: skip
SKELETON_COLUMNS: tuple[str, ...] = (
    "layout", "fps", "num_frames", "num_people", "num_joints", "num_coordinates", "image_height", "image_width",
    "up_axis", "person_ids", "keypoints", "keypoints_dtype", "keypoints_scale", "keypoints_offset", "scores",
    "scores_dtype",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class PoseCapRecord:
    """One clip with its text and its video.

    Args:
        id: Unique in its set.
        source: Where the clip comes from: a data set, a channel, a generator.
        licence: Terms of the clip, as an SPDX identifier where there is one (``"CC0-1.0"``).
        skeletons: The poses.
        captions: K sentences, each true of this clip by itself; may be empty.
        labels: Names of actions in the clip, if it has classes.
        split: ``"train"``, ``"validation"``, ``"test"`` or another word.
        video_path: Where the video lies: a URL, or a path relative to the set's folder.
        video_bytes: The encoded video file itself.
        video_start: First moment of the clip in that video, in seconds.
        video_end: Its last moment, in seconds.
        text_embeds: (K, E) float32 embeddings of the captions, computed beforehand.
        video_embeds: (E,) float32 embedding of the video.

    Raises:
        ValueError: If a field is empty, of the wrong shape, or not finite where it has to be.
    """

    id: str
    source: str
    licence: str
    skeletons: Skeletons
    captions: tuple[str, ...]
    labels: tuple[str, ...] = ()
    split: str = "train"
    video_path: str | None = None
    video_bytes: bytes | None = None
    video_start: float | None = None
    video_end: float | None = None
    text_embeds: np.ndarray | None = None
    video_embeds: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("id", "source", "licence"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"expected {name} as a string that is not blank, got {getattr(self, name)!r}")
        self._check_kinds()
        if not re.fullmatch(r"\w+(\.\w+)*", self.split):
            raise ValueError(f"record {self.id!r}: expected a split such as 'train', got {self.split!r}")
        for name in ("captions", "labels"):
            object.__setattr__(self, name, self._as_texts(name))
        self._check_times()
        for name, shape in (("text_embeds", (len(self.captions), None)), ("video_embeds", (None,))):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, self._as_embedding(name, shape))

    def _check_kinds(self) -> None:
        """Refuses what Arrow would only find out about when it writes a whole group of rows."""
        text, binary = (str, type(None)), (bytes, type(None))
        kinds = {"skeletons": Skeletons, "split": str, "video_path": text, "video_bytes": binary}
        for name, kind in kinds.items():
            value = getattr(self, name)
            if not isinstance(value, kind):
                wanted = kind[0] if isinstance(kind, tuple) else kind
                raise ValueError(
                    f"record {self.id!r}: expected {name} as {wanted.__name__}, got {type(value).__name__}"
                )

    def _as_texts(self, name: str) -> tuple[str, ...]:
        texts = getattr(self, name)
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            raise ValueError(f"record {self.id!r}: expected a tuple of {name}, got {texts!r}; put it into ()")
        blank = [text for text in texts if not isinstance(text, str) or not text.strip()]
        if blank:
            raise ValueError(f"record {self.id!r}: expected {name} as strings that are not blank, got {blank[0]!r}")
        return tuple(texts)

    def _check_times(self) -> None:
        for name in ("video_start", "video_end"):
            seconds = getattr(self, name)
            if seconds is None:
                continue
            if not isinstance(seconds, Real) or not (math.isfinite(seconds) and seconds >= 0):
                raise ValueError(f"record {self.id!r}: expected {name} in seconds of 0 or more, got {seconds!r}")
        if self.video_start is not None and self.video_end is not None and self.video_end < self.video_start:
            raise ValueError(
                f"record {self.id!r}: expected video_start before video_end, got {self.video_start} and "
                f"{self.video_end}"
            )

    def _as_embedding(self, name: str, shape: tuple[int | None, ...]) -> np.ndarray:
        array = np.asarray(getattr(self, name), dtype=np.float32)
        fits = array.ndim == len(shape) and shape[0] in (None, array.shape[0])
        if not fits or array.shape[-1] == 0 or not np.isfinite(array).all():
            wanted = "(captions, E)" if name == "text_embeds" else "(E,)"
            raise ValueError(
                f"record {self.id!r}: expected finite {name} of shape {wanted}, got {array.shape} for "
                f"{len(self.captions)} captions"
            )
        return array


def arrow_schema() -> pyarrow.Schema:
    """The columns with their types, in order.

    Raises:
        ImportError: If pyarrow is not installed.
    """
    pa = require_pyarrow()
    text, binary = pa.string(), pa.large_binary()
    fields = [
        ("id", text, False), ("source", text, False), ("licence", text, False), ("split", text, False),
        ("layout", text, False), ("fps", pa.float32(), True),
        ("num_frames", pa.int32(), False), ("num_people", pa.int32(), False), ("num_joints", pa.int32(), False),
        ("num_coordinates", pa.int8(), False), ("image_height", pa.int32(), True), ("image_width", pa.int32(), True),
        ("up_axis", text, True), ("person_ids", pa.list_(pa.int64()), True),
        ("keypoints", binary, False), ("keypoints_dtype", text, False),
        ("keypoints_scale", pa.list_(pa.float32()), True), ("keypoints_offset", pa.list_(pa.float32()), True),
        ("scores", binary, True), ("scores_dtype", text, True),
        ("captions", pa.list_(text), False), ("labels", pa.list_(text), False),
        ("text_embeds", binary, True), ("text_embeds_dim", pa.int32(), True),
        ("video_path", text, True), ("video_bytes", binary, True), ("video_start", pa.float64(), True),
        ("video_end", pa.float64(), True), ("video_embeds", binary, True), ("video_embeds_dim", pa.int32(), True),
    ]  # fmt: skip
    version = {VERSION_KEY: str(SCHEMA_VERSION).encode()}
    return pa.schema([pa.field(name, kind, nullable=nullable) for name, kind, nullable in fields], metadata=version)


def require_pyarrow() -> Any:
    """The module pyarrow.

    Raises:
        ImportError: If it is not installed, with what to do.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("PoseCap needs pyarrow: pip install tmor_hf[data]") from error
    return pyarrow


def record_to_row(record: PoseCapRecord, encoding: Encoding = "int16") -> dict[str, Any]:
    """The row of a record, a plain dict with one entry per column.

    Args:
        record: The record.
        encoding: How keypoints are stored, see `encode_keypoints`.

    Raises:
        ValueError: If something cannot be stored: float16 overflow, ids of people that are no integers, odd text.
    """
    clip = record.skeletons
    try:
        binary = encode_keypoints(clip.keypoints, clip.valid, encoding) | encode_scores(clip.scores, encoding)
    except ValueError as error:
        raise ValueError(f"record {record.id!r}: {error}") from error
    height, width = clip.image_size or (None, None)
    if height is not None and max(height, width) > np.iinfo(np.int32).max:
        raise ValueError(f"record {record.id!r}: expected an image_size below 2^31, got {clip.image_size}")
    text_embeds, text_embeds_dim = _embedding_columns(record.text_embeds)
    video_embeds, video_embeds_dim = _embedding_columns(record.video_embeds)
    row = {
        "id": record.id, "source": record.source, "licence": record.licence, "split": record.split,
        "layout": _layout_to_text(clip.layout), "fps": clip.fps,
        "num_frames": clip.num_frames, "num_people": clip.num_people, "num_joints": clip.num_joints,
        "num_coordinates": clip.num_coordinates, "image_height": height, "image_width": width,
        "up_axis": clip.up_axis, "person_ids": _person_ids(record), **binary,
        "captions": list(record.captions), "labels": list(record.labels),
        "text_embeds": text_embeds, "text_embeds_dim": text_embeds_dim,
        "video_path": record.video_path, "video_bytes": record.video_bytes,
        "video_start": record.video_start, "video_end": record.video_end,
        "video_embeds": video_embeds, "video_embeds_dim": video_embeds_dim,
    }  # fmt: skip
    _check_texts(record, row)
    return row


def _check_texts(record: PoseCapRecord, row: Mapping[str, Any]) -> None:
    """Refuses what UTF-8 cannot hold, such as a file name in another encoding, before it spoils a whole row group."""
    texts = [value for value in row.values() if isinstance(value, str)] + row["captions"] + row["labels"]
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"record {record.id!r}: expected text that UTF-8 can hold, got {text!r}") from None


def _embedding_columns(array: np.ndarray | None) -> tuple[bytes | None, int | None]:
    return (None, None) if array is None else (array.astype("<f4").tobytes(), array.shape[-1])


def _person_ids(record: PoseCapRecord) -> list[int] | None:
    ids = record.skeletons.person_ids
    if ids is None:
        return None
    if ids.dtype.kind not in "iu" or (ids.dtype.kind == "u" and ids.max() > np.iinfo(np.int64).max):
        raise ValueError(f"record {record.id!r}: expected person_ids as 64-bit integers, got {ids}; number the people")
    return ids.tolist()


def _layout_to_text(layout: str | JointLayout) -> str:
    """Name of a layout that the format knows, else its definition as JSON."""
    known = get_layout(layout)
    if known.name in NAMED_LAYOUTS and known == LAYOUTS.get(known.name):
        return known.name
    return json.dumps(known.to_dict(), sort_keys=True)


def _layout_from_text(text: str) -> str | JointLayout:
    """A name, or a layout that a row defines; the name again where the same layout is registered."""
    if not text.startswith("{"):
        return text
    layout = _parse_layout(text)
    return layout.name if LAYOUTS.get(layout.name) == layout else layout


@lru_cache(maxsize=256)
def _parse_layout(text: str) -> JointLayout:
    try:
        return JointLayout.from_dict(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"expected a joint layout as JSON in column layout, got {text[:80]!r}: {error}") from None


def row_to_skeletons(row: Mapping[str, Any]) -> Skeletons:
    """The poses of a row: the fast path, which needs `SKELETON_COLUMNS` only.

    Binary columns may be bytes or any buffer, such as a `pyarrow.Buffer`. Nullable columns may be left out.

    Raises:
        ValueError: If the row is damaged: bytes that do not fit the shape, an unknown layout or type, no such column.
    """
    try:
        shape = (row["num_frames"], row["num_people"], row["num_joints"], row["num_coordinates"])
        data, dtype, layout = row["keypoints"], row["keypoints_dtype"], row["layout"]
    except KeyError as error:
        raise ValueError(f"expected the columns {', '.join(SKELETON_COLUMNS)}; {error} is lacking") from None
    get = row.get
    if None in shape or min(shape) < 1 or not isinstance(layout, str):
        raise ValueError(f"expected sizes of 1 or more and the name of a layout, got {shape} and {layout!r}")
    scores, ids, height = get("scores"), get("person_ids"), get("image_height")
    return Skeletons(
        decode_keypoints(data, dtype, shape, get("keypoints_scale"), get("keypoints_offset")),
        scores=None if scores is None else decode_scores(scores, get("scores_dtype"), shape[:3]),
        fps=get("fps"),
        layout=_layout_from_text(layout),
        image_size=None if height is None else (height, get("image_width") or 0),
        up_axis=get("up_axis"),
        person_ids=None if ids is None else np.asarray(ids, dtype=np.int64),
    )


def row_to_record(row: Mapping[str, Any]) -> PoseCapRecord:
    """The record of a row; columns of text and video that were not read count as empty.

    Raises:
        ValueError: If the row is damaged; the message names the row's id.
    """
    name = row.get("id")
    captions = tuple(row.get("captions") or ())
    try:
        return PoseCapRecord(
            id=name,
            source=row.get("source"),
            licence=row.get("licence"),
            skeletons=row_to_skeletons(row),
            captions=captions,
            labels=tuple(row.get("labels") or ()),
            split=row.get("split") or "train",
            video_path=row.get("video_path"),
            video_bytes=None if row.get("video_bytes") is None else bytes(row["video_bytes"]),
            video_start=row.get("video_start"),
            video_end=row.get("video_end"),
            text_embeds=_read_embedding(row, "text_embeds", len(captions)),
            video_embeds=_read_embedding(row, "video_embeds", None),
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"row {name!r}: {error}") from error


def _read_embedding(row: Mapping[str, Any], name: str, count: int | None) -> np.ndarray | None:
    data, size = row.get(name), row.get(f"{name}_dim")
    if data is None:
        return None
    shape = (size,) if count is None else (count, size)
    if size is None or memoryview(data).nbytes != 4 * math.prod(shape):
        raise ValueError(f"expected {name} of shape {shape} in float32, got {memoryview(data).nbytes} bytes")
    return np.frombuffer(data, dtype="<f4").reshape(shape).copy()


__all__ = [
    "NAMED_LAYOUTS",
    "SCHEMA_VERSION",
    "SKELETON_COLUMNS",
    "TEXT_COLUMNS",
    "VERSION_KEY",
    "VIDEO_COLUMNS",
    "PoseCapRecord",
    "arrow_schema",
    "record_to_row",
    "require_pyarrow",
    "row_to_record",
    "row_to_skeletons",
]
