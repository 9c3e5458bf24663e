# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Few labelled clips per class, drawn by seed, and the clips that they are to be tested on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ..data.classification import labels_of
from ..data.clips import BatchReader, MotionClip, MotionDataset, get_clips

logger = logging.getLogger(__name__)


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
        query_clips: Where the queries come from, such as a test split. By default, and if they are `clips`, the rest.
        index: Number of the draw, kept in the episode.

    Returns:
        The episode; its clips are in memory, those of the support class by class. The next clip of the draw takes the
        place of one that cannot be read.

    Raises:
        ValueError: If k or `num_queries` is below 1, a class has too few clips, or there is no clip to test on.
    """
    for name, value in (("k", k), ("num_queries", num_queries)):
        if value is not None and value < 1:
            raise ValueError(f"expected {name} of at least 1, got {value}")
    labels = labels_of(clips)
    names = tuple(getattr(clips, "class_names", ())) or _names_of(clips, labels)
    of_class = [rng.permutation(np.flatnonzero(labels == label)) for label in range(len(names))]
    query_clips = None if query_clips is clips else query_clips
    needed = k + (query_clips is None)
    for name, rows in zip(names, of_class, strict=True):
        if len(rows) < needed:
            raise ValueError(
                f"expected at least {needed} clips of each class for {k}-shot"
                f"{' and a query' if query_clips is None else ''}, got {len(rows)} of {name!r}; lower k or leave the "
                "class out"
            )
    drawn = [_read(clips, rows, k) for rows in of_class]
    for name, read in zip(names, drawn, strict=True):
        if len(read) < k:
            raise ValueError(f"expected {k} clips of {name!r} that can be read, got {len(read)}; lower k")
    if query_clips is None:
        query_clips, rest = clips, [rows[max(read) + 1 :] for rows, read in zip(of_class, drawn, strict=True)]
    else:
        query_labels = labels_of(query_clips)
        rest = [rng.permutation(np.flatnonzero(query_labels == label)) for label in range(len(names))]
    queries = [(rows[place], clip) for rows in rest for place, clip in _read(query_clips, rows, num_queries).items()]
    if not queries:
        raise ValueError(
            "expected clips of these classes in query_clips, got none; do its labels mean the same classes?"
        )
    title = getattr(clips, "name", "clips")
    return Episode(
        MotionDataset((clip for read in drawn for clip in read.values()), title, names),
        MotionDataset((clip for _, clip in sorted(queries, key=itemgetter(0))), title, names),
        index,
    )


def _read(clips: Sequence[MotionClip], rows: np.ndarray, count: int | None) -> dict[int, MotionClip]:
    """The first clips that can be read, by their places among the rows."""
    if isinstance(clips, BatchReader):  # much faster at once
        return dict(enumerate(get_clips(clips, rows[:count].tolist())))
    found: dict[int, MotionClip] = {}
    for place, row in enumerate(rows):
        if len(found) == count:
            break
        try:
            found[place] = clips[int(row)]
        except (ValueError, OSError) as error:
            logger.warning("left out: %s", error)
    return found


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
