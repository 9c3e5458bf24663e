# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Augmenting many clips at once: the results of one by one, and no clip knows of the others in its batch."""

from dataclasses import replace

import numpy as np
import pytest

from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.processing.batch_augmentation import augment_batch
from tmor_hf.processing.skeletons import Skeletons

OPTIONS = {
    "defaults": {},
    "all of it": {"max_scale": 1.5, "mirror_probability": 0.5, "person_probability": 0.5, "joint_rate": 0.3},
    "3D only": {"camera_probability": 0.0, "mirror_probability": 1.0},
    "camera only": {"camera_probability": 1.0, "mirror_probability": 0.5},
    "nothing": {
        "min_crop": 1.0, "max_speed": 1.0, "warp": 0.0, "proportions": 0.0, "camera_probability": 0.0, "yaw": 0.0,
        "tilt": 0.0, "jitter": 0.0, "drift": 0.0, "joint_rate": 0.0, "limb_probability": 0.0,
        "person_probability": 0.0, "layout_probability": 0.0, "joint_shift": 0.0,
    },
}  # fmt: skip


def make_clips(count=40):
    """Clips with gaps, absent joints, absent people, one frame, two coordinates, other layouts."""
    clips = []
    for number in range(count):
        rng = np.random.default_rng(number)
        frames = (1, 2, 17, 40, 64, 90)[number % 6]
        shape = (frames, 1 + number % 3 // 2, 22, 2 if number % 5 == 0 else 3)
        body = rng.normal(size=(1, *shape[1:])) + 0.02 * np.cumsum(rng.normal(size=shape), axis=0)
        points = body.astype(np.float32)
        if number % 4:
            points[rng.random(shape[:3]) < 0.1] = np.nan
            points[:, :, rng.integers(1, 22, size=number % 4)] = np.nan
        if number % 7 == 6:
            points[: frames // 2] = np.nan
        size = (480, 640) if number % 2 else None
        clips.append(Skeletons(points, fps=30.0, up_axis="y", image_size=size if shape[-1] == 2 else None))
    clips[3] = Skeletons(np.random.default_rng(0).normal(size=(30, 25, 3)), layout="ntu25")
    clips[8] = replace(clips[8], scores=np.ones(clips[8].keypoints.shape[:3]))
    return clips


def generators(count, seed=0):
    return [np.random.default_rng([seed, number]) for number in range(count)]


@pytest.mark.parametrize("name", OPTIONS)
def test_a_batch_has_the_results_of_one_by_one_and_draws_as_much(name):
    augmentation, clips = SkeletonAugmentation(**OPTIONS[name]), make_clips()
    for seed in range(4):
        ours, theirs = generators(len(clips), seed), generators(len(clips), seed)
        together = augment_batch(augmentation, clips, ours)
        for number, (clip, rng) in enumerate(zip(clips, theirs, strict=True)):
            expected, is_mirrored = augmentation.augment(clip, rng)
            got = together[number]
            assert got.is_mirrored == is_mirrored
            for field in ("fps", "layout", "image_size", "resolved_up_axis"):
                assert getattr(got.skeletons, field) == getattr(expected, field)
            scale = np.nanmax(np.abs(expected.keypoints), initial=1e-6)
            np.testing.assert_allclose(got.skeletons.keypoints, expected.keypoints, atol=2e-5 * scale, rtol=0)
            assert ours[number].random() == rng.random(), "the same draws"


def test_what_a_clip_becomes_does_not_depend_on_its_batch_to_the_last_bit():
    augmentation, clips = SkeletonAugmentation(mirror_probability=0.5), make_clips()
    together = augment_batch(augmentation, clips, generators(len(clips)))
    order = np.random.default_rng(1).permutation(len(clips))
    for part in (order[:7], order[7:8], order[8:]):
        rngs = [generators(len(clips))[number] for number in part]
        for number, got in zip(part, augment_batch(augmentation, [clips[n] for n in part], rngs), strict=True):
            np.testing.assert_array_equal(got.skeletons.keypoints, together[number].skeletons.keypoints)


def test_the_clips_that_come_in_stay_as_they_are():
    clips = make_clips(12)
    before = [clip.keypoints.copy() for clip in clips]
    augment_batch(SkeletonAugmentation(), clips, generators(12))
    for clip, keypoints in zip(clips, before, strict=True):
        np.testing.assert_array_equal(clip.keypoints, keypoints)
