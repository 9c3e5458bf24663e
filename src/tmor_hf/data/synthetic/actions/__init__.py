# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The actions of the synthetic body, as data: name, plan function, and whether there is a left and a right form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..captions import GERUNDS, PHRASES
from ..controls import Plan
from . import gestures, locomotion, postures, sports


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Attributes:
        name: action id, the label of its clips.
        write: writes the right-handed (or unsided) plan of one clip.
        has_sides: whether left and right are different meanings.
        phrases: verb phrases that captions use.
        gerund: class phrase with slots.
    """

    name: str
    write: Callable[[Plan], None]
    has_sides: bool
    phrases: tuple[str, ...]
    gerund: str


_SIDED = {
    locomotion: ("walk_turn", "walk_circle", "side_step", "jog_circle", "limp", "turn_around", "hop_one_leg"),
    postures: ("lunge", "pick_up_one_hand", "kneel"),
    gestures: (
        "wave",
        "raise_one",
        "point",
        "drink",
        "phone_call",
        "check_watch",
        "scratch_head",
        "grab_high",
        "drop_into_bin",
    ),
    sports: ("throw", "bowl", "baseball_pitch", "tennis_forehand", "tennis_serve", "kick", "punch"),
}
_UNSIDED = {
    locomotion: (
        "stand",
        "walk",
        "walk_backwards",
        "run",
        "jog_in_place",
        "sneak",
        "march",
        "hop_both_legs",
        "jump_rope",
        "jumping_jacks",
        "jump",
    ),
    postures: (
        "sit_down",
        "stand_up",
        "sit_still",
        "squat",
        "bow",
        "pick_up_two_hands",
        "put_down",
        "crouch",
        "lie_down",
        "get_up",
        "sit_up",
        "push_up",
        "pull_up",
        "bench_press",
        "elbow_to_knee",
        "stretch",
        "touch_toes",
    ),
    gestures: (
        "wave_both",
        "raise_both",
        "clap",
        "fold_arms",
        "use_phone",
        "rotate_arms",
        "push",
        "pull",
        "carry",
        "put_on_jacket",
        "take_off_jacket",
    ),
    sports: ("throw_basketball", "baseball_swing", "golf_swing", "clean_and_jerk", "strum_guitar", "slash"),
}


def _specs() -> dict[str, ActionSpec]:
    specs = {}
    for table, has_sides in ((_UNSIDED, False), (_SIDED, True)):
        for module, names in table.items():
            for name in names:
                write = getattr(module, name)
                specs[name] = ActionSpec(name, write, has_sides, PHRASES[name], GERUNDS[name])
    return {name: specs[name] for name in PHRASES}


ACTIONS: dict[str, ActionSpec] = _specs()
"""All actions by name."""
