# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""AdamW's parameter groups, locked towers and the learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from .arguments import ContrastiveTrainingArguments

# Learned arrays of these modules are looked up or rescale; pulling them to zero regularises nothing.
_NEVER_DECAYED = (nn.Embedding, nn.EmbeddingBag)


def tower_lr_scales(args: ContrastiveTrainingArguments) -> dict[str, float]:
    """Learning-rate factor of each tower, by the tower's attribute of `TMorModel`; 0 means locked."""
    return {"text_model": args.text_lr_scale, "video_model": args.video_lr_scale}


def lock_towers(model: nn.Module, args: ContrastiveTrainingArguments) -> None:
    """Excludes towers of factor 0 from training; their projections go on learning."""
    for name, scale in tower_lr_scales(args).items():
        tower = getattr(model, name, None)
        if tower is not None and scale == 0:
            tower.requires_grad_(False)


def set_train_mode(model: nn.Module, args: ContrastiveTrainingArguments) -> None:
    """Training mode, but evaluation mode (no dropout) for locked towers."""
    model.train()
    for name, scale in tower_lr_scales(args).items():
        tower = getattr(model, name, None)
        if tower is not None and scale == 0:
            tower.eval()


def freeze(module: nn.Module) -> Callable[[], None]:
    """Excludes a part of a model from training and from dropout, whatever mode the model is put into.

    Without gradients of its own, a frozen encoder costs a third of the time of a trained one.

    Args:
        module: The part, e.g. `model.skeleton_model`. Freeze it before an optimizer is made of the model.

    Returns:
        A function that undoes it.
    """
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    module.requires_grad_(False)
    # The Trainer puts the whole model into training mode before each step.
    handle = module.register_forward_pre_hook(_to_evaluation_mode)

    def undo() -> None:
        handle.remove()
        for parameter in trained:
            parameter.requires_grad_(True)

    return undo


def _to_evaluation_mode(module: nn.Module, inputs: Any) -> None:
    module.eval()


def undecayed_parameters(model: nn.Module) -> set[str]:
    """Names of the parameters without weight decay: all that are no weight matrix of a linear or convolution layer.

    That is norms, biases, the temperature, embeddings, and learned tokens and positions.
    """
    names = set()
    for prefix, module in model.named_modules():
        is_norm = "norm" in type(module).__name__.lower()
        for name, parameter in module.named_parameters(recurse=False):
            is_matrix = name.endswith("weight") and parameter.ndim > 1
            if not is_matrix or is_norm or isinstance(module, _NEVER_DECAYED):
                names.add(f"{prefix}.{name}" if prefix else name)
    return names


def parameter_groups(model: nn.Module, args: ContrastiveTrainingArguments) -> list[dict]:
    """AdamW groups by tower and decay; `lr_scale` is the group's factor on the schedule."""
    undecayed = undecayed_parameters(model)
    scales = tower_lr_scales(args)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            key = scales.get(name.split(".")[0], 1.0), 0.0 if name in undecayed else args.weight_decay
            groups.setdefault(key, []).append(parameter)
    if not groups:
        raise ValueError("expected parameters to train, got none with requires_grad; unlock a part of the model")
    return [
        {"params": params, "lr_scale": scale, "weight_decay": decay, "lr": args.learning_rate * scale}
        for (scale, decay), params in groups.items()
    ]


def build_optimizer(model: nn.Module, args: ContrastiveTrainingArguments, device: torch.device) -> torch.optim.AdamW:
    """AdamW over `parameter_groups`."""
    return torch.optim.AdamW(
        parameter_groups(model, args),
        lr=args.learning_rate,
        betas=(args.adam_beta1, args.adam_beta2),
        eps=args.adam_epsilon,
        fused=device.type in ("cpu", "cuda"),
    )


def learning_rate_at(step: int, num_steps: int, peak: float, warmup_ratio: float) -> float:
    """Learning rate of step `step` (from 0): linear rise, then half a cosine that reaches 0 after the last step.

    A function of the step alone, so that resuming needs no scheduler state.
    """
    num_warmup = round(num_steps * warmup_ratio)
    if step < num_warmup:
        return peak * (step + 1) / num_warmup
    progress = (step - num_warmup) / max(1, num_steps - num_warmup)
    return peak * 0.5 * (1 + math.cos(math.pi * progress))


def set_learning_rate(optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    """Sets every group to `learning_rate` times its factor."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate * group["lr_scale"]
