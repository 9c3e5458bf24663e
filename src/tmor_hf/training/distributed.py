# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows gathered from all processes, with their gradient. The only file of the package that touches process groups.

Without an initialised process group every function is the identity, so that callers have one code path.
"""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor


def is_distributed() -> bool:
    """Whether more than one process takes part."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def world_size() -> int:
    """Number of processes, 1 without a process group."""
    return dist.get_world_size() if is_distributed() else 1


def process_index() -> int:
    """Rank of this process, 0 without a process group."""
    return dist.get_rank() if is_distributed() else 0


def gather_sizes(num_rows: int, device: torch.device) -> list[int]:
    """Number of rows that each process holds, in the order of the ranks.

    Args:
        num_rows: rows of this process.
        device: device on which the process group communicates.
    """
    if not is_distributed():
        return [num_rows]
    own = torch.tensor([num_rows], dtype=torch.int64, device=device)
    sizes = [torch.empty_like(own) for _ in range(world_size())]
    dist.all_gather(sizes, own)
    return [int(size) for size in sizes]


def gather_rows(rows: Tensor, sizes: list[int]) -> Tensor:
    """Rows of all processes in the order of the ranks; the gradient of every process flows back to the owner.

    Args:
        rows: (sizes[rank], ...) rows of this process. The number of rows may differ between processes.
        sizes: rows of each process, from `gather_sizes`.

    Returns:
        (sum(sizes), ...) tensor, the same on every process.
    """
    if not is_distributed():
        return rows
    if rows.shape[0] != sizes[process_index()]:
        raise ValueError(
            f"expected {sizes[process_index()]} rows on process {process_index()}, got {rows.shape[0]}; "
            "pass the sizes that gather_sizes() gave for these rows"
        )
    if rows.dtype == torch.bool:
        return _GatherRows.apply(rows.to(torch.uint8), sizes).bool()
    return _GatherRows.apply(rows, sizes)


def sum_over_processes(values: Tensor) -> Tensor:
    """Element-wise sum of `values` over all processes, without a gradient."""
    if is_distributed():
        values = values.detach().clone()
        dist.all_reduce(values)
    return values


class _GatherRows(torch.autograd.Function):
    """All-gather of unequal parts; the backward pass sums over processes what each one's loss sends back."""

    @staticmethod
    def forward(ctx, rows: Tensor, sizes: list[int]) -> Tensor:
        ctx.sizes = sizes
        longest = max(sizes)
        # Collectives want equal shapes: pad to the longest part, cut the padding off again.
        padded = rows.new_zeros((longest, *rows.shape[1:]))
        padded[: rows.shape[0]] = rows
        parts = [torch.empty_like(padded) for _ in sizes]
        dist.all_gather(parts, padded)
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        gradient = gradient.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(gradient)
        start = sum(ctx.sizes[: process_index()])
        return gradient[start : start + ctx.sizes[process_index()]], None
