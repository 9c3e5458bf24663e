# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""NTU RGB+D 60 and 120: parts by protocol, missing samples, published counts."""

import hashlib
from itertools import product

import pytest

from tmor_hf.data.benchmarks import load_benchmark, unseen_classes
from tmor_hf.data.benchmarks.ntu import SUBJECTS_60, SUBJECTS_120, parse_ntu_name
from tmor_hf.data.benchmarks.ntu_missing import MISSING_SKELETONS
from tmor_hf.data.captions import class_texts

NAMES = [f"S{s:03d}C{c:03d}P{p:03d}R001A{a:03d}" for s, c, p, a in product((1, 2), (1, 2, 3), (1, 3, 16), (7, 58))]
LATE = "S018C001P045R002A120"


@pytest.fixture
def folder(tmp_path, write_ntu):
    for name in [*NAMES, LATE, "S001C002P005R002A008"]:
        write_ntu(tmp_path / "ntu120" / "nturgb+d_skeletons" / f"{name}.skeleton")
    return tmp_path


def names(dataset):
    return {file.name for file in dataset.files}


def test_the_list_of_missing_skeletons_is_the_published_one():
    assert len(MISSING_SKELETONS) == 535
    assert sum(parse_ntu_name(name).setup <= 17 for name in MISSING_SKELETONS) == 302
    assert "S001C002P005R002A008" in MISSING_SKELETONS and "S032C003P067R002A077" in MISSING_SKELETONS
    digest = hashlib.sha256("\n".join(sorted(MISSING_SKELETONS)).encode()).hexdigest()
    assert digest == "58d30a6fdf262ab9fe1b51b74fb64f51a5b0107ab9eaa9fb3382d55c7b7d6884"


def test_counts_of_all_samples_are_those_of_the_papers():
    # 60 actions twice by each of the persons of a setup, seen by three cameras: 40,320 and 16,560 clips (X-Sub) before
    # the missing ones are taken off, 40,091 and 16,487 after.
    missing = [parse_ntu_name(name) for name in MISSING_SKELETONS]
    early = [name for name in missing if name.setup <= 17]
    assert 40320 - sum(name.subject in SUBJECTS_60 for name in early) == 40091
    assert 16560 - sum(name.subject not in SUBJECTS_60 for name in early) == 16487
    assert 37920 - sum(name.camera in (2, 3) for name in early) == 37646
    assert 18960 - sum(name.camera == 1 for name in early) == 18932
    assert 114480 - len(missing) == 63026 + 50919 == 54468 + 59477


def test_training_subjects_are_half_of_all():
    assert len(SUBJECTS_60) == 20 and len(SUBJECTS_120) == 53
    assert SUBJECTS_60 == {subject for subject in SUBJECTS_120 if subject <= 40}


@pytest.mark.parametrize(
    ("protocol", "is_test"),
    [("x-sub", lambda name: name.subject == 3), ("x-view", lambda name: name.camera == 1)],
)
def test_ntu60_is_parted_by_subject_or_camera(folder, protocol, is_test):
    parts = {
        split: names(load_benchmark("ntu60", folder, split, protocol)) for split in ("train", "validation", "test")
    }
    assert parts["test"] == {name for name in NAMES if is_test(parse_ntu_name(name))}
    assert parts["validation"] == {
        name for name in NAMES if not is_test(parse_ntu_name(name)) and parse_ntu_name(name).subject == 16
    }
    assert sum(map(len, parts.values())) == len(NAMES) and set().union(*parts.values()) == set(NAMES)


def test_ntu120_is_parted_by_setup_and_leaves_out_what_is_missing(folder):
    test = load_benchmark("ntu120", folder, "test", "x-set")
    train = load_benchmark("ntu120", folder, "train+validation", "x-set")
    assert names(test) == {name for name in NAMES if name.startswith("S001")}
    assert names(train) == {name for name in NAMES if name.startswith("S002")} | {LATE}
    assert LATE not in names(load_benchmark("ntu60", folder))
    assert LATE in names(load_benchmark("ntu120", folder, "train", "x-sub"))


def test_clips_carry_what_their_names_say(folder, write_ntu):
    write_ntu(folder / "ntu120" / "S003C003P002R002A060.skeleton", num_frames=5, bodies=3)
    dataset = load_benchmark("ntu60", folder, "train").select(lambda file: file.setup == "3")
    (clip,) = dataset
    assert (clip.subject, clip.camera, clip.setup, clip.label) == ("2", "3", "3", 59)
    assert clip.class_name == "walking apart" and clip.captions == list(class_texts("ntu60").values())[59].captions
    assert clip.skeletons.num_frames == 5 and clip.skeletons.num_people == 2 and clip.skeletons.layout == "ntu25"
    everyone = load_benchmark("ntu60", folder, "train", max_people=None).select(lambda file: file.setup == "3")
    assert everyone[0].skeletons.num_people == 3
    assert dataset.lengths.tolist() == [5] and len(dataset.class_names) == 60


def test_unseen_classes_are_those_that_synse_names():
    phrases = [text.phrase for text in class_texts("ntu120").values()]
    assert [phrases[label] for label in unseen_classes("ntu60", "synse-55/5")] == [
        "reading",
        "writing",
        "putting on a hat",
        "jumping up",
        "touching another person's pocket",
    ]
    assert [phrases[label] for label in unseen_classes("ntu120", "synse-110/10")] == [
        "dropping something",
        "putting on a jacket",
        "saluting",
        "touching the head because of a headache",
        "punching or slapping another person",
        "juggling a table tennis ball",
        "putting something into a bag",
        "crossing the arms",
        "doing butt kicks",
        "wielding a knife at another person",
    ]
    for name, split, count in (("ntu60", "synse-48/12", 12), ("ntu120", "synse-96/24", 24)):
        assert len(set(unseen_classes(name, split))) == count


def test_what_is_wrong_is_named(tmp_path, write_ntu):
    with pytest.raises(FileNotFoundError, match="S001C002P003R002A013.skeleton"):
        load_benchmark("ntu60", tmp_path)
    with pytest.raises(ValueError, match="x-sub, x-view, got 'x-set'"):
        load_benchmark("ntu60", tmp_path, protocol="x-set")
    write_ntu(tmp_path / "ntu60" / "S001C001P001R001A061.skeleton")
    with pytest.raises(ValueError, match="A061.*1 to 60, got 61"):
        load_benchmark("ntu60", tmp_path)
    for place in ("a", "b"):
        write_ntu(tmp_path / "ntu120" / place / "S001C001P001R001A001.skeleton")
    with pytest.raises(ValueError, match="each file once"):
        load_benchmark("ntu120", tmp_path)


def test_a_recording_with_another_name_is_no_silent_loss(tmp_path, write_ntu):
    write_ntu(tmp_path / "ntu60" / "S001C001P001R001A001.skeleton")
    write_ntu(tmp_path / "ntu60" / "drink_water.skeleton")
    with pytest.raises(ValueError, match=r"drink_water.skeleton: expected a name such as S001C002P003R002A013"):
        load_benchmark("ntu60", tmp_path)
