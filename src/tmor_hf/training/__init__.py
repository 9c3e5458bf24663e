# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Contrastive pre-training: arguments, losses over processes, trainer, checkpoints."""

from .arguments import ContrastiveTrainingArguments, argument_parser
from .interruption import TrainingInterrupted
from .losses import LossWeights, info_nce, sigmoid_loss, tri_modal_loss
from .trainer import ContrastiveTrainer

__all__ = [
    "ContrastiveTrainer",
    "ContrastiveTrainingArguments",
    "LossWeights",
    "TrainingInterrupted",
    "argument_parser",
    "info_nce",
    "sigmoid_loss",
    "tri_modal_loss",
]
