# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Motion with words: benchmarks, captions, synthetic motion, and the way into training."""

from .benchmarks import BENCHMARKS, SPLITS, load_benchmark, load_trial_descriptions
from .captions import ClassText, class_texts
from .clips import MotionClip, MotionDataset
from .collators import ContrastiveCollator, encode_captions, group_id
from .contrastive import ContrastiveDataset, ContrastiveItem, sampling_weights, synthetic_clips
from .synthetic import SyntheticMotion
from .tokenization import build_tokenizer

__all__ = [
    "BENCHMARKS",
    "SPLITS",
    "ClassText",
    "ContrastiveCollator",
    "ContrastiveDataset",
    "ContrastiveItem",
    "MotionClip",
    "MotionDataset",
    "SyntheticMotion",
    "build_tokenizer",
    "class_texts",
    "encode_captions",
    "group_id",
    "load_benchmark",
    "load_trial_descriptions",
    "sampling_weights",
    "synthetic_clips",
]
