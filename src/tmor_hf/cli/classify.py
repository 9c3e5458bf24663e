# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor classify`: what the people in pose files do, out of a model's classes or of any labels."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .options import FAILED, add_command, add_reading, number_of, one_line, read_clips, whole_number

if TYPE_CHECKING:
    from ..processing.skeletons import Skeletons

Labels = list[dict[str, Any]]


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "classify",
        run,
        "FILE ... [--labels TEXT ...] [options]",
        "name the action in pose files",
        "  tmor classify walk.bvh\n"
        '  tmor classify walk.bvh wave.bvh --labels "waving with one hand" walking "sitting down"\n'
        "  tmor classify points.npy --layout coco17 --fps 30 --model outputs/mine --json",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="pose files, each of a clip or of several")
    parser.add_argument(
        "--labels", nargs="+", metavar="TEXT", help="actions to choose from; by default the classes of the model"
    )
    parser.add_argument("--template", metavar="TEXT", help='the sentence around a label ("a person is {}.")')
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="name or folder of a classifier or, with --labels, of a contrastive checkpoint (the bundled ones)",
    )
    parser.add_argument("--top-k", type=whole_number, default=3, metavar="N", help="labels of a clip (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object for each clip")
    add_reading(parser, "--format")


def run(arguments: argparse.Namespace) -> int:
    if arguments.template is not None and arguments.labels is None:
        raise ValueError("--template goes around the labels of --labels; give both")
    classify, failures = _make_classifier(arguments), 0
    for file in arguments.files:
        try:
            found = [(name, classify(clip)) for name, clip in read_clips(arguments, file)]
        except (ValueError, OSError) as error:
            if len(arguments.files) == 1:
                raise
            print(f"tmor: skipped {one_line(f'{file}: {error}')}", file=sys.stderr)
            failures += 1
            continue
        print("\n".join(_as_json(file, found) if arguments.json else _lines(file, found)), flush=True)
    if failures:
        print(f"tmor: {number_of(failures, 'file')} could not be classified", file=sys.stderr)
    return FAILED if failures else 0


def _make_classifier(arguments: argparse.Namespace) -> Callable[[Skeletons], Labels]:
    """What gives the best labels of a clip; refuses a checkpoint that cannot."""
    from transformers import AutoConfig, pipeline
    from transformers.utils import logging

    from ..checkpoints import bundled

    logging.disable_progress_bar()
    is_free = arguments.labels is not None
    model = arguments.model or bundled("tmor-base" if is_free else "tmor-base-actions")
    config = AutoConfig.from_pretrained(model)
    architectures = config.architectures or ["a model without a head"]
    if is_free and config.model_type != "tmor":
        raise ValueError(
            f"expected a contrastive checkpoint, which knows words, got {architectures[0]} in {model}; leave --labels "
            "out, or pass another --model"
        )
    if not is_free and not any(name.endswith("ForSkeletonActionClassification") for name in architectures):
        raise ValueError(
            f"expected a model with classes, got {architectures[0]} in {model}; say what to choose from with "
            "--labels, or make a classifier of your clips with tmor adapt"
        )
    options: dict[str, Any] = {"top_k": arguments.top_k}
    if not is_free:
        classifier = pipeline("skeleton-action-classification", model=model)
    else:
        classifier = pipeline("zero-shot-skeleton-action-classification", model=model)
        options["candidate_labels"] = arguments.labels
        options |= {} if arguments.template is None else {"hypothesis_template": arguments.template}
    return lambda clip: classifier(clip, **options)


def _as_json(file: str, found: list[tuple[str, Labels]]) -> list[str]:
    return [json.dumps({"file": file, "clip": name, "labels": labels}, allow_nan=False) for name, labels in found]


def _lines(file: str, found: list[tuple[str, Labels]]) -> list[str]:
    lines = [file]
    for name, labels in found:
        lines += [f"  clip      {name}"] if len(found) > 1 else []
        lines += [f"    {row['score']:6.1%}  {row['label']}" for row in labels]
    return lines if found else [file, "  no clip in it"]


__all__ = ["add", "run"]
