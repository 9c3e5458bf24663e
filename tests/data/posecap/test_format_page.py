# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The page about the format: its snippets run, and its table has the columns of the schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tmor_hf.data.posecap import arrow_schema

pytest.importorskip("datasets")

PAGE = (Path(__file__).parents[3] / "docs" / "posecap_format.md").read_text(encoding="utf-8")


def test_the_snippets_run_in_turn(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    snippets = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(snippets) == 6
    for snippet in snippets:
        if "trust_remote_code" not in snippet:  # datasets 3: tests/data/test_posecap_1m.py
            exec(compile(snippet, "docs/posecap_format.md", "exec"), {})


def test_the_table_has_all_columns():
    table = PAGE.split("## Columns")[1].split("**Why so.**")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == [name for name in arrow_schema().names]
