# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Recordings with labels of their frames as a training set for frame classification, and the batches of it.

Axes: N recordings, B recordings of a batch, T frames, K classes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch

from ..processing.augmentation import SkeletonAugmentation
from ..processing.batch_augmentation import augment_batch
from ..processing.skeletons import Skeletons
from .clips import MotionClip, MotionDataset, clip_lengths, get_clips, is_lazy
from .preparation import has_joints, prepare

logger = logging.getLogger(__name__)

_PROBLEM_TYPES = ("multi_label_classification", "single_label_classification")
_IGNORED = -100  # what losses and metrics leave out
_MOST_SHARED = 0.25  # of the frames of a recording, for classes that exclude each other
_UNSEEN = "expected a joint with a canonical counterpart, got none in the whole recording"


class FrameClassificationItem(NamedTuple):
    """A stretch of a recording, before the feature extractor.

    Args:
        skeletons: The (augmented) poses, canonical layout.
        labels: (T, K) bool, which classes go on in each frame.
        name: Name of the recording in its data set.
    """

    skeletons: Skeletons
    labels: np.ndarray
    name: str = ""


class FrameClassificationDataset(Sequence[FrameClassificationItem]):
    """Random stretches of recordings with the labels of their frames.

    An epoch takes as many stretches of a recording as fit into it, rounded up, spread over it. An item depends on
    (seed, epoch, index) alone; the trainer calls `set_epoch`. A stretch shows at least one joint.

    Recordings are brought to the canonical joints: once, if they are in memory, else whenever they are read (of
    `FileClips`, `load()` makes clips in memory). Those without any joint are left out.

    Args:
        clips: The recordings; each has `frame_labels`.
        segment_frames: Frames of a stretch; shorter recordings come whole. None gives each recording whole, once, for
            validation.
        augmentation: Changes each stretch; None leaves it. Changes of time (`min_crop`, `max_speed`, `warp`) are left
            out: frames would not fit their labels any more.
        seed: Seed of everything random.

    Raises:
        ValueError: If there are no recordings, one has no labels or other classes, or `segment_frames` is below 1.
    """

    def __init__(
        self,
        clips: Sequence[MotionClip],
        segment_frames: int | None = 256,
        augmentation: SkeletonAugmentation | None = None,
        seed: int = 0,
    ):
        if segment_frames is not None and segment_frames < 1:
            raise ValueError(f"expected segment_frames of at least 1, or None for all frames, got {segment_frames}")
        self.clips = clips if is_lazy(clips) else _prepared(clips)
        if not len(self.clips):
            raise ValueError("expected at least one recording in which a joint is seen, got none")
        self.segment_frames = segment_frames
        if augmentation is not None:
            augmentation = replace(augmentation, min_crop=1.0, max_speed=1.0, warp=0.0)
        self.augmentation = augmentation
        self.seed = seed
        self.epoch = 0
        self.num_classes = _checked_labels(self.clips[0]).shape[1]
        counts = np.ones(len(self.clips), dtype=np.int64)
        if segment_frames is not None:
            counts = np.maximum(-(-clip_lengths(self.clips).astype(np.int64) // segment_frames), 1)
        self._counts = counts
        self._starts = np.cumsum(counts) - counts

    def set_epoch(self, epoch: int) -> None:
        """Chooses the stretches of this epoch, and how they are changed."""
        self.epoch = epoch

    def __len__(self) -> int:
        return int(self._counts.sum())

    def __getitem__(self, index: int) -> FrameClassificationItem:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[FrameClassificationItem]:
        """Many items at once, which is faster."""
        if not all(0 <= index < len(self) for index in indices):
            raise IndexError(f"expected indices below {len(self)}, got {max(indices)} and {min(indices)}")
        rows = np.searchsorted(self._starts, indices, side="right") - 1
        rngs = [np.random.default_rng([self.seed, self.epoch, index]) for index in indices]
        items = []
        for index, row, clip, rng in zip(indices, rows, self._read(rows.tolist()), rngs, strict=True):
            place = (index - self._starts[row], self._counts[row])
            items.append(self._stretch(clip, place, rng))
        if self.augmentation is not None:
            augmented = augment_batch(self.augmentation, [item.skeletons for item in items], rngs)
            items = [item._replace(skeletons=poses) for item, (poses, _) in zip(items, augmented, strict=True)]
        return items

    def _read(self, rows: Sequence[int]) -> list[MotionClip]:
        """The recordings on the canonical joints, with checked labels."""
        clips = get_clips(self.clips, rows)
        if is_lazy(self.clips):
            clips = [_prepare(clip) for clip in clips]
            for index, clip in enumerate(clips):
                if not has_joints(clip.skeletons):
                    clips[index] = _prepare(self.clips.replacement(rows[index], _UNSEEN))
        for clip in clips:
            if (count := _checked_labels(clip).shape[1]) != self.num_classes:
                raise ValueError(f"expected {self.num_classes} classes in every recording, got {count} in {clip.name}")
        return clips

    def _stretch(self, clip: MotionClip, place: tuple[int, int], rng: np.random.Generator) -> FrameClassificationItem:
        """One of the stretches of a recording; `place` is which, of how many."""
        skeletons, labels, length = clip.skeletons, clip.frame_labels, self.segment_frames
        if length is None or skeletons.num_frames <= length:
            return FrameClassificationItem(skeletons, labels, clip.name)
        last = skeletons.num_frames - length
        start = int((place[0] + rng.random()) / place[1] * (last + 1))
        x = skeletons.keypoints[..., 0]
        if np.isnan(x[start : start + length]).all():
            seen = np.flatnonzero(~np.isnan(x).all(axis=(1, 2)))
            start = int(np.clip(rng.choice(seen) - rng.integers(length), 0, last))
        frames = slice(start, start + length)
        return FrameClassificationItem(skeletons.select_frames(frames), labels[frames], clip.name)


def _prepare(clip: MotionClip) -> MotionClip:
    (skeletons,) = prepare([clip.skeletons], None)
    return replace(clip, skeletons=skeletons)


def _prepared(clips: Sequence[MotionClip]) -> MotionDataset:
    """The recordings on the canonical joints, without those that show none."""
    kept = []
    for clip in clips:
        _checked_labels(clip)
        prepared = _prepare(clip)
        if has_joints(prepared.skeletons):
            kept.append(prepared)
        else:
            logger.warning("%s left out: %s", clip.name, _UNSEEN)
    return MotionDataset(kept, getattr(clips, "name", "clips"), getattr(clips, "class_names", ()))


def _checked_labels(clip: MotionClip) -> np.ndarray:
    labels = clip.frame_labels
    if labels is None or labels.ndim != 2 or len(labels) != clip.skeletons.num_frames:
        found = None if labels is None else labels.shape
        raise ValueError(
            f"expected frame_labels ({clip.skeletons.num_frames}, K) of the recording {clip.name}, got {found}; sets "
            "with labels of frames have benchmark_info(name).is_frame_wise"
        )
    return labels


class FrameClassificationCollator:
    """Makes a batch of a list of items.

    Labels follow the frames where the feature extractor changes the frame rate (`sampling_rate`): a new frame has the
    labels of the one next to it.

    Args:
        feature_extractor: A `TMorFeatureExtractor` that does not fix the length of clips.
        problem_type: "multi_label_classification", where several classes may go on at once, or
            "single_label_classification", where at most one does. The latter has K + 1 classes: class 0 is the
            background, in which none of the K goes on, and class c + 1 is class c of the data set.

    Raises:
        ValueError: If the problem type is another, or the feature extractor makes clips of one length.
    """

    def __init__(self, feature_extractor: Any, problem_type: str = _PROBLEM_TYPES[0]):
        if problem_type not in _PROBLEM_TYPES:
            raise ValueError(f"expected a problem_type out of {', '.join(_PROBLEM_TYPES)}, got {problem_type!r}")
        if feature_extractor.num_frames is not None or feature_extractor.max_frames is not None:
            raise ValueError(
                "expected a feature extractor that keeps the length of recordings, got num_frames "
                f"{feature_extractor.num_frames} and max_frames {feature_extractor.max_frames}; set both to None"
            )
        self.feature_extractor = feature_extractor
        self.problem_type = problem_type

    def __call__(self, items: Sequence[FrameClassificationItem]) -> dict[str, torch.Tensor]:
        """The batch.

        Returns:
            `keypoints`, `joint_mask`, `frame_mask`, `depth_mask` of the feature extractor, and `labels`: (B, T, K)
            float32, or (B, T) int64 of exclusive classes; -100 where a recording was padded.

        Raises:
            ValueError: If classes are to be exclusive and two go on in one frame.
        """
        batch = dict(self.feature_extractor([item.skeletons for item in items], return_tensors="pt"))
        rows = []
        for item, count in zip(items, batch["frame_mask"].sum(dim=1).tolist(), strict=True):
            labels = _resampled(item.labels, count)
            if self.problem_type == "single_label_classification":
                rows.append(torch.from_numpy(exclusive_labels(labels, item.name)))
            else:
                rows.append(torch.from_numpy(labels.astype(np.float32)))
        batch["labels"] = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=_IGNORED)
        return batch


def _resampled(labels: np.ndarray, num_frames: int) -> np.ndarray:
    """Labels (T, K) of so many frames, spread as the feature extractor spreads them."""
    last = len(labels) - 1
    positions = np.linspace(0, last, num_frames) if num_frames > 1 else np.array([last / 2])
    return labels[np.rint(positions).astype(np.int64)]


def exclusive_labels(labels: np.ndarray, name: str = "the recording") -> np.ndarray:
    """(T,) int64 of (T, K): 0 where no class goes on, else the class plus 1.

    Frames with several classes get -100, which leaves them out of the loss: spans that touch share some.

    Raises:
        ValueError: If these are more than a quarter of the frames.
    """
    count = labels.sum(axis=1)
    is_shared = count > 1
    if is_shared.mean() > _MOST_SHARED:
        frame = int(np.argmax(is_shared))
        raise ValueError(
            f"expected one class at a time, got several in {is_shared.mean():.0%} of the frames of {name}, such as "
            f"{int(count[frame])} in frame {frame}; take problem_type 'multi_label_classification'"
        )
    classes = np.where(count > 0, labels.argmax(axis=1) + 1, 0)
    return np.where(is_shared, _IGNORED, classes)


__all__ = [
    "FrameClassificationCollator",
    "FrameClassificationDataset",
    "FrameClassificationItem",
    "exclusive_labels",
]
