# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips per second and memory of reading, augmenting and collating PoseCap, with 0, 1 and 2 worker processes.

    python benchmarks/data_loading.py                     # makes 200,000 clips (about 2 GB) in a temporary folder
    python benchmarks/data_loading.py --clips 20000 --work-dir /data/loading

The set is made of generated motion: 64 frames, 25 joints, 3D, one person. Every measurement runs in a process of its
own. "per core" is clips per second of processor time, of all processes together. Memory is the proportional set size
of the process and its workers, the largest of samples taken while it reads. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy is imported: the figures are for one core

import numpy as np  # noqa: E402
import torch  # noqa: E402

from tmor_hf import Skeletons, TMorFeatureExtractor, get_layout  # noqa: E402
from tmor_hf.data import ContrastiveCollator, ContrastiveDataset, SyntheticMotion, build_tokenizer  # noqa: E402
from tmor_hf.data.posecap.reading import PoseCapShards  # noqa: E402
from tmor_hf.data.posecap.schema import PoseCapRecord, arrow_schema, record_to_row  # noqa: E402
from tmor_hf.processing.augmentation import SkeletonAugmentation  # noqa: E402
from tmor_hf.training.batches import BatchOrder, StreamOrder, micro_batch_loader  # noqa: E402

FRAMES, LAYOUT = 64, "ntu25"
ROWS_PER_SHARD, ROW_GROUP = 5000, 250
SMALL_CLIPS = 20_000
STAGES = ("load", "augment", "collate")


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=200_000, help="clips of the large set (%(default)s)")
    parser.add_argument("--base-clips", type=int, default=ROWS_PER_SHARD, help="generated clips in it (%(default)s)")
    parser.add_argument("--measured-clips", type=int, default=20_000, help="clips that are timed (%(default)s)")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--work-dir", type=Path, help="where the set goes, and stays; default: a temporary folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


# ---------------------------------------------------------------- the set


def base_rows(count: int, seed: int) -> list[dict]:
    """Rows of generated clips, resampled to 64 frames and moved onto 25 joints."""
    motion, layout = SyntheticMotion(count, seed=seed), get_layout(LAYOUT)
    names = get_layout("tmor22").joints
    # Joints of the sensor that the generator does not make (finger tips, thumbs) go where the hand is.
    sources = {joint: layout.canonical.get(joint, (joint,))[0] for joint in names}
    columns = [
        next((index for index, joint in enumerate(names) if sources[joint] == own), names.index("left_hand"))
        for own in layout.joints
    ]
    rows = []
    for index in range(count):
        clip = motion[index]
        moments = np.linspace(0, clip.skeletons.num_frames - 1, FRAMES).round().astype(int)
        keypoints = clip.skeletons.keypoints[moments][:, :, columns]
        skeletons = Skeletons(keypoints, fps=30.0, layout=LAYOUT, up_axis="y")
        captions = (clip.caption, f"a person is {clip.class_phrase}")
        record = PoseCapRecord(str(index), "generated", "CC0-1.0", skeletons, captions, (clip.class_phrase,))
        rows.append(record_to_row(record))
    return rows


def make_sets(folder: Path, args: argparse.Namespace) -> dict[int, Path]:
    """Number of clips -> folder. Shards repeat the base clips under new ids and moved by some metres."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    sizes = sorted({min(SMALL_CLIPS, args.clips), args.clips})
    folders = {size: folder / f"clips-{size}" for size in sizes}
    if all((path / "done").exists() for path in folders.values()):
        return folders
    rows = base_rows(min(args.base_clips, ROWS_PER_SHARD), args.seed)
    table = pa.Table.from_pylist([rows[index % len(rows)] for index in range(ROWS_PER_SHARD)], schema=arrow_schema())
    offsets = np.array([row["keypoints_offset"] for row in rows], dtype=np.float32)
    offsets = offsets[np.arange(ROWS_PER_SHARD) % len(rows)]
    for path in folders.values():
        (path / "data").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    for shard in range(-(-args.clips // ROWS_PER_SHARD)):
        count = min(ROWS_PER_SHARD, args.clips - shard * ROWS_PER_SHARD)
        ids = [f"clip-{shard:04d}-{index:05d}" for index in range(ROWS_PER_SHARD)]
        moved = offsets + rng.normal(0, 2, size=offsets.shape).astype(np.float32)
        own = table
        for name, column in (("id", ids), ("keypoints_offset", moved.tolist())):
            field = table.schema.field(name)
            own = own.set_column(table.column_names.index(name), field, pa.array(column, field.type))
        name = f"train-{shard:05d}.parquet"
        target = folders[args.clips] / "data" / name
        own = own.slice(0, count)
        parquet.write_table(own, target, row_group_size=ROW_GROUP, compression="zstd", write_page_checksum=True)
        small = folders[sizes[0]] / "data" / name
        if len(sizes) > 1 and (shard + 1) * ROWS_PER_SHARD <= sizes[0] and not small.exists():
            os.link(target, small)
    for path in folders.values():
        (path / "done").touch()
    return folders


# ---------------------------------------------------------------- one measurement, in a process of its own


def tree_memory() -> float:
    """Proportional set size of this process and its children, MB."""
    own = os.getpid()
    children = [pid for task in os.listdir(f"/proc/{own}/task") for pid in _children(own, task)]
    return sum(_memory(pid) for pid in [own, *children]) / 1024


def _children(pid: int, task: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{task}/children").read_text().split()
    except OSError:
        return []


def _memory(pid: int | str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class _Items:
    """The clips themselves, for the stage "load"."""

    def __init__(self, clips: PoseCapShards):
        self.clips = clips

    def __getitems__(self, indices: list[int]) -> list:
        return self.clips.__getitems__(indices)


def count_items(items: list) -> dict[str, int]:
    return {"clips": len(items)}


class _CountingCollator:
    def __init__(self, collator: ContrastiveCollator):
        self.collator = collator

    def __call__(self, items: list) -> dict:
        return {**self.collator(items), "clips": len(items)}


def measure(
    folder: str, stage: str, workers: int, batch_size: int, clips: int, seed: int, memory: bool
) -> dict[str, float]:
    """Reads about so many clips after a warm-up, and gives the rates, or else the memory: looking at it takes time."""
    torch.set_num_threads(1)
    shards = PoseCapShards(folder)
    dataset = ContrastiveDataset(shards, SkeletonAugmentation(mirror_probability=0.5), seed=seed)
    collate = count_items
    if stage == "collate":
        tokenizer = build_tokenizer(dataset.captions(2000))
        collate = _CountingCollator(ContrastiveCollator(TMorFeatureExtractor(num_frames=FRAMES), tokenizer))
    order = BatchOrder(len(shards), batch_size, seed=seed, stream=StreamOrder(dataset.blocks))
    source = _Items(shards) if stage == "load" else dataset
    steps = max(clips // batch_size, 1)
    loader = micro_batch_loader(source, collate, order, 0, 10 + steps, num_workers=workers)
    samples, stop = [0.0], threading.Event()

    def sample() -> None:
        while not stop.wait(0.5):
            samples.append(tree_memory())

    sampler = threading.Thread(target=sample, daemon=True)
    batches = iter(loader)
    for _ in range(10):
        next(batches)
    # Processor time of workers counts only once they have ended: their start is in it, but not that of this process.
    started, used = time.perf_counter(), processor_seconds()
    if memory:
        sampler.start()
    done = sum(batch["clips"] for batch in batches)
    seconds = time.perf_counter() - started
    if memory:
        samples.append(tree_memory())
        stop.set()
        sampler.join()
        return {"memory_mb": round(max(samples), 1)}
    del batches
    used = processor_seconds() - used
    return {"clips_per_second": round(done / seconds), "clips_per_second_per_core": round(done / used)}


def run_child(**job) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the measurement {job} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


# ---------------------------------------------------------------- all of it


def main() -> None:
    args = get_arguments()
    if args.child:
        print(json.dumps(measure(**json.loads(args.child))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        started = time.perf_counter()
        folders = make_sets(args.work_dir or Path(temporary), args)
        print(f"sets of {', '.join(map(str, folders))} clips ready after {time.perf_counter() - started:.0f} s")
        common = {"batch_size": args.batch_size, "clips": args.measured_clips, "seed": args.seed}
        rates = []
        for stage in STAGES:
            for workers in args.workers:
                found = run_child(
                    folder=str(folders[args.clips]), stage=stage, workers=workers, memory=False, **common
                )
                rates.append({"stage": stage, "workers": workers, **found})
                print(
                    f"{stage:8} {workers} workers {found['clips_per_second']:8d} clips/s "
                    f"{found['clips_per_second_per_core']:8d} per core"
                )
        memory = []
        for workers in (min(args.workers), max(args.workers)):
            for size, path in folders.items():
                found = run_child(folder=str(path), stage="collate", workers=workers, memory=True, **common)
                memory.append({"clips": size, "workers": workers, "memory_mb": found["memory_mb"]})
                print(f"set of {size:7d} clips, {workers} workers: {found['memory_mb']:8.1f} MB")
    summary = {
        "benchmark": "data_loading",
        "clips": args.clips,
        "batch_size": args.batch_size,
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "rates": rates,
        "memory": memory,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
