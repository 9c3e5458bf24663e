# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import pytest
import torch
from tiny_runs import batch_of, tiny_model, tiny_trainer

from tmor_hf.training.losses import LossWeights
from tmor_hf.training.objective import ContrastiveObjective


def loss_and_gradients(objective, batch):
    objective.zero_grad()
    loss, _ = objective(batch)
    loss.backward()
    return loss.detach(), {name: p.grad for name, p in objective.named_parameters() if p.grad is not None}


def assert_same(first, second):
    torch.testing.assert_close(first[0], second[0], rtol=1e-5, atol=1e-5)
    assert first[1].keys() == second[1].keys()
    for name in first[1]:
        torch.testing.assert_close(first[1][name], second[1][name], rtol=1e-4, atol=2e-5)


def test_loss_of_distinct_captions_equals_the_models_own():
    model, batch = tiny_model(with_video=True), batch_of(range(6), range(6))
    names = ("keypoints", "joint_mask", "depth_mask", "input_ids", "attention_mask", "pixel_values_videos")
    expected = model(**{name: batch[name] for name in names}, return_loss=True).loss
    loss, parts = ContrastiveObjective(model)(batch)
    torch.testing.assert_close(loss, expected)
    assert set(parts) == {"skeleton_text", "skeleton_video"}


def test_a_caption_is_embedded_once_without_a_change_of_the_result(monkeypatch):
    objective, batch = ContrastiveObjective(tiny_model()), batch_of(range(14))
    seen = []
    objective.model.text_model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    once = loss_and_gradients(objective, batch)
    monkeypatch.setattr("tmor_hf.training.objective._without_repetition", lambda inputs: (inputs, None))
    assert_same(once, loss_and_gradients(objective, batch))
    assert seen == [6, 14]


def test_rows_for_every_clip_or_for_those_with_the_modality_give_the_same():
    objective = ContrastiveObjective(tiny_model(with_video=True), LossWeights(1.0, 1.0, 1.0))
    full = batch_of(range(6), range(1, 4))
    full["has_text"] = torch.tensor([True, True, False, True, True, True])
    compact = dict(full)
    compact["pixel_values_videos"] = full["pixel_values_videos"][full["has_video"]]
    for name in ("input_ids", "attention_mask"):
        compact[name] = full[name][full["has_text"]]
    assert_same(loss_and_gradients(objective, full), loss_and_gradients(objective, compact))
    compact["pixel_values_videos"] = full["pixel_values_videos"][:2]
    with pytest.raises(ValueError, match="expected 6 rows .* or 3 .*, got 2"):
        objective(compact)


def test_precomputed_features_replace_the_towers():
    model, batch = tiny_model(), batch_of(range(8))
    expected, _ = ContrastiveObjective(model)(batch)
    tower = model.text_model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    features = {name: batch[name] for name in ("keypoints", "joint_mask", "depth_mask")}
    features["text_embeds"] = model.pool_text(tower, batch["attention_mask"]).detach()
    features["caption_ids"] = torch.arange(8) % 6
    loss, _ = ContrastiveObjective(model)(features)
    torch.testing.assert_close(loss, expected)


def test_a_model_without_video_tower_trains_on_text_alone():
    objective = ContrastiveObjective(tiny_model(), LossWeights(1.0, 5.0, 5.0))
    _, parts = objective(batch_of(range(4), range(4)))
    assert set(parts) == {"skeleton_text"}


@pytest.mark.parametrize("loss", ["infonce", "sigmoid"])
def test_micro_batches_give_the_gradient_of_one_big_batch(tmp_path, loss):
    video_of = range(2, 6)
    big = ContrastiveObjective(tiny_model(True, loss), LossWeights(1.0, 1.0, 0.5))
    expected = loss_and_gradients(big, batch_of(range(10), video_of))
    trainer = tiny_trainer(
        tmp_path, tiny_model(True, loss), gradient_accumulation_steps=4, batch_size=2, video_text_weight=0.5
    )
    trainer._prepare(None)
    micro_batches = [batch_of(range(*ends), video_of) for ends in ((0, 3), (3, 6), (6, 8), (8, 10))]
    value, _ = trainer._backward(micro_batches)
    gradients = {name: p.grad for name, p in trainer.objective.named_parameters() if p.grad is not None}
    assert_same(expected, (value, gradients))
    assert "model.logit_scale" in gradients


def test_both_passes_over_a_micro_batch_draw_the_same_dropout(tmp_path):
    trainer = tiny_trainer(tmp_path, tiny_model(dropout=0.3), gradient_accumulation_steps=2, batch_size=3)
    trainer._prepare(None)
    seen = []
    embed = trainer.bare_objective.embed
    trainer.bare_objective.embed = lambda batch: seen.append(embed(batch)) or seen[-1]
    trainer._backward([batch_of(range(0, 3)), batch_of(range(0, 3))])
    first, second, first_again, second_again = (x.skeleton.detach() for x in seen)
    assert torch.equal(first, first_again) and torch.equal(second, second_again)
    assert not torch.equal(first, second), "dropout must differ between micro-batches"
