# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A kinematic generator of captioned human motion: licence-free, without data files, deterministic by seed.

`SyntheticMotion(num_clips, seed)` is a set of clips; `generate_clip` makes a single one; `ACTIONS` lists what the
body can do; `render_clip` makes small videos for a video tower; `synthetic_recordings` joins actions to untrimmed
recordings.
"""

from .actions import ACTIONS, ActionSpec
from .captions import class_phrase
from .generator import SyntheticClip, SyntheticMotion, generate_batch, generate_clip
from .rendering import render_clip
from .sensor import SensorModel
from .untrimmed import synthetic_recordings

__all__ = [
    "ACTIONS",
    "ActionSpec",
    "SensorModel",
    "SyntheticClip",
    "SyntheticMotion",
    "class_phrase",
    "generate_batch",
    "generate_clip",
    "render_clip",
    "synthetic_recordings",
]
