# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Seconds and memory that an hour of skeletons takes in frame classification, on the CPU.

    python benchmarks/long_recording.py                     # an hour at 30 fps, the small model, two threads
    python benchmarks/long_recording.py --minutes 10 --preset tiny --people 2

A generated recording goes through the feature extractor and `predict_frames`, and through the pipeline, each in a
process of its own, whose peak of resident memory is compared with what it held before (Linux only). CPU seconds tell
what other programs at the same time cost. A direct forward of the first minutes says how far stitched segments are
from it. The model has random weights. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import pipeline

from tmor_hf import Skeletons, TMorFeatureExtractor, TMorForSkeletonFrameClassification, TMorSkeletonConfig
from tmor_hf.data import synthetic_recordings

FPS = 30.0
TASK = "skeleton-temporal-action-detection"
COMPARED_FRAMES = 9000


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the recording (%(default)s)")
    parser.add_argument("--people", type=int, default=1, help="people in it (%(default)s)")
    parser.add_argument("--preset", choices=("tiny", "small", "base"), default="small")
    parser.add_argument("--classes", type=int, default=51, help="classes of the model (%(default)s, those of TSU)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worker", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    return parser.parse_args()


def make_recording(num_frames: int, num_people: int, seed: int) -> np.ndarray:
    """(T, M, 22, 3) generated motion: recordings one after the other until there are enough frames."""
    parts, total = [], 0
    while total < num_frames:
        options = {"num_actions": (50, 50), "num_people": num_people}
        (clip,) = synthetic_recordings(1, seed + len(parts), **options)
        parts.append(clip.skeletons.keypoints)
        total += len(parts[-1])
    return np.concatenate(parts)[:num_frames]


def resident_mib(key: str) -> float:
    """`VmRSS`, what this process holds now, or `VmHWM`, the most it held since the peak was last reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    raise OSError(f"no {key} in /proc/self/status")


def measured(step: Callable[[], object]) -> tuple[object, dict[str, float]]:
    """What `step` gives, its seconds, and the MiB by which memory peaked above what was held before."""
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before, start, cpu_start = resident_mib("VmRSS"), time.perf_counter(), time.process_time()
    result = step()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return result, {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mib": resident_mib("VmHWM") - before}


def work(what: str, folder: Path) -> dict[str, float]:
    recording = Skeletons(np.load(folder / "recording.npy", allow_pickle=False), fps=FPS)
    if what == "pipeline":
        detect = pipeline(TASK, model=str(folder))
        result, costs = measured(lambda: detect(recording))
        return {**costs, "segments": len(result["segments"])}
    model = TMorForSkeletonFrameClassification.from_pretrained(folder).eval()
    extractor = TMorFeatureExtractor.from_pretrained(folder)
    if what == "feature_extractor":
        return measured(lambda: extractor(recording, return_tensors="pt"))[1]
    inputs = extractor(recording, return_tensors="pt")
    logits, costs = measured(lambda: model.predict_frames(inputs))
    part = {name: values[:, :COMPARED_FRAMES] for name, values in inputs.items()}
    with torch.no_grad():
        direct = model(**part).logits[0]
    same = len(direct) if len(direct) == len(logits) else len(direct) - model.receptive_field
    difference = (direct[:same] - logits[:same]).abs().max().item()
    return {**costs, "compared_frames": same, "max_difference_to_direct": difference}


def run_worker(what: str, folder: Path, args: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--threads", str(args.threads), "--worker", what, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    args = get_arguments()
    torch.set_num_threads(args.threads)
    if args.worker:
        found = work(args.worker[0], Path(args.worker[1]))
        print(json.dumps(found))
        return
    torch.manual_seed(args.seed)
    config = getattr(TMorSkeletonConfig, args.preset)(num_labels=args.classes)
    model = TMorForSkeletonFrameClassification(config)
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model.save_pretrained(folder)
        TMorFeatureExtractor().save_pretrained(folder)
        np.save(folder / "recording.npy", make_recording(round(args.minutes * 60 * FPS), args.people, args.seed))
        for what in ("feature_extractor", "predict_frames", "pipeline"):
            results[what] = {key: float(f"{value:.4g}") for key, value in run_worker(what, folder, args).items()}
            print(what, results[what])
    summary = {
        "benchmark": "long_recording",
        "minutes": args.minutes,
        "frames": round(args.minutes * 60 * FPS),
        "people": args.people,
        "preset": args.preset,
        "parameters": model.num_parameters(),
        "classes": args.classes,
        "threads": args.threads,
        "processor": platform.processor() or platform.machine(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        **results,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
