# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""One list of labels for the classes of several sets."""

import os
from collections import defaultdict
from dataclasses import replace

import pytest

from tmor_hf.data import class_texts, synthetic_clips
from tmor_hf.data.everyday_actions import EVERYDAY_SETS, everyday_label, load_everyday_actions
from tmor_hf.data.synthetic import ACTIONS, SyntheticMotion

DATA_DIR = os.environ.get("TMOR_DATA_DIR")
needs_data = pytest.mark.skipif(DATA_DIR is None, reason="TMOR_DATA_DIR is not set")
GENERATED = synthetic_clips(SyntheticMotion(3 * len(ACTIONS), seed=1))


def label_of(phrase: str) -> str:
    return everyday_label(replace(GENERATED[0], class_name=phrase))


def phrases() -> list[str]:
    known = [text.phrase for name in EVERYDAY_SETS for text in class_texts(name).values()]
    return [*known, *GENERATED.class_names]


@pytest.mark.parametrize("phrase", sorted(set(phrases())))
def test_labels_name_no_side_and_stand_for_themselves(phrase):
    label = label_of(phrase)
    assert not {"left", "right"} & set(label.split())
    assert label_of(label) == label


def test_classes_of_one_meaning_have_one_label():
    labels = defaultdict(set)
    for name in EVERYDAY_SETS:
        for text in class_texts(name).values():
            labels[text.group].add(label_of(text.phrase))
    for clip in GENERATED:
        labels[clip.group].add(everyday_label(clip))
    assert {group: found for group, found in labels.items() if len(found) > 1} == {}


def test_a_clip_without_a_class_is_refused():
    with pytest.raises(ValueError, match="expected a clip with a class, got"):
        everyday_label(replace(GENERATED[0], class_name=None))


@needs_data
def test_small_sets_are_listed_several_times_in_training_alone():
    train = load_everyday_actions("train", DATA_DIR, num_synthetic=1000)
    validation = load_everyday_actions("validation", DATA_DIR, 50, class_names=train.class_names)
    assert all(clip.class_name == train.class_names[clip.label] for clip in [*train, *validation])
    for clips, repeats in ((train, EVERYDAY_SETS), (validation, dict.fromkeys(EVERYDAY_SETS, 1))):
        for name, count in repeats.items():
            names = [clip.name for clip in clips if clip.dataset == name]
            assert len(names) == count * len(set(names)) > 0
    assert not {clip.name for clip in train} & {clip.name for clip in validation}


@needs_data
def test_labels_that_a_classifier_lacks_are_refused():
    with pytest.raises(ValueError, match="expected the labels walking, got"):
        load_everyday_actions("validation", DATA_DIR, 10, class_names=("walking",))
