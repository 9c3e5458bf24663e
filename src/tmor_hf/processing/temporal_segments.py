# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Segments of time with a label, out of the scores or labels of frames, and back.

Axes: T frames, K classes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np


class Segment(NamedTuple):
    """A label over a span of time.

    Args:
        label: Class.
        start: First frame.
        end: The frame after the last one.
        score: How sure it is: the mean of the label's scores over the segment's frames; 1 where labels were given.
    """

    label: int
    start: int
    end: int
    score: float = 1.0


def segments_from_scores(
    scores: np.ndarray,
    threshold: float = 0.5,
    end_threshold: float | None = None,
    min_frames: int = 1,
    max_gap: int = 0,
    ignored: Collection[int] = (),
) -> list[Segment]:
    """Segments in which the score of a label is high. Labels are looked at one by one, so segments may overlap.

    Args:
        scores: (T, K) scores of each frame.
        threshold: A segment has a frame with at least this score, ...
        end_threshold: ... and goes on as far as scores are at least this (hysteresis); by default `threshold`.
        min_frames: Shorter segments are dropped, after gaps are closed.
        max_gap: Two segments of a label with so many frames or fewer between them become one.
        ignored: Labels that make no segment, such as the background.

    Returns:
        Segments by start, then end, then label.

    Raises:
        ValueError: If scores have another shape or NaN, or an option is out of its range.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or np.isnan(scores).any():
        raise ValueError(f"expected scores (T, K) without NaN, got shape {scores.shape}")
    low = threshold if end_threshold is None else end_threshold
    if not low <= threshold:
        raise ValueError(f"expected end_threshold up to the threshold {threshold}, got {end_threshold}")
    if min_frames < 1 or max_gap < 0:
        raise ValueError(f"expected min_frames of 1 or more and max_gap of 0 or more, got {min_frames} and {max_gap}")
    found = []
    for label in sorted(set(range(scores.shape[1])) - set(ignored)):
        own = scores[:, label]
        spans = [span for span in _runs(own >= low) if own[slice(*span)].max() >= threshold]
        for start, end in _close_gaps(spans, max_gap):
            if end - start >= min_frames:
                found.append(Segment(label, start, end, float(own[start:end].mean(dtype=np.float64))))
    return _sorted(found)


def segments_from_labels(labels: np.ndarray, ignored: Collection[int] = ()) -> list[Segment]:
    """Segments out of the labels of frames.

    Args:
        labels: (T,) one class for each frame, where negative ones mean none; or (T, K) of 0 and 1, several at a time.
        ignored: Labels that make no segment, such as the background.

    Returns:
        Segments by start, then end, then label.

    Raises:
        ValueError: If labels have another shape or other values.
    """
    labels = np.asarray(labels)
    if labels.ndim == 1 and labels.dtype.kind in "iu":
        starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1)) if len(labels) else []
        ends = [*starts[1:], len(labels)]
        spans = [(int(labels[start]), int(start), int(end)) for start, end in zip(starts, ends, strict=False)]
        return [Segment(*span) for span in spans if span[0] >= 0 and span[0] not in ignored]
    if labels.ndim != 2 or not np.isin(labels, (0, 1)).all():
        raise ValueError(
            f"expected labels as whole numbers (T,), or as 0 and 1 (T, K), got {labels.dtype} of shape {labels.shape}"
        )
    chosen = sorted(set(range(labels.shape[1])) - set(ignored))
    return _sorted(Segment(label, *span) for label in chosen for span in _runs(labels[:, label] > 0))


def frame_labels_from_segments(segments: Iterable[Segment], num_frames: int, num_labels: int) -> np.ndarray:
    """(T, K) bool: which labels hold in which frames. The inverse of `segments_from_labels`.

    Raises:
        ValueError: If a segment has a label or a frame that is not there.
    """
    labels = np.zeros((num_frames, num_labels), dtype=bool)
    for segment in segments:
        if not (0 <= segment.start < segment.end <= num_frames and 0 <= segment.label < num_labels):
            raise ValueError(f"expected segments within {num_frames} frames and {num_labels} labels, got {segment}")
        labels[segment.start : segment.end, segment.label] = True
    return labels


def _runs(is_on: np.ndarray) -> list[tuple[int, int]]:
    """Starts and ends of the spans of True in (T,)."""
    changes = np.flatnonzero(np.diff(is_on, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in changes.reshape(-1, 2)]


def _close_gaps(spans: list[tuple[int, int]], max_gap: int) -> list[tuple[int, int]]:
    closed: list[tuple[int, int]] = []
    for start, end in spans:
        if closed and start - closed[-1][1] <= max_gap:
            closed[-1] = (closed[-1][0], end)
        else:
            closed.append((start, end))
    return closed


def _sorted(segments: Iterable[Segment]) -> list[Segment]:
    return sorted(segments, key=lambda segment: (segment.start, segment.end, segment.label))


__all__ = ["Segment", "frame_labels_from_segments", "segments_from_labels", "segments_from_scores"]
