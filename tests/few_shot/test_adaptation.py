# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`adapt`: every method learns, leaves the model alone, and trains what it says."""

from __future__ import annotations

import sys
from copy import deepcopy

import numpy as np
import pytest
import torch
from transformers import pipeline

from tmor_hf import (
    TMorForSkeletonActionClassification,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from tmor_hf.data import FileClips
from tmor_hf.data.benchmarks import ClipFile
from tmor_hf.evaluation import predict_logits
from tmor_hf.few_shot import METHODS, adapt, sample_k_shot, text_class_embeds
from tmor_hf.few_shot.adaptation import initial_text_head
from tmor_hf.few_shot.support import build_classifier

QUICK = {"num_views": 3, "num_steps": 3}


@pytest.fixture
def episode(toy_clips):
    return sample_k_shot(toy_clips, 3, np.random.default_rng(0))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_and_leaves_the_model_as_it_is(tiny_model, feature_extractor, episode, method):
    before = deepcopy(tiny_model.state_dict())
    model = adapt(tiny_model, feature_extractor, episode.support, method, **QUICK)
    assert isinstance(model, TMorForSkeletonActionClassification) and not model.training
    assert tuple(model.config.id2label.values()) == episode.support.class_names
    logits = predict_logits(model, feature_extractor, episode.query)
    assert (logits.argmax(axis=1) == episode.query.labels).mean() > 0.6
    assert all(torch.equal(value, before[name]) for name, value in tiny_model.state_dict().items())
    assert all(parameter.requires_grad for parameter in tiny_model.parameters())


@pytest.mark.parametrize(
    ("method", "trained"),
    [
        ("linear", 0),
        ("nearest_mean", 0),
        ("prompt", 2 * 1 * 32),
        ("ia3", 2 * (32 + 32 + 64)),
        ("full", None),
        ("scratch", None),
    ],
)
def test_only_what_a_method_is_about_requires_a_gradient(tiny_model, feature_extractor, episode, method, trained):
    model = adapt(tiny_model, feature_extractor, episode.support, method, **QUICK)
    counts = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    head = 3 * (32 + 1)
    assert counts == (head + trained if trained is not None else sum(p.numel() for p in model.parameters()))


@pytest.mark.parametrize("method", ["lora", "prompt"])
def test_the_same_seed_gives_the_same_model_whatever_else_is_random(tiny_model, feature_extractor, episode, method):
    def weights(seed):
        torch.rand(seed + 1)
        model = adapt(tiny_model, feature_extractor, episode.support, method, seed=seed, **QUICK)
        return torch.cat([value.flatten() for value in model.parameters() if value.requires_grad])

    first = weights(0)
    torch.rand(5)
    state = torch.get_rng_state()
    assert torch.equal(weights(0), first) and not torch.equal(weights(1), first)
    torch.set_rng_state(state)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_head_is_fitted_on_features_of_evaluation_mode(
    tiny_model, feature_extractor, episode, method, monkeypatch
):
    modes = []
    forward = TMorSkeletonModel.forward

    def spy(self, *args, **kwargs):
        modes.append((self.training, torch.is_grad_enabled()))
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(TMorSkeletonModel, "forward", spy)
    adapt(tiny_model.train(), feature_extractor, episode.support, method, **QUICK)
    assert (True, True) in modes and {mode for mode in modes if not mode[1]} == {(False, False)}


@pytest.mark.parametrize("method", ["lora", "ia3", "full"])
def test_tuned_methods_start_where_the_linear_head_ends(tiny_model, feature_extractor, episode, method):
    options = {"num_views": 3, "num_steps": 0}
    linear = adapt(tiny_model, feature_extractor, episode.support, "linear", **options)
    other = adapt(tiny_model, feature_extractor, episode.support, method, **options)
    expected, found = (predict_logits(model, feature_extractor, episode.query) for model in (linear, other))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_initial_text_head_ranks_as_zero_shot_does(tiny_model, tiny_tokenizer, feature_extractor, toy_clips):
    embeds = text_class_embeds(tiny_model, tiny_tokenizer, toy_clips.class_names)
    inputs = feature_extractor(toy_clips.skeletons, return_tensors="pt")
    with torch.no_grad():
        projected = torch.nn.functional.normalize(tiny_model.get_skeleton_features(**inputs).pooler_output, dim=-1)
        zero_shot = tiny_model.scale_similarity(projected @ torch.from_numpy(embeds).float().T)
        classifier = build_classifier(tiny_model, toy_clips.class_names)
        head = initial_text_head(tiny_model, embeds, tiny_model.skeleton_model(**inputs).pooler_output)
        classifier.classifier.weight.copy_(head.weight)
        classifier.classifier.bias.copy_(head.bias)
        logits = classifier(**inputs).logits
    assert torch.equal(logits.argsort(dim=1), zero_shot.argsort(dim=1))
    assert logits.norm() / zero_shot.norm() == pytest.approx(1, rel=0.2)


def test_text_comes_from_a_tokenizer_or_ready_made(tiny_model, tiny_tokenizer, feature_extractor, episode):
    embeds = text_class_embeds(tiny_model, tiny_tokenizer, episode.support.class_names)
    by_tokenizer = adapt(tiny_model, feature_extractor, episode.support, "linear", tokenizer=tiny_tokenizer)
    projected = TMorSkeletonModelWithProjection(tiny_model.config.skeleton_config).eval()
    projected.load_state_dict(tiny_model.state_dict(), strict=False)
    ready = adapt(tiny_model, feature_extractor, episode.support, "linear", class_embeds=embeds)
    assert torch.equal(by_tokenizer.classifier.weight, ready.classifier.weight)
    without = adapt(tiny_model, feature_extractor, episode.support, "linear")
    assert not torch.allclose(without.classifier.weight, ready.classifier.weight)


@pytest.mark.parametrize("make", [TMorSkeletonModel, TMorForSkeletonActionClassification])
def test_any_model_with_an_encoder_will_do(make, feature_extractor, episode):
    torch.manual_seed(0)
    model = adapt(make(TMorSkeletonConfig.tiny()), feature_extractor, episode.support, "linear", num_views=2)
    assert model.config.num_labels == 3


def test_the_pipeline_takes_the_nearest_mean_as_it_is(tiny_model, feature_extractor, episode):
    model = adapt(tiny_model, feature_extractor, episode.support, "nearest_mean")
    pipe = pipeline("skeleton-action-classification", model, feature_extractor=feature_extractor, device="cpu")
    answers = [answer[0]["label"] for answer in pipe(episode.query.skeletons, top_k=1)]
    logits = predict_logits(model, feature_extractor, episode.query)
    assert answers == [episode.query.class_names[label] for label in logits.argmax(axis=1)]


def test_what_does_not_fit_is_refused(tiny_model, feature_extractor, episode):
    support = episode.support
    with pytest.raises(ValueError, match="expected method as one of nearest_mean, linear"):
        adapt(tiny_model, feature_extractor, support, "prefix")
    with pytest.raises(ValueError, match="expected head_init as one of"):
        adapt(tiny_model, feature_extractor, support, "linear", head_init="ones")
    with pytest.raises(ValueError, match="not text from scratch"):
        adapt(tiny_model, feature_extractor, support, "scratch", class_embeds=np.ones((3, 16)))
    with pytest.raises(ValueError, match="at least one clip of each class.*none of sitting down"):
        adapt(tiny_model, feature_extractor, support.select(lambda clip: clip.label != 1), "linear")
    with pytest.raises(ValueError, match="names of the classes"):
        adapt(tiny_model, feature_extractor, list(support), "linear")
    with pytest.raises(ValueError, match="tokenizer"):
        adapt(tiny_model, feature_extractor, support, "linear", head_init="text")
    with pytest.raises(ValueError, match="projection into the space of text"):
        adapt(tiny_model.skeleton_model, feature_extractor, support, "linear", class_embeds=np.ones((3, 16)))
    with pytest.raises(TypeError, match="skeleton encoder.*got BertModel"):
        adapt(tiny_model.text_model, feature_extractor, support, "linear")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "expected batch_size of at least 1, got 0"),
        ({"num_steps": -3}, "expected num_steps of at least 0, got -3"),
        ({"num_views": 0}, "expected num_views of at least 1, got 0"),
        ({"class_embeds": np.ones((4, 16))}, "expected class_embeds of shape .3, 16., got .4, 16."),
    ],
)
def test_options_out_of_range_are_refused(tiny_model, feature_extractor, episode, options, message):
    with pytest.raises(ValueError, match=message):
        adapt(tiny_model, feature_extractor, episode.support, "prompt", **options)


def test_training_does_not_mind_that_gradients_are_off(tiny_model, feature_extractor, episode):
    with torch.no_grad():
        found = adapt(tiny_model, feature_extractor, episode.support, "prompt", **QUICK)
    expected = adapt(tiny_model, feature_extractor, episode.support, "prompt", **QUICK)
    torch.testing.assert_close(found.state_dict(), expected.state_dict())


def test_what_the_model_was_trained_for_does_not_matter(tiny_model, feature_extractor, episode):
    tiny_model.skeleton_model.config.problem_type = "multi_label_classification"
    adapted = adapt(tiny_model, feature_extractor, episode.support, "linear", num_views=2)
    pipe = pipeline("skeleton-action-classification", adapted, feature_extractor=feature_extractor)
    assert sum(row["score"] for row in pipe(episode.query[0].skeletons)) == pytest.approx(1)


def test_damaged_files_teach_nothing_and_nothing_stands_in_for_them(tiny_model, feature_extractor, toy_clips):
    clips = {clip.name: clip for clip in toy_clips}

    def read(path):
        if path == toy_clips[0].name:
            raise ValueError(f"{path} is damaged")
        return clips[path].skeletons

    files = [
        ClipFile(clip.name, clip.name, "toy", clip.captions, clip.group, clip.label, clip.class_name)
        for clip in toy_clips
    ]
    lazy = FileClips(files, read, "toy", toy_clips.class_names)
    found = adapt(tiny_model, feature_extractor, lazy, "linear", num_views=2)
    expected = adapt(tiny_model, feature_extractor, toy_clips[1:], "linear", num_views=2)
    torch.testing.assert_close(found.classifier.weight, expected.classifier.weight)


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_without_peft_the_extra_is_named(monkeypatch, tiny_model, feature_extractor, episode, method):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ImportError, match=r"pip install tmor_hf\[peft\]"):
        adapt(tiny_model, feature_extractor, episode.support, method)
