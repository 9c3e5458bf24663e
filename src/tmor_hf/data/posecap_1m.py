# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PoseCap-1M for `datasets`: skeletons of people in motion, with captions, labels and video.

The builder, with any version of `datasets`:

    from tmor_hf.data.posecap_1m import PoseCap1M

    rows = PoseCap1M(config_name="skeleton_text", data_dir="FOLDER_REPO_OR_URL").as_streaming_dataset(split="train")

This file by itself is a loading script for `datasets` 3, which needs nothing of `tmor_hf` (but for "mini"):

    rows = load_dataset("PATH/posecap_1m.py", "skeleton_text", data_dir="FOLDER", trust_remote_code=True)["train"]

Newer versions read the same set without a script: load_dataset("FOLDER_OR_REPO", "skeleton_text", split="train").
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

_MANIFEST = "posecap.json"
_SCHEMA_VERSION = 1
_BATCH_ROWS = 256
_MINI_ROWS_PER_SHARD = 64
_DESCRIPTION = (
    "Clips of people in motion: skeletons of any joint layout with captions, labels and references to video."
)

# Column -> type; a list holds the type of its items. `docs/posecap_format.md` says what the columns mean.
_COLUMNS: dict[str, str | list[str]] = {
    "id": "string", "source": "string", "licence": "string", "split": "string",
    "layout": "string", "fps": "float32", "num_frames": "int32", "num_people": "int32", "num_joints": "int32",
    "num_coordinates": "int8", "image_height": "int32", "image_width": "int32", "up_axis": "string",
    "person_ids": ["int64"], "keypoints": "large_binary", "keypoints_dtype": "string",
    "keypoints_scale": ["float32"], "keypoints_offset": ["float32"],
    "scores": "large_binary", "scores_dtype": "string",
    "captions": ["string"], "labels": ["string"],
    "text_embeds": "large_binary", "text_embeds_dim": "int32",
    "video_path": "string", "video_bytes": "large_binary", "video_start": "float64", "video_end": "float64",
    "video_embeds": "large_binary", "video_embeds_dim": "int32",
}  # fmt: skip
_VIDEO = ("video_path", "video_bytes", "video_start", "video_end", "video_embeds", "video_embeds_dim")
_TEXT = ("captions", "text_embeds", "text_embeds_dim")
_LEFT_OUT: dict[str, tuple[str, ...]] = {"skeleton_text": _VIDEO, "skeleton_only": _TEXT + _VIDEO}


@dataclass
class PoseCapConfig(datasets.BuilderConfig):
    """Which columns are read, and from where.

    Args:
        data_dir: A local folder, a dataset repo of the Hub (``"org/name"``), or a URL prefix of any protocol that
            fsspec knows (a web server must answer range requests to be streamed from). By default the place of this
            script.
        num_clips: Size of the configuration ``"mini"``, which is generated on the spot.
        seed: Its seed.
    """

    num_clips: int = 200
    seed: int = 0

    def create_config_id(self, config_kwargs: dict, custom_features: datasets.Features | None = None) -> str:
        """A new name in the cache when the set in a local folder was written anew."""
        name = super().create_config_id(config_kwargs, custom_features=custom_features)
        folder = None if self.name == "mini" else _local_folder(self.data_dir)
        if folder is None or not os.path.isfile(folder + _MANIFEST):
            return name
        with open(folder + _MANIFEST, "rb") as file:
            return f"{name}-{hashlib.sha256(file.read()).hexdigest()[:16]}"


class PoseCap1M(datasets.ArrowBasedBuilder):
    """Reads a set in the PoseCap format, or generates a small one (``"mini"``). Shards are never copied or rewritten
    when it streams; `download_and_prepare` makes the usual Arrow files of `datasets` from them."""

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = PoseCapConfig
    BUILDER_CONFIGS = [
        PoseCapConfig(name="default", version=VERSION, description="All columns."),
        PoseCapConfig(name="skeleton_text", version=VERSION, description="Without the columns of the video."),
        PoseCapConfig(name="skeleton_only", version=VERSION, description="Without the columns of video and captions."),
        PoseCapConfig(name="mini", version=VERSION, description="A small set, generated on the spot by tmor_hf."),
    ]
    DEFAULT_CONFIG_NAME = "default"

    def _info(self) -> datasets.DatasetInfo:
        left_out = _LEFT_OUT.get(self.config.name, ())
        features = {name: _feature(kind) for name, kind in _COLUMNS.items() if name not in left_out}
        return datasets.DatasetInfo(description=_DESCRIPTION, features=datasets.Features(features))

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        shards = self._mini_shards() if self.config.name == "mini" else self._stored_shards(dl_manager)
        return [datasets.SplitGenerator(name=split, gen_kwargs={"shards": found}) for split, found in shards.items()]

    def _stored_shards(self, dl_manager: Any) -> dict[str, list[str]]:
        """Split -> paths or URLs of its shards, from the manifest of the set."""
        prefix = _prefix(self.config.data_dir)
        place = prefix or self.base_path or "the current folder"
        try:
            with open(dl_manager.download(prefix + _MANIFEST), "rb") as file:
                content = file.read()
        except Exception as error:  # every protocol has errors of its own for what is not there
            raise FileNotFoundError(
                f"expected {_MANIFEST} in {place}, got {type(error).__name__}: {error}; pass data_dir= as a folder "
                "that PoseCapWriter wrote, a dataset repo 'org/name', or a URL prefix"
            ) from error
        return dl_manager.download(_shard_urls(content, prefix))

    def _mini_shards(self) -> dict[str, list[list[int]]]:
        """Split -> lists of indices of clips."""
        from tmor_hf.data.posecap.mini import split_of

        splits: dict[str, list[int]] = {}
        for index in range(self.config.num_clips):
            splits.setdefault(split_of(index), []).append(index)
        size = _MINI_ROWS_PER_SHARD
        return {
            split: [found[start : start + size] for start in range(0, len(found), size)]
            for split, found in splits.items()
        }

    def _generate_tables(self, shards: list[Any]) -> Iterator[tuple[Any, pa.Table]]:
        schema = self.info.features.arrow_schema
        read = self._mini_tables if self.config.name == "mini" else _parquet_tables
        for shard_index, shard in enumerate(shards):
            for batch_index, table in enumerate(read(shard, schema.names)):
                yield _key(shard_index, batch_index), table.cast(schema)

    def _generate_shards(self, shards: list[Any]) -> Iterator[Any]:
        yield from shards

    def _mini_tables(self, indices: list[int], names: list[str]) -> Iterator[pa.Table]:
        from tmor_hf.data.posecap import arrow_schema, mini_records, record_to_row

        rows = [record_to_row(one) for one in mini_records(self.config.num_clips, self.config.seed, indices=indices)]
        yield pa.Table.from_pylist(rows, schema=arrow_schema()).select(names)


def _feature(kind: str | list[str]) -> Any:
    return datasets.Sequence(datasets.Value(kind[0])) if isinstance(kind, list) else datasets.Value(kind)


def _prefix(data_dir: str | None) -> str:
    """What stands before the names of files; what stays relative is relative to the place of the script."""
    if not data_dir:
        return ""
    folder = _local_folder(data_dir)
    if folder is not None:
        return folder
    if re.fullmatch(r"[\w.-]+/[\w.-]+", data_dir):
        return f"hf://datasets/{data_dir}/"
    return data_dir.rstrip("/") + "/"


def _local_folder(data_dir: str | None) -> str | None:
    """Absolute path of a folder of this machine, with a slash at its end, or None if there is none."""
    if data_dir and data_dir.startswith("file://"):
        data_dir = url2pathname(urlsplit(data_dir).path)
    # While it streams, `datasets` replaces functions of `os.path` by some that ask servers: no URL may get there.
    if not data_dir or "://" in data_dir or not os.path.isdir(data_dir):
        return None
    return os.path.abspath(data_dir) + os.sep


def _shard_urls(content: bytes, prefix: str) -> dict[str, list[str]]:
    """Split -> shards that a manifest lists."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected JSON in {prefix}{_MANIFEST}, got {content[:40]!r}; download it anew") from error
    version = manifest.get("schema_version") if isinstance(manifest, dict) else None
    if version != _SCHEMA_VERSION:
        raise ValueError(
            f"expected {prefix}{_MANIFEST} of schema version {_SCHEMA_VERSION}, got {version}; "
            "use the tmor_hf that wrote it, or a newer one"
        )
    try:
        files = {split: [shard["file"] for shard in entry["shards"]] for split, entry in manifest["splits"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"expected splits with their shards in {prefix}{_MANIFEST}; download it anew") from error
    odd = [name for names in files.values() for name in names if not re.fullmatch(r"data/[\w.-]+\.parquet", str(name))]
    if odd:
        raise ValueError(f"expected shards data/NAME.parquet in {prefix}{_MANIFEST}, got {odd[0]!r}")
    return {split: [prefix + name for name in names] for split, names in files.items()}


def _parquet_tables(path: str, names: list[str]) -> Iterator[pa.Table]:
    with open(path, "rb") as file:  # `datasets` replaces `open` by one that reads URLs, when it streams
        parquet = pq.ParquetFile(file)
        lacking = sorted(set(names) - set(parquet.schema_arrow.names))
        if lacking:
            raise ValueError(f"{path}: expected the columns of PoseCap, {', '.join(lacking)} are lacking")
        for batch in parquet.iter_batches(batch_size=_BATCH_ROWS, columns=names):
            yield pa.Table.from_batches([batch]).select(names)


def _key(shard: int, batch: int) -> Any:
    """Where a table comes from, in the form that this version of `datasets` takes."""
    kind = getattr(datasets.builder, "Key", None)
    return f"{shard}-{batch}" if kind is None else kind(shard, batch)


__all__ = ["PoseCap1M", "PoseCapConfig"]
