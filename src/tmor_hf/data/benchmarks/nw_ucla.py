# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Northwestern-UCLA Multiview Action 3D: cross-view, in the prepared form or as the JSON files that are in use.

95 of the 464 usual test clips are copies of training clips; what the set calls view 3 there is view 2.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from ...io.nw_ucla import read_nw_ucla_clip
from ...processing.skeletons import Skeletons
from ..captions import class_texts
from ..clips import MotionClip
from ..file_reading import find_files, read_all
from .info import Benchmark, BenchmarkInfo, Found, Request
from .parts import part_of
from .prepared import is_prepared, labelled_clip, read_prepared

_NAME = "nw_ucla"
_TEST_VIEW = "3"
_HELD_OUT = ("10",)


def _find(request: Request) -> Found:
    clips, is_test, class_names = (_read_prepared if is_prepared(request.folder) else _read_originals)(request)
    parts = [part_of(not test, test, clip.subject, _HELD_OUT) for clip, test in zip(clips, is_test, strict=True)]
    return Found(clips, parts, class_names)


def _read_prepared(request: Request) -> tuple[list[MotionClip], list[bool], tuple[str, ...]]:
    source = read_prepared(_NAME, request.folder)
    arrays = source.arrays
    clips = [
        source.clip(
            label,
            Skeletons(source.world(index), layout="kinect20"),
            str(arrays["names"][index]),
            subject=str(arrays["subject"][index]),
            camera=str(arrays["view"][index]) if "view" in arrays else None,
            is_leaked=bool(arrays["leak"][index]),
        )
        for index, label in enumerate(arrays["labels"])
    ]
    return clips, (arrays["split"] == 1).tolist(), source.class_names


def _read_originals(request: Request) -> tuple[list[MotionClip], list[bool], tuple[str, ...]]:
    paths = find_files(request.folder, "a*_s*_e*_v*.json")
    if not paths:
        raise FileNotFoundError(
            f"expected data.npz and meta.json, or JSON files such as a01_s01_e00_v01.json, in {request.folder}; "
            "pass the folder that holds nw_ucla/ as data_dir"
        )
    texts = class_texts(_NAME)
    names = list(texts)
    found = read_all(paths, read_nw_ucla_clip, _NAME, progress=request.progress, strict=request.strict)
    clips = []
    for path, clip in zip(paths, found, strict=True):
        if clip is None:
            continue
        if clip.label > len(names):
            raise ValueError(f"{path}: expected a label of 1 to {len(names)}, got {clip.label}")
        known = {"subject": str(clip.subject), "camera": str(clip.view)}
        label = clip.label - 1
        clips.append(labelled_clip(_NAME, names[label], label, clip.skeletons, clip.name, **known))
    is_test = [clip.camera == _TEST_VIEW for clip in clips]
    return mark_leaks(clips), is_test, tuple(text.phrase for text in texts.values())


def mark_leaks(clips: list[MotionClip]) -> list[MotionClip]:
    """The same clips; those of the test view that are equal to one of another view are marked as leaked."""
    known: dict[int, list[np.ndarray]] = defaultdict(list)
    for clip in clips:
        if clip.camera != _TEST_VIEW:
            known[hash(clip.skeletons.keypoints.tobytes())].append(clip.skeletons.keypoints)
    return [
        replace(clip, is_leaked=True)
        if clip.camera == _TEST_VIEW
        and any(
            np.array_equal(clip.skeletons.keypoints, other)
            for other in known.get(hash(clip.skeletons.keypoints.tobytes()), ())
        )
        else clip
        for clip in clips
    ]


NW_UCLA = Benchmark(
    BenchmarkInfo(
        name=_NAME,
        title="Northwestern-UCLA Multiview Action 3D (Wang et al., CVPR 2014)",
        num_classes=10,
        layouts=("kinect20",),
        protocols={"cross-view": "train: views 1 and 2; test: view 3; validation: subject 10 of views 1 and 2"},
        metric="accuracy",
        licence="research release, to be cited; no formal licence",
        allows_commercial_use=False,
        how_to_get="all_sqe.zip as linked by https://github.com/Uason-Chen/CTR-GCN",
        files="data.npz and meta.json, or the JSON files of all_sqe/",
        sources=("github.com/Uason-Chen/CTR-GCN, feeders/feeder_ucla.py",),
    ),
    _find,
)

__all__ = ["NW_UCLA", "mark_leaks"]
