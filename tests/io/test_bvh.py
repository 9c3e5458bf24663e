# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""BVH: kinematics against scipy's rotations, names of many rigs, damage; with TMOR_DATA_DIR the original files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from fuzzing import assert_survives
from scipy.spatial.transform import Rotation

from tmor_hf import JointLayout, TMorFeatureExtractor
from tmor_hf.io import read_bvh, read_skeletons, sniff
from tmor_hf.processing import get_layout

ROTATIONS = "Zrotation Xrotation Yrotation"
POSITIONS = "Xposition Yposition Zposition"


def bvh(joints, frames, frame_time="0.0333333", end="\n") -> bytes:
    """Of joints (name, parent, offset, channels), each after its parent, depth first; chains end in End Sites."""
    children = {index: [i for i, joint in enumerate(joints) if joint[1] == index] for index in range(-1, len(joints))}

    def block(index, indent):
        name, parent, offset, channels = joints[index]
        pad, lines = "\t" * indent, []
        lines += [f"{pad}{'ROOT' if parent < 0 else 'JOINT'} {name}", pad + "{"]
        lines += [f"{pad}\tOFFSET {offset[0]} {offset[1]} {offset[2]}"]
        lines += [f"{pad}\tCHANNELS {len(channels.split())} {channels}"]
        for child in children[index]:
            lines += block(child, indent + 1)
        if not children[index]:
            lines += [f"{pad}\tEnd Site", pad + "\t{", f"{pad}\t\tOFFSET 0 0 1", pad + "\t}"]
        return lines + [pad + "}"]

    rows = [" ".join(f"{value:.6f}" for value in frame) for frame in frames]
    head = ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {frame_time}"]
    return (end.join(["HIERARCHY", *block(0, 0), *head, *rows]) + end).encode()


def small_body(side=("Left", "Right")):
    """A body of MotionBuilder's names that stands, y up, in a T pose."""
    joints = [("Hips", -1, (0, 90, 0), f"{POSITIONS} {ROTATIONS}")]

    def add(name, parent, *offset):
        joints.append((name, parent, offset, ROTATIONS))
        return len(joints) - 1

    for sign, left in ((1, side[0]), (-1, side[1])):
        knee = add(f"{left}Leg", add(f"{left}UpLeg", 0, sign * 10, 0, 0), 0, -40, 0)
        add(f"{left}ToeBase", add(f"{left}Foot", knee, 0, -40, 0), 0, -5, 12)
    chest = add("Spine1", add("Spine", 0, 0, 15, 0), 0, 15, 0)
    neck = add("Neck", chest, 0, 20, 0)
    add("Head", neck, 0, 10, 0)
    for sign, left in ((1, side[0]), (-1, side[1])):
        arm = add(f"{left}Arm", add(f"{left}Shoulder", chest, sign * 3, 15, 0), sign * 12, 0, 0)
        add(f"{left}Hand", add(f"{left}ForeArm", arm, sign * 28, 0, 0), sign * 25, 0, 0)
    return joints


def standing(joints, num_frames=3, rng=None):
    frames = np.zeros((num_frames, 3 + 3 * len(joints)))
    frames[:, 1] = 95
    if rng is not None:
        frames[:, 3:] = rng.uniform(-20, 20, frames[:, 3:].shape)
    return frames


@pytest.fixture
def path(rng, tmp_path):
    joints = small_body()
    path = tmp_path / "walk.bvh"
    path.write_bytes(bvh(joints, standing(joints, rng=rng)))
    return path


def reference_kinematics(joints, frame):
    """(V, 3) positions of one frame, by scipy, joint after joint."""
    world, at = [], 0
    for _, parent, offset, channels in joints:
        local, turn = np.array(offset, dtype=float), Rotation.identity()
        for channel in channels.split():
            axis, value = "XYZ".index(channel[0]), frame[at]
            at += 1
            if "position" in channel:
                local[axis] = value
            else:
                turn = turn * Rotation.from_rotvec(np.eye(3)[axis] * value, degrees=True)
        if parent >= 0:
            above, around = world[parent]
            local, turn = above + around.apply(local), around * turn
        world.append((local, turn))
    return np.array([position for position, _ in world])


def test_kinematics_for_any_order_of_channels(rng, tmp_path):
    orders = ["Zrotation Xrotation Yrotation", "Yrotation Xrotation Zrotation", "Xrotation", "", "Zrotation Yrotation"]
    orders += [f"{POSITIONS} Yrotation Zrotation Xrotation", "Xrotation Yposition Zrotation Yrotation"]
    joints = []
    for index, (name, parent, offset, _) in enumerate(small_body()):
        channels = f"Zposition Xposition Yposition {ROTATIONS}" if index == 0 else orders[index % len(orders)]
        joints.append((name, parent, offset, channels))
    frames = rng.uniform(-180, 180, (6, sum(len(joint[3].split()) for joint in joints)))
    path = tmp_path / "any.bvh"
    path.write_bytes(bvh(joints, frames))
    expected = np.stack([reference_kinematics(joints, frame) for frame in frames])
    np.testing.assert_allclose(read_bvh(path).keypoints[:, 0], expected, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(read_bvh(path, scale=0.01).keypoints[:, 0], expected / 100, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_body_by_motionbuilders_names(end, tmp_path):
    joints = small_body()
    path = tmp_path / "stand.bvh"
    path.write_bytes(bvh(joints, standing(joints), end=end))
    clip = read_skeletons(path)
    assert sniff(path) == "bvh" and clip.fps == 30 and clip.resolved_up_axis == "y" and clip.num_joints == len(joints)
    body = clip.to_layout().keypoints[0, 0]
    at = get_layout("tmor22").joints.index
    np.testing.assert_allclose(body[at("left_shoulder")], [15, 140, 0], atol=1e-3)
    np.testing.assert_allclose(body[at("right_wrist")], [-68, 140, 0], atol=1e-3)
    np.testing.assert_allclose(body[at("left_foot")], [10, 10, 12], atol=1e-3)
    np.testing.assert_allclose(body[at("spine")], [0, 110, 0], atol=1e-3)
    np.testing.assert_allclose(body[at("chest")], [0, 125, 0], atol=1e-3)
    names = clip.layout.joints
    mirrored = {(names[a], names[b]) for a, b in clip.layout.mirror_pairs}
    assert ("LeftHand", "RightHand") in mirrored and len(mirrored) == 8
    TMorFeatureExtractor()(clip, return_tensors="np")


# Rig -> its names of pelvis, spine, chest, neck, head, and of left shoulder, elbow, wrist, hip, knee, ankle,
# foot; with what else it has. Two spaces stand around a joint that the rig lacks, ~ for a space in a name.
RIGS = {
    "motionbuilder": (
        "Hips Spine Spine1 Neck Head LeftArm LeftForeArm LeftHand LeftUpLeg LeftLeg LeftFoot LeftToeBase",
        "LeftShoulder",
    ),
    "mixamo": (
        "mixamorig:Hips mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck mixamorig:Head mixamorig:LeftArm "
        "mixamorig:LeftForeArm mixamorig:LeftHand mixamorig:LeftUpLeg mixamorig:LeftLeg mixamorig:LeftFoot "
        "mixamorig:LeftToeBase",
        "mixamorig:LeftShoulder mixamorig:HeadTop_End",
    ),
    "mixamo without colons": (
        "mixamorig1Hips mixamorig1Spine1 mixamorig1Spine2 mixamorig1Neck mixamorig1Head mixamorig1LeftArm "
        "mixamorig1LeftForeArm mixamorig1LeftHand mixamorig1LeftUpLeg mixamorig1LeftLeg mixamorig1LeftFoot "
        "mixamorig1LeftToeBase",
        "mixamorig1LeftShoulder",
    ),
    "namespace": (
        "Anna_Hips Anna_Spine Anna_Spine1 Anna_Neck Anna_Head Anna_LeftArm Anna_LeftForeArm Anna_LeftHand "
        "Anna_LeftUpLeg Anna_LeftLeg Anna_LeftFoot Anna_LeftToeBase",
        "Anna_LeftShoulder",
    ),
    "lafan1": (
        "Hips Spine1 Spine2 Neck Head LeftArm LeftForeArm LeftHand LeftUpLeg LeftLeg LeftFoot LeftToe",
        "LeftShoulder",
    ),
    "100style": (
        "Hips Chest2 Chest4 Neck Head LeftShoulder LeftElbow LeftWrist LeftHip LeftKnee LeftAnkle LeftToe",
        "LeftCollar",
    ),
    "xsens": (
        "Pelvis L3 T8 Neck Head LeftUpperArm LeftForeArm LeftHand LeftUpperLeg LeftLowerLeg LeftFoot LeftToe",
        "LeftShoulder",
    ),
    "biovision": (
        "Hips Chest  Neck Head LeftUpArm LeftLowArm LeftHand LeftUpLeg LeftLowLeg LeftFoot ",
        "LeftCollar",
    ),
    "cgspeed": ("hip abdomen chest neck head lShldr lForeArm lHand lThigh lShin lFoot ", "lCollar lButtock"),
    "optitrack": ("Hip Ab Chest Neck Head LUArm LFArm LHand LThigh LShin LFoot LToe", "LShoulder"),
    "rokoko": (
        "Hips Spine2 Spine4 Neck Head LeftArm LeftForeArm LeftHand LeftThigh LeftShin LeftFoot LeftToe",
        "LeftShoulder",
    ),
    "unreal": (
        "pelvis spine_02 spine_03 neck_01 head upperarm_l lowerarm_l hand_l thigh_l calf_l foot_l ball_l",
        "clavicle_l lowerarm_twist_01_l thigh_twist_01_l",
    ),
    "3ds max": (
        "Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Neck Bip01_Head Bip01_L_UpperArm Bip01_L_Forearm Bip01_L_Hand "
        "Bip01_L_Thigh Bip01_L_Calf Bip01_L_Foot Bip01_L_Toe0",
        "Bip01_L_Clavicle Bip01_L_Finger0",
    ),
    "blender": (
        "hips spine.001 spine.002 neck head upper_arm.L forearm.L hand.L thigh.L shin.L foot.L toe.L",
        "shoulder.L",
    ),
    "reallusion": (
        "CC_Base_Hip CC_Base_Waist CC_Base_Spine02 CC_Base_NeckTwist01 CC_Base_Head CC_Base_L_Upperarm "
        "CC_Base_L_Forearm CC_Base_L_Hand CC_Base_L_Thigh CC_Base_L_Calf CC_Base_L_Foot CC_Base_L_ToeBase",
        "CC_Base_L_Clavicle CC_Base_L_ThighTwist01",
    ),
    "vrm": (
        "J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_Neck J_Bip_C_Head J_Bip_L_UpperArm J_Bip_L_LowerArm "
        "J_Bip_L_Hand J_Bip_L_UpperLeg J_Bip_L_LowerLeg J_Bip_L_Foot J_Bip_L_ToeBase",
        "J_Bip_L_Shoulder",
    ),
    "lower case": (
        "hips spine spine1 neck head leftarm leftforearm lefthand leftupleg leftleg leftfoot lefttoebase",
        "leftshoulder",
    ),
    "capitals": (
        "HIPS SPINE SPINE1 NECK HEAD LEFT_ARM LEFT_FOREARM LEFT_HAND LEFT_UPLEG LEFT_LEG LEFT_FOOT LEFT_TOE",
        "LEFT_SHOULDER",
    ),
    "spaces": (
        "Hips Spine Spine1 Neck Head Left~Arm Left~Fore~Arm Left~Hand Left~Up~Leg Left~Leg Left~Foot Left~Toe",
        "Left~Shoulder",
    ),
    "asf": (
        "root lowerback upperback lowerneck upperneck lhumerus lradius lhand lfemur ltibia lfoot ltoes",
        "lclavicle lthumb lhipjoint",
    ),
}


def other_side(name: str) -> str:
    for left, right in (
        ("Left", "Right"), ("LEFT", "RIGHT"), ("left", "right"), ("_L_", "_R_"), ("_l", "_r"), (".L", ".R"),
    ):  # fmt: skip
        if left in name:
            return name.replace(left, right)
    return {"L": "R", "l": "r"}[name[0]] + name[1:]


@pytest.mark.parametrize("rig", RIGS)
def test_names_of_many_rigs(rig, tmp_path):
    body, others = (text.replace("  ", " ~ ").replace("- ", " ").split(" ") for text in RIGS[rig])
    body = [name if name != "~" else "" for name in body]
    pelvis, spine, chest, neck, head, *left = (name.replace("~", " ") for name in body)
    joints = [(pelvis, -1, (0, 90, 0), f"{POSITIONS} {ROTATIONS}")]

    def add(name, parent, *offset):
        if not name:
            return parent
        joints.append((name, parent, offset, ROTATIONS))
        return len(joints) - 1

    for convert in (str, other_side):
        sign = 1 if convert is str else -1
        parent = 0
        for name, offset in zip(left[3:], [(sign * 10, 0, 0), (0, -40, 0), (0, -40, 0), (0, -5, 12)], strict=True):
            parent = add(convert(name) if name else "", parent, *offset)
    top = add(chest, add(spine, 0, 0, 15, 0), 0, 15, 0)
    add(head, add(neck, top, 0, 20, 0), 0, 10, 0)
    for convert in (str, other_side):
        sign = 1 if convert is str else -1
        parent = top
        for name, offset in zip(left[:3], [(sign * 15, 15, 0), (sign * 28, 0, 0), (sign * 25, 0, 0)], strict=True):
            parent = add(convert(name), parent, *offset)
        for name in (name.replace("~", " ") for name in others):
            if "Top" not in name:
                add(convert(name), top, sign, 0, 0)
    path = tmp_path / "rig.bvh"
    path.write_bytes(bvh(joints, standing(joints)))
    canonical = {joint: found[0] for joint, found in read_bvh(path).layout.canonical.items()}
    order = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "foot")
    expected = {f"left_{joint}": name for joint, name in zip(order, left, strict=True)}
    expected |= {f"right_{joint}": other_side(name) if name else "" for joint, name in zip(order, left, strict=True)}
    expected |= {"pelvis": "" if pelvis == "root" else pelvis, "spine": spine, "chest": chest}
    expected |= {"neck": neck, "head": head}
    if pelvis == "root":  # told by the hips that hang on it
        expected["pelvis"] = "root"
    assert canonical == {joint: name for joint, name in expected.items() if name}


def test_cmu_has_a_hip_joint_beside_the_hip_and_a_hand_beside_the_wrist(tmp_path):
    joints = small_body()
    joints = [(name, *rest) for name, *rest in joints]
    extra = [("LHipJoint", 0, (1, 0, 0), ROTATIONS), ("RHipJoint", 0, (-1, 0, 0), ROTATIONS)]
    hand = next(i for i, joint in enumerate(joints) if joint[0] == "LeftHand")
    extra += [("LeftFingerBase", hand, (5, 0, 0), ROTATIONS), ("LThumb", hand, (3, 0, 3), ROTATIONS)]
    path = tmp_path / "cmu.bvh"
    frames = standing(joints + extra)
    path.write_bytes(bvh(joints + extra, frames))
    canonical = read_bvh(path).layout.canonical
    assert canonical["left_hip"] == ("LeftUpLeg",) and canonical["left_hand"] == ("LeftFingerBase",)
    assert "right_hand" not in canonical


def test_smpls_names_are_the_known_layout(tmp_path):
    known = get_layout("smpl22")
    parents = {child: parent for parent, child in known.bones}
    order = [0]
    while len(order) < known.num_joints:  # depth first
        order += [c for c in range(known.num_joints) if c not in order and parents.get(c) in order][:1]
    joints = [
        (known.joints[i], -1 if i == 0 else order.index(parents[i]), (i, 1, 0), POSITIONS if i == 0 else ROTATIONS)
        for i in order
    ]
    frames = np.zeros((2, 3 + 3 * 21))
    path = tmp_path / "smpl.bvh"
    path.write_bytes(bvh(joints, frames))
    clip = read_bvh(path)
    assert clip.layout == "smpl22"
    np.testing.assert_allclose(
        clip.keypoints[0, 0, known.joints.index("left_hip")] - clip.keypoints[0, 0, 0], [1, 1, 0]
    )


def test_a_rig_whose_names_tell_nothing_asks_for_a_layout(tmp_path):
    joints = [("a", -1, (0, 1, 0), POSITIONS), ("b", 0, (0, 1, 0), ROTATIONS), ("c", 1, (0, 1, 0), ROTATIONS)]
    path = tmp_path / "odd.bvh"
    path.write_bytes(bvh(joints, np.zeros((2, 9))))
    with pytest.raises(ValueError, match=r"odd\.bvh.*a, b, c; pass layout=JointLayout"):
        read_bvh(path)
    own = JointLayout("own", ("c", "a"), ((1, 0),), canonical={"left_wrist": "c"})
    clip = read_skeletons(path, layout=own)
    np.testing.assert_allclose(clip.keypoints[0, 0], [[0, 2, 0], [0, 0, 0]])
    by_order = JointLayout("order", ("x", "y", "z"), ((0, 1), (1, 2)))
    assert read_bvh(path, layout=by_order).keypoints[0, 0, :, 1].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="expected the 17 joints of layout 'coco17', got 3: a, b, c"):
        read_bvh(path, layout="coco17")


def test_end_sites_are_joints_on_request(path):
    assert read_bvh(path).num_joints == 21
    clip = read_bvh(path, end_sites=True)
    assert clip.num_joints == 26 and "Head_end" in clip.layout.joints
    head, end = (clip.keypoints[:, 0, clip.layout.joints.index(name)] for name in ("Head", "Head_end"))
    np.testing.assert_allclose(np.linalg.norm(end - head, axis=-1), 1, rtol=1e-3)


@pytest.mark.parametrize(("order", "up"), [((0, 1, 2), "y"), ((1, 2, 0), "z"), ((2, 0, 1), "x")])
def test_the_up_axis_is_found(order, up, tmp_path):
    joints = [(name, parent, np.array(offset)[np.argsort(order)], c) for name, parent, offset, c in small_body()]
    path = tmp_path / "up.bvh"
    frames = standing(joints)
    frames[:, :3] = frames[:, :3][:, np.argsort(order)]
    path.write_bytes(bvh(joints, frames))
    assert read_bvh(path).resolved_up_axis == up
    assert read_bvh(path, up_axis="-z").resolved_up_axis == "-z"


def test_who_lies_down_is_not_turned_up(tmp_path):
    joints = small_body()
    frames = standing(joints)
    frames[:, 4] = -90  # Xrotation of the hips
    path = tmp_path / "lie.bvh"
    path.write_bytes(bvh(joints, frames))
    assert read_bvh(path).resolved_up_axis == "y"


def test_a_name_that_stands_twice_is_told_apart(tmp_path):
    joints = [*small_body(), ("Prop", 0, (1, 0, 0), ROTATIONS), ("Prop", 0, (2, 0, 0), ROTATIONS)]
    path = tmp_path / "twice.bvh"
    path.write_bytes(bvh(joints, standing(joints)))
    assert read_bvh(path).layout.joints[-2:] == ("Prop", "Prop_2")


def edited(path, old, new, count=1):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "HIER", "line 1: expected HIERARCHY"),
        ("OFFSET 0 90 0", "OFFSET 0 90", "line 5: expected a number, got 'CHANNELS'"),
        ("OFFSET 0 90 0", "OFFSET 0 nan 0", "line 4: expected a finite number, got 'nan'"),
        ("CHANNELS 6", "CHANNELS 1000000000", "line 5: expected 0 to 6 channels, got '1000000000'"),
        ("CHANNELS 6", "CHANNELS -6", "line 5: expected 0 to 6 channels, got '-6'"),
        ("CHANNELS 6", "CHANNELS 5", "line 5: expected no 'Yrotation' in joint 'Hips'"),
        ("CHANNELS 3 Zrotation", "CHANNELS 3 Wrotation", "line 9: expected a channel such as .* got 'Wrotation'"),
        ("Yposition", "Xposition", "line 5: expected each position once"),
        ("JOINT LeftUpLeg", "JOINT", "line 7: expected the name of a joint"),
        ("JOINT LeftUpLeg", "ROOT LeftUpLeg", "line 6: expected no 'ROOT' in joint 'Hips'; a file holds one ROOT"),
        ("MOTION", "}", "line .* expected no '}' outside of all joints"),
        ("Frames: 3", "Frames: 1000000000", "expected 1000000000 frames, got 3"),
        ("Frames: 3", "Frames: 2", "expected 2 frames, got 3"),
        ("Frames: 3", "Frames: -3", "expected a number of frames above 0, got '-3'"),
        ("Frames: 3", "Fremes: 3", "expected 'Frames: ...', got 'Fremes: 3'"),
        ("Frame Time: 0.0333333", "Frame Time: -1", "expected a frame time"),
        ("Frame Time: 0.0333333", "Frame Time: x", "expected a number, got 'x'"),
        ("0.000000 95.000000", "95.000000", "line 130: expected 66 numbers, got 65"),
        ("95.000000", "abc", "expected a number, got 'abc' in column 2"),
    ],
)
def test_faults_are_named_with_their_line(old, new, message, path):
    edited(path, old, new)
    with pytest.raises(ValueError, match=rf"walk\.bvh.*{message}"):
        read_skeletons(path)


def test_a_file_cut_anywhere_is_refused(path):
    data = path.read_bytes().rstrip()
    for length in range(1, len(data) - 12, 83):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="walk.bvh"):
            read_skeletons(path)


def test_no_depth_is_too_deep_and_too_many_joints_are_refused(tmp_path):
    path = tmp_path / "deep.bvh"

    def chain(depth):
        opened = "".join(f"JOINT j{i}\n{{\nOFFSET 0 1 0\nCHANNELS 1 Xrotation\n" for i in range(depth))
        head = f"HIERARCHY\nROOT r\n{{\nOFFSET 0 0 0\nCHANNELS 0\n{opened}{'}' * (depth + 1)}\n"
        return head + "MOTION\nFrames: 1\nFrame Time: 0\n" + "0 " * depth

    path.write_text(chain(1500))
    layout = JointLayout("tip", ("r", "j1499"), ((0, 1),))
    clip = read_bvh(path, layout=layout)
    assert clip.keypoints[0, 0].tolist() == [[0, 0, 0], [0, 1500, 0]] and clip.fps is None
    path.write_text(chain(3000))
    with pytest.raises(ValueError, match="at most 2000 joints"):
        read_bvh(path, layout=layout)


def test_a_huge_angle_is_an_angle_and_infinity_is_missing(path):
    edited(path, "95.000000", "1e999")
    assert not read_bvh(path).valid[0].any() and read_bvh(path).valid[1].all()


def test_reading_is_quick(rng, tmp_path):
    joints = small_body()
    path = tmp_path / "walk.bvh"
    path.write_bytes(bvh(joints, standing(joints, 300, rng)))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        read_bvh(path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1  # some 10 ms; the margin is for busy machines


def test_damaged_files_do_no_harm(rng, tmp_path):
    joints = [joint for joint in small_body() if joint[1] == 0 and "Left" in joint[0] or joint[0] == "Hips"]
    joints += [("LeftLeg", 1, (0, -40, 0), "Xrotation"), ("LeftFoot", 2, (0, -40, 0), "Yrotation Xposition")]
    data = bvh(joints, rng.uniform(-90, 90, (3, 12)))
    assert_survives(read_skeletons, tmp_path / "leg.bvh", data)
    assert_survives(lambda path: read_bvh(path, end_sites=True), tmp_path / "leg.bvh", data, count=500, seed=1)


@pytest.mark.skipif("TMOR_DATA_DIR" not in os.environ, reason="set TMOR_DATA_DIR to the folder of the data sets")
def test_original_files_give_the_arrays_of_the_set():
    data_dir = Path(os.environ["TMOR_DATA_DIR"])
    with np.load(data_dir / "bandai_namco_2" / "data.npz") as data:
        arrays = {name: data[name] for name in ("names", "offsets", "kp", "root")}
    paths = sorted((data_dir / "raw" / "bvh").glob("*.bvh"))
    assert len(paths) == 3
    for path in paths:
        rows = slice(*arrays["offsets"][(index := arrays["names"].tolist().index(path.stem)) : index + 2])
        clip = read_skeletons(path, scale=0.01)
        assert clip.layout == "bandai21" and clip.fps == 30 and clip.resolved_up_axis == "y"
        world = arrays["kp"][rows].astype(np.float32) + arrays["root"][rows, None]
        np.testing.assert_allclose(clip.keypoints[:, 0], world, atol=0.01)  # the set has float16
        local = clip.keypoints[:, 0] - clip.keypoints[:, 0, :1]
        np.testing.assert_allclose(local, arrays["kp"][rows], atol=1e-3)
