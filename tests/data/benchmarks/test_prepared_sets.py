# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Sets in the prepared form, tiny made-up ones, and the real ones where TMOR_DATA_DIR names their folder."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from tmor_hf.data.benchmarks import CMU19, load_benchmark, load_trial_descriptions
from tmor_hf.data.benchmarks.nw_ucla import mark_leaks
from tmor_hf.data.captions import class_texts
from tmor_hf.processing.joint_layouts import CANONICAL_JOINTS, get_layout

LENGTHS = [4, 1, 6, 3]


def write(folder, arrays, meta):
    folder.mkdir()
    np.savez(folder / "data.npz", **arrays)
    (folder / "meta.json").write_text(json.dumps(meta))


def poses(joints, coordinates=3, lengths=LENGTHS):
    rng = np.random.default_rng(0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return {
        "kp": rng.uniform(0.1, 1, (offsets[-1], joints, coordinates)).astype(np.float32),
        "offsets": offsets,
        "names": np.array([f"clip{index}" for index in range(len(lengths))]),
    }


@pytest.fixture
def nw_ucla(tmp_path):
    arrays = poses(20) | {
        "labels": np.array([0, 1, 0, 1]),
        "subject": np.array([1, 10, 1, 10]),
        "view": np.array([1, 2, 3, 3]),
        "split": np.array([0, 0, 1, 1]),
        "leak": np.array([False, False, False, True]),
    }
    write(tmp_path / "nw_ucla", arrays, {"classes": ["sit down", "donning"]})
    return tmp_path


def test_clips_carry_what_the_files_say(nw_ucla):
    arrays = np.load(nw_ucla / "nw_ucla" / "data.npz")
    dataset = load_benchmark("nw_ucla", nw_ucla, leak_free=False)
    assert [clip.skeletons.num_frames for clip in dataset] == LENGTHS
    np.testing.assert_array_equal(dataset[2].skeletons.keypoints[:, 0], arrays["kp"][5:11])
    assert dataset[1].name == "clip1" and dataset[1].subject == "10" and dataset[1].label == 1
    assert dataset.class_names == ("sitting down", "putting on a jacket")
    assert dataset[1].class_name == "putting on a jacket"
    assert dataset.labels.tolist() == [0, 1, 0, 1]
    assert dataset.groups == ["sit down", "put on a jacket", "sit down", "put on a jacket"]


def test_splits_part_the_clips_and_validation_comes_out_of_train(nw_ucla):
    def names(split, **options):
        return [clip.name for clip in load_benchmark("nw_ucla", nw_ucla, split, **options)]

    assert names("train") == ["clip0"]
    assert names("validation") == ["clip1"]
    assert names("train+validation") == ["clip0", "clip1"]
    assert names("test") == ["clip2"]
    assert names("test", leak_free=False) == ["clip2", "clip3"]
    assert names(None) == ["clip0", "clip1", "clip2"]


def test_root_relative_poses_become_world_positions(tmp_path):
    arrays = poses(31) | {"labels": np.array([0, 0, 0, 0]), "subject": np.array([0, 1, 1, 2])}
    arrays |= {"split": np.array([0, 0, 0, 1]), "root": np.arange(14 * 3, dtype=np.float32).reshape(14, 3) + 1}
    arrays["kp"][:, 0] = 0
    write(tmp_path / "hdm05_11", arrays, {"classes": ["squat1Reps"], "subjects": ["bd", "bk", "tr"], "fps": 30})
    dataset = load_benchmark("hdm05_11", tmp_path)
    np.testing.assert_allclose(dataset[1].skeletons.keypoints[0, 0], arrays["kp"][4] + arrays["root"][4], rtol=1e-6)
    assert dataset[1].skeletons.valid.all()
    assert [clip.name for clip in load_benchmark("hdm05_11", tmp_path, "validation")] == ["clip1", "clip2"]


def test_invisible_joints_are_missing_and_clips_without_any_are_left_out(tmp_path):
    visible = np.ones((14, 13), dtype=np.uint8)
    visible[0, 3] = 0
    visible[4] = 0
    arrays = poses(13, 2) | {"labels": np.zeros(4, dtype=int), "split": np.array([0, 0, 0, 1]), "vis": visible}
    arrays["frame_hw"] = np.full((4, 2), (270, 480))
    write(tmp_path / "penn_action", arrays, {"classes": ["squat"]})
    dataset = load_benchmark("penn_action", tmp_path)
    assert [clip.name for clip in dataset] == ["clip0", "clip2", "clip3"]
    assert not dataset[0].skeletons.valid[0, 0, 3] and dataset[0].skeletons.valid.sum() == 4 * 13 - 1
    assert dataset[0].skeletons.image_size == (270, 480)
    assert len(load_benchmark("penn_action", tmp_path, "validation")) == 1


def test_segments_are_cut_out_of_untrimmed_recordings_at_an_even_rate(tmp_path):
    arrays = poses(20, lengths=[10]) | {"subject": np.array([9])}
    arrays["frame_idx"] = np.array([0, 2, 4, 8, 12, 14, 16, 20, 24, 30])
    arrays["segments"] = np.array([[0, 1, 2, 6], [0, 0, 6, 7]])
    meta = {"classes": ["walking", "pulling"], "class_ids": ["walk", "pull"]}
    write(tmp_path / "utkinect_untrimmed", arrays, meta)
    pull, walk = load_benchmark("utkinect_untrimmed", tmp_path, "validation")
    assert pull.name == "clip0_pull" and pull.class_name == "pulling" and pull.skeletons.fps == 15
    a, b, c, d = arrays["kp"][2:6]  # at ticks 4, 8, 12, 14; 15 per second is every second tick
    expected = np.stack([a, (a + b) / 2, b, (b + c) / 2, c, d])
    np.testing.assert_allclose(pull.skeletons.keypoints[:, 0], expected, rtol=1e-5)
    assert walk.skeletons.num_frames == 1
    with pytest.raises(ValueError, match="no part 'test'; it has validation"):
        load_benchmark("utkinect_untrimmed", tmp_path, "test")


def test_whole_recordings_have_a_label_for_each_frame(tmp_path):
    arrays = poses(20, lengths=[10]) | {"subject": np.array([9])}
    arrays["frame_idx"] = np.array([10, 12, 14, 18, 22, 24, 26, 30, 34, 40])
    arrays["segments"] = np.array([[0, 1, 2, 6], [0, 0, 5, 7]])
    meta = {"classes": ["walking", "pulling"], "class_ids": ["walk", "pull"]}
    write(tmp_path / "utkinect_untrimmed", arrays, meta)
    (recording,) = load_benchmark("utkinect_frames", tmp_path)
    walk, pull = 0, 7
    assert recording.frame_labels.shape == (16, 10) and recording.skeletons.num_frames == 16
    assert np.flatnonzero(recording.frame_labels[:, pull]).tolist() == [2, 3, 4, 5, 6, 7]  # ticks 14 to 24
    assert np.flatnonzero(recording.frame_labels[:, walk]).tolist() == [7, 8]  # both at tick 24
    assert recording.captions == ("a person is walking", "a person is pulling") and recording.label is None
    assert len(load_benchmark("utkinect_frames", tmp_path, "test", "loso-9")) == 1
    with pytest.raises(ValueError, match="no part 'train'; it has test"):
        load_benchmark("utkinect_frames", tmp_path, "train", "loso-9")


def test_styles_and_trial_descriptions_become_captions(tmp_path):
    arrays = poses(21) | {"labels": np.zeros(4, dtype=int), "style": np.array([0, 0, 0, 1])}
    arrays |= {"split_style": np.array([0, 0, 0, 1])}
    meta = {"classes": ["walk"], "styles": ["active", "elderly"], "fps": 30}
    write(tmp_path / "bandai_namco_2", arrays, meta)
    (clip,) = load_benchmark("bandai_namco_2", tmp_path, "test")
    assert any("elderly" in caption for caption in clip.captions) and clip.group == "walk"

    texts = np.array(["walk", "run/jog", "dance - sideways steps, pirouette", "walk"])
    write(tmp_path / "cmu_subset_text", poses(19) | {"texts": texts, "subject": np.array([1, 1, 2, 2])}, {"fps": 30})
    clips = load_benchmark("cmu_subset_text", tmp_path)
    assert clips.groups == ["walk", "run", "dance - sideways steps, pirouette", "walk"]
    assert clips.labels.tolist() == [-1] * 4 and clips.class_names == ()
    trials = [{"subject": 1, "trial": 1, "text": "walk"}, {"subject": 1, "trial": 2, "text": "walk"}]
    (tmp_path / "cmu_subset_text" / "cmu_all_captions.json").write_text(json.dumps(trials))
    assert load_trial_descriptions(tmp_path) == ["walk"]


def test_cmu_layout_has_all_limbs_of_the_canonical_body():
    assert get_layout("cmu19") is CMU19
    limbs = [joint for joint in CANONICAL_JOINTS if joint.startswith(("left_", "right_")) and "hand" not in joint]
    assert set(limbs) <= set(CMU19.canonical)
    for left, right in CMU19.mirror_pairs:
        assert CMU19.joints[left].replace("left", "right") == CMU19.joints[right]


def test_what_is_wrong_is_named(nw_ucla):
    with pytest.raises(ValueError, match="penn_action.*'kinetics'"):
        load_benchmark("kinetics", nw_ucla)
    with pytest.raises(ValueError, match="train.*'val'"):
        load_benchmark("nw_ucla", nw_ucla, "val")
    with pytest.raises(FileNotFoundError, match="data_dir"):
        load_benchmark("penn_action", nw_ucla)


PREPARED = (
    "bandai_namco_2", "cmu_subset_text", "hdm05_11", "nw_ucla", "penn_action", "utkinect_frames", "utkinect_untrimmed",
)  # fmt: skip
REAL = os.environ.get("TMOR_DATA_DIR")
needs_data = pytest.mark.skipif(not REAL, reason="set TMOR_DATA_DIR to the folder of the motion sets")


@needs_data
@pytest.mark.parametrize(
    ("name", "split", "count"),
    [
        ("nw_ucla", "train+validation", 1020),
        ("nw_ucla", "test", 369),
        ("penn_action", "train+validation", 1257),
        ("penn_action", "test", 1068),
        ("hdm05_11", None, 288),
        ("bandai_namco_2", "test", 667),
        ("utkinect_untrimmed", None, 199),
        ("utkinect_frames", None, 20),
        ("cmu_subset_text", None, 61),
    ],
)
def test_real_sets_have_their_known_sizes(name, split, count):
    dataset = load_benchmark(name, REAL, split)
    assert len(dataset) == count
    assert len({clip.name for clip in dataset}) == count
    assert all(clip.skeletons.valid.any() for clip in dataset)


@needs_data
def test_real_test_clips_of_the_literature_hold_95_leaks_that_are_found_again():
    usual = load_benchmark("nw_ucla", REAL, leak_free=False)
    assert sum(clip.camera == "3" for clip in usual) == 464
    free = load_benchmark("nw_ucla", REAL, "test")
    assert len(set(free.labels)) == 8 and len(free.class_names) == 10
    found = mark_leaks([replace(clip, is_leaked=False) for clip in usual])
    assert [clip.is_leaked for clip in found] == [clip.is_leaked for clip in usual]
    assert sum(clip.is_leaked for clip in found) == 95


@needs_data
@pytest.mark.parametrize("subject", ["1", "10"])
def test_real_folds_leave_one_subject_out(subject):
    parts = {
        split: load_benchmark("utkinect_untrimmed", REAL, split, f"loso-{subject}")
        for split in ("train", "validation", "test")
    }
    subjects = {split: {clip.subject for clip in part} for split, part in parts.items()}
    assert subjects["test"] == {subject} and len(subjects["validation"]) == 1 and len(subjects["train"]) == 8
    assert sum(map(len, parts.values())) == 199 and len(set().union(*subjects.values())) == 10


@needs_data
@pytest.mark.parametrize("name", PREPARED)
def test_real_validation_is_apart_from_train_and_holds_no_subject_of_it(name):
    train, validation = (load_benchmark(name, REAL, split) for split in ("train", "validation"))
    assert not {clip.name for clip in train} & {clip.name for clip in validation}
    if name in ("nw_ucla", "hdm05_11", "utkinect_untrimmed", "utkinect_frames"):
        assert not {clip.subject for clip in train} & {clip.subject for clip in validation}
    assert set(validation.labels) == set(train.labels)


@needs_data
@pytest.mark.parametrize("name", [name for name in PREPARED if name != "cmu_subset_text"])
def test_real_labels_count_through_the_class_texts(name):
    phrases = tuple(text.phrase for text in class_texts(name).values())
    assert load_benchmark(name, REAL).class_names == phrases
