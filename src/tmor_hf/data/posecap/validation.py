# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Checks a PoseCap folder, damaged or not: hashes, schema, every row, duplicates; and counts what is in it.

Memory is that of one batch of rows, some 100 bytes for each row (hashes and numbers), and bounded tables of texts.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from .report import Distribution, Finding, PoseCapReport
from .schema import SCHEMA_VERSION, VERSION_KEY, PoseCapRecord, arrow_schema, require_pyarrow, row_to_record
from .writer import CARD, DATA_FOLDER, MANIFEST, file_sha256

_BATCH_ROWS = 256
_EXAMPLES = 5
_FREQUENT = 10
# Candidates for the most frequent texts are kept in a table that is thinned out when it holds this many.
_MOST_CANDIDATES = 100_000
_MOST_WORDS = 1_000_000
_WORD = re.compile(r"\w+(?:['\u2019]\w+)?")


def validate_posecap(path: str | Path, *, progress: bool = False) -> PoseCapReport:
    """Reads a whole set and reports what is in it and what is wrong with it.

    A truncated shard, a page whose checksum does not fit, or a row that does not decode is an entry in the report, and
    the rest is read on.

    Args:
        path: A folder that `PoseCapWriter` wrote, or what is left of one.
        progress: Show a bar.

    Raises:
        FileNotFoundError: If there is no such folder.
        ImportError: If pyarrow is not installed.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"expected the folder of a PoseCap set, got {folder}; there is none")
    scan = _Scan(folder)
    manifest = _read_manifest(folder, scan)
    listed = _listed_shards(manifest, scan)
    present = sorted(f"{DATA_FOLDER}/{file.name}" for file in (folder / DATA_FOLDER).glob("*.parquet"))
    for name in sorted(set(present) - set(listed)) if manifest else ():
        scan.error(f"shards that {MANIFEST} does not list", name)
    shards = {name: listed.get(name) for name in [*listed, *(name for name in present if name not in listed)]}
    if not shards:
        scan.error(f"no shards {DATA_FOLDER}/*.parquet")
    if not (folder / CARD).is_file():
        scan.warn(f"{CARD} is lacking: load_dataset will know neither configurations nor splits")
    for name, entry in tqdm(shards.items(), disable=not progress, unit="shard"):
        _check_shard(name, entry, scan)
    return scan.report(manifest)


class _Scan:
    """What was found so far."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.errors: dict[str, Finding] = {}
        self.warnings: dict[str, Finding] = {}
        self.splits: dict[str, Counter[str]] = {}
        self.counts: dict[str, Counter[str]] = {
            name: Counter() for name in ("layouts", "coordinates", "licences", "sources", "labels")
        }
        self.embedded: Counter[str] = Counter()
        self.seconds = 0.0
        self.numbers = {name: array("d") for name in ("frames", "people", "fps", "missing", "captions")}
        self.caption_words = array("d")
        self.ids, self.motions, self.captions = array("Q"), array("Q"), array("Q")
        self.split_numbers = array("H")
        self._runs: list[tuple[int, str, int]] = []  # clips that lie one after the other: position, shard, row
        self.common_captions: Counter[str] = Counter()
        self.words: Counter[str] = Counter()

    def error(self, what: str, example: str | None = None) -> None:
        _collect(self.errors, what, example)

    def warn(self, what: str, example: str | None = None) -> None:
        _collect(self.warnings, what, example)

    def add(self, row: Mapping[str, Any], record: PoseCapRecord, split: str, shard: str, number: int) -> None:
        """Counts a row that decodes: row `number` of a shard."""
        self._begin_run(shard, number)
        clip = record.skeletons
        missing = 1 - float(clip.valid.mean())
        entry = self.splits[split]
        entry["num_rows"] += 1
        entry["num_frames"] += clip.num_frames
        self.split_numbers.append(list(self.splits).index(split))
        self.counts["layouts"][clip.layout if isinstance(clip.layout, str) else clip.layout.name] += 1
        self.counts["coordinates"][f"{clip.num_coordinates}D"] += 1
        self.counts["licences"][record.licence] += 1
        self.counts["sources"][record.source] += 1
        self.counts["labels"].update(set(record.labels))
        numbers = (clip.num_frames, clip.num_people, clip.fps, missing, len(record.captions))
        for name, number in zip(self.numbers, numbers, strict=True):
            if number is not None:
                self.numbers[name].append(number)
        self.seconds += clip.num_frames / clip.fps if clip.fps else 0.0
        self.ids.append(_hash(record.id))
        self.motions.append(_motion_hash(row))
        self.embedded["with_video"] += record.video_bytes is not None or record.video_path is not None
        self.embedded["with_text_embeds"] += record.text_embeds is not None
        self.embedded["with_video_embeds"] += record.video_embeds is not None
        self._add_captions(record.captions)

    def _add_captions(self, captions: tuple[str, ...]) -> None:
        for caption in captions:
            self.captions.append(_hash(caption))
            words = _WORD.findall(caption.lower())
            self.caption_words.append(len(words))
            is_full = len(self.words) >= _MOST_WORDS
            self.words.update(word for word in words if not is_full or word in self.words)
            self.common_captions[caption] += 1
        if len(self.common_captions) > _MOST_CANDIDATES:
            self.common_captions = Counter(dict(self.common_captions.most_common(_MOST_CANDIDATES // 2)))

    def _begin_run(self, shard: str, row: int) -> None:
        """Notes where the next clip lies, unless it follows the one before."""
        position = len(self.ids)
        if not self._runs or self._runs[-1][1] != shard or position - self._runs[-1][0] != row - self._runs[-1][2]:
            self._runs.append((position, shard, row))

    def _place(self, position: int) -> str:
        """Shard and row of the clip at a position among all that decode."""
        first, shard, row = self._runs[bisect_right(self._runs, position, key=lambda run: run[0]) - 1]
        return f"{shard}, row {row + position - first}"

    def report(self, manifest: Mapping[str, Any] | None) -> PoseCapReport:
        self._find_duplicates()
        captions, occurrences = np.unique(np.array(self.captions, dtype=np.uint64), return_counts=True)
        if without := self.numbers["captions"].count(0):
            self.warnings["no caption"] = Finding("clips without a caption", without)
        numbers = {name: Distribution.of(np.array(values)) for name, values in self.numbers.items()}
        return PoseCapReport(
            path=str(self.folder),
            name=str((manifest or {}).get("name", "")),
            errors=tuple(self.errors.values()),
            warnings=tuple(self.warnings.values()),
            splits={split: dict(entry) for split, entry in self.splits.items()},
            num_rows=sum(entry["num_rows"] for entry in self.splits.values()),
            num_frames=sum(entry["num_frames"] for entry in self.splits.values()),
            hours=self.seconds / 3600,
            **{name: dict(counts.most_common()) for name, counts in self.counts.items()},
            **numbers,
            caption_words=Distribution.of(np.array(self.caption_words)),
            num_captions=len(self.captions),
            distinct_captions=len(captions),
            vocabulary=len(self.words),
            common_captions=self._common_captions(captions, occurrences),
            common_words=dict(self.words.most_common(_FREQUENT)),
            **{name: self.embedded[name] for name in ("with_video", "with_text_embeds", "with_video_embeds")},
        )

    def _common_captions(self, hashes: np.ndarray, occurrences: np.ndarray) -> dict[str, int]:
        """The most frequent captions; candidates come from a thinned-out table, their numbers are exact."""
        candidates = [text for text, _ in self.common_captions.most_common(10 * _FREQUENT)]
        exact = {text: int(occurrences[np.searchsorted(hashes, np.uint64(_hash(text)))]) for text in candidates}
        return dict(sorted(exact.items(), key=lambda item: -item[1])[:_FREQUENT])

    def _find_duplicates(self) -> None:
        self._add_pairs(self.errors, "ids that occur twice", *_repeated(self.ids))
        first, second = _repeated(self.motions)
        splits = np.array(self.split_numbers)
        same = splits[first] == splits[second]
        self._add_pairs(self.warnings, "clips with the same keypoints", first[same], second[same])
        leaks = "clips with the same keypoints in two splits"
        self._add_pairs(self.warnings, leaks, first[~same], second[~same])

    def _add_pairs(self, findings: dict[str, Finding], what: str, first: np.ndarray, second: np.ndarray) -> None:
        if len(first):
            pairs = zip(first[:_EXAMPLES], second[:_EXAMPLES], strict=True)
            examples = tuple(f"{self._place(one)} and {self._place(other)}" for one, other in pairs)
            findings[what] = Finding(what, len(first), examples)


def _collect(findings: dict[str, Finding], what: str, example: str | None) -> None:
    found = findings.get(what, Finding(what, 0))
    examples = found.examples
    if example is not None and len(examples) < _EXAMPLES:
        examples = (*examples, example)
    findings[what] = replace(found, count=found.count + 1, examples=examples)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _motion_hash(row: Mapping[str, Any]) -> int:
    """Equal for equal keypoints in the same form of storage."""
    digest = blake2b(row["keypoints"], digest_size=8)
    rest = [row[name] for name in ("num_people", "num_joints", "num_coordinates", "keypoints_dtype", "layout")]
    digest.update(repr([*rest, row.get("keypoints_scale"), row.get("keypoints_offset")]).encode())
    return int.from_bytes(digest.digest(), "little")


def _repeated(hashes: array) -> tuple[np.ndarray, np.ndarray]:
    """Positions of hashes that occurred before, after those of their first occurrences; in the order of the rows."""
    _, first, group = np.unique(np.array(hashes, dtype=np.uint64), return_index=True, return_inverse=True)
    later = np.flatnonzero(first[group] != np.arange(len(hashes)))
    return first[group[later]], later


def _read_manifest(folder: Path, scan: _Scan) -> dict[str, Any] | None:
    path = folder / MANIFEST
    if not path.is_file():
        scan.error(f"{MANIFEST} is lacking: the set was never finished, or is not one")
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        scan.error(f"{MANIFEST} is no JSON: {error}")
        return None
    version = manifest.get("schema_version") if isinstance(manifest, dict) else None
    if version != SCHEMA_VERSION:
        scan.error(f"{MANIFEST}: expected schema version {SCHEMA_VERSION}, got {version!r}")
        return None
    return manifest


def _listed_shards(manifest: Mapping[str, Any] | None, scan: _Scan) -> dict[str, dict[str, Any]]:
    """Name of each shard in the manifest -> its entry, with its split."""
    if manifest is None:
        return {}
    try:
        return {
            str(shard["file"]): {**shard, "split": str(split)}
            for split, entry in manifest["splits"].items()
            for shard in entry["shards"]
        }
    except (KeyError, TypeError, AttributeError):
        scan.error(f"{MANIFEST}: expected splits with their shards, got {str(manifest.get('splits'))[:80]}")
        return {}


def _check_shard(name: str, entry: Mapping[str, Any] | None, scan: _Scan) -> None:
    path = scan.folder / name
    if not re.fullmatch(rf"{DATA_FOLDER}/[\w.-]+\.parquet", name):
        scan.error(f"names of shards that are not {DATA_FOLDER}/NAME.parquet", name)
        return
    if not path.is_file():
        scan.error(f"shards that {MANIFEST} lists and that are not there", name)
        return
    if entry is not None:
        with path.open("rb") as file:
            if file_sha256(file) != entry.get("sha256"):
                scan.error(f"shards that are not what {MANIFEST} says (SHA-256)", name)
    split = entry["split"] if entry else path.name.split("-")[0]
    scan.splits.setdefault(split, Counter(num_rows=0, num_frames=0, num_shards=0))
    num_rows = _scan_shard(path, name, split, scan)
    if entry is not None and num_rows is not None and num_rows != entry.get("num_rows"):
        scan.error(
            "shards with another number of rows than listed", f"{name}: {num_rows}, not {entry.get('num_rows')}"
        )


def _scan_shard(path: Path, name: str, split: str, scan: _Scan) -> int | None:
    """Reads all rows and returns how many the file says it has, or None if it is no Parquet file."""
    pa = require_pyarrow()
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(path, page_checksum_verification=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        scan.error("shards that are no Parquet file, or truncated", f"{name}: {_one_line(error)}")
        return None
    with file:
        scan.splits[split]["num_shards"] += 1
        differences = _schema_differences(file.schema_arrow)
        for difference in differences:
            scan.error("shards with another schema", f"{name}: {difference}")
        row = 0
        for index in range(0 if differences else file.num_row_groups):
            try:
                first = row
                for batch in file.iter_batches(batch_size=_BATCH_ROWS, row_groups=[index]):
                    _scan_rows(batch.to_pylist(), name, first, split, scan)
                    first += batch.num_rows
            except (pa.ArrowException, OSError, ValueError) as error:
                lost = file.metadata.row_group(index).num_rows
                scan.error("damaged row groups", f"{name}, rows {row} to {row + lost - 1}: {_one_line(error)}")
            row += file.metadata.row_group(index).num_rows
        return file.metadata.num_rows


def _schema_differences(schema: Any) -> list[str]:
    """What is not as `arrow_schema` says; more columns are no harm, nor are other names inside of lists."""
    found = []
    version = (schema.metadata or {}).get(VERSION_KEY)
    if version is not None and version != str(SCHEMA_VERSION).encode():
        found.append(f"schema version {version.decode(errors='replace')}, not {SCHEMA_VERSION}")
    for field in arrow_schema():
        index = schema.get_field_index(field.name)
        if index < 0:
            found.append(f"column {field.name} is lacking")
        elif _plain(schema.field(index).type) != _plain(field.type):
            found.append(f"column {field.name} is {schema.field(index).type}, not {field.type}")
    return found


def _plain(kind: Any) -> str:
    return f"list of {kind.value_type}" if hasattr(kind, "value_type") else str(kind)


def _scan_rows(rows: list[dict[str, Any]], name: str, first: int, split: str, scan: _Scan) -> None:
    for number, row in enumerate(rows, first):
        place = f"{name}, row {number}"
        try:
            record = row_to_record(row)
        except ValueError as error:
            scan.error("rows that do not decode", f"{place}: {_one_line(error)}")
            continue
        scan.add(row, record, split, name, number)
        if not record.skeletons.valid.any():
            scan.error("clips without a single visible joint", place)
        if record.split != split:
            scan.error("rows of another split than their shard", f"{place}: {record.split!r}")
        if len(set(record.captions)) < len(record.captions):
            scan.warn("clips that have a caption twice", place)
        _check_video_file(record, place, scan)


def _check_video_file(record: PoseCapRecord, place: str, scan: _Scan) -> None:
    path = record.video_path
    if path is None or record.video_bytes is not None or "://" in path:
        return
    if not (scan.folder / path).is_file():
        scan.warn("video files that are not there", f"{place}: {path}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


__all__ = ["validate_posecap"]
