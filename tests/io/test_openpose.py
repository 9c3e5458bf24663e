# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""OpenPose: folders and single frames, 2D and 3D, gaps and empty frames."""

from __future__ import annotations

import json

import forms
import numpy as np
import pytest

from tmor_hf.io import iter_skeletons, read_openpose, read_skeletons, sniff


@pytest.mark.parametrize("layout", ["openpose25", "openpose18"])
def test_a_folder_is_one_clip_of_tracked_people(layout, tmp_path):
    frames = forms.walkers(layout)
    folder = forms.openpose_folder(tmp_path / "walk", frames)
    assert sniff(folder) == "openpose"
    clip = read_skeletons(folder, fps=25, image_size=(480, 640))
    keypoints, scores = forms.stacked(frames, layout)
    assert (clip.layout, clip.fps, clip.image_size) == (layout, 25, (480, 640))
    np.testing.assert_allclose(clip.keypoints, keypoints, atol=1e-3)
    np.testing.assert_allclose(clip.scores, scores, atol=1e-3)


def test_gaps_in_file_numbers_and_empty_frames_keep_their_time(tmp_path):
    frames = forms.walkers("openpose25", frames=8, people=1)
    frames[2] = []
    folder = forms.openpose_folder(tmp_path / "walk", frames, start=100)
    (folder / "walk_000000000105_keypoints.json").unlink()
    clip = read_skeletons(folder)
    seen = clip.valid.any(axis=(1, 2))
    assert seen.tolist() == [True, True, False, True, True, False, True, True]
    np.testing.assert_allclose(clip.keypoints[7, 0], frames[7][0][1], atol=1e-3)
    assert clip.num_people == 1


def test_leading_and_trailing_frames_without_people_count(tmp_path):
    frames = [[], *forms.walkers("openpose25", frames=2), [], []]
    clip = read_skeletons(forms.openpose_folder(tmp_path / "walk", frames))
    assert clip.num_frames == 5 and clip.valid.any(axis=(1, 2)).tolist() == [False, True, True, False, False]


def test_nobody_at_all_is_a_clip_without_visible_joints(tmp_path):
    clip = read_skeletons(forms.openpose_folder(tmp_path / "walk", [[], []]))
    assert clip.num_frames == 2 and not clip.valid.any()


def test_confidence_0_is_a_missing_joint(tmp_path):
    frames = forms.walkers("openpose25", frames=1, people=1)
    pose = forms.openpose_frame(frames[0])
    pose["people"][0]["pose_keypoints_2d"][3 * 4 : 3 * 5] = [0, 0, 0]
    path = tmp_path / "image_keypoints.json"
    path.write_text(json.dumps(pose))
    valid = read_skeletons(path).valid[0, 0]
    assert not valid[4] and valid.sum() == 24


def test_the_older_key_and_given_ids_are_read(tmp_path):
    frames = forms.walkers("openpose18", frames=3, people=2)
    for index, frame in enumerate(frames):
        people = [
            {"person_id": [9 - person], "pose_keypoints": forms.flat(pose, scores)} for person, pose, scores in frame
        ]
        (tmp_path / f"{index}_keypoints.json").write_text(json.dumps({"version": 0.1, "people": people}))
    clip = read_skeletons(tmp_path)
    assert clip.layout == "openpose18" and clip.person_ids.tolist() == [9, 8]


def test_3d_joints_are_taken_where_they_are_given(tmp_path, rng):
    pose = rng.normal(size=(25, 4)).round(3)
    pose[:, 3] = 1
    person = {"pose_keypoints_2d": [1.0, 2.0, 0.5] * 25, "pose_keypoints_3d": pose.reshape(-1).tolist()}
    path = tmp_path / "a_000_keypoints.json"
    path.write_text(json.dumps({"version": 1.3, "people": [person]}))
    clip = read_openpose(path)
    np.testing.assert_allclose(clip.keypoints[0, 0], pose[:, :3], atol=1e-6)
    assert clip.resolved_up_axis == "-y"
    assert read_openpose(path, num_coordinates=2).num_coordinates == 2


def test_several_clips_in_a_folder_are_told_apart_by_name(tmp_path):
    forms.openpose_folder(tmp_path, forms.walkers("openpose25", frames=2, people=1), "run")
    forms.openpose_folder(tmp_path, forms.walkers("openpose25", frames=3, people=2), "walk")
    assert {name: clip.num_frames for name, clip in iter_skeletons(tmp_path)} == {"run": 2, "walk": 3}
    assert read_skeletons(tmp_path, clip="walk").num_people == 2
    with pytest.raises(ValueError, match=r"several \('run', 'walk'\); pass clip="):
        read_skeletons(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["people"].append(3), "person 2: expected an object"),
        (lambda data: data["people"][1]["pose_keypoints_2d"].pop(), "person 1: expected 75 numbers, got 74"),
        (
            lambda data: data["people"][0]["pose_keypoints_2d"].__setitem__(5, "7"),
            "person 0: expected numbers, got '7'",
        ),
        (lambda data: data["people"][0]["pose_keypoints_2d"].__setitem__(5, True), "expected numbers, got True"),
        (lambda data: data["people"][0].__setitem__("person_id", ["x"]), "person_id: expected a whole number"),
        (lambda data: data.__setitem__("people", {}), "expected an object with a list 'people'"),
    ],
)
def test_a_fault_names_file_and_person(change, message, tmp_path):
    data = forms.openpose_frame(forms.walkers("openpose25", frames=1)[0])
    change(data)
    path = tmp_path / "walk_000000000001_keypoints.json"
    path.write_text(json.dumps(data))
    for source in (path, tmp_path):
        with pytest.raises(ValueError, match=message):
            read_skeletons(source, "openpose")
    with pytest.raises(ValueError, match="walk_000000000001_keypoints"):
        read_skeletons(tmp_path, "openpose")


def test_numbers_too_far_apart_take_no_memory(tmp_path):
    forms.openpose_folder(tmp_path, forms.walkers("openpose25", frames=2), start=0)
    forms.openpose_folder(tmp_path, forms.walkers("openpose25", frames=1), start=10**9)
    with pytest.raises(ValueError, match="expected at most 1,000,000 frames, got 1,000,000,001"):
        read_skeletons(tmp_path)
