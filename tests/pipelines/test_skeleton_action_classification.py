# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from __future__ import annotations

import pytest
import torch
from transformers import pipeline

LABELS = {"walking", "sitting down", "waving", "jumping"}


def test_scores_are_a_distribution_over_the_labels_best_first(classification_pipe, random_clip):
    answer = classification_pipe(random_clip())
    scores = [row["score"] for row in answer]
    assert {row["label"] for row in answer} == LABELS
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)


@pytest.mark.parametrize(("top_k", "count"), [(1, 1), (2, 2), (100, 4)])
def test_top_k_is_limited_by_the_number_of_labels(classification_pipe, random_clip, top_k, count):
    clip = random_clip()
    assert classification_pipe(clip, top_k=top_k) == classification_pipe(clip)[:count]


def test_functions_to_apply_come_from_the_logits(classification_pipe, random_clip):
    clip = random_clip()

    def scores(function):
        rows = classification_pipe(clip, function_to_apply=function)
        return torch.tensor([row["score"] for row in sorted(rows, key=lambda row: row["label"])])

    logits = scores("none")
    torch.testing.assert_close(scores("softmax"), logits.softmax(-1))
    torch.testing.assert_close(scores("sigmoid"), logits.sigmoid())


@pytest.mark.parametrize(
    ("problem_type", "function"),
    [
        (None, "softmax"),
        ("single_label_classification", "softmax"),
        ("multi_label_classification", "sigmoid"),
        ("regression", "none"),
    ],
)
def test_problem_type_decides_the_function(classification_pipe, random_clip, problem_type, function):
    clip = random_clip()
    classification_pipe.model.config.problem_type = problem_type
    assert classification_pipe(clip) == classification_pipe(clip, function_to_apply=function)


def test_wrong_options_are_refused(classification_pipe, random_clip):
    with pytest.raises(ValueError, match="expected top_k of at least 1, got 0"):
        classification_pipe(random_clip(), top_k=0)
    with pytest.raises(ValueError, match="expected function_to_apply as one of"):
        classification_pipe(random_clip(), function_to_apply="relu")


def test_a_model_without_a_head_is_refused(tiny_model, tiny_feature_extractor):
    with pytest.raises(TypeError, match="expected a model with a classification head.*zero-shot"):
        pipeline("skeleton-action-classification", tiny_model, feature_extractor=tiny_feature_extractor)
