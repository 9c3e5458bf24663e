# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a benchmark is, what is asked of it, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..clips import MotionClip
from .files import ClipFile

SPLITS = ("train", "validation", "test", "train+validation")


@dataclass(frozen=True)
class BenchmarkInfo:
    """The facts of a motion set.

    Args:
        name: Its name here, and that of its folder.
        title: Its full name, with paper and year.
        num_classes: Number of classes; 0 if it has captions instead.
        layouts: Names of the joint layouts that its clips can have.
        protocols: Protocol -> how it parts the set; the first is the default.
        metric: What the literature reports.
        licence: Its terms.
        allows_commercial_use: Whether these terms allow to use it, or weights trained on it, commercially.
        how_to_get: Where the files come from.
        files: What has to be in its folder.
        sources: Where the lists of its protocols and classes were read.
        is_frame_wise: Whether its frames are labelled, see `MotionClip.frame_labels`, with one or several classes.
        options: Option of `load_benchmark` -> what it does.
        unseen_splits: Zero-shot split -> the classes (counted from 0) that are not seen in training.
    """

    name: str
    title: str
    num_classes: int
    layouts: tuple[str, ...]
    protocols: Mapping[str, str]
    metric: str
    licence: str
    allows_commercial_use: bool
    how_to_get: str
    files: str
    sources: tuple[str, ...]
    is_frame_wise: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    unseen_splits: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What a loader is asked for.

    Args:
        folder: Folder of the set.
        protocol: One of its protocols.
        progress: Show a bar while files are read.
        strict: Raise an error for a file that cannot be read, instead of leaving it out.
        options: Options of this set.
    """

    folder: Path
    protocol: str
    progress: bool = True
    strict: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What a loader finds: clips in memory, or files to read when they are asked for.

    Args:
        clips: All clips of the set, in order.
        parts: "train", "validation" or "test" for each of them; None for those outside of the protocol.
        class_names: Phrase of each class.
        read: For files: reads one. It has to be picklable.
        count_frames: For files: counts the frames of one without reading its poses, where this is possible.
    """

    clips: Sequence[MotionClip] | Sequence[ClipFile]
    parts: Sequence[str | None]
    class_names: tuple[str, ...] = ()
    read: Callable[[str], Any] | None = None
    count_frames: Callable[[str], int] | None = None


@dataclass(frozen=True)
class Benchmark:
    """A benchmark: its facts, what finds its clips, and the folders to look in; the first that is there counts."""

    info: BenchmarkInfo
    find: Callable[[Request], Found]
    folders: tuple[str, ...] = ()


__all__ = ["SPLITS", "Benchmark", "BenchmarkInfo", "Found", "Request"]
