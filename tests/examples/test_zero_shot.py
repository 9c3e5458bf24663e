# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The zero-shot example: each protocol on generated motion and on a folder of classes."""

import json

import numpy as np
import pytest

from tmor_hf import SyntheticMotion, write_skeletons
from tmor_hf.data import MotionDataset, class_texts


def run(example, *options):
    return example.main(example.get_arguments([str(option) for option in options]))


def test_smoke_trains_and_runs_every_protocol(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SMOKE_TRAINING", {"preset": "tiny", "synthetic": 60, "max-steps": 2})
    protocols = json.loads(json.dumps(run(example, "--smoke")))["protocols"]
    assert set(protocols) == set(example.ZERO_SHOT_PROTOCOLS)
    whole, alone, both = (protocols[name]["mean"] for name in example.ZERO_SHOT_PROTOCOLS)
    assert alone["clips"] == both["unseen_clips"] < whole["clips"] == both["unseen_clips"] + both["seen_clips"]
    assert alone["chance"] > whole["chance"]
    output = capsys.readouterr().out
    assert "generalised (1 splits)" in output and "near chance" in output


def test_a_folder_of_classes_in_all_ways_to_say_what_is_unseen(example, checkpoint, tmp_path):
    for action in ("walk", "clap", "squat"):
        (tmp_path / "clips" / action).mkdir(parents=True)
        for number, clip in enumerate(SyntheticMotion(2, seed=1, actions=(action,))):
            write_skeletons(clip.skeletons, tmp_path / "clips" / action / f"{number}.npz")
    options = ("--model", checkpoint, "--dataset", tmp_path / "clips")
    assert run(example, *options)["protocols"]["cross-dataset"]["mean"]["clips"] == 6
    options += ("--protocol", "unseen-classes")
    named = run(example, *options, "--unseen", "walk", "squat")["protocols"]["unseen-classes"]
    assert named["mean"]["chance"] == 0.5 and set(named["splits"]["classes"]["per_class"]) == {"walk", "squat"}
    drawn = run(example, *options, "--num-unseen", 1, "--num-splits", 3)["protocols"]["unseen-classes"]
    assert set(drawn["splits"]) == {"seed0", "seed1", "seed2"}
    assert drawn["mean"]["top1"] == 1  # one class to choose from


def test_what_is_missing_is_said_at_once(example, capsys):
    model = ("--model", "m", "--dataset", "clips")
    for options, words in (
        ((), "nothing to do"),
        (("--model", "m", "--dataset", "nw_ucla"), "needs --data-dir"),
        ((*model, "--protocol", "generalised"), "needs --unseen"),
        ((*model, "--labels", "descriptions"), "needs a benchmark"),
    ):
        with pytest.raises(SystemExit):
            example.get_arguments(options)
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("labels", "texts"),
    [
        ("names", {"a person donning"}),
        ("phrases", {"a person putting on a jacket"}),
        ("descriptions", {"one arm after the other goes into a sleeve while the shoulders turn"}),
    ],
)
def test_labels_choose_the_texts_of_the_classes(example, labels, texts):
    phrases = [text.phrase for text in class_texts("nw_ucla").values() if text.group in ("put on a jacket", "throw")]
    options = ["--model", "m", "--dataset", "nw_ucla", "--data-dir", "d", "--labels", labels]
    seen = []

    def embed_texts(some):
        seen.extend(some)
        return np.random.default_rng(0).normal(size=(len(some), 4))

    clips = MotionDataset([], "nw_ucla", phrases)
    assert example.get_class_embeddings(example.get_arguments(options), clips, embed_texts).shape == (2, 4)
    assert texts <= set(seen)
