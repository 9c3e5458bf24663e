# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor stream`: poses in as JSON lines, labels out as JSON lines, while they come."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .options import FAILED, add_command, joint_layout, number_of, one_line, positive, whole_number

if TYPE_CHECKING:
    from ..streaming import LabelEvents, SkeletonStream, StreamResult

_LONGEST_LINE = 1 << 24  # bytes; what is longer is no frame of poses
_OPTIONS = ("fps", "num_frames", "hop", "max_gap", "forget_after", "smoothing", "up_axis")
_FORMS = """\
a line in:   {"time": 12.4, "people": [{"id": 7, "keypoints": [[x, y], ...], "scores": [0.9, ...]}]}
             time in seconds, rising; without it frames come at --fps. Three numbers a joint in 3D, null where one is
             missing. id and scores may be left out, of everybody; people without ids are tracked. Nobody: []
a line out:  {"time": 12.4, "people": [{"id": 7, "labels": [{"label": "walking", "score": 0.8}, ...],
             "age": 0.0, "unseen": 0.0}]}, whenever somebody was scored; age and unseen in seconds
--events:    {"time": 12.4, "id": 7, "event": "start", "label": "walking", "score": 0.8}, and "end"
"""


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "stream",
        run,
        "[--labels TEXT ...] [--model MODEL] [options] < FRAMES",
        "name what people do while their poses come in, as JSON lines",
        "  tmor stream --labels walking waving --layout coco17 < frames.jsonl\n"
        f"  estimator | tmor stream --model outputs/mine --layout coco17 --events\n\n{_FORMS}",
    )
    parser.add_argument("--model", metavar="MODEL", help="name or folder of a checkpoint (a bundled one)")
    parser.add_argument("--labels", nargs="+", metavar="TEXT", help="actions to choose from, for a contrastive model")
    parser.add_argument("--template", metavar="TEXT", help='the sentence around a label ("a person is {}.")')
    parser.add_argument("--layout", metavar="NAME", help="joint layout: a name, or a JSON file with one of your own")
    parser.add_argument("--up-axis", metavar="AXIS", help="the axis that points up: y, -y, ... (write --up-axis=-y)")
    parser.add_argument(
        "--fps", type=positive, metavar="X", help="frames per second, where lines have no time too (30)"
    )
    parser.add_argument("--num-frames", type=whole_number, metavar="N", help="frames of a window (64)")
    parser.add_argument("--hop", type=whole_number, metavar="N", help="frames between scorings (a token of the model)")
    parser.add_argument("--max-gap", type=positive, metavar="X", help="seconds that interpolation bridges (0.5)")
    parser.add_argument("--forget-after", type=positive, metavar="X", help="seconds a person is remembered (2)")
    parser.add_argument("--smoothing", type=positive, metavar="X", help="time constant of a mean of scores, seconds")
    group = parser.add_argument_group("what comes out")
    group.add_argument("--top-k", type=whole_number, metavar="N", help="labels of a person (3)")
    group.add_argument("--every-frame", action="store_true", help="a line for each frame, with the labels carried on")
    group.add_argument("--events", action="store_true", help="starts and ends of labels instead")
    group.add_argument("--start-score", type=positive, metavar="X", help="a label starts (0.6)")
    group.add_argument("--end-score", type=positive, metavar="X", help="a label ends (0.4)")
    parser.add_argument("--strict", action="store_true", help="end at a bad line; by default it is told and skipped")


def run(arguments: argparse.Namespace) -> int:
    events = _make_events(arguments)
    stream = _make_stream(arguments)
    skipped = 0
    for number, line in enumerate(iter(lambda: sys.stdin.buffer.readline(_LONGEST_LINE), b""), start=1):
        if not line.strip():
            continue
        try:
            results = stream.push(**read_frame(line))
        except (ValueError, TypeError, RecursionError, OverflowError) as error:
            problem = f"line {number}: {one_line(str(error))}"
            if arguments.strict:
                raise ValueError(problem) from error
            print(f"tmor: skipped {problem}", file=sys.stderr, flush=True)
            skipped += 1
            continue
        _write(_rows(stream, results, events, arguments))
    if events is not None:
        _write(_rows(stream, [], events, arguments))  # labels that still run end with the input
    if skipped:
        print(f"tmor: skipped {number_of(skipped, 'line')}", file=sys.stderr)
    return FAILED if skipped else 0


def _make_events(arguments: argparse.Namespace) -> LabelEvents | None:
    from ..streaming import LabelEvents

    useless = ("every_frame", "top_k") if arguments.events else ("start_score", "end_score")
    given = [f"--{name.replace('_', '-')}" for name in useless if getattr(arguments, name)]
    if given:
        raise ValueError(
            f"{' and '.join(given)} would do nothing {'with' if arguments.events else 'without'} --events"
        )
    scores = {name: getattr(arguments, name) for name in ("start_score", "end_score")}
    scores = {name: score for name, score in scores.items() if score is not None}
    return LabelEvents(**scores) if arguments.events else None


def _make_stream(arguments: argparse.Namespace) -> SkeletonStream:
    from transformers.utils import logging

    from ..checkpoints import bundled
    from ..streaming import SkeletonStream

    logging.disable_progress_bar()
    options = {name: getattr(arguments, name) for name in _OPTIONS}
    options["layout"] = None if arguments.layout is None else joint_layout(arguments.layout)
    options["hypothesis_template"] = arguments.template
    given = {name: value for name, value in options.items() if value is not None}
    model = arguments.model or bundled("tmor-base-actions" if arguments.labels is None else "tmor-base")
    return SkeletonStream.from_pretrained(model, arguments.labels, **given)


def read_frame(line: bytes) -> dict[str, Any]:
    """What `SkeletonStream.push` takes, out of a line.

    Raises:
        ValueError: If the line is no such frame.
    """
    frame = json.loads(line)
    people = frame.get("people") if isinstance(frame, dict) else None
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise ValueError('expected an object with a list of objects "people"')
    time = frame.get("time")
    if time is not None and (isinstance(time, bool) or not isinstance(time, (int, float))):
        raise ValueError(f'expected "time" in seconds, got {time!r}')
    ids = _column(people, "id")
    if ids is not None and not all(isinstance(one, (int, str)) for one in ids):
        raise ValueError('expected each "id" as a number without fraction or a text')
    scores = _column(people, "scores")
    return {
        "keypoints": [_numbers(person.get("keypoints"), "keypoints", 2) for person in people],
        "time": time,
        "person_ids": ids,
        "scores": None if scores is None else [_numbers(one, "scores", 1) for one in scores],
    }


def _column(people: list[dict[str, Any]], name: str) -> list[Any] | None:
    """A field of everybody; None if nobody has it."""
    values = [person[name] for person in people if person.get(name) is not None]
    if len(values) not in (0, len(people)):
        raise ValueError(f'expected "{name}" of everybody or of nobody')
    return values or None


def _numbers(value: Any, name: str, depth: int) -> Any:
    """An array of numbers, NaN for null."""
    import numpy as np

    rows = value if depth == 2 else [value]
    is_list = isinstance(rows, list) and all(isinstance(row, list) for row in rows)
    if not is_list or not all(one is None or isinstance(one, (int, float)) for row in rows for one in row):
        raise ValueError(f'expected "{name}" as a list of {"lists of " if depth == 2 else ""}numbers')
    return np.array(value, dtype=np.float64)


def _write(rows: Iterator[dict[str, Any]]) -> None:
    for row in rows:
        print(json.dumps(row, allow_nan=False), flush=True)


def _rows(
    stream: SkeletonStream, results: list[StreamResult], events: LabelEvents | None, arguments: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """The lines that a frame brings."""
    if events is not None:
        for event in events.update(results, stream.time):
            fields = asdict(event)
            fields["score"] = round(fields["score"], 6)
            yield {"time": event.time, "id": fields.pop("person_id"), "event": fields.pop("kind"), **fields}
    elif arguments.every_frame or any(result.is_new for result in results):
        people = [
            {
                "id": result.person_id,
                "labels": [{**row, "score": round(row["score"], 6)} for row in result.labels[: arguments.top_k or 3]],
                "age": round(result.age, 6),
                "unseen": round(result.unseen, 6),
            }
            for result in results
        ]
        yield {"time": stream.time, "people": people}


__all__ = ["add", "read_frame", "run"]
