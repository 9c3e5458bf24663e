# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Linear classifiers on frozen features that do well with a handful of clips per class.

The features of an encoder vary most along directions that tell nothing about the class: viewpoint, build, tempo. Clips
of one class, and augmented views of one clip, show these directions. All heads here therefore measure in whitened
features, in which such variation is alike in all directions: z = (x - mean) A, where A A^T is the inverse of the
within-class covariance, shrunk towards a multiple of the identity (as in regularised discriminant analysis, Friedman,
1989). A head in z is a head in x, so that all of them are plain linear classifiers of the model.

Axes: R rows (clips times views), H feature size, D projection size, K classes.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

SHRINKAGE = 0.03
STRENGTH = 0.1
TEXT_CLIPS = 4.0
_MEAN_SCALE = 10.0  # of cosines to class means: makes softmax scores of them that are neither flat nor sure


class LinearHead(NamedTuple):
    """Logits are `features @ weight.T + bias`.

    Args:
        weight: (K, H).
        bias: (K,).
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """(R, K) logits of features (R, H)."""
        return features @ self.weight.T + self.bias


class Whitening(NamedTuple):
    """z = (x - mean) @ matrix, of root mean square length 1 over the rows that it was made from.

    Args:
        mean: (H,) mean of the class means.
        matrix: (H, H).
    """

    mean: Tensor
    matrix: Tensor

    @classmethod
    def of(cls, features: Tensor, labels: Tensor, shrinkage: float = SHRINKAGE) -> Whitening:
        """Measures the variation within classes.

        Args:
            features: (R, H).
            labels: (R,).
            shrinkage: From 0 to 1, how far the covariance is pulled to a multiple of the identity; 1 whitens nothing.
        """
        means = class_means(features, labels)
        mean = means.mean(dim=0)
        within = features - means[labels]
        covariance = within.T @ within / len(within)
        variance = covariance.diagonal().mean()
        scale = float((features - mean).square().mean())
        identity = torch.eye(len(covariance), dtype=features.dtype)
        # The last term holds where nothing varies within classes: one view of one clip each.
        shrunk = (1 - shrinkage) * covariance + (shrinkage * variance + 1e-6 * scale + 1e-12) * identity
        values, vectors = torch.linalg.eigh(shrunk)
        matrix = vectors / values.sqrt()
        length = ((features - mean) @ matrix).square().sum(dim=1).mean().sqrt()
        return cls(mean, matrix / length.clamp(min=1e-12))

    def __call__(self, features: Tensor) -> Tensor:
        return (features - self.mean) @ self.matrix

    def to_features(self, head: LinearHead) -> LinearHead:
        """A head on z as a head on x."""
        weight = head.weight @ self.matrix.T
        return LinearHead(weight, head.bias - weight @ self.mean)

    def cosine_head(self, directions: Tensor) -> LinearHead:
        """Names the class whose direction (K, H) in z is nearest by cosine.

        The length of a clip's own z is left out of the cosine, since it is the same for all classes: what remains is
        linear, and its order of classes is that of the cosines.
        """
        weight = _MEAN_SCALE * F.normalize(directions, dim=-1)
        return self.to_features(LinearHead(weight, weight.new_zeros(len(weight))))


def class_means(features: Tensor, labels: Tensor) -> Tensor:
    """(K, H) means of the rows of each class."""
    members = F.one_hot(labels).to(features.dtype)
    return members.T @ features / members.sum(dim=0)[:, None]


def mean_head(features: Tensor, labels: Tensor, shrinkage: float = SHRINKAGE) -> LinearHead:
    """Names the class whose mean is nearest by the cosine of whitened features."""
    whitening = Whitening.of(features, labels, shrinkage)
    return whitening.cosine_head(class_means(whitening(features), labels))


def text_and_mean_head(
    features: Tensor,
    labels: Tensor,
    text: LinearHead,
    num_clips: Tensor,
    text_clips: float = TEXT_CLIPS,
    shrinkage: float = SHRINKAGE,
) -> LinearHead:
    """`mean_head`, in which the text of a class counts as so many more clips of it.

    The directions of the class means and those of the text head, both of unit length in whitened features, are
    averaged with the weights `num_clips` and `text_clips`, as for the mean of a normal distribution under a conjugate
    prior: one clip leaves most to the text, twenty leave it little. What all classes of the text head have in common
    is left out.

    Args:
        features: (R, H).
        labels: (R,).
        text: The text head, see `text_head`.
        num_clips: (K,) clips of each class, of which the rows are views.
        text_clips: How many clips a text is worth.
        shrinkage: See `Whitening.of`.
    """
    whitening = Whitening.of(features, labels, shrinkage)
    means = F.normalize(class_means(whitening(features), labels), dim=-1)
    differences = text.weight - text.weight.mean(dim=0)
    texts = F.normalize(torch.linalg.solve(whitening.matrix, differences.T).T, dim=-1)
    return whitening.cosine_head(num_clips[:, None] * means + text_clips * texts)


def text_head(class_embeds: Tensor, projection: Tensor, logit_scale: float, features: Tensor) -> LinearHead:
    """Names the class whose text is nearest by cosine in the space shared with text, as zero-shot does.

    Similarity lives in the projected space, the head in that of pooled features: cos(P x, t) = t^T P x / |P x| for a
    text t of unit length, and |P x| is the same for all classes. It is replaced by its mean over the given features,
    so that logits are about as large as those of zero-shot classification; the order of classes is the same.

    Args:
        class_embeds: (K, D) text embeddings.
        projection: (D, H) weight of the skeleton projection.
        logit_scale: Inverse temperature.
        features: (R, H) whose typical length counts.
    """
    texts = F.normalize(class_embeds, dim=-1)
    length = (features @ projection.T).norm(dim=-1).mean().clamp(min=1e-12)
    return LinearHead(logit_scale / length * texts @ projection, texts.new_zeros(len(texts)))


def fit_head(
    features: Tensor,
    labels: Tensor,
    initial: LinearHead,
    strength: float = STRENGTH,
    shrinkage: float = SHRINKAGE,
) -> LinearHead:
    """Multinomial logistic regression that is held near an initial head.

    It minimises the mean cross-entropy plus `strength` / 2 times the squared distance from the initial head, measured
    in whitened features: the most probable head if heads vary about the initial one.

    Args:
        features: (R, H).
        labels: (R,).
        initial: Where to start, and what to stay near.
        strength: How strongly.
        shrinkage: See `Whitening.of`.
    """
    whitening = Whitening.of(features, labels, shrinkage)
    rows, offset = whitening(features), initial(features)
    change = LinearHead(torch.zeros(initial.weight.shape, dtype=rows.dtype), torch.zeros_like(initial.bias))
    for tensor in change:
        tensor.requires_grad_()
    optimizer = torch.optim.LBFGS(change, max_iter=100, tolerance_change=1e-8, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        distance = change.weight.square().sum() + change.bias.square().sum()
        loss = F.cross_entropy(offset + change(rows), labels) + strength / 2 * distance
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(closure)
    found = whitening.to_features(LinearHead(change.weight.detach(), change.bias.detach()))
    return LinearHead(initial.weight + found.weight, initial.bias + found.bias)


__all__ = ["LinearHead", "Whitening", "class_means", "fit_head", "mean_head", "text_and_mean_head", "text_head"]
