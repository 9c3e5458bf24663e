# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Small pictures for the cards: which classes are taken for which, and key frames of clips that got a wrong answer."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tmor_hf.evaluation import confusion_matrix
from tmor_hf.visualization import plot_clip

from .measuring import Case, Prediction

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = 48  # of a picture
_KEY_FRAMES = 6


def save_confusion(prediction: Prediction, path: Path) -> None:
    """Draws the shares of the answers to the clips of each class, one row for each class that has clips."""
    from matplotlib.figure import Figure

    names = prediction.class_names
    counts = confusion_matrix(prediction.scores.argmax(axis=1), prediction.labels, len(names))
    rows = np.flatnonzero(counts.sum(axis=1))
    shares = counts[rows] / counts[rows].sum(axis=1, keepdims=True)
    figure = Figure(figsize=(2.6 + 0.34 * len(names), 2.6 + 0.3 * len(rows)), layout="constrained")
    axes = figure.add_subplot(xlabel="answer", ylabel="right class", title=prediction.part.title)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=7)
    axes.set_yticks(range(len(rows)), [names[row] for row in rows], fontsize=7)
    for row, column in zip(*np.nonzero(shares >= 0.005), strict=True):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", fontsize=7, color=colour)
    _save(figure, path)


def save_case(case: Case, path: Path) -> None:
    """Draws key frames of a clip with the right and the wrong answer."""
    figure = plot_clip(
        case.clip.skeletons,
        _KEY_FRAMES,
        frames="motion",
        title=f"{case.truth}, taken for {case.answer}",
        caption=f"{case.part.title}: {case.clip.name}, score {case.score:.2f}",
        height=1.5,
    )
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    """Writes a PNG with few colours, a third as large."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    with BytesIO() as file:
        figure.savefig(file, format="png", dpi=90)
        Image.open(file).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


__all__ = ["save_case", "save_confusion"]
