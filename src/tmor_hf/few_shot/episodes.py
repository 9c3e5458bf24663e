# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Few labelled clips per class, drawn by seed, and the clips that they are to be tested on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..data.classification import labels_of
from ..data.clips import MotionClip, MotionDataset, get_clips


class Episode(NamedTuple):
    """One draw.

    Args:
        support: k clips of each class, to adapt to.
        query: Other clips of the same classes, to test on.
        index: Which draw of its seed this is.
    """

    support: MotionDataset
    query: MotionDataset
    index: int = 0


def sample_k_shot(
    clips: Sequence[MotionClip],
    k: int,
    rng: np.random.Generator,
    num_queries: int | None = None,
    query_clips: Sequence[MotionClip] | None = None,
    index: int = 0,
) -> Episode:
    """Draws k clips of each class, and clips to test on.

    Args:
        clips: Clips with classes, in memory or lazy.
        k: Clips of each class to learn from.
        rng: Source of randomness.
        num_queries: Clips of each class to test on, or as many as there are; None takes all.
        query_clips: Where the queries come from, such as a test split. By default the rest of `clips`.
        index: Number of the draw, kept in the episode.

    Returns:
        The episode; its clips are in memory, those of the support class by class.

    Raises:
        ValueError: If k or `num_queries` is below 1, a class has too few clips, or there is no clip to test on.
    """
    for name, value in (("k", k), ("num_queries", num_queries)):
        if value is not None and value < 1:
            raise ValueError(f"expected {name} of at least 1, got {value}")
    labels = labels_of(clips)
    names = tuple(getattr(clips, "class_names", ())) or _names_of(clips, labels)
    of_class = [rng.permutation(np.flatnonzero(labels == label)) for label in range(len(names))]
    needed = k + (query_clips is None)
    for name, rows in zip(names, of_class, strict=True):
        if len(rows) < needed:
            raise ValueError(
                f"expected at least {needed} clips of each class for {k}-shot"
                f"{' and a query' if query_clips is None else ''}, got {len(rows)} of {name!r}; lower k or leave the "
                "class out"
            )
    support = np.concatenate([rows[:k] for rows in of_class])
    if query_clips is None:
        query_clips, rest = clips, [rows[k:] for rows in of_class]
    else:
        query_labels = labels_of(query_clips)
        rest = [rng.permutation(np.flatnonzero(query_labels == label)) for label in range(len(names))]
    query = np.sort(np.concatenate([rows[:num_queries] for rows in rest]))
    if not len(query):
        raise ValueError(
            "expected clips of these classes in query_clips, got none; do its labels mean the same classes?"
        )
    title = getattr(clips, "name", "clips")
    return Episode(
        MotionDataset(get_clips(clips, support.tolist()), title, names),
        MotionDataset(get_clips(query_clips, query.tolist()), title, names),
        index,
    )


def episodes(
    clips: Sequence[MotionClip],
    k: int,
    count: int,
    seed: int = 0,
    num_queries: int | None = None,
    query_clips: Sequence[MotionClip] | None = None,
    start: int = 0,
) -> Iterator[Episode]:
    """Draws episode `start`, `start + 1`, ... up to `count`.

    What an episode holds depends on (seed, k, its index) alone, so that a run can go on where another stopped, and
    that several methods see the same episodes.

    Args:
        clips: As for `sample_k_shot`, and so are `k`, `num_queries` and `query_clips`.
        count: Number of episodes of the whole evaluation.
        seed: Seed of all of them.
        start: First one to draw.
    """
    for index in range(start, count):
        yield sample_k_shot(clips, k, np.random.default_rng([seed, k, index]), num_queries, query_clips, index)


def _names_of(clips: Sequence[MotionClip], labels: np.ndarray) -> tuple[str, ...]:
    """A name for each label up to the highest, of clips that do not come with `class_names`."""
    names = [f"class {label}" for label in range(int(labels.max()) + 1)]
    for row, label in zip(*np.unique(labels, return_index=True)[::-1], strict=True):
        names[label] = clips[row].class_name or names[label]
    return tuple(names)


__all__ = ["Episode", "episodes", "sample_k_shot"]
