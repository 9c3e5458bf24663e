# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Results by video, one file each: written whole or not at all, and named by what they were made from.

The name of a file is a digest of the video's fingerprint and of all settings that its content depends on. So a result
that is there is valid, whoever made it and whenever, and a changed setting leads to another name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np


def digest(*parts: Any) -> str:
    """A name for JSON-able values: 32 hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def model_fingerprint(name: str) -> str:
    """The name of a checkpoint; for a local folder also the sizes and times of its files.

    A name on the Hub says nothing of its revision: name a local snapshot where that matters.
    """
    folder = Path(name)
    if not folder.is_dir():
        return name
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest(name, [(path.relative_to(folder).as_posix(), *_size_and_time(path)) for path in files])


def _size_and_time(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def result_path(work: Path, stage: str, key: str, suffix: str = ".npz") -> Path:
    """Where the result of a stage lies; 256 folders keep each of them small for a million videos."""
    return work / stage / key[:2] / (key + suffix)


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that appears under its name when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def remove_unfinished(work: Path) -> None:
    """Removes what killed processes left behind."""
    for path in work.glob("*/*/*.tmp"):
        path.unlink(missing_ok=True)


def save_arrays(path: Path, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Writes arrays and JSON-able facts about them as ``.npz``."""
    with atomic_write(path) as file:
        np.savez(
            file, facts=np.array(json.dumps(facts)), **{name: np.asarray(value) for name, value in arrays.items()}
        )


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Reads what `save_arrays` wrote.

    Raises:
        ValueError: If the file is damaged; the message says what to do.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return arrays, json.loads(str(arrays.pop("facts")))
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it and start the build again") from error


def load_facts(path: Path) -> dict[str, Any]:
    """The facts alone.

    Raises:
        ValueError: If the file is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return json.loads(str(archive["facts"]))
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it and start the build again") from error


@contextlib.contextmanager
def noted(work: Path, key: str, name: str) -> Iterator[None]:
    """Leaves a note of a video while its pictures are decoded, which stays if that takes the process down."""
    note = work / "begun" / key
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(name, encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def take_notes(work: Path) -> list[str]:
    """Names of the videos that processes which are no more were at; the notes are removed."""
    notes = sorted((work / "begun").glob("*"))
    names = sorted(note.read_text(encoding="utf-8") for note in notes)
    for note in notes:
        note.unlink(missing_ok=True)
    return names


@contextlib.contextmanager
def only_one_build(work: Path) -> Iterator[None]:
    """Refuses a second build in the same work folder while one runs; a killed one leaves no trace.

    Raises:
        RuntimeError: If another process builds there.
    """
    work.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        yield
        return
    with (work / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RuntimeError(f"another build runs in {work}; wait for it, or choose another --work") from error
        yield


__all__ = [
    "atomic_write",
    "digest",
    "load_arrays",
    "load_facts",
    "model_fingerprint",
    "noted",
    "only_one_build",
    "remove_unfinished",
    "result_path",
    "save_arrays",
    "take_notes",
]
