# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Retrieval metrics against hand-computed cases and simulated chance."""

import numpy as np
import pytest

from tmor_hf.evaluation import (
    RETRIEVAL_RULES,
    pair_retrieval_metrics,
    retrieval_metrics,
    right_answers,
    small_batch_retrieval_metrics,
)
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


def test_each_rule_takes_more_answers_for_right():
    # Clip i owns caption i; captions 0 and 1 are near in words (cosine 0.96), captions 1 and 2 in meaning.
    similarity = np.array([[0.5, 0.9, 0.1], [0.7, 0.2, 0.6], [0.1, 0.8, 0.3]])
    needs = {"groups": (["a", "b", "b"], ["a", "b", "b"]), "text_embeds": [[5.0, 0], [4.8, 1.4], [0, 1]]}
    answers = {rule: right_answers(rule, np.eye(3), **needs) for rule in RETRIEVAL_RULES}
    assert answers["exact"].tolist() == np.eye(3).astype(bool).tolist()
    assert answers["group"].tolist() == [[True, False, False], [False, True, True], [False, True, True]]
    assert answers["threshold"].tolist() == [[True, True, False], [True, True, False], [False, False, True]]
    ranks = {rule: match_ranks(similarity, answers[rule]).tolist() for rule in RETRIEVAL_RULES}
    assert ranks == {"exact": [2, 3, 2], "group": [2, 2, 1], "threshold": [1, 1, 2]}
    strict = right_answers("threshold", np.eye(3), text_embeds=needs["text_embeds"], threshold=0.985)
    assert (strict == answers["exact"]).all()


def test_the_threshold_looks_at_all_own_captions_of_a_clip():
    is_own = np.array([[True, True, False], [False, False, True]])
    found = right_answers("threshold", is_own, text_embeds=np.array([[1.0, 0], [0, 1], [0.01, 1]]))
    assert found.tolist() == [[True, True, True], [False, True, True]]


def test_a_rule_without_what_it_needs_is_an_error():
    for rule in ("group", "threshold", "synonyms"):
        with pytest.raises(ValueError, match="a rule out of exact, group, threshold"):
            right_answers(rule, np.eye(2))
    with pytest.raises(ValueError, match="of 2 captions"):
        right_answers("threshold", np.eye(2), text_embeds=np.eye(3))
    with pytest.raises(ValueError, match="expected groups of"):
        right_answers("group", np.eye(2), groups=([0, 1, 2], [0, 1]))


def test_small_galleries_are_easier_and_cover_each_clip_once():
    rng = np.random.default_rng(0)
    is_own = np.eye(70, dtype=bool)
    similarity = rng.normal(size=(70, 70)) + 2 * is_own
    small = small_batch_retrieval_metrics(similarity, is_own, is_own)
    assert small["galleries"] == 2 and small["skeleton_to_text_queries"] == 64
    assert small["skeleton_to_text_chance_R@1"] == pytest.approx(1 / 32)
    assert small["skeleton_to_text_R@1"] > pair_retrieval_metrics(similarity, is_own)["skeleton_to_text_R@1"]
    assert small == small_batch_retrieval_metrics(similarity, is_own, is_own, seed=0)
    assert small != small_batch_retrieval_metrics(similarity, is_own, is_own, seed=1)
    with pytest.raises(ValueError, match="batch_size from 1 to 70"):
        small_batch_retrieval_metrics(similarity, is_own, is_own, batch_size=71)


def test_a_gallery_of_all_clips_with_one_caption_each_is_the_whole():
    similarity = np.array([[0.9, 0.5, 0.1], [0.8, 0.2, 0.7], [0.3, 0.6, 0.4]])
    whole = pair_retrieval_metrics(similarity, np.eye(3))
    small = small_batch_retrieval_metrics(similarity, np.eye(3, dtype=bool), np.eye(3), batch_size=3)
    assert small == whole | {"galleries": 1}
