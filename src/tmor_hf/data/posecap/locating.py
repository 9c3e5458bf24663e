# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Finds the shards of a PoseCap set: in a local folder, in a repository on the Hub, or under a URL."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..clips import MissingSplitError
from .writer import DATA_FOLDER, MANIFEST

_SHARD_NAME = re.compile(r"(?P<split>\w+(\.\w+)*)-\d+(-of-\d+)?\.parquet")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
_PREFIX = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_MANIFEST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Shard:
    """One Parquet file of a set.

    Args:
        path: Local path, or a URL that `fsspec` opens.
        split: The split that it belongs to.
        is_present: False for a file that the manifest names but that is not there (known for local folders only).
    """

    path: str
    split: str
    is_present: bool = True


def is_remote(source: str) -> bool:
    """Whether a source is a URL (``hf://``, ``https://``, ``s3://``, ...)."""
    return _PREFIX.match(source) is not None


def is_posecap(source: str | Path) -> bool:
    """Whether a source is a local PoseCap folder or a single shard, or a URL or repository that may hold one."""
    path = Path(source)
    if path.is_file():
        return path.suffix == ".parquet"
    if path.is_dir():
        return (path / MANIFEST).is_file() or bool(_local_files(path))
    return is_remote(str(source)) or _REPOSITORY.fullmatch(str(source)) is not None


def find_shards(source: str | Path, split: str | None = None) -> list[Shard]:
    """The shards of a split, in order.

    Args:
        source: A folder that `PoseCapWriter` wrote (or any folder of such Parquet files), a single file, a repository
            such as ``"org/posecap-1m"``, or a URL prefix.
        split: One split, several joined by ``+``, or None for all.

    Raises:
        FileNotFoundError: If there is no such set.
        MissingSplitError: If it has no such split; the message lists them.
        ValueError: If its manifest is damaged.
    """
    path = Path(source)
    if path.is_file():
        return [Shard(str(path), _split_of(path.name) or "train")]
    if path.is_dir():
        shards = _local_shards(path)
    elif is_remote(str(source)):
        shards = _remote_shards(str(source).rstrip("/"))
    elif _REPOSITORY.fullmatch(str(source)):
        shards = _remote_shards(f"hf://datasets/{source}")
    else:
        raise FileNotFoundError(f"expected a folder, a URL or a repository 'org/name' with PoseCap, got {source}")
    if not shards:
        raise FileNotFoundError(f"expected {DATA_FOLDER}/SPLIT-00000-of-00001.parquet and so on in {source}, got none")
    return _of_split(source, shards, split)


def _of_split(source: str | Path, shards: list[Shard], split: str | None) -> list[Shard]:
    if split is None:
        return shards
    known = list(dict.fromkeys(shard.split for shard in shards))
    wanted = split.split("+")
    if not set(wanted) <= set(known):
        raise MissingSplitError(f"{source} has no split {split!r}; it has {', '.join(known)}")
    return [shard for name in wanted for shard in shards if shard.split == name]


def _split_of(name: str) -> str | None:
    match = _SHARD_NAME.fullmatch(name)
    return match["split"] if match else None


def _local_files(folder: Path) -> list[Path]:
    found = sorted((folder / DATA_FOLDER).glob("*.parquet")) or sorted(folder.glob("*.parquet"))
    return [path for path in found if _split_of(path.name)]


def _local_shards(folder: Path) -> list[Shard]:
    manifest = folder / MANIFEST
    if manifest.is_file():
        if manifest.stat().st_size > _MANIFEST_BYTES:
            raise ValueError(f"{manifest}: expected a manifest below {_MANIFEST_BYTES} bytes")
        files = _files_of(manifest.read_bytes(), str(manifest))
        return [Shard(str(folder / file), split, (folder / file).is_file()) for split, file in files]
    return [Shard(str(path), _split_of(path.name)) for path in _local_files(folder)]


def _remote_shards(prefix: str) -> list[Shard]:
    """By the manifest, for not every server lists folders; else by listing."""
    from fsspec.core import url_to_fs

    filesystem, root = url_to_fs(prefix)
    try:
        with filesystem.open(f"{root}/{MANIFEST}", "rb") as file:
            files = _files_of(file.read(_MANIFEST_BYTES), f"{prefix}/{MANIFEST}")
        return [Shard(f"{prefix}/{file}", split) for split, file in files]
    except FileNotFoundError:
        pass
    found = []
    for folder in (f"{DATA_FOLDER}/", ""):
        for path in sorted(filesystem.glob(f"{root}/{folder}*.parquet")):
            name = path.rsplit("/", 1)[-1]
            if _split_of(name):
                found.append(Shard(f"{prefix}/{folder}{name}", _split_of(name)))
        if found:
            break
    return found


def _files_of(content: bytes, place: str) -> list[tuple[str, str]]:
    """(split, file) of each shard in a manifest; a file must lie below the set's own folder."""
    try:
        splits: dict[str, Any] = json.loads(content)["splits"]
        files = [(split, shard["file"]) for split, entry in splits.items() for shard in entry["shards"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{place} is no PoseCap manifest: {error!r}; take it away to read the shards alone") from None
    for _, file in files:
        if (
            not isinstance(file, str)
            or file.startswith(("/", "\\"))
            or ":" in file
            or ".." in re.split(r"[/\\]", file)
        ):
            raise ValueError(f"{place}: expected files inside the folder of the set, got {file!r}")
    return files


__all__ = ["Shard", "find_shards", "is_posecap", "is_remote"]
