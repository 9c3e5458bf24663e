# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Writing clips in the formats of this package, so that `read_skeletons` reads them back.

Axes: T frames, M people, V joints, C coordinates.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..processing.joint_layouts import get_layout
from ..processing.skeletons import Skeletons

logger = logging.getLogger(__name__)

SUFFIXES = (".npz", ".json", ".npy", ".csv")
CSV_MARK = "# tmor_hf skeletons "  # what follows in that line is a JSON object
_AXES = "xyz"


def write_skeletons(skeletons: Skeletons, path: str | os.PathLike) -> Path:
    """Writes a clip in the format that the path's suffix names.

    - ``.npz`` and ``.json`` keep everything.
    - ``.csv`` keeps everything, one row for each frame and person: ``frame, person, nose_x, nose_y, nose_score, ...``,
      empty where a joint is missing, after a first line that begins with ``#`` and holds the rest as JSON.
    - ``.npy`` keeps the positions alone, (T, M, V, C) float32, NaN where a joint is missing; what is lost is logged.

    Returns:
        The path.

    Raises:
        ValueError: If the suffix is another one.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"expected a path that ends in {', '.join(SUFFIXES)}, got {path}")
    if suffix == ".npy":
        _write_npy(skeletons, path)
    elif suffix == ".csv":
        path.write_text(_to_csv(skeletons), encoding="utf-8", newline="\n")
    else:
        path = skeletons.save(path.with_suffix(suffix))
    return path


def _write_npy(skeletons: Skeletons, path: Path) -> None:
    lost = sorted(set(skeletons.to_dict()) - {"keypoints"})
    logger.info("%s holds positions alone, without %s; .npz keeps all", path, ", ".join(lost))
    keypoints = np.where(skeletons.valid[..., None], skeletons.keypoints, np.float32(np.nan))
    with path.open("wb") as file:
        np.save(file, keypoints, allow_pickle=False)


def _to_csv(skeletons: Skeletons) -> str:
    layout = get_layout(skeletons.layout)
    columns = list(_AXES[: skeletons.num_coordinates]) + (["score"] if skeletons.scores is not None else [])
    header = ["frame", "person", *(f"{joint}_{column}" for joint in layout.joints for column in columns)]
    values = skeletons.keypoints
    if skeletons.scores is not None:
        values = np.concatenate([values, skeletons.scores[..., None]], axis=-1)
    cells = values.reshape(skeletons.num_frames * skeletons.num_people, -1).astype(str)
    cells[cells == "nan"] = ""
    people = list(range(skeletons.num_people))
    lines = [f"{CSV_MARK}{json.dumps(_facts(skeletons))}", ",".join(header)]
    for index, row in enumerate(cells.tolist()):
        frame, slot = divmod(index, skeletons.num_people)
        lines.append(f"{frame},{people[slot]},{','.join(row)}")
    return "\n".join(lines) + "\n"


def _facts(skeletons: Skeletons) -> dict[str, Any]:
    """What the table does not hold, as plain lists and numbers."""
    facts = {name: value for name, value in skeletons.to_dict().items() if name not in ("keypoints", "scores")}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in facts.items()}


__all__ = ["CSV_MARK", "SUFFIXES", "write_skeletons"]
