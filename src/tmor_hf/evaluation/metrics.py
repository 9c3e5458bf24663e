# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Classification metrics on numpy arrays.

Axes: N clips, K classes.
"""

from __future__ import annotations

import numpy as np


def top_k_accuracy(scores: np.ndarray, labels: np.ndarray, k: int = 1) -> float:
    """Share of clips whose class is among the k highest scores.

    A class that ties with others counts by its expected place: of two equal top scores each is a hit by one half.

    Args:
        scores: (N, K) a score of each class, higher is better.
        labels: (N,) true classes.
        k: How many classes may be named.

    Raises:
        ValueError: If shapes or labels do not fit, a score is NaN, or k is below 1.
    """
    scores, labels = _check_scores(scores, labels)
    if k < 1:
        raise ValueError(f"expected k of at least 1, got {k}")
    own = scores[np.arange(len(labels)), labels][:, None]
    above = (scores > own).sum(axis=1)
    tied = (scores == own).sum(axis=1)
    return float(np.clip((k - above) / tied, 0.0, 1.0).mean())


def confusion_matrix(predictions: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """(K, K) int64 counts; row = true class, column = predicted class.

    Raises:
        ValueError: If shapes differ or a class is out of range.
    """
    predictions, labels = np.asarray(predictions), np.asarray(labels)
    if predictions.shape != labels.shape or labels.ndim != 1:
        raise ValueError(f"expected predictions and labels (N,), got {predictions.shape} and {labels.shape}")
    _check_range(predictions, num_classes, "predictions")
    _check_range(labels, num_classes, "labels")
    counts = np.bincount(labels * num_classes + predictions, minlength=num_classes**2)
    return counts.reshape(num_classes, num_classes)


def per_class_accuracy(predictions: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """(K,) share of the clips of each class that were named right; NaN for classes without clips."""
    confusion = confusion_matrix(predictions, labels, num_classes)
    totals = confusion.sum(axis=1)
    return np.where(totals > 0, np.diag(confusion) / np.maximum(totals, 1), np.nan)


def mean_class_accuracy(predictions: np.ndarray, labels: np.ndarray, num_classes: int) -> float:
    """Mean of `per_class_accuracy` over the classes that have clips."""
    return float(np.nanmean(per_class_accuracy(predictions, labels, num_classes)))


def _check_scores(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or len(labels) == 0:
        raise ValueError(f"expected scores (N, K) and labels (N,) with N above 0, got {scores.shape}, {labels.shape}")
    if np.isnan(scores).any():
        raise ValueError("expected scores without NaN")
    _check_range(labels, scores.shape[1], "labels")
    return scores, labels


def _check_range(classes: np.ndarray, num_classes: int, name: str) -> None:
    if classes.size == 0 or classes.dtype.kind not in "iu" or classes.min() < 0 or classes.max() >= num_classes:
        raise ValueError(f"expected {name} as integers from 0 to {num_classes - 1}, at least one")


__all__ = ["confusion_matrix", "mean_class_accuracy", "per_class_accuracy", "top_k_accuracy"]
