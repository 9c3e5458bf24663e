# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Named protocols of zero-shot classification, on scores of classes.

- ``"cross-dataset"``: the model never saw the set; it chooses between all classes of it.
- ``"unseen-classes"``: the model learned from clips of the seen classes; clips of the unseen classes are named, out of
  these alone.
- ``"generalised"``: the same model; clips of all classes are named out of all classes. The figure is the harmonic mean
  of the accuracies on clips of seen and of unseen classes (Xian et al., Zero-Shot Learning - The Good, the Bad and the
  Ugly, 2017, arXiv 1703.04394). Such a model leans to the classes it has learned, so a penalty may be taken off their
  scores (calibrated stacking: Chao et al., 2016, arXiv 1605.04253), which `choose_seen_penalty` finds on validation
  clips.

Published splits of classes come from `tmor_hf.data.unseen_classes`, others from `seeded_unseen_splits`.

Axes: N clips, K classes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from .metrics import mean_class_accuracy, top_k_accuracy
from .zero_shot import accuracy_report

ZERO_SHOT_PROTOCOLS = ("cross-dataset", "unseen-classes", "generalised")


def seeded_unseen_splits(num_classes: int, num_unseen: int, num_splits: int, seed: int = 0) -> list[tuple[int, ...]]:
    """Splits of the classes at random: for each split its unseen classes, sorted.

    Split i takes the first `num_unseen` classes of a permutation by ``numpy.random.default_rng(seed + i)``, so that
    more splits leave the first ones as they are.

    Raises:
        ValueError: If a split would have no seen or no unseen class, or there is no split.
    """
    if not 0 < num_unseen < num_classes or num_splits < 1:
        raise ValueError(
            f"expected num_unseen from 1 to {num_classes - 1} and num_splits from 1, got {num_unseen} and {num_splits}"
        )
    orders = [np.random.default_rng(seed + index).permutation(num_classes) for index in range(num_splits)]
    return [tuple(sorted(order[:num_unseen].tolist())) for order in orders]


def zero_shot_protocol(
    protocol: str,
    scores: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    unseen: Collection[int] = (),
    seen_penalty: float = 0.0,
) -> dict[str, Any]:
    """The report of one of `ZERO_SHOT_PROTOCOLS`.

    Args:
        protocol: Its name.
        scores: (N, K) score of each class, e.g. cosine similarity to its text.
        labels: (N,) true classes.
        class_names: Name of each class.
        unseen: The unseen classes; none for ``"cross-dataset"``, where all are.
        seen_penalty: For ``"generalised"``, see there.

    Returns:
        What `accuracy_report` gives, or for ``"generalised"`` what `generalised_metrics` gives.

    Raises:
        ValueError: If the protocol is another, or an argument does not belong to it.
    """
    if protocol not in ZERO_SHOT_PROTOCOLS:
        raise ValueError(f"expected a protocol out of {', '.join(ZERO_SHOT_PROTOCOLS)}, got {protocol!r}")
    if (protocol == "cross-dataset") == bool(len(unseen)) or (seen_penalty and protocol != "generalised"):
        raise ValueError(
            "expected unseen classes for all protocols but 'cross-dataset', and a penalty for 'generalised' alone, "
            f"got {protocol!r} with {len(unseen)} unseen classes and a penalty of {seen_penalty}"
        )
    if protocol == "cross-dataset":
        return accuracy_report(scores, labels, class_names)
    if protocol == "unseen-classes":
        return unseen_class_report(scores, labels, class_names, unseen)
    return generalised_metrics(scores, labels, unseen, seen_penalty)


def unseen_class_report(
    scores: np.ndarray, labels: np.ndarray, class_names: Sequence[str], unseen: Collection[int]
) -> dict[str, Any]:
    """`accuracy_report` of the clips of the unseen classes, which are named out of these alone.

    Args:
        scores: (N, K).
        labels: (N,) true classes; clips of seen classes are left out.
        class_names: Name of each of the K classes.
        unseen: The unseen classes.
    """
    scores, labels, is_unseen = _check(scores, labels, unseen)
    classes = np.flatnonzero(is_unseen)
    rows = is_unseen[labels]
    return accuracy_report(
        scores[rows][:, classes], np.searchsorted(classes, labels[rows]), [class_names[index] for index in classes]
    )


def generalised_metrics(
    scores: np.ndarray, labels: np.ndarray, unseen: Collection[int], seen_penalty: float = 0.0
) -> dict[str, float]:
    """Accuracy on clips of seen and of unseen classes, all named out of all classes, and the harmonic mean of the two.

    Args:
        scores: (N, K).
        labels: (N,) true classes.
        unseen: The unseen classes.
        seen_penalty: Taken off the scores of the seen classes; from `choose_seen_penalty`, or 0.

    Returns:
        "top1_seen", "top1_unseen" and "top1_harmonic_mean" over clips; "mean_class_seen", "mean_class_unseen" and
        "mean_class_harmonic_mean" over classes, as Xian et al. count; "seen_clips" and "unseen_clips".

    Raises:
        ValueError: If shapes do not fit, or seen or unseen classes have no clips.
    """
    scores, labels, is_unseen = _check(scores, labels, unseen)
    scores = np.where(is_unseen, scores, scores - seen_penalty)
    parts = {"seen": ~is_unseen[labels], "unseen": is_unseen[labels]}
    metrics: dict[str, float] = {}
    for name, rows in parts.items():
        predictions = scores[rows].argmax(axis=1)
        metrics[f"top1_{name}"] = top_k_accuracy(scores[rows], labels[rows])
        metrics[f"mean_class_{name}"] = mean_class_accuracy(predictions, labels[rows], len(is_unseen))
        metrics[f"{name}_clips"] = int(rows.sum())
    for key in ("top1", "mean_class"):
        metrics[f"{key}_harmonic_mean"] = harmonic_mean(metrics[f"{key}_seen"], metrics[f"{key}_unseen"])
    return metrics


def harmonic_mean(seen: float, unseen: float) -> float:
    """Harmonic mean of two accuracies; 0 if both are."""
    return 2 * seen * unseen / (seen + unseen) if seen + unseen else 0.0


def choose_seen_penalty(scores: np.ndarray, labels: np.ndarray, unseen: Collection[int]) -> float:
    """The penalty on seen classes with the best harmonic mean of top-1 on validation clips.

    Validation must not use the unseen classes of the test: hold out some of the seen classes from training in their
    place, and take a penalty that was found so to the test.

    Args:
        scores: (N, K) of validation clips.
        labels: (N,) their classes.
        unseen: The classes that training left out for validation.

    Returns:
        A penalty half way between two clips that change sides; the smallest of equally good ones.
    """
    scores, labels, is_unseen = _check(scores, labels, unseen)
    best_seen, best_unseen = (np.where(kept, scores, -np.inf) for kept in (~is_unseen, is_unseen))
    leads = best_seen.max(axis=1) - best_unseen.max(axis=1)  # a clip is called seen by penalties below its lead
    bounds = np.unique(leads)
    candidates = np.concatenate([[bounds[0] - 1.0], (bounds[:-1] + bounds[1:]) / 2, [bounds[-1] + 1.0]])
    rows = is_unseen[labels]
    seen_leads = np.sort(leads[~rows & (best_seen.argmax(axis=1) == labels)])
    unseen_leads = np.sort(leads[rows & (best_unseen.argmax(axis=1) == labels)])
    seen = (len(seen_leads) - np.searchsorted(seen_leads, candidates)) / (~rows).sum()
    unseen_right = np.searchsorted(unseen_leads, candidates) / rows.sum()
    means = [harmonic_mean(*pair) for pair in zip(seen, unseen_right, strict=True)]
    return float(candidates[int(np.argmax(means))])


def _check(
    scores: np.ndarray, labels: np.ndarray, unseen: Collection[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (N, K), labels (N,), and for each class whether it is unseen (K,)."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ValueError(f"expected scores (N, K) and labels (N,), got {scores.shape} and {labels.shape}")
    classes = sorted(set(unseen))
    if not 0 < len(classes) < scores.shape[1] or classes[0] < 0 or classes[-1] >= scores.shape[1]:
        raise ValueError(f"expected some, not all, of the classes 0 to {scores.shape[1] - 1} as unseen, got {classes}")
    is_unseen = np.isin(np.arange(scores.shape[1]), classes)
    return scores, labels, is_unseen


__all__ = [
    "ZERO_SHOT_PROTOCOLS",
    "choose_seen_penalty",
    "generalised_metrics",
    "harmonic_mean",
    "seeded_unseen_splits",
    "unseen_class_report",
    "zero_shot_protocol",
]
