# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The example that builds PoseCap, from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "build_posecap.py"


def run(*options):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, options)], capture_output=True, text=True, env=environment
    )


@pytest.mark.slow
def test_help_names_what_is_required():
    result = run("--help")
    assert result.returncode == 0 and max(map(len, result.stdout.splitlines())) <= 119
    assert all(option in result.stdout for option in ("--input PATH", "--output DIR", "--licence TERMS"))
    assert run("--input", "x").returncode == 2


@pytest.mark.slow
def test_videos_that_cannot_be_read_are_no_set_but_a_report(tmp_path):
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a.mp4").write_bytes(b"no video")
    result = run("--input", tmp_path / "videos", "--output", tmp_path / "out", "--licence", "CC0-1.0")
    assert result.returncode == 1 and "1, of which 1 could not be read" in result.stderr
    assert (tmp_path / "out-work" / "build_report.txt").is_file() and not list((tmp_path / "out").iterdir())
