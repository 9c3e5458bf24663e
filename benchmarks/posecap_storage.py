# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Size, error and speed of the encodings of PoseCap, and what compression of the shards gives.

    python benchmarks/posecap_storage.py                    # 2,000 clips of 64 frames, one person, ntu25, 3D
    python benchmarks/posecap_storage.py --people 2         # the second person is absent from half of the frames

The motion is generated (metres), with the jitter of a sensor and 5% of joints missing. Times are those of the
processor, one thread, the best of some rounds, on shards in the page cache. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet as parquet

from tmor_hf import Skeletons
from tmor_hf.data import SyntheticMotion
from tmor_hf.data.posecap import PoseCapRecord, PoseCapWriter, record_to_row, row_to_skeletons


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def make_records(args: argparse.Namespace) -> list[PoseCapRecord]:
    """Clips of layout ntu25; its three joints that the generator lacks are wrists with an offset."""
    motion = SyntheticMotion(args.clips, args.seed, num_frames=args.frames)
    rng = np.random.default_rng(args.seed)
    records = []
    for index in range(args.clips):
        clip = motion[index]
        keypoints = clip.skeletons.keypoints
        people = [np.concatenate([keypoints, keypoints[:, :, [8, 12, 8]] + np.float32(0.1)], axis=2) + 3 * person
                  for person in range(args.people)]  # fmt: skip
        keypoints = np.concatenate(people, axis=1)
        keypoints[: args.frames // 2, 1:] = np.nan
        keypoints[rng.random(keypoints.shape[:3]) < 0.05] = np.nan
        skeletons = Skeletons(keypoints, fps=30, layout="ntu25")
        records.append(PoseCapRecord(f"clip-{index:06d}", "synthetic", "CC0-1.0", skeletons, (clip.caption,)))
    return records


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Least processor time of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def read(path: Path) -> None:
    with parquet.ParquetFile(path) as file:
        for index in range(file.num_row_groups):
            file.read_row_group(index, use_threads=False)


def read_and_decode(path: Path) -> None:
    with parquet.ParquetFile(path) as file:
        for index in range(file.num_row_groups):
            for row in file.read_row_group(index, use_threads=False).to_pylist():
                row_to_skeletons(row)


def measure_encoding(encoding: str, records: list[PoseCapRecord], folder: Path, rounds: int) -> dict[str, float]:
    rows = [record_to_row(record, encoding) for record in records]
    errors = [np.nanmax(np.abs(row_to_skeletons(row).keypoints - record.skeletons.keypoints))
              for row, record in zip(rows, records, strict=True)]  # fmt: skip
    with PoseCapWriter(folder / encoding, encoding=encoding) as writer:
        for record in records:
            writer.write(record)
    (shard,) = (folder / encoding / "data").glob("*.parquet")
    count = len(records)
    return {
        "bytes_per_clip": os.path.getsize(shard) / count,
        "largest_error_mm": 1000 * float(max(errors)),
        "encode_clips_per_s": count / seconds(lambda: [record_to_row(one, encoding) for one in records], rounds),
        "decode_clips_per_s": count / seconds(lambda: [row_to_skeletons(row) for row in rows], rounds),
        "read_clips_per_s": count / seconds(lambda: read(shard), rounds),
        "read_and_decode_clips_per_s": count / seconds(lambda: read_and_decode(shard), rounds),
    }


def measure_compression(codec: str, table: pyarrow.Table, folder: Path, rounds: int) -> dict[str, float]:
    path = folder / f"{codec}.parquet"

    def write() -> None:
        parquet.write_table(table, path, compression=codec, use_dictionary=["source"], row_group_size=256)

    writing = seconds(write, rounds)
    return {
        "bytes_per_clip": os.path.getsize(path) / len(table),
        "write_clips_per_s": len(table) / writing,
        "read_clips_per_s": len(table) / seconds(lambda: read(path), rounds),
    }


def print_table(title: str, results: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(results.values())))
    print(f"| {title} | {' | '.join(name.replace('_', ' ') for name in names)} |")
    print("|---" * (len(names) + 1) + "|")
    for key, numbers in results.items():
        print(
            f"| {key} | " + " | ".join(f"{numbers[name]:,.{4 if numbers[name] < 10 else 0}f}" for name in names) + " |"
        )
    print()


def main() -> None:
    args = get_arguments()
    pyarrow.set_cpu_count(1)
    records = make_records(args)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encodings = {
            encoding: measure_encoding(encoding, records, folder, args.rounds)
            for encoding in ("int16", "float16", "float32")
        }
        table = parquet.read_table(folder / "int16" / "data")
        codecs = {
            codec: measure_compression(codec, table, folder, args.rounds)
            for codec in ("none", "snappy", "lz4", "zstd")
        }
    print_table("encoding", encodings)
    print_table("codec (int16)", codecs)
    versions = {"python": platform.python_version(), "numpy": np.__version__, "pyarrow": pyarrow.__version__}
    print(json.dumps({"encodings": encodings, "codecs": codecs, "options": vars(args), "versions": versions}))


if __name__ == "__main__":
    main()
