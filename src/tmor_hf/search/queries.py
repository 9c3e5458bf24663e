# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Queries: what is looked for, in words or as a clip, as an embedding. Axis: D embedding size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..evaluation.prediction import embed_clips, embed_texts
from ..evaluation.zero_shot import class_embeddings
from ..processing.skeletons import Skeletons
from .windows import cut_windows

QUERY_TEMPLATES: tuple[str, ...] = ("{}",)  # the words as they are


def embed_query(model: Any, processor: Any, text: str, templates: Sequence[str] = QUERY_TEMPLATES) -> np.ndarray:
    """The embedding of a sentence, averaged over some templates.

    The words are taken as they are: "left" and "right" mean the person's own sides, as in training.

    Args:
        model: A model with a text tower, such as `TMorModel`.
        processor: Its `TMorProcessor`.
        text: What is looked for.
        templates: Sentences with ``{}`` in the place of the text.

    Returns:
        (D,) of unit length.

    Raises:
        ValueError: If the text is empty or the model has no text tower.
    """
    if not text.strip():
        raise ValueError("expected words to search for, got none")
    if not hasattr(model, "get_text_features"):
        raise ValueError(
            f"expected a model with a text tower, such as TMorModel, got {type(model).__name__}; it can search by a "
            "clip only"
        )

    return class_embeddings(partial(embed_texts, model, processor.tokenizer), [text], templates)[0]


def embed_motion(
    model: Any, feature_extractor: Any, clip: Skeletons, *, window_seconds: float = 4.0, stride_seconds: float = 2.0
) -> np.ndarray:
    """The embedding of a clip, to search for motion that is like it.

    A clip longer than a window is cut as `index_folder` cuts it, and its windows are averaged.

    Args:
        model: Any model of this package that takes skeletons.
        feature_extractor: Its `TMorFeatureExtractor`.
        clip: The example.
        window_seconds, stride_seconds: As for `index_folder`.

    Returns:
        (D,) of unit length.

    Raises:
        ValueError: If no joint is visible in the clip.
    """
    windows = [window.skeletons for window in cut_windows(clip, window_seconds, stride_seconds)]
    if not windows:
        raise ValueError("expected a clip with visible joints, got one without")
    embeddings = embed_clips(model, feature_extractor, windows, features=features_of(model)).astype(np.float64)
    mean = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).mean(axis=0)
    return mean / np.linalg.norm(mean)


def features_of(model: Any) -> str:
    """Which features a model is searched by: those shared with text where it has them."""
    return "projected" if hasattr(model, "skeleton_projection") else "pooled"


__all__ = ["QUERY_TEMPLATES", "embed_motion", "embed_query", "features_of"]
