# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What is said about one class of a data set."""

from __future__ import annotations

from typing import NamedTuple


class ClassText(NamedTuple):
    """The words for one class.

    Args:
        phrase: Short name to put into a zero-shot template, e.g. ``"sitting down"``.
        group: Identifies the meaning; classes of different sets that mean the same share it. It names the side
            (left, right) wherever the class has one.
        captions: Natural descriptions, all true of every clip of the class.
    """

    phrase: str
    group: str
    captions: tuple[str, ...]


def done_by_one(phrase: str, sentence: str, *others: str, group: str | None = None) -> ClassText:
    """The words for what one person does.

    Args:
        phrase: The class as a phrase that fits behind "someone is", e.g. ``"drinking water"``.
        sentence: The same as a sentence that begins with "a person".
        others: More descriptions.
        group: The meaning; by default the phrase.
    """
    _, _, rest = sentence.partition("a person ")
    plain = phrase if " " in phrase else f"a person is {phrase}"
    return ClassText(phrase, group or phrase, (sentence, plain, f"someone is {phrase}", f"the person {rest}", *others))


def done_to_another(phrase: str, sentence: str, *others: str, group: str | None = None) -> ClassText:
    """The words for what one person does to another, e.g. ``"hugging another person"``."""
    scenes = (f"one of two people is {phrase}", f"a scene with two people, one of them {phrase}")
    return ClassText(phrase, group or phrase, (sentence, phrase, *scenes, *others))


def done_together(phrase: str, sentence: str, *others: str, group: str | None = None) -> ClassText:
    """The words for what two people do alike, e.g. ``"shaking hands"``."""
    return ClassText(phrase, group or phrase, (sentence, phrase, f"a pair of people {phrase}", *others))


__all__ = ["ClassText", "done_by_one", "done_to_another", "done_together"]
