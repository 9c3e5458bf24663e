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

import numpy as np
import torch
import transformers
from torch import Tensor

from tmor_hf import TMorFeatureExtractor, TMorSkeletonConfig, TMorSkeletonModel

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


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


def peak_memory(step: Callable[[], None]) -> float | None:
    """MiB of the GPU that tensors take at most during a step, weights included; None on the CPU."""
    if not torch.cuda.is_initialized():
        return None
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


def main() -> None:
    args = get_arguments()
    torch.manual_seed(args.seed)
    torch.backends.cudnn.allow_tf32 = False  # as matrix products already are
    model = TMorSkeletonModel(getattr(TMorSkeletonConfig, args.preset)()).to(args.device)
    batches = random_batches(args)
    on_gpu = torch.device(args.device).type == "cuda"

    def precision(dtype: str) -> torch.autocast:
        return torch.autocast(torch.device(args.device).type, DTYPES[dtype], enabled=dtype != "float32")

    def forward(size: int, dtype: str) -> None:
        with torch.inference_mode(), precision(dtype):
            model.eval()(**batches[size])

    def forward_backward(size: int, dtype: str) -> None:
        with precision(dtype):
            loss = model.train()(**batches[size]).pooler_output.sum()
        loss.backward()
        model.zero_grad()

    passes = {"forward": forward, "forward_backward": forward_backward}
    settings = [
        (name, threads, dtype, size)
        for threads in ([torch.get_num_threads()] if on_gpu else args.threads)
        for dtype in args.dtypes
        for size in args.batch_sizes
        for name in passes
    ]
    rates: dict[tuple[str, int, str, int], list[float]] = {setting: [] for setting in settings}
    memory: dict[tuple[str, int, str, int], float | None] = {}
    for round_index in range(args.rounds + 1):
        for setting in settings:
            name, threads, dtype, size = setting
            torch.set_num_threads(threads)

            def step(run: Callable = passes[name], size: int = size, dtype: str = dtype) -> None:
                run(size, dtype)

            rate = clips_per_second(step, size, args.clips)
            if round_index > 0:  # the first round warms up
                rates[setting].append(rate)
            else:
                memory[setting] = peak_memory(step)
    results = []
    for setting, values in rates.items():
        name, threads, dtype, size = setting
        median, peak = statistics.median(values), memory[setting]
        results.append(
            {"pass": name, "threads": threads, "dtype": dtype, "batch_size": size,
             "clips_per_second": round(median, 1), "peak_mib": peak}
        )  # fmt: skip
        where = f"{peak:8.0f} MiB" if on_gpu else f"{threads} threads"
        print(f"{name:16}  {where}  {dtype:8}  batch {size:4}  {median:9.1f} clips/s  (best {max(values):.1f})")
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
