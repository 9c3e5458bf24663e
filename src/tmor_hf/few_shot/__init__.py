# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Few-shot: episodes, adaptation to a handful of clips per class, adapters that are saved alone and switched."""

from .adaptation import HEAD_INITS, METHODS, adapt, text_class_embeds
from .adapters import AdapterBank, load_adapter, merge_adapter, save_adapter
from .episodes import Episode, episodes, sample_k_shot
from .intervals import mean_interval

__all__ = [
    "HEAD_INITS",
    "METHODS",
    "AdapterBank",
    "Episode",
    "adapt",
    "episodes",
    "load_adapter",
    "mean_interval",
    "merge_adapter",
    "sample_k_shot",
    "save_adapter",
    "text_class_embeds",
]
