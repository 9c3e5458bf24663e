# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Everything that a training run needs beside model and data, in one dataclass saved next to the weights."""

from __future__ import annotations

import argparse
import json
import types
import typing
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from .losses import SAME_CAPTION_MODES

ARGUMENTS_NAME = "training_arguments.json"
MIXED_PRECISION_MODES = ("no", "bf16", "fp16")


def _option(default: Any, text: str, choices: tuple[str, ...] | None = None) -> Any:
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass
class ContrastiveTrainingArguments:
    """Arguments of `ContrastiveTrainer`; the text of each field is also its `--help`.

    The loss (InfoNCE or sigmoid) and the bounds of the temperature belong to the model and stand in its config.

    Raises:
        ValueError: a value is out of its range.
    """

    output_dir: str = field(metadata={"help": "folder for checkpoints, logs and the final model"})
    seed: int = _option(0, "seed of order, augmentation and dropout")
    batch_size: int = _option(64, "clips per process and micro-batch")
    gradient_accumulation_steps: int = _option(1, "micro-batches that form one contrastive batch (exact, less memory)")
    num_epochs: int = _option(10, "passes over the data")
    max_steps: int = _option(0, "steps, in place of num_epochs; 0: by epochs")
    drop_last: bool = _option(True, "leave out the incomplete batch of an epoch")
    num_workers: int = _option(0, "data loading processes per training process")
    skeleton_text_weight: float = _option(1.0, "weight of the skeleton-text loss")
    skeleton_video_weight: float = _option(1.0, "weight of the skeleton-video loss (with a video tower)")
    video_text_weight: float = _option(0.0, "weight of the video-text loss (with a video tower)")
    same_caption: str = _option("exclude", "clips of equal caption: no negatives, or positives", SAME_CAPTION_MODES)
    near_duplicate_threshold: float | None = _option(None, "caption similarity over which clips are no negatives")
    learning_rate: float = _option(5e-4, "peak learning rate")
    text_lr_scale: float = _option(0.1, "factor for the text tower; 0 locks it")
    video_lr_scale: float = _option(0.1, "factor for the video tower; 0 locks it")
    weight_decay: float = _option(0.1, "AdamW decay of matrices (not norms, biases, embeddings, temperature)")
    adam_beta1: float = _option(0.9, "AdamW beta 1")
    adam_beta2: float = _option(0.98, "AdamW beta 2")
    adam_epsilon: float = _option(1e-6, "AdamW epsilon")
    warmup_ratio: float = _option(0.05, "part of the steps with a rising learning rate; a cosine to 0 follows")
    max_grad_norm: float = _option(1.0, "norm to which gradients are clipped; 0: no clipping")
    mixed_precision: str | None = _option(None, "default: as accelerate is configured", MIXED_PRECISION_MODES)
    gradient_checkpointing: bool = _option(False, "recompute activations to save memory")
    torch_compile: bool = _option(False, "compile the model")
    cpu: bool = _option(False, "train on the CPU even if there is an accelerator")
    logging_steps: int = _option(10, "steps between log lines")
    eval_steps: int = _option(0, "steps between validations; 0: at the end only")
    save_steps: int = _option(500, "steps between checkpoints; 0: no checkpoints")
    save_total_limit: int = _option(2, "checkpoints to keep; 0: all")
    resume_from: str | None = _option(None, "checkpoint folder, or 'last' of the output folder if there is one")
    overwrite: bool = _option(False, "delete checkpoints of an earlier run in the output folder")
    report_to: str | None = _option(None, "trackers of accelerate, e.g. tensorboard,wandb")
    progress_bar: bool = _option(True, "show a progress bar")

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
        threshold = self.near_duplicate_threshold
        self._check("near_duplicate_threshold", threshold is None or 0 < threshold <= 1, "in (0, 1], or None")
        is_known = self.mixed_precision is None or self.mixed_precision in MIXED_PRECISION_MODES
        self._check("mixed_precision", is_known, f"one of {MIXED_PRECISION_MODES}, or None")
        total = self.skeleton_text_weight + self.skeleton_video_weight + self.video_text_weight
        self._check("skeleton_text_weight", total > 0, "over 0, or another loss weight over 0")

    def _check(self, name: str, is_good: bool, expected: str) -> None:
        if not is_good:
            raise ValueError(f"expected {name} to be {expected}, got {getattr(self, name)!r}; correct the argument")

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

    @classmethod
    def add_to(cls, parser: argparse.ArgumentParser, **defaults: Any) -> None:
        """Adds every field as an option to a parser.

        Args:
            parser: the script's parser; one made by `argument_parser` prints one line per option.
            **defaults: defaults of this script that differ from the dataclass's; `output_dir` is required without.
        """
        group = parser.add_argument_group("training")
        hints = typing.get_type_hints(cls)
        for item in fields(cls):
            options = _options_of(hints[item.name])
            options["help"] = item.metadata["help"]
            if item.metadata.get("choices"):
                options["choices"] = item.metadata["choices"]
                options["metavar"] = "|".join(item.metadata["choices"])
            if item.name == "output_dir" and "output_dir" not in defaults:
                options["required"] = True
            else:
                options["default"] = defaults.get(item.name, item.default)
                if options["default"] is not None and "action" not in options:
                    options["help"] += " (%(default)s)"
            group.add_argument("--" + item.name.replace("_", "-"), dest=item.name, **options)

    @classmethod
    def from_namespace(cls, namespace: argparse.Namespace) -> ContrastiveTrainingArguments:
        """The arguments out of a parsed command line; further attributes of the namespace are the script's own."""
        return cls(**{item.name: getattr(namespace, item.name) for item in fields(cls)})


def argument_parser(description: str | None = None) -> argparse.ArgumentParser:
    """A parser whose `--help` takes one line per option and does not list all options twice."""
    return argparse.ArgumentParser(
        description=description,
        usage="%(prog)s --output-dir DIR [options]",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=36, width=119),
    )


def _options_of(hint: Any) -> dict[str, Any]:
    """Type and metavar of an annotation; a bool becomes a pair of flags."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(option for option in typing.get_args(hint) if option is not type(None))
    if hint is bool:
        return {"action": argparse.BooleanOptionalAction}
    return {"type": hint, "metavar": {int: "N", float: "X", str: "NAME"}[hint]}
