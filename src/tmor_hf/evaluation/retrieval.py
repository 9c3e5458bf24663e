# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Cross-modal retrieval.

What answers a query right is a rule, one of `RETRIEVAL_RULES`, see `right_answers`. The default of the package is
"group": any item of the query's own group (same meaning), for several clips may show what one caption says, and
several captions may describe one clip. The rank of a query is that of the best right item, counted from 1; items
with an equal score count half, so that a constant similarity gives chance and not luck.

Axes: A queries or items of the first kind (skeletons), B of the second kind (texts).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .zero_shot import unit_vectors

RECALLS = (1, 5, 10)
RETRIEVAL_RULES = ("exact", "group", "threshold")


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
    return pair_retrieval_metrics(similarity, same_group(groups_a, groups_b), names)


def pair_retrieval_metrics(
    similarity: np.ndarray, is_match: np.ndarray, names: tuple[str, str] = ("skeleton", "text")
) -> dict[str, float]:
    """`retrieval_metrics` with the right answers of each query as a table, see `right_answers`.

    Args:
        similarity: (A, B) similarity of each pair, higher is closer.
        is_match: (A, B) bool, whether the two answer each other right.
        names: What rows and columns are, for the keys.

    Raises:
        ValueError: If shapes do not fit, a similarity is NaN, or no query has an answer.
    """
    similarity, is_match = np.asarray(similarity), np.asarray(is_match, dtype=bool)
    if similarity.shape != is_match.shape:
        raise ValueError(f"expected similarity of shape {is_match.shape}, as the answers, got {similarity.shape}")
    if np.isnan(similarity).any():
        raise ValueError("expected similarities without NaN")
    if not is_match.any():
        raise ValueError("expected at least one right answer, got none; no query has one (no group on both sides?)")
    metrics: dict[str, float] = {}
    directions = ((names, similarity, is_match), (names[::-1], similarity.T, is_match.T))
    for (query, item), scores, matches in directions:
        for key, value in _one_way(scores, matches).items():
            metrics[f"{query}_to_{item}_{key}"] = value
    return metrics


def right_answers(
    rule: str,
    is_own: np.ndarray,
    *,
    groups: tuple[Sequence | np.ndarray, Sequence | np.ndarray] | None = None,
    text_embeds: np.ndarray | None = None,
    threshold: float = 0.95,
) -> np.ndarray:
    """Which clips and captions answer each other right.

    - ``"exact"``: a clip and a caption that was written for it. Another caption of the same meaning counts as wrong,
      a false negative, so figures are too low where captions repeat.
    - ``"group"``: a clip and any caption of its group.
    - ``"threshold"``: a clip and its own captions, and all captions whose text is close to one of these: (cosine + 1)
      / 2 above `threshold`, as in TMR (Petrovich et al., 2023, arXiv 2305.00976). The embeddings should come from a
      sentence encoder that has not learned from these clips, else a model judges itself.

    Args:
        rule: One of `RETRIEVAL_RULES`.
        is_own: (A, B) bool, whether caption b was written for clip a.
        groups: For ``"group"``: group of each clip (A,) and of each caption (B,).
        text_embeds: For ``"threshold"``: (B, D) embeddings of the captions.
        threshold: For ``"threshold"``, from 0 to 1.

    Returns:
        (A, B) bool.

    Raises:
        ValueError: If the rule is another, or what it needs is missing or does not fit.
    """
    is_own = np.asarray(is_own, dtype=bool)
    if rule == "exact":
        return is_own
    if rule == "group" and groups is not None:
        found = same_group(*groups)
    elif rule == "threshold" and text_embeds is not None:
        unit = unit_vectors(text_embeds)
        is_close = (unit @ unit.T + 1) / 2 > threshold
        np.fill_diagonal(is_close, True)
        if len(is_close) != is_own.shape[1]:
            raise ValueError(f"expected text_embeds of {is_own.shape[1]} captions, got {len(is_close)}")
        found = is_own.astype(np.float32) @ is_close.astype(np.float32) > 0
    else:
        raise ValueError(
            f"expected a rule out of {', '.join(RETRIEVAL_RULES)}, with groups for 'group' and text_embeds for "
            f"'threshold', got {rule!r}"
        )
    if found.shape != is_own.shape:
        raise ValueError(f"expected groups of {is_own.shape} clips and captions, got {found.shape}")
    return found


def small_batch_retrieval_metrics(
    similarity: np.ndarray,
    is_match: np.ndarray,
    is_own: np.ndarray,
    *,
    batch_size: int = 32,
    seed: int = 0,
    names: tuple[str, str] = ("skeleton", "text"),
) -> dict[str, float]:
    """Retrieval in galleries of a few pairs, the mean over galleries: protocol (d) of TMR, where they hold 32.

    Clips are shuffled and cut into galleries; each clip comes with one of its own captions, drawn at random. Clips
    without a caption, and those that are left over at the end, take no part.

    Args:
        similarity: (A, B).
        is_match: (A, B) bool, the right answers; TMR counts the clip's own caption alone, rule ``"exact"``.
        is_own: (A, B) bool, whether caption b was written for clip a.
        batch_size: Pairs in a gallery.
        seed: Of the shuffling and drawing.
        names: What rows and columns are, for the keys.

    Returns:
        As `pair_retrieval_metrics`, the mean over galleries, queries in sum; and "galleries".

    Raises:
        ValueError: If there are fewer clips with captions than a gallery holds.
    """
    similarity, is_match, is_own = np.asarray(similarity), np.asarray(is_match), np.asarray(is_own, dtype=bool)
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.flatnonzero(is_own.any(axis=1)))
    if not 1 <= batch_size <= len(order):
        raise ValueError(f"expected batch_size from 1 to {len(order)}, the clips with captions, got {batch_size}")
    captions = np.array([rng.choice(np.flatnonzero(is_own[row])) for row in order])
    count = len(order) // batch_size
    reports = []
    for index in range(count):
        part = slice(index * batch_size, (index + 1) * batch_size)
        cells = np.ix_(order[part], captions[part])
        reports.append(pair_retrieval_metrics(similarity[cells], is_match[cells], names))
    combine = {True: np.sum, False: np.mean}
    metrics = {key: float(combine[key.endswith("queries")]([report[key] for report in reports])) for key in reports[0]}
    return metrics | {"galleries": count}


def same_group(groups_a: Sequence | np.ndarray, groups_b: Sequence | np.ndarray) -> np.ndarray:
    """(A, B) bool, whether two items are of one group."""
    codes_a, codes_b = _codes(groups_a, groups_b)
    return codes_a[:, None] == codes_b[None, :]


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


__all__ = [
    "RETRIEVAL_RULES",
    "chance_recall",
    "match_ranks",
    "pair_retrieval_metrics",
    "retrieval_metrics",
    "right_answers",
    "same_group",
    "small_batch_retrieval_metrics",
]
