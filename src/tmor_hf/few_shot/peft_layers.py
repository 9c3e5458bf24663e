# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""LoRA and IA3 by way of `peft`, in place inside a classifier."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from safetensors import SafetensorError
from torch import nn

from ..modeling.modeling_tmor_skeleton import TMorForSkeletonActionClassification

_LINEAR_LAYERS = r".*\.(q_proj|k_proj|v_proj|out_proj|fc1|fc2)"


def require_peft() -> ModuleType:
    """The module `peft`.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import peft
    except ImportError as error:
        raise ImportError("LoRA and IA3 need peft: pip install tmor_hf[peft]") from error
    return peft


def add_peft_adapter(classifier: TMorForSkeletonActionClassification, method: str, rank: int = 4) -> None:
    """Puts fresh LoRA or IA3 layers and a copy of the head into a classifier, to be trained; the rest is frozen.

    They change nothing yet: LoRA adds 0, IA3 multiplies by 1.
    """
    classifier.add_adapter(_config(method, rank))


def _config(method: str, rank: int) -> Any:
    peft = require_peft()
    # Without a task type: peft's own tasks pass arguments of text models.
    if method == "lora":
        return peft.LoraConfig(
            r=rank, lora_alpha=2 * rank, target_modules=_LINEAR_LAYERS, modules_to_save=["classifier"]
        )
    return peft.IA3Config(
        target_modules=r".*\.(k_proj|v_proj|fc2)", feedforward_modules=r".*\.fc2", modules_to_save=["classifier"]
    )


def is_peft_model(model: TMorForSkeletonActionClassification) -> bool:
    """Whether there are LoRA or IA3 layers in it."""
    return getattr(model, "_hf_peft_config_loaded", False)


def trained_head(classifier: TMorForSkeletonActionClassification) -> nn.Linear:
    """The classifier's linear layer; with LoRA or IA3 the copy of it that belongs to the active adapter."""
    if not is_peft_model(classifier):
        return classifier.classifier
    return classifier.classifier.modules_to_save[classifier.active_adapters()[0]]


def load_peft_adapter(classifier: TMorForSkeletonActionClassification, folder: Path) -> None:
    """Loads what peft or transformers saved, head included.

    Raises:
        ValueError: If it does not fit the classifier.
    """
    require_peft()
    try:
        found = classifier.load_adapter(str(folder))
    except (RuntimeError, OSError, SafetensorError) as error:
        raise ValueError(f"expected a LoRA or IA3 adapter of this model in {folder}: {error}") from error
    wrong = sorted(found.missing_keys) + sorted(found.unexpected_keys)
    if wrong:
        raise ValueError(f"expected a LoRA or IA3 adapter of this model in {folder}, got other weights: {wrong[0]}")


def merge_peft_layers(model: TMorForSkeletonActionClassification) -> None:
    """Makes the active adapter part of the weights, in place."""
    peft = require_peft()
    active = model.active_adapters()[0]
    for name, module in list(model.named_modules()):
        if isinstance(module, peft.utils.ModulesToSaveWrapper):
            model.set_submodule(name, module.modules_to_save[active])
        elif isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer):
            module.merge(adapter_names=[active])
            model.set_submodule(name, module.get_base_layer())
    del model.peft_config
    model._hf_peft_config_loaded = False


__all__ = [
    "add_peft_adapter",
    "is_peft_model",
    "load_peft_adapter",
    "merge_peft_layers",
    "require_peft",
    "trained_head",
]
