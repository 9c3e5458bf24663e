# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips per second of the skeleton encoder, forward and forward + backward, on the CPU or a GPU.

    python benchmarks/encoder_speed.py                      # the small model, 64 frames, one person, ntu25
    python benchmarks/encoder_speed.py --preset base --threads 2 --batch-sizes 16
    python benchmarks/encoder_speed.py --device cuda --dtypes float32 bfloat16 --batch-sizes 1 64 1024 --clips 4096

All settings are measured in turn, again and again, so that a slow spell of the machine hits them all; the median over
the rounds is reported. Other precisions than float32 are those of `torch.autocast`; float32 on a GPU is computed as
such, without TF32. Batches lie on the device beforehand. The last line is JSON; with a GPU it also says the largest
memory that tensors took in a pass.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from torch import Tensor

from tmor_hf import TMorFeatureExtractor, TMorSkeletonConfig, TMorSkeletonModel

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
PASSES = ("forward", "forward_backward")


class Setting(NamedTuple):
    """What is measured."""

    threads: int
    dtype: str
    batch_size: int
    name: str


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=("tiny", "small", "base"), default="small")
    parser.add_argument("--layout", default="ntu25")
    parser.add_argument("--num-joints", type=int, default=25, help="joints of the layout")
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="on the CPU (%(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (%(default)s)")
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=["float32"], help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=64, help="least number of clips in one measurement")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def clips_per_second(step: Callable[[], None], batch_size: int, clips: int) -> float:
    repeats = max(1, clips // batch_size)
    synchronize()
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    synchronize()
    return repeats * batch_size / (time.perf_counter() - start)


def synchronize() -> None:
    """Waits for the GPU, if one is in use."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


def peak_memory(step: Callable[[], None]) -> float:
    """MiB of the GPU that tensors take at most during a step, weights and all batches included."""
    torch.cuda.reset_peak_memory_stats()
    step()
    return round(torch.cuda.max_memory_allocated() / 2**20, 1)


def random_batches(args: argparse.Namespace) -> dict[int, dict[str, Tensor]]:
    """Number of clips -> what the feature extractor makes of so many clips of noise, on the device."""
    rng = np.random.default_rng(args.seed)
    extractor = TMorFeatureExtractor(layout=args.layout)
    shape = (args.frames, args.num_joints, 3)
    batches = {}
    for size in args.batch_sizes:
        clips = [rng.normal(size=shape).astype(np.float32) for _ in range(size)]
        batches[size] = extractor(clips, return_tensors="pt").to(args.device)
    return batches


def run_pass(model: TMorSkeletonModel, batch: dict[str, Tensor], setting: Setting) -> None:
    precision = torch.autocast(model.device.type, DTYPES[setting.dtype], enabled=setting.dtype != "float32")
    if setting.name == "forward":
        with torch.inference_mode(), precision:
            model.eval()(**batch)
        return
    with precision:
        loss = model.train()(**batch).pooler_output.sum()
    loss.backward()
    model.zero_grad()


def measure(model: TMorSkeletonModel, settings: list[Setting], args: argparse.Namespace) -> list[dict[str, Any]]:
    """Median and best clips per second of each setting over the rounds, and on a GPU the memory of a pass."""
    batches = random_batches(args)
    steps = {setting: partial(run_pass, model, batches[setting.batch_size], setting) for setting in settings}
    rates: dict[Setting, list[float]] = {setting: [] for setting in settings}
    for _ in range(args.rounds + 1):
        for setting, step in steps.items():
            torch.set_num_threads(setting.threads)
            rates[setting].append(clips_per_second(step, setting.batch_size, args.clips))
    return [
        {
            "pass": setting.name,
            "threads": setting.threads,
            "dtype": setting.dtype,
            "batch_size": setting.batch_size,
            "clips_per_second": round(statistics.median(values[1:]), 1),  # the first round warms up
            "best": round(max(values[1:]), 1),
            "peak_mib": peak_memory(steps[setting]) if model.device.type == "cuda" else None,
        }
        for setting, values in rates.items()
    ]


def main() -> None:
    args = get_arguments()
    torch.manual_seed(args.seed)
    torch.backends.cudnn.allow_tf32 = False  # as matrix products already are
    model = TMorSkeletonModel(getattr(TMorSkeletonConfig, args.preset)()).to(args.device)
    on_gpu = model.device.type == "cuda"
    threads = [torch.get_num_threads()] if on_gpu else args.threads
    settings = [Setting(*words) for words in product(threads, args.dtypes, args.batch_sizes, PASSES)]
    results = measure(model, settings, args)
    for found in results:
        where = f"{found['peak_mib']:8.0f} MiB" if on_gpu else f"{found['threads']} threads"
        print(
            f"{found['pass']:16}  {where}  {found['dtype']:8}  batch {found['batch_size']:4}  "
            f"{found['clips_per_second']:9.1f} clips/s  (best {found['best']:.1f})"
        )
    summary = {
        "benchmark": "encoder_speed",
        "preset": args.preset,
        "parameters": model.num_parameters(),
        "frames": args.frames,
        "layout": args.layout,
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "processor": platform.processor() or platform.machine(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "results": results,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
