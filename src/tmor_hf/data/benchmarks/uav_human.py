# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""UAV-Human: cross-subject (two official versions), from its skeleton files.

A name is ``P070S01G10B00H10UC102000LC092000A031R0_09131758.txt``: person, setup, gender, backpack, hat, upper and
lower clothing, action (from 0), repetition, time. The names of the 155 classes do not come with the skeletons: they
are read from a file `classes.txt`, a line for each in the order of their numbers.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from ...io.files import read_text
from ...io.ntu import read_ntu
from ..file_reading import find_files
from .files import ClipFile
from .info import Benchmark, BenchmarkInfo, Found, Request
from .ntu import count_ntu_frames
from .parts import every_tenth, part_of

logger = logging.getLogger(__name__)

_FILE = re.compile(r"P(\d+)S(\d+)G\d+B\d+H\d+UC\d+LC\d+A(\d+)R\d+_\d+")
_NUM_CLASSES = 155
# github.com/sutdcv/UAV-Human, README; the other subjects are for testing.
TRAINING_SUBJECTS: dict[str, frozenset[int]] = {
    "csv1": frozenset((
        0, 2, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25, 26, 27, 28, 29, 30, 32, 33, 34, 35, 36,
        37, 38, 39, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 56, 57, 59, 61, 62, 63, 64, 65, 67, 68, 69,
        70, 71, 73, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 98, 100, 102, 103, 105, 106, 110, 111,
        112, 114, 115, 116, 117, 118,
    )),
    "csv2": frozenset((
        0, 3, 4, 5, 6, 8, 10, 11, 12, 14, 16, 18, 19, 20, 21, 22, 24, 26, 29, 30, 31, 32, 35, 36, 37, 38, 39, 40, 43,
        44, 45, 46, 47, 49, 52, 54, 56, 57, 59, 60, 61, 62, 63, 64, 66, 67, 69, 70, 71, 72, 73, 74, 75, 77, 78, 79, 80,
        81, 83, 84, 86, 87, 88, 89, 91, 92, 93, 94, 95, 96, 97, 99, 100, 101, 102, 103, 104, 106, 107, 108, 109, 110,
        111, 112, 113, 114, 115, 117, 118,
    )),
}  # fmt: skip


def _find(request: Request) -> Found:
    found = find_files(request.folder, "P*.txt")
    paths = [path for path in found if _FILE.fullmatch(Path(path).stem)]
    if not paths:
        raise FileNotFoundError(
            f"expected files such as P070S01G10B00H10UC102000LC092000A031R0_09131758.txt in {request.folder}; pass "
            f"the folder that holds {request.folder.name}/ as data_dir"
        )
    if len(paths) < len(found):
        stranger = next(path for path in found if path not in set(paths))
        logger.warning("uav_human: %d files of other names left out, such as %s", len(found) - len(paths), stranger)
    classes = _read_classes(request.folder / "classes.txt")
    subjects = TRAINING_SUBJECTS[request.protocol]
    held_out = every_tenth(subjects)
    files, parts = [], []
    for path in paths:
        subject, setup, label = map(int, _FILE.fullmatch(Path(path).stem).groups())
        if label >= _NUM_CLASSES:
            raise ValueError(f"{path}: expected an action below {_NUM_CLASSES}, got {label}")
        phrase = classes[label]
        captions = (phrase, f"a person: {phrase}", f"human action: {phrase}")
        known = {"subject": str(subject), "setup": str(setup)}
        files.append(ClipFile(path, Path(path).stem, "uav_human", captions, phrase, label, phrase, **known))
        parts.append(part_of(subject in subjects, subject not in subjects, subject, held_out))
    return Found(files, parts, classes, read_ntu, count_ntu_frames)


def _read_classes(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        raise FileNotFoundError(
            f"expected {path}: the names of the {_NUM_CLASSES} classes, one a line, in the order of their numbers. "
            "Its authors publish them beside the set; take them from there"
        )
    names = tuple(line.strip() for line in read_text(path).splitlines() if line.strip())
    if len(names) != _NUM_CLASSES or len(set(names)) != _NUM_CLASSES:
        raise ValueError(
            f"{path}: expected {_NUM_CLASSES} distinct names, got {len(set(names))} in {len(names)} lines"
        )
    return names


def _protocol(name: str) -> str:
    subjects = TRAINING_SUBJECTS[name]
    held_out = ", ".join(map(str, sorted(every_tenth(subjects))))
    return f"train: {len(subjects)} of 119 subjects; validation: subjects {held_out} of them"


UAV_HUMAN = Benchmark(
    BenchmarkInfo(
        name="uav_human",
        title="UAV-Human (Li et al., CVPR 2021)",
        num_classes=_NUM_CLASSES,
        layouts=("coco17",),
        protocols={name: _protocol(name) for name in TRAINING_SUBJECTS},
        metric="accuracy",
        licence="academic research only, by agreement with its authors",
        allows_commercial_use=False,
        how_to_get="on request, https://sutdcv.github.io/uav-human-web/",
        files="the .txt files of Skeleton.zip, at any depth, and classes.txt with the names of the classes",
        sources=("github.com/sutdcv/UAV-Human (names of files, training subjects)",),
    ),
    _find,
)

__all__ = ["TRAINING_SUBJECTS", "UAV_HUMAN"]
