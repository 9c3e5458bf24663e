# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Configurations and models. Its files are flat siblings: they travel to the Hub as remote code."""

from .configuration_tmor import TMorConfig, TMorSkeletonConfig
from .modeling_tmor import TMorModel, TMorOutput
from .modeling_tmor_frames import TMorForSkeletonFrameClassification, TMorFrameClassifierOutput
from .modeling_tmor_skeleton import (
    TMorForSkeletonActionClassification,
    TMorPreTrainedModel,
    TMorSkeletonModel,
    TMorSkeletonModelOutput,
    TMorSkeletonModelWithProjection,
)

__all__ = [
    "TMorConfig",
    "TMorForSkeletonActionClassification",
    "TMorForSkeletonFrameClassification",
    "TMorFrameClassifierOutput",
    "TMorModel",
    "TMorOutput",
    "TMorPreTrainedModel",
    "TMorSkeletonConfig",
    "TMorSkeletonModel",
    "TMorSkeletonModelOutput",
    "TMorSkeletonModelWithProjection",
]
