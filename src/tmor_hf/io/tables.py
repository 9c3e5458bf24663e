# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Tables of text (``.csv``) with a header: their cells as numbers, and the clips that this package writes so.

Axes: T frames, M people, V joints, C coordinates, N rows.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Sequence
from io import StringIO
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np

from ..processing.joint_layouts import JointLayout, get_layout
from ..processing.skeletons import Skeletons
from .fields import FIELDS, check_fields
from .files import PoseFile, check_size, naming, read_error, read_text
from .layouts import layout_of_file, layout_of_names
from .tracking import skeletons_from_rows, stack_rows
from .writing import CSV_MARK

FRAME_COLUMNS = ("frame", "frame_id", "frame_idx", "frame_index", "frame_number", "frame_no")
PERSON_COLUMNS = ("person", "person_id", "person_idx", "track_id", "track", "pose_id", "pose_index", "pose_idx")
_AXES = ("x", "y", "z")
_SCORES = ("score", "confidence", "conf", "likelihood", "visibility")
_FACTS = tuple(name for name in FIELDS if name not in ("keypoints", "scores"))


class Table:
    """A table with a header.

    Args:
        path: The file, for messages.
        text: Its content; lines that begin with ``#`` before the header are kept as `comments`.

    Raises:
        ValueError: If there is no header, a name stands twice in it, or a row has another number of cells.
    """

    def __init__(self, path: str | os.PathLike, text: str):
        self.path = path
        self.comments: list[str] = []
        rest = text
        while rest.startswith("#"):
            line, _, rest = rest.partition("\n")
            self.comments.append(line.rstrip("\r"))
        first_line = rest.partition("\n")[0]
        delimiter = max(",;\t", key=first_line.count)
        reader = csv.reader(StringIO(rest, newline=""), delimiter=delimiter, skipinitialspace=True)
        self.rows: list[list[str]] = []
        self._lines: list[int] = []
        try:
            self.header = [name.strip() for name in next(reader, [])]
            for row in reader:
                if row:
                    self.rows.append(row)
                    self._lines.append(reader.line_num + len(self.comments))
        except csv.Error as error:
            raise read_error(path, f"expected a table: {error}", reader.line_num + len(self.comments)) from error
        self._check()
        self.column = {name.lower(): index for index, name in enumerate(self.header)}

    def _check(self) -> None:
        if not any(self.header):
            raise read_error(self.path, "expected a table with a header, got none")
        lower = [name.lower() for name in self.header]
        if len(set(lower)) < len(lower):
            twice = next(name for name in lower if lower.count(name) > 1)
            raise read_error(self.path, f"expected distinct names of columns, got {twice[:80]!r} twice", "header")
        for index, row in enumerate(self.rows):
            if len(row) != len(self.header):
                raise read_error(self.path, f"expected {len(self.header)} cells, got {len(row)}", self.line(index))

    def line(self, row: int) -> int:
        """The line of the file in which a row ends."""
        return self._lines[row]

    def find(self, names: Sequence[str]) -> int | None:
        """The column with the first of these names that there is."""
        return next((self.column[name] for name in names if name in self.column), None)

    def numbers(self, columns: Sequence[int], dtype: Any = np.float32) -> np.ndarray:
        """(N, columns) numbers; NaN for empty cells.

        Raises:
            ValueError: If a cell holds something else; line and column are named.
        """
        pick = itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
        cells = list(chain.from_iterable(map(pick, self.rows)))
        try:
            values = np.array([float(cell) if cell else math.nan for cell in cells])
            if "_" in "".join(cells):
                raise ValueError("Python reads 1_0 as 10, and we do not")
        except ValueError:
            self._name_the_culprit(cells, columns)
        with np.errstate(over="ignore", invalid="ignore"):
            return values.reshape(len(self.rows), len(columns)).astype(dtype)

    def _name_the_culprit(self, cells: list[str], columns: Sequence[int]) -> None:
        for index, cell in enumerate(cells):
            if not _is_number(cell):
                row, column = divmod(index, len(columns))
                name = self.header[columns[column]]
                raise read_error(
                    self.path, f"expected a number in column {name[:40]!r}, got {cell[:40]!r}", self.line(row)
                )
        raise AssertionError("unreachable: one of the cells was at fault")

    def counts(self, column: int | None, default: np.ndarray | int) -> np.ndarray:
        """(N,) whole numbers of at least 0 of a column, or `default` without one.

        Raises:
            ValueError: If a cell holds something else.
        """
        if column is None:
            return np.broadcast_to(np.asarray(default, dtype=np.int64), len(self.rows))
        values = self.numbers([column], np.float64)[:, 0]
        bad = np.flatnonzero(~((values >= 0) & (values < 2**53) & (np.floor(values) == values)))
        if len(bad):
            cell = self.rows[bad[0]][column]
            raise read_error(
                self.path,
                f"expected a whole number in column {self.header[column][:40]!r}, got {cell[:40]!r}",
                self.line(bad[0]),
            )
        return values.astype(np.int64)


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return "_" not in cell


def read_table(path: str | os.PathLike) -> Table:
    """Reads a table.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or no text.
    """
    return Table(path, read_text(path))


def header_of(file: PoseFile) -> list[str]:
    """Names of columns in lower case, if the beginning of a file looks like a table; else nothing."""
    if file.suffix not in (".csv", ".tsv", ".txt"):
        return []
    line = next((line for line in file.lines if not line.startswith("#")), "")
    delimiter = max(",;\t", key=line.count)
    return [name.strip().strip('"').lower() for name in line.split(delimiter)] if delimiter in line else []


def is_plain_csv(file: PoseFile) -> bool:
    """Whether it is a table of this package, or one with columns ``frame`` and ``joint``, or ``nose_x``, ..."""
    if file.text.startswith(CSV_MARK):
        return True
    header = set(header_of(file))
    if not header & set(FRAME_COLUMNS):
        return False
    if {"joint", "x", "y"} <= header:
        return True
    joints = [name[:-2] for name in header if name.endswith("_x") and f"{name[:-2]}_y" in header]
    found = layout_of_names(joints)
    # The z of MediaPipe's landmarks is no position: tables of them have a reader of their own.
    return found is not None and found[0].name != "mediapipe33"


def read_plain_csv(path: str | os.PathLike, *, layout: str | JointLayout | None = None) -> Skeletons:
    """Reads a table that `write_skeletons` wrote, or one of the same form from elsewhere.

    - Wide: a row for each frame and person, columns ``frame``, ``person`` (or ``track_id``, ...; without one, several
      people in a frame are tracked), and ``nose_x``, ``nose_y`` (``nose_z``, ``nose_score``), ... for each joint. The
      joints in the header tell the layout.
    - Long: a row for each joint, columns ``frame``, ``person`` (not needed for one), ``joint`` (name, or index of the
      layout), ``x``, ``y`` (``z``, ``score``).

    A score may be called confidence, conf, likelihood or visibility as well.

    Args:
        path: The file.
        layout: The layout; by default what the first line or the names of the joints say.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or its joints are of no known layout; the line is named.
    """
    table = read_table(path)
    facts = _facts(path, table.comments)
    is_own = bool(facts)
    layout = layout if layout is not None else facts.pop("layout", None)
    facts.pop("layout", None)
    if not table.rows:
        raise read_error(path, "expected rows below the header, got none")
    frame_column = table.find(FRAME_COLUMNS)
    if frame_column is None:
        raise read_error(path, f"expected a column {FRAME_COLUMNS[0]!r}, got {', '.join(table.header[:8])}", "header")
    frames = table.counts(frame_column, 0)
    people = table.counts(table.find(PERSON_COLUMNS), 0)
    if not is_own:
        frames = frames - frames.min()
    check_size(path, (int(frames.max()) + 1,))
    read = _long if "joint" in table.column else _wide
    with naming(path):
        layout, frames, people, joints, scores = read(table, frames, people, layout)
    if not is_own:  # people may come and go, or have no ids
        return skeletons_from_rows(path, frames, joints, scores, people, int(frames.max()) + 1, layout=layout)
    _, first = np.unique(np.stack([frames, people], axis=1), axis=0, return_index=True)
    if len(first) < len(frames):
        again = np.setdiff1d(np.arange(len(frames)), first)[0]
        raise read_error(path, "expected each person once in a frame, got one again", table.line(again))
    keypoints, stacked, ids = stack_rows(path, frames, people, joints, scores)
    fields = {"person_ids": ids, **facts}
    with naming(path):
        return Skeletons(keypoints, scores=stacked, layout=layout, **fields)


def _facts(path: str | os.PathLike, comments: list[str]) -> dict[str, Any]:
    """What the first line says of the clip."""
    marked = next((line for line in comments if line.startswith(CSV_MARK)), None)
    if marked is None:
        return {}
    try:
        facts = json.loads(marked.removeprefix(CSV_MARK))
    except (ValueError, RecursionError) as error:
        raise read_error(path, f"expected a JSON object after {CSV_MARK!r}", 1) from error
    if not isinstance(facts, dict) or not set(facts) <= set(_FACTS):
        raise read_error(path, f"expected an object with some of {', '.join(_FACTS)} after {CSV_MARK!r}", 1)
    facts = {name: value for name, value in facts.items() if value is not None}
    with naming(path, 1):
        check_fields(facts)
    return facts


_Rows = tuple[str | JointLayout, np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]


def _wide(table: Table, frames: np.ndarray, people: np.ndarray, layout: str | JointLayout | None) -> _Rows:
    """Layout, and frame (N,), person (N,), joints (N, V, C) and scores (N, V) of each row."""
    names = [name[:-2] for name in table.column if name.endswith("_x")]
    if layout is None:
        layout, _ = layout_of_file(table.path, names, "header")
    joints = [joint.lower() for joint in get_layout(layout).joints]
    lacking = [joint for joint in joints if f"{joint}_x" not in table.column or f"{joint}_y" not in table.column]
    if lacking:
        raise ValueError(f"expected columns for all joints of the layout, got none for {', '.join(lacking[:5])}")
    axes = [axis for axis in _AXES if all(f"{joint}_{axis}" in table.column for joint in joints)]
    columns = [table.column[f"{joint}_{axis}"] for joint in joints for axis in axes]
    scores = None
    for name in _SCORES:
        if all(f"{joint}_{name}" in table.column for joint in joints):
            scores = table.numbers([table.column[f"{joint}_{name}"] for joint in joints])
            break
    return layout, frames, people, table.numbers(columns).reshape(len(frames), len(joints), len(axes)), scores


def _long(table: Table, frames: np.ndarray, people: np.ndarray, layout: str | JointLayout | None) -> _Rows:
    """The same from a row for each joint."""
    if not {"x", "y"} <= set(table.column):
        raise read_error(table.path, "expected columns x and y beside joint", "header")
    names = [row[table.column["joint"]].strip() for row in table.rows]
    distinct = list(dict.fromkeys(names))
    if layout is None:
        layout, _ = layout_of_file(table.path, distinct, "column joint")
    joints = [joint.lower() for joint in get_layout(layout).joints]
    position = {name: joints.index(name.lower()) for name in distinct if name.lower() in joints}
    position |= {str(index): index for index in range(len(joints))}
    strange = next((index for index, name in enumerate(names) if name not in position), None)
    if strange is not None:
        raise read_error(
            table.path,
            f"expected a joint of the layout or its index, got {names[strange][:40]!r}",
            table.line(strange),
        )
    axes = [table.column[axis] for axis in _AXES if axis in table.column]
    slots = np.array([position[name] for name in names])
    first, group = group_rows(table, frames, people, slots)
    check_size(table.path, (len(first), len(joints), len(axes)))
    values = np.full((len(first), len(joints), len(axes)), np.nan, dtype=np.float32)
    values[group, slots] = table.numbers(axes)
    scores, score_column = None, table.find(_SCORES)
    if score_column is not None:
        scores = np.zeros(values.shape[:2], dtype=np.float32)
        scores[group, slots] = table.numbers([score_column])[:, 0]
    return layout, frames[first], people[first], values, scores


def group_rows(
    table: Table, frames: np.ndarray, people: np.ndarray, joints: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The poses that rows of single joints make up.

    Args:
        table: N rows.
        frames: (N,) frame of each.
        people: (N,) person of each.
        joints: (N,) joint of each.

    Returns:
        A row of each pose, and (N,) the pose of each row.

    Raises:
        ValueError: If a joint of a person stands twice in a frame.
    """
    _, first = np.unique(np.stack([frames, people, joints], axis=1), axis=0, return_index=True)
    if len(first) < len(frames):
        again = np.setdiff1d(np.arange(len(frames)), first)[0]
        raise read_error(
            table.path,
            "expected each joint once for a frame and person, got one again; several people need a column 'person'",
            table.line(again),
        )
    _, first, group = np.unique(np.stack([frames, people], axis=1), axis=0, return_index=True, return_inverse=True)
    return first, group.reshape(-1)


__all__ = [
    "FRAME_COLUMNS",
    "PERSON_COLUMNS",
    "Table",
    "group_rows",
    "header_of",
    "is_plain_csv",
    "read_plain_csv",
    "read_table",
]
