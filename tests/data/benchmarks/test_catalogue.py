# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What is said of the benchmarks, and what is asked of them."""

from pathlib import Path

import pytest

from tmor_hf.data.benchmarks import BENCHMARKS, benchmark_info, load_benchmark, unseen_classes
from tmor_hf.data.captions import class_texts
from tmor_hf.processing.joint_layouts import get_layout

PAGE = Path(__file__).resolve().parents[3] / "docs" / "datasets.md"


@pytest.mark.parametrize("name", BENCHMARKS)
def test_facts_are_complete(name):
    info = benchmark_info(name)
    assert info.name == name and info.protocols and info.metric and info.licence and info.how_to_get and info.files
    if name != "charades":
        assert [get_layout(layout).name for layout in info.layouts] == list(info.layouts)
    for split, classes in info.unseen_splits.items():
        assert all(0 <= label < info.num_classes for label in classes), split


@pytest.mark.parametrize(
    "name", [name for name in BENCHMARKS if name not in ("charades", "cmu_subset_text", "tsu", "uav_human")]
)
def test_there_are_words_for_all_classes(name):
    assert len(class_texts(name)) == benchmark_info(name).num_classes


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_documentation_tells_of_each_set_and_its_protocols(name):
    text = PAGE.read_text(encoding="utf-8")
    assert f"`{name}`" in text
    for protocol in benchmark_info(name).protocols:
        assert f"`{protocol}`" in text or protocol.startswith("loso-"), protocol


@pytest.mark.parametrize("name", BENCHMARKS)
def test_missing_files_are_named(name, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"\S"):
        load_benchmark(name, tmp_path)


def test_wrong_choices_are_named(tmp_path):
    with pytest.raises(ValueError, match="cross-view, got 'x-view'"):
        load_benchmark("nw_ucla", tmp_path, protocol="x-view")
    with pytest.raises(ValueError, match="train.*'val'"):
        load_benchmark("ntu60", tmp_path, "val")
    with pytest.raises(ValueError, match="none.*max_people"):
        load_benchmark("nw_ucla", tmp_path, max_people=2)
    with pytest.raises(ValueError, match="'kinetics'"):
        benchmark_info("kinetics")


def test_zero_shot_splits_come_by_name_or_from_a_file(tmp_path):
    with pytest.raises(ValueError, match="ntu60 .synse-55/5, synse-48/12.*'50/10'"):
        unseen_classes("ntu60", "50/10")
    path = tmp_path / "unseen.txt"
    path.write_text("59\n3\n\n")
    assert unseen_classes("ntu60", path) == (3, 59)
    for text in ("60", "3\n3", "drink"):
        path.write_text(text)
        with pytest.raises(ValueError, match="unseen.txt, line"):
            unseen_classes("ntu60", path)
