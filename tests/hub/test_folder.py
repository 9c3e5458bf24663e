# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The folder as it is published, and what `push` makes of it before anything is sent."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModelForVideoClassification, pipeline

from tmor_hf import TMorForSkeletonActionClassification, TMorSkeletonModel
from tmor_hf.hub import CHECKSUMS_NAME, export_to_hub_folder, push
from tmor_hf.hub.__main__ import main


def test_weights_and_card_are_copied_and_a_training_state_is_not(classifier, tmp_path):
    (classifier / "optimizer.pt").write_bytes(b"")
    (classifier / "trainer_state.json").write_text("{}")
    (classifier / "wrong.png").write_bytes(b"picture")
    folder = export_to_hub_folder(classifier, tmp_path / "out")
    for name in ("model.safetensors", "README.md", "wrong.png"):
        assert (folder / name).read_bytes() == (classifier / name).read_bytes()
    assert not {"optimizer.pt", "trainer_state.json"} & {path.name for path in folder.iterdir()}
    before, after = (json.loads((path / "config.json").read_text()) for path in (classifier, folder))
    assert after.pop("auto_map")["AutoModelForVideoClassification"].endswith(".TMorForSkeletonActionClassification")
    assert after == before


def test_a_card_can_be_given(classifier, tmp_path):
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "README.md").write_text("# A card\n")
    (tmp_path / "card" / "confusion.png").write_bytes(b"picture")
    folder = export_to_hub_folder(classifier, tmp_path / "one", card=tmp_path / "card")
    assert (folder / "README.md").read_text() == "# A card\n" and (folder / "confusion.png").is_file()
    (tmp_path / "other.md").write_text("# Another\n")
    folder = export_to_hub_folder(classifier, tmp_path / "two", card=tmp_path / "other.md")
    assert (folder / "README.md").read_text() == "# Another\n"
    with pytest.raises(FileNotFoundError, match="expected a Markdown file, or a folder with README.md"):
        export_to_hub_folder(classifier, tmp_path / "three", card=tmp_path / "missing.md")


def test_with_the_package_no_code_need_be_trusted(exported, random_clip):
    classifier = pipeline("skeleton-action-classification", model=str(exported["tmor-base-actions"]))
    assert type(classifier).__module__.startswith("tmor_hf.")
    assert len(classifier(random_clip())) == 3


def test_a_model_that_was_loaded_and_saved_is_a_checkpoint_again(exported, tmp_path):
    model = AutoModelForVideoClassification.from_pretrained(exported["tmor-base-actions"])
    model.save_pretrained(tmp_path / "saved")
    again = AutoModelForVideoClassification.from_pretrained(tmp_path / "saved")
    assert type(again) is TMorForSkeletonActionClassification
    assert torch.equal(again.classifier.weight, model.classifier.weight)


def test_only_empty_folders_are_written_to(classifier, tmp_path):
    export_to_hub_folder(classifier, tmp_path / "out")
    with pytest.raises(FileExistsError, match="expected a new or empty folder"):
        export_to_hub_folder(classifier, tmp_path / "out")


def test_other_architectures_are_refused(classifier, tmp_path):
    TMorSkeletonModel.from_pretrained(classifier).save_pretrained(classifier)
    with pytest.raises(ValueError, match="expected a checkpoint of one of TMorModel, .*, got TMorSkeletonModel"):
        export_to_hub_folder(classifier, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_dry_run_lists_what_would_go(exported):
    folder = exported["tmor-base"]
    published = push(folder, "org/tmor-base", tag="v1", dry_run=True)
    assert published.commit is None
    assert published.files == {path.name: path.stat().st_size for path in folder.iterdir()}


@pytest.mark.parametrize("name", [CHECKSUMS_NAME, "README.md", "model.safetensors", "modeling_tmor.py"])
def test_incomplete_folders_are_not_pushed(exported, name):
    (exported["tmor-base"] / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        push(exported["tmor-base"], "org/tmor-base", dry_run=True)


@pytest.mark.parametrize("name", ["tmor-base", "org/", "a/b/c"])
def test_a_name_says_its_organisation(exported, name):
    with pytest.raises(ValueError, match='expected a name "organisation/name"'):
        push(exported["tmor-base"], name, dry_run=True)


def test_the_command_publishes_checkpoints_under_their_names(contrastive, classifier, capsys):
    words = ["org", "--checkpoint", str(contrastive), "--checkpoint", str(classifier), "--dry-run"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    for name in ("org/tmor-base:", "org/tmor-base-actions:", "modeling_tmor.py", "nothing was sent (dry run)"):
        assert name in shown


def test_the_command_takes_the_bundled_checkpoints(contrastive, classifier, monkeypatch, capsys):
    monkeypatch.setattr("tmor_hf.hub.__main__.bundled", lambda name: str(contrastive.parent / name))
    assert main(["org", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "org/tmor-base:" in shown and "org/tmor-base-actions:" in shown


def test_the_command_sends_nothing_if_one_of_the_checkpoints_is_broken(contrastive, classifier, capsys, monkeypatch):
    (contrastive / "README.md").unlink()
    monkeypatch.setattr("tmor_hf.hub.publishing.HfApi", None)  # whoever calls it fails
    assert main(["org", "--checkpoint", str(classifier), "--checkpoint", str(contrastive)]) == 1
    shown = capsys.readouterr()
    assert "expected README.md in" in shown.err and "org/" not in shown.out
