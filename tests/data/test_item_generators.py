# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Generators of items: the same for the same item, and unlike each other for neighbours."""

import numpy as np

from tmor_hf.data.item_generators import item_generators


def numbers(*place, count=4):
    seed, epoch, *indices = place
    return np.array([rng.random(count) for rng in item_generators(seed, epoch, indices)])


def test_an_item_has_the_same_numbers_whatever_comes_with_it():
    np.testing.assert_array_equal(numbers(3, 1, 5, 7, 1000)[1:2], numbers(3, 1, 7))


def test_seed_epoch_and_index_each_make_a_difference():
    firsts = {numbers(*place)[0, 0] for place in ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 1, 0))}
    assert len(firsts) == 5


def test_neighbours_have_nothing_in_common():
    """The first numbers of 20,000 items in a row are as even, and as free of correlation, as those of one stream."""
    found = numbers(0, 0, *range(20_000), count=6)
    counts = np.histogram(found[:, 0], bins=100, range=(0, 1))[0]
    assert np.square(counts - 200).sum() / 200 < 160  # chi-square with 99 degrees of freedom: one of 10,000 above
    for lag in (1, 2, 64):
        pairs = np.concatenate([found[lag:], found[:-lag]], axis=1)
        off_diagonal = np.corrcoef(pairs.T) - np.eye(12)
        assert np.abs(off_diagonal).max() < 5 / np.sqrt(len(pairs))
