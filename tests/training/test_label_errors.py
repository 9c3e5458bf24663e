# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Labels that contradict what other people's clips teach."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf import Skeletons
from tmor_hf.data import MotionClip, MotionDataset
from tmor_hf.training import out_of_fold_logits, repair_exchanged_labels, suspect_labels

CLASSES = ("sitting down", "standing up", "walking")


def clips_of(subjects, swapped=()):
    """Ten clips of each subject, whose height says what they do; labels 0 and 1 of some subjects are swapped."""
    clips = []
    for number, subject in enumerate(np.repeat(subjects, 10)):
        action = number % 3
        skeletons = Skeletons(np.full((1, 1, 25, 3), action + 1, dtype=np.float32), layout="ntu25")
        label = {0: 1, 1: 0}.get(action, action) if subject in swapped else action
        subject = None if subject is None else str(subject)
        clips.append(MotionClip(skeletons, f"clip{number}", "toy", (), str(label), label, CLASSES[label], subject))
    return MotionDataset(clips, "toy", CLASSES)


def by_height(train, held_out):
    """Logits by the shares of the labels among training clips of the same height."""
    heights = [clip.skeletons.keypoints.max() for clip in train]
    logits = []
    for clip in held_out:
        same = train.labels[np.isclose(heights, clip.skeletons.keypoints.max())]
        logits.append(np.log(np.bincount(same, minlength=3) / len(same) + 1e-3))
    return np.array(logits)


def test_nobody_is_judged_by_a_classifier_that_saw_them():
    clips, judged = clips_of(["1", "2", "3", "10", "11"]), []

    def fit_and_predict(train, held_out):
        people = [{clip.subject for clip in part} for part in (train, held_out)]
        assert not people[0] & people[1] and train.class_names == held_out.class_names == CLASSES
        judged.append(people[1])
        return np.array([[float(clip.name[4:]), 0, 0] for clip in held_out])

    logits = out_of_fold_logits(clips, fit_and_predict, num_folds=2)
    assert judged == [{"1", "3", "11"}, {"2", "10"}]
    assert logits[:, 0].tolist() == list(range(len(clips)))


def test_labels_that_someone_has_swapped_are_found_and_no_others():
    clips = clips_of(["1", "2", "3", "4", "5", "6"], swapped=["4"])
    suspects = suspect_labels(out_of_fold_logits(clips, by_height, num_folds=3), clips.labels)
    assert [clip.name for clip in clips if clip.subject == "4" and clip.label != 2] == [
        clip.name for clip, suspect in zip(clips, suspects, strict=True) if suspect
    ]


def test_clips_of_unknown_people_are_held_out_class_by_class():
    clips = clips_of([None, None])
    assert (out_of_fold_logits(clips, by_height, num_folds=4).argmax(axis=1) == clips.labels).all()


def test_nobody_judges_the_only_clip_of_a_class_nor_is_taken_for_it():
    clips = clips_of([None])[:4].clips[:3]  # one of each
    clips = MotionDataset((*clips, *clips[:2]), "toy", CLASSES)
    logits = out_of_fold_logits(clips, by_height, num_folds=2)
    assert np.isnan(logits).all(axis=1).tolist() == [False, False, True, False, False]
    assert not suspect_labels(logits, clips.labels).any()
    assert (repair_exchanged_labels(logits, clips.labels, ["all"] * 5) == clips.labels).all()


def test_a_doubtful_answer_makes_no_suspect():
    # Class 1 is named with 0.9 on average where it is right, so 0.6 for it is no evidence against class 0.
    probabilities = np.array([[0.4, 0.6], [0.05, 0.95], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    found = suspect_labels(np.log(probabilities), np.array([0, 0, 0, 1, 1]))
    assert found.tolist() == [False, True, False, False, False]


def test_a_clip_whose_own_class_is_the_most_probable_is_no_suspect():
    # Class 0 is named with 0.8 on average where it is right, class 1 with 0.3: the first clip is below the one and
    # above the other, but it is still called what its label says.
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.9, 0.1], [0.7, 0.3], [0.7, 0.3]])
    assert not suspect_labels(np.log(probabilities), np.array([0, 0, 0, 1, 1]))[0]


def test_classes_that_someone_has_swapped_are_exchanged_back_and_no_others():
    clips = clips_of(["1", "2", "3", "4", "5", "6"], swapped=["4"])
    logits = out_of_fold_logits(clips, by_height, num_folds=3)
    repaired = repair_exchanged_labels(logits, clips.labels, [clip.subject for clip in clips])
    assert (repaired == clips_of(["1", "2", "3", "4", "5", "6"]).labels).all()


def named(*classes):
    """Logits that name these classes."""
    return np.eye(3)[list(classes)]


@pytest.mark.parametrize(
    ("labels", "classes", "why"),
    [
        ([0, 0, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1], "class 0 is taken for class 1, but not the other way round"),
        ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 1, 1], "nor by a third of class 1"),
        ([0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0, 1, 1], "half of each are not two thirds of both"),
        ([0, 0, 0, 1, 1, 1], [1, 1, 1, 2, 2, 2], "class 1 is taken for a third one"),
    ],
)
def test_doubt_exchanges_nothing(labels, classes, why):
    assert repair_exchanged_labels(named(*classes), np.array(labels), ["all"] * len(labels)).tolist() == labels, why


def test_groups_are_judged_each_by_itself_and_not_by_few_clips():
    labels = np.array([0, 0, 0, 1, 1, 1] * 2)
    logits = named(1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1)
    own = ["a"] * 6 + ["b"] * 6
    assert repair_exchanged_labels(logits, labels, own).tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    two_each = np.array([0, 0, 1, 1])
    assert repair_exchanged_labels(named(1, 1, 0, 0), two_each, ["a"] * 4).tolist() == [0, 0, 1, 1]


def test_a_class_that_crosses_with_two_others_stays():
    labels = np.repeat([0, 1, 2], 4)
    logits = named(1, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0)
    assert (repair_exchanged_labels(logits, labels, ["all"] * 12) == labels).all()


def test_scores_may_be_whole_numbers():
    clips = MotionDataset(clips_of([None])[:5], "toy", CLASSES)  # the third class once
    logits = out_of_fold_logits(clips, lambda train, held_out: np.ones((len(held_out), 3), dtype=int), 2)
    assert np.isnan(logits).any(axis=1).tolist() == [False, False, True, False, False]


def test_labels_come_back_as_a_copy():
    labels = np.array([0, 0, 0, 1, 1, 1])
    repair_exchanged_labels(named(1, 1, 1, 0, 0, 0), labels, ["a"] * 6)
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="at least 2 folds"):
        out_of_fold_logits(clips_of(["1", "2"]), by_height, num_folds=1)
    with pytest.raises(ValueError, match="expected .N, K. logits and N labels"):
        suspect_labels(np.zeros((0, 2)), np.array([], dtype=int))
    for labels in ([0], [0, 2], [0, -1]):
        with pytest.raises(ValueError, match="expected .N, K. logits and N labels"):
            suspect_labels(np.zeros((2, 2)), np.array(labels))
        with pytest.raises(ValueError, match="expected .N, K. logits and N labels"):
            repair_exchanged_labels(np.zeros((2, 2)), np.array(labels), ["a", "a"])
    with pytest.raises(ValueError, match="a group for each of 2 clips, got 1"):
        repair_exchanged_labels(np.zeros((2, 2)), np.array([0, 1]), ["a"])
