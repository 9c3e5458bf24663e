# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""How sure a mean over episodes is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Mean of independent episodes and half the width of its confidence interval, by Student's t distribution.

    To compare two methods, give the differences on the same episodes: how hard an episode is then cancels out.

    Args:
        values: One value for each episode.
        confidence: Probability with which such an interval holds the true mean.

    Returns:
        (mean, half width); the width is NaN for a single value, which says nothing of the spread.

    Raises:
        ValueError: If there is no value, or the confidence is not in (0, 1).
    """
    from scipy.stats import t  # takes half a second to import

    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not 0 < confidence < 1:
        raise ValueError(f"expected values (N,) and a confidence in (0, 1), got {values.shape} and {confidence}")
    if len(values) == 1:
        return float(values[0]), float("nan")
    error = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(error * t.ppf((1 + confidence) / 2, len(values) - 1))


__all__ = ["mean_interval"]
