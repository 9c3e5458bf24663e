# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Everything that a training run needs beside model and data, in one dataclass saved next to the weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from ..arguments import Arguments, argument_parser, option
from .losses import SAME_CAPTION_MODES

ARGUMENTS_NAME = "training_arguments.json"
DATA_ORDERS = ("auto", "shuffle", "stream")
MIXED_PRECISION_MODES = ("no", "bf16", "fp16")


@dataclass
class ContrastiveTrainingArguments(Arguments):
    """Arguments of `ContrastiveTrainer`; the text of each field is also its `--help`.

    The loss (InfoNCE or sigmoid) and the bounds of the temperature belong to the model and stand in its config.

    Raises:
        ValueError: a value is out of its range.
    """

    title: ClassVar[str] = "training"

    output_dir: str = option(text="folder for checkpoints, logs and the final model")
    seed: int = option(0, "seed of order, augmentation and dropout")
    batch_size: int = option(64, "clips per process and micro-batch")
    gradient_accumulation_steps: int = option(1, "micro-batches that form one contrastive batch (exact, less memory)")
    num_epochs: int = option(10, "passes over the data")
    max_steps: int = option(0, "steps, in place of num_epochs; 0: by epochs")
    drop_last: bool = option(True, "leave out the incomplete batch of an epoch")
    num_workers: int = option(0, "data loading processes per training process")
    data_order: str = option("auto", "order of the clips; stream: read in blocks; auto: by the data set", DATA_ORDERS)
    group_by_length: bool = option(False, "batches of clips of like length")
    strict_data: bool = option(False, "stop at damaged data, instead of counting it and going on")
    skeleton_text_weight: float = option(1.0, "weight of the skeleton-text loss")
    skeleton_video_weight: float = option(1.0, "weight of the skeleton-video loss (with a video tower)")
    video_text_weight: float = option(0.0, "weight of the video-text loss (with a video tower)")
    same_caption: str = option("exclude", "clips of equal caption: no negatives, or positives", SAME_CAPTION_MODES)
    near_duplicate_threshold: float | None = option(None, "caption similarity over which clips are no negatives")
    learning_rate: float = option(5e-4, "peak learning rate")
    text_lr_scale: float = option(0.1, "factor for the text tower; 0 locks it")
    video_lr_scale: float = option(0.1, "factor for the video tower; 0 locks it")
    weight_decay: float = option(0.1, "AdamW decay of matrices (not norms, biases, embeddings, temperature)")
    adam_beta1: float = option(0.9, "AdamW beta 1")
    adam_beta2: float = option(0.98, "AdamW beta 2")
    adam_epsilon: float = option(1e-6, "AdamW epsilon")
    warmup_ratio: float = option(0.05, "part of the steps with a rising learning rate; a cosine to 0 follows")
    max_grad_norm: float = option(1.0, "norm to which gradients are clipped; 0: no clipping")
    mixed_precision: str | None = option(None, "default: as accelerate is configured", MIXED_PRECISION_MODES)
    gradient_checkpointing: bool = option(False, "recompute activations to save memory")
    torch_compile: bool = option(False, "compile the model")
    cpu: bool = option(False, "train on the CPU even if there is an accelerator")
    logging_steps: int = option(10, "steps between log lines")
    eval_steps: int = option(0, "steps between validations; 0: at the end only")
    save_steps: int = option(500, "steps between checkpoints; 0: no checkpoints")
    save_total_limit: int = option(2, "checkpoints to keep; 0: all")
    resume_from: str | None = option(None, "checkpoint folder, or 'last' of the output folder if there is one")
    overwrite: bool = option(False, "delete checkpoints of an earlier run in the output folder")
    report_to: str | None = option(None, "trackers of accelerate, e.g. tensorboard,wandb")
    progress_bar: bool = option(True, "show a progress bar")

    def __post_init__(self) -> None:
        for name in ("batch_size", "gradient_accumulation_steps", "logging_steps"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("num_workers", "eval_steps", "save_steps", "save_total_limit", "max_steps", "num_epochs"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        for name in ("skeleton_text_weight", "skeleton_video_weight", "video_text_weight", "text_lr_scale"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        for name in ("video_lr_scale", "weight_decay", "max_grad_norm"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        for name in ("adam_beta1", "adam_beta2", "warmup_ratio"):
            self._check(name, 0 <= getattr(self, name) < 1, "in [0, 1)")
        for name in ("learning_rate", "adam_epsilon"):
            self._check(name, getattr(self, name) > 0, "positive")
        self._check("num_epochs", self.num_epochs + self.max_steps > 0, "positive, or set max_steps")
        self._check("same_caption", self.same_caption in SAME_CAPTION_MODES, f"one of {SAME_CAPTION_MODES}")
        self._check("data_order", self.data_order in DATA_ORDERS, f"one of {DATA_ORDERS}")
        threshold = self.near_duplicate_threshold
        self._check("near_duplicate_threshold", threshold is None or 0 < threshold <= 1, "in (0, 1], or None")
        is_known = self.mixed_precision is None or self.mixed_precision in MIXED_PRECISION_MODES
        self._check("mixed_precision", is_known, f"one of {MIXED_PRECISION_MODES}, or None")
        total = self.skeleton_text_weight + self.skeleton_video_weight + self.video_text_weight
        self._check("skeleton_text_weight", total > 0, "over 0, or another loss weight over 0")

    @property
    def trackers(self) -> list[str]:
        """Names in `report_to`."""
        names = [name.strip() for name in (self.report_to or "").split(",")]
        return [name for name in names if name and name != "none"]

    def save(self, folder: str | Path) -> None:
        """Writes `training_arguments.json` into `folder`."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True)
        (Path(folder) / ARGUMENTS_NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> ContrastiveTrainingArguments:
        """Reads what `save` wrote."""
        return cls(**json.loads((Path(folder) / ARGUMENTS_NAME).read_text(encoding="utf-8")))


__all__ = ["ARGUMENTS_NAME", "ContrastiveTrainingArguments", "MIXED_PRECISION_MODES", "argument_parser"]
