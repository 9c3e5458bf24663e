# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The index of a folder: built once, then brought up to date by what has changed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from ..evaluation.prediction import embed_clips
from ..io import find_pose_files, iter_skeletons
from ..processing.skeletons import Skeletons
from .motion_index import MotionIndex, Span
from .queries import features_of
from .windows import Window, check_windows, cut_windows

logger = logging.getLogger(__name__)

INDEX_FOLDER = ".tmor_index"
_WINDOWS_AT_ONCE = 512

_Batch = dict[str, list[tuple[Span, Skeletons]] | None]  # windows by file; None for one that could not be read


def index_folder(
    folder: str | os.PathLike,
    model: Any,
    feature_extractor: Any,
    *,
    window_seconds: float = 4.0,
    stride_seconds: float = 2.0,
    index_dir: str | os.PathLike | None = None,
    rebuild: bool = False,
    backend: str = "exact",
    batch_size: int = 64,
    save_seconds: float = 30.0,
    progress: bool = True,
    on_failure: Callable[[str, str], Any] | None = None,
    **options: Any,
) -> MotionIndex:
    """Indexes all pose files of a folder and of those in it.

    Recordings longer than a window are cut into overlapping ones. The index is kept in `index_dir`, and the next call
    embeds only files that are new or have changed (by size and time) and drops those that are gone. It starts anew for
    another model, feature extractor, window, stride, or option of the readers. When building stops half-way, the next
    call goes on. Files that cannot be read are logged, left out, and tried again by the next call.

    Args:
        folder: The folder; a hit is named by the path below it.
        model: Any model of this package that takes skeletons; one with a text tower can be searched by text.
        feature_extractor: Its `TMorFeatureExtractor`.
        window_seconds: Length of a window; without a frame rate, 30 frames count as a second.
        stride_seconds: From the start of a window to that of the next.
        index_dir: Where the index is kept; ``.tmor_index`` in the folder by default.
        rebuild: Start anew; nothing of the index of before is left, even if no file can be read.
        backend: As for `MotionIndex`.
        batch_size: Windows that go through the model at once.
        save_seconds: Time after which what is done so far is saved; also saved when building is stopped.
        progress: Show a bar.
        on_failure: Called with path and message of each file that could not be read.
        options: Options for all files, as for `read_skeletons`.

    Returns:
        The index; its spans are in seconds, or frames where the frame rate is not known.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it is no folder or holds no pose files, or window and stride do not fit.
    """
    check_windows(window_seconds, stride_seconds)
    folder = Path(folder)
    target = folder / INDEX_FOLDER if index_dir is None else Path(index_dir)
    paths = {item.path.relative_to(folder).as_posix(): item.path for item in find_pose_files(folder)}
    stamps = {name: _stamp(path) for name, path in paths.items()}
    cut = {"window_seconds": window_seconds, "stride_seconds": stride_seconds}
    key = {"model": fingerprint(model, feature_extractor), **cut, "options": repr(sorted(options.items()))}
    index = _open(target, key, rebuild, backend)
    files = index.metadata["files"]
    # A rebuild is saved even if no file can be read: the next call would take the index of before.
    saved_files, saved_at = None if rebuild else dict(files), time.monotonic()
    _drop_changed(index, stamps)
    waiting = {name: path for name, path in paths.items() if name not in files}

    def report(name: str, message: str) -> None:
        logger.warning("%s", message)
        if on_failure is not None:
            on_failure(name, message)

    embed = partial(embed_clips, model, feature_extractor, features=features_of(model), batch_size=batch_size)
    try:
        with tqdm(total=len(waiting), desc=folder.name, unit="file", disable=not (progress and waiting)) as bar:
            for batch in _read_batches(waiting, partial(cut_windows, **cut), options, report):
                done = _add_batch(index, batch, embed, report)
                files.update((name, stamps[name]) for name in done)
                bar.update(len(batch))
                if files != saved_files and time.monotonic() - saved_at >= save_seconds:
                    index.save(target)
                    saved_files, saved_at = dict(files), time.monotonic()
    finally:
        if files != saved_files:
            index.save(target)
    return index


def fingerprint(model: Any, feature_extractor: Any) -> str:
    """A hash of all that an embedding of skeletons depends on: the encoder, its projection, the feature extractor.

    Texts and videos have no part in it, nor has the place that the model came from.
    """
    encoder, projection = getattr(model, "skeleton_model", model), getattr(model, "skeleton_projection", None)
    configs = [encoder.config.to_dict(), feature_extractor.to_dict()]
    passing = ("_name_or_path", "transformers_version", "architectures", "dtype", "processor_class")
    for config in configs:
        for name in passing:
            config.pop(name, None)
    digest = hashlib.sha256(json.dumps(configs, sort_keys=True, default=str).encode())
    for part in (encoder, projection):
        for name, weights in part.state_dict().items() if part is not None else ():
            digest.update(f"{name} {weights.dtype} {tuple(weights.shape)}".encode())
            digest.update(weights.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _open(target: Path, key: dict[str, Any], rebuild: bool, backend: str) -> MotionIndex:
    """The index that is there, if it is whole and was built in the same way; else an empty one."""
    new = MotionIndex(backend)
    new.metadata = {"key": key, "files": {}}
    if rebuild:
        return new
    try:
        index = MotionIndex.load(target, backend)
    except FileNotFoundError:
        return new
    except ValueError as error:
        logger.warning("%s", error)
        return new
    if index.metadata.get("key") != key:
        logger.info("building the index in %s anew: it is of another model, window, or way of reading", target)
        return new
    return index


def _drop_changed(index: MotionIndex, stamps: dict[str, list[int]]) -> None:
    """Drops what belongs to no file as it is now."""
    files = index.metadata["files"]
    for name in [name for name, stamp in files.items() if stamps.get(name) != stamp]:
        del files[name]
    # Building may also have stopped between adding the windows of a file and noting that it is done.
    index.remove({span.name for span in index.spans} - files.keys())


def _stamp(path: Path) -> list[int]:
    """Size, time, and number of files, of a file or of a folder that is one clip."""
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    states = [file.stat() for file in files]
    return [sum(state.st_size for state in states), max(state.st_mtime_ns for state in states), len(states)]


def _read_batches(
    paths: dict[str, Path],
    cut: Callable[[Skeletons], Iterable[Window]],
    options: dict[str, Any],
    report: Callable[[str, str], None],
) -> Iterator[_Batch]:
    """The windows of some files at a time, so that many go through the model together."""
    batch: _Batch = {}
    count = 0
    for name, path in paths.items():
        try:
            clips = list(iter_skeletons(path, **options))
            batch[name] = [
                (Span(name, window.start, window.end, window.unit, clip if len(clips) > 1 else None), window.skeletons)
                for clip, skeletons in clips
                for window in cut(skeletons)
            ]
        except Exception as error:  # a fault of a reader must not cost the other files
            is_told = isinstance(error, (ValueError, OSError))
            report(name, str(error) if is_told else f"{path}: {type(error).__name__}: {error}")
            batch[name] = None
        count += len(batch[name] or ())
        if count >= _WINDOWS_AT_ONCE:
            yield batch
            batch, count = {}, 0
    if batch:
        yield batch


def _add_batch(
    index: MotionIndex,
    batch: _Batch,
    embed: Callable[[list[Skeletons]], np.ndarray],
    report: Callable[[str, str], None],
) -> list[str]:
    """Embeds and adds the windows of some files; returns the files that are done."""
    files = {name: windows for name, windows in batch.items() if windows is not None}
    windows = [window for own in files.values() for window in own]
    if not windows:
        return list(files)
    spans, clips = zip(*windows, strict=True)
    try:
        index.add(spans, embed(clips))
    except ValueError as error:  # a file that the model cannot take must not cost the others
        if len(files) == 1:
            name = next(iter(files))
            report(name, f"{name}: {error}")
            return []
        return [done for name, own in files.items() for done in _add_batch(index, {name: own}, embed, report)]
    return list(files)


__all__ = ["INDEX_FOLDER", "fingerprint", "index_folder"]
