# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Two real processes against one. Their script is two_processes.py; torchrun starts it once for all tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_runs import logged, tiny_trainer

HERE = Path(__file__).parent
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Folder of the run and the results of both ranks."""
    folder = tmp_path_factory.mktemp("two_processes")
    # torchrun and not `accelerate launch --cpu --num_processes 2`, which quietly starts one process.
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, str(HERE / "two_processes.py"), str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, [json.loads((folder / f"results-{rank}.json").read_text()) for rank in range(2)]


def test_loss_and_every_gradient_of_two_processes_equal_those_of_one(run):
    _, by_rank = run
    for results in by_rank:
        assert len(results["cases"]) == 9
        for name, result in results["cases"].items():
            assert result["processes"] == 2
            assert result["loss_error"] < TOLERANCE, name
            assert result["largest_gradient"] > 0.01, name
            limit = TOLERANCE * max(1.0, result["largest_gradient"])
            wrong = {key: error for key, error in result["gradient_errors"].items() if error >= limit}
            assert not wrong, name


def test_every_tower_learns_in_the_comparison(run):
    silent = {name: result["silent"] for name, result in run[1][0]["cases"].items()}
    assert silent["two modalities, InfoNCE"] == [] and silent["three modalities, sigmoid"] == []
    assert silent["video on one process"] == []
    assert all(name.startswith(("video_model", "video_projection")) for name in silent["video on no process"])


def test_a_whole_run_of_two_processes_equals_that_of_one(run, tmp_path):
    folder, _ = run
    torch.set_num_threads(1)
    tiny_trainer(tmp_path, num_clips=11, batch_size=4, drop_last=False).train()
    one, two = logged(tmp_path), logged(folder / "run")
    assert [record["step"] for record in two] == list(range(1, 7)), "an epoch ends with a batch of two and one clips"
    for a, b in zip(one, two, strict=True):
        assert b["loss"] == pytest.approx(a["loss"], abs=TOLERANCE)
        assert b["grad_norm"] == pytest.approx(a["grad_norm"], rel=1e-4)


def test_a_signal_to_one_process_stops_both_after_the_same_step(run):
    folder, by_rank = run
    assert [results["left_with"] for results in by_rank] == [[4, "checkpoint-4"]] * 2
    assert (folder / "interrupted" / "checkpoint-4").exists()
