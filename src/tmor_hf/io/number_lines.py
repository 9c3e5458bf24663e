# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Lines of numbers in text files, read at the speed of C and with the line of every fault.

Axes: N lines, K numbers on each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

import numpy as np

from .files import read_error

_VISUAL_C_NAN = re.compile(r"[-+]?1\.#\w+")  # how programs built by old Microsoft compilers print NaN and infinity
_MAX_LINES = 10_000_000
_SHOWN = 40  # characters of a bad value in a message
_LONGEST = 400  # characters of a number with the space around it; the largest float64 has 309 digits


def split_lines(path: str | os.PathLike, text: str) -> list[str]:
    """The lines of a file's text with any line ends, without blank ones at the end.

    Raises:
        ValueError: If there are millions of them, which would take far more memory than the text.
    """
    if (total := text.count("\n") + text.count("\r")) > _MAX_LINES:
        raise read_error(path, f"expected at most {_MAX_LINES:,} line ends, got {total:,}")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def whole_number(text: str, minimum: int = 0) -> int | None:
    """The number, or None if the text is no whole number from `minimum` to 2**63 - 1."""
    text = text.strip()
    if not (text.isascii() and text.lstrip("+-").isdecimal() and len(text) <= 20):
        return None
    try:
        number = int(text)
    except ValueError:  # several signs
        return None
    return number if minimum <= number < 2**63 else None


def parse_lines(
    path: str | os.PathLike, lines: Sequence[str], num_columns: int, line_number: Callable[[int], int]
) -> np.ndarray:
    """Numbers of lines that all hold the same count of them, between white space.

    Args:
        path: The file, for messages.
        lines: N lines.
        num_columns: K.
        line_number: Number of a line in the file, from 1, by its index; for messages.

    Returns:
        (N, K) float64. NaN and infinity are read as such, in any spelling that C or Python know.

    Raises:
        ValueError: If a line has another count of numbers, or something else than numbers.
    """
    if not lines:
        return np.empty((0, num_columns))
    lengths = list(map(len, lines))
    if (longest := max(lengths)) > _LONGEST * num_columns:
        number = line_number(lengths.index(longest))
        raise read_error(path, f"expected {num_columns} numbers, got {longest} characters", number)
    try:
        table = np.loadtxt(lines, dtype=np.float64, comments=None, ndmin=2)
        if table.shape == (len(lines), num_columns):
            return table
    except ValueError:
        pass  # found again below, with its place
    return np.array([_parse_line(path, line, num_columns, line_number(i)) for i, line in enumerate(lines)])


def _parse_line(path: str | os.PathLike, line: str, num_columns: int, number: int) -> np.ndarray:
    if "#" in line:
        line = _VISUAL_C_NAN.sub("nan", line)
    words = line.split()
    if len(words) != num_columns:
        raise read_error(path, f"expected {num_columns} numbers, got {len(words)}; the file may be cut short", number)
    values = np.empty(num_columns)
    for column, word in enumerate(words):
        try:
            values[column] = float(word)
        except ValueError as error:
            message = f"expected a number, got {word[:_SHOWN]!r} in column {column + 1}"
            raise read_error(path, message, number) from error
    return values


__all__ = ["parse_lines", "split_lines", "whole_number"]
