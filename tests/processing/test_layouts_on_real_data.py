# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Left, right, up and front on real recordings, set by set: a wrong joint name or axis in a layout shows here.

Runs where TMOR_DATA_DIR names the folder of the motion sets; of NW-UCLA, the training views alone are looked at.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from tmor_hf.data.benchmarks import load_benchmark
from tmor_hf.processing.feature_extraction_tmor import TMorFeatureExtractor
from tmor_hf.processing.joint_layouts import CANONICAL_JOINTS

J = {joint: index for index, joint in enumerate(CANONICAL_JOINTS)}
DATA_DIR = os.environ.get("TMOR_DATA_DIR", "")
# Set -> least share of frames in which each claim below holds: Kinect confuses legs, people lie down and bend.
KINECT = ("nw_ucla", "utkinect_untrimmed")  # puts knees in line with hips and ankles, or behind
SETS_3D = {
    "nw_ucla": 0.75, "utkinect_untrimmed": 0.75, "bandai_namco_2": 0.85, "hdm05_11": 0.85, "cmu_subset_text": 0.8,
}  # fmt: skip


def clips_of(name, count=60):
    if not DATA_DIR or not (Path(DATA_DIR) / name / "data.npz").is_file():
        pytest.skip(f"TMOR_DATA_DIR holds no {name}")
    clips = [clip.skeletons for clip in load_benchmark(name, DATA_DIR, "train")]
    return clips[:: max(1, len(clips) // count)]


def canonical(name):
    """(N, 22, C) poses, y up, missing joints NaN."""
    return np.concatenate(
        [clip.to_layout().keypoints.reshape(-1, 22, clip.num_coordinates) for clip in clips_of(name)]
    )


def share(claim, *values):
    """Share of the poses with all values known in which a claim holds."""
    known = np.logical_and.reduce([~np.isnan(value) for value in values])
    assert known.sum() > 100
    return float(claim[known].mean())


@pytest.mark.parametrize("name", SETS_3D)
def test_bodies_are_upright_and_their_left_is_at_their_left(name):
    poses, least = canonical(name), SETS_3D[name]
    left = poses[:, J["left_hip"]] - poses[:, J["right_hip"]]
    front = np.cross(left, [0.0, 1.0, 0.0])
    claims = {"head above pelvis": poses[:, J["head"], 1] - poses[:, J["pelvis"], 1]}
    for side in ("left", "right"):
        foot = poses[:, J[f"{side}_foot"]] - poses[:, J[f"{side}_ankle"]]
        claims[f"{side} foot points to the front"] = (foot * front).sum(axis=-1)
        claims[f"{side} ankle below the hip"] = poses[:, J[f"{side}_hip"], 1] - poses[:, J[f"{side}_ankle"], 1]
        if name in KINECT:
            continue
        bend = poses[:, J[f"{side}_knee"]] - (poses[:, J[f"{side}_hip"]] + poses[:, J[f"{side}_ankle"]]) / 2
        claims[f"{side} knee bends to the front"] = (bend * front).sum(axis=-1)
    shoulders = poses[:, J["left_shoulder"]] - poses[:, J["right_shoulder"]]
    claims["shoulders lie as hips do"] = (shoulders * left).sum(axis=-1)
    shares = {claim: share(value > 0, value) for claim, value in claims.items()}
    assert min(shares.values()) > least, shares


@pytest.mark.parametrize("name", SETS_3D)
def test_features_are_life_size_and_face_the_front(name):
    features = TMorFeatureExtractor()(clips_of(name, 30))
    keypoints, mask = features["keypoints"][:, :, 0], features["joint_mask"][:, :, 0]
    assert np.isfinite(keypoints).all()
    first = keypoints[:, 0]
    across = (first[:, J["left_hip"]] - first[:, J["right_hip"]])[mask[:, 0, [J["left_hip"]]].ravel()]
    assert np.mean(across[:, 0] > 0) > 0.9
    rows = np.where(mask, keypoints[..., 1], np.nan)[:, 0]
    assert 1.0 < np.median(np.nanmax(rows, axis=1) - np.nanmin(rows, axis=1)) < 2.0


def test_penn_action_is_upright_and_its_left_is_the_persons_left():
    clips = clips_of("penn_action", 400)
    poses = np.concatenate([clip.to_layout().keypoints.reshape(-1, 22, 2) for clip in clips])
    height = poses[:, J["head"], 1] - poses[:, J["left_ankle"], 1]
    assert share(height > 0, height) > 0.75  # push-ups, sit-ups and bench presses lie
    features = TMorFeatureExtractor()(clips[:40])
    assert not features["depth_mask"].any() and np.isfinite(features["keypoints"]).all()
    with np.load(Path(DATA_DIR) / "penn_action" / "data.npz") as arrays:
        views = dict(zip(arrays["names"].tolist(), arrays["viewpoint"].tolist(), strict=True))
    recordings = load_benchmark("penn_action", DATA_DIR, "train")
    for view, sign in ((0, -1), (1, 1)):  # from the back, from the front
        seen = [clip.skeletons.to_layout().keypoints[:, 0] for clip in recordings if views[clip.name] == view]
        poses = np.concatenate(seen)
        across = sign * (poses[:, J["left_shoulder"], 0] - poses[:, J["right_shoulder"], 0])
        assert share(across > 0, across) > 0.75
