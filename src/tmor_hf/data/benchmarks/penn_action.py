# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Penn Action: the official split, in the prepared form or as the ``.mat`` files of its `labels` folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...io.penn_action import read_penn_action_clip
from ...processing.skeletons import Skeletons
from ..captions import class_texts
from ..clips import MotionClip
from ..file_reading import find_files, read_all
from .info import Benchmark, BenchmarkInfo, Found, Request
from .parts import drawn, parts
from .prepared import is_prepared, labelled_clip, read_prepared

_NAME = "penn_action"
_NUM_FILES = "[0-9][0-9][0-9][0-9].mat"


def _find(request: Request) -> Found:
    clips, is_test, class_names = (_read_prepared if is_prepared(request.folder) else _read_originals)(request)
    labels = np.array([clip.label for clip in clips])
    found = parts(is_test, drawn(labels, ~is_test))
    kept = [index for index, clip in enumerate(clips) if clip.skeletons.valid.any()]
    return Found([clips[index] for index in kept], [found[index] for index in kept], class_names)


def _read_prepared(request: Request) -> tuple[list[MotionClip], np.ndarray, tuple[str, ...]]:
    source = read_prepared(_NAME, request.folder)
    arrays = source.arrays
    clips = []
    for index, label in enumerate(arrays["labels"]):
        skeletons = Skeletons(
            source.world(index),
            scores=arrays["vis"][source.rows(index)],
            layout="penn13",
            image_size=tuple(arrays["frame_hw"][index]),
        )
        clips.append(source.clip(label, skeletons, str(arrays["names"][index])))
    return clips, arrays["split"] == 1, source.class_names


def _read_originals(request: Request) -> tuple[list[MotionClip], np.ndarray, tuple[str, ...]]:
    paths = find_files(request.folder, _NUM_FILES)
    if not paths:
        raise FileNotFoundError(
            f"expected data.npz and meta.json, or labels/0001.mat and so on, in {request.folder}; "
            "pass the folder that holds penn_action/ as data_dir"
        )
    found = read_all(paths, read_penn_action_clip, _NAME, progress=request.progress, strict=request.strict)
    texts = class_texts(_NAME)
    names = list(texts)
    clips, is_test = [], []
    for path, one in zip(paths, found, strict=True):
        if one is None:
            continue
        if one.action not in names:
            raise ValueError(f"{path}: expected an action out of {', '.join(names)}, got {one.action!r}")
        clips.append(labelled_clip(_NAME, one.action, names.index(one.action), one.skeletons, Path(path).stem))
        is_test.append(not one.is_train)
    return clips, np.array(is_test, dtype=bool), tuple(text.phrase for text in texts.values())


PENN_ACTION = Benchmark(
    BenchmarkInfo(
        name=_NAME,
        title="Penn Action (Zhang, Zhu, Derpanis, ICCV 2013)",
        num_classes=15,
        layouts=("penn13",),
        protocols={"official": "the flag `train` of each file; validation: a tenth of each class, by a fixed seed"},
        metric="accuracy",
        licence="free for research, to be cited; no formal licence",
        allows_commercial_use=False,
        how_to_get="http://dreamdragon.github.io/PennAction/ (Penn_Action.tar.gz)",
        files="data.npz and meta.json, or labels/*.mat",
        sources=("the files themselves",),
    ),
    _find,
)

__all__ = ["PENN_ACTION"]
