# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The motion sets that the package is trained and measured on, as clips with captions and fixed splits.

Each set is a folder `NAME` with `data.npz` (no pickles) and `meta.json`; `kp[offsets[i]:offsets[i + 1]]` is
recording i as (T, V, C), relative to joint 0 where an array `root` exists. Splits:

- `nw_ucla`: cross-view, test = view 3 (464 clips, of which 95 are copies of training clips: `leak_free`).
- `penn_action`: the official split; one clip without any visible joint is left out.
- `hdm05_11`: cross-actor, test = actors mm and tr.
- `bandai_namco_2`: test = the held-out styles elderly and exhausted.
- `utkinect_untrimmed`: the labelled segments of the recordings, interpolated to 15 frames per second. No test part:
  the protocols of the literature are cross-validations.
- `cmu_subset_text`: clips with trial descriptions. No test part.

A validation part comes out of the training part only: one or two subjects where the set names them among its training
clips, else a tenth of each class drawn by a fixed seed. All this is our choice where a set has no official one.

Axes: T frames, V joints, C coordinates.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..processing.joint_layouts import JointLayout, register_layout
from ..processing.skeletons import Skeletons
from .captions import class_texts, styled_captions, trial_captions, trial_group
from .clips import MotionClip, MotionDataset

SPLITS = ("train", "validation", "test", "train+validation")
_VALIDATION_SHARE = 0.1
_UTKINECT_TICKS = 30.0  # `frame_idx` counts at this rate, in hertz
_UTKINECT_FPS = 15.0  # the densest sampling of the rows, of which there are 7.5 per second on average
_LONGEST_GAP = 1.0  # seconds between two rows that interpolation bridges; what lies in longer gaps is missing

CMU19 = register_layout(
    JointLayout(
        name="cmu19",
        joints=(
            "hips", "waist", "chest", "neck", "head", "shoulder_left", "elbow_left", "wrist_left", "hip_left",
            "knee_left", "ankle_left", "toe_left", "shoulder_right", "elbow_right", "wrist_right", "hip_right",
            "knee_right", "ankle_right", "toe_right",
        ),
        bones=(
            (0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6), (6, 7), (0, 8), (8, 9), (9, 10), (10, 11), (2, 12),
            (12, 13), (13, 14), (0, 15), (15, 16), (16, 17), (17, 18),
        ),
        mirror_pairs=tuple(
            (f"{joint}_left", f"{joint}_right")
            for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "toe")
        ),
        root="hips",
        canonical={
            "pelvis": "hips", "spine": "waist",
            **{
                f"{side}_{joint}": f"{own}_{side}"
                for side in ("left", "right")
                for joint, own in (
                    ("shoulder", "shoulder"), ("elbow", "elbow"), ("wrist", "wrist"), ("hip", "hip"),
                    ("knee", "knee"), ("ankle", "ankle"), ("foot", "toe"),
                )
            },
        },
    )
)  # fmt: skip


class _Source(NamedTuple):
    """Arrays and facts of one set."""

    name: str
    arrays: dict[str, np.ndarray]
    meta: dict[str, Any]

    def world(self, index: int) -> np.ndarray:
        """(T, V, C) float32 world positions of recording `index`."""
        rows = slice(*self.arrays["offsets"][index : index + 2])
        keypoints = self.arrays["kp"][rows].astype(np.float32)
        return keypoints + self.arrays["root"][rows, None] if "root" in self.arrays else keypoints


def load_benchmark(
    name: str, data_dir: str | Path, split: str | None = None, leak_free: bool = False
) -> MotionDataset:
    """Loads a motion set.

    Args:
        name: One of `BENCHMARKS`.
        data_dir: Folder that holds the folders of the sets.
        split: "train" (without the validation part), "validation", "test", "train+validation", or None for all.
        leak_free: Leave out test clips that are copies of training clips (NW-UCLA has 95 of them).

    Raises:
        ValueError: If the set or split is unknown, or the set has no such part.
        FileNotFoundError: If its files are not there.
    """
    if name not in _BUILDERS:
        raise ValueError(f"expected a benchmark out of {', '.join(BENCHMARKS)}, got {name!r}")
    if split is not None and split not in SPLITS:
        raise ValueError(f"expected a split out of {', '.join(SPLITS)} or None, got {split!r}")
    source = _read(name, Path(data_dir))
    clips, parts = _BUILDERS[name](source)
    wanted = {"train", "validation", "test"} if split is None else set(split.split("+"))
    kept = [clip for clip, part in zip(clips, parts, strict=True) if part in wanted]
    if leak_free:
        kept = [clip for clip in kept if not clip.is_leaked]
    if not kept:
        raise ValueError(f"{name} has no part {split!r}; it has {', '.join(sorted(set(parts)))}")
    return MotionDataset(kept, name, _class_phrases(source))


def load_trial_descriptions(data_dir: str | Path) -> list[str]:
    """Distinct descriptions of all CMU trials: text without motion, e.g. to train a tokenizer on."""
    path = Path(data_dir) / "cmu_subset_text" / "cmu_all_captions.json"
    trials = json.loads(path.read_text(encoding="utf-8"))
    return list(dict.fromkeys(trial["text"] for trial in trials if trial["text"]))


def _read(name: str, data_dir: Path) -> _Source:
    folder = data_dir / name
    for file in ("data.npz", "meta.json"):
        if not (folder / file).is_file():
            raise FileNotFoundError(f"expected {folder / file}; pass the folder that holds {name}/ as data_dir")
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    with np.load(folder / "data.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    return _Source(name, arrays, meta)


def _class_phrases(source: _Source) -> tuple[str, ...]:
    texts = class_texts(source.name) if "classes" in source.meta else {}
    return tuple(texts[name].phrase for name in source.meta.get("classes", ()))


def _labelled_clip(source: _Source, label: int, skeletons: Skeletons, name: str, **known: Any) -> MotionClip:
    text = class_texts(source.name)[source.meta["classes"][label]]
    fields = {"captions": text.captions, "group": text.group, **known}
    return MotionClip(skeletons, name, source.name, label=int(label), class_name=text.phrase, **fields)


def _parts(is_test: np.ndarray, is_validation: np.ndarray) -> list[str]:
    """Part of each clip; validation never takes from test."""
    return np.where(is_test, "test", np.where(is_validation, "validation", "train")).tolist()


def _drawn(strata: np.ndarray, is_available: np.ndarray) -> np.ndarray:
    """(N,) bool: a tenth of the available clips of each stratum (at least one of two or more), by a fixed seed."""
    rng = np.random.default_rng(0)
    is_drawn = np.zeros(len(strata), dtype=bool)
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero((strata == stratum) & is_available))
        count = max(round(_VALIDATION_SHARE * len(members)), 1) if len(members) > 1 else 0
        is_drawn[members[:count]] = True
    return is_drawn


def _nw_ucla(source: _Source) -> tuple[list[MotionClip], list[str]]:
    arrays = source.arrays
    clips = [
        _labelled_clip(
            source,
            label,
            Skeletons(source.world(index), layout="kinect20"),
            str(arrays["names"][index]),
            subject=str(arrays["subject"][index]),
            is_leaked=bool(arrays["leak"][index]),
        )
        for index, label in enumerate(arrays["labels"])
    ]
    return clips, _parts(arrays["split"] == 1, arrays["subject"] == 10)


def _penn_action(source: _Source) -> tuple[list[MotionClip], list[str]]:
    arrays = source.arrays
    parts = _parts(arrays["split"] == 1, _drawn(arrays["labels"], arrays["split"] == 0))
    clips, kept_parts = [], []
    for index, label in enumerate(arrays["labels"]):
        visible = arrays["vis"][slice(*arrays["offsets"][index : index + 2])]
        if not visible.any():
            continue
        skeletons = Skeletons(
            source.world(index), scores=visible, layout="penn13", image_size=tuple(arrays["frame_hw"][index])
        )
        clips.append(_labelled_clip(source, label, skeletons, str(arrays["names"][index])))
        kept_parts.append(parts[index])
    return clips, kept_parts


def _hdm05(source: _Source) -> tuple[list[MotionClip], list[str]]:
    arrays, subjects = source.arrays, source.meta["subjects"]
    clips = [
        _labelled_clip(
            source,
            label,
            Skeletons(source.world(index), fps=source.meta["fps"], layout="hdm05_31"),
            str(arrays["names"][index]),
            subject=subjects[arrays["subject"][index]],
        )
        for index, label in enumerate(arrays["labels"])
    ]
    return clips, _parts(arrays["split"] == 1, np.array([clip.subject == "bk" for clip in clips]))


def _bandai(source: _Source) -> tuple[list[MotionClip], list[str]]:
    arrays, styles = source.arrays, source.meta["styles"]
    clips = []
    for index, label in enumerate(arrays["labels"]):
        text = class_texts(source.name)[source.meta["classes"][label]]
        skeletons = Skeletons(source.world(index), fps=source.meta["fps"], layout="bandai21")
        captions = styled_captions(text.captions, styles[arrays["style"][index]])
        clips.append(_labelled_clip(source, label, skeletons, str(arrays["names"][index]), captions=captions))
    is_test = arrays["split_style"] == 1
    strata = arrays["labels"].astype(int) * len(styles) + arrays["style"]
    return clips, _parts(is_test, _drawn(strata, ~is_test))


def _utkinect(source: _Source) -> tuple[list[MotionClip], list[str]]:
    arrays = source.arrays
    clips = []
    for recording, label, start, end in arrays["segments"]:
        ticks = arrays["frame_idx"][slice(*arrays["offsets"][recording : recording + 2])][start:end]
        keypoints = resample_irregular(source.world(recording)[start:end], ticks / _UTKINECT_TICKS, _UTKINECT_FPS)
        clips.append(
            _labelled_clip(
                source,
                label,
                Skeletons(keypoints, fps=_UTKINECT_FPS, layout="kinect20"),
                f"{arrays['names'][recording]}_{source.meta['class_ids'][label]}",
                subject=str(arrays["subject"][recording]),
            )
        )
    is_validation = np.array([clip.subject in ("9", "10") for clip in clips])
    return clips, _parts(np.zeros(len(clips), dtype=bool), is_validation)


def _cmu(source: _Source) -> tuple[list[MotionClip], list[str]]:
    arrays = source.arrays
    clips = [
        MotionClip(
            Skeletons(source.world(index), fps=source.meta["fps"], layout="cmu19"),
            str(arrays["names"][index]),
            source.name,
            captions=trial_captions(str(text)),
            group=trial_group(str(text)),
            subject=str(arrays["subject"][index]),
        )
        for index, text in enumerate(arrays["texts"])
    ]
    none = np.zeros(len(clips), dtype=bool)
    return clips, _parts(none, _drawn(np.zeros(len(clips)), ~none))


def resample_irregular(keypoints: np.ndarray, seconds: np.ndarray, fps: float) -> np.ndarray:
    """Interpolates unevenly sampled poses linearly to a uniform frame rate.

    Args:
        keypoints: (T, V, C) positions at the times `seconds`.
        seconds: (T,) times, rising.
        fps: Frames per second of the result.

    Returns:
        (T', V, C) float32 from the first time on; NaN inside gaps of more than one second.

    Raises:
        ValueError: If the times do not rise, or are not one for each frame.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    if seconds.shape != (len(keypoints),) or (np.diff(seconds) <= 0).any():
        raise ValueError(f"expected {len(keypoints)} rising times, got {seconds.shape}; sort the frames by time")
    seconds = seconds - seconds[0]
    times = np.arange(int(np.floor(seconds[-1] * fps + 1e-6)) + 1) / fps
    after = np.clip(np.searchsorted(seconds, times - 1e-9), 1, max(len(seconds) - 1, 1))
    if len(seconds) == 1:
        return keypoints.astype(np.float32)
    before = after - 1
    gap = seconds[after] - seconds[before]
    share = ((times - seconds[before]) / gap)[:, None, None]
    frames = keypoints[before] * (1 - share) + keypoints[after] * share
    inside = (share[:, 0, 0] > 1e-6) & (share[:, 0, 0] < 1 - 1e-6)
    frames[(gap > _LONGEST_GAP) & inside] = np.nan
    return frames.astype(np.float32)


_BUILDERS: dict[str, Callable[[_Source], tuple[list[MotionClip], list[str]]]] = {
    "bandai_namco_2": _bandai,
    "cmu_subset_text": _cmu,
    "hdm05_11": _hdm05,
    "nw_ucla": _nw_ucla,
    "penn_action": _penn_action,
    "utkinect_untrimmed": _utkinect,
}
BENCHMARKS: tuple[str, ...] = tuple(_BUILDERS)

__all__ = ["BENCHMARKS", "CMU19", "SPLITS", "load_benchmark", "load_trial_descriptions", "resample_irregular"]
