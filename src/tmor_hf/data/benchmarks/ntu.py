# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""NTU RGB+D and NTU RGB+D 120: cross-subject, cross-view and cross-setup, from the ``.skeleton`` files.

Names say all that the protocols need (``S001C002P003R002A013``: setup, camera, performer, repetition, action), so
files are read when their poses are asked for. The samples with missing skeletons that the authors list are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ...io.ntu import read_ntu
from ..captions import class_texts
from ..file_reading import find_files
from .files import ClipFile
from .info import Benchmark, BenchmarkInfo, Found, Request
from .ntu_missing import MISSING_SKELETONS
from .parts import every_tenth, part_of

_NAME = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})")
# Training subjects, cameras and setups as in the papers (CVPR 2016; TPAMI 2019); read in the preparation scripts of
# github.com/kennymckormick/pyskl and github.com/Uason-Chen/CTR-GCN and their copies, which agree.
SUBJECTS_60 = frozenset((1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38))
SUBJECTS_120 = SUBJECTS_60 | frozenset((
    45, 46, 47, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 70, 74, 78, 80, 81, 82, 83, 84, 85, 86, 89, 91, 92, 93, 94, 95,
    97, 98, 100, 103,
))  # fmt: skip
_TRAINING_CAMERAS = (2, 3)
_PEOPLE = 2  # as many take part; more are furniture that Kinect took for people
_UNSEEN_60 = {
    # github.com/skelemoa/synse-zsl, README; A1 is class 0 here.
    "synse-55/5": (10, 11, 19, 26, 56),
    "synse-48/12": (3, 5, 9, 12, 15, 40, 42, 47, 51, 56, 58, 59),
}
_UNSEEN_120 = {
    "synse-110/10": (4, 13, 37, 43, 49, 65, 88, 95, 99, 106),
    "synse-96/24": (
        1, 3, 4, 10, 17, 19, 27, 47, 48, 53, 58, 63, 66, 79, 83, 86, 89, 92, 97, 98, 100, 103, 105, 108,
    ),
}  # fmt: skip


class NTUName(NamedTuple):
    """What the name of a sample says; all count from 1."""

    setup: int
    camera: int
    subject: int
    repetition: int
    action: int


def parse_ntu_name(path: str) -> NTUName | None:
    """Setup, camera, subject, repetition and action out of a name such as ``S001C002P003R002A013``, else None."""
    match = _NAME.search(Path(path).name)
    return None if match is None else NTUName(*map(int, match.groups()))


def count_ntu_frames(path: str) -> int:
    """The number of frames, which is the first line of a file.

    Raises:
        ValueError: If it is none.
    """
    with open(path, encoding="utf-8", errors="replace") as file:
        line = file.readline(64).strip()
    if not line.isdigit():
        raise ValueError(f"{path}, line 1: expected the number of frames, got {line[:60]!r}")
    return int(line)


def _find(request: Request, num_classes: int, subjects: frozenset[int]) -> Found:
    texts = list(class_texts(f"ntu{num_classes}").values())
    held_out = every_tenth(subjects)
    files, parts = [], []
    for path in find_files(request.folder, "*.skeleton"):
        name = parse_ntu_name(path)
        if name is None:
            raise ValueError(f"{path}: expected a name such as S001C002P003R002A013.skeleton; rename or remove it")
        if Path(path).stem in MISSING_SKELETONS or (num_classes == 60 and name.setup > 17):
            continue
        if not 1 <= name.action <= num_classes:
            raise ValueError(f"{path}: expected an action of 1 to {num_classes}, got {name.action}")
        text = texts[name.action - 1]
        files.append(
            ClipFile(
                path,
                Path(path).stem,
                f"ntu{num_classes}",
                text.captions,
                text.group,
                name.action - 1,
                text.phrase,
                subject=str(name.subject),
                camera=str(name.camera),
                setup=str(name.setup),
            )
        )
        is_train = _is_train(request.protocol, name, subjects)
        parts.append(part_of(is_train, not is_train, name.subject, held_out))
    if not files:
        raise FileNotFoundError(
            f"expected files such as S001C002P003R002A013.skeleton in {request.folder}; unpack them there, and pass "
            f"the folder that holds {request.folder.name}/ as data_dir"
        )
    read = partial(read_ntu, max_people=request.options.get("max_people", _PEOPLE))
    return Found(files, parts, tuple(text.phrase for text in texts), read, count_ntu_frames)


def _is_train(protocol: str, name: NTUName, subjects: frozenset[int]) -> bool:
    rules: dict[str, Callable[[], bool]] = {
        "x-sub": lambda: name.subject in subjects,
        "x-view": lambda: name.camera in _TRAINING_CAMERAS,
        "x-set": lambda: name.setup % 2 == 0,
    }
    return rules[protocol]()


def _held_out_words(subjects: frozenset[int]) -> str:
    return "validation: subjects " + ", ".join(map(str, sorted(every_tenth(subjects)))) + " of the training part"


def _info(num_classes: int, title: str, protocols: dict[str, str], files: str, unseen: dict) -> BenchmarkInfo:
    return BenchmarkInfo(
        name=f"ntu{num_classes}",
        title=title,
        num_classes=num_classes,
        layouts=("ntu25",),
        protocols=protocols,
        metric="accuracy",
        licence="academic research only, by agreement with the ROSE Lab",
        allows_commercial_use=False,
        how_to_get="on request, https://rose1.ntu.edu.sg/dataset/actionRecognition/",
        files=files,
        sources=(
            "github.com/shahroudy/NTURGB-D (classes, samples with missing skeletons)",
            "github.com/Uason-Chen/CTR-GCN (training subjects and setups)",
            "github.com/skelemoa/synse-zsl (unseen classes)",
        ),
        options={"max_people": f"keep so many people, those who move most ({_PEOPLE}); None keeps all"},
        unseen_splits=unseen,
    )


NTU60 = Benchmark(
    _info(
        60,
        "NTU RGB+D (Shahroudy et al., CVPR 2016)",
        {
            "x-sub": f"train: 20 of 40 subjects; {_held_out_words(SUBJECTS_60)}",
            "x-view": f"train: cameras 2 and 3; test: camera 1; {_held_out_words(SUBJECTS_60)}",
        },
        "the .skeleton files of nturgbd_skeletons_s001_to_s017.zip, at any depth",
        _UNSEEN_60,
    ),
    partial(_find, num_classes=60, subjects=SUBJECTS_60),
    folders=("ntu60", "ntu120"),
)
NTU120 = Benchmark(
    _info(
        120,
        "NTU RGB+D 120 (Liu et al., TPAMI 2019)",
        {
            "x-sub": f"train: 53 of 106 subjects; {_held_out_words(SUBJECTS_120)}",
            "x-set": f"train: even setups; test: odd setups; {_held_out_words(SUBJECTS_120)}",
        },
        "the .skeleton files of nturgbd_skeletons_s001_to_s017.zip and ..._s018_to_s032.zip, at any depth",
        _UNSEEN_120,
    ),
    partial(_find, num_classes=120, subjects=SUBJECTS_120),
)

__all__ = ["NTU60", "NTU120", "SUBJECTS_60", "SUBJECTS_120", "NTUName", "count_ntu_frames", "parse_ntu_name"]
