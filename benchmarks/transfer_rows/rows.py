# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a row of the results is, and how its units are run, stored and resumed."""

from __future__ import annotations

import json
import logging
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoProcessor

from tmor_hf import TMorProcessor
from tmor_hf.data import MotionDataset, load_benchmark

from .results import ResultStore, Unit, checkpoint_record, environment

logger = logging.getLogger("transfer")

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@dataclass(frozen=True)
class Context:
    """What the command line says, the same for all rows.

    Args:
        data_dir: Folder of the benchmarks.
        store: Where results go.
        seeds: Seeds to run.
        is_quick: Fewer epochs; results say so.
        checkpoints: Pre-trained checkpoints, one for all seeds or one for each.
        trained_on: The sets that they were trained on; a checkpoint does not tell.
        threads: Threads of torch.
        show_bars: Show the progress of each training.
        parts: Run these folds, splits or episodes alone; all if there are none.
    """

    data_dir: Path
    store: ResultStore
    seeds: tuple[int, ...] = (0,)
    is_quick: bool = False
    checkpoints: tuple[Path, ...] = ()
    trained_on: tuple[str, ...] = ()
    threads: int = 2
    show_bars: bool = False
    parts: tuple[str, ...] = ()

    def checkpoint(self, seed: int) -> Path:
        """The checkpoint of a seed: the only one, or that at the place of the seed.

        Raises:
            ValueError: There is none.
        """
        place = 0 if len(self.checkpoints) == 1 else self.seeds.index(seed)
        if place >= len(self.checkpoints):
            raise ValueError(
                f"expected one --pretrained checkpoint or one for each of {len(self.seeds)} seeds, got "
                f"{len(self.checkpoints)}; name them in the order of --seeds"
            )
        return self.checkpoints[place]

    def clips(self, dataset: str, part: str, protocol: str | None = None) -> MotionDataset:
        """A part of a benchmark in memory; test clips that are copies of training clips stay, and are marked."""
        found = load_benchmark(
            dataset, self.data_dir, part, protocol, leak_free=part != "test", progress=self.show_bars
        )
        return found.load() if hasattr(found, "load") else found

    @cached_property
    def _records(self) -> dict[Path, dict[str, Any]]:
        known = {"trained_on": sorted(self.trained_on)}
        return {folder: checkpoint_record(folder) | known for folder in self.checkpoints}

    def record(self, seed: int) -> dict[str, Any]:
        """Which checkpoint the seed starts from."""
        return self._records[self.checkpoint(seed)]


def load_contrastive(folder: Path) -> tuple[Any, Any, Any]:
    """A pre-trained model in evaluation mode, its feature extractor, and its tokenizer.

    Raises:
        TypeError: The checkpoint has no text tower.
    """
    processor = AutoProcessor.from_pretrained(folder)
    if not isinstance(processor, TMorProcessor):
        raise TypeError(f"expected a contrastive checkpoint with a tokenizer in {folder}, got {type(processor)}")
    model = AutoModel.from_pretrained(folder).eval().to(DEVICE)
    return model, processor.feature_extractor, processor.tokenizer


def only_seeds(context: Context, settings: Mapping[str, Any]) -> list[Unit]:
    """A unit for each seed."""
    return [Unit(seed) for seed in context.seeds]


@dataclass(frozen=True)
class Row:
    """One row of the results.

    Args:
        title: Its headline.
        protocol: How it is measured, in a sentence or two; it goes into the report.
        measure: Maps context, settings and unit to figures: shares from 0 to 1, or ranks, epochs, numbers of clips.
        settings: Hyper-parameters, handed to `measure` and kept with the results.
        quick: What --quick changes of them.
        units: Maps context and settings to the units of work.
        needs_checkpoint: Whether it starts from --pretrained.
        unknown_set: The set that the checkpoint must not have been trained on, for the figure to mean what it says.
        over: What figures spread over, see `summarize`.
    """

    title: str
    protocol: str
    measure: Callable[[Context, Mapping[str, Any], Unit], dict[str, float]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    units: Callable[[Context, Mapping[str, Any]], Iterable[Unit]] = only_seeds
    needs_checkpoint: bool = False
    unknown_set: str | None = None
    over: str = "seeds"

    def chosen_settings(self, context: Context) -> dict[str, Any]:
        return {**self.settings, **(self.quick if context.is_quick else {})}

    def signature(self, context: Context, unit: Unit) -> dict[str, Any]:
        """What must be equal for two results to belong together."""
        return {
            "settings": self.chosen_settings(context),
            "quick": context.is_quick,
            "pretrained": context.record(unit.seed)["sha256"] if self.needs_checkpoint else None,
        }

    def check(self, context: Context) -> None:
        """Refuses a checkpoint that knows what it is to be tested on.

        Raises:
            ValueError: It was trained on `unknown_set`.
        """
        if self.needs_checkpoint and self.unknown_set in context.trained_on:
            raise ValueError(
                f"expected a checkpoint that was not trained on {self.unknown_set} for {self.title!r}, got one "
                f"--trained-on {' '.join(context.trained_on)}; pre-train one without it"
            )


def run_row(name: str, row: Row, context: Context) -> None:
    """Runs the units of a row of which there is no result yet; each is stored as soon as it is there.

    Raises:
        ValueError: The checkpoint knows the test set, or the row has no part of such a name.
    """
    row.check(context)
    settings = row.chosen_settings(context)
    units = list(row.units(context, settings))
    if context.parts:
        there = {unit.part for unit in units}
        if not there.issuperset(context.parts):
            raise ValueError(f"expected --parts of {name} among {sorted(there)}, got {sorted(context.parts)}")
        units = [unit for unit in units if unit.part in context.parts]
    missing = [unit for unit in units if context.store.read(name, unit, row.signature(context, unit)) is None]
    logger.info("%s: %d of %d results are there", name, len(units) - len(missing), len(units))
    started = time.monotonic()
    for number, unit in enumerate(missing):
        label = f"seed {unit.seed} {unit.part}".strip()
        logger.info("%s: %s", name, label)
        since = time.monotonic()
        torch.manual_seed(unit.seed)
        metrics = row.measure(context, settings, unit)
        seconds = time.monotonic() - since
        result = {
            "row": name,
            **unit._asdict(),
            "metrics": {key: float(value) for key, value in metrics.items()},
            "signature": row.signature(context, unit),
            "pretrained": context.record(unit.seed) if row.needs_checkpoint else None,
            "command": command_line(sys.argv),
            "seconds": round(seconds, 1),
            "environment": environment(context.threads),
        }
        context.store.write(name, unit, result)
        left = (time.monotonic() - started) / (number + 1) * (len(missing) - number - 1)
        shown = ", ".join(f"{key} {value:.4g}" for key, value in list(metrics.items())[:4])
        logger.info("%s: %s took %.0f s: %s; about %.0f min left", name, label, seconds, shown, left / 60)


def command_line(argv: Sequence[str]) -> str:
    """The command as others can repeat it: the folder of the benchmarks is DATA, of other paths the name is left."""
    words = [f"benchmarks/{Path(argv[0]).name}", *argv[1:]]
    if "--data-dir" in words[:-1]:
        words[words.index("--data-dir") + 1] = "DATA"
    words = [Path(word).name if Path(word).is_absolute() else word for word in words]
    return " ".join(["python", *map(shlex.quote, words)])


def to_json(context: Context) -> dict[str, Any]:
    """The context for the last line of the output."""
    return json.loads(json.dumps({**asdict(context), "store": str(context.store.folder)}, default=str))
