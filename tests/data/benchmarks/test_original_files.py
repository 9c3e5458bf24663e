# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""NW-UCLA, Penn Action and UTKinect from the files that they distribute; with TMOR_DATA_DIR also the original ones."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from tmor_hf.data.benchmarks import load_benchmark

REAL = os.environ.get("TMOR_DATA_DIR")
needs_data = pytest.mark.skipif(not REAL, reason="set TMOR_DATA_DIR to the folder of the motion sets")


def write_nw_ucla(folder, name, label, poses):
    folder.mkdir(parents=True, exist_ok=True)
    data = {"file_name": name, "skeletons": poses.tolist(), "label": label}
    (folder / f"{name}.json").write_text(json.dumps(data))


def write_penn_action(path, action, train, visible=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = {
        "x": np.full((3, 13), 20.0),
        "y": np.full((3, 13), 30.0),
        "visibility": np.full((3, 13), int(visible), dtype=np.uint8),
        "dimensions": np.array([[270, 480, 3]]),
        "action": action,
        "pose": "front",
        "train": np.array([[train]]),
        "bbox": np.ones((3, 4)),
    }
    savemat(path, fields)


def test_nw_ucla_is_parted_by_view_and_copies_in_its_test_are_found(tmp_path):
    rng = np.random.default_rng(0)
    copied, own, other = rng.uniform(0.1, 1, (3, 4, 20, 3))
    folder = tmp_path / "nw_ucla" / "all_sqe"
    write_nw_ucla(folder, "a02_s01_e00_v01", 2, other)
    write_nw_ucla(folder, "a02_s01_e00_v02", 2, copied)
    write_nw_ucla(folder, "a02_s01_e00_v03", 2, copied)
    write_nw_ucla(folder, "a12_s10_e01_v02", 10, rng.uniform(0.1, 1, (2, 20, 3)))
    write_nw_ucla(folder, "a12_s10_e01_v03", 10, own)

    def names(split, **options):
        return [clip.name for clip in load_benchmark("nw_ucla", tmp_path, split, progress=False, **options)]

    assert names("train") == ["a02_s01_e00_v01", "a02_s01_e00_v02"]
    assert names("validation") == ["a12_s10_e01_v02"]
    assert names("test") == ["a12_s10_e01_v03"]
    assert names("test", leak_free=False) == ["a02_s01_e00_v03", "a12_s10_e01_v03"]
    (clip,) = load_benchmark("nw_ucla", tmp_path, "test", progress=False)
    assert (clip.label, clip.class_name, clip.subject, clip.camera) == (9, "carrying something", "10", "3")
    np.testing.assert_allclose(clip.skeletons.keypoints[:, 0], own, rtol=1e-6)


def test_bad_files_are_left_out_or_raised(tmp_path, caplog):
    folder = tmp_path / "nw_ucla"
    write_nw_ucla(folder, "a01_s01_e00_v01", 1, np.ones((2, 20, 3)))
    (folder / "a01_s01_e01_v01.json").write_text("{")
    assert len(load_benchmark("nw_ucla", tmp_path, progress=False)) == 1
    assert "1 of 2 files could not be read" in caplog.text and "a01_s01_e01_v01.json" in caplog.text
    with pytest.raises(ValueError, match="a01_s01_e01_v01.json"):
        load_benchmark("nw_ucla", tmp_path, progress=False, strict=True)


def test_penn_action_is_parted_by_its_flag_and_clips_without_joints_are_left_out(tmp_path):
    labels = tmp_path / "penn_action" / "labels"
    for number in range(1, 5):
        write_penn_action(labels / f"{number:04d}.mat", "squat", 1)
    write_penn_action(labels / "0005.mat", "tennis_serve", -1)
    write_penn_action(labels / "0006.mat", "squat", -1, visible=False)
    test = load_benchmark("penn_action", tmp_path, "test", progress=False)
    assert [clip.name for clip in test] == ["0005"] and test[0].class_name == test.class_names[test[0].label]
    assert test[0].skeletons.image_size == (270, 480)
    assert len(load_benchmark("penn_action", tmp_path, "train", progress=False)) == 3
    assert len(load_benchmark("penn_action", tmp_path, "validation", progress=False)) == 1
    write_penn_action(labels / "0007.mat", "juggling", 1)
    with pytest.raises(ValueError, match="0007.mat.*'juggling'"):
        load_benchmark("penn_action", tmp_path, progress=False)


def test_utkinect_spans_include_their_last_frame(tmp_path):
    folder = tmp_path / "utkinect_untrimmed"
    folder.mkdir()
    numbers = [10, 12, 14, 18, 22, 24]
    rows = [f"{number} " + " ".join(f"{number + joint / 100:.3f}" for joint in range(60)) for number in numbers]
    (folder / "joints_s02_e01.txt").write_text("\n".join(rows) + "\n")
    (folder / "actionLabel.txt").write_text("s02_e01\nwalk: 12 18\nthrow: NaN NaN\npull: 22 30\nwaveHands: 15 17\n")
    walk, pull = load_benchmark("utkinect_untrimmed", tmp_path)
    assert walk.name == "s02_e01_walk" and walk.subject == "2" and walk.label == 0 and pull.label == 7
    assert walk.skeletons.num_frames == 4  # ticks 12, 14, 16 and 18
    np.testing.assert_allclose(walk.skeletons.keypoints[:, 0, 0, 0], [12, 14, 16, 18], rtol=1e-5)
    (recording,) = load_benchmark("utkinect_frames", tmp_path)
    assert np.flatnonzero(recording.frame_labels[:, 0]).tolist() == [1, 2, 3, 4]
    (folder / "actionLabel.txt").write_text("s01_e01\nwalk: 12 18\n")
    with pytest.raises(ValueError, match="joints_s02_e01.txt.*labels"):
        load_benchmark("utkinect_untrimmed", tmp_path)


@needs_data
@pytest.mark.parametrize(
    ("raw", "name", "pattern"),
    [
        ("nw_ucla_json", "nw_ucla", "*.json"),
        ("penn_action_mat", "penn_action", "*.mat"),
        ("utkinect_txt", "utkinect_untrimmed", "*.txt"),
    ],
)
def test_real_originals_give_the_clips_of_the_prepared_form(raw, name, pattern, tmp_path):
    (tmp_path / name).mkdir()
    for path in Path(REAL, "raw", raw).glob(pattern):
        shutil.copy(path, tmp_path / name)
    prepared = {clip.name: clip for clip in load_benchmark(name, REAL, leak_free=False)}
    found = load_benchmark(name, tmp_path, progress=False)
    assert len(found) == {"nw_ucla": 3, "penn_action": 2, "utkinect_untrimmed": 10}[name]
    for clip in found:
        known = prepared[clip.name]
        assert (clip.label, clip.class_name, clip.subject, clip.camera) == (
            known.label, known.class_name, known.subject, known.camera,
        )  # fmt: skip
        np.testing.assert_array_equal(clip.skeletons.valid, known.skeletons.valid)
        np.testing.assert_allclose(clip.skeletons.keypoints, known.skeletons.keypoints, atol=0.01)


@needs_data
def test_real_prepared_nw_ucla_written_as_json_gives_the_same_parts(tmp_path):
    clips = [clip for clip in load_benchmark("nw_ucla", REAL, leak_free=False) if clip.name[:3] in ("a02", "a05")]
    for clip in clips:
        poses = clip.skeletons.keypoints[:, 0].astype(np.float64)
        write_nw_ucla(tmp_path / "nw_ucla", clip.name, clip.label + 1, poses)
    again = {clip.name: clip for clip in load_benchmark("nw_ucla", tmp_path, leak_free=False, progress=False)}
    assert [again[clip.name].is_leaked for clip in clips] == [clip.is_leaked for clip in clips]
    assert [again[clip.name].subject for clip in clips] == [clip.subject for clip in clips]
    assert sum(clip.is_leaked for clip in clips) == 50
