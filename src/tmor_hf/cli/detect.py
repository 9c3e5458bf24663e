# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor detect`: when each action of a recording starts and ends, in words and in a picture."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import add_command, add_reading, check_output, positive, read_clips, whole_or_nothing

if TYPE_CHECKING:
    from transformers import Pipeline

_PICTURES = (".png", ".jpg", ".pdf", ".svg")
_OPTIONS = ("threshold", "end_threshold", "min_duration", "max_gap")


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "detect",
        run,
        "FILE --model MODEL [--output PICTURE] [options]",
        "say when each action of a recording starts and ends",
        "  tmor detect day.bvh --model outputs/detection\n"
        "  tmor detect day.bvh --model outputs/detection --output timeline.png --max-gap 0.5\n"
        "  tmor detect points.npy --layout coco17 --fps 30 --model outputs/detection --per-person --json",
    )
    parser.add_argument("file", metavar="FILE", help="a pose file, or a folder where the format has one file a frame")
    parser.add_argument("--model", required=True, metavar="MODEL", help="name or folder of a frame classifier")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--output", "-o", metavar="FILE", help="a time line (.png, .jpg, .pdf, .svg)")
    parser.add_argument("--force", "-f", action="store_true", help="replace the output if it is there")
    group = parser.add_argument_group("what counts as an action; times in seconds, or frames without a frame rate")
    group.add_argument("--threshold", type=positive, metavar="X", help="score that it reaches (0.5)")
    group.add_argument("--end-threshold", type=positive, metavar="X", help="score down to which it goes on")
    group.add_argument("--min-duration", type=positive, metavar="X", help="shorter ones are dropped")
    group.add_argument("--max-gap", type=positive, metavar="X", help="breaks up to this long are bridged")
    group.add_argument("--per-person", action="store_true", help="look at each person alone")
    add_reading(parser, "--format")


def run(arguments: argparse.Namespace) -> int:
    output = None if arguments.output is None else Path(arguments.output)
    if output is not None:
        check_output(output, _PICTURES, arguments.force)
    options = {name: getattr(arguments, name) for name in _OPTIONS if getattr(arguments, name) is not None}
    options |= {"per_person": arguments.per_person, "return_frame_scores": output is not None}
    detector, found = None, {}
    for name, clip in read_clips(arguments, arguments.file):
        if found and output is not None:
            names = f"{next(iter(found))} and {name}"
            raise ValueError(f"{arguments.file} holds several clips, such as {names}; choose one with --clip NAME")
        detector = detector or _make_detector(arguments.model)
        found[name] = detector(clip, **options)
    if not found:
        raise ValueError(f"{arguments.file}: expected poses, got a file without a clip")
    if arguments.json:
        clips = [{"clip": name, "results": _plain(result)} for name, result in found.items()]
        print(json.dumps({"file": arguments.file, "clips": clips}, allow_nan=False))
    else:
        print("\n".join([arguments.file, *(line for pair in found.items() for line in _lines(*pair))]))
    if output is not None:
        _draw(*next(iter(found.items())), output)
        print(f"tmor: wrote {output}", file=sys.stderr)
    return 0


def _make_detector(model: str) -> Pipeline:
    """The pipeline; refuses a checkpoint whose head would start at random."""
    from transformers import AutoConfig, pipeline
    from transformers.utils import logging

    logging.disable_progress_bar()
    architectures = AutoConfig.from_pretrained(model).architectures or ["a model without a head"]
    if not any(name.endswith("ForSkeletonFrameClassification") for name in architectures):
        raise ValueError(
            f"expected a model that classifies frames, got {architectures[0]} in {model}; train one with "
            "examples/train_detection.py"
        )
    return pipeline("skeleton-temporal-action-detection", model=model)


def _people(result: dict[str, Any] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return result if isinstance(result, list) else [result]


def _plain(result: dict[str, Any] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Results of people, or the one of all, without the scores of frames."""
    return [{key: value for key, value in person.items() if key != "frame_scores"} for person in _people(result)]


def _lines(name: str, result: dict[str, Any] | list[dict[str, Any]]) -> list[str]:
    lines = [f"  clip      {name}"]
    for index, person in enumerate(_people(result)):
        if isinstance(result, list):
            lines.append(f"  person    {index}")
        digits, unit = (2, "s") if person["unit"] == "seconds" else (0, "frames")
        for segment in person["segments"]:
            span = f"{segment['start']:9.{digits}f} to {segment['end']:9.{digits}f} {unit}"
            lines.append(f"  {span}  {segment['score']:.2f}  {segment['label']}")
        if not person["segments"]:
            lines.append("    no action found")
    return lines


def _draw(name: str, result: dict[str, Any] | list[dict[str, Any]], output: Path) -> None:
    from ..visualization import plot_timeline

    figure = plot_timeline(result, title=name)
    with whole_or_nothing(output) as partial:
        figure.savefig(partial, dpi=150)


__all__ = ["add", "run"]
