# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""All benchmarks by name, and how their parts are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..clips import MissingSplitError, MotionDataset
from .charades import CHARADES
from .files import FileClips
from .info import SPLITS, Benchmark, BenchmarkInfo, Request
from .mocap import BANDAI, CMU, HDM05
from .ntu import NTU60, NTU120
from .nw_ucla import NW_UCLA
from .penn_action import PENN_ACTION
from .smarthome import SMARTHOME
from .tsu import TSU
from .uav_human import UAV_HUMAN
from .utkinect import UTKINECT_CLIPS, UTKINECT_FRAMES

_BENCHMARKS: dict[str, Benchmark] = {
    benchmark.info.name: benchmark
    for benchmark in (
        BANDAI,
        CHARADES,
        CMU,
        HDM05,
        NTU120,
        NTU60,
        NW_UCLA,
        PENN_ACTION,
        SMARTHOME,
        TSU,
        UAV_HUMAN,
        UTKINECT_CLIPS,
        UTKINECT_FRAMES,
    )
}
BENCHMARKS: tuple[str, ...] = tuple(sorted(_BENCHMARKS))


def benchmark_info(name: str) -> BenchmarkInfo:
    """The facts of a benchmark: classes, protocols, metric, licence, files.

    Raises:
        ValueError: If there is no such benchmark.
    """
    return _benchmark(name).info


def load_benchmark(
    name: str,
    data_dir: str | Path,
    split: str | None = None,
    protocol: str | None = None,
    *,
    leak_free: bool = True,
    strict: bool = False,
    progress: bool = True,
    **options: Any,
) -> MotionDataset | FileClips:
    """Loads a part of a benchmark.

    Small sets are read into memory. Of large ones the names of the files are read, and poses when they are asked for;
    `FileClips.load` reads all of them.

    Args:
        name: One of `BENCHMARKS`.
        data_dir: Folder that holds the folders of the sets.
        split: "train" (without the validation part), "validation", "test", "train+validation", or None for all of the
            protocol.
        protocol: One of `benchmark_info(name).protocols`; by default the first.
        leak_free: Leave out test clips that are copies of training clips (95 of the 464 of NW-UCLA). With False they
            stay, as in the literature, and `MotionClip.is_leaked` marks them.
        strict: Raise an error for a file that cannot be read; else it is reported and left out.
        progress: Show a bar while files are read.
        options: Options of the set, see `benchmark_info(name).options`.

    Raises:
        ValueError: If the set, split, protocol or an option is unknown, or the set has no such part.
        FileNotFoundError: If its files are not there.
    """
    benchmark = _benchmark(name)
    info = benchmark.info
    if split is not None and split not in SPLITS:
        raise ValueError(f"expected a split out of {', '.join(SPLITS)} or None, got {split!r}")
    protocol = protocol or next(iter(info.protocols))
    if protocol not in info.protocols:
        raise ValueError(f"expected a protocol of {name} out of {', '.join(info.protocols)}, got {protocol!r}")
    if unknown := sorted(set(options) - set(info.options)):
        known = ", ".join(info.options) or "none"
        raise ValueError(f"expected options of {name} ({known}), got {', '.join(unknown)}")
    found = benchmark.find(Request(_folder(benchmark, Path(data_dir)), protocol, progress, strict, options))
    wanted = {"train", "validation", "test"} if split is None else set(split.split("+"))
    kept = [clip for clip, part in zip(found.clips, found.parts, strict=True) if part in wanted]
    if leak_free:
        kept = [clip for clip in kept if not getattr(clip, "is_leaked", False)]
    if not kept:
        parts = ", ".join(sorted(set(filter(None, found.parts)))) or "no part with files"
        raise MissingSplitError(f"{name} ({protocol}) has no part {split!r}; it has {parts}")
    if found.read is None:
        return MotionDataset(kept, name, found.class_names)
    return FileClips(kept, found.read, name, found.class_names, found.count_frames, strict)


def _benchmark(name: str) -> Benchmark:
    if name not in _BENCHMARKS:
        raise ValueError(f"expected a benchmark out of {', '.join(BENCHMARKS)}, got {name!r}")
    return _BENCHMARKS[name]


def _folder(benchmark: Benchmark, data_dir: Path) -> Path:
    folders = [data_dir / name for name in benchmark.folders or (benchmark.info.name,)]
    return next((folder for folder in folders if folder.is_dir()), folders[0])


__all__ = ["BENCHMARKS", "benchmark_info", "load_benchmark"]
