# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Which clip each item of an epoch is, and which items are read together.

Axes: N clips, E items of an epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .clips import ClipMixture, MotionClip, is_lazy

_BLOCK = 256  # items of a block of clips that are in memory


class DrawingPlan(NamedTuple):
    """One epoch.

    Args:
        order: (E,) clip of each item.
        blocks: First item of each run of items that are read together, rising from 0.
    """

    order: np.ndarray
    blocks: np.ndarray


def draw_epoch(
    clips: Sequence[MotionClip], weights: np.ndarray | None, count: int, seed: int, epoch: int
) -> DrawingPlan:
    """The plan of an epoch, a function of its arguments alone.

    Args:
        clips: The clips.
        weights: (N,) how often each is drawn relative to others; None draws all alike.
        count: E.
        seed: Seed of the draws.
        epoch: Number of the epoch.
    """
    rng = np.random.default_rng([seed, epoch])
    draws_all = weights is None and count == len(clips)
    if is_lazy(clips) and weights is not None and count == len(clips) and (weights == weights[0]).all():
        draws_all = True  # each once, exactly
    if draws_all:
        indices = np.arange(count)
    else:
        indices = _draw(rng, np.ones(len(clips)) if weights is None else weights, count)
    if is_lazy(clips):
        return _by_block(rng, clips, indices)
    order = indices if draws_all else rng.permutation(indices)
    return DrawingPlan(order, np.arange(0, count, _BLOCK))


def _draw(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """(count,) rising indices, each as often as its weight says up to one (systematic sampling)."""
    edges = np.cumsum(weights) / weights.sum()
    points = (np.arange(count) + rng.random()) / count
    return np.searchsorted(edges, points, side="right").clip(max=len(weights) - 1)


def _by_block(rng: np.random.Generator, clips: Sequence[MotionClip], indices: np.ndarray) -> DrawingPlan:
    """Items block by block. A clip that is drawn several times is in as many blocks, so that no batch is full of it.

    Clips in memory have no blocks of their own: they are spread over random ones.
    """
    first = np.searchsorted(indices, indices)
    turn = np.arange(len(indices)) - first  # how often the clip was drawn before
    block = np.searchsorted(clips.blocks, indices, side="right") - 1
    if isinstance(clips, ClipMixture):
        free = np.flatnonzero(clips.is_in_memory[indices])
        free = free[np.lexsort((rng.random(len(free)), turn[free]))]
        place = np.arange(len(free)) - np.searchsorted(turn[free], turn[free])
        block[free] = -1 - place // _BLOCK  # numbers that no block of a lazy source has
    order = np.lexsort((indices, block, turn))
    is_start = np.ones(len(order), dtype=bool)
    is_start[1:] = (np.diff(block[order]) != 0) | (np.diff(turn[order]) != 0)
    return DrawingPlan(indices[order], np.flatnonzero(is_start))


__all__ = ["DrawingPlan", "draw_epoch"]
