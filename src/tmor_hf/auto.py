# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Registration with transformers: Auto classes and pipelines. No other file touches its registries."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForVideoClassification,
    AutoProcessor,
    PreTrainedModel,
)
from transformers.models.auto.auto_factory import _BaseAutoModelClass, _LazyAutoMapping, auto_class_update
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.pipelines import PIPELINE_REGISTRY

from .modeling import (
    TMorConfig,
    TMorForSkeletonActionClassification,
    TMorModel,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from .pipelines import (
    SkeletonActionClassificationPipeline,
    SkeletonFeatureExtractionPipeline,
    ZeroShotSkeletonActionClassificationPipeline,
)
from .processing import TMorFeatureExtractor, TMorProcessor


MODEL_FOR_SKELETON_ACTION_CLASSIFICATION_MAPPING = _LazyAutoMapping(CONFIG_MAPPING_NAMES, OrderedDict())


class AutoModelForSkeletonActionClassification(_BaseAutoModelClass):
    _model_mapping = MODEL_FOR_SKELETON_ACTION_CLASSIFICATION_MAPPING


AutoModelForSkeletonActionClassification = auto_class_update(
    AutoModelForSkeletonActionClassification, head_doc="skeleton action classification"
)


class AutoModelForSkeletonFeatureExtraction:
    """Loads no more of a checkpoint than what embeds skeletons, for the feature extraction pipeline."""

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str, **kwargs: Any) -> PreTrainedModel:
        """The skeleton encoder, with its projection if the checkpoint has one.

        Args:
            pretrained_model_name_or_path: Name or path of a checkpoint of any model of this package.
            **kwargs: As for `AutoModel.from_pretrained`.

        Raises:
            ValueError: If the checkpoint is of another model type.
        """
        hub_names = ("cache_dir", "force_download", "local_files_only", "revision", "subfolder", "token")
        hub_kwargs = {name: kwargs[name] for name in hub_names if name in kwargs}
        config = AutoConfig.from_pretrained(pretrained_model_name_or_path, **hub_kwargs)
        if not isinstance(config, (TMorConfig, TMorSkeletonConfig)):
            raise ValueError(
                f"expected a checkpoint of a T-MOR model, got model type {config.model_type!r} in "
                f"{pretrained_model_name_or_path}"
            )
        is_projected = TMorSkeletonModelWithProjection.__name__ in (config.architectures or [])
        if isinstance(config, TMorConfig) or is_projected:
            return TMorSkeletonModelWithProjection.from_pretrained(pretrained_model_name_or_path, **kwargs)
        return TMorSkeletonModel.from_pretrained(pretrained_model_name_or_path, **kwargs)


class _NoDefaultModel(dict):
    """In the place of a task's default checkpoint, as there is none yet: says so when `pipeline` asks for it."""

    def __init__(self, task: str) -> None:
        super().__init__(model=None)
        self.task = task

    def __getitem__(self, key: str) -> Any:
        raise ValueError(
            f"expected `model=` for the task {self.task!r}, got none, and it has no default checkpoint; pass the name "
            f"or path of one: pipeline({self.task!r}, model=...)"
        )


_PIPELINES = (
    ("skeleton-action-classification", SkeletonActionClassificationPipeline, AutoModelForVideoClassification),
    ("zero-shot-skeleton-action-classification", ZeroShotSkeletonActionClassificationPipeline, AutoModel),
    ("skeleton-feature-extraction", SkeletonFeatureExtractionPipeline, AutoModelForSkeletonFeatureExtraction),
)


def register() -> None:
    """Makes transformers' Auto classes and `pipeline` know this package's classes. Calling it again is harmless."""
    classifier = TMorForSkeletonActionClassification
    for config_class, model_class in ((TMorConfig, TMorModel), (TMorSkeletonConfig, TMorSkeletonModel)):
        AutoConfig.register(config_class.model_type, config_class, exist_ok=True)
        AutoModel.register(config_class, model_class, exist_ok=True)
        AutoFeatureExtractor.register(config_class, TMorFeatureExtractor, exist_ok=True)
    AutoModelForVideoClassification.register(TMorSkeletonConfig, classifier, exist_ok=True)
    AutoModelForSkeletonActionClassification.register(TMorSkeletonConfig, classifier, exist_ok=True)
    AutoProcessor.register(TMorConfig, TMorProcessor, exist_ok=True)
    # A skeleton-only repository has no tokenizer: its feature extractor is all the processor there is.
    AutoProcessor.register(TMorSkeletonConfig, TMorFeatureExtractor, exist_ok=True)
    for task, pipeline_class, model_class in _PIPELINES:
        if task not in PIPELINE_REGISTRY.supported_tasks:
            PIPELINE_REGISTRY.register_pipeline(
                task, pipeline_class, pt_model=model_class, default=_NoDefaultModel(task), type="multimodal"
            )


__all__ = [
    "MODEL_FOR_SKELETON_ACTION_CLASSIFICATION_MAPPING",
    "AutoModelForSkeletonActionClassification",
    "AutoModelForSkeletonFeatureExtraction",
    "register",
]
