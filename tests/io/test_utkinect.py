# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Recordings of UTKinect and their labels; with TMOR_DATA_DIR also the original files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from fuzzing import assert_survives

from tmor_hf.io import read_skeletons, read_utkinect, read_utkinect_frames, read_utkinect_labels, sniff

LABELS = """s01_e01
walk: 252 390
carry:  NaN NaN
standUp: 704 752

s10_e02
push: 1944 1994
pull: 1982 2062
"""


def recording(numbers, poses) -> bytes:
    """Text as in the set: the number, and (20, 3) positions with two spaces between."""
    rows = zip(numbers, poses.reshape(len(poses), -1), strict=True)
    return "".join("  ".join([f"{n} ", *(f"{x:.6f}" for x in row), "\n"]) for n, row in rows).encode()


@pytest.fixture
def poses(rng):
    return rng.uniform(0.1, 3, (4, 20, 3))


@pytest.fixture
def path(poses, tmp_path):
    path = tmp_path / "joints_s01_e01.txt"
    path.write_bytes(recording([190, 190, 194, 202], poses))
    return path


def test_a_frame_that_stands_twice_counts_once(poses, path):
    clip = read_skeletons(path)
    assert sniff(path) == "utkinect" and clip.layout == "kinect20" and clip.fps is None
    np.testing.assert_allclose(clip.keypoints[:, 0], poses[[0, 2, 3]], atol=1e-6)
    assert read_utkinect_frames(path).numbers.tolist() == [190, 194, 202]


def test_resampling_goes_by_frame_numbers(poses, path):
    clip = read_utkinect(path, resample_fps=15)
    assert clip.fps == 15 and clip.num_frames == 7
    np.testing.assert_allclose(clip.keypoints[1, 0], poses[[0, 2]].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(clip.keypoints[4, 0], poses[[2, 3]].mean(axis=0), atol=1e-6)


def test_hostile_frame_numbers_cannot_make_a_long_clip(poses, path):
    path.write_bytes(recording([1, 10**14, 2 * 10**14, 3 * 10**14], poses))
    with pytest.raises(ValueError, match="joints_s01_e01.*lower fps"):
        read_utkinect(path, resample_fps=30)


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (0, "", "line 1: expected 61 numbers, got 0"),
        (1, "190 1 2", "line 2: expected 61 numbers, got 3"),
        (2, "180 " + "1 " * 60, "line 3: expected a frame number not below the last, got 180"),
        (2, "-4 " + "1 " * 60, "line 3: expected a frame number"),
        (2, "nan " + "1 " * 60, "line 3: expected a frame number"),
        (3, "202 " + "1 " * 59 + "x", "line 4: expected a number, got 'x' in column 61"),
        (3, "202 " + "1 " * 10**6, "line 4: expected 61 numbers"),
    ],
)
def test_faults_are_named_with_their_line(line, text, message, path):
    lines = path.read_text().splitlines()
    lines[line] = text
    path.write_text("\n".join(lines))
    with pytest.raises(ValueError, match=f"joints_s01_e01.txt, {message}"):
        read_utkinect(path)


def test_labels(tmp_path):
    path = tmp_path / "actionLabel.txt"
    path.write_text(LABELS)
    labels = read_utkinect_labels(path)
    assert list(labels) == ["s01_e01", "s10_e02"]
    assert labels["s01_e01"] == (("walk", 252, 390), ("standUp", 704, 752))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got a file without any"),
        ("walk: 1 2", "line 1: expected a recording"),
        ("s01_e01\nwalk 1 2", "line 2: expected 'action: first last'"),
        ("s01_e01\nwalk: 5 2", "line 2: expected the first and the last frame"),
        ("s01_e01\nwalk: 1 1e9", "line 2: expected the first and the last frame"),
        ("s01_e01\n\ns01_e01", "line 3: expected each recording once"),
    ],
)
def test_faulty_labels_are_named_with_their_line(text, message, tmp_path):
    path = tmp_path / "actionLabel.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"actionLabel.txt.*{message}"):
        read_utkinect_labels(path)


def test_damaged_files_do_no_harm(path, tmp_path):
    assert_survives(read_skeletons, path, path.read_bytes())
    assert_survives(lambda path: read_utkinect(path, resample_fps=10), path, path.read_bytes(), seed=1)
    assert_survives(read_utkinect_labels, tmp_path / "actionLabel.txt", LABELS.encode())


@pytest.mark.skipif("TMOR_DATA_DIR" not in os.environ, reason="set TMOR_DATA_DIR to the folder of the data sets")
def test_original_files_give_the_arrays_of_the_set():
    data_dir = Path(os.environ["TMOR_DATA_DIR"])
    with np.load(data_dir / "utkinect_untrimmed" / "data.npz") as data:
        arrays = {name: data[name] for name in data.files}
    rows = slice(*arrays["offsets"][:2])
    frames = read_utkinect_frames(data_dir / "raw" / "utkinect_txt" / "joints_s01_e01.txt")
    assert arrays["names"][0] == "s01_e01"
    np.testing.assert_array_equal(frames.numbers, arrays["frame_idx"][rows])
    np.testing.assert_allclose(frames.keypoints, arrays["kp"][rows], atol=1e-5)
    labels = read_utkinect_labels(data_dir / "raw" / "utkinect_txt" / "actionLabel.txt")
    assert list(labels) == arrays["names"].tolist() and sum(map(len, labels.values())) == 199
    for (_, _, start, end), segment in zip(arrays["segments"], labels["s01_e01"], strict=False):
        inside = np.flatnonzero((frames.numbers >= segment.start) & (frames.numbers <= segment.end))
        assert (start, end) == (inside[0], inside[-1] + 1)
