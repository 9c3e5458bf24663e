# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A folder of pose files as clips with words: words from a captions file, or from the names of its folders."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..io.files import read_error, read_json, read_text
from ..io.folders import iter_folder
from ..io.plain import CAPTION_FILES
from ..io.reading import iter_skeletons
from ..processing.skeletons import Skeletons
from .captions import trial_captions
from .clips import MissingSplitError, MotionClip, MotionDataset
from .file_reading import outcomes
from .preparation import has_joints

logger = logging.getLogger(__name__)

_FILES_WITH_A_BAR = 100  # from so many on
_CLASSES_WITH_A_BAR = 20  # below so many, one for each
_SPLITS = {  # name of a folder or in a captions file -> split
    "train": "train", "validation": "validation", "val": "validation", "valid": "validation", "dev": "validation",
    "test": "test",
}  # fmt: skip


@dataclass(frozen=True)
class _Entry:
    """What is known of one pose file, or of a folder of a class."""

    path: Path
    captions: tuple[str, ...]
    label: str | None
    split: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class _Reading:
    """How files are read, as `load_clip_folder` was told."""

    options: Mapping[str, Any]
    strict: bool
    progress: bool
    on_failure: Callable[[str, str], Any]


def is_clip_folder(folder: str | Path) -> bool:
    """Whether a folder has a captions file, or folders of classes."""
    path = Path(folder)
    return path.is_dir() and (_captions_file(path) is not None or any(_class_folders(path)))


def load_clip_folder(
    folder: str | Path,
    split: str | None = "train",
    *,
    strict: bool = False,
    progress: bool = True,
    on_failure: Callable[[str, str], Any] | None = None,
    **options: Any,
) -> MotionDataset:
    """Reads the clips of a folder into memory.

    The words come from ``captions.csv``, ``.jsonl`` or ``.json``: a row or object for each file with ``file`` (path
    inside the folder), ``caption`` (or ``captions``, a list; a file may also come in several rows), and optionally
    ``label``, ``split`` and ``subject``, the person. Without such a file, each folder is a class,
    ``folder/CLASS/...`` or ``folder/SPLIT/CLASS/...``. Splits are train, validation (or val, valid, dev) and test; a
    folder of such a name with files alone is a class. Where no split is said, all is "train".

    Args:
        folder: The folder; its files have any format that `tmor_hf.io.read_skeletons` knows.
        split: One split, several joined by ``+``, or None for all.
        strict: Raise an error for a file that cannot be read, or a clip that shows no joint that the models know; else
            it is reported and left out.
        progress: Show a bar while files are read.
        on_failure: Called with path and message of each file that could not be read.
        **options: What the files do not say, such as ``layout`` and ``fps``, see `tmor_hf.io.read_skeletons`.

    Raises:
        FileNotFoundError: If there is neither a captions file nor a folder of a class.
        MissingSplitError: If there is no such split.
        ValueError: If the captions file is damaged, contradicts itself or names files outside the folder; if no clip
            can be read.
    """
    path = Path(folder)
    file = _captions_file(path)
    entries = _merged(_read_entries(path, file)) if file else list(_class_entries(path))
    if not entries:
        raise FileNotFoundError(
            f"expected one of {', '.join(CAPTION_FILES)} or folders CLASS/ with pose files in {path}, got neither"
        )
    known = list(dict.fromkeys(entry.split for entry in entries))
    wanted = known if split is None else split.split("+")
    if not set(wanted) <= set(known):
        raise MissingSplitError(f"{path} has no split {split!r}; it has {', '.join(known)}")
    if others := [name for name in known if name not in wanted]:
        logger.info("%s: %s read, %s left alone", path, "+".join(wanted), ", ".join(others))
    names = sorted({entry.label for entry in entries if entry.label is not None})
    labels = {name: number for number, name in enumerate(names)}
    read = _read_files if file else _read_classes
    how = _Reading(options, strict, progress, on_failure or (lambda name, message: None))
    clips = [
        MotionClip(
            skeletons,
            name=name,
            dataset=path.name,
            captions=entry.captions,
            group=entry.label or entry.captions[0].casefold(),
            label=labels.get(entry.label),
            class_name=entry.label,
            subject=entry.subject,
        )
        for entry, name, skeletons in _that_show_somebody(
            path, read(path, [entry for entry in entries if entry.split in wanted], how), strict
        )
    ]
    if not clips:
        raise ValueError(f"expected clips in {path}, split {split!r}, got none that can be read")
    return MotionDataset(clips, path.name, names)


def _captions_file(folder: Path) -> Path | None:
    return next((folder / name for name in CAPTION_FILES if (folder / name).is_file()), None)


def _that_show_somebody(
    folder: Path, clips: Iterable[tuple[_Entry, str, Skeletons]], strict: bool
) -> Iterator[tuple[_Entry, str, Skeletons]]:
    """The clips in which a canonical joint is seen; of others, nothing can be learned."""
    left_out: list[str] = []
    for entry, name, skeletons in clips:
        if has_joints(skeletons.to_layout()):
            yield entry, name, skeletons
            continue
        if strict:
            raise ValueError(f"{folder / name}: expected a joint that is seen, got none in the whole clip")
        left_out.append(name)
    if left_out:
        logger.warning("%s: %d clips left out that show nobody; the first: %s", folder, len(left_out), left_out[0])


# ---------------------------------------------------------------- captions file


def _read_files(folder: Path, entries: list[_Entry], how: _Reading) -> Iterator[tuple[_Entry, str, Skeletons]]:
    """(entry, name, skeletons) of each clip in each file."""
    paths = [str(entry.path) for entry in entries]
    failures: list[str] = []
    has_bar = how.progress and len(paths) >= _FILES_WITH_A_BAR
    found = outcomes(paths, partial(_read_file, options=how.options), f"reading {folder.name}", progress=has_bar)
    for entry, outcome in zip(entries, found, strict=True):
        name = entry.path.relative_to(folder).as_posix()
        if isinstance(outcome, str):
            if how.strict:
                raise ValueError(outcome)
            failures.append(outcome)
            how.on_failure(name, outcome)
            continue
        for part, skeletons in outcome:
            yield entry, name if len(outcome) == 1 else f"{name}/{part}", skeletons
    if failures:
        logger.warning("%s: %d of %d files left out; the first: %s", folder, len(failures), len(paths), failures[0])


def _read_file(path: str, options: Mapping[str, Any]) -> list[tuple[str, Skeletons]]:
    return list(iter_skeletons(path, **options))


def _read_entries(folder: Path, file: Path) -> Iterator[_Entry]:
    for place, row in _rows(file):
        if not isinstance(row, Mapping):
            raise read_error(file, f"expected an object with file and caption, got {type(row).__name__}", place)
        name, captions = row.get("file") or row.get("file_name"), _captions(row)
        if None in row:
            raise read_error(file, "expected a value for each column, got more; put quotes around commas", place)
        label, split, subject = (None if row.get(key) == "" else row.get(key) for key in ("label", "split", "subject"))
        if not isinstance(name, str) or not captions and label is None:
            raise read_error(file, f"expected file and caption (or label), got {sorted(map(str, row))}", place)
        said = (*captions, *(text for text in (label, split) if text is not None))
        if not all(isinstance(text, str) and text.strip() for text in said):
            raise read_error(file, "expected captions, label and split as text that is not blank", place)
        path = folder / name
        if Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
            raise read_error(file, f"expected a path inside the folder, got {name!r}", place)
        phrase = None if label is None else _phrase(label)
        subject = None if subject is None else str(subject)
        yield _Entry(path, captions or trial_captions(phrase), phrase, _SPLITS.get(split, split), subject)


def _captions(row: Mapping[str, Any]) -> tuple[Any, ...]:
    found = next((row[key] for key in ("caption", "captions", "text") if row.get(key)), ())
    return (found,) if isinstance(found, str) else tuple(found) if isinstance(found, (list, tuple)) else (found,)


def _rows(file: Path) -> Iterator[tuple[str, Any]]:
    """(place, row) of a captions file."""
    if file.suffix == ".json":
        content = read_json(file)
        if isinstance(content, Mapping):  # file -> caption(s)
            content = [{"file": name, "captions": captions} for name, captions in content.items()]
        if not isinstance(content, list):
            raise read_error(file, f"expected a list of objects, got {type(content).__name__}")
        yield from ((f"entry {number}", row) for number, row in enumerate(content, 1))
    elif file.suffix == ".jsonl":
        for number, line in enumerate(read_text(file).splitlines(), 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise read_error(file, f"expected a JSON object, got {error}", f"line {number}") from None
                yield f"line {number}", row
    else:
        reader = csv.DictReader(io.StringIO(read_text(file)))
        try:
            yield from ((f"line {reader.line_num}", row) for row in reader)
        except csv.Error as error:
            raise read_error(file, f"expected comma-separated rows, got {error}", f"line {reader.line_num}") from None


def _merged(entries: Iterator[_Entry]) -> list[_Entry]:
    """One entry for each file, with the captions of all its rows."""
    by_path: dict[Path, _Entry] = {}
    for entry in entries:
        known = by_path.setdefault(entry.path, entry)
        said = {name: {getattr(known, name), getattr(entry, name)} - {None} for name in ("label", "split", "subject")}
        if twice := next((name for name, values in said.items() if len(values) > 1), None):
            raise ValueError(f"expected one {twice} for {entry.path}, got {' and '.join(sorted(said[twice]))}")
        captions = tuple(dict.fromkeys(known.captions + entry.captions))
        by_path[entry.path] = _Entry(entry.path, captions, *(next(iter(values), None) for values in said.values()))
    return [replace(entry, split=entry.split or "train") for entry in by_path.values()]


# ---------------------------------------------------------------- folders of classes


def _class_folders(folder: Path) -> Iterator[tuple[str, Path]]:
    """(split, folder of a class)."""
    for path in _folders(folder):
        inner = _folders(path) if path.name in _SPLITS else []
        if inner:
            yield from ((_SPLITS[path.name], one) for one in inner)
        else:
            yield "train", path


def _folders(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]


def _class_entries(folder: Path) -> Iterator[_Entry]:
    for split, path in _class_folders(folder):
        phrase = _phrase(path.name)
        yield _Entry(path, trial_captions(phrase), phrase, split)


def _read_classes(folder: Path, entries: list[_Entry], how: _Reading) -> Iterator[tuple[_Entry, str, Skeletons]]:
    """(entry, name, skeletons) of each clip in each folder of a class."""
    has_bar = how.progress and len(entries) < _CLASSES_WITH_A_BAR
    for entry in entries:
        place = entry.path.relative_to(folder).as_posix()

        def report(name: str, message: str, place: str = place) -> None:
            how.on_failure(f"{place}/{name}", message)

        reading = {"strict": how.strict, "progress": has_bar, "on_failure": report, **how.options}
        try:
            for name, skeletons in iter_folder(entry.path, **reading):
                yield entry, f"{place}/{name}", skeletons
        except ValueError as error:  # no pose file in it
            if how.strict:
                raise
            logger.warning("%s", error)


def _phrase(name: str) -> str:
    return name.replace("_", " ").strip()


__all__ = ["is_clip_folder", "load_clip_folder"]
