# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips and sequences of them."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf import Skeletons
from tmor_hf.data import MotionClip, MotionDataset

CLASSES = ("sitting down", "standing up")


@pytest.fixture()
def clips() -> MotionDataset:
    skeletons = Skeletons(np.zeros((1, 1, 25, 3), dtype=np.float32), layout="ntu25")
    made = (
        MotionClip(skeletons, f"clip{label}", "toy", ("a caption",), str(label), label, CLASSES[label], "7")
        for label in (0, 1, 1)
    )
    return MotionDataset(made, "toy", CLASSES)


def test_other_labels_bring_their_names_and_leave_the_rest(clips):
    changed = clips.with_labels(np.array([1, 0, 1]))
    assert changed.labels.tolist() == [1, 0, 1] and clips.labels.tolist() == [0, 1, 1]
    assert [clip.class_name for clip in changed] == ["standing up", "sitting down", "standing up"]
    assert [(clip.name, clip.captions, clip.subject) for clip in changed] == [
        (clip.name, clip.captions, clip.subject) for clip in clips
    ]
    assert (changed.name, changed.class_names) == ("toy", CLASSES)


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2], [0, 1, -1], []])
def test_labels_that_do_not_fit_are_refused(clips, labels):
    with pytest.raises(ValueError, match=f"expected 3 labels below 2, got {len(labels)}"):
        clips.with_labels(labels)
