# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A generator of random numbers for each item of a data set, made quickly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random.bit_generator import ISeedSequence


class _Words(ISeedSequence):
    """Gives the words that it was made of, in the place of a `SeedSequence`, which takes ten times as long."""

    def __init__(self, words: np.ndarray):
        self.words = words

    def generate_state(self, n_words: int, dtype: type = np.uint32) -> np.ndarray:
        if n_words != len(self.words) or np.dtype(dtype) != self.words.dtype:
            raise ValueError(f"expected to be asked for {len(self.words)} words of uint64, got {n_words} of {dtype}")
        return self.words


def item_generators(seed: int, epoch: int, indices: Sequence[int]) -> list[np.random.Generator]:
    """A generator for each item, a function of (seed, epoch, index) alone.

    SFC64 mixes the words of its seed in twelve rounds before it gives a number, so that neighbouring indices make
    streams that have nothing in common.
    """
    words = np.empty((len(indices), 3), dtype=np.uint64)
    words[:] = np.random.SeedSequence([seed, epoch]).generate_state(3, np.uint64)
    words[:, 0] += np.asarray(indices, dtype=np.uint64)
    return [np.random.Generator(np.random.SFC64(_Words(row))) for row in words]


__all__ = ["item_generators"]
