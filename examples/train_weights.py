# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Trains the bundled checkpoints, tmor-base and tmor-base-actions, from nothing.

    make weights DATA=DIR            # or, with `pip install tmor_hf[text]`:
    python examples/train_weights.py --data-dir DIR

A compact text tower is distilled from a sentence encoder; skeletons and videos are pre-trained against that encoder;
the compact tower takes its place; a classifier of everyday actions is trained from the skeleton encoder; and both are
written as float16 folders. Half an hour with a GPU, a night on two CPU cores. Each step goes on where it was stopped,
also on another machine, and is skipped once it is done. The folders then lie in OUTPUT_DIR/weights; `--install` puts
them into the package.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import torch
from transformers import AutoModel, AutoProcessor, AutoTokenizer

import tmor_hf
from tmor_hf import AutoModelForSkeletonActionClassification, TMorFeatureExtractor, TMorProcessor
from tmor_hf.data import fine_tuning_augmentation
from tmor_hf.data.everyday_actions import load_everyday_actions
from tmor_hf.training import FineTuningArguments, finetune_classifier, load_student, replace_text_tower

sys.path.insert(0, str(Path(__file__).parent))
import distill_text  # noqa: E402  (the examples beside this one)
import pretrain  # noqa: E402

# The options of each step. Only training parts are trained on; NW-UCLA is in none of them.
TEACHER = "minilm"
DISTIL = {"sentences": 14000, "max-steps": 9000, "batch-size": 64, "save-steps": 500, "eval-steps": 3000}
PRETRAIN = {
    "dataset": ("bandai_namco_2", "penn_action", "hdm05_11", "utkinect_untrimmed", "synthetic:32000"),
    "shares": ("synthetic=0.55", "utkinect_untrimmed=0.15"), "balance": 1, "same-caption": "positive",
    "near-duplicate-threshold": 0.75, "learning-rate": 1e-3, "weight-decay": 0.05, "batch-size": 256,
    "max-steps": 5000, "num-workers": 3, "eval-steps": 1000, "save-steps": 500, "skeleton-video-weight": 0.3,
}  # fmt: skip
ACTIONS = {
    "num_epochs": 6, "batch_size": 64, "learning_rate": 5e-4, "mixup": 0.2, "label_smoothing": 0.1,
    "weight_decay": 0.05,
}  # fmt: skip
GENERATED = {"train": 5000, "validation": 400}  # clips for the classifier
ROBUST = {"camera_probability": 0.35, "layout_probability": 0.3, "joint_rate": 0.15, "min_crop": 0.7}
DROPOUT = 0.1

RECORD = "training_record.json"
# What of the hours went into which checkpoint.
STEPS_OF = {"tmor-base": ("distil", "pretrain"), "tmor-base-actions": ("pretrain", "actions")}


def get_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data-dir", required=True, metavar="DIR", help="folder of the motion sets")
    parser.add_argument("--output-dir", default="outputs/weights", metavar="DIR", help="all steps (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all steps (%(default)s)")
    parser.add_argument("--cpu", action="store_true", help="train on the CPU even if there is an accelerator")
    parser.add_argument("--install", action="store_true", help="put the checkpoints into the package")
    return parser.parse_args(argv)


@contextmanager
def measured(output_dir, step, on_gpu=False):
    """Adds the hours of a step to those of earlier runs, also where it is stopped, and notes the machine."""
    path, start = Path(output_dir) / "hours.json", time.monotonic()
    path.parent.mkdir(parents=True, exist_ok=True)
    print(f"{step} ...", flush=True)
    try:
        yield
    finally:
        steps = json.loads(path.read_text()) if path.is_file() else {}
        hours = steps.get(step, {}).get("hours", 0.0) + (time.monotonic() - start) / 3600
        steps[step] = {"hours": round(hours, 4), **machine(on_gpu)}
        path.write_text(json.dumps(steps, indent=2) + "\n")


def machine(on_gpu):
    """What a step runs on."""
    return {
        "cores": os.cpu_count(),
        "cpu": processor_name(),
        "gpu": torch.cuda.get_device_name() if on_gpu else None,
        "threads": torch.get_num_threads(),
    }


def words(options):
    """Options as the words of a command line."""
    return [word for name, value in options.items() for word in (f"--{name}", *map(str, as_tuple(value)))]


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def distil_text(args, folder):
    options = {"output-dir": folder, "data-dir": args.data_dir, "teacher": TEACHER, "seed": args.seed, **DISTIL}
    distill_text.main(distill_text.get_arguments(words(options)))


def pretrain_towers(args, folder):
    options = {"output-dir": folder, "data-dir": args.data_dir, "text-model": TEACHER, "seed": args.seed, **PRETRAIN}
    flags = ["--video", "--resume-from", "last", *(["--cpu"] if args.cpu else [])]
    pretrain.pretrain(pretrain.get_arguments(words(options) + flags))


def train_actions(args, folder, start):
    """A classifier of everyday actions, from the skeleton encoder of a contrastive checkpoint."""
    torch.manual_seed(args.seed)
    train = load_everyday_actions("train", args.data_dir, GENERATED["train"])
    names = train.class_names
    held_out = load_everyday_actions("validation", args.data_dir, GENERATED["validation"], class_names=names)
    model = AutoModelForSkeletonActionClassification.from_pretrained(
        start,
        id2label=dict(enumerate(names)),
        label2id={name: index for index, name in enumerate(names)},
        hidden_dropout_prob=DROPOUT,
        ignore_mismatched_sizes=True,
    )
    finetune_classifier(
        model,
        TMorFeatureExtractor.from_pretrained(start),
        train,
        held_out,
        FineTuningArguments(output_dir=str(folder), seed=args.seed, cpu=args.cpu, resume_from="last", **ACTIONS),
        replace(fine_tuning_augmentation(names), **ROBUST),
    )


def write_checkpoint(model, processor, folder):
    """Weights as float16, to be computed with as float32, and a config.json without paths of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # safetensors lets nobody else read it, wherever a wheel is installed
    processor.save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    for part in (config, *(part for part in config.values() if isinstance(part, dict))):
        part.pop("_name_or_path", None)
        part.update({"dtype": "float32"} if "dtype" in part else {})
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def write_base(text, towers, folder):
    """tmor-base: the pre-trained towers, with the distilled text tower in place of its teacher."""
    student, processor = load_student(text), AutoProcessor.from_pretrained(towers)
    model = replace_text_tower(AutoModel.from_pretrained(towers), student.model, student.head)
    tokenizer = AutoTokenizer.from_pretrained(text, model_max_length=64)
    write_checkpoint(model, TMorProcessor(processor.feature_extractor, tokenizer), folder)


def write_actions(actions, folder):
    """tmor-base-actions: the classifier."""
    model = AutoModelForSkeletonActionClassification.from_pretrained(actions)
    write_checkpoint(model, TMorFeatureExtractor.from_pretrained(actions), folder)


def write_record(args, folder):
    """What training cost, beside the weights; the cards say it."""
    steps = json.loads((Path(args.output_dir) / "hours.json").read_text())
    record = {
        "command": "make weights",
        "date": datetime.now(timezone.utc).date().isoformat(),
        "seed": args.seed,
        "steps": {step: steps[step] for step in STEPS_OF[folder.name] if step in steps},
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n")


def processor_name():
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def main(args):
    """Runs the steps that are not done; returns the folders of the two checkpoints."""
    work = Path(args.output_dir)
    text, towers, actions = work / "text", work / "towers", work / "actions"
    # Step, the file that its end leaves behind, and what runs it.
    steps = (
        ("distil", text / "head.safetensors", lambda: distil_text(args, text)),
        ("pretrain", towers / "metrics.json", lambda: pretrain_towers(args, towers)),
        ("actions", actions / "metrics.json", lambda: train_actions(args, actions, towers)),
    )
    for step, end, run in steps:
        if end.is_file():
            print(f"{step}: done already, {end.parent}")
            continue
        # Distillation is small, and runs on the CPU.
        with measured(work, step, step != "distil" and not args.cpu and torch.cuda.is_available()):
            run()
    folders = [work / "weights" / name for name in STEPS_OF]
    write_base(text, towers, folders[0])
    write_actions(actions, folders[1])
    for folder in folders:
        write_record(args, folder)
        size = (folder / "model.safetensors").stat().st_size / 1e6
        print(f"wrote {folder}, {size:.1f} MB of weights")
        if args.install:
            shutil.copytree(folder, Path(tmor_hf.__file__).parent / "checkpoints" / folder.name, dirs_exist_ok=True)
    return folders


if __name__ == "__main__":
    main(get_arguments())
