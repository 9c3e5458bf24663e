# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Heads on features: that each is the linear form of what it stands for."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from tmor_hf.few_shot.heads import LinearHead, Whitening, fit_head, mean_head, text_and_mean_head, text_head


@pytest.fixture
def features():
    """(60, 6) features of three classes; along the last axis they vary much and say nothing."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 3
    rows = torch.randn(60, 6, generator=generator, dtype=torch.float64) * 0.3
    rows[torch.arange(60), labels] += 1.0
    rows[:, 5] += 20 * torch.randn(60, generator=generator, dtype=torch.float64)
    return rows + 5.0, labels


def accuracy(head, rows, labels):
    return (head(rows).argmax(dim=1) == labels).double().mean().item()


def test_whitened_features_vary_alike_in_all_directions(features):
    rows, labels = features
    whitened = Whitening.of(rows, labels, shrinkage=0.0)(rows)
    assert whitened.square().sum(dim=1).mean() == pytest.approx(1)
    within = whitened - torch.stack([whitened[labels == label].mean(dim=0) for label in range(3)])[labels]
    covariance = within.T @ within
    torch.testing.assert_close(covariance, covariance[0, 0] * torch.eye(6, dtype=rows.dtype), atol=0.01, rtol=0.01)


def test_without_whitening_the_mean_head_ranks_by_plain_cosine(features):
    rows, labels = features
    means = torch.stack([rows[labels == label].mean(dim=0) for label in range(3)])
    centre = means.mean(dim=0)
    cosines = F.normalize(rows - centre, dim=-1) @ F.normalize(means - centre, dim=-1).T
    ranks = mean_head(rows, labels, shrinkage=1.0)(rows).argsort(dim=1)
    assert torch.equal(ranks, cosines.argsort(dim=1))


def test_variation_within_classes_does_not_disturb_the_mean_head(features):
    rows, labels = features
    assert accuracy(mean_head(rows, labels, shrinkage=1.0), rows, labels) < 0.8
    assert accuracy(mean_head(rows, labels, shrinkage=0.001), rows, labels) > 0.95


def test_one_clip_of_each_class_is_enough(features):
    rows, labels = (value[:3] for value in features)
    zeros = LinearHead(torch.zeros(3, 6, dtype=rows.dtype), torch.zeros(3, dtype=rows.dtype))
    for head in (mean_head(rows, labels), fit_head(rows, labels, zeros)):
        assert accuracy(head, rows, labels) == 1 and head.weight.isfinite().all()


def test_a_strong_pull_keeps_the_initial_head_and_a_weak_one_fits(features):
    rows, labels = features
    generator = torch.Generator().manual_seed(1)
    initial = LinearHead(torch.randn(3, 6, generator=generator).double(), torch.zeros(3).double())
    kept = fit_head(rows, labels, initial, strength=1e6)
    torch.testing.assert_close(kept.weight, initial.weight, atol=1e-4, rtol=0)
    fitted = fit_head(rows, labels, initial, strength=1e-3)
    assert accuracy(fitted, rows, labels) > max(0.95, accuracy(initial, rows, labels))


def test_the_fit_is_where_the_gradient_vanishes(features):
    rows, labels = features
    initial = LinearHead(torch.zeros(3, 6).double(), torch.zeros(3).double())
    head, whitening = fit_head(rows, labels, initial, strength=0.1), Whitening.of(rows, labels)
    # d/dW of the mean cross-entropy in whitened features must balance the pull, strength * W.
    residual = head(rows).softmax(dim=1) - F.one_hot(labels)
    weight = head.weight @ torch.linalg.inv(whitening.matrix).T
    torch.testing.assert_close(residual.T @ whitening(rows) / len(rows), -0.1 * weight, atol=1e-4, rtol=1e-3)


def test_the_text_head_ranks_classes_as_cosines_in_the_projected_space_do(features):
    rows, _ = features
    generator = torch.Generator().manual_seed(2)
    projection = torch.randn(4, 6, generator=generator).double()
    texts = torch.randn(5, 4, generator=generator).double()
    cosines = F.normalize(rows @ projection.T, dim=-1) @ F.normalize(texts, dim=-1).T
    logits = text_head(texts, projection, 20.0, rows)(rows)
    assert torch.equal(logits.argsort(dim=1), cosines.argsort(dim=1))
    assert logits.norm() / cosines.norm() == pytest.approx(20, rel=0.2)


@pytest.fixture
def text():
    """A head of three classes with large weights, and a part that all classes have in common."""
    weight = torch.randn(3, 6, generator=torch.Generator().manual_seed(3)).double()
    return LinearHead(30 * weight + 100, torch.arange(3.0).double())


def test_texts_count_as_so_many_clips_of_their_class(features, text):
    rows, labels = features
    clips = torch.tensor([20, 20, 20])
    of_means = mean_head(rows, labels)
    no_text = text_and_mean_head(rows, labels, text, clips, text_clips=0)
    torch.testing.assert_close(no_text, of_means)
    only_text = text_and_mean_head(rows, labels, text, clips, text_clips=1e9)
    angles = F.cosine_similarity(only_text.weight, text.weight - text.weight.mean(dim=0))
    torch.testing.assert_close(angles, torch.ones(3, dtype=rows.dtype))
    head = text_and_mean_head(rows, labels, text, torch.tensor([4, 4, 4]), text_clips=4)
    torch.testing.assert_close(head, text_and_mean_head(rows, labels, text, torch.tensor([1, 1, 1]), text_clips=1))


def test_the_more_clips_a_class_has_the_less_its_text_counts(features, text):
    rows, labels = features
    means = mean_head(rows, labels).weight
    head = text_and_mean_head(rows, labels, text, torch.tensor([1, 5, 100]), text_clips=4).weight
    near_means = F.cosine_similarity(head @ spread(rows, labels), means @ spread(rows, labels))
    assert near_means[0] < near_means[1] < near_means[2]
    assert near_means[2] > 0.99


def spread(rows, labels):
    """Maps weights to whitened features, in which angles are compared."""
    return torch.linalg.inv(Whitening.of(rows, labels).matrix).T
