# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""LoRA and IA3 by way of `peft`, in place inside a classifier."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
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
    wrong = {*found.missing_keys, *found.unexpected_keys} - _load_head(classifier, folder, found.missing_keys)
    if wrong:
        raise ValueError(f"expected a LoRA or IA3 adapter of this model in {folder}, got other weights: {min(wrong)}")


def _load_head(classifier: TMorForSkeletonActionClassification, folder: Path, missing: Collection[str]) -> set[str]:
    """Loads the copy of the head, which older releases of transformers leave out; gives the keys it is known by."""
    named = dict(classifier.named_parameters())
    path = folder / "adapter_model.safetensors"
    saved = load_file(path) if missing and path.is_file() else {}
    loaded = set()
    for name in missing:
        plain = name.replace(f".modules_to_save.{classifier.active_adapters()[0]}.", ".")
        value = saved.get(f"base_model.model.{plain}")
        if plain != name and value is not None and value.shape == named[name].shape:
            named[name].data.copy_(value)
            loaded |= {name, plain}
    return loaded


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
