# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Zero-shot classification by text, and nearest neighbours, on embeddings.

Axes: N clips, K classes, D embedding size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .metrics import mean_class_accuracy, per_class_accuracy, top_k_accuracy

PROMPT_TEMPLATES: tuple[str, ...] = (
    "{}",
    "a person {}",
    "a person is {}",
    "someone doing this: {}",
    "human action: {}",
    "the action of a person: {}",
    "a motion of the human body: {}",
)


def prompts(class_name: str, templates: Sequence[str] = PROMPT_TEMPLATES) -> list[str]:
    """The class name in every template.

    Raises:
        ValueError: If a template has no ``{}``.
    """
    for template in templates:
        if "{}" not in template:
            raise ValueError(f"expected templates with a place {{}} for the class name, got {template!r}")
    return [template.format(class_name) for template in templates]


def class_embeddings(
    embed_texts: Callable[[list[str]], np.ndarray],
    class_names: Sequence[str],
    templates: Sequence[str] = PROMPT_TEMPLATES,
    paraphrases: Sequence[Sequence[str]] | None = None,
) -> np.ndarray:
    """One text embedding for each class: the mean over its prompts, each of unit length, brought to unit length.

    Args:
        embed_texts: Maps texts to their embeddings (number of texts, D).
        class_names: Phrase of each class.
        templates: Prompt templates with ``{}``.
        paraphrases: Further whole sentences for each class (an ensemble, no plain zero-shot by class name).

    Returns:
        (K, D) float64 of unit length.

    Raises:
        ValueError: If `paraphrases` are not one sequence for each class, or there is no class.
    """
    if not class_names or (paraphrases is not None and len(paraphrases) != len(class_names)):
        raise ValueError(f"expected at least one class and paraphrases for each of {len(class_names)} classes")
    texts = [prompts(name, templates) for name in class_names]
    if paraphrases is not None:
        texts = [prompted + list(more) for prompted, more in zip(texts, paraphrases, strict=True)]
    return _mean_directions(embed_texts, texts)


def described_class_embeddings(
    embed_texts: Callable[[list[str]], np.ndarray], descriptions: Sequence[Mapping[str, Sequence[str]]]
) -> np.ndarray:
    """One text embedding for each class from descriptions of several kinds, which all weigh alike.

    The texts of a kind are averaged, each of unit length; then the means of the kinds, each brought to unit length;
    and the result is brought to unit length. So a kind with many texts does not outvote one with few.

    Args:
        embed_texts: Maps texts to their embeddings (number of texts, D).
        descriptions: For each class, kind -> texts, such as "global", "body_part", "phase".

    Returns:
        (K, D) float64 of unit length.

    Raises:
        ValueError: If there is no class, classes have different kinds, or a kind has no text.
    """
    if not descriptions or not descriptions[0] or any(set(one) != set(descriptions[0]) for one in descriptions):
        raise ValueError(
            f"expected at least one class, and the same kinds for each, got {list(map(list, descriptions))}"
        )
    if not all(texts for one in descriptions for texts in one.values()):
        raise ValueError("expected at least one text of each kind for each class")
    kinds = [list(one[kind]) for one in descriptions for kind in descriptions[0]]
    means = _mean_directions(embed_texts, kinds).reshape(len(descriptions), len(descriptions[0]), -1)
    return unit_vectors(means.mean(axis=1))


def _mean_directions(embed_texts: Callable[[list[str]], np.ndarray], texts: Sequence[list[str]]) -> np.ndarray:
    """(lists of texts, D) of unit length: for each list the mean of its texts, each of unit length."""
    embeddings = unit_vectors(embed_texts([text for some in texts for text in some]))
    starts = np.cumsum([0] + [len(some) for some in texts])
    means = [embeddings[start:end].mean(axis=0) for start, end in zip(starts[:-1], starts[1:], strict=True)]
    return unit_vectors(np.stack(means))


def zero_shot_metrics(
    skeleton_embeds: np.ndarray, class_embeds: np.ndarray, labels: np.ndarray, class_names: Sequence[str]
) -> dict[str, Any]:
    """Accuracy of naming each clip by the class whose text is nearest by cosine.

    Args:
        skeleton_embeds: (N, D).
        class_embeds: (K, D), see `class_embeddings`.
        labels: (N,) true classes.
        class_names: Name of each class.

    Returns:
        "top1", "top5" (for more than five classes), "mean_class", "chance" (one over the number of classes),
        "clips", and "per_class": name -> accuracy for the classes that have clips.
    """
    scores = unit_vectors(skeleton_embeds) @ unit_vectors(class_embeds).T
    return accuracy_report(scores, labels, class_names)


def accuracy_report(scores: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> dict[str, Any]:
    """`zero_shot_metrics` of scores (N, K) that are already there, e.g. from a pipeline."""
    scores, labels, classes = np.asarray(scores), np.asarray(labels), len(class_names)
    if scores.ndim != 2 or scores.shape[1] != classes:
        raise ValueError(f"expected scores (N, {classes}) for {classes} class names, got {scores.shape}")
    predictions = scores.argmax(axis=1)
    report: dict[str, Any] = {"top1": top_k_accuracy(scores, labels)}
    if classes > 5:
        report["top5"] = top_k_accuracy(scores, labels, k=5)
    report["mean_class"] = mean_class_accuracy(predictions, labels, classes)
    report["chance"] = 1.0 / classes
    report["clips"] = len(labels)
    accuracies = per_class_accuracy(predictions, labels, classes)
    report["per_class"] = {
        name: float(value) for name, value in zip(class_names, accuracies, strict=True) if not np.isnan(value)
    }
    return report


def nearest_neighbour_scores(
    queries: np.ndarray, references: np.ndarray, labels: np.ndarray, num_classes: int, k: int = 10
) -> np.ndarray:
    """Scores of a k-nearest-neighbours vote by cosine, each neighbour weighted by exp(similarity / 0.07).

    The weighting is that of instance discrimination (Wu et al., 2018, arXiv 1805.01978).

    Args:
        queries: (N, D) embeddings to classify.
        references: (R, D) embeddings of known class.
        labels: (R,) their classes.
        num_classes: Number of classes K.
        k: How many neighbours vote.

    Returns:
        (N, K) shares of the vote; each row sums to 1.

    Raises:
        ValueError: If shapes do not fit or k is not in 1..R.
    """
    labels = np.asarray(labels)
    if labels.shape != (len(references),) or not 1 <= k <= len(references):
        raise ValueError(
            f"expected a label for each of {len(references)} references and k from 1 to {len(references)}, "
            f"got {labels.shape} labels and k={k}"
        )
    similarity = unit_vectors(queries) @ unit_vectors(references).T
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    close = np.take_along_axis(similarity, nearest, axis=1)
    weights = np.exp((close - close[:, :1]) / 0.07)
    votes = np.zeros((len(similarity), num_classes))
    np.add.at(votes, (np.arange(len(votes))[:, None], labels[nearest]), weights)
    return votes / votes.sum(axis=1, keepdims=True)


def unit_vectors(embeddings: np.ndarray) -> np.ndarray:
    """(..., D) float64 embeddings of unit length; zeros stay zeros."""
    embeddings = np.asarray(embeddings, dtype=np.float64)
    return embeddings / np.maximum(np.linalg.norm(embeddings, axis=-1, keepdims=True), 1e-12)


__all__ = [
    "PROMPT_TEMPLATES",
    "accuracy_report",
    "class_embeddings",
    "described_class_embeddings",
    "nearest_neighbour_scores",
    "prompts",
    "unit_vectors",
    "zero_shot_metrics",
]
