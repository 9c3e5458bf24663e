# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips per second through the feature extractor on one core.

    python benchmarks/processing_speed.py

Settings are measured in turn over several rounds and the median is reported. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy is imported: the figure is for one core

import numpy as np  # noqa: E402

from tmor_hf import TMorFeatureExtractor, get_layout  # noqa: E402


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layouts", nargs="+", default=["ntu25", "coco17", "tmor22"])
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def make_clips(layout: str, args: argparse.Namespace) -> list[np.ndarray]:
    """Random clips; COCO's are 2D with missing joints, the others 3D."""
    rng = np.random.default_rng(args.seed)
    coordinates = 2 if layout == "coco17" else 3
    shape = (args.batch_size, args.frames, get_layout(layout).num_joints, coordinates)
    clips = rng.normal(size=shape).astype(np.float32)
    if coordinates == 2:
        clips[rng.random(shape[:-1]) < 0.1] = np.nan
    return list(clips)


def main() -> None:
    args = get_arguments()
    extractors = {
        "as it is": TMorFeatureExtractor(),
        f"resampled to {args.frames}": TMorFeatureExtractor(num_frames=args.frames),
    }
    clips = {layout: make_clips(layout, args) for layout in args.layouts}
    rates: dict[tuple[str, str], list[float]] = {}
    for round_index in range(args.rounds + 1):
        for layout, batch in clips.items():
            for name, extractor in extractors.items():
                # Resampling to the same number of frames would be no work at all.
                given = batch if name == "as it is" else [clip[: args.frames * 3 // 4] for clip in batch]
                start = time.perf_counter()
                extractor(given, layout=layout, return_tensors="np")
                if round_index > 0:  # the first round warms up
                    rates.setdefault((layout, name), []).append(len(batch) / (time.perf_counter() - start))
    results = []
    for (layout, name), values in rates.items():
        median = statistics.median(values)
        results.append({"layout": layout, "frames": name, "clips_per_second_per_core": round(median)})
        print(f"{layout:10} {name:16} {median:8.0f} clips/s on one core")
    summary = {
        "benchmark": "processing_speed",
        "batch_size": args.batch_size,
        "frames": args.frames,
        "processor": platform.processor() or platform.machine(),
        "numpy": np.__version__,
        "results": results,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
