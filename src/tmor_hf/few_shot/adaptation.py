# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`adapt`: a classifier out of a pre-trained encoder and a handful of clips per class.

Axes: V views, N clips, K classes, H hidden size, D projection size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm.auto import tqdm

from ..data.classification import fine_tuning_augmentation, labels_of
from ..data.clips import MotionClip
from ..evaluation.prediction import embed_texts
from ..evaluation.zero_shot import PROMPT_TEMPLATES, class_embeddings
from ..modeling.modeling_tmor_skeleton import TMorForSkeletonActionClassification
from ..processing.augmentation import SkeletonAugmentation
from .heads import LinearHead, fit_head, mean_head, text_and_mean_head, text_head
from .peft_layers import add_peft_adapter, trained_head
from .support import build_classifier, encoder_of, pooled_features, support_views

METHODS = ("nearest_mean", "linear", "prompt", "ia3", "lora", "full", "scratch")
HEAD_INITS = ("text", "means")


@dataclass(frozen=True)
class _Tuning:
    """How the weights of a method are trained."""

    learning_rate: float
    num_steps: int = 20
    num_views: int = 16


_TUNING = {
    "prompt": _Tuning(1e-2),
    "ia3": _Tuning(2e-2),
    "lora": _Tuning(1e-3),
    "full": _Tuning(1e-4),
    "scratch": _Tuning(1e-3, num_steps=200, num_views=32),
}
_WEIGHT_DECAY = 0.01
_HEAD_RATE = 0.1  # learning rate of the head, which stands for the class means, relative to that of the rest
_LABEL_SMOOTHING = 0.1
_DEFAULT_LOGIT_SCALE = 100.0 / 7  # CLIP's first one, for a model that was saved without


def adapt(
    model: nn.Module,
    feature_extractor: Any,
    support: Sequence[MotionClip],
    method: str = "lora",
    *,
    head_init: str | None = None,
    tokenizer: Any = None,
    class_embeds: np.ndarray | Tensor | None = None,
    class_names: Sequence[str] | None = None,
    augmentation: SkeletonAugmentation | str | None = "default",
    num_views: int = 8,
    num_steps: int | None = None,
    learning_rate: float | None = None,
    batch_size: int = 16,
    rank: int = 4,
    num_prompt_tokens: int = 1,
    seed: int = 0,
    progress: bool = False,
) -> TMorForSkeletonActionClassification:
    """Adapts a pre-trained encoder to the classes of a few clips.

    Every method but the nearest mean ends with a linear head that is fitted on features of the clips and of augmented
    views of them, see `fit_head`. Those that tune the encoder do so before, for a fixed number of steps with a falling
    rate, under a head of class means and on other views; without a step they are the linear head.

    Args:
        model: Any model of this package that takes skeletons; it stays as it is.
        feature_extractor: Its `TMorFeatureExtractor`.
        support: The clips; each class has at least one. Lazy ones are read into memory.
        method: ``"nearest_mean"``: the nearest class mean by cosine. ``"linear"``: a linear head. A head and small
            parts of the encoder: ``"lora"`` (Hu et al., 2021) and ``"ia3"`` (Liu et al., 2022), which need
            `tmor_hf[peft]`, and ``"prompt"``, learned tokens in every layer (Jia et al., 2022). ``"full"``: all.
            ``"scratch"``: the same, from random weights in place of the model's, to compare with.
        head_init: The head that the fit starts from and is held near: ``"means"``, the class means, or ``"text"``,
            these and the embeddings of the class names, which count as four more clips of each class. By default text
            if `tokenizer` or `class_embeds` are given.
        tokenizer: The tokenizer of the text tower, for ``"text"`` with a `TMorModel`.
        class_embeds: (K, D) text embeddings of the classes, in place of the tokenizer.
        class_names: Names of the classes; by default those of the support.
        augmentation: How clips are changed; by default as in fine-tuning. None changes nothing.
        num_views: Versions of each clip that the head is fitted on, the clip itself included.
        num_steps: Training steps of the tuned methods; the default depends on the method.
        learning_rate: Their first learning rate; likewise.
        batch_size: Clips of a step.
        rank: Rank of LoRA.
        num_prompt_tokens: Learned tokens of each layer.
        seed: Seed of everything random.
        progress: Show a bar over the steps.

    Returns:
        The classifier, in evaluation mode and on the device of `model`, with names of the classes. Only what was
        adapted `requires_grad`: that is what `save_adapter` saves.

    Raises:
        ValueError: If a class has no clip, or an option is out of its range or does not fit.
        TypeError: If the model has no skeleton encoder.
        ImportError: If the method needs an extra that is not installed.
    """
    if method not in METHODS:
        raise ValueError(f"expected method as one of {', '.join(METHODS)}, got {method!r}")
    counts = (("num_views", num_views, 1), ("batch_size", batch_size, 1), ("num_steps", num_steps, 0))
    for name, value, least in counts:
        if value is not None and value < least:
            raise ValueError(f"expected {name} of at least {least}, got {value}")
    support = support.load() if hasattr(support, "load") else support  # what is damaged goes, and nothing replaces it
    names = _class_names(support, class_names)
    labels = _labels(support, names)
    head_init = head_init or ("means" if tokenizer is None and class_embeds is None else "text")
    if head_init not in HEAD_INITS or (head_init == "text" and method == "scratch"):
        raise ValueError(
            f"expected head_init as one of {', '.join(HEAD_INITS)} (not text from scratch), got {head_init!r}"
        )
    if head_init == "text":
        class_embeds = text_class_embeds(model, tokenizer, names) if class_embeds is None else class_embeds
        expected = len(names), _projection_of(model).out_features  # an error before training, not after
        if tuple(np.shape(class_embeds)) != expected:
            raise ValueError(f"expected class_embeds of shape {expected}, got {tuple(np.shape(class_embeds))}")
    if isinstance(augmentation, str):
        augmentation = fine_tuning_augmentation(names)
    device = encoder_of(model).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        classifier = build_classifier(model, names, num_prompt_tokens if method == "prompt" else None)
        if method == "scratch":
            classifier = TMorForSkeletonActionClassification(classifier.config).to(device)
        _choose_trained(classifier, method, rank)
        if method in _TUNING:
            tuning = _TUNING[method]
            steps = tuning.num_steps if num_steps is None else num_steps
            # Other views than those of the head: it must not rely on what the encoder has learned by heart.
            views = support_views(feature_extractor, support, augmentation, tuning.num_views, seed + 1)
            _set_head(classifier, _tuning_head(classifier, views, labels))
            rate = tuning.learning_rate if learning_rate is None else learning_rate
            _tune(classifier, views, labels, steps, rate, batch_size, seed, progress)
        views = support_views(feature_extractor, support, augmentation, num_views, seed)
        features = pooled_features(classifier, views)
        rows, row_labels = features.flatten(0, 1), labels.repeat(len(features))
        if method != "nearest_mean" and head_init == "text":
            text = initial_text_head(model, class_embeds, rows)
            head = text_and_mean_head(rows, row_labels, text, labels.bincount())
        else:
            head = mean_head(rows, row_labels)
        if method != "nearest_mean":
            head = fit_head(rows, row_labels, head)
        _set_head(classifier, head)
    return classifier.eval()


def _class_names(support: Sequence[MotionClip], class_names: Sequence[str] | None) -> tuple[str, ...]:
    names = tuple(class_names if class_names is not None else getattr(support, "class_names", ()))
    if not names:
        raise ValueError("expected the names of the classes, got none; pass class_names= or a MotionDataset with some")
    return names


def _labels(support: Sequence[MotionClip], names: Sequence[str]) -> Tensor:
    labels = labels_of(support)
    counts = np.bincount(labels, minlength=len(names))
    if len(counts) != len(names) or not counts.all():
        missing = [name for name, count in zip(names, counts, strict=False) if not count]
        raise ValueError(
            f"expected labels below {len(names)} and at least one clip of each class, got labels up to {labels.max()}"
            f"{' and none of ' + ', '.join(missing) if missing else ''}"
        )
    return torch.from_numpy(labels)


def text_class_embeds(
    model: nn.Module, tokenizer: Any, class_names: Sequence[str], templates: Sequence[str] = PROMPT_TEMPLATES
) -> np.ndarray:
    """(K, D) text embeddings of unit length, each the mean over prompt templates.

    Raises:
        ValueError: If there is no tokenizer, or the model has no text tower.
    """
    if tokenizer is None or not hasattr(model, "get_text_features"):
        raise ValueError(
            "expected a TMorModel and its tokenizer for text embeddings of the classes, got "
            f"{type(model).__name__} and tokenizer {type(tokenizer).__name__}; pass tokenizer= or class_embeds="
        )

    return class_embeddings(partial(embed_texts, model, tokenizer), class_names, templates)


def initial_text_head(model: nn.Module, class_embeds: np.ndarray | Tensor, features: Tensor) -> LinearHead:
    """`text_head` with the projection and temperature of a model."""
    scale = getattr(model, "logit_scale", None)
    scale = _DEFAULT_LOGIT_SCALE if scale is None else float(scale.detach().exp())
    embeds = torch.as_tensor(class_embeds).to(features)
    return text_head(embeds, _projection_of(model).weight.detach().to(features), scale, features)


def _projection_of(model: nn.Module) -> nn.Linear:
    projection = getattr(model, "skeleton_projection", None)
    if projection is None:
        raise ValueError(
            "expected a model with a projection into the space of text, such as TMorModel, for head_init='text', got "
            f"{type(model).__name__}"
        )
    return projection


def _tuning_head(
    classifier: TMorForSkeletonActionClassification, views: dict[str, Tensor], labels: Tensor
) -> LinearHead:
    """The head during tuning: plain cosines to the class means.

    A fitted head leaves next to no error on its own clips, and relies on directions in which features hardly vary and
    which any change of the encoder disturbs; both make it a bad guide.
    """
    (features,) = pooled_features(classifier, {name: value[:1] for name, value in views.items()})
    return mean_head(features, labels, shrinkage=1.0)


@torch.no_grad()
def _set_head(classifier: TMorForSkeletonActionClassification, head: LinearHead) -> None:
    layer = trained_head(classifier)
    layer.weight.copy_(head.weight)
    layer.bias.copy_(head.bias)


def _choose_trained(classifier: TMorForSkeletonActionClassification, method: str, rank: int) -> None:
    """Leaves `requires_grad` to what the method trains, and adds LoRA or IA3."""
    if method in ("lora", "ia3"):
        add_peft_adapter(classifier, method, rank)
        return
    classifier.requires_grad_(method in ("full", "scratch"))
    classifier.classifier.requires_grad_(True)
    if method == "prompt":
        classifier.skeleton_model.prompt_embeddings.requires_grad_(True)


@torch.enable_grad()
def _tune(
    classifier: TMorForSkeletonActionClassification,
    views: dict[str, Tensor],
    labels: Tensor,
    num_steps: int,
    learning_rate: float,
    batch_size: int,
    seed: int,
    progress: bool,
) -> None:
    """Trains what `requires_grad`, with a rate that falls to 0; each step takes a random view of each of its clips."""
    rng = np.random.default_rng([seed, num_steps])
    num_views, num_clips = views["keypoints"].shape[:2]
    views = {name: value.to(classifier.device) for name, value in views.items()}
    labels = labels.to(classifier.device)
    trained = [(name, value) for name, value in classifier.named_parameters() if value.requires_grad]
    head = [value for name, value in trained if name.startswith("classifier.")]
    rest = [value for name, value in trained if not name.startswith("classifier.")]
    optimizer = torch.optim.AdamW(
        [{"params": rest, "weight_decay": _WEIGHT_DECAY}, {"params": head, "lr": _HEAD_RATE * learning_rate}],
        lr=learning_rate,
        weight_decay=0.0,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / max(num_steps, 1))
    classifier.train()
    order = np.empty(0, dtype=np.int64)
    for _ in tqdm(range(num_steps), unit="step", disable=not progress):
        if len(order) < min(batch_size, num_clips):
            order = np.concatenate([order, rng.permutation(num_clips)])
        rows, order = np.split(order, [min(batch_size, num_clips)])
        chosen = torch.from_numpy(rng.integers(num_views, size=len(rows))), torch.from_numpy(rows)
        inputs = {name: value[chosen] for name, value in views.items()}
        loss = F.cross_entropy(classifier(**inputs).logits, labels[chosen[1]], label_smoothing=_LABEL_SMOOTHING)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()


__all__ = ["HEAD_INITS", "METHODS", "adapt", "initial_text_head", "text_class_embeds"]
