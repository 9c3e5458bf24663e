# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A clip of motion with what is known about it, and an immutable sequence of such clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from ..processing.skeletons import Skeletons


@dataclass(frozen=True)
class MotionClip:
    """One clip: its skeletons, what they do in words, and where it comes from.

    Args:
        skeletons: The poses, in the layout of their source.
        name: Name of the clip, unique in its data set.
        dataset: Name of the data set.
        captions: Descriptions, each true of this clip by itself.
        group: Identifies the meaning of the captions: clips of one group are never each other's negatives.
        label: Index of the class in its data set, or None if the set has no classes.
        class_name: Short phrase for the class, fit for a zero-shot template.
        subject: The person, if known.
        is_leaked: True for a test clip that is a byte-identical copy of a training clip.
        video: (F, height, width, 3) uint8 frames of the same motion, evenly spread over the clip, if there are any.
    """

    skeletons: Skeletons
    name: str
    dataset: str
    captions: tuple[str, ...]
    group: str
    label: int | None = None
    class_name: str | None = None
    subject: str | None = None
    is_leaked: bool = False
    video: np.ndarray | None = None


class MotionDataset(Sequence[MotionClip]):
    """An immutable sequence of clips, with the class phrases of their data set.

    Args:
        clips: The clips.
        name: Name of the set, for messages.
        class_names: Phrase of each class, so that `clip.label` indexes it; empty for a set without classes.
    """

    def __init__(self, clips: Iterable[MotionClip], name: str = "clips", class_names: Sequence[str] = ()):
        self.clips = tuple(clips)
        self.name = name
        self.class_names = tuple(class_names)

    def __len__(self) -> int:
        return len(self.clips)

    @overload
    def __getitem__(self, index: int) -> MotionClip: ...

    @overload
    def __getitem__(self, index: slice) -> MotionDataset: ...

    def __getitem__(self, index):
        if isinstance(index, slice):
            return MotionDataset(self.clips[index], self.name, self.class_names)
        return self.clips[index]

    def __iter__(self) -> Iterator[MotionClip]:
        return iter(self.clips)

    def __repr__(self) -> str:
        return f"MotionDataset({self.name!r}, {len(self)} clips, {len(self.class_names)} classes)"

    def select(self, keep: Callable[[MotionClip], bool]) -> MotionDataset:
        """The clips for which `keep` is true."""
        return MotionDataset(filter(keep, self.clips), self.name, self.class_names)

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64 class of each clip; -1 where there is none."""
        return np.array([-1 if clip.label is None else clip.label for clip in self.clips], dtype=np.int64)

    @property
    def groups(self) -> list[str]:
        """The meaning of each clip."""
        return [clip.group for clip in self.clips]

    @property
    def skeletons(self) -> list[Skeletons]:
        """The skeletons of each clip, ready for a feature extractor or a pipeline."""
        return [clip.skeletons for clip in self.clips]


__all__ = ["MotionClip", "MotionDataset"]
