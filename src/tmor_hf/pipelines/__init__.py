# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pipelines on skeletons, one file per task."""

from .skeleton_action_classification import SkeletonActionClassificationPipeline
from .skeleton_feature_extraction import SkeletonFeatureExtractionPipeline
from .skeleton_temporal_action_detection import SkeletonTemporalActionDetectionPipeline
from .zero_shot_skeleton_action_classification import ZeroShotSkeletonActionClassificationPipeline

__all__ = [
    "SkeletonActionClassificationPipeline",
    "SkeletonFeatureExtractionPipeline",
    "SkeletonTemporalActionDetectionPipeline",
    "ZeroShotSkeletonActionClassificationPipeline",
]
