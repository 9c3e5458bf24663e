# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The corpus of motion language: forms of verbs, sentences by seed, and parts that do not overlap."""

import re

import pytest

from tmor_hf.data import UNSEEN_VERBS, class_texts, generate_sentences, package_sentences, split_sentences
from tmor_hf.data.motion_language import gerund, third_person
from tmor_hf.evaluation import PROMPT_TEMPLATES


@pytest.mark.parametrize(
    ("verb", "third", "ing"),
    [
        ("walk", "walks", "walking"),
        ("sit down", "sits down", "sitting down"),
        ("wave goodbye", "waves goodbye", "waving goodbye"),
        ("carry a box", "carries a box", "carrying a box"),
        ("play the guitar", "plays the guitar", "playing the guitar"),
        ("push a cart", "pushes a cart", "pushing a cart"),
        ("lie down", "lies down", "lying down"),
        ("tiptoe", "tiptoes", "tiptoeing"),
        ("do yoga", "does yoga", "doing yoga"),
        ("untie a knot", "unties a knot", "untying a knot"),
    ],
)
def test_verbs_are_inflected(verb, third, ing):
    assert third_person(verb) == third
    assert gerund(verb) == ing


def test_sentences_follow_from_the_seed_and_more_of_them_begin_alike():
    few = generate_sentences(300, seed=1, templates=PROMPT_TEMPLATES)
    assert len(set(few)) == 300
    assert generate_sentences(500, seed=1, templates=PROMPT_TEMPLATES)[:300] == few
    assert len(set(generate_sentences(300, seed=2, templates=PROMPT_TEMPLATES)) & set(few)) < 150


def test_sentences_come_in_several_forms_and_prompts():
    sentences = generate_sentences(2000, templates=PROMPT_TEMPLATES)
    for form in (
        r"^\w+ing\b",
        r" then ",
        r" while ",
        r"^a person \w+s\b",
        r" is \w+ing\b",
        r"^human action: \w+ing\b",
    ):
        assert sum(bool(re.search(form, sentence)) for sentence in sentences) >= 20, form
    assert not [sentence for sentence in sentences if re.search(r"[{}|\n]|  ", sentence)]


def test_the_package_s_words_have_every_class_phrase_in_every_prompt():
    sentences = set(package_sentences(templates=PROMPT_TEMPLATES))
    for text in class_texts("penn_action").values():
        assert {template.format(text.phrase) for template in PROMPT_TEMPLATES} <= sentences
        assert set(text.captions) <= sentences
    assert "waving the left hand" in sentences
    assert package_sentences(seed=0) == package_sentences(seed=0)


def test_parts_share_no_sentence_and_training_has_no_unseen_verb():
    sentences = generate_sentences(4000, seed=0) + package_sentences()
    train, held_out, unseen = split_sentences(sentences)
    assert sorted([*train, *held_out, *unseen]) == sorted(set(sentences))
    assert 0.01 < len(held_out) / len(train) < 0.1
    words = {word for sentence in [*train, *held_out] for word in re.findall(r"[a-z]+", sentence.lower())}
    for verb in UNSEEN_VERBS:
        assert not {verb, gerund(verb), third_person(verb)} & words
        assert any(re.search(rf"\b({verb}|{gerund(verb)}|{third_person(verb)})\b", sentence) for sentence in unseen)
    assert not words & {"hammered", "juggled", "sprinted", "hurled", "curtsied"}


def test_a_sentence_stays_in_its_part_when_the_corpus_grows():
    few, more = generate_sentences(500), generate_sentences(1500)
    assert set(split_sentences(few).held_out) == set(split_sentences(more).held_out) & set(few)
