# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor formats`: the pose formats and joint layouts that are known."""

from __future__ import annotations

import argparse
import json
from typing import Any

from .options import add_command


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "formats",
        run,
        "[--json]",
        "list the formats and joint layouts that are known",
        "  tmor formats --json",
    )
    parser.set_defaults(is_light=True)
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: argparse.Namespace) -> int:
    from .. import data  # noqa: F401 - benchmarks register layouts too
    from ..io import FORMATS
    from ..processing import LAYOUTS

    formats = [
        {"name": known.name, "suffixes": list(known.suffixes), "description": known.description} for known in FORMATS
    ]
    layouts = [
        {"name": known.name, "joints": list(known.joints), "up_axis": known.up_axis} for known in LAYOUTS.values()
    ]
    if arguments.json:
        print(json.dumps({"formats": formats, "layouts": layouts}))
        return 0
    print("formats (--format, --from)")
    _table([(known["name"], " ".join(known["suffixes"]) or "folder", known["description"]) for known in formats])
    print("\nlayouts (--layout)")
    _table([(known["name"], f"{len(known['joints'])} joints", f"up is {known['up_axis']} in 3D") for known in layouts])
    return 0


def _table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


__all__ = ["add", "run"]
