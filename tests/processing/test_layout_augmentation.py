# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The joints that a clip has and where they sit may change; the motion may not."""

import numpy as np
import pytest

from tmor_hf.processing import CANONICAL, CANONICAL_JOINTS, Skeletons
from tmor_hf.processing.layout_augmentation import imitate_layout, shift_joints


def make_clip(seed: int = 0) -> Skeletons:
    return Skeletons(np.random.default_rng(seed).normal(size=(6, 2, 22, 3)) + 3.0)


def test_imitating_a_layout_hides_whole_joints_and_leaves_the_others_as_they_are():
    clip, rng = make_clip(), np.random.default_rng(0)
    hidden_counts = set()
    for _ in range(50):
        imitation = imitate_layout(clip, rng)
        hidden = np.isnan(imitation.keypoints).any(axis=-1)
        assert (hidden == hidden[:1, :1]).all()
        np.testing.assert_array_equal(imitation.keypoints[~hidden], clip.keypoints[~hidden])
        hidden_counts.add(int(hidden[0, 0].sum()))
    assert len(hidden_counts) > 3
    assert np.isfinite(clip.keypoints).all()


def test_limbs_are_never_hidden_by_imitation():
    rng, limbs = np.random.default_rng(1), [CANONICAL_JOINTS.index(f"left_{x}") for x in ("elbow", "wrist", "knee")]
    for _ in range(50):
        assert np.isfinite(imitate_layout(make_clip(), rng, drop_probability=1.0).keypoints[:, :, limbs]).all()


def test_a_clip_never_loses_all_that_it_has():
    clip = make_clip()
    clip.keypoints[:, :, np.arange(22) != CANONICAL_JOINTS.index("nose")] = np.nan
    imitation = imitate_layout(clip, np.random.default_rng(0), drop_probability=1.0)
    assert imitation.valid.any()


def test_nothing_happens_at_probability_and_strength_zero():
    clip, rng = make_clip(), np.random.default_rng(0)
    np.testing.assert_array_equal(
        imitate_layout(clip, rng, probability=0, drop_probability=0).keypoints, clip.keypoints
    )
    np.testing.assert_array_equal(shift_joints(clip, rng, strength=0).keypoints, clip.keypoints)


def test_shifted_joints_stay_on_their_bones_and_both_sides_move_alike():
    clip = make_clip()
    shifted = shift_joints(clip, np.random.default_rng(0), strength=0.2)
    parents, children = np.array(CANONICAL.bones).T
    bones = clip.keypoints[..., children, :] - clip.keypoints[..., parents, :]
    moved = shifted.keypoints[..., children, :] - clip.keypoints[..., children, :]
    share = (moved * bones).sum(-1) / (bones * bones).sum(-1)
    np.testing.assert_allclose(moved, share[..., None] * bones, atol=1e-5)
    np.testing.assert_allclose(share, np.broadcast_to(share[:1, :1], share.shape), atol=1e-5)
    by_joint = dict(zip(children, share[0, 0], strict=True))
    for left, right in CANONICAL.mirror_pairs:
        assert by_joint[left] == pytest.approx(by_joint[right], abs=1e-5)
    assert np.abs(share[0, 0]).max() > 0.05


def test_missing_joints_stay_missing_and_move_nothing():
    clip = make_clip()
    clip.keypoints[:, :, CANONICAL_JOINTS.index("left_elbow")] = np.nan
    shifted = shift_joints(clip, np.random.default_rng(0))
    np.testing.assert_array_equal(np.isnan(shifted.keypoints), np.isnan(clip.keypoints))
    wrist = CANONICAL_JOINTS.index("left_wrist")
    np.testing.assert_array_equal(shifted.keypoints[:, :, wrist], clip.keypoints[:, :, wrist])


@pytest.mark.parametrize("function", [imitate_layout, shift_joints])
def test_other_layouts_are_refused(function):
    with pytest.raises(ValueError, match="canonical joints, got layout 'coco17'"):
        function(Skeletons(np.ones((2, 17, 3)), layout="coco17"), np.random.default_rng(0))


def test_options_out_of_range_are_refused():
    with pytest.raises(ValueError, match="probability between 0 and 1, got 2"):
        imitate_layout(make_clip(), np.random.default_rng(0), probability=2)
    with pytest.raises(ValueError, match="strength of at least 0, got -1"):
        shift_joints(make_clip(), np.random.default_rng(0), strength=-1)
