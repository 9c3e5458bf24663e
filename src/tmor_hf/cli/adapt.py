# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor adapt`: a classifier out of a few clips of each class, and how far to trust it."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import (
    FAILED,
    add_command,
    add_reading,
    check_folder,
    number_of,
    one_line,
    reading_options,
    seed,
    whole_number,
)

if TYPE_CHECKING:
    import numpy as np

    from ..data import MotionDataset

MOST_MISTAKES = 10  # shown
METHODS = ("nearest_mean", "linear", "prompt", "ia3", "lora", "full")


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "adapt",
        run,
        "CLIPS FOLDER [options]",
        "make a classifier out of a few clips of each class",
        "  tmor adapt my_clips/ my_model/\n"
        "  tmor classify new.csv --model my_model/\n"
        "  tmor adapt my_clips/ my_model/ --method lora --folds 0 --layout coco17",
    )
    parser.add_argument("clips", metavar="CLIPS", help="pose files in a folder for each class, or in captions.csv")
    parser.add_argument("folder", metavar="FOLDER", help="where to write; a new or empty folder")
    parser.add_argument(
        "--model", metavar="MODEL", help="name or folder of a pre-trained checkpoint (the bundled one)"
    )
    parser.add_argument(
        "--method", default="linear", choices=METHODS, metavar="NAME", help=f"{', '.join(METHODS)} (%(default)s)"
    )
    parser.add_argument("--no-names", action="store_true", help="learn from the clips alone, not from class names too")
    parser.add_argument(
        "--folds", type=_folds, default=5, metavar="N",
        help="parts of the clips that are held out in turn to measure it; 0 measures nothing (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of everything random (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--force", action="store_true", help="write into a folder that is not empty")
    add_reading(parser, "--format")


def run(arguments: argparse.Namespace) -> int:
    from transformers import AutoModel, AutoProcessor
    from transformers.utils import logging

    from ..checkpoints import bundled
    from ..few_shot import adapt, merge_adapter

    if arguments.clip is not None:
        raise ValueError("--clip chooses a clip of one file; tmor adapt learns from the clips of a folder")
    folder = Path(arguments.folder)
    check_folder(folder, arguments.force)
    if not Path(arguments.clips).is_dir():
        raise ValueError(f"expected a folder of clips, got {arguments.clips}, which is none")
    logging.disable_progress_bar()
    clips, unread = _read_clips(arguments)
    name = str(arguments.model or bundled())
    model, processor = AutoModel.from_pretrained(name).eval(), AutoProcessor.from_pretrained(name)
    feature_extractor = getattr(processor, "feature_extractor", processor)
    knows_names = hasattr(model, "get_text_features") and not arguments.no_names
    fit = partial(
        adapt,
        model,
        feature_extractor,
        method=arguments.method,
        tokenizer=processor.tokenizer if knows_names else None,
        class_names=clips.class_names,
        seed=arguments.seed,
    )
    report = _report(clips, _held_out_classes(arguments.folds, fit, feature_extractor, clips)) | {"unread": unread}
    merge_adapter(fit(support=clips)).save_pretrained(folder)
    feature_extractor.save_pretrained(folder)
    print(json.dumps({"folder": str(folder), **report}, allow_nan=False) if arguments.json else _table(report))
    if unread:
        print(f"tmor: {number_of(len(unread), 'file')} could not be read; the first: {unread[0]}", file=sys.stderr)
    print(f"tmor: wrote {folder}; next: tmor classify FILE --model {folder}", file=sys.stderr)
    return FAILED if unread else 0


def _read_clips(arguments: argparse.Namespace) -> tuple[MotionDataset, list[str]]:
    """The clips of all classes that have any, and what could not be read."""
    from ..data import label_by_name, load_clip_folder

    options = reading_options(arguments) | ({"format": arguments.format} if arguments.format else {})
    unread: list[str] = []
    clips = load_clip_folder(
        arguments.clips,
        progress=sys.stderr.isatty(),
        on_failure=lambda name, message: unread.append(one_line(message)),
        **options,
    )
    names = sorted({clip.class_name for clip in clips if clip.class_name is not None})
    if len(names) < 2:
        raise ValueError(f"expected clips of at least two classes in {arguments.clips}, got {len(names)}")
    if empty := sorted(set(clips.class_names) - set(names)):
        print(f"tmor: no clips of {', '.join(empty)}, so no such class", file=sys.stderr)
    return label_by_name(clips, names), unread


def _folds(text: str) -> int:
    if text == "1":
        raise argparse.ArgumentTypeError("expected 0, or 2 or more, got 1")
    return whole_number(text, least=0)


def _held_out_classes(num_folds: int, fit: Any, feature_extractor: Any, clips: MotionDataset) -> np.ndarray:
    """(N,) class that each clip is named as by a model that did not learn from it; -1 where there is none."""
    import numpy as np

    from ..evaluation import predict_logits
    from ..training import out_of_fold_logits

    classes = np.full(len(clips), -1)
    if num_folds == 0 or np.bincount(clips.labels).max() < 2:
        return classes

    def fit_and_predict(support: MotionDataset, held_out: MotionDataset) -> np.ndarray:
        return predict_logits(fit(support=support), feature_extractor, held_out)

    logits = out_of_fold_logits(clips, fit_and_predict, num_folds, progress=sys.stderr.isatty())
    return np.where(np.isnan(logits).any(axis=1), classes, logits.argmax(axis=1))


def _report(clips: MotionDataset, found: np.ndarray) -> dict[str, Any]:
    """Clips of each class, how many were held out and named right, and the mistakes."""
    labels, names = clips.labels, clips.class_names
    is_judged, is_right = found >= 0, found == labels
    classes = {
        name: {
            "clips": int((labels == label).sum()),
            "held_out": int(is_judged[labels == label].sum()),
            "right": int(is_right[labels == label].sum()),
        }
        for label, name in enumerate(names)
    }
    mistakes = [
        {"clip": clip.name, "class": clip.class_name, "taken_for": names[label]}
        for clip, label, judged, right in zip(clips, found, is_judged, is_right, strict=True)
        if judged and not right
    ]
    accuracy = float(is_right.sum() / is_judged.sum()) if is_judged.any() else None
    names_people = all(clip.subject is not None for clip in clips)
    return {
        "clips": len(clips),
        "held_out_accuracy": accuracy,
        "names_people": names_people,
        "classes": classes,
        "mistakes": mistakes,
    }


def _table(report: dict[str, Any]) -> str:
    width = max(map(len, [*report["classes"], "class"]))
    lines = [f"{'class':<{width}}  clips  right when held out"]
    for name, row in report["classes"].items():
        right = f"{row['right']} of {row['held_out']}" if row["held_out"] else "not measured"
        lines.append(f"{name:<{width}}  {row['clips']:5}  {right}")
    for row in report["mistakes"][:MOST_MISTAKES]:
        lines.append(f"  {row['clip']} was taken for {row['taken_for']}")
    if more := len(report["mistakes"]) - MOST_MISTAKES:
        lines += [f"  and {number_of(more, 'other mistake')}"] if more > 0 else []
    if report["held_out_accuracy"] is not None:
        caveat = "" if report["names_people"] else "; it may be fewer of new people: captions.csv can say who is who"
        lines.append(f"{report['held_out_accuracy']:.0%} of held-out clips are named right{caveat}")
    return "\n".join(lines)


__all__ = ["add", "run"]
