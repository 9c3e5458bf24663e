# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Results on disk, one JSON file for each unit of work, and the tables that are made of them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers

from tmor_hf.few_shot import mean_interval


class Unit(NamedTuple):
    """What is run and stored at once.

    Args:
        seed: Its seed.
        part: The fold, split or episode, or "" if the row has none.
    """

    seed: int
    part: str = ""


class ResultStore:
    """A folder with a JSON file for each unit of each row.

    Args:
        folder: The folder; it is made when the first result is written.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def path(self, row: str, unit: Unit) -> Path:
        return self.folder / row / f"seed{unit.seed}{'-' * bool(unit.part)}{unit.part}.json"

    def read(self, row: str, unit: Unit, signature: dict[str, Any]) -> dict[str, Any] | None:
        """The result of a unit, or None if it is not there yet.

        Raises:
            ValueError: It was made with other settings; results of different experiments must not mix.
        """
        path = self.path(row, unit)
        if not path.is_file():
            return None
        result = json.loads(path.read_text(encoding="utf-8"))
        signature = json.loads(json.dumps(signature))
        if result["signature"] != signature:
            changed = [key for key in signature if result["signature"].get(key) != signature[key]]
            raise ValueError(
                f"expected a result of the same settings in {path}, got another {' and '.join(changed)}; choose "
                "another --output-dir, or delete the results of this row"
            )
        return result

    def write(self, row: str, unit: Unit, result: dict[str, Any]) -> None:
        """Writes the result of a unit, whole or not at all."""
        path = self.path(row, unit)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".partial-{os.getpid()}")
        partial.write_text(json.dumps(result, indent=1, allow_nan=False), encoding="utf-8")
        os.replace(partial, path)

    def rows(self) -> list[str]:
        """Rows of which there are results."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir() and any(path.glob("seed*.json")))

    def results(self, row: str) -> list[dict[str, Any]]:
        """All results of a row, in the order of seeds and parts."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in (self.folder / row).glob("seed*.json")]
        return sorted(found, key=lambda result: (result["seed"], result["part"]))


def environment(threads: int) -> dict[str, Any]:
    """What the figures were made on."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "threads": threads,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "date": date.today().isoformat(),
    }


def _cpu_name() -> str:
    try:
        listing = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in listing.splitlines() if ":" in line)
    return fields.get("Model name", platform.machine()).strip()


def checkpoint_record(folder: str | Path) -> dict[str, Any]:
    """Which checkpoint was started from: the hash of its weights, and how it was trained if that stands beside them.

    Raises:
        FileNotFoundError: If the folder has no weights.
    """
    folder = Path(folder)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise FileNotFoundError(f"expected a checkpoint with *.safetensors in {folder}, got none")
    digest = hashlib.sha256()
    for path in weights:
        digest.update(path.read_bytes())
    arguments = folder / "training_arguments.json"
    return {
        "name": folder.name,
        "sha256": digest.hexdigest(),
        "training_arguments": json.loads(arguments.read_text(encoding="utf-8")) if arguments.is_file() else None,
    }


# ---------------------------------------------------------------- tables


class Summary(NamedTuple):
    """One figure of a row: its mean, what it spreads by, and over how many values."""

    mean: float
    spread: float
    count: int


def summarize(results: Sequence[dict[str, Any]], over: str) -> dict[str, Summary]:
    """Figure -> its summary.

    Args:
        results: The results of a row.
        over: "seeds": the parts of a seed are averaged, and the spread is the standard deviation over seeds (0 for
            one). "parts": every seed and part is a value, and the spread is half the 95% confidence interval by
            Student's t (0 for one).
    """
    values: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        for name, value in result["metrics"].items():
            values[name][result["seed"]].append(value)
    summaries = {}
    for name, by_seed in values.items():
        if over == "parts":
            pooled = [value for own in by_seed.values() for value in own]
            mean, width = mean_interval(pooled)
            summaries[name] = Summary(mean, 0.0 if len(pooled) == 1 else width, len(pooled))
        else:
            means = [float(np.mean(own)) for own in by_seed.values()]
            spread = float(np.std(means, ddof=1)) if len(means) > 1 else 0.0
            summaries[name] = Summary(float(np.mean(means)), spread, len(means))
    return summaries


def markdown(row: str, title: str, protocol: str, over: str, results: Sequence[dict[str, Any]]) -> str:
    """The section of a row in the results: figures, command, machine, date."""
    summaries = summarize(results, over)
    parts, seeds = {result["part"] for result in results} - {""}, {result["seed"] for result in results}
    counted = f"{len(seeds)} seed{'s' * (len(seeds) > 1)}" + (f", {len(parts)} parts" if parts else "")
    spread = "± standard deviation over seeds" if over == "seeds" else "± half of the 95% interval"
    lines = [f"### {title} (`{row}`)", protocol, "", f"{counted}; {spread}. Shares in percent.", ""]
    if any(result["signature"]["quick"] for result in results):
        lines[1:1] = ["**Quick run: fewer epochs, one seed; no figure to quote.**", ""]
    lines += ["| figure | value | values |", "|---|---|---|"]
    lines += [f"| {name} | {format_summary(name, summary)} | {summary.count} |" for name, summary in summaries.items()]
    starts = _distinct(_checkpoint(result) for result in results if result["pretrained"])
    lines += ["", *starts] if starts else []
    hours = sum(result["seconds"] for result in results) / 3600
    lines += ["", "```", *_distinct(result["command"] for result in results), "```", ""]
    lines += [f"{machine}; {hours:.1f} hours in all." for machine in _distinct(map(_machine, results))]
    return "\n".join(lines) + "\n"


def format_summary(name: str, summary: Summary) -> str:
    """A share in percent, or what is no share, by its name, as it is."""
    if any(word in name for word in ("rank", "epoch", "clips", "threshold", "queries", "of the cosine")):
        return f"{summary.mean:.4g} ± {summary.spread:.4g}"
    return f"{100 * summary.mean:.1f} ± {100 * summary.spread:.1f}"


def _checkpoint(result: dict[str, Any]) -> str:
    own = result["pretrained"]
    return f"Checkpoint: {own['name']}, trained on {', '.join(own['trained_on'])}; SHA-256 {own['sha256'][:16]}."


def _machine(result: dict[str, Any]) -> str:
    own = result["environment"]
    device = own["gpu"] or f"{own['threads']} of {own['cores']} cores of {own['cpu']}"
    return f"{device}, torch {own['torch']}, transformers {own['transformers']}, {own['date']}"


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
