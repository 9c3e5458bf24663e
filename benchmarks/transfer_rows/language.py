# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of what a model does by text: zero-shot across sets and for unseen classes, and retrieval.

Axes: N clips, K classes, D embedding size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from tmor_hf.data import (
    ContrastiveCollator,
    ContrastiveDataset,
    MotionDataset,
    class_descriptions,
    class_texts,
    encode_captions,
    load_skeleton_text,
    split_by_class,
)
from tmor_hf.evaluation import (
    PROMPT_TEMPLATES,
    RETRIEVAL_RULES,
    ContrastiveValidator,
    choose_seen_penalty,
    class_embeddings,
    described_class_embeddings,
    embed_clips,
    embed_texts,
    generalised_metrics,
    pair_retrieval_metrics,
    retrieval_metrics,
    right_answers,
    seeded_unseen_splits,
    small_batch_retrieval_metrics,
    unseen_class_report,
    zero_shot_metrics,
)
from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.search import QUERY_TEMPLATES
from tmor_hf.training import ContrastiveTrainer, ContrastiveTrainingArguments

from .examples import load_example
from .results import Unit
from .rows import DEVICE, Context, load_contrastive


def once_for_each_checkpoint(context: Context, settings: Mapping[str, Any]) -> list[Unit]:
    """Nothing is random: a second seed on the same checkpoint would say the same."""
    return [Unit(seed) for seed in context.seeds[: len(context.checkpoints)]]


def fixed_splits(context: Context, settings: Mapping[str, Any]) -> list[Unit]:
    """A unit for each seed and each split of the classes; the splits do not depend on the seed."""
    return [Unit(seed, f"split{index:02d}") for seed in context.seeds for index in range(settings["splits"])]


def name_other_set(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Zero-shot accuracy on the test part of a set, with class phrases and with the class's descriptions besides."""
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    test = context.clips(settings["dataset"], "test")
    embeds = embed_clips(model, feature_extractor, test, features="projected")
    own = [index for index, clip in enumerate(test) if not clip.is_leaked]
    parts = {"test": list(range(len(test))), **({"test_leak_free": own} if len(own) < len(test) else {})}
    metrics = {}
    for wording, descriptions in (("phrases", None), ("descriptions", descriptions_of(test))):
        texts = class_embeddings(partial(embed_texts, model, tokenizer), test.class_names, paraphrases=descriptions)
        for part, rows in parts.items():
            report = zero_shot_metrics(embeds[rows], texts, test.labels[rows], test.class_names)
            metrics |= {f"{part}_{key}, {wording}": report[key] for key in ("top1", "mean_class", "chance")}
    return metrics


def descriptions_of(clips: MotionDataset) -> list[tuple[str, ...]]:
    """The captions of each class, in the order of its names."""
    of_phrase = {text.phrase: text.captions for text in class_texts(clips.name).values()}
    return [of_phrase[name] for name in clips.class_names]


def name_by_kinds(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Zero-shot accuracy by the descriptions of one kind alone, and by the mean of all kinds; without leaked clips."""
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    test = context.clips(settings["dataset"], "test").select(lambda clip: not clip.is_leaked)
    embeds = embed_clips(model, feature_extractor, test, features="projected")
    described = list(class_descriptions(settings["dataset"]).values())
    kinds = {kind: [{kind: one[kind]} for one in described] for kind in described[0]} | {"all kinds": described}
    metrics: dict[str, float] = {"test_clips": len(test)}
    for kind, descriptions in kinds.items():
        texts = described_class_embeddings(partial(embed_texts, model, tokenizer), descriptions)
        report = zero_shot_metrics(embeds, texts, test.labels, test.class_names)
        metrics |= {f"{key}, {kind}": report[key] for key in ("top1", "mean_class")}
    return metrics


def learn_seen_classes(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Trains on clips of the seen classes with their captions, and names test clips.

    ``unseen`` chooses between the unseen classes alone; the generalised figures choose between all classes.
    """
    test = context.clips(settings["dataset"], "test")
    unseen = split_of(len(test.class_names), settings, unit)
    scores = scores_after_training(context, settings, unit, unseen, test)
    alone = unseen_class_report(scores, test.labels, test.class_names, unseen)
    return {
        "unseen": alone["top1"],
        **generalised_figures(scores, test.labels, unseen),
        "unseen_clips": alone["clips"],
    }


def calibrate_seen_classes(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """The generalised figures of `learn_seen_classes` without and with a penalty on the seen classes.

    The penalty comes from validation clips of the seen classes and from a model that did not learn some of these.
    """
    test, validation = (context.clips(settings["dataset"], part) for part in ("test", "validation"))
    unseen = split_of(len(test.class_names), settings, unit)
    seen = [label for label in range(len(test.class_names)) if label not in unseen]
    left_out = [seen[place] for place in split_of(len(seen), settings, unit)]
    known = validation.select(lambda clip: clip.label in seen)
    scores = scores_after_training(context, settings, unit, {*unseen, *left_out}, known)
    penalty = choose_seen_penalty(
        scores[:, seen], np.searchsorted(seen, known.labels), np.searchsorted(seen, left_out)
    )
    scores = scores_after_training(context, settings, unit, unseen, test)
    calibrated = generalised_figures(scores, test.labels, unseen, penalty)
    return {
        **generalised_figures(scores, test.labels, unseen),
        **{f"{name}, with penalty": value for name, value in calibrated.items()},
        "penalty of the cosine": penalty,
        "validation_clips": len(known),
    }


def split_of(num_classes: int, settings: Mapping[str, Any], unit: Unit) -> tuple[int, ...]:
    """The classes out of so many that the split of a unit leaves out."""
    index = int(unit.part.removeprefix("split"))
    return seeded_unseen_splits(num_classes, settings["num_unseen"], index + 1)[index]


def scores_after_training(
    context: Context, settings: Mapping[str, Any], unit: Unit, unseen: Collection[int], clips: MotionDataset
) -> np.ndarray:
    """(N, K) cosine of clips and class phrases, after training on the training clips of all other classes."""
    parts = load_contrastive(context.checkpoint(unit.seed))
    train = split_by_class(context.clips(settings["dataset"], "train"), unseen)[0]
    train_contrastively(context, settings, unit, parts, train)
    parts[0].eval()
    return scores_by_phrases(parts, clips, clips.class_names)


def scores_by_phrases(parts: tuple[Any, Any, Any], clips: Sequence[Any], class_names: Sequence[str]) -> np.ndarray:
    """(N, K) cosine of clips, or `Skeletons`, and class phrases; `parts` are as `load_contrastive` gives them."""
    model, feature_extractor, tokenizer = parts
    texts = class_embeddings(partial(embed_texts, model, tokenizer), class_names)
    return embed_clips(model, feature_extractor, clips, features="projected") @ texts.T


def generalised_figures(
    scores: np.ndarray, labels: np.ndarray, unseen: Collection[int], penalty: float = 0.0
) -> dict[str, float]:
    report = generalised_metrics(scores, labels, unseen, penalty)
    return {
        "generalised, seen": report["top1_seen"],
        "generalised, unseen": report["top1_unseen"],
        "generalised, harmonic mean": report["top1_harmonic_mean"],
    }


def train_contrastively(
    context: Context, settings: Mapping[str, Any], unit: Unit, parts: tuple[Any, Any, Any], clips: MotionDataset
) -> None:
    """Goes on with pre-training on some clips; the text tower is locked."""
    model, feature_extractor, tokenizer = parts
    augmentation = SkeletonAugmentation(**settings.get("augmentation", {}))
    dataset = ContrastiveDataset(clips, augmentation, seed=unit.seed)
    collator = ContrastiveCollator(
        feature_extractor, tokenizer, encode_captions(model, tokenizer, dataset.captions(None))
    )
    with tempfile.TemporaryDirectory(prefix="tmor-transfer-") as folder:
        arguments = ContrastiveTrainingArguments(
            output_dir=folder,
            seed=unit.seed,
            text_lr_scale=0.0,
            cpu=DEVICE == "cpu",
            progress_bar=context.show_bars,
            **settings["training"],
        )
        ContrastiveTrainer(model.train(), arguments, dataset, collator).train()


def retrieve(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Recall and median rank between held-out clips and their captions, both ways, over all sets together."""
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    held_out = {f"{name}:{part}": context.clips(name, part) for name, part in map(tuple, settings["sources"])}
    metrics = ContrastiveValidator(held_out, feature_extractor, tokenizer)(model)
    prefix = "retrieval/"
    kept = {key.removeprefix(prefix): value for key, value in metrics.items() if key.startswith(prefix)}
    return {key.replace("_queries", " (clips or captions)"): value for key, value in kept.items()}


def retrieve_by_rules(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """As `retrieve`, by each rule of what answers right; and in small galleries, by rule "exact"."""
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    held_out = {f"{name}:{part}": context.clips(name, part) for name, part in map(tuple, settings["sources"])}
    pairs = ContrastiveValidator(held_out, feature_extractor, tokenizer)
    similarity = pairs.embed_skeletons(model) @ embed_texts(model, tokenizer, pairs.texts).T
    judged = {"groups": (pairs.groups, pairs.text_groups), "text_embeds": sentence_embeddings(pairs.texts)}
    metrics = {}
    for rule in RETRIEVAL_RULES:
        matches = right_answers(rule, pairs.is_own, **judged)
        metrics |= retrieval_figures(rule, pair_retrieval_metrics(similarity, matches))
    size = settings["gallery"]
    small = small_batch_retrieval_metrics(similarity, pairs.is_own, pairs.is_own, batch_size=size, seed=unit.seed)
    return metrics | retrieval_figures(f"{size} pairs", small)


def retrieval_figures(name: str, metrics: Mapping[str, float]) -> dict[str, float]:
    left = ("_queries", "galleries", "_chance_R@5", "_chance_R@10")
    return {f"{name}: {key}": value for key, value in metrics.items() if not key.endswith(left)}


def sentence_embeddings(texts: Sequence[str]) -> np.ndarray:
    """(texts, D) by the sentence encoder that `examples/pretrain.py` calls minilm: mean of the tokens.

    It knows nothing of motion, so it can say which captions mean the same.
    """
    path = load_example("pretrain").get_minilm()
    tokenizer, model = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    embeds = []
    with torch.inference_mode():
        for start in range(0, len(texts), 128):
            tokens = tokenizer(list(texts[start : start + 128]), padding=True, truncation=True, return_tensors="pt")
            mask = tokens["attention_mask"].unsqueeze(-1)
            embeds.append((model(**tokens).last_hidden_state * mask).sum(dim=1) / mask.sum(dim=1))
    return torch.cat(embeds).numpy()


def search_by_templates(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Retrieval of generated clips by words: as typed, or averaged over the prompt templates of zero-shot.

    Queries are the captions of the clips, as whole sentences, and the phrases of their classes.
    """
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    clips = load_skeleton_text(settings["source"], "test", seed=unit.seed)
    embeds, embed = embed_clips(model, feature_extractor, clips, features="projected"), partial(embed_texts, model)
    groups = [clip.group for clip in clips]
    group_of = {
        "sentences": {caption: clip.group for clip in clips for caption in clip.captions},
        "phrases": {clip.class_name: clip.group for clip in clips},
    }
    metrics = {}
    for wording, templates in (("as typed", QUERY_TEMPLATES), ("in templates", PROMPT_TEMPLATES)):
        for kind, queries in group_of.items():
            texts = class_embeddings(partial(embed, tokenizer), list(queries), templates)
            report = retrieval_metrics(texts @ embeds.T, list(queries.values()), groups, ("text", "skeleton"))
            report = {key: value for key, value in report.items() if key.startswith("text_")}
            metrics |= retrieval_figures(f"{kind} {wording}", report)
    return metrics
