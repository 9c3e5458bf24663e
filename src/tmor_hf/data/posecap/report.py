# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What the validation of a PoseCap folder found: numbers, and a page to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

_SHOWN = 10  # rows of a table, and examples


@dataclass(frozen=True)
class Distribution:
    """How a number is spread over clips (or captions); all zero without any.

    Args:
        count: How many there are.
        minimum: The least.
        median: Half are below.
        mean: Their mean.
        maximum: The largest.
    """

    count: int
    minimum: float
    median: float
    mean: float
    maximum: float

    @classmethod
    def of(cls, values: np.ndarray) -> Distribution:
        if not len(values):
            return cls(0, 0.0, 0.0, 0.0, 0.0)
        numbers = (np.min(values), np.median(values), np.mean(values, dtype=np.float64), np.max(values))
        return cls(len(values), *(round(float(number), 6) for number in numbers))

    def __str__(self) -> str:
        if not self.count:
            return "none"
        return (
            f"{_number(self.minimum)} to {_number(self.maximum)}, median {_number(self.median)}, mean {self.mean:.4g}"
        )


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or odd.

    Args:
        what: What it is, for all cases together.
        count: How many cases there are.
        examples: Some of them, with file and row.
    """

    what: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = self.count - len(self.examples)
        lines = [f"{self.what} ({self.count})" if self.count > 1 else self.what, *self.examples]
        if self.examples and more > 0:
            lines.append(f"and {more} more")
        return "\n      ".join(lines)


@dataclass(frozen=True)
class PoseCapReport:
    """What is in a set, and what is wrong with it.

    Args:
        path: The folder.
        name: Name of the set, from its manifest.
        errors: What must be put right: damaged or missing shards, wrong hashes, rows that do not decode, ...
        warnings: What one should know: duplicates, missing video files, ...
        splits: Split -> rows, frames and shards that were read.
        num_rows: Rows that decode.
        num_frames: Their frames.
        hours: Their length, as far as the frame rate is known.
        layouts: Joint layout -> clips.
        coordinates: ``"2D"`` and ``"3D"`` -> clips.
        licences: Licence -> clips.
        sources: Source -> clips.
        labels: Label -> clips.
        frames: Frames of a clip.
        people: People of a clip.
        fps: Frame rates, where they are known.
        missing: Share of missing joints of a clip.
        captions: Captions of a clip.
        caption_words: Words of a caption.
        num_captions: Captions in all.
        distinct_captions: Different ones among them.
        vocabulary: Different words, counted up to a million.
        common_captions: The most frequent captions -> how often they occur.
        common_words: The most frequent words -> how often they occur.
        with_video: Clips with a video inside or a reference to one.
        with_text_embeds: Clips with embeddings of their captions.
        with_video_embeds: Clips with an embedding of their video.
    """

    path: str
    name: str = ""
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    splits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    num_rows: int = 0
    num_frames: int = 0
    hours: float = 0.0
    layouts: Mapping[str, int] = field(default_factory=dict)
    coordinates: Mapping[str, int] = field(default_factory=dict)
    licences: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    frames: Distribution = Distribution(0, 0, 0, 0, 0)
    people: Distribution = Distribution(0, 0, 0, 0, 0)
    fps: Distribution = Distribution(0, 0, 0, 0, 0)
    missing: Distribution = Distribution(0, 0, 0, 0, 0)
    captions: Distribution = Distribution(0, 0, 0, 0, 0)
    caption_words: Distribution = Distribution(0, 0, 0, 0, 0)
    num_captions: int = 0
    distinct_captions: int = 0
    vocabulary: int = 0
    common_captions: Mapping[str, int] = field(default_factory=dict)
    common_words: Mapping[str, int] = field(default_factory=dict)
    with_video: int = 0
    with_text_embeds: int = 0
    with_video_embeds: int = 0

    @property
    def is_valid(self) -> bool:
        """True if there are no errors; warnings do not count."""
        return not self.errors

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain dicts, lists, strings and numbers, ready for JSON."""
        data = asdict(self)
        for name in ("errors", "warnings"):
            data[name] = [{**finding, "examples": list(finding["examples"])} for finding in data[name]]
        return {"is_valid": self.is_valid, **data}

    def __str__(self) -> str:
        verdict = "valid" if self.is_valid else "NOT VALID"
        lines = [f"PoseCap {self.name or 'set'} in {self.path}: {verdict}", ""]
        lines += _finding_lines("errors", self.errors) + _finding_lines("warnings", self.warnings)
        lines += [
            f"clips       {self.num_rows} ({self.num_frames} frames, {self.hours:.2f} hours)",
            *(
                f"  {split:<10} {entry['num_rows']} clips, {entry['num_frames']} frames, shards: {entry['num_shards']}"
                for split, entry in self.splits.items()
            ),
            f"frames      {self.frames}",
            f"people      {self.people}",
            f"frame rate  {self.fps}" + (f" (of {self.fps.count} clips)" if self.fps.count < self.num_rows else ""),
            f"missing     {self.missing} (share of a clip's joints)",
            f"dimensions  {_counts(self.coordinates)}",
            f"layouts     {_counts(self.layouts)}",
            f"licences    {_counts(self.licences)}",
            f"sources     {_counts(self.sources)}",
            f"labels      {_counts(self.labels)}",
            f"captions    {self.num_captions}, {self.distinct_captions} different; per clip: {self.captions}",
            f"  words     {self.caption_words}; {self.vocabulary} different words",
            f"  frequent  {_counts(self.common_words)}",
            *(f"            {count} x {text!r}" for text, count in self.common_captions.items() if count > 1),
            f"video       {self.with_video} clips with video, {self.with_video_embeds} with its embedding, "
            f"{self.with_text_embeds} with embeddings of captions",
        ]
        return "\n".join(lines)


def _finding_lines(title: str, findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return [] if title == "warnings" else ["no errors", ""]
    return [f"{len(findings)} {title if len(findings) > 1 else title[:-1]}", *(f"  - {one}" for one in findings), ""]


def _counts(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {count}" for name, count in ordered[:_SHOWN]]
    return ", ".join(shown + [f"and {len(ordered) - _SHOWN} more"] * (len(ordered) > _SHOWN)) or "none"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else f"{value:.4g}"


__all__ = ["Distribution", "Finding", "PoseCapReport"]
