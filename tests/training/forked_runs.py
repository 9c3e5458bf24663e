# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Training runs in processes of their own that note the names of the clips of each step, and can kill themselves.

The processes are forked: that spares them the seconds that importing takes.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
import zlib
from pathlib import Path

import torch
from accelerate.state import AcceleratorState, GradientState, PartialState
from tiny_runs import tiny_model

from tmor_hf import TMorFeatureExtractor
from tmor_hf.data import ContrastiveDataset, load_skeleton_text
from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.training import ContrastiveTrainer, ContrastiveTrainingArguments


def collate(items):
    """A batch with the names of its clips; the words are a few numbers that stand for the caption."""
    batch = dict(TMorFeatureExtractor(num_frames=8, max_people=1)([i.skeletons for i in items], return_tensors="pt"))
    codes = [zlib.crc32(item.caption.encode()) for item in items]
    batch["input_ids"] = torch.tensor([[1, 3 + code % 40, 3 + code // 40 % 40, 2] for code in codes])
    return {**batch, "attention_mask": torch.ones_like(batch["input_ids"]), "names": [item.name for item in items]}


class NotingTrainer(ContrastiveTrainer):
    """Writes down which clips it trains on, and kills its own process where it is told to."""

    kill_in_step = 0

    def _to_device(self, batch):
        with (self.output_dir / f"names-{self.accelerator.process_index}.txt").open("a") as file:
            file.write(f"{self.step} {' '.join(batch['names'])}\n")
        if self.step + 1 == self.kill_in_step:
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._to_device(batch)


def train(folder: Path, source: Path, order: str, workers: int, kill_in_step: int) -> None:
    """12 steps; `order` is "shuffle", "stream", or "mixture" for a weighted one with clips of like length."""
    is_mixture = order == "mixture"
    clips = load_skeleton_text(
        [source, "synthetic:40"] if is_mixture else source, synthetic_options={"actions": ("walk",)}
    )
    dataset = ContrastiveDataset(
        clips,
        SkeletonAugmentation(mirror_probability=0.5),
        seed=1,
        weights=[0.5 / len(part) for part in clips.parts for _ in range(len(part))] if is_mixture else None,
    )
    args = ContrastiveTrainingArguments(
        output_dir=str(folder), batch_size=4, gradient_accumulation_steps=2, max_steps=12, logging_steps=1,
        save_steps=3, num_workers=workers, data_order="stream" if is_mixture else order,
        group_by_length=is_mixture, text_lr_scale=1.0, cpu=True, progress_bar=False, resume_from="last",
    )  # fmt: skip
    trainer = NotingTrainer(tiny_model(), args, dataset, collate)
    trainer.kill_in_step = kill_in_step
    trainer.train()


def run(folder: Path, source: Path, order: str, workers: int, processes: int, kill_in_step: int = 0) -> list[int]:
    """Trains in `processes` forked processes and gives their exit codes; minus the signal for killed ones."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    children = []
    for rank in range(processes):
        child = os.fork()
        if child == 0:
            _be_rank(rank, processes, port, (folder, source, order, workers, kill_in_step))
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _be_rank(rank: int, processes: int, port: int, job: tuple) -> None:
    """The life of a forked process; never returns."""
    code = 1
    try:
        torch.set_num_threads(1)
        for state in (AcceleratorState, GradientState, PartialState):
            state._reset_state()
        if processes > 1:
            address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": processes}
            own = {**address, "RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": processes}
            os.environ.update({name: str(value) for name, value in own.items()})
        with (job[0] / f"errors-{rank}.txt").open("a") as errors:
            sys.stderr = errors
            try:
                train(*job)
                code = 0
            except BaseException:
                traceback.print_exc(file=errors)
    finally:
        os._exit(code)
