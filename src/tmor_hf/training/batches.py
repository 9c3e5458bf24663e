# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Which clips make up which step: a pure function of seed and step, so that a run can resume anywhere.

This holds for random access and for streams alike. A stream is read in blocks (row groups of Parquet): its order
shuffles blocks, then the clips within windows of a few blocks, so that a reader that keeps some blocks reads each
about once. Since the order is known beforehand, a resumed run starts at any step without reading what came before,
and the number of worker processes changes only who reads what.

Axes: N clips, P processes, b clips of a process and micro-batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


@dataclass(frozen=True)
class StreamOrder:
    """How the blocks of a stream are shuffled. Each process holds about lanes x blocks_per_window blocks at a time.

    Args:
        blocks: epoch -> first clip of each block, rising from 0.
        blocks_per_window: blocks among whose clips the clips of a batch are drawn.
        lanes: parts of the epoch that a process reads in turns, a batch from each. With a number of workers that
            divides it, no two workers read the same block (but where a window ends).
    """

    blocks: Callable[[int], np.ndarray]
    blocks_per_window: int = 8
    lanes: int = 4


class BatchOrder:
    """Splits shuffled epochs into steps, processes and micro-batches.

    Args:
        num_clips: length of the data set.
        batch_size: clips per process and micro-batch.
        num_micro_batches: micro-batches per step.
        num_processes: processes that share a step's batch.
        process_index: rank of this process.
        seed: seed of the shuffling; the order of an epoch depends on (seed, epoch) alone, that of a stream also on
            the sizes of batch and processes.
        drop_last: whether the clips of an epoch that do not fill a batch are left out. The shuffling leaves out
            others each epoch.
        stream: order of a data set that is read in blocks; None shuffles all clips.
        lengths: epoch -> (N,) frames of each clip, to make batches of clips of like length; None does not look.

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
        stream: StreamOrder | None = None,
        lengths: Callable[[int], np.ndarray] | None = None,
    ):
        self.num_clips = num_clips
        self.batch_size = batch_size
        self.global_batch_size = batch_size * num_micro_batches * num_processes
        self.num_micro_batches = num_micro_batches
        self.num_processes = num_processes
        self.process_index = process_index
        self.seed = seed
        self.stream = stream
        self.lengths = lengths
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
        """(N,) the clips of an epoch: step after step, in it process after process, micro-batch after micro-batch."""
        rng = np.random.default_rng([self.seed, epoch])
        if self.stream is not None:
            windows = _block_windows(rng, self.stream.blocks(epoch), self.num_clips, self.stream.blocks_per_window)
            rows = self._arrange(rng, windows, epoch, self.batch_size)
            return self._deal(rows)
        rows = rng.permutation(self.num_clips)
        if self.lengths is None:
            return rows
        size = _STEPS_PER_WINDOW * self.global_batch_size
        windows = [rows[start : start + size] for start in range(0, self.num_clips, size)]
        # Here a whole step is of like length, so that no process waits for another.
        return self._arrange(rng, windows, epoch, self.global_batch_size)

    def _arrange(self, rng: np.random.Generator, windows: list[np.ndarray], epoch: int, batch_size: int) -> np.ndarray:
        """(N,) the windows in a row, cut into batches of like length if lengths are known; the rest comes last."""
        if self.lengths is None:
            return np.concatenate(windows)
        lengths = self.lengths(epoch)
        count = self.num_clips // batch_size * batch_size
        rest = np.concatenate(windows)[count:]  # taken off before sorting: else always the longest would be left out
        ends = np.minimum(np.cumsum([len(window) for window in windows]), count)
        parts, start = [], 0
        for number, (window, end) in enumerate(zip(windows, ends, strict=True)):
            window = window[: end - start]
            ranked = window[np.argsort(lengths[window], kind="stable")]
            # Up and down in turns: a batch across two windows has like lengths too.
            parts.append(ranked[::-1] if number % 2 else ranked)
            start = end
        batches = np.concatenate(parts).reshape(-1, batch_size)
        first = -(-np.concatenate([[0], ends]) // batch_size)  # the first batch that begins in each window
        order = [rng.permutation(np.arange(a, b)) for a, b in zip(first[:-1], first[1:], strict=True)]
        return np.concatenate([batches[np.concatenate(order).astype(np.int64)].reshape(-1), rest])

    def _deal(self, rows: np.ndarray) -> np.ndarray:
        """(N,) the same clips with their batches dealt to lanes and processes.

        Each lane is a stretch of the batches. Batch i of process p is the next one of lane p + P * (i mod lanes), so
        every process has lanes of its own, and so has every worker process if their number divides the lanes.
        """
        count = len(rows) // self.batch_size
        num_lanes = self.stream.lanes * self.num_processes
        size, longer = divmod(count, num_lanes)
        lane_starts = np.arange(num_lanes) * size + np.minimum(np.arange(num_lanes), longer)
        turns = np.arange(count)
        turns = lane_starts[turns % num_lanes] + turns // num_lanes
        per_step = self.num_micro_batches * self.num_processes
        full = count // per_step * per_step
        steps = turns[:full].reshape(-1, self.num_micro_batches, self.num_processes).swapaxes(1, 2)
        order = np.concatenate([steps.reshape(-1), turns[full:]])
        batches = rows[: count * self.batch_size].reshape(count, self.batch_size)
        return np.concatenate([batches[order].reshape(-1), rows[count * self.batch_size :]])

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

    def position(self) -> dict[str, int | str]:
        """What must not change between a run and its resumption, or steps would mean other clips."""
        parts = ["like length" if self.lengths is not None else "any length"]
        if self.stream is not None:
            parts.append(f"stream in {self.stream.lanes} lanes, windows of {self.stream.blocks_per_window} blocks")
            parts.append(f"{self.num_processes} processes, batches of {self.batch_size}")
        return {
            "seed": self.seed,
            "num_clips": self.num_clips,
            "global_batch_size": self.global_batch_size,
            "order": "; ".join(parts),
        }


DEFAULT_ORDER = "any length"  # of a run that says nothing about its order
_STEPS_PER_WINDOW = 64  # steps whose clips are sorted by length together


def _block_windows(rng: np.random.Generator, starts: np.ndarray, num_clips: int, size: int) -> list[np.ndarray]:
    """The clips of `size` blocks each, in random order; the blocks too are in random order."""
    ends = np.append(starts[1:], num_clips)
    order = rng.permutation(len(starts))
    chosen = [order[start : start + size] for start in range(0, len(order), size)]
    return [rng.permutation(np.concatenate([np.arange(starts[k], ends[k]) for k in window])) for window in chosen]


class _EpochDataset(Dataset):
    """A data set addressed by (epoch, index), so that worker processes learn of the epoch without a restart.

    It gives whole batches: what the data set found damaged goes with the batch to the process that trains.
    """

    def __init__(self, dataset: Any, collate_fn: Callable[[list[Any]], dict[str, Any]]):
        self.dataset = dataset
        self.collate_fn = collate_fn
        self.epoch: int | None = None

    def __getitems__(self, keys: list[tuple[int, int]]) -> Any:
        epoch = keys[0][0]
        if epoch != self.epoch and hasattr(self.dataset, "set_epoch"):
            self.dataset.set_epoch(epoch)
        self.epoch = epoch
        indices = [index for _, index in keys]
        if hasattr(self.dataset, "__getitems__"):
            batch = self.collate_fn(self.dataset.__getitems__(indices))
        else:
            batch = self.collate_fn([self.dataset[index] for index in indices])
        damage = self.dataset.take_damage() if hasattr(self.dataset, "take_damage") else None
        return {**batch, DAMAGE: damage} if damage else batch


DAMAGE = "damage"  # key of a batch: [(shard, row, reason)] that were found when it was read


def _as_it_is(batch: Any) -> Any:
    return batch


def micro_batch_loader(
    dataset: Any,
    collate_fn: Callable[[list[Any]], dict[str, Any]],
    order: BatchOrder,
    start: int,
    stop: int,
    num_workers: int = 0,
    pin_memory: bool = False,
) -> DataLoader:
    """One loader for all micro-batches of the steps [start, stop); earlier ones are skipped without reading them.

    Args:
        dataset: `[index]`, or `__getitems__(indices)` for a whole batch; optionally `set_epoch(epoch)`, and
            `take_damage()`, the list of (shard, row, reason) found damaged since the last call: where it is not empty,
            the batch has it under the key `DAMAGE`.
        collate_fn: makes a batch, a dict, of a list of items.
        order: which clips, and in what order.
        start: first step.
        stop: step before which to end.
        num_workers: processes that read, augment and collate; 0 does it in this one.
        pin_memory: put tensors into pinned memory.
    """
    return DataLoader(
        _EpochDataset(dataset, collate_fn),
        batch_sampler=order.keys(start, stop),
        collate_fn=_as_it_is,
        num_workers=num_workers,
        pin_memory=pin_memory,
        # Own generator: the loader would else draw from the global one, on which dropout depends.
        generator=torch.Generator().manual_seed(order.seed),
    )


__all__ = ["DAMAGE", "BatchOrder", "StreamOrder", "micro_batch_loader"]
