# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`main`: from words to a command and its exit code.

0 is done, 1 failed, 2 called wrongly, 130 stopped by Ctrl-C, 141 left by the reader of a pipe.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from . import adapt, classify, convert, detect, export, formats, posecap, search, show, stream
from .options import FAILED, READER_LEFT, STOPPED, Parser, add_commands, one_line


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        argv: The words after `tmor`; those that the process was called with by default.

    Returns:
        The exit code.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    is_debugging = "--debug" in argv
    try:
        with _messages():
            arguments = _make_parser(argv).parse_args(argv)
            if not getattr(arguments, "is_light", False):
                _import_package()
            code = arguments.run(arguments)
            sys.stdout.flush()
            return code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        # Python flushes at exit once more; there it must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
    except Exception as error:
        if is_debugging:
            raise
        print(f"tmor: error: {_describe(error)}", file=sys.stderr)
        return FAILED


def _import_package() -> None:
    """Runs the package itself, where `tmor_command` has left it: it registers its classes with transformers."""
    package = sys.modules["tmor_hf"]
    if not hasattr(package, "__version__"):
        package.__spec__.loader.exec_module(package)


def _describe(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, (ValueError, OSError, ImportError)) and str(error):
        return one_line(str(error))
    return f"{type(error).__name__}: {one_line(str(error))} (a mistake of ours; --debug shows where)"


@contextmanager
def _messages() -> Iterator[None]:
    """Shows on standard error what is logged and warned of, a line each.

    What readers of folders and writers say is left out: the commands have their own words for it.
    """

    def show_warning(message: Warning | str, *_: Any) -> None:
        print(f"tmor: warning: {one_line(str(message))}", file=sys.stderr)

    logger, handler = logging.getLogger("tmor_hf"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("tmor: %(message)s"))
    handler.addFilter(lambda record: record.name not in ("tmor_hf.io.folders", "tmor_hf.io.writing"))
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = show_warning
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _make_parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; `argv` decides whether the options of `posecap build` are needed, which cost a long import."""
    parser = Parser(
        prog="tmor",
        description="Skeletons of any format: look at them, convert them, build data sets of them, name actions.",
        epilog="examples:\n  tmor classify walk.bvh\n  tmor show walk.bvh\n  tmor show walk.bvh --output walk.gif\n"
        "  tmor convert recordings/ clips/ --to-layout tmor22\n  tmor posecap validate my_posecap/\n\n"
        "`tmor COMMAND --help` says more about each command.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = add_commands(parser, "COMMAND")
    show.add(commands)
    convert.add(commands)
    formats.add(commands)
    classify.add(commands)
    adapt.add(commands)
    detect.add(commands)
    stream.add(commands)
    search.add(commands)
    export.add(commands)
    posecap.add(commands, is_building=[word for word in argv if word != "--debug"][:2] == ["posecap", "build"])
    return parser


class _Version(argparse.Action):
    """Prints the version, which is not looked up before it is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "nargs": 0})

    def __call__(self, parser: argparse.ArgumentParser, *unused: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"tmor_hf {version('tmor_hf')}")
        parser.exit()


__all__ = ["main"]
