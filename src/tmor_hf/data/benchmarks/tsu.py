# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Toyota Smarthome Untrimmed: whole recordings, each frame with the actions that go on in it (51 classes).

The file of annotations, ``{"P11T15C01": {"subset": "testing", "duration": 22760, "actions": [[27, 77, 987], ...]}}``,
says also which recordings are for training; durations and spans count frames. Tables ``P11T15C01.csv`` (event,
start_frame, end_frame), which the set itself distributes and calls the reference, are taken for the actions where they
are there. As in the authors' code, an action goes on between, not in, its first and its last frame.
"""

from __future__ import annotations

import csv
import logging
import re
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ...io.files import as_count, read_error, read_json, read_text
from ..class_captions.smarthome import UNTRIMMED_PHRASES
from ..file_reading import find_files
from .files import ClipFile
from .info import Benchmark, BenchmarkInfo, Found, Request
from .lcrnet import COORDINATE_OPTIONS, read_lcrnet
from .parts import part_of
from .smarthome import TRAINING_SUBJECTS
from .spans import ActionSpans

logger = logging.getLogger(__name__)

_ANNOTATIONS = {"cs": "smarthome_CS_51.json", "cv": "smarthome_CV_51.json"}
_VIDEO = re.compile(r"P(\d{2})T\d{2}C(\d{2})")
_CLASSES = tuple(UNTRIMMED_PHRASES)
# The tables have two names more than the list of actions, which the set asks to merge.
_MERGED = {"Make_coffee.Get_water": "Get_water", "Make_tea.Insert_tea_bag": "Insert_tea_bag"}
_HELD_OUT = (19, 25)


class _Video(NamedTuple):
    is_train: bool
    duration: int
    spans: tuple[tuple[int, float, float], ...]


def _find(request: Request) -> Found:
    videos = _read_videos(request)
    tables = {Path(path).stem: path for path in find_files(request.folder, "P*T*C*.csv")}
    files, parts, strangers = [], [], []
    for path in find_files(request.folder, "*P*T*C*.json"):
        match = _VIDEO.search(Path(path).name)
        if match is None or match[0] not in videos:
            strangers.append(path)
            continue
        video, subject = videos[match[0]], int(match[1])
        spans = _read_table(tables[match[0]]) if match[0] in tables else video.spans
        phrases = [UNTRIMMED_PHRASES[_CLASSES[label]] for label in sorted({label for label, _, _ in spans})]
        files.append(
            ClipFile(
                path,
                match[0],
                "tsu",
                tuple(f"a person is {phrase}" for phrase in phrases) or ("a person at home",),
                " and ".join(phrases) or "nothing",
                subject=str(subject),
                camera=str(int(match[2])),
                label_frames=ActionSpans(spans, len(_CLASSES), duration=video.duration, with_ends=False),
            )
        )
        parts.append(part_of(video.is_train, not video.is_train, subject, _HELD_OUT))
    if not files:
        raise FileNotFoundError(
            f"expected skeletons such as results_P11T15C01_lcrnet+v3d.json in {request.folder}; pass the folder that "
            f"holds {request.folder.name}/ as data_dir"
        )
    if strangers:
        logger.warning("tsu: %d files without annotations left out, such as %s", len(strangers), strangers[0])
    if len(files) < len(videos):
        logger.warning("tsu: %d of %d annotated recordings have no skeletons", len(videos) - len(files), len(videos))
    read = partial(read_lcrnet, **request.options)
    return Found(files, parts, tuple(UNTRIMMED_PHRASES.values()), read)


def _read_videos(request: Request) -> dict[str, _Video]:
    paths = find_files(request.folder, _ANNOTATIONS[request.protocol])
    if not paths:
        raise FileNotFoundError(
            f"expected {_ANNOTATIONS[request.protocol]} in {request.folder}; it is in "
            "github.com/dairui01/Toyota_Smarthome, pipline/data"
        )
    data = read_json(paths[0])
    if not isinstance(data, dict) or not all(isinstance(one, dict) for one in data.values()):
        raise read_error(paths[0], "expected an object with an object for each recording")
    videos = {name: _read_video(paths[0], name, one) for name, one in data.items()}
    if request.protocol == "cs":
        for name, video in videos.items():
            if video.is_train != (int(name[1:3]) in TRAINING_SUBJECTS):
                raise read_error(paths[0], "expected the training subjects of the cross-subject protocol", name)
    return videos


def _read_video(path: str, name: str, data: dict[str, Any]) -> _Video:
    actions, subset = data.get("actions"), data.get("subset")
    if not _VIDEO.fullmatch(name) or subset not in ("training", "testing") or not isinstance(actions, list):
        raise read_error(path, "expected a name such as P11T15C01 with 'subset', 'duration' and 'actions'", name)
    spans = []
    for action in actions:
        if not isinstance(action, list) or len(action) != 3:
            raise read_error(path, "expected an action as class, start and end", name)
        label, start, end = (as_count(path, value, name) for value in action)
        spans.append((_known_class(path, label, name), start, end))
    return _Video(subset == "training", as_count(path, data.get("duration"), name, minimum=1), tuple(spans))


def _known_class(path: str, label: int, place: str) -> int:
    if label >= len(_CLASSES):
        raise read_error(path, f"expected a class below {len(_CLASSES)}, got {label}", place)
    return label


def _read_table(path: str) -> tuple[tuple[int, float, float], ...]:
    reader = csv.DictReader(read_text(path).splitlines())
    spans = []
    for row in reader:
        name = (row.get("event") or "").strip()
        name = _MERGED.get(name, name)
        start, end = ((row.get(key) or "").strip() for key in ("start_frame", "end_frame"))
        if name not in _CLASSES or not start.isdigit() or not end.isdigit():
            raise read_error(path, "expected an action of the list, its first and its last frame", reader.line_num)
        spans.append((_CLASSES.index(name), int(start), int(end)))
    return tuple(spans)


TSU = Benchmark(
    BenchmarkInfo(
        name="tsu",
        title="Toyota Smarthome Untrimmed (Dai et al., TPAMI 2022)",
        num_classes=len(_CLASSES),
        layouts=("lcrnet13",),
        protocols={
            "cs": "by smarthome_CS_51.json: the subjects of Toyota Smarthome; validation: subjects 19 and 25",
            "cv": "by smarthome_CV_51.json; validation: subjects 19 and 25 of its training part",
        },
        metric="mAP over frames",
        licence="research only, by agreement with Inria and Toyota",
        allows_commercial_use=False,
        how_to_get="on request, https://project.inria.fr/toyotasmarthome/ (skeletons, annotations)",
        files="the .json files of the skeletons and smarthome_CS_51.json or smarthome_CV_51.json, at any depth; "
        "Annotation/P*/P*.csv if at hand",
        sources=("github.com/dairui01/Toyota_Smarthome, pipline (classes, parts, durations, rule for frames)",),
        is_frame_wise=True,
        options=COORDINATE_OPTIONS,
    ),
    _find,
)

__all__ = ["TSU"]
