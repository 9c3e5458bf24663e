# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Tiny models, a tiny tokenizer and random clips that tests share. Nothing here needs a network or a file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, CLIPVisionConfig, PreTrainedTokenizerFast

from tmor_hf import (
    Skeletons,
    TMorConfig,
    TMorFeatureExtractor,
    TMorModel,
    TMorProcessor,
    TMorSkeletonConfig,
    get_layout,
)

WORDS = (
    "a person is someone walking sitting down standing up waving jumping running throwing ball drinking clapping with "
    "the left right hand slowly quickly . ,"
)


torch.set_num_threads(1)  # threads cost tiny models more than they give


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def tiny_skeleton_config() -> TMorSkeletonConfig:
    return TMorSkeletonConfig.tiny()


@pytest.fixture
def tiny_tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", *dict.fromkeys(WORDS.split())])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    )


@pytest.fixture
def tiny_config(tiny_skeleton_config: TMorSkeletonConfig) -> TMorConfig:
    """Three towers: skeletons, text (BERT, mean of tokens) and video (CLIP vision, mean of frames)."""
    sizes = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    text_config = BertConfig(vocab_size=64, max_position_embeddings=32, **sizes)
    video_config = CLIPVisionConfig(image_size=16, patch_size=8, **sizes)
    return TMorConfig(
        skeleton_config=tiny_skeleton_config, text_config=text_config, video_config=video_config, projection_dim=16
    )


@pytest.fixture
def tiny_model(tiny_config: TMorConfig) -> TMorModel:
    torch.manual_seed(0)
    return TMorModel(tiny_config).eval()


@pytest.fixture
def tiny_feature_extractor() -> TMorFeatureExtractor:
    return TMorFeatureExtractor()


@pytest.fixture
def tiny_processor(
    tiny_feature_extractor: TMorFeatureExtractor, tiny_tokenizer: PreTrainedTokenizerFast
) -> TMorProcessor:
    return TMorProcessor(tiny_feature_extractor, tiny_tokenizer)


@pytest.fixture
def random_clip(rng: np.random.Generator) -> Callable[..., Skeletons]:
    """Makes a clip: a body of fixed random shape that drifts, with a little motion of every joint."""

    def make(frames: int = 12, people: int = 1, layout: str = "ntu25", coordinates: int = 3, **fields) -> Skeletons:
        joints = get_layout(layout).num_joints
        body = rng.normal(size=(people, joints, coordinates))
        drift = rng.normal(scale=0.1, size=(frames, people, 1, coordinates)).cumsum(axis=0)
        motion = rng.normal(scale=0.1, size=(frames, people, joints, coordinates))
        keypoints = (body + drift + motion + 2).astype(np.float32)
        return Skeletons(keypoints=keypoints, layout=layout, **fields)

    return make


@pytest.fixture
def mixed_clips(random_clip: Callable[..., Skeletons]) -> list[Skeletons]:
    """Clips that differ in frames, people, layout and coordinates."""
    return [
        random_clip(frames=9, people=1, layout="ntu25"),
        random_clip(frames=17, people=2, layout="coco17", coordinates=2),
        random_clip(frames=5, people=3, layout="smpl22"),
        random_clip(frames=1, people=1, layout="h36m17"),
    ]
