# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Learned prompt tokens of the encoder: seen by attention, left out of the output, absent by default."""

from __future__ import annotations

import logging

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError

from tmor_hf import TMorSkeletonConfig, TMorSkeletonModel


@pytest.fixture
def models():
    """The same encoder without prompts, and with two in each layer."""
    torch.manual_seed(0)
    plain = TMorSkeletonModel(TMorSkeletonConfig.tiny()).eval()
    prompted = TMorSkeletonModel(TMorSkeletonConfig.tiny(num_prompt_tokens=2)).eval()
    prompted.load_state_dict(plain.state_dict(), strict=False)
    return plain, prompted


@pytest.fixture
def keypoints():
    return torch.randn(2, 8, 2, 22, 3, generator=torch.Generator().manual_seed(1))


def test_by_default_there_are_none(models):
    plain, prompted = models
    assert plain.config.num_prompt_tokens == 0
    assert set(prompted.state_dict()) - set(plain.state_dict()) == {"prompt_embeddings"}
    assert prompted.prompt_embeddings.shape == (2, 2, 32) and prompted.prompt_embeddings.std() > 0.01


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_every_prompt_is_seen_and_none_is_in_the_output(models, keypoints, attention):
    plain, prompted = models
    prompted.set_attn_implementation(attention)
    outputs = prompted(keypoints)
    expected = plain(keypoints)
    assert outputs.last_hidden_state.shape == expected.last_hidden_state.shape
    assert not torch.allclose(outputs.pooler_output, expected.pooler_output, atol=1e-5)
    torch.testing.assert_close(outputs.pooler_output, outputs.last_hidden_state.mean(dim=1))
    outputs.pooler_output.square().sum().backward()
    assert (prompted.prompt_embeddings.grad.abs().sum(dim=-1) > 0).all()


def test_padding_and_batch_mates_still_change_nothing(models, keypoints):
    _, prompted = models
    with torch.no_grad():
        alone = prompted(keypoints[:1, :5]).pooler_output
        frame_mask = torch.tensor([[True] * 5 + [False] * 3, [True] * 8])
        together = prompted(keypoints, frame_mask=frame_mask).pooler_output[:1]
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


def test_a_checkpoint_without_prompts_loads_quietly(models, keypoints, tmp_path, caplog):
    plain, _ = models
    plain.save_pretrained(tmp_path)
    with caplog.at_level(logging.WARNING, logger="transformers"):
        loaded = TMorSkeletonModel.from_pretrained(tmp_path)
    assert not caplog.records
    torch.testing.assert_close(loaded(keypoints).pooler_output, plain(keypoints).pooler_output)


def test_a_checkpoint_with_prompts_keeps_them(models, tmp_path):
    _, prompted = models
    prompted.save_pretrained(tmp_path)
    loaded = TMorSkeletonModel.from_pretrained(tmp_path)
    assert torch.equal(loaded.prompt_embeddings, prompted.prompt_embeddings)


def test_a_negative_number_is_refused():
    with pytest.raises(StrictDataclassError, match="num_prompt_tokens of at least 0"):
        TMorSkeletonConfig.tiny(num_prompt_tokens=-1)
