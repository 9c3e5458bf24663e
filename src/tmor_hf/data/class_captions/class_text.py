# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What is said about one class of a data set."""

from __future__ import annotations

from typing import NamedTuple


class ClassText(NamedTuple):
    """The words for one class.

    Args:
        phrase: Short name to put into a zero-shot template, e.g. ``"sitting down"``.
        group: Identifies the meaning; classes of different sets that mean the same share it. It names the side
            (left, right) wherever the class has one.
        captions: Natural descriptions, all true of every clip of the class.
    """

    phrase: str
    group: str
    captions: tuple[str, ...]


__all__ = ["ClassText"]
