# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Builds that are killed and started again, and builds by other engines, give the same shards to the last bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rendered_videos import render_folder

SCRIPT = Path(__file__).with_name("marker_build.py")


def run(*words, timeout=900):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(SCRIPT.parent)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def check_kills(folder, trials, kills, seed):
    render_folder(folder / "videos", 4, seconds=(1.6, 2.0), size=(64, 80))
    result = run("kill", folder / "videos", folder / "builds", trials, kills, seed)
    assert len(result["kills"]) == trials * kills
    unfinished = [done for is_whole, done, _ in result["kills"] if not is_whole]
    # At different stages of the work, or this would show nothing.
    assert len(unfinished) >= trials * kills / 2 and len(set(unfinished)) >= 2, result["kills"]
    reference = result["hashes"][0]
    assert len(reference) >= 4 and all(hashes == reference for hashes in result["hashes"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kills_change_nothing(tmp_path):
    check_kills(tmp_path, trials=2, kills=2, seed=0)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_ten_kills_at_random_moments_change_nothing(tmp_path):
    check_kills(tmp_path, trials=10, kills=1, seed=1)


@pytest.mark.slow
def test_both_engines_and_ten_kills_give_the_same_shards_of_fifty_videos(tmp_path):
    render_folder(tmp_path / "videos", 50)
    (tmp_path / "videos/broken.mp4").write_bytes(b"nothing")
    alone = run("build", tmp_path / "videos", tmp_path / "alone")
    assert alone["report"]["num_clips"] >= 40 and list(alone["report"]["failures"]) == ["broken.mp4"]
    for options in (["--num-workers", 2], ["--engine", "ray", "--num-workers", 2]):
        other = run("build", tmp_path / "videos", tmp_path / f"other_{options[1]}", *options)
        assert other["hashes"] == alone["hashes"]
    killed = run("kill", tmp_path / "videos", tmp_path / "builds", 1, 10, 1)
    assert sum(not is_whole for is_whole, *_ in killed["kills"]) >= 8
    assert killed["hashes"][0] == killed["hashes"][1]
