# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`TMorFeatureExtractor`: defined behaviour on odd input, invariances, batching, and its saved options."""

import json

import numpy as np
import pytest
import torch
from transformers import BatchFeature

from tmor_hf.processing.feature_extraction_tmor import InvisibleClipError, TMorFeatureExtractor
from tmor_hf.processing.joint_layouts import CANONICAL, CANONICAL_JOINTS, LAYOUTS, JointLayout, get_layout
from tmor_hf.processing.skeletons import Skeletons

J = {joint: index for index, joint in enumerate(CANONICAL_JOINTS)}
KEYS = ("keypoints", "joint_mask", "frame_mask", "depth_mask")
BODY = np.array(
    [
        (0, 1, 0), (0, 1.15, 0), (0, 1.35, 0), (0, 1.5, 0), (0, 1.65, 0.02), (0, 1.65, 0.12),
        (0.18, 1.45, 0), (0.25, 1.18, 0), (0.28, 0.95, 0.05), (0.29, 0.87, 0.07),
        (-0.18, 1.45, 0), (-0.25, 1.18, 0), (-0.28, 0.95, 0.05), (-0.29, 0.87, 0.07),
        (0.1, 0.95, 0), (0.11, 0.52, 0.02), (0.12, 0.1, 0), (0.13, 0.03, 0.15),
        (-0.1, 0.95, 0), (-0.11, 0.52, 0.02), (-0.12, 0.1, 0), (-0.13, 0.03, 0.15),
    ]
)  # fmt: skip
extract = TMorFeatureExtractor(layout="tmor22")
extract_as_seen = TMorFeatureExtractor(layout="tmor22", max_gap=0)


def body(frames=10, people=1, coordinates=3, seed=0):
    """(T, M, 22, C) people who face +z, y up, walk along +z and move every joint a little."""
    random = np.random.default_rng(seed)
    phase = random.uniform(0, 2 * np.pi, size=(1, people, 22, 3))
    motion = 0.04 * np.sin(np.arange(frames)[:, None, None, None] / 2 + phase)
    motion[..., 2] += np.arange(frames)[:, None, None] * 0.05
    motion[..., 0] += np.arange(people)[:, None] * 1.3
    return (BODY + motion + [0.5, 0, 2])[..., :coordinates].astype(np.float32)


def yaw(degrees):
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], dtype=np.float32)


def random_clip(layout, coordinates=3, frames=6, people=1, seed=0):
    shape = (frames, people, get_layout(layout).num_joints, coordinates)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32) + 4


def assert_close(first, second, atol=1e-4):
    np.testing.assert_array_equal(first["joint_mask"], second["joint_mask"])
    np.testing.assert_array_equal(first["frame_mask"], second["frame_mask"])
    np.testing.assert_allclose(first["keypoints"], second["keypoints"], atol=atol)


def assert_padded_like(batch, row, single):
    """Row `row` of a batch holds the single clip, and nothing else."""
    frames, people = single["joint_mask"].shape[1:3]
    for key in ("keypoints", "joint_mask"):
        np.testing.assert_allclose(batch[key][row, :frames, :people], single[key][0], atol=1e-5)
        assert not batch[key][row, frames:].any() and not batch[key][row, :, people:].any()
    for key in ("frame_mask", "depth_mask"):
        np.testing.assert_array_equal(batch[key][row, :frames], single[key][0])
        assert not batch[key][row, frames:].any()


# ---------------------------------------------------------------- form of the output


@pytest.mark.parametrize("kind", ["numpy", "torch", "dict", "Skeletons", "list"])
@pytest.mark.parametrize("rank", [3, 4])
def test_every_kind_of_clip_gives_the_same_tensors(kind, rank):
    clip = body()
    given = clip[:, 0] if rank == 3 else clip
    forms = {
        "numpy": given, "torch": torch.tensor(given), "dict": {"keypoints": given, "layout": "tmor22"},
        "Skeletons": Skeletons(given), "list": [given],
    }  # fmt: skip
    result = extract(forms[kind])
    assert isinstance(result, BatchFeature) and tuple(result) == KEYS
    shapes = {key: value.shape for key, value in result.items()}
    assert shapes == {
        "keypoints": (1, 10, 1, 22, 3), "joint_mask": (1, 10, 1, 22), "frame_mask": (1, 10), "depth_mask": (1, 10),
    }  # fmt: skip
    assert result["keypoints"].dtype == np.float32
    assert all(result[key].dtype == bool for key in KEYS[1:])
    for key in KEYS:
        np.testing.assert_array_equal(result[key], extract(clip)[key])


def test_tensors_on_request():
    result = extract([body(4), body(7)], return_tensors="pt")
    assert all(isinstance(result[key], torch.Tensor) for key in KEYS)
    assert result["keypoints"].dtype == torch.float32
    assert all(result[key].dtype == torch.bool for key in KEYS[1:])
    assert TMorFeatureExtractor.model_input_names == list(KEYS)


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.float16, np.float64, torch.bfloat16, torch.int32])
def test_integers_and_other_floats_are_taken(dtype):
    clip = np.round(body(coordinates=2) * 100) + 7
    given = torch.tensor(clip).to(dtype) if isinstance(dtype, torch.dtype) else clip.astype(dtype)
    result = extract(given)
    assert result["keypoints"].dtype == np.float32
    assert_close(result, extract(clip), atol=0.05 if dtype == torch.bfloat16 else 1e-4)


def test_torch_clip_with_gradient_is_taken():
    clip = torch.tensor(body(), requires_grad=True)
    assert_close(extract(clip), extract(body()))


def test_input_stays_as_it_is():
    clip = body()
    clip[3, 0, 4] = np.nan
    kept = clip.copy()
    extract(clip)
    np.testing.assert_array_equal(clip, kept)


# ---------------------------------------------------------------- odd input


@pytest.mark.parametrize(
    ("clip", "options", "message"),
    [
        (np.ones((4, 24, 3)), {"layout": "ntu25"}, "the clip: expected 25 joints for layout 'ntu25', got 24"),
        (np.ones((22, 3)), {}, r"the clip: expected keypoints \(T, V, C\).*\(22, 3\)"),
        (np.ones((1, 2, 3, 22, 3)), {}, r"the clip: expected keypoints \(T, V, C\)"),
        (np.ones((4, 22, 5)), {}, "C 2 or 3"),
        (np.ones((4, 22, 3)), {"layout": "martian"}, "unknown layout 'martian'"),
        (np.ones((0, 22, 3)), {}, "at least one frame"),
        (np.ones((3, 0, 22, 3)), {}, "at least one frame and one person"),
        ([np.ones((4, 22, 3)), np.ones((0, 22, 3))], {}, "clip 1: expected at least one frame"),
        ([np.ones((4, 22, 3)), np.ones((4, 21, 3))], {}, "clip 1: expected 22 joints"),
        ([], {}, "expected at least one clip, got an empty list"),
        (np.ones((4, 22, 3)).tolist(), {}, r"nested lists of numbers; pass np.asarray\(clip\)"),
        ({"layout": "tmor22"}, {}, "expected a clip with 'keypoints'"),
        ({"keypoints": np.ones((4, 22, 3)), "joints": 3}, {}, "expected a clip with 'keypoints'.*'joints'"),
        ("clip.npz", {}, "the clip: expected"),
        (None, {}, "the clip: "),
        ([np.ones((4, 22, 3))] * 2, {"layout": ["tmor22"]}, "expected 2 values of `layout` for 2 clips, got 1"),
        ([np.ones((4, 22, 3))] * 2, {"scores": np.ones((4, 22))}, "expected a list of 2 scores"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(clip, options, message):
    with pytest.raises(ValueError, match=message):
        extract(clip, **options)


def test_layout_must_be_known_and_hints_are_given():
    with pytest.raises(ValueError, match="expected `layout=`.*layouts with 17 joints: .*coco17"):
        TMorFeatureExtractor()(np.ones((4, 17, 2)))


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf, 0.0])
@pytest.mark.parametrize("coordinates", [2, 3])
def test_missing_joints_are_masked_and_harmless(missing, coordinates):
    clip = body(coordinates=coordinates)
    clip[2:5, 0, J["left_hand"]] = missing
    result = extract_as_seen(clip)
    expected = np.ones((10, 22), dtype=bool)
    expected[2:5, J["left_hand"]] = False
    np.testing.assert_array_equal(result["joint_mask"][0, :, 0], expected)
    assert np.isfinite(result["keypoints"]).all()
    assert (result["keypoints"][~result["joint_mask"]] == 0).all()
    whole = extract(body(coordinates=coordinates))
    np.testing.assert_allclose(
        result["keypoints"][result["joint_mask"]], whole["keypoints"][result["joint_mask"]], atol=1e-4
    )


def test_what_a_missing_joint_holds_does_not_matter():
    clip, scores = body(), np.ones((10, 1, 22))
    scores[4, 0, [J["pelvis"], J["left_knee"]]] = 0
    reference = extract(clip, scores=scores)
    for value in (np.nan, np.inf, 0, 1e9):
        clip[4, 0, [J["pelvis"], J["left_knee"]]] = value
        assert_close(extract(clip, scores=scores), reference, atol=1e-5)


@pytest.mark.parametrize("missing", [np.nan, np.inf, 0.0])
def test_a_clip_without_any_joint_is_refused_by_name(missing):
    with pytest.raises(ValueError, match="clip 1: expected at least one joint that was seen"):
        extract([body(), np.full((5, 22, 3), missing)])


def test_frames_without_any_joint_stay_as_masked_frames():
    clip = body()
    clip[3:6] = np.nan
    result = extract_as_seen(clip)
    assert result["frame_mask"].all()
    np.testing.assert_array_equal(np.flatnonzero(~result["joint_mask"][0, :, 0].any(axis=-1)), [3, 4, 5])


def test_short_gaps_are_bridged_in_a_straight_line():
    clip = body(frames=20)
    clip[:] = clip[:1] + np.arange(20)[:, None, None, None] * np.array([0.01, 0, 0.02])
    whole = extract(clip)
    clip[4:12, 0, J["left_hand"]] = np.nan  # eight frames, as many as `max_gap`
    clip[15, 0] = np.nan  # and a frame without anybody
    assert_close(extract(clip), whole)


@pytest.mark.parametrize("gap", [slice(4, 13), slice(0, 3), slice(17, 20)])
def test_long_gaps_and_those_at_the_ends_stay_masked(gap):
    clip = body(frames=20)
    clip[gap, 0, J["left_hand"]] = np.nan
    expected = np.ones(20, dtype=bool)
    expected[gap] = False
    np.testing.assert_array_equal(extract(clip)["joint_mask"][0, :, 0, J["left_hand"]], expected)


def test_no_gap_is_bridged_from_clip_to_clip_or_person_to_person():
    first, second = body(frames=12), body(frames=12, people=2, seed=1)
    first[9:, 0, J["left_hand"]] = np.nan
    second[:2, 0, J["left_hand"]] = np.nan
    second[3:8, 1] = np.nan
    second[:, 0, J["right_hand"]] = np.nan
    batch = extract([first, second])
    for row, clip in enumerate((first, second)):
        assert_padded_like(batch, row, extract(clip))
    assert not batch["joint_mask"][0, 9:, 0, J["left_hand"]].any()
    assert not batch["joint_mask"][1, :2, 0, J["left_hand"]].any()
    assert not batch["joint_mask"][1, :, 0, J["right_hand"]].any()
    assert batch["joint_mask"][1, :, 1].all()


@pytest.mark.parametrize("coordinates", [2, 3])
@pytest.mark.parametrize("options", [{}, {"num_frames": 8}, {"sampling_rate": 10.0}, {"max_frames": 4}])
def test_one_frame_works(coordinates, options):
    result = TMorFeatureExtractor(layout="tmor22", **options)(body(frames=1, coordinates=coordinates), fps=30)
    assert result["keypoints"].shape[1] == options.get("num_frames", 1)
    assert result["joint_mask"].all() and np.isfinite(result["keypoints"]).all()
    assert np.ptp(result["keypoints"], axis=1).max() < 1e-6


@pytest.mark.parametrize("joints", [["nose"], ["left_wrist", "left_hand"], ["left_knee", "right_ankle", "head"]])
@pytest.mark.parametrize("coordinates", [2, 3])
def test_few_joints_work(joints, coordinates):
    clip = np.full((6, 1, 22, coordinates), np.nan, dtype=np.float32)
    indices = [J[joint] for joint in joints]
    clip[:, :, indices] = body(6, coordinates=coordinates)[:, :, indices]
    result = extract(clip)
    assert np.isfinite(result["keypoints"]).all() and np.abs(result["keypoints"]).max() < 20
    assert result["joint_mask"][..., indices].all()


def test_all_joints_in_one_place_work():
    result = extract(np.full((3, 22, 3), 5.0))
    np.testing.assert_allclose(result["keypoints"], 0, atol=1e-5)


def test_low_scores_count_as_missing():
    scores = np.full((10, 1, 22), 0.9)
    scores[:, 0, J["left_elbow"]] = 0.3
    assert extract(body(), scores=scores)["joint_mask"].all()
    strict = TMorFeatureExtractor(layout="tmor22", score_threshold=0.3)(body(), scores=scores)["joint_mask"]
    np.testing.assert_array_equal(np.flatnonzero(~strict.all(axis=(0, 1, 2))), [J["left_elbow"]])


# ---------------------------------------------------------------- 2D and 3D


def test_depth_of_2d_clips_is_masked_not_known():
    result = extract([body(5, coordinates=2), body(8)])
    np.testing.assert_array_equal(result["depth_mask"], [[False] * 8, [True] * 8])
    np.testing.assert_array_equal(result["frame_mask"], [[True] * 5 + [False] * 3, [True] * 8])
    assert not result["keypoints"][0, ..., 2].any() and result["keypoints"][1, ..., 2].any()


def test_image_rows_are_turned_upright():
    image = body(coordinates=2) * np.float32([100, -100]) + np.float32([300, 400])
    upright = extract(Skeletons(body(coordinates=2), up_axis="y"))
    assert_close(extract(image), upright)
    keypoints = upright["keypoints"][0, :, 0]
    assert (keypoints[:, J["head"], 1] > keypoints[:, J["left_ankle"], 1]).all()


# ---------------------------------------------------------------- invariances


@pytest.mark.parametrize("people", [1, 2])
@pytest.mark.parametrize("degrees", [0, 30, 90, 180, -135])
def test_3d_output_does_not_depend_on_place_size_and_heading(people, degrees):
    clip = body(people=people)
    moved = (clip @ yaw(degrees).T) * 37.5 + np.float32([120, -55, 900])
    assert_close(extract(moved), extract(clip), atol=2e-3)


@pytest.mark.parametrize("people", [1, 2])
def test_2d_output_does_not_depend_on_place_and_size(people):
    clip = body(people=people, coordinates=2) * 100 + 50
    assert_close(extract(clip * 4.5 + np.float32([700, 300])), extract(clip), atol=2e-3)


@pytest.mark.parametrize("up_axis", ["y", "-y", "z", "-z", "x", "-x"])
def test_3d_output_does_not_depend_on_the_axes(up_axis):
    from tmor_hf.processing.joint_layouts import to_y_up

    inverse = np.linalg.inv(to_y_up(np.eye(3), up_axis).T)
    given = (body() @ inverse.T).astype(np.float32)
    np.testing.assert_allclose(to_y_up(given, up_axis), body(), atol=1e-5)
    assert_close(extract(given, up_axis=up_axis), extract(body()), atol=1e-3)


def test_people_face_the_front_with_their_left_at_plus_x_and_are_upright():
    keypoints = extract(body() @ yaw(77).T)["keypoints"][0, 0, 0]
    assert keypoints[J["left_hip"], 0] > 0.05 > -0.05 > keypoints[J["right_hip"], 0]
    assert keypoints[J["nose"], 2] > keypoints[J["head"], 2] + 0.05
    assert keypoints[J["head"], 1] > 0.5 and keypoints[J["left_ankle"], 1] < -0.5


def test_a_mirrored_person_gives_the_mirrored_output():
    flip = np.float32([-1, 1, 1])
    clip = body(people=2)
    mirrored = extract(clip[:, :, CANONICAL.mirror_order] * flip)["keypoints"]
    np.testing.assert_allclose(mirrored, extract(clip)["keypoints"][..., CANONICAL.mirror_order, :] * flip, atol=1e-3)


def test_bodies_come_out_life_size_in_metres():
    keypoints = extract(body() * 1000)["keypoints"][0, :, 0]
    assert 1.2 < np.ptp(keypoints[..., 1], axis=1).mean() < 2.0


def test_the_way_of_the_body_is_kept():
    """One centre for the clip: a walk of 0.45 m stays a walk of that length, in units of the body."""
    walk = extract(body())["keypoints"][0, :, 0, J["pelvis"]]
    still = extract(body() - np.arange(10)[:, None, None, None] * np.float32([0, 0, 0.05]))
    assert np.ptp(walk[:, 2]) > 0.3 > 0.15 > np.ptp(still["keypoints"][0, :, 0, J["pelvis"], 2])
    np.testing.assert_allclose(walk.mean(axis=0), 0, atol=1e-4)


def test_people_keep_their_place_to_each_other():
    keypoints = extract(body(people=2))["keypoints"][0, :, :, J["pelvis"]]
    assert np.abs(keypoints[:, 1, 0] - keypoints[:, 0, 0]).min() > 0.8


@pytest.mark.parametrize("option", ["do_center", "do_scale", "do_align_facing"])
def test_each_normalisation_can_be_switched_off(option):
    off = dict.fromkeys(("do_center", "do_scale", "do_align_facing"), False)
    clip = (body() @ yaw(60).T) * 3
    raw = TMorFeatureExtractor(layout="tmor22", **off)(clip)["keypoints"][0]
    np.testing.assert_allclose(raw, clip, atol=1e-5)
    alone = TMorFeatureExtractor(layout="tmor22", **(off | {option: True}))(clip)["keypoints"][0]
    assert np.abs(alone - raw).max() > 0.1


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_layout_goes_through(layout):
    for coordinates in (2, 3):
        result = extract(random_clip(layout, coordinates), layout=layout)
        assert np.isfinite(result["keypoints"]).all()
        assert result["joint_mask"].any() and (result["keypoints"][~result["joint_mask"]] == 0).all()


# ---------------------------------------------------------------- batches


def mixed_batch():
    crowd = body(9, people=3)
    crowd[:, 1] = np.nan
    gaps = body(5)
    gaps[2, 0, :7] = np.nan
    return [
        Skeletons(body(10)),
        Skeletons(random_clip("coco17", 2, frames=4), layout="coco17", image_size=(480, 640)),
        {"keypoints": random_clip("ntu25", frames=7, people=2, seed=1), "layout": "ntu25", "fps": 30},
        Skeletons(random_clip("h36m17", frames=1, seed=2), layout="h36m17"),
        torch.tensor(gaps),
        Skeletons(crowd),
        Skeletons(random_clip("penn13", 2, frames=6, seed=3), layout="penn13", up_axis="y"),
        Skeletons(random_clip("coco17", 3, frames=6, seed=4), layout="coco17"),
    ]


@pytest.mark.parametrize("options", [{}, {"num_frames": 6}, {"sampling_rate": 12.0}, {"max_frames": 5}])
def test_a_mixed_batch_equals_its_clips_one_by_one(options):
    extractor = TMorFeatureExtractor(layout="tmor22", **options)
    clips = mixed_batch()
    batch = extractor(clips)
    assert batch["keypoints"].shape[0] == len(clips)
    for row, clip in enumerate(clips):
        assert_padded_like(batch, row, extractor(clip))


def test_order_in_the_batch_does_not_matter():
    clips = mixed_batch()
    forward, backward = extract(clips), extract(clips[::-1])
    for key in KEYS:
        np.testing.assert_allclose(forward[key], backward[key][::-1], atol=1e-5)


def test_canonical_clips_give_the_same_together_as_when_they_are_mapped_one_form_at_a_time():
    """Scores of 1 say nothing, but with them clips do not take the way of clips that are canonical."""
    clips = []
    for number, (coordinates, up_axis) in enumerate([(3, "y"), (2, "-y"), (3, "-y"), (2, "y")] * 2):
        points = body(5 + number, people=1 + number % 3, coordinates=coordinates, seed=number)
        points[np.random.default_rng(number).random(points.shape[:3]) < 0.2] = np.nan
        points[:, 0, number] = (0.0, np.inf)[number % 2]
        clips.append(Skeletons(points, up_axis=up_axis))
    scored = [Skeletons(clip.keypoints, np.ones(clip.keypoints.shape[:3]), up_axis=clip.up_axis) for clip in clips]
    one_way, other_way = extract(clips), extract(scored)
    for key in KEYS:
        np.testing.assert_array_equal(one_way[key], other_way[key])


def test_own_layouts_of_one_name_are_not_mixed_up():
    """Two clips may bring layouts of their own that happen to bear the same name."""
    joints = ("left_hip", "right_hip", "neck", "head")
    clip = np.float32([[(0.1, 0, 0), (-0.1, 0, 0), (0, 0.5, 0), (0, 0.7, 0)]]) + 1
    first = Skeletons(clip, layout=JointLayout("mine", joints, (("neck", "head"),)), up_axis="y")
    second = Skeletons(clip[:, ::-1], layout=JointLayout("mine", joints[::-1], (("neck", "head"),)), up_axis="y")
    batch = extract([first, second])
    np.testing.assert_allclose(batch["keypoints"][0], batch["keypoints"][1], atol=1e-6)


def test_empty_person_slots_are_dropped_and_the_most_visible_people_kept():
    clip = body(people=4)
    clip[:, 2] = np.nan
    clip[:, 0, :11] = np.nan
    assert extract(clip)["keypoints"].shape[2] == 3
    result = TMorFeatureExtractor(layout="tmor22", max_people=2)(clip)
    assert result["keypoints"].shape[2] == 2 and result["joint_mask"].all()
    placed = result["keypoints"][0, 0, :, J["pelvis"], 0]
    assert placed[1] - placed[0] > 1.5  # people 1 and 3, in their order


# ---------------------------------------------------------------- time


def test_frames_are_resampled_in_time():
    clip = body(11)
    result = TMorFeatureExtractor(layout="tmor22", num_frames=21)(clip)
    assert result["frame_mask"].shape == (1, 21) and result["frame_mask"].all()
    np.testing.assert_allclose(result["keypoints"][0, ::2], extract(clip)["keypoints"][0], atol=5e-3)


def test_frame_rate_sets_the_number_of_frames():
    extractor = TMorFeatureExtractor(layout="tmor22", sampling_rate=10.0)
    assert extractor(body(31), fps=30)["keypoints"].shape[1] == 11
    assert extractor(body(31))["keypoints"].shape[1] == 31
    assert extractor([body(31), body(31)], fps=[30, 5])["frame_mask"].sum(axis=1).tolist() == [11, 61]


def test_long_clips_are_shortened_and_short_ones_kept():
    extractor = TMorFeatureExtractor(layout="tmor22", max_frames=6)
    result = extractor([body(20), body(4)])
    np.testing.assert_array_equal(result["frame_mask"].sum(axis=1), [6, 4])
    whole = extract(body(20))["keypoints"][0, [0, -1]]
    np.testing.assert_allclose(result["keypoints"][0, [0, -1]], whole, atol=0.05)


# ---------------------------------------------------------------- options


@pytest.mark.parametrize(
    "options",
    [
        {"layout": "coco17", "num_frames": 32, "max_people": 2, "score_threshold": 0.2},
        {"sampling_rate": 12.5, "max_frames": 99, "do_center": False, "do_scale": False, "do_align_facing": False},
        {"layout": JointLayout("own", ("left_hip", "right_hip", "head"), ((0, 2), (1, 2)), ((0, 1),), "head")},
    ],
)
def test_options_are_saved_and_restored(tmp_path, options):
    extractor = TMorFeatureExtractor(**options)
    extractor.save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "preprocessor_config.json").read_text())
    again = TMorFeatureExtractor.from_pretrained(tmp_path)
    assert again.to_dict() == extractor.to_dict()
    for name, value in options.items():
        value = value.to_dict() if isinstance(value, JointLayout) else value
        assert getattr(again, name) == value and saved[name] == value
    layout = options.get("layout", "tmor22")
    clip = Skeletons(random_clip(layout, 2, frames=5, people=3), layout=layout)
    for key in KEYS:
        np.testing.assert_array_equal(again(clip)[key], extractor(clip)[key])


def test_own_layout_of_the_extractor_reads_plain_arrays(tmp_path):
    layout = JointLayout("own", ("left_hip", "right_hip", "head"), ((0, 2), (1, 2)), ((0, 1),), "head")
    TMorFeatureExtractor(layout=layout).save_pretrained(tmp_path)
    result = TMorFeatureExtractor.from_pretrained(tmp_path)(random_clip(layout))
    assert set(np.flatnonzero(result["joint_mask"][0, 0, 0])) == {
        J[joint] for joint in ("left_hip", "right_hip", "head", "pelvis")
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_frames": 0}, "expected num_frames above 0"),
        ({"max_frames": -1}, "expected max_frames above 0"),
        ({"max_people": 0}, "expected max_people above 0"),
        ({"sampling_rate": 0}, "expected sampling_rate above 0"),
        ({"num_frames": 8, "sampling_rate": 10}, "exclude each other"),
        ({"max_gap": -1}, "max_gap of 0 or more"),
        ({"score_threshold": 1.5}, "score_threshold"),
        ({"layout": "martian"}, "unknown layout"),
        ({"padding_value": 1.0}, "padded with zeros"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TMorFeatureExtractor(**options)


def test_unknown_arguments_are_reported():
    with pytest.warns(UserWarning, match=r"\['stride'\] are not known"):
        extract(body(), stride=2)


def test_people_are_split_by_slot_and_absent_ones_are_none():
    keypoints = body(people=3)
    keypoints[:, 1] = np.nan
    first, absent, last = extract.split_people(keypoints, fps=25.0)
    assert absent is None
    assert first.fps == last.fps == 25.0
    np.testing.assert_array_equal(last.keypoints[:, 0], keypoints[:, 2])


def test_a_person_below_the_score_threshold_is_absent():
    scores = np.full((10, 2, 22), 0.9, dtype=np.float32)
    scores[:, 0] = 0.2
    strict = TMorFeatureExtractor(layout="tmor22", score_threshold=0.5)
    assert [person is None for person in strict.split_people(body(people=2), scores=scores)] == [True, False]
    assert [person is None for person in extract.split_people(body(people=2), scores=scores)] == [False, False]


def test_a_person_whom_sampling_misses_is_absent():
    keypoints = body(frames=21, people=2)
    keypoints[:, 1] = np.nan
    keypoints[3, 1] = 1
    few = TMorFeatureExtractor(layout="tmor22", num_frames=2)
    assert [person is None for person in few.split_people(keypoints)] == [False, True]
    assert [person is None for person in extract.split_people(keypoints)] == [False, False]


# ---------------------------------------------------------------- what a clip does not say, and what is hardly seen


@pytest.mark.parametrize(
    ("field", "given", "own"), [("up_axis", "z", "y"), ("fps", 10.0, 30.0), ("scores", np.zeros((10, 1, 22)), None)]
)
def test_fields_are_given_to_skeletons_that_do_not_say_theirs(field, given, own):
    if field == "scores":
        given[:, :, :15] = 1.0
        own = np.ones((10, 1, 22))
    extractor = TMorFeatureExtractor(sampling_rate=15.0)
    keypoints = body()
    expected = extractor(keypoints, layout="tmor22", **{field: given})
    found = extractor(Skeletons(keypoints, layout="tmor22"), **{field: given})
    says_its_own = extractor(Skeletons(keypoints, layout="tmor22", **{field: own}), **{field: given})
    as_it_says = extractor(keypoints, layout="tmor22", **{field: own})
    for key in KEYS:
        np.testing.assert_array_equal(found[key], expected[key])
        np.testing.assert_array_equal(says_its_own[key], as_it_says[key])
    assert not all(np.array_equal(expected[key], as_it_says[key]) for key in KEYS)


@pytest.mark.parametrize("seen", [0, 57, 119])
def test_a_frame_between_the_samples_is_not_lost_if_it_is_all_there_is(seen):
    keypoints = body(frames=120)
    keypoints[np.arange(120) != seen] = np.nan
    inputs = TMorFeatureExtractor(layout="tmor22", num_frames=9)([body(), keypoints])
    assert inputs["joint_mask"][1].sum() == 22
    (step,) = np.flatnonzero(inputs["joint_mask"][1].any(axis=(1, 2)))
    assert abs(step * 119 / 8 - seen) <= 119 / 16


def test_slots_of_nobody_change_nothing_and_cost_nothing():
    one, two = body(seed=1), body(people=2, seed=2)
    padded = np.full((10, 20, 22, 3), np.nan, dtype=np.float32)
    padded[:, 7:8] = one
    clips = [Skeletons(padded, layout="tmor22", person_ids=np.arange(20)), Skeletons(two, layout="tmor22")]
    found, expected = extract(clips), extract([one, two])
    for key in KEYS:
        np.testing.assert_array_equal(found[key], expected[key])


def test_the_clip_that_nobody_is_seen_in_is_named():
    with pytest.raises(InvisibleClipError, match="clip 1: expected at least one joint that was seen") as caught:
        extract([body(), np.full((5, 1, 22, 3), np.nan)])
    assert caught.value.index == 1
