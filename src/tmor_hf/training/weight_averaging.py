# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Running average of the weights, in the stock `transformers.Trainer`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn
from transformers import TrainerCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

WEIGHTS_NAME = "weights_in_training.safetensors"


class WeightAverage(TrainerCallback):
    """Validates and saves the exponential moving average of the weights that are trained, and ends with it.

    The average stands in the model from the end of a step that is validated or saved to the start of the next step;
    what the optimizer works on is put back then, so training is as it would be without. In the first steps the decay
    is lower, (1 + step) / (10 + step), lest the average keep the start. Checkpoints hold the average as the model,
    and beside it, in `WEIGHTS_NAME`, what is trained: with both a resumed run is exact.

    It must be the last callback that looks at the weights at the end of a step.

    Args:
        decay: Of the average, in (0, 1).
        checkpoint: The checkpoint that training goes on from, if any.
    """

    def __init__(self, decay: float, checkpoint: str | None = None):
        self.decay = decay
        self.checkpoint = checkpoint
        self.is_averaged = False  # whether the average stands in the model
        self._trained: dict[str, nn.Parameter] = {}
        self._other: list[Tensor] = []  # the average, or while that stands in the model, the weights in training

    def on_train_begin(self, args: Any, state: Any, control: Any, model: nn.Module, **kwargs: Any) -> None:
        self._trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self._other = [value.detach().clone() for value in self._trained.values()]
        if self.checkpoint is not None:
            weights = _read(Path(self.checkpoint) / WEIGHTS_NAME)
            self._other = [weights[name].to(value.device) for name, value in self._trained.items()]
            self.is_averaged = True

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.is_averaged:
            self._exchange()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        decay = min(self.decay, (1 + state.global_step) / (10 + state.global_step))
        weights = [value.detach() for value in self._trained.values()]
        get_ema_multi_avg_fn(decay)(self._other, weights, state.global_step)
        if control.should_evaluate or control.should_save:
            self._exchange()

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero and not args.save_only_model:
            folder = Path(args.output_dir) / f"{PREFIX_CHECKPOINT_DIR}-{state.global_step}"
            save_file(dict(zip(self._trained, self._other, strict=True)), folder / WEIGHTS_NAME)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        is_loaded = args.load_best_model_at_end and state.best_model_checkpoint is not None
        if not self.is_averaged and not is_loaded:
            self._exchange()

    @torch.no_grad()
    def _exchange(self) -> None:
        for value, other in zip(self._trained.values(), self._other, strict=True):
            kept = value.clone()
            value.copy_(other)
            other.copy_(kept)
        self.is_averaged = not self.is_averaged


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise FileNotFoundError(
            f"expected {path.name} in the checkpoint {path.parent}, got none; it was trained without ema_decay: go on "
            "without, or start anew"
        )
    return load_file(path)


__all__ = ["WEIGHTS_NAME", "WeightAverage"]
