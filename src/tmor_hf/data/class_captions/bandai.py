# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Captions of the contents and styles of the Bandai-Namco Research motion set 2, by content name."""

from __future__ import annotations

from .class_text import ClassText


CLASSES: dict[str, ClassText] = {
    "raise-up-both-hands": ClassText(
        phrase="raising both hands",
        group="raise both hands",
        captions=(
            "a person raises both hands",
            "raising both hands up",
            "someone lifts both arms into the air",
            "put your hands up",
            "a person holds both arms up high",
            "both hands go up above the head",
            "lifting the two hands",
            "someone stretches both arms upwards",
            "a standing person raises the arms",
            "reach up with both hands",
        ),
    ),
    "run": ClassText(
        phrase="running",
        group="run",
        captions=(
            "a person runs",
            "running forward",
            "someone jogs ahead at a good pace",
            "run straight on",
            "a person runs with bent, swinging arms",
            "running with long, quick steps",
            "the person moves fast on foot",
            "someone sprints along",
            "run ahead without stopping",
            "a runner goes by",
        ),
    ),
    "walk": ClassText(
        phrase="walking",
        group="walk",
        captions=(
            "a person walks",
            "walking forward",
            "someone takes steps ahead",
            "walk straight on",
            "a person walks with swinging arms",
            "walking one foot after the other",
            "the person goes along on foot",
            "someone strolls ahead",
            "walk ahead at your own pace",
            "a walker goes by",
        ),
    ),
    "walk-turn-left": ClassText(
        phrase="walking and turning left",
        group="walk and turn left",
        captions=(
            "a person walks and turns left",
            "walking and turning to the left",
            "someone walks ahead and then makes a left turn",
            "walk forward, then turn left",
            "a person changes direction to the left while walking",
            "turning left on foot",
            "the person walks around a corner to the left",
            "someone on foot bends off to the left",
            "take some steps and turn to your left",
            "a walk with a turn to the left",
        ),
    ),
    "walk-turn-right": ClassText(
        phrase="walking and turning right",
        group="walk and turn right",
        captions=(
            "a person walks and turns right",
            "walking and turning to the right",
            "someone walks ahead and then makes a right turn",
            "walk forward, then turn right",
            "a person changes direction to the right while walking",
            "turning right on foot",
            "the person walks around a corner to the right",
            "someone on foot bends off to the right",
            "take some steps and turn to your right",
            "a walk with a turn to the right",
        ),
    ),
    "wave-both-hands": ClassText(
        phrase="waving both hands",
        group="wave both hands",
        captions=(
            "a person waves both hands",
            "waving hello with both hands",
            "someone waves with both arms",
            "wave both of your hands",
            "a person lifts both hands and moves them side to side",
            "greeting somebody with both hands",
            "the raised hands swing back and forth",
            "someone signals with both arms",
            "a standing person waves with both hands",
            "say goodbye by waving two hands",
        ),
    ),
    "raise-up-left-hand": ClassText(
        phrase="raising the left hand",
        group="raise the left hand",
        captions=(
            "a person raises the left hand",
            "raising the left hand up",
            "someone lifts the left arm into the air",
            "put your left hand up",
            "a person holds the left arm up high",
            "the left hand goes up above the head",
            "lifting the left hand",
            "someone stretches the left arm upwards",
            "a standing person raises the left arm",
            "reach up with the left hand",
        ),
    ),
    "wave-left-hand": ClassText(
        phrase="waving the left hand",
        group="wave the left hand",
        captions=(
            "a person waves the left hand",
            "waving hello with the left hand",
            "someone waves with the left arm",
            "wave your left hand",
            "a person lifts the left hand and moves it side to side",
            "greeting somebody with a wave of the left hand",
            "the raised left hand swings back and forth",
            "someone signals with the left hand",
            "a standing person waves with the left hand",
            "say goodbye with a wave of the left hand",
        ),
    ),
    "raise-up-right-hand": ClassText(
        phrase="raising the right hand",
        group="raise the right hand",
        captions=(
            "a person raises the right hand",
            "raising the right hand up",
            "someone lifts the right arm into the air",
            "put your right hand up",
            "a person holds the right arm up high",
            "the right hand goes up above the head",
            "lifting the right hand",
            "someone stretches the right arm upwards",
            "a standing person raises the right arm",
            "reach up with the right hand",
        ),
    ),
    "wave-right-hand": ClassText(
        phrase="waving the right hand",
        group="wave the right hand",
        captions=(
            "a person waves the right hand",
            "waving hello with the right hand",
            "someone waves with the right arm",
            "wave your right hand",
            "a person lifts the right hand and moves it side to side",
            "greeting somebody with a wave of the right hand",
            "the raised right hand swings back and forth",
            "someone signals with the right hand",
            "a standing person waves with the right hand",
            "say goodbye with a wave of the right hand",
        ),
    ),
}

# What follows a caption to say the style of a performance.
STYLES: dict[str, tuple[str, ...]] = {
    "active": (
        "energetically",
        "in an active way",
        "with a lot of energy",
        "briskly and actively",
    ),
    "elderly": (
        "like an elderly person",
        "in an elderly style",
        "the way old people do",
        "slowly and carefully, as in old age",
    ),
    "exhausted": (
        "wearily",
        "in an exhausted way",
        "as if very tired",
        "like someone worn out",
    ),
    "feminine": (
        "in a feminine way",
        "in a feminine style",
        "with feminine grace",
        "gracefully, in a feminine manner",
    ),
    "masculine": (
        "in a masculine way",
        "in a masculine style",
        "with a masculine bearing",
        "in a manly manner",
    ),
    "normal": (
        "in a normal way",
        "in a neutral style",
        "as usual",
        "in an ordinary manner",
    ),
    "youthful": (
        "in a youthful way",
        "in a youthful style",
        "with youthful spirit",
        "like a lively young person",
    ),
}

__all__ = ["CLASSES", "STYLES"]
