# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from dataclasses import dataclass
from typing import ClassVar

import pytest

from tmor_hf.arguments import Arguments, argument_parser, option


@dataclass
class Cooking(Arguments):
    title: ClassVar[str] = "cooking"

    dish: str = option(text="what to cook", metavar="DISH")
    minutes: int = option(5, "time")
    heat: float | None = option(None, "temperature in degrees")
    method: str = option("boil", "way to cook", ("boil", "fry"))
    salted: bool = option(True, "with salt")

    def __post_init__(self):
        self._check("minutes", self.minutes > 0, "above 0")


def parse(*words, **defaults):
    parser = argument_parser("Cook.", usage="cook [options]")
    Cooking.add_to(parser, **defaults)
    return Cooking.from_namespace(parser.parse_args(words))


def test_options_become_fields():
    assert parse("--dish", "rice") == Cooking("rice")
    assert parse("--dish", "egg", "--heat", "90", "--method", "fry", "--no-salted") == Cooking(
        "egg", 5, 90.0, "fry", False
    )


def test_a_field_without_default_is_required_unless_the_script_has_one(capsys):
    with pytest.raises(SystemExit):
        parse()
    assert "--dish" in capsys.readouterr().err
    assert parse(dish="soup") == Cooking("soup")


def test_a_wrong_choice_and_a_wrong_value_are_named(capsys):
    with pytest.raises(SystemExit):
        parse("--dish", "rice", "--method", "burn")
    assert "burn" in capsys.readouterr().err
    with pytest.raises(ValueError, match="expected minutes to be above 0, got 0"):
        Cooking("rice", minutes=0)


def test_help_shows_title_metavar_and_defaults():
    parser = argument_parser()
    Cooking.add_to(parser)
    text = parser.format_help()
    assert all(part in text for part in ("cooking:", "--dish DISH", "time (5)", "boil|fry"))
