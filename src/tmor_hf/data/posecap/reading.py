# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Reads PoseCap as a sequence of clips, a row group at a time: memory does not grow with the set.

Axes: N rows, G row groups.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..clips import BatchReader, MotionClip
from .locating import Shard, find_shards, is_remote
from .schema import SCHEMA_VERSION, SKELETON_COLUMNS, VERSION_KEY, require_pyarrow, row_to_skeletons

logger = logging.getLogger(__name__)

COLUMNS: tuple[str, ...] = ("id", "source", *SKELETON_COLUMNS, "captions", "labels")
_NEEDED = ("id", "layout", "num_frames", "num_people", "num_joints", "num_coordinates", "keypoints", "keypoints_dtype")
_BINARY = ("keypoints", "scores")
_OPEN_FILES = 4
_TRIES = 1000  # rows that may take the place of a damaged one


class Damage(NamedTuple):
    """A row that cannot be read.

    Args:
        shard: Path of its file.
        row: Its number in that file; -1 for the file as a whole.
        reason: What is wrong.
    """

    shard: str
    row: int
    reason: str


class PoseCapShards(BatchReader):
    """The clips of a PoseCap split, read when they are asked for.

    Reading is fastest in any order that stays within a few row groups (`blocks`) for a while, as
    `tmor_hf.training.StreamOrder` makes it: the row groups read last are kept.

    A shard that cannot be opened is left out. In the place of a row that cannot be read, or that has no visible joint
    or no words, comes another readable row, always the same one, so that batches keep their size and a run can be
    repeated. Both are logged once for each shard and kept in `damaged`.

    Args:
        source: A local folder, a Parquet file, a repository on the Hub (``"org/posecap-1m"``) or a URL prefix.
        split: One split, several joined by ``+``, or None for all.
        strict: Raise an error for what is damaged instead.
        kept_groups: Row groups to keep decompressed; a group of 256 clips of 64 frames, one person and 25 joints takes
            2.5 MB.

    Attributes:
        damaged: What was found damaged in this process: shard -> row -> reason; row -1 stands for all of a shard.

    Raises:
        FileNotFoundError: If there is no such set.
        ValueError: If it has no such split, or no readable shard, or is of a later version; with `strict`, also if a
            shard cannot be opened.
        ImportError: If pyarrow is not installed.
    """

    is_lazy = True

    def __init__(
        self, source: str | Path, split: str | None = "train", *, strict: bool = False, kept_groups: int = 40
    ):
        require_pyarrow()
        self.source = str(source)
        self.name = self.source.rstrip("/").rsplit("/", 1)[-1]
        self.split = split
        self.strict = strict
        self.kept_groups = kept_groups
        self.damaged: dict[str, dict[int, str]] = {}
        self._new_damage: list[Damage] = []
        self._reset_handles()
        self._index(find_shards(source, split))

    def __getstate__(self) -> dict[str, Any]:
        """Open files and what was read stay behind when the object goes to another process."""
        return {**self.__dict__, "_files": None, "_kept": None, "_owner": None, "_new_damage": []}

    def _reset_handles(self) -> None:
        self._owner = os.getpid()
        self._files: OrderedDict[int, Any] = OrderedDict()
        self._kept: OrderedDict[int, _RowGroup | str] = OrderedDict()

    # ------------------------------------------------------------ index

    def _index(self, shards: list[Shard]) -> None:
        """Notes the row groups of all shards that can be opened."""
        self.shards: list[str] = []
        groups, sizes = [], []  # (shard, row group, first row in the shard)
        for shard in shards:
            try:
                if not shard.is_present:
                    raise FileNotFoundError("the manifest names this file, but it is not there")
                metadata = self._open_file(shard.path).metadata
                counts = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
                self._check_schema(shard.path, metadata)
            except _index_errors(shard.path) as error:
                self._report(shard.path, -1, _reason(error))
                continue
            firsts = np.cumsum([0, *counts])
            groups += [(len(self.shards), group, firsts[group]) for group, count in enumerate(counts) if count]
            sizes += [count for count in counts if count]
            self.shards.append(shard.path)
        if not sizes:
            known = "; ".join(f"{shard}: {rows[-1]}" for shard, rows in list(self.damaged.items())[:3])
            raise ValueError(f"expected rows in {self.source}, split {self.split!r}, got none; {known}")
        self._groups = np.array(groups, dtype=np.int64)
        self._starts = np.cumsum([0, *sizes])
        self._lengths: np.ndarray | None = None

    def _check_schema(self, path: str, metadata: Any) -> None:
        version = (metadata.metadata or {}).get(VERSION_KEY)
        if version is not None and int(version) > SCHEMA_VERSION:
            raise _Refused(
                f"{path}: expected PoseCap up to version {SCHEMA_VERSION}, got {int(version)}; update tmor_hf"
            )
        names = metadata.schema.to_arrow_schema().names
        lacking = [name for name in _NEEDED if name not in names]
        if lacking:
            raise _Refused(f"{path}: expected the columns of PoseCap, {', '.join(lacking)} are lacking")

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def blocks(self) -> np.ndarray:
        """(G,) int64, the first row of each row group: rows of one block are read together."""
        return self._starts[:-1]

    @property
    def lengths(self) -> np.ndarray:
        """(N,) int32 frames of each row; 0 where this cannot be read. Reads one small column at the first use."""
        if self._lengths is None:
            lengths = np.zeros(len(self), dtype=np.int32)
            for group, (start, end) in enumerate(zip(self._starts[:-1], self._starts[1:], strict=True)):
                table = self._read_table(group, ["num_frames"])
                if not isinstance(table, str):
                    lengths[start:end] = table.column(0).to_numpy()
            self._lengths = lengths
        return self._lengths

    # ------------------------------------------------------------ rows

    def __getitems__(self, indices: Sequence[int]) -> list[MotionClip]:
        """The clips of many rows.

        Raises:
            ValueError: With `strict`, for a damaged row; else if there is no readable row near a damaged one.
        """
        clips = []
        for row, group in zip(indices, self._group_of(indices).tolist(), strict=True):
            try:
                clips.append(self._read(int(row), group))
            except _Damaged as error:
                clips.append(self.replacement(int(row), str(error)))
        return clips

    def replacement(self, row: int, reason: str) -> MotionClip:
        """Reports row `row` as damaged, and gives the clip that takes its place.

        Raises:
            ValueError: With `strict`; else if none of the next thousand rows can be read.
        """
        group = int(self._group_of(row))
        shard, _, first = self._groups[group]
        self._report(self.shards[shard], int(first + row - self._starts[group]), reason)
        rng = np.random.default_rng(row)
        others = np.arange(self._starts[group], self._starts[group + 1])
        candidates = [int(other) for other in rng.permutation(others) if other != row][: _TRIES // 2]
        # Of a group that is broken as a whole, no row is good: go on in those behind it.
        shift = int(rng.integers(256))
        candidates += [int(self._starts[group + 1] + shift + step) % len(self) for step in range(_TRIES // 2)]
        for other in candidates:
            try:
                return self._read(other, int(self._group_of(other)))
            except _Damaged:
                continue
        raise ValueError(f"{self.source}: no readable row in the place of row {row} ({reason}); check the set")

    def _group_of(self, rows: int | Sequence[int]) -> np.ndarray:
        return np.searchsorted(self._starts, rows, side="right") - 1

    def _read(self, row: int, group: int) -> MotionClip:
        rows = self._row_group(group)
        if isinstance(rows, str):
            raise _Damaged(rows)
        fields = rows.row(row - int(self._starts[group]))
        try:
            skeletons = row_to_skeletons(fields)
            captions = tuple(fields.get("captions") or ()) or tuple(fields.get("labels") or ())
            if not captions or not all(isinstance(text, str) and text.strip() for text in captions):
                raise ValueError("expected captions or labels, got none or blank ones")
            if not _has_joint(skeletons):
                raise ValueError("expected a joint that is seen, got none in the whole clip")
        except (ValueError, TypeError, OverflowError) as error:
            raise _Damaged(f"id {fields.get('id')!r}: {_reason(error)}") from None
        labels = tuple(fields.get("labels") or ())
        return MotionClip(
            skeletons,
            name=str(fields["id"]),
            dataset=self.name,
            captions=captions,
            group=" and ".join(labels) if labels else captions[0].casefold(),
            class_name=labels[0] if labels else None,
        )

    def iter_captions(self) -> Iterator[tuple[str, ...]]:
        """The captions (or else labels) of one row after the other, without its poses; damaged ones are left out."""
        for group in range(len(self._groups)):
            table = self._read_table(group, ["captions", "labels"])
            if isinstance(table, str):
                continue
            columns = table.to_pydict()
            empty = [None] * table.num_rows
            rows = zip(columns.get("captions", empty), columns.get("labels", empty), strict=True)
            yield from (tuple(captions or labels or ()) for captions, labels in rows)

    # ------------------------------------------------------------ files

    def _row_group(self, group: int) -> _RowGroup | str:
        """The rows of a group, or why they cannot be read."""
        if self._owner != os.getpid():
            self._reset_handles()  # after a fork: files must not be shared with the other process
        rows = self._kept.get(group)
        if rows is not None:
            self._kept.move_to_end(group)
            return rows
        rows = self._read_table(group, COLUMNS)
        if not isinstance(rows, str):
            try:
                rows = _RowGroup(rows)
            except _read_errors() as error:
                rows = _reason(error)
        self._kept[group] = rows
        if len(self._kept) > self.kept_groups:
            self._kept.popitem(last=False)
        return rows

    def _read_table(self, group: int, columns: Sequence[str]) -> Any:
        """The columns of a row group that there are, as an Arrow table; or why they cannot be read."""
        if self._owner != os.getpid():
            self._reset_handles()
        shard, number, _ = (int(value) for value in self._groups[group])
        path = self.shards[shard]
        # Whatever a file system on the network raises.
        errors = (Exception,) if is_remote(path) else _read_errors()
        for is_last in (False, True) if is_remote(path) else (True,):
            try:
                file = self._file(shard)
                known = set(file.schema_arrow.names)
                names = [name for name in columns if name in known]
                return file.read_row_group(number, columns=names, use_threads=False)
            except errors as error:
                self._files.pop(shard, None)  # a connection may be broken: once more with a new one
                if is_last:
                    return f"row group {number} cannot be read: {_reason(error)}"

    def _file(self, shard: int) -> Any:
        if shard in self._files:
            self._files.move_to_end(shard)
            return self._files[shard]
        self._files[shard] = file = self._open_file(self.shards[shard])
        if len(self._files) > _OPEN_FILES:
            self._files.popitem(last=False)
        return file

    def _open_file(self, path: str) -> Any:
        import pyarrow.parquet as parquet

        if is_remote(path):
            from fsspec.core import url_to_fs

            filesystem, name = url_to_fs(path)
            return parquet.ParquetFile(filesystem.open(name, "rb"), page_checksum_verification=True, pre_buffer=True)
        return parquet.ParquetFile(path, page_checksum_verification=True, pre_buffer=False)

    # ------------------------------------------------------------ damage

    def _report(self, shard: str, row: int, reason: str) -> None:
        where = shard if row < 0 else f"{shard}, row {row}"
        if self.strict:
            raise ValueError(f"{where}: {reason}; repair the set, or leave out strict data to skip what is damaged")
        known = self.damaged.setdefault(shard, {})
        if not known:
            logger.warning("%s: %s; left out. Further damage in this shard is counted only.", where, reason)
        if row not in known:
            known[row] = reason
            self._new_damage.append(Damage(shard, row, reason))

    def take_damage(self) -> list[Damage]:
        """What was found damaged since the last call."""
        damage, self._new_damage = self._new_damage, []
        return damage

    def __repr__(self) -> str:
        return f"PoseCapShards({self.source!r}, {self.split!r}, {len(self)} clips in {len(self.shards)} shards)"


class _Damaged(Exception):
    """A row that cannot be read."""


class _Refused(ValueError):
    """Not damage: a set that this version does not read."""


class _RowGroup:
    """The rows of one row group: poses stay in Arrow's buffers until they are decoded, all else is Python's."""

    def __init__(self, table: Any):
        self.num_rows = table.num_rows
        self.columns = {
            name: _BinaryColumn(table.column(name)) if name in _BINARY else table.column(name).to_pylist()
            for name in table.column_names
        }

    def row(self, index: int) -> dict[str, Any]:
        return {name: column[index] for name, column in self.columns.items()}


class _BinaryColumn:
    """A binary column whose values are views of Arrow's memory, made when they are asked for."""

    def __init__(self, column: Any):
        pa = require_pyarrow()
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        array = array.cast(pa.large_binary())
        _, offsets, data = array.buffers()
        self._offsets = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1].tolist()
        self._data = memoryview(data) if data is not None else memoryview(b"")
        self._is_there = array.is_valid().to_pylist() if array.null_count else None

    def __getitem__(self, index: int) -> memoryview | None:
        if self._is_there is not None and not self._is_there[index]:
            return None
        return self._data[self._offsets[index] : self._offsets[index + 1]]


def _has_joint(skeletons: Any) -> bool:
    """Whether a joint is seen anywhere; the first joint says so nearly always."""
    first = skeletons.keypoints[0, 0, 0].tolist()
    if skeletons.scores is None and all(map(isfinite, first)) and any(first):
        return True
    return bool(skeletons.valid.any())


def _read_errors() -> tuple[type[BaseException], ...]:
    """What reading a damaged file raises."""
    pa = require_pyarrow()
    return (OSError, EOFError, UnicodeError, OverflowError, IndexError, pa.ArrowException)


def _index_errors(path: str) -> tuple[type[BaseException], ...]:
    """What says that a shard is damaged. A connection that fails does not: clips must not vanish for that."""
    return (require_pyarrow().ArrowInvalid, FileNotFoundError) if is_remote(path) else _read_errors()


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


__all__ = ["COLUMNS", "Damage", "PoseCapShards"]
