# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Builds from rendered videos in processes of their own, some of which are killed. Tests start it.

python marker_build.py build INPUT OUTPUT [--option value ...]      one build
python marker_build.py kill INPUT FOLDER TRIALS KILLS SEED          builds that are killed and started again
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from rendered_videos import MarkerPoseEstimator

from tmor_hf.arguments import argument_parser
from tmor_hf.data.posecap.build import BuildArguments, build_posecap

DEFAULTS = {
    "licence": "CC0-1.0",
    "validation_share": 0.2,
    "test_share": 0.2,
    "rows_per_shard": 4,
    "progress_bar": False,
}


def shard_hashes(output: Path) -> dict[str, str]:
    """Path of each file of the set -> its SHA-256; the report, which holds times, is not one of them."""
    files = [output / "README.md", output / "posecap.json", *(output / "data").iterdir()]
    return {
        path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)
    }


def build(words: list[str]) -> None:
    parser = argument_parser()
    BuildArguments.add_to(parser, **DEFAULTS)
    report = build_posecap(BuildArguments.from_namespace(parser.parse_args(words)), estimator=MarkerPoseEstimator())
    print(json.dumps({"hashes": shard_hashes(Path(report.output)), "report": report.to_dict()}))


def build_once(videos: str, output: Path) -> None:
    arguments = BuildArguments(videos, str(output), **{**DEFAULTS, "source": "rendered"})
    build_posecap(arguments, estimator=MarkerPoseEstimator())


def build_in_child(videos: str, output: Path, kill_after: float | None) -> tuple[bool, float]:
    """Whether a build that dies after some seconds (or never) came to its end, and how many seconds it took.

    Seconds are those of the processor, so that the work done in them is the same on a loaded machine.
    """
    child = os.fork()
    if child == 0:
        if kill_after is not None:
            signal.setitimer(signal.ITIMER_PROF, kill_after)  # SIGPROF ends a process at once, as SIGKILL does
        build_once(videos, output)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"a build failed with status {status}")
    return not os.WIFSIGNALED(status), usage.ru_utime + usage.ru_stime


def kill(videos: str, folder: Path, trials: int, kills: int, seed: int) -> None:
    """Prints the hashes of an undisturbed build and of those that were killed, and what was done at each kill."""
    import av  # noqa: F401 - here, so that the children need not
    import pyarrow.parquet  # noqa: F401
    import scipy.optimize  # noqa: F401

    torch.set_num_threads(1)
    build_in_child(videos, folder / "warm", None)
    _, duration = build_in_child(videos, folder / "reference", None)
    rng, done = np.random.default_rng(seed), []
    found = [shard_hashes(folder / "reference")]
    for trial in range(trials):
        output = folder / f"trial_{trial}"
        for _ in range(kills):
            is_whole, _ = build_in_child(videos, output, rng.uniform(0.001, duration / kills))
            work = output.with_name(output.name + "-work")
            done.append([is_whole, len(list(work.rglob("*.npz"))), (output / "posecap.json").exists()])
        build_in_child(videos, output, None)
        found.append(shard_hashes(output))
    print(json.dumps({"hashes": found, "kills": done}))


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(["--input", sys.argv[2], "--output", sys.argv[3], *sys.argv[4:]])
    else:
        kill(sys.argv[2], Path(sys.argv[3]), *map(int, sys.argv[4:]))
