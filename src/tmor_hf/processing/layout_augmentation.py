# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Augmentation against a shortcut: a model that can tell data sets apart by their joints need not look at the motion.

Data sets differ in which joints they have (mocap has no hands, a pose estimator no feet) and in where these sit on a
body. With few sets, "this clip lacks hands" or "these hips are wide" gives away the set, and with it half of the
label. On a set that was not trained on, such a model answers with the classes of the set that it resembles most. The
two functions here make the joints of all sets look alike.

Axes: T frames, M people, V = 22 canonical joints, C coordinates.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from .joint_layouts import CANONICAL, CANONICAL_JOINTS, LAYOUTS, get_layout, to_canonical
from .skeletons import Skeletons

# Joints that sources lack together, or that a source may lack although its layout has them.
_OPTIONAL_JOINTS: tuple[tuple[str, ...], ...] = (
    ("spine", "chest"),
    ("nose",),
    ("head",),
    ("left_hand", "right_hand"),
    ("left_foot", "right_foot"),
    ("pelvis",),
    ("neck",),
)
_OPTIONAL_MASKS = np.array([[joint in joints for joint in CANONICAL_JOINTS] for joints in _OPTIONAL_JOINTS])
NUM_DICE = 2 + len(_OPTIONAL_JOINTS)  # random numbers that say which joints are hidden


def imitate_layout(
    skeletons: Skeletons, rng: np.random.Generator, *, probability: float = 0.6, drop_probability: float = 0.2
) -> Skeletons:
    """Hides the joints that another layout, chosen at random, does not have, during the whole clip.

    Args:
        skeletons: A clip on the canonical joints.
        rng: Source of randomness.
        probability: Probability to imitate a layout at all.
        drop_probability: Probability of each kind of optional joint (hands, feet, head, spine, ...) to be hidden
            besides.

    Returns:
        The clip with hidden joints NaN. If nothing would be left, nothing is hidden.

    Raises:
        ValueError: If the clip is not on the canonical joints, or a probability lies outside 0..1.
    """
    _check_canonical(skeletons)
    for name, value in (("probability", probability), ("drop_probability", drop_probability)):
        if not 0 <= value <= 1:
            raise ValueError(f"expected {name} between 0 and 1, got {value}")
    hidden = hidden_joints(rng.random(NUM_DICE), probability, drop_probability)
    if not (skeletons.valid & ~hidden).any():
        return skeletons
    return replace(skeletons, keypoints=np.where(hidden[:, None], np.float32(np.nan), skeletons.keypoints))


def hidden_joints(dice: np.ndarray, probability: float = 0.6, drop_probability: float = 0.2) -> np.ndarray:
    """(..., V) bool, the joints that `imitate_layout` hides for random numbers (..., `NUM_DICE`) from 0 to 1."""
    patterns = _missing_joints(tuple(LAYOUTS))
    is_layout = dice[..., 0] < probability
    choice = (dice[..., 1] * len(patterns)).astype(int)
    optional = (dice[..., 2:] < drop_probability) @ _OPTIONAL_MASKS
    return (is_layout[..., None] & patterns[choice]) | optional


def shift_joints(skeletons: Skeletons, rng: np.random.Generator, *, strength: float = 0.08) -> Skeletons:
    """Moves each joint along its bone by a share of the bone that stays the same during the clip, left as right.

    Layouts place joints differently on the same body: a wrist further up the arm, hips further apart.

    Args:
        skeletons: A clip on the canonical joints.
        rng: Source of randomness.
        strength: Standard deviation of the share by which a bone gets longer or shorter, without moving what hangs on
            it.

    Returns:
        The clip with moved joints; a joint whose bone is not seen stays.

    Raises:
        ValueError: If the clip is not on the canonical joints, or `strength` is below 0.
    """
    _check_canonical(skeletons)
    if strength < 0:
        raise ValueError(f"expected a strength of at least 0, got {strength}")
    parents, children = np.array(CANONICAL.bones).T
    share = rng.normal(0.0, strength, size=CANONICAL.num_joints).astype(np.float32)
    share = share[np.minimum(np.arange(CANONICAL.num_joints), CANONICAL.mirror_order)]
    valid = skeletons.valid
    is_seen = (valid[..., parents] & valid[..., children])[..., None]
    bones = skeletons.keypoints[..., children, :] - skeletons.keypoints[..., parents, :]
    keypoints = skeletons.keypoints.copy()
    keypoints[..., children, :] += np.where(is_seen, bones * share[children][:, None], 0)
    return replace(skeletons, keypoints=keypoints)


@cache
def _missing_joints(names: tuple[str, ...]) -> np.ndarray:
    """(layouts, V) bool, the canonical joints that each layout does not have and that cannot be derived."""
    patterns = []
    for layout in map(get_layout, names):
        poses = np.zeros((1, layout.num_joints, 3), dtype=np.float32)
        patterns.append(~to_canonical(poses, np.ones(poses.shape[:2], dtype=bool), layout)[1][0])
    return np.stack(patterns)


def _check_canonical(skeletons: Skeletons) -> None:
    if get_layout(skeletons.layout) != CANONICAL:
        name = get_layout(skeletons.layout).name
        raise ValueError(f"expected a clip on the canonical joints, got layout {name!r}; call to_layout() first")


__all__ = ["NUM_DICE", "hidden_joints", "imitate_layout", "shift_joints"]
