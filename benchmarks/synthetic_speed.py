# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips per second of the synthetic generator on one core; the last line is JSON.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/synthetic_speed.py
"""

import argparse
import json
import time

from tmor_hf.data.synthetic import ACTIONS, SyntheticMotion


def clips_per_second(num_clips: int, **options) -> tuple[float, float]:
    """Rate of reading a set in order, process time, and the mean number of frames."""
    data = SyntheticMotion(num_clips, seed=1, **options)
    data[0]
    begin = time.process_time()
    frames = [clip.skeletons.num_frames for clip in SyntheticMotion(num_clips, seed=2, **options)]
    return num_clips / (time.process_time() - begin), sum(frames) / num_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num-clips", type=int, default=1920)
    args = parser.parse_args()
    results = {"actions": len(ACTIONS)}
    cases = {
        "with_sensor": {}, "exact": {"sensor": None}, "exact_64_frames": {"sensor": None, "num_frames": 64},
        "with_video": {"with_video": True},
    }  # fmt: skip
    for name, options in cases.items():
        count = args.num_clips // 6 if name == "with_video" else args.num_clips
        rate, frames = clips_per_second(count, **options)
        print(f"{name:16s} {rate:8.0f} clips/s  {frames:5.1f} frames a clip")
        results[name] = round(rate)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
