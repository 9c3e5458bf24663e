# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import pytest

from tmor_hf.training import ContrastiveTrainingArguments, argument_parser


def parse(*words):
    parser = argument_parser("A script.")
    ContrastiveTrainingArguments.add_to(parser)
    return ContrastiveTrainingArguments.from_namespace(parser.parse_args(words))


def test_the_command_line_gives_the_dataclass():
    assert parse("--output-dir", "out") == ContrastiveTrainingArguments("out")
    args = parse("--output-dir", "o", "--no-drop-last", "--near-duplicate-threshold", "0.9", "--max-steps", "3")
    assert args == ContrastiveTrainingArguments("o", drop_last=False, near_duplicate_threshold=0.9, max_steps=3)


def test_a_script_can_have_its_own_defaults():
    parser = argument_parser()
    ContrastiveTrainingArguments.add_to(parser, output_dir="run", batch_size=7)
    args = ContrastiveTrainingArguments.from_namespace(parser.parse_args([]))
    assert (args.output_dir, args.batch_size) == ("run", 7)


def test_help_is_short():
    parser = argument_parser("A script.")
    ContrastiveTrainingArguments.add_to(parser)
    lines = parser.format_help().splitlines()
    assert len(lines) <= 50 and max(map(len, lines)) <= 119


def test_what_is_saved_loads(tmp_path):
    args = ContrastiveTrainingArguments("out", seed=3, report_to="tensorboard, wandb")
    args.save(tmp_path)
    assert ContrastiveTrainingArguments.load(tmp_path) == args
    assert args.trackers == ["tensorboard", "wandb"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 0},
        {"gradient_accumulation_steps": 0},
        {"learning_rate": 0.0},
        {"warmup_ratio": 1.0},
        {"same_caption": "negative"},
        {"near_duplicate_threshold": 1.5},
        {"mixed_precision": "int8"},
        {"num_epochs": 0},
        {"skeleton_text_weight": 0.0, "skeleton_video_weight": 0.0},
        {"text_lr_scale": -1.0},
    ],
)
def test_a_value_out_of_range_is_an_error_that_names_it(wrong):
    with pytest.raises(ValueError, match=f"expected {next(iter(wrong))} to be"):
        ContrastiveTrainingArguments("out", **wrong)
