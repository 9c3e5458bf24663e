# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Small files in the forms that the sets distribute."""

import json

import numpy as np
import pytest


def _ntu_text(num_frames, num_joints, bodies=1, seed=0):
    rng = np.random.default_rng(seed)
    lines = [str(num_frames)]
    for _ in range(num_frames):
        lines.append(str(bodies))
        for body in range(bodies):
            lines += [f"{72057594037900000 + body} 0 1 1 1 1 0 0.1 0.2 2", str(num_joints)]
            for _ in range(num_joints):
                values = rng.uniform(0.1, 1, 11)
                lines.append(" ".join(f"{value:.4f}" for value in values) + " 2")
    return "\n".join(lines) + "\n"


def _lcrnet_text(num_frames, people=1, empty=()):
    rng = np.random.default_rng(0)
    body = rng.uniform(100, 300, (people, 39))
    frames = [
        []
        if frame in empty
        else [{"pose2d": (body[one, :26] + frame).tolist(), "pose3d": body[one].tolist()} for one in range(people)]
        for frame in range(num_frames)
    ]
    return json.dumps({"K": 5, "njts": 13, "frames": frames})


@pytest.fixture
def write_ntu():
    """Writes a file of NTU RGB+D or UAV-Human at a path."""

    def write(path, num_frames=3, num_joints=25, bodies=1):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_ntu_text(num_frames, num_joints, bodies))

    return write


@pytest.fixture
def write_lcrnet():
    """Writes a file of LCR-Net++ at a path."""

    def write(path, num_frames=4, people=1, empty=()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_lcrnet_text(num_frames, people, empty))

    return write
