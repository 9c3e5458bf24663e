# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Scores and embeddings of many clips: the order stays, views are averaged, and the model is left as it was."""

import numpy as np
import pytest
import torch

from tmor_hf import (
    Skeletons,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorSkeletonConfig,
    TMorSkeletonModel,
)
from tmor_hf.evaluation import embed_clips, embed_texts, predict_logits
from tmor_hf.processing.augmentation import mirror


@pytest.fixture
def model():
    torch.manual_seed(0)
    config = TMorSkeletonConfig.tiny(num_labels=3, hidden_dropout_prob=0.5, initializer_range=0.2)
    return TMorForSkeletonActionClassification(config)


@pytest.fixture
def clips(random_clip):
    return [random_clip(frames=frames) for frames in (9, 30, 4, 17, 1)]


def log_mean_softmax(logits):
    return np.log(torch.from_numpy(np.stack(logits)).softmax(-1).mean(0).numpy())


def test_each_clip_gets_the_logits_that_it_gets_alone(model, clips):
    extractor = TMorFeatureExtractor()
    model.train()
    together = predict_logits(model, extractor, clips, batch_size=2)
    assert model.training and together.dtype == np.float32
    model.eval()
    with torch.no_grad():
        alone = [model(**extractor(clip, return_tensors="pt")).logits[0].numpy() for clip in clips]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    wrapped = [type("Clip", (), {"skeletons": clip})() for clip in clips]
    np.testing.assert_array_equal(predict_logits(model, extractor, wrapped, batch_size=2), together)


def test_views_are_windows_from_start_to_end_with_probabilities_averaged(model, clips):
    extractor = TMorFeatureExtractor(num_frames=8)
    clip = clips[1]  # 30 frames
    windows = [Skeletons(clip.keypoints[start : start + 15], layout=clip.layout) for start in (0, 8, 15)]
    expected = log_mean_softmax(predict_logits(model, extractor, windows))
    found = predict_logits(model, extractor, clips, num_views=3, view_share=0.5)
    np.testing.assert_allclose(found[1], expected, atol=1e-5)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, atol=1e-5)
    assert np.abs(found[1] - predict_logits(model, extractor, clips)[1]).max() > 1e-3


def test_the_mirror_image_counts_as_much(model, clips):
    extractor = TMorFeatureExtractor()
    expected = log_mean_softmax([predict_logits(model, extractor, [c])[0] for c in (clips[0], mirror(clips[0]))])
    found = predict_logits(model, extractor, clips, mirror=True)
    np.testing.assert_allclose(found[0], expected, atol=1e-5)


def test_a_view_in_which_nobody_is_seen_takes_the_whole_clip(model, clips):
    extractor = TMorFeatureExtractor(num_frames=8)
    keypoints = clips[1].keypoints.copy()
    keypoints[:20] = np.nan
    clip = Skeletons(keypoints, layout=clips[1].layout)
    window = Skeletons(keypoints[15:], layout=clip.layout)
    expected = log_mean_softmax(predict_logits(model, extractor, [clip, window]))
    np.testing.assert_allclose(
        predict_logits(model, extractor, [clip], num_views=2, view_share=0.5)[0], expected, atol=1e-5
    )


def test_embeddings_are_pooled_tokens_or_of_unit_length(model, tiny_model, clips):
    extractor = TMorFeatureExtractor()
    pooled = embed_clips(model, extractor, clips, batch_size=2)
    np.testing.assert_allclose(embed_clips(model.skeleton_model, extractor, clips), pooled, atol=1e-5)
    assert pooled.shape == (5, model.config.hidden_size)
    projected = embed_clips(tiny_model, extractor, clips, features="projected")
    with torch.no_grad():
        own = tiny_model.get_skeleton_features(**extractor(clips, return_tensors="pt")).pooler_output
    np.testing.assert_allclose(projected, torch.nn.functional.normalize(own, dim=-1), atol=1e-5)


def test_what_cannot_be_done_is_refused(model, clips):
    extractor = TMorFeatureExtractor()
    with pytest.raises(ValueError, match="at least one clip"):
        predict_logits(model, extractor, [])
    for options in ({"num_views": 0}, {"view_share": 0.0}, {"view_share": 1.5}):
        with pytest.raises(ValueError, match="num_views"):
            predict_logits(model, extractor, clips, **options)
    for features in ("projected", "tokens"):
        with pytest.raises(ValueError, match="expected features"):
            embed_clips(TMorSkeletonModel(model.config), extractor, clips, features=features)


def test_each_text_gets_the_embedding_that_it_gets_alone(tiny_model, tiny_processor):
    texts = ["jump", "a person sits down and stands up again", "walk"]
    tiny_model.train()
    together = embed_texts(tiny_model, tiny_processor.tokenizer, texts, batch_size=2)
    assert tiny_model.training and together.dtype == np.float32
    tiny_model.eval()
    for text, row in zip(texts, together, strict=True):
        tokens = tiny_processor(text=[text], return_tensors="pt")
        with torch.no_grad():
            feature = tiny_model.get_text_features(**tokens).pooler_output[0]
        np.testing.assert_allclose(row, feature / feature.norm(), atol=1e-5)
    with pytest.raises(ValueError, match="at least one text"):
        embed_texts(tiny_model, tiny_processor.tokenizer, [])


def test_the_clip_that_nobody_is_seen_in_is_named_by_its_place(model, clips):
    nobody = Skeletons(np.full((300, 1, 25, 3), np.nan, dtype=np.float32), layout="ntu25")
    with pytest.raises(ValueError, match="^clip 5: expected at least one joint"):
        predict_logits(model, TMorFeatureExtractor(), [*clips, nobody], batch_size=2)
