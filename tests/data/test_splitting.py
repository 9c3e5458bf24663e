# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The held-out part: nobody on both sides, every class in training, about the share that was asked for."""

import numpy as np
import pytest

from tmor_hf import Skeletons
from tmor_hf.data import FileClips, MotionClip, MotionDataset, deal_folds, hold_out
from tmor_hf.data.benchmarks import ClipFile

SKELETONS = Skeletons(np.ones((2, 1, 17, 2)), layout="coco17")


def clip(number, label, subject=None):
    return MotionClip(SKELETONS, f"clip{number}", "set", ("a person",), "a", label, subject=subject)


def names(clips):
    return [one.name for one in clips]


@pytest.mark.parametrize("seed", range(20))
def test_whole_subjects_are_held_out(seed):
    rng = np.random.default_rng(seed)
    clips = [clip(n, int(rng.integers(4)), f"s{rng.integers(rng.integers(2, 12))}") for n in range(120)]
    train, held_out = hold_out(clips, 0.2, seed)
    assert sorted(names(train) + names(held_out)) == sorted(names(clips)) and len(held_out)
    assert not {one.subject for one in train} & {one.subject for one in held_out}
    assert {one.label for one in train} == {one.label for one in clips}


def test_the_share_of_subjects_is_close():
    clips = [clip(n, n % 3, f"s{n // 10}") for n in range(200)]
    assert [len(hold_out(clips, 0.25, seed)[1]) for seed in range(5)] == [50] * 5


@pytest.mark.parametrize("seed", range(5))
def test_of_two_subjects_the_one_with_fewer_clips_goes(seed):
    clips = [clip(n, n % 3, "few" if n >= 50 else "many") for n in range(90)]
    train, held_out = hold_out(clips, 0.1, seed)
    assert {one.subject for one in held_out} == {"few"} and {one.subject for one in train} == {"many"}


def test_who_alone_shows_a_class_stays_in_training():
    clips = [clip(n, n % 2, f"s{n % 3}") for n in range(30)] + [clip(30, 2, "alone")]
    for seed in range(10):
        train, held_out = hold_out(clips, 0.3, seed)
        assert "alone" not in {one.subject for one in held_out} and len(held_out)
        assert {one.label for one in train} == {0, 1, 2}


def test_classes_give_their_share_where_subjects_cannot(caplog):
    clips = [clip(n, n % 2, f"s{n % 2}") for n in range(20)]  # each subject shows a class of its own
    train, held_out = hold_out(clips, 0.2)
    assert sorted(one.label for one in held_out) == [0, 0, 1, 1] and len(train) == 16
    assert "no subject can be spared" in caplog.text


@pytest.mark.parametrize("seed", range(5))
def test_each_class_gives_at_least_one_of_three_clips(seed, caplog):
    clips = [clip(n, label) for n, label in enumerate([0] * 3 + [1] * 10 + [2] * 2)]
    train, held_out = hold_out(clips, 0.2, seed)
    assert sorted(one.label for one in held_out) == [0, 1, 1]
    assert {one.label for one in train} == {0, 1, 2}
    assert "no clip held out of 1 classes" in caplog.text


def test_too_few_clips_give_no_part_and_it_is_said(caplog):
    clips = MotionDataset([clip(n, n // 2) for n in range(4)], "tiny", ("walk", "sit"))
    train, held_out = hold_out(clips)
    assert len(train) == 4 and len(held_out) == 0
    assert "there is no validation part" in caplog.text


def test_the_seed_decides():
    clips = [clip(n, n % 2) for n in range(40)]
    assert names(hold_out(clips, seed=1)[1]) == names(hold_out(clips, seed=1)[1])
    assert names(hold_out(clips, seed=1)[1]) != names(hold_out(clips, seed=2)[1])


def test_the_kind_of_set_stays():
    data = MotionDataset([clip(n, n % 2) for n in range(20)], "mine", ("walk", "sit"))
    for part in hold_out(data):
        assert isinstance(part, MotionDataset) and part.class_names == ("walk", "sit")
    files = [ClipFile(f"{n}.npz", f"clip{n}", "set", ("a",), "a", n % 2, subject=f"s{n % 5}") for n in range(20)]
    lazy = FileClips(files, read=lambda path: pytest.fail("no file needs to be read"))
    train, held_out = hold_out(lazy)
    assert len(train) == 16 and {file.subject for file in train.files}.isdisjoint(f.subject for f in held_out.files)


def test_what_cannot_be_parted_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        hold_out([clip(0, 0)], 1.0)
    with pytest.raises(ValueError, match="without"):
        hold_out([clip(0, None)])


# ---------------------------------------------------------------- one part after the other


@pytest.mark.parametrize("num_folds", [2, 3, 5])
def test_whole_subjects_are_dealt_in_the_order_of_their_names(num_folds):
    clips = [clip(n, n % 2, f"{n // 2 % 12}") for n in range(48)]
    folds = deal_folds(clips, num_folds)
    assert [folds[2 * subject] for subject in range(12)] == [subject % num_folds for subject in range(12)]
    for subject in range(12):
        assert len({fold for fold, one in zip(folds, clips, strict=True) if one.subject == str(subject)}) == 1


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_shows_every_class_and_every_clip_is_held_out_once(seed):
    rng = np.random.default_rng(seed)
    subjects = [None] if seed % 2 else [f"s{n}" for n in range(int(rng.integers(1, 6)))]
    clips = [
        clip(n, int(rng.integers(5)), subjects[rng.integers(len(subjects))]) for n in range(int(rng.integers(12, 40)))
    ]
    labels = np.array([one.label for one in clips])
    folds = deal_folds(clips, int(rng.integers(2, 7)))
    for fold in range(folds.max() + 1):
        assert set(labels[folds != fold]) == set(labels)
    assert ((folds < 0) == (np.bincount(labels)[labels] == 1)).all() or None not in subjects


def test_who_alone_shows_a_class_is_not_held_out_whole(caplog):
    clips = [clip(n, n % 2, f"s{n % 2}") for n in range(8)]
    assert sorted(deal_folds(clips, 4)) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert "subjects cannot be held out" in caplog.text


def test_the_only_clip_of_a_class_is_never_held_out():
    assert deal_folds([clip(0, 0), clip(1, 1), clip(2, 1)], 5).tolist() == [-1, 0, 1]


@pytest.mark.parametrize(("num_folds", "labels"), [(1, (0, 0, 1, 1)), (2, (0, 1, 2)), (2, ())])
def test_folds_that_cannot_be_are_refused(num_folds, labels):
    with pytest.raises(ValueError, match="expected at least 2 folds and a class with at least 2 clips"):
        deal_folds([clip(n, label) for n, label in enumerate(labels)], num_folds)
