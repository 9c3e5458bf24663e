# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Classification metrics against hand-computed cases."""

import numpy as np
import pytest

from tmor_hf.evaluation import confusion_matrix, mean_class_accuracy, per_class_accuracy, top_k_accuracy

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
