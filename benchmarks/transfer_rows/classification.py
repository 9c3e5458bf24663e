# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of closed-set classification: fine-tuning, and nearest neighbours on poses for reference.

Axes: N clips, K classes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm
from transformers import AutoFeatureExtractor, TrainerCallback

from tmor_hf import (
    AutoModelForSkeletonActionClassification,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorSkeletonConfig,
)
from tmor_hf.data import MotionDataset, benchmark_info, fine_tuning_augmentation
from tmor_hf.data.splitting import subset
from tmor_hf.evaluation import CORRUPTIONS, corrupt, mean_class_accuracy, predict_logits, top_k_accuracy
from tmor_hf.training import (
    FineTuningArguments,
    finetune_classifier,
    out_of_fold_logits,
    repair_exchanged_labels,
    suspect_labels,
)

from .results import Unit
from .rows import DEVICE, Context

logger = logging.getLogger("transfer")

SECONDS_BETWEEN_LOGS = 60


def leave_one_subject_out(context: Context, settings: Mapping[str, Any]) -> list[Unit]:
    """A unit for each seed and each protocol ``loso-...`` of the set; the setting `folds` takes the first ones."""
    folds = [name for name in benchmark_info(settings["dataset"]).protocols if name.startswith("loso-")]
    return [Unit(seed, fold) for seed in context.seeds for fold in folds[: settings.get("folds")]]


def finetune_and_test(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Fine-tunes with a seed, and measures on the test part."""
    model, feature_extractor, metrics = kept_classifier(context, settings, unit)
    test = context.clips(settings["dataset"], "test", unit.part or None)
    return metrics | accuracies(model, feature_extractor, test, "test", settings)


def finetune_and_validate(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Fine-tunes with a seed, and measures on the validation part alone: for choices."""
    return finetune(context, settings, unit)[2]


def finetune(
    context: Context, settings: Mapping[str, Any], unit: Unit
) -> tuple[TMorForSkeletonActionClassification, TMorFeatureExtractor, dict[str, float]]:
    """A classifier that is trained on the training part, and what it reaches on the validation part.

    With the setting `train_on_validation` it is trained on both parts for all its epochs and the last weights are
    taken; nothing is then known about the validation part, and the number of epochs must have been chosen before.
    With the setting `choose_by_test` it is trained on both parts, too, and the weights of the epoch that is best on
    the test part are taken, as peers do: what is measured there flatters.
    With the setting `views`, the clips of the first camera in both parts train, those of the second one validate.
    With the setting `label_audit`, the labels of training clips are held against what classifiers learn from other
    people's clips: with `label_cure` "leave_out", suspect clips do not train; with "exchange", classes that bear each
    other's names are exchanged.
    """
    dataset, protocol = settings["dataset"], unit.part or None
    choose_by_test = settings.get("choose_by_test", False)
    if "views" in settings:
        both = context.clips(dataset, "train+validation", protocol)
        train, validation = (both.select(lambda clip, view=view: clip.camera == view) for view in settings["views"])
    elif choose_by_test:
        train, validation = (context.clips(dataset, part, protocol) for part in ("train+validation", "test"))
    elif settings.get("train_on_validation", False):
        train, validation = context.clips(dataset, "train+validation", protocol), None
    else:
        train, validation = (context.clips(dataset, part, protocol) for part in ("train", "validation"))
    if "label_audit" in settings:
        logits = audit_logits(context, settings["label_audit"], train)
        train = LABEL_CURES[settings["label_cure"]](train, logits)
    model, feature_extractor = build_model(context, settings, unit, train.class_names)
    if not settings.get("sees_velocity", True):
        blind_to_velocity(model)
    options = {"seed": unit.seed, "cpu": DEVICE == "cpu", "progress_bar": context.show_bars}
    result = finetune_classifier(
        model,
        feature_extractor,
        train,
        validation,
        FineTuningArguments(**{**settings["training"], **options}),
        augmentation(settings, train.class_names),
        [TimeLeft()],
    )
    metrics = {"best_epoch": result.best_epoch}
    if validation is not None and not choose_by_test:
        metrics |= accuracies(result.model, feature_extractor, validation, "validation", settings)
    return result.model, feature_extractor, metrics


def audit_logits(context: Context, settings: Mapping[str, Any], clips: MotionDataset) -> np.ndarray:
    """(N, K) logits of the clips by classifiers that were trained on other people's clips.

    They are kept in the folder ``label_audits`` of the results: all seeds of a row train on the same labels.
    """
    key = json.dumps([settings, [clip.name for clip in clips]], sort_keys=True)
    path = context.store.folder / "label_audits" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.npy"
    if not path.is_file():
        fold = itertools.count()

        def fit_and_predict(train: MotionDataset, held_out: MotionDataset) -> np.ndarray:
            seed = next(fold)
            logger.info("label audit: part %d of %d", seed + 1, settings["num_folds"])
            torch.manual_seed(seed)
            model, feature_extractor = build_model(context, settings, Unit(seed), clips.class_names)
            arguments = FineTuningArguments(
                **settings["training"], seed=seed, cpu=DEVICE == "cpu", progress_bar=context.show_bars
            )
            finetune_classifier(
                model, feature_extractor, train, None, arguments, augmentation(settings, clips.class_names)
            )
            return predict_logits(model, feature_extractor, held_out, **settings["testing"])

        with torch.random.fork_rng():  # what is trained afterwards starts alike, with or without the audit
            logits = out_of_fold_logits(clips, fit_and_predict, settings["num_folds"])
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, logits, allow_pickle=False)
    return np.load(path, allow_pickle=False)


def without_suspects(clips: MotionDataset, logits: np.ndarray) -> MotionDataset:
    """The clips whose label is not suspect."""
    is_suspect = suspect_labels(logits, clips.labels)
    logger.info("label audit: %d of %d clips are suspect", is_suspect.sum(), len(clips))
    return subset(clips, ~is_suspect)


def with_exchanged_labels(clips: MotionDataset, logits: np.ndarray) -> MotionDataset:
    """All clips; where two classes of a person and a camera bear each other's name, they are exchanged."""
    labels = repair_exchanged_labels(logits, clips.labels, [(clip.subject, clip.camera) for clip in clips])
    logger.info("label audit: %d of %d labels are exchanged", (labels != clips.labels).sum(), len(clips))
    return clips.with_labels(labels)


LABEL_CURES = {"leave_out": without_suspects, "exchange": with_exchanged_labels}


class TimeLeft(TrainerCallback):
    """Logs how far a training is after validations, once a minute at most."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.started = self.told = time.monotonic()

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any) -> None:
        now = time.monotonic()
        if now - self.told < SECONDS_BETWEEN_LOGS:
            return
        self.told = now
        left = (now - self.started) / state.global_step * (state.max_steps - state.global_step)
        logger.info(
            "step %d of %d, validation accuracy %.3f; about %.0f min left",
            state.global_step, state.max_steps, metrics["eval_accuracy"], left / 60,
        )  # fmt: skip


def kept_classifier(
    context: Context, settings: Mapping[str, Any], unit: Unit
) -> tuple[TMorForSkeletonActionClassification, TMorFeatureExtractor, dict[str, float]]:
    """As `finetune`, but from the folder ``models`` of the results if this model was trained before, by any row."""
    start = context.record(unit.seed)["sha256"] if settings.get("is_pretrained", False) else None
    key = json.dumps([settings, unit, start], sort_keys=True)
    folder = context.store.folder / "models" / hashlib.sha256(key.encode()).hexdigest()[:16]
    if not folder.is_dir():
        model, feature_extractor, metrics = finetune(context, settings, unit)
        partial = folder.with_suffix(f".partial-{os.getpid()}")
        model.save_pretrained(partial)
        feature_extractor.save_pretrained(partial)
        (partial / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
        os.replace(partial, folder)
    model = TMorForSkeletonActionClassification.from_pretrained(folder).eval().to(DEVICE)
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return model, AutoFeatureExtractor.from_pretrained(folder), metrics


def blind_to_velocity(model: TMorForSkeletonActionClassification) -> None:
    """Makes the encoder see positions and masks alone."""
    embeddings = model.skeleton_model.embeddings
    with_velocity = embeddings.with_velocity

    def without_velocity(position: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        channels = with_velocity(position, mask)
        size = position.shape[-1]
        return torch.cat([channels[..., :size], torch.zeros_like(position), channels[..., 2 * size :]], dim=-1)

    embeddings.with_velocity = without_velocity


def augmentation(settings: Mapping[str, Any], class_names: Sequence[str]) -> Any:
    """That of fine-tuning, with changes of the setting `augmentation`; its `is_strong` takes the strong one."""
    changes = dict(settings.get("augmentation", {}))
    return replace(fine_tuning_augmentation(class_names, changes.pop("is_strong", False)), **changes)


def build_model(
    context: Context, settings: Mapping[str, Any], unit: Unit, class_names: Sequence[str]
) -> tuple[TMorForSkeletonActionClassification, TMorFeatureExtractor]:
    """A new classifier, or with the setting `is_pretrained` one on the encoder of a checkpoint."""
    options = {
        "id2label": dict(enumerate(class_names)),
        "label2id": {name: label for label, name in enumerate(class_names)},
        **settings["model"],
    }
    if settings.get("is_pretrained", False):
        folder = context.checkpoint(unit.seed)
        model = AutoModelForSkeletonActionClassification.from_pretrained(
            folder, ignore_mismatched_sizes=True, **options
        )
        return model, AutoFeatureExtractor.from_pretrained(folder)
    extractor = TMorFeatureExtractor(max_people=2, **settings["extractor"])
    config = getattr(TMorSkeletonConfig, settings["preset"])(**options)
    return TMorForSkeletonActionClassification(config), extractor


def accuracies(
    model: Any, feature_extractor: Any, clips: MotionDataset, part: str, settings: Mapping[str, Any]
) -> dict[str, float]:
    """Accuracy and mean accuracy of the classes; also of the leak-free clips alone, where some are leaked."""
    views = settings.get("testing", {})
    logits = predict_logits(model, feature_extractor, clips, **views)
    metrics = scores_of(logits, clips.labels, part)
    own = [index for index, clip in enumerate(clips) if not clip.is_leaked]
    if len(own) < len(clips):
        metrics |= scores_of(logits[own], clips.labels[own], f"{part}_leak_free")
    return metrics


def scores_of(logits: np.ndarray, labels: np.ndarray, part: str) -> dict[str, float]:
    return {
        f"{part}_accuracy": top_k_accuracy(logits, labels),
        f"{part}_mean_class": mean_class_accuracy(logits.argmax(1), labels, logits.shape[1]),
        f"{part}_clips": len(labels),
    }


def measure_corrupted(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Accuracy on the leak-free test clips as they are, and the points lost under each corruption."""
    model, feature_extractor, _ = kept_classifier(context, settings, unit)
    test = context.clips(settings["dataset"], "test").select(lambda clip: not clip.is_leaked)
    views = settings.get("testing", {})
    metrics = {"clean": top_k_accuracy(predict_logits(model, feature_extractor, test, **views), test.labels)}
    for name in tqdm(CORRUPTIONS, desc="corruptions", disable=not context.show_bars):
        rngs = [np.random.default_rng([unit.seed, index]) for index in range(len(test))]
        poses = [corrupt(name, clip.skeletons, rng) for clip, rng in zip(test, rngs, strict=True)]
        accuracy = top_k_accuracy(predict_logits(model, feature_extractor, poses, **views), test.labels)
        metrics |= {name: accuracy, f"{name}, points lost": metrics["clean"] - accuracy}
    return metrics


def nearest_pose(context: Context, settings: Mapping[str, Any], unit: Unit) -> dict[str, float]:
    """Each test clip takes the class of the training clip whose normalised poses are nearest, frame by frame.

    Poses are those of the feature extractor, at `num_frames` frames; a joint that one of the two lacks counts as 0.
    """
    train, test = (context.clips(settings["dataset"], part) for part in ("train+validation", "test"))
    known, queries = (normalised_poses(part, settings["num_frames"]) for part in (train, test))
    nearest = torch.cdist(torch.from_numpy(queries), torch.from_numpy(known)).argmin(dim=1).numpy()
    logits = np.eye(len(train.class_names))[train.labels[nearest]]
    return scores_of(logits, test.labels, "test")


def normalised_poses(clips: MotionDataset, num_frames: int) -> np.ndarray:
    """(N, -1) float32 poses of one person."""
    extractor = TMorFeatureExtractor(num_frames=num_frames, max_people=1)
    starts = range(0, len(clips), 256)
    batches = [extractor(clips[start : start + 256].skeletons, return_tensors="np") for start in starts]
    return np.concatenate([np.asarray(batch["keypoints"], np.float32) for batch in batches]).reshape(len(clips), -1)
