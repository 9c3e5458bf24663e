# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Captions: enough of them, distinct, short, and consistent under mirroring."""

import pytest

from tmor_hf.data.captions import class_descriptions, class_texts, styled_captions, trial_captions, trial_group
from tmor_hf.data.class_captions.bandai import STYLES
from tmor_hf.data.class_captions.kinds import OF_GROUP
from tmor_hf.processing.augmentation import mirror_caption

SETS = ("bandai_namco_2", "hdm05_11", "ntu120", "nw_ucla", "penn_action", "smarthome", "utkinect_untrimmed")
TEXTS = [(name, key, text) for name in SETS for key, text in class_texts(name).items()]


@pytest.mark.parametrize(("name", "key", "text"), TEXTS, ids=[f"{name}-{key}" for name, key, _ in TEXTS])
def test_every_class_has_many_distinct_short_captions(name, key, text):
    assert len({caption.lower() for caption in text.captions}) >= 8
    assert len(set(text.captions)) == len(text.captions)
    for caption in text.captions:
        assert caption == caption.strip() and "  " not in caption
        assert 2 <= len(caption.split()) <= 15, caption


@pytest.mark.parametrize("name", SETS)
def test_captions_do_not_describe_two_classes_of_a_set(name):
    captions = [caption for text in class_texts(name).values() for caption in text.captions]
    assert len(set(captions)) == len(captions)
    phrases = [text.phrase for text in class_texts(name).values()]
    assert len(set(phrases)) == len(phrases)


def test_equal_captions_mean_equal_groups_over_all_sets():
    group_of = {}
    for _, _, text in TEXTS:
        for caption in text.captions:
            assert group_of.setdefault(caption, text.group) == text.group, caption


def test_a_side_in_the_captions_is_a_side_in_the_group():
    for name, key, text in TEXTS:
        is_sided = mirror_caption(text.group) != text.group
        swapped = [caption for caption in text.captions if mirror_caption(caption) != caption]
        assert is_sided or not swapped, (name, key, swapped)


def test_mirrored_bandai_captions_are_those_of_the_other_side():
    texts = class_texts("bandai_namco_2")
    for key in ("raise-up-{}-hand", "wave-{}-hand", "walk-turn-{}"):
        left, right = texts[key.format("left")], texts[key.format("right")]
        assert tuple(mirror_caption(caption) for caption in left.captions) == right.captions
        assert tuple(mirror_caption(caption) for caption in right.captions) == left.captions
        assert mirror_caption(left.group) == right.group


def test_ntu60_has_the_first_half_of_ntu120():
    names = list(class_texts("ntu120"))
    assert list(class_texts("ntu60")) == names[:60] and len(names) == 120
    assert (names[10], names[26], names[56], names[99]) == (
        "reading",
        "jump up",
        "touch other person's pocket",
        "butt kicks (kick backward)",
    )


def test_mirroring_twice_gives_the_caption_back():
    for _, _, text in TEXTS:
        for caption in (text.group, *text.captions):
            assert mirror_caption(mirror_caption(caption)) == caption


def test_classes_of_the_same_meaning_share_a_group():
    groups = {name: {key: text.group for key, text in class_texts(name).items()} for name in SETS}
    assert groups["utkinect_untrimmed"]["walking"] == groups["bandai_namco_2"]["walk"] == trial_group("slow walk")
    assert groups["utkinect_untrimmed"]["waving hands"] == groups["bandai_namco_2"]["wave-both-hands"]
    assert groups["penn_action"]["squat"] == groups["hdm05_11"]["squat1Reps"]


@pytest.mark.parametrize("style", STYLES)
def test_styled_captions_keep_the_plain_ones_and_add_as_many(style):
    plain = class_texts("bandai_namco_2")["walk"].captions
    styled = styled_captions(plain, style)
    assert styled[: len(plain)] == plain
    assert len(set(styled)) == 2 * len(plain)
    assert any(styled[len(plain)].endswith(words) for words in STYLES[style])


def test_trial_descriptions_become_captions():
    captions = trial_captions("dance - sideways steps, pirouette")
    assert captions[0] == "dance, sideways steps, pirouette"
    assert len(set(captions)) == len(captions) >= 4


def test_unknown_sets_and_styles_are_named():
    with pytest.raises(ValueError, match="nw_ucla.*'kinetics'"):
        class_texts("kinetics")
    with pytest.raises(ValueError, match="elderly.*'drunk'"):
        styled_captions(("a person walks",), "drunk")


@pytest.mark.parametrize("dataset", ["nw_ucla", "penn_action", "utkinect_frames", "hdm05_11", "bandai_namco_2"])
def test_descriptions_of_each_kind_tell_the_classes_apart(dataset):
    descriptions, texts = class_descriptions(dataset), class_texts(dataset)
    assert list(descriptions) == list(texts)
    for kind in ("body_part", "phase"):
        words = [text for kinds in descriptions.values() for text in kinds[kind]]
        assert len(words) == len(set(words)) >= len(texts)
    for name, kinds in descriptions.items():
        assert list(kinds) == ["global", "body_part", "phase"] and kinds["global"] == texts[name].captions


def test_a_set_without_descriptions_of_all_kinds_is_named():
    with pytest.raises(ValueError, match="described by body part and phase, got 'ntu60'"):
        class_descriptions("ntu60")


def test_descriptions_by_kind_are_all_of_meanings_that_some_class_has():
    sets = ("nw_ucla", "penn_action", "utkinect_frames", "hdm05_11", "bandai_namco_2")
    assert set(OF_GROUP) == {text.group for dataset in sets for text in class_texts(dataset).values()}
