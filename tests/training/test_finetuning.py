# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Fine-tuning: it learns, keeps the best weights, resumes exactly, and trains what it says at the rates it says."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn
from transformers import TrainerCallback, pipeline
from transformers.modeling_outputs import ImageClassifierOutput

import tmor_hf
from tmor_hf import Skeletons, TMorFeatureExtractor, TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.data import MotionClip, MotionDataset, fine_tuning_augmentation
from tmor_hf.evaluation import predict_logits, top_k_accuracy
from tmor_hf.training import FineTuningArguments, finetune_classifier, layerwise_parameter_groups
from tmor_hf.training.finetuning import balanced_class_weights, classification_loss

NAMES = ("waving", "walking")


def make_clips(count, seed=0):
    """Clips of two poses, with noise."""
    poses = np.random.default_rng(99).normal(size=(2, 25, 3))
    rng = np.random.default_rng(seed)
    return MotionDataset(
        [
            MotionClip(
                Skeletons(poses[n % 2] + rng.normal(scale=0.3, size=(8, 1, 25, 3)) + 3, layout="ntu25"),
                f"clip{n}", "set", ("a person",), "a", n % 2, NAMES[n % 2],
            )
            for n in range(count)
        ],
        "set",
        NAMES,
    )  # fmt: skip


def make_model(**options):
    torch.manual_seed(0)
    return TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny(**{"num_labels": 2, **options}))


EXTRACTOR = TMorFeatureExtractor(num_frames=8)
QUICK = {"cpu": True, "progress_bar": False, "batch_size": 8, "learning_rate": 3e-3}


def finetune(model, train=16, validation=8, augmentation=None, callbacks=(), **options):
    clips = make_clips(validation, seed=1) if validation else None
    args = FineTuningArguments(**{**QUICK, **options})
    return finetune_classifier(model, EXTRACTOR, make_clips(train), clips, args, augmentation, callbacks)


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def assert_equal_weights(one, other):
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0, msg=name)


class StopAt(TrainerCallback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, args, state, control, **kwargs):
        control.should_training_stop = control.should_training_stop or state.global_step >= self.step


# ---------------------------------------------------------------- the run


def test_it_learns_and_says_how_well():
    result = finetune(make_model(), num_epochs=10, mixup=0.2, augmentation=fine_tuning_augmentation(NAMES))
    assert result.metrics["accuracy"] == 1.0 and result.metrics["steps"] == 20
    assert [record["epoch"] for record in result.history] == list(range(1, 11))
    held_out = make_clips(8, seed=1)
    logits = predict_logits(result.model, EXTRACTOR, held_out)
    assert top_k_accuracy(logits, held_out.labels) == 1.0
    loss = nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(held_out.labels))
    assert result.metrics["loss"] == pytest.approx(float(loss), abs=1e-4)
    assert result.model.config.id2label == {0: "waving", 1: "walking"} and not result.model.training


def test_the_result_is_a_folder_that_the_pipeline_loads(tmp_path):
    finetune(make_model(), num_epochs=3, output_dir=str(tmp_path))
    classifier = pipeline("skeleton-action-classification", model=str(tmp_path))
    answer = classifier(make_clips(1)[0].skeletons)
    assert {entry["label"] for entry in answer} == set(NAMES)
    assert json.loads((tmp_path / "metrics.json").read_text())["steps"] == 6
    assert json.loads((tmp_path / "training_arguments.json").read_text())["num_epochs"] == 3


def test_nothing_is_printed_or_left_behind_when_quiet(capfd, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    finetune(make_model(), num_epochs=2)
    output, errors = capfd.readouterr()
    assert output == "" and "%|" not in errors
    assert not list(tmp_path.iterdir())


def test_the_best_weights_are_kept_not_the_last():
    """The learning rate goes mad after the first validation: later weights are worse."""

    class GoMad(TrainerCallback):
        def on_step_begin(self, args, state, control, optimizer=None, **kwargs):
            if state.global_step >= 12:
                with torch.no_grad():
                    for group in optimizer.param_groups:
                        for parameter in group["params"]:
                            parameter.add_(torch.randn_like(parameter))

    result = finetune(make_model(), num_epochs=8, callbacks=[GoMad()])
    assert result.best_epoch <= 6 < result.history[-1]["epoch"]
    kept = predict_logits(result.model, EXTRACTOR, make_clips(8, seed=1))
    loss = nn.functional.cross_entropy(torch.from_numpy(kept), torch.arange(8) % 2)
    best = max(result.history, key=lambda record: (record["accuracy"], -record["loss"]))
    assert (result.best_epoch, result.metrics["loss"]) == (best["epoch"], best["loss"])
    assert float(loss) == pytest.approx(best["loss"], abs=1e-4)


def test_patience_ends_a_run_that_gets_no_better():
    result = finetune(make_model(), num_epochs=40, patience=2, learning_rate=1e-9)
    assert result.metrics["steps"] < 80


def test_without_validation_the_last_weights_are_taken():
    result = finetune(make_model(), validation=0, num_epochs=2)
    assert (result.best_epoch, result.history) == (2.0, [])
    assert "accuracy" not in result.metrics and math.isfinite(result.metrics["train_loss"])


@pytest.mark.parametrize(
    ("options", "steps"),
    [({"num_epochs": 2}, 4), ({"num_epochs": 2, "min_steps": 7}, 7), ({"num_epochs": 9, "max_steps": 3}, 3)]
    + [({"num_epochs": 2, "gradient_accumulation_steps": 2}, 2)],
)
def test_length_follows_from_epochs_within_bounds(options, steps):
    assert finetune(make_model(), validation=0, **options).metrics["steps"] == steps


def test_the_seed_decides():
    options = {"num_epochs": 2, "mixup": 0.5, "augmentation": fine_tuning_augmentation(NAMES), "validation": 0}
    one, again, other = (
        weights(finetune(make_model(hidden_dropout_prob=0.2), seed=seed, **options).model) for seed in (0, 0, 1)
    )
    assert_equal_weights(one, again)
    assert not torch.equal(one["classifier.weight"], other["classifier.weight"])


def test_resume_is_exact(tmp_path):
    options = {
        "num_epochs": 4, "mixup": 0.5, "augmentation": fine_tuning_augmentation(NAMES), "validation": 0,
    }  # fmt: skip
    whole = finetune(make_model(hidden_dropout_prob=0.2), output_dir=str(tmp_path / "whole"), **options)
    folder = str(tmp_path / "parts")
    finetune(make_model(hidden_dropout_prob=0.2), output_dir=folder, callbacks=[StopAt(5)], **options)
    resumed = finetune(make_model(hidden_dropout_prob=0.2), output_dir=folder, resume_from="last", **options)
    assert_equal_weights(weights(whole.model), weights(resumed.model))


class Record(TrainerCallback):
    """The weights after each step, as the optimizer left them."""

    def __init__(self):
        self.steps = []

    def on_step_end(self, args, state, control, model=None, **kwargs):
        self.steps.append(weights(model))


def average_of(start, steps, decay):
    average = start
    for step, own in enumerate(steps, start=1):
        share = min(decay, (1 + step) / (10 + step))
        average = {name: torch.lerp(own[name], average[name], share) for name in average}
    return average


def test_the_average_of_the_weights_is_what_is_validated_and_kept():
    record = Record()
    result = finetune(make_model(), num_epochs=3, ema_decay=0.6, callbacks=[record])
    best = average_of(weights(make_model()), record.steps[: int(result.best_epoch) * 2], 0.6)
    for name, value in weights(result.model).items():
        torch.testing.assert_close(value, best[name], msg=name)
    kept = predict_logits(result.model, EXTRACTOR, make_clips(8, seed=1))
    loss = nn.functional.cross_entropy(torch.from_numpy(kept), torch.arange(8) % 2)
    assert float(loss) == pytest.approx(result.metrics["loss"], abs=1e-4)


@pytest.mark.parametrize("options", [{}, {"max_steps": 3}, {"output_dir": "out"}])
def test_without_validation_the_last_average_is_taken(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record = Record()
    result = finetune(make_model(), validation=0, num_epochs=2, ema_decay=0.6, callbacks=[record], **options)
    expected = average_of(weights(make_model()), record.steps, 0.6)
    for name, value in weights(result.model).items():
        torch.testing.assert_close(value, expected[name], msg=name)


def test_a_stop_before_the_first_validation_leaves_the_average():
    record = Record()
    result = finetune(make_model(), num_epochs=4, eval_epochs=4, ema_decay=0.6, callbacks=[record, StopAt(3)])
    expected = average_of(weights(make_model()), record.steps, 0.6)
    torch.testing.assert_close(weights(result.model)["classifier.weight"], expected["classifier.weight"])


def test_training_is_as_without_the_average():
    plain, averaged = Record(), Record()
    options = {"num_epochs": 3, "mixup": 0.5}
    finetune(make_model(hidden_dropout_prob=0.2), callbacks=[plain], **options)
    finetune(make_model(hidden_dropout_prob=0.2), callbacks=[averaged], ema_decay=0.9, **options)
    assert len(plain.steps) == len(averaged.steps) == 6
    for one, other in zip(plain.steps, averaged.steps, strict=True):
        assert_equal_weights(one, other)


@pytest.mark.parametrize("validation", [0, 8])
def test_a_resumed_average_is_exact(tmp_path, validation):
    options = {"num_epochs": 4, "validation": validation, "ema_decay": 0.8}
    record, folder = Record(), str(tmp_path / "parts")
    whole = finetune(make_model(), output_dir=str(tmp_path / "whole"), callbacks=[record], **options)
    finetune(make_model(), output_dir=folder, callbacks=[StopAt(4)], **options)
    later = Record()
    resumed = finetune(make_model(), output_dir=folder, resume_from="last", callbacks=[later], **options)
    for one, other in zip(record.steps[-len(later.steps) :], later.steps, strict=True):
        assert_equal_weights(one, other)
    assert_equal_weights(weights(whole.model), weights(resumed.model))
    assert_equal_weights(
        weights(whole.model), weights(TMorForSkeletonActionClassification.from_pretrained(tmp_path / "whole"))
    )


def test_an_average_cannot_go_on_from_a_checkpoint_without_one(tmp_path):
    options = {"num_epochs": 2, "validation": 0, "output_dir": str(tmp_path)}
    finetune(make_model(), callbacks=[StopAt(2)], **options)
    with pytest.raises(FileNotFoundError, match="trained without ema_decay"):
        finetune(make_model(), ema_decay=0.9, resume_from="last", **options)


def test_the_average_of_a_probe_leaves_the_encoder_as_it_is():
    result = finetune(make_model(), num_epochs=2, method="probe", ema_decay=0.9)
    before = weights(make_model())
    changed = {name for name, value in weights(result.model).items() if not torch.equal(before[name], value)}
    assert changed == {"classifier.weight", "classifier.bias"}


def test_the_average_of_an_adapter_leaves_what_it_stands_on():
    peft = pytest.importorskip("peft")
    config = peft.LoraConfig(target_modules=["q_proj", "v_proj"], modules_to_save=["classifier"])
    model = peft.get_peft_model(make_model(), config)
    trained = {name for name, value in model.named_parameters() if value.requires_grad}
    record, start = Record(), weights(model)
    result = finetune(model, validation=0, num_epochs=2, ema_decay=0.6, callbacks=[record])
    expected = average_of(start, record.steps, 0.6)
    for name, value in weights(result.model).items():
        if name in trained:
            torch.testing.assert_close(value, expected[name], msg=name)
            assert not torch.equal(value, start[name]), name
        else:
            assert torch.equal(value, start[name]), name


def test_checkpoints_of_an_earlier_run_are_not_mixed_in(tmp_path):
    finetune(make_model(), num_epochs=1, output_dir=str(tmp_path))
    with pytest.raises(FileExistsError, match="resume_from='last'"):
        finetune(make_model(), num_epochs=1, output_dir=str(tmp_path))
    finetune(make_model(), num_epochs=2, output_dir=str(tmp_path), overwrite=True)
    assert [path.name for path in tmp_path.glob("checkpoint-*")] == ["checkpoint-4"]


def test_classes_that_the_model_has_not_are_refused():
    with pytest.raises(ValueError, match="num_labels=1, got class 1"):
        finetune(make_model(num_labels=1))


def test_names_that_a_model_has_stay():
    names = {0: "first", 1: "second"}
    model = make_model(id2label=names, label2id={name: label for label, name in names.items()})
    assert finetune(model, num_epochs=1, validation=0).model.config.id2label == names


# ---------------------------------------------------------------- what is trained


def test_a_probe_changes_the_classifier_alone_and_sees_no_dropout():
    model = make_model(hidden_dropout_prob=0.5, attention_probs_dropout_prob=0.5, classifier_dropout=0.0)
    before, seen = weights(model), []
    hook = model.skeleton_model.register_forward_hook(lambda encoder, inputs, outputs: seen.append(encoder.training))
    result = finetune(model, num_epochs=2, method="probe")
    hook.remove()
    after = weights(result.model)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"classifier.weight", "classifier.bias"}
    assert seen and not any(seen)
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_layers_learn_the_slower_the_deeper_they_are():
    model = make_model()
    groups = layerwise_parameter_groups(model, 1.0, weight_decay=0.1, layer_decay=0.5)
    rates = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    by_name = {name: rates[id(parameter)] for name, parameter in model.named_parameters()}
    assert by_name["classifier.weight"] == by_name["skeleton_model.layernorm.weight"] == 1.0
    assert by_name["skeleton_model.layers.1.mlp.fc1.weight"] == 0.5
    assert by_name["skeleton_model.layers.0.mlp.fc1.bias"] == 0.25
    assert by_name["skeleton_model.embeddings.part_embeddings"] == 0.125


def test_groups_hold_each_trained_parameter_once_and_decay_matrices_alone():
    model = make_model()
    model.skeleton_model.layers[0].requires_grad_(False)
    groups = layerwise_parameter_groups(model, 1.0, weight_decay=0.1, layer_decay=0.5)
    held = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(held) == sorted(id(parameter) for parameter in model.parameters() if parameter.requires_grad)
    decayed = {id(parameter) for group in groups if group["weight_decay"] for parameter in group["params"]}
    names = {name for name, parameter in model.named_parameters() if id(parameter) in decayed}
    assert "classifier.weight" in names and not any("norm" in name or name.endswith("bias") for name in names)
    with pytest.raises(ValueError, match="got none with requires_grad"):
        layerwise_parameter_groups(model.requires_grad_(False), 1.0)


# ---------------------------------------------------------------- loss


def test_hard_and_soft_labels_and_whole_and_parted_steps_agree():
    logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 2, 1, 1, 0, 2])
    loss = classification_loss(torch.tensor([0.5, 1.0, 2.0]), label_smoothing=0.1)
    whole = loss(ImageClassifierOutput(logits=logits), labels)
    soft = nn.functional.one_hot(labels, 3).float()
    parts = [
        loss(ImageClassifierOutput(logits=logits[rows]), targets[rows], torch.tensor(targets.numel()))
        for targets in (labels, soft)
        for rows in (slice(0, 2), slice(2, 6))
    ]
    torch.testing.assert_close(parts[0] + parts[1], whole)
    torch.testing.assert_close(parts[2] + parts[3], whole)
    plain = classification_loss()(ImageClassifierOutput(logits=logits), labels)
    torch.testing.assert_close(plain, nn.functional.cross_entropy(logits, labels))


def test_balanced_weights_give_classes_the_same_sum():
    labels = np.array([0] * 6 + [1] * 2 + [3] * 1)
    found = balanced_class_weights(labels, 5)
    sums = [float(found[label]) * int((labels == label).sum()) for label in range(5)]
    np.testing.assert_allclose(sums, [3, 3, 0, 3, 0], rtol=1e-6)
    assert found[labels].mean() == pytest.approx(1)


# ---------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 0}, {"learning_rate": 0.0}, {"layer_decay": 1.5}, {"method": "half"}, {"label_smoothing": 1.0}]
    + [{"mixup": -1.0}, {"class_weights": "some"}, {"resume_from": "last"}, {"mixed_precision": "fp8"}]
    + [{"ema_decay": 1.0}, {"ema_decay": -0.1}],
)
def test_arguments_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        FineTuningArguments(**options)


def test_users_find_it_at_the_top():
    assert tmor_hf.finetune_classifier is finetune_classifier
    assert tmor_hf.FineTuningArguments is FineTuningArguments
