# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""MediaPipe: the words of its results in JSON, and tables of every usual form."""

from __future__ import annotations

import json

import forms
import numpy as np
import pytest

from tmor_hf.io import read_skeletons, sniff

SIZE = (480, 640)
POINT = {"x": 0.5, "y": 0.5, "z": 0.0, "visibility": 1}
pytestmark = pytest.mark.filterwarnings("ignore:positions are relative")


@pytest.fixture
def image(rng) -> np.ndarray:
    return forms.landmarks(rng, 6)


@pytest.fixture
def world(rng) -> np.ndarray:
    return forms.landmarks(rng, 6, world=True)


def written(tmp_path, data, name="clip.json"):
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def assert_image(clip, image, size=None):
    expected = image[:, None, :, :2] * (np.array([640, 480]) if size else 1)
    assert clip.layout == "mediapipe33" and clip.image_size == size
    np.testing.assert_allclose(clip.keypoints, expected, rtol=1e-5)
    np.testing.assert_allclose(clip.scores, image[:, None, :, 3], rtol=1e-5)


def assert_world(clip, world):
    assert clip.layout == "mediapipe33" and clip.resolved_up_axis == "-y"
    np.testing.assert_allclose(clip.keypoints, world[:, None, :, :3], atol=1e-6)


JSON_FORMS = {
    "landmarks": lambda v: [{"frame": t, "landmarks": forms.landmark_dicts(p)} for t, p in enumerate(v)],
    "pose_landmarks": lambda v: [{"pose_landmarks": forms.landmark_dicts(p)} for p in v],
    "tasks": lambda v: [{"landmarks": [forms.landmark_dicts(p)], "worldLandmarks": []} for p in v],
    "protobuf": lambda v: [{"poseLandmarks": {"landmark": forms.landmark_dicts(p)}} for p in v],
    "protobuf, bare": lambda v: [{"landmark": forms.landmark_dicts(p)} for p in v],
    "bare": lambda v: [forms.landmark_dicts(p) for p in v],
    "arrays": lambda v: [{"landmarks": p.astype(float).tolist()} for p in v],
    "in frames": lambda v: {"frames": [{"frame": t, "landmarks": forms.landmark_dicts(p)} for t, p in enumerate(v)]},
}  # fmt: skip


@pytest.mark.parametrize("form", JSON_FORMS)
def test_image_landmarks_in_json(form, image, tmp_path):
    path = written(tmp_path, JSON_FORMS[form](image))
    assert sniff(path) == "mediapipe_json"
    assert_image(read_skeletons(path), image)
    assert_image(read_skeletons(path, image_size=SIZE), image, SIZE)


@pytest.mark.parametrize("key", ["pose_world_landmarks", "worldLandmarks"])
def test_world_landmarks_count_more_unless_the_image_is_asked_for(key, image, world, tmp_path):
    data = [
        {"pose_landmarks": forms.landmark_dicts(i), key: forms.landmark_dicts(w)}
        for i, w in zip(image, world, strict=True)
    ]
    path = written(tmp_path, data)
    assert_world(read_skeletons(path), world)
    assert_image(read_skeletons(path, world=False), image)


def test_frames_without_people_and_several_people(image, tmp_path):
    poses = [forms.landmark_dicts(pose) for pose in image]
    other = [forms.landmark_dicts(pose + [3, 0, 0, 0]) for pose in image]
    data = [{"landmarks": value} for value in ([poses[0], other[0]], [], None, [other[3]], [poses[4]], [])]
    clip = read_skeletons(written(tmp_path, data))
    seen = clip.valid.any(axis=2)
    assert seen.tolist() == [[True, True], [False] * 2, [False] * 2, [False, True], [True, False], [False] * 2]


def test_world_landmarks_of_several_people_are_told_apart_by_the_image(image, world, tmp_path):
    def frame(t: int, people: list[int]) -> dict:
        return {
            "landmarks": [forms.landmark_dicts(image[t] + [3 * person, 0, 0, 0]) for person in people],
            "worldLandmarks": [forms.landmark_dicts(world[t] * [1, 1 + person, 1, 1]) for person in people],
        }

    clip = read_skeletons(written(tmp_path, [frame(t, [0, 1] if t % 2 else [1, 0]) for t in range(6)]))
    np.testing.assert_allclose(clip.keypoints[:, 0], world[..., :3] * [1, 2, 1], atol=1e-5)
    np.testing.assert_allclose(clip.keypoints[:, 1], world[..., :3], atol=1e-5)


@pytest.mark.parametrize(("world", "key"), [(True, "pose_landmarks"), (False, "pose_world_landmarks")])
def test_landmarks_of_the_kind_that_is_not_there_are_an_error(world, key, image, tmp_path):
    path = written(tmp_path, [{key: []}, {key: forms.landmark_dicts(image[0])}])
    with pytest.raises(ValueError, match=f"frame 1: expected {'world' if world else 'image'}.*pass world={not world}"):
        read_skeletons(path, world=world)


def test_nobody_in_the_whole_video(tmp_path):
    clip = read_skeletons(written(tmp_path, [{"pose_landmarks": None}, {"pose_landmarks": []}]))
    assert clip.num_frames == 2 and not clip.valid.any()


def test_one_result_is_one_frame(image, tmp_path):
    for data in ({"landmarks": [forms.landmark_dicts(image[0])]}, {"landmark": forms.landmark_dicts(image[0])}):
        assert_image(read_skeletons(written(tmp_path, data)), image[:1])


def test_the_size_and_the_rate_that_the_file_tells_are_used(image, tmp_path):
    data = {"fps": 29.97, "metadata": {"width": 640, "height": 480}, **JSON_FORMS["in frames"](image)}
    clip = read_skeletons(written(tmp_path, data))
    assert_image(clip, image, SIZE)
    assert clip.fps == 29.97


@pytest.mark.parametrize("form", ["{p}{n}", "{p}_{n}", "{n}_{p}", "landmark_{n}_{p}", "{j}_{p}", "{j}.{p}"])
def test_wide_tables(form, image, world, tmp_path):
    path = written(tmp_path, forms.mediapipe_wide(image, form), "clip.csv")
    assert sniff(path) == "mediapipe_csv"
    assert_image(read_skeletons(path), image)
    assert_world(read_skeletons(written(tmp_path, forms.mediapipe_wide(world, form), "clip.csv")), world)


def test_wide_tables_counted_from_1_in_capitals_or_without_frames(image, tmp_path):
    text = forms.mediapipe_wide(image, "{p}{n}")
    header, rest = text.split("\n", 1)
    names = [name if name == "frame" else f"{name[0].upper()}{int(name[1:]) + 1}" for name in header.split(",")]
    assert_image(read_skeletons(written(tmp_path, ",".join(names) + "\n" + rest, "clip.csv")), image)
    rows = [line.split(",", 1)[1] for line in text.splitlines()]
    assert_image(read_skeletons(written(tmp_path, "\n".join(rows), "clip.csv")), image)


def test_long_tables(image, world, tmp_path):
    path = written(tmp_path, forms.mediapipe_long(image), "clip.csv")
    assert sniff(path) == "mediapipe_csv"
    assert_image(read_skeletons(path), image)
    assert_world(read_skeletons(written(tmp_path, forms.mediapipe_long(world), "clip.csv")), world)
    lines = forms.mediapipe_long(image).splitlines()
    gone = [line for line in lines if not line.startswith(("2,", "4,7,"))]
    clip = read_skeletons(written(tmp_path, "\n".join(gone), "clip.csv"))
    assert not clip.valid[2].any() and not clip.valid[4, 0, 7] and clip.valid.sum() == 5 * 33 - 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([{"landmarks": [POINT] * 32}], "frame 0: expected 33 landmarks, got 32"),
        ([{"landmarks": [{"x": 0.5}] * 33}], "frame 0: expected 33 landmarks"),
        ([{"landmarks": [POINT] * 32 + [{"x": 1}]}], "frame 0: expected objects with x, y, z and visibility"),
        ([{"landmarks": [{**POINT, "x": "0.5"}] * 33}], "frame 0: expected numbers, got '0.5'"),
        ([{"frame": -1, "landmarks": []}], "frame 0: frame: expected a whole number"),
        ([7], "frame 0: expected a list of landmarks"),
        ("no,table\n1,2\n", ""),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(data, message, tmp_path):
    with pytest.raises(ValueError, match=f"clip.json.*{message}"):
        read_skeletons(written(tmp_path, data), "mediapipe_json")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("frame,x0", "frame,x99", "header: expected columns for 33 landmarks, got 32"),
        ("\n1,", "\n1,,,", "line 3: expected 133 cells, got 135"),
        ("\n3,", "\nthree,", "line 5: expected a number in column 'frame', got 'three'"),
        ("\n3,", "\n1e12,", "expected at most 1,000,000 frames"),
        ("\n3,", "\n1_0,", "line 5: expected a number in column 'frame', got '1_0'"),
        ("x0", "y0", "expected distinct names of columns, got 'y0' twice"),
    ],
)
def test_a_fault_in_a_table_is_named_with_its_line(old, new, message, image, tmp_path):
    text = forms.mediapipe_wide(image, "{p}{n}")
    assert old in text
    with pytest.raises(ValueError, match=f"clip.csv.*{message}"):
        read_skeletons(written(tmp_path, text.replace(old, new, 1), "clip.csv"), "mediapipe_csv")
