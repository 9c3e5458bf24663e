# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Confidence intervals over episodes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tmor_hf.few_shot import mean_interval


def test_the_interval_is_that_of_student():
    mean, half = mean_interval([1.0, 2.0, 3.0])
    assert mean == 2 and half == pytest.approx(4.302652729 / math.sqrt(3))  # t with 2 degrees of freedom, 97.5%


def test_it_holds_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    draws = [mean_interval(rng.normal(5, 2, size=6), confidence=0.8) for _ in range(1000)]
    assert np.mean([abs(mean - 5) <= half for mean, half in draws]) == pytest.approx(0.8, abs=0.04)


def test_one_value_says_nothing_of_the_spread():
    mean, half = mean_interval([0.5])
    assert mean == 0.5 and math.isnan(half)


@pytest.mark.parametrize(("values", "confidence"), [([], 0.95), ([[1.0]], 0.95), ([1.0], 1.0)])
def test_what_is_no_sample_is_refused(values, confidence):
    with pytest.raises(ValueError, match="expected values"):
        mean_interval(values, confidence)
