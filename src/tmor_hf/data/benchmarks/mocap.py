# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Motion capture with words, in the prepared form: HDM05 cuts, Bandai-Namco 2, and CMU trials with descriptions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ...processing.joint_layouts import JointLayout, register_layout
from ...processing.skeletons import Skeletons
from ..captions import class_texts, styled_captions, trial_captions, trial_group
from ..clips import MotionClip
from .info import Benchmark, BenchmarkInfo, Found, Request
from .parts import drawn, parts
from .prepared import read_prepared

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


def _find_hdm05(request: Request) -> Found:
    source = read_prepared("hdm05_11", request.folder)
    arrays, subjects = source.arrays, source.meta["subjects"]
    clips = [
        source.clip(
            label,
            Skeletons(source.world(index), fps=source.meta["fps"], layout="hdm05_31"),
            str(arrays["names"][index]),
            subject=subjects[arrays["subject"][index]],
        )
        for index, label in enumerate(arrays["labels"])
    ]
    is_validation = np.array([clip.subject == "bk" for clip in clips])
    return Found(clips, parts(arrays["split"] == 1, is_validation), source.class_names)


def _find_bandai(request: Request) -> Found:
    source = read_prepared("bandai_namco_2", request.folder)
    arrays, styles = source.arrays, source.meta["styles"]
    clips = []
    for index, label in enumerate(arrays["labels"]):
        text = class_texts(source.name)[source.meta["classes"][label]]
        skeletons = Skeletons(source.world(index), fps=source.meta["fps"], layout="bandai21")
        captions = styled_captions(text.captions, styles[arrays["style"][index]])
        clips.append(source.clip(label, skeletons, str(arrays["names"][index]), captions=captions))
    is_test = arrays["split_style"] == 1
    strata = arrays["labels"].astype(int) * len(styles) + arrays["style"]
    return Found(clips, parts(is_test, drawn(strata, ~is_test)), source.class_names)


def _find_cmu(request: Request) -> Found:
    source = read_prepared("cmu_subset_text", request.folder)
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
    return Found(clips, parts(none, drawn(np.zeros(len(clips)), ~none)))


def load_trial_descriptions(data_dir: str | Path) -> list[str]:
    """Distinct descriptions of all CMU trials: text without motion, e.g. to train a tokenizer on."""
    path = Path(data_dir) / "cmu_subset_text" / "cmu_all_captions.json"
    trials = json.loads(path.read_text(encoding="utf-8"))
    return list(dict.fromkeys(trial["text"] for trial in trials if trial["text"]))


HDM05 = Benchmark(
    BenchmarkInfo(
        name="hdm05_11",
        title="HDM05 cuts, 11 classes (Müller et al., University of Bonn, CG-2007-2)",
        num_classes=11,
        layouts=("hdm05_31",),
        protocols={"cross-actor": "test: actors mm and tr; validation: actor bk"},
        metric="accuracy",
        licence="CC BY-SA 3.0",
        allows_commercial_use=True,
        how_to_get="https://resources.mpi-inf.mpg.de/HDM05/ (AMC cuts), prepared as data.npz",
        files="data.npz, meta.json",
        sources=("Ofli et al., CVPRW 2012 (actors of training and test)",),
    ),
    _find_hdm05,
)
BANDAI = Benchmark(
    BenchmarkInfo(
        name="bandai_namco_2",
        title="Bandai-Namco Research Motion Dataset 2",
        num_classes=10,
        layouts=("bandai21",),
        protocols={
            "held-out-styles": "test: styles elderly and exhausted (our choice; the set has no official split)"
        },
        metric="accuracy, retrieval",
        licence="CC BY-NC 4.0",
        allows_commercial_use=False,
        how_to_get="https://github.com/BandaiNamcoResearchInc/Bandai-Namco-Research-Motiondataset, prepared as "
        "data.npz",
        files="data.npz, meta.json",
        sources=(),
    ),
    _find_bandai,
)
CMU = Benchmark(
    BenchmarkInfo(
        name="cmu_subset_text",
        title="CMU Motion Capture Database, trials with descriptions",
        num_classes=0,
        layouts=("cmu19",),
        protocols={"all": "no test part; validation: a tenth, drawn by a fixed seed"},
        metric="retrieval",
        licence="free for all uses but reselling the data",
        allows_commercial_use=True,
        how_to_get="http://mocap.cs.cmu.edu, prepared as data.npz",
        files="data.npz, meta.json; cmu_all_captions.json for `load_trial_descriptions`",
        sources=(),
    ),
    _find_cmu,
)

__all__ = ["BANDAI", "CMU", "CMU19", "HDM05", "load_trial_descriptions"]
