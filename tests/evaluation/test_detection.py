# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Metrics of untrimmed recordings against scikit-learn and cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from tmor_hf.evaluation import (
    edit_score,
    event_average_precision,
    event_map,
    per_frame_average_precision,
    per_frame_map,
    segmental_f1,
    temporal_iou,
)
from tmor_hf.processing.temporal_segments import Segment


@pytest.fixture
def recordings() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Three recordings of other lengths, five classes, with many equal scores."""
    rng = np.random.default_rng(0)
    lengths = (40, 7, 90)
    scores = [rng.integers(0, 8, size=(length, 5)) / 8 for length in lengths]
    return scores, [rng.random((length, 5)) < 0.2 for length in lengths]


def test_average_precision_of_frames_is_that_of_scikit_learn(recordings):
    scores, labels = recordings
    expected = average_precision_score(np.concatenate(labels), np.concatenate(scores), average=None)
    np.testing.assert_allclose(per_frame_average_precision(scores, labels), expected)
    assert per_frame_map(scores, labels) == pytest.approx(expected.mean())


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64, bool])
def test_scores_may_be_of_any_type_of_numbers(recordings, dtype):
    scores, labels = recordings
    whole = [(8 * one).astype(dtype) for one in scores]
    expected = per_frame_average_precision([one.astype(float) for one in whole], labels)
    np.testing.assert_array_equal(per_frame_average_precision(whole, labels), expected)


def test_every_recording_counts_not_the_first_of_a_batch(recordings):
    scores, labels = recordings
    whole = per_frame_map(scores, labels)
    for index in range(len(scores)):
        changed = [1 - one if place == index else one for place, one in enumerate(scores)]
        assert per_frame_map(changed, labels) != pytest.approx(whole)
    assert per_frame_map(scores[::-1], labels[::-1]) == pytest.approx(whole)


def test_classes_that_are_never_found_stay_in_the_mean():
    """Class 0 is perfect (1); the one frame of class 1 comes last of 1000, which rounds to 0 (1 / 1000).

    Without it the mean would be 1. Class 2 never happens, so it has no average precision.
    """
    labels = np.zeros((1000, 3))
    labels[:500, 0] = labels[0, 1] = 1
    scores = np.zeros((1000, 3))
    scores[:500, 0] = scores[1:, 1] = 1
    found = per_frame_average_precision([scores], [labels])
    np.testing.assert_allclose(found, [1, 0.001, np.nan])
    assert per_frame_map([scores], [labels]) == pytest.approx(1.001 / 2)


def test_only_padding_is_left_out(recordings):
    scores, labels = recordings
    longest = max(map(len, scores))
    padded = [np.pad(one, ((0, longest - len(one)), (0, 0)), constant_values=9.0) for one in scores]
    padded_labels = [np.pad(one, ((0, longest - len(one)), (0, 0))) for one in labels]
    masks = [np.arange(longest) < len(one) for one in scores]
    assert per_frame_map(padded, padded_labels, masks) == pytest.approx(per_frame_map(scores, labels))
    assert per_frame_map(padded, padded_labels) < per_frame_map(scores, labels)


def test_frames_without_a_label_count():
    """Hits at ranks 1 and 4 of four: (1 + 2 / 4) / 2. The two empty frames in between must not be dropped."""
    labels, scores = np.array([[1], [0], [0], [1]]), np.array([[4.0], [3], [2], [1]])
    assert per_frame_map([scores], [labels]) == pytest.approx(0.75)
    assert np.isnan(per_frame_map([scores], [labels * 0]))


def test_temporal_iou():
    assert temporal_iou(Segment(0, 0, 10), Segment(0, 5, 15)) == pytest.approx(5 / 15)
    assert temporal_iou(Segment(0, 0, 10), Segment(0, 10, 15)) == 0
    assert temporal_iou(Segment(0, 2, 4), Segment(0, 0, 8)) == 0.25


def test_event_precision_by_hand():
    """Two true segments; by score: right, wrong (the first is taken), right.

    Precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1; the area is 1/2 * 1 + 1/2 * 2/3 = 5/6.
    """
    truths = [[Segment(0, 0, 10), Segment(0, 20, 30)]]
    predictions = [[Segment(0, 20, 29, 0.5), Segment(0, 0, 9, 0.9), Segment(0, 1, 10, 0.7)]]
    assert event_map(predictions, truths) == pytest.approx(5 / 6)
    assert event_map(predictions, truths, 0.95) == 0


def test_event_precision_is_interpolated():
    """By score: wrong, right, right. Precisions 0, 1/2, 2/3; the highest from there on is 2/3 at both recalls."""
    truths = [[Segment(0, 0, 10), Segment(0, 20, 30)]]
    predictions = [[Segment(0, 50, 60, 0.9), Segment(0, 0, 10, 0.8), Segment(0, 20, 30, 0.7)]]
    assert event_map(predictions, truths) == pytest.approx(2 / 3)


def test_events_match_in_their_own_recording_and_class_only():
    truths = [[Segment(0, 0, 10)], [Segment(1, 0, 10)]]
    assert event_average_precision(truths, truths) == {0: 1, 1: 1}
    assert event_average_precision(truths[::-1], truths) == {0: 0, 1: 0}
    assert event_average_precision([[], []], truths) == {0: 0, 1: 0}  # classes with 0 count
    assert event_average_precision([[*truths[0], Segment(7, 0, 5)], truths[1]], truths) == {0: 1, 1: 1}
    assert np.isnan(event_map([[]], [[]]))


def test_the_threshold_of_events_counts_as_reached_when_it_is_met():
    truths, predictions = [[Segment(0, 0, 10)]], [[Segment(0, 0, 5, 0.9)]]
    assert event_map(predictions, truths, 0.5) == 1 and event_map(predictions, truths, 0.51) == 0
    seconds = [[Segment(0, 0.0, 0.25, 0.9)]], [[Segment(0, 0.0, 0.5)]]
    assert event_map(*seconds, 0.5) == 1


def test_a_prediction_takes_a_free_segment_where_the_nearest_is_taken():
    """Both predictions overlap both truths by at least 0.3; the second must take what is left: both are right."""
    truths = [[Segment(0, 0, 10), Segment(0, 4, 14)]]
    predictions = [[Segment(0, 1, 10, 0.9), Segment(0, 0, 10, 0.8)]]
    assert event_map(predictions, truths, 0.3) == 1


def test_edit_score_by_hand():
    """Orders 1 2 3 and 1 3: one label to put in, of three: 1 - 1/3. Lengths of segments do not matter."""
    truth, prediction = np.array([1, 1, 2, 2, 3, 3]), np.array([1, 3, 3, 3, 3, 3])
    assert edit_score([prediction], [truth]) == pytest.approx(2 / 3)
    assert edit_score([np.array([1, 2, 3, 3, 3, 3])], [truth]) == 1
    assert edit_score([prediction, truth], [truth, truth]) == pytest.approx(5 / 6)
    assert edit_score([truth * 0], [truth], background=[0]) == 0
    assert edit_score([truth * 0], [truth * 0], background=[0]) == 1


def test_oversegmentation_lowers_edit_and_f1():
    truth = np.repeat([0, 1], 50)
    flicker = truth.copy()
    flicker[10:50:4] = 1
    assert (flicker == truth).mean() == 0.9
    assert edit_score([flicker], [truth]) < 0.2 and segmental_f1([flicker], [truth], 0.1) < 0.4


def test_segmental_f1_by_hand():
    """True segments 0:(0, 4), 1:(4, 8); predicted 0:(0, 2), 1:(2, 8), IoU 2/4 and 4/6.

    At 0.5 both are right: 1. At 0.6 the second only: 1 right, 1 wrong, 1 missed: 2 / (2 + 1 + 1) = 1/2.
    """
    truth, prediction = np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 1, 1, 1])
    assert segmental_f1([prediction], [truth], 0.5) == 1
    assert segmental_f1([prediction], [truth], 0.6) == 0.5
    # Without class 0, only the segment of class 1 is left, which is right.
    assert segmental_f1([prediction], [truth], 0.6, background=[0]) == 1
    # Pooled over recordings: 1 + 2 right of 2 + 2 predicted and 2 + 2 true.
    assert segmental_f1([prediction, truth], [truth, truth], 0.6) == pytest.approx(2 * 3 / 8)


def test_two_predictions_share_no_true_segment():
    """The true segment 1:(0, 10) is cut by one frame in the middle: one half takes it, the other is wrong."""
    truth, prediction = np.ones(10, dtype=int), np.ones(10, dtype=int)
    prediction[5] = 0
    assert segmental_f1([prediction], [truth], 0.3, background=[0]) == pytest.approx(2 / 3)


def test_what_does_not_fit_is_an_error(recordings):
    scores, labels = recordings
    with pytest.raises(ValueError, match="at least one recording"):
        per_frame_map(scores, labels[:1])
    with pytest.raises(ValueError, match="put one into a list"):
        per_frame_map(scores[0], labels[0])
    with pytest.raises(ValueError, match="frame_masks"):
        per_frame_map([np.zeros((2, 1))], [np.full((2, 1), -100)])
    for wrong in (np.ones(5, dtype=bool), np.ones(40, dtype=bool)[:, None]):
        with pytest.raises(ValueError, match=r"expected frame_masks \(T,\) of each recording"):
            per_frame_map(scores, labels, [wrong, np.ones(7, dtype=bool), np.ones(90, dtype=bool)])
    with pytest.raises(ValueError, match="threshold"):
        event_map([[]], [[]], 0)
    with pytest.raises(ValueError, match="threshold"):
        segmental_f1([np.zeros(1, int)], [np.zeros(1, int)], 10)
    with pytest.raises(ValueError, match=r"classes \(T,\)"):
        edit_score([np.zeros(2, int)], [np.zeros(3, int)])
