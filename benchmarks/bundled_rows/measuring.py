# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Held-out clips of every set, what a checkpoint says about them, and how often that is right.

Axes: N clips, K classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.special import softmax

from tmor_hf.data import MotionClip, MotionDataset, class_texts, load_skeleton_text
from tmor_hf.data.everyday_actions import everyday_label
from tmor_hf.evaluation import (
    accuracy_report,
    class_embeddings,
    corrupt,
    embed_clips,
    embed_texts,
    predict_logits,
    top_k_accuracy,
)

NW_UCLA, SYNTHETIC = "nw_ucla", "synthetic"
CORRUPTIONS = (
    "coco17_3d", "coco17_2d", "clip_joints_10", "clip_joints_30", "frame_joints_30", "no_right_arm", "no_left_leg",
    "noise_3", "rate_1/2",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Clips that a checkpoint did not learn from.

    Args:
        key: Its key in the results.
        title: Its name for readers.
        split: Which part of its set it is.
        is_unseen_set: Whether the checkpoint learned from no clip of the set at all.
        clips: The clips.
    """

    key: str
    title: str
    split: str
    is_unseen_set: bool
    clips: MotionDataset


class Prediction(NamedTuple):
    """What a checkpoint says about the clips of a part.

    Args:
        part: The clips.
        class_names: Name of each class that it chooses from.
        labels: (N,) the right classes.
        scores: (N, K) probabilities.
    """

    part: Part
    class_names: tuple[str, ...]
    labels: np.ndarray
    scores: np.ndarray

    def is_right(self) -> np.ndarray:
        """(N,) whether the first answer is the right one."""
        return self.scores.argmax(axis=1) == self.labels


class Case(NamedTuple):
    """A clip with a wrong answer."""

    part: Part
    clip: MotionClip
    truth: str
    answer: str
    score: float


def load_parts(data_dir: str | Path, num_synthetic: int) -> list[Part]:
    """The held-out clips: of a set that is in no training data first, then of the training sets."""
    load = partial(load_skeleton_text, data_dir=data_dir)
    usual = load(NW_UCLA, "test", benchmark_options={"leak_free": False})
    leak_free = usual.select(lambda clip: not clip.is_leaked)
    return [
        Part(NW_UCLA, "NW-UCLA, cross-view, leak-free", "test", True, leak_free),
        Part("nw_ucla_usual", "NW-UCLA, cross-view, the usual clips", "test", True, usual),
        Part("penn_action", "Penn Action", "test", False, load("penn_action", "test")),
        Part("hdm05_11", "HDM05, 11 classes, other actors", "test", False, load("hdm05_11", "test")),
        Part("bandai_namco_2", "Bandai-Namco 2, other styles", "test", False, load("bandai_namco_2", "test")),
        Part("utkinect_untrimmed", "UTKinect-Action3D, other people", "validation", False,
             load("utkinect_untrimmed", "validation")),
        Part(SYNTHETIC, "generated motion, another seed", "test", False, load(f"{SYNTHETIC}:{num_synthetic}", "test")),
    ]  # fmt: skip


def name_by_text(model: Any, processor: Any, part: Part) -> dict[str, Prediction]:
    """Zero-shot answers by wording of the classes: "phrases" are ours, "names" stand in the data set."""
    embeds = embed_clips(model, processor.feature_extractor, part.clips, features="projected")
    scale = model.logit_scale.exp().item()
    wordings = {"phrases": part.clips.class_names, "names": _raw_names(part.clips)}
    found = {}
    for wording, names in wordings.items():
        if names is not None:
            classes = class_embeddings(partial(embed_texts, model, processor.tokenizer), names)
            found[wording] = Prediction(part, names, part.clips.labels, softmax(scale * embeds @ classes.T, axis=1))
    return found


def _raw_names(clips: MotionDataset) -> tuple[str, ...] | None:
    """The class names as they stand in the data set; generated motion has none but our phrases."""
    if clips.name.startswith(SYNTHETIC):
        return None
    name_of = {text.phrase: name for name, text in class_texts(clips.name).items()}
    return tuple(name_of[phrase] for phrase in clips.class_names)


def label_of(clip: MotionClip) -> str:
    """The label of the bundled classifier that is right for a clip, also of NW-UCLA, which it did not learn from."""
    label = everyday_label(clip)
    return "walking" if label == "walking around" else label


def classify(
    model: Any, feature_extractor: Any, part: Part, label_of: Callable[[MotionClip], str]
) -> dict[str, Prediction]:
    """Answers of a classifier out of "all_labels" that it knows, and out of "own_labels", those of the set.

    Raises:
        KeyError: If the classifier lacks the label of a clip.
    """
    class_names = tuple(model.config.id2label[index] for index in range(model.config.num_labels))
    index_of = {name: index for index, name in enumerate(class_names)}
    labels = np.array([index_of[label_of(clip)] for clip in part.clips])
    scores = predict_logits(model, feature_extractor, part.clips)
    own, own_labels = np.unique(labels, return_inverse=True)
    return {
        "all_labels": Prediction(part, class_names, labels, softmax(scores, axis=1)),
        "own_labels": Prediction(
            part, tuple(class_names[index] for index in own), own_labels, softmax(scores[:, own], axis=1)
        ),
    }


def report(predictions: Mapping[str, Prediction]) -> dict[str, Any]:
    """How often the answers about a part are right, by wording or choice."""
    part = next(iter(predictions.values())).part
    return {
        "title": part.title,
        "split": part.split,
        "is_unseen_set": part.is_unseen_set,
        "clips": len(part.clips),
    } | {
        key: {"classes": len(found.class_names), **accuracy_report(found.scores, found.labels, found.class_names)}
        for key, found in predictions.items()
    }


def robustness(part: Part, answer: Callable[[Part], Prediction], seed: int = 0) -> dict[str, Any]:
    """Accuracy on clips of a part as they are and under each of `CORRUPTIONS`."""
    top1 = {"clean": _top1(answer(part))}
    for name in CORRUPTIONS:
        rng = np.random.default_rng(seed)
        clips = [replace(clip, skeletons=corrupt(name, clip.skeletons, rng)) for clip in part.clips]
        worse = MotionDataset(clips, part.clips.name, part.clips.class_names)
        top1[name] = _top1(answer(replace(part, clips=worse)))
    return {"set": part.key, "title": part.title, "clips": len(part.clips), "top1": top1}


def _top1(prediction: Prediction) -> float:
    return top_k_accuracy(prediction.scores, prediction.labels)


def worst_cases(predictions: Iterable[Prediction], count: int = 10) -> list[Case]:
    """The wrong answers with the highest scores, one for each set, right class and answer."""
    cases: dict[tuple[str, str, str], Case] = {}
    for found in predictions:
        answers = found.scores.argmax(axis=1)
        for row in np.flatnonzero(~found.is_right()):
            truth, answer = found.class_names[found.labels[row]], found.class_names[answers[row]]
            case = Case(found.part, found.part.clips[int(row)], truth, answer, float(found.scores[row].max()))
            key = (found.part.key, truth, answer)
            if key not in cases or case.score > cases[key].score:
                cases[key] = case
    return sorted(cases.values(), key=lambda case: -case.score)[:count]
