# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""One door to all sources of clips with words, and mixtures of them."""

import json
import os
from collections import Counter

import numpy as np
import pytest

from tmor_hf.data import (
    ClipMixture,
    ContrastiveDataset,
    MissingSplitError,
    MotionClip,
    MotionDataset,
    load_clip_folder,
    load_skeleton_text,
    parse_source,
    sampling_weights,
)
from tmor_hf.data.posecap import PoseCapRecord, PoseCapWriter
from tmor_hf.data.preparation import prepare
from tmor_hf.data.sources import posecap_mini_folder
from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.processing.skeletons import Skeletons


def poses(number, frames=12, joints=25, layout="ntu25"):
    keypoints = np.random.default_rng(number).normal(size=(frames, joints, 3)).astype(np.float32)
    return Skeletons(keypoints, fps=30, layout=layout)


def clip(number, dataset="memory", **fields):
    group = f"group {number % 3}"
    return MotionClip(poses(number), f"{dataset}{number}", dataset, (f"clip {number}",), group, **fields)


def write_set(folder, count=60, row_group_size=8):
    pytest.importorskip("pyarrow")
    with PoseCapWriter(folder, row_group_size=row_group_size) as writer:
        for number in range(count):
            split = "validation" if number % 10 == 9 else "train"
            captions = (f"someone does {number}", f"number {number}")
            writer.write(PoseCapRecord(f"id{number}", "test", "CC0-1.0", poses(number), captions, split=split))
    return folder


@pytest.fixture(scope="module")
def posecap(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("posecap") / "set")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("penn_action", ("penn_action", None, None)),
        ("penn_action:train+validation=0.5", ("penn_action", "train+validation", 0.5)),
        ("synthetic:800=2", ("synthetic:800", None, 2.0)),
        ("my/posecap=1e-1", ("my/posecap", None, 0.1)),
        ("folder/a=b", ("folder/a=b", None, None)),
        ("https://host:8000/set=.5", ("https://host:8000/set", None, 0.5)),
        ("hf://datasets/org/name", ("hf://datasets/org/name", None, None)),
    ],
)
def test_a_source_has_a_name_a_part_and_a_share(text, expected):
    assert parse_source(text) == expected


@pytest.mark.parametrize("text", ["", "a=0"])
def test_a_source_that_says_nothing_is_an_error(text):
    with pytest.raises(ValueError, match="NAME"):
        parse_source(text)


def test_posecap_is_read_lazily_by_split(posecap):
    clips = load_skeleton_text(str(posecap))
    assert clips.is_lazy and len(clips) == 54 and clips[0].captions == ("someone does 0", "number 0")
    assert len(load_skeleton_text(posecap, "validation")) == len(load_skeleton_text(f"{posecap}:validation")) == 6


def test_posecap_mini_is_made_once(tmp_path):
    pytest.importorskip("pyarrow")
    clips = load_skeleton_text("posecap-mini", cache_dir=tmp_path)
    (folder,) = tmp_path.iterdir()
    made = os.stat(folder).st_mtime_ns
    assert len(clips) == 160 and len(load_skeleton_text("posecap-mini:validation", cache_dir=tmp_path)) == 20
    assert posecap_mini_folder(tmp_path) == folder and os.stat(folder).st_mtime_ns == made


def test_synthetic_motion_differs_between_splits():
    train, validation = (load_skeleton_text("synthetic:6", split) for split in ("train", "validation"))
    assert len(train) == len(validation) == 6
    assert train[0].name != validation[0].name
    with pytest.raises(MissingSplitError, match="no split 'dev'"):
        load_skeleton_text("synthetic:6", "dev")


def test_clips_stay_as_they_are():
    clips = MotionDataset([clip(0)])
    assert load_skeleton_text(clips) is clips


def test_benchmarks_need_their_folder():
    with pytest.raises(ValueError, match="expected data_dir, the folder that holds penn_action/"):
        load_skeleton_text("penn_action")


@pytest.fixture
def damaged_ntu(tmp_path):
    """A training recording that ends too early."""
    (tmp_path / "ntu60").mkdir()
    (tmp_path / "ntu60" / "S001C001P001R001A001.skeleton").write_text("3\n1\n")
    return tmp_path


@pytest.mark.parametrize("strict", [True, False])
def test_strict_reaches_benchmarks(damaged_ntu, strict):
    assert load_skeleton_text("ntu60", data_dir=damaged_ntu, strict=strict).strict is strict


def test_options_reach_benchmarks(damaged_ntu):
    x_view = {"protocol": "x-view"}
    assert len(load_skeleton_text("ntu60", data_dir=damaged_ntu)) == 1  # subject 1 trains
    with pytest.raises(MissingSplitError, match="ntu60 .x-view. has no part 'train'"):  # camera 1 tests
        load_skeleton_text(["ntu60"], data_dir=damaged_ntu, benchmark_options=x_view)
    with pytest.raises(ValueError, match="expected options of ntu60"):
        load_skeleton_text("ntu60", data_dir=damaged_ntu, benchmark_options={"nonsense": 1})


def test_a_part_that_a_benchmark_lacks_is_a_missing_split(damaged_ntu):
    with pytest.raises(MissingSplitError, match="no part 'test'; it has train"):
        load_skeleton_text("ntu60", "test", data_dir=damaged_ntu)


@pytest.mark.skipif("TMOR_DATA_DIR" not in os.environ, reason="TMOR_DATA_DIR is not set")
def test_a_real_benchmark_loads():
    folder = os.environ["TMOR_DATA_DIR"]
    if not os.path.isdir(os.path.join(folder, "penn_action")):
        pytest.skip("TMOR_DATA_DIR holds no penn_action")
    clips = load_skeleton_text(["penn_action=0.5", "synthetic:20=0.5"], data_dir=folder)
    assert len(clips.parts[0]) > 1000 and clips.shares == (0.5, 0.5)


def test_what_is_no_source_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="got 'no_such_thing': no such file or folder, none of the benchmarks"):
        load_skeleton_text("no_such_thing")
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(ValueError, match="captions file"):
        load_skeleton_text(tmp_path)
    with pytest.raises(ValueError, match="a list of sources"):
        load_skeleton_text([])


# ---------------------------------------------------------------- folders of clips


def write_clips(folder, count=6):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        poses(number).save(folder / f"clip{number}.npz")
    return folder


def test_a_captions_file_gives_words_labels_and_splits(tmp_path):
    folder = write_clips(tmp_path / "mine")
    rows = ["file,caption,label,split", "clip0.npz,a person waves,wave,train", "clip0.npz,hello,wave,train"]
    rows += ["clip1.npz,,sit_down,train", 'clip2.npz,"sits, slowly",sit_down,validation']
    (folder / "captions.csv").write_text("\n".join(rows))
    clips = load_skeleton_text(str(folder))
    assert [one.name for one in clips] == ["clip0.npz", "clip1.npz"] and clips.class_names == ("sit down", "wave")
    assert clips[0].captions == ("a person waves", "hello") and clips[0].group == "wave" and clips[0].label == 1
    assert any("sit down" in text for text in clips[1].captions)
    np.testing.assert_array_equal(clips[0].skeletons.keypoints, poses(0).keypoints)
    assert load_skeleton_text(str(folder), "validation")[0].captions == ("sits, slowly",)
    assert len(load_clip_folder(folder, None)) == 3
    with pytest.raises(MissingSplitError, match="no split 'test'; it has train, validation"):
        load_clip_folder(folder, "test")


def test_a_captions_file_may_name_the_person(tmp_path):
    folder = write_clips(tmp_path / "mine")
    rows = ["file,label,subject", "clip0.npz,wave,7", "clip1.npz,wave,", "clip2.npz,wave,Ann"]
    (folder / "captions.csv").write_text("\n".join(rows))
    assert [clip.subject for clip in load_clip_folder(folder)] == ["7", None, "Ann"]


def test_rows_of_one_file_complete_each_other(tmp_path):
    folder = write_clips(tmp_path / "mine")
    rows = [
        "file,label,caption,subject,split",
        "clip0.npz,wave,waves,s1,test",
        "clip0.npz,,hello,,",
        "clip1.npz,wave,,,",
    ]
    (folder / "captions.csv").write_text("\n".join(rows))
    (clip,) = load_clip_folder(folder, "test")
    assert (clip.class_name, clip.captions, clip.subject) == ("wave", ("waves", "hello"), "s1")


def test_the_last_split_has_many_names(tmp_path):
    folder = write_clips(tmp_path / "mine")
    (folder / "captions.csv").write_text("file,label,split\nclip0.npz,wave,\nclip1.npz,wave,val\nclip2.npz,wave,dev\n")
    assert len(load_clip_folder(folder, "validation")) == 2
    for split, name in (("train", "wave"), ("valid", "wave"), ("train", ".cache"), ("valid", ".cache")):
        write_clips(tmp_path / "ours" / split / name, 2)
    assert load_clip_folder(tmp_path / "ours", None).class_names == ("wave",)
    assert len(load_clip_folder(tmp_path / "ours", "validation")) == 2


def test_a_class_may_be_called_test(tmp_path):
    for name in ("rest", "test"):
        write_clips(tmp_path / "mine" / name, 2)
    clips = load_clip_folder(tmp_path / "mine")
    assert clips.class_names == ("rest", "test") and len(clips) == 4


@pytest.mark.parametrize("has_captions", [False, True])
def test_every_file_that_cannot_be_read_is_reported(tmp_path, has_captions):
    folder = write_clips(tmp_path / "mine" / "wave", 2).parent
    (folder / "wave" / "bad.npz").write_bytes(b"no archive")
    if has_captions:
        (folder / "captions.csv").write_text("file,label\nwave/clip0.npz,wave\nwave/bad.npz,wave\n")
    failures = []
    load_clip_folder(folder, on_failure=lambda name, message: failures.append((name, message)))
    ((name, message),) = failures
    assert name == "wave/bad.npz" and "bad.npz" in message


@pytest.mark.parametrize("has_captions", [False, True])
def test_options_say_what_files_do_not(tmp_path, has_captions):
    (tmp_path / "mine" / "wave").mkdir(parents=True)
    np.save(tmp_path / "mine" / "wave" / "0.npy", np.random.default_rng(0).random((5, 17, 3)))
    if has_captions:
        (tmp_path / "mine" / "captions.csv").write_text("file,label\nwave/0.npy,wave\n")
    (clip,) = load_clip_folder(tmp_path / "mine", layout="h36m17", fps=12)
    assert (clip.skeletons.layout, clip.skeletons.fps) == ("h36m17", 12)


def test_json_and_json_lines_say_the_same(tmp_path):
    rows = [{"file": f"clip{number}.npz", "captions": [f"number {number}", "again"]} for number in range(3)]
    for name, text in {
        "captions.json": json.dumps(rows),
        "captions.jsonl": "\n".join(map(json.dumps, rows)) + "\n",
    }.items():
        folder = write_clips(tmp_path / name.replace(".", "_"))
        (folder / name).write_text(text)
        clips = load_clip_folder(folder)
        assert [one.captions for one in clips] == [(f"number {number}", "again") for number in range(3)]
        assert clips[1].group == "number 1" and clips[1].label is None
    (folder / "captions.jsonl").unlink()
    (folder / "captions.json").write_text(json.dumps({"clip4.npz": "a mapping"}))
    assert load_clip_folder(folder)[0].captions == ("a mapping",)


def test_folders_of_classes_need_no_captions(tmp_path):
    for split in ("train", "validation"):
        for name in ("wave_hand", "sit_down"):
            write_clips(tmp_path / "mine" / split / name, 2)
    clips = load_skeleton_text(str(tmp_path / "mine"))
    assert len(clips) == 4 and clips.class_names == ("sit down", "wave hand")
    assert clips[0].group == "sit down" and "sit down" in clips[0].captions
    write_clips(tmp_path / "flat" / "wave_hand", 2)
    assert len(load_skeleton_text(str(tmp_path / "flat"))) == 2


def test_a_bad_file_is_left_out_or_stops(tmp_path, caplog):
    folder = write_clips(tmp_path / "mine" / "wave", 3)
    (folder / "clip1.npz").write_bytes(b"PK\x03\x04 broken")
    assert [one.name for one in load_clip_folder(tmp_path / "mine")] == ["wave/clip0", "wave/clip2"]
    (folder / "captions.csv").write_text("file,caption\n" + "".join(f"clip{n}.npz,hello\n" for n in range(4)))
    assert [one.name for one in load_clip_folder(folder)] == ["clip0.npz", "clip2.npz"]
    assert caplog.text.count("clip1.npz") == 2 and "2 of 4 files left out" in caplog.text
    with pytest.raises(ValueError, match="clip1.npz"):
        load_clip_folder(folder, strict=True)
    (folder / "captions.csv").unlink()
    with pytest.raises(ValueError, match="clip1.npz"):
        load_clip_folder(tmp_path / "mine", strict=True)


def test_a_clip_that_shows_nobody_is_left_out_or_stops(tmp_path, caplog):
    folder = write_clips(tmp_path / "mine" / "wave", 3)
    tips = np.full((6, 25, 3), np.nan, dtype=np.float32)
    Skeletons(tips, layout="ntu25").save(folder / "clip0.npz")
    tips[:, 21] = 1.0  # a finger tip, which is no canonical joint
    Skeletons(tips, layout="ntu25").save(folder / "clip2.npz")
    assert [one.name for one in load_clip_folder(tmp_path / "mine")] == ["wave/clip1"]
    assert "2 clips left out" in caplog.text and "wave/clip0" in caplog.text
    with pytest.raises(ValueError, match="wave/clip0.*expected a joint that is seen"):
        load_clip_folder(tmp_path / "mine", strict=True)


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("captions.csv", "file,caption\n../secret.npz,hello\n", "line 2: expected a path inside the folder"),
        ("captions.csv", "file,caption\n/etc/passwd,hello\n", "line 2: expected a path inside the folder"),
        ("captions.csv", "name,words\na.npz,hello\n", "line 2: expected file and caption"),
        (
            "captions.csv",
            "file,caption\na.npz,sits down, then stands up\n",
            "line 2: expected a value for each column",
        ),
        (
            "captions.csv",
            "file,label\na.npz,clap\na.npz,squat\n",
            "expected one label for .*a.npz, got clap and squat",
        ),
        ("captions.jsonl", '{"file": "a.npz", "label": 0}', "line 1: expected captions, label and split as text"),
        ("captions.json", "[3]", "entry 1: expected an object"),
        ("captions.json", '"text"', "expected a list of objects"),
        ("captions.jsonl", '{"file": "a.npz", "caption": "x"}\n{', "line 2: expected a JSON object"),
        ("captions.jsonl", '{"file": "a.npz", "caption": [3]}', "line 1: expected captions"),
        ("captions.jsonl", "[" * 100_000, "line 1: expected a JSON object"),
    ],
)
def test_a_damaged_captions_file_names_the_place(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        load_clip_folder(tmp_path)


# ---------------------------------------------------------------- mixtures


def test_a_mixture_holds_all_clips_and_asks_each_source_once(posecap):
    shards = load_skeleton_text(posecap)
    memory = MotionDataset([clip(number) for number in range(10)], "memory")
    mixture = load_skeleton_text([memory, shards])
    assert isinstance(mixture, ClipMixture) and mixture.is_lazy and len(mixture) == 64
    assert [one.name for one in mixture.__getitems__([63, 0, 10, 9])] == ["id58", "memory0", "id0", "memory9"]
    assert mixture[-1].name == "id58" and [one.name for one in mixture[8:12]] == ["memory8", "memory9", "id0", "id1"]
    assert mixture.lengths.shape == (64,) and mixture.blocks.tolist() == [0, *(10 + shards.blocks)]
    assert len(list(mixture.iter_captions())) == 64
    assert not load_skeleton_text([memory, memory]).is_lazy


@pytest.mark.parametrize("shares", [(0.5, 1.0), (-1.0, 0.5), (1.0, None)])
def test_shares_of_a_mixture_must_fit(shares):
    parts = [[clip(0)], [clip(1)]]
    if shares == (0.5, 1.0):
        assert ClipMixture(parts, shares).shares == shares, "relative to each other"
    else:
        with pytest.raises(ValueError, match="expected shares above 0"):
            ClipMixture(parts, shares)


def test_weights_of_a_mixture_in_memory_are_those_of_its_clips():
    parts = [MotionDataset([clip(n, name) for n in range(count)], name) for name, count in (("a", 9), ("b", 4))]
    flat = [one for part in parts for one in part]
    for options in ({}, {"balance": 1, "balance_sets": 0}, {"shares": {"a": 0.7}}):
        np.testing.assert_allclose(sampling_weights(ClipMixture(parts), **options), sampling_weights(flat, **options))
    weights = sampling_weights(ClipMixture(parts, (3, 1)))
    np.testing.assert_allclose([weights[:9].sum(), weights[9:].sum()], [0.75, 0.25])
    with pytest.raises(ValueError, match="shares above 0 of the sets a, b"):
        sampling_weights(ClipMixture(parts), shares={"c": 0.5})


def test_sources_are_drawn_by_their_shares_and_no_block_repeats_a_clip(posecap):
    memory = MotionDataset([clip(number) for number in range(6)], "memory")
    mixture = load_skeleton_text([memory, load_skeleton_text(posecap)], weights=[0.5, 0.5])
    dataset = ContrastiveDataset(mixture, weights=sampling_weights(mixture), clips_per_epoch=240, seed=1)
    for epoch in (0, 1):
        dataset.set_epoch(epoch)
        items = dataset.__getitems__(range(240))
        counts = Counter(item.name.startswith("memory") for item in items)
        assert counts == {True: 120, False: 120}
        assert set(Counter(item.name for item in items if item.name.startswith("memory")).values()) == {20}
        blocks = dataset.blocks(epoch)
        for start, end in zip(blocks, [*blocks[1:], 240], strict=True):
            found = [item.name for item in items[start:end]]
            assert start < end and len(set(found)) == len(found)
            assert len({name.startswith("memory") for name in found}) == 1


def test_a_lazy_set_without_weights_has_each_clip_once(posecap):
    shards = load_skeleton_text(posecap)
    for weights in (None, sampling_weights(shards)):
        dataset = ContrastiveDataset(shards, weights=weights)
        assert sorted(item.name for item in dataset) == sorted(one.name for one in shards)
        assert dataset.blocks(3).tolist() == shards.blocks.tolist()


def test_lazy_items_are_those_of_the_same_clips_in_memory(posecap):
    shards = load_skeleton_text(posecap)
    augmentation = SkeletonAugmentation(mirror_probability=0.5)
    lazy = ContrastiveDataset(shards, augmentation, seed=3)
    memory = ContrastiveDataset(MotionDataset(shards), augmentation, seed=3)
    for dataset in (lazy, memory):
        dataset.set_epoch(2)
    for first, second in zip(lazy, memory, strict=True):
        np.testing.assert_array_equal(first.skeletons.keypoints, second.skeletons.keypoints)
        assert first[1:] == second[1:]
    assert sorted(lazy.captions()) == sorted(memory.captions())
    assert len(lazy.captions(limit=5)) <= 2 * 6
    np.testing.assert_array_equal(lazy.lengths(0), memory.lengths(0))


def test_a_clip_without_a_canonical_joint_is_replaced_and_reported(tmp_path):
    pytest.importorskip("pyarrow")
    tips = np.full((6, 1, 25, 3), np.nan, dtype=np.float32)
    tips[:, :, 21] = 1.0  # a finger tip
    with PoseCapWriter(tmp_path / "set") as writer:
        for number in range(4):
            skeletons = Skeletons(tips, layout="ntu25") if number == 2 else poses(number)
            writer.write(PoseCapRecord(f"id{number}", "test", "CC0-1.0", skeletons, (f"clip {number}",)))
    dataset = ContrastiveDataset(load_skeleton_text(tmp_path / "set"))
    found = [item.name for item in dataset.__getitems__(range(4))]
    assert found[2] in {"id0", "id1", "id3"} and found[:2] + found[3:] == ["id0", "id1", "id3"]
    ((shard, row, reason),) = dataset.take_damage()
    assert row == 2 and "canonical" in reason and shard.endswith(".parquet")
    with pytest.raises(ValueError, match="row 2"):
        list(ContrastiveDataset(load_skeleton_text(tmp_path / "set", strict=True)))


def test_preparing_many_clips_gives_what_each_gives_alone():
    clips = [poses(0), poses(1, 300), poses(2, 17, 22, "tmor22")]
    clips.append(Skeletons(np.random.rand(9, 2, 17, 2), layout="coco17"))
    clips.append(Skeletons(np.random.rand(8, 1, 17, 2), scores=np.eye(8, 17), layout="coco17", image_size=(4, 4)))
    clips.append(Skeletons(np.random.rand(8, 20, 3), layout="kinect20", up_axis="z"))
    for given, got in zip(clips, prepare(clips, None), strict=True):
        expected = given.to_layout()
        np.testing.assert_array_equal(got.keypoints, expected.keypoints)
        for field in ("scores", "fps", "layout", "image_size", "up_axis"):
            assert getattr(got, field) == getattr(expected, field)
    assert prepare(clips, 128)[1].num_frames == 100
