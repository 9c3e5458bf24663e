# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The fine-tuning example: it trains from every kind of source, and the pipeline loads what it wrote."""

import json

import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor, pipeline

from tmor_hf import (
    SyntheticMotion,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    write_skeletons,
)
from tmor_hf.data.posecap import write_posecap_mini

TINY = ("--preset", "tiny", "--max-steps", "4", "--batch-size", "8", "--num-frames", "8", "--cpu", "--no-progress-bar")


def finetune(example, folder, *options):
    return example.finetune(example.get_arguments([*TINY, "--output-dir", str(folder), *map(str, options)]))


def write_classes(folder, count=5, actions=("walk", "clap")):
    """A folder of clips for each class, in several formats."""
    for action in actions:
        (folder / action).mkdir(parents=True)
        motion = SyntheticMotion(count, seed=1, actions=(action,))
        for number in range(count):
            suffix = ("npz", "json", "csv")[number % 3]
            write_skeletons(motion[number].skeletons, folder / action / f"{number}.{suffix}")
    return folder


def write_benchmark(folder):
    """Forty clips that look like NW-UCLA: ten of a test view, four of these copies of training clips."""
    rng, count = np.random.default_rng(0), 40
    (folder / "nw_ucla").mkdir()
    number = np.arange(count)
    np.savez(
        folder / "nw_ucla" / "data.npz",
        kp=rng.uniform(0.1, 1, (count * 5, 20, 3)).astype(np.float32), offsets=np.arange(0, count * 5 + 1, 5),
        names=np.array([f"clip{n}" for n in number]), labels=number % 2, subject=np.where(number % 5 == 0, 10, 1),
        split=(number >= 30).astype(int), leak=number >= 36,
    )  # fmt: skip
    (folder / "nw_ucla" / "meta.json").write_text(json.dumps({"classes": ["sit down", "donning"]}))
    return folder


def test_clips_with_suspect_labels_are_listed_and_left_out(example, tmp_path, monkeypatch):
    folder, judged = write_classes(tmp_path / "clips"), []

    def suspects(logits, labels):
        judged.append(logits.shape)
        return np.arange(len(labels)) == 1

    monkeypatch.setattr(example, "suspect_labels", suspects)
    options = ("--dataset", folder, "--audit-folds", 2)
    metrics = finetune(example, tmp_path / "out", *options)
    assert (metrics["suspect_clips"], metrics["train_clips"], judged) == (1, 7, [(8, 2)])
    listed = json.loads((tmp_path / "out" / "suspect_labels.json").read_text())
    ((name, entry),) = listed.items()
    assert name.startswith(entry["label"]) and entry["likely"] in ("walk", "clap")
    again = finetune(example, tmp_path / "out", *options, "--resume-from", "last")
    assert again["train_clips"] == 7 and len(judged) == 1  # what was found before the stop stands


def test_exchanged_classes_are_listed_and_exchanged_back(example, tmp_path, monkeypatch):
    folder, trained = write_classes(tmp_path / "clips"), []

    def exchanged(logits, labels, groups):
        assert len(groups) == len(labels) == len(logits)
        return np.where(np.arange(len(labels)) < 7, 1 - labels, labels)

    def fit(model, extractor, train, *others):
        trained.append(train)
        return finetune_classifier(model, extractor, train, *others)

    finetune_classifier = example.finetune_classifier
    monkeypatch.setattr(example, "repair_exchanged_labels", exchanged)
    monkeypatch.setattr(example, "finetune_classifier", fit)
    options = ("--dataset", folder, "--audit-folds", 2, "--audit-cure", "exchange")
    metrics = finetune(example, tmp_path / "out", *options)
    assert (metrics["suspect_clips"], metrics["train_clips"]) == (7, 8)
    listed = json.loads((tmp_path / "out" / "suspect_labels.json").read_text())
    for clip in trained[-1]:
        is_listed, was = clip.name in listed, "walk" if clip.name.startswith("walk") else "clap"
        assert clip.class_name == trained[-1].class_names[clip.label]
        assert (clip.class_name != was) == is_listed
        assert not is_listed or listed[clip.name] == {"label": was, "likely": clip.class_name}


def test_ten_clips_of_ones_own_become_a_model_for_the_pipeline(example, tmp_path):
    folder = write_classes(tmp_path / "clips")
    metrics = finetune(example, tmp_path / "out", "--dataset", folder)
    assert (metrics["train_clips"], metrics["validation_clips"]) == (8, 2)
    classifier = pipeline("skeleton-action-classification", model=str(tmp_path / "out"))
    answer = classifier(str(folder / "clap" / "0.npz"))
    assert {entry["label"] for entry in answer} == {"walk", "clap"}


def test_two_clips_a_class_train_without_validation(example, tmp_path, caplog):
    metrics = finetune(example, tmp_path / "out", "--dataset", write_classes(tmp_path / "clips", count=2))
    assert metrics["train_clips"] == 4 and "validation_accuracy" not in metrics
    assert "there is no validation part" in caplog.text


def test_few_clips_are_seen_often_and_changed_strongly(example, tmp_path):
    args = example.get_arguments(["--dataset", "synthetic:20"])
    train, _ = example.get_datasets(args)
    assert args.min_steps >= 100 and args.augmentation == "auto"
    strong, light = (example.fine_tuning_augmentation(train.class_names, is_strong) for is_strong in (True, False))
    assert example.get_augmentation(args, train) == strong != light
    args.augmentation = "none"
    assert example.get_augmentation(args, train) is None


def test_a_benchmark_is_measured_with_and_without_leaked_clips(example, tmp_path):
    write_benchmark(tmp_path)
    options = ("--dataset", "nw_ucla", "--data-dir", tmp_path, "--test", "--num-views", 2)
    metrics = finetune(example, tmp_path / "out", *options)
    sizes = [metrics[name] for name in ("train_clips", "validation_clips", "test_clips", "test_clips_leak_free")]
    assert sizes == [24, 6, 10, 6]
    hits = metrics["test_accuracy"] * 10, metrics["test_accuracy_leak_free"] * 6
    assert all(count == pytest.approx(round(count)) for count in hits)


def test_posecap_trains_by_its_labels(example, tmp_path):
    pytest.importorskip("pyarrow")
    folder = write_posecap_mini(tmp_path / "mini", num_clips=40)
    metrics = finetune(example, tmp_path / "out", "--dataset", folder)
    assert metrics["steps"] == 4 and np.isfinite(metrics["train_loss"])


@pytest.mark.parametrize("kind", ["contrastive", "encoder", "classifier of other classes"])
def test_every_checkpoint_can_be_the_start(example, tmp_path, tiny_model, kind):
    extractor = TMorFeatureExtractor(num_frames=12)
    torch.manual_seed(1)
    start = {
        "contrastive": tiny_model,
        "encoder": TMorSkeletonModel(TMorSkeletonConfig.tiny()),
        "classifier of other classes": TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny(num_labels=7)),
    }[kind]
    start.save_pretrained(tmp_path / "start")
    extractor.save_pretrained(tmp_path / "start")
    args = example.get_arguments(["--dataset", "synthetic:9", "--model", str(tmp_path / "start"), "--dropout", "0.3"])
    model, loaded = example.get_model(args, ("a", "b", "c"))
    assert loaded.num_frames == 12 and model.config.id2label == {0: "a", 1: "b", 2: "c"}
    assert model.classifier.out_features == 3 and model.skeleton_model.layers[0].dropout.p == 0.3
    encoder = getattr(start, "skeleton_model", start)
    for name, value in encoder.state_dict().items():
        torch.testing.assert_close(model.skeleton_model.state_dict()[name], value)
    metrics = finetune(example, tmp_path / "out", "--dataset", "synthetic:9", "--model", tmp_path / "start")
    assert metrics["steps"] == 4
    assert AutoFeatureExtractor.from_pretrained(tmp_path / "out").num_frames == 12


def test_the_smoke_run_learns(example, tmp_path):
    options = ("--smoke", "--output-dir", str(tmp_path), "--cpu", "--no-progress-bar", "--max-steps", "60")
    metrics = example.finetune(example.get_arguments([*options, "--dataset", "synthetic:160", "--num-frames", "16"]))
    assert metrics["validation_accuracy"] > 0.6  # chance is about 0.25


def test_what_is_not_at_hand_is_said_at_once(example, capsys):
    for options, words in (((), "nothing to train on"), (("--dataset", "nw_ucla"), "needs --data-dir")):
        with pytest.raises(SystemExit):
            example.get_arguments([*options])
        assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [(), ("-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone")])
def test_the_command_runs_in_one_process_or_two(run_script, tmp_path, launcher):
    options = ("--dataset", "synthetic:40", "--output-dir", str(tmp_path), "--mixup", "0.2")
    result = run_script(*TINY, *options, launcher=launcher)
    assert result.returncode == 0, result.stderr
    metrics = json.loads(result.stdout.splitlines()[-1])
    assert metrics["steps"] == 4 and metrics["validation_accuracy"] == pytest.approx(metrics["accuracy"])


@pytest.mark.slow
def test_help_fits_a_screen_and_a_half(run_script):
    result = run_script("--help")
    lines = result.stdout.splitlines()
    assert result.returncode == 0 and "--smoke" in result.stdout
    assert len(lines) <= 75 and max(map(len, lines)) <= 120
