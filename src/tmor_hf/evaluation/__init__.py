# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Metrics and protocols: top-k and mean-class accuracy, retrieval, zero-shot by text, nearest neighbours."""

from .contrastive import ContrastiveValidator
from .metrics import confusion_matrix, mean_class_accuracy, per_class_accuracy, top_k_accuracy
from .prediction import embed_clips, predict_logits
from .retrieval import retrieval_metrics
from .robustness import CORRUPTIONS, corrupt
from .zero_shot import (
    PROMPT_TEMPLATES,
    accuracy_report,
    class_embeddings,
    nearest_neighbour_scores,
    prompts,
    zero_shot_metrics,
)

__all__ = [
    "CORRUPTIONS",
    "PROMPT_TEMPLATES",
    "ContrastiveValidator",
    "accuracy_report",
    "class_embeddings",
    "confusion_matrix",
    "corrupt",
    "embed_clips",
    "mean_class_accuracy",
    "nearest_neighbour_scores",
    "per_class_accuracy",
    "predict_logits",
    "prompts",
    "retrieval_metrics",
    "top_k_accuracy",
    "zero_shot_metrics",
]
