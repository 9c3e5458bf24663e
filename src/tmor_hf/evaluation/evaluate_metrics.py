# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The main metrics as `evaluate.Metric`, which add up batches (extra `eval`). They are made here, so work offline.

metric = PerFrameMAP()
for batch in batches:
    metric.add_batch(predictions=scores, references=labels)
metric.compute()  # {"per_frame_map": 0.71}
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..processing.temporal_segments import Segment
from .detection import edit_score, event_map, per_frame_map, segmental_f1
from .metrics import expected_calibration_error, macro_f1, mean_class_accuracy, top_k_accuracy

try:
    import datasets
    import evaluate
except ImportError as error:
    raise ImportError(f"metrics of `evaluate` need {error.name}: pip install tmor_hf[eval]") from error

_CLASS_SCORES = {"predictions": datasets.List(datasets.Value("float32")), "references": datasets.Value("int64")}
_FRAME_CLASSES = {
    "predictions": datasets.List(datasets.Value("int64")),
    "references": datasets.List(datasets.Value("int64")),
}
_SPAN = {"label": datasets.Value("int64"), "start": datasets.Value("float64"), "end": datasets.Value("float64")}


class _Metric(evaluate.Metric):
    """A subclass says what a prediction and a reference are, and computes."""

    _features: dict[str, Any]

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=type(self).__doc__,
            citation="",
            inputs_description=type(self).__doc__,
            features=datasets.Features(self._features),
        )


class ClipMetrics(_Metric):
    """Top-1 and top-k accuracy, mean class accuracy, macro F1; with probabilities also the calibration error.

    Predictions are scores (K,) of a clip, references its class. `compute(k=5, are_probabilities=False)`.
    """

    _features = _CLASS_SCORES

    def _compute(
        self, predictions: list, references: list, k: int = 5, are_probabilities: bool = False
    ) -> dict[str, float]:
        scores, labels = np.asarray(predictions), np.asarray(references)
        named, num_classes = scores.argmax(axis=1), scores.shape[1]
        found = {
            "top_1_accuracy": top_k_accuracy(scores, labels),
            f"top_{k}_accuracy": top_k_accuracy(scores, labels, k),
            "mean_class_accuracy": mean_class_accuracy(named, labels, num_classes),
            "macro_f1": macro_f1(named, labels, num_classes),
        }
        if are_probabilities:
            found["expected_calibration_error"] = expected_calibration_error(scores, labels)
        return found


class PerFrameMAP(_Metric):
    """Mean average precision of frames, over all classes with a positive frame.

    Predictions are scores (T, K) of a recording, references its labels (T, K) of 0 and 1, without padding.
    """

    _features = {
        "predictions": datasets.List(datasets.List(datasets.Value("float32"))),
        "references": datasets.List(datasets.List(datasets.Value("int8"))),
    }

    def _compute(self, predictions: list, references: list) -> dict[str, float]:
        return {"per_frame_map": per_frame_map(predictions, references)}


class EventMAP(_Metric):
    """Mean average precision of events at thresholds of temporal IoU.

    Predictions are lists of dicts with label, start, end and score, one list for each recording; references the same
    without score. `compute(thresholds=(0.3, 0.5))`.
    """

    _features = {
        "predictions": datasets.List({**_SPAN, "score": datasets.Value("float64")}),
        "references": datasets.List(_SPAN),
    }

    def _compute(
        self, predictions: list, references: list, thresholds: tuple[float, ...] = (0.3, 0.5)
    ) -> dict[str, float]:
        found, true = ([[Segment(**span) for span in row] for row in rows] for rows in (predictions, references))
        return {f"event_map@{threshold:g}": event_map(found, true, threshold) for threshold in thresholds}


class SegmentMetrics(_Metric):
    """Edit score and F1 of segments at 10, 25 and 50 percent of IoU.

    Predictions and references are classes (T,) of the frames of a recording. `compute(background=())`.
    """

    _features = _FRAME_CLASSES

    def _compute(self, predictions: list, references: list, background: tuple[int, ...] = ()) -> dict[str, float]:
        found, true = ([np.asarray(row, dtype=np.int64) for row in rows] for rows in (predictions, references))
        scores = {f"f1@{k}": segmental_f1(found, true, k / 100, background) for k in (10, 25, 50)}
        return {"edit_score": edit_score(found, true, background), **scores}


__all__ = ["ClipMetrics", "EventMAP", "PerFrameMAP", "SegmentMetrics"]
