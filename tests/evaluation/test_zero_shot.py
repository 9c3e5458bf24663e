# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Zero-shot classification and nearest neighbours on embeddings made by hand."""

import numpy as np
import pytest

from tmor_hf.evaluation import (
    PROMPT_TEMPLATES,
    accuracy_report,
    class_embeddings,
    described_class_embeddings,
    nearest_neighbour_scores,
    prompts,
    zero_shot_metrics,
)

AXES = {"walk": 0, "sit": 1, "jump": 2}


def embed_texts(texts):
    """A text points along the axis of the class that it names; its length must not matter."""
    embeddings = np.zeros((len(texts), 3))
    for row, text in enumerate(texts):
        for name, axis in AXES.items():
            embeddings[row, axis] += (name in text) * len(text)
    return embeddings


def test_prompts_name_the_class_once_in_each_template():
    made = prompts("sitting down")
    assert len(made) == len(set(made)) == len(PROMPT_TEMPLATES)
    assert all(text.count("sitting down") == 1 for text in made)
    with pytest.raises(ValueError, match="place {}"):
        prompts("sitting down", ["a person"])


def test_class_embeddings_average_unit_vectors_over_templates_and_paraphrases():
    plain = class_embeddings(embed_texts, list(AXES))
    np.testing.assert_allclose(plain, np.eye(3), atol=1e-12)
    mixed = class_embeddings(embed_texts, ["walk"], ["{}", "please {}"], [["a long text: sit", "jump"]])
    np.testing.assert_allclose(mixed[0], np.array([2, 1, 1]) / np.sqrt(6))
    with pytest.raises(ValueError, match="each of 2 classes"):
        class_embeddings(embed_texts, ["walk", "sit"], paraphrases=[["a"]])


def test_kinds_of_descriptions_weigh_alike_however_many_texts_they_have():
    kinds = {"global": ["walk", "go for a walk", "walk on", "a walk"], "phase": ["first sit"]}
    np.testing.assert_allclose(described_class_embeddings(embed_texts, [kinds])[0], np.array([1, 1, 0]) / np.sqrt(2))
    mixed = {"global": ["walk", "sit"], "phase": ["jump"]}
    np.testing.assert_allclose(
        described_class_embeddings(embed_texts, [mixed, kinds])[0], np.array([0.5, 0.5, np.sqrt(0.5)])
    )
    alone = described_class_embeddings(embed_texts, [{"global": ["walk", "walk on", "jump"]}])
    np.testing.assert_allclose(alone, class_embeddings(embed_texts, ["walk"], ["{}", "{} on"], [["jump"]]))
    for wrong in ([], [{}], [kinds, {"global": ["sit"]}]):
        with pytest.raises(ValueError, match="the same kinds"):
            described_class_embeddings(embed_texts, wrong)
    with pytest.raises(ValueError, match="one text of each kind"):
        described_class_embeddings(embed_texts, [{"global": ["walk"], "phase": []}])


def test_zero_shot_report_is_that_of_hand_counting():
    skeleton_embeds = np.array([[9.0, 1, 0], [0, 0.1, 0], [1, 0, 2], [3, 2, 0]])
    report = zero_shot_metrics(skeleton_embeds, np.eye(3), np.array([0, 1, 2, 1]), list(AXES))
    assert report["top1"] == 0.75 and report["clips"] == 4
    assert report["chance"] == pytest.approx(1 / 3)
    assert report["per_class"] == {"walk": 1.0, "sit": 0.5, "jump": 1.0}
    assert report["mean_class"] == pytest.approx(2.5 / 3)
    assert "top5" not in report


def test_classes_without_clips_stay_candidates_but_have_no_accuracy():
    report = accuracy_report(np.array([[0.1, 0.2, 0.7], [0.6, 0.2, 0.2]]), np.array([0, 0]), list(AXES))
    assert report["top1"] == 0.5 and report["per_class"] == {"walk": 0.5}
    with pytest.raises(ValueError, match="3 class names"):
        accuracy_report(np.zeros((2, 2)), np.array([0, 0]), list(AXES))


def test_neighbours_vote_by_closeness():
    references = np.array([[1.0, 0], [0.9, 0.1], [0, 1.0], [0.1, 0.9]])
    labels = np.array([0, 0, 1, 1])
    scores = nearest_neighbour_scores(np.array([[2.0, 0.1], [0.0, 5.0]]), references, labels, 3, k=3)
    assert scores.argmax(1).tolist() == [0, 1]
    np.testing.assert_allclose(scores.sum(1), 1)
    assert (scores[:, 2] == 0).all()
    one = nearest_neighbour_scores(references, references, labels, 2, k=1)
    np.testing.assert_array_equal(one, np.eye(2)[labels])
    with pytest.raises(ValueError, match="k from 1 to 4"):
        nearest_neighbour_scores(references, references, labels, 2, k=5)
