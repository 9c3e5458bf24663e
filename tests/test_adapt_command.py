# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor adapt`: a folder of clips becomes a model that `tmor classify` takes, and a report that counts rightly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tmor_hf import Skeletons, TMorForSkeletonActionClassification, checkpoints
from tmor_hf.cli import adapt as command
from tmor_hf.cli import main
from tmor_hf.evaluation import predict_logits
from tmor_hf.few_shot import METHODS, adapt

CLASSES = {"clapping": 4, "sitting_down": 3, "walking": 3}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, tiny_model, tiny_processor, random_clip) -> Path:
    """Ten clips of three classes, each with a body of its own, and a contrastive model."""
    monkeypatch.chdir(tmp_path)
    tiny_model.save_pretrained("model")
    tiny_processor.save_pretrained("model")
    for name, count in CLASSES.items():
        Path("clips", name).mkdir(parents=True)
        body = random_clip(frames=1).keypoints
        for number in range(count):
            motion = random_clip(frames=12).keypoints
            Skeletons((body + 0.05 * motion).astype(np.float32), layout="ntu25").save(
                Path(f"clips/{name}/{number}.npz")
            )
    return Path("clips")


def run(*words: str) -> int:
    return main(["adapt", "clips", "mine", "--model", "model", *words])


def test_the_methods_are_those_of_adapt():
    assert command.METHODS == tuple(name for name in METHODS if name != "scratch")


@pytest.mark.parametrize("method", command.METHODS)
def test_every_method_makes_a_classifier_that_names_files(capsys, method):
    assert run("--method", method, "--folds", "0") == 0
    model = TMorForSkeletonActionClassification.from_pretrained("mine")
    assert list(model.config.id2label.values()) == ["clapping", "sitting down", "walking"]
    capsys.readouterr()
    files = [f"clips/{name}/0.npz" for name in CLASSES]
    assert main(["classify", *files, "--model", "mine", "--top-k", "1", "--json"]) == 0
    labels = [json.loads(line)["labels"][0]["label"] for line in capsys.readouterr().out.splitlines()]
    assert labels == ["clapping", "sitting down", "walking"]


def test_the_model_is_what_adapt_makes(folder, tiny_model, tiny_processor):
    from tmor_hf.data import load_clip_folder

    clips = load_clip_folder(folder)
    for options, tokenizer in (([], tiny_processor.tokenizer), (["--no-names", "--force"], None)):
        assert run("--folds", "0", "--seed", "3", *options) == 0
        model = TMorForSkeletonActionClassification.from_pretrained("mine").eval()
        expected = adapt(tiny_model, tiny_processor.feature_extractor, clips, "linear", tokenizer=tokenizer, seed=3)
        torch.testing.assert_close(model.classifier.weight, expected.classifier.weight)
        torch.testing.assert_close(model.classifier.bias, expected.classifier.bias)


def test_the_report_counts_clips_that_a_model_did_not_learn_from(capsys, monkeypatch):
    learned: list[set[str]] = []

    def fit(model, feature_extractor, support, *args, **options):
        learned.append({clip.name for clip in support})
        return adapt(model, feature_extractor, support, *args, **options)

    def predict(model, feature_extractor, clips, **options):
        assert not learned[-1] & {clip.name for clip in clips}
        logits = predict_logits(model, feature_extractor, clips, **options)
        return np.eye(3)[[0 if clip.name == "walking/2" else clip.label for clip in clips]] + 0 * logits

    monkeypatch.setattr("tmor_hf.few_shot.adapt", fit)
    monkeypatch.setattr("tmor_hf.evaluation.predict_logits", predict)
    assert run("--folds", "3", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [len(names) for names in learned] == [6, 7, 7, 10]  # and in the end from all
    assert report["clips"] == 10 and report["held_out_accuracy"] == 0.9
    assert report["classes"]["clapping"] == {"clips": 4, "held_out": 4, "right": 4}
    assert report["classes"]["walking"] == {"clips": 3, "held_out": 3, "right": 2}
    assert report["mistakes"] == [{"clip": "walking/2", "class": "walking", "taken_for": "clapping"}]
    assert run("--folds", "3", "--force") == 0
    out = capsys.readouterr().out
    assert "walking/2 was taken for clapping" in out and "2 of 3" in out and "90% of held-out clips" in out
    assert "it may be fewer of new people" in out


def test_what_cannot_be_held_out_is_not_measured(capsys):
    for name in ("1", "2"):
        Path(f"clips/walking/{name}.npz").unlink()
    assert run() == 0
    out = capsys.readouterr().out
    assert "not measured" in next(line for line in out.splitlines() if line.startswith("walking"))
    for path in [*Path("clips/clapping").iterdir(), *Path("clips/sitting_down").iterdir()]:
        if path.stem != "0":
            path.unlink()
    assert run("--force", "--json") == 0  # one clip of each class
    report = json.loads(capsys.readouterr().out)
    assert report["held_out_accuracy"] is None and report["mistakes"] == []


def test_people_are_held_out_whole_where_they_are_named(capsys, monkeypatch):
    rows = [f"{name}/{number}.npz,{name},p{number}" for name, count in CLASSES.items() for number in range(count)]
    Path("clips/captions.csv").write_text("\n".join(["file,label,subject", *rows]))
    people: list[set[str]] = []

    def predict(model, feature_extractor, clips, **options):
        people.append({clip.subject for clip in clips})
        return predict_logits(model, feature_extractor, clips, **options)

    monkeypatch.setattr("tmor_hf.evaluation.predict_logits", predict)
    assert run() == 0
    assert people == [{"p0"}, {"p1"}, {"p2"}, {"p3"}]
    assert "new people" not in capsys.readouterr().out


def test_arrays_take_the_layout_that_is_given():
    rng = np.random.default_rng(0)
    for name in ("one", "two"):
        Path("arrays", name).mkdir(parents=True)
        np.save(f"arrays/{name}/0.npy", rng.random((9, 17, 2)))
    assert main(["adapt", "arrays", "mine", "--model", "model", "--layout", "coco17"]) == 0


def test_a_model_without_words_learns_from_clips_alone(tiny_model, tiny_processor):
    TMorForSkeletonActionClassification(tiny_model.config.skeleton_config).save_pretrained("encoder")
    tiny_processor.feature_extractor.save_pretrained("encoder")
    assert main(["adapt", "clips", "mine", "--model", "encoder", "--folds", "0"]) == 0


def test_the_bundled_model_is_the_default(monkeypatch):
    asked: list[str] = []

    def bundled(*names):
        asked.append(*names or ("default",))
        return Path("model")

    monkeypatch.setattr(checkpoints, "bundled", bundled)
    assert main(["adapt", "clips", "mine", "--folds", "0"]) == 0
    assert asked == ["default"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["clips", "clips"], "clips is not empty"),
        (["clips/walking", "mine"], "expected one of captions"),
        (["nowhere", "mine"], "expected a folder of clips, got nowhere"),
        (["clips", "mine", "--clip", "one"], "--clip chooses a clip of one file"),
    ],
)
def test_errors_take_a_line(capsys, words, message):
    assert main(["adapt", *words, "--model", "model"]) == 1
    err = capsys.readouterr().err
    assert message in err and len(err.strip().splitlines()) == 1
    assert not Path("mine").exists()


def test_one_class_is_no_choice(capsys, folder):
    for name in ("clapping", "walking"):
        for path in (folder / name).iterdir():
            path.unlink()
        (folder / name).rmdir()
    assert run() == 1
    assert "expected clips of at least two classes in clips, got 1" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--method", "scratch"), ("--folds", "1"), ("--folds", "-2")])
def test_a_bad_option_is_a_wrong_call(words):
    assert run(*words) == 2


def test_files_that_cannot_be_read_are_counted_and_tell(capsys, folder):
    (folder / "walking" / "9.npz").write_bytes(b"no archive")
    assert run("--folds", "0", "--json") == 1
    out, err = capsys.readouterr()
    (message,) = json.loads(out)["unread"]
    assert "9.npz" in message and "1 file could not be read" in err and "9.npz" in err
    assert TMorForSkeletonActionClassification.from_pretrained("mine").config.num_labels == 3


def test_a_folder_without_clips_is_no_class(capsys, folder):
    (folder / "notes").mkdir()
    assert run("--folds", "0") == 0
    assert "no clips of notes" in capsys.readouterr().err
    names = TMorForSkeletonActionClassification.from_pretrained("mine").config.id2label
    assert list(names.values()) == ["clapping", "sitting down", "walking"]


def test_other_splits_are_left_alone_and_named(capsys, folder):
    for name in CLASSES:
        (folder / "train" / name).parent.mkdir(exist_ok=True)
        (folder / name).rename(folder / "train" / name)
    (folder / "test" / "walking").mkdir(parents=True)
    (folder / "train" / "walking" / "2.npz").rename(folder / "test" / "walking" / "2.npz")
    assert run("--folds", "0", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["clips"] == 9 and "train read, test left alone" in err
