# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Determinism, options and captions of the synthetic sets, and their videos."""

import re

import numpy as np
import pytest

from tmor_hf.data.synthetic import ACTIONS, SensorModel, SyntheticMotion, generate_batch, generate_clip, render_clip


def same(one, two):
    return one.caption == two.caption and np.array_equal(
        one.skeletons.keypoints, two.skeletons.keypoints, equal_nan=True
    )


def test_a_clip_depends_on_seed_and_index_only():
    one, two = SyntheticMotion(200, seed=5), SyntheticMotion(200, seed=5)
    backwards = {i: two[i] for i in (199, 130, 3, 64, 0)}
    for index in (0, 3, 64, 130, 199):
        assert same(one[index], backwards[index])
    assert not same(one[3], SyntheticMotion(200, seed=6)[3])


def test_a_clip_is_not_changed_by_its_company():
    together = generate_batch([np.random.default_rng(i) for i in range(20)], sensor=None)
    for index in (0, 7, 19):
        alone = generate_clip(np.random.default_rng(index), sensor=None)
        assert alone.caption == together[index].caption
        np.testing.assert_allclose(alone.skeletons.keypoints, together[index].skeletons.keypoints, atol=2e-4)


def test_lengths_follow_the_options():
    lengths = {clip.skeletons.num_frames for clip in SyntheticMotion(64, seed=1, sensor=None)}
    assert min(lengths) >= 24 and max(lengths) <= 120 and len(lengths) > 10
    fixed = SyntheticMotion(5, seed=1, num_frames=16, sensor=None)
    assert [clip.skeletons.num_frames for clip in fixed] == [16] * 5


def test_the_sensor_hides_joints_in_some_clips_and_moves_the_rest_a_little():
    rough = SensorModel(drop_probability=1.0, low_rate_probability=0.0, tilt=0.0)
    exact = SyntheticMotion(32, seed=2, sensor=None)
    seen = SyntheticMotion(32, seed=2, sensor=rough)
    missing = 0
    for one, two in zip(exact, seen, strict=True):
        gap = np.abs(one.skeletons.keypoints - two.skeletons.keypoints)
        missing += np.isnan(gap).sum()
        assert 0 < np.nanmean(gap) < 0.06
    assert missing > 0


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_has_eight_phrases_and_clean_captions(name):
    assert len(set(ACTIONS[name].phrases)) >= 8
    rngs = [np.random.default_rng(i) for i in range(40)]
    clips = generate_batch(rngs, name, num_frames=2, sensor=None)
    texts = [clip.caption for clip in clips] + [clip.class_phrase for clip in clips]
    assert len({clip.caption for clip in clips}) >= 12
    for text in texts:
        assert not re.search(r"[{}]|  |\bNone\b", text), text
        assert text == text.strip()


def test_a_caption_that_names_a_side_names_the_right_one():
    sided = [name for name, spec in ACTIONS.items() if spec.has_sides]
    for clip in SyntheticMotion(300, seed=3, actions=sided, num_frames=2):
        wrong = "right" if clip.side == "left" else "left"
        other_leg = clip.action == "baseball_pitch"  # lifts the leg of the other side
        assert other_leg or f" {wrong}" not in clip.caption
        assert clip.side in clip.group and clip.side in clip.class_phrase


def test_motion_clips_carry_the_same_skeletons_and_text():
    data = SyntheticMotion(4, seed=0, actions=["walk", "wave"])
    clip = data.motion_clip(2)
    assert clip.captions == (data[2].caption,) and clip.group == data[2].group
    assert data.actions[clip.label] == data[2].action


def test_video_moves_with_the_body():
    clip = SyntheticMotion(2, seed=0, actions="jumping_jacks", with_video=True)[0]
    assert clip.video.shape == (8, 32, 32, 3) and clip.video.dtype == np.uint8
    assert np.abs(np.diff(clip.video.astype(int), axis=0)).max() > 40
    still = generate_clip(np.random.default_rng(0), "walk", sensor=None).skeletons
    still.keypoints[:] = still.keypoints[:1]
    frozen = render_clip(still, num_frames=4, size=24, rng=np.random.default_rng(1))
    assert frozen.shape == (4, 24, 24, 3) and (frozen == frozen[:1]).all()
    assert frozen.std() > 5


def test_wrong_arguments_say_what_was_expected():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="expected some of the actions"):
        generate_clip(rng, "fly")
    with pytest.raises(ValueError, match="side"):
        generate_clip(rng, "wave", side="up")
    with pytest.raises(ValueError, match="render before"):
        hidden = generate_clip(rng, "wave", sensor=None).skeletons
        hidden.keypoints[0, 0, 3] = np.nan
        render_clip(hidden)
    with pytest.raises(IndexError):
        SyntheticMotion(3)[3]
