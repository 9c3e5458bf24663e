# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Properties of the synthetic motion: bodies, joint limits, the floor, sides, and that classes differ."""

import numpy as np
import pytest

from tmor_hf.data.synthetic import ACTIONS, generate_batch
from tmor_hf.processing.joint_layouts import CANONICAL_JOINTS

J = {name: i for i, name in enumerate(CANONICAL_JOINTS)}
LIMBS = [
    (f"{side}_{a}", f"{side}_{b}")
    for side in ("left", "right")
    for a, b in (
        ("shoulder", "elbow"),
        ("elbow", "wrist"),
        ("wrist", "hand"),
        ("hip", "knee"),
        ("knee", "ankle"),
        ("ankle", "foot"),
    )
]
BONES = [
    *LIMBS,
    ("pelvis", "spine"),
    ("spine", "chest"),
    ("chest", "neck"),
    ("neck", "head"),
    ("left_hip", "right_hip"),
]


def exact(action, count=4, seed=0, **options):
    rngs = [np.random.default_rng((seed, i)) for i in range(count)]
    return generate_batch(rngs, action, sensor=None, **options)


def points(clip):
    return clip.skeletons.keypoints[:, 0]


@pytest.fixture(scope="module")
def every_action():
    return {name: [points(clip) for clip in exact(name)] for name in ACTIONS}


def test_there_are_many_actions():
    assert len(ACTIONS) >= 36


def test_joints_are_finite_without_a_sensor(every_action):
    assert all(np.isfinite(clip).all() for clips in every_action.values() for clip in clips)


def test_bones_keep_their_length(every_action):
    for name, clips in every_action.items():
        for clip in clips:
            for a, b in BONES:
                length = np.linalg.norm(clip[:, J[a]] - clip[:, J[b]], axis=-1)
                assert np.ptp(length) < 1e-3, (name, a, b)


def test_no_joint_sinks_into_the_floor(every_action):
    lowest = {name: min(clip[..., 1].min() for clip in clips) for name, clips in every_action.items()}
    assert min(lowest.values()) > 0.0, lowest


def _angle(a, b):
    cosine = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return np.degrees(np.arccos(cosine.clip(-1, 1)))


@pytest.mark.parametrize("side", ["left", "right"])
def test_elbows_and_knees_never_fold_flat(every_action, side):
    for name, clips in every_action.items():
        for clip in clips:
            for upper, middle, end in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")):
                a, b, c = (clip[:, J[f"{side}_{part}"]] for part in (upper, middle, end))
                assert _angle(a - b, c - b).min() > 25, (name, middle)


@pytest.mark.parametrize("side", ["left", "right"])
def test_knees_bend_backwards(every_action, side):
    """Seen from the hip-ankle line, the knee lies in front whenever the leg is below the body."""
    for name, clips in every_action.items():
        for clip in clips:
            hip, knee, ankle = (clip[:, J[f"{side}_{part}"]] for part in ("hip", "knee", "ankle"))
            front = np.cross(
                clip[:, J["left_hip"]] - clip[:, J["right_hip"]], clip[:, J["spine"]] - clip[:, J["pelvis"]]
            )
            front /= np.linalg.norm(front, axis=-1, keepdims=True)
            line = (ankle - hip) / np.linalg.norm(ankle - hip, axis=-1, keepdims=True)
            bulge = knee - hip - line * ((knee - hip) * line).sum(-1, keepdims=True)
            below = np.abs((line * front).sum(-1)) < 0.6
            assert ((bulge * front).sum(-1)[below] > -0.06).all(), name


@pytest.mark.parametrize("action", ["walk", "walk_circle", "sneak", "wave", "bow"])
def test_a_standing_foot_does_not_slide(action):
    for clip in exact(action, 6):
        feet = points(clip)[:, [J["left_ankle"], J["right_ankle"]]]
        low = feet[1:, :, 1] < feet[..., 1].min() + 0.004
        speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * 30
        still = np.where(low & (np.abs(np.diff(feet[..., 1], axis=0)) < 1e-3), speed, 0.0)
        assert np.quantile(still, 0.9) < 0.25


def test_walking_goes_where_the_nose_points():
    for clip in exact("walk", 6):
        joints = points(clip)
        travel = joints[-1, J["pelvis"]] - joints[0, J["pelvis"]]
        left = joints[:, J["left_hip"]] - joints[:, J["right_hip"]]
        front = np.cross(left, [0, 1, 0]).mean(0)
        assert travel @ front / np.linalg.norm(front) > 0.3


@pytest.mark.parametrize("action", ["wave", "raise_one", "throw", "punch", "drink", "grab_high"])
def test_the_named_hand_moves_more(action):
    for side, other in (("left", "right"), ("right", "left")):

        def travel(joints, which):
            relative = joints[:, J[f"{which}_wrist"]] - joints[:, J[f"{which}_shoulder"]]
            return np.linalg.norm(np.diff(relative, axis=0), axis=-1).sum()

        clips = [points(clip) for clip in exact(action, 12, side=side)]
        assert sum(travel(c, side) for c in clips) > 1.25 * sum(travel(c, other) for c in clips)


def test_left_and_right_are_mirror_images():
    left, right = exact("wave", 3, side="left"), exact("wave", 3, side="right")
    for one, two in zip(left, right, strict=True):
        heights = points(one)[..., 1], points(two)[..., 1]
        # Body and plan are the same draws; only idle sway differs.
        assert np.abs(heights[0][:, J["left_wrist"]] - heights[1][:, J["right_wrist"]]).mean() < 0.08


def test_sitting_lowers_the_pelvis_as_much_as_a_chair_does():
    for clip in exact("sit_down", 8):
        height = points(clip)[:, J["pelvis"], 1]
        assert 0.40 < height[-1] / height[0] < 0.80
    for clip in exact("stand_up", 8):
        height = points(clip)[:, J["pelvis"], 1]
        assert height[-1] > 1.2 * height[0]


def test_hands_reach_the_floor_to_pick_up():
    clips = [points(clip) for clip in exact("pick_up_one_hand", 12, side="right")]
    right, left = ([clip[:, J[f"{side}_hand"], 1].min() for clip in clips] for side in ("right", "left"))
    assert np.median(right) < 0.3
    assert np.median(left) > np.median(right) + 0.1


def _features(clip):
    joints = points(clip)
    joints = joints[np.linspace(0, len(joints) - 1, 8).round().astype(int)]
    left = joints[0, J["left_hip"]] - joints[0, J["right_hip"]]
    yaw = np.arctan2(-left[2], left[0])
    cos, sin = np.cos(-yaw), np.sin(-yaw)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    ground = joints[0, J["pelvis"]] * [1, 0, 1]
    return ((joints - ground) @ turn.T).ravel()


def test_classes_can_be_told_apart_by_their_means():
    def made(seed):
        clips = generate_batch([np.random.default_rng((seed, i)) for i in range(710)], sensor=None)
        return np.array([_features(clip) for clip in clips]), np.array([clip.label for clip in clips])

    (train, train_labels), (test, test_labels) = made(1), made(2)
    names = np.unique(train_labels)
    means = np.stack([train[train_labels == name].mean(0) for name in names])
    nearest = names[np.linalg.norm(test[:, None] - means, axis=-1).argmin(1)]
    assert (nearest == test_labels).mean() > 15 / len(ACTIONS)
