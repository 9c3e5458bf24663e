# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""UTKinect-Action3D: clips of single actions, or whole recordings with a label for each frame.

In the prepared form, or as ``joints/joints_s01_e01.txt`` and so on with ``actionLabel.txt``, whose spans of frame
numbers end with a frame that belongs to the action. Poses are interpolated to 15 frames per second.

Axes: T frames, V joints, C coordinates.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from ...io.resampling import resample_irregular
from ...io.utkinect import read_utkinect_frames, read_utkinect_labels
from ...processing.skeletons import Skeletons
from ..captions import class_texts
from ..clips import MotionClip
from ..file_reading import find_files
from .info import Benchmark, BenchmarkInfo, Found, Request
from .parts import part_of
from .prepared import is_prepared, labelled_clip, read_prepared
from .spans import ActionSpans

_CLIPS, _FRAMES = "utkinect_untrimmed", "utkinect_frames"
_TICKS = 30.0  # frame numbers count at this rate, in hertz
_FPS = 15.0  # the densest sampling of the rows, of which there are 7.5 per second on average
_ROUNDING = 1e-6  # seconds
_CLASS_IDS = (
    "walk", "sitDown", "standUp", "pickUp", "carry", "throw", "push", "pull", "waveHands", "clapHands",
)  # fmt: skip
_LABEL_FILES = ("actionLabel_modified.txt", "actionLabel.txt")
_SUBJECTS = tuple(str(subject) for subject in range(1, 11))
_HELD_OUT = ("9", "10")  # for validation where there is no test part


class _Recording(NamedTuple):
    """A recording: frame numbers (T,), poses (T, V, C), and of each action its class and its rows from .. to."""

    name: str
    subject: str
    numbers: np.ndarray
    keypoints: np.ndarray
    segments: list[tuple[int, int, int]]


def _recordings(request: Request) -> list[_Recording]:
    return (_read_prepared if is_prepared(request.folder) else _read_originals)(request)


def _read_prepared(request: Request) -> list[_Recording]:
    source = read_prepared(_CLIPS, request.folder)
    arrays = source.arrays
    order = [_CLASS_IDS.index(name) for name in source.meta["class_ids"]]
    return [
        _Recording(
            str(name),
            str(arrays["subject"][index]),
            arrays["frame_idx"][source.rows(index)],
            source.world(index),
            [(order[row[1]], int(row[2]), int(row[3])) for row in arrays["segments"] if row[0] == index],
        )
        for index, name in enumerate(arrays["names"])
    ]


def _read_originals(request: Request) -> list[_Recording]:
    folder = request.folder
    paths = find_files(folder, "joints_s*_e*.txt")
    label_files = [path for name in _LABEL_FILES for path in sorted(folder.rglob(name))]
    if not paths or not label_files:
        raise FileNotFoundError(
            f"expected data.npz and meta.json, or joints_s01_e01.txt and so on with actionLabel.txt, in {folder}; "
            f"pass the folder that holds {_CLIPS}/ as data_dir"
        )
    labels = read_utkinect_labels(label_files[0])
    return [_read_recording(path, labels) for path in paths]


def _read_recording(path: str, labels: dict) -> _Recording:
    match = re.search(r"joints_(s(\d+)_e\d+)\.txt$", path)
    if match is None or match[1] not in labels:
        raise ValueError(f"{path}: expected a recording that the file of labels names, got {match and match[1]}")
    numbers, keypoints = read_utkinect_frames(path)
    segments = []
    for label, start, end in labels[match[1]]:
        if label not in _CLASS_IDS:
            raise ValueError(f"{path}: expected an action out of {', '.join(_CLASS_IDS)}, got {label!r}")
        rows = np.searchsorted(numbers, [start, end + 1])
        if rows[0] < rows[1]:
            segments.append((_CLASS_IDS.index(label), int(rows[0]), int(rows[1])))
    return _Recording(match[1], str(int(match[2])), numbers, keypoints, segments)


def _find_clips(request: Request) -> Found:
    names = list(class_texts(_CLIPS))
    clips = []
    for recording in _recordings(request):
        for label, start, end in recording.segments:
            keypoints = _resampled(recording, start, end)
            clips.append(
                labelled_clip(
                    _CLIPS,
                    names[label],
                    label,
                    Skeletons(keypoints, fps=_FPS, layout="kinect20"),
                    f"{recording.name}_{_CLASS_IDS[label]}",
                    subject=recording.subject,
                )
            )
    return _parted(clips, request.protocol)


def _find_frames(request: Request) -> Found:
    texts = list(class_texts(_FRAMES).values())
    clips = []
    for recording in _recordings(request):
        seconds = (recording.numbers - recording.numbers[0]) / _TICKS
        spans = tuple(
            (label, seconds[start] - _ROUNDING, seconds[end - 1] + _ROUNDING)
            for label, start, end in recording.segments
        )
        skeletons = Skeletons(_resampled(recording, 0, None), fps=_FPS, layout="kinect20")
        phrases = [texts[label].phrase for label in sorted({label for label, _, _ in spans})]
        clips.append(
            MotionClip(
                skeletons,
                recording.name,
                _FRAMES,
                captions=tuple(f"a person is {phrase}" for phrase in phrases),
                group=" and ".join(phrases),
                subject=recording.subject,
                frame_labels=ActionSpans(spans, len(texts), in_seconds=True)(skeletons),
            )
        )
    return _parted(clips, request.protocol)


def _resampled(recording: _Recording, start: int, end: int | None) -> np.ndarray:
    return resample_irregular(recording.keypoints[start:end], recording.numbers[start:end] / _TICKS, _FPS)


def _parted(clips: list[MotionClip], protocol: str) -> Found:
    test = protocol.removeprefix("loso-")
    held_out = _HELD_OUT if protocol == "all" else (_SUBJECTS[int(test) % len(_SUBJECTS)],)
    parts = [part_of(clip.subject != test, clip.subject == test, clip.subject, held_out) for clip in clips]
    return Found(clips, parts, tuple(text.phrase for text in class_texts(_CLIPS).values()))


def _info(name: str, is_frame_wise: bool) -> BenchmarkInfo:
    folds = {
        f"loso-{subject}": f"test: subject {subject}; validation: subject {_SUBJECTS[int(subject) % len(_SUBJECTS)]}"
        for subject in _SUBJECTS
    }
    return BenchmarkInfo(
        name=name,
        title="UTKinect-Action3D (Xia, Chen, Aggarwal, CVPRW 2012)"
        + (", whole recordings" if is_frame_wise else ", clips of single actions"),
        num_classes=10,
        layouts=("kinect20",),
        protocols={"all": "no test part; validation: subjects 9 and 10", **folds},
        metric="mean of the folds: " + ("mAP over frames" if is_frame_wise else "accuracy"),
        licence="research release, to be cited; no formal licence",
        allows_commercial_use=False,
        how_to_get="https://cvrc.ece.utexas.edu/KinectDatasets/HOJ3D.html",
        files="data.npz and meta.json, or joints/joints_s*_e*.txt and actionLabel.txt",
        sources=("the files themselves; leave-one-subject-out is our fold, as the set names ten subjects",),
        is_frame_wise=is_frame_wise,
    )


UTKINECT_CLIPS = Benchmark(_info(_CLIPS, is_frame_wise=False), _find_clips)
UTKINECT_FRAMES = Benchmark(_info(_FRAMES, is_frame_wise=True), _find_frames, folders=(_CLIPS,))

__all__ = ["UTKINECT_CLIPS", "UTKINECT_FRAMES"]
