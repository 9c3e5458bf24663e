# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Readers of pose formats, with one door to all of them: `read_skeletons(path)`."""

from .files import Limits
from .formats import PoseFormat
from .plain import read_npy
from .reading import FORMATS, iter_skeletons, read_skeletons, sniff
from .tracking import track_people
from .writing import write_skeletons

__all__ = [
    "FORMATS",
    "Limits",
    "PoseFormat",
    "iter_skeletons",
    "read_npy",
    "read_skeletons",
    "sniff",
    "track_people",
    "write_skeletons",
]
