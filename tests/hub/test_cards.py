# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Cards: what a template makes of results, and whether the cards of this repository say what was measured and run."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard
from PIL import Image
from transformers.pipelines import PIPELINE_REGISTRY

import tmor_hf
from tmor_hf.data import write_posecap_mini
from tmor_hf.data.posecap.card import columns_of, dataset_card
from tmor_hf.hub.cards import (
    RECORD_NAME,
    TEMPLATE_NAME,
    WEIGHTS_NAME,
    main,
    pictures,
    read_results,
    render_card,
    render_folder,
)

CARDS = Path(__file__).resolve().parents[2] / "hub_cards"
MODELS = ("tmor-base", "tmor-base-actions")
DATASET = CARDS / "posecap-1m" / "README.md"
SECTIONS = ("Intended use", "How to use", "Results", "Limits", "Training data and licence", "Bias and privacy",
            "Carbon", "Citation")  # fmt: skip
MACHINE = {"cpu": "Some CPU", "cores": 2, "threads": 1, "gpu": None}
TRAINING = {"steps": {"pretrain": {"hours": 1.5, **MACHINE, "gpu": "Some GPU"}, "actions": {"hours": 0.5, **MACHINE}}}
TEMPLATE = """\
---
license: mit
pipeline_tag: video-classification
---

# A model

{place}
"""


def card_of(name: str) -> Path:
    return Path(tmor_hf.bundled(name)) / "README.md"


def snippets_of(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def accuracy(top1: float, mean_class: float) -> dict:
    return {"classes": 4, "top1": top1, "mean_class": mean_class, "chance": 0.25, "clips": 1234,
            "per_class": {"walk": 0.5, "sit": 1.0}}  # fmt: skip


@pytest.fixture
def results() -> dict:
    """Results as the benchmark writes them."""
    return {
        "checkpoint": "tiny", "command": "python benchmarks/bundled_weights.py --data-dir DATA", "cpu_seconds": 90.0,
        "environment": {"cpu": "Some CPU", "cores": 2, "threads": 1, "python": "3.11.7", "torch": "2.13.0",
                        "transformers": "5.23.0", "date": "2026-11-26"},
        "weights": {"sha256": hashlib.sha256(b"weights").hexdigest(), "bytes": 12_340_000,
                    "parameters": {"all": 4_560_000}, "labels": ["walk", "sit"]},
        "accuracy": {
            "some_set": {"title": "Some set", "split": "test", "is_unseen_set": True, "clips": 1234,
                         "phrases": accuracy(0.56789, 0.5), "names": accuracy(0.4, 0.41)},
            "other_set": {"title": "Other set", "split": "validation", "is_unseen_set": False, "clips": 7,
                          "phrases": accuracy(0.9, 0.8)},
        },
        "robustness": {"set": "some_set", "title": "Some set", "clips": 1234, "top1": {"clean": 0.5, "noise_3": 0.25}},
        "confusion": {"some_set": "confusion_some_set.png"},
        "cases": [{"set": "some_set", "title": "Some set", "clip": "a01", "truth": "walk", "answer": "sit",
                   "score": 0.987, "picture": "case_01.png"}],
    }  # fmt: skip


@pytest.fixture
def folders(results, tmp_path) -> tuple[Path, Path]:
    """Cards with one template, its results and pictures, and the folder of its checkpoint."""
    cards, checkpoint = tmp_path / "hub_cards", tmp_path / "checkpoints" / "tiny"
    for folder in (cards / "tiny", cards / "results", checkpoint):
        folder.mkdir(parents=True)
    (cards / "tiny" / TEMPLATE_NAME).write_text(TEMPLATE.format(place="{{ accuracy_table() }}"), encoding="utf-8")
    (cards / "results" / "tiny.json").write_text(json.dumps(results), encoding="utf-8")
    for picture in pictures(results):
        Image.new("RGB", (4, 4)).save(cards / "tiny" / picture)
    (checkpoint / WEIGHTS_NAME).write_bytes(b"weights")
    (checkpoint / RECORD_NAME).write_text(json.dumps(TRAINING), encoding="utf-8")
    return cards, checkpoint


@pytest.fixture
def rendered(results, tmp_path):
    """The text that a place becomes."""

    def render(place: str) -> str:
        path = tmp_path / "template.md"
        path.write_text(TEMPLATE.format(place=place), encoding="utf-8")
        return ModelCard(render_card(path, results, TRAINING)).text.partition("# A model")[2].strip()

    return render


@pytest.mark.parametrize(
    "place, text",
    [
        ('{{ percent("accuracy.some_set.phrases.top1") }}', "56.8"),
        ('{{ value("accuracy.some_set.clips") }}', "1,234"),
        ('{{ megabytes("weights.bytes") }}', "12.3"),
        ('{{ millions("weights.parameters.all") }}', "4.6"),
        ("{{ label_list() }}", "sit, walk"),
    ],
)
def test_a_place_becomes_the_number_that_was_measured(rendered, place, text):
    assert rendered(place) == text


def test_a_rendered_card_says_where_it_comes_from_and_ends_its_last_line(results, tmp_path):
    path = tmp_path / "template.md"
    path.write_text(TEMPLATE.format(place="The end."), encoding="utf-8")
    text = render_card(path, results, TRAINING)
    assert "<!-- Rendered by `python -m tmor_hf.hub.cards`" in text and text.endswith("The end.\n")


def test_tables_have_a_row_for_each_result(rendered):
    lines = rendered("{{ accuracy_table() }}").splitlines()
    assert lines[2:] == [
        "| Some set | 1,234 | our phrases | 4 | 56.8 | 50.0 | 25.0 |",
        "| Some set | 1,234 | names of the set | 4 | 40.0 | 41.0 | 25.0 |",
        "| Other set | 7 | our phrases | 4 | 90.0 | 80.0 | 25.0 |",
    ]
    assert rendered('{{ class_table("some_set", "names") }}').splitlines()[2:] == [
        "| sit | 100.0 |",
        "| walk | 50.0 |",
    ]
    assert rendered("{{ robustness_table() }}").endswith("| every joint off by 3% of the body's size | 25.0 | -25.0 |")


def test_cases_and_confusions_show_their_pictures(rendered):
    assert "(case_01.png)" in rendered("{{ cases() }}") and "0.99" in rendered("{{ cases() }}")
    assert rendered("{{ confusion_pictures() }}") == "![Confusion: Some set](confusion_some_set.png)"


def test_carbon_is_hours_times_what_is_assumed(rendered):
    text = rendered("{{ carbon(watts=50, gpu_watts=500, grams_per_kwh=300) }}")
    assert "pretrain 1.50 hours on an Some GPU; actions 0.50 hours on 1 of 2 cores of an Some CPU" in text
    assert "Assumed, not measured: 50 W" in text and "0.775 kWh and 232 g" in text


def test_a_number_that_is_not_there_is_an_error(rendered):
    with pytest.raises(KeyError, match="expected 'accuracy.some_set.own.top1'.*no 'own' among title, split"):
        rendered('{{ percent("accuracy.some_set.own.top1") }}')


def test_the_model_index_has_every_accuracy(results, tmp_path):
    path = tmp_path / "template.md"
    path.write_text(TEMPLATE.format(place=""), encoding="utf-8")
    found = ModelCard(render_card(path, results, TRAINING)).data
    assert found.model_name == "tiny" and found.license == "mit"
    values = {(one.dataset_type, one.dataset_config, one.metric_name): one.metric_value for one in found.eval_results}
    assert len(values) == 6 and values["some_set", "phrases", "top-1 accuracy, %"] == 56.8
    assert values["other_set", "phrases", "mean accuracy of the classes, %"] == 80.0


def test_rendering_writes_card_and_pictures_beside_the_weights(folders, results):
    cards, checkpoint = folders
    assert main([str(cards), "--checkpoints", str(checkpoint.parent)]) == 0
    assert "| Other set |" in (checkpoint / "README.md").read_text()
    assert all((checkpoint / picture).is_file() for picture in pictures(results))


def test_results_of_other_weights_are_refused(folders, capsys):
    cards, checkpoint = folders
    (checkpoint / WEIGHTS_NAME).write_bytes(b"other weights")
    with pytest.raises(ValueError, match="expected results of the weights .*run python benchmarks/bundled_weights.py"):
        render_folder(cards, "tiny", checkpoint)
    assert main([str(cards), "--checkpoints", str(checkpoint.parent)]) == 1
    assert "tiny: expected results" in capsys.readouterr().err and not (checkpoint / "README.md").exists()


def test_missing_results_name_the_benchmark_that_makes_them(folders):
    cards, checkpoint = folders
    (cards / "results" / "tiny.json").unlink()
    with pytest.raises(FileNotFoundError, match="tiny.json, got none; run python benchmarks/bundled_weights.py"):
        render_folder(cards, "tiny", checkpoint)


@pytest.mark.parametrize("name", MODELS)
def test_the_card_of_a_checkpoint_is_what_its_results_make_of_the_template(name, tmp_path):
    folder = Path(tmor_hf.bundled(name))
    for file in (WEIGHTS_NAME, RECORD_NAME):
        (tmp_path / file).write_bytes((folder / file).read_bytes())
    assert render_folder(CARDS, name, tmp_path).read_text(encoding="utf-8") == card_of(name).read_text(
        encoding="utf-8"
    )
    for picture in pictures(read_results(CARDS, name)):
        assert (tmp_path / picture).read_bytes() == (folder / picture).read_bytes()


@pytest.mark.parametrize("name", MODELS)
def test_metadata_are_valid_and_say_what_was_measured(name):
    card = ModelCard.load(card_of(name))
    data, results = card.data, read_results(CARDS, name)
    assert data.pipeline_tag in PIPELINE_REGISTRY.get_supported_tasks()
    assert data.license == "cc-by-nc-4.0" and data.library_name == "tmor_hf" and data.language == "en"
    assert data.model_name == name and data.tags and data.datasets
    for found in data.eval_results:
        entry = results["accuracy"][found.dataset_type]
        key = {"top-1 accuracy, %": "top1", "mean accuracy of the classes, %": "mean_class"}[found.metric_name]
        assert found.dataset_split == entry["split"] and found.task_type == data.pipeline_tag
        assert found.metric_value == round(100 * entry[found.dataset_config][key], 1)
    assert {one.dataset_type for one in data.eval_results} == set(results["accuracy"])


@pytest.mark.parametrize("name", MODELS)
def test_a_card_has_all_sections_and_its_pictures_are_there(name):
    card = card_of(name)
    text = card.read_text(encoding="utf-8")
    assert all(f"\n## {section}" in text for section in SECTIONS)
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert len(shown) == len(pictures(read_results(CARDS, name))) >= 15
    for picture in shown:
        with Image.open(card.parent / picture) as image:
            image.verify()
        assert (card.parent / picture).stat().st_size < 60_000


@pytest.mark.parametrize("name", MODELS)
def test_results_leave_out_what_was_trained_on(name):
    accuracy = read_results(CARDS, name)["accuracy"]
    assert [key for key, entry in accuracy.items() if entry["is_unseen_set"]] == ["nw_ucla", "nw_ucla_usual"]
    assert (accuracy["nw_ucla"]["clips"], accuracy["nw_ucla_usual"]["clips"]) == (369, 464)
    assert {entry["split"] for entry in accuracy.values()} == {"test", "validation"}


@pytest.mark.parametrize("name, number", [(name, number) for name in MODELS for number in range(4)])
def test_the_snippets_of_a_card_run(name, number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    snippets = snippets_of(card_of(name))
    assert len(snippets) == 4
    exec(compile(snippets[number], f"snippet {number} of {name}", "exec"), {})
    assert capsys.readouterr().out


@pytest.mark.parametrize("number", range(4))
def test_the_snippets_of_the_posecap_card_run(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    snippets = snippets_of(DATASET)
    assert len(snippets) == 4
    exec(compile(snippets[number], f"snippet {number} of posecap-1m", "exec"), {})
    assert capsys.readouterr().out


def test_the_posecap_card_agrees_with_the_one_that_the_tool_writes(tmp_path):
    write_posecap_mini(tmp_path / "mini", num_clips=20)
    manifest = json.loads((tmp_path / "mini" / "posecap.json").read_text(encoding="utf-8"))
    written, ours = DatasetCard(dataset_card(manifest)).data, DatasetCard.load(DATASET).data
    for field in ("task_categories", "tags", "configs"):
        assert getattr(ours, field) == getattr(written, field)
    assert ours.configs[1]["columns"] == columns_of("skeleton_text")


def test_the_posecap_card_says_that_the_set_could_not_be_had():
    card = DatasetCard.load(DATASET)
    assert "PoseCap-1M itself could not be had" in card.text and card.data.license == "other"
    assert yaml.safe_load(DATASET.read_text(encoding="utf-8").split("---")[1])["size_categories"] == ["1M<n<10M"]
