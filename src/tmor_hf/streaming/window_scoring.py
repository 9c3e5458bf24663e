# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Scores of the windows of a stream: what the pipelines say of the same frames, for several people at once.

Axes: N windows, K labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..modeling import TMorForSkeletonActionClassification, TMorModel
from ..pipelines import SkeletonActionClassificationPipeline, ZeroShotSkeletonActionClassificationPipeline
from ..processing import Skeletons, TMorFeatureExtractor, TMorProcessor


class WindowScorer:
    """Scores windows by a classifier's own labels, or by free texts with a contrastive model.

    Args:
        model: A `TMorForSkeletonActionClassification`, or a `TMorModel`.
        processor: The feature extractor of a classifier, the processor of a contrastive model.
        labels: The texts, for a contrastive model only.
        options: Further options of the zero-shot pipeline (`hypothesis_template`) or of the classification pipeline
            (`function_to_apply`).

    Raises:
        TypeError: For another model or processor.
        ValueError: If labels are lacking, given twice, or given to a classifier, which has its own.
    """

    def __init__(self, model: Any, processor: Any, labels: Sequence[str] | None = None, **options: Any) -> None:
        if isinstance(model, TMorModel):
            self.labels, task = _check_labels(labels), ZeroShotSkeletonActionClassificationPipeline
            if not isinstance(processor, TMorProcessor):
                raise TypeError(f"expected a TMorProcessor for a contrastive model, got {type(processor).__name__}")
            options["candidate_labels"], parts = self.labels, {"processor": processor}
            self.feature_extractor: TMorFeatureExtractor = processor.feature_extractor
        elif isinstance(model, TMorForSkeletonActionClassification):
            if labels is not None:
                raise ValueError("expected no labels for a classifier, which has its own; they are for a TMorModel")
            names, task = model.config.id2label, SkeletonActionClassificationPipeline
            self.labels = _check_labels([names[index] for index in range(model.config.num_labels)])
            self.feature_extractor = processor.feature_extractor if isinstance(processor, TMorProcessor) else processor
            parts = {"feature_extractor": self.feature_extractor}
        else:
            raise TypeError(
                "expected a TMorForSkeletonActionClassification, or a TMorModel with labels, got "
                f"{type(model).__name__}"
            )
        self.pipeline = task(model=model.eval(), device=model.device, **parts)
        options["top_k"] = len(self.labels)
        _, self._forward, self._postprocess = self.pipeline._sanitize_parameters(**options)

    def __call__(self, clips: Sequence[Skeletons]) -> np.ndarray:
        """(N, K) scores of the windows, each a clip of one person, in one batch."""
        inputs = [self.pipeline.preprocess(clip)["clips"][0] for clip in clips]
        outputs = self.pipeline.forward({"clips": inputs}, **self._forward)
        answers = self.pipeline.postprocess(outputs, **{**self._postprocess, "per_person": True})
        scores = [{row["label"]: row["score"] for row in answer} for answer in answers]
        return np.array([[score[label] for label in self.labels] for score in scores])


def _check_labels(labels: Sequence[str] | None) -> tuple[str, ...]:
    if labels is None or isinstance(labels, str) or not len(labels):
        raise ValueError(f'expected labels such as ["walking", "sitting"] for a contrastive model, got {labels!r}')
    if len(set(labels)) != len(labels):
        raise ValueError(f"expected labels that differ, got {list(labels)}")
    return tuple(labels)


__all__ = ["WindowScorer"]
