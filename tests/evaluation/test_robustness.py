# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Corruptions of clips: each does what its name says, to that extent, and leaves the clip as it is."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf import Skeletons, TMorFeatureExtractor, get_layout
from tmor_hf.evaluation import CORRUPTIONS, corrupt
from tmor_hf.evaluation.robustness import LIMBS
from tmor_hf.processing.joint_layouts import CANONICAL_JOINTS


def make_clip(rng, layout="kinect20", frames=40, people=1, coordinates=3):
    shape = (frames, people, get_layout(layout).num_joints, coordinates)
    scores = np.ones(shape[:3], dtype=np.float32)
    return Skeletons(rng.normal(size=shape) + 3, scores=scores, fps=30.0, layout=layout)


@pytest.fixture
def clip(rng):
    return make_clip(rng)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption_depends_on_the_generator_alone_and_leaves_the_clip(name, clip):
    before = clip.keypoints.copy()
    first, again = (corrupt(name, clip, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.keypoints, again.keypoints)
    np.testing.assert_array_equal(clip.keypoints, before)
    assert first.keypoints.shape != before.shape or not np.array_equal(first.keypoints, before)
    TMorFeatureExtractor(num_frames=8)([first])  # models can read it


@pytest.mark.parametrize("share", (10, 30, 50))
def test_joints_are_missing_at_the_named_rate(share, rng):
    clip = make_clip(rng, frames=400, people=2)
    by_frame = ~corrupt(f"frame_joints_{share}", clip, rng).valid
    assert abs(by_frame.mean() - share / 100) < 0.02
    assert (by_frame.any(axis=0) & ~by_frame.all(axis=0)).all()
    by_clip = ~corrupt(f"clip_joints_{share}", clip, rng).valid
    assert (by_clip.all(axis=0) == by_clip.any(axis=0)).all()
    assert (by_clip[0].sum(axis=1) == share * 20 / 100).all()
    assert not np.array_equal(by_clip[0, 0], by_clip[0, 1])


@pytest.mark.parametrize("limb", LIMBS)
def test_a_limb_is_missing_and_nothing_else(limb, clip, rng):
    seen, left = clip.to_layout().valid, corrupt(f"no_{limb}", clip, rng).to_layout().valid
    is_limb = np.isin(CANONICAL_JOINTS, LIMBS[limb])
    assert seen[..., is_limb].any() and not left[..., is_limb].any()
    np.testing.assert_array_equal(left[..., ~is_limb], seen[..., ~is_limb])


def test_noise_has_the_named_size(rng):
    clip = make_clip(rng, frames=2000)
    size = np.sqrt(np.square(clip.keypoints - clip.keypoints.mean(axis=2, keepdims=True)).sum(axis=-1).mean())
    for share in (1, 3, 5):
        error = corrupt(f"noise_{share}", clip, rng).keypoints - clip.keypoints
        np.testing.assert_allclose(error.std(), share / 100 * size, rtol=0.1)


def test_a_lower_rate_keeps_every_nth_frame_at_its_time(clip, rng):
    for step in (2, 4):
        slower = corrupt(f"rate_1/{step}", clip, rng)
        np.testing.assert_array_equal(slower.keypoints, clip.keypoints[::step])
        assert slower.fps == 30.0 / step


def test_reversing_and_mirroring_twice_gives_the_clip_back(clip, rng):
    for name in ("reversed", "mirrored"):
        once = corrupt(name, clip, rng)
        np.testing.assert_allclose(corrupt(name, once, rng).keypoints, clip.keypoints, atol=1e-6)
    np.testing.assert_array_equal(corrupt("reversed", clip, rng).keypoints[0], clip.keypoints[-1])


@pytest.mark.parametrize("layout", ("coco17", "h36m17"))
def test_another_layout_in_3d_shows_the_same_body(layout, clip, rng):
    other = corrupt(f"{layout}_3d", clip, rng)
    assert other.layout == layout
    body, canonical = clip.to_layout(), other.to_layout()
    for joint in ("left_wrist", "right_ankle", "left_knee"):
        index = CANONICAL_JOINTS.index(joint)
        np.testing.assert_allclose(canonical.keypoints[:, :, index], body.keypoints[:, :, index], atol=1e-6)
    # What the other source does not have is missing.
    assert not canonical.valid[..., CANONICAL_JOINTS.index("left_hand")].any()


def test_filmed_clips_lie_in_the_image(clip, rng):
    for layout in ("coco17", "openpose18", "penn13"):
        film = corrupt(f"{layout}_2d", clip, rng)
        assert (film.num_coordinates, film.layout) == (2, layout)
        height, width = film.image_size
        seen = film.keypoints[film.valid]
        assert len(seen) and (seen >= 0).all() and (seen <= (width, height)).all()


def test_a_standing_body_stands_in_the_film(rng):
    keypoints = rng.normal(size=(10, 1, 20, 3)) * 0.1
    joints = get_layout("kinect20").joints
    keypoints[:, :, joints.index("head"), 1], keypoints[:, :, joints.index("left_ankle"), 1] = 1.0, -1.0
    film = corrupt("coco17_2d", Skeletons(keypoints, layout="kinect20"), rng)
    rows = film.keypoints[..., 1].mean(axis=(0, 1))
    names = get_layout("coco17").joints
    assert rows[names.index("nose")] < rows[names.index("left_ankle")]  # rows of an image grow downwards


def test_the_nose_stands_for_a_head_that_the_source_has(clip, rng):
    head = CANONICAL_JOINTS.index("head")
    canonical = corrupt("coco17_3d", clip, rng).to_layout()
    np.testing.assert_allclose(canonical.keypoints[:, :, head], clip.to_layout().keypoints[:, :, head], atol=1e-6)


def test_what_would_leave_no_joint_changes_nothing(rng):
    keypoints = np.zeros((1, 1, 20, 3), dtype=np.float32)
    keypoints[0, 0, get_layout("kinect20").joints.index("left_elbow")] = 1.0
    clip = Skeletons(keypoints, layout="kinect20")
    assert corrupt("no_left_arm", clip, rng).to_layout().valid.any()
    assert all(corrupt("frame_joints_50", clip, np.random.default_rng(seed)).valid.any() for seed in range(20))


def test_unknown_names_and_filming_2d_are_refused(clip, rng):
    with pytest.raises(ValueError, match="expected a corruption out of frame_joints_10"):
        corrupt("blur", clip, rng)
    with pytest.raises(ValueError, match="expected a 3D clip"):
        corrupt("coco17_2d", make_clip(rng, "penn13", coordinates=2), rng)
