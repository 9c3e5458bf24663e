# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of few-shot classification: every method on the same episodes, and from scratch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tqdm.auto import tqdm

from tmor_hf.evaluation import predict_logits, top_k_accuracy
from tmor_hf.few_shot import adapt, episodes

from .results import Unit
from .rows import Context, load_contrastive


def episodes_of_first_seed(context: Context, settings: Mapping[str, Any]) -> list[Unit]:
    """A unit for each episode; the first seed draws all of them."""
    count = settings["episodes"]
    return [Unit(context.seeds[0], f"episode{index:02d}") for index in range(count)]


def measure_episode(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Accuracy of each method for each number of shots, and what it gains over the linear head and over scratch.

    Gains are differences on the same episode: their interval says whether one method is better than another.
    """
    index = int(unit.part.removeprefix("episode"))
    model, feature_extractor, tokenizer = load_contrastive(context.checkpoint(unit.seed))
    support = context.clips(settings["dataset"], "train")
    queries = context.clips(settings["dataset"], "test").select(lambda clip: not clip.is_leaked)
    metrics: dict[str, float] = {}
    runs = [(shots, method) for shots in settings["shots"] for method in settings["methods"]]
    for shots, method in tqdm(runs, desc=unit.part, disable=not context.show_bars):
        episode = next(episodes(support, shots, index + 1, unit.seed, settings["num_queries"], queries, start=index))
        text = {"tokenizer": tokenizer} if settings["from_text"] and method != "scratch" else {}
        options = {**settings.get("options", {}), **text}
        adapted = adapt(model, feature_extractor, episode.support, method, seed=index, **options)
        logits = predict_logits(adapted, feature_extractor, episode.query)
        metrics[f"{shots}-shot {method}"] = top_k_accuracy(logits, episode.query.labels)
    return metrics | gains(metrics, settings)


def gains(metrics: Mapping[str, float], settings: Mapping[str, Any]) -> dict[str, float]:
    """Differences to the two methods to compare with, where both were run."""
    return {
        f"{shots}-shot {method} minus {other}": metrics[f"{shots}-shot {method}"] - metrics[f"{shots}-shot {other}"]
        for shots in settings["shots"]
        for other in ("scratch", "linear")
        if other in settings["methods"]
        for method in settings["methods"]
        if method != other
    }
