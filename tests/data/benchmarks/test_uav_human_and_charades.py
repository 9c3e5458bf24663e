# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""UAV-Human and Charades on files of the documented form."""

import numpy as np
import pytest

from tmor_hf.data.benchmarks import load_benchmark
from tmor_hf.data.benchmarks.uav_human import TRAINING_SUBJECTS


def uav_name(subject, action):
    return f"P{subject:03d}S01G10B00H10UC102000LC092000A{action:03d}R0_09131758"


@pytest.fixture
def uav(tmp_path, write_ntu):
    for subject, action in ((0, 0), (1, 154), (2, 31), (3, 31), (14, 5)):
        write_ntu(tmp_path / "uav_human" / "Skeleton" / f"{uav_name(subject, action)}.txt", 4, num_joints=17)
    (tmp_path / "uav_human" / "classes.txt").write_text("\n".join(f"action {index}" for index in range(155)))
    return tmp_path


def test_training_subjects_of_uav_human_are_89_of_119_in_both_versions():
    assert [len(subjects) for subjects in TRAINING_SUBJECTS.values()] == [89, 89]
    assert all(0 <= subject < 119 for subjects in TRAINING_SUBJECTS.values() for subject in subjects)


def test_files_of_other_names_are_said(uav, caplog):
    (uav / "uav_human" / "Skeleton" / "Pose.txt").write_text("notes")
    count = len(load_benchmark("uav_human", uav).files)
    assert "1 files of other names left out" in caplog.text and "Pose.txt" in caplog.text
    (uav / "uav_human" / "Skeleton" / "Pose.txt").unlink()
    assert len(load_benchmark("uav_human", uav).files) == count


@pytest.mark.parametrize(("protocol", "test"), [("csv1", {"1", "3"}), ("csv2", {"1", "2"})])
def test_uav_human_is_parted_by_subject(uav, protocol, test):
    assert {file.subject for file in load_benchmark("uav_human", uav, "test", protocol).files} == test
    train = load_benchmark("uav_human", uav, "train+validation", protocol)
    assert {file.subject for file in train.files} == {"0", "1", "2", "3", "14"} - test
    clip = load_benchmark("uav_human", uav, "test", protocol)[0]
    assert (clip.label, clip.class_name, clip.setup) == (154, "action 154", "1")
    assert clip.skeletons.layout == "coco17" and clip.skeletons.num_frames == 4


def test_uav_human_needs_the_names_of_its_classes(uav):
    path = uav / "uav_human" / "classes.txt"
    path.write_text("drink\n")
    with pytest.raises(ValueError, match="155 distinct names, got 1"):
        load_benchmark("uav_human", uav)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="classes.txt.*155 classes"):
        load_benchmark("uav_human", uav)


HEADER = "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length\n"


def row(name, subject, actions, descriptions="A person walks.;Someone strolls, slowly."):
    return f'{name},{subject},Kitchen,6,7,Yes,"A script, with a comma.",cup,"{descriptions}",{actions},10.0\n'


@pytest.fixture
def charades(tmp_path):
    folder = tmp_path / "charades"
    (folder / "skeletons").mkdir(parents=True)
    train = [row(f"V{index:02d}", f"S{index:02d}", "c092 2.00 5.00;c001 4.10 20.00") for index in range(10)]
    (folder / "Charades_v1_train.csv").write_text(HEADER + "".join(train) + row("GONE", "S01", ""))
    (folder / "Charades_v1_test.csv").write_text(HEADER + row("TEST", "S50", "", ""))
    (folder / "Charades_v1_classes.txt").write_text("".join(f"c{index:03d} Doing {index}\n" for index in range(157)))
    for name in [*(f"V{index:02d}" for index in range(10)), "TEST"]:
        np.save(folder / "skeletons" / f"{name}.npy", np.ones((11, 17, 2), np.float32))
    return tmp_path


def test_charades_has_labels_for_frames_and_human_captions(charades, caplog):
    train = load_benchmark("charades", charades, "train", layout="coco17")
    assert "1 of 12 videos have no skeletons" in caplog.text
    assert len(train) == 9 and [file.name for file in load_benchmark("charades", charades, "validation").files] == [
        "V09"
    ]
    clip = train[0]
    assert clip.captions == ("A person walks.", "Someone strolls, slowly.") and clip.frame_labels.shape == (11, 157)
    assert np.flatnonzero(clip.frame_labels[:, 92]).tolist() == [3, 4, 5]  # 11 frames in 10 seconds
    assert np.flatnonzero(clip.frame_labels[:, 1]).tolist() == [5, 6, 7, 8, 9, 10]
    assert train.class_names[92] == "doing 92"
    (test,) = load_benchmark("charades", charades, "test", layout="coco17")
    assert not test.frame_labels.any() and test.captions == ("a person at home",)


def test_wrong_tables_are_named(charades):
    folder = charades / "charades"
    (folder / "Charades_v1_test.csv").write_text(HEADER + row("TEST", "S50", "c157 1.00 2.00"))
    with pytest.raises(ValueError, match="Charades_v1_test.csv, line 2: expected an action"):
        load_benchmark("charades", charades)
    (folder / "Charades_v1_test.csv").write_text("id,subject\nTEST,S50\n")
    with pytest.raises(ValueError, match="Charades_v1_test.csv, line 1: expected the columns"):
        load_benchmark("charades", charades)
    (folder / "Charades_v1_classes.txt").write_text("c000 Holding\nc002 Taking\n")
    with pytest.raises(ValueError, match="Charades_v1_classes.txt, line 2: expected 'c001'"):
        load_benchmark("charades", charades)
    (folder / "Charades_v1_classes.txt").unlink()
    with pytest.raises(FileNotFoundError, match="Charades_v1_classes.txt"):
        load_benchmark("charades", charades)
