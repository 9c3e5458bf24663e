# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Retrieval metrics against hand-computed cases and simulated chance."""

import numpy as np
import pytest

from tmor_hf.evaluation import retrieval_metrics
from tmor_hf.evaluation.retrieval import chance_recall, match_ranks


def test_hand_computed_ranks_in_both_directions():
    similarity = np.array([[0.9, 0.5, 0.1], [0.8, 0.2, 0.7], [0.3, 0.6, 0.4]])
    metrics = retrieval_metrics(similarity, [0, 1, 2], [0, 1, 2])
    # rows: ranks 1, 3, 2; columns: ranks 1, 3, 2
    assert metrics["skeleton_to_text_R@1"] == metrics["text_to_skeleton_R@1"] == pytest.approx(1 / 3)
    assert metrics["skeleton_to_text_median_rank"] == 2
    assert metrics["skeleton_to_text_R@5"] == 1
    assert metrics["skeleton_to_text_chance_R@1"] == pytest.approx(1 / 3)
    assert metrics["skeleton_to_text_chance_R@5"] == 1


def test_any_item_of_the_same_group_is_a_hit():
    similarity = np.array([[0.1, 0.9], [0.2, 0.1], [0.0, 0.5]])
    same = retrieval_metrics(similarity, ["walk"] * 3, ["walk"] * 2)
    assert same["skeleton_to_text_R@1"] == same["text_to_skeleton_R@1"] == same["skeleton_to_text_chance_R@1"] == 1
    assert match_ranks(np.array([[5.0, 4, 3, 2]]), np.array([[False, False, True, True]])).tolist() == [3]


def test_queries_without_an_answer_are_left_out():
    similarity = np.array([[0.9, 0.1], [0.1, 0.9]])
    metrics = retrieval_metrics(similarity, ["walk", "jump"], ["walk", "sit"])
    assert metrics["skeleton_to_text_queries"] == metrics["text_to_skeleton_queries"] == 1
    assert metrics["skeleton_to_text_R@1"] == 1
    with pytest.raises(ValueError, match="no query"):
        retrieval_metrics(similarity, ["walk", "jump"], ["run", "sit"])


def test_constant_similarity_is_no_hit():
    metrics = retrieval_metrics(np.zeros((10, 10)), np.arange(10), np.arange(10))
    assert metrics["skeleton_to_text_R@1"] == 0
    assert metrics["skeleton_to_text_median_rank"] == 5.5


def test_chance_agrees_with_simulation():
    rng = np.random.default_rng(0)
    groups_a, groups_b = rng.integers(0, 4, 40), rng.integers(0, 4, 20)
    chance = retrieval_metrics(rng.random((40, 20)), groups_a, groups_b)
    runs = [retrieval_metrics(rng.random((40, 20)), groups_a, groups_b) for _ in range(200)]
    for direction in ("skeleton_to_text", "text_to_skeleton"):
        for k in (1, 5):
            mean = np.mean([run[f"{direction}_R@{k}"] for run in runs])
            assert mean == pytest.approx(chance[f"{direction}_chance_R@{k}"], abs=0.02)
    assert chance_recall(10, np.array([0, 3, 10]), 1).tolist() == pytest.approx([0, 0.3, 1])


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="expected similarity of shape"):
        retrieval_metrics(np.zeros((2, 3)), [0, 1], [0, 1])
    with pytest.raises(ValueError, match="NaN"):
        retrieval_metrics(np.full((2, 2), np.nan), [0, 1], [0, 1])
    with pytest.raises(ValueError, match="strings on one side"):
        retrieval_metrics(np.zeros((2, 2)), [0, 1], ["a", "b"])
