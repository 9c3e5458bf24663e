# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A run that is killed in the midst of an epoch goes on with the clips that it would have seen, to the sample."""

import os
import shutil
import signal

import pytest

if not hasattr(os, "fork"):
    pytest.skip("these tests fork", allow_module_level=True)
pytest.importorskip("pyarrow")

from forked_runs import run  # noqa: E402

from tmor_hf.data.posecap import PoseCapWriter  # noqa: E402
from tmor_hf.data.posecap.mini import mini_records  # noqa: E402


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A set of 88 clips for training, in row groups of 8."""
    folder = tmp_path_factory.mktemp("posecap") / "set"
    with PoseCapWriter(folder, rows_per_shard=40, row_group_size=8) as writer:
        for record in mini_records(108):
            writer.write(record)
    return folder


@pytest.fixture(scope="module")
def whole_run(source, tmp_path_factory):
    """Runs that never stop, without workers, by (order, processes); each is made once."""
    made = {}

    def get(order, processes):
        if (order, processes) not in made:
            folder = tmp_path_factory.mktemp("whole")
            assert run(folder, source, order, 0, processes) == [0] * processes, errors(folder)
            made[order, processes] = folder
        return made[order, processes]

    return get


def errors(folder):
    return "\n".join(path.read_text()[-3000:] for path in folder.glob("errors-*.txt"))


def names(folder, rank):
    """[step, names ...] of each micro-batch that a process trained on, in the order of time."""
    lines = [line.split() for line in (folder / f"names-{rank}.txt").read_text().splitlines()]
    return [[int(step), *clips] for step, *clips in lines]


def losses(folder):
    return [line.split('"clips_per_second"')[0] for line in (folder / "train_log.jsonl").read_text().splitlines()]


CASES = [
    ("shuffle", 0, 1), ("shuffle", 2, 1), ("stream", 0, 1), ("stream", 2, 1), ("mixture", 1, 1),
    ("shuffle", 0, 2), ("shuffle", 2, 2), ("stream", 0, 2), ("stream", 2, 2),
]  # fmt: skip


@pytest.mark.parametrize("order, workers, processes", CASES)
def test_after_a_kill_come_the_clips_of_a_run_that_never_stopped(
    tmp_path, source, whole_run, order, workers, processes
):
    whole = whole_run(order, processes)
    # In step 8, which is in the midst of an epoch, and two steps after a checkpoint.
    codes = run(tmp_path, source, order, workers, processes, kill_in_step=8)
    assert codes == [-signal.SIGKILL] * processes, errors(tmp_path)
    assert (tmp_path / "checkpoint-6").exists() and not (tmp_path / "checkpoint-9").exists()
    assert run(tmp_path, source, order, workers, processes) == [0] * processes, errors(tmp_path)
    seen = []
    for rank in range(processes):
        expected, got = names(whole, rank), names(tmp_path, rank)
        assert len(expected) == 24, "twelve steps of two micro-batches"
        before = [line for line in expected if line[0] < 7]
        after = [line for line in expected if line[0] >= 6]
        assert got[:14] == before and got[-12:] == after
        seen += expected
    assert losses(tmp_path) == losses(whole)
    steps_per_epoch = 88 // (8 * processes)
    first_epoch = [name for step, *clips in seen if step < steps_per_epoch for name in clips]
    if order != "mixture":
        assert len(first_epoch) == len(set(first_epoch)) == 88 // (8 * processes) * 8 * processes


def test_a_stream_resumes_only_in_the_same_order(tmp_path, source, whole_run):
    folder = tmp_path / "run"
    shutil.copytree(whole_run("stream", 1), folder)
    shutil.rmtree(folder / "checkpoint-12")
    assert run(folder, source, "shuffle", 0, 1) == [1]
    assert "expected order=any length; stream in 4 lanes" in errors(folder)
