# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Properties of the augmentations. The body stands upright, faces +z (y up) and has its left at +x."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmor_hf.processing import augmentation
from tmor_hf.processing.augmentation import (
    SkeletonAugmentation,
    add_noise,
    change_proportions,
    change_speed,
    drop_joints,
    drop_people,
    mirror,
    mirror_caption,
    rotate,
    scale,
    temporal_crop,
    time_warp,
    virtual_camera,
)
from tmor_hf.processing.joint_layouts import CANONICAL, LAYOUTS, JointLayout, get_layout
from tmor_hf.processing.skeletons import Skeletons

RANDOM = (
    rotate, virtual_camera, scale, change_proportions, add_noise, drop_joints, drop_people, temporal_crop,
    change_speed, time_warp, SkeletonAugmentation(mirror_probability=0.5),
)  # fmt: skip
IN_2D = tuple(function for function in RANDOM if function is not virtual_camera)
JOINT = {name: index for index, name in enumerate(CANONICAL.joints)}
BODY = np.array(
    [
        (0, 1, 0), (0, 1.15, 0), (0, 1.35, 0), (0, 1.5, 0), (0, 1.65, 0.02), (0, 1.65, 0.12),
        (0.18, 1.45, 0), (0.25, 1.18, 0), (0.28, 0.95, 0.05), (0.29, 0.87, 0.07),
        (-0.18, 1.45, 0), (-0.25, 1.18, 0), (-0.28, 0.95, 0.05), (-0.29, 0.87, 0.07),
        (0.1, 0.95, 0), (0.11, 0.52, 0.02), (0.12, 0.1, 0), (0.13, 0.03, 0.15),
        (-0.1, 0.95, 0), (-0.11, 0.52, 0.02), (-0.12, 0.1, 0), (-0.13, 0.03, 0.15),
    ]
)  # fmt: skip


def rng(seed=0):
    return np.random.default_rng(seed)


def make_clip(frames=24, people=1, coordinates=3, missing=0.0, with_scores=False, seed=0, **fields):
    """Bodies beside each other that walk along +z and swing their joints a little."""
    random = rng(seed)
    phase = random.uniform(0, 2 * np.pi, size=(1, people, 22, 3))
    swing = 0.03 * np.sin(np.arange(frames)[:, None, None, None] / 3 + phase)
    path = np.zeros((frames, people, 1, 3))
    path[..., 0] = np.arange(people)[:, None] * 1.5 + 0.3
    path[..., 2] = np.arange(frames)[:, None, None] * 0.03 + 0.2
    keypoints = (BODY + swing + path)[..., :coordinates]
    keypoints[random.random(keypoints.shape[:3]) < missing] = np.nan
    scores = random.uniform(0.2, 1.0, keypoints.shape[:3]) if with_scores else None
    return Skeletons(keypoints, scores=scores, up_axis=fields.pop("up_axis", "y"), **fields)


def still_clip(frames=8):
    return Skeletons(np.repeat(BODY[None, None], frames, axis=0) + [0.0, 0.0, 0.5], up_axis="y")


def bone_lengths(clip, layout=CANONICAL):
    first, second = np.array(layout.bones).T
    return np.linalg.norm(clip.keypoints[:, :, first] - clip.keypoints[:, :, second], axis=-1)


def left_of(clip):
    """How far the left hip lies at the person's left: along up x facing, with facing from ankles to toes (y up)."""
    points = clip.keypoints
    facing = points[..., JOINT["left_foot"], :] - points[..., JOINT["left_ankle"], :]
    facing = facing + points[..., JOINT["right_foot"], :] - points[..., JOINT["right_ankle"], :]
    left = np.cross(points[..., JOINT["neck"], :] - points[..., JOINT["pelvis"], :], facing)
    return ((points[..., JOINT["left_hip"], :] - points[..., JOINT["right_hip"], :]) * left).sum(axis=-1)


def same(first, second):
    for field in dataclasses.fields(Skeletons):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other


def name_of(function):
    return getattr(function, "__name__", "composed")


# ---------------------------------------------------------------- every augmentation


@pytest.mark.parametrize("function", RANDOM, ids=name_of)
def test_same_seed_gives_same_clip_and_another_seed_another(function):
    clip = make_clip(people=2)
    same(function(clip, rng(3)), function(clip, rng(3)))
    results = [function(clip, rng(seed)).keypoints for seed in range(12)]
    assert any(
        other.shape != results[0].shape or not np.array_equal(other, results[0], equal_nan=True) for other in results
    )


@pytest.mark.parametrize("function", RANDOM, ids=name_of)
def test_input_stays_as_it_is(function):
    clip = make_clip(people=2, missing=0.2, with_scores=True, fps=30, person_ids=[4, 7])
    before = Skeletons(**{name: np.copy(value) if isinstance(value, np.ndarray) else value
                          for name, value in clip.to_dict().items()})  # fmt: skip
    result = function(clip, rng(1))
    same(clip, before)
    result.keypoints[...] = 7.0
    same(clip, before)


@pytest.mark.parametrize("coordinates", [2, 3])
@pytest.mark.parametrize("function", IN_2D, ids=name_of)
def test_form_and_facts_of_the_clip_are_kept(function, coordinates):
    clip = make_clip(people=2, coordinates=coordinates, with_scores=True, fps=25, person_ids=[1, 2])
    clip.image_size = (480, 640) if coordinates == 2 else None
    result = function(clip, rng(2))
    assert result.keypoints.dtype == np.float32
    assert result.keypoints.shape[1:3] == (2, 22)
    assert result.scores.shape == result.keypoints.shape[:3]
    assert (result.fps, result.layout) == (25.0, "tmor22")
    np.testing.assert_array_equal(result.person_ids, [1, 2])
    if coordinates == 2:
        assert result.num_coordinates == 2 and result.image_size == (480, 640) and result.up_axis == "y"


@pytest.mark.parametrize("function", [rotate, virtual_camera, scale, change_proportions, add_noise], ids=name_of)
def test_missing_joints_stay_missing_and_no_other_goes(function):
    clip = make_clip(people=2, missing=0.3, with_scores=True)
    clip.scores[:, 0, JOINT["left_wrist"]] = 0.0
    clip.keypoints[:, 1, JOINT["head"]] = 0.0
    result = function(clip, rng(5))
    np.testing.assert_array_equal(result.valid, clip.valid)
    assert np.isnan(result.keypoints[~clip.valid]).all()
    same(function(clip, rng(5)), result)


@pytest.mark.parametrize("function", RANDOM, ids=name_of)
def test_a_clip_without_any_joint_and_a_single_frame_pass(function):
    empty = make_clip(frames=5)
    empty.keypoints[...] = np.nan
    assert not function(empty, rng()).valid.any()
    result = function(make_clip(frames=1), rng())
    assert result.num_frames == 1 and result.valid.any()


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("coordinates", [2, 3])
def test_composed_augmentation_takes_every_layout(layout, coordinates):
    points = rng(1).standard_normal((12, 2, get_layout(layout).num_joints, coordinates)) + 3.0
    points[rng(2).random(points.shape[:3]) < 0.2] = np.nan
    augment = SkeletonAugmentation(mirror_probability=0.5, camera_probability=0.5, max_scale=1.2)
    for seed in range(4):
        result = augment(Skeletons(points, layout=layout), rng(seed))
        assert result.layout == layout
        assert result.valid.any()
        assert not np.isinf(result.keypoints).any()


# ---------------------------------------------------------------- rotate, scale


@pytest.mark.parametrize("up_axis", ["y", "-y", "z", "x"])
def test_yaw_keeps_bone_lengths_heights_and_people_to_each_other(up_axis):
    clip = make_clip(people=2, up_axis=up_axis)
    result = rotate(clip, rng(4), tilt=0.0)
    axis = "xyz".index(up_axis[-1])
    np.testing.assert_allclose(bone_lengths(result), bone_lengths(clip), atol=1e-5)
    np.testing.assert_allclose(result.keypoints[..., axis], clip.keypoints[..., axis], atol=1e-5)
    between = np.linalg.norm(np.diff(clip.keypoints, axis=1), axis=-1)
    np.testing.assert_allclose(np.linalg.norm(np.diff(result.keypoints, axis=1), axis=-1), between, atol=1e-5)
    assert np.abs(result.keypoints - clip.keypoints).max() > 0.1


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, derandomize=True, deadline=None, database=None)
def test_rotations_are_proper(seed):
    clip = make_clip(frames=4)
    result = rotate(clip, rng(seed), yaw=180, tilt=180)
    np.testing.assert_allclose(left_of(result), left_of(clip), atol=1e-4)


def test_tilt_stays_within_its_limit():
    clip = still_clip()
    for seed in range(20):
        points = rotate(clip, rng(seed), yaw=180, tilt=10).keypoints
        spine = points[..., JOINT["neck"], :] - points[..., JOINT["pelvis"], :]
        angle = np.degrees(np.arccos(spine[..., 1] / np.linalg.norm(spine, axis=-1)))
        assert angle.max() <= 10.01


def test_image_roll_keeps_lengths_and_sides():
    clip = make_clip(coordinates=2)
    result = rotate(clip, rng(1), tilt=20)
    np.testing.assert_allclose(bone_lengths(result), bone_lengths(clip), atol=1e-5)
    assert (result.keypoints[:, 0, JOINT["left_hip"], 0] > result.keypoints[:, 0, JOINT["right_hip"], 0]).all()


@pytest.mark.parametrize("coordinates", [2, 3])
def test_scale_multiplies_every_bone_by_the_factor(coordinates):
    clip = make_clip(people=2, coordinates=coordinates)
    result = scale(clip, rng(), factor=(1.7, 1.7))
    np.testing.assert_allclose(bone_lengths(result), 1.7 * bone_lengths(clip), rtol=1e-4)
    ratio = bone_lengths(scale(clip, rng(3))) / bone_lengths(clip)
    assert 0.799 <= ratio.min() and ratio.max() <= 1.251 and np.ptp(ratio) < 1e-3


# ---------------------------------------------------------------- camera

FRONT_VIEW = {"azimuth": (0, 0), "elevation": (0, 0), "roll": 0}


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, derandomize=True, deadline=None, database=None)
def test_every_joint_lands_inside_the_image(seed):
    clip = make_clip(frames=6, people=2)
    result = virtual_camera(clip, rng(seed), elevation=(-89, 89), image_size=(300, 500))
    assert (result.num_coordinates, result.image_size, result.resolved_up_axis) == (2, (300, 500), "-y")
    assert result.keypoints.min() >= -1e-3
    assert (result.keypoints.max(axis=(0, 1, 2)) <= [499.001, 299.001]).all()


@pytest.mark.parametrize("up_axis", ["y", "z", "-y", "x"])
def test_upright_people_stand_upright_in_the_image(up_axis):
    """The same body, given in other axes, is seen in the same way up to the azimuth."""
    from tmor_hf.processing.joint_layouts import to_y_up

    back = np.linalg.inv(to_y_up(np.eye(3), up_axis).T)
    clip = Skeletons(still_clip().keypoints @ back.T, up_axis=up_axis)
    np.testing.assert_allclose(to_y_up(clip.keypoints, up_axis), still_clip().keypoints, atol=1e-5)
    for seed in range(5):
        pixels = virtual_camera(clip, rng(seed), elevation=(-20, 40)).keypoints[0, 0]
        assert pixels[JOINT["head"], 1] < pixels[JOINT["pelvis"], 1] < pixels[JOINT["left_ankle"], 1]


def test_a_joint_that_moves_up_moves_to_a_smaller_image_row():
    clip = still_clip(frames=5)
    clip.keypoints[:, 0, JOINT["right_hand"], 1] += np.linspace(0, 0.4, 5)
    rows = virtual_camera(clip, rng(2)).keypoints[:, 0, JOINT["right_hand"], 1]
    assert (np.diff(rows) < 0).all()


def test_the_camera_shows_the_left_hand_where_an_onlooker_sees_it():
    front = virtual_camera(still_clip(), rng(), **FRONT_VIEW).keypoints[0, 0]
    back = virtual_camera(still_clip(), rng(), **(FRONT_VIEW | {"azimuth": (180, 180)})).keypoints[0, 0]
    side = virtual_camera(still_clip(), rng(), **(FRONT_VIEW | {"azimuth": (90, 90)})).keypoints[0, 0]
    assert front[JOINT["left_hand"], 0] > front[JOINT["right_hand"], 0] + 20
    assert back[JOINT["left_hand"], 0] < back[JOINT["right_hand"], 0] - 20
    # Seen from the person's left, the nose points to the image's left.
    assert side[JOINT["nose"], 0] < side[JOINT["head"], 0]


def test_perspective_shows_near_things_larger():
    clip = make_clip(frames=2, people=2)
    clip.keypoints[:, 1] = clip.keypoints[:, 0] + [0, 0, 3.0]
    pixels = virtual_camera(clip, rng(), **FRONT_VIEW).keypoints
    heights = np.ptp(pixels[..., 1], axis=2)
    assert (heights[:, 1] > 1.2 * heights[:, 0]).all()


def test_filming_the_mirrored_clip_gives_the_mirrored_film():
    clip = make_clip(people=2)
    view = FRONT_VIEW | {"distance": (1.5, 1.5), "field_of_view": (50, 50)}
    filmed = virtual_camera(mirror(clip), rng(), **view)
    expected = mirror(virtual_camera(clip, rng(), **view))
    np.testing.assert_allclose(filmed.keypoints, expected.keypoints, atol=1e-2)


# ---------------------------------------------------------------- proportions


def test_proportions_are_symmetric_constant_and_leave_the_root():
    clip = make_clip(people=2)
    result = change_proportions(clip, rng(6), strength=0.3)
    np.testing.assert_array_equal(result.keypoints[:, :, 0], clip.keypoints[:, :, 0])
    ratio = bone_lengths(result) / bone_lengths(clip)
    assert np.ptp(ratio, axis=0).max() < 1e-4
    assert 0.699 <= ratio.min() and ratio.max() <= 1.301
    assert np.abs(ratio[0, 0] - ratio[0, 1]).max() > 0.05
    bones = list(CANONICAL.bones)
    for index, (first, second) in enumerate(bones):
        twin = tuple(int(CANONICAL.mirror_order[joint]) for joint in (first, second))
        np.testing.assert_allclose(ratio[:, :, index], ratio[:, :, bones.index(twin)], rtol=1e-3)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_symmetric_body_stays_symmetric_in_every_layout(layout):
    known = get_layout(layout)
    points = rng(1).standard_normal((3, 1, known.num_joints, 3)).astype(np.float32)
    flipped = points[:, :, known.mirror_order] * np.float32([-1, 1, 1])
    body = Skeletons((points + flipped) / 2 + [0, 2, 0], layout=layout, up_axis="y")
    result = change_proportions(body, rng(2), strength=0.4).keypoints
    assert np.abs(result - body.keypoints).max() > 0.01
    np.testing.assert_allclose(result[:, :, known.mirror_order] * np.float32([-1, 1, 1]), result, atol=1e-4)


def test_proportions_bridge_missing_joints():
    clip = make_clip(frames=12)
    whole = change_proportions(clip, rng(8), strength=0.3).keypoints
    gap = dataclasses.replace(clip, keypoints=clip.keypoints.copy())
    gap.keypoints[4:8, 0, JOINT["left_elbow"]] = np.nan
    bridged = change_proportions(gap, rng(8), strength=0.3).keypoints
    assert np.isnan(bridged[4:8, 0, JOINT["left_elbow"]]).all()
    others = ~np.isnan(bridged)
    assert np.abs(bridged - whole)[others].max() < 0.03
    never = dataclasses.replace(clip, keypoints=clip.keypoints.copy())
    never.keypoints[:, 0, [JOINT["pelvis"], JOINT["right_knee"]]] = np.nan
    result = change_proportions(never, rng(8), strength=0.3)
    np.testing.assert_array_equal(result.valid, never.valid)
    assert np.nanmax(np.abs(result.keypoints - never.keypoints)) < 0.5


def test_joints_that_no_bone_reaches_stay_with_the_root():
    layout = JointLayout("two_islands", ("a", "b", "c", "d"), (("a", "b"), ("c", "d")))
    points = rng(0).standard_normal((2, 1, 4, 3)) + 5
    moves = change_proportions(Skeletons(points, layout=layout), rng(1), strength=0.2).keypoints - points[:, :]
    np.testing.assert_allclose(moves[:, :, 0], 0, atol=1e-6)
    assert np.isfinite(moves).all() and np.abs(moves).max() > 1e-3


# ---------------------------------------------------------------- noise, drops


@pytest.mark.parametrize("size", [0.001, 1.0, 500.0])
def test_noise_has_the_asked_size_in_any_unit(size):
    clip = make_clip(frames=100)
    clip.keypoints *= np.float32(size)
    body = clip.keypoints - clip.keypoints.mean(axis=2, keepdims=True)
    spread = np.sqrt((body**2).sum(axis=-1).mean())
    noise = add_noise(clip, rng(1), jitter=0.05, drift=0.0).keypoints - clip.keypoints
    assert np.std(noise) == pytest.approx(0.05 * spread, rel=0.1)
    drift = add_noise(clip, rng(1), jitter=0.0, drift=0.05).keypoints - clip.keypoints
    assert np.std(drift) == pytest.approx(0.05 * spread, rel=0.2)
    steps = np.std(np.diff(drift, axis=0)), np.std(np.diff(noise, axis=0))
    assert steps[0] < 0.2 * steps[1]


def test_noise_is_normal_and_that_of_each_joint_its_own():
    """Of a clip of any length: it comes from a sequence of 2^18 numbers, which this clip goes through."""
    points = np.random.default_rng(0).normal(size=(6000, 1, 22, 3)).astype(np.float32)
    noise = add_noise(Skeletons(points), rng(1), jitter=0.05, drift=0.0).keypoints - points
    noise /= noise.std()
    assert abs(noise.mean()) < 0.01
    assert np.abs(noise).mean() == pytest.approx(np.sqrt(2 / np.pi), rel=0.01)
    assert (noise**4).mean() == pytest.approx(3.0, rel=0.03)
    related = np.corrcoef(noise[:3000].reshape(3000, -1).T) - np.eye(66)
    assert np.abs(related).max() < 0.12
    starts = [add_noise(Skeletons(points[:8]), rng(seed)).keypoints - points[:8] for seed in range(20)]
    assert np.abs(np.corrcoef(np.reshape(starts, (20, -1))) - np.eye(20)).max() < 0.3


def test_no_noise_changes_nothing():
    clip = make_clip()
    np.testing.assert_array_equal(add_noise(clip, rng(), jitter=0, drift=0).keypoints, clip.keypoints)


def test_dropped_joints_go_for_one_span_and_the_rest_is_bit_identical():
    clip = make_clip(frames=40, people=2, with_scores=True)
    result = drop_joints(clip, rng(2), rate=0.4, limb_probability=0.0, span=(0.2, 0.5))
    gone = np.isnan(result.keypoints[..., 0])
    assert gone.any() and not gone.all(axis=0).any()
    np.testing.assert_array_equal(result.keypoints[~gone], clip.keypoints[~gone])
    np.testing.assert_array_equal(result.scores[~gone], clip.scores[~gone])
    assert (result.scores[gone] == 0).all()
    lengths = gone.sum(axis=0)[gone.any(axis=0)]
    assert 8 <= lengths.min() and lengths.max() <= 20
    assert (np.abs(np.diff(gone.astype(int), axis=0)).sum(axis=0) <= 2).all()


def test_whole_limbs_go_together():
    sides = {side: {JOINT[name] for name in CANONICAL.joints if name.startswith(side)} for side in ("left", "right")}
    lost_any = set()
    for seed in range(30):
        result = drop_joints(make_clip(frames=10), rng(seed), rate=0.0, limb_probability=1.0, span=(1.0, 1.0))
        lost = set(np.flatnonzero(np.isnan(result.keypoints[0, 0, :, 0])).tolist())
        assert 2 <= len(lost) <= 4
        assert lost <= sides["left"] or lost <= sides["right"]
        lost_any |= lost
    assert {JOINT["left_hand"], JOINT["right_foot"]} <= lost_any


def test_something_is_always_left():
    clip = make_clip(people=3, frames=4)
    assert drop_joints(clip, rng(), rate=1.0, span=(1.0, 1.0)).valid.any()
    for seed in range(10):
        seen = drop_people(clip, rng(seed), probability=1.0).valid.any(axis=(0, 2))
        assert seen.sum() == 1
    clip.keypoints[:, [0, 2]] = np.nan
    for seed in range(10):
        np.testing.assert_array_equal(drop_people(clip, rng(seed), probability=0.9).valid, clip.valid)


def test_dropped_people_go_whole_and_the_others_stay_bit_identical():
    clip = make_clip(people=4, with_scores=True)
    result = drop_people(clip, rng(1), probability=0.5)
    gone = ~result.valid.any(axis=(0, 2))
    assert 0 < gone.sum() < 4
    np.testing.assert_array_equal(result.keypoints[:, ~gone], clip.keypoints[:, ~gone])
    assert np.isnan(result.keypoints[:, gone]).all() and (result.scores[:, gone] == 0).all()


# ---------------------------------------------------------------- time


def test_crops_are_contiguous_and_long_enough():
    clip = make_clip(frames=21, with_scores=True)
    lengths = set()
    for seed in range(60):
        result = temporal_crop(clip, rng(seed), min_fraction=0.5)
        lengths.add(result.num_frames)
        starts = [s for s in range(21) if np.array_equal(clip.keypoints[s], result.keypoints[0])]
        stretch = slice(starts[0], starts[0] + result.num_frames)
        np.testing.assert_array_equal(result.keypoints, clip.keypoints[stretch])
        np.testing.assert_array_equal(result.scores, clip.scores[stretch])
    assert lengths == set(range(11, 22))


def test_crops_hold_a_joint_if_the_clip_does():
    clip = make_clip(frames=50)
    clip.keypoints[:47] = np.nan
    for seed in range(30):
        assert temporal_crop(clip, rng(seed), min_fraction=0.05).valid.any()


@pytest.mark.parametrize("speed", [0.5, 0.7, 1.0, 2.0, 3.0])
def test_speed_keeps_duration_times_speed_and_the_frame_rate(speed):
    clip = make_clip(frames=31, fps=30)
    result = change_speed(clip, rng(), factor=(speed, speed))
    assert result.fps == 30
    assert abs((result.num_frames - 1) * speed - 30) < max(speed, 1)
    np.testing.assert_array_equal(result.keypoints[0], clip.keypoints[0])
    step = np.diff(result.keypoints[:, 0, 0, 2]).mean() / np.diff(clip.keypoints[:, 0, 0, 2]).mean()
    assert step == pytest.approx(speed, rel=0.1)


def test_double_speed_takes_every_second_frame_even_beside_a_gap():
    clip = make_clip(frames=9, with_scores=True)
    clip.keypoints[3] = np.nan
    result = change_speed(clip, rng(), factor=(2, 2))
    np.testing.assert_array_equal(result.keypoints, clip.keypoints[::2])
    np.testing.assert_array_equal(result.scores, clip.scores[::2])


def test_a_joint_between_a_seen_and_a_missing_frame_is_missing():
    clip = make_clip(frames=5)
    clip.keypoints[2, 0, 3] = np.nan
    result = change_speed(clip, rng(), factor=(0.5, 0.5))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(result.keypoints[:, 0, 3, 0])), [3, 4, 5])
    assert result.valid[:, 0, [0, 1, 2, 4]].all()


def test_time_warp_goes_forward_and_keeps_the_ends():
    clip = make_clip(frames=30)
    clip.keypoints[..., 0] = np.arange(30)[:, None, None] + 1.0
    for seed in range(20):
        time = time_warp(clip, rng(seed), strength=0.9).keypoints[:, 0, 0, 0]
        assert (len(time), time[0]) == (30, 1.0)
        assert time[-1] == pytest.approx(30.0, abs=1e-4)
        assert (np.diff(time) > 0).all() and np.abs(time - np.arange(30) - 1).max() > 0.1


# ---------------------------------------------------------------- mirror


@pytest.mark.parametrize("coordinates", [2, 3])
@pytest.mark.parametrize("image_size", [None, (480, 640)])
def test_mirroring_twice_gives_the_clip_back(coordinates, image_size):
    clip = make_clip(people=2, coordinates=coordinates, with_scores=True, missing=0.1, image_size=image_size)
    once = mirror(clip)
    twice = mirror(once)
    assert np.nanmax(np.abs(once.keypoints - clip.keypoints)) > 0.1
    np.testing.assert_allclose(twice.keypoints, clip.keypoints, atol=1e-4)
    np.testing.assert_array_equal(twice.scores, clip.scores)


@pytest.mark.parametrize("up_axis", ["y", "-y", "z", "x"])
def test_a_mirrored_body_has_its_left_hip_at_its_left(up_axis):
    clip = make_clip(up_axis=up_axis)
    assert (left_of(clip) > 0).all()
    result = mirror(clip)
    axis = "xyz".index(up_axis[-1])
    assert (left_of(result) > 0).all()
    np.testing.assert_allclose(
        result.keypoints[..., axis], clip.keypoints[:, :, CANONICAL.mirror_order, axis], atol=1e-6
    )


def test_mirroring_moves_what_the_left_hand_does_to_the_right_hand():
    clip = still_clip()
    clip.keypoints[:, 0, JOINT["left_hand"], 1] += np.linspace(0, 1, 8)
    result = mirror(clip).keypoints[:, 0]
    assert np.ptp(result[:, JOINT["right_hand"], 1]) == pytest.approx(1.0, abs=1e-5)
    assert np.ptp(result[:, JOINT["left_hand"], 1]) == 0


def test_a_mirrored_image_stays_inside_its_frame():
    clip = virtual_camera(make_clip(people=2), rng(1))
    result = mirror(clip).keypoints[..., 0]
    assert result.min() >= -1e-3 and result.max() <= 639.001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("waves the left hand", "waves the right hand"),
        ("kicks LEFT, then right", "kicks RIGHT, then left"),
        ("Right-handed throw, leftwards", "Left-handed throw, rightwards"),
        ("a left handed person walks", "a right handed person walks"),
        ("raise_left_arm", "raise_right_arm"),
        ("turns clockwise", "turns counterclockwise"),
        ("spins counter-clockwise", "spins clockwise"),
        ("Anticlockwise circle", "Clockwise circle"),
        ("stands upright and gets brighter", "stands upright and gets brighter"),
        ("sits down right away", "sits down right away"),
        ("she left", "she left"),
        ("eats leftovers", "eats leftovers"),
        ("waves", "waves"),
    ],
)
def test_captions_swap_sides(text, expected):
    assert mirror_caption(text) == expected


def test_captions_swap_back():
    text = "Puts the left foot over the right, leftmost, turning clockwise"
    assert mirror_caption(mirror_caption(text)) == text


# ---------------------------------------------------------------- composed


def test_composed_says_whether_it_mirrored():
    clip = still_clip()
    clip.keypoints[:, 0, JOINT["left_hand"], 1] += np.linspace(0, 1, 8)
    names = (
        "warp", "proportions", "camera_probability", "yaw", "tilt", "jitter", "drift", "joint_rate",
        "limb_probability", "person_probability", "layout_probability", "joint_shift",
    )  # fmt: skip
    off = dict.fromkeys(names, 0.0)
    plain = SkeletonAugmentation(min_crop=1.0, max_speed=1.0, **off)
    same(plain(clip, rng()), clip)
    outcomes = set()
    for seed in range(20):
        result, is_mirrored = dataclasses.replace(plain, mirror_probability=0.5).augment(clip, rng(seed))
        same(result, mirror(clip) if is_mirrored else clip)
        outcomes.add(is_mirrored)
    assert outcomes == {True, False}


def test_composed_never_mirrors_by_default_and_never_makes_a_left_handed_body():
    for seed in range(30):
        augment = SkeletonAugmentation(
            camera_probability=0.0,
            joint_rate=0.0,
            limb_probability=0.0,
            layout_probability=0.0,
            jitter=0.005,
            drift=0.005,
            proportions=0.1,
        )
        result, is_mirrored = augment.augment(make_clip(), rng(seed))
        assert not is_mirrored
        assert (left_of(result) > 0).all()


def test_composed_gives_both_2d_and_3d_clips():
    assert {SkeletonAugmentation()(make_clip(), rng(seed)).num_coordinates for seed in range(20)} == {2, 3}


# ---------------------------------------------------------------- bad options


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (rotate, {"yaw": -1}),
        (rotate, {"tilt": 200}),
        (virtual_camera, {"distance": (0.5, 2)}),
        (virtual_camera, {"elevation": (20, 10)}),
        (virtual_camera, {"field_of_view": (0, 60)}),
        (virtual_camera, {"image_size": (0, 10)}),
        (scale, {"factor": (-1, 2)}),
        (change_proportions, {"strength": -0.1}),
        (change_proportions, {"strength": 1.0}),
        (add_noise, {"jitter": -0.1}),
        (add_noise, {"drift": float("nan")}),
        (add_noise, {"drift_period": 0}),
        (drop_joints, {"rate": 1.5}),
        (drop_joints, {"span": (0.5, 0.2)}),
        (drop_people, {"probability": -0.1}),
        (temporal_crop, {"min_fraction": 0}),
        (change_speed, {"factor": (0, 1)}),
        (time_warp, {"strength": 1.0}),
    ],
)
def test_bad_options_are_refused(function, options):
    (name,) = options
    with pytest.raises(ValueError, match=rf"expected {name} .*got"):
        function(make_clip(), rng(), **options)


def test_3d_only_augmentations_refuse_2d_clips_and_name_the_cure():
    clip = make_clip(coordinates=2)
    with pytest.raises(ValueError, match="expected a 3D clip.*got 2D.*use rotate or scale"):
        virtual_camera(clip, rng())
    with pytest.raises(ValueError, match="expected a 3D clip.*pass yaw=0"):
        rotate(clip, rng(), yaw=30)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(SkeletonAugmentation)])
def test_composed_refuses_negative_strengths(field):
    with pytest.raises(ValueError, match=f"expected {field} "):
        SkeletonAugmentation(**{field: -0.5})


def test_every_public_name_exists():
    assert all(hasattr(augmentation, name) for name in augmentation.__all__)
