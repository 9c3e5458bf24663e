# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from __future__ import annotations

import pytest
import torch
from transformers import pipeline

from tmor_hf import TMorModel


def by_label(answer: list[dict]) -> dict[str, float]:
    return {row["label"]: row["score"] for row in answer}


@pytest.fixture
def text_calls(zero_shot_pipe, monkeypatch) -> list[int]:
    """Number of texts in each call of the text tower."""
    calls = []
    encode = zero_shot_pipe.model.get_text_features

    def counted(input_ids, **kwargs):
        calls.append(len(input_ids))
        return encode(input_ids, **kwargs)

    monkeypatch.setattr(zero_shot_pipe.model, "get_text_features", counted)
    return calls


def test_scores_are_the_softmax_of_the_models_logits(zero_shot_pipe, tiny_processor, random_clip):
    clip, labels = random_clip(), ["walking", "waving with the left hand"]
    inputs = tiny_processor(text=[f"a person is {label}." for label in labels], skeletons=clip, return_tensors="pt")
    with torch.no_grad():
        expected = zero_shot_pipe.model(**inputs).logits_per_skeleton.softmax(-1)[0].tolist()
    answer = zero_shot_pipe(clip, candidate_labels=labels)
    assert by_label(answer) == pytest.approx(dict(zip(labels, expected, strict=True)), abs=1e-5)
    assert answer[0]["score"] >= answer[1]["score"]


def test_scores_of_a_sigmoid_model_stand_for_themselves(tiny_config, tiny_processor, random_clip):
    tiny_config.contrastive_loss = "sigmoid"
    model = TMorModel(tiny_config).eval()
    torch.nn.init.constant_(model.logit_bias, 0.5)
    pipe = pipeline("zero-shot-skeleton-action-classification", model, processor=tiny_processor)
    clip, labels = random_clip(), ["walking", "waving"]
    inputs = tiny_processor(text=labels, skeletons=clip, return_tensors="pt")
    with torch.no_grad():
        expected = model(**inputs).logits_per_skeleton.sigmoid()[0].tolist()
    answer = by_label(pipe(clip, candidate_labels=labels, hypothesis_template="{}"))
    assert answer == pytest.approx(dict(zip(labels, expected, strict=True)), abs=1e-5)
    alone = pipe(clip, candidate_labels=["waving"], hypothesis_template="{}")
    assert alone[0]["score"] == pytest.approx(answer["waving"], abs=1e-5)


def test_templates_are_averaged(zero_shot_pipe):
    labels, templates = ("walking", "waving"), ("a person is {}.", "someone {}")
    one, other = (zero_shot_pipe.get_label_embeds(labels, (template,)) for template in templates)
    both = zero_shot_pipe.get_label_embeds(labels, templates)
    torch.testing.assert_close(both, torch.nn.functional.normalize(one + other, dim=-1))
    assert not torch.allclose(both, one)


def test_templates_change_the_scores_only(zero_shot_pipe, random_clip):
    clip = random_clip()
    plain = zero_shot_pipe(clip, hypothesis_template="{}")
    averaged = zero_shot_pipe(clip, hypothesis_template=["{}", "someone {} slowly"])
    assert by_label(plain) != by_label(averaged)
    assert by_label(plain).keys() == by_label(averaged).keys()


def test_labels_are_encoded_once_for_many_clips(zero_shot_pipe, text_calls, mixed_clips):
    zero_shot_pipe(mixed_clips, batch_size=2)
    zero_shot_pipe(mixed_clips[0])
    assert text_calls == [4]
    zero_shot_pipe(mixed_clips[0], candidate_labels=["running", "walking"])
    zero_shot_pipe(mixed_clips[0], hypothesis_template=["{}", "someone {}"])
    zero_shot_pipe(mixed_clips)
    assert text_calls == [4, 2, 8]


def test_labels_are_encoded_anew_when_weights_change(zero_shot_pipe, random_clip):
    clip = random_clip()
    before = by_label(zero_shot_pipe(clip))
    with torch.no_grad():
        zero_shot_pipe.model.text_projection.weight.mul_(torch.linspace(-1, 1, 16)[:, None])
    assert by_label(zero_shot_pipe(clip)) != before


def test_the_store_of_labels_does_not_grow_without_end(zero_shot_pipe, text_calls):
    for count in range(1, 40):
        zero_shot_pipe.get_label_embeds(["walking"] * count, ["{}"])
    assert len(zero_shot_pipe._label_embeds) < 39
    zero_shot_pipe.get_label_embeds(["walking"] * 39, ["{}"])
    assert len(text_calls) == 39


def test_many_texts_are_encoded_in_parts(zero_shot_pipe, text_calls):
    labels = [f"walking {number}" for number in range(300)]
    embeds = zero_shot_pipe.get_label_embeds(labels, ["{}"])
    assert len(embeds) == sum(text_calls) == 300
    assert len(text_calls) > 1


@pytest.mark.parametrize(("top_k", "count"), [(1, 1), (3, 3), (100, 4)])
def test_top_k(zero_shot_pipe, random_clip, top_k, count):
    clip = random_clip()
    assert zero_shot_pipe(clip, top_k=top_k) == zero_shot_pipe(clip)[:count]


def test_wrong_options_are_refused(zero_shot_pipe, random_clip):
    clip = random_clip()
    for labels in ("walking", [], ["walking", 3]):
        with pytest.raises(ValueError, match="expected candidate_labels as a list of at least one string"):
            zero_shot_pipe(clip, candidate_labels=labels)
    for templates in ("a person", [], ["{}", "walking"]):
        with pytest.raises(ValueError, match="expected hypothesis_template"):
            zero_shot_pipe(clip, hypothesis_template=templates)
    with pytest.raises(ValueError, match="expected top_k of at least 1"):
        zero_shot_pipe(clip, top_k=0)


def test_labels_are_required(tiny_model, tiny_processor, random_clip):
    pipe = pipeline("zero-shot-skeleton-action-classification", tiny_model, processor=tiny_processor)
    with pytest.raises(ValueError, match="expected candidate_labels, got none"):
        pipe(random_clip())


def test_a_model_without_text_is_refused(tiny_model, tiny_processor):
    with pytest.raises(TypeError, match="expected a model with a text tower"):
        pipeline("zero-shot-skeleton-action-classification", tiny_model.skeleton_model, processor=tiny_processor)
