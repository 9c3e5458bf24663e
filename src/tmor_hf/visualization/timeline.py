# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`plot_timeline`: which actions go on when, as the detection pipeline found them.

Axes: T frames, K classes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .drawing import TEXT_COLOUR
from .video import need

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of segments, one after the other; they differ for every kind of colour blindness, and from the grey of the truth.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_TRUTH_COLOUR = "#8c8c8c"
_LINE_COLOUR = "#e6e6e6"
_FONT_SIZE = 9  # points
_LETTER = 0.55 * _FONT_SIZE / 72  # inches that a typical letter takes
_LINE = 0.17  # inches from a line of words to the next
_LETTERS = 30  # of a label in one line
_ROW, _TRUTH_ROW = 0.30, 0.12  # inches
_MARGIN, _RIGHT = 0.12, 0.35  # inches
_CURVE_POINTS = 2000  # of a curve of scores; longer ones show the highest of several frames

Span = Mapping[str, Any]


def plot_timeline(
    result: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ground_truth: Sequence[Any] | None = None,
    *,
    labels: Sequence[str] | None = None,
    show_scores: bool = True,
    title: str | None = None,
    width: float = 10.0,
) -> Figure:
    """Draws a row for each label with the times at which it was found.

    Args:
        result: What the pipeline "skeleton-temporal-action-detection" gives for a recording, also with
            `per_person=True`; people then follow each other from top to bottom.
        ground_truth: Dicts with `start`, `end` and `label`, in the unit of the result, drawn in grey below the rows;
            a list of them for each person where the result has several.
        labels: The rows, from top to bottom; by default the labels with a segment or a true one.
        show_scores: Draw the scores of frames as a curve from 0 to 1 over each row, where the result has them.
        title: Words above.
        width: Of the figure in inches.

    Returns:
        A figure that is in no one's way: `figure.savefig(path)` writes it, `pyplot` does not know it.

    Raises:
        ValueError: If results, ground truth or labels do not fit together.
        ImportError: If the extra `viz` is not installed.
    """
    need("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    people = [result] if isinstance(result, Mapping) else list(result)
    truths = _truths(people, ground_truth, isinstance(result, Mapping))
    rows = [_row_names(person, truth, labels) for person, truth in zip(people, truths, strict=True)]
    row_height = _ROW + (_TRUTH_ROW if ground_truth is not None else 0.0)
    wrapped = {name: textwrap.fill(name, _LETTERS).replace("$", r"\$") for own in rows for name in own}
    heights = {name: max(row_height, _LINE * (text.count("\n") + 1) + 0.06) for name, text in wrapped.items()}
    longest = max((len(line) for text in wrapped.values() for line in text.split("\n")), default=0)
    left = max(longest * _LETTER, 0.3) + 2 * _MARGIN
    heading = _LINE + 0.08 if len(people) > 1 else 0.0
    top, bottom = _LINE + (0.2 if title else 0.05), 0.5
    sizes = [sum(heights[name] for name in own) or row_height for own in rows]
    total = top + bottom + sum(sizes) + len(people) * heading + (len(people) - 1) * _MARGIN
    figure = Figure(figsize=(max(width, left + 3), total), facecolor="white")
    FigureCanvasAgg(figure)
    place, width = top, max(width, left + 3)
    for index, (person, truth, names, size) in enumerate(zip(people, truths, rows, sizes, strict=True)):
        place += heading
        box = (left / width, 1 - (place + size) / total, 1 - (left + _RIGHT) / width, size / total)
        axes = figure.add_axes(box)
        if heading:
            words = {"fontsize": _FONT_SIZE, "weight": "bold", "color": TEXT_COLOUR, "va": "bottom"}
            figure.text(left / width, 1 - (place - 0.04) / total, f"person {index}", **words)
        _draw_rows(axes, person, truth, names, [heights[name] for name in names], wrapped, show_scores)
        _set_time(axes, people[0], is_last=index == len(people) - 1)
        place += size + _MARGIN
    if title:
        words = {"fontsize": _FONT_SIZE + 2, "color": TEXT_COLOUR, "va": "top", "ha": "left"}
        figure.text(left / width, 1 - 0.05 / total, title.replace("$", r"\$"), **words)
    has_scores = show_scores and "frame_scores" in people[0]
    _add_legend(figure, has_scores, ground_truth is not None, (1 - _RIGHT / width, 1 - 0.05 / total))
    return figure


def _truths(people: list, ground_truth: Sequence[Any] | None, is_one: bool) -> list[list[Span]]:
    if not people or any(not isinstance(person, Mapping) or "segments" not in person for person in people):
        raise ValueError(
            "expected a result of the pipeline 'skeleton-temporal-action-detection' for one recording: a dict with "
            "`segments`, or with per_person=True a list of them"
        )
    if ground_truth is None:
        return [[] for _ in people]
    truths = [list(ground_truth)] if is_one else [list(own) for own in ground_truth]
    if len(truths) != len(people):
        raise ValueError(f"expected ground truth of {len(people)} people, got that of {len(truths)}")
    for span in (span for own in truths for span in own):
        if not isinstance(span, Mapping) or not {"start", "end", "label"} <= set(span):
            raise ValueError(f"expected ground truth as dicts with start, end and label, got {span!r}")
    return truths


def _row_names(person: Mapping[str, Any], truth: list[Span], labels: Sequence[str] | None) -> list[str]:
    """Labels with something to show, in the order of the model; those that it does not know come last."""
    if labels is not None:
        unknown = set(labels) - set(person["labels"]) - {span["label"] for span in truth}
        if unknown:
            raise ValueError(f"expected labels out of those of the result, got {', '.join(sorted(unknown))}")
        return list(labels)
    there = dict.fromkeys(span["label"] for span in (*person["segments"], *truth))
    known = [name for name in person["labels"] if name in there]
    return known + [name for name in there if name not in known]


def _draw_rows(
    axes: Axes,
    person: Mapping[str, Any],
    truth: list[Span],
    names: list[str],
    heights: list[float],
    wrapped: Mapping[str, str],
    show_scores: bool,
) -> None:
    """Rows from top to bottom; a unit of y is an inch, downwards."""
    edges = np.concatenate([[0.0], np.cumsum(heights)])
    axes.set(ylim=(max(edges[-1], 1e-3), 0))
    axes.set_yticks((edges[1:] + edges[:-1]) / 2, [wrapped[name] for name in names], fontsize=_FONT_SIZE)
    axes.tick_params(axis="y", length=0, colors=TEXT_COLOUR)
    if not names:
        words = {"ha": "center", "va": "center", "fontsize": _FONT_SIZE, "style": "italic", "color": TEXT_COLOUR}
        axes.text(0.5, 0.5, "no action found", transform=axes.transAxes, **words)
    for name, low, high in zip(names, edges[:-1], edges[1:], strict=True):
        axes.axhline(high, color=_LINE_COLOUR, linewidth=0.8, zorder=0)
        own_truth = [span for span in truth if span["label"] == name]
        found = [span for span in person["segments"] if span["label"] == name]
        floor = high - 0.04 - (_TRUTH_ROW if truth else 0.0)
        index = person["labels"].index(name) if name in person["labels"] else 0
        colour = _COLOURS[index % len(_COLOURS)]
        _bars(axes, found, low + 0.04, floor, color=colour, alpha=0.55)
        _bars(axes, own_truth, floor + 0.03, high - 0.03, color=_TRUTH_COLOUR)
        if show_scores and "frame_scores" in person and name in person["labels"]:
            times, curve = _curve(person, index)
            axes.plot(times, floor - curve * (floor - low - 0.04), color=colour, linewidth=0.9, zorder=3)


def _bars(axes: Axes, spans: list[Span], top: float, floor: float, **look: Any) -> None:
    lengths = [(span["start"], span["end"] - span["start"]) for span in spans]
    axes.broken_barh(lengths, (top, floor - top), linewidth=0, zorder=2, **look)


def _curve(person: Mapping[str, Any], index: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and scores of a label: of each frame, or the highest of as many frames as a point stands for."""
    scores = np.asarray(person["frame_scores"])[:, index]
    step = -(-len(scores) // _CURVE_POINTS)
    starts = np.arange(0, len(scores), step)
    middles = (starts + np.minimum(starts + step, len(scores))) / 2
    return middles / (person.get("fps") or 1.0), np.maximum.reduceat(scores, starts)


def _set_time(axes: Axes, person: Mapping[str, Any], is_last: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    fps = person.get("fps")
    end = person["num_frames"] / (fps or 1.0)
    axes.set_xlim(0, end)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(TEXT_COLOUR)
    axes.tick_params(axis="x", labelsize=_FONT_SIZE - 1, colors=TEXT_COLOUR, labelbottom=is_last)
    if fps is None or end < 180:
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=fps is None))
    else:
        steps = [1, 1.5, 2, 3, 6, 10]  # of a minute or an hour
        unit = 60.0 if end < 7200 else 3600.0
        ticks = MaxNLocator(10, steps=steps, integer=end < 36000).tick_values(0, end / unit) * unit
        axes.set_xticks([tick for tick in ticks if 0 <= tick <= end])
        axes.xaxis.set_major_formatter(FuncFormatter(_clock))
    if is_last:
        axes.set_xlabel("frame" if fps is None else "seconds" if end < 180 else "time", fontsize=_FONT_SIZE)
        axes.xaxis.label.set_color(TEXT_COLOUR)


def _clock(seconds: float, _: int | None = None) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _add_legend(figure: Figure, has_scores: bool, has_truth: bool, corner: tuple[float, float]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(facecolor=_COLOURS[0], alpha=0.55, label="found")]
    handles += [Line2D([], [], color=_COLOURS[0], linewidth=0.9, label="score")] if has_scores else []
    handles += [Patch(facecolor=_TRUTH_COLOUR, label="true")] if has_truth else []
    options = {"ncols": len(handles), "fontsize": _FONT_SIZE - 1, "labelcolor": TEXT_COLOUR, "frameon": False}
    figure.legend(handles=handles, loc="upper right", bbox_to_anchor=corner, borderaxespad=0, borderpad=0, **options)


__all__ = ["plot_timeline"]
