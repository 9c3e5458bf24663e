# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`Skeletons`: what it takes, what counts as missing, and its files."""

import json

import numpy as np
import pytest

from tmor_hf.processing.joint_layouts import JointLayout
from tmor_hf.processing.skeletons import Skeletons

STICK = JointLayout("stick2", ("foot", "top"), (("foot", "top"),), canonical={"head": "top"}, up_axis="z")


def points(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32) + 3


def assert_same(first, second):
    assert (first.fps, first.layout, first.image_size, first.up_axis) == (
        second.fps, second.layout, second.image_size, second.up_axis,
    )  # fmt: skip
    for name in ("keypoints", "scores", "person_ids"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


# ---------------------------------------------------------------- what it takes


def test_one_person_gets_a_person_axis():
    clip = Skeletons(points(7, 25, 3), scores=np.ones((7, 25)), layout="ntu25")
    assert (clip.num_frames, clip.num_people, clip.num_joints, clip.num_coordinates) == (7, 1, 25, 3)
    assert clip.scores.shape == (7, 1, 25)


@pytest.mark.parametrize("dtype", [np.int32, np.uint16, np.float16, np.float64])
def test_numbers_become_float32(dtype):
    clip = Skeletons(np.arange(1, 2 * 17 * 2 + 1).reshape(2, 17, 2).astype(dtype), layout="coco17")
    assert clip.keypoints.dtype == np.float32
    np.testing.assert_array_equal(clip.keypoints[0, 0, :2], [[1, 2], [3, 4]])
    assert clip.valid.all()


@pytest.mark.parametrize(
    ("keypoints", "options", "message"),
    [
        (points(4, 24, 3), {"layout": "ntu25"}, "expected 25 joints for layout 'ntu25', got 24; pass `layout=`"),
        (points(25, 3), {"layout": "ntu25"}, r"\(T, V, C\) or \(T, M, V, C\).*got shape \(25, 3\)"),
        (points(1, 4, 1, 25, 3), {"layout": "ntu25"}, r"got shape \(1, 4, 1, 25, 3\)"),
        (points(4, 25, 4), {"layout": "ntu25"}, "C 2 or 3.*put confidences into `scores`"),
        (points(0, 25, 3), {"layout": "ntu25"}, r"at least one frame.*\(0, 25, 3\)"),
        (points(4, 0, 25, 3), {"layout": "ntu25"}, "at least one frame and one person"),
        (points(4, 25, 3), {"layout": "nope"}, "unknown layout 'nope'"),
        (np.full((4, 22, 3), "x"), {}, "expected numeric keypoints"),
        (np.full((4, 22, 3), None), {}, "expected numeric keypoints"),
        (points(4, 22, 3), {"scores": np.ones((4, 21))}, r"expected scores of shape \(4, 1, 22\).*got \(4, 21\)"),
        (points(4, 22, 3), {"fps": 0}, "expected fps above 0"),
        (points(4, 22, 3), {"fps": float("nan")}, "expected fps above 0"),
        (points(4, 22, 2), {"image_size": (0, 3)}, "expected image_size"),
        (points(4, 22, 3), {"up_axis": "up"}, "expected an up axis out of"),
        (points(4, 22, 3), {"person_ids": [1, 2]}, "expected 1 person_ids"),
    ],
)
def test_misfits_are_refused(keypoints, options, message):
    with pytest.raises(ValueError, match=message):
        Skeletons(keypoints, **options)


# ---------------------------------------------------------------- missing joints


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("coordinate", [0, 1, 2])
def test_a_joint_that_is_not_finite_is_missing(bad, coordinate):
    keypoints = points(3, 22, 3)
    keypoints[1, 4, coordinate] = bad
    expected = np.ones((3, 1, 22), dtype=bool)
    expected[1, 0, 4] = False
    np.testing.assert_array_equal(Skeletons(keypoints).valid, expected)


def test_opposite_infinities_do_not_cancel():
    keypoints = points(1, 22, 3)
    keypoints[0, 0] = [np.inf, -np.inf, 0]
    with np.errstate(all="raise"):
        assert not Skeletons(keypoints).valid[0, 0, 0]


def test_only_all_zero_joints_are_missing():
    keypoints = points(2, 22, 2)
    keypoints[0, 1] = 0
    keypoints[0, 2] = [0, 5]
    keypoints[0, 3] = [1, -1]
    np.testing.assert_array_equal(Skeletons(keypoints).valid[0, 0, :4], [True, False, True, True])


def test_scores_that_are_not_above_zero_mean_missing():
    scores = np.ones((2, 22))
    scores[0, :3] = [0, -1, np.nan]
    clip = Skeletons(points(2, 22, 3), scores=scores)
    assert not clip.valid[0, 0, :3].any() and clip.valid.sum() == 2 * 22 - 3


# ---------------------------------------------------------------- canonical joints


def test_canonical_form_keeps_the_facts_and_marks_missing_joints():
    keypoints = points(5, 2, 17, 2)
    keypoints[:, 1, 5] = np.nan
    clip = Skeletons(keypoints, layout="coco17", fps=25, image_size=(480, 640), person_ids=[3, 9])
    result = clip.to_layout("tmor22")
    assert result.keypoints.shape == (5, 2, 22, 2)
    assert (result.layout, result.up_axis, result.fps, result.image_size) == ("tmor22", "y", 25, (480, 640))
    left_shoulder, right_wrist = 6, 12
    assert np.isnan(result.keypoints[:, 1, left_shoulder]).all() and not result.valid[:, 1, left_shoulder].any()
    np.testing.assert_allclose(result.keypoints[:, 0, right_wrist], keypoints[:, 0, 10] * [1, -1])
    np.testing.assert_array_equal(clip.keypoints, keypoints)


def test_canonical_form_of_the_canonical_form_is_itself():
    keypoints = points(3, 25, 3)
    keypoints[1, 7] = np.nan
    once = Skeletons(keypoints, layout="ntu25").to_layout()
    assert_same(once.to_layout(), once)


def test_default_up_axis_follows_layout_and_coordinates():
    assert Skeletons(points(1, 2, 3), layout=STICK).resolved_up_axis == "z"
    assert Skeletons(points(1, 2, 2), layout=STICK).resolved_up_axis == "-y"
    assert Skeletons(points(1, 2, 3), layout=STICK, up_axis="x").resolved_up_axis == "x"
    head = Skeletons(np.float32([[[0, 0, 0.1], [0, 0, 2.0]]]), layout=STICK).to_layout().keypoints[0, 0, 4]
    np.testing.assert_allclose(head, [0, 2, 0], atol=1e-6)


def test_conversion_to_another_layout_is_refused():
    with pytest.raises(ValueError, match="convert to 'tmor22' only, got 'coco17'"):
        Skeletons(points(1, 22, 3)).to_layout("coco17")


# ---------------------------------------------------------------- files


def full_clip():
    keypoints = points(4, 2, 17, 2)
    keypoints[0, 1, 3] = np.nan
    scores = np.random.default_rng(1).random((4, 2, 17)).astype(np.float32)
    return Skeletons(keypoints, scores, 29.97, "coco17", (480, 640), "-y", np.array([5, 6]))


@pytest.mark.parametrize("suffix", [".npz", ".json"])
@pytest.mark.parametrize(
    "clip",
    [full_clip(), Skeletons(points(3, 22, 3)), Skeletons(points(2, 2, 3), layout=STICK)],
    ids=["all fields", "keypoints alone", "own layout"],
)
def test_what_is_saved_is_loaded(tmp_path, clip, suffix):
    path = clip.save(tmp_path / f"clip{suffix}")
    assert path == tmp_path / f"clip{suffix}"
    assert_same(Skeletons.load(str(path)), clip)


def test_infinity_is_missing_after_json(tmp_path):
    keypoints = points(2, 22, 3)
    keypoints[0, 0, 1] = np.inf
    clip = Skeletons(keypoints)
    np.testing.assert_array_equal(Skeletons.load(clip.save(tmp_path / "clip.json")).valid, clip.valid)


def test_plain_json_of_others_is_read(tmp_path):
    path = tmp_path / "clip.json"
    path.write_text(json.dumps({"keypoints": [[[1, 2]] * 17], "layout": "coco17", "scores": [[None] + [1] * 16]}))
    clip = Skeletons.load(path)
    assert clip.keypoints.shape == (1, 1, 17, 2) and clip.valid.sum() == 16


def test_dict_form_reads_back():
    assert_same(Skeletons.from_dict(full_clip().to_dict()), full_clip())


@pytest.mark.parametrize("data", [{}, {"layout": "coco17"}, {"keypoints": points(1, 22, 3), "keypiont": 1}])
def test_wrong_keys_are_refused(data):
    with pytest.raises(ValueError, match="expected a clip with 'keypoints'.*got keys"):
        Skeletons.from_dict(data)


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "clip.npz"
    np.savez(path, keypoints=points(1, 22, 3), layout=np.array({"a": 1}, dtype=object))
    with pytest.raises(ValueError, match="clip.npz is no clip of skeletons: .*allow_pickle"):
        Skeletons.load(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npz", b"not a zip"), ("b.npz", b""), ("c.npz", b"PK\x03\x04 cut off"), ("d.json", b"{"),
        ("e.json", b"[1, 2]"), ("f.json", b"\xff\xfe\x00"), ("g.json", b'{"keypoints": [[[1, 2], [3]]]}'),
        ("h.json", b'{"keypoints": "abc"}'), ("i.json", b"{}"), ("j.json", b'{"keypoints": [[[1, 2]]], "layout": 3}'),
        ("k.json", b'{"keypoints": [[[1, 2]]], "layout": {"name": "x"}}'),
    ],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name} is no clip of skeletons"):
        Skeletons.load(tmp_path / name)


def test_a_single_array_in_npz_clothing_is_refused(tmp_path):
    with open(tmp_path / "clip.npz", "wb") as file:
        np.save(file, points(1, 22, 3))
    with pytest.raises(ValueError, match="clip.npz is no clip of skeletons: expected an .npz archive"):
        Skeletons.load(tmp_path / "clip.npz")


def test_flipped_bytes_are_noticed(tmp_path):
    content = bytearray(full_clip().save(tmp_path / "clip.npz").read_bytes())
    for start in range(60, len(content) // 2, 97):
        damaged = bytearray(content)
        damaged[start : start + 8] = bytes(byte ^ 0xFF for byte in damaged[start : start + 8])
        (tmp_path / "damaged.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged.npz is no clip of skeletons"):
            Skeletons.load(tmp_path / "damaged.npz")


def test_other_suffixes_and_absent_files_are_refused(tmp_path):
    clip = Skeletons(points(1, 22, 3))
    for action in (clip.save, Skeletons.load):
        with pytest.raises(ValueError, match="ends in .npz or .json, got .*clip.pkl"):
            action(tmp_path / "clip.pkl")
    for suffix in (".npz", ".json"):
        with pytest.raises(FileNotFoundError):
            Skeletons.load(tmp_path / f"absent{suffix}")


def test_selected_frames_keep_their_scores_and_what_holds_for_the_clip():
    rng = np.random.default_rng(0)
    keypoints = rng.normal(size=(6, 2, 22, 3)).astype(np.float32)
    scores = rng.uniform(size=(6, 2, 22)).astype(np.float32)
    clip = Skeletons(keypoints, scores=scores, fps=25.0, person_ids=np.array([7, 8]))
    for frames in (slice(2, 5), slice(None, None, -1), slice(None, None, 2)):
        chosen = clip.select_frames(frames)
        np.testing.assert_array_equal(chosen.keypoints, keypoints[frames])
        np.testing.assert_array_equal(chosen.scores, scores[frames])
        assert chosen.person_ids.tolist() == [7, 8] and chosen.fps == 25.0
    with pytest.raises(ValueError, match="frame"):
        clip.select_frames(slice(6, 8))


def test_selected_people_keep_their_scores_and_ids():
    rng = np.random.default_rng(0)
    keypoints = rng.normal(size=(4, 3, 22, 3)).astype(np.float32)
    scores = rng.uniform(size=(4, 3, 22)).astype(np.float32)
    clip = Skeletons(keypoints, scores=scores, fps=25.0, person_ids=np.array([7, 8, 9]))
    chosen = clip.select_people([2, 0])
    np.testing.assert_array_equal(chosen.keypoints, keypoints[:, [2, 0]])
    np.testing.assert_array_equal(chosen.scores, scores[:, [2, 0]])
    assert chosen.person_ids.tolist() == [9, 7] and chosen.fps == 25.0
    assert Skeletons(keypoints).select_people(slice(1, 2)).num_people == 1
