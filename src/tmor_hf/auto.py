# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Registration with transformers: Auto classes and pipelines. No other file touches its registries."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import Any

from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioFrameClassification,
    AutoModelForVideoClassification,
    AutoProcessor,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.models.auto.auto_factory import _BaseAutoModelClass, _LazyAutoMapping
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.pipelines import PIPELINE_REGISTRY

from .checkpoints import bundled
from .export import TMorOnnxConfig, TMorOnnxModel
from .modeling import (
    TMorConfig,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorModel,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from .pipelines import (
    SkeletonActionClassificationPipeline,
    SkeletonFeatureExtractionPipeline,
    SkeletonTemporalActionDetectionPipeline,
    ZeroShotSkeletonActionClassificationPipeline,
)
from .processing import TMorFeatureExtractor, TMorProcessor

MODEL_FOR_SKELETON_ACTION_CLASSIFICATION_MAPPING = _LazyAutoMapping(CONFIG_MAPPING_NAMES, OrderedDict())
MODEL_FOR_SKELETON_FRAME_CLASSIFICATION_MAPPING = _LazyAutoMapping(CONFIG_MAPPING_NAMES, OrderedDict())


_ADAPTER_NAME = "tmor_adapter.json"  # what tells a folder of `tmor_hf.few_shot.save_adapter`


class _AutoModelWithNewHead(_BaseAutoModelClass):
    """Base of Auto classes for classifiers that take a contrastive checkpoint too."""

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike, *model_args: Any, **kwargs: Any
    ) -> PreTrainedModel:
        """Loads a classifier, or the encoder of a contrastive checkpoint under a new head.

        Args:
            pretrained_model_name_or_path: Name or path of a checkpoint.
            *model_args: Passed to the model.
            **kwargs: As for `AutoModel.from_pretrained`; `num_labels` or `id2label` say what the new head is to name.

        Raises:
            ValueError: If the checkpoint is of another model type.
        """
        try:
            config = kwargs.get("config") or _load_config(pretrained_model_name_or_path, kwargs)
        except (OSError, ValueError):
            config = None  # a PEFT adapter, whose base model transformers looks up; or nothing, and it says so
        if isinstance(config, TMorConfig):
            kwargs.pop("config", None)
            kwargs.pop("trust_remote_code", None)
            classifier = cls._model_mapping[TMorSkeletonConfig]
            return classifier.from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)
        return super().from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)


class AutoModelForSkeletonActionClassification(_AutoModelWithNewHead):
    """Auto class for models with a head for skeleton action classification.

    Unlike `AutoModelForVideoClassification` it also takes a contrastive checkpoint, whose encoder gets a new head, and
    the folder of an adapter that `tmor_hf.few_shot.save_adapter` wrote.
    """

    _model_mapping = MODEL_FOR_SKELETON_ACTION_CLASSIFICATION_MAPPING

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike, *model_args: Any, **kwargs: Any
    ) -> PreTrainedModel:
        """As of its base; or the classifier of an adapter, whose base model is looked up."""
        if os.path.isfile(os.path.join(pretrained_model_name_or_path, _ADAPTER_NAME)):
            from .few_shot import load_adapter  # few adapters need it, so not at import

            return load_adapter(pretrained_model_name_or_path, **kwargs)
        return super().from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)


class AutoModelForSkeletonFrameClassification(_AutoModelWithNewHead):
    """Auto class for models that classify the frames of a recording.

    Unlike `AutoModelForAudioFrameClassification`, the class of transformers for one label or more a time step, it also
    takes a contrastive checkpoint: its encoder gets a new head.
    """

    _model_mapping = MODEL_FOR_SKELETON_FRAME_CLASSIFICATION_MAPPING


class AutoModelForSkeletonFeatureExtraction:
    """Loads no more of a checkpoint than what embeds skeletons, for the feature extraction pipeline."""

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike, **kwargs: Any) -> PreTrainedModel:
        """The skeleton encoder, with its projection if the checkpoint has one.

        Args:
            pretrained_model_name_or_path: Name or path of a checkpoint of any model of this package.
            **kwargs: As for `AutoModel.from_pretrained`.

        Raises:
            ValueError: If the checkpoint is of another model type.
        """
        config = _load_config(pretrained_model_name_or_path, kwargs)
        if isinstance(config, TMorOnnxConfig):
            return TMorOnnxModel.from_pretrained(pretrained_model_name_or_path, config=config, **kwargs)
        if not isinstance(config, (TMorConfig, TMorSkeletonConfig)):
            raise ValueError(
                f"expected a checkpoint of a T-MOR model, got model type {config.model_type!r} in "
                f"{pretrained_model_name_or_path}"
            )
        is_projected = TMorSkeletonModelWithProjection.__name__ in (config.architectures or [])
        if isinstance(config, TMorConfig) or is_projected:
            return TMorSkeletonModelWithProjection.from_pretrained(pretrained_model_name_or_path, **kwargs)
        return TMorSkeletonModel.from_pretrained(pretrained_model_name_or_path, **kwargs)


def _load_config(name_or_path: str | os.PathLike, kwargs: dict[str, Any]) -> PreTrainedConfig:
    """The configuration of a checkpoint, found with those of the keyword arguments that say where."""
    hub_names = ("cache_dir", "force_download", "local_files_only", "revision", "subfolder", "token")
    return AutoConfig.from_pretrained(name_or_path, **{key: kwargs[key] for key in hub_names if key in kwargs})


class _DefaultModel(dict):
    """The default checkpoint of a task: a bundled one, looked up when `pipeline` asks for it."""

    def __init__(self, task: str, name: str | None) -> None:
        super().__init__(model=None)
        self.task = task
        self.name = name

    def __getitem__(self, key: str) -> Any:
        if self.name is None:
            raise ValueError(
                f"expected `model=` for the task {self.task!r}, got none, and it has no default checkpoint; pass the "
                f"name or path of one: pipeline({self.task!r}, model=...)"
            )
        return bundled(self.name), "main"


# Task, its pipeline, the class that loads its models, and the bundled checkpoint that is its default.
_PIPELINES = (
    (
        "skeleton-action-classification",
        SkeletonActionClassificationPipeline,
        AutoModelForVideoClassification,
        "tmor-base-actions",
    ),
    (
        "zero-shot-skeleton-action-classification",
        ZeroShotSkeletonActionClassificationPipeline,
        AutoModel,
        "tmor-base",
    ),
    (
        "skeleton-feature-extraction",
        SkeletonFeatureExtractionPipeline,
        AutoModelForSkeletonFeatureExtraction,
        "tmor-base",
    ),
    (
        "skeleton-temporal-action-detection",
        SkeletonTemporalActionDetectionPipeline,
        AutoModelForSkeletonFrameClassification,
        None,
    ),
)


def register() -> None:
    """Makes transformers' Auto classes and `pipeline` know this package's classes. Calling it again is harmless."""
    classifier, frame_classifier = TMorForSkeletonActionClassification, TMorForSkeletonFrameClassification
    for config_class, model_class in ((TMorConfig, TMorModel), (TMorSkeletonConfig, TMorSkeletonModel)):
        AutoConfig.register(config_class.model_type, config_class, exist_ok=True)
        AutoModel.register(config_class, model_class, exist_ok=True)
        AutoFeatureExtractor.register(config_class, TMorFeatureExtractor, exist_ok=True)
    AutoModelForVideoClassification.register(TMorSkeletonConfig, classifier, exist_ok=True)
    AutoModelForSkeletonActionClassification.register(TMorSkeletonConfig, classifier, exist_ok=True)
    AutoModelForAudioFrameClassification.register(TMorSkeletonConfig, frame_classifier, exist_ok=True)
    AutoModelForSkeletonFrameClassification.register(TMorSkeletonConfig, frame_classifier, exist_ok=True)
    AutoConfig.register(TMorOnnxConfig.model_type, TMorOnnxConfig, exist_ok=True)
    AutoFeatureExtractor.register(TMorOnnxConfig, TMorFeatureExtractor, exist_ok=True)
    for auto_class in (
        AutoModel,
        AutoModelForVideoClassification,
        AutoModelForSkeletonActionClassification,
        AutoModelForSkeletonFrameClassification,
    ):
        auto_class.register(TMorOnnxConfig, TMorOnnxModel, exist_ok=True)
    AutoProcessor.register(TMorConfig, TMorProcessor, exist_ok=True)
    # A skeleton-only repository has no tokenizer: its feature extractor is all the processor there is.
    AutoProcessor.register(TMorSkeletonConfig, TMorFeatureExtractor, exist_ok=True)
    AutoProcessor.register(TMorOnnxConfig, TMorFeatureExtractor, exist_ok=True)
    for task, pipeline_class, model_class, checkpoint in _PIPELINES:
        if task not in PIPELINE_REGISTRY.supported_tasks:
            PIPELINE_REGISTRY.register_pipeline(
                task,
                pipeline_class,
                pt_model=model_class,
                default=_DefaultModel(task, checkpoint),
                type="multimodal",
            )


__all__ = [
    "MODEL_FOR_SKELETON_ACTION_CLASSIFICATION_MAPPING",
    "MODEL_FOR_SKELETON_FRAME_CLASSIFICATION_MAPPING",
    "AutoModelForSkeletonActionClassification",
    "AutoModelForSkeletonFeatureExtraction",
    "AutoModelForSkeletonFrameClassification",
    "register",
]
