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
    predictions, labels = predictions.astype(np.int64), labels.astype(np.int64)  # smaller types would overflow
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


def macro_f1(predictions: np.ndarray, labels: np.ndarray, num_classes: int) -> float:
    """Mean F1 over the classes that have a clip or a prediction, as scikit-learn's `f1_score(average="macro")`."""
    confusion = confusion_matrix(predictions, labels, num_classes)
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    is_there = total > 0
    return float((2 * np.diag(confusion)[is_there] / total[is_there]).mean())


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, num_bins: int = 15) -> float:
    """How far confidence is from accuracy (Guo et al., On Calibration of Modern Neural Networks, 2017).

    Clips are put into bins of equal width by their highest probability, a bin being (lower, upper]; the error is the
    distance between the accuracy and the mean confidence of a bin, weighted by its clips.

    Args:
        probabilities: (N, K) of each class, rows that sum to 1.
        labels: (N,) true classes.
        num_bins: Number of bins.

    Raises:
        ValueError: If shapes or labels do not fit, rows are no probabilities, or `num_bins` is below 1.
    """
    probabilities, labels = _check_scores(probabilities, labels)
    if num_bins < 1:
        raise ValueError(f"expected num_bins of at least 1, got {num_bins}")
    if (probabilities < 0).any() or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
        raise ValueError("expected probabilities that sum to 1; pass logits through a softmax first")
    confidence = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == labels
    bins = np.digitize(confidence, np.linspace(0, 1, num_bins + 1)[1:-1], right=True)
    return float(np.abs(np.bincount(bins, weights=is_right - confidence)).sum() / len(labels))


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


__all__ = [
    "confusion_matrix",
    "expected_calibration_error",
    "macro_f1",
    "mean_class_accuracy",
    "per_class_accuracy",
    "top_k_accuracy",
]
