# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips with captions as a training set: drawn, augmented and captioned anew each epoch, the same for the same seed.

Axes: N clips, T frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..processing.augmentation import SkeletonAugmentation, mirror_caption
from ..processing.skeletons import Skeletons
from .captions import synthetic_group
from .clips import MotionClip, MotionDataset
from .synthetic import SyntheticMotion


class ContrastiveItem(NamedTuple):
    """One clip of a batch, before the feature extractor.

    Args:
        skeletons: The (augmented) poses, canonical layout.
        caption: One true description.
        group: The meaning of the caption.
        video: (F, height, width, 3) uint8, or None.
    """

    skeletons: Skeletons
    caption: str
    group: str
    video: np.ndarray | None = None


class ContrastiveDataset(Sequence[ContrastiveItem]):
    """A map-style training set for `ContrastiveTrainer`.

    Every clip is brought to the canonical joints once. Item i of an epoch depends on (seed, epoch, i) alone: which
    clip it is (if there are weights), which caption, and how it is augmented. A clip that the augmentation mirrors has
    left and right swapped in its caption and group, and its video flipped.

    Args:
        clips: The clips; of several sets, if they are concatenated.
        augmentation: Changes each clip; None leaves it.
        seed: Seed of everything random.
        weights: (N,) how often to draw each clip relative to others, see `sampling_weights`; None takes each clip once
            an epoch.
        clips_per_epoch: Length of an epoch; the number of clips by default.
        max_frames: Longer clips are thinned out to every second, third, ... frame, for speed; None keeps all.

    Raises:
        ValueError: If there are no clips, or weights do not fit.
    """

    def __init__(
        self,
        clips: Sequence[MotionClip],
        augmentation: SkeletonAugmentation | None = None,
        seed: int = 0,
        weights: np.ndarray | None = None,
        clips_per_epoch: int | None = None,
        max_frames: int | None = 128,
    ):
        if not len(clips):
            raise ValueError("expected at least one clip, got none")
        if weights is not None:
            weights = np.asarray(weights, dtype=np.float64)
            if weights.shape != (len(clips),) or not (weights >= 0).all() or not weights.sum() > 0:
                raise ValueError(f"expected {len(clips)} weights of 0 or more, not all 0, got shape {weights.shape}")
        self.clips = [replace(clip, skeletons=_thin(clip.skeletons.to_layout(), max_frames)) for clip in clips]
        self.augmentation = augmentation
        self.seed = seed
        self.weights = weights
        self.clips_per_epoch = clips_per_epoch or len(self.clips)
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Chooses the draws of this epoch."""
        self.epoch = epoch
        if self.weights is None and self.clips_per_epoch == len(self.clips):
            self._order = np.arange(len(self.clips))
        else:
            weights = np.ones(len(self.clips)) if self.weights is None else self.weights
            self._order = _draw(np.random.default_rng([self.seed, epoch]), weights, self.clips_per_epoch)

    def __len__(self) -> int:
        return self.clips_per_epoch

    def __getitem__(self, index: int) -> ContrastiveItem:
        if not 0 <= index < len(self):
            raise IndexError(f"expected an index below {len(self)}, got {index}")
        clip = self.clips[self._order[index]]
        rng = np.random.default_rng([self.seed, self.epoch, index])
        caption = clip.captions[rng.integers(len(clip.captions))]
        if self.augmentation is None:
            return ContrastiveItem(clip.skeletons, caption, clip.group, clip.video)
        skeletons, is_mirrored = self.augmentation.augment(clip.skeletons, rng)
        if not is_mirrored:
            return ContrastiveItem(skeletons, caption, clip.group, clip.video)
        video = None if clip.video is None else clip.video[:, :, ::-1]
        return ContrastiveItem(skeletons, mirror_caption(caption), mirror_caption(clip.group), video)

    def captions(self) -> list[str]:
        """All captions that an item can have, each once."""
        texts = dict.fromkeys(caption for clip in self.clips for caption in clip.captions)
        if self.augmentation is not None and self.augmentation.mirror_probability > 0:
            texts.update(dict.fromkeys(map(mirror_caption, texts)))
        return list(texts)


def sampling_weights(
    clips: Sequence[MotionClip],
    balance: float = 0.5,
    balance_sets: float = 0.5,
    shares: Mapping[str, float] | None = None,
) -> np.ndarray:
    """How often to draw each clip.

    Args:
        clips: The clips of all sets.
        balance: 0 draws the groups of a set as often as they have clips, 1 all groups alike; between, by the power
            1 - balance of their number of clips.
        balance_sets: The same for the data sets.
        shares: Data set -> its share of all draws; the sets that are not named share the rest.

    Returns:
        (N,) float64 that sums to 1.

    Raises:
        ValueError: If a balance is not in 0..1, or shares name other sets or leave nothing to the rest.
    """
    if not (0 <= balance <= 1 and 0 <= balance_sets <= 1):
        raise ValueError(f"expected balance and balance_sets in 0..1, got {balance} and {balance_sets}")
    members = Counter((clip.dataset, clip.group) for clip in clips)
    weights = np.array([members[clip.dataset, clip.group] ** -balance for clip in clips], dtype=np.float64)
    names = np.array([clip.dataset for clip in clips])
    sizes = {name: float((names == name).sum()) ** (1.0 - balance_sets) for name in dict.fromkeys(names.tolist())}
    for name, share in _set_shares(sizes, shares or {}).items():
        is_own = names == name
        weights[is_own] *= share / weights[is_own].sum()
    return weights / weights.sum()


def _set_shares(sizes: dict[str, float], shares: Mapping[str, float]) -> dict[str, float]:
    """Share of each set: as named, and for the others in proportion to `sizes`."""
    rest = 1.0 - sum(shares.values())
    others = sum(size for name, size in sizes.items() if name not in shares)
    fits = rest > 1e-9 if others else abs(rest) <= 1e-6
    if not set(shares) <= set(sizes) or min(shares.values(), default=1) <= 0 or not fits:
        raise ValueError(
            f"expected shares above 0 of the sets {sorted(sizes)} that leave something to sets without one "
            f"(or sum to 1 if all have one), got {dict(shares)}"
        )
    return {name: shares.get(name, rest * size / others if others else 0.0) for name, size in sizes.items()}


def synthetic_clips(motion: SyntheticMotion) -> MotionDataset:
    """All clips of a synthetic set, with their videos if it renders any, and groups in the words of the real sets.

    Its classes are those of `MotionClip.class_name`: actions with variant and side.
    """
    clips = [motion[index] for index in range(len(motion))]
    names = sorted({clip.class_phrase for clip in clips})
    label_of = {name: label for label, name in enumerate(names)}
    found = [
        MotionClip(
            clip.skeletons,
            name=f"synthetic_{motion.seed}_{index}",
            dataset="synthetic",
            captions=(clip.caption,),
            group=synthetic_group(clip.group),
            label=label_of[clip.class_phrase],
            class_name=clip.class_phrase,
            video=clip.video,
        )
        for index, clip in enumerate(clips)
    ]
    return MotionDataset(found, "synthetic", names)


def _thin(skeletons: Skeletons, max_frames: int | None) -> Skeletons:
    if max_frames is None or skeletons.num_frames <= max_frames:
        return skeletons
    step = -(-skeletons.num_frames // max_frames)
    thinned = np.ascontiguousarray(skeletons.keypoints[::step])
    if np.isnan(thinned).all():  # the few frames with visible joints may lie between those that are kept
        return skeletons
    return replace(skeletons, keypoints=thinned, fps=None if skeletons.fps is None else skeletons.fps / step)


def _draw(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """(count,) indices, each as often as its weight says up to one (systematic sampling), in random order."""
    edges = np.cumsum(weights) / weights.sum()
    points = (np.arange(count) + rng.random()) / count
    indices = np.searchsorted(edges, points, side="right").clip(max=len(weights) - 1)
    return rng.permutation(indices)


__all__ = ["ContrastiveDataset", "ContrastiveItem", "sampling_weights", "synthetic_clips"]
