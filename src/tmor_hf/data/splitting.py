# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Holds out a part of the clips for validation, where a set names none, or one part after the other.

Axes: N clips.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from .classification import labels_of
from .clips import MotionClip, MotionDataset, get_clips

logger = logging.getLogger(__name__)

_FEWEST_CLIPS = 3  # of a class that gives one away


def hold_out(
    clips: Sequence[MotionClip], share: float = 0.2, seed: int = 0
) -> tuple[Sequence[MotionClip], Sequence[MotionClip]]:
    """Parts clips into those to train with and those to validate with.

    Where every clip names its subject, whole subjects are held out, so that no one is on both sides: at random, as
    long as the part comes closer to its share, or else the one with the fewest clips; never one who alone shows a
    class, and never more than half of the clips. If that is not possible, or a subject is not known, each class gives
    its share of clips, at least one; a class of less than three clips gives none. What could not be done is logged.

    Args:
        clips: The clips; each has a class.
        share: Share of the clips to hold out.
        seed: Seed of the choice.

    Returns:
        (training, held out), each in the order of `clips`. Nothing is held out if no class has three clips.

    Raises:
        ValueError: If a clip has no class, or the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"expected a share between 0 and 1, got {share}")
    labels, name = labels_of(clips), getattr(clips, "name", "clips")
    subjects = subjects_of(clips)
    rng = np.random.default_rng(seed)
    is_held_out = np.zeros(len(labels), dtype=bool)
    if None not in subjects and len(set(subjects)) > 1:
        is_held_out = _by_subject(labels, np.array(subjects), share, rng)
        if not is_held_out.any():
            logger.warning("%s: no subject can be spared; the validation part shares subjects with training", name)
    if not is_held_out.any():
        is_held_out = _by_class(labels, share, rng)
        counts = np.bincount(labels)
        if rare := int(((counts > 0) & (counts < _FEWEST_CLIPS)).sum()):
            logger.warning(
                "%s: no clip held out of %d classes with less than %d clips%s", name, rare, _FEWEST_CLIPS,
                "" if is_held_out.any() else "; there is no validation part",
            )  # fmt: skip
    return subset(clips, ~is_held_out), subset(clips, is_held_out)


def deal_folds(clips: Sequence[MotionClip], num_folds: int = 5) -> np.ndarray:
    """Deals clips to parts that are held out in turn, so that what is left always shows every class.

    Where every clip names its subject, whole subjects are dealt, in the order of their names. If that takes all clips
    of a class away at once, or a subject is not known, the clips of each class are dealt, which is logged.

    Args:
        clips: The clips; each has a class.
        num_folds: Number of parts, at least 2; there are fewer if there is not enough to deal.

    Returns:
        (N,) number of the part of each clip; -1 for the only clip of a class, which cannot be spared.

    Raises:
        ValueError: If a clip has no class, there are fewer than 2 parts, or no class has two clips.
    """
    labels, subjects = labels_of(clips), subjects_of(clips)
    most = np.bincount(labels, minlength=1).max()
    if num_folds < 2 or most < 2:
        raise ValueError(
            f"expected at least 2 folds and a class with at least 2 clips, got {num_folds} folds and at most {most} "
            "clips of a class"
        )
    if None not in subjects:
        places = {name: place for place, name in enumerate(sorted(set(subjects), key=lambda name: (len(name), name)))}
        folds = np.array([places[subject] % num_folds for subject in subjects])
        if all(set(labels[folds != fold]) == set(labels) for fold in set(folds)):
            return folds
        name = getattr(clips, "name", "clips")
        logger.warning("%s: subjects cannot be held out; clips are held out though others show their subject", name)
    order = np.argsort(labels, kind="stable")
    order = order[np.bincount(labels)[labels[order]] > 1]
    folds = np.full(len(labels), -1)
    folds[order] = np.arange(len(order)) % num_folds  # clips of a class are neighbours: never all in one part
    return folds


def _by_subject(labels: np.ndarray, subjects: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """(N,) bool; all False if no subject can go."""
    is_held_out = np.zeros(len(labels), dtype=bool)
    wanted = share * len(labels)
    names, counts = np.unique(subjects, return_counts=True)

    def can_go(chosen: np.ndarray) -> bool:
        return chosen.sum() <= len(labels) / 2 and set(labels[~chosen]) == set(labels)

    for subject in rng.permutation(names):
        grown = is_held_out | (subjects == subject)
        if can_go(grown) and abs(grown.sum() - wanted) < abs(is_held_out.sum() - wanted):
            is_held_out = grown
    if is_held_out.any():
        return is_held_out
    alone = (subjects == subject for subject in names[np.argsort(counts, kind="stable")])
    return next(filter(can_go, alone), is_held_out)


def _by_class(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    is_held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        if len(members) >= _FEWEST_CLIPS:
            is_held_out[members[: max(round(share * len(members)), 1)]] = True
    return is_held_out


def subjects_of(clips: Any) -> list[str | None]:
    """The subject of each clip, without reading its poses where they lie in files."""
    return [clip.subject for clip in getattr(clips, "files", clips)]


def subset(clips: Any, is_chosen: np.ndarray) -> Sequence[MotionClip]:
    """The chosen clips, unread if they are."""
    if hasattr(clips, "select"):
        flags = iter(is_chosen.tolist())  # `select` asks for each clip in turn
        return clips.select(lambda _: next(flags))
    chosen = get_clips(clips, np.flatnonzero(is_chosen).tolist())
    return MotionDataset(chosen, getattr(clips, "name", "clips"), getattr(clips, "class_names", ()))


__all__ = ["deal_folds", "hold_out", "subjects_of", "subset"]
