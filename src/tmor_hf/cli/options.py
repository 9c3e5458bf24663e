# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What all commands share: a parser whose errors take one line, the options of the readers, and the reading itself."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from ..processing.joint_layouts import JointLayout
    from ..processing.skeletons import Skeletons

FAILED, USAGE, STOPPED, READER_LEFT = 1, 2, 130, 141  # exit codes, as shells know them


class Parser(argparse.ArgumentParser):
    """A parser whose errors take one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        def formatter(prog: str) -> argparse.HelpFormatter:
            return argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=100)

        super().__init__(*args, **{"formatter_class": formatter, "allow_abbrev": False, **kwargs})

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"tmor: error: {one_line(message)}; see {self.prog} --help\n")


def one_line(text: str) -> str:
    return " ".join(text.split())


def number_of(count: int, word: str) -> str:
    """ "1 clip", "3 clips", "2 people"."""
    return f"{count} {word if count == 1 else {'person': 'people'}.get(word, f'{word}s')}"


def add_commands(parser: argparse.ArgumentParser, metavar: str) -> Any:
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    return parser.add_subparsers(title="commands", metavar=metavar, required=True, parser_class=Parser)


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], usage: str, text: str, examples: str
) -> Parser:
    """Adds a command: its name, what runs it, its words in short, one line about it, and how it is called."""
    parser = commands.add_parser(
        name,
        usage=f"{commands._prog_prefix} {name} {usage}",
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"examples:\n{examples}",
    )
    parser.set_defaults(run=run)
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def add_reading(parser: argparse.ArgumentParser, flag: str) -> None:
    """Options that say what a file does not say itself."""
    group = parser.add_argument_group("what the file does not say, or says wrongly")
    group.add_argument(flag, dest="format", metavar="NAME", help="format, by default found out; `tmor formats` lists")
    group.add_argument("--clip", metavar="NAME", help="the clip, in a file of several")
    group.add_argument("--layout", metavar="NAME", help="joint layout: a name, or a JSON file with one of your own")
    group.add_argument("--fps", type=positive, metavar="X", help="frames per second of the recording")
    group.add_argument(
        "--image-size", type=image_size, metavar="HxW", help="size of the images in pixels, e.g. 720x1280"
    )
    group.add_argument("--up-axis", metavar="AXIS", help="the axis that points up: y, -y, z, ... (write --up-axis=-y)")
    group.add_argument(
        "--option", action="append", default=[], type=_option, metavar="NAME=VALUE", help="an option of the reader"
    )


def check_output(path: Path, suffixes: Sequence[str], is_forced: bool) -> None:
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"expected an output that ends in {', '.join(suffixes)}, got {path}")
    if path.exists() and not is_forced:
        raise ValueError(f"{path} is there already; --force replaces it")
    if not path.parent.is_dir():
        raise ValueError(f"no folder {path.parent}; make it first")


def check_folder(path: Path, is_forced: bool) -> None:
    """Refuses a folder that holds something.

    Raises:
        ValueError: If it does, and nobody forces it, or if it is no folder.
    """
    if path.exists() and not path.is_dir():
        raise ValueError(f"expected a folder, got a file at {path}")
    if path.is_dir() and any(path.iterdir()) and not is_forced:
        raise ValueError(f"{path} is not empty; --force writes into it and replaces files of the same names")


def _option(text: str) -> tuple[str, Any]:
    """A name and a value: a number, true, false or null as in JSON, else the text itself."""
    name, equals, value = text.partition("=")
    if not name.isidentifier() or not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[Path]:
    """A path to write to that becomes `path` when all is written; otherwise nothing is left of it."""
    partial = path.with_name(f".part-{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def positive(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")


def whole_number(text: str, least: int = 1) -> int:
    with suppress(ValueError):
        if int(text) >= least:
            return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number of {least} or more, got {text!r}")


def seed(text: str) -> int:
    return whole_number(text, least=0)


def image_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)[xX](\d+)", text)
    if match is None or "0" in match.groups():
        raise argparse.ArgumentTypeError(f"expected height and width such as 720x1280, got {text!r}")
    return int(match[1]), int(match[2])


def reading_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the readers take, without what was not given."""
    options = {name: getattr(arguments, name) for name in ("fps", "image_size", "up_axis")}
    options["layout"] = None if arguments.layout is None else joint_layout(arguments.layout)
    return {name: value for name, value in options.items() if value is not None} | dict(arguments.option)


def joint_layout(name: str) -> str | JointLayout:
    """A layout by name, or out of a JSON file."""
    from ..processing import get_layout

    if not name.endswith(".json"):
        get_layout(name)
        return name
    try:
        return get_layout(json.loads(Path(name).read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{name}: expected a joint layout, {error}") from error


def read_clips(arguments: argparse.Namespace, path: str) -> Iterator[tuple[str, Skeletons]]:
    """Names and clips of a file; only the chosen one if one is chosen."""
    from ..io import iter_skeletons

    options = reading_options(arguments)
    names: list[str] = []
    for name, clip in iter_skeletons(path, arguments.format, **options):
        if arguments.clip is None or name == arguments.clip:
            yield name, clip
            if arguments.clip is not None:
                return
        names.append(name)
    if arguments.clip is not None:
        known = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise ValueError(f"{path}: expected a clip out of {known or 'none'}, got {arguments.clip!r}")


__all__ = [
    "FAILED",
    "READER_LEFT",
    "STOPPED",
    "USAGE",
    "Parser",
    "add_command",
    "add_commands",
    "add_reading",
    "check_folder",
    "check_output",
    "image_size",
    "joint_layout",
    "number_of",
    "one_line",
    "positive",
    "read_clips",
    "reading_options",
    "seed",
    "whole_number",
    "whole_or_nothing",
]
