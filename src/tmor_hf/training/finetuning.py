# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Fine-tuning of a skeleton classifier for a closed set of classes, on the stock `transformers.Trainer`.

Axes: B clips of a batch, K classes.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from accelerate import PartialState
from torch import Tensor, nn
from transformers import (
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedConfig,
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.trainer_utils import TrainOutput, get_last_checkpoint

from ..arguments import Arguments, option
from ..data.classification import ClassificationCollator, ClassificationDataset
from ..data.clips import MotionClip
from .arguments import ARGUMENTS_NAME, MIXED_PRECISION_MODES
from .checkpointing import delete_checkpoints, no_bars_over_files, write_json
from .optimization import freeze, undecayed_parameters
from .trainer import METRICS_NAME
from .weight_averaging import WeightAverage

METHODS = ("full", "probe")
CLASS_WEIGHTS = ("none", "balanced")
_BEST = "accuracy_then_loss"
_MOST_VALIDATIONS = 60
_DEPTH = re.compile(r"\bskeleton_model\.(?:(embeddings)\.|layers\.(\d+)\.)")


@dataclass
class FineTuningArguments(Arguments):
    """Arguments of `finetune_classifier`; the text of each field is also its `--help`.

    Dropout belongs to the model and stands in its config: `hidden_dropout_prob`, `attention_probs_dropout_prob`,
    `classifier_dropout`.

    Raises:
        ValueError: a value is out of its range.
    """

    title: ClassVar[str] = "fine-tuning"

    output_dir: str | None = option(None, "folder for checkpoints and the model; without one, nothing is kept")
    method: str = option("full", "train all weights, or the classifier alone", METHODS)
    seed: int = option(0, "seed of order, augmentation, mixing and dropout")
    batch_size: int = option(32, "clips per process and step")
    gradient_accumulation_steps: int = option(1, "batches that form one step")
    num_epochs: int = option(60, "passes over the clips")
    min_steps: int = option(0, "more passes if these are fewer steps, for few clips")
    max_steps: int = option(0, "steps at most; 0: by epochs")
    num_workers: int = option(0, "data loading processes per training process")
    learning_rate: float = option(5e-4, "peak learning rate")
    layer_decay: float = option(1.0, "factor of the learning rate from each layer to the one below it")
    weight_decay: float = option(0.05, "AdamW decay of matrices (not norms, biases, embeddings)")
    adam_beta1: float = option(0.9, "AdamW beta 1")
    adam_beta2: float = option(0.999, "AdamW beta 2")
    warmup_ratio: float = option(0.1, "part of the steps with a rising learning rate; a cosine to 0 follows")
    max_grad_norm: float = option(1.0, "norm to which gradients are clipped; 0: no clipping")
    label_smoothing: float = option(0.1, "share of the target that all classes have alike")
    ema_decay: float = option(0.0, "validate and keep the average of the weights with this decay, e.g. 0.999; 0: none")
    mixup: float = option(0.0, "Beta parameter of mixing two clips; 0: none")
    class_weights: str = option("none", "balanced: rare classes count as much as frequent ones", CLASS_WEIGHTS)
    patience: int = option(0, "stop after so many validations without a better one; 0: never")
    eval_epochs: int = option(0, "epochs between validations; 0: 1, or more if that were over 60 validations")
    mixed_precision: str | None = option(None, "default: bf16 on a GPU that has it", MIXED_PRECISION_MODES)
    cpu: bool = option(False, "train on the CPU even if there is an accelerator")
    resume_from: str | None = option(None, "checkpoint folder, or 'last' of the output folder if there is one")
    overwrite: bool = option(False, "delete checkpoints of an earlier run in the output folder")
    report_to: str = option("none", "trackers of transformers, e.g. tensorboard,wandb")
    progress_bar: bool = option(True, "show a progress bar")

    def __post_init__(self) -> None:
        for name in ("batch_size", "gradient_accumulation_steps", "num_epochs"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("min_steps", "max_steps", "num_workers", "weight_decay", "max_grad_norm", "mixup"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        for name in ("patience", "eval_epochs"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        for name in ("adam_beta1", "adam_beta2", "warmup_ratio", "label_smoothing", "ema_decay"):
            self._check(name, 0 <= getattr(self, name) < 1, "in [0, 1)")
        self._check("learning_rate", self.learning_rate > 0, "positive")
        self._check("layer_decay", 0 < self.layer_decay <= 1, "in (0, 1]")
        self._check("method", self.method in METHODS, f"one of {METHODS}")
        self._check("class_weights", self.class_weights in CLASS_WEIGHTS, f"one of {CLASS_WEIGHTS}")
        is_known = self.mixed_precision is None or self.mixed_precision in MIXED_PRECISION_MODES
        self._check("mixed_precision", is_known, f"one of {MIXED_PRECISION_MODES}, or None")
        needs_folder = self.resume_from is not None and self.output_dir is None
        self._check("output_dir", not needs_folder, "a folder, to resume in")


class FineTuningResult(NamedTuple):
    """What `finetune_classifier` returns.

    Args:
        model: The model with the best weights, in evaluation mode; the same object that was given.
        best_epoch: After how many epochs it was best on the validation part; the last one without such a part.
        history: One dict for each validation: epoch, step, accuracy, mean_class_accuracy and loss on the validation
            part. Empty without one.
        metrics: Those of the best epoch, and steps, train_loss, train_seconds and clips_per_second of this call.
    """

    model: PreTrainedModel
    best_epoch: float
    history: list[dict[str, float]]
    metrics: dict[str, float]


def finetune_classifier(
    model: PreTrainedModel,
    feature_extractor: Any,
    train: Sequence[MotionClip] | ClassificationDataset,
    validation: Sequence[MotionClip] | None,
    args: FineTuningArguments,
    augmentation: Any = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> FineTuningResult:
    """Trains a classifier, and gives it the weights that were best on the validation part.

    The best are those of highest accuracy, among equals of lowest loss. Training runs in `transformers.Trainer`: on
    what `accelerate launch` provides, with its checkpoints and trackers.

    Args:
        model: A `TMorForSkeletonActionClassification` or a PEFT model of one; it is trained in place.
        feature_extractor: Its `TMorFeatureExtractor`, saved beside it.
        train: Clips with classes below `model.config.num_labels`. A `ClassificationDataset` is taken as it is,
            with its own augmentation and seed.
        validation: Clips to choose the best epoch by; None or none: the last epoch is taken.
        args: See `FineTuningArguments`.
        augmentation: A `SkeletonAugmentation` that changes the clips of `train`, see `fine_tuning_augmentation`; None
            leaves them.
        callbacks: More callbacks of the Trainer.

    Raises:
        ValueError: Clips have no classes, or others than the model.
        FileExistsError: The output folder has checkpoints, and `args` neither resume nor overwrite.
    """
    if not isinstance(train, ClassificationDataset):
        train = ClassificationDataset(train, augmentation, seed=args.seed)
    held_out = None if not validation else ClassificationDataset(validation, seed=None, max_frames=None)
    num_labels = model.config.num_labels
    _check_labels(train, held_out, num_labels)
    _name_labels(model.config, getattr(train.clips, "class_names", ()))
    weights = balanced_class_weights(train.labels, num_labels) if args.class_weights == "balanced" else None
    with ExitStack() as stack:
        stack.enter_context(no_bars_over_files())
        folder = args.output_dir or stack.enter_context(tempfile.TemporaryDirectory(prefix="tmor-finetune-"))
        checkpoint = _find_checkpoint(args)
        if args.method == "probe":
            stack.callback(freeze(model.skeleton_model))
        average = [WeightAverage(args.ema_decay, checkpoint)] if args.ema_decay else []
        trainer = Trainer(
            model,
            _training_arguments(args, folder, len(train), held_out is not None),
            data_collator=ClassificationCollator(feature_extractor, num_labels, args.mixup),
            train_dataset=train,
            eval_dataset=held_out,
            processing_class=feature_extractor,
            compute_loss_func=classification_loss(weights, args.label_smoothing),
            compute_metrics=_metrics,
            callbacks=[_SetEpoch(train), *callbacks, *average],
            optimizer_cls_and_kwargs=_optimizer(model, args),
        )
        if args.patience and held_out is not None:
            trainer.add_callback(EarlyStoppingCallback(args.patience))
        if not args.progress_bar:
            trainer.remove_callback(PrinterCallback)
        outcome = trainer.train(resume_from_checkpoint=checkpoint)
        result = _result(trainer, model, outcome)
        if args.output_dir is not None:
            _save(trainer, feature_extractor, args, result)
            trainer.accelerator.wait_for_everyone()
    model.eval()
    return result


# ---------------------------------------------------------------- parameters and loss


def layerwise_parameter_groups(
    model: nn.Module, learning_rate: float, weight_decay: float = 0.0, layer_decay: float = 1.0
) -> list[dict[str, Any]]:
    """AdamW groups by depth and decay, for a learning rate that falls from layer to layer below the head.

    The head, and what else stands above the layers of the skeleton encoder, learns at the full rate; layer i of L at
    `layer_decay` to the power of L - i, the embeddings at that of L + 1, as in Clark et al. (ELECTRA, ICLR 2020,
    arXiv 2003.10555). Parameters that are frozen are left out.

    Args:
        model: A model with a `skeleton_model`, also within PEFT.
        learning_rate: The full rate.
        weight_decay: Of weight matrices; norms, biases and embeddings have none.
        layer_decay: The factor; 1 gives all the full rate.

    Raises:
        ValueError: No parameter is to be trained.
    """
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    if not named:
        raise ValueError("expected parameters to train, got none with requires_grad; unlock a part of the model")
    depths = [_depth(name) for name, _ in model.named_parameters()]
    top = 1 + max((depth for depth in depths if depth is not None), default=0)
    undecayed = undecayed_parameters(model)
    groups: dict[tuple[int, float], list[nn.Parameter]] = {}
    for name, parameter in named:
        depth = _depth(name)
        key = top if depth is None else depth, 0.0 if name in undecayed else weight_decay
        groups.setdefault(key, []).append(parameter)
    return [
        {"params": params, "lr": learning_rate * layer_decay ** (top - depth), "weight_decay": decay}
        for (depth, decay), params in sorted(groups.items(), key=lambda item: item[0])
    ]


def _depth(name: str) -> int | None:
    """0 for the embeddings, 1 and up for the layers of the encoder, None above them."""
    match = _DEPTH.search(name)
    if match is None:
        return None
    return 0 if match[1] else int(match[2]) + 1


def _optimizer(model: nn.Module, args: FineTuningArguments) -> tuple[type[torch.optim.Optimizer], dict[str, Any]]:
    """What the Trainer makes its optimizer of, once the model is where it is trained."""
    groups = layerwise_parameter_groups(model, args.learning_rate, args.weight_decay, args.layer_decay)
    betas = (args.adam_beta1, args.adam_beta2)
    return torch.optim.AdamW, {"params": groups, "lr": args.learning_rate, "betas": betas, "fused": True}


def balanced_class_weights(labels: np.ndarray, num_labels: int) -> Tensor:
    """(K,) float32 weights that give every class the same sum over the clips, with mean 1 over the clips.

    Classes without clips weigh 0.
    """
    counts = np.bincount(labels, minlength=num_labels)
    weights = np.where(counts > 0, len(labels) / (np.maximum(counts, 1) * (counts > 0).sum()), 0.0)
    return torch.tensor(weights, dtype=torch.float32)


def classification_loss(class_weights: Tensor | None = None, label_smoothing: float = 0.0) -> Callable[..., Tensor]:
    """The loss as `Trainer` takes it in `compute_loss_func`: cross-entropy, meaned over the clips of a whole step.

    Args:
        class_weights: (K,) weight of each class.
        label_smoothing: Share of the target that all classes have alike.
    """

    def loss(outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None) -> Tensor:
        logits = outputs.logits.float()
        weight = None if class_weights is None else class_weights.to(logits.device)
        total = nn.functional.cross_entropy(
            logits, labels, weight=weight, label_smoothing=label_smoothing, reduction="sum"
        )
        # The Trainer counts the entries of the labels; soft ones have K for each clip.
        entries = labels[0].numel()
        return total / (len(labels) if num_items_in_batch is None else num_items_in_batch / entries)

    return loss


def _metrics(prediction: EvalPrediction) -> dict[str, float]:
    logits, labels = np.asarray(prediction.predictions, dtype=np.float64), prediction.label_ids
    hits = logits.argmax(axis=-1) == labels
    losses = np.logaddexp.reduce(logits, axis=-1) - logits[np.arange(len(labels)), labels]
    accuracy, loss = float(hits.mean()), float(losses.mean())
    return {
        "accuracy": accuracy,
        "mean_class_accuracy": float(np.mean([hits[labels == label].mean() for label in np.unique(labels)])),
        "log_loss": loss,
        # One more hit is worth 1 / N, and no loss is worth as much as that.
        _BEST: accuracy + 1 / ((1 + loss) * (len(labels) + 1)),
    }


# ---------------------------------------------------------------- the Trainer


class _SetEpoch(TrainerCallback):
    """Tells the training set its epoch; accelerate does so with one process alone."""

    def __init__(self, dataset: ClassificationDataset):
        self.dataset = dataset

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.dataset.set_epoch(int(state.epoch or 0))


def _training_arguments(
    args: FineTuningArguments, folder: str, num_clips: int, has_validation: bool
) -> TrainingArguments:
    has_gpu = not args.cpu and torch.cuda.is_available()
    precision = args.mixed_precision or ("bf16" if has_gpu and torch.cuda.is_bf16_supported() else "no")
    num_steps, interval = _steps(args, num_clips, PartialState(cpu=args.cpu).num_processes)
    is_kept = args.output_dir is not None
    return TrainingArguments(
        output_dir=folder,
        seed=args.seed,
        per_device_train_batch_size=args.batch_size,
        per_device_eval_batch_size=max(args.batch_size, 64),
        gradient_accumulation_steps=args.gradient_accumulation_steps,
        max_steps=num_steps,
        learning_rate=args.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=args.warmup_ratio,
        max_grad_norm=args.max_grad_norm,
        logging_steps=interval,
        eval_strategy="steps" if has_validation else "no",
        eval_steps=interval,
        save_strategy="steps" if is_kept else "best" if has_validation else "no",
        save_steps=interval,
        save_only_model=not is_kept,
        save_total_limit=1,
        load_best_model_at_end=has_validation,
        metric_for_best_model=_BEST,
        greater_is_better=True,
        dataloader_num_workers=args.num_workers,
        dataloader_pin_memory=has_gpu,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=args.cpu,
        remove_unused_columns=False,
        label_names=["labels"],
        report_to=[name for name in args.report_to.split(",") if name],
        disable_tqdm=not args.progress_bar,
    )


def _steps(args: FineTuningArguments, num_clips: int, num_processes: int) -> tuple[int, int]:
    """Steps of the run, and steps between validations: whole epochs."""
    batches = math.ceil(math.ceil(num_clips / args.batch_size) / num_processes)
    per_epoch = math.ceil(batches / args.gradient_accumulation_steps)
    num_steps = max(args.num_epochs * per_epoch, args.min_steps)
    if args.max_steps:
        num_steps = min(num_steps, args.max_steps)
    epochs = args.eval_epochs or math.ceil(num_steps / (per_epoch * _MOST_VALIDATIONS))
    return num_steps, epochs * per_epoch


def _find_checkpoint(args: FineTuningArguments) -> str | None:
    """What to resume from; None to start anew."""
    last = None
    if args.output_dir is None:
        if PartialState(cpu=args.cpu).num_processes > 1:
            raise ValueError("expected an output_dir for several processes, got none; they exchange the best weights")
    elif Path(args.output_dir).is_dir():
        last = get_last_checkpoint(args.output_dir)
    if args.resume_from == "last":
        return last
    if args.resume_from is None and last is not None:
        if not args.overwrite:
            raise FileExistsError(
                f"expected no checkpoints in {args.output_dir}, got {Path(last).name}; set resume_from='last' to go "
                "on from it, overwrite=True to delete it, or choose another output_dir"
            )
        with PartialState().main_process_first():
            delete_checkpoints(args.output_dir)
    return args.resume_from


def _check_labels(train: ClassificationDataset, held_out: ClassificationDataset | None, num_labels: int) -> None:
    highest = max(int(part.labels.max()) for part in (train, held_out) if part is not None)
    if highest >= num_labels:
        raise ValueError(
            f"expected classes below the model's num_labels={num_labels}, got class {highest}; load the model with "
            "num_labels= of the clips"
        )


def _name_labels(config: PreTrainedConfig, class_names: Sequence[str]) -> None:
    """Gives the classes their names, if the model has none of its own for them."""
    has_own = any(name != f"LABEL_{label}" for label, name in config.id2label.items())
    if len(class_names) == config.num_labels and not has_own:
        config.id2label = dict(enumerate(class_names))
        config.label2id = {name: label for label, name in enumerate(class_names)}


def _result(trainer: Trainer, model: PreTrainedModel, outcome: TrainOutput) -> FineTuningResult:
    history = [
        {"epoch": round(record["epoch"], 4), "step": record["step"], "accuracy": record["eval_accuracy"],
         "mean_class_accuracy": record["eval_mean_class_accuracy"], "loss": record["eval_log_loss"],
         _BEST: record[f"eval_{_BEST}"]}
        for record in trainer.state.log_history
        if "eval_accuracy" in record
    ]  # fmt: skip
    best = max(history, key=lambda record: record[_BEST], default={"epoch": round(trainer.state.epoch, 4)})
    metrics = {name: value for name, value in best.items() if name not in (_BEST, "epoch", "step")}
    for record in history:
        del record[_BEST]
    metrics |= {
        "steps": trainer.state.global_step,
        "train_loss": outcome.training_loss,
        "train_seconds": outcome.metrics["train_runtime"],
        "clips_per_second": outcome.metrics["train_samples_per_second"],
    }
    return FineTuningResult(model, best["epoch"], history, metrics)


def _save(trainer: Trainer, feature_extractor: Any, args: FineTuningArguments, result: FineTuningResult) -> None:
    """Model, feature extractor, arguments and metrics in the output folder, for the pipelines."""
    if not trainer.is_world_process_zero():
        return
    folder = Path(args.output_dir)
    result.model.save_pretrained(folder)
    feature_extractor.save_pretrained(folder)
    write_json(folder / ARGUMENTS_NAME, asdict(args))
    write_json(folder / METRICS_NAME, {"best_epoch": result.best_epoch, **result.metrics, "history": result.history})


__all__ = [
    "FineTuningArguments",
    "FineTuningResult",
    "balanced_class_weights",
    "classification_loss",
    "finetune_classifier",
    "layerwise_parameter_groups",
]
