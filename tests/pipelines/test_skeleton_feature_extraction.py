# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import pipeline

from tmor_hf import TMorModel, TMorSkeletonModel, TMorSkeletonModelWithProjection


def test_projected_features_are_the_models_embedding(feature_pipe, tiny_feature_extractor, random_clip):
    clip = random_clip()
    with torch.no_grad():
        expected = feature_pipe.model(**tiny_feature_extractor(clip, return_tensors="pt")).skeleton_embeds[0]
    torch.testing.assert_close(feature_pipe(clip, return_tensors=True), expected)
    assert feature_pipe(clip, features="projected") == pytest.approx(expected.tolist(), abs=1e-5)


def test_features_by_kind(feature_pipe, tiny_feature_extractor, random_clip):
    clip = random_clip(frames=10, people=2)
    with torch.no_grad():
        outputs = feature_pipe.model.skeleton_model(**tiny_feature_extractor(clip, return_tensors="pt"))
    pooled = feature_pipe(clip, features="pooled", return_tensors="pt")
    tokens = feature_pipe(clip, features="tokens", return_tensors="pt")
    torch.testing.assert_close(pooled, outputs.pooler_output[0])
    assert tokens.shape == (2, 3, 5, 32)  # people, tubelets of 4 frames, body parts, hidden size
    torch.testing.assert_close(tokens.flatten(0, 2), outputs.last_hidden_state[0])


def test_tokens_of_a_batch_are_those_of_the_clip_alone(feature_pipe, mixed_clips):
    batched = feature_pipe(mixed_clips, features="tokens", return_tensors="np", batch_size=4)
    for clip, tokens in zip(mixed_clips, batched, strict=True):
        np.testing.assert_allclose(tokens, feature_pipe(clip, features="tokens", return_tensors="np"), atol=1e-5)


@pytest.mark.parametrize(("return_tensors", "kind"), [(True, torch.Tensor), ("pt", torch.Tensor), ("np", np.ndarray)])
def test_return_tensors(feature_pipe, random_clip, return_tensors, kind):
    features = feature_pipe(random_clip(), return_tensors=return_tensors)
    assert isinstance(features, kind)
    assert features.shape == (16,)


def test_bfloat16_features_become_numpy(feature_pipe, random_clip):
    feature_pipe.model.to(torch.bfloat16)
    assert feature_pipe(random_clip(), return_tensors="np").dtype == np.float32


def test_a_full_checkpoint_loads_no_text_and_no_video(feature_pipe, random_clip, tmp_path):
    clip = random_clip()
    feature_pipe.model.save_pretrained(tmp_path)
    feature_pipe.feature_extractor.save_pretrained(tmp_path)
    loaded = pipeline("skeleton-feature-extraction", model=str(tmp_path))
    assert isinstance(loaded.model, TMorSkeletonModelWithProjection)
    assert loaded(clip) == pytest.approx(feature_pipe(clip), abs=1e-5)

    loaded.save_pretrained(tmp_path / "small")
    again = pipeline("skeleton-feature-extraction", model=str(tmp_path / "small"))
    assert isinstance(again.model, TMorSkeletonModelWithProjection)
    assert again(clip) == pytest.approx(feature_pipe(clip), abs=1e-5)


def test_models_without_projection_give_pooled_features(
    tiny_model, classifier_model, tiny_feature_extractor, random_clip, tmp_path
):
    for model in (tiny_model.skeleton_model, classifier_model):
        pipe = pipeline("skeleton-feature-extraction", model, feature_extractor=tiny_feature_extractor)
        pipe.save_pretrained(tmp_path / type(model).__name__)
        loaded = pipeline("skeleton-feature-extraction", model=str(tmp_path / type(model).__name__))
        assert isinstance(loaded.model, TMorSkeletonModel)
        clip = random_clip()
        assert pipe(clip) == pipe(clip, features="pooled") == pytest.approx(loaded(clip), abs=1e-5)
        with pytest.raises(ValueError, match="expected a model with a projection"):
            pipe(clip, features="projected")


def test_a_pipeline_on_a_contrastive_model_without_video(tiny_config, tiny_feature_extractor, random_clip):
    tiny_config.video_config = tiny_config.video_embed_dim = None
    pipe = pipeline("skeleton-feature-extraction", TMorModel(tiny_config), feature_extractor=tiny_feature_extractor)
    assert len(pipe(random_clip())) == 16


def test_wrong_options_are_refused(feature_pipe, random_clip):
    with pytest.raises(ValueError, match="expected features as one of"):
        feature_pipe(random_clip(), features="frames")
    with pytest.raises(ValueError, match="expected return_tensors as one of"):
        feature_pipe(random_clip(), return_tensors="tf")


def test_another_kind_of_model_is_refused(tiny_model, tiny_feature_extractor):
    with pytest.raises(TypeError, match="expected a T-MOR model, such as TMorModel, got BertModel"):
        pipeline("skeleton-feature-extraction", tiny_model.text_model, feature_extractor=tiny_feature_extractor)
