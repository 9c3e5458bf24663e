# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Validation of a contrastive model: with towers made by hand, results are those of hand counting."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tmor_hf.data import MotionClip, MotionDataset
from tmor_hf.evaluation import ContrastiveValidator
from tmor_hf.processing.skeletons import Skeletons

WORDS = ("walk", "sit", "wave")


class WordModel(torch.nn.Module):
    """Embeds a text by the word in it and a clip by the number in its first joint."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.eye(3))

    def get_text_features(self, input_ids):
        return SimpleNamespace(pooler_output=self.weight[input_ids] * 5)

    def get_skeleton_features(self, keypoints):
        return SimpleNamespace(pooler_output=self.weight[keypoints.long()] * 2)


class Tokens(dict):
    def to(self, device):
        return self


def tokenizer(texts, **kwargs):
    return Tokens(input_ids=torch.tensor([next(i for i, word in enumerate(WORDS) if word in text) for text in texts]))


def feature_extractor(clips, **kwargs):
    return {"keypoints": torch.tensor([clip.keypoints[0, 0, 0, 0] for clip in clips])}


def clip(shown, label):
    keypoints = np.full((1, 22, 3), shown, dtype=np.float32)
    word = WORDS[label]
    captions = (f"a person {word}s", f"{word}ing", "a walk")[:2]
    return MotionClip(Skeletons(keypoints), f"{shown}", "a", captions, word, label=label, class_name=word)


DATASETS = {
    "a": MotionDataset([clip(0, 0), clip(1, 1), clip(0, 2), clip(2, 2)], "a", WORDS),
    "b": MotionDataset([clip(1, 1)], "b", WORDS),
    "without classes": MotionDataset([clip(2, 2)], "c"),
}


def validator(**options):
    return ContrastiveValidator(DATASETS, feature_extractor, tokenizer, **options)


@pytest.mark.parametrize("batch_size", [1, 2, 128])
def test_clips_are_named_and_retrieved_as_counted_by_hand(batch_size):
    metrics = validator(batch_size=batch_size)(WordModel())
    assert metrics["zero_shot/a_top1"] == 0.75 and metrics["zero_shot/b_top1"] == 1
    assert metrics["zero_shot_top1"] == 0.875
    assert metrics["zero_shot/a_chance"] == pytest.approx(1 / 3)
    assert "zero_shot/without classes_top1" not in metrics
    # five clips of six show what their captions say; every text finds a clip that does
    assert metrics["retrieval/skeleton_to_text_R@1"] == pytest.approx(5 / 6)
    assert metrics["retrieval/skeleton_to_text_queries"] == 6
    assert metrics["retrieval/text_to_skeleton_queries"] == 6


def test_the_number_of_captions_is_that_asked_for():
    assert len(validator(captions_per_clip=1).texts) == 3
    assert len(validator().texts) == 6


def test_it_knows_which_captions_are_a_clips_own():
    held_out = validator(captions_per_clip=1)
    assert held_out.texts == ["a person walks", "a person sits", "a person waves"]
    assert held_out.is_own.argmax(axis=1).tolist() == [0, 1, 2, 2, 1, 2]
    assert (held_out.is_own.sum(axis=1) == 1).all() and (validator(captions_per_clip=2).is_own.sum(axis=1) == 2).all()


def test_held_out_clips_are_needed():
    with pytest.raises(ValueError, match="held-out clips"):
        ContrastiveValidator({"a": []}, feature_extractor, tokenizer)
