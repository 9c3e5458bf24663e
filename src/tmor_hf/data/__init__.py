# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Motion with words: benchmarks, captions, synthetic motion, and the way into training."""

from .benchmarks import (
    BENCHMARKS,
    SPLITS,
    BenchmarkInfo,
    FileClips,
    benchmark_info,
    load_benchmark,
    load_trial_descriptions,
    split_by_class,
    unseen_classes,
)
from .captions import ClassText, class_descriptions, class_texts
from .classification import (
    ClassificationCollator,
    ClassificationDataset,
    ClassificationItem,
    fine_tuning_augmentation,
    label_by_name,
)
from .clip_folders import load_clip_folder
from .clips import ClipMixture, MissingSplitError, MotionClip, MotionDataset
from .collators import ContrastiveCollator, encode_captions, group_id
from .contrastive import ContrastiveDataset, ContrastiveItem, sampling_weights, synthetic_clips
from .frame_classification import FrameClassificationCollator, FrameClassificationDataset, FrameClassificationItem
from .motion_language import (
    UNSEEN_VERBS,
    LanguageSplit,
    generate_sentences,
    package_sentences,
    split_sentences,
)
from .posecap import PoseCapRecord, PoseCapReport, PoseCapWriter, validate_posecap, write_posecap_mini
from .sources import load_skeleton_text, parse_source
from .splitting import deal_folds, hold_out
from .synthetic import SyntheticMotion, synthetic_recordings
from .tokenization import build_tokenizer

__all__ = [
    "BENCHMARKS",
    "SPLITS",
    "UNSEEN_VERBS",
    "BenchmarkInfo",
    "ClassText",
    "ClassificationCollator",
    "ClassificationDataset",
    "ClassificationItem",
    "ClipMixture",
    "ContrastiveCollator",
    "ContrastiveDataset",
    "ContrastiveItem",
    "FileClips",
    "FrameClassificationCollator",
    "FrameClassificationDataset",
    "FrameClassificationItem",
    "LanguageSplit",
    "MissingSplitError",
    "MotionClip",
    "MotionDataset",
    "PoseCapRecord",
    "PoseCapReport",
    "PoseCapWriter",
    "SyntheticMotion",
    "benchmark_info",
    "build_tokenizer",
    "class_descriptions",
    "class_texts",
    "encode_captions",
    "fine_tuning_augmentation",
    "generate_sentences",
    "group_id",
    "deal_folds",
    "hold_out",
    "label_by_name",
    "load_benchmark",
    "load_clip_folder",
    "load_skeleton_text",
    "load_trial_descriptions",
    "package_sentences",
    "parse_source",
    "sampling_weights",
    "split_by_class",
    "split_sentences",
    "synthetic_clips",
    "synthetic_recordings",
    "unseen_classes",
    "validate_posecap",
    "write_posecap_mini",
]
