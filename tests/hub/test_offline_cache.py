# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Loading by name with HF_HUB_OFFLINE=1, out of a cache that was put together by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(exported, tmp_path) -> Path:
    """The cache of docs/hub.md, of plain files."""
    for name, folder in exported.items():
        repository = tmp_path / "cache" / "hub" / f"models--org--{name}"
        shutil.copytree(folder, repository / "snapshots" / COMMIT)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(COMMIT)
    return tmp_path / "cache"


def test_a_cache_made_by_hand(exported, cache, run_client):
    report = run_client("offline_client.py", exported, HF_HUB_OFFLINE="1", HF_HOME=str(cache))
    assert report == dict.fromkeys(report, "passed")
    assert len(report) == 4
