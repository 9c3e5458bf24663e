# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Fine-tuning of a classifier for a closed set of classes, from any source of clips.

A minute on a laptop, without any data:

    python examples/finetune.py --smoke --output-dir outputs/finetune_smoke

Clips of your own, a folder of pose files of any format for each class:

    python examples/finetune.py --dataset my_clips/ --output-dir outputs/mine --model outputs/quickstart

A benchmark, from scratch, or from a pre-trained checkpoint; --test adds the test split, at the very end:

    python examples/finetune.py --dataset nw_ucla --data-dir DATA --output-dir outputs/scratch --mixup 0.2 --test
    accelerate launch examples/finetune.py --dataset penn_action --data-dir DATA --output-dir outputs/penn \
        --model outputs/pretrained --layer-decay 0.75 --learning-rate 3e-4 --test --num-views 5

Labels that may be wrong: --audit-folds 5 judges each clip by a classifier that was trained without it and without its
person; clips that contradict their label are listed in suspect_labels.json and take no part in training. With
--audit-cure exchange all train, and only where two classes of a person and camera bear each other's name they are
exchanged.

A linear probe: --method probe --learning-rate 3e-3. Go on after a stop: the same command with --resume-from last. The
result is a checkpoint for the pipeline "skeleton-action-classification".
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accelerate import PartialState
from transformers import AutoFeatureExtractor

from tmor_hf import (
    AutoModelForSkeletonActionClassification,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorSkeletonConfig,
)
from tmor_hf.data import (
    BENCHMARKS,
    MissingSplitError,
    fine_tuning_augmentation,
    hold_out,
    label_by_name,
    load_skeleton_text,
    parse_source,
)
from tmor_hf.evaluation import mean_class_accuracy, predict_logits, top_k_accuracy
from tmor_hf.training import (
    FineTuningArguments,
    argument_parser,
    finetune_classifier,
    out_of_fold_logits,
    repair_exchanged_labels,
    suspect_labels,
)

SMOKE = {"dataset": "synthetic:400", "preset": "tiny", "num_frames": 32, "max_steps": 200, "learning_rate": 3e-3}
SMOKE_ACTIONS = ("walk", "clap", "kick", "squat")
FEW_CLIPS = 200  # with fewer, augmentation is strong
MIN_STEPS = 200  # so that few clips are seen often enough


def get_arguments(argv=None):
    parser = argument_parser(__doc__.split("\n\n")[0])
    parser.add_argument("--dataset", metavar="SOURCE", help="benchmark, folder, PoseCap or synthetic:N, see above")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the benchmarks")
    parser.add_argument("--protocol", metavar="NAME", help="of the benchmark; by default its first")
    parser.add_argument("--model", metavar="NAME", help="checkpoint to start from; without one, from scratch")
    parser.add_argument("--preset", default="small", choices=["tiny", "small", "base"], help="size from scratch")
    parser.add_argument("--num-frames", type=int, default=64, metavar="N", help="frames of a clip from scratch")
    parser.add_argument("--dropout", type=float, default=0.1, metavar="X", help="of the encoder (%(default)s)")
    parser.add_argument("--classifier-dropout", type=float, metavar="X", help="before the classifier (as --dropout)")
    choices = ["none", "light", "strong", "auto"]
    parser.add_argument("--augmentation", default="auto", choices=choices, help="auto: strong for few clips")
    parser.add_argument("--validation-share", type=float, default=0.2, metavar="X", help="if the set has no such part")
    parser.add_argument("--audit-folds", type=int, default=0, metavar="N", help="look for wrong labels, see above")
    parser.add_argument("--audit-cure", default="leave-out", choices=["leave-out", "exchange"], help="%(default)s")
    parser.add_argument("--test", action="store_true", help="measure on the test split, too")
    parser.add_argument("--num-views", type=int, default=1, metavar="N", help="views of a clip in measuring")
    parser.add_argument("--smoke", action="store_true", help="a run of a minute that shows that all is well")
    FineTuningArguments.add_to(parser, output_dir="outputs/finetuned", min_steps=MIN_STEPS)
    args = parser.parse_args(argv)
    if args.smoke:
        parser.set_defaults(**SMOKE)
        args = parser.parse_args(argv)
    if not args.dataset:
        parser.error("nothing to train on: give --dataset, or --smoke")
    if parse_source(args.dataset).name in BENCHMARKS and not args.data_dir:
        parser.error(f"--dataset {args.dataset} needs --data-dir")
    return args


def get_part(args, part, class_names=None):
    """The clips of a part of the source, in memory, with labels that index `class_names`."""
    clips = load_skeleton_text(
        parse_source(args.dataset).name,
        part,
        data_dir=args.data_dir,
        seed=args.seed,
        synthetic_options={"actions": SMOKE_ACTIONS} if args.smoke else None,
        benchmark_options={"protocol": args.protocol, "leak_free": part != "test"},
    )
    return label_by_name(clips, class_names)


def get_datasets(args):
    """Clips to train with, and clips to choose the best epoch by: those that the source names, or a share of all."""
    train = get_part(args, parse_source(args.dataset).part or "train")
    try:
        return train, get_part(args, "validation", train.class_names)
    except MissingSplitError:
        return hold_out(train, args.validation_share, args.seed)


def get_model(args, class_names):
    """A classifier of these classes and its feature extractor: the encoder of a checkpoint, or a new one."""
    options = {
        "id2label": dict(enumerate(class_names)),
        "label2id": {name: label for label, name in enumerate(class_names)},
        "hidden_dropout_prob": args.dropout,
        "classifier_dropout": args.classifier_dropout,
    }
    if args.model is None:
        config = getattr(TMorSkeletonConfig, args.preset)(**options)
        extractor = TMorFeatureExtractor(num_frames=args.num_frames, max_people=2)
        return TMorForSkeletonActionClassification(config), extractor
    model = AutoModelForSkeletonActionClassification.from_pretrained(
        args.model, ignore_mismatched_sizes=True, **options
    )
    return model, AutoFeatureExtractor.from_pretrained(args.model)


def get_augmentation(args, train):
    if args.augmentation == "none":
        return None
    is_strong = args.augmentation == "strong" or (args.augmentation == "auto" and len(train) < FEW_CLIPS)
    return fine_tuning_augmentation(train.class_names, is_strong)


def after_audit(args, train):
    """Clips to train with, and how many labels are suspect: these are listed in ``suspect_labels.json``."""
    path = Path(args.output_dir) / "suspect_labels.json"
    if not (args.resume_from and path.is_file()):
        options = replace(
            FineTuningArguments.from_namespace(args), output_dir=None, resume_from=None, report_to="none"
        )

        def fit_and_predict(part, held_out):
            model, feature_extractor = get_model(args, train.class_names)
            finetune_classifier(model, feature_extractor, part, None, options, get_augmentation(args, part))
            return predict_logits(model, feature_extractor, held_out, num_views=args.num_views)

        logits = out_of_fold_logits(train, fit_and_predict, args.audit_folds, args.progress_bar)
        if args.audit_cure == "exchange":
            likely = repair_exchanged_labels(logits, train.labels, [(clip.subject, clip.camera) for clip in train])
            is_suspect = likely != train.labels
        else:
            likely, is_suspect = logits.argmax(axis=1), suspect_labels(logits, train.labels)
        suspects = {
            train[index].name: {"label": train[index].class_name, "likely": train.class_names[likely[index]]}
            for index in np.flatnonzero(is_suspect)
        }
        if PartialState().is_main_process:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(suspects, indent=1), encoding="utf-8")
        PartialState().wait_for_everyone()
    suspects = json.loads(path.read_text(encoding="utf-8"))
    if args.audit_cure == "exchange":
        names = [suspects[clip.name]["likely"] if clip.name in suspects else clip.class_name for clip in train]
        return train.with_labels([train.class_names.index(name) for name in names]), len(suspects)
    return train.select(lambda clip: clip.name not in suspects), len(suspects)


def measure(args, model, feature_extractor, clips, part):
    """Accuracy on a part, and without the test clips that are copies of training clips if it has such ones."""
    logits = predict_logits(model, feature_extractor, clips, num_views=args.num_views, progress=args.progress_bar)
    metrics = {
        f"{part}_accuracy": top_k_accuracy(logits, clips.labels),
        f"{part}_mean_class_accuracy": mean_class_accuracy(logits.argmax(1), clips.labels, len(clips.class_names)),
        f"{part}_clips": len(clips),
    }
    own = [index for index, clip in enumerate(clips) if not clip.is_leaked]
    if len(own) < len(clips):
        metrics[f"{part}_accuracy_leak_free"] = top_k_accuracy(logits[own], clips.labels[own])
        metrics[f"{part}_clips_leak_free"] = len(own)
    return metrics


def finetune(args):
    """Trains, saves model and feature extractor in `args.output_dir`, and returns the metrics."""
    torch.manual_seed(args.seed)
    train, validation = get_datasets(args)
    metrics = {}
    if args.audit_folds:
        train, metrics["suspect_clips"] = after_audit(args, train)
    model, feature_extractor = get_model(args, train.class_names)
    result = finetune_classifier(
        model,
        feature_extractor,
        train,
        validation,
        FineTuningArguments.from_namespace(args),
        get_augmentation(args, train),
    )
    metrics |= {"train_clips": len(train), "best_epoch": result.best_epoch, **result.metrics}
    if len(validation):
        metrics.update(measure(args, result.model, feature_extractor, validation, "validation"))
    if args.test:
        test = get_part(args, "test", train.class_names)
        metrics.update(measure(args, result.model, feature_extractor, test, "test"))
    return metrics


if __name__ == "__main__":
    metrics = finetune(get_arguments())
    PartialState().print(json.dumps(metrics))
