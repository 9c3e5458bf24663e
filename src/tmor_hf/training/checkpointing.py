# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Checkpoints that are whole or not there: written under another name, then renamed.

`<output_dir>/checkpoint-<step>/` holds the model as `save_pretrained` writes it (so `from_pretrained` loads it), the
processor, `optimizer.pt` (tensors and numbers only), `training_arguments.json` and `trainer_state.json`, which names
every other file with its size. Nothing in it is loaded by unpickling.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as hf_logging

STATE_NAME = "trainer_state.json"
OPTIMIZER_NAME = "optimizer.pt"
_CHECKPOINT_NAME = re.compile(r"checkpoint-(\d+)")
_PARTIAL_PREFIX = "partial-"


def write_checkpoint(
    output_dir: str | Path, step: int, write_files: Callable[[Path], None], state: dict[str, Any], keep: int = 0
) -> Path:
    """Writes a checkpoint so that a crash at any moment leaves either all of it or none.

    Args:
        output_dir: folder of the run.
        step: number of finished steps.
        write_files: writes model, optimizer and so on into the folder that it is given.
        state: further content of `trainer_state.json`.
        keep: number of checkpoints to keep, the oldest are deleted only once this one is complete; 0 keeps all.

    Returns:
        the checkpoint's folder.
    """
    output_dir = Path(output_dir)
    target, partial = output_dir / f"checkpoint-{step}", output_dir / f"{_PARTIAL_PREFIX}checkpoint-{step}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    write_files(partial)
    files = {str(p.relative_to(partial)): p.stat().st_size for p in sorted(partial.rglob("*")) if p.is_file()}
    write_json(partial / STATE_NAME, {"step": step, **state, "files": files})
    for path in [*partial.rglob("*"), partial]:
        _flush_to_disk(path)
    if target.exists():
        # A damaged one: a run that could use it would be past this step.
        shutil.rmtree(target)
    os.replace(partial, target)
    _flush_to_disk(output_dir)
    if keep > 0:
        for old in list_checkpoints(output_dir)[:-keep]:
            shutil.rmtree(old, ignore_errors=True)
    return target


def list_checkpoints(output_dir: str | Path) -> list[Path]:
    """Complete checkpoints of a run, the oldest first. Incomplete ones are ignored."""
    found = []
    for path in Path(output_dir).glob("checkpoint-*"):
        match = _CHECKPOINT_NAME.fullmatch(path.name)
        if match and is_complete(path):
            found.append((int(match.group(1)), path))
    return [path for _, path in sorted(found)]


def is_complete(checkpoint: str | Path) -> bool:
    """Whether every file of a checkpoint is there in full length."""
    try:
        files = read_state(checkpoint)["files"]
        return all((Path(checkpoint) / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError):
        return False


def find_checkpoint(resume_from: str | None, output_dir: str | Path) -> Path | None:
    """The checkpoint to resume from, None to start anew.

    Args:
        resume_from: None, a checkpoint folder, or "last" for the newest complete one of `output_dir`, if any.
        output_dir: folder of the run.

    Raises:
        ValueError: the checkpoint is incomplete, or older than one of `output_dir`.
        FileExistsError: `output_dir` holds checkpoints but nothing is to be resumed.
    """
    present = list_checkpoints(output_dir)
    if resume_from is None:
        if present:
            raise FileExistsError(
                f"expected no checkpoints in {output_dir}, got {present[-1].name}; set resume_from='last' to go on "
                "from it, overwrite=True to delete it, or choose another output_dir"
            )
        return None
    if resume_from == "last":
        return present[-1] if present else None
    checkpoint = Path(resume_from)
    if not is_complete(checkpoint):
        raise ValueError(
            f"expected a complete checkpoint, got {resume_from!r} with files missing or cut short; "
            f"complete ones in {output_dir}: {[path.name for path in present] or 'none'}"
        )
    step = read_state(checkpoint)["step"]
    if present and read_state(present[-1])["step"] > step:
        raise ValueError(
            f"expected no checkpoint in {output_dir} newer than the one to resume from (step {step}), got "
            f"{present[-1].name}; delete it, or choose another output_dir"
        )
    return checkpoint


def delete_checkpoints(output_dir: str | Path) -> None:
    """Deletes all checkpoints of a run, complete or not."""
    delete_partial_checkpoints(output_dir)
    for path in Path(output_dir).glob("checkpoint-*"):
        if _CHECKPOINT_NAME.fullmatch(path.name):
            shutil.rmtree(path)


def delete_partial_checkpoints(output_dir: str | Path) -> None:
    """Deletes what a crash left half-written."""
    for path in Path(output_dir).glob(f"{_PARTIAL_PREFIX}checkpoint-*"):
        shutil.rmtree(path, ignore_errors=True)


def read_state(checkpoint: str | Path) -> dict[str, Any]:
    """Content of `trainer_state.json`."""
    return json.loads((Path(checkpoint) / STATE_NAME).read_text(encoding="utf-8"))


def save_tensors(path: str | Path, state: dict[str, Any]) -> None:
    """Saves a state dict of tensors and numbers."""
    torch.save(state, path)


def load_tensors(path: str | Path) -> dict[str, Any]:
    """Loads what `save_tensors` wrote, on the CPU; refuses anything but tensors and plain values."""
    return torch.load(path, map_location="cpu", weights_only=True)


def write_json(path: str | Path, content: Any) -> None:
    """Replaces a JSON file in one step."""
    path = Path(path)
    partial = path.with_name(_PARTIAL_PREFIX + path.name)
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)


@contextmanager
def no_bars_over_files() -> Iterator[None]:
    """While entered, transformers shows no bar over the files it writes: it would break up that over the steps."""
    had_bars = hf_logging.is_progress_bar_enabled()
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        if had_bars:
            hf_logging.enable_progress_bar()


class TrainingLog:
    """`train_log.jsonl`: one line per logged step or validation.

    Args:
        path: the file; its lines of steps after `resumed_step` are dropped, for the run will do those steps again.
        resumed_step: finished steps of the checkpoint, 0 for a new run.
    """

    def __init__(self, path: str | Path, resumed_step: int = 0):
        self.path = Path(path)
        kept = []
        if resumed_step > 0 and self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                # A crash can cut the last line; its step comes again.
                if line.endswith("}") and json.loads(line)["step"] <= resumed_step:
                    kept.append(line + "\n")
        partial = self.path.with_name(_PARTIAL_PREFIX + self.path.name)
        partial.write_text("".join(kept), encoding="utf-8")
        os.replace(partial, self.path)

    def write(self, record: dict[str, Any]) -> None:
        """Appends a record, which must have a `step`."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _flush_to_disk(path: Path) -> None:
    """Waits until a file or folder is on the disk, so that the rename cannot overtake its content."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open folders.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
