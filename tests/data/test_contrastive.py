# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The contrastive training set: deterministic, weighted, and honest about left and right."""

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest

from tmor_hf.data import ContrastiveDataset, MotionClip, SyntheticMotion, sampling_weights, synthetic_clips
from tmor_hf.data.captions import class_texts, synthetic_group
from tmor_hf.data.synthetic import ACTIONS, generate_clip
from tmor_hf.processing.augmentation import SkeletonAugmentation, mirror_caption
from tmor_hf.processing.skeletons import Skeletons


def clip(number, group="wave the left hand", dataset="a", frames=20, **fields):
    keypoints = np.random.default_rng(number).normal(size=(frames, 22, 3)).astype(np.float32)
    captions = ("a person waves the left hand", "waving, left-handed", "hello with the left hand")
    return MotionClip(Skeletons(keypoints), f"clip{number}", dataset, captions, group, **fields)


CLIPS = [clip(number) for number in range(6)]


def same(first, second):
    return first[1:3] == second[1:3] and np.array_equal(
        first.skeletons.keypoints, second.skeletons.keypoints, equal_nan=True
    )


def test_items_depend_on_seed_epoch_and_index_alone():
    augmentation = SkeletonAugmentation(mirror_probability=0.5)
    dataset, other = (ContrastiveDataset(CLIPS, augmentation, seed=3) for _ in range(2))
    dataset.set_epoch(2)
    other.set_epoch(1)
    _ = other[0], other[4]
    other.set_epoch(2)
    assert all(same(dataset[index], other[index]) for index in reversed(range(6)))
    first = [dataset[index] for index in range(6)]
    dataset.set_epoch(3)
    assert not any(same(item, dataset[index]) for index, item in enumerate(first))
    reseeded = ContrastiveDataset(CLIPS, augmentation, seed=4)
    reseeded.set_epoch(2)
    assert not any(same(item, reseeded[index]) for index, item in enumerate(first))


def test_without_augmentation_and_weights_every_clip_comes_once_as_it_is():
    dataset = ContrastiveDataset(CLIPS)
    for index, source in enumerate(CLIPS):
        item = dataset[index]
        np.testing.assert_array_equal(item.skeletons.keypoints, source.skeletons.keypoints)
        assert item.caption in source.captions and item.group == source.group
    with pytest.raises(IndexError):
        dataset[6]


def test_all_captions_of_a_clip_come_up():
    dataset = ContrastiveDataset(CLIPS)
    seen = set()
    for epoch in range(10):
        dataset.set_epoch(epoch)
        seen |= {dataset[index].caption for index in range(6)}
    assert seen == set(CLIPS[0].captions) == set(dataset.captions())


def test_a_mirrored_clip_has_mirrored_words_and_video():
    neutral = {"min_crop": 1.0, "max_speed": 1.0, "max_scale": 1.0, "mirror_probability": 1.0}
    still = {name: neutral.get(name, 0.0) for name in (field.name for field in fields(SkeletonAugmentation))}
    video = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    source = replace(CLIPS[0], video=video)
    still |= {"layout_probability": 0, "joint_shift": 0}
    dataset = ContrastiveDataset([source], SkeletonAugmentation(**still))
    item = dataset[0]
    assert mirror_caption(item.caption) in source.captions and item.caption not in source.captions
    assert item.group == "wave the right hand"
    np.testing.assert_array_equal(item.video, video[:, :, ::-1])
    wrists = item.skeletons.keypoints[:, 0, 12], source.skeletons.keypoints[:, 0, 8]
    np.testing.assert_allclose(wrists[0], wrists[1] * [-1, 1, 1], rtol=1e-5)
    assert set(map(mirror_caption, source.captions)) <= set(dataset.captions())


def test_long_clips_are_thinned_out_and_keep_their_time():
    (short,) = ContrastiveDataset([replace(clip(0, frames=300), video=None)], max_frames=128).clips
    assert short.skeletons.num_frames == 100
    long_clip = clip(1, frames=300)
    timed = replace(long_clip, skeletons=replace(long_clip.skeletons, fps=30.0))
    assert ContrastiveDataset([timed], max_frames=150).clips[0].skeletons.fps == 15
    assert ContrastiveDataset([timed], max_frames=None).clips[0].skeletons.num_frames == 300


def test_weights_say_how_often_a_clip_is_drawn():
    dataset = ContrastiveDataset(CLIPS, weights=np.array([0, 1, 1, 2, 0, 4]), clips_per_epoch=16)
    by_keypoint = {source.skeletons.keypoints[0, 0, 0, 0]: index for index, source in enumerate(CLIPS)}
    orders = []
    for epoch in range(3):
        dataset.set_epoch(epoch)
        drawn = [by_keypoint[dataset[index].skeletons.keypoints[0, 0, 0, 0]] for index in range(16)]
        assert Counter(drawn) == {1: 2, 2: 2, 3: 4, 5: 8}
        orders.append(drawn)
    assert orders[0] != orders[1]


def test_sampling_weights_balance_groups_and_sets():
    clips = [clip(0, "walk", "a")] * 9 + [clip(0, "run", "a")] + [clip(0, "walk", "b")] * 2
    np.testing.assert_allclose(sampling_weights(clips, 0, 0), np.full(12, 1 / 12))
    alike = sampling_weights(clips, 1, 1)
    np.testing.assert_allclose([alike[:9].sum(), alike[9], alike[10:].sum()], [0.25, 0.25, 0.5])
    half = sampling_weights(clips, balance=0.5, balance_sets=0)
    assert half[:9].sum() / half[9] == pytest.approx(3)
    assert half[:10].sum() == pytest.approx(10 / 12)


def test_named_shares_hold_and_the_other_sets_split_the_rest():
    clips = [clip(0, "walk", "a")] * 6 + [clip(0, "run", "b")] * 2 + [clip(0, "run", "c")] * 2
    weights = sampling_weights(clips, shares={"a": 0.7})
    np.testing.assert_allclose([weights[:6].sum(), weights[6:8].sum(), weights[8:].sum()], [0.7, 0.15, 0.15])
    with pytest.raises(ValueError, match="shares above 0 of the sets"):
        sampling_weights(clips, shares={"unknown": 0.5})
    with pytest.raises(ValueError, match="leave something"):
        sampling_weights(clips, shares={"a": 1.0})


def test_synthetic_clips_carry_videos_and_classes():
    motion = SyntheticMotion(6, seed=1, actions=("walk", "wave"), with_video=True, video={"num_frames": 2, "size": 16})
    dataset = synthetic_clips(motion)
    assert len(dataset) == 6
    for made in dataset:
        assert made.video.shape == (2, 16, 16, 3)
        assert dataset.class_names[made.label] == made.class_name
        assert made.group in ("walk", "wave the left hand", "wave the right hand")


def test_synthetic_groups_speak_the_words_of_the_real_sets():
    real = {text.group for name in ("bandai_namco_2", "hdm05_11", "penn_action", "utkinect_untrimmed")
            for text in class_texts(name).values()}  # fmt: skip
    groups = {
        synthetic_group(generate_clip(np.random.default_rng(seed), action).group)
        for action in ACTIONS for seed in range(3)
    }  # fmt: skip
    assert len(groups & real) >= 30
    assert not any("_" in group or "{" in group or group.endswith(" ") for group in groups)
    assert synthetic_group("kneel left") == "kneel left"
    assert mirror_caption(synthetic_group("raise_one left")) == synthetic_group("raise_one right")


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="at least one clip"):
        ContrastiveDataset([])
    with pytest.raises(ValueError, match="6 weights"):
        ContrastiveDataset(CLIPS, weights=np.ones(5))
    with pytest.raises(ValueError, match="0..1"):
        sampling_weights(CLIPS, balance=2)


def test_shares_fix_how_often_named_sets_are_drawn():
    clips = [clip(0, "walk", "a")] * 6 + [clip(0, "walk", "b")] * 3 + [clip(0, "walk", "c")]
    weights = sampling_weights(clips, balance_sets=0, shares={"a": 0.2})
    np.testing.assert_allclose([weights[:6].sum(), weights[6:9].sum(), weights[9]], [0.2, 0.6, 0.2])
    for wrong in ({"d": 0.2}, {"a": 1.0}, {"a": 0.0}, {"a": 0.5, "b": 0.4, "c": 0.2}):
        with pytest.raises(ValueError, match="expected shares above 0"):
            sampling_weights(clips, shares=wrong)
