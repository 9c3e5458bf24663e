# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Parts of a set: a validation part comes out of the training part only."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

_VALIDATION_SHARE = 0.1


def parts(is_test: np.ndarray, is_validation: np.ndarray) -> list[str]:
    """Part of each clip; validation never takes from test."""
    return np.where(is_test, "test", np.where(is_validation, "validation", "train")).tolist()


def drawn(strata: np.ndarray, is_available: np.ndarray) -> np.ndarray:
    """(N,) bool: a tenth of the available clips of each stratum (at least one of two or more), by a fixed seed."""
    rng = np.random.default_rng(0)
    is_drawn = np.zeros(len(strata), dtype=bool)
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero((strata == stratum) & is_available))
        count = max(round(_VALIDATION_SHARE * len(members)), 1) if len(members) > 1 else 0
        is_drawn[members[:count]] = True
    return is_drawn


def every_tenth(subjects: Iterable) -> frozenset:
    """Every tenth of the sorted subjects, from the tenth on: who is held out for validation."""
    return frozenset(sorted(subjects)[9::10])


def part_of(is_train: bool, is_test: bool, subject: object, held_out: Collection) -> str | None:
    """Part of one clip; None if it is in neither."""
    if is_test:
        return "test"
    if not is_train:
        return None
    return "validation" if subject in held_out else "train"


__all__ = ["drawn", "every_tenth", "part_of", "parts"]
