# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Frame classification: what must not change a frame's logits, how far they look, and the ways in which it may run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import set_seed

from tmor_hf import (
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from tmor_hf.modeling.modeling_tmor_frames import (
    blend_windows,
    centre_clips,
    cut_windows,
    frame_loss,
    pad_frames,
    turn_clips_to_front,
)


def frame_config(**options) -> TMorSkeletonConfig:
    sizes = {"frame_window_size": 16, "frame_window_stride": 8, "frame_head_dilations": [1, 2], "num_labels": 5}
    return TMorSkeletonConfig.tiny(**{**sizes, **options})


def frame_classifier(**options) -> TMorForSkeletonFrameClassification:
    """A model whose temporal head is not at its start, where it does nothing."""
    set_seed(0)
    model = TMorForSkeletonFrameClassification(frame_config(**options)).eval()
    for block in model.temporal_head:
        torch.nn.init.normal_(block.projection.weight, std=0.3)
    return model


@pytest.fixture
def model() -> TMorForSkeletonFrameClassification:
    return frame_classifier()


@pytest.fixture
def batch(mixed_clips, tiny_feature_extractor) -> dict[str, torch.Tensor]:
    """Four clips of different lengths, numbers of people, and coordinates."""
    return dict(tiny_feature_extractor(mixed_clips, return_tensors="pt"))


@pytest.fixture
def recording(random_clip, tiny_feature_extractor) -> dict[str, torch.Tensor]:
    """101 frames of two people, of whom nothing is seen for a while."""
    inputs = dict(tiny_feature_extractor(random_clip(frames=101, people=2), return_tensors="pt"))
    inputs["joint_mask"][:, 40:61] = False
    return inputs


def classify(model: TMorForSkeletonFrameClassification, **inputs: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(**inputs).logits


def close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, atol=1e-5, rtol=1e-5)


def test_windows_are_cut_at_multiples_of_the_stride():
    frames = torch.arange(1, 8).view(1, 7, 1)
    windows = cut_windows(pad_frames(frames, 4, 2), 4, 2)
    assert windows[..., 0].tolist() == [[1, 2, 3, 4], [3, 4, 5, 6], [5, 6, 7, 0], [7, 0, 0, 0]]
    assert cut_windows(pad_frames(frames[:, :6], 6, 2), 6, 2).shape == (3, 6, 1)


def test_blended_windows_add_up():
    windows = torch.tensor([[1.0, 2, 3, 4], [10, 20, 30, 40]]).view(1, 2, 4, 1)
    assert blend_windows(windows, 2).flatten().tolist() == [1, 2, 13, 24, 30, 40]
    assert blend_windows(windows, 4).flatten().tolist() == [1, 2, 3, 4, 10, 20, 30, 40]


@pytest.mark.parametrize("index", range(4))
def test_windows_are_centred_and_turned_as_the_feature_extractor_does(mixed_clips, tiny_feature_extractor, index):
    clip = replace(mixed_clips[index], scores=np.ones(mixed_clips[index].keypoints.shape[:3], np.float32))
    clip.scores[::2, 0, 5:9] = 0
    inputs = tiny_feature_extractor(clip, return_tensors="pt")
    mask, depth = inputs["joint_mask"], inputs["depth_mask"]
    angle, cos, sin = 1.1, np.cos(1.1), np.sin(1.1)
    turn = torch.tensor([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], dtype=torch.float32) if angle else None
    keypoints = inputs["keypoints"]
    moved = (keypoints @ turn.T if depth.any() else keypoints) + torch.tensor([3.0, -1.0, 2.0 * depth.any()])
    config = TMorSkeletonConfig()
    found = centre_clips(torch.where(mask[..., None], moved, 0), mask, config.root_joint)
    found = turn_clips_to_front(found, mask, depth, config.facing_pairs)
    torch.testing.assert_close(found, keypoints, atol=1e-4, rtol=1e-4)


def test_there_are_logits_for_each_frame(model, batch):
    outputs = model(**batch, output_hidden_states=True)
    assert outputs.logits.shape == (4, 17, 5) and outputs.logits.isfinite().all()
    windows, tokens = 4 * 3, batch["keypoints"].shape[2] * 4 * 5
    assert outputs.hidden_states[0].shape == (windows, tokens, 32)


@pytest.mark.parametrize("frames", [1, 3, 4, 16, 17, 100])
def test_any_number_of_frames(model, random_clip, tiny_feature_extractor, frames):
    logits = classify(model, **tiny_feature_extractor(random_clip(frames=frames), return_tensors="pt"))
    assert logits.shape == (1, frames, 5) and logits.isfinite().all()


def test_batch_mates_do_not_change_logits(model, batch, mixed_clips, tiny_feature_extractor):
    together = classify(model, **batch)
    for row, clip in enumerate(mixed_clips):
        alone = classify(model, **tiny_feature_extractor(clip, return_tensors="pt"))[0]
        close(together[row, : len(alone)], alone)


@pytest.mark.parametrize("padding", [1, 3, 4, 13, 40])
def test_padding_frames_do_not_change_logits(model, batch, padding):
    padded = {
        "keypoints": torch.nn.functional.pad(batch["keypoints"], (0, 0) * 3 + (0, padding), value=7.0),
        "joint_mask": torch.nn.functional.pad(batch["joint_mask"], (0, 0) * 2 + (0, padding), value=True),
        "frame_mask": torch.nn.functional.pad(batch["frame_mask"], (0, padding)),
        "depth_mask": torch.nn.functional.pad(batch["depth_mask"], (0, padding), value=True),
    }
    real = batch["frame_mask"]
    close(classify(model, **padded)[:, :17][real], classify(model, **batch)[real])


def test_the_order_of_people_does_not_change_logits(model, batch):
    order = [2, 0, 1]
    shuffled = {**batch, "keypoints": batch["keypoints"][:, :, order], "joint_mask": batch["joint_mask"][:, :, order]}
    close(classify(model, **shuffled), classify(model, **batch))


@pytest.mark.parametrize("garbage", [1e4, float("nan"), float("inf")])
def test_masked_values_never_leak(model, recording, garbage):
    expected = classify(model, **recording)
    keypoints = torch.where(recording["joint_mask"][..., None], recording["keypoints"], garbage)
    close(classify(model, **{**recording, "keypoints": keypoints}), expected)


def test_masked_garbage_gives_finite_gradients(model, recording):
    recording["keypoints"][~recording["joint_mask"]] = float("nan")
    model(**recording).logits.sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_place_and_direction_in_the_room_do_not_change_logits(model, random_clip, tiny_feature_extractor):
    inputs = dict(tiny_feature_extractor(random_clip(frames=40), return_tensors="pt"))
    expected = classify(model, **inputs)
    turn = torch.tensor([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    moved = inputs["keypoints"] @ turn.T + torch.tensor([5.0, 0.0, -3.0])
    torch.testing.assert_close(classify(model, **{**inputs, "keypoints": moved}), expected, atol=1e-4, rtol=1e-4)


def test_two_coordinates_equal_three_without_depth(model, batch):
    keypoints = batch.pop("keypoints")
    flat = {**batch, "depth_mask": torch.zeros_like(batch["depth_mask"])}
    close(classify(model, keypoints=keypoints[..., :2], **batch), classify(model, keypoints=keypoints, **flat))


def test_a_frame_sees_as_far_as_the_receptive_field_and_no_further(model, random_clip, tiny_feature_extractor):
    inputs = dict(tiny_feature_extractor(random_clip(frames=200), return_tensors="pt"))
    expected = classify(model, **inputs)
    keypoints = inputs["keypoints"].clone()
    keypoints[:, 100] += torch.randn(keypoints[:, 100].shape)
    changed = (classify(model, **{**inputs, "keypoints": keypoints}) - expected).abs().amax(dim=2)[0] > 1e-6
    reach = (changed.nonzero() - 100).abs().max().item()
    assert model.receptive_field // 2 < reach <= model.receptive_field


@pytest.mark.parametrize("segment_frames", [1, 9, 40, 4096])
def test_stitched_segments_equal_the_whole(model, recording, segment_frames):
    logits = model.predict_frames(recording, segment_frames=segment_frames)
    assert logits.dtype == torch.float32 and not logits.requires_grad
    close(logits, classify(model, **recording)[0])


def test_prediction_leaves_the_mode_of_the_model(model, recording):
    model.train()
    first, second = (model.predict_frames(recording) for _ in range(2))
    assert model.training and torch.equal(first, second)
    with pytest.raises(RuntimeError):
        model.predict_frames({**recording, "joint_mask": recording["joint_mask"][..., :3]})
    assert model.training


def test_several_recordings_at_once_are_refused(model, batch):
    with pytest.raises(ValueError, match="expected one recording .* got 4"):
        model.predict_frames(batch)


def test_actions_that_are_near_in_time_are_told_from_those_that_are_not(model, recording):
    """The temporal head passes something on: frames in which nothing is seen have different logits."""
    unseen = classify(model, **recording)[0, 44:56]
    assert (unseen[0] - unseen[-1]).abs().max() > 1e-3


def test_new_temporal_blocks_change_nothing(recording):
    set_seed(0)
    model = TMorForSkeletonFrameClassification(frame_config()).eval()
    expected = classify(model, **recording)
    model.temporal_head = torch.nn.ModuleList()
    close(classify(model, **recording), expected)


def test_binary_loss_counts_real_labelled_frames_alone(model, batch):
    labels = torch.randint(0, 2, (4, 17, 5)).float()
    labels[0, :3] = -100
    outputs = model(**batch, labels=labels)
    counted = batch["frame_mask"] & (labels[..., 0] != -100)
    assert 0 < counted.sum() < counted.numel()
    expected = torch.nn.functional.binary_cross_entropy_with_logits(outputs.logits[counted], labels[counted])
    torch.testing.assert_close(outputs.loss, expected)
    labels[~batch["frame_mask"]] = 1 - labels[~batch["frame_mask"]]
    torch.testing.assert_close(model(**batch, labels=labels).loss, expected)
    labels[0, :3] = 0
    torch.testing.assert_close(model(**batch, labels=labels.bool()).loss, model(**batch, labels=labels).loss)


def test_exclusive_loss_is_the_cross_entropy_of_real_labelled_frames(batch):
    model = frame_classifier(problem_type="single_label_classification")
    labels = torch.randint(0, 5, (4, 17))
    labels[1, 2:5] = -100
    outputs = model(**batch, labels=labels)
    counted = batch["frame_mask"] & (labels != -100)
    expected = torch.nn.functional.cross_entropy(outputs.logits[counted], labels[counted])
    torch.testing.assert_close(outputs.loss, expected)


@pytest.mark.parametrize("is_exclusive", [False, True])
def test_accumulated_losses_equal_that_of_the_whole_batch(is_exclusive):
    logits, mask = torch.randn(4, 6, 3), torch.rand(4, 6) > 0.3
    labels = torch.randint(0, 3, (4, 6)) if is_exclusive else torch.randint(0, 2, (4, 6, 3))
    count = mask.sum() * (1 if is_exclusive else 3)
    parts = [frame_loss(*(values[rows] for values in (logits, labels, mask)), is_exclusive, count)
             for rows in (slice(0, 1), slice(1, 4))]  # fmt: skip
    torch.testing.assert_close(sum(parts), frame_loss(logits, labels, mask, is_exclusive))


def test_a_batch_without_any_label_has_loss_zero(model, batch):
    assert model(**batch, labels=torch.full((4, 17, 5), -100.0)).loss == 0


@pytest.mark.parametrize("problem_type", ["multi_label_classification", "single_label_classification"])
def test_labels_of_the_wrong_kind_are_refused(batch, problem_type):
    model = frame_classifier(problem_type=problem_type)
    labels = torch.zeros(4, 17, dtype=torch.long) if "multi" in problem_type else torch.zeros(4, 17, 5)
    with pytest.raises(ValueError, match=f"for {problem_type}, got"):
        model(**batch, labels=labels)


def test_it_learns_where_an_action_goes_on(model, recording):
    model.train()
    labels = torch.zeros(1, 101, 5)
    labels[:, 10:30, 2], labels[:, 70:, 4] = 1, 1
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(80):
        loss = model(**recording, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    agreement = (model.predict_frames(recording) > 0) == labels[0].bool()
    assert agreement.float().mean() > 0.97


def test_sdpa_equals_eager(model, batch):
    model.set_attn_implementation("sdpa")
    expected = classify(model, **batch)
    model.set_attn_implementation("eager")
    close(classify(model, **batch), expected)
    assert len(model(**batch, output_attentions=True).attentions) == model.config.num_hidden_layers


def test_bfloat16_is_near_float32_far_from_the_origin(model, recording):
    expected = classify(model, **recording)
    far = {**recording, "keypoints": recording["keypoints"] + 100.0}
    low = classify(model.to(torch.bfloat16), **far)
    assert low.dtype == torch.bfloat16
    assert torch.nn.functional.cosine_similarity(low.float(), expected, dim=-1).min() > 0.99


def test_gradient_checkpointing_gives_the_same_gradients(model, batch):
    model.train()
    gradients = []
    for use_checkpoints in (False, True):
        if use_checkpoints:
            model.gradient_checkpointing_enable()
        model.zero_grad()
        model(**batch, labels=torch.zeros(4, 17, 5)).loss.backward()
        gradients.append({name: parameter.grad.clone() for name, parameter in model.named_parameters()})
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, msg=name)


def test_the_model_is_one_graph(model, batch):
    expected = classify(model, **batch)
    torch._dynamo.reset()
    close(classify(torch.compile(model, backend="eager", fullgraph=True), **batch), expected)


@pytest.mark.slow
def test_compiled_equals_plain(model, batch):
    results = []
    for one in (model, torch.compile(model)):
        torch._dynamo.reset()
        model.zero_grad()
        outputs = one(**batch, labels=torch.zeros(4, 17, 5))
        outputs.loss.backward()
        results.append((outputs.logits.detach(), [parameter.grad.clone() for parameter in model.parameters()]))
    torch.testing.assert_close(results[1], results[0], atol=1e-4, rtol=1e-4)


def save(folder, model) -> str:
    model.save_pretrained(folder)
    return str(folder)


def test_it_loads_encoders_and_they_load_from_it(tiny_model, tmp_path):
    classifier = TMorForSkeletonActionClassification(frame_config())
    sources = {"contrastive": tiny_model, "classifier": classifier, "encoder": classifier.skeleton_model}
    for name, source in sources.items():
        loaded, info = TMorForSkeletonFrameClassification.from_pretrained(
            save(tmp_path / name, source), num_labels=5, output_loading_info=True
        )
        new = "temporal_head." if name == "classifier" else ("temporal_head.", "classifier.")
        assert info["missing_keys"] and all(key.startswith(new) for key in info["missing_keys"])
        assert not info["unexpected_keys"] and not info["mismatched_keys"]
        expected = getattr(source, "skeleton_model", source).state_dict()
        assert all(torch.equal(loaded.skeleton_model.state_dict()[key], value) for key, value in expected.items())
        assert all(not block.projection.weight.any() for block in loaded.temporal_head)
    folder = save(tmp_path / "frames", frame_classifier())
    for model_class in (TMorSkeletonModel, TMorSkeletonModelWithProjection, TMorForSkeletonActionClassification):
        _, info = model_class.from_pretrained(folder, output_loading_info=True)
        assert not info["unexpected_keys"]


def test_save_and_load(model, batch, tmp_path):
    loaded, info = TMorForSkeletonFrameClassification.from_pretrained(save(tmp_path, model), output_loading_info=True)
    assert not any(info.values())
    close(classify(loaded, **batch), classify(model, **batch))


def test_windows_follow_the_tubelets_unless_given():
    for tubelet_size, sizes in ((4, (64, 32)), (8, (64, 32)), (6, (60, 30)), (50, (100, 50))):
        config = TMorSkeletonConfig(tubelet_size=tubelet_size)
        assert (config.frame_window_size, config.frame_window_stride) == sizes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frame_window_stride": 12}, "frame_window_stride to be a multiple of tubelet_size 8, got 12"),
        ({"frame_window_size": 72}, "frame_window_size to be a multiple of frame_window_stride 32, got 72"),
        ({"frame_head_dilations": [1, 0]}, "frame_head_dilations of at least 1"),
        ({"facing_pairs": [[14, 22]]}, "facing_pairs as pairs of 22 joints"),
    ],
)
def test_bad_configurations_are_refused(options, message):
    with pytest.raises(StrictDataclassError, match=message):
        TMorSkeletonConfig(**options)
