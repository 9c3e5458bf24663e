# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The harness itself: it sees hangs, crashes, hunger for memory, wrong errors, and errors that name no file."""

from __future__ import annotations

import os
from pathlib import Path

import fuzzing
import pytest

GOOD = b'{"a": [1, 2, 3, 4, 5, 6]}'


def hang() -> None:
    while True:
        pass


def nameless() -> None:
    raise ValueError("something is wrong")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (hang, "_TimeIsUp"),
        (lambda: bytearray(1 << 31), "MemoryError"),
        (lambda: os._exit(11), "exit code 11"),
        (lambda: {}["key"], "KeyError"),
        (nameless, "the message names no file"),
    ],
)
def test_harm_is_seen_and_the_file_is_kept(harm, message, tmp_path, monkeypatch):
    monkeypatch.setattr(fuzzing, "SECONDS_EACH", 0.2)

    def read(path: Path) -> None:
        if b'"a"' not in path.read_bytes():
            harm()

    with pytest.raises(AssertionError, match=message):
        fuzzing.assert_survives(read, tmp_path / "clip.json", GOOD, count=30)
    (kept,) = tmp_path.glob("damaged-*.json")
    assert b'"a"' not in kept.read_bytes()


def test_mutations_are_the_same_for_a_seed_and_differ_from_the_file():
    first, again = (list(fuzzing.mutations(GOOD, 300, seed=1)) for _ in range(2))
    assert first == again != list(fuzzing.mutations(GOOD, 300, seed=2))
    assert sum(data == GOOD for data in first) < 30 and len(set(first)) > 200
