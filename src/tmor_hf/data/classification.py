# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips with classes as a training set for a closed-set classifier, and the batches of it.

Axes: N clips, B clips of a batch, T frames, M people, J = 22 canonical joints, K classes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch

from ..processing.augmentation import SkeletonAugmentation, mirror_caption
from ..processing.batch_augmentation import augment_batch
from ..processing.skeletons import Skeletons
from .clips import MotionClip, MotionDataset, get_clips, is_lazy
from .preparation import has_joints, prepare

logger = logging.getLogger(__name__)

_CHUNK = 256  # clips that are prepared at once
_SHARED_JOINTS = 0.5  # share of a clip's joints that its partner must show, too, for the two to be mixed


class ClassificationItem(NamedTuple):
    """One clip of a batch, before the feature extractor.

    Args:
        skeletons: The (augmented) poses, canonical layout.
        label: Its class.
        name: Name of the clip in its data set.
        rng: Source of what is random about the clip from here on; None for a clip that is not to be changed.
    """

    skeletons: Skeletons
    label: int
    name: str = ""
    rng: np.random.Generator | None = None


class ClassificationDataset(Sequence[ClassificationItem]):
    """Clips with classes, for `finetune_classifier` or any other loop.

    Every clip is brought to the canonical joints: once, if the clips are in memory, else whenever it is read (of
    `FileClips`, `load()` makes clips in memory). An item depends on (seed, epoch, index) alone; the trainer calls
    `set_epoch`.

    Args:
        clips: The clips; each has a class.
        augmentation: Changes each clip, see `fine_tuning_augmentation`; None leaves it.
        seed: Seed of everything random; None for held-out clips: nothing is random, and they are never mixed.
        max_frames: Longer clips are thinned out to every second, third, ... frame, for speed; None keeps all.

    Raises:
        ValueError: If there are no clips, one has no class, or there is an augmentation without a seed.
    """

    def __init__(
        self,
        clips: Sequence[MotionClip],
        augmentation: SkeletonAugmentation | None = None,
        seed: int | None = 0,
        max_frames: int | None = 128,
    ):
        if not len(clips):
            raise ValueError("expected at least one clip, got none")
        if augmentation is not None and seed is None:
            raise ValueError("expected a seed for the augmentation, got None; held-out clips take augmentation=None")
        self.labels = labels_of(clips)
        self.clips = clips
        self.augmentation = augmentation
        self.seed = seed
        self.max_frames = max_frames
        self.epoch = 0
        self._prepared = None if is_lazy(clips) else self._prepare_all()

    def set_epoch(self, epoch: int) -> None:
        """Chooses how the clips of this epoch are changed."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> ClassificationItem:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[ClassificationItem]:
        """Many items at once, which is faster."""
        if not all(0 <= index < len(self) for index in indices):
            raise IndexError(f"expected indices below {len(self)}, got {max(indices)} and {min(indices)}")
        clips, poses = self._read(indices)
        if self.seed is None:
            rngs: list[np.random.Generator | None] = [None] * len(clips)
        else:
            rngs = [np.random.default_rng([self.seed, self.epoch, index]) for index in indices]
        if self.augmentation is not None:
            poses = [augmented.skeletons for augmented in augment_batch(self.augmentation, poses, rngs)]
        return [
            ClassificationItem(skeletons, clip.label, clip.name, rng)
            for clip, skeletons, rng in zip(clips, poses, rngs, strict=True)
        ]

    def _read(self, indices: Sequence[int]) -> tuple[list[MotionClip], list[Skeletons]]:
        """The clips and their prepared poses."""
        clips = get_clips(self.clips, indices)
        if self._prepared is not None:
            return clips, [self._prepared[index] for index in indices]
        poses = prepare([clip.skeletons for clip in clips], self.max_frames)
        for place, index in enumerate(indices):
            if not has_joints(poses[place]):
                reason = "expected a joint with a canonical counterpart, got none in the whole clip"
                clips[place] = self.clips.replacement(index, reason)
                (poses[place],) = prepare([clips[place].skeletons], self.max_frames)
        return clips, poses

    def _prepare_all(self) -> list[Skeletons]:
        done: list[Skeletons] = []
        for start in range(0, len(self.clips), _CHUNK):
            chunk = [self.clips[index].skeletons for index in range(start, min(start + _CHUNK, len(self.clips)))]
            # Copies: a view would keep the poses of the whole chunk in memory.
            done += [replace(clip, keypoints=clip.keypoints.copy()) for clip in prepare(chunk, self.max_frames)]
        return done


def labels_of(clips: Sequence[MotionClip]) -> np.ndarray:
    """(N,) int64 class of each clip.

    Raises:
        ValueError: If a clip has no class.
    """
    labels = getattr(clips, "labels", None)
    if labels is None:
        labels = np.array([-1 if clip.label is None else clip.label for clip in clips], dtype=np.int64)
    if missing := int((labels < 0).sum()):
        raise ValueError(
            f"expected a class for every clip, got {missing} of {len(labels)} without; name classes by folder or in "
            "the column `label` of the captions file, or take label_by_name(clips) if they have class names"
        )
    return labels


def label_by_name(clips: Sequence[MotionClip], class_names: Sequence[str] | None = None) -> MotionDataset:
    """Clips in memory whose labels index one list of class names, whatever source they come from.

    Args:
        clips: The clips; those without a class name are left out, and so are those of other classes.
        class_names: The classes, such as those of the training part; by default those that the set names, or those of
            its clips, sorted.

    Raises:
        ValueError: If no clip is left.
    """
    clips = clips.load() if hasattr(clips, "load") else clips
    named = [clip for clip in clips if clip.class_name is not None]
    own_names = getattr(clips, "class_names", ()) or sorted({clip.class_name for clip in named})
    names = tuple(own_names if class_names is None else class_names)
    label_of = {name: label for label, name in enumerate(names)}
    kept = [replace(clip, label=label_of[clip.class_name]) for clip in named if clip.class_name in label_of]
    name = getattr(clips, "name", "clips")
    if not kept:
        raise ValueError(f"expected clips of the classes {', '.join(names) or '(none)'}, got none in {name}")
    if len(kept) < len(clips):
        logger.warning("%s: %d of %d clips left out, of no class or another", name, len(clips) - len(kept), len(clips))
    return MotionDataset(kept, name, names)


def fine_tuning_augmentation(class_names: Sequence[str] = (), is_strong: bool = False) -> SkeletonAugmentation:
    """Changes of a clip that leave its class.

    Unlike in pre-training, clips stay 3D if they are, and keep the joints of their layout. Clips are mirrored unless a
    class says left or right.

    Args:
        class_names: The classes; without them, no clip is mirrored.
        is_strong: More of everything, and views and joints of other sources: for a few clips that must do for many.
    """
    mirror = 0.0 if not class_names or any(mirror_caption(name) != name for name in class_names) else 0.5
    if is_strong:
        return SkeletonAugmentation(
            min_crop=0.6, max_speed=1.5, proportions=0.2, camera_probability=0.2, tilt=12.0, joint_rate=0.1,
            mirror_probability=mirror, layout_probability=0.3,
        )  # fmt: skip
    return SkeletonAugmentation(camera_probability=0.0, layout_probability=0.0, mirror_probability=mirror)


class ClassificationCollator:
    """Makes a batch of a list of items.

    Args:
        feature_extractor: A `TMorFeatureExtractor`; it runs once for the whole batch.
        num_labels: K.
        mixup: Parameter of the Beta distribution of the shares with which clips are mixed, see `mix_clips`; 0 mixes
            none, 0.2 to 1 are usual.

    Raises:
        ValueError: If `mixup` is below 0.
    """

    def __init__(self, feature_extractor: Any, num_labels: int, mixup: float = 0.0):
        if mixup < 0:
            raise ValueError(f"expected mixup of 0 or more, got {mixup}")
        self.feature_extractor = feature_extractor
        self.num_labels = num_labels
        self.mixup = mixup

    def __call__(self, items: Sequence[ClassificationItem]) -> dict[str, torch.Tensor]:
        """The batch.

        Returns:
            `keypoints`, `joint_mask`, `frame_mask`, `depth_mask` of the feature extractor, and `labels`: (B,) int64,
            or (B, K) float32 that sum to 1 where clips may be mixed.

        Raises:
            ValueError: If a label is out of range.
        """
        for item in items:
            if not 0 <= item.label < self.num_labels:
                raise ValueError(
                    f"expected labels below {self.num_labels}, got {item.label} for clip {item.name!r}; load the "
                    "model with num_labels= of the data set"
                )
        batch = dict(self.feature_extractor([item.skeletons for item in items], return_tensors="pt"))
        batch["labels"] = torch.tensor([item.label for item in items])
        if not self.mixup or any(item.rng is None for item in items):
            return batch
        batch["labels"] = torch.nn.functional.one_hot(batch["labels"], self.num_labels).float()
        if len(items) == 1:
            return batch
        shares = torch.tensor([item.rng.beta(self.mixup, self.mixup) for item in items], dtype=torch.float32)
        step = int(items[0].rng.integers(1, len(items)))
        return mix_clips(batch, torch.maximum(shares, 1 - shares), torch.arange(len(items)).roll(step))


def mix_clips(
    batch: Mapping[str, torch.Tensor], shares: torch.Tensor, partners: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Mixes each clip with another one, as mixup does with images (Zhang et al., ICLR 2018, arXiv 1710.09412).

    Poses are mixed joint by joint and frame by frame, after the feature extractor: both bodies stand at the origin,
    are of one size, and face one way when they start. A joint is seen in the mixture where both clips show it, and so
    is a frame: a joint of one alone would break away from the body. A clip stays as it is, with its own label, if its
    partner shows less than half of its joints, or if one of the two is 2D and the other 3D.

    Args:
        batch: `keypoints` (B, T, M, J, 3), `joint_mask`, `frame_mask`, `depth_mask`, and `labels` (B, K) that sum
            to 1.
        shares: (B,) weight of the clip itself, its partner has the rest.
        partners: (B,) index of each clip's partner.

    Returns:
        The batch of mixed clips.
    """
    seen, is_3d = batch["joint_mask"], batch["depth_mask"].any(dim=1)
    both = seen & seen[partners]
    enough = both.flatten(1).sum(dim=1) >= _SHARED_JOINTS * seen.flatten(1).sum(dim=1)
    is_mixed = enough & (is_3d == is_3d[partners])
    shares = torch.where(is_mixed, shares, 1.0)
    joint_mask = torch.where(is_mixed[:, None, None, None], both, seen)
    weights = shares[:, None, None, None, None].to(batch["keypoints"].dtype)
    keypoints = torch.lerp(batch["keypoints"][partners], batch["keypoints"], weights) * joint_mask.unsqueeze(-1)
    mixed = {"keypoints": keypoints, "joint_mask": joint_mask}
    for name in ("frame_mask", "depth_mask"):
        mixed[name] = torch.where(is_mixed[:, None], batch[name] & batch[name][partners], batch[name])
    labels = batch["labels"]
    return {**batch, **mixed, "labels": torch.lerp(labels[partners], labels, shares[:, None])}


__all__ = [
    "ClassificationCollator",
    "ClassificationDataset",
    "ClassificationItem",
    "fine_tuning_augmentation",
    "label_by_name",
    "labels_of",
    "mix_clips",
]
