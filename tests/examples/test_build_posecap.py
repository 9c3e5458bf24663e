# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The example that builds PoseCap, from the command line."""

import pytest


@pytest.mark.slow
def test_help_names_what_is_required(run_script):
    result = run_script("--help")
    assert result.returncode == 0 and max(map(len, result.stdout.splitlines())) <= 119
    assert all(option in result.stdout for option in ("--input PATH", "--output DIR", "--licence TERMS"))
    assert run_script("--input", "x").returncode == 2


@pytest.mark.slow
def test_videos_that_cannot_be_read_are_no_set_but_a_report(run_script, tmp_path):
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a.mp4").write_bytes(b"no video")
    result = run_script("--input", tmp_path / "videos", "--output", tmp_path / "out", "--licence", "CC0-1.0")
    assert result.returncode == 1 and "1, of which 1 could not be read" in result.stderr
    assert (tmp_path / "out-work" / "build_report.txt").is_file() and not list((tmp_path / "out").iterdir())
