# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor search`: hits in words and JSON, by text and by example, and errors of one line."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from tmor_hf import TMorForSkeletonActionClassification, checkpoints
from tmor_hf.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, tiny_model, tiny_processor, random_clip) -> Path:
    """Three clips, one of them of ten seconds, and a contrastive model."""
    monkeypatch.chdir(tmp_path)
    tiny_model.save_pretrained("model")
    tiny_processor.save_pretrained("model")
    Path("clips").mkdir()
    random_clip(frames=60, fps=30).save(Path("clips/walk.npz"))
    random_clip(frames=60).save(Path("clips/sit.npz"))
    random_clip(frames=100, fps=10).save(Path("clips/day.npz"))
    return Path("clips")


def run(*words: str) -> int:
    return main(["search", *words, "--model", "model"])


def test_words_find_stretches_that_do_not_overlap(capsys):
    assert run("a person waving with the left hand", "clips") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == [str(rank) for rank in range(1, len(rows) + 1)]
    scores = [float(row[1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert ["sit.npz", "0", "to", "60", "frames"] in [row[2:] for row in rows]
    assert ["walk.npz", "0.00", "to", "2.00", "s"] in [row[2:] for row in rows]
    assert 1 <= sum(row[2] == "day.npz" for row in rows) <= 2


def test_json_is_an_object_a_line(capsys):
    assert run("someone sitting down", "clips", "--json", "--top", "2") == 0
    hits = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(hits) == 2 and hits[0]["score"] >= hits[1]["score"]
    assert set(hits[0]) == {"file", "clip", "start", "end", "unit", "score"}


def test_a_clip_finds_itself_first(capsys):
    assert run("clips", "--like", "clips/sit.npz", "--top", "1", "--json") == 0
    hit = json.loads(capsys.readouterr().out)
    assert hit["file"] == "sit.npz" and hit["score"] == pytest.approx(1, abs=1e-5)
    assert run("--like", "clips/walk.npz", "clips", "--top", "1") == 0
    assert "walk.npz" in capsys.readouterr().out


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("option", [["--top", "1"], ["--rebuild", "--top=1"]])
def test_options_stand_anywhere(capsys, place, option):
    words = ["someone sitting down", "clips"]
    assert run(*words, "--top", "1") == 0
    expected = capsys.readouterr().out
    assert main(["search", "--model", "model", *words[:place], *option, *words[place:]]) == 0
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(
    "words", list(itertools.permutations([["clips"], ["--like", "clips/sit.npz"], ["--top", "1"]]))
)
def test_an_example_stands_anywhere(capsys, words):
    assert run(*itertools.chain(*words)) == 0
    assert "sit.npz" in capsys.readouterr().out


def test_files_that_do_not_say_their_layout_are_read_with_options(capsys, folder):
    for file in folder.iterdir():
        file.unlink()
    points = np.random.default_rng(0).normal(size=(40, 25, 3)) + 3
    np.save(folder / "points.npy", points.astype(np.float32))
    assert run("walking", "clips", "--layout", "ntu25", "--fps", "10") == 0
    assert capsys.readouterr().out.split()[-4:] == ["0.00", "to", "4.00", "s"]


def test_damaged_files_are_told_and_the_rest_is_searched(capsys, folder):
    (folder / "bad.npz").write_bytes(b"PK no archive")
    assert run("walking", "clips") == 1
    captured = capsys.readouterr()
    assert "walk.npz" in captured.out and "bad.npz" not in captured.out
    assert "bad.npz" in captured.err and "1 file could not be read" in captured.err


def test_a_model_without_words_is_refused_for_words_and_takes_examples(
    capsys, tiny_skeleton_config, tiny_feature_extractor
):
    TMorForSkeletonActionClassification(tiny_skeleton_config).save_pretrained("classifier")
    tiny_feature_extractor.save_pretrained("classifier")
    assert main(["search", "walking", "clips", "--model", "classifier"]) == 1
    error = capsys.readouterr().err
    assert "--like FILE" in error and error.count("\n") == 1
    assert main(["search", "clips", "--like", "clips/walk.npz", "--model", "classifier", "--top", "1"]) == 0
    assert "walk.npz" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["clips"], "either words"),
        (["walking", "clips", "--like", "clips/walk.npz", "--model", "model"], "either words"),
        (["walking", "none", "--model", "model"], "none"),
        (["walking", "clips", "--clip", "a", "--model", "model"], "--like"),
        (["walking", "clips", "--stride", "5", "--model", "model"], "stride"),
        (["clips", "--like", "clips/none.npz", "--model", "model"], "none.npz"),
    ],
)
def test_errors_take_one_line_and_name_the_cure(capsys, words, message):
    assert main(["search", *words]) == 1
    captured = capsys.readouterr()
    assert message in captured.err and captured.err.count("\n") == 1 and not captured.out


@pytest.mark.parametrize(("words", "message"), [([], "TEXT"), (["walking", "clips", "more"], "more")])
def test_too_few_and_too_many_words_are_wrong_calls(capsys, words, message):
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_the_default_model_is_the_bundled_one(capsys, monkeypatch):
    monkeypatch.setattr(checkpoints, "__file__", str(Path("bundle", "__init__.py").absolute()))
    assert main(["search", "walking", "clips"]) == 1
    error = capsys.readouterr().err
    assert "make weights" in error and error.count("\n") == 1
    Path("bundle").mkdir()
    Path("model").rename("bundle/tmor-base")
    assert main(["search", "walking", "clips", "--top", "1"]) == 0
    assert capsys.readouterr().out.startswith("   1")
