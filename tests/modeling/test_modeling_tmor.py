# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The three-tower model: embeddings, losses, pre-computed features, and loading parts of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from transformers import AutoModel, BertConfig, BertModel, CLIPConfig, CLIPModel, VideoMAEConfig

from tmor_hf import (
    TMorConfig,
    TMorForSkeletonActionClassification,
    TMorModel,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)

SIZES = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture
def batch(mixed_clips, tiny_processor) -> dict[str, torch.Tensor]:
    """Four clips with their texts and videos of three frames."""
    texts = ["walking", "a person is sitting down", "someone waving with the left hand", "jumping quickly"]
    inputs = dict(tiny_processor(text=texts, skeletons=mixed_clips, return_tensors="pt"))
    inputs["pixel_values_videos"] = torch.randn(4, 3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    return inputs


@contextmanager
def captured_warnings() -> Iterator[io.StringIO]:
    """What transformers logs at level WARNING or above."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("transformers")
    logger.addHandler(handler)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)


def test_embeddings_have_unit_length_and_logits_are_scaled_similarities(tiny_model, batch):
    with torch.no_grad():
        outputs = tiny_model(**batch)
    for embeds in (outputs.skeleton_embeds, outputs.text_embeds, outputs.video_embeds):
        assert embeds.shape == (4, 16)
        torch.testing.assert_close(embeds.norm(dim=-1), torch.ones(4))
    scale = tiny_model.logit_scale.exp()
    torch.testing.assert_close(outputs.logits_per_skeleton, scale * outputs.skeleton_embeds @ outputs.text_embeds.T)
    torch.testing.assert_close(outputs.logits_per_text, outputs.logits_per_skeleton.T)
    torch.testing.assert_close(outputs.logits_per_video, scale * outputs.video_embeds @ outputs.skeleton_embeds.T)
    assert outputs.loss is None


def test_features_normalised_are_the_embeddings(tiny_model, batch):
    outputs = tiny_model(**batch)
    clip = {name: batch[name] for name in ("keypoints", "joint_mask", "frame_mask", "depth_mask")}
    text = {name: batch[name] for name in ("input_ids", "attention_mask")}
    pairs = [
        (tiny_model.get_skeleton_features(**clip), outputs.skeleton_embeds),
        (tiny_model.get_text_features(**text), outputs.text_embeds),
        (tiny_model.get_video_features(batch["pixel_values_videos"]), outputs.video_embeds),
    ]
    for features, embeds in pairs:
        torch.testing.assert_close(torch.nn.functional.normalize(features.pooler_output, dim=-1), embeds)


def test_the_loss_is_cross_entropy_both_ways_for_text_and_video(tiny_model, batch):
    outputs = tiny_model(**batch, return_loss=True)
    target, cross_entropy = torch.arange(4), torch.nn.functional.cross_entropy
    expected = sum(
        (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2
        for logits in (outputs.logits_per_skeleton, outputs.logits_per_video)
    )
    torch.testing.assert_close(outputs.loss, expected)


def test_the_sigmoid_loss_takes_every_pair_for_itself(tiny_config, batch):
    tiny_config.contrastive_loss = "sigmoid"
    model = TMorModel(tiny_config).eval()
    del batch["pixel_values_videos"]
    outputs = model(**batch, return_loss=True)
    similarity = model.logit_scale.exp() * outputs.skeleton_embeds @ outputs.text_embeds.T + model.logit_bias
    torch.testing.assert_close(outputs.logits_per_skeleton, similarity)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(similarity, torch.eye(4), reduction="sum") / 4
    torch.testing.assert_close(outputs.loss, expected)


def test_only_the_sigmoid_model_has_a_bias(tiny_config):
    assert "logit_bias" not in dict(TMorModel(tiny_config).named_parameters())
    tiny_config.contrastive_loss = "sigmoid"
    assert "logit_bias" in dict(TMorModel(tiny_config).named_parameters())


def test_every_parameter_gets_a_gradient(tiny_model, batch):
    tiny_model(**batch, return_loss=True).loss.backward()
    without = [name for name, parameter in tiny_model.named_parameters() if parameter.grad is None]
    assert without == []


def test_one_modality_alone(tiny_model, batch):
    clip = {name: batch[name] for name in ("keypoints", "joint_mask", "frame_mask", "depth_mask")}
    outputs = tiny_model(**clip)
    assert outputs.skeleton_embeds is not None and outputs.logits_per_skeleton is None
    assert tiny_model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).text_embeds is not None
    assert tiny_model(pixel_values_videos=batch["pixel_values_videos"]).video_embeds is not None
    with pytest.raises(ValueError, match="expected keypoints together with text or video for the loss"):
        tiny_model(**clip, return_loss=True)
    with pytest.raises(ValueError, match="expected keypoints, text or video, got none"):
        tiny_model()


def test_numbers_of_texts_and_clips_may_differ_unless_a_loss_is_asked_for(tiny_model, batch):
    del batch["pixel_values_videos"]
    for name in ("keypoints", "joint_mask", "frame_mask", "depth_mask"):
        batch[name] = batch[name][:3]
    assert tiny_model(**batch).logits_per_skeleton.shape == (3, 4)
    with pytest.raises(ValueError, match="as many rows as columns"):
        tiny_model(**batch, return_loss=True)


def test_computed_features_may_stand_in_for_the_towers(tiny_model, batch):
    expected = tiny_model(**batch, return_loss=True)
    input_ids, attention_mask = batch.pop("input_ids"), batch.pop("attention_mask")
    batch.pop("token_type_ids", None)
    pixels = batch.pop("pixel_values_videos")
    text_embeds = tiny_model.pool_text(tiny_model.text_model(input_ids, attention_mask), attention_mask)
    frames = tiny_model.video_model(pixel_values=pixels.flatten(0, 1)).pooler_output
    outputs = tiny_model(
        **batch, text_embeds=text_embeds, video_embeds=frames.unflatten(0, (4, 3)).mean(1), return_loss=True
    )
    torch.testing.assert_close(outputs.loss, expected.loss)
    torch.testing.assert_close(outputs.text_embeds, expected.text_embeds)
    torch.testing.assert_close(outputs.video_embeds, expected.video_embeds)


def test_what_contradicts_itself_is_refused(tiny_model, batch):
    with pytest.raises(ValueError, match="`input_ids` or `text_embeds`, got both"):
        tiny_model(input_ids=batch["input_ids"], text_embeds=torch.zeros(4, 24))
    with pytest.raises(ValueError, match="`pixel_values_videos` or `video_embeds`, got both"):
        tiny_model(pixel_values_videos=batch["pixel_values_videos"], video_embeds=torch.zeros(4, 24))
    with pytest.raises(ValueError, match="expected `text_embeds` of size 24"):
        tiny_model(text_embeds=torch.zeros(4, 16))
    with pytest.raises(ValueError, match="expected pixel_values_videos"):
        tiny_model(pixel_values_videos=torch.zeros(4, 3, 16, 16))


def test_a_model_without_video_takes_features_if_it_says_so(tiny_config, batch):
    tiny_config.video_config = tiny_config.video_embed_dim = None
    model = TMorModel(tiny_config)
    with pytest.raises(ValueError, match="no video tower"):
        model(pixel_values_videos=batch["pixel_values_videos"])
    with pytest.raises(ValueError, match="takes no video"):
        model(video_embeds=torch.zeros(4, 40))
    tiny_config.video_embed_dim = 40
    assert TMorModel(tiny_config)(video_embeds=torch.ones(4, 40)).video_embeds.shape == (4, 16)


def test_a_video_tower_sees_whole_videos(tiny_config, batch):
    video_config = VideoMAEConfig(image_size=16, patch_size=8, num_frames=4, tubelet_size=2, **SIZES)
    model = TMorModel(TMorConfig(**{**tiny_config.to_dict(), "video_config": video_config})).eval()
    videos = torch.randn(4, 4, 3, 16, 16)
    embeds = model(pixel_values_videos=videos).video_embeds
    assert embeds.shape == (4, 16)
    assert not torch.allclose(model(pixel_values_videos=videos.flip(1)).video_embeds, embeds, atol=1e-4)


def test_padding_of_texts_does_not_change_their_embedding(tiny_model, tiny_tokenizer):
    short, long = "walking", "a person is waving slowly with the left hand"
    alone = tiny_model(**tiny_tokenizer([short], return_tensors="pt")).text_embeds
    padded = tiny_model(**tiny_tokenizer([short, long], padding=True, return_tensors="pt")).text_embeds
    torch.testing.assert_close(padded[:1], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "pooler"])
def test_text_poolings_differ_and_leave_no_idle_pooler(tiny_config, batch, pooling):
    tiny_config.text_pooling = pooling
    model = TMorModel(tiny_config)
    assert (model.text_model.pooler is not None) == (pooling == "pooler")
    model(**batch, return_loss=True).loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_save_and_load(tiny_model, batch, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    loaded, info = TMorModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(info.values())
    expected, outputs = tiny_model(**batch), loaded(**batch)
    torch.testing.assert_close(outputs.logits_per_skeleton, expected.logits_per_skeleton)
    torch.testing.assert_close(outputs.logits_per_video, expected.logits_per_video)


@pytest.mark.parametrize("model_class", [TMorSkeletonModel, TMorSkeletonModelWithProjection])
def test_the_skeleton_tower_loads_quietly_out_of_a_full_checkpoint(tiny_model, batch, model_class, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    with captured_warnings() as warnings:
        loaded, info = model_class.from_pretrained(tmp_path, output_loading_info=True)
    assert warnings.getvalue() == ""
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"]
    assert not any(name.startswith(("text_", "video_")) for name in loaded.state_dict())
    clip = {name: batch[name] for name in ("keypoints", "joint_mask", "frame_mask", "depth_mask")}
    outputs = loaded(**clip)
    if model_class is TMorSkeletonModel:
        torch.testing.assert_close(outputs.pooler_output, tiny_model.skeleton_model(**clip).pooler_output)
    else:
        torch.testing.assert_close(outputs.skeleton_embeds, tiny_model(**clip).skeleton_embeds)


def test_a_classifier_starts_from_a_contrastive_checkpoint(tiny_model, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    loaded, info = TMorForSkeletonActionClassification.from_pretrained(
        tmp_path, num_labels=7, output_loading_info=True
    )
    assert info["missing_keys"] == {"classifier.weight", "classifier.bias"}
    assert not info["unexpected_keys"]
    assert loaded.classifier.out_features == 7
    for name, values in tiny_model.skeleton_model.state_dict().items():
        torch.testing.assert_close(loaded.skeleton_model.state_dict()[name], values)


def test_the_encoder_loads_quietly_out_of_a_classifier(tiny_skeleton_config, tmp_path):
    TMorForSkeletonActionClassification(tiny_skeleton_config).save_pretrained(tmp_path)
    with captured_warnings() as warnings:
        _, info = TMorSkeletonModel.from_pretrained(tmp_path, output_loading_info=True)
    assert warnings.getvalue() == ""
    assert not any(info.values())


def test_assembly_from_pretrained_towers(tiny_model, batch, tmp_path):
    torch.manual_seed(1)
    text_model = BertModel(BertConfig(vocab_size=64, max_position_embeddings=32, **SIZES)).eval()
    text_model.save_pretrained(tmp_path / "text")
    tiny_model.save_pretrained(tmp_path / "skeleton")
    model = TMorModel.from_towers_pretrained(
        skeleton_model=tmp_path / "skeleton", text_model=tmp_path / "text", projection_dim=12
    ).eval()
    assert model.video_model is None
    for tower, original in ((model.skeleton_model, tiny_model.skeleton_model), (model.text_model, text_model)):
        for name, values in tower.state_dict().items():
            torch.testing.assert_close(values, original.state_dict()[name])
    del batch["pixel_values_videos"]
    assert model(**batch).text_embeds.shape == (4, 12)


def test_assembly_takes_the_towers_of_a_dual_encoder(tmp_path):
    text = {**SIZES, "vocab_size": 64, "max_position_embeddings": 32}
    clip = CLIPModel(CLIPConfig(text_config=text, vision_config={**SIZES, "image_size": 16, "patch_size": 8}))
    clip.save_pretrained(tmp_path)
    model = TMorModel.from_towers_pretrained(
        text_model=tmp_path, video_model=tmp_path, skeleton_config=TMorSkeletonConfig.tiny()
    )
    for tower, original in ((model.text_model, clip.text_model), (model.video_model, clip.vision_model)):
        state = original.state_dict()
        assert all(torch.equal(values, state[name]) for name, values in tower.state_dict().items())
    with pytest.raises(ValueError, match="expected `text_model`"):
        TMorModel.from_towers_pretrained(skeleton_config=TMorSkeletonConfig.tiny())


def test_weights_survive_construction_on_the_meta_device(tiny_config, tmp_path):
    TMorModel(tiny_config).save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path)
    assert loaded.logit_scale.item() == pytest.approx(tiny_config.logit_scale_init_value)
    assert loaded.logit_scale.ndim == 0


def test_bfloat16_is_near_float32(tiny_model, batch):
    expected = tiny_model(**batch)
    outputs = tiny_model.to(torch.bfloat16)(
        **{name: value.to(torch.bfloat16) if value.is_floating_point() else value for name, value in batch.items()}
    )
    for name in ("skeleton_embeds", "text_embeds", "video_embeds"):
        similarity = torch.nn.functional.cosine_similarity(outputs[name].float(), expected[name])
        assert similarity.min() > 0.999, name


def test_attention_may_be_chosen_for_each_tower(tiny_model, batch, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    choice = {"skeleton_config": "eager", "text_config": "sdpa", "video_config": "eager"}
    mixed = TMorModel.from_pretrained(tmp_path, attn_implementation=choice)
    assert mixed.skeleton_model.config._attn_implementation == "eager"
    assert mixed.text_model.config._attn_implementation == "sdpa"
    torch.testing.assert_close(
        mixed(**batch).logits_per_skeleton, tiny_model(**batch).logits_per_skeleton, atol=1e-4, rtol=1e-4
    )


def test_gradient_checkpointing_gives_the_same_gradients(tiny_model, batch):
    tiny_model.train()
    for tower in (tiny_model.text_model, tiny_model.video_model):
        tower.eval()  # BERT's dropout would differ between the two runs
    gradients = []
    for use_checkpoints in (False, True):
        if use_checkpoints:
            tiny_model.gradient_checkpointing_enable()
        tiny_model.zero_grad()
        tiny_model(**batch, return_loss=True).loss.backward()
        gradients.append({name: parameter.grad.clone() for name, parameter in tiny_model.named_parameters()})
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, msg=name)
