# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""LoRA and IA3 by way of `peft`, in place inside a classifier."""

from __future__ import annotations

from types import ModuleType
from typing import Any

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


__all__ = ["add_peft_adapter", "require_peft"]
