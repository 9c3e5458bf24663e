# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Metrics for `evaluate`: they give what the functions give, over batches, offline, and name their extra."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest

from tmor_hf import evaluation
from tmor_hf.processing.temporal_segments import Segment

pytest.importorskip("evaluate")

from tmor_hf.evaluation.evaluate_metrics import ClipMetrics, EventMAP, PerFrameMAP, SegmentMetrics  # noqa: E402


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """`evaluate` writes batches to its cache."""
    monkeypatch.setattr("evaluate.config.HF_METRICS_CACHE", str(tmp_path))


@pytest.fixture
def make(tmp_path):
    return lambda metric: metric(cache_dir=str(tmp_path))


def test_clips(make, rng):
    logits, labels = rng.normal(size=(30, 4)).astype(np.float32), rng.integers(0, 4, 30)
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    metric = make(ClipMetrics)
    for start in range(0, 30, 7):
        metric.add_batch(predictions=scores[start : start + 7], references=labels[start : start + 7])
    found, named = metric.compute(k=2, are_probabilities=True), scores.argmax(axis=1)
    assert found == pytest.approx(
        {
            "top_1_accuracy": evaluation.top_k_accuracy(scores, labels),
            "top_2_accuracy": evaluation.top_k_accuracy(scores, labels, 2),
            "mean_class_accuracy": evaluation.mean_class_accuracy(named, labels, 4),
            "macro_f1": evaluation.macro_f1(named, labels, 4),
            "expected_calibration_error": evaluation.expected_calibration_error(scores, labels),
        },
        abs=1e-6,
    )


def test_frames_of_recordings_of_any_length(make, rng):
    scores = [rng.random((length, 3)).astype(np.float32) for length in (5, 9, 2, 7)]
    labels = [(rng.random(one.shape) < 0.4).astype(int) for one in scores]
    metric = make(PerFrameMAP)
    for half in (slice(0, 2), slice(2, 4)):
        metric.add_batch(
            predictions=[one.tolist() for one in scores[half]], references=[one.tolist() for one in labels[half]]
        )
    assert metric.compute() == {"per_frame_map": pytest.approx(evaluation.per_frame_map(scores, labels))}


def test_events(make):
    predictions = [[Segment(0, 0, 10, 0.9), Segment(1, 3, 5, 0.4)], [], [Segment(0, 2, 6, 0.3)]]
    truths = [[Segment(0, 0, 8)], [Segment(1, 0, 4)], [Segment(0, 0, 6)]]
    rows = [[segment._asdict() for segment in row] for row in predictions]
    true = [[{key: value for key, value in s._asdict().items() if key != "score"} for s in row] for row in truths]
    found = make(EventMAP).compute(predictions=rows, references=true, thresholds=(0.3, 0.7))
    assert found == {
        "event_map@0.3": pytest.approx(evaluation.event_map(predictions, truths, 0.3)),
        "event_map@0.7": pytest.approx(evaluation.event_map(predictions, truths, 0.7)),
    }
    assert found["event_map@0.3"] > found["event_map@0.7"] > 0


def test_segments(make):
    predictions, truths = [[0, 0, 1, 1, 1], [2, 2]], [[0, 1, 1, 1, 1], [2, 1]]
    found = make(SegmentMetrics).compute(predictions=predictions, references=truths, background=(0,))
    arrays = [[np.array(row) for row in rows] for rows in (predictions, truths)]
    assert found["edit_score"] == evaluation.edit_score(*arrays, background=(0,))
    assert found["f1@50"] == evaluation.segmental_f1(*arrays, 0.5, background=(0,))
    assert set(found) == {"edit_score", "f1@10", "f1@25", "f1@50"}


def test_without_evaluate_the_extra_is_named(monkeypatch):
    name = "tmor_hf.evaluation.evaluate_metrics"
    monkeypatch.setitem(sys.modules, "evaluate", None)  # what is None cannot be imported
    monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"need evaluate: pip install tmor_hf\[eval\]"):
        importlib.import_module(name)
