# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Captions that people gave: a table for all videos, or a small file beside each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ....io.files import read_error, read_json, read_text
from .arguments import SIDECAR
from .videos import VideoFile

_FILE_KEYS = ("file", "video", "name")
_TEXT_KEYS = {"captions": ("caption", "captions", "text"), "labels": ("label", "labels")}


@dataclass(frozen=True)
class CaptionEntry:
    """What somebody said of a video, or of a part of it.

    Args:
        captions: Sentences.
        labels: Names of actions.
        start: First moment in seconds that this is about.
        end: Last moment.
        source: Where the video comes from, if it differs from the rest.
        licence: Its terms, if they differ.
    """

    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    start: float = 0.0
    end: float = float("inf")
    source: str | None = None
    licence: str | None = None

    def covers(self, start: float, end: float) -> bool:
        """Whether at least half of a clip lies in what this is about."""
        return min(end, self.end) - max(start, self.start) >= 0.5 * (end - start)


class GivenCaptions:
    """The captions of all videos of a build.

    Args:
        place: A ``.csv``, ``.json`` or ``.jsonl`` table with the columns file, caption (or captions), and optionally
            label, start, end, source, licence, a row for each video or part of one; or ``"sidecar"``: a
            ``VIDEO.txt`` with a caption in each line, or a ``VIDEO.json`` of such columns, beside each video; or None.

    Raises:
        ValueError: If the table cannot be read; file and place are named.
    """

    def __init__(self, place: str | None):
        self.is_sidecar = place == SIDECAR
        self._table: dict[str, list[CaptionEntry]] = {}
        if place is not None and not self.is_sidecar:
            for number, row in enumerate(_read_rows(Path(place)), start=1):
                name, entry = _parse(row, Path(place), f"row {number}")
                self._table.setdefault(name, []).append(entry)

    def of(self, video: VideoFile) -> list[CaptionEntry]:
        """The entries of a video, found by its name with or without suffix.

        Raises:
            ValueError: If a file beside the video cannot be read.
        """
        if self.is_sidecar:
            return _read_sidecar(Path(video.path))
        return self._table.get(video.name) or self._table.get(_stem(video.name)) or []

    def unmatched(self, videos: Iterable[VideoFile]) -> list[str]:
        """Names in the table that no video bears."""
        known = {name for video in videos for name in (video.name, _stem(video.name))}
        return sorted(set(self._table) - known)


def texts_for(entries: list[CaptionEntry], start: float, end: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Captions and labels of a clip: those of all entries that cover it, each once."""
    covering = [entry for entry in entries if entry.covers(start, end)]
    captions = dict.fromkeys(text for entry in covering for text in entry.captions)
    labels = dict.fromkeys(text for entry in covering for text in entry.labels)
    return tuple(captions), tuple(labels)


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _read_rows(path: Path) -> list[Mapping[str, Any]]:
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(read_text(path))))
    if path.suffix == ".jsonl":
        lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), start=1) if line.strip()]
        return [_parse_line(path, number, line) for number, line in lines]
    if path.suffix == ".json":
        rows = read_json(path)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return rows
        if isinstance(rows, dict):  # name -> caption, captions, or further columns
            return [{**value, "file": name} if isinstance(value, dict) else {"file": name, "captions": value}
                    for name, value in rows.items()]  # fmt: skip
        raise read_error(path, "expected a list of objects, or an object of names and captions")
    raise read_error(path, "expected captions as .csv, .json or .jsonl, or the word 'sidecar'")


def _parse_line(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise read_error(path, f"expected JSON, got {line[:60]!r}", f"line {number}") from error
    if not isinstance(row, dict):
        raise read_error(path, f"expected a JSON object, got {line[:60]!r}", f"line {number}")
    return row


def _read_sidecar(video: Path) -> list[CaptionEntry]:
    text, table = video.with_suffix(".txt"), video.with_suffix(".json")
    if table.is_file():
        rows = read_json(table)
        rows = rows if isinstance(rows, list) else [rows]
        if not all(isinstance(row, dict) for row in rows):
            raise read_error(table, "expected an object with captions, or a list of such objects")
        return [_parse({**row, "file": video.name}, table, f"entry {n}")[1] for n, row in enumerate(rows, start=1)]
    if text.is_file():
        return [CaptionEntry(captions=_texts(read_text(text).splitlines()))]
    return []


def _parse(row: Mapping[str, Any], path: Path, place: str) -> tuple[str, CaptionEntry]:
    name = next((row[key] for key in _FILE_KEYS if row.get(key)), None)
    if not isinstance(name, str):
        raise read_error(path, f"expected a column {_FILE_KEYS[0]!r}, got {sorted(map(str, row))[:8]}", place)
    found = {field: _texts(row.get(key) for key in keys) for field, keys in _TEXT_KEYS.items()}
    start, end = (_seconds(row.get(key), default, path, place) for key, default in (("start", 0.0), ("end", None)))
    end = float("inf") if end is None else end
    if end <= start:
        raise read_error(path, f"expected an end after the start, got {start} and {end}", place)
    origin = {key: str(row[key]).strip() or None for key in ("source", "licence") if row.get(key)}
    return name.strip(), CaptionEntry(**found, start=start, end=end, **origin)


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    """Texts and lists of texts as one tuple, blanks left out, each once."""
    flat: list[str] = []
    for value in values:
        flat += [str(text) for text in value] if isinstance(value, list) else [] if value is None else [str(value)]
    return tuple(dict.fromkeys(" ".join(text.split()) for text in flat if text.strip()))


def _seconds(value: Any, default: float | None, path: Path, place: str) -> float | None:
    if value is None or value == "":
        return default
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise read_error(path, f"expected seconds of 0 or more, got {value!r}", place)
    return seconds


__all__ = ["CaptionEntry", "GivenCaptions", "texts_for"]
