# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor posecap`: make and check data sets in the PoseCap schema."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .options import FAILED, add_command, add_commands, check_folder, number_of, seed, whole_number


def add(commands: Any, is_building: bool) -> None:
    parser = commands.add_parser(
        "posecap",
        help="make and check data sets of skeletons, video and text",
        description="Make and check data sets of skeletons, video and text in the PoseCap schema.",
    )
    posecap = add_commands(parser, "COMMAND")
    build = add_command(
        posecap,
        "build",
        _build,
        "--input VIDEOS --output FOLDER --licence TERMS [options]",
        "build a data set out of videos; stopped, it goes on where it was",
        "  tmor posecap build --input videos/ --output my_posecap/ --licence CC-BY-4.0 --captions sidecar",
    )
    if is_building:
        from ..data.posecap.build import BuildArguments

        BuildArguments.add_to(build)
    validate = add_command(
        posecap,
        "validate",
        _validate,
        "PATH [--json]",
        "check a data set",
        "  tmor posecap validate my_posecap/ --json",
    )
    validate.add_argument("path", metavar="PATH", help="folder of a data set")
    validate.add_argument("--json", action="store_true", help="print the report as JSON")
    mini = add_command(
        posecap,
        "mini",
        _mini,
        "FOLDER [options]",
        "make a small data set of generated motion",
        "  tmor posecap mini posecap_mini/ --num-clips 64",
    )
    mini.add_argument("folder", metavar="FOLDER", help="where to write it")
    mini.add_argument("--num-clips", type=whole_number, default=200, metavar="N", help="clips (%(default)s)")
    mini.add_argument("--seed", type=seed, default=0, metavar="N", help="other seeds give other clips (%(default)s)")
    mini.add_argument("--with-video", action="store_true", help="a small video in each row of one person")
    mini.add_argument("--force", "-f", action="store_true", help="replace a set that is there")


def _build(arguments: argparse.Namespace) -> int:
    from ..data.posecap.build import BuildArguments, build_posecap

    print(build_posecap(BuildArguments.from_namespace(arguments)))
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    from ..data.posecap import validate_posecap

    report = validate_posecap(arguments.path, progress=sys.stderr.isatty())
    print(json.dumps(report.to_dict()) if arguments.json else report)
    return 0 if report.is_valid else FAILED


def _mini(arguments: argparse.Namespace) -> int:
    from ..data.posecap import write_posecap_mini

    folder = Path(arguments.folder)
    check_folder(folder, arguments.force)
    options = {"with_video": arguments.with_video, "overwrite": arguments.force}
    write_posecap_mini(folder, num_clips=arguments.num_clips, seed=arguments.seed, **options)
    print(f"tmor: wrote {number_of(arguments.num_clips, 'clip')} to {folder}", file=sys.stderr)
    return 0


__all__ = ["add"]
