# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Folders of clips: any number of processes gives the same, bad files are reported and skipped."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import forms
import numpy as np
import pytest

from tmor_hf import Skeletons
from tmor_hf.io import Limits, describe_companion, iter_folder, read_folder, read_skeletons, write_skeletons


def clip(number: int) -> Skeletons:
    return Skeletons(np.full((4, 1, 22, 3), number, np.float32), fps=30)


@pytest.fixture
def folder(tmp_path):
    """Forty clips in folders, some broken files, things that are no poses, an OpenPose clip and YOLO labels."""
    for number in range(40):
        path = tmp_path / f"part{number % 2}" / f"clip{number:02d}{('.npz', '.json', '.csv')[number % 3]}"
        path.parent.mkdir(exist_ok=True)
        write_skeletons(clip(number), path)
    forms.openpose_folder(tmp_path / "openpose" / "walk", forms.walkers("openpose25", frames=3))
    forms.yolo_folder(tmp_path / "yolo" / "labels", forms.walkers("coco17", frames=5), (480, 640))
    (tmp_path / "part0" / "cut.npz").write_bytes((tmp_path / "part0" / "clip00.npz").read_bytes()[:300])
    (tmp_path / "part1" / "odd.json").write_text('{"what": 1}')
    (tmp_path / "weights.pkl").write_bytes(b"\x80\x04N.")
    (tmp_path / "README.md").write_text("# Read me")
    (tmp_path / "video.mp4").write_bytes(bytes(1000))
    (tmp_path / "again").symlink_to(tmp_path)  # a loop
    return tmp_path


@pytest.mark.filterwarnings("ignore:positions are relative")
@pytest.mark.parametrize("num_workers", [0, 2])
def test_all_good_clips_are_read_and_all_bad_files_reported(num_workers, folder, caplog):
    with caplog.at_level(logging.WARNING):
        result = read_folder(folder, num_workers=num_workers, progress=False)
    assert len(result.clips) == 42
    assert list(result.clips)[:2] == ["openpose/walk", "part0/clip00"] and list(result.clips)[-1] == "yolo/labels"
    assert result.clips["part1/clip07"].keypoints[0, 0, 0, 0] == 7
    assert result.clips["openpose/walk"].num_frames == 3 and result.clips["yolo/labels"].num_frames == 5
    assert set(result.failures) == {"part0/cut.npz", "part1/odd.json", "weights.pkl"}
    assert "damaged" in result.failures["part0/cut.npz"] and "pickles can run" in result.failures["weights.pkl"]
    assert "read 42 clips from" in caplog.text and "3 of 45 files could not be read" in caplog.text
    assert "odd.json: expected poses in one of the formats" in caplog.text


@pytest.mark.parametrize("num_workers", [0, 2])
def test_strict_raises_the_first_failure(num_workers, folder):
    with pytest.raises(ValueError, match="cut.npz"):
        read_folder(folder, num_workers=num_workers, progress=False, strict=True)


def test_patterns_options_and_limits_reach_the_readers(folder):
    result = read_folder(folder, "part1/*.json", progress=False, fps=12)
    assert len(result.clips) == 7 and all(clip.fps == 12 for clip in result.clips.values())
    assert not read_folder(folder, "part1/*.csv", progress=False, limits=Limits(max_frames=2)).clips
    with pytest.raises(ValueError, match="got none that fit '\\*.bvh'"):
        read_folder(folder, "*.bvh")


def test_the_lazy_form_reads_no_further_than_it_must(folder):
    failures = {}
    clips = iter_folder(folder, "part0/*", progress=False, on_failure=failures.__setitem__)
    name, first = next(clips)
    assert name == "part0/clip00" and not failures
    rest = dict(clips)
    assert len(rest) == 19 and set(failures) == {"part0/cut.npz"}


def test_leaving_in_the_middle_stops_the_processes(folder):
    clips = iter_folder(folder, "part*/*", num_workers=2, progress=False)
    next(clips)
    assert multiprocessing.active_children()
    clips.close()
    deadline = time.monotonic() + 60
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not multiprocessing.active_children()


def test_names_are_distinct_and_several_clips_of_a_file_are_named(tmp_path):
    write_skeletons(clip(1), tmp_path / "a.npz")
    write_skeletons(clip(2), tmp_path / "a.json")
    data = forms.coco_annotations(forms.walkers("coco17", frames=4))
    for image in data["images"]:
        image.update(video_id=image["id"] % 2, frame_id=image["id"] // 2)
    (tmp_path / "videos.json").write_text(json.dumps(data))
    result = read_folder(tmp_path, progress=False)
    assert set(result.clips) == {"a.npz", "a.json", "videos/0", "videos/1"}


def test_a_folder_that_is_one_clip(tmp_path):
    forms.openpose_folder(tmp_path / "walk", forms.walkers("openpose25", frames=3))
    assert list(read_folder(tmp_path / "walk", progress=False).clips) == ["walk"]


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_folder(tmp_path / "nowhere")
    path = write_skeletons(clip(1), tmp_path / "a.npz")
    with pytest.raises(ValueError, match="expected a folder, got a file"):
        read_folder(path)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals of process groups are of Unix")
def test_ctrl_c_stops_all_at_once(tmp_path):
    for number in range(600):
        write_skeletons(clip(number), tmp_path / f"{number}.npz")
    script = (
        "import signal, sys, time\nfrom tmor_hf.io import iter_folder\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell starts jobs with the signal ignored
        "for name, _ in iter_folder(sys.argv[1], num_workers=2, progress=False):\n"
        "    print(name, flush=True)\n    time.sleep(0.01)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    start = time.monotonic()
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0 and time.monotonic() - start < 10
    assert "KeyboardInterrupt" in errors and errors.count("Traceback") == 1


@pytest.mark.filterwarnings("ignore:positions are relative")
@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        ("actionLabel.txt", "s01_e01\nwalk: 2 5\nsitDown: 6 9\n", "labels of UTKinect-Action3D: 1 recordings"),
        ("captions.csv", "file,caption\nclip00.npz,a person walks\n", "captions of the clips"),
        ("captions.json", '{"clip00.npz": "a person walks"}', "captions of the clips"),
    ],
)
def test_files_of_words_that_come_with_clips_are_passed_over(name, content, note, folder):
    before = read_folder(folder, progress=False)
    path = folder / "part0" / name
    path.write_text(content)
    after = read_folder(folder, progress=False)
    assert set(after.clips) == set(before.clips) and after.failures == before.failures
    assert describe_companion(path).startswith(note)
    with pytest.raises(ValueError, match=f"{name}: expected poses, got {note}"):
        read_skeletons(path)
    assert describe_companion(folder / "other.txt") is None


def test_a_clip_may_have_the_name_of_a_captions_file(tmp_path):
    path = write_skeletons(clip(3), tmp_path / "captions.json")
    assert read_skeletons(path).keypoints[0, 0, 0, 0] == 3
    with pytest.raises(ValueError, match="captions.json: expected captions of clips, got something else"):
        describe_companion(path)
