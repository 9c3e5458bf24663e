# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Reads many files in parallel, with a bar; a bad file is reported and left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tqdm.auto import tqdm

from ..io.workers import FILES_PER_TASK, start_readers, workers_that_pay

logger = logging.getLogger(__name__)
T = TypeVar("T")

_NAMED = 5  # failures that a message spells out


def outcomes(
    paths: Sequence[str],
    read: Callable[[str], T],
    name: str,
    num_workers: int | None = None,
    progress: bool = True,
) -> Iterator[T | str]:
    """What `read` makes of each file, in order; the message as a string where it fails.

    Args:
        paths: The files.
        read: Reads one; it has to be picklable, and never returns a string.
        name: Name of the set, for the bar.
        num_workers: Processes that read; 0 for this one alone. By default as many as pay, up to the number of cores.
        progress: Show a bar.
    """
    if num_workers is None:
        num_workers = workers_that_pay(len(paths))
    tried = partial(_tried, read)
    pool: Any = start_readers(num_workers) if num_workers > 1 else nullcontext()
    with tqdm(total=len(paths), desc=name, unit="file", disable=not progress) as bar, pool:
        found = map(tried, paths) if num_workers < 2 else pool.map(tried, paths, chunksize=FILES_PER_TASK)
        for outcome in found:
            bar.update()
            yield outcome


def read_all(
    paths: Sequence[str],
    read: Callable[[str], T],
    name: str,
    *,
    num_workers: int | None = None,
    progress: bool = True,
    strict: bool = False,
) -> list[T | None]:
    """What `read` makes of each file, in order; None for a bad one.

    Raises:
        ValueError: If all files are bad, or, with `strict`, any.
    """
    found: list[T | None] = []
    failures: list[str] = []
    for outcome in outcomes(paths, read, name, num_workers, progress):
        if isinstance(outcome, str):
            failures.append(outcome)
        found.append(None if isinstance(outcome, str) else outcome)
    if failures:
        named = "\n  ".join(failures[:_NAMED]) + ("\n  ..." if len(failures) > _NAMED else "")
        message = f"{name}: {len(failures)} of {len(paths)} files could not be read:\n  {named}"
        if strict or len(failures) == len(paths):
            raise ValueError(message)
        logger.warning("%s", message)
    return found


def _tried(read: Callable[[str], T], path: str) -> T | str:
    try:
        return read(path)
    except (ValueError, OSError) as error:
        return str(error) or f"{path}: {type(error).__name__}"


def find_files(folder: Path, pattern: str) -> list[str]:
    """Paths of the files of a folder and of those in it whose names fit, sorted by name.

    Raises:
        ValueError: If two files have the same name.
    """
    paths = sorted((path.name, str(path)) for path in folder.rglob(pattern))
    for (name, first), (other, second) in zip(paths[:-1], paths[1:], strict=True):
        if name == other:
            raise ValueError(f"expected each file once below {folder}, got {first} and {second}; remove one of them")
    return [path for _, path in paths]


__all__ = ["find_files", "outcomes", "read_all"]
