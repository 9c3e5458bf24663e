# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Toyota Smarthome (trimmed): cross-subject and cross-view, from the skeletons of LCR-Net++.

A name is ``Cook.Cleandishes_p02_r00_v02_c03_pose3d.json``: class, person, recording, camera. The cross-view
protocols have 19 of the 31 classes.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from ..captions import class_texts
from ..file_reading import find_files
from .files import ClipFile
from .info import Benchmark, BenchmarkInfo, Found, Request
from .lcrnet import COORDINATE_OPTIONS, read_lcrnet
from .parts import part_of

_FILE = re.compile(r"([A-Za-z.]+)_p(\d+)_r(\d+)_v(\d+)_c(\d+)(_pose3d)?")
# github.com/YangDi666/UNIK, data_gen/smarthome_gendata.py (subjects, cameras, classes in their order), and
# github.com/srijandas07/i3d_smarthome, splits/ (validation: subjects 19 and 25, camera 5).
TRAINING_SUBJECTS = frozenset((3, 4, 6, 7, 9, 12, 13, 15, 17, 19, 25))
_HELD_OUT = frozenset((19, 25))
_TRAINING_CAMERAS = {"cv1": frozenset((1,)), "cv2": frozenset((1, 3, 4, 6, 7))}
_VALIDATION_CAMERA, _TEST_CAMERA = 5, 2
_CROSS_VIEW_CLASSES = (
    "Cutbread", "Drink.Frombottle", "Drink.Fromcan", "Drink.Fromcup", "Drink.Fromglass", "Eat.Attable", "Eat.Snack",
    "Enter", "Getup", "Leave", "Pour.Frombottle", "Pour.Fromcan", "Readbook", "Sitdown", "Takepills", "Uselaptop",
    "Usetablet", "Usetelephone", "Walk",
)  # fmt: skip


def _find(request: Request) -> Found:
    texts = class_texts("smarthome")
    classes = list(texts) if request.protocol == "cs" else list(_CROSS_VIEW_CLASSES)
    files, parts = [], []
    for path in find_files(request.folder, "*_p*_r*_v*_c*.json"):
        match = _FILE.fullmatch(Path(path).stem)
        if match is None or match[1] not in texts:
            raise ValueError(f"{path}: expected a name such as Cook.Cleandishes_p02_r00_v02_c03_pose3d.json")
        if match[1] not in classes:
            continue
        text, subject, camera = texts[match[1]], int(match[2]), int(match[5])
        files.append(
            ClipFile(
                path,
                Path(path).stem.removesuffix("_pose3d"),
                "smarthome",
                text.captions,
                text.group,
                classes.index(match[1]),
                text.phrase,
                subject=str(subject),
                camera=str(camera),
            )
        )
        parts.append(_part(request.protocol, subject, camera))
    if not files:
        raise FileNotFoundError(
            f"expected files such as Cook.Cleandishes_p02_r00_v02_c03_pose3d.json in {request.folder}; pass the "
            f"folder that holds {request.folder.name}/ as data_dir"
        )
    read = partial(read_lcrnet, **request.options)
    return Found(files, parts, tuple(texts[name].phrase for name in classes), read)


def _part(protocol: str, subject: int, camera: int) -> str | None:
    if protocol == "cs":
        return part_of(subject in TRAINING_SUBJECTS, subject not in TRAINING_SUBJECTS, subject, _HELD_OUT)
    if camera == _VALIDATION_CAMERA:
        return "validation"
    return part_of(camera in _TRAINING_CAMERAS[protocol], camera == _TEST_CAMERA, None, ())


SMARTHOME = Benchmark(
    BenchmarkInfo(
        name="smarthome",
        title="Toyota Smarthome, trimmed (Das et al., ICCV 2019)",
        num_classes=31,
        layouts=("lcrnet13",),
        protocols={
            "cs": "train: subjects 3, 4, 6, 7, 9, 12, 13, 15, 17; validation: 19 and 25; test: the others",
            "cv1": "train: camera 1; validation: camera 5; test: camera 2; 19 classes",
            "cv2": "train: cameras 1, 3, 4, 6, 7; validation: camera 5; test: camera 2; 19 classes",
        },
        metric="mean accuracy over the classes",
        licence="research only, by agreement with Inria and Toyota",
        allows_commercial_use=False,
        how_to_get="on request, https://project.inria.fr/toyotasmarthome/ (skeletons v1.2)",
        files="the .json files of the skeletons, at any depth",
        sources=(
            "github.com/YangDi666/UNIK, data_gen/smarthome_gendata.py (classes, subjects, cameras, joints)",
            "github.com/srijandas07/i3d_smarthome, splits/ (validation parts)",
        ),
        options=COORDINATE_OPTIONS,
    ),
    _find,
)

__all__ = ["SMARTHOME", "TRAINING_SUBJECTS"]
