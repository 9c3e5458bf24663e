# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Validation of a contrastive model on held-out clips: retrieval between clips and captions, and zero-shot top-1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from .prediction import embed_texts
from .retrieval import retrieval_metrics
from .zero_shot import PROMPT_TEMPLATES, class_embeddings, zero_shot_metrics


class ContrastiveValidator:
    """Validates a `TMorModel`; an instance is what `ContrastiveTrainer` takes as `evaluate`.

    Args:
        datasets: Name -> held-out clips: objects with `skeletons`, `captions`, `group` and `label`; a set with
            attribute `class_names` is also classified by text.
        feature_extractor: A `TMorFeatureExtractor`.
        tokenizer: The tokenizer of the text tower.
        captions_per_clip: How many captions of each clip are retrieved and retrieve; the first ones.
        templates: Prompt templates of the zero-shot classification.
        batch_size: Clips or texts embedded at once.

    Raises:
        ValueError: If there are no clips.
    """

    def __init__(
        self,
        datasets: Mapping[str, Sequence[Any]],
        feature_extractor: Any,
        tokenizer: Any,
        captions_per_clip: int = 4,
        templates: Sequence[str] = PROMPT_TEMPLATES,
        batch_size: int = 128,
    ):
        if not any(len(dataset) for dataset in datasets.values()):
            raise ValueError("expected held-out clips, got none")
        self.datasets = dict(datasets)
        self.feature_extractor = feature_extractor
        self.tokenizer = tokenizer
        self.templates = tuple(templates)
        self.batch_size = batch_size
        clips = [clip for dataset in self.datasets.values() for clip in dataset]
        self.groups = [clip.group for clip in clips]
        pairs = dict.fromkeys((text, clip.group) for clip in clips for text in clip.captions[:captions_per_clip])
        self.texts = [text for text, _ in pairs]
        self.text_groups = [group for _, group in pairs]
        column_of = {pair: column for column, pair in enumerate(pairs)}
        self.is_own = np.zeros((len(clips), len(pairs)), dtype=bool)  # for `right_answers`
        for row, clip in enumerate(clips):
            self.is_own[row, [column_of[text, clip.group] for text in clip.captions[:captions_per_clip]]] = True
        self._inputs: list[dict[str, Any]] | None = None

    def __call__(self, model: Any) -> dict[str, float]:
        """Retrieval over the clips of all sets together, zero-shot top-1 and its chance for each set with classes.

        Keys: those of `retrieval_metrics` after "retrieval/", "zero_shot/<set>_top1", "zero_shot/<set>_chance", and
        their means over sets "zero_shot_top1" and "zero_shot_chance".
        """
        skeletons = self.embed_skeletons(model)
        embed = partial(embed_texts, model, self.tokenizer, batch_size=self.batch_size)
        similarity = skeletons @ embed(self.texts).T
        metrics = {
            f"retrieval/{key}": value
            for key, value in retrieval_metrics(similarity, self.groups, self.text_groups).items()
        }
        reports, start = {}, 0
        for name, dataset in self.datasets.items():
            embeds, start = skeletons[start : start + len(dataset)], start + len(dataset)
            class_names = getattr(dataset, "class_names", ())
            if not class_names or not len(dataset):
                continue
            classes = class_embeddings(embed, class_names, self.templates)
            reports[name] = zero_shot_metrics(embeds, classes, dataset.labels, class_names)
        for key in ("top1", "chance"):
            metrics.update({f"zero_shot/{name}_{key}": report[key] for name, report in reports.items()})
            if reports:
                metrics[f"zero_shot_{key}"] = float(np.mean([report[key] for report in reports.values()]))
        return metrics

    def embed_skeletons(self, model: Any) -> np.ndarray:
        """(clips of all sets, D) unit vectors."""
        import torch

        if self._inputs is None:
            clips = [clip.skeletons for dataset in self.datasets.values() for clip in dataset]
            starts = range(0, len(clips), self.batch_size)
            chunks = [clips[start : start + self.batch_size] for start in starts]
            self._inputs = [dict(self.feature_extractor(chunk, return_tensors="pt")) for chunk in chunks]
        device = next(model.parameters()).device
        embeds = []
        with torch.no_grad():
            for inputs in self._inputs:
                features = model.get_skeleton_features(**{key: value.to(device) for key, value in inputs.items()})
                embeds.append(torch.nn.functional.normalize(features.pooler_output.float(), dim=-1).cpu().numpy())
        return np.concatenate(embeds)


__all__ = ["ContrastiveValidator"]
