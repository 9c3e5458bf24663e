# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of what the parts of pre-training give: short pre-trainings with one part left out, on validation clips."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tmor_hf.data import ClipMixture, MotionClip, MotionDataset
from tmor_hf.evaluation import corrupt, top_k_accuracy
from tmor_hf.processing.augmentation import SkeletonAugmentation

from .examples import load_example
from .language import scores_by_phrases
from .results import Unit
from .rows import DEVICE, Context, load_contrastive

FILMED = "coco17_2d"


def pretrain_and_validate(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Pre-trains as the example does, and gives retrieval and zero-shot figures on its validation clips.

    The setting `other_set` names a set of which pre-training sees nothing: zero-shot accuracy on its training and
    validation parts, as they are and as a phone would film them (2D, other joints, from any side), says what carries
    over. Its test part is not touched.
    """
    example = load_example("pretrain")
    if settings.get("one_caption", False):
        get_datasets = example.get_datasets
        example.get_datasets = lambda args: _with_one_caption(*get_datasets(args))
    if "augmentation" in settings:
        example.SkeletonAugmentation = partial(SkeletonAugmentation, **settings["augmentation"])
    with tempfile.TemporaryDirectory(prefix="tmor-transfer-") as folder:
        options = ["--output-dir", folder, "--seed", str(unit.seed), "--data-dir", str(context.data_dir)]
        switches = ["--cpu"] * (DEVICE == "cpu") + ["--no-progress-bar"] * (not context.show_bars)
        metrics = example.pretrain(example.get_arguments([*settings["arguments"], *options, *switches]))
        parts = load_contrastive(Path(folder))
    prefix = "eval_"
    figures = {key.removeprefix(prefix): value for key, value in metrics.items() if key.startswith(prefix)}
    other = context.clips(settings["other_set"], "train+validation")
    rng = np.random.default_rng(unit.seed)
    filmed = [corrupt(FILMED, clip.skeletons, rng) for clip in other]
    for name, clips in ((other.name, other), (f"{other.name}_{FILMED}", filmed)):
        figures[f"{name}_top1"] = top_k_accuracy(scores_by_phrases(parts, clips, other.class_names), other.labels)
    return figures


def _with_one_caption(
    train: Sequence[MotionClip], held_out: dict[str, MotionDataset]
) -> tuple[Sequence[MotionClip], dict[str, MotionDataset]]:
    """The training clips with the first of their captions alone; what is measured stays as it is."""
    if isinstance(train, ClipMixture):
        parts = [_with_one_caption(part, {})[0] for part in train.parts]
        return ClipMixture(parts, train.shares, train.names), held_out
    clips = [replace(clip, captions=clip.captions[:1]) for clip in train]
    return MotionDataset(clips, train.name, train.class_names), held_out
