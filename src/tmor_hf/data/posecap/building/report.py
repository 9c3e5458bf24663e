# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a build made, what it left out and why, and what it cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

REPORT_NAME = "build_report"


@dataclass
class BuildReport:
    """Figures of a build.

    Args:
        output: Folder of the shards.
        num_videos: Videos found.
        failures: Name of each video that could not be read, with the reason.
        num_clips: Clips in the shards.
        clips_by_split: The same by split.
        clips_by_captions: The same by where captions came from: ``"given"``, ``"model"`` or ``"none"``.
        dropped: ``"person"``, ``"clip"`` -> reason -> number.
        examples: The same -> reason -> first few names with times.
        totals: Seconds of video, frames looked at, poses found, seconds of clips, videos whose results were there.
        seconds: Time of each part of the work, added up over videos and workers, whenever it was done.
        settings: The arguments.
        warnings: What else should be known.
    """

    output: str
    num_videos: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    num_clips: int = 0
    clips_by_split: dict[str, int] = field(default_factory=dict)
    clips_by_captions: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    examples: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    totals: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def count_drop(self, what: str, reason: str, name: str) -> None:
        """Counts something that was left out; the first few of a reason are remembered by name."""
        reasons = self.dropped.setdefault(what, {})
        reasons[reason] = reasons.get(reason, 0) + 1
        names = self.examples.setdefault(what, {}).setdefault(reason, [])
        if len(names) < 5:
            names.append(name)

    def add(self, name: str, figures: Mapping[str, float]) -> None:
        """Adds figures to `totals`, `seconds`, or another field that counts."""
        field_of = getattr(self, name)
        for key, value in figures.items():
            field_of[key] = field_of.get(key, 0) + value

    @property
    def num_dropped_clips(self) -> int:
        return sum(self.dropped.get("clip", {}).values())

    def to_dict(self) -> dict[str, Any]:
        """All fields, JSON-able."""
        return asdict(self)

    def save(self, folder: str | Path) -> None:
        """Writes `build_report.json` and, to read, `build_report.txt`."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        (Path(folder) / f"{REPORT_NAME}.json").write_text(text + "\n", encoding="utf-8")
        (Path(folder) / f"{REPORT_NAME}.txt").write_text(str(self) + "\n", encoding="utf-8")

    def __str__(self) -> str:
        lines = [f"PoseCap in {self.output}"]
        lines.append(f"  videos       {self.num_videos}, of which {len(self.failures)} could not be read")
        lines.append(f"  clips kept   {self.num_clips}{_bracketed(self.clips_by_split)}")
        lines.append(f"  captions     {_listed(self.clips_by_captions)}")
        for what in ("clip", "person"):
            reasons = self.dropped.get(what, {})
            lines.append(f"  {what + 's left out':12} {sum(reasons.values())}{_bracketed(reasons)}")
        totals = {key: round(value, 1) for key, value in self.totals.items()}
        lines.append(f"  looked at    {_listed(totals)}")
        spent = sorted(self.seconds.items(), key=lambda item: -item[1])
        lines.append(f"  seconds      {_listed({key: round(value, 2) for key, value in spent})}")
        lines += [f"  failed       {name}: {reason}" for name, reason in _first(self.failures.items())]
        if len(self.failures) > 10:
            lines.append(f"               and {len(self.failures) - 10} more, see {REPORT_NAME}.json")
        lines += [f"  warning      {warning}" for warning in self.warnings]
        return "\n".join(lines)


def _first(items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(items)[:10]


def _listed(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items()) or "none"


def _bracketed(counts: Mapping[str, int]) -> str:
    ordered = Counter(counts).most_common()
    return f" ({_listed(dict(ordered))})" if ordered else ""


__all__ = ["REPORT_NAME", "BuildReport"]
