# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The skeleton encoder and the classifier: what must not change a result, and the ways in which they may run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import set_seed
from transformers.utils import hub

from tmor_hf import (
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from tmor_hf.data import SyntheticMotion


@pytest.fixture(params=[None, [8, 12]], ids=["linear", "convolutions"])
def tiny_skeleton_config(request) -> TMorSkeletonConfig:
    """With both ways to make tokens of tubelets."""
    return TMorSkeletonConfig.tiny(stem_channels=request.param)


@pytest.fixture
def model(tiny_skeleton_config) -> TMorSkeletonModel:
    set_seed(0)
    return TMorSkeletonModel(tiny_skeleton_config).eval()


@pytest.fixture
def classifier(tiny_skeleton_config) -> TMorForSkeletonActionClassification:
    set_seed(0)
    tiny_skeleton_config.num_labels = 5
    return TMorForSkeletonActionClassification(tiny_skeleton_config).eval()


@pytest.fixture
def convolutional() -> TMorSkeletonModel:
    set_seed(0)
    return TMorSkeletonModel(TMorSkeletonConfig.tiny(stem_channels=[8, 12]))


@pytest.fixture
def batch(mixed_clips, tiny_feature_extractor) -> dict[str, torch.Tensor]:
    """Four clips of different lengths, numbers of people, and coordinates."""
    return dict(tiny_feature_extractor(mixed_clips, return_tensors="pt"))


def embed(model: TMorSkeletonModel, **inputs: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(**inputs).pooler_output


def test_output_shapes(model, batch):
    outputs = model(**batch, output_hidden_states=True)
    frames, people = batch["keypoints"].shape[1:3]
    tubelets = -(-frames // model.config.tubelet_size)
    assert outputs.last_hidden_state.shape == (4, people * tubelets * 5, 32)
    assert outputs.pooler_output.shape == (4, 32)
    assert len(outputs.hidden_states) == model.config.num_hidden_layers + 1


def test_batch_mates_do_not_change_an_embedding(model, batch, mixed_clips, tiny_feature_extractor):
    alone = [embed(model, **tiny_feature_extractor(clip, return_tensors="pt")) for clip in mixed_clips]
    torch.testing.assert_close(embed(model, **batch), torch.cat(alone), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("padding", [1, 3, 4, 13])
def test_padding_frames_do_not_change_an_embedding(model, batch, padding):
    padded = {
        "keypoints": torch.nn.functional.pad(batch["keypoints"], (0, 0) * 3 + (0, padding), value=7.0),
        "joint_mask": torch.nn.functional.pad(batch["joint_mask"], (0, 0) * 2 + (0, padding), value=True),
        "frame_mask": torch.nn.functional.pad(batch["frame_mask"], (0, padding)),
        "depth_mask": torch.nn.functional.pad(batch["depth_mask"], (0, padding)),
    }
    torch.testing.assert_close(embed(model, **padded), embed(model, **batch), atol=1e-5, rtol=1e-5)


def test_empty_person_slots_do_not_change_an_embedding(model, batch):
    padded = {
        **batch,
        "keypoints": torch.nn.functional.pad(batch["keypoints"], (0, 0, 0, 0, 1, 2)),
        "joint_mask": torch.nn.functional.pad(batch["joint_mask"], (0, 0, 1, 2)),
    }
    torch.testing.assert_close(embed(model, **padded), embed(model, **batch), atol=1e-5, rtol=1e-5)


def test_the_order_of_people_does_not_change_an_embedding(model, batch):
    order = [2, 0, 1]
    shuffled = {**batch, "keypoints": batch["keypoints"][:, :, order], "joint_mask": batch["joint_mask"][:, :, order]}
    torch.testing.assert_close(embed(model, **shuffled), embed(model, **batch), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("garbage", [1e4, float("nan"), float("inf")])
def test_masked_values_never_leak(model, batch, garbage):
    batch["joint_mask"][:2, 1:3, 0, 3:9] = False
    expected = embed(model, **batch)
    hidden = ~batch["joint_mask"][..., None] | ~batch["frame_mask"][:, :, None, None, None]
    keypoints = torch.where(hidden, garbage, batch["keypoints"])
    keypoints[..., 2] = torch.where(batch["depth_mask"][:, :, None, None], keypoints[..., 2], garbage)
    assert not torch.equal(keypoints, batch["keypoints"])
    torch.testing.assert_close(embed(model, **{**batch, "keypoints": keypoints}), expected)


def test_masked_garbage_gives_finite_gradients(model, batch):
    batch["keypoints"][~batch["joint_mask"]] = float("nan")
    model(**batch).pooler_output.sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters() if parameter.grad is not None)


def test_a_joint_that_is_masked_differs_from_one_at_the_root(model, batch):
    masked = {**batch, "joint_mask": batch["joint_mask"].clone()}
    masked["joint_mask"][:, :, :, 13] = False
    at_root = {**batch, "keypoints": batch["keypoints"].clone()}
    at_root["keypoints"][:, :, :, 13] = at_root["keypoints"][:, :, :, 0]
    assert not torch.allclose(embed(model, **masked), embed(model, **at_root), atol=1e-4)


def test_velocity_is_zero_unless_both_frames_are_seen(model):
    position = torch.tensor([1.0, 2.0, 4.0, 0.0, 9.0, 10.0]).view(1, 6, 1)
    mask = torch.tensor([True, True, True, False, True, True]).view(1, 6)
    features = model.embeddings.with_velocity(position, mask)
    assert features[0].tolist() == [[1, 0, 1], [2, 1, 1], [4, 2, 1], [0, 0, 0], [9, 0, 1], [10, 1, 1]]


def test_two_coordinates_equal_three_without_depth(model, batch):
    keypoints = batch.pop("keypoints")
    flat = {**batch, "depth_mask": torch.zeros_like(batch["depth_mask"])}
    expected = embed(model, keypoints=keypoints, **flat)
    torch.testing.assert_close(embed(model, keypoints=keypoints[..., :2], **batch), expected)
    del flat["depth_mask"]
    torch.testing.assert_close(embed(model, keypoints=keypoints[..., :2], **flat), expected)


def test_depth_counts_where_it_is_known(model, batch):
    flat = {**batch, "depth_mask": torch.zeros_like(batch["depth_mask"])}
    changed = (embed(model, **flat) - embed(model, **batch)).abs().amax(dim=1) > 1e-4
    assert changed.tolist() == [True, False, True, True]  # the second clip is 2D


def test_masks_by_default_are_where_values_are_finite(model, batch):
    keypoints = torch.where(batch["joint_mask"][..., None], batch["keypoints"], float("nan"))[[0, 2, 3]]
    explicit = {name: values[[0, 2, 3]] for name, values in batch.items()}
    torch.testing.assert_close(embed(model, keypoints=keypoints), embed(model, **explicit))


def test_what_the_convolutions_see_is_on_one_scale(convolutional):
    motion = SyntheticMotion(100, seed=3)
    inputs = TMorFeatureExtractor(num_frames=64)(
        [motion[index].skeletons for index in range(100)], return_tensors="pt"
    )
    embeddings, seen = convolutional.embeddings, []
    embeddings.part_projections[1].register_forward_pre_hook(lambda module, args: seen.append(args))  # the left arm
    embeddings(*(inputs[name] for name in ("keypoints", "joint_mask", "depth_mask")))
    features, mask = seen[0]
    values = features.unflatten(1, (5, 7)).permute(1, 2, 0, 3)[:, :6, mask]  # (joints and root, channels, moments)
    assert values.mean(dim=-1).abs().max() < 0.5
    assert values.std(dim=-1).min() > 0.5 and values.std(dim=-1).max() < 2.0


def test_other_joints_than_the_canonical_ones_are_not_scaled():
    config = TMorSkeletonConfig.tiny(stem_channels=[8], num_joints=3, body_parts=[[0, 1], [2]])
    embeddings = TMorSkeletonModel(config).embeddings
    assert not embeddings.input_mean.any() and (embeddings.input_scale == 1).all()
    assert embeddings.input_mean.shape == (4, 6)


def test_convolutions_see_the_frames_beside_a_tubelet(convolutional, batch):
    inputs = {name: values[:1, :16] for name, values in batch.items()}
    changed = {**inputs, "keypoints": inputs["keypoints"].clone()}
    changed["keypoints"][:, 8, 0, 7] += 1.0  # the left arm, in the first frame of the third tubelet of four frames
    embeddings, shape = convolutional.eval().embeddings, (1, inputs["keypoints"].shape[2], 4, 5, -1)
    tokens = [
        embeddings(*(batch[name] for name in ("keypoints", "joint_mask", "depth_mask")))[0].view(shape)
        for batch in (inputs, changed)
    ]
    is_changed = (tokens[0] != tokens[1]).any(dim=-1)[0, 0]
    assert is_changed[2, 1] and is_changed[1, 1]
    assert not is_changed[:, [0, 2, 3, 4]].any()  # other parts, whose root stays


@pytest.mark.parametrize("tubelet_size", [1, 2, 3, 4, 6, 8])
@pytest.mark.parametrize("stem_channels", [[6], [6, 7, 8]])
def test_convolutions_make_a_token_of_each_tubelet(batch, tubelet_size, stem_channels):
    config = TMorSkeletonConfig.tiny(stem_channels=stem_channels, tubelet_size=tubelet_size)
    outputs = TMorSkeletonModel(config).eval()(**batch)
    frames, people = batch["keypoints"].shape[1:3]
    assert outputs.last_hidden_state.shape[1] == people * -(-frames // tubelet_size) * 5


@pytest.mark.parametrize("frames", [1, 3, 4, 5, 2000])
def test_any_number_of_frames(model, random_clip, tiny_feature_extractor, frames):
    inputs = tiny_feature_extractor(random_clip(frames=frames), return_tensors="pt")
    embedding = embed(model, **inputs)
    assert embedding.shape == (1, 32) and embedding.isfinite().all()


def test_a_clip_without_any_joint_disturbs_nobody(model, batch):
    expected = embed(model, **batch)
    batch["joint_mask"][1] = False
    embedding = embed(model, **batch)
    assert embedding.isfinite().all()
    torch.testing.assert_close(embedding[[0, 2, 3]], expected[[0, 2, 3]], atol=1e-5, rtol=1e-5)


def test_time_matters(model, random_clip, tiny_feature_extractor):
    inputs = tiny_feature_extractor(random_clip(frames=16), return_tensors="pt")
    assert not torch.allclose(
        embed(model, **{**inputs, "keypoints": inputs["keypoints"].flip(1)}), embed(model, **inputs), atol=1e-4
    )


@pytest.mark.parametrize("shape", [(1, 4, 22, 3), (1, 4, 1, 21, 3), (1, 4, 1, 22, 4)])
def test_other_shapes_are_refused(model, shape):
    with pytest.raises(ValueError, match=r"expected keypoints \(B, T, M, 22, 2 or 3\), got"):
        model(torch.zeros(shape))


def test_sdpa_equals_eager(model, batch):
    model.set_attn_implementation("sdpa")
    expected = embed(model, **batch)
    model.set_attn_implementation("eager")
    torch.testing.assert_close(embed(model, **batch), expected, atol=1e-5, rtol=1e-5)


def test_eager_attentions_are_distributions_over_real_tokens(model, batch):
    model.set_attn_implementation("eager")
    attentions = model(**batch, output_attentions=True).attentions
    assert len(attentions) == model.config.num_hidden_layers
    torch.testing.assert_close(attentions[0].sum(-1), torch.ones_like(attentions[0].sum(-1)))


def test_buffers_may_stay_in_float32_under_lower_weights(convolutional, batch):
    """As FSDP leaves them."""
    convolutional.eval().to(torch.bfloat16)
    expected = embed(convolutional, **batch)
    embeddings = convolutional.embeddings
    embeddings.input_mean, embeddings.input_scale = embeddings.input_mean.float(), embeddings.input_scale.float()
    assert torch.nn.functional.cosine_similarity(embed(convolutional, **batch), expected).min() > 0.99


def test_bfloat16_is_near_float32(model, batch):
    expected = embed(model, **batch)
    low = embed(model.to(torch.bfloat16), **batch)
    assert low.dtype == torch.bfloat16
    assert torch.nn.functional.cosine_similarity(low.float(), expected).min() > 0.999


def test_gradient_checkpointing_gives_the_same_gradients(classifier, batch):
    classifier.train()
    gradients = []
    for use_checkpoints in (False, True):
        if use_checkpoints:
            classifier.gradient_checkpointing_enable()
        classifier.zero_grad()
        classifier(**batch, labels=torch.tensor([0, 1, 2, 3])).loss.backward()
        gradients.append({name: parameter.grad.clone() for name, parameter in classifier.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, msg=name)


def test_the_model_is_one_graph(model, batch):
    expected = embed(model, **batch)
    torch._dynamo.reset()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    torch.testing.assert_close(embed(compiled, **batch), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("has_masks", [True, False])
def test_compiled_equals_plain(classifier, batch, has_masks):
    inputs = batch if has_masks else {"keypoints": batch["keypoints"]}
    results = []
    for model in (classifier, torch.compile(classifier)):
        torch._dynamo.reset()
        classifier.zero_grad()
        outputs = model(**inputs, labels=torch.tensor([0, 1, 2, 3]))
        outputs.loss.backward()
        results.append((outputs.logits.detach(), [parameter.grad.clone() for parameter in classifier.parameters()]))
    torch.testing.assert_close(results[1], results[0], atol=1e-4, rtol=1e-4)


def test_the_projected_embedding_has_unit_length(tiny_skeleton_config, batch):
    outputs = TMorSkeletonModelWithProjection(tiny_skeleton_config).eval()(**batch)
    assert outputs.skeleton_embeds.shape == (4, 16)
    torch.testing.assert_close(outputs.skeleton_embeds.norm(dim=-1), torch.ones(4))


@pytest.mark.parametrize(
    "model_class", [TMorSkeletonModel, TMorSkeletonModelWithProjection, TMorForSkeletonActionClassification]
)
def test_save_and_load(tiny_skeleton_config, batch, model_class, tmp_path):
    model = model_class(tiny_skeleton_config).eval()
    model.save_pretrained(tmp_path)
    loaded, info = model_class.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(info.values())
    with torch.no_grad():
        for one, other in zip(model(**batch).to_tuple(), loaded(**batch).to_tuple(), strict=True):
            torch.testing.assert_close(one, other)


def test_classification_loss_is_the_cross_entropy(classifier, batch):
    labels = torch.tensor([0, 3, 4, 1])
    outputs = classifier(**batch, labels=labels)
    assert outputs.logits.shape == (4, 5)
    torch.testing.assert_close(outputs.loss, torch.nn.functional.cross_entropy(outputs.logits, labels))


def test_multi_label_loss_is_the_binary_cross_entropy(classifier, batch):
    classifier.config.problem_type = "multi_label_classification"
    labels = torch.eye(5)[:4]
    outputs = classifier(**batch, labels=labels)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(outputs.logits, labels)
    torch.testing.assert_close(outputs.loss, expected)


def test_no_labels_no_loss(classifier, batch):
    assert classifier(**batch).loss is None


def test_a_classifier_learns(classifier, batch):
    classifier.train()
    labels = torch.tensor([0, 1, 2, 3])
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=1e-2)
    for _ in range(15):
        loss = classifier(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert classifier(**batch).logits.argmax(-1).tolist() == labels.tolist()


def test_adapter_round_trip(classifier, batch, tmp_path):
    peft = pytest.importorskip("peft")
    classifier.save_pretrained(tmp_path / "base")
    classifier = TMorForSkeletonActionClassification.from_pretrained(tmp_path / "base")
    plain = classifier(**batch).logits
    set_seed(1)
    classifier.add_adapter(
        peft.LoraConfig(
            r=2,
            target_modules=r".*self_attn\.(q_proj|v_proj)",
            modules_to_save=["classifier"],
            init_lora_weights=False,
        )
    )
    adapted = classifier(**batch).logits
    assert not torch.allclose(adapted, plain, atol=1e-4)
    classifier.save_pretrained(tmp_path / "adapter")
    assert not (tmp_path / "adapter" / "model.safetensors").exists()

    fresh = TMorForSkeletonActionClassification.from_pretrained(tmp_path / "base")
    fresh.load_adapter(str(tmp_path / "adapter"))
    torch.testing.assert_close(fresh(**batch).logits, adapted)
    in_one_call = TMorForSkeletonActionClassification.from_pretrained(tmp_path / "adapter")
    torch.testing.assert_close(in_one_call(**batch).logits, adapted)


@pytest.mark.parametrize("device_map", ["cpu", "auto"])
def test_device_map(classifier, batch, device_map, tmp_path):
    pytest.importorskip("accelerate")
    classifier.save_pretrained(tmp_path)
    loaded = TMorForSkeletonActionClassification.from_pretrained(tmp_path, device_map=device_map)
    logits = loaded(**{name: values.to(loaded.device) for name, values in batch.items()}).logits.cpu()
    torch.testing.assert_close(logits, classifier(**batch).logits, atol=1e-4, rtol=1e-4)


def test_push_to_hub_uploads_configuration_and_weights(classifier, monkeypatch):
    uploads = []
    api = SimpleNamespace(
        create_repo=lambda repo_id, **kwargs: SimpleNamespace(repo_id=repo_id),
        create_commit=lambda operations, **kwargs: uploads.extend(operation.path_in_repo for operation in operations),
    )
    card = SimpleNamespace(save=lambda path: Path(path).write_text("# card", encoding="utf-8"))
    monkeypatch.setattr(hub, "create_and_tag_model_card", lambda *args, **kwargs: card)
    monkeypatch.setattr(hub, "hf_api", lambda: api, raising=False)
    for name in ("create_repo", "create_commit"):  # where transformers before 5.20 looks for them
        monkeypatch.setattr(hub, name, getattr(api, name), raising=False)
    classifier.push_to_hub("someone/tmor-tiny")
    assert {"config.json", "model.safetensors", "README.md"} <= set(uploads)


def test_seeded_construction_is_reproducible(tiny_skeleton_config):
    states = []
    for _ in range(2):
        set_seed(3)
        states.append(TMorSkeletonModel(tiny_skeleton_config).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert all(values.isfinite().all() for values in states[0].values())
