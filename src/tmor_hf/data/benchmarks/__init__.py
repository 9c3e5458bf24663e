# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The motion sets that the package is trained and measured on, as clips with words and the protocols of their authors.

A validation part comes out of the training part only: subjects where the set names them among its training clips,
else a tenth of each class drawn by a fixed seed. Where a set names no validation part, its choice is ours.
"""

from .catalogue import BENCHMARKS, benchmark_info, load_benchmark
from .files import ClipFile, FileClips
from .info import SPLITS, BenchmarkInfo
from .lcrnet import read_lcrnet
from .mocap import CMU19, load_trial_descriptions
from .unseen import split_by_class, unseen_classes

__all__ = [
    "BENCHMARKS",
    "CMU19",
    "SPLITS",
    "BenchmarkInfo",
    "ClipFile",
    "FileClips",
    "benchmark_info",
    "load_benchmark",
    "load_trial_descriptions",
    "read_lcrnet",
    "split_by_class",
    "unseen_classes",
]
