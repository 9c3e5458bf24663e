# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Cross-modal retrieval.

A query is answered right by any item of its own group (same meaning): several clips may show what one caption says,
and several captions may describe one clip. The rank of a query is that of the best such item, counted from 1; items
with an equal score count half, so that a constant similarity gives chance and not luck.

Axes: A queries or items of the first kind (skeletons), B of the second kind (texts).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RECALLS = (1, 5, 10)


def retrieval_metrics(
    similarity: np.ndarray,
    groups_a: Sequence | np.ndarray,
    groups_b: Sequence | np.ndarray,
    names: tuple[str, str] = ("skeleton", "text"),
) -> dict[str, float]:
    """Recall at 1, 5 and 10 and the median rank, in both directions, with what chance gives.

    Args:
        similarity: (A, B) similarity of each pair, higher is closer.
        groups_a: (A,) group (number or string) of each row.
        groups_b: (B,) group of each column.
        names: What rows and columns are, for the keys.

    Returns:
        For each direction, e.g. "skeleton_to_text": "<direction>_R@1", "_R@5", "_R@10" (shares of the queries),
        "_median_rank", "_chance_R@1", "_chance_R@5" and "_chance_R@10". Queries whose group has no item on the other
        side have no right answer and are left out; "<direction>_queries" counts the others.

    Raises:
        ValueError: If shapes do not fit, a similarity is NaN, or no query has an answer.
    """
    similarity = np.asarray(similarity)
    codes_a, codes_b = _codes(groups_a, groups_b)
    if similarity.shape != (len(codes_a), len(codes_b)):
        raise ValueError(
            f"expected similarity of shape {(len(codes_a), len(codes_b))} for these groups, got {similarity.shape}"
        )
    if np.isnan(similarity).any():
        raise ValueError("expected similarities without NaN")
    is_match = codes_a[:, None] == codes_b[None, :]
    if not is_match.any():
        raise ValueError("expected at least one group on both sides, got none; no query has a right answer")
    metrics: dict[str, float] = {}
    directions = ((names, similarity, is_match), (names[::-1], similarity.T, is_match.T))
    for (query, item), scores, matches in directions:
        for key, value in _one_way(scores, matches).items():
            metrics[f"{query}_to_{item}_{key}"] = value
    return metrics


def match_ranks(similarity: np.ndarray, is_match: np.ndarray) -> np.ndarray:
    """(A,) rank, from 1, of the best match of each row; ties count half. Rows must have a match."""
    best = np.where(is_match, similarity, -np.inf).max(axis=1, keepdims=True)
    above = ((similarity > best) & ~is_match).sum(axis=1)
    tied = ((similarity == best) & ~is_match).sum(axis=1)
    return 1.0 + above + 0.5 * tied


def chance_recall(num_items: int, num_matches: np.ndarray, k: int) -> np.ndarray:
    """Probability that k items drawn without looking hold one of `num_matches` right ones, for each query."""
    misses = np.ones(len(num_matches))
    for drawn in range(min(k, num_items)):
        misses *= np.clip((num_items - num_matches - drawn) / (num_items - drawn), 0.0, 1.0)
    return 1.0 - misses


def _one_way(similarity: np.ndarray, is_match: np.ndarray) -> dict[str, float]:
    has_answer = is_match.any(axis=1)
    similarity, is_match = similarity[has_answer], is_match[has_answer]
    ranks = match_ranks(similarity, is_match)
    result = {f"R@{k}": float((ranks <= k).mean()) for k in RECALLS}
    result["median_rank"] = float(np.median(ranks))
    matches = is_match.sum(axis=1)
    for k in RECALLS:
        result[f"chance_R@{k}"] = float(chance_recall(similarity.shape[1], matches, k).mean())
    result["queries"] = float(len(ranks))
    return result


def _codes(groups_a: Sequence | np.ndarray, groups_b: Sequence | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Groups of both sides as integers that are equal where the groups are."""
    groups_a, groups_b = np.asarray(groups_a), np.asarray(groups_b)
    if groups_a.ndim != 1 or groups_b.ndim != 1:
        raise ValueError(f"expected groups (A,) and (B,), got {groups_a.shape} and {groups_b.shape}")
    if (groups_a.dtype.kind in "US") != (groups_b.dtype.kind in "US"):
        raise ValueError("expected groups of one kind, got strings on one side and numbers on the other")
    codes = np.unique(np.concatenate([groups_a, groups_b]), return_inverse=True)[1]
    return codes[: len(groups_a)], codes[len(groups_a) :]


__all__ = ["chance_recall", "match_ranks", "retrieval_metrics"]
