# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Metrics of actions in untrimmed recordings: of frames, of events, and of the order of segments.

All take many recordings, since all but the edit score pool them before they measure. All give shares from 0 to 1.
Axes: T frames, K classes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ..processing.temporal_segments import Segment, segments_from_labels


def per_frame_average_precision(
    scores: Sequence[np.ndarray], labels: Sequence[np.ndarray], frame_masks: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """Average precision of each class over the frames of all recordings, as in Charades and TSU.

    It is the area under the steps of precision over recall, with equal scores as one step: scikit-learn's
    `average_precision_score`.

    Args:
        scores: (T, K) of each recording, higher is surer.
        labels: (T, K) of each recording, of 0 and 1.
        frame_masks: (T,) of each recording, False where it is padding. All other frames count.

    Returns:
        (K,); NaN for a class without a positive frame.

    Raises:
        ValueError: If shapes do not fit, a score is NaN, or labels are not 0 and 1.
    """
    scores, labels = _pooled_frames(scores, labels, frame_masks)
    return np.array([_average_precision(own, truth) for own, truth in zip(scores.T, labels.T, strict=True)])


def per_frame_map(
    scores: Sequence[np.ndarray], labels: Sequence[np.ndarray], frame_masks: Sequence[np.ndarray] | None = None
) -> float:
    """Mean of `per_frame_average_precision` over all classes with a positive frame.

    Two faults of public evaluation code raise this number, and are not repeated here: leaving out classes whose
    average precision is 0, and measuring the first recording of each batch only.

    Returns:
        The mean; NaN if no class has a positive frame.
    """
    found = per_frame_average_precision(scores, labels, frame_masks)
    found = found[~np.isnan(found)]
    return float(found.mean()) if len(found) else float("nan")


def temporal_iou(first: Segment, second: Segment) -> float:
    """Time that two segments share over the time that they take together."""
    shared = min(first.end, second.end) - max(first.start, second.start)
    if shared <= 0:
        return 0.0
    return shared / (first.end - first.start + second.end - second.start - shared)


def event_average_precision(
    predictions: Sequence[Sequence[Segment]], truths: Sequence[Sequence[Segment]], threshold: float = 0.5
) -> dict[int, float]:
    """Average precision of the segments of each class (THUMOS 2014; ActivityNet, Heilbron et al. 2015).

    Predictions of all recordings are taken from the surest on. Each is right if a true segment of its class and
    recording, that no surer one has taken, has a temporal IoU of at least `threshold` with it; the nearest such one is
    then taken. Precision is interpolated, as ActivityNet does: at each recall the highest precision at this recall or
    a higher one, at all points.

    Args:
        predictions: Segments with scores of each recording; starts and ends in frames or seconds.
        truths: True segments of each recording, in the same unit.
        threshold: Temporal IoU from which a prediction is right.

    Returns:
        Class to average precision, of the classes with a true segment.

    Raises:
        ValueError: If there are not as many predictions as truths, or the threshold is not in (0, 1].
    """
    _check_count(predictions, truths)
    if not 0 < threshold <= 1:
        raise ValueError(f"expected a threshold in (0, 1], got {threshold}")
    classes = sorted({segment.label for recording in truths for segment in recording})
    return {label: _event_precision(predictions, truths, threshold, label) for label in classes}


def event_map(
    predictions: Sequence[Sequence[Segment]], truths: Sequence[Sequence[Segment]], threshold: float = 0.5
) -> float:
    """Mean of `event_average_precision` over the classes with a true segment; NaN if there is none."""
    found = event_average_precision(predictions, truths, threshold)
    return float(np.mean(list(found.values()))) if found else float("nan")


def edit_score(
    predictions: Sequence[np.ndarray], truths: Sequence[np.ndarray], background: Collection[int] = ()
) -> float:
    """How well the order of segments is met: 1 - edit distance / length of the longer one, mean over recordings.

    The segmental edit score of Lea et al. (2016), as in MS-TCN (Farha and Gall, 2019), there times 100. It does not
    see how long segments are. Two recordings without segments agree.

    Args:
        predictions: (T,) classes of the frames of each recording.
        truths: (T,) true classes.
        background: Classes that make no segment.

    Raises:
        ValueError: If there is no recording, or shapes do not fit.
    """
    pairs = _segment_pairs(predictions, truths, background)
    scores = []
    for predicted, true in pairs:
        first, second = [segment.label for segment in predicted], [segment.label for segment in true]
        scores.append(1 - _edit_distance(first, second) / max(len(first), len(second), 1))
    return float(np.mean(scores))


def segmental_f1(
    predictions: Sequence[np.ndarray],
    truths: Sequence[np.ndarray],
    threshold: float = 0.5,
    background: Collection[int] = (),
) -> float:
    """F1@k of segments: F1@10, F1@25 and F1@50 are those at a `threshold` of 0.1, 0.25 and 0.5.

    As in MS-TCN (Farha and Gall, 2019; from Lea et al., 2017), there times 100. In the order of time, a predicted
    segment is right if its IoU with the true segment of its class that it overlaps most is at least `threshold`, and
    no earlier one has taken that. What is right and wrong is counted over all recordings.

    Args:
        predictions: (T,) classes of the frames of each recording.
        truths: (T,) true classes.
        threshold: IoU from which a segment is right.
        background: Classes that make no segment.

    Returns:
        The score; 1 if there is no segment at all.

    Raises:
        ValueError: If there is no recording, shapes do not fit, or the threshold is not in (0, 1].
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"expected a threshold in (0, 1], got {threshold}")
    hits = total = 0
    for predicted, true in _segment_pairs(predictions, truths, background):
        taken: set[Segment] = set()
        for segment in predicted:
            own = [other for other in true if other.label == segment.label]
            best = max(own, key=lambda other: temporal_iou(segment, other), default=None)  # noqa: B023
            if best is not None and best not in taken and temporal_iou(segment, best) >= threshold:
                taken.add(best)
        hits += len(taken)
        total += len(predicted) + len(true)
    return 2 * hits / total if total else 1.0


def _pooled_frames(
    scores: Sequence[np.ndarray], labels: Sequence[np.ndarray], masks: Sequence[np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and bool labels (sum of T, K) of the real frames."""
    _check_count(scores, labels)
    scores, labels = [np.asarray(one, dtype=np.float64) for one in scores], [np.asarray(one) for one in labels]
    if any(own.ndim != 2 or own.shape != truth.shape for own, truth in zip(scores, labels, strict=True)):
        shapes = [(own.shape, truth.shape) for own, truth in zip(scores, labels, strict=True)]
        raise ValueError(f"expected scores and labels (T, K) of each recording, got {shapes[:3]}; put one into a list")
    if masks is not None:
        _check_count(masks, scores)
        masks = [np.asarray(mask, dtype=bool) for mask in masks]
        if any(mask.shape != own.shape[:1] for mask, own in zip(masks, scores, strict=True)):
            shapes = [(mask.shape, own.shape) for mask, own in zip(masks, scores, strict=True)]
            raise ValueError(f"expected frame_masks (T,) of each recording, got masks and scores {shapes[:3]}")
        scores = [own[mask] for own, mask in zip(scores, masks, strict=True)]
        labels = [truth[mask] for truth, mask in zip(labels, masks, strict=True)]
    pooled, truth = np.concatenate(scores), np.concatenate(labels)
    if np.isnan(pooled).any() or not np.isin(truth, (0, 1)).all():
        raise ValueError("expected scores without NaN and labels of 0 and 1; pass frame_masks to leave out padding")
    return pooled, truth > 0


def _average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    """Of one class, (T,) and (T,) bool; NaN without a positive."""
    if not truth.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    is_last = np.append(np.diff(scores[order]) != 0, True)  # of equal scores
    hits = np.cumsum(truth[order])[is_last]
    precision = hits / (np.flatnonzero(is_last) + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def _event_precision(
    predictions: Sequence[Sequence[Segment]], truths: Sequence[Sequence[Segment]], threshold: float, label: int
) -> float:
    free = [[segment for segment in recording if segment.label == label] for recording in truths]
    num_true = sum(map(len, free))
    own = [(index, segment) for index, some in enumerate(predictions) for segment in some if segment.label == label]
    is_right = []
    for index, segment in sorted(own, key=lambda pair: -pair[1].score):
        overlaps = [temporal_iou(segment, true) for true in free[index]]
        is_right.append(bool(overlaps) and max(overlaps) >= threshold)
        if is_right[-1]:
            del free[index][int(np.argmax(overlaps))]
    hits = np.cumsum(is_right)
    precision = hits / np.arange(1, len(hits) + 1)
    highest = np.maximum.accumulate(precision[::-1])[::-1]
    return float(highest[np.array(is_right, dtype=bool)].sum() / num_true)


def _segment_pairs(
    predictions: Sequence[np.ndarray], truths: Sequence[np.ndarray], background: Collection[int]
) -> list[tuple[list[Segment], list[Segment]]]:
    _check_count(predictions, truths)
    for predicted, true in zip(predictions, truths, strict=True):
        if np.shape(predicted) != np.shape(true) or np.ndim(true) != 1:
            raise ValueError(
                f"expected classes (T,) of each recording, got {np.shape(predicted)} and {np.shape(true)}"
            )
    return [
        (segments_from_labels(predicted, background), segments_from_labels(true, background))
        for predicted, true in zip(predictions, truths, strict=True)
    ]


def _edit_distance(first: Sequence[int], second: Sequence[int]) -> int:
    """Least number of labels to put in, take out or replace (Levenshtein)."""
    row = list(range(len(second) + 1))
    for count, label in enumerate(first, start=1):
        corner, row[0] = row[0], count
        for place, other in enumerate(second, start=1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (label != other))
    return row[-1]


def _check_count(first: Sequence, second: Sequence) -> None:
    if len(first) != len(second) or len(first) == 0:
        raise ValueError(f"expected as many of each and at least one recording, got {len(first)} and {len(second)}")


__all__ = [
    "edit_score",
    "event_average_precision",
    "event_map",
    "per_frame_average_precision",
    "per_frame_map",
    "segmental_f1",
    "temporal_iou",
]
