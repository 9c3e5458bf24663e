# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Configurations: round trips, sub-configurations, defaults, presets and refusals."""

from __future__ import annotations

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import BertConfig, CLIPTextConfig, SiglipTextConfig, VideoMAEConfig

from tmor_hf import TMorConfig, TMorSkeletonConfig, TMorSkeletonModel


@pytest.mark.parametrize(
    ("preset", "low", "high"), [("tiny", 1e4, 5e4), ("small", 2.5e6, 3.5e6), ("base", 18e6, 22e6)]
)
def test_presets_have_the_sizes_that_they_say(preset, low, high):
    with torch.device("meta"):
        model = TMorSkeletonModel(getattr(TMorSkeletonConfig, preset)())
    assert low < model.num_parameters() < high


def test_presets_take_options():
    assert TMorSkeletonConfig.base(tubelet_size=6, num_labels=7).num_labels == 7
    assert TMorSkeletonConfig.tiny(hidden_size=64).hidden_size == 64


def test_skeleton_configuration_round_trip(tmp_path):
    config = TMorSkeletonConfig.tiny(body_parts=[list(range(11)), list(range(11, 22))], hidden_dropout_prob=0.1)
    config.save_pretrained(tmp_path)
    assert TMorSkeletonConfig.from_pretrained(tmp_path).to_dict() == config.to_dict()


def test_full_configuration_round_trip(tiny_config, tmp_path):
    tiny_config.save_pretrained(tmp_path)
    loaded = TMorConfig.from_pretrained(tmp_path)
    assert loaded.to_dict() == tiny_config.to_dict()
    assert isinstance(loaded.skeleton_config, TMorSkeletonConfig)
    assert isinstance(loaded.text_config, BertConfig)


def test_skeleton_configuration_comes_out_of_a_full_one(tiny_config, tmp_path):
    tiny_config.save_pretrained(tmp_path)
    assert TMorSkeletonConfig.from_pretrained(tmp_path).hidden_size == tiny_config.skeleton_config.hidden_size


def test_sub_configurations_may_be_dicts():
    config = TMorConfig(
        skeleton_config={"hidden_size": 32, "num_attention_heads": 2},
        text_config={"model_type": "bert", "hidden_size": 24, "num_attention_heads": 2},
        video_config={"model_type": "videomae", "hidden_size": 48, "num_attention_heads": 2},
    )
    assert isinstance(config.skeleton_config, TMorSkeletonConfig)
    assert isinstance(config.text_config, BertConfig)
    assert isinstance(config.video_config, VideoMAEConfig)
    assert config.video_embed_dim == 48


def test_defaults_have_text_but_no_video():
    config = TMorConfig()
    assert isinstance(config.text_config, CLIPTextConfig)
    assert config.video_config is None and config.video_embed_dim is None


def test_the_skeleton_tower_follows_the_projection():
    assert (
        TMorConfig(skeleton_config=TMorSkeletonConfig.tiny(), projection_dim=48).skeleton_config.projection_dim == 48
    )


@pytest.mark.parametrize(
    ("text_config", "pooling"),
    [(CLIPTextConfig(), "pooler"), (SiglipTextConfig(), "pooler"), (BertConfig(), "mean")],
)
def test_text_pooling_follows_the_text_tower_unless_given(text_config, pooling):
    assert TMorConfig(text_config=text_config).text_pooling == pooling
    assert TMorConfig(text_config=text_config, text_pooling="cls").text_pooling == "cls"


def test_temperature_follows_the_loss_unless_given():
    assert TMorConfig().logit_scale_init_value != TMorConfig(contrastive_loss="sigmoid").logit_scale_init_value
    assert TMorConfig(contrastive_loss="sigmoid", logit_scale_init_value=1.5).logit_scale_init_value == 1.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_size": 30, "num_attention_heads": 4}, "multiple of num_attention_heads"),
        ({"hidden_size": 33, "num_attention_heads": 3}, "even hidden_size"),
        ({"tubelet_size": 0}, "tubelet_size of at least 1"),
        ({"stem_channels": [48, 0]}, "stem_channels of at least 1"),
        ({"stem_kernel_size": 4}, "odd stem_kernel_size"),
        ({"num_coordinates": 2}, "expected num_coordinates 3"),
        ({"body_parts": [[0, 1], [1, 2]]}, "each of the 22 joints once"),
        ({"root_joint": 22}, "root_joint below 22"),
        ({"hidden_size": "wide"}, "hidden_size"),
    ],
)
def test_bad_skeleton_configurations_are_refused(options, message):
    with pytest.raises(StrictDataclassError, match=message):
        TMorSkeletonConfig(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text_pooling": "max"}, "expected text_pooling 'mean', 'cls' or 'pooler', got 'max'"),
        ({"contrastive_loss": "triplet"}, "expected contrastive_loss 'infonce' or 'sigmoid', got 'triplet'"),
        ({"projection_dim": 1.5}, "projection_dim"),
    ],
)
def test_bad_full_configurations_are_refused(options, message):
    with pytest.raises(StrictDataclassError, match=message):
        TMorConfig(**options)
