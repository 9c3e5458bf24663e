# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Writes PoseCap: Parquet shards, a dataset card and a manifest, complete or not at all.

The same records in the same order give the same bytes (with one version of pyarrow).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

from .card import dataset_card
from .encoding import KEYPOINT_DTYPES, Encoding
from .schema import SCHEMA_VERSION, PoseCapRecord, arrow_schema, record_to_row, require_pyarrow

MANIFEST = "posecap.json"
CARD = "README.md"
DATA_FOLDER = "data"
_WORK_FOLDER = ".posecap-writing"
_REPLACED = "replaced"  # in the work folder: the set that the new one takes the place of
_SPLIT_ORDER = ("train", "validation", "test")
_ROW_GROUP_BYTES = 16 * 2**20
# Few values that repeat: a dictionary per column makes them almost free. Elsewhere it only costs time.
_REPEATED_COLUMNS = [
    "source", "licence", "split", "layout", "fps", "num_joints", "num_coordinates", "num_people", "image_height",
    "image_width", "up_axis", "keypoints_dtype", "scores_dtype", "text_embeds_dim", "video_embeds_dim",
    "labels.list.element",
]  # fmt: skip
# Encoded video does not shrink any further. Poses of one person hardly do, absent people and missing joints vanish.
_COMPRESSION = {"video_bytes": "none"}


class PoseCapWriter:
    """Writes records into a folder that `load_dataset`, `PoseCap1M` and `load_skeleton_text` read.

    Use it as a context manager. Shards appear as ``data/SPLIT-00000-of-00004.parquet`` when the block ends, all at
    once; if it ends with an error, or the process is killed, the folder holds no part of the set under a final name.
    What a killed writer left behind is removed by the next one, or moved to its place if it was complete. One writer
    per folder at a time.

    Args:
        folder: Where the set goes; created if it does not exist.
        rows_per_shard: A shard is full at this number of rows ...
        bytes_per_shard: ... or at this size, whichever comes first.
        row_group_size: Rows that are read together; fewer where they embed videos, so that a group is about 16 MiB
            at most.
        encoding: How keypoints are stored: ``"int16"``, ``"float16"`` or ``"float32"``, see `encode_keypoints`.
        name: Name of the set, for its card.
        overwrite: Replace a set that is already in the folder.

    Raises:
        FileExistsError: If the folder holds a set or a card already and `overwrite` is not set.
        ValueError: If a number is below 1 or the encoding unknown.
        ImportError: If pyarrow is not installed.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        rows_per_shard: int = 50_000,
        bytes_per_shard: int = 256 * 2**20,
        row_group_size: int = 256,
        encoding: Encoding = "int16",
        name: str = "posecap",
        overwrite: bool = False,
    ):
        if min(rows_per_shard, bytes_per_shard, row_group_size) < 1:
            raise ValueError(
                "expected rows_per_shard, bytes_per_shard and row_group_size of 1 or more, got "
                f"{rows_per_shard}, {bytes_per_shard} and {row_group_size}"
            )
        if encoding not in KEYPOINT_DTYPES:
            raise ValueError(f"expected an encoding out of {', '.join(KEYPOINT_DTYPES)}, got {encoding!r}")
        self.folder = Path(folder)
        self.rows_per_shard = rows_per_shard
        self.bytes_per_shard = bytes_per_shard
        self.row_group_size = row_group_size
        self.encoding = encoding
        self.name = name
        self._schema = arrow_schema()
        self._splits: dict[str, _SplitWriter] = {}
        self._ids: set[str] = set()
        self._counts: dict[str, Counter[str]] = {"licences": Counter(), "sources": Counter(), "layouts": Counter()}
        self._is_open = True
        self._work = self.folder / _WORK_FOLDER
        self._prepare(overwrite)

    def _prepare(self, overwrite: bool) -> None:
        if (self._work / MANIFEST).is_file():
            self._publish()
        present = [name for name in (MANIFEST, DATA_FOLDER, CARD) if (self.folder / name).exists()]
        if present and not overwrite:
            raise FileExistsError(
                f"{self.folder} already holds {', '.join(present)}; choose an empty folder, or pass overwrite=True"
            )
        foreign = [path.name for path in (self.folder / DATA_FOLDER).glob("*") if path.suffix != ".parquet"]
        if foreign:
            raise FileExistsError(
                f"{self.folder / DATA_FOLDER} holds files that are no shards, such as {foreign[0]}; move them away"
            )
        shutil.rmtree(self._work, ignore_errors=True)
        (self._work / DATA_FOLDER).mkdir(parents=True)

    def __enter__(self) -> PoseCapWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    @property
    def num_rows(self) -> int:
        """Records written so far."""
        return len(self._ids)

    def write(self, record: PoseCapRecord) -> None:
        """Adds a record to the shards of its split.

        Raises:
            ValueError: If its id was written before, it has no visible joint, or it cannot be stored; the writer can
                go on.
        """
        if not self._is_open:
            raise ValueError("expected an open writer, got one that was closed; open a new one")
        if record.id in self._ids:
            raise ValueError(f"expected ids that are unique in the set, got {record.id!r} twice; rename one record")
        if not record.skeletons.valid.any():
            raise ValueError(
                f"record {record.id!r}: expected at least one visible joint, got none; leave the clip out"
            )
        row = record_to_row(record, self.encoding)
        if record.split not in self._splits:
            self._splits[record.split] = _SplitWriter(self, record.split)
        self._splits[record.split].write(row)
        self._ids.add(record.id)
        for name, column in (("licences", "licence"), ("sources", "source"), ("layouts", "layout")):
            self._counts[name][row[column]] += 1

    def close(self) -> dict[str, Any]:
        """Finishes the set and returns its manifest; called by the end of the ``with`` block.

        Raises:
            ValueError: If no record was written, or the writer was closed before.
        """
        if not self._is_open:
            raise ValueError("expected an open writer, got one that was closed; open a new one")
        if not self._ids:
            self.abort()
            raise ValueError(f"expected at least one record for {self.folder}, got none; nothing was written")
        try:
            manifest = self._manifest(
                {split: self._splits[split].finish() for split in sorted(self._splits, key=_rank)}
            )
            (self._work / CARD).write_text(dataset_card(manifest), encoding="utf-8")
            partial = self._work / f"{MANIFEST}.part"
            partial.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(partial, self._work / MANIFEST)
        except BaseException:
            self.abort()
            raise
        self._is_open = False
        self._publish()
        return manifest

    def _publish(self) -> None:
        """Moves a finished set to its place, after the one that is there has been moved out of the way.

        The manifest goes first and comes last: where there is one, the set is whole. Nothing is deleted before that,
        so this may be stopped anywhere and go on later.
        """
        names = (MANIFEST, DATA_FOLDER, CARD)
        replaced = self._work / _REPLACED
        replaced.mkdir(exist_ok=True)
        for name in names:
            if (self._work / name).exists() and (self.folder / name).exists():
                os.replace(self.folder / name, replaced / name)
        for name in reversed(names):
            if (self._work / name).exists():
                os.replace(self._work / name, self.folder / name)
        shutil.rmtree(self._work, ignore_errors=True)

    def abort(self) -> None:
        """Drops what was written, unless the set was finished; called when the ``with`` block ends with an error."""
        if not self._is_open:
            return
        for split in self._splits.values():
            with contextlib.suppress(Exception):  # a full disk, say; the file is thrown away
                split.abort()
        self._is_open = False
        shutil.rmtree(self._work, ignore_errors=True)

    def _manifest(self, shards: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        totals = ("num_rows", "num_frames", "num_bytes")
        splits = {
            split: {**{total: sum(shard[total] for shard in found) for total in totals}, "shards": found}
            for split, found in shards.items()
        }
        return {
            "format": "posecap",
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "encoding": self.encoding,
            **{total: sum(split[total] for split in splits.values()) for total in totals},
            "splits": splits,
            **{name: dict(sorted(counts.items())) for name, counts in self._counts.items()},
        }


class _SplitWriter:
    """The shards of one split, the rows of one row group at a time."""

    def __init__(self, parent: PoseCapWriter, split: str):
        self.parent = parent
        self.split = split
        self.shards: list[dict[str, Any]] = []
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0
        self._shard: _Shard | None = None

    def write(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        self._bytes += sum(len(value) for value in row.values() if isinstance(value, bytes))
        filled = len(self._rows) + (self._shard.num_rows if self._shard else 0)
        if (
            len(self._rows) >= self.parent.row_group_size
            or self._bytes >= _ROW_GROUP_BYTES
            or filled >= self.parent.rows_per_shard
        ):
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._shard is None:
            path = self.parent._work / DATA_FOLDER / f"{self.split}-{len(self.shards):05d}.parquet"
            self._shard = _Shard(path, self.parent._schema)
        self._shard.write(self._rows)
        self._rows, self._bytes = [], 0
        is_full = self._shard.num_rows >= self.parent.rows_per_shard
        if is_full or self._shard.num_bytes >= self.parent.bytes_per_shard:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._shard is not None:
            self.shards.append(self._shard.finish())
            self._shard = None

    def finish(self) -> list[dict[str, Any]]:
        """The manifest's entries of all shards, which get their final names."""
        self._flush()
        self._end_shard()
        folder = self.parent._work / DATA_FOLDER
        for index, shard in enumerate(self.shards):
            name = f"{self.split}-{index:05d}-of-{len(self.shards):05d}.parquet"
            os.replace(folder / f"{self.split}-{index:05d}.parquet", folder / name)
            shard["file"] = f"{DATA_FOLDER}/{name}"
        return self.shards

    def abort(self) -> None:
        if self._shard is not None:
            self._shard.abort()
            self._shard = None


class _Shard:
    """One Parquet file that is being written."""

    def __init__(self, path: Path, schema: Any):
        self._pyarrow = require_pyarrow()
        import pyarrow.parquet as parquet

        self.path = path
        self.num_rows = 0
        self.num_frames = 0
        self._schema = schema
        self._file = path.open("wb")
        self._writer = parquet.ParquetWriter(
            self._file,
            schema,
            compression={name: _COMPRESSION.get(name, "zstd") for name in _leaf_names(schema)},
            use_dictionary=_REPEATED_COLUMNS,
            write_statistics=["num_frames"],
            write_page_checksum=True,
        )

    @property
    def num_bytes(self) -> int:
        return self._file.tell()

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Adds one row group."""
        table = self._pyarrow.Table.from_pylist(rows, schema=self._schema)
        self._writer.write_table(table, row_group_size=len(rows))
        self.num_rows += len(rows)
        self.num_frames += sum(row["num_frames"] for row in rows)

    def finish(self) -> dict[str, Any]:
        self._writer.close()
        self._file.close()
        with self.path.open("rb") as file:
            digest = file_sha256(file)
        size = self.path.stat().st_size
        return {"num_rows": self.num_rows, "num_frames": self.num_frames, "num_bytes": size, "sha256": digest}

    def abort(self) -> None:
        self._writer.close()
        self._file.close()


def _rank(split: str) -> tuple[int, str]:
    return (_SPLIT_ORDER.index(split) if split in _SPLIT_ORDER else len(_SPLIT_ORDER), split)


def _leaf_names(schema: Any) -> list[str]:
    """Names of Parquet's own columns; a list is one level deeper there."""
    lists = {field.name for field in schema if hasattr(field.type, "value_type")}
    return [f"{name}.list.element" if name in lists else name for name in schema.names]


def file_sha256(file: Any) -> str:
    """Hash of the rest of a binary file, as hexadecimal digits; reads a megabyte at a time."""
    digest = hashlib.sha256()
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()


__all__ = ["CARD", "DATA_FOLDER", "MANIFEST", "PoseCapWriter", "file_sha256"]
