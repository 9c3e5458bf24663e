# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Which clips make up which step: a pure function of seed and step, so that a run can resume anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class BatchOrder:
    """Splits shuffled epochs into steps, processes and micro-batches.

    Args:
        num_clips: length of the data set.
        batch_size: clips per process and micro-batch.
        num_micro_batches: micro-batches per step.
        num_processes: processes that share a step's batch.
        process_index: rank of this process.
        seed: seed of the shuffling; the order of an epoch depends on (seed, epoch) alone.
        drop_last: whether the clips of an epoch that do not fill a batch are left out. The shuffling leaves out
            others each epoch.

    Raises:
        ValueError: the data set has too few clips for one step.
    """

    def __init__(
        self,
        num_clips: int,
        batch_size: int,
        num_micro_batches: int = 1,
        num_processes: int = 1,
        process_index: int = 0,
        seed: int = 0,
        drop_last: bool = True,
    ):
        self.num_clips = num_clips
        self.global_batch_size = batch_size * num_micro_batches * num_processes
        self.num_micro_batches = num_micro_batches
        self.num_processes = num_processes
        self.process_index = process_index
        self.seed = seed
        full_steps, remainder = divmod(num_clips, self.global_batch_size)
        # A remainder that leaves a process without any clip, or has a single pair, teaches nothing.
        keeps_remainder = not drop_last and remainder >= max(2, num_processes)
        self.steps_per_epoch = full_steps + int(keeps_remainder)
        if self.steps_per_epoch == 0:
            raise ValueError(
                f"expected at least {self.global_batch_size} clips (batch_size x gradient_accumulation_steps x "
                f"processes), got a data set of {num_clips}; lower batch_size, or set drop_last=False"
            )
        # The data loader and the training loop ask for the same epoch in turns.
        self._permutation = lru_cache(maxsize=2)(self._shuffle)

    def _shuffle(self, epoch: int) -> np.ndarray:
        return np.random.default_rng([self.seed, epoch]).permutation(self.num_clips)

    def micro_batches(self, step: int) -> list[np.ndarray]:
        """Indices of this process's clips in step `step` (counted from 0), one array per micro-batch."""
        epoch, position = divmod(step, self.steps_per_epoch)
        start = position * self.global_batch_size
        indices = self._permutation(epoch)[start : start + self.global_batch_size]
        local = np.array_split(indices, self.num_processes)[self.process_index]
        return np.array_split(local, min(self.num_micro_batches, len(local)))

    def clips_in_step(self, step: int) -> int:
        """Clips of all processes in step `step`."""
        start = step % self.steps_per_epoch * self.global_batch_size
        return min(self.global_batch_size, self.num_clips - start)

    def keys(self, start: int, stop: int) -> Iterator[list[tuple[int, int]]]:
        """For each micro-batch of the steps [start, stop): its list of (epoch, index)."""
        for step in range(start, stop):
            epoch = step // self.steps_per_epoch
            for indices in self.micro_batches(step):
                yield [(epoch, int(index)) for index in indices]


class _EpochDataset(Dataset):
    """A data set addressed by (epoch, index), so that worker processes learn of the epoch without a restart."""

    def __init__(self, dataset: Any):
        self.dataset = dataset
        self.epoch: int | None = None

    def __getitems__(self, keys: list[tuple[int, int]]) -> list[Any]:
        epoch = keys[0][0]
        if epoch != self.epoch and hasattr(self.dataset, "set_epoch"):
            self.dataset.set_epoch(epoch)
        self.epoch = epoch
        indices = [index for _, index in keys]
        if hasattr(self.dataset, "__getitems__"):
            return self.dataset.__getitems__(indices)
        return [self.dataset[index] for index in indices]


def micro_batch_loader(
    dataset: Any,
    collate_fn: Callable[[list[Any]], dict[str, Any]],
    order: BatchOrder,
    start: int,
    stop: int,
    num_workers: int = 0,
    pin_memory: bool = False,
) -> DataLoader:
    """One loader for all micro-batches of the steps [start, stop); earlier ones are skipped without reading them."""
    return DataLoader(
        _EpochDataset(dataset),
        batch_sampler=order.keys(start, stop),
        collate_fn=collate_fn,
        num_workers=num_workers,
        pin_memory=pin_memory,
        # Own generator: the loader would else draw from the global one, on which dropout depends.
        generator=torch.Generator().manual_seed(order.seed),
    )
