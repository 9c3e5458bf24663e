# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""T-MOR (arXiv 2606.21607) on the Hugging Face stack: action representations for any skeleton.

Importing this package registers its classes with transformers' Auto classes and its tasks with `pipeline`. What needs
more than torch and transformers is imported at first use.
"""

from importlib import import_module
from typing import Any

from .auto import AutoModelForSkeletonActionClassification, AutoModelForSkeletonFrameClassification
from .auto import register as _register_with_transformers
from .checkpoints import bundled
from .modeling import (
    TMorConfig,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorModel,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from .processing import JointLayout, Skeletons, TMorFeatureExtractor, TMorProcessor, get_layout, register_layout

_register_with_transformers()

__version__ = "0.1.0"

# Public name -> the sub-package that it comes from, imported at first use.
_LAZY: dict[str, str] = {
    "ContrastiveTrainer": ".training",
    "ContrastiveTrainingArguments": ".training",
    "FineTuningArguments": ".training",
    "MotionIndex": ".search",
    "SkeletonStream": ".streaming",
    "SyntheticMotion": ".data",
    "animate_clip": ".visualization",
    "finetune_classifier": ".training",
    "index_folder": ".search",
    "load_skeleton_text": ".data",
    "plot_clip": ".visualization",
    "plot_timeline": ".visualization",
    "predict_logits": ".evaluation",
    "read_skeletons": ".io",
    "write_skeletons": ".io",
}

__all__ = [
    "AutoModelForSkeletonActionClassification",
    "AutoModelForSkeletonFrameClassification",
    "JointLayout",
    "Skeletons",
    "TMorConfig",
    "TMorFeatureExtractor",
    "TMorForSkeletonActionClassification",
    "TMorForSkeletonFrameClassification",
    "TMorModel",
    "TMorProcessor",
    "TMorSkeletonConfig",
    "TMorSkeletonModel",
    "TMorSkeletonModelWithProjection",
    "bundled",
    "get_layout",
    "register_layout",
    *_LAZY,
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
