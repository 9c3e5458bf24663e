# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Stretches of recordings with the labels of their frames, and batches of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tmor_hf import Skeletons, TMorFeatureExtractor
from tmor_hf.data import (
    FileClips,
    FrameClassificationCollator,
    FrameClassificationDataset,
    FrameClassificationItem,
    MotionClip,
    MotionDataset,
)
from tmor_hf.data.benchmarks.files import ClipFile
from tmor_hf.data.frame_classification import exclusive_labels
from tmor_hf.processing.augmentation import SkeletonAugmentation

LENGTHS = (100, 30, 7)


def recording(frames: int, index: int = 0, fps: float | None = 30.0) -> MotionClip:
    """Frame t has the x coordinate 1000 + t in every joint, and class 0 in its second half, class 1 in every third."""
    keypoints = np.random.default_rng(index).normal(size=(frames, 1, 25, 3))
    keypoints[..., 0] = np.arange(1000, 1000 + frames)[:, None, None]
    labels = np.stack([np.arange(frames) >= frames // 2, np.arange(frames) % 3 == 0], axis=1)
    skeletons = Skeletons(keypoints, layout="ntu25", fps=fps)
    return MotionClip(skeletons, f"r{index}", "own", ("a person",), "g", frame_labels=labels, subject=str(index))


@pytest.fixture
def recordings() -> MotionDataset:
    return MotionDataset([recording(frames, index) for index, frames in enumerate(LENGTHS)], "own", ("a", "b"))


def times(item: FrameClassificationItem) -> np.ndarray:
    """The frame numbers of a stretch."""
    return np.rint(np.nanmedian(item.skeletons.keypoints[..., 0], axis=(1, 2)) - 1000).astype(int)


def test_stretches_keep_frames_and_labels_together(recordings):
    dataset = FrameClassificationDataset(recordings, segment_frames=20)
    for item in dataset:
        found = times(item)
        clip = next(clip for clip in recordings if clip.name == item.name)
        assert len(found) == min(20, clip.skeletons.num_frames) and (np.diff(found) == 1).all()
        np.testing.assert_array_equal(item.labels, clip.frame_labels[found])


def test_an_epoch_takes_as_many_stretches_as_fit(recordings):
    dataset = FrameClassificationDataset(recordings, segment_frames=20)
    assert [item.name for item in dataset] == ["r0"] * 5 + ["r1"] * 2 + ["r2"]
    firsts = [times(item)[0] for item in dataset][:5]
    assert firsts == sorted(firsts) and firsts[0] < 20 and firsts[-1] > 60
    ends = {times(dataset[index])[[0, -1]][side] for epoch in range(60) for index in (0, 4)
            for side in (0, 1) if dataset.set_epoch(epoch) is None}  # fmt: skip
    assert {0, 99} <= ends  # the first and the last frame come, too


def test_items_depend_on_seed_epoch_and_index_alone(recordings):
    first, second = (FrameClassificationDataset(recordings, 20, SkeletonAugmentation(), seed=5) for _ in range(2))
    together = first.__getitems__([4, 1, 6])
    for index, item in zip([4, 1, 6], together, strict=True):
        np.testing.assert_array_equal(second[index].skeletons.keypoints, item.skeletons.keypoints)
    second.set_epoch(1)
    assert any(not np.array_equal(second[index].labels, first[index].labels) for index in range(5))
    other_seed = FrameClassificationDataset(recordings, 20, seed=6)
    assert any(not np.array_equal(other_seed[index].labels, first[index].labels) for index in range(5))


def test_augmentation_changes_poses_but_not_time(recordings):
    wild = SkeletonAugmentation(min_crop=0.3, max_speed=3.0, warp=0.5, mirror_probability=0.5)
    plain, augmented = (FrameClassificationDataset(recordings, 20, augmentation) for augmentation in (None, wild))
    for one, other in zip(plain, augmented, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)
        assert other.skeletons.num_frames == len(other.labels)
        assert one.skeletons.keypoints.shape != other.skeletons.keypoints.shape or not np.allclose(
            one.skeletons.keypoints, other.skeletons.keypoints, equal_nan=True
        )
    still = SkeletonAugmentation(
        max_speed=3.0, warp=0.5, proportions=0, camera_probability=0, yaw=0, tilt=0, jitter=0, drift=0, joint_rate=0,
        limb_probability=0, layout_probability=0, joint_shift=0,
    )  # fmt: skip
    for one, other in zip(plain, FrameClassificationDataset(recordings, 20, still), strict=True):
        np.testing.assert_allclose(one.skeletons.keypoints, other.skeletons.keypoints)


def test_whole_recordings_for_validation(recordings):
    dataset = FrameClassificationDataset(recordings, segment_frames=None)
    assert [item.skeletons.num_frames for item in dataset] == list(LENGTHS)


def test_stretches_show_somebody(recordings):
    clip = recordings[0]
    keypoints = clip.skeletons.keypoints.copy()
    keypoints[:90] = np.nan
    clip = replace(clip, skeletons=replace(clip.skeletons, keypoints=keypoints))
    dataset = FrameClassificationDataset([clip], segment_frames=10)
    for epoch in range(5):
        dataset.set_epoch(epoch)
        assert all(np.isfinite(item.skeletons.keypoints).any() for item in dataset)


def test_recordings_without_anybody_are_left_out(recordings, caplog):
    empty = replace(recordings[1].skeletons, keypoints=np.full((30, 1, 25, 3), np.nan))
    dataset = FrameClassificationDataset([recordings[0], replace(recordings[1], skeletons=empty)], None)
    assert len(dataset) == 1 and "r1 left out" in caplog.text
    with pytest.raises(ValueError, match="at least one recording in which a joint is seen"):
        FrameClassificationDataset([replace(recordings[1], skeletons=empty)])


def read_recording(path: str) -> Skeletons:
    return recording(int(path)).skeletons


def label_frames(skeletons: Skeletons) -> np.ndarray:
    return recording(skeletons.num_frames).frame_labels


def test_lazy_recordings_are_read_when_asked_for():
    files = [ClipFile(str(count), f"r{count}", "own", ("a",), "g", label_frames=label_frames) for count in LENGTHS]
    lazy = FrameClassificationDataset(FileClips(files, read_recording), segment_frames=20)
    loaded = FrameClassificationDataset(FileClips(files, read_recording).load(0, progress=False), segment_frames=20)
    assert len(lazy) == len(loaded) == 8
    for one, other in zip(lazy, loaded, strict=True):
        np.testing.assert_array_equal(one.skeletons.keypoints, other.skeletons.keypoints)
        np.testing.assert_array_equal(one.labels, other.labels)


def test_bad_recordings_are_refused(recordings):
    for labels in (None, recordings[0].frame_labels[:-1]):
        with pytest.raises(ValueError, match=r"expected frame_labels \(100, K\) of the recording r0"):
            FrameClassificationDataset([replace(recordings[0], frame_labels=labels)])
    other = replace(recordings[1], frame_labels=np.zeros((30, 3), bool))
    with pytest.raises(ValueError, match="expected 2 classes in every recording, got 3 in r1"):
        list(FrameClassificationDataset([recordings[0], other]))
    with pytest.raises(ValueError, match="segment_frames of at least 1"):
        FrameClassificationDataset(recordings, segment_frames=0)


@pytest.fixture
def items(recordings) -> list[FrameClassificationItem]:
    return list(FrameClassificationDataset(recordings, segment_frames=None))


def test_labels_are_padded_as_the_frames_are(items):
    batch = FrameClassificationCollator(TMorFeatureExtractor())(items)
    assert batch["labels"].shape == (3, 100, 2) and batch["labels"].dtype == torch.float32
    assert ((batch["labels"] == -100).all(dim=2) == ~batch["frame_mask"]).all()
    for row, item in zip(batch["labels"], items, strict=True):
        np.testing.assert_array_equal(row[: len(item.labels)].bool().numpy(), item.labels)


@pytest.mark.parametrize("rate", [10.0, 15.0, 30.0, 47.0])
def test_labels_follow_the_sampling_rate(items, rate):
    extractor = TMorFeatureExtractor(sampling_rate=rate, do_align_facing=False)
    batch = FrameClassificationCollator(extractor)(items[:1])
    frames = round(99 * rate / 30) + 1
    assert batch["labels"].shape == (1, frames, 2) and batch["keypoints"].shape[1] == frames
    # Frames carry their number as x coordinate, which the feature extractor centres: class 0 starts in the middle.
    places, is_late = batch["keypoints"][0, :, 0, 0, 0], batch["labels"][0, :, 0] == 1
    assert places[~is_late].max() < 1e-3 and places[is_late].min() > -1e-3


def test_exclusive_labels_count_from_the_background(items):
    items = [item._replace(labels=item.labels & ~item.labels[:, :1].repeat(2, 1) | item.labels * (1, 0) > 0)
             for item in items]  # fmt: skip
    batch = FrameClassificationCollator(TMorFeatureExtractor(), "single_label_classification")(items)
    assert batch["labels"].shape == (3, 100) and batch["labels"].dtype == torch.int64
    assert set(batch["labels"][~batch["frame_mask"]].tolist()) == {-100}
    assert batch["labels"][0, :4].tolist() == [2, 0, 0, 2] and batch["labels"][0, 50:54].tolist() == [1, 1, 1, 1]
    assert exclusive_labels(np.zeros((2, 4), bool)).tolist() == [0, 0]


def test_two_classes_at_once_are_not_exclusive(items):
    with pytest.raises(ValueError, match="expected one class at a time, got several in 29% of the frames of r2"):
        FrameClassificationCollator(TMorFeatureExtractor(), "single_label_classification")(items)


def test_a_frame_that_two_spans_share_is_left_out_of_exclusive_labels():
    labels = np.zeros((100, 3), dtype=bool)
    labels[10:31, 0] = labels[30:60, 2] = True
    expected = np.zeros(100, dtype=np.int64)
    expected[10:30], expected[30], expected[31:60] = 1, -100, 3
    np.testing.assert_array_equal(exclusive_labels(labels), expected)


@pytest.mark.parametrize("options", [{"num_frames": 64}, {"max_frames": 128}])
def test_feature_extractors_that_fix_the_length_are_refused(options):
    with pytest.raises(ValueError, match="keeps the length of recordings"):
        FrameClassificationCollator(TMorFeatureExtractor(**options))


def test_unknown_problem_types_are_refused():
    with pytest.raises(ValueError, match="expected a problem_type out of"):
        FrameClassificationCollator(TMorFeatureExtractor(), "regression")
