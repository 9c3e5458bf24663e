# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Training of a model that says, for each frame of a recording, which actions go on in it, with the stock Trainer.

A minute on a laptop, without any data:

    python examples/train_detection.py --smoke --output-dir outputs/detection_smoke

A benchmark with labels of frames (utkinect_frames, tsu, charades), on a pre-trained encoder that is kept as it is (a
third of the time), from one that goes on learning, or from scratch without --model:

    python examples/train_detection.py --dataset utkinect_frames --protocol loso-1 --data-dir DATA \
        --output-dir outputs/utkinect --model outputs/pretrained --freeze-encoder
    accelerate launch examples/train_detection.py --dataset tsu --data-dir DATA --output-dir outputs/tsu \
        --model outputs/pretrained --layer-decay 0.75 --learning-rate 3e-4

The best epoch is chosen by the mAP over frames of the validation part, of other subjects than the training part. The
result is a checkpoint for the pipeline "skeleton-temporal-action-detection".
"""

import json

import numpy as np
import torch
from accelerate import PartialState
from transformers import Trainer, TrainerCallback, TrainingArguments

from tmor_hf import (
    AutoModelForSkeletonFrameClassification,
    TMorFeatureExtractor,
    TMorForSkeletonFrameClassification,
    TMorSkeletonConfig,
)
from tmor_hf.data import (
    BENCHMARKS,
    FrameClassificationCollator,
    FrameClassificationDataset,
    benchmark_info,
    fine_tuning_augmentation,
    load_benchmark,
    synthetic_recordings,
)
from tmor_hf.evaluation import event_map, per_frame_map
from tmor_hf.processing.temporal_segments import segments_from_labels, segments_from_scores
from tmor_hf.training import argument_parser, freeze, layerwise_parameter_groups

SMOKE = {
    "synthetic": 40, "preset": "tiny", "max_steps": 200, "learning_rate": 5e-3, "batch_size": 8, "dropout": 0.0,
    "segment_frames": 128, "no_augmentation": True,
}  # fmt: skip
SMOKE_ACTIONS = ("walk", "clap", "kick", "squat")
HELD_OUT_SEED = 1_000_003  # of synthetic recordings
KEPT = "per_frame_map"  # what the best epoch is chosen by
EVENT_THRESHOLDS = (0.3, 0.5)  # temporal IoU


def get_arguments(argv=None):
    frame_wise = [name for name in BENCHMARKS if benchmark_info(name).is_frame_wise]
    parser = argument_parser(__doc__.split("\n\n")[0])
    parser.add_argument("--output-dir", required=True, metavar="DIR", help="folder of checkpoints and of the result")
    parser.add_argument("--dataset", choices=frame_wise, metavar="|".join(frame_wise), help="benchmark to train on")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the benchmarks")
    parser.add_argument("--protocol", metavar="NAME", help="of the benchmark; by default its first")
    parser.add_argument("--synthetic", type=int, default=0, metavar="N", help="train on N generated recordings")
    parser.add_argument("--model", metavar="NAME", help="checkpoint to start from; without one, from scratch")
    parser.add_argument("--freeze-encoder", action="store_true", help="train the head on top of --model alone")
    parser.add_argument("--preset", default="small", choices=["tiny", "small", "base"], help="size from scratch")
    parser.add_argument("--dropout", type=float, default=0.1, metavar="X", help="of encoder and head (%(default)s)")
    parser.add_argument("--exclusive", action="store_true", help="one action or none at a time: softmax, not sigmoid")
    parser.add_argument("--sampling-rate", type=float, metavar="X", help="in hertz; by default that of the first clip")
    parser.add_argument("--segment-frames", type=int, default=256, metavar="N", help="of a stretch (%(default)s)")
    parser.add_argument("--no-augmentation", action="store_true", help="train on the recordings as they are")
    parser.add_argument("--num-epochs", type=int, default=30, metavar="N", help="passes over the data (%(default)s)")
    parser.add_argument("--max-steps", type=int, default=-1, metavar="N", help="in place of epochs")
    parser.add_argument("--batch-size", type=int, default=16, metavar="N", help="stretches a step (%(default)s)")
    parser.add_argument("--learning-rate", type=float, default=1e-3, metavar="X", help="of the head (%(default)s)")
    parser.add_argument("--layer-decay", type=float, default=1.0, metavar="X", help="of the rate, from layer to layer")
    parser.add_argument("--weight-decay", type=float, default=0.05, metavar="X", help="of matrices (%(default)s)")
    parser.add_argument("--num-workers", type=int, default=0, metavar="N", help="processes that prepare batches")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of everything random (%(default)s)")
    parser.add_argument("--cpu", action="store_true", help="train on the CPU even if there is a GPU")
    parser.add_argument("--no-progress-bar", action="store_true", help="print less")
    parser.add_argument("--smoke", action="store_true", help="a run of a minute that shows that all is well")
    args = parser.parse_args(argv)
    if args.smoke:
        parser.set_defaults(**({**SMOKE, "synthetic": 0} if args.dataset else SMOKE))
        args = parser.parse_args(argv)
    if bool(args.dataset) == bool(args.synthetic):
        parser.error("expected one thing to train on: give --dataset, --synthetic, or --smoke")
    if args.dataset and not args.data_dir:
        parser.error(f"--dataset {args.dataset} needs --data-dir")
    if args.freeze_encoder and not args.model:
        parser.error("--freeze-encoder needs --model: an encoder from scratch has nothing to keep")
    return args


def get_recordings(args):
    """Training and validation recordings, in memory. The test part is not looked at."""
    if args.synthetic:
        actions = SMOKE_ACTIONS if args.smoke else None
        held_out = max(args.synthetic // 5, 1)
        return (
            synthetic_recordings(args.synthetic, args.seed, actions),
            synthetic_recordings(held_out, args.seed + HELD_OUT_SEED, actions),
        )
    parts = [load_benchmark(args.dataset, args.data_dir, part, args.protocol) for part in ("train", "validation")]
    return [part.load() if hasattr(part, "load") else part for part in parts]


def get_model(args, class_names):
    """A model of these classes: the encoder of a checkpoint under a new head, or all new."""
    names = ["background", *class_names] if args.exclusive else list(class_names)
    options = {
        "id2label": dict(enumerate(names)),
        "label2id": {name: label for label, name in enumerate(names)},
        "problem_type": "single_label_classification" if args.exclusive else "multi_label_classification",
        "hidden_dropout_prob": args.dropout,
    }
    if args.model is None:
        return TMorForSkeletonFrameClassification(getattr(TMorSkeletonConfig, args.preset)(**options))
    model = AutoModelForSkeletonFrameClassification.from_pretrained(
        args.model, ignore_mismatched_sizes=True, **options
    )
    if args.freeze_encoder:
        freeze(model.skeleton_model)
    return model


def measure(prediction):
    """Metrics of whole recordings, which the Trainer has padded with -100."""
    logits, labels = torch.from_numpy(prediction.predictions), prediction.label_ids
    if labels.ndim == 2:  # exclusive classes, of which the first is the background
        scores = logits.softmax(dim=-1)[..., 1:].numpy()
        is_real = labels != -100
        labels = labels[..., None] == np.arange(1, logits.shape[-1])
    else:
        scores = logits.sigmoid().numpy()
        is_real = labels[..., 0] != -100
    scores = [row[real] for row, real in zip(scores, is_real, strict=True)]
    labels = [row[real] > 0 for row, real in zip(labels, is_real, strict=True)]
    predicted, true = [segments_from_scores(own) for own in scores], [segments_from_labels(own) for own in labels]
    events = {f"event_map_{threshold}": event_map(predicted, true, threshold) for threshold in EVENT_THRESHOLDS}
    return {KEPT: per_frame_map(scores, labels), **events}


class SetEpoch(TrainerCallback):
    """Tells the training set its epoch; with several processes nobody else does."""

    def __init__(self, dataset):
        self.dataset = dataset

    def on_epoch_begin(self, args, state, control, **kwargs):
        self.dataset.set_epoch(int(state.epoch or 0))


def get_trainer(args, model, feature_extractor, train, validation):
    augmentation = None if args.no_augmentation else fine_tuning_augmentation(train.class_names)
    dataset = FrameClassificationDataset(train, args.segment_frames, augmentation, args.seed)
    groups = layerwise_parameter_groups(model, args.learning_rate, args.weight_decay, args.layer_decay)
    return Trainer(
        model,
        TrainingArguments(
            output_dir=args.output_dir,
            num_train_epochs=args.num_epochs,
            max_steps=args.max_steps,
            per_device_train_batch_size=args.batch_size,
            per_device_eval_batch_size=1,  # whole recordings
            lr_scheduler_type="cosine",
            warmup_steps=0.1,
            eval_strategy="epoch",
            save_strategy="epoch",
            logging_strategy="epoch",
            save_total_limit=1,
            save_only_model=True,
            load_best_model_at_end=True,
            metric_for_best_model=KEPT,
            greater_is_better=True,
            remove_unused_columns=False,
            dataloader_num_workers=args.num_workers,
            dataloader_pin_memory=not args.cpu and torch.cuda.is_available(),
            use_cpu=args.cpu,
            seed=args.seed,
            report_to="none",
            disable_tqdm=args.no_progress_bar,
        ),
        data_collator=FrameClassificationCollator(feature_extractor, model.config.problem_type),
        train_dataset=dataset,
        eval_dataset=FrameClassificationDataset(validation, segment_frames=None),
        processing_class=feature_extractor,
        compute_metrics=measure,
        callbacks=[SetEpoch(dataset)],
        optimizers=(torch.optim.AdamW(groups, lr=args.learning_rate), None),
    )


def train_detection(args):
    """Trains, saves the best model and its feature extractor in `args.output_dir`, and returns the metrics."""
    torch.manual_seed(args.seed)
    train, validation = get_recordings(args)
    model = get_model(args, train.class_names)
    feature_extractor = TMorFeatureExtractor(sampling_rate=args.sampling_rate or train[0].skeletons.fps)
    trainer = get_trainer(args, model, feature_extractor, train, validation)
    outcome = trainer.train()
    trainer.save_model()  # the best one, and the feature extractor
    metrics = {name: value for name, value in trainer.evaluate().items() if "loss" in name or "map" in name}
    return {"steps": outcome.global_step, "loss": outcome.training_loss, **metrics}


if __name__ == "__main__":
    metrics = train_detection(get_arguments())
    PartialState().print(json.dumps(metrics))
