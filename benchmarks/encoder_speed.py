# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips per second of the skeleton encoder, forward and forward + backward, on the CPU.

    python benchmarks/encoder_speed.py                      # the small model, 64 frames, one person, ntu25
    python benchmarks/encoder_speed.py --preset base --threads 2 --batch-sizes 16

All settings are measured in turn, again and again, so that a slow spell of the machine hits them all; the median over
the rounds is reported. The last line is JSON.
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

from tmor_hf import TMorFeatureExtractor, TMorSkeletonConfig, TMorSkeletonModel


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=("tiny", "small", "base"), default="small")
    parser.add_argument("--layout", default="ntu25")
    parser.add_argument("--num-joints", type=int, default=25, help="joints of the layout")
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=64, help="least number of clips in one measurement")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def clips_per_second(step: Callable[[], None], batch_size: int, clips: int) -> float:
    repeats = max(1, clips // batch_size)
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return repeats * batch_size / (time.perf_counter() - start)


def main() -> None:
    args = get_arguments()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    model = TMorSkeletonModel(getattr(TMorSkeletonConfig, args.preset)())
    extractor = TMorFeatureExtractor(layout=args.layout)
    shape = (args.frames, args.num_joints, 3)
    batches = {
        size: extractor([rng.normal(size=shape).astype(np.float32) for _ in range(size)], return_tensors="pt")
        for size in args.batch_sizes
    }

    def forward(size: int) -> None:
        with torch.inference_mode():
            model.eval()(**batches[size])

    def forward_backward(size: int) -> None:
        model.train()(**batches[size]).pooler_output.sum().backward()
        model.zero_grad()

    passes = {"forward": forward, "forward_backward": forward_backward}
    rates: dict[tuple[str, int, int], list[float]] = {}
    for round_index in range(args.rounds + 1):
        for threads in args.threads:
            torch.set_num_threads(threads)
            for size in args.batch_sizes:
                for name, run in passes.items():
                    rate = clips_per_second(lambda run=run, size=size: run(size), size, args.clips)
                    if round_index > 0:  # the first round warms up
                        rates.setdefault((name, threads, size), []).append(rate)
    results = []
    for (name, threads, size), values in rates.items():
        median = statistics.median(values)
        results.append({"pass": name, "threads": threads, "batch_size": size, "clips_per_second": round(median, 1)})
        print(f"{name:16}  {threads} threads  batch {size:3}  {median:8.1f} clips/s  (best {max(values):.1f})")
    summary = {
        "benchmark": "encoder_speed",
        "preset": args.preset,
        "parameters": model.num_parameters(),
        "frames": args.frames,
        "layout": args.layout,
        "dtype": "float32",
        "processor": platform.processor() or platform.machine(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "results": results,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
