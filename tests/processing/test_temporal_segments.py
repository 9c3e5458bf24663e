# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Segments: there and back, order, bounds, thresholds and gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tmor_hf.processing.temporal_segments import (
    Segment,
    frame_labels_from_segments,
    segments_from_labels,
    segments_from_scores,
)

SHAPES = st.tuples(st.integers(0, 30), st.integers(1, 4))
SCORES = arrays(np.float32, SHAPES, elements=st.floats(0, 1, width=32))


@given(arrays(bool, SHAPES))
def test_labels_of_frames_come_back(labels):
    segments = segments_from_labels(labels)
    np.testing.assert_array_equal(frame_labels_from_segments(segments, *labels.shape), labels)
    assert segments == segments_from_scores(labels.astype(np.float32))


@given(arrays(np.int64, st.integers(0, 30), elements=st.integers(-1, 3)))
def test_exclusive_labels_are_those_of_their_one_hot_form(classes):
    segments = segments_from_labels(classes)
    assert segments == segments_from_labels(classes[:, None] == np.arange(4))
    assert segments_from_labels(classes, ignored={2}) == [segment for segment in segments if segment.label != 2]


@given(SCORES, st.floats(0.1, 1), st.floats(0, 1), st.integers(1, 5), st.integers(0, 5))
def test_segments_are_ordered_bounded_long_and_apart(scores, threshold, share, min_frames, max_gap):
    segments = segments_from_scores(scores, threshold, threshold * share, min_frames, max_gap)
    assert [(s.start, s.end, s.label) for s in segments] == sorted((s.start, s.end, s.label) for s in segments)
    for segment in segments:
        own = scores[segment.start : segment.end, segment.label]
        assert 0 <= segment.start <= segment.end - min_frames < segment.end <= len(scores)
        assert own.max() >= np.float32(threshold) and own.min() - 1e-6 <= segment.score <= own.max() + 1e-6
    for label in range(scores.shape[1]):
        ends = [(segment.start, segment.end) for segment in segments if segment.label == label]
        assert all(later[0] - earlier[1] > max_gap for earlier, later in zip(ends, ends[1:], strict=False))


@given(SCORES, st.floats(0, 1), st.integers(0, 5))
def test_all_frames_above_the_threshold_are_in_a_segment_and_closing_gaps_only_adds(scores, threshold, max_gap):
    plain = frame_labels_from_segments(segments_from_scores(scores, threshold), *scores.shape)
    closed = frame_labels_from_segments(segments_from_scores(scores, threshold, max_gap=max_gap), *scores.shape)
    np.testing.assert_array_equal(plain, scores >= threshold)
    assert (closed >= plain).all()


def test_a_segment_goes_on_down_to_the_lower_threshold_but_needs_the_upper_one():
    scores = np.array([0.3, 0.45, 0.7, 0.45, 0.3, 0.45, 0.45])[:, None]
    assert segments_from_scores(scores, 0.5) == [Segment(0, 2, 3, 0.7)]
    (segment,) = segments_from_scores(scores, 0.5, end_threshold=0.4)
    assert segment[:3] == (0, 1, 4) and segment.score == pytest.approx((0.45 + 0.7 + 0.45) / 3)


def test_gaps_are_closed_before_short_segments_are_dropped():
    scores = np.array([1, 0, 1, 0, 0, 1])[:, None]
    assert segments_from_scores(scores, min_frames=2, max_gap=1) == [Segment(0, 0, 3, pytest.approx(2 / 3))]
    assert segments_from_scores(scores, min_frames=2) == []
    assert segments_from_scores(scores, max_gap=2)[0][:3] == (0, 0, 6)


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="without NaN"):
        segments_from_scores(np.array([[np.nan]]))
    with pytest.raises(ValueError, match=r"\(T, K\)"):
        segments_from_scores(np.zeros(3))
    with pytest.raises(ValueError, match="end_threshold"):
        segments_from_scores(np.zeros((3, 1)), 0.5, 0.6)
    with pytest.raises(ValueError, match="min_frames"):
        segments_from_scores(np.zeros((3, 1)), min_frames=0)
    with pytest.raises(ValueError, match="0 and 1"):
        segments_from_labels(np.full((3, 2), 0.5))
    with pytest.raises(ValueError, match="within 3 frames"):
        frame_labels_from_segments([Segment(0, 1, 4)], 3, 1)
