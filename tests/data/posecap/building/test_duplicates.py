# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from dataclasses import replace

import numpy as np
import pytest

from tmor_hf.data.posecap.building.duplicates import CaptionCounter, MotionIndex
from tmor_hf.data.synthetic import SyntheticMotion


@pytest.fixture(scope="module")
def clips():
    motion = SyntheticMotion(60, seed=5, sensor=None)
    found = [motion[index].skeletons for index in range(60)]
    return [replace(clip, keypoints=clip.keypoints[..., :2] * [100, -100] + 200, up_axis=None) for clip in found]


def test_different_motions_are_different(clips):
    index = MotionIndex(0.03)
    assert all(index.find_or_add(str(number), clip) is None for number, clip in enumerate(clips))


@pytest.mark.parametrize("change", ["moved and scaled", "jitter", "joints missing", "other rate"])
def test_the_same_motion_is_found_again(clips, change):
    index = MotionIndex(0.03)
    for number, clip in enumerate(clips):
        index.find_or_add(str(number), clip)
    rng, found = np.random.default_rng(0), []
    for number, clip in enumerate(clips):
        keypoints = clip.keypoints.copy()
        if change == "moved and scaled":
            keypoints = keypoints * 0.7 + 33
        elif change == "jitter":
            keypoints += rng.normal(0, 0.7, keypoints.shape)
        elif change == "joints missing":
            keypoints[3:5, :, 9] = np.nan
        else:
            keypoints = np.repeat(keypoints, 2, axis=0)
        found.append(index.find_or_add(f"again {number}", replace(clip, keypoints=keypoints.astype(np.float32))))
    hits = sum(name == str(number) for number, name in enumerate(found))
    assert hits >= 0.95 * len(clips) and set(found) <= {None, *map(str, range(len(clips)))}


def test_distance_0_keeps_all(clips):
    index = MotionIndex(0)
    assert index.find_or_add("a", clips[0]) is None and index.find_or_add("b", clips[0]) is None


def test_a_caption_may_be_used_up():
    counter = CaptionCounter(2)
    assert counter.add(("A man walks.",)) and counter.add(("a man  walks",))
    assert not counter.add(("a man walks!",))
    assert counter.add(("a man walks", "somebody strolls"))  # one of them says something new
    assert counter.add(()) and counter.add(()) and counter.add(())
    assert all(CaptionCounter(0).add(("x",)) for _ in range(5))
