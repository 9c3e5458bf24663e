# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Contrastive pre-training (arguments, losses over processes, trainer, checkpoints); fine-tuning of classifiers."""

from .arguments import ContrastiveTrainingArguments, argument_parser
from .finetuning import FineTuningArguments, FineTuningResult, finetune_classifier, layerwise_parameter_groups
from .interruption import TrainingInterrupted
from .losses import LossWeights, info_nce, sigmoid_loss, tri_modal_loss
from .trainer import ContrastiveTrainer

__all__ = [
    "ContrastiveTrainer",
    "ContrastiveTrainingArguments",
    "FineTuningArguments",
    "FineTuningResult",
    "LossWeights",
    "TrainingInterrupted",
    "argument_parser",
    "finetune_classifier",
    "info_nce",
    "layerwise_parameter_groups",
    "sigmoid_loss",
    "tri_modal_loss",
]
