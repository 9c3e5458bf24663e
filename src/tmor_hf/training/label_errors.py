# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips whose label contradicts what a classifier learns from the clips of other people.

A label that is wrong for all clips of a person, as after a slip in cutting or naming files, teaches a classifier the
opposite of what the other clips teach, and is learned by heart. A classifier that did not see the person tells.

Axes: N clips, K classes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence

import numpy as np
import torch
from tqdm.auto import tqdm

from ..data.clips import MotionClip
from ..data.splitting import deal_folds, subset

_FEWEST_CLIPS = 3  # of a class in a group that may be exchanged
_SHARE_OF_EACH, _SHARE_OF_BOTH = 1 / 2, 2 / 3  # of the clips of two exchanged classes that are named as the other one


def out_of_fold_logits(
    clips: Sequence[MotionClip],
    fit_and_predict: Callable[[Sequence[MotionClip], Sequence[MotionClip]], np.ndarray],
    num_folds: int = 5,
    progress: bool = False,
) -> np.ndarray:
    """Scores of each clip by a classifier that was trained without it, and without the other clips of its subject.

    Args:
        clips: The clips; each has a class.
        fit_and_predict: Trains on the clips that it is given first, and gives (n, K) logits of the n given second.
        num_folds: Parts that are held out in turn, see `deal_folds`: of subjects where that is possible.
        progress: Show a bar over the folds.

    Returns:
        (N, K) logits; NaN for the only clip of a class, which nothing could judge.

    Raises:
        ValueError: If a clip has no class, there are fewer than 2 folds, or no class has two clips.
    """
    folds = deal_folds(clips, num_folds)
    logits: np.ndarray | None = None
    for fold in tqdm(range(folds.max() + 1), desc="held-out parts", disable=not progress):
        is_out = folds == fold
        found = np.asarray(fit_and_predict(subset(clips, ~is_out), subset(clips, is_out)))
        if logits is None:
            logits = np.full((len(clips), found.shape[1]), np.nan, dtype=np.result_type(found, np.float32))
        logits[is_out] = found
    return logits


def suspect_labels(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which labels are likely wrong, by confident learning (Northcutt, Jiang and Chuang, 2021, arXiv 1911.00068).

    A clip is suspect if a class other than its own is the most probable one, and at least as probable as that class is
    on average for the clips that bear its label.

    Args:
        logits: (N, K) of `out_of_fold_logits`.
        labels: (N,).

    Returns:
        (N,) bool.

    Raises:
        ValueError: If shapes do not fit, or a label is out of range.
    """
    logits, labels, is_judged = _checked(logits, labels)
    probabilities = torch.from_numpy(logits).softmax(dim=1).numpy()
    counts = np.bincount(labels[is_judged], minlength=logits.shape[1])
    own = np.bincount(labels[is_judged], probabilities[is_judged, labels[is_judged]], minlength=logits.shape[1])
    confident = np.where(counts > 0, own / np.maximum(counts, 1), np.inf)
    likely = probabilities.argmax(axis=1)
    return is_judged & (likely != labels) & (probabilities.max(axis=1) >= confident[likely])


def repair_exchanged_labels(logits: np.ndarray, labels: np.ndarray, groups: Sequence[Hashable]) -> np.ndarray:
    """Labels in which two classes that bear each other's name in a group are exchanged back.

    A slip in naming files shows both ways: of each class, at least half of the clips in the group are named as the
    other, and two thirds of both classes together. A class that is hard to tell is no such pair: who picks things up
    with both hands as others do with one is taken for the others, and they are not taken for them.

    Args:
        logits: (N, K) of `out_of_fold_logits`.
        labels: (N,).
        groups: What each clip was named together with, such as its (subject, camera). Where a group has less than
            three clips of a class, or a class crosses with two others, these are not exchanged.

    Returns:
        (N,) labels.

    Raises:
        ValueError: If shapes do not fit, or a label is out of range.
    """
    logits, labels, is_judged = _checked(logits, labels)
    if len(groups) != len(labels):
        raise ValueError(f"expected a group for each of {len(labels)} clips, got {len(groups)}")
    repaired = labels.copy()
    for group in dict.fromkeys(groups):
        members = np.flatnonzero(is_judged & [own == group for own in groups])
        named = np.zeros((logits.shape[1],) * 2, dtype=int)  # label, class that is named
        np.add.at(named, (labels[members], logits[members].argmax(axis=1)), 1)
        pairs = []
        for one, other in itertools.combinations(np.flatnonzero(named.sum(axis=1) >= _FEWEST_CLIPS), 2):
            crossed, counts = np.array([named[one, other], named[other, one]]), named[[one, other]].sum(axis=1)
            if (crossed >= _SHARE_OF_EACH * counts).all() and crossed.sum() >= _SHARE_OF_BOTH * counts.sum():
                pairs.append((one, other))
        times = np.bincount(np.ravel(pairs).astype(int), minlength=logits.shape[1])
        for one, other in pairs:
            if times[one] == times[other] == 1:
                repaired[members[labels[members] == one]] = other
                repaired[members[labels[members] == other]] = one
    return repaired


def _checked(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both as arrays, and (N,) bool, which clips were judged."""
    logits, labels = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    fits = logits.ndim == 2 and labels.shape == logits.shape[:1] and len(labels) > 0
    if not fits or not 0 <= labels.min() <= labels.max() < logits.shape[1]:
        raise ValueError(f"expected (N, K) logits and N labels below K, got {logits.shape} and {labels.shape}")
    return logits, labels, ~np.isnan(logits).any(axis=1)


__all__ = ["out_of_fold_logits", "repair_exchanged_labels", "suspect_labels"]
