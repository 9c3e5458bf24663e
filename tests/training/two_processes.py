# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Started by test_distributed.py with torchrun: compares two processes with one, writes what it finds as JSON.

The reference of one process is computed before there is a process group.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from interrupted_run import SignallingClips
from tiny_runs import TinyClips, batch_of, tiny_model, tiny_trainer

from tmor_hf.training import TrainingInterrupted
from tmor_hf.training.losses import LossWeights
from tmor_hf.training.objective import ContrastiveObjective

# Clips of rank 0 and of rank 1: uneven, as the last batch of an epoch.
PARTS = (range(0, 5), range(5, 8))
# Videos on rank 0 only (rank 1 never uses that tower), or on both.
ONE_RANK, BOTH = range(1, 3), range(1, 7)
CASES = {
    "two modalities, InfoNCE": {},
    "two modalities, sigmoid": {"loss": "sigmoid", "same_caption": "positive"},
    "three modalities, InfoNCE": {"video_of": BOTH, "video_text_weight": 0.5, "near_duplicate_threshold": 0.97},
    "three modalities, sigmoid": {"video_of": BOTH, "loss": "sigmoid", "video_text_weight": 0.5},
    "video on one process": {"video_of": ONE_RANK, "same_caption": "positive"},
    "video on no process": {"video_of": range(0)},
    "micro-batches, InfoNCE": {"num_micro_batches": 2},
    "micro-batches, video on one process": {"video_of": ONE_RANK, "video_text_weight": 0.5, "num_micro_batches": 3},
    "micro-batches, sigmoid": {"video_of": BOTH, "loss": "sigmoid", "num_micro_batches": 2},
}


def gradients(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Gradient of each parameter, zeros where there is none."""
    return {name: torch.zeros_like(p) if p.grad is None else p.grad.clone() for name, p in model.named_parameters()}


def reference(video_of=None, loss="infonce", video_text_weight=0.0, num_micro_batches=1, **options):
    """Loss and gradients of all eight clips in one process and one batch."""
    model = tiny_model(video_of is not None, loss)
    objective = ContrastiveObjective(model, LossWeights(1.0, 1.0, video_text_weight), **options)
    value, _ = objective(batch_of(range(8), video_of))
    value.backward()
    return float(value.detach()), gradients(model)


def shared(folder, rank, video_of=None, loss="infonce", num_micro_batches=1, **options):
    """The same by the trainer, on two processes of five and three clips."""
    model = tiny_model(video_of is not None, loss)
    trainer = tiny_trainer(
        folder,
        model,
        clips=TinyClips(8, video_of),
        batch_size=1,
        gradient_accumulation_steps=num_micro_batches,
        overwrite=True,
        **options,
    )
    trainer._prepare(None)
    clips = list(PARTS[rank])
    parts = torch.tensor_split(torch.tensor(clips), num_micro_batches)
    micro_batches = [batch_of(range(int(p[0]), int(p[-1]) + 1), video_of) for p in parts]
    value, terms = trainer._backward(micro_batches)
    value, _, _ = trainer._agree(value, terms, 0)
    return value, gradients(model)


def interrupted(folder, rank) -> tuple[int, str]:
    """Step and checkpoint with which this rank leaves when rank 1 alone gets a signal."""
    clips = SignallingClips(signal.SIGTERM) if rank == 1 else TinyClips(22)
    try:
        tiny_trainer(folder, clips=clips, batch_size=4, num_epochs=10, save_steps=100).train()
    except TrainingInterrupted as stop:
        return stop.step, Path(stop.checkpoint).name
    raise AssertionError("the run was to be interrupted")


def main() -> None:
    torch.set_num_threads(1)
    folder, rank = Path(sys.argv[1]), int(os.environ["RANK"])
    references = {name: reference(**case) for name, case in CASES.items()}
    results = {}
    for name, case in CASES.items():
        value, got = shared(folder / str(rank), rank, **case)
        expected_value, expected = references[name]
        errors = {key: float((got[key] - expected[key]).abs().max()) for key in expected}
        results[name] = {
            "processes": dist.get_world_size(),
            "loss_error": abs(value - expected_value),
            "largest_gradient": max(float(x.abs().max()) for x in expected.values()),
            "gradient_errors": errors,
            "silent": [key for key, x in expected.items() if not x.any()],
        }
    run = tiny_trainer(folder / "run", num_clips=11, batch_size=2, drop_last=False, save_steps=1)
    run.train()
    left_with = interrupted(folder / "interrupted", rank)
    (folder / f"results-{rank}.json").write_text(json.dumps({"cases": results, "left_with": left_with}))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
