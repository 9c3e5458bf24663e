# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Toyota Smarthome, trimmed and untrimmed, on files of the documented form."""

import json

import numpy as np
import pytest

from tmor_hf.data.benchmarks import load_benchmark, read_lcrnet
from tmor_hf.data.benchmarks.spans import ActionSpans
from tmor_hf.processing.joint_layouts import get_layout, to_canonical
from tmor_hf.processing.skeletons import Skeletons


def test_coordinates_of_lcrnet_are_all_x_then_all_y(tmp_path):
    path = tmp_path / "pose.json"
    body = {"pose2d": list(range(1, 27)), "pose3d": list(range(1, 40))}
    path.write_text(json.dumps({"K": 5, "njts": 13, "frames": [[body], [], [body]]}))
    skeletons = read_lcrnet(path)
    np.testing.assert_array_equal(skeletons.keypoints[0, 0, 12], [13, 26])  # the head
    assert skeletons.num_frames == 3 and not skeletons.valid[1].any() and skeletons.image_size == (480, 640)
    solid = read_lcrnet(path, "3d", up_axis="-y")
    np.testing.assert_array_equal(solid.keypoints[2, 0, 0], [1, 14, 27])
    with pytest.raises(ValueError, match="up_axis"):
        read_lcrnet(path, "3d")


def test_people_of_lcrnet_are_tracked(tmp_path, write_lcrnet):
    write_lcrnet(tmp_path / "pose.json", num_frames=5, people=2, empty=(2,))
    skeletons = read_lcrnet(tmp_path / "pose.json")
    assert skeletons.num_people == 2 and skeletons.valid[[0, 1, 3, 4]].all() and not skeletons.valid[2].any()


def test_lcrnet_has_all_limbs_of_the_canonical_body():
    layout = get_layout("lcrnet13")
    _, mask = to_canonical(np.ones((1, 13, 2), np.float32), np.ones((1, 13), bool), layout)
    assert mask.sum() >= 17


@pytest.mark.parametrize(
    ("data", "match"),
    [
        ("[]", "njts"),
        ('{"njts": 17, "frames": [[]]}', "njts"),
        ('{"njts": 13, "frames": []}', "frames"),
        ('{"njts": 13, "frames": [[], 3]}', "frame 2: expected a list of people"),
        ('{"njts": 13, "frames": [[{"pose2d": [1, 2]}]]}', "frame 1"),
        ('{"njts": 13, "frames": [[{}]]}', "frame 1"),
        ('{"njts": 13, "frames": [[{"pose2d"', "JSON"),
    ],
)
def test_damaged_files_of_lcrnet_are_named(data, match, tmp_path):
    (tmp_path / "pose.json").write_text(data)
    with pytest.raises(ValueError, match=f"pose.json.*{match}"):
        read_lcrnet(tmp_path / "pose.json")


NAMES = [
    "Walk_p03_r00_v01_c01", "Walk_p19_r00_v01_c02", "Walk_p02_r00_v01_c05", "Walk_p02_r01_v01_c03",
    "Cook.Cleandishes_p25_r00_v02_c01", "WatchTV_p10_r00_v02_c02", "Usetablet_p04_r00_v02_c01",
]  # fmt: skip


@pytest.fixture
def smarthome(tmp_path, write_lcrnet):
    for name in NAMES:
        write_lcrnet(tmp_path / "smarthome" / "json" / f"{name}_pose3d.json")
    return tmp_path


def test_trimmed_clips_are_parted_by_subject(smarthome):
    def subjects(split):
        return {file.subject for file in load_benchmark("smarthome", smarthome, split).files}

    assert subjects("train") == {"3", "4"} and subjects("validation") == {"19", "25"}
    assert subjects("test") == {"2", "10"}
    dataset = load_benchmark("smarthome", smarthome)
    clip = next(clip for clip in dataset if clip.name == "Cook.Cleandishes_p25_r00_v02_c01")
    assert (clip.label, clip.class_name, clip.camera) == (0, "washing dishes", "1") and len(dataset.class_names) == 31


@pytest.mark.parametrize(
    ("protocol", "train"),
    [
        ("cv1", {"Walk_p03_r00_v01_c01", "Usetablet_p04_r00_v02_c01"}),
        ("cv2", {"Walk_p03_r00_v01_c01", "Usetablet_p04_r00_v02_c01", "Walk_p02_r01_v01_c03"}),
    ],
)
def test_trimmed_clips_are_parted_by_camera_with_19_classes(smarthome, protocol, train):
    parts = {
        split: load_benchmark("smarthome", smarthome, split, protocol) for split in ("train", "validation", "test")
    }
    assert {file.name for file in parts["train"].files} == train
    assert {file.name for file in parts["validation"].files} == {"Walk_p02_r00_v01_c05"}
    assert {file.name for file in parts["test"].files} == {"Walk_p19_r00_v01_c02"}
    assert len(parts["train"].class_names) == 19 and parts["test"].labels.tolist() == [18]
    assert parts["train"].class_names[parts["train"][0].label] == parts["train"][0].class_name


def test_depth_needs_to_be_told_which_way_is_up(smarthome):
    with pytest.raises(ValueError, match="up_axis"):
        load_benchmark("smarthome", smarthome, coordinates="3d")[0]
    clip = load_benchmark("smarthome", smarthome, coordinates="3d", up_axis="-y")[0]
    assert clip.skeletons.keypoints.shape[-1] == 3 and clip.skeletons.up_axis == "-y"
    with pytest.raises(ValueError, match="coordinates, up_axis.*got colour"):
        load_benchmark("smarthome", smarthome, colour=True)


@pytest.fixture
def tsu(tmp_path, write_lcrnet):
    for name in ("P03T01C01", "P19T01C02", "P10T01C01"):
        write_lcrnet(tmp_path / "tsu" / "Skeleton" / f"results_{name}_lcrnet+v3d.json", num_frames=10)
    subsets = {"P03T01C01": "training", "P19T01C02": "training", "P10T01C01": "testing", "P11T15C01": "testing"}
    videos = {
        name: {"subset": subset, "duration": 20, "actions": [[1, 2, 8], [0, 7, 12]]}
        for name, subset in subsets.items()
    }
    (tmp_path / "tsu" / "smarthome_CS_51.json").write_text(json.dumps(videos))
    return tmp_path


def test_untrimmed_frames_are_labelled_and_parted(tsu, caplog):
    (clip,) = load_benchmark("tsu", tsu, "train")
    assert "1 of 4 annotated recordings have no skeletons" in caplog.text
    assert clip.frame_labels.shape == (10, 51)  # half as many frames as the annotations count
    assert np.flatnonzero(clip.frame_labels[:, 1]).tolist() == [2, 3]  # 4 and 6 lie between 2 and 8
    assert np.flatnonzero(clip.frame_labels[:, 0]).tolist() == [4, 5]
    assert clip.captions == ("a person is entering the room", "a person is walking") and clip.name == "P03T01C01"
    assert [file.name for file in load_benchmark("tsu", tsu, "validation").files] == ["P19T01C02"]
    assert [file.name for file in load_benchmark("tsu", tsu, "test").files] == ["P10T01C01"]


def test_skeletons_without_annotations_are_said(tsu, write_lcrnet, caplog):
    write_lcrnet(tsu / "tsu" / "Skeleton" / "results_P09T09C09_lcrnet+v3d.json", num_frames=10)
    assert len(load_benchmark("tsu", tsu).files) == 3
    assert "1 files without annotations left out" in caplog.text and "P09T09C09" in caplog.text


def test_tables_count_more_than_the_file_of_annotations(tsu):
    (tsu / "tsu" / "Annotation" / "P03").mkdir(parents=True)
    table = tsu / "tsu" / "Annotation" / "P03" / "P03T01C01.csv"
    table.write_text("event,start_frame,end_frame\nEnter,1,5\nMake_coffee.Get_water,5,9\n")
    (clip,) = load_benchmark("tsu", tsu, "train")
    assert set(np.flatnonzero(clip.frame_labels.any(axis=0))) == {0, 3}
    table.write_text("event,start_frame,end_frame\nFly,1,5\n")
    with pytest.raises(ValueError, match="P03T01C01.csv, line 2: expected an action of the list"):
        load_benchmark("tsu", tsu, "train")


def test_wrong_annotations_are_named(tsu):
    with pytest.raises(FileNotFoundError, match="smarthome_CV_51.json"):
        load_benchmark("tsu", tsu, protocol="cv")
    path = tsu / "tsu" / "smarthome_CS_51.json"
    for actions, subset, match in (
        ([[51, 1, 2]], "training", "class below 51"),
        ([[1, 2]], "training", "class, start and end"),
        ([], "validation", "subset"),
        ([], "testing", "training subjects"),
    ):
        path.write_text(json.dumps({"P03T01C01": {"subset": subset, "duration": 9, "actions": actions}}))
        with pytest.raises(ValueError, match=f"P03T01C01.*{match}"):
            load_benchmark("tsu", tsu)


def test_spans_in_seconds_need_a_frame_rate_or_a_duration():
    spans = ActionSpans(((0, 0.5, 1.0),), 2, in_seconds=True)
    poses = np.ones((5, 13, 2), np.float32)
    timed = Skeletons(poses, fps=4, layout="lcrnet13")
    assert spans(timed)[:, 0].tolist() == [False, False, True, True, True]
    with pytest.raises(ValueError, match="fps"):
        spans(Skeletons(poses, layout="lcrnet13"))
    known = ActionSpans(((0, 0.5, 1.0),), 2, in_seconds=True, duration=2.5)
    assert known(Skeletons(poses, layout="lcrnet13"))[:, 0].tolist() == [False, True, True, False, False]
