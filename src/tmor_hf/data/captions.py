# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Words for the clips of the supported motion sets: class phrases, meanings and natural paraphrases."""

from __future__ import annotations

from .class_captions import bandai, hdm05, kinds, ntu_daily, ntu_more, nw_ucla, penn_action, smarthome, utkinect
from .class_captions.class_text import ClassText

_CLASS_TEXTS: dict[str, dict[str, ClassText]] = {
    "bandai_namco_2": bandai.CLASSES,
    "hdm05_11": hdm05.CLASSES,
    "ntu120": ntu_daily.CLASSES | ntu_more.CLASSES,
    "ntu60": ntu_daily.CLASSES,
    "nw_ucla": nw_ucla.CLASSES,
    "penn_action": penn_action.CLASSES,
    "smarthome": smarthome.CLASSES,
    "utkinect_frames": utkinect.CLASSES,
    "utkinect_untrimmed": utkinect.CLASSES,
}

# Trial descriptions of the CMU motions that mean what a class of another set means.
_CMU_GROUPS = {"walk": "walk", "slow walk": "walk", "brisk walk": "walk", "run/jog": "run"}
_CMU_TEMPLATES = ("{}", "a person: {}", "human motion: {}", "a person performs: {}", "someone is doing this: {}")

# Groups of synthetic motion, or their first word, that mean what a class of a real set means; {} takes the side.
_SYNTHETIC_GROUPS = {
    "baseball_pitch": "pitch a baseball", "baseball_swing": "swing a baseball bat", "bench_press": "bench press",
    "bowl": "bowl", "carry": "carry", "clap": "clap hands", "clean_and_jerk": "clean and jerk",
    "drop_into_bin": "drop trash", "elbow_to_knee": "touch elbow to knee starting with the left elbow",
    "golf_swing": "swing a golf club", "grab_high": "grab something high with the {} hand",
    "hop_both_legs": "hop on both legs", "jog_circle": "jog in a circle to the {}", "jump_rope": "jump rope",
    "jumping_jacks": "do jumping jacks", "kick": "kick to the front with the {} leg",
    "lie_down": "lie down on the floor", "pick_up_one_hand": "pick up with one hand",
    "pick_up_two_hands": "pick up with two hands", "pull": "pull", "pull_up": "do pull-ups", "push": "push",
    "push_up": "do push-ups", "put_on_jacket": "put on a jacket", "raise_both": "raise both hands",
    "raise_one": "raise the {} hand", "rotate_arms backwards": "rotate both arms backwards", "run": "run",
    "sit_down": "sit down", "sit_up": "do sit-ups", "sneak": "sneak", "squat": "squat", "stand_up": "stand up",
    "strum_guitar": "play the guitar", "take_off_jacket": "take off a jacket",
    "tennis_forehand": "hit a tennis forehand", "tennis_serve": "serve in tennis", "throw": "throw",
    "throw_basketball": "throw a basketball", "walk": "walk", "walk_turn": "walk and turn {}",
    "wave": "wave the {} hand", "wave_both": "wave both hands",
}  # fmt: skip


def class_texts(dataset: str) -> dict[str, ClassText]:
    """Class name -> phrase, meaning and captions of a data set, in the order of its labels.

    Raises:
        ValueError: If no captions are written for the set.
    """
    if dataset not in _CLASS_TEXTS:
        raise ValueError(f"expected a data set out of {', '.join(_CLASS_TEXTS)}, got {dataset!r}")
    return _CLASS_TEXTS[dataset]


def class_descriptions(dataset: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Class name -> kind -> texts of a data set, in the order of its labels, for `described_class_embeddings`.

    Kinds are ``"global"``, the captions of `class_texts`; ``"body_part"``, what the parts of the body do; and
    ``"phase"``, what happens first and then.

    Raises:
        ValueError: If a class of the set is not described by all kinds.
    """
    texts = class_texts(dataset)
    missing = [name for name, text in texts.items() if text.group not in kinds.OF_GROUP]
    if missing:
        raise ValueError(
            f"expected a data set whose classes are described by body part and phase, got {dataset!r}, of which "
            f"{missing[0]!r} and {len(missing) - 1} more are not; use the captions of class_texts"
        )
    return {
        name: {"global": text.captions}
        | {kind: (words,) for kind, words in kinds.OF_GROUP[text.group]._asdict().items()}
        for name, text in texts.items()
    }


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


def synthetic_group(group: str) -> str:
    """The meaning of a group of synthetic motion, such as ``"wave left"``, in the words of the real sets."""
    action, _, side = group.partition(" ")
    known = _SYNTHETIC_GROUPS.get(group, _SYNTHETIC_GROUPS.get(action))
    return group.replace("_", " ") if known is None else known.format(side)


__all__ = [
    "ClassText",
    "class_descriptions",
    "class_texts",
    "styled_captions",
    "synthetic_group",
    "trial_captions",
    "trial_group",
]
