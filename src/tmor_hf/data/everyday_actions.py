# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""One list of everyday actions out of several sets, in which what is the same in two of them has one name.

It is what the released closed-set classifier learns: the classes of four benchmarks, and those of generated motion.
Sides are left out ("waving one hand"), so that clips may be mirrored.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from .clips import MotionClip, MotionDataset
from .sources import load_skeleton_text

EVERYDAY_SETS: dict[str, int] = {"bandai_namco_2": 1, "penn_action": 1, "hdm05_11": 4, "utkinect_untrimmed": 4}
"""The benchmarks, and how often each of their training clips is listed, so that small sets are not drowned."""

# Pattern of a class phrase -> the label. The first that matches counts; any other phrase is its own label.
_LABELS: tuple[tuple[re.Pattern, str], ...] = tuple(
    (re.compile(pattern), label)
    for pattern, label in (
        (r"baseball pitch|pitching a baseball", "pitching a baseball"),
        (r"baseball swing", "swinging a baseball bat"),
        (r"bench press", "doing a bench press"),
        (r"^bowling", "bowling"),
        (r"clean and jerk", "lifting a barbell"),
        (r"golf", "swinging a golf club"),
        (r"jump rope|jumping rope", "jumping rope"),
        (r"jumping jacks", "doing jumping jacks"),
        (r"pull-?\s?up", "doing pull-ups"),
        (r"push-?\s?up", "doing push-ups"),
        (r"sit-?\s?ups?$", "doing sit-ups"),
        (r"^squat|squats|crouching", "squatting"),
        (r"strum", "strumming a guitar"),
        (r"tennis forehand", "hitting a tennis forehand"),
        (r"tennis serve|serving a tennis", "serving a tennis ball"),
        (r"putting (an object|something) down", "putting something down"),
        (r"elbow to knee|elbow to the opposite knee", "bringing the elbow to the knee"),
        (r"grabbing something high|reaching up high", "reaching up high"),
        (r"hopping", "hopping"),
        (r"jogging|running", "running"),
        (r"kicking", "kicking"),
        (r"rotating both arms", "rotating both arms"),
        (r"throwing a basketball", "throwing a basketball"),
        (r"^throwing", "throwing"),
        (r"picking something up", "picking something up"),
        (r"carrying something", "carrying something"),
        (r"pushing something|^pushing$", "pushing something"),
        (r"pulling something|^pulling$", "pulling something"),
        (r"waving (both )?hands", "waving both hands"),
        (r"waving", "waving one hand"),
        (r"raising the (left|right) hand", "raising one hand"),
        (r"walking and turning", "walking and turning"),
        (r"walking in a circle|^walking$", "walking"),
        (r"stepping sideways", "stepping sideways"),
        (r"limping", "limping"),
        (r"lunge", "doing a lunge"),
        (r"kneeling down", "kneeling down"),
        (r"pointing", "pointing"),
        (r"drinking", "drinking"),
        (r"talking on the phone", "talking on the phone"),
        (r"checking the watch", "checking the watch"),
        (r"scratching the head", "scratching the head"),
        (r"into a bin", "dropping something into a bin"),
        (r"punching", "punching"),
        (r"turning around", "turning around"),
    )
)


def everyday_label(clip: MotionClip) -> str:
    """The label of a clip of one of the sets or of generated motion.

    Raises:
        ValueError: The clip has no class.
    """
    if clip.class_name is None:
        raise ValueError(f"expected a clip with a class, got {clip.name!r} of {clip.dataset} without one")
    return next((label for pattern, label in _LABELS if pattern.search(clip.class_name)), clip.class_name)


def load_everyday_actions(
    part: str, data_dir: str | Path, num_synthetic: int = 6000, seed: int = 0, class_names: tuple[str, ...] = ()
) -> MotionDataset:
    """Clips of all sets with one list of labels.

    Args:
        part: ``"train"`` or ``"validation"``; of the training part, small sets are listed several times.
        data_dir: Folder of the benchmarks.
        num_synthetic: Generated clips, of all actions.
        seed: Their seed.
        class_names: The labels, in order; by default those of the clips, sorted.

    Raises:
        ValueError: A clip has a label that is not in `class_names`.
    """
    clips: list[MotionClip] = []
    for name, repeats in EVERYDAY_SETS.items():
        found = load_skeleton_text(name, part, data_dir=data_dir)
        clips += list(found) * (repeats if part == "train" else 1)
    clips += list(load_skeleton_text(f"synthetic:{num_synthetic}", part, seed=seed))[:num_synthetic]
    labels = [everyday_label(clip) for clip in clips]
    names = class_names or tuple(sorted(set(labels)))
    if unknown := set(labels) - set(names):
        raise ValueError(f"expected the labels {', '.join(names)}, got {', '.join(sorted(unknown))} besides")
    index_of = {name: index for index, name in enumerate(names)}
    labelled = [
        replace(clip, label=index_of[label], class_name=label) for clip, label in zip(clips, labels, strict=True)
    ]
    return MotionDataset(labelled, "everyday_actions", names)


__all__ = ["EVERYDAY_SETS", "everyday_label", "load_everyday_actions"]
