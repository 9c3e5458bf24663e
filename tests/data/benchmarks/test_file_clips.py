# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips that stay in their files: read when asked for, also by training, with damaged ones among them."""

import pickle

import numpy as np
import pytest

from tmor_hf.data.benchmarks import FileClips, load_benchmark, split_by_class
from tmor_hf.data.clips import ClipMixture, MotionDataset
from tmor_hf.data.contrastive import ContrastiveDataset, sampling_weights

DAMAGED = "S001C001P001R001A002"


@pytest.fixture
def clips(tmp_path, write_ntu):
    for action in range(1, 7):
        write_ntu(tmp_path / "ntu60" / f"S001C001P001R001A{action:03d}.skeleton", num_frames=action + 2)
    (tmp_path / "ntu60" / f"{DAMAGED}.skeleton").write_text("4\n1\n")
    return load_benchmark("ntu60", tmp_path)


def test_nothing_is_read_before_it_is_asked_for(clips):
    assert isinstance(clips, FileClips) and clips.is_lazy and len(clips) == 6
    assert clips.labels.tolist() == [0, 1, 2, 3, 4, 5] and clips.groups[2] == "brushing teeth"
    assert clips[0].skeletons.num_frames == 3 and clips[-1].name == "S001C001P001R001A006"
    assert [clip.label for clip in clips[2:4]] == [2, 3]
    with pytest.raises(ValueError, match=f"{DAMAGED}.skeleton, line"):
        clips[1]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_loading_reads_all_but_what_is_damaged(clips, num_workers, caplog):
    loaded = clips.load(num_workers, progress=False)
    assert isinstance(loaded, MotionDataset) and loaded.labels.tolist() == [0, 2, 3, 4, 5]
    assert loaded.class_names == clips.class_names and DAMAGED in caplog.text
    np.testing.assert_array_equal(loaded[1].skeletons.keypoints, clips[2].skeletons.keypoints)


def test_strict_sets_raise_what_is_damaged(clips, tmp_path):
    strict = load_benchmark("ntu60", tmp_path, strict=True)
    with pytest.raises(ValueError, match=DAMAGED):
        strict.load(progress=False)
    with pytest.raises(ValueError, match=DAMAGED):
        strict.__getitems__([0, 1])


def test_training_takes_another_clip_in_the_place_of_a_damaged_one(clips):
    dataset = ContrastiveDataset(clips, seed=1)
    items = dataset.__getitems__(list(range(6)))
    assert len(items) == 6 and DAMAGED not in {item.name for item in items}
    (damage,) = dataset.take_damage()
    assert DAMAGED in damage.shard and not dataset.take_damage()
    assert sorted(dataset.lengths(0).tolist()) == [3, 4, 5, 6, 7, 8]
    assert "a person drops something" in dataset.captions()


def test_lazy_sets_mix_with_others(clips):
    mixture = ClipMixture([clips, clips.select(lambda file: file.label == 5).load(progress=False)], [0.5, 0.5])
    weights = sampling_weights(mixture)
    assert weights[-1] == pytest.approx(0.5) and mixture.is_lazy and len(mixture) == 7


def test_unseen_classes_come_apart_before_anything_is_read(clips):
    seen, unseen = split_by_class(clips, (1, 3))
    assert seen.labels.tolist() == [0, 2, 4, 5] and unseen.labels.tolist() == [1, 3]
    in_memory = seen.load(progress=False)
    assert [part.labels.tolist() for part in split_by_class(in_memory, (2,))] == [[0, 4, 5], [2]]


def test_worker_processes_get_a_copy(clips):
    copy = pickle.loads(pickle.dumps(clips))
    np.testing.assert_array_equal(copy[0].skeletons.keypoints, clips[0].skeletons.keypoints)
