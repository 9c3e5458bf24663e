# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips with captions as a training set: drawn, augmented and captioned anew each epoch, the same for the same seed.

Axes: N clips, T frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..processing.augmentation import SkeletonAugmentation, mirror_caption
from ..processing.batch_augmentation import augment_batch
from ..processing.skeletons import Skeletons
from .captions import synthetic_group
from .clips import ClipMixture, MotionClip, MotionDataset, clip_lengths, get_clips, is_lazy
from .item_generators import item_generators
from .preparation import has_joints, prepare, thinned_length
from .sampling import DrawingPlan, draw_epoch
from .synthetic import SyntheticMotion


class ContrastiveItem(NamedTuple):
    """One clip of a batch, before the feature extractor.

    Args:
        skeletons: The (augmented) poses, canonical layout.
        caption: One true description.
        group: The meaning of the caption.
        video: (F, height, width, 3) uint8, or None.
        name: Name of the clip in its data set.
    """

    skeletons: Skeletons
    caption: str
    group: str
    video: np.ndarray | None = None
    name: str = ""


class ContrastiveDataset(Sequence[ContrastiveItem]):
    """A training set for `ContrastiveTrainer`.

    Every clip is brought to the canonical joints: once, if the clips are in memory, else when it is read. Item i of an
    epoch depends on (seed, epoch, i) alone: which clip it is (if there are weights), which caption, and how it is
    augmented. A clip that the augmentation mirrors has left and right swapped in its caption and group, and its video
    flipped.

    Items of lazy clips are in an order that suits reading, not a random one: `blocks` says which are read together,
    and the trainer shuffles them accordingly.

    Args:
        clips: The clips; of several sets, if they are concatenated, or a `ClipMixture`.
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
        self.max_frames = max_frames
        self.clips = self._prepared(clips)
        self.augmentation = augmentation
        self.seed = seed
        self.weights = weights
        self.clips_per_epoch = clips_per_epoch or len(self.clips)
        self._plans: dict[int, DrawingPlan] = {}
        self.set_epoch(0)

    @property
    def is_lazy(self) -> bool:
        """Whether clips are read when they are asked for."""
        return is_lazy(self.clips)

    def set_epoch(self, epoch: int) -> None:
        """Chooses the draws of this epoch."""
        self.epoch = epoch
        self._order = self._plan(epoch).order

    def blocks(self, epoch: int) -> np.ndarray:
        """First item of each run of items that are read together in this epoch."""
        return self._plan(epoch).blocks

    def lengths(self, epoch: int) -> np.ndarray:
        """(items,) frames of each item of this epoch, before augmentation."""
        lengths = clip_lengths(self.clips)
        return thinned_length(lengths, self.max_frames)[self._plan(epoch).order]

    def __len__(self) -> int:
        return self.clips_per_epoch

    def __getitem__(self, index: int) -> ContrastiveItem:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[ContrastiveItem]:
        """Many items at once, which is faster: the same ones, if numbers are rounded alike."""
        if not all(0 <= index < len(self) for index in indices):
            raise IndexError(f"expected indices below {len(self)}, got {max(indices)} and {min(indices)}")
        rows = self._order[np.asarray(indices, dtype=np.int64)]
        clips, poses = self._read(rows.tolist())
        rngs = item_generators(self.seed, self.epoch, indices)
        captions = [
            clip.captions[int(rng.random() * len(clip.captions))] for clip, rng in zip(clips, rngs, strict=True)
        ]
        if self.augmentation is None:
            augmented = [(skeletons, False) for skeletons in poses]
        else:
            augmented = augment_batch(self.augmentation, poses, rngs)
        return [
            _item(clip, caption, skeletons, is_mirrored)
            for clip, caption, (skeletons, is_mirrored) in zip(clips, captions, augmented, strict=True)
        ]

    def _read(self, rows: Sequence[int]) -> tuple[list[MotionClip], list[Skeletons]]:
        """The clips and their prepared poses."""
        clips = get_clips(self.clips, rows)
        poses = [clip.skeletons for clip in clips]
        if isinstance(self.clips, list):
            return clips, poses
        poses = prepare(poses, self.max_frames)
        for place, row in enumerate(rows):
            if not has_joints(poses[place]):
                clips[place], poses[place] = self._replacement(row)
        return clips, poses

    def _replacement(self, row: int) -> tuple[MotionClip, Skeletons]:
        """What comes in the place of a clip none of whose joints has a canonical counterpart."""
        reason = "expected a joint with a canonical counterpart, got none in the whole clip"
        clip = self.clips.replacement(row, reason)
        (skeletons,) = prepare([clip.skeletons], self.max_frames)
        return clip, skeletons

    def _prepared(self, clips: Sequence[MotionClip]) -> Sequence[MotionClip]:
        """What is in memory is prepared once, and what is lazy stays."""
        if isinstance(clips, ClipMixture) and clips.is_lazy:
            return ClipMixture([self._prepared(part) for part in clips.parts], clips.shares, clips.names)
        if is_lazy(clips):
            return clips
        done: list[MotionClip] = []
        for start in range(0, len(clips), _CHUNK):
            chunk = [clips[index] for index in range(start, min(start + _CHUNK, len(clips)))]
            poses = prepare([clip.skeletons for clip in chunk], self.max_frames)
            # Copies: a view would keep the poses of the whole chunk in memory.
            done += [
                replace(clip, skeletons=replace(skeletons, keypoints=skeletons.keypoints.copy()))
                for clip, skeletons in zip(chunk, poses, strict=True)
            ]
        return done

    def _plan(self, epoch: int) -> DrawingPlan:
        if epoch not in self._plans:
            if len(self._plans) > 1:
                del self._plans[min(self._plans)]
            self._plans[epoch] = draw_epoch(self.clips, self.weights, self.clips_per_epoch, self.seed, epoch)
        return self._plans[epoch]

    def take_damage(self) -> list[Any]:
        """What lazy clips were found damaged since the last call."""
        return self.clips.take_damage() if self.is_lazy else []

    def captions(self, limit: int | None = None) -> list[str]:
        """The captions that an item can have, each once; with a limit, those of the first clips up to so many.

        Without one, this reads the captions of all clips.
        """
        texts: dict[str, None] = {}
        per_clip = self.clips.iter_captions() if self.is_lazy else (clip.captions for clip in self.clips)
        for captions in per_clip:
            if limit is not None and len(texts) >= limit:
                break
            texts.update(dict.fromkeys(captions))
        if self.augmentation is not None and self.augmentation.mirror_probability > 0:
            texts.update(dict.fromkeys(map(mirror_caption, list(texts))))
        return list(texts)


_CHUNK = 256  # clips that are prepared at once


def _item(clip: MotionClip, caption: str, skeletons: Skeletons, is_mirrored: bool) -> ContrastiveItem:
    if not is_mirrored:
        return ContrastiveItem(skeletons, caption, clip.group, clip.video, clip.name)
    video = None if clip.video is None else clip.video[:, :, ::-1]
    return ContrastiveItem(skeletons, mirror_caption(caption), mirror_caption(clip.group), video, clip.name)


def sampling_weights(
    clips: Sequence[MotionClip],
    balance: float = 0.5,
    balance_sets: float = 0.5,
    shares: Mapping[str, float] | None = None,
) -> np.ndarray:
    """How often to draw each clip.

    Args:
        clips: The clips of all sets. Of a `ClipMixture`, each part counts as a set, with the share that the mixture
            says; the clips of a lazy part are drawn alike.
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
    if isinstance(clips, ClipMixture):
        return _mixture_weights(clips, balance, balance_sets, shares or {})
    if is_lazy(clips):
        return np.full(len(clips), 1 / len(clips))
    members = Counter((clip.dataset, clip.group) for clip in clips)
    weights = np.array([members[clip.dataset, clip.group] ** -balance for clip in clips], dtype=np.float64)
    names = np.array([clip.dataset for clip in clips])
    sizes = {name: float((names == name).sum()) ** (1.0 - balance_sets) for name in dict.fromkeys(names.tolist())}
    for name, share in _set_shares(sizes, shares or {}).items():
        is_own = names == name
        weights[is_own] *= share / weights[is_own].sum()
    return weights / weights.sum()


def _mixture_weights(
    mixture: ClipMixture, balance: float, balance_sets: float, shares: Mapping[str, float]
) -> np.ndarray:
    """The weights of a mixture; `shares` by the name of a part take the place of the mixture's own."""
    keys = range(len(mixture.parts))
    sizes = {key: float(len(mixture.parts[key])) ** (1.0 - balance_sets) for key in keys}
    own = {key: share for key, share in zip(keys, mixture.shares, strict=True) if share is not None}
    if len(own) == len(sizes):
        own = {key: share / sum(own.values()) for key, share in own.items()}
    unknown = sorted(set(shares) - set(mixture.names))
    if unknown:
        raise ValueError(f"expected shares above 0 of the sets {', '.join(mixture.names)}, got {', '.join(unknown)}")
    own |= {mixture.names.index(name): share for name, share in shares.items()}
    found = _set_shares(sizes, own)
    return np.concatenate([found[key] * sampling_weights(mixture.parts[key], balance, 0.0) for key in keys])


def _set_shares(sizes: dict[Any, float], shares: Mapping[Any, float]) -> dict[Any, float]:
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


__all__ = ["ContrastiveDataset", "ContrastiveItem", "sampling_weights", "synthetic_clips"]
