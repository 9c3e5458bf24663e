# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What the stages of a PoseCap build cost on one core, and how much arithmetic the models do.

    python benchmarks/build_posecap.py

The videos are rendered, the poses synthetic: costs that depend on sizes and counts, not on what is to be seen. Weights
are random, which changes no cost. Times are CPU time, the median of several rounds. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy is imported: the figures are for one core

import av  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402
from transformers import (  # noqa: E402
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrImageProcessor,
    VitPoseConfig,
    VitPoseForPoseEstimation,
    VitPoseImageProcessor,
    logging,
)
from transformers.models.vitpose.modeling_vitpose import VitPoseEstimatorOutput  # noqa: E402

from tmor_hf import Skeletons  # noqa: E402
from tmor_hf.data.posecap import PoseCapRecord, PoseCapWriter  # noqa: E402
from tmor_hf.data.posecap.build import BuildArguments  # noqa: E402
from tmor_hf.data.posecap.building.cutting import cut_clips  # noqa: E402
from tmor_hf.data.posecap.building.duplicates import CaptionCounter, MotionIndex  # noqa: E402
from tmor_hf.data.posecap.building.poses import VideoPoses  # noqa: E402
from tmor_hf.data.posecap.building.videos import VideoReader  # noqa: E402

PEOPLE = 2  # in a frame, where the cost depends on it
CLIP_FRAMES = 75  # five seconds at 15 frames per second


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=8, help="length of the rendered videos")
    parser.add_argument("--clips", type=int, default=2000, help="clips that are filtered and written")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def median_seconds(work, rounds: int) -> float:
    """Median time of calls after a first one that warms up."""
    times = []
    for _ in range(rounds + 1):
        since = time.process_time()
        work()
        times.append(time.process_time() - since)
    return statistics.median(times[1:])


def render(path: Path, size: tuple[int, int], seconds: int, rng: np.random.Generator) -> Path:
    """A texture that pans, 30 frames per second, H.264 as cameras write it."""
    height, width = size
    texture = rng.integers(0, 255, (height // 8 + 40, width // 8 + 40, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(30), options={"preset": "veryfast", "crf": "23"})
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        for index in range(30 * seconds):
            part = np.ascontiguousarray(texture[index : index + height, 2 * index % 300 : 2 * index % 300 + width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(part, format="rgb24")))
        container.mux(stream.encode())
    return path


def measure_decoding(folder: Path, args: argparse.Namespace, rng: np.random.Generator) -> dict[str, float]:
    """Core-seconds per hour of video, looked at 15 times per second."""
    found = {}
    for name, size in (("360p", (360, 640)), ("720p", (720, 1280)), ("1080p", (1080, 1920))):
        path = render(folder / f"{name}.mp4", size, args.seconds, rng)

        def read(path=path) -> None:
            with VideoReader(path, fps=15) as video:
                for _ in video.frames():
                    pass

        found[f"decode {name}, per hour of video"] = median_seconds(read, args.rounds) * 3600 / args.seconds
    return found


def measure_processors(args: argparse.Namespace, rng: np.random.Generator) -> dict[str, float]:
    """Core-seconds of the image processors for a frame, and for a person in it."""
    images = [rng.integers(0, 255, (720, 1280, 3), dtype=np.uint8) for _ in range(8)]
    boxes = [np.array([[400.0, 100.0, 200.0, 500.0]])] * len(images)
    detector, poser = RTDetrImageProcessor(), VitPoseImageProcessor()
    outputs = VitPoseEstimatorOutput(heatmaps=torch.rand(len(images), 17, 64, 48))
    given = {"return_tensors": "pt", "input_data_format": "channels_last"}
    cases = {
        "prepare a frame for the detector": lambda: detector(images=images, **given),
        "prepare a person for the pose model": lambda: poser(images=images, boxes=boxes, **given),
        "heatmaps to joints, per person": lambda: poser.post_process_pose_estimation(outputs, boxes=boxes),
    }
    return {name: median_seconds(work, args.rounds) / len(images) for name, work in cases.items()}


def count_operations() -> dict[str, float]:
    """Billions of floating point operations (two for a multiplication with addition) of one forward pass."""
    models = {
        "RT-DETR R50, a frame of 640 x 640": (RTDetrForObjectDetection(RTDetrConfig(num_denoising=0)), (640, 640)),
        "ViTPose-B, a person of 256 x 192": (VitPoseForPoseEstimation(VitPoseConfig()), (256, 192)),
    }
    found = {}
    for name, (model, size) in models.items():
        counter = FlopCounterMode(display=False)
        with torch.inference_mode(), counter:
            model.eval()(torch.zeros(1, 3, *size))
        found[name] = counter.get_total_flops() / 1e9
    return found


def random_poses(frames: int, rng: np.random.Generator) -> VideoPoses:
    """People who walk beside each other and move all their joints."""
    body = rng.uniform(-1, 1, (17, 2)) * [30, 90]
    seconds = np.arange(frames)[:, None, None, None] / 15
    place = np.array([[300.0, 360.0], [800.0, 360.0]])[:PEOPLE, None]
    wave = 20 * np.sin(seconds * rng.uniform(2, 6, (1, PEOPLE, 17, 1)) + rng.uniform(0, 6, (1, PEOPLE, 17, 2)))
    keypoints = (body + place + wave).astype(np.float32).reshape(-1, 17, 2)
    return VideoPoses(
        times=np.arange(frames) / 15, counts=np.full(frames, PEOPLE), keypoints=keypoints,
        scores=np.full(keypoints.shape[:2], 0.9, np.float32), changes=np.zeros(frames, np.float32), rate=15.0,
        image_size=(720, 1280), layout="coco17",
    )  # fmt: skip


def measure_cutting(args: argparse.Namespace, rng: np.random.Generator) -> dict[str, float]:
    """Core-seconds per hour of video."""
    poses = random_poses(15 * 120, rng)
    arguments = BuildArguments("in", "out", "CC0-1.0")
    seconds = median_seconds(lambda: cut_clips(poses, arguments), args.rounds)
    return {f"track and cut, {PEOPLE} people, per hour of video": seconds * 30}


def measure_writing(folder: Path, args: argparse.Namespace, rng: np.random.Generator) -> tuple[dict, dict]:
    """Core-seconds per clip, and bytes of a clip in the shards."""
    index, counter, spent = MotionIndex(0.03), CaptionCounter(100), 0.0
    with PoseCapWriter(folder / "set") as writer:
        for number in range(args.clips):
            pose = random_poses(CLIP_FRAMES, rng)
            keypoints = pose.keypoints.reshape(CLIP_FRAMES, PEOPLE, 17, 2)
            keypoints += rng.normal(0, 1.0, keypoints.shape).astype(np.float32)  # an estimator's noise costs storage
            scores = rng.uniform(0.5, 1, keypoints.shape[:3]).astype(np.float32)
            skeletons = Skeletons(keypoints, scores, fps=15, layout="coco17", image_size=(720, 1280))
            record = PoseCapRecord(
                f"video.mp4#t={number},{number + 5}", "benchmark", "CC0-1.0", skeletons, (f"person {number} moves",),
                video_path="video.mp4", video_start=float(number), video_end=number + 5.0,
            )  # fmt: skip
            since = time.process_time()
            index.find_or_add(record.id, skeletons)
            counter.add(record.captions)
            writer.write(record)
            spent += time.process_time() - since
        since = time.process_time()
    spent += time.process_time() - since
    size = sum(path.stat().st_size for path in (folder / "set" / "data").iterdir())
    return {"filter and write, per clip": spent / args.clips}, {f"clip of {CLIP_FRAMES} frames": size / args.clips}


def main() -> None:
    args = get_arguments()
    rng = np.random.default_rng(args.seed)
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = measure_decoding(folder, args, rng) | measure_processors(args, rng) | measure_cutting(args, rng)
        writing, sizes = measure_writing(folder, args, rng)
    seconds |= writing
    operations = count_operations()
    for label, value in seconds.items():
        print(
            f"{label:50} {value * 1e3:12.2f} ms on one core"
            if value < 1
            else f"{label:50} {value:12.1f} s on one core"
        )
    for label, value in operations.items():
        print(f"{label:50} {value:12.1f} GFLOP")
    for label, value in sizes.items():
        print(f"{label:50} {value:12.0f} bytes")
    summary = {
        "benchmark": "build_posecap",
        "processor": platform.processor() or platform.machine(),
        "seconds": {label: round(value, 6) for label, value in seconds.items()},
        "gflop": {label: round(value, 1) for label, value in operations.items()},
        "bytes": {label: round(value) for label, value in sizes.items()},
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
