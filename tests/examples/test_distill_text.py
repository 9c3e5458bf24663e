# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The example that distils a text tower: what it writes, and that it goes on where it was stopped."""

import json

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from tmor_hf.training import embed_sentences, load_student

SMOKE = ("--smoke", "--no-progress-bar", "--save-steps", "5")


def run(example, *options):
    return example.main(example.get_arguments([str(option) for option in options]))


def test_smoke_writes_a_student_that_loads(example, tmp_path):
    metrics = run(example, *SMOKE, "--output-dir", tmp_path)
    assert metrics["steps"] == 20 and 0 < metrics["loss"] < 2
    assert {f"{part}_{name}" for part in ("held_out", "unseen_verbs") for name in ("cosine", "spearman")} <= set(
        metrics
    )
    student = load_student(tmp_path)
    assert metrics["parameters"] == sum(weight.numel() for weight in student.model.parameters())
    embeds = embed_sentences(student.model, student.tokenizer, ["a zyxq waves"], student.head)
    assert embeds.shape == (1, 48) and torch.isfinite(embeds).all()
    assert AutoModel.from_pretrained(tmp_path).config.hidden_size == 32
    assert "[UNK]" not in AutoTokenizer.from_pretrained(tmp_path).tokenize("a zyxq waves 3 times!")


def test_a_second_run_reads_the_teacher_and_goes_on(example, tmp_path, monkeypatch):
    first = run(example, *SMOKE, "--output-dir", tmp_path)
    files = sorted((tmp_path / "teacher").iterdir())
    again = run(example, *SMOKE, "--output-dir", tmp_path)
    assert sorted((tmp_path / "teacher").iterdir()) == files and files
    assert again["steps"] == first["steps"]
    with pytest.raises(ValueError, match="choose another output_dir"):
        run(example, *SMOKE, "--output-dir", tmp_path, "--seed", "0", "--learning-rate", "0.1")


def test_sentences_of_training_have_neither_held_out_ones_nor_unseen_verbs(example, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(example, "distill", lambda student, sentences, *_: asked.extend(sentences) or {})
    args = example.get_arguments([*SMOKE, "--output-dir", str(tmp_path)])
    example.main(args)
    split = example.get_sentences(args)
    assert set(split.train) <= set(asked) and len(asked) > len(split.train)
    assert not set(asked) & {*split.held_out, *split.unseen_verbs}


@pytest.mark.slow
def test_the_command_ends_with_one_line_of_json(run_script, tmp_path):
    result = run_script(*SMOKE, "--output-dir", tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["steps"] == 20
