# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The few-shot example: it measures, goes on where it was stopped, and saves adapters of one's own clips."""

import json

import pytest

from tmor_hf import SyntheticMotion, TMorFeatureExtractor, write_skeletons
from tmor_hf.few_shot import load_adapter

TINY = ("--dataset", "synthetic:50", "--shots", "1", "2", "--episodes", "2", "--num-steps", "2")


@pytest.fixture
def example(example, monkeypatch):
    """The example with pre-training that takes no time."""
    monkeypatch.setattr(example, "PRETRAINING", {**example.PRETRAINING, "max_steps": 2})
    return example


def run(example, *options):
    return example.main(example.get_arguments([str(option) for option in options]))


def test_smoke_measures_every_method_with_intervals(example, tmp_path, capsys):
    path = tmp_path / "out" / "results.json"
    summary = run(example, "--smoke", *TINY, "--methods", "linear", "prompt", "scratch", "--output", path)
    assert set(summary) == {f"{shots}/{method}" for shots in (1, 2) for method in ("linear", "prompt", "scratch")}
    entry = summary["2/prompt"]
    assert entry["episodes"] == 2 and 0 <= entry["top1"][0] <= 100 and entry["top1"][1] >= 0
    gain = summary["2/prompt"]["top1"][0] - summary["2/linear"]["top1"][0]
    assert entry["gain_over_linear"][0] == pytest.approx(gain, abs=0.02)
    assert json.loads(path.read_text())["summary"] == summary
    assert "±" in capsys.readouterr().out


def test_a_second_run_goes_on_with_what_is_missing(example, monkeypatch, checkpoint, tmp_path):
    path = tmp_path / "results.json"
    options = ("--smoke", "--model", checkpoint, *TINY, "--num-queries", 2, "--methods", "linear", "--output", path)
    run(example, *options)
    first = json.loads(path.read_text())["episodes"]
    calls = []
    original = example.run_episode
    monkeypatch.setattr(example, "run_episode", lambda *args: calls.append(args[4].index) or original(*args))
    run(example, *options, "--episodes", 3)
    assert calls == [2, 2]
    found = json.loads(path.read_text())["episodes"]
    assert all(found[key][index] == value for key, runs in first.items() for index, value in runs.items())
    with pytest.raises(SystemExit, match="results of other settings"):
        run(example, *options, "--seed", 1)


def test_own_clips_become_an_adapter_of_some_kilobytes(example, checkpoint, tmp_path, capsys):
    for action in ("walk", "clap"):
        (tmp_path / "clips" / action).mkdir(parents=True)
        motion = SyntheticMotion(3, seed=1, actions=(action,))
        for number in range(3):
            write_skeletons(motion[number].skeletons, tmp_path / "clips" / action / f"{number}.npz")
    options = ("--dataset", tmp_path / "clips", "--method", "linear", "--text")
    run(example, "--model", checkpoint, *options, "--save-adapter", tmp_path / "adapter")
    assert "6 clips, 2 classes" in capsys.readouterr().out
    model = load_adapter(tmp_path / "adapter")
    clip = SyntheticMotion(1, seed=2)[0].skeletons
    assert model(**TMorFeatureExtractor()(clip, return_tensors="pt")).logits.shape == (1, 2)
    assert set(model.config.id2label.values()) == {"walk", "clap"}


def test_what_is_missing_is_said_at_once(example, capsys):
    for options, words in ((), "nothing to do"), (("--model", "m", "--dataset", "nw_ucla"), "needs --data-dir"):
        with pytest.raises(SystemExit):
            example.get_arguments(options)
        assert words in capsys.readouterr().err
