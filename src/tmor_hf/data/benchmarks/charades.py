# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Charades: videos at home, each frame with the actions that go on in it (157 classes), and human descriptions.

The set has no skeletons: they come from a pose estimator, one file of any pose format for each video,
``skeletons/ID.*``. Annotations are the official ``Charades_v1_train.csv`` and ``Charades_v1_test.csv`` (columns id,
subject, descriptions, actions such as ``c092 11.90 21.20;c147 0.00 12.60`` in seconds, length) and
``Charades_v1_classes.txt``.
"""

from __future__ import annotations

import csv
import logging
import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ...io.files import read_error, read_text
from ...io.reading import read_skeletons
from ..file_reading import find_files
from .files import ClipFile
from .info import Benchmark, BenchmarkInfo, Found, Request
from .parts import every_tenth, part_of
from .spans import ActionSpans

logger = logging.getLogger(__name__)

_NUM_CLASSES = 157
_TABLES = {"train": "Charades_v1_train.csv", "test": "Charades_v1_test.csv"}
_ACTION = re.compile(r"c(\d{3}) (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)")
_COLUMNS = ("id", "subject", "descriptions", "actions", "length")


class _Video(NamedTuple):
    name: str
    subject: str
    captions: tuple[str, ...]
    spans: tuple[tuple[int, float, float], ...]
    length: float
    is_test: bool


def _find(request: Request) -> Found:
    classes = _read_classes(_only(request.folder, "Charades_v1_classes.txt"))
    videos = [
        video
        for part, table in _TABLES.items()
        for video in _read_table(_only(request.folder, table), is_test=part == "test")
    ]
    paths = _skeleton_files(request.folder / "skeletons")
    held_out = every_tenth({video.subject for video in videos if not video.is_test})
    files, parts = [], []
    for video in videos:
        if video.name not in paths:
            continue
        files.append(
            ClipFile(
                paths[video.name],
                video.name,
                "charades",
                video.captions,
                video.captions[0].casefold(),
                subject=video.subject,
                label_frames=ActionSpans(video.spans, _NUM_CLASSES, in_seconds=True, duration=video.length),
            )
        )
        parts.append(part_of(not video.is_test, video.is_test, video.subject, held_out))
    if not files:
        raise FileNotFoundError(f"expected skeletons as ID.* in {request.folder / 'skeletons'}, got none of a video")
    if len(files) < len(videos):
        logger.warning("charades: %d of %d videos have no skeletons", len(videos) - len(files), len(videos))
    return Found(files, parts, classes, partial(read_skeletons, **request.options))


def _only(folder: Path, name: str) -> str:
    paths = find_files(folder, name)
    if not paths:
        raise FileNotFoundError(f"expected {name} in {folder}; it is in Charades.zip, see `benchmark_info`")
    return paths[0]


def _skeleton_files(folder: Path) -> dict[str, str]:
    """Name of a video -> its file, or its folder for formats with a file for each frame."""
    found: dict[str, str] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = path.name.split(".")[0]
        if name in found:
            raise ValueError(f"expected one file for each video, got {found[name]} and {path}; remove one of them")
        found[name] = str(path)
    return found


def _read_classes(path: str) -> tuple[str, ...]:
    names = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        code, _, name = line.strip().partition(" ")
        if not line.strip():
            continue
        if code != f"c{len(names):03d}" or not name:
            raise read_error(path, f"expected 'c{len(names):03d}' and a name, got {line[:60]!r}", number)
        names.append(name[0].lower() + name[1:])
    if len(names) != _NUM_CLASSES:
        raise read_error(path, f"expected {_NUM_CLASSES} classes, got {len(names)}")
    return tuple(names)


def _read_table(path: str, is_test: bool) -> list[_Video]:
    reader = csv.DictReader(read_text(path).splitlines(keepends=True))
    missing = set(_COLUMNS) - set(reader.fieldnames or ())
    if missing:
        raise read_error(path, f"expected the columns {', '.join(_COLUMNS)}, got none {sorted(missing)}", 1)
    return [_read_row(path, row, reader.line_num, is_test) for row in reader]


def _read_row(path: str, row: dict[str, str], number: int, is_test: bool) -> _Video:
    spans = []
    for action in filter(None, (part.strip() for part in (row["actions"] or "").split(";"))):
        match = _ACTION.fullmatch(action)
        if match is None or int(match[1]) >= _NUM_CLASSES:
            raise read_error(path, f"expected an action such as 'c092 11.90 21.20', got {action[:60]!r}", number)
        spans.append((int(match[1]), float(match[2]), float(match[3])))
    try:
        length = float(row["length"])
    except (TypeError, ValueError) as error:
        raise read_error(path, f"expected a length in seconds, got {row['length']!r}", number) from error
    captions = tuple(dict.fromkeys(filter(None, (text.strip() for text in (row["descriptions"] or "").split(";")))))
    return _Video(row["id"], row["subject"], captions or ("a person at home",), tuple(spans), length, is_test)


CHARADES = Benchmark(
    BenchmarkInfo(
        name="charades",
        title="Charades (Sigurdsson et al., ECCV 2016)",
        num_classes=_NUM_CLASSES,
        layouts=("that of the skeletons",),
        protocols={"official": "train and test by the two tables; validation: every tenth subject of training"},
        metric="mAP over frames",
        licence="non-commercial use only (its license.txt)",
        allows_commercial_use=False,
        how_to_get="https://prior.allenai.org/projects/charades (Charades.zip); poses by an estimator of your choice",
        files="Charades_v1_train.csv, Charades_v1_test.csv, Charades_v1_classes.txt, and skeletons/ID.* in any pose "
        "format",
        sources=("the README.txt and tables of the set",),
        is_frame_wise=True,
        options={
            "format": "name of the pose format; by default that of each file is found out",
            "layout": "joint layout, where files do not say it",
            "fps": "frames per second; by default the frames are spread over the length of the video",
            "image_size": "(height, width) of the images, where files do not say it",
        },
    ),
    _find,
)

__all__ = ["CHARADES"]
