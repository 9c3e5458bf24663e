# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Batches for the contrastive trainer, and the tokenizer of towers trained from scratch."""

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertConfig

from tmor_hf import TMorConfig, TMorFeatureExtractor, TMorModel, TMorSkeletonConfig
from tmor_hf.data import ContrastiveCollator, ContrastiveItem, build_tokenizer, encode_captions, group_id
from tmor_hf.processing.skeletons import Skeletons

CAPTIONS = ["a person walks", "someone sits down on a chair", "a person walks"]
TOKENIZER = build_tokenizer(CAPTIONS)
VIDEO = np.full((2, 4, 4, 3), 255, dtype=np.uint8)


def items(videos=(None, None, None)):
    rng = np.random.default_rng(0)
    clips = [Skeletons(rng.normal(size=(frames, 22, 3)).astype(np.float32)) for frames in (5, 9, 3)]
    groups = ["walk", "sit down", "walk"]
    return [ContrastiveItem(*fields) for fields in zip(clips, CAPTIONS, groups, videos, strict=True)]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    text = BertConfig(
        vocab_size=len(TOKENIZER), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    return TMorModel(TMorConfig(skeleton_config=TMorSkeletonConfig.tiny(), text_config=text, projection_dim=8)).eval()


def test_batches_hold_what_the_feature_extractor_and_tokenizer_give():
    feature_extractor = TMorFeatureExtractor(num_frames=8)
    batch = ContrastiveCollator(feature_extractor, TOKENIZER)(items())
    expected = feature_extractor([item.skeletons for item in items()], return_tensors="pt")
    for name in feature_extractor.model_input_names:
        assert torch.equal(batch[name], expected[name])
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (3, 8)
    assert torch.equal(batch["input_ids"][0], batch["input_ids"][2])
    ids = batch["caption_ids"]
    assert ids.dtype == torch.int64 and ids[0] == ids[2] != ids[1]
    assert "has_video" not in batch


def test_captions_that_come_again_have_the_same_tokens(monkeypatch):
    monkeypatch.setattr("tmor_hf.data.collators._KEPT_CAPTIONS", 4)
    collator = ContrastiveCollator(TMorFeatureExtractor(num_frames=4), TOKENIZER)
    clip = items()[0]
    for start in range(12):
        captions = [" ".join(["a person walks"] * (1 + (start + step) % 5)) for step in range(3)] + ["sits down"]
        batch = collator([clip._replace(caption=caption) for caption in captions])
        expected = TOKENIZER(captions, padding=True, truncation=True, return_tensors="pt")
        assert all(torch.equal(batch[name], expected[name]) for name in expected)


def test_group_ids_are_the_same_in_every_run_and_fit_int64():
    assert group_id("walk") == 1520542885026177688
    assert len({group_id(f"group {number}") for number in range(1000)}) == 1000
    assert all(0 <= group_id(f"group {number}") < 2**63 for number in range(1000))


def test_features_of_a_locked_text_tower_give_the_embeddings_of_its_tokens(model):
    features = encode_captions(model, TOKENIZER, CAPTIONS, batch_size=1)
    assert set(features) == set(CAPTIONS)
    feature_extractor = TMorFeatureExtractor(num_frames=8)
    by_tokens = ContrastiveCollator(feature_extractor, TOKENIZER)(items())
    by_features = ContrastiveCollator(feature_extractor, caption_features=features)(items())
    assert "input_ids" not in by_features and torch.equal(by_features["caption_features"], by_features["text_embeds"])
    for batch in (by_tokens, by_features):
        del batch["caption_ids"]
        batch.pop("caption_features", None)
    with torch.no_grad():
        torch.testing.assert_close(model(**by_features).logits_per_skeleton, model(**by_tokens).logits_per_skeleton)
    with pytest.raises(KeyError, match="no features for the caption"):
        ContrastiveCollator(feature_extractor, caption_features={})(items())


def test_encoding_captions_leaves_the_model_in_its_mode(model):
    model.train()
    encode_captions(model, TOKENIZER, CAPTIONS)
    assert model.training
    model.eval()


def test_videos_have_a_row_for_each_clip_that_has_one():
    collator = ContrastiveCollator(TMorFeatureExtractor(), TOKENIZER, video_shape=(2, 4, 4))
    batch = collator(items((VIDEO, None, VIDEO // 255)))
    assert batch["has_video"].tolist() == [True, False, True]
    assert batch["pixel_values_videos"].shape == (2, 2, 3, 4, 4)
    assert (batch["pixel_values_videos"][0] == 1).all()
    torch.testing.assert_close(batch["pixel_values_videos"][1], torch.full((2, 3, 4, 4), 1 / 127.5 - 1))
    empty = collator(items())
    assert not empty["has_video"].any() and empty["pixel_values_videos"].shape == (3, 2, 3, 4, 4)
    with pytest.raises(ValueError, match="expected videos of shape"):
        collator(items((VIDEO[:1], None, None)))


def test_a_collator_needs_words():
    with pytest.raises(ValueError, match="tokenizer or caption_features"):
        ContrastiveCollator(TMorFeatureExtractor())


def test_the_tokenizer_is_a_function_of_its_texts_and_survives_saving(tmp_path):
    again = build_tokenizer(list(CAPTIONS))
    assert again.get_vocab() == TOKENIZER.get_vocab()
    TOKENIZER.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    texts = ["A person WALKS.", "two persons sitting"]
    assert loaded(texts)["input_ids"] == TOKENIZER(texts)["input_ids"]


def test_the_tokenizer_splits_words_that_it_does_not_know():
    assert TOKENIZER.tokenize("Someone walks!") == ["someone", "walks", "!"]
    pieces = TOKENIZER.tokenize("doffing persons")
    assert "".join(piece.removeprefix("##") for piece in pieces) == "doffingpersons"
    assert "person" in pieces and "[UNK]" not in pieces
    with pytest.raises(ValueError, match="vocab_size of at least"):
        build_tokenizer(CAPTIONS, vocab_size=10)


def test_the_tokenizer_keeps_the_commonest_words():
    texts = ["walk walk walk", "sit sit", "jump"]
    smallest = len(build_tokenizer([]))
    vocabulary = build_tokenizer(texts, vocab_size=smallest + 2).get_vocab()
    assert {"walk", "sit"} <= set(vocabulary) and "jump" not in vocabulary
