# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of actions in untrimmed recordings: a frame classifier, and a clip classifier in a sliding window.

Axes: T frames, K classes.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import PrinterCallback

from tmor_hf import Skeletons, TMorFeatureExtractor
from tmor_hf.data import MotionDataset
from tmor_hf.evaluation import event_map, per_frame_map, predict_logits
from tmor_hf.processing.temporal_segments import segments_from_labels, segments_from_scores

from .classification import kept_classifier
from .examples import load_example
from .results import Unit
from .rows import DEVICE, Context

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
MIN_FRAMES = (1, 5, 10)
IOUS = (0.3, 0.5)


def detect_by_frames(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Trains a frame classifier as the example does, and measures it on the recordings of the test subject."""
    example = load_example("train_detection")
    with tempfile.TemporaryDirectory(prefix="tmor-transfer-") as folder:
        words = ["--output-dir", folder, "--data-dir", str(context.data_dir), "--dataset", settings["dataset"]]
        words += ["--protocol", unit.part, "--seed", str(unit.seed), *settings["arguments"]]
        words += ["--model", str(context.checkpoint(unit.seed))] if settings.get("is_pretrained", False) else []
        words += ["--cpu"] * (DEVICE == "cpu") + ["--no-progress-bar"] * (not context.show_bars)
        args = example.get_arguments(words)
        train, validation = example.get_recordings(args)
        model = example.get_model(args, train.class_names)
        feature_extractor = TMorFeatureExtractor(sampling_rate=args.sampling_rate or train[0].skeletons.fps)
        trainer = example.get_trainer(args, model, feature_extractor, train, validation)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    test = context.clips(settings["dataset"], "test", unit.part)
    found = [[frame_scores(model, feature_extractor, clip.skeletons) for clip in part] for part in (validation, test)]
    return detection_metrics(*found, validation, test)


def frame_scores(model: Any, feature_extractor: TMorFeatureExtractor, skeletons: Skeletons) -> np.ndarray:
    """(T, K) probabilities; the background of exclusive classes is left out."""
    logits = model.predict_frames(feature_extractor([skeletons], return_tensors="pt"))
    if model.config.problem_type == "single_label_classification":
        return logits.softmax(dim=-1)[:, 1:].numpy()
    return logits.sigmoid().numpy()


def detect_by_windows(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """The clip classifier of a row, on windows that slide over the recordings of the test subject."""
    model, feature_extractor, _ = kept_classifier(context, settings["classifier"], unit)
    parts = [context.clips(settings["dataset"], part, unit.part) for part in ("validation", "test")]
    window = settings["window_frames"], settings["window_stride"]
    found = [[window_scores(model, feature_extractor, clip.skeletons, *window) for clip in part] for part in parts]
    return detection_metrics(*found, *parts)


def window_scores(
    model: Any, feature_extractor: TMorFeatureExtractor, skeletons: Skeletons, length: int, stride: int
) -> np.ndarray:
    """(T, K): the mean probabilities of the windows that hold a frame; windows that show no joint are left out."""
    last = max(skeletons.num_frames - length, 0)
    seen = skeletons.to_layout().valid.any(axis=(1, 2))
    spans = [slice(start, start + length) for start in sorted({*range(0, last, stride), last})]
    spans = [span for span in spans if seen[span].any()]
    logits = predict_logits(model, feature_extractor, [skeletons.select_frames(span) for span in spans])
    probabilities = torch.from_numpy(logits).softmax(dim=-1).numpy()
    total, count = np.zeros((skeletons.num_frames, logits.shape[1])), np.zeros((skeletons.num_frames, 1))
    for span, row in zip(spans, probabilities, strict=True):
        total[span] += row
        count[span] += 1
    return total / np.maximum(count, 1)


def detection_metrics(
    validation_scores: Sequence[np.ndarray],
    test_scores: Sequence[np.ndarray],
    validation: MotionDataset,
    test: MotionDataset,
) -> dict[str, float]:
    """Metrics of frames and of segments; how scores become segments is chosen on the validation recordings."""

    def events(scores: Sequence[np.ndarray], clips: MotionDataset, iou: float, options: tuple[float, int]) -> float:
        predicted = [segments_from_scores(row, options[0], min_frames=options[1]) for row in scores]
        return event_map(predicted, [segments_from_labels(clip.frame_labels) for clip in clips], iou)

    options = max(
        itertools.product(THRESHOLDS, MIN_FRAMES),
        key=lambda options: sum(events(validation_scores, validation, iou, options) for iou in IOUS),
    )
    return {
        "per-frame mAP": per_frame_map(test_scores, [clip.frame_labels for clip in test]),
        **{f"event mAP at {iou}": events(test_scores, test, iou, options) for iou in IOUS},
        "validation, per-frame mAP": per_frame_map(validation_scores, [clip.frame_labels for clip in validation]),
        "threshold": options[0],
    }
