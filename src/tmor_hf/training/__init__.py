# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Contrastive pre-training (arguments, losses, trainer, checkpoints); fine-tuning; distillation of text towers."""

from .arguments import ContrastiveTrainingArguments, argument_parser
from .distillation import (
    DistillationArguments,
    Student,
    agreement,
    build_student,
    build_student_tokenizer,
    distill,
    distillation_loss,
    embed_sentences,
    load_student,
    plain_words,
    replace_text_tower,
    save_student,
    start_from_words,
    teacher_embeddings,
    vocabulary_texts,
)
from .finetuning import FineTuningArguments, FineTuningResult, finetune_classifier, layerwise_parameter_groups
from .interruption import TrainingInterrupted
from .label_errors import out_of_fold_logits, repair_exchanged_labels, suspect_labels
from .losses import LossWeights, info_nce, sigmoid_loss, tri_modal_loss
from .optimization import freeze
from .trainer import ContrastiveTrainer

__all__ = [
    "ContrastiveTrainer",
    "ContrastiveTrainingArguments",
    "DistillationArguments",
    "FineTuningArguments",
    "FineTuningResult",
    "LossWeights",
    "Student",
    "TrainingInterrupted",
    "agreement",
    "argument_parser",
    "build_student",
    "build_student_tokenizer",
    "distill",
    "distillation_loss",
    "embed_sentences",
    "finetune_classifier",
    "freeze",
    "info_nce",
    "layerwise_parameter_groups",
    "load_student",
    "out_of_fold_logits",
    "plain_words",
    "replace_text_tower",
    "save_student",
    "sigmoid_loss",
    "start_from_words",
    "repair_exchanged_labels",
    "suspect_labels",
    "teacher_embeddings",
    "tri_modal_loss",
    "vocabulary_texts",
]
