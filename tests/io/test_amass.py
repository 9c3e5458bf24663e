# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Archives of joint positions of SMPL bodies, and HumanML3D's arrays."""

from __future__ import annotations

import numpy as np
import pytest
from fuzzing import assert_survives

from tmor_hf.io import read_amass, read_humanml3d, read_skeletons, sniff
from tmor_hf.processing import get_layout


@pytest.fixture
def body(rng):
    """(5, 22, 3) of somebody who stands, z up."""
    joints = rng.normal(size=(5, 22, 3)) * 0.01
    heights = {"head": 1.6, "neck": 1.5, "knee": 0.5, "ankle": 0.1, "foot": 0.05}
    for index, name in enumerate(get_layout("smpl22").joints):
        joints[:, index, 2] += heights.get(name.split("_")[-1], 1.0)
    return joints


@pytest.mark.parametrize("name", ["joints", "Jtr", "joint_positions"])
@pytest.mark.parametrize("rate", ["mocap_framerate", "mocap_frame_rate"])
def test_positions_and_rate(name, rate, body, tmp_path):
    path = tmp_path / "walk_poses.npz"
    np.savez(path, **{name: body, rate: 120.0, "poses": np.zeros((5, 156)), "gender": "male"})
    clip = read_skeletons(path)
    assert sniff(path) == "amass" and clip.layout == "smpl22" and clip.fps == 120 and clip.resolved_up_axis == "z"
    np.testing.assert_allclose(clip.keypoints[:, 0], body, rtol=1e-6)


@pytest.mark.parametrize(("count", "layout"), [(24, "smpl24"), (45, "smpl24"), (52, "smpl22"), (55, "smpl22")])
def test_of_hands_and_face_the_body_is_kept(count, layout, body, rng, tmp_path):
    joints = np.concatenate([body, rng.normal(size=(5, count - 22, 3))], axis=1)
    np.savez(tmp_path / "a.npz", joints=joints)
    clip = read_amass(tmp_path / "a.npz")
    assert clip.layout == layout and clip.fps is None
    np.testing.assert_allclose(clip.keypoints[:, 0], joints[:, : clip.num_joints], rtol=1e-6)


def test_the_up_axis_is_found_where_it_is_not_z(body, tmp_path):
    np.savez(tmp_path / "a.npz", joints=body[..., [1, 2, 0]])
    assert read_amass(tmp_path / "a.npz").resolved_up_axis == "y"
    assert read_amass(tmp_path / "a.npz", up_axis="z").resolved_up_axis == "z"
    np.savez(tmp_path / "b.npz", joints=body + body[..., [1, 2, 0]])
    np.savez(tmp_path / "c.npz", joints=body[..., [1, 2, 0]], poses=np.zeros((5, 156)))  # lies down, says AMASS
    assert {read_amass(tmp_path / name).resolved_up_axis for name in ("b.npz", "c.npz")} == {"z"}


def test_an_array_of_another_name(body, tmp_path):
    np.savez(tmp_path / "a.npz", mine=body, joints=np.zeros(3))
    assert read_skeletons(tmp_path / "a.npz", joints="mine").num_frames == 5
    with pytest.raises(ValueError, match="expected an array yours .* got 'mine', 'joints'"):
        read_amass(tmp_path / "a.npz", joints="yours")


def test_parameters_alone_say_what_to_do(tmp_path):
    path = tmp_path / "walk_poses.npz"
    np.savez(path, poses=np.zeros((5, 156)), trans=np.zeros((5, 3)), betas=np.zeros(16), mocap_framerate=120)
    with pytest.raises(ValueError, match=r"walk_poses\.npz: .*only a body model .*np\.savez\(path, joints="):
        read_skeletons(path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"joints": np.zeros((5, 23, 3))}, "array 'joints': .*got 23"),
        ({"joints": np.zeros((5, 22, 2))}, "array 'joints': expected positions"),
        ({"joints": np.zeros((0, 22, 3))}, "array 'joints': expected positions"),
        ({"joints": np.zeros((5, 66))}, "array 'joints': expected positions"),
        ({"joints": np.array(["a"])}, "array 'joints': expected positions"),
        ({"joints": np.zeros((5, 22, 3)), "fps": 0}, "array 'fps': expected one number above 0"),
        ({"joints": np.zeros((5, 22, 3)), "fps": np.nan}, "array 'fps'"),
        ({"joints": np.zeros((5, 22, 3)), "fps": "fast"}, "array 'fps'"),
        ({"joints": np.array([{}])}, "array 'joints': .*pickles"),
    ],
)
def test_other_arrays_are_refused(arrays, message, tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=rf"a\.npz.*{message}"):
        read_amass(path)


def test_humanml3d(body, tmp_path):
    path = tmp_path / "new_joints" / "000001.npy"
    path.parent.mkdir()
    np.save(path, body[..., [1, 2, 0]].astype(np.float32))
    clip = read_skeletons(path)
    assert sniff(path) == "humanml3d" and clip.layout == "smpl22" and clip.fps == 20 and clip.resolved_up_axis == "y"
    other = path.rename(tmp_path / "000001.npy")
    assert read_skeletons(other, format="humanml3d").fps == 20
    np.save(other, np.zeros((5, 263)))
    with pytest.raises(ValueError, match=r"000001\.npy: .*use the file in new_joints"):
        read_humanml3d(other)
    np.save(other, np.zeros((5, 21, 3)))
    with pytest.raises(ValueError, match=r"000001\.npy: expected joints \(T, 22, 3\)"):
        read_humanml3d(other)


def test_damaged_files_do_no_harm(body, tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, joints=body[:2].astype(np.float32), mocap_framerate=60.0, poses=np.zeros(3))
    assert_survives(read_amass, path, path.read_bytes())
    path = tmp_path / "a.npy"
    np.save(path, body[:2].astype(np.float32))
    assert_survives(read_humanml3d, path, path.read_bytes())
