# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Classification metrics against scikit-learn and hand-computed cases."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, top_k_accuracy_score
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from tmor_hf.evaluation import (
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    mean_class_accuracy,
    per_class_accuracy,
    top_k_accuracy,
)

SCORES = np.array([[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
LABELS = np.array([0, 2, 2, 2])


def test_top_k_accuracy_counts_the_k_best():
    assert top_k_accuracy(SCORES, LABELS) == 0.5
    assert top_k_accuracy(SCORES, LABELS, k=2) == 0.75
    assert top_k_accuracy(SCORES, LABELS, k=3) == 1.0


def test_constant_scores_give_chance_and_not_luck():
    scores, labels = np.zeros((6, 4)), np.zeros(6, dtype=int)
    assert top_k_accuracy(scores, labels) == 0.25
    assert top_k_accuracy(scores, labels, k=3) == 0.75
    assert top_k_accuracy(np.array([[1.0, 1.0, 0.0]]), np.array([1])) == 0.5


def test_confusion_has_true_rows_and_predicted_columns():
    expected = [[1, 0, 0], [0, 0, 0], [1, 1, 1]]
    assert confusion_matrix(SCORES.argmax(1), LABELS, 3).tolist() == expected


def test_mean_class_accuracy_weighs_classes_alike_and_skips_empty_ones():
    predictions = SCORES.argmax(1)
    np.testing.assert_allclose(per_class_accuracy(predictions, LABELS, 3), [1, np.nan, 1 / 3])
    assert mean_class_accuracy(predictions, LABELS, 3) == pytest.approx(2 / 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64])
def test_small_and_unsigned_integers_are_counted_as_others(dtype):
    rng = np.random.default_rng(0)
    predictions, labels = rng.integers(0, 100, (2, 300))
    small = predictions.astype(dtype), labels.astype(dtype)
    np.testing.assert_array_equal(confusion_matrix(*small, 100), confusion_matrix(predictions, labels, 100))
    assert mean_class_accuracy(*small, 100) == mean_class_accuracy(predictions, labels, 100)
    assert macro_f1(*small, 100) == macro_f1(predictions, labels, 100)


def test_scikit_learn_gives_the_same():
    rng = np.random.default_rng(0)
    scores, labels = rng.random((200, 6)), rng.integers(0, 5, 200)  # class 5 is only ever predicted
    predictions = scores.argmax(axis=1)
    for k in (1, 2, 5):
        expected = top_k_accuracy_score(labels, scores, k=k, labels=range(6))
        assert top_k_accuracy(scores, labels, k) == pytest.approx(expected)
    expected = sklearn_confusion_matrix(labels, predictions, labels=range(6))
    np.testing.assert_array_equal(confusion_matrix(predictions, labels, 6), expected)
    is_known = predictions < 5  # scikit-learn warns of predictions of classes without clips
    expected = balanced_accuracy_score(labels[is_known], predictions[is_known])
    assert mean_class_accuracy(predictions[is_known], labels[is_known], 6) == pytest.approx(expected)
    assert macro_f1(predictions, labels, 6) == pytest.approx(f1_score(labels, predictions, average="macro"))
    # A class that is neither there nor predicted does not count.
    assert macro_f1(predictions, labels, 9) == macro_f1(predictions, labels, 6)


def test_calibration_error_by_hand():
    """Two bins: (0, 0.5] holds one right clip of 0.5; (0.5, 1] clips of 0.8 and 0.6, one of them right.

    Distances |1 - 0.5| and |1/2 - 0.7|, weighed 1/3 and 2/3: 0.3.
    """
    probabilities = np.array([[0.5, 0.3, 0.2], [0.8, 0.1, 0.1], [0.2, 0.6, 0.2]])
    assert expected_calibration_error(probabilities, np.array([0, 0, 2]), num_bins=2) == pytest.approx(0.3)
    # One bin: |2/3 - 1.9/3|.
    assert expected_calibration_error(probabilities, np.array([0, 0, 2]), num_bins=1) == pytest.approx(0.1 / 3)


def test_calibration_error_is_zero_where_confidence_is_accuracy_and_one_where_sure_and_wrong():
    probabilities = np.tile([0.75, 0.25], (4, 1))
    assert expected_calibration_error(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert expected_calibration_error(np.eye(2), np.array([1, 0])) == 1
    with pytest.raises(ValueError, match="softmax"):
        expected_calibration_error(SCORES * 3, LABELS)
    with pytest.raises(ValueError, match="num_bins"):
        expected_calibration_error(np.eye(2), np.array([1, 0]), num_bins=0)


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="0 to 2"):
        top_k_accuracy(SCORES, np.array([0, 1, 2, 3]))
    with pytest.raises(ValueError, match="NaN"):
        top_k_accuracy(SCORES * np.nan, LABELS)
    with pytest.raises(ValueError, match="shape|scores"):
        top_k_accuracy(SCORES, LABELS[:2])
    with pytest.raises(ValueError, match="at least 1"):
        top_k_accuracy(SCORES, LABELS, k=0)
    with pytest.raises(ValueError, match="predictions"):
        confusion_matrix(LABELS[:2], LABELS, 3)
