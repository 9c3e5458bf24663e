# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Zero-shot protocols: which classes a model must not see in training."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

from ...io.files import read_error, read_text
from ..clips import MotionDataset
from .catalogue import benchmark_info
from .files import FileClips

Clips = TypeVar("Clips", MotionDataset, FileClips)


def unseen_classes(name: str, split: str | Path) -> tuple[int, ...]:
    """The unseen classes of a zero-shot split, counted from 0.

    Args:
        name: One of `BENCHMARKS`.
        split: A published split, see `benchmark_info(name).unseen_splits`, such as ``"synse-55/5"``; or a text file
            with the number of a class, counted from 0, on each line.

    Raises:
        ValueError: If there is no such split, or the file has something else than classes of the set.
    """
    info = benchmark_info(name)
    if split in info.unseen_splits:
        return info.unseen_splits[split]
    if not Path(split).is_file():
        known = ", ".join(info.unseen_splits) or "none is published"
        raise ValueError(
            f"expected a zero-shot split of {name} ({known}) or a file of class numbers, got {str(split)!r}"
        )
    classes: list[int] = []
    for number, line in enumerate(read_text(split).splitlines(), 1):
        text = line.strip()
        if not text:
            continue
        if not text.isdigit() or int(text) >= info.num_classes or int(text) in classes:
            raise read_error(
                split, f"expected the number of another class below {info.num_classes}, got {text!r}", number
            )
        classes.append(int(text))
    return tuple(sorted(classes))


def split_by_class(clips: Clips, unseen: Collection[int]) -> tuple[Clips, Clips]:
    """The clips of seen and those of unseen classes; train on the first, of a training part, and test on the second.

    Raises:
        ValueError: If clips have no class.
    """
    if (clips.labels < 0).any():
        raise ValueError(f"expected clips with a class, got {clips!r}, some of which have none")
    held_out = frozenset(unseen)
    return clips.select(lambda clip: clip.label not in held_out), clips.select(lambda clip: clip.label in held_out)


__all__ = ["split_by_class", "unseen_classes"]
