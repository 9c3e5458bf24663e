# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Metrics and protocols: clips, frames and events of recordings, retrieval, zero-shot by text, nearest neighbours."""

from .contrastive import ContrastiveValidator
from .detection import (
    edit_score,
    event_average_precision,
    event_map,
    per_frame_average_precision,
    per_frame_map,
    segmental_f1,
    temporal_iou,
)
from .metrics import (
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    mean_class_accuracy,
    per_class_accuracy,
    top_k_accuracy,
)
from .prediction import embed_clips, embed_texts, predict_logits
from .protocols import (
    ZERO_SHOT_PROTOCOLS,
    choose_seen_penalty,
    generalised_metrics,
    harmonic_mean,
    seeded_unseen_splits,
    unseen_class_report,
    zero_shot_protocol,
)
from .retrieval import (
    RETRIEVAL_RULES,
    pair_retrieval_metrics,
    retrieval_metrics,
    right_answers,
    small_batch_retrieval_metrics,
)
from .robustness import CORRUPTIONS, corrupt
from .zero_shot import (
    PROMPT_TEMPLATES,
    accuracy_report,
    class_embeddings,
    described_class_embeddings,
    nearest_neighbour_scores,
    prompts,
    zero_shot_metrics,
)

__all__ = [
    "CORRUPTIONS",
    "PROMPT_TEMPLATES",
    "RETRIEVAL_RULES",
    "ZERO_SHOT_PROTOCOLS",
    "ContrastiveValidator",
    "accuracy_report",
    "choose_seen_penalty",
    "class_embeddings",
    "confusion_matrix",
    "corrupt",
    "described_class_embeddings",
    "edit_score",
    "embed_clips",
    "embed_texts",
    "event_average_precision",
    "event_map",
    "expected_calibration_error",
    "generalised_metrics",
    "harmonic_mean",
    "macro_f1",
    "mean_class_accuracy",
    "nearest_neighbour_scores",
    "pair_retrieval_metrics",
    "per_class_accuracy",
    "per_frame_average_precision",
    "per_frame_map",
    "predict_logits",
    "prompts",
    "retrieval_metrics",
    "right_answers",
    "seeded_unseen_splits",
    "segmental_f1",
    "small_batch_retrieval_metrics",
    "temporal_iou",
    "top_k_accuracy",
    "unseen_class_report",
    "zero_shot_metrics",
    "zero_shot_protocol",
]
