# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import pytest
import torch
from tiny_runs import tiny_model, tiny_trainer
from torch import nn

from tmor_hf.training import ContrastiveTrainingArguments
from tmor_hf.training.optimization import freeze, learning_rate_at, parameter_groups, undecayed_parameters


def test_only_weight_matrices_decay():
    model = tiny_model(with_video=True, loss="sigmoid")
    undecayed = undecayed_parameters(model)
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2 or "embedding.weight" in name or name.endswith("part_embeddings"):
            assert name in undecayed
    assert {"logit_scale", "logit_bias"} <= undecayed
    decayed = {name for name, _ in model.named_parameters()} - undecayed
    assert {"skeleton_projection.weight", "text_model.encoder.layers.0.mlp.fc1.weight"} <= decayed


def test_groups_hold_each_trainable_parameter_once_at_its_towers_rate():
    model = tiny_model(with_video=True)
    args = ContrastiveTrainingArguments("out", learning_rate=1.0, text_lr_scale=0.1, video_lr_scale=0.5)
    groups = parameter_groups(model, args)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    held = [names[id(parameter)] for group in groups for parameter in group["params"]]
    assert sorted(held) == sorted(names.values())
    for group in groups:
        towers = {names[id(p)].split(".")[0] for p in group["params"]}
        expected = {"text_model": 0.1, "video_model": 0.5}
        assert {expected.get(tower, 1.0) for tower in towers} == {group["lr"]}


def test_what_is_frozen_has_no_gradient_and_no_dropout_until_it_is_undone():
    model = nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5)), nn.Linear(8, 1))
    model[1][0].bias.requires_grad_(False)
    undo = freeze(model[1])
    rows = torch.ones(2, 4)
    assert torch.equal(model.train()(rows), model(rows))
    model(rows).sum().backward()
    assert model[1][0].weight.grad is None and model[0].weight.grad is not None
    undo()
    assert not torch.equal(model.train()(rows), model(rows))
    assert model[1][0].weight.requires_grad and not model[1][0].bias.requires_grad


def test_the_rate_rises_then_falls_to_nearly_zero():
    rates = [learning_rate_at(step, 100, 2.0, 0.1) for step in range(100)]
    assert rates[0] == pytest.approx(0.2) and rates[9] == rates[10] == 2.0
    assert rates[:10] == sorted(rates[:10]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.01
    assert learning_rate_at(0, 1, 2.0, 0.0) == 2.0


def test_a_locked_tower_stays_as_it_was_and_has_no_dropout(tmp_path):
    model = tiny_model(dropout=0.2)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    tiny_trainer(tmp_path, model, text_lr_scale=0.0, num_epochs=1).train()
    for name, parameter in model.named_parameters():
        is_locked = name.startswith("text_model")
        assert torch.equal(parameter, before[name]) == is_locked, name
    assert not model.text_model.training and model.skeleton_model.training


def test_the_temperature_is_clamped_after_each_step(tmp_path):
    model = tiny_model()
    with torch.no_grad():
        model.logit_scale.fill_(4.7)
    trainer = tiny_trainer(tmp_path, model, max_steps=1, learning_rate=1e-6)
    trainer.train()
    assert float(model.logit_scale.detach()) == pytest.approx(model.config.logit_scale_max)
