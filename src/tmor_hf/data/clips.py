# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A clip of motion with what is known about it, and sequences of such clips: in memory, and of several sources.

A sequence whose `is_lazy` is true reads its clips anew each time. It has `blocks`, the first index of each run of
clips that are read together, `lengths`, `iter_captions()`, `take_damage()` and `replacement(index, reason)` besides,
see `tmor_hf.data.posecap.PoseCapShards`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

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
        camera: The camera or view, if known.
        setup: The place and height of the cameras, if known.
        frame_labels: (T, K) bool, which of the K classes of its data set go on in each frame of `skeletons`, for sets
            that are labelled by frames.
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
    camera: str | None = None
    setup: str | None = None
    frame_labels: np.ndarray | None = None


class MissingSplitError(ValueError):
    """A source has no such split."""


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

    def with_labels(self, labels: Sequence[int]) -> MotionDataset:
        """The same clips with these classes and their names; captions stay.

        Raises:
            ValueError: If there is not a label for each clip, or one names no class.
        """
        if len(labels) != len(self) or not all(0 <= label < len(self.class_names) for label in labels):
            raise ValueError(
                f"expected {len(self)} labels below {len(self.class_names)}, got {len(labels)}"
                + (f", {min(labels)} to {max(labels)}" if len(labels) else "")
            )
        clips = (
            replace(clip, label=int(label), class_name=self.class_names[label])
            for clip, label in zip(self.clips, labels, strict=True)
        )
        return MotionDataset(clips, self.name, self.class_names)

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


class BatchReader(Sequence[MotionClip]):
    """A sequence that reads many clips at once: single ones and slices come out of its `__getitems__`."""

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.__getitems__(list(range(len(self))[index]))
        if not -len(self) <= index < len(self):
            raise IndexError(f"expected an index below {len(self)}, got {index}")
        return self.__getitems__([index % len(self)])[0]


class ClipMixture(BatchReader):
    """Clips of several sources in a row, with the share of the draws that each is to have.

    Args:
        parts: The sources, in memory or lazy.
        shares: Share of the draws of each source, see `sampling_weights`; None where it follows from its size.
        names: Name of each source, for messages.

    Raises:
        ValueError: If there is no source, or one is empty, or shares do not fit: they are above 0; if all sources have
            one they are relative to each other, else they must leave something to the others.
    """

    def __init__(
        self,
        parts: Sequence[Sequence[MotionClip]],
        shares: Sequence[float | None] | None = None,
        names: Sequence[str] | None = None,
    ):
        self.parts = tuple(parts)
        self.names = tuple(names or (getattr(part, "name", "clips") for part in parts))
        self.shares = tuple(shares or (None,) * len(self.parts))
        if not self.parts or not len(self.parts) == len(self.shares) == len(self.names):
            raise ValueError(f"expected a share and a name for each of {len(self.parts)} sources, at least one")
        empty = [name for name, part in zip(self.names, self.parts, strict=True) if not len(part)]
        if empty:
            raise ValueError(f"expected clips in each source, got none in {', '.join(empty)}")
        given = [share for share in self.shares if share is not None]
        if any(not share > 0 for share in given) or (len(given) < len(self.parts) and sum(given) >= 1):
            raise ValueError(
                "expected shares above 0, and below 1 together where a source has none, got "
                + ", ".join(f"{name}={share}" for name, share in zip(self.names, self.shares, strict=True))
            )
        self._starts = np.cumsum([0] + [len(part) for part in self.parts])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitems__(self, indices: Sequence[int]) -> list[MotionClip]:
        """The clips of many indices; each source is asked once."""
        indices = np.asarray(indices, dtype=np.int64)
        owners = self._owner(indices)
        clips: list[Any] = [None] * len(indices)
        for owner in np.unique(owners):
            places = np.flatnonzero(owners == owner)
            found = get_clips(self.parts[owner], (indices[places] - self._starts[owner]).tolist())
            for place, clip in zip(places, found, strict=True):
                clips[place] = clip
        return clips

    def _owner(self, indices: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._starts, indices, side="right") - 1

    def replacement(self, index: int, reason: str) -> MotionClip:
        """What takes the place of a clip of a lazy source that turned out to be of no use."""
        owner = int(self._owner(np.int64(index)))
        return self.parts[owner].replacement(index - int(self._starts[owner]), reason)

    @property
    def is_lazy(self) -> bool:
        """Whether clips of any source are read when they are asked for."""
        return any(is_lazy(part) for part in self.parts)

    @property
    def is_in_memory(self) -> np.ndarray:
        """(N,) bool, True for clips of sources that are kept in memory."""
        return np.repeat([not is_lazy(part) for part in self.parts], np.diff(self._starts))

    @property
    def blocks(self) -> np.ndarray:
        """First index of each block of a lazy source, and of each source in memory."""
        starts = zip(self.parts, self._starts[:-1], strict=True)
        return np.concatenate([start + (part.blocks if is_lazy(part) else np.zeros(1, int)) for part, start in starts])

    @property
    def lengths(self) -> np.ndarray:
        """(N,) frames of each clip."""
        return np.concatenate([clip_lengths(part) for part in self.parts])

    def iter_captions(self) -> Iterator[tuple[str, ...]]:
        """The captions of one clip after the other."""
        for part in self.parts:
            yield from part.iter_captions() if is_lazy(part) else (clip.captions for clip in part)

    def take_damage(self) -> list[Any]:
        """What lazy sources found damaged since the last call."""
        return [damage for part in self.parts if is_lazy(part) for damage in part.take_damage()]

    def __repr__(self) -> str:
        return f"ClipMixture({', '.join(self.names)}; {len(self)} clips)"


def is_lazy(clips: Sequence[MotionClip]) -> bool:
    """Whether a sequence reads its clips anew each time."""
    return getattr(clips, "is_lazy", False)


def get_clips(clips: Sequence[MotionClip], indices: Sequence[int]) -> list[MotionClip]:
    """The clips of many indices, at once where the sequence can do that."""
    if hasattr(clips, "__getitems__"):
        return clips.__getitems__(indices)
    return [clips[index] for index in indices]


def clip_lengths(clips: Sequence[MotionClip]) -> np.ndarray:
    """(N,) frames of each clip, without reading its poses where the sequence can do that."""
    if is_lazy(clips):
        return clips.lengths
    return np.array([clip.skeletons.num_frames for clip in clips], dtype=np.int32)


__all__ = [
    "BatchReader",
    "ClipMixture",
    "MissingSplitError",
    "MotionClip",
    "MotionDataset",
    "clip_lengths",
    "get_clips",
    "is_lazy",
]
