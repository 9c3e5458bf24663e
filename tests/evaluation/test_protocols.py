# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Zero-shot protocols on scores whose accuracies are counted by hand."""

import numpy as np
import pytest

from tmor_hf.evaluation import (
    ZERO_SHOT_PROTOCOLS,
    choose_seen_penalty,
    generalised_metrics,
    seeded_unseen_splits,
    zero_shot_protocol,
)

NAMES = ["walk", "sit", "jump", "wave"]
UNSEEN = (1, 3)
# Two clips of "walk" and one of "jump", which are seen; two of "sit" and one of "wave", which are not.
LABELS = np.array([0, 0, 2, 1, 1, 3])
SCORES = np.array(
    [
        [0.9, 0.1, 0.2, 0.3],  # right; seen leads by 0.6
        [0.5, 0.1, 0.2, 0.4],  # right; by 0.1
        [0.6, 0.1, 0.5, 0.2],  # taken for walk; by 0.4
        [0.7, 0.5, 0.1, 0.2],  # taken for walk, right among the unseen; by 0.2
        [0.1, 0.6, 0.2, 0.3],  # right; by -0.4
        [0.8, 0.1, 0.3, 0.5],  # taken for walk, right among the unseen; by 0.3
    ]
)


def test_each_protocol_is_that_of_hand_counting():
    report = zero_shot_protocol("cross-dataset", SCORES, LABELS, NAMES)
    assert report["top1"] == 0.5 and report["chance"] == 0.25 and report["clips"] == 6
    report = zero_shot_protocol("unseen-classes", SCORES, LABELS, NAMES, UNSEEN)
    assert report["top1"] == 1 and report["chance"] == 0.5 and report["clips"] == 3
    assert report["per_class"] == {"sit": 1.0, "wave": 1.0}
    report = zero_shot_protocol("generalised", SCORES, LABELS, NAMES, UNSEEN)
    assert report["top1_seen"] == pytest.approx(2 / 3) and report["top1_unseen"] == pytest.approx(1 / 3)
    assert report["top1_harmonic_mean"] == pytest.approx(4 / 9)
    assert report["mean_class_seen"] == 0.5 and report["mean_class_unseen"] == 0.25
    assert report["mean_class_harmonic_mean"] == pytest.approx(1 / 3)
    assert report["seen_clips"] == report["unseen_clips"] == 3


def test_arguments_that_do_not_belong_to_a_protocol_are_errors():
    with pytest.raises(ValueError, match="out of cross-dataset, unseen-classes, generalised"):
        zero_shot_protocol("zsl", SCORES, LABELS, NAMES)
    for protocol in ZERO_SHOT_PROTOCOLS:
        unseen = UNSEEN if protocol == "cross-dataset" else ()
        with pytest.raises(ValueError, match="all protocols but 'cross-dataset'"):
            zero_shot_protocol(protocol, SCORES, LABELS, NAMES, unseen)
    with pytest.raises(ValueError, match="'generalised' alone"):
        zero_shot_protocol("unseen-classes", SCORES, LABELS, NAMES, UNSEEN, seen_penalty=0.1)
    for unseen in ((0, 1, 2, 3), (4,), (-1,)):
        with pytest.raises(ValueError, match="classes 0 to 3"):
            generalised_metrics(SCORES, LABELS, unseen)


def test_the_penalty_trades_seen_for_unseen_classes():
    # Above 0.3 all unseen clips are right and one of three seen ones: 2 * 1/3 / (4/3) = 1/2. From 0.2 to 0.3 two of
    # three unseen clips and one seen: 4/9. From 0.1 to 0.2: 1/3, 1/3. Below 0.1: 1/3 and 2/3, 4/9.
    penalty = choose_seen_penalty(SCORES, LABELS, UNSEEN)
    assert penalty == pytest.approx(0.35)
    report = generalised_metrics(SCORES, LABELS, UNSEEN, penalty)
    assert report["top1_harmonic_mean"] == pytest.approx(0.5) and report["top1_unseen"] == 1


def test_no_penalty_does_better_than_the_chosen_one():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 6, 200)
    scores = rng.normal(size=(200, 6)) + 1.5 * np.eye(6)[labels] + [1, 1, 1, 0, 0, 0]
    chosen = generalised_metrics(scores, labels, (3, 4, 5), choose_seen_penalty(scores, labels, (3, 4, 5)))
    others = [generalised_metrics(scores, labels, (3, 4, 5), value) for value in np.linspace(-3, 3, 121)]
    best = max(report["top1_harmonic_mean"] for report in others)
    assert chosen["top1_harmonic_mean"] >= best > others[60]["top1_harmonic_mean"]


def test_seeded_splits_stay_as_they_are_when_more_are_asked_for():
    few, many = seeded_unseen_splits(15, 3, 4), seeded_unseen_splits(15, 3, 10)
    assert many[:4] == few and len(set(many)) > 5
    assert all(len(split) == 3 and list(split) == sorted(set(split)) and 0 <= min(split) <= 14 for split in many)
    assert seeded_unseen_splits(15, 3, 1, seed=2) == many[2:3]
    assert many[0] == tuple(sorted(np.random.default_rng(0).permutation(15)[:3].tolist()))
    for wrong in ((5, 5, 1), (5, 0, 1), (5, 1, 0)):
        with pytest.raises(ValueError, match="expected num_unseen"):
            seeded_unseen_splits(*wrong)
