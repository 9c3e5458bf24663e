# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Runs the checks of a client: functions that raise if something is wrong. Many in one process, as imports are slow.

The client is called with the path of a JSON file, which names folders, and the path of its report.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

PASSED = "passed"


def given() -> dict[str, Any]:
    """What the test gave."""
    return json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def run(*checks: Callable[[], None]) -> None:
    """Runs checks one after the other, whether or not those before have passed, and writes the report."""
    report = {}
    for check in checks:
        try:
            check()
        except Exception:
            report[check.__name__] = traceback.format_exc()
        else:
            report[check.__name__] = PASSED
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")


def error_of(action: Callable[[], Any]) -> str:
    """What an action that must fail says."""
    try:
        action()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("expected an error, got none")
