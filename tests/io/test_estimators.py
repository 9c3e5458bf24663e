# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""COCO, MMPose, AlphaPose and Ultralytics: what is written in their forms is read, and people keep their time."""

from __future__ import annotations

import json

import forms
import numpy as np
import pytest

from tmor_hf import Skeletons, get_layout
from tmor_hf.io import iter_skeletons, read_skeletons, sniff

SIZE = (480, 640)


@pytest.fixture
def frames() -> list[forms.Frame]:
    return forms.walkers("coco17", frames=10, people=2)


def written(tmp_path, data, name="clip.json"):
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def assert_is(clip, frames, layout="coco17", has_scores=True, atol=2e-3):
    keypoints, scores = forms.stacked(frames, layout)
    assert clip.layout == layout
    np.testing.assert_allclose(clip.keypoints, keypoints, atol=atol)
    if has_scores:
        np.testing.assert_allclose(clip.scores, scores, atol=2e-3)


def forms_of(frames) -> dict[str, tuple[str, str | list | dict, str]]:
    names = get_layout("coco17").joints
    return {
        "coco": ("coco", forms.coco_annotations(frames), "clip.json"),
        "coco without tracks": ("coco", forms.coco_annotations(frames, tracks=False), "clip.json"),
        "coco results": ("coco_results", forms.coco_results(frames), "clip.json"),
        "mmpose with names": ("mmpose", forms.mmpose_results(frames, names), "clip.json"),
        "mmpose list": ("mmpose", forms.mmpose_results(frames), "clip.json"),
        "alphapose": ("alphapose", forms.alphapose_results(frames), "clip.json"),
        "alphapose with tracks": ("alphapose", forms.alphapose_results(frames, tracks=True), "clip.json"),
        "ultralytics": ("ultralytics_json", [forms.ultralytics_frame(f) for f in frames], "clip.json"),
        "ultralytics texts": (
            "ultralytics_json", [json.dumps(forms.ultralytics_frame(f), indent=2) for f in frames], "clip.json",
        ),
        "ultralytics table": ("ultralytics_csv", forms.ultralytics_csv(frames), "clip.csv"),
        "ultralytics table with tracks": ("ultralytics_csv", forms.ultralytics_csv(frames, tracks=True), "clip.csv"),
    }  # fmt: skip


FORMS = list(forms_of([[]]))


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_recognised_and_read(form, frames, tmp_path):
    name, data, file = forms_of(frames)[form]
    path = written(tmp_path, data, file)
    assert sniff(path) == name
    clip = read_skeletons(path, fps=30)
    assert_is(clip, frames, has_scores=name != "coco")
    assert clip.fps == 30


@pytest.mark.parametrize("form", FORMS)
def test_people_come_and_go_and_return(form, tmp_path):
    frames = forms.walkers("coco17", frames=12, people=3)
    frames[3:5] = [[person for person in frame if person[0] != 1] for frame in frames[3:5]]  # gone and back
    frames[6] = []
    frames[:2] = [[person for person in frame if person[0] != 2] for frame in frames[:2]]  # comes later
    _, data, file = forms_of(frames)[form]
    clip = read_skeletons(written(tmp_path, data, file))
    keypoints, _ = forms.stacked(frames, "coco17")
    assert clip.keypoints.shape == keypoints.shape
    np.testing.assert_allclose(clip.keypoints, keypoints, atol=2e-3)


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_people_within_frames_does_not_matter(form, frames, tmp_path, rng):
    shuffled = [
        [frame[index] for index in (rng.permutation(len(frame)) if t else range(2))] for t, frame in enumerate(frames)
    ]
    _, data, file = forms_of(shuffled)[form]
    assert_is(read_skeletons(written(tmp_path, data, file)), frames, has_scores=False)


def test_coco_takes_sizes_ids_and_visibility_from_the_file(frames, tmp_path):
    clip = read_skeletons(written(tmp_path, forms.coco_annotations(frames)))
    assert clip.image_size == SIZE and clip.person_ids.tolist() == [5, 6]
    assert clip.scores[0, 0, 0] == 0.5 and clip.scores[0, 0, 1] == 1


def test_coco_videos_are_clips(frames, tmp_path):
    data = forms.coco_annotations(frames)
    data["videos"] = [{"id": 1, "name": "first"}, {"id": 2, "name": "second"}]
    for index, image in enumerate(data["images"]):
        image.update(video_id=1 + index // 6, frame_id=index % 6)
    path = written(tmp_path, data)
    assert {name: clip.num_frames for name, clip in iter_skeletons(path)} == {"first": 6, "second": 4}
    assert read_skeletons(path, clip=1).num_frames == 4
    with pytest.raises(ValueError, match="'first', 'second'"):
        read_skeletons(path)
    with pytest.raises(ValueError, match="expected a clip out of 'first', 'second', got 'third'"):
        read_skeletons(path, clip="third")


def test_other_joints_are_not_taken_for_those_of_coco(frames, tmp_path):
    data = forms.coco_annotations(frames)
    names = data["categories"][0]["keypoints"]
    names[1:3] = ["head_bottom", "head_top"]  # as in PoseTrack
    path = written(tmp_path, data)
    with pytest.raises(ValueError, match="category: expected joints of a known layout, got nose, head_bottom, "):
        read_skeletons(path)
    assert read_skeletons(path, layout="coco17").layout == "coco17"


@pytest.mark.parametrize("tool", ["coco", "alphapose"])
def test_unrelated_images_are_no_clip_unless_asked_for(tool, frames, tmp_path):
    data = forms.coco_results(frames)
    for entry in data:
        number = 139 + entry["image_id"] ** 5
        entry["image_id"] = number if tool == "coco" else f"{number:012d}.jpg"
    path = written(tmp_path, data)
    with pytest.raises(ValueError, match="unrelated images; pass frames='number' if .*frames='order' if"):
        read_skeletons(path)
    assert read_skeletons(path, frames="number").num_frames == 9**5 + 1
    assert_is(read_skeletons(path, frames="order"), frames)
    with pytest.raises(ValueError, match="expected frames 'auto', 'number' or 'order', got 'x'"):
        read_skeletons(path, frames="x")


def test_ids_of_images_keep_gaps(frames, tmp_path):
    frames[4] = frames[5] = []
    clip = read_skeletons(written(tmp_path, forms.coco_results(frames, start=7)))
    assert clip.valid.any(axis=(1, 2)).tolist() == [True] * 4 + [False] * 2 + [True] * 4


def test_mmpose_joint_names_choose_layout_and_joints(tmp_path, rng):
    names = [f"face{index}" for index in range(5)] + list(reversed(get_layout("coco17").joints))
    poses = rng.uniform(1, 100, size=(3, 1, 22, 2)).astype(np.float32)
    frames = [[(0, pose, np.full(22, 0.5, np.float32)) for pose in frame] for frame in poses]
    clip = read_skeletons(written(tmp_path, forms.mmpose_results(frames, tuple(names))))
    assert clip.layout == "coco17"
    np.testing.assert_allclose(clip.keypoints, poses[:, :, :4:-1], atol=1e-3)
    with pytest.raises(ValueError, match="meta_info: expected joints of a known layout, got a, b"):
        read_skeletons(written(tmp_path, forms.mmpose_results(frames, tuple("abcdefghijklmnopqrstuv"))))


def test_mmpose_lifted_poses_have_z_up_and_are_no_mirror_images(tmp_path, rng):
    camera = rng.normal(size=(4, 1, 17, 3)).astype(np.float32)  # x right, y down, z away
    poses = np.stack([-camera[..., 0], camera[..., 2], -camera[..., 1]], axis=-1)  # as MMPose turns them
    frames = [[(0, pose, np.ones(17, np.float32)) for pose in frame] for frame in poses]
    clip = read_skeletons(written(tmp_path, forms.mmpose_results(frames)))
    assert clip.layout == "h36m17" and clip.resolved_up_axis == "z"
    expected = Skeletons(camera, layout="h36m17", up_axis="-y").to_layout()
    np.testing.assert_allclose(clip.to_layout().keypoints, expected.keypoints, atol=1e-3)


def test_mmpose_instances_of_one_image(frames, tmp_path):
    path = written(tmp_path, forms.mmpose_results(frames)[0]["instances"])
    assert sniff(path) == "mmpose"
    assert_is(read_skeletons(path), frames[:1])


@pytest.mark.parametrize("extra", [0, 42, 110])
def test_alphapose_keeps_body_and_feet_of_halpe(extra, tmp_path):
    frames = forms.walkers("halpe26", frames=4)
    clip = read_skeletons(written(tmp_path, forms.alphapose_results(frames, extra_joints=extra)))
    assert_is(clip, frames, "halpe26")
    canonical = clip.to_layout()
    assert np.isfinite(canonical.keypoints[..., get_layout("tmor22").joints.index("left_foot"), :]).all()


def test_alphapose_without_tracking_numbers_everybody_0(frames, tmp_path):
    data = forms.alphapose_results(frames, tracks=True)
    for index, entry in enumerate(data):
        entry["idx"] = [0.0] if index % 3 else [0.0, 0.0]
    assert_is(read_skeletons(written(tmp_path, data)), frames)


@pytest.mark.parametrize("form", ["cmu", "open"])
def test_alphapose_by_image(form, tmp_path):
    frames = forms.walkers("openpose18", frames=5)
    frames[2] = []
    path = written(tmp_path, forms.alphapose_images(frames, form))
    assert sniff(path) == "alphapose"
    assert_is(read_skeletons(path), frames, "openpose18")


def test_relative_positions_become_pixels_with_an_image_size(frames, tmp_path):
    path = written(tmp_path, [forms.ultralytics_frame(frame, size=SIZE) for frame in frames])
    clip = read_skeletons(path, image_size=SIZE)
    assert_is(clip, frames, atol=0.02)
    assert clip.image_size == SIZE
    with pytest.warns(UserWarning, match="pass image_size"):
        assert read_skeletons(path).image_size is None


@pytest.mark.parametrize("as_text", [False, True])
def test_frames_that_detections_tell_count(as_text, frames, tmp_path):
    lists = [[{**entry, "frame": 10 + 3 * t} for entry in forms.ultralytics_frame(f)] for t, f in enumerate(frames)]
    clip = read_skeletons(written(tmp_path, [json.dumps(one) for one in lists] if as_text else sum(lists, [])))
    assert clip.num_frames == 28 and np.flatnonzero(clip.valid.any(axis=(1, 2))).tolist() == list(range(0, 28, 3))
    assert_is(clip.__class__(clip.keypoints[::3], scores=clip.scores[::3], layout="coco17"), frames)


def test_one_image_of_ultralytics_is_one_frame(frames, tmp_path):
    assert_is(read_skeletons(written(tmp_path, forms.ultralytics_frame(frames[0]))), frames[:1])


@pytest.mark.parametrize("confidence", [False, True])
@pytest.mark.parametrize("tracks", [False, True])
def test_yolo_labels(confidence, tracks, frames, tmp_path):
    frames[3] = []
    frames[5] = frames[5][:1]
    folder = forms.yolo_folder(tmp_path / "labels", frames, SIZE, confidence=confidence, tracks=tracks)
    (folder / "classes.txt").write_text("person\n")
    assert sniff(folder) == "yolo_labels"
    clip = read_skeletons(folder, image_size=SIZE)
    assert_is(clip, frames, atol=0.01)
    assert clip.person_ids.tolist() == ([1, 2] if tracks else [0, 1])


def test_yolo_labels_without_confidences(frames, tmp_path):
    text = forms.yolo_lines(frames[0], SIZE)
    rows = np.array([line.split() for line in text.splitlines()], dtype=float)
    keep = np.r_[0:5, [index for index in range(5, 56) if (index - 5) % 3 < 2]]
    path = written(tmp_path, "\n".join(" ".join(f"{value:g}" for value in row) for row in rows[:, keep]), "image.txt")
    clip = read_skeletons(path, image_size=SIZE)
    assert clip.scores is None
    assert_is(clip, frames[:1], has_scores=False, atol=0.01)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_truncated_files_are_refused_with_their_name(form, cut, frames, tmp_path):
    name, data, file = forms_of(frames)[form]
    text = data if isinstance(data, str) else json.dumps(data)
    path = written(tmp_path, text[: int(cut * len(text))], file)
    with pytest.raises(ValueError, match=f"{file}, (line|byte)"):
        read_skeletons(path)
    with pytest.raises(ValueError, match=f"{file}, (line|byte)"):
        read_skeletons(path, name)


@pytest.mark.parametrize(
    ("form", "old", "new", "message"),
    [
        ("coco results", '"image_id": 3', '"image_id": 1e99', "result 6: expected a whole number"),
        ("coco results", '"image_id": 3', '"image_id": true', "result 6: expected a whole number"),
        ("coco", '"image_id": 1003', '"image_id": 77', "annotation 6: expected the id of an image"),
        ("coco", '"id": 1003', '"id": 1002', "expected distinct ids of images"),
        ("coco", '"width": 640', '"width": -1', "images 0: expected a whole number of at least 1"),
        ("mmpose list", '"frame_id": 4', '"frame_id": -4', "frame 3: frame_id"),
        ("mmpose list", '"keypoints": [[', '"keypoints": [1, [', "frame 1: expected 17 joints, got 18"),
        ("mmpose list", '"keypoints": [[', '"keypoints": [["3", ', "frame 1: expected 2 numbers, got 3"),
        ("alphapose", '"keypoints": [', '"keypoints": [1, ', "result 0: expected 51 numbers, got 52"),
        ("alphapose with tracks", '"idx": 1', '"idx": "a"', "result 0: idx: expected a whole number"),
        ("ultralytics", '"x": [', '"x": [1, ', "frame 0, pose 0: x: expected 17 numbers, got 18"),
        ("ultralytics", '"visible": [', '"visible": ["1", ', "frame 0, pose 0: visible: expected 17 numbers, got 18"),
        ("ultralytics table", "'x': [", "'x': [nonsense, ", "line 2: expected x, y and visible"),
        ("ultralytics table", ",0\n", ",-1\n", "line 2: expected a whole number in column 'frame'"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(form, old, new, message, frames, tmp_path):
    name, data, file = forms_of(frames)[form]
    text = data if isinstance(data, str) else json.dumps(data)
    assert old in text
    path = written(tmp_path, text.replace(old, new, 1), file)
    with pytest.raises(ValueError, match=message) as caught:
        read_skeletons(path, name)
    assert file in str(caught.value)


def test_frame_numbers_beyond_the_limit_take_no_memory(frames, tmp_path):
    data = forms.mmpose_results(frames)
    data[-1]["frame_id"] = 10**9
    with pytest.raises(
        ValueError, match=r"expected at most 1,000,000 frames, got 1,000,000,000; pass limits=Limits\(max_frames"
    ):
        read_skeletons(written(tmp_path, data))
