# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Milliseconds a frame in `SkeletonStream`, over a simulated hour, for 1, 2 and 5 people; the last line is JSON.

    python benchmarks/streaming.py                     # the small model, one thread, an hour at 30 frames a second
    python benchmarks/streaming.py --minutes 2 --people 1

Frames are pushed one after the other without waiting. People move without end, and each leaves for good after some
seconds and is followed by another, with a new id. The weights are random: they do not change the time. At a frame in
`hop` the windows of everybody are scored, and the others only take a frame in; both kinds are reported.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from typing import Any

import numpy as np
import torch
import transformers

from tmor_hf import TMorFeatureExtractor, TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.streaming import SkeletonStream

_STAY = 20  # seconds that a person stays


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=("tiny", "small", "base"), default="small")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 2, 5])
    parser.add_argument("--minutes", type=float, default=60.0, help="simulated minutes at 30 frames a second")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--num-labels", type=int, default=60)
    parser.add_argument("--tracked", action="store_true", help="give no ids, so that people are tracked as well")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def resident_mebibytes() -> float:
    """Memory of this process now; its peak where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def frames_of(num_people: int, seed: int) -> np.ndarray:
    """(600, M, 17, 2) pixels: bodies that sway, apart from each other, in a loop without a seam."""
    rng = np.random.default_rng(seed)
    body = rng.uniform((0, 0), (60, 180), size=(num_people, 17, 2)) + 100
    body[..., 0] += 250 * np.arange(num_people)[:, None]
    turns, phase = rng.integers(2, 20, size=(num_people, 17, 2)), rng.uniform(0, 6, size=(num_people, 17, 2))
    angle = 2 * np.pi * np.arange(600)[:, None, None, None] / 600
    return body + 8 * np.sin(angle * turns + phase)


def run(stream: SkeletonStream, num_people: int, arguments: argparse.Namespace) -> dict[str, Any]:
    poses = frames_of(num_people, arguments.seed)
    num_frames = int(arguments.minutes * 60 * stream.fps)
    milliseconds, is_scored = np.empty(num_frames), np.empty(num_frames, dtype=bool)
    memory = []
    for frame in range(-300, num_frames):  # ten seconds to warm up
        turn = frame // int(_STAY * stream.fps)
        ids = None if arguments.tracked else [turn * num_people + person for person in range(num_people)]
        start = time.perf_counter()
        results = stream.push(poses[frame % 600], person_ids=ids)
        if frame >= 0:
            milliseconds[frame] = (time.perf_counter() - start) * 1e3
            is_scored[frame] = any(result.is_new for result in results)
            if frame % 1800 == 0:
                memory.append(resident_mebibytes())
    part = min(int(600 * stream.fps), num_frames // 2)
    return {
        "people": num_people,
        "frames": num_frames,
        **{f"{name}_ms": summary(milliseconds[rows]) for name, rows in (
            ("all", slice(None)), ("scored", is_scored), ("unscored", ~is_scored),
            ("first_ten_minutes", slice(part)), ("last_ten_minutes", slice(num_frames - part, None)),
        )},
        "resident_mib_after_first_minute": round(memory[min(1, len(memory) - 1)], 1),
        "resident_mib_at_end": round(resident_mebibytes(), 1),
    }  # fmt: skip


def summary(values: np.ndarray) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 3),
        "p99": round(float(np.percentile(values, 99)), 3),
        "mean": round(float(values.mean()), 3),
    }


def main() -> None:
    arguments = get_arguments()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    config = getattr(TMorSkeletonConfig, arguments.preset)(num_labels=arguments.num_labels)
    model = TMorForSkeletonActionClassification(config)
    rows = []
    for num_people in arguments.people:
        stream = SkeletonStream(model, TMorFeatureExtractor(layout="coco17"))
        rows.append(run(stream, num_people, arguments))
        print(json.dumps(rows[-1]), flush=True)
    about = {
        "benchmark": "streaming",
        "preset": arguments.preset,
        "threads": arguments.threads,
        "minutes": arguments.minutes,
        "tracked": arguments.tracked,
        "hop": stream.hop,
        "window_frames": stream.num_frames,
        "processor": platform.processor() or platform.machine(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    print(json.dumps({**about, "results": rows}))


if __name__ == "__main__":
    main()
