# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Layouts as data, and the same person seen through every one of them."""

import json
import re

import numpy as np
import pytest

from tmor_hf.processing.joint_layouts import (
    CANONICAL,
    CANONICAL_JOINTS,
    LAYOUTS,
    JointLayout,
    get_layout,
    register_layout,
    to_canonical,
    to_y_up,
)

REQUIRED = {
    "coco17": 17, "ntu25": 25, "kinect20": 20, "h36m17": 17, "openpose18": 18, "openpose25": 25, "smpl22": 22,
    "smpl24": 24, "mediapipe33": 33, "penn13": 13, "hdm05_31": 31, "bandai21": 21, "tmor22": 22,
}  # fmt: skip
NAMES = sorted(REQUIRED)

# One upright person who faces +z, metres, y up, left at +x. Places that layouts share bear one name; the left side is
# written, the right one is its mirror image.
_MIDDLE = {
    "pelvis": (0, 0.95, 0), "spine_low": (0, 1.1, 0), "spine_mid": (0, 1.2, 0), "chest": (0, 1.32, 0),
    "neck": (0, 1.45, 0), "neck_top": (0, 1.5, 0), "head": (0, 1.65, 0.02), "head_top": (0, 1.78, 0),
    "nose": (0, 1.62, 0.12),
}  # fmt: skip
_LEFT = {
    "eye": (0.03, 1.66, 0.1), "ear": (0.08, 1.65, 0.02), "mouth": (0.02, 1.58, 0.1), "collar": (0.08, 1.43, 0),
    "shoulder": (0.18, 1.45, 0), "elbow": (0.25, 1.18, 0), "wrist": (0.28, 0.95, 0.05), "hand": (0.29, 0.87, 0.07),
    "fingers": (0.3, 0.8, 0.08), "thumb": (0.26, 0.88, 0.1), "hip": (0.1, 0.93, 0), "knee": (0.11, 0.52, 0.02),
    "ankle": (0.12, 0.1, 0), "heel": (0.12, 0.03, -0.05), "foot": (0.13, 0.03, 0.15),
}  # fmt: skip
PERSON = {name: np.array(place, dtype=float) for name, place in _MIDDLE.items()}
for _name, _place in _LEFT.items():
    PERSON[f"left_{_name}"] = np.array(_place, dtype=float)
    PERSON[f"right_{_name}"] = np.array(_place, dtype=float) * [-1, 1, 1]

# Names of a layout that differ from the names above.
_SYNONYMS = {
    "spine_base": "pelvis", "hip_center": "pelvis", "mid_hip": "pelvis", "root": "pelvis", "hips": "pelvis",
    "spine_shoulder": "neck", "shoulder_center": "neck", "thorax": "neck", "spine": "spine_mid",
    "spine1": "spine_low", "spine2": "spine_mid", "spine3": "chest", "lowerback": "spine_mid", "upperback": "chest",
    "lowerneck": "neck_top", "upperneck": "head",
}  # fmt: skip
_SIDED = {
    "hand_tip": "fingers", "eye_inner": "eye", "eye_outer": "eye", "pinky": "hand", "index": "hand",
    "big_toe": "foot", "small_toe": "foot", "foot_index": "foot",
    "UpperArm": "shoulder", "LowerArm": "elbow", "Hand": "wrist", "Shoulder": "collar", "UpperLeg": "hip",
    "LowerLeg": "knee", "Foot": "ankle", "Toes": "foot",
}  # fmt: skip
_ASF = {
    "hipjoint": "hip", "femur": "knee", "tibia": "ankle", "foot": "foot", "toes": "foot", "clavicle": "shoulder",
    "humerus": "elbow", "radius": "wrist", "wrist": "wrist", "hand": "hand", "fingers": "fingers", "thumb": "thumb",
}  # fmt: skip


def place_of(joint, layout):
    if layout == "hdm05_31" and joint[1:] in _ASF:
        return PERSON[{"l": "left_", "r": "right_"}[joint[0]] + _ASF[joint[1:]]]
    bandai = re.fullmatch(r"(\w+)_([LR])", joint)
    if bandai:
        return PERSON[{"L": "left_", "R": "right_"}[bandai[2]] + _SIDED[bandai[1]]]
    side, _, rest = joint.partition("_")
    if side in ("left", "right"):
        return PERSON[f"{side}_{_SIDED.get(rest, rest)}"]
    if layout == "hdm05_31" and joint == "head":
        return PERSON["head"]
    return PERSON[_SYNONYMS.get(joint.lower(), joint.lower())]


def person_in(layout):
    """(V, 3): the person as a sensor with this layout reports it, y up."""
    return np.stack([place_of(joint, layout) for joint in get_layout(layout).joints]).astype(np.float32)


def convert(keypoints, layout, valid=None):
    keypoints = np.atleast_3d(keypoints) if keypoints.ndim == 3 else keypoints[None]
    valid = np.ones(keypoints.shape[:2], dtype=bool) if valid is None else valid[None]
    joints, mask = to_canonical(keypoints, valid, get_layout(layout))
    return joints[0], mask[0]


def index(joint):
    return CANONICAL_JOINTS.index(joint)


# ---------------------------------------------------------------- the layouts themselves


@pytest.mark.parametrize("name", NAMES)
def test_layout_is_sound(name):
    layout = get_layout(name)
    assert layout.num_joints == REQUIRED[name]
    assert {joint for bone in layout.bones for joint in bone} <= set(range(layout.num_joints))
    assert all(first != second for first, second in layout.bones)
    paired = [joint for pair in layout.mirror_pairs for joint in pair]
    assert len(set(paired)) == len(paired)
    np.testing.assert_array_equal(layout.mirror_order[layout.mirror_order], np.arange(layout.num_joints))
    bones = {frozenset(bone) for bone in layout.bones}
    assert {frozenset(int(layout.mirror_order[joint]) for joint in bone) for bone in bones} == bones


@pytest.mark.parametrize("name", NAMES)
def test_bones_connect_all_joints(name):
    layout = get_layout(name)
    reached, size = {layout.root}, 0
    while len(reached) > size:
        size = len(reached)
        reached |= {joint for bone in layout.bones if reached & set(bone) for joint in bone}
    assert reached == set(range(layout.num_joints))


@pytest.mark.parametrize("name", NAMES)
def test_mirror_pairs_hold_the_left_joint_first(name):
    person = person_in(name)
    for left, right in get_layout(name).mirror_pairs:
        assert person[left, 0] > 0 > person[right, 0]
        np.testing.assert_allclose(person[left] * [-1, 1, 1], person[right])


@pytest.mark.parametrize("name", NAMES)
def test_layout_survives_json(name):
    layout = get_layout(name)
    again = JointLayout.from_dict(json.loads(json.dumps(layout.to_dict())))
    assert again == layout and hash(again) == hash(layout)
    assert get_layout(layout.to_dict()) == layout


def test_layouts_are_frozen():
    with pytest.raises(AttributeError):
        CANONICAL.root = 3


# ---------------------------------------------------------------- conversion


@pytest.mark.parametrize("name", NAMES)
def test_same_person_gives_the_same_canonical_joints_in_every_layout(name):
    joints, mask = convert(person_in(name), name)
    reference, _ = convert(person_in("smpl24"), "smpl24")
    expected = {joint: PERSON[joint] for joint in CANONICAL_JOINTS if joint in PERSON}
    expected |= {"spine": PERSON["spine_mid"], "neck": reference[index("neck")]}
    loose = {"pelvis": 0.05, "spine": 0.1, "chest": 0.1, "neck": 0.06, "head": 0.12}
    for joint in np.flatnonzero(mask):
        where = CANONICAL_JOINTS[joint]
        error = np.linalg.norm(joints[joint] - expected[where])
        assert error <= loose.get(where, 0.02), f"{where} is off by {error:.2f} m"
    limbs = [f"{side}_{joint}" for side in ("left", "right") for joint in ("elbow", "wrist", "knee", "ankle")]
    assert mask[[index(joint) for joint in (*limbs, "pelvis", "neck", "spine", "chest", "head")]].all()
    assert (joints[~mask] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_mirroring_before_and_after_conversion_agree(name):
    person = person_in(name) + np.random.default_rng(1).normal(0, 0.05, (REQUIRED[name], 3)).astype(np.float32)
    flip = np.float32([-1, 1, 1])
    before, mask = convert(person[get_layout(name).mirror_order] * flip, name)
    after, _ = convert(person, name)
    np.testing.assert_allclose(before[mask], (after[CANONICAL.mirror_order] * flip)[mask], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_conversion_commutes_with_rotation(name):
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0].astype(np.float32)
    person = person_in(name)
    turned, mask = convert(person @ turn, name)
    np.testing.assert_allclose(turned[mask], (convert(person, name)[0] @ turn)[mask], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_joint_never_lends_its_value(name):
    person = person_in(name)
    for joint in range(len(person)):
        broken = person.copy()
        broken[joint] = 1e6
        valid = np.arange(len(person)) != joint
        joints, mask = convert(broken, name, valid)
        assert np.abs(joints).max() < 10
        assert (joints[~mask] == 0).all()


def test_limbs_are_not_guessed():
    valid = np.array([joint != "left_elbow" for joint in get_layout("coco17").joints])
    _, mask = convert(person_in("coco17"), "coco17", valid)
    assert not mask[index("left_elbow")] and mask[index("left_wrist")]


def test_midpoints_need_both_sides():
    valid = np.array([joint != "left_hip" for joint in get_layout("coco17").joints])
    _, mask = convert(person_in("coco17"), "coco17", valid)
    assert not mask[index("pelvis")] and not mask[index("spine")]
    assert mask[index("neck")]


def test_second_choices_step_in_for_each_pose_alone():
    layout = get_layout("coco17")
    poses = np.stack([person_in("coco17")] * 3)
    valid = np.ones(poses.shape[:2], dtype=bool)
    valid[1, layout.joints.index("left_ear")] = False
    valid[2, [layout.joints.index(joint) for joint in ("left_ear", "right_eye")]] = False
    joints, mask = to_canonical(poses, valid, layout)
    assert mask[:, index("head")].all()
    for pose, place in enumerate((PERSON["left_ear"] * [0, 1, 1], PERSON["left_eye"] * [0, 1, 1], PERSON["nose"])):
        np.testing.assert_allclose(joints[pose, index("head")], place, atol=1e-6)


def test_all_missing_gives_an_empty_mask():
    poses = np.full((2, 25, 3), np.nan, dtype=np.float32)
    joints, mask = to_canonical(poses, np.zeros((2, 25), dtype=bool), get_layout("ntu25"))
    assert not mask.any() and (joints == 0).all()


def test_conversion_leaves_its_input():
    person = person_in("tmor22")
    valid = np.arange(22) != 1
    kept = person.copy(), valid.copy()
    convert(person, "tmor22", valid)
    np.testing.assert_array_equal(person, kept[0])
    np.testing.assert_array_equal(valid, kept[1])


# ---------------------------------------------------------------- up axes


@pytest.mark.parametrize("up_axis", ["y", "-y", "z", "-z", "x", "-x"])
def test_turning_upright_is_a_proper_rotation(up_axis):
    matrix = to_y_up(np.eye(3), up_axis)
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    up = np.zeros(3)
    up["xyz".index(up_axis[-1])] = -1 if up_axis.startswith("-") else 1
    np.testing.assert_allclose(to_y_up(up[None], up_axis), [[0, 1, 0]])


def test_2d_rows_that_grow_downwards_are_turned():
    np.testing.assert_allclose(to_y_up(np.array([[3.0, 5.0]]), "-y"), [[3.0, -5.0]])
    with pytest.raises(ValueError, match="expected up axis 'y' or '-y' for 2D keypoints, got 'z'"):
        to_y_up(np.ones((1, 2)), "z")


# ---------------------------------------------------------------- layouts of one's own, and errors


def test_own_layout_is_data():
    own = JointLayout(
        "own_stick", ("hip_l", "hip_r", "top"), (("hip_l", "top"), ("hip_r", "top")), (("hip_l", "hip_r"),), "top",
        canonical={"left_hip": "hip_l", "right_hip": "hip_r", "head": "top", "spine": "hip_l + hip_r + top"},
    )  # fmt: skip
    joints, mask = to_canonical(np.float32([[[1, 0, 0], [-1, 0, 0], [0, 3, 0]]]), np.ones((1, 3), bool), own)
    np.testing.assert_allclose(joints[0, index("pelvis")], [0, 0, 0])
    np.testing.assert_allclose(joints[0, index("spine")], [0, 1, 0])
    assert set(np.flatnonzero(mask[0])) == {index(j) for j in ("left_hip", "right_hip", "head", "pelvis", "spine")}


def test_registering_refuses_another_layout_of_the_same_name():
    first = JointLayout("test_only_layout", ("a", "b"), (("a", "b"),))
    try:
        assert register_layout(first) is first
        assert register_layout(JointLayout("test_only_layout", ("a", "b"), ((0, 1),))) == first
        assert get_layout("test_only_layout") is first
        with pytest.raises(ValueError, match="a different layout named 'test_only_layout'.*name of its own"):
            register_layout(JointLayout("test_only_layout", ("b", "a"), ()))
    finally:
        LAYOUTS.pop("test_only_layout", None)


def test_unknown_layout_lists_the_known_ones():
    with pytest.raises(ValueError, match="unknown layout 'kinect99'; expected one of .*coco17.*JointLayout"):
        get_layout("kinect99")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"joints": ("a", "a")}, "distinct joint names"),
        ({"joints": ()}, "distinct joint names"),
        ({"bones": (("a", "q"),)}, "has no joint 'q'"),
        ({"bones": ((0, 7),)}, "joint index below 2 .*got 7"),
        ({"root": "q"}, "has no joint 'q'"),
        ({"canonical": {"tail": "a"}}, "'tail', which is no canonical joint"),
        ({"canonical": {"head": "a + q"}}, "has no joint 'q'"),
        ({"up_axis": "w"}, "expected an up axis out of .*got 'w'"),
    ],
)
def test_bad_layouts_are_refused(fields, message):
    good = {"name": "bad", "joints": ("a", "b"), "bones": (("a", "b"),)}
    with pytest.raises(ValueError, match=message):
        JointLayout(**(good | fields))
