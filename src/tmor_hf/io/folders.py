# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Folders full of clips: read by several processes, with a bar; a bad file is reported and skipped."""

from __future__ import annotations

import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tqdm.auto import tqdm

from ..processing.skeletons import Skeletons
from .files import Limits, PoseFile, PoseFileError
from .reading import FORMATS, PICKLE_SUFFIXES, iter_skeletons
from .workers import FILES_PER_TASK, start_readers, workers_that_pay

logger = logging.getLogger(__name__)

_TASKS_AHEAD = 4  # for each worker; what waits to be taken stays bounded
_NAMED = 5  # failures that the summary spells out


@dataclass
class ReadResult:
    """The clips of a folder, and what could not be read.

    Args:
        clips: Clips by name: the path below the folder without its suffix, and the name of the clip in files that hold
            several.
        failures: What went wrong, by path below the folder.
    """

    clips: dict[str, Skeletons] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


class PoseItem(NamedTuple):
    """One thing to read: its name, as clips get it, and the file, or the folder with a file for each frame."""

    name: str
    path: Path


class _Failure(NamedTuple):
    message: str


def read_folder(
    folder: str | os.PathLike,
    pattern: str = "**/*",
    num_workers: int | None = None,
    format: str | None = None,
    progress: bool = True,
    strict: bool = False,
    limits: Limits | None = None,
    **options: Any,
) -> ReadResult:
    """Reads all clips of a folder and of those in it, in the order of their paths.

    A folder with a file for each frame (OpenPose, YOLO labels) is one clip. Files whose suffix belongs to no pose
    format are passed over, and so are files of labels that come with a format.

    Args:
        folder: The folder.
        pattern: Which files, as for `Path.glob`.
        num_workers: Processes that read; 0 for this one alone. By default as many as pay, up to the number of cores.
        format: Name of the format; by default that of each file is found out.
        progress: Show a bar.
        strict: Raise the first failure instead of going on.
        limits: How much one file may hold.
        options: Options for all files, as for `read_skeletons`.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it is no folder, or holds no files of pose formats; with `strict`, also for a bad file.
    """
    result = ReadResult()
    clips = iter_folder(
        folder, pattern, num_workers, format, progress, strict, limits, result.failures.__setitem__, **options
    )
    with closing(clips):
        result.clips.update(clips)
    return result


def iter_folder(
    folder: str | os.PathLike,
    pattern: str = "**/*",
    num_workers: int | None = None,
    format: str | None = None,
    progress: bool = True,
    strict: bool = False,
    limits: Limits | None = None,
    on_failure: Callable[[str, str], Any] | None = None,
    **options: Any,
) -> Iterator[tuple[str, Skeletons]]:
    """Yields name and clip as `read_folder` reads them, holding few at a time.

    Args:
        on_failure: Called with path and message of each file that could not be read.
        folder, pattern, num_workers, format, progress, strict, limits, options: As for `read_folder`.

    Raises:
        FileNotFoundError, ValueError: As `read_folder`, at the first clip.
    """
    folder = Path(folder)
    items = find_pose_files(folder, pattern)
    read = partial(_read_items, format=format, limits=limits, options=options)
    if num_workers is None:
        num_workers = workers_that_pay(len(items))
    outcomes = _in_this_process(read, items) if num_workers < 2 else _in_processes(read, items, num_workers)
    failures: list[str] = []
    num_clips = 0
    with tqdm(total=len(items), desc=folder.name, unit="file", disable=not progress) as bar, closing(outcomes):
        for item, outcome in outcomes:
            if isinstance(outcome, _Failure):
                if strict:
                    raise PoseFileError(outcome.message)
                failures.append(outcome.message)
                if on_failure is not None:
                    on_failure(item.path.relative_to(folder).as_posix(), outcome.message)
            elif outcome is None:
                bar.update()
            else:
                num_clips += 1
                yield outcome
    _log_summary(folder, len(items), num_clips, failures)


def _log_summary(folder: Path, num_files: int, num_clips: int, failures: list[str]) -> None:
    if not failures:
        logger.info("read %d clips from %d files in %s", num_clips, num_files, folder)
        return
    named = "\n  ".join(failures[:_NAMED]) + ("\n  ..." if len(failures) > _NAMED else "")
    logger.warning(
        "read %d clips from %s; %d of %d files could not be read:\n  %s",
        num_clips, folder, len(failures), num_files, named,
    )  # fmt: skip


def find_pose_files(folder: Path, pattern: str = "**/*") -> list[PoseItem]:
    """What there is to read, sorted by path.

    Raises:
        FileNotFoundError, ValueError: As `read_folder`.
    """
    if not folder.is_dir():
        if not folder.exists():
            raise FileNotFoundError(f"no folder {folder}")
        raise ValueError(f"{folder}: expected a folder, got a file; use read_skeletons")
    suffixes = {suffix for known in FORMATS for suffix in known.suffixes if suffix} | set(PICKLE_SUFFIXES)
    files = [path for path in folder.glob(pattern) if path.suffix.lower() in suffixes and path.is_file()]
    files = [path for path in files if not any(known.is_companion(path) for known in FORMATS)]
    frame_files = {parent: _frame_files(parent) for parent in {path.parent for path in files}}
    paths = [path for path in files if not any(fnmatch(path.name, known) for known in frame_files[path.parent])]
    paths += [parent for parent, patterns in frame_files.items() if patterns]
    if not paths:
        raise ValueError(f"{folder}: expected files of pose formats, got none that fit {pattern!r}")
    paths.sort()
    below = {path: path.relative_to(folder) for path in paths}
    stems = {path: name.with_suffix("") if path.is_file() else name for path, name in below.items()}
    shared = Counter(stems.values())
    named = {path: stem if shared[stem] == 1 else below[path] for path, stem in stems.items()}
    return [PoseItem(name.as_posix() if name.name else folder.name, path) for path, name in named.items()]


def _frame_files(folder: Path) -> list[str]:
    """Patterns of the files that make up the clip which this folder is, if it is one."""
    file = PoseFile(folder)
    return [known.frame_files for known in FORMATS if known.frame_files and known.is_match(file)]


_Outcome = tuple[PoseItem, tuple[str, Skeletons] | _Failure | None]


def _read_items(
    items: list[PoseItem], format: str | None, limits: Limits | None, options: dict[str, Any]
) -> Iterator[_Outcome]:
    """What comes of some files: their clips, or a failure; None when one is done."""
    for item in items:
        try:
            clips = iter_skeletons(item.path, format, limits=limits, **options)
            first = next(clips, None)
            second = next(clips, None)
            if first is not None:
                yield item, (item.name if second is None else f"{item.name}/{first[0]}", first[1])
            if second is not None:
                yield item, (f"{item.name}/{second[0]}", second[1])
                for name, skeletons in clips:
                    yield item, (f"{item.name}/{name}", skeletons)
        except (ValueError, OSError) as error:
            yield item, _Failure(str(error))
        except Exception as error:  # a fault of a reader must not cost the other files
            yield item, _Failure(f"{item.path}: {type(error).__name__}: {error}")
        yield item, None


def _read_list(read: Callable[[list[PoseItem]], Iterator[_Outcome]], items: list[PoseItem]) -> list[_Outcome]:
    return list(read(items))


def _in_this_process(
    read: Callable[[list[PoseItem]], Iterator[_Outcome]], items: list[PoseItem]
) -> Iterator[_Outcome]:
    yield from read(items)


def _in_processes(
    read: Callable[[list[PoseItem]], Iterator[_Outcome]], items: list[PoseItem], num_workers: int
) -> Iterator[_Outcome]:
    """In the order of the items, with a bounded number of tasks ahead of the one that is taken."""
    executor = start_readers(num_workers)
    starts = iter(range(0, len(items), FILES_PER_TASK))
    waiting: deque[Future[list[_Outcome]]] = deque()
    try:
        while True:
            while len(waiting) < _TASKS_AHEAD * num_workers and (start := next(starts, None)) is not None:
                waiting.append(executor.submit(_read_list, read, items[start : start + FILES_PER_TASK]))
            if not waiting:
                return
            yield from waiting.popleft().result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


__all__ = ["PoseItem", "ReadResult", "find_pose_files", "iter_folder", "read_folder"]
