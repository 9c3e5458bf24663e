# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Two ways to run the stages over all videos: in this process and its workers, or by Ray Data on one or many machines.

Both give outcomes in any order; results lie in the stages' files, so the engines cannot differ in them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from itertools import islice
from typing import Any

import torch

from .arguments import BuildArguments
from .stages import Outcome, Stage
from .videos import VideoFile

_worker_stages: list[Stage] = []


def run_stages(video: VideoFile, stages: Sequence[Stage]) -> list[Outcome]:
    """All stages of one video, up to one that fails."""
    outcomes: list[Outcome] = []
    for stage in stages:
        outcomes.append(stage(video))
        if outcomes[-1].error is not None:
            break
    return outcomes


@contextlib.contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Lets torch use `count` threads: sums depend on it in their last bits, and so would the shards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def run_locally(
    videos: Sequence[VideoFile], stages: Sequence[Stage], arguments: BuildArguments
) -> Iterator[tuple[str, list[Outcome]]]:
    """Names of videos with their outcomes, by this process or by `num_workers` others."""
    if arguments.num_workers == 1 or len(videos) < 2:
        with limited_threads(arguments.threads):
            for video in videos:
                yield video.name, run_stages(video, stages)
        return
    # Forked processes and threads of torch or CUDA do not go together.
    context = multiprocessing.get_context("spawn")
    given = (list(stages), arguments.threads, context.Value("i", 0))
    with ProcessPoolExecutor(min(arguments.num_workers, len(videos)), context, _start_worker, given) as pool:
        waiting, rest = {}, iter(videos)
        try:
            while True:
                # A million futures at once would take gigabytes.
                for video in islice(rest, 4 * arguments.num_workers - len(waiting)):
                    waiting[pool.submit(_run_in_worker, video)] = video.name
                if not waiting:
                    return
                done = next(as_completed(waiting))
                yield waiting.pop(done), done.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start_worker(stages: list[Stage], threads: int, started: Any) -> None:
    torch.set_num_threads(threads)
    with started.get_lock():
        number, started.value = started.value, started.value + 1
    if torch.accelerator.is_available():  # the workers share all GPUs of the machine
        torch.accelerator.set_device_index(number % torch.accelerator.device_count())
    _worker_stages[:] = stages


def _run_in_worker(video: VideoFile) -> list[Outcome]:
    return run_stages(video, _worker_stages)


class _RayStage:
    """A stage as an actor of Ray Data: takes batches of one video, passes them on with its outcome added."""

    def __init__(self, stage: Stage, threads: int):
        torch.set_num_threads(threads)
        self.stage = stage

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        added = []
        for video, text in zip(batch["video"], batch["outcomes"], strict=True):
            outcomes = json.loads(str(text))
            if not any(outcome["error"] for outcome in outcomes):
                outcomes.append(asdict(self.stage(VideoFile(**json.loads(str(video))))))
            added.append(json.dumps(outcomes))
        return {"video": batch["video"], "outcomes": added}


def run_on_ray(
    videos: Sequence[VideoFile], stages: Sequence[Stage], arguments: BuildArguments
) -> Iterator[tuple[str, list[Outcome]]]:
    """Names of videos with their outcomes, by Ray Data: a pool of `num_workers` actors for each stage.

    On a cluster, videos and the work folder must lie where all machines see them under the same paths. Ray is started
    and stopped here unless it runs already.

    Raises:
        ImportError: If Ray is not installed.
    """
    ray = _require_ray()
    with _running_ray(ray, stages, arguments):
        from ray.data import ActorPoolStrategy

        rows = [{"video": json.dumps(asdict(video)), "outcomes": "[]"} for video in videos]
        # Small blocks: a block is what is lost with an actor, and what an actor that is free can take over.
        blocks = min(len(rows), max(4 * arguments.num_workers, len(rows) // 64))
        data = ray.data.from_items(rows, override_num_blocks=blocks)
        workers = min(arguments.num_workers, len(rows))
        for stage in stages:
            data = data.map_batches(
                _RayStage,
                fn_constructor_args=(stage, arguments.threads),
                batch_size=1,
                compute=ActorPoolStrategy(size=workers),
                num_cpus=1,
                num_gpus=arguments.num_gpus if stage.has_model and arguments.num_gpus else None,
            )
        for row in data.iter_rows():
            outcomes = [Outcome(**outcome) for outcome in json.loads(row["outcomes"])]
            yield json.loads(row["video"])["name"], outcomes


def _require_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody asked to send anything
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ImportError("engine 'ray' needs Ray Data: pip install tmor_hf[build]") from error
    return ray


@contextlib.contextmanager
def _running_ray(ray: Any, stages: Sequence[Stage], arguments: BuildArguments) -> Iterator[None]:
    if ray.is_initialized():
        yield
        return
    options: dict[str, Any] = {"logging_level": logging.WARNING, "log_to_driver": False}
    if arguments.ray_address is not None:
        options["address"] = arguments.ray_address
    else:
        # Ray counts processes here, not cores: all pools must find a place, or they would wait for each other.
        options |= {"num_cpus": arguments.num_workers * len(stages) + 1, "include_dashboard": False}
        options |= {"object_store_memory": 100 * 2**20}  # only names and outcomes pass through it
    ray.init(**options)
    try:
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # it warns of the bars that are left out here
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield
    finally:
        ray.shutdown()


__all__ = ["limited_threads", "run_locally", "run_on_ray", "run_stages"]
