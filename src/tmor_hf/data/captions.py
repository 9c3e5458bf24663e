# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Words for the clips of the supported motion sets: class phrases, meanings and natural paraphrases."""

from __future__ import annotations

from .class_captions import bandai, hdm05, nw_ucla, penn_action, utkinect
from .class_captions.class_text import ClassText


_CLASS_TEXTS: dict[str, dict[str, ClassText]] = {
    "bandai_namco_2": bandai.CLASSES,
    "hdm05_11": hdm05.CLASSES,
    "nw_ucla": nw_ucla.CLASSES,
    "penn_action": penn_action.CLASSES,
    "utkinect_untrimmed": utkinect.CLASSES,
}

# Trial descriptions of the CMU motions that mean what a class of another set means.
_CMU_GROUPS = {"walk": "walk", "slow walk": "walk", "brisk walk": "walk", "run/jog": "run"}
_CMU_TEMPLATES = ("{}", "a person: {}", "human motion: {}", "a person performs: {}", "someone is doing this: {}")


def class_texts(dataset: str) -> dict[str, ClassText]:
    """Class name -> phrase, meaning and captions of a data set.

    Raises:
        ValueError: If no captions are written for the set.
    """
    if dataset not in _CLASS_TEXTS:
        raise ValueError(f"expected a data set out of {', '.join(_CLASS_TEXTS)}, got {dataset!r}")
    return _CLASS_TEXTS[dataset]


def styled_captions(captions: tuple[str, ...], style: str) -> tuple[str, ...]:
    """The captions as they are, and each once more with words for a Bandai-Namco style, e.g. "a person walks wearily".

    Raises:
        ValueError: If the style is not known.
    """
    if style not in bandai.STYLES:
        raise ValueError(f"expected a style out of {', '.join(bandai.STYLES)}, got {style!r}")
    words = bandai.STYLES[style]
    return captions + tuple(f"{caption} {words[index % len(words)]}" for index, caption in enumerate(captions))


def trial_captions(description: str) -> tuple[str, ...]:
    """Captions out of a CMU trial description such as ``"dance - sideways steps, pirouette"``."""
    text = description.replace(" - ", ", ")
    return tuple(template.format(text) for template in _CMU_TEMPLATES)


def trial_group(description: str) -> str:
    """The meaning of a CMU trial description; that of a class of another set where both mean the same."""
    return _CMU_GROUPS.get(description, description)


__all__ = ["ClassText", "class_texts", "styled_captions", "trial_captions", "trial_group"]
