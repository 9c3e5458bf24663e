# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips of large sets, which stay in their files until they are asked for.

Axes: N clips, T frames, K classes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...processing.skeletons import Skeletons
from ..clips import MotionClip, MotionDataset
from ..file_reading import outcomes, read_all
from ..posecap.reading import Damage

logger = logging.getLogger(__name__)

_BLOCK = 256  # files that training shuffles as one
_TRIES = 50


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip that has not been read; the attributes are those of `MotionClip`.

    Args:
        path: Its file.
        label_frames: Makes the (T, K) labels of its frames, given its skeletons.
    """

    path: str
    name: str
    dataset: str
    captions: tuple[str, ...]
    group: str
    label: int | None = None
    class_name: str | None = None
    subject: str | None = None
    camera: str | None = None
    setup: str | None = None
    label_frames: Callable[[Skeletons], np.ndarray] | None = None

    def clip(self, skeletons: Skeletons) -> MotionClip:
        """The clip, now that it was read."""
        return MotionClip(
            skeletons,
            self.name,
            self.dataset,
            self.captions,
            self.group,
            self.label,
            self.class_name,
            self.subject,
            camera=self.camera,
            setup=self.setup,
            frame_labels=None if self.label_frames is None else self.label_frames(skeletons),
        )


class FileClips(Sequence[MotionClip]):
    """A sequence of clips that are read anew each time they are asked for, so that memory stays bounded.

    `load` reads all of them, in parallel. Training reads them in its worker processes; what it finds damaged it
    counts, and puts another clip in its place. Here, `clips[i]` raises an error instead.

    Args:
        files: The clips that were found.
        read: Reads the skeletons of a file.
        name: Name of the set, for messages.
        class_names: Phrase of each class.
        count_frames: Counts the frames of a file without reading its poses.
        strict: In training too, raise an error for a damaged file.
    """

    is_lazy = True

    def __init__(
        self,
        files: Sequence[ClipFile],
        read: Callable[[str], Skeletons],
        name: str = "clips",
        class_names: Sequence[str] = (),
        count_frames: Callable[[str], int] | None = None,
        strict: bool = False,
    ):
        self.files = tuple(files)
        self.name = name
        self.class_names = tuple(class_names)
        self.strict = strict
        self._read = read
        self._count_frames = count_frames
        self._lengths: np.ndarray | None = None
        self._damage: list[Damage] = []
        self._known_damage: set[str] = set()

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index):
        """A clip, or the sequence of a slice.

        Raises:
            ValueError: If the file is damaged; it is named.
        """
        if isinstance(index, slice):
            return self._with_files(self.files[index])
        file = self.files[index]
        return file.clip(self._read(file.path))

    def __getitems__(self, indices: Sequence[int]) -> list[MotionClip]:
        """The clips of many indices, for training: another clip takes the place of a damaged one.

        Raises:
            ValueError: With `strict`, for a damaged file.
        """
        clips = []
        for index in indices:
            try:
                clips.append(self[int(index)])
            except (ValueError, OSError) as error:
                clips.append(self.replacement(int(index), str(error)))
        return clips

    def replacement(self, index: int, reason: str) -> MotionClip:
        """Reports clip `index` as damaged, and gives the clip that takes its place.

        Raises:
            ValueError: With `strict`; else if no other clip can be read.
        """
        path = self.files[index].path
        if self.strict:
            raise ValueError(f"{path}: {reason}; repair the set, or leave out strict to skip what is damaged")
        if path not in self._known_damage:
            logger.warning("%s left out: %s", path, reason)
            self._known_damage.add(path)
            self._damage.append(Damage(path, 0, reason))
        others = np.random.default_rng(index).permutation(len(self))[:_TRIES]
        for other in others[others != index]:
            try:
                return self[int(other)]
            except (ValueError, OSError):
                continue
        raise ValueError(f"{self.name}: no readable clip in the place of {path} ({reason}); check the set")

    def take_damage(self) -> list[Damage]:
        """What was found damaged since the last call."""
        damage, self._damage = self._damage, []
        return damage

    def load(self, num_workers: int | None = None, progress: bool = True) -> MotionDataset:
        """Reads all clips into memory; a bad file is reported and left out.

        Args:
            num_workers: Processes that read; 0 for this one alone. By default as many as pay, up to the cores.
            progress: Show a bar.

        Raises:
            ValueError: With `strict`, for a damaged file; else if no file can be read.
        """
        found = read_all(
            self._paths, self._read, self.name, num_workers=num_workers, progress=progress, strict=self.strict
        )
        clips = [file.clip(one) for file, one in zip(self.files, found, strict=True) if one is not None]
        return MotionDataset(clips, self.name, self.class_names)

    @property
    def _paths(self) -> list[str]:
        return [file.path for file in self.files]

    def select(self, keep: Callable[[ClipFile], bool]) -> FileClips:
        """The clips for which `keep` is true, by what is known before they are read."""
        return self._with_files([file for file in self.files if keep(file)])

    def _with_files(self, files: Sequence[ClipFile]) -> FileClips:
        return FileClips(files, self._read, self.name, self.class_names, self._count_frames, self.strict)

    @property
    def blocks(self) -> np.ndarray:
        """First index of each run of clips that training shuffles as one."""
        return np.arange(0, len(self), _BLOCK)

    @property
    def lengths(self) -> np.ndarray:
        """(N,) int32 frames of each clip, 0 where this cannot be read. Looks into all files at the first use."""
        if self._lengths is None:
            count = self._count_frames or partial(_frames_read, self._read)
            found = outcomes(self._paths, count, self.name, progress=len(self) > _BLOCK)
            self._lengths = np.array([0 if isinstance(one, str) else one for one in found], dtype=np.int32)
        return self._lengths

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64 class of each clip; -1 where there is none."""
        return np.array([-1 if file.label is None else file.label for file in self.files], dtype=np.int64)

    @property
    def groups(self) -> list[str]:
        """The meaning of each clip."""
        return [file.group for file in self.files]

    def iter_captions(self) -> Iterator[tuple[str, ...]]:
        """The captions of one clip after the other."""
        return (file.captions for file in self.files)

    def __repr__(self) -> str:
        return f"FileClips({self.name!r}, {len(self)} files, {len(self.class_names)} classes)"


def _frames_read(read: Callable[[str], Skeletons], path: str) -> int:
    return read(path).num_frames


__all__ = ["ClipFile", "FileClips"]
