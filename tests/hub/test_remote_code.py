# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The code that travels with a checkpoint, in an environment that does not have this package."""

from __future__ import annotations

import ast
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import pipeline

from tmor_hf import AutoModelForSkeletonFrameClassification, TMorForSkeletonActionClassification, TMorModel
from tmor_hf.hub import remote_code

LABELS = ["walking", "waving", "sitting down"]


@pytest.fixture
def other_python(tmp_path) -> str:
    """The interpreter of an environment with all that is installed here except this package."""
    venv.create(tmp_path / "venv", symlinks=True, with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    version = sysconfig.get_python_version()
    site_packages = tmp_path / "venv" / "lib" / f"python{version}" / "site-packages"
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "tmor" not in path.name and path.suffix != ".pth":
            (site_packages / path.name).symlink_to(path)
    return str(python)


@pytest.fixture
def expected(exported, random_clip, tmp_path) -> Path:
    """A clip and what the package itself makes of it, with each of the checkpoints."""
    clip = random_clip(frames=40).keypoints[:, 0]
    base, actions, frames = (str(exported[f"tmor-base{end}"]) for end in ("", "-actions", "-frames"))
    zero_shot = pipeline("zero-shot-skeleton-action-classification", model=base)
    classifier = pipeline("skeleton-action-classification", model=actions)
    scores = {one["label"]: one["score"] for one in zero_shot(clip, layout="ntu25", candidate_labels=LABELS)}
    path = tmp_path / "expected.npz"
    np.savez(
        path,
        clip=clip,
        embedding=pipeline("skeleton-feature-extraction", model=base)(clip, layout="ntu25"),
        zero_shot=[scores[label] for label in LABELS],
        action=[one["score"] for one in classifier(clip, layout="ntu25")],
        frames=pipeline("skeleton-temporal-action-detection", model=frames)(clip, layout="ntu25")["frame_scores"],
    )
    return path


def test_the_files_import_siblings_and_third_parties_only(exported):
    for name, folder in exported.items():
        files = {path.stem for path in folder.glob("*.py")}
        for path in folder.glob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.level:
                    assert node.level == 1 and node.module in files, (name, path.name, ast.unparse(node))
            tried = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
            required = [
                module.split(".")[0]
                for node in ast.walk(tree)
                if id(node) not in tried
                for module in _absolute_imports(node)
            ]
            assert "tmor_hf" not in required, (name, path.name)


def _absolute_imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and not node.level and node.module else []


def test_only_the_files_that_are_needed_travel(exported):
    files = {path.name for path in exported["tmor-base-actions"].glob("*.py")}
    assert {"modeling_tmor_skeleton.py", "skeleton_action_classification.py", "skeletons.py"} <= files
    assert not files & {"modeling_tmor.py", "modeling_tmor_frames.py", "processing_tmor.py", "augmentation.py"}


def test_code_that_could_not_travel_is_refused(tmp_path, monkeypatch):
    part = tmp_path / "modeling"
    part.mkdir()
    (part / "configuration_tmor.py").write_text("from ..io import read_skeletons\n")
    monkeypatch.setattr(remote_code, "_PACKAGE", tmp_path)
    with pytest.raises(ValueError, match="move `from ..io import read_skeletons` into a function"):
        remote_code.remote_code({"AutoConfig": "configuration_tmor.TMorConfig"}, {})
    with pytest.raises(ValueError, match="expected one file modeling_tmor.py"):
        remote_code.remote_code({"AutoConfig": "configuration_tmor.TMorConfig", "AutoModel": "modeling_tmor.X"}, {})


def test_exporting_registers_nothing(exported, tmp_path):
    for model_class in (TMorModel, TMorForSkeletonActionClassification):
        assert model_class._auto_class is None and model_class.config_class._auto_class is None
    model = AutoModelForSkeletonFrameClassification.from_pretrained(exported["tmor-base-frames"])
    assert isinstance(model(torch.zeros(1, 4, 1, 22, 3)).logits, torch.Tensor)
    model.save_pretrained(tmp_path / "saved")
    assert not list((tmp_path / "saved").glob("*.py"))


@pytest.mark.slow
def test_the_code_runs_where_the_package_is_not_installed(exported, expected, hub, run_client, other_python):
    given = {"expected": expected, **exported}
    report = run_client("remote_code_client.py", given, python=other_python, HF_ENDPOINT=hub.url)
    assert report == dict.fromkeys(report, "passed")
    assert len(report) == 8
