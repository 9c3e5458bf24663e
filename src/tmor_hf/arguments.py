# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Dataclasses whose fields are the options of a command line: one place for name, default, check and help text."""

from __future__ import annotations

import argparse
import types
import typing
from dataclasses import MISSING, Field, field, fields
from typing import Any, ClassVar

_METAVARS = {int: "N", float: "X", str: "NAME"}


def option(
    default: Any = MISSING, text: str = "", choices: tuple[str, ...] | None = None, metavar: str | None = None
) -> Any:
    """A field of a dataclass that is an option too.

    Args:
        default: Its default; an option without one is required.
        text: Its line in `--help`.
        choices: The values that a text may take.
        metavar: What stands for the value in `--help`; by default it follows from the type.
    """
    return field(default=default, metadata={"help": text, "choices": choices, "metavar": metavar})


class Arguments:
    """Base of a dataclass whose fields, made by `option`, are the options of a command line.

    Attributes:
        title: Heading of the options in `--help`.
    """

    title: ClassVar[str] = "options"

    def _check(self, name: str, is_good: bool, expected: str) -> None:
        if not is_good:
            raise ValueError(f"expected {name} to be {expected}, got {getattr(self, name)!r}; correct the argument")

    @classmethod
    def add_to(cls, parser: argparse.ArgumentParser, **defaults: Any) -> None:
        """Adds every field as an option to a parser.

        Args:
            parser: The script's parser; one made by `argument_parser` prints one line per option.
            **defaults: Defaults of this script that differ from the dataclass's; a field that has a default neither
                here nor there is a required option.
        """
        group = parser.add_argument_group(cls.title)
        hints = typing.get_type_hints(cls)
        for item in fields(cls):
            flag = "--" + item.name.replace("_", "-")
            default = defaults.get(item.name, item.default)
            group.add_argument(flag, dest=item.name, **_options_of(item, hints[item.name], default))

    @classmethod
    def from_namespace(cls, namespace: argparse.Namespace):
        """The arguments out of a parsed command line; further attributes of the namespace are the script's own."""
        return cls(**{item.name: getattr(namespace, item.name) for item in fields(cls)})


def _options_of(item: Field, hint: Any, default: Any) -> dict[str, Any]:
    """What `add_argument` takes for a field; a bool becomes a pair of flags."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(choice for choice in typing.get_args(hint) if choice is not type(None))
    options: dict[str, Any] = {"help": item.metadata["help"]}
    if hint is bool:
        options["action"] = argparse.BooleanOptionalAction
    else:
        options |= {"type": hint, "metavar": item.metadata.get("metavar") or _METAVARS[hint]}
    if item.metadata.get("choices"):
        options |= {"choices": item.metadata["choices"], "metavar": "|".join(item.metadata["choices"])}
    if default is MISSING:
        return {**options, "required": True}
    if default is not None and hint is not bool:
        options["help"] += " (%(default)s)"
    return {**options, "default": default}


def argument_parser(
    description: str | None = None, usage: str = "%(prog)s --output-dir DIR [options]"
) -> argparse.ArgumentParser:
    """A parser whose `--help` takes one line per option and does not list all options twice."""
    return argparse.ArgumentParser(
        description=description,
        usage=usage,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=36, width=119),
    )


__all__ = ["Arguments", "argument_parser", "option"]
