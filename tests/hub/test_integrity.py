# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Whatever happens to a file of a checkpoint, it is found before anybody computes with it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tmor_hf import TMorModel
from tmor_hf.hub import CHECKSUMS_NAME, export_to_hub_folder, verify_checkpoint


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def flip(path: Path) -> None:
    """Changes one bit of the last byte."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_whole_checkpoints_pass(exported, contrastive, classifier, frame_classifier):
    for folder in (contrastive, classifier, frame_classifier, *exported.values()):
        verify_checkpoint(folder)


def test_every_file_of_an_exported_folder_is_watched(exported, tmp_path):
    folder = exported["tmor-base"]
    names = {path.name for path in folder.iterdir()} - {CHECKSUMS_NAME, "README.md"}
    assert len(names) > 10
    for name in sorted(names):
        for harm, error in ((cut, ValueError), (flip, ValueError), (Path.unlink, FileNotFoundError)):
            copy = Path(shutil.copytree(folder, tmp_path / "copy", dirs_exist_ok=True))
            harm(copy / name)
            with pytest.raises(error, match=name):
                verify_checkpoint(copy)
    (copy / names.pop()).unlink(missing_ok=True)
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    (copy / "extra.py").write_text("")
    with pytest.raises(ValueError, match="got extra.py in .* too"):
        verify_checkpoint(copy)


def test_the_card_may_be_edited(exported):
    (exported["tmor-base"] / "README.md").write_text("# Another card\n")
    verify_checkpoint(exported["tmor-base"])


def test_sha256sum_reads_the_list(exported):
    if shutil.which("sha256sum") is None:
        pytest.skip("there is no sha256sum")
    subprocess.run(
        ["sha256sum", "--strict", "--check", CHECKSUMS_NAME],
        cwd=exported["tmor-base"],
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", "expected JSON in .*config.json, got a file that is cut short or damaged"),
        ("processor_config.json", "expected JSON in .*processor_config.json, got a file that is cut short"),
        ("tokenizer.json", "expected JSON in .*tokenizer.json, got a file that is cut short"),
        ("model.safetensors", "expected weights in .*model.safetensors, got a file that is cut short"),
    ],
)
def test_files_that_are_cut_short_are_found_without_a_list_too(contrastive, name, message):
    cut(contrastive / name)
    with pytest.raises(ValueError, match=message):
        verify_checkpoint(contrastive)


@pytest.mark.parametrize(
    "name", ["config.json", "processor_config.json", "tokenizer_config.json", "model.safetensors"]
)
def test_missing_files_are_named(contrastive, name):
    (contrastive / name).unlink()
    with pytest.raises(FileNotFoundError, match="tokenizer" if "tokenizer" in name else name):
        verify_checkpoint(contrastive)


def test_weights_of_another_model_are_found(contrastive, classifier):
    shutil.copyfile(classifier / "model.safetensors", contrastive / "model.safetensors")
    with pytest.raises(ValueError, match="of TMorModel in .*, got none; the file belongs to another model"):
        verify_checkpoint(contrastive)
    edit(classifier / "config.json", hidden_size=48)
    with pytest.raises(ValueError, match="belongs to another model"):
        verify_checkpoint(classifier)


def test_what_is_no_checkpoint_of_ours_is_refused(contrastive, tmp_path):
    with pytest.raises(FileNotFoundError, match="which is no folder"):
        verify_checkpoint(tmp_path / "nothing")
    edit(contrastive / "config.json", architectures=["BertModel"])
    with pytest.raises(ValueError, match="got architecture BertModel"):
        verify_checkpoint(contrastive)
    (contrastive / "config.json").write_text("[1, 2]")
    with pytest.raises(ValueError, match="expected an object in .*config.json, got list"):
        verify_checkpoint(contrastive)


def test_code_that_is_missing_is_named(exported):
    folder = exported["tmor-base"]
    (folder / CHECKSUMS_NAME).unlink()
    (folder / "processing_tmor.py").unlink()
    with pytest.raises(FileNotFoundError, match="expected processing_tmor.py of AutoProcessor"):
        verify_checkpoint(folder)


def test_a_broken_checkpoint_is_not_exported(contrastive, tmp_path):
    cut(contrastive / "model.safetensors")
    with pytest.raises(ValueError, match="cut short"):
        export_to_hub_folder(contrastive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_half_precision_passes(contrastive):
    TMorModel.from_pretrained(contrastive).half().save_pretrained(contrastive)
    verify_checkpoint(contrastive)
