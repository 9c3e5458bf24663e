# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What every method starts from: a classifier around a copy of the encoder, and the support clips as tensors.

Axes: V views, N clips, H hidden size.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from ..data.classification import ClassificationDataset
from ..data.clips import MotionClip
from ..modeling.configuration_tmor import TMorSkeletonConfig
from ..modeling.modeling_tmor_skeleton import TMorForSkeletonActionClassification, TMorSkeletonModel
from ..processing.augmentation import SkeletonAugmentation

_FORWARD_CLIPS = 128
_MAX_FRAMES = 128


def encoder_of(model: nn.Module) -> TMorSkeletonModel:
    """The skeleton encoder of any model of this package.

    Raises:
        TypeError: If the model has none.
    """
    encoder = model if isinstance(model, TMorSkeletonModel) else getattr(model, "skeleton_model", None)
    if not isinstance(encoder, TMorSkeletonModel):
        raise TypeError(
            "expected a model with a skeleton encoder, such as TMorModel or TMorForSkeletonActionClassification, got "
            f"{type(model).__name__}; load one with AutoModel.from_pretrained"
        )
    return encoder


def build_classifier(
    model: nn.Module, class_names: Sequence[str], num_prompt_tokens: int | None = None
) -> TMorForSkeletonActionClassification:
    """A classifier with a copy of a model's encoder, on its device, in evaluation mode; head and prompts are new.

    Args:
        model: Any model of this package that takes skeletons; it stays as it is.
        class_names: Names of the classes.
        num_prompt_tokens: Learned tokens of each layer; None keeps those of the model.
    """
    encoder = encoder_of(model)
    config: TMorSkeletonConfig = deepcopy(encoder.config)
    config.id2label = dict(enumerate(class_names))
    config.label2id = {name: label for label, name in enumerate(class_names)}
    config.problem_type = None  # one class of several, whatever the model was trained for
    weights = encoder.state_dict()
    if num_prompt_tokens is not None:
        config.num_prompt_tokens = num_prompt_tokens
        weights.pop("prompt_embeddings", None)
    classifier = TMorForSkeletonActionClassification(config)
    missing, _ = classifier.skeleton_model.load_state_dict(weights, strict=False)
    if set(missing) - {"prompt_embeddings"}:
        raise ValueError(f"expected a plain encoder, got one without {missing[0]}; merge its adapter first")
    classifier.to(encoder.device, encoder.dtype)
    config.name_or_path = classifier.name_or_path = getattr(model, "name_or_path", "")
    return classifier.eval()


def support_views(
    feature_extractor: Any,
    clips: Sequence[MotionClip],
    augmentation: SkeletonAugmentation | None,
    num_views: int,
    seed: int,
) -> dict[str, Tensor]:
    """Model inputs of every clip as it is and of augmented versions of it, (V, N, ...): view 0 is the clip itself."""
    items = list(ClassificationDataset(clips, None, None, _MAX_FRAMES).__getitems__(range(len(clips))))
    if augmentation is not None and num_views > 1:
        augmented = ClassificationDataset(clips, augmentation, seed, _MAX_FRAMES)
        for epoch in range(num_views - 1):
            augmented.set_epoch(epoch)
            items += augmented.__getitems__(range(len(clips)))
    inputs = feature_extractor([item.skeletons for item in items], return_tensors="pt")
    return {name: value.unflatten(0, (-1, len(clips))) for name, value in inputs.items()}


@torch.no_grad()
def pooled_features(model: TMorForSkeletonActionClassification, views: dict[str, Tensor]) -> Tensor:
    """(V, N, H) float64 features of frozen clips, those that the classifier sees in evaluation mode."""
    model.eval()
    flat = {name: value.flatten(0, 1).to(model.device) for name, value in views.items()}
    count = len(flat["keypoints"])
    chunks = [
        model.skeleton_model(**{name: value[start : start + _FORWARD_CLIPS] for name, value in flat.items()})
        for start in range(0, count, _FORWARD_CLIPS)
    ]
    features = torch.cat([outputs.pooler_output for outputs in chunks]).double().cpu()
    return features.unflatten(0, views["keypoints"].shape[:2])


__all__ = ["build_classifier", "encoder_of", "pooled_features", "support_views"]
