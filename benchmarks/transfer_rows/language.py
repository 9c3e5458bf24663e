# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of what a model does by text: zero-shot across sets and for unseen classes, and retrieval.

Axes: N clips, K classes, D embedding size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch

from tmor_hf.data import (
    ContrastiveCollator,
    ContrastiveDataset,
    MotionDataset,
    class_texts,
    encode_captions,
    split_by_class,
)
from tmor_hf.evaluation import (
    ContrastiveValidator,
    class_embeddings,
    embed_clips,
    embed_texts,
    generalised_metrics,
    seeded_unseen_splits,
    unseen_class_report,
    zero_shot_metrics,
)
from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.training import ContrastiveTrainer, ContrastiveTrainingArguments

from .results import Unit
from .rows import Context, load_contrastive


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


def learn_seen_classes(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Trains on clips of the seen classes with their captions, and names test clips.

    ``unseen`` chooses between the unseen classes alone; the generalised figures choose between all classes.
    """
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    train, test = (context.clips(settings["dataset"], part) for part in ("train", "test"))
    splits = seeded_unseen_splits(len(train.class_names), settings["num_unseen"], settings["splits"])
    unseen = splits[int(unit.part.removeprefix("split"))]
    seen_train = split_by_class(train, unseen)[0]
    train_contrastively(context, settings, unit, (model, feature_extractor, tokenizer), seen_train)
    texts = class_embeddings(partial(embed_texts, model, tokenizer), test.class_names)
    scores = embed_clips(model.eval(), feature_extractor, test, features="projected") @ texts.T
    alone = unseen_class_report(scores, test.labels, test.class_names, unseen)
    report = generalised_metrics(scores, test.labels, unseen)
    return {
        "unseen": alone["top1"],
        "generalised, seen": report["top1_seen"],
        "generalised, unseen": report["top1_unseen"],
        "generalised, harmonic mean": report["top1_harmonic_mean"],
        "unseen_clips": alone["clips"],
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
            cpu=not torch.cuda.is_available(),
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
