# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""One door to everything that a model can be trained on: `load_skeleton_text`."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .benchmarks import BENCHMARKS, load_benchmark
from .clip_folders import is_clip_folder, load_clip_folder
from .clips import ClipMixture, MissingSplitError, MotionClip
from .contrastive import synthetic_clips
from .posecap.locating import is_posecap, is_remote
from .synthetic import SyntheticMotion

MINI = "posecap-mini"
_MINI_VERSION = 1
_SYNTHETIC = re.compile(r"synthetic:(\d+)")
_SHARE = re.compile(r"(?P<source>.+)=(?P<share>\d+(\.\d*)?([eE]-?\d+)?|\.\d+)")
_PART = re.compile(r"(?P<name>.+):(?P<part>[a-zA-Z]\w*(\+\w+)*)")
_HELD_OUT_CLIPS = 400  # of synthetic motion
_SEED_STEPS = {"train": 0, "validation": 1_000_003, "test": 2_000_003}


class Source(NamedTuple):
    """A source as it is written on a command line, ``NAME[:PART][=SHARE]``.

    Args:
        name: What to load.
        part: Its split, if one is named.
        share: Its share of the draws, if one is named.
    """

    name: str
    part: str | None = None
    share: float | None = None


def parse_source(text: str) -> Source:
    """Splits ``"penn_action:train=0.5"`` into its parts.

    Raises:
        ValueError: If the text is empty or the share is 0.
    """
    share, part = None, None
    if match := _SHARE.fullmatch(text):
        text, share = match["source"], float(match["share"])
    if not is_remote(text) and (match := _PART.fullmatch(text)):
        text, part = match["name"], match["part"]
    if not text or share == 0:
        raise ValueError(f"expected a source NAME[:PART][=SHARE] with a share above 0, got {text!r}")
    return Source(text, part, share)


def load_skeleton_text(
    source: Any,
    split: str | None = "train",
    *,
    data_dir: str | Path | None = None,
    weights: Sequence[float | None] | None = None,
    strict: bool = False,
    seed: int = 0,
    synthetic_options: Mapping[str, Any] | None = None,
    benchmark_options: Mapping[str, Any] | None = None,
    cache_dir: str | Path | None = None,
) -> Sequence[MotionClip]:
    """Clips with words from any source, the same kind of sequence from each.

    Args:
        source: One of

            - PoseCap: a folder, a Parquet file, a repository on the Hub (``"org/posecap-1m"``), or a URL prefix
              (``https://``, ``hf://``, ``s3://``, ...). Read lazily, see `PoseCapShards`; all else is kept in memory.
            - ``"posecap-mini"``, a small PoseCap set of generated motion; made at the first use.
            - the name of a benchmark, such as ``"penn_action"``; needs `data_dir`.
            - a folder of pose files with a captions file, or with a folder for each class, see `load_clip_folder`.
            - ``"synthetic:N"``, N generated clips.
            - a sequence of `MotionClip` as it is.
            - a list of all these: a `ClipMixture`. With ``NAME=0.5`` a source says its share of the draws.

            ``NAME:PART`` takes another split than `split`.
        split: "train", "validation", "test", several joined by ``+``, or None for all.
        data_dir: Folder that holds the folders of the benchmarks.
        weights: Share of the draws of each source of a list, in place of those in their names.
        strict: Raise an error for damaged data; else it is logged, counted and left out.
        seed: Seed of synthetic motion.
        synthetic_options: More arguments of `SyntheticMotion`.
        benchmark_options: More arguments of `load_benchmark`, such as the protocol.
        cache_dir: Where posecap-mini is kept; by default beside what the Hub keeps.

    Raises:
        FileNotFoundError: If there is no such source.
        MissingSplitError: If a source has no such split.
        ValueError: If the source is of no known kind, or weights do not fit.
        ImportError: If pyarrow is needed and not installed.
    """
    options = {
        "data_dir": data_dir, "strict": strict, "seed": seed, "synthetic_options": synthetic_options,
        "benchmark_options": benchmark_options, "cache_dir": cache_dir,
    }  # fmt: skip
    if isinstance(source, (str, os.PathLike)):
        return _load(parse_source(os.fspath(source)), split, **options)
    if not _is_list_of_sources(source):
        return source
    specs = [parse_source(os.fspath(one)) if isinstance(one, (str, os.PathLike)) else one for one in source]
    parts = [_load(spec, split, **options) if isinstance(spec, Source) else spec for spec in specs]
    if weights is None:
        weights = [spec.share if isinstance(spec, Source) else None for spec in specs]
    if len(weights) != len(parts):
        raise ValueError(f"expected a weight for each of {len(parts)} sources, got {len(weights)}")
    return ClipMixture(parts, weights)


def _is_list_of_sources(source: Any) -> bool:
    if not isinstance(source, Sequence) or not len(source):
        raise ValueError(f"expected a source, a list of sources or clips, got {source!r}")
    return isinstance(source, (list, tuple)) and not isinstance(source[0], MotionClip)


def _load(
    source: Source,
    split: str | None,
    *,
    data_dir: str | Path | None,
    strict: bool,
    seed: int,
    synthetic_options: Mapping[str, Any] | None,
    benchmark_options: Mapping[str, Any] | None,
    cache_dir: str | Path | None,
) -> Sequence[MotionClip]:
    name, split = source.name, source.part or split
    if match := _SYNTHETIC.fullmatch(name):
        return _synthetic(int(match[1]), split, seed, synthetic_options or {})
    if name == MINI:
        return _posecap(posecap_mini_folder(cache_dir), split, strict)
    if name in BENCHMARKS:
        return _benchmark(name, data_dir, split, strict, benchmark_options or {})
    if not Path(name).exists() and not is_posecap(name):
        raise FileNotFoundError(
            f"expected a source, got {name!r}: no such file or folder, none of the benchmarks "
            f"{', '.join(BENCHMARKS)}, not {MINI!r}, and no 'synthetic:N', 'org/name' or URL"
        )
    if is_posecap(name):
        return _posecap(name, split, strict)
    if is_clip_folder(name):
        return load_clip_folder(name, split, strict=strict)
    raise ValueError(
        f"expected PoseCap shards, a captions file (captions.csv, .jsonl or .json) or folders of classes in {name}, "
        "got none of these"
    )


def _posecap(source: str | Path, split: str | None, strict: bool) -> Sequence[MotionClip]:
    from .posecap.reading import PoseCapShards

    return PoseCapShards(source, split, strict=strict)


def _benchmark(
    name: str, data_dir: str | Path | None, split: str | None, strict: bool, options: Mapping[str, Any]
) -> Sequence[MotionClip]:
    if data_dir is None:
        raise ValueError(f"expected data_dir, the folder that holds {name}/, got none")
    return load_benchmark(name, data_dir, split, strict=strict, **options)


def _synthetic(count: int, split: str | None, seed: int, options: Mapping[str, Any]) -> Sequence[MotionClip]:
    if count < 1:
        raise ValueError(f"expected synthetic:N with N of 1 or more, got {count}")
    split = split or "train"
    if split not in _SEED_STEPS:
        raise MissingSplitError(f"synthetic motion has no split {split!r}; it has {', '.join(_SEED_STEPS)}")
    if split != "train":
        count = min(_HELD_OUT_CLIPS, count)
    return synthetic_clips(SyntheticMotion(count, seed=seed + _SEED_STEPS[split], **options))


def posecap_mini_folder(cache_dir: str | Path | None = None) -> Path:
    """The folder of posecap-mini, which is made there if it is not yet.

    Args:
        cache_dir: Where to keep it; by default below the cache of the Hub (``HF_HOME``).
    """
    from .posecap.mini import write_posecap_mini

    if cache_dir is None:
        from huggingface_hub.constants import HF_HOME

        cache_dir = Path(HF_HOME) / "tmor_hf"
    folder = Path(cache_dir) / f"{MINI}-{_MINI_VERSION}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # In a folder of its own first: several processes may do this at once, and any may be killed.
    partial = Path(tempfile.mkdtemp(prefix=f".{MINI}-", dir=folder.parent))
    try:
        write_posecap_mini(partial / MINI)
        os.replace(partial / MINI, folder)
    except OSError:
        if not folder.is_dir():  # another process may have been first
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


__all__ = ["MINI", "Source", "load_skeleton_text", "parse_source", "posecap_mini_folder"]
