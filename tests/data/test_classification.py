# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips with classes: what an item depends on, what a batch is, and what it means to mix two clips."""

import numpy as np
import pytest
import torch

from tmor_hf import Skeletons, TMorFeatureExtractor
from tmor_hf.data import (
    ClassificationCollator,
    ClassificationDataset,
    MotionClip,
    MotionDataset,
    fine_tuning_augmentation,
    label_by_name,
)
from tmor_hf.data.classification import mix_clips

NAMES = ("walking", "sitting down", "waving")


@pytest.fixture
def clips(random_clip):
    """Nine clips, three of each class."""
    return MotionDataset(
        (
            MotionClip(
                random_clip(frames=10 + number),
                f"clip{number}",
                "set",
                ("a person",),
                "a",
                number % 3,
                NAMES[number % 3],
            )
            for number in range(9)
        ),
        "set",
        NAMES,
    )


class LazyClips(list):
    """Clips that count as read anew each time; clip 1 turns out to be of no use."""

    is_lazy = True

    def __getitems__(self, indices):
        return [self[index] for index in indices]

    def replacement(self, index, reason):
        assert index == 1 and "canonical" in reason
        return self[0]


def keypoints(items):
    return [item.skeletons.keypoints for item in items]


def test_an_item_depends_on_seed_epoch_and_index_alone(clips):
    one, other = (ClassificationDataset(clips, fine_tuning_augmentation(NAMES), seed=3) for _ in range(2))
    together = one.__getitems__([0, 4, 7])
    for index, item in zip((7, 4, 0), reversed(together), strict=True):
        np.testing.assert_allclose(other[index].skeletons.keypoints, item.skeletons.keypoints, atol=1e-5)
        assert (item.label, item.name) == (index % 3, f"clip{index}")
    other.set_epoch(1)
    assert not np.array_equal(other[4].skeletons.keypoints, together[1].skeletons.keypoints)
    reseeded = ClassificationDataset(clips, fine_tuning_augmentation(NAMES), seed=4)
    assert not np.array_equal(reseeded[4].skeletons.keypoints, together[1].skeletons.keypoints)


def test_held_out_items_are_the_clips_on_canonical_joints(clips):
    dataset = ClassificationDataset(clips, seed=None, max_frames=None)
    for clip, item in zip(clips, dataset, strict=True):
        np.testing.assert_allclose(item.skeletons.keypoints, clip.skeletons.to_layout().keypoints, atol=1e-6)
        assert item.rng is None


def test_long_clips_are_thinned_out(clips):
    dataset = ClassificationDataset(clips, max_frames=8)
    assert max(len(points) for points in keypoints(dataset)) <= 8


def test_lazy_clips_are_read_when_asked_for_and_replaced_with_their_label(clips):
    lazy = LazyClips(clips)
    hidden = np.full_like(clips[1].skeletons.keypoints, np.nan)
    lazy[1] = MotionClip(Skeletons(hidden, layout="ntu25"), "empty", "set", ("a person",), "a", 1)
    items = ClassificationDataset(lazy).__getitems__([1, 2])
    assert [(item.name, item.label) for item in items] == [("clip0", 0), ("clip2", 2)]
    np.testing.assert_array_equal(keypoints(items)[1], ClassificationDataset(clips)[2].skeletons.keypoints)


def test_what_cannot_be_learned_from_is_refused(clips, random_clip):
    unlabelled = [*clips, MotionClip(random_clip(), "x", "set", ("a person",), "a")]
    with pytest.raises(ValueError, match="1 of 10 without"):
        ClassificationDataset(unlabelled)
    with pytest.raises(ValueError, match="got none"):
        ClassificationDataset([])
    with pytest.raises(ValueError, match="expected a seed"):
        ClassificationDataset(clips, fine_tuning_augmentation(), seed=None)
    with pytest.raises(IndexError):
        ClassificationDataset(clips)[9]


def test_labels_of_any_source_follow_one_list_of_names(clips, random_clip):
    assert label_by_name(clips).class_names == NAMES
    plain = [*clips, MotionClip(random_clip(), "x", "set", ("a person",), "a")]
    relabelled = label_by_name(plain, ("waving", "walking"))
    assert relabelled.class_names == ("waving", "walking")
    assert {(clip.class_name, clip.label) for clip in relabelled} == {("waving", 0), ("walking", 1)}
    assert label_by_name(plain).class_names == tuple(sorted(NAMES))
    with pytest.raises(ValueError, match="got none"):
        label_by_name(clips, ("flying",))


def test_clips_are_mirrored_unless_a_class_says_a_side():
    assert fine_tuning_augmentation(NAMES).mirror_probability == 0.5
    assert fine_tuning_augmentation(("waving the left hand", "walking")).mirror_probability == 0
    assert fine_tuning_augmentation().mirror_probability == 0


def test_a_batch_is_what_the_model_takes(clips):
    items = ClassificationDataset(clips).__getitems__(range(4))
    batch = ClassificationCollator(TMorFeatureExtractor(num_frames=8), 3)(items)
    assert batch["keypoints"].shape == (4, 8, 1, 22, 3)
    assert batch["labels"].tolist() == [0, 1, 2, 0]
    with pytest.raises(ValueError, match="expected labels below 2, got 2 for clip 'clip2'"):
        ClassificationCollator(TMorFeatureExtractor(), 2)(items)


def test_training_clips_are_mixed_and_held_out_ones_are_not(clips):
    collator = ClassificationCollator(TMorFeatureExtractor(num_frames=8), 3, mixup=1.0)
    training, held_out = ClassificationDataset(clips), ClassificationDataset(clips, seed=None)
    mixed = collator(training.__getitems__([0, 1, 2]))
    torch.testing.assert_close(mixed["labels"].sum(dim=1), torch.ones(3))
    assert (mixed["labels"].max(dim=1).values < 1).all()
    assert mixed["labels"].argmax(dim=1).tolist() == [0, 1, 2]  # a clip outweighs its partner
    again = collator(training.__getitems__([0, 1, 2]))
    assert all(torch.equal(mixed[name], again[name]) for name in mixed)
    assert collator(held_out.__getitems__([0, 1, 2]))["labels"].tolist() == [0, 1, 2]
    assert collator([training[1]])["labels"].tolist() == [[0, 1, 0]]


@pytest.fixture
def pair():
    """Two clips of 4 frames and 2 joints, and their classes as rows."""
    generator = torch.Generator().manual_seed(0)
    return {
        "keypoints": torch.randn(2, 4, 1, 2, 3, generator=generator),
        "joint_mask": torch.ones(2, 4, 1, 2, dtype=torch.bool),
        "frame_mask": torch.ones(2, 4, dtype=torch.bool),
        "depth_mask": torch.ones(2, 4, dtype=torch.bool),
        "labels": torch.eye(2),
    }


SHARES, PARTNERS = torch.tensor([0.75, 0.5]), torch.tensor([1, 0])


def test_joints_and_labels_are_mixed_alike(pair):
    mixed = mix_clips(pair, SHARES, PARTNERS)
    expected = 0.75 * pair["keypoints"][0] + 0.25 * pair["keypoints"][1]
    torch.testing.assert_close(mixed["keypoints"][0], expected)
    torch.testing.assert_close(mixed["labels"], torch.tensor([[0.75, 0.25], [0.5, 0.5]]))


def test_a_mixed_joint_is_seen_where_both_are(pair):
    pair["joint_mask"][0, 1, 0, 0] = False
    pair["joint_mask"][1, 3] = False
    pair["frame_mask"][1, 3] = False
    mixed = mix_clips(pair, SHARES, PARTNERS)
    both = pair["joint_mask"][0] & pair["joint_mask"][1]
    assert torch.equal(mixed["joint_mask"][0], both) and torch.equal(mixed["joint_mask"][1], both)
    assert not mixed["keypoints"][:, ~both].any()
    assert mixed["frame_mask"].tolist() == [[True, True, True, False]] * 2


@pytest.mark.parametrize("reason", ["few joints in common", "one is 2D"])
def test_clips_that_do_not_fit_stay_as_they_are(pair, reason):
    if reason == "one is 2D":
        pair["depth_mask"][1] = False
    else:
        pair["joint_mask"][1, 1:] = False
    mixed = mix_clips(pair, SHARES, PARTNERS)
    for name in pair:
        assert torch.equal(mixed[name][0], pair[name][0]), name
    assert mixed["labels"][0].tolist() == [1, 0]


def test_a_clip_mixed_with_itself_is_itself(pair):
    pair["joint_mask"][0, 2] = False
    pair["keypoints"][~pair["joint_mask"]] = 0
    mixed = mix_clips(pair, SHARES, torch.tensor([0, 1]))
    for name in pair:
        torch.testing.assert_close(mixed[name], pair[name])
