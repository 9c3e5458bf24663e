# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Distillation of a text tower: losses, start from words, stop and go on, and the student inside a `TMorModel`."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from tmor_hf import TMorModel
from tmor_hf.data import build_tokenizer, generate_sentences
from tmor_hf.training import (
    DistillationArguments,
    agreement,
    build_student,
    build_student_tokenizer,
    distill,
    distillation_loss,
    embed_sentences,
    load_student,
    plain_words,
    replace_text_tower,
    save_student,
    start_from_words,
    teacher_embeddings,
    vocabulary_texts,
)

TEACHER_SIZE = 24  # the hidden size of the text tower of the tiny model


@pytest.fixture
def sentences():
    return generate_sentences(120, seed=3)


@pytest.fixture
def teacher(sentences):
    tokenizer = build_tokenizer(sentences)
    torch.manual_seed(0)
    sizes = {"hidden_size": TEACHER_SIZE, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    return BertModel(BertConfig(vocab_size=len(tokenizer), **sizes), add_pooling_layer=False).eval(), tokenizer


@pytest.fixture
def student(sentences, teacher):
    tokenizer = build_student_tokenizer(sentences, teacher[1], vocab_size=500)
    return build_student(tokenizer, TEACHER_SIZE, hidden_size=16, num_hidden_layers=1, seed=0)


@pytest.fixture
def targets(sentences, teacher):
    return embed_sentences(*teacher, sentences)


def arguments(folder, **options):
    options = {"num_epochs": 4, "batch_size": 32, "eval_steps": 0, "save_steps": 3, "progress_bar": False, **options}
    return DistillationArguments(output_dir=str(folder), **options)


def test_loss_is_zero_for_the_teacher_itself_and_ignores_lengths():
    embeds = torch.randn(6, 8)
    assert distillation_loss(3 * embeds, embeds, 5.0) == pytest.approx(0, abs=1e-6)
    assert distillation_loss(-embeds, embeds, 5.0) == pytest.approx(2, abs=1e-5)  # similarities are the same


def test_similarities_count_by_their_weight():
    embeds, targets = torch.eye(2), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert distillation_loss(embeds, targets, 0.0) == pytest.approx(0.5)
    # Two of the four similarities are off by one.
    assert distillation_loss(embeds, targets, 3.0) == pytest.approx(0.5 + 3 * 0.5)


def test_agreement_is_one_for_the_same_order_of_similarities():
    targets = torch.randn(20, 8, generator=torch.Generator().manual_seed(0))
    same = agreement(2 * targets, targets)
    assert same["cosine"] == pytest.approx(1) and same["spearman"] == pytest.approx(1)
    turned = targets @ torch.linalg.qr(torch.randn(8, 8, generator=torch.Generator().manual_seed(1))).Q
    found = agreement(turned, targets)
    assert found["spearman"] > 0.99 and found["cosine"] < 0.9  # a rotation keeps all similarities


def test_embeddings_do_not_depend_on_the_other_sentences(teacher, sentences):
    together = embed_sentences(*teacher, sentences, batch_size=7)
    alone = torch.cat([embed_sentences(*teacher, [sentence]) for sentence in sentences[:5]])
    torch.testing.assert_close(together[:5], alone, rtol=1e-4, atol=1e-5)


def test_cached_embeddings_are_read_and_those_of_another_teacher_are_not(teacher, sentences, tmp_path, monkeypatch):
    model, tokenizer = teacher
    first = teacher_embeddings(model, tokenizer, sentences, tmp_path, progress_bar=False)
    torch.testing.assert_close(first, embed_sentences(model, tokenizer, sentences))
    with monkeypatch.context() as patch:
        patch.setattr("tmor_hf.training.distillation.embed_sentences", None)  # calling it would fail
        assert torch.equal(teacher_embeddings(model, tokenizer, sentences, tmp_path, progress_bar=False), first)
    with torch.no_grad():
        model.get_input_embeddings().weight.add_(torch.randn_like(model.get_input_embeddings().weight))
    assert not torch.allclose(teacher_embeddings(model, tokenizer, sentences, tmp_path, progress_bar=False), first)


def test_vocabulary_has_the_corpus_and_then_words_and_parts_of_the_teacher():
    rich = build_tokenizer(["walking jumping flamingo"], more=["helicopter", "##tion", "zebra"])
    tokenizer = build_student_tokenizer(["a person walking"], rich)
    vocabulary = tokenizer.get_vocab()
    assert {"walking", "person", "helicopter", "flamingo", "##tion"} <= set(vocabulary)
    assert tokenizer.tokenize("helicoption helicoptertion")[-2:] == ["helicopter", "##tion"]
    assert plain_words(rich)[-2:] == ["helicopter", "zebra"]
    texts = vocabulary_texts(tokenizer)
    assert len(texts) == len(tokenizer) and texts[vocabulary["##tion"]] == "tion"


def test_starting_from_words_agrees_with_the_teacher_at_once(student, teacher, sentences, targets):
    before = agreement(embed_sentences(student.model, student.tokenizer, sentences, student.head), targets)
    vectors = embed_sentences(*teacher, vocabulary_texts(student.tokenizer))
    start_from_words(student, vectors, sentences, targets)
    after = agreement(embed_sentences(student.model, student.tokenizer, sentences, student.head), targets)
    assert after["cosine"] > before["cosine"] + 0.2 and after["spearman"] > before["spearman"] + 0.2


def test_distillation_learns_and_says_how_well(student, sentences, targets, tmp_path):
    def evaluate(student):
        return agreement(embed_sentences(student.model, student.tokenizer, sentences, student.head), targets)

    before = evaluate(student)
    metrics = distill(student, sentences, targets, arguments(tmp_path, num_epochs=15), evaluate)
    assert metrics["steps"] == 15 * 4
    assert metrics["cosine"] > before["cosine"] + 0.3 and metrics["spearman"] > before["spearman"] + 0.1


class Stopped(Exception):
    pass


def test_a_run_that_was_killed_ends_as_one_that_was_not(student, teacher, sentences, targets, tmp_path):
    distill(student, sentences, targets, arguments(tmp_path / "whole"))
    sizes = {"hidden_size": 16, "num_hidden_layers": 1}

    def stop(_):
        raise Stopped

    options = {"eval_steps": 5}  # after the checkpoint of step 3
    again = build_student(student.tokenizer, TEACHER_SIZE, **sizes)
    with pytest.raises(Stopped):
        distill(again, sentences, targets, arguments(tmp_path / "parts", **options), stop)
    other = build_student(student.tokenizer, TEACHER_SIZE, **sizes, seed=5)  # all comes from the checkpoint
    metrics = distill(other, sentences, targets, arguments(tmp_path / "parts"))
    assert metrics["steps"] == 16
    for name, value in student.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[name]), name
    assert torch.equal(student.head.weight, other.head.weight)
    with pytest.raises(ValueError, match="expected the arguments of .*choose another output_dir"):
        distill(other, sentences, targets, arguments(tmp_path / "parts", learning_rate=1.0))


def test_a_saved_student_loads_by_the_auto_classes(student, sentences, tmp_path):
    save_student(student, tmp_path)
    expected = embed_sentences(student.model, student.tokenizer, sentences[:5], student.head)
    loaded = load_student(tmp_path)
    torch.testing.assert_close(embed_sentences(loaded.model, loaded.tokenizer, sentences[:5], loaded.head), expected)
    model, tokenizer = AutoModel.from_pretrained(tmp_path).eval(), AutoTokenizer.from_pretrained(tmp_path)
    torch.testing.assert_close(embed_sentences(model, tokenizer, sentences[:5], loaded.head), expected)
    (tmp_path / "head.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="head.safetensors"):
        load_student(tmp_path)


def text_embeds(model, tokenizer, sentences):
    with torch.no_grad():
        return model(**tokenizer(sentences, padding=True, return_tensors="pt")).text_embeds


def test_the_new_tower_embeds_as_the_student_through_the_old_projection(tiny_model, student, sentences, tmp_path):
    old = {name: value.clone() for name, value in tiny_model.state_dict().items()}
    new = replace_text_tower(tiny_model, student.model, student.head)
    imitated = embed_sentences(student.model, student.tokenizer, sentences[:6], student.head)
    with torch.no_grad():
        expected = functional.normalize(tiny_model.text_projection(imitated), dim=-1)
    torch.testing.assert_close(text_embeds(new, student.tokenizer, sentences[:6]), expected, rtol=1e-4, atol=1e-5)
    for name, value in new.state_dict().items():
        if not name.startswith("text_"):
            assert torch.equal(value, old[name]), name
    assert all(torch.equal(value, old[name]) for name, value in tiny_model.state_dict().items())
    assert new.config.text_config.hidden_size == 16 and tiny_model.config.text_config.hidden_size == TEACHER_SIZE
    new.save_pretrained(tmp_path)
    loaded = TMorModel.from_pretrained(tmp_path).eval()
    torch.testing.assert_close(
        text_embeds(loaded, student.tokenizer, sentences[:6]), text_embeds(new, student.tokenizer, sentences[:6])
    )


def test_a_head_or_a_pooling_that_does_not_fit_is_refused(tiny_model, student):
    with pytest.raises(ValueError, match="head without bias from 16 to 24"):
        replace_text_tower(tiny_model, student.model, nn.Linear(16, 32, bias=False))
    with pytest.raises(ValueError, match="head without bias"):
        replace_text_tower(tiny_model, student.model, nn.Linear(16, TEACHER_SIZE))
    tiny_model.config.text_pooling = "cls"
    with pytest.raises(ValueError, match="text_pooling 'mean'"):
        replace_text_tower(tiny_model, student.model, student.head)


def test_arguments_out_of_range_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected learning_rate to be positive"):
        arguments(tmp_path, learning_rate=0.0)
    with pytest.raises(ValueError, match="expected batch_size to be at least 1"):
        arguments(tmp_path, batch_size=0)
