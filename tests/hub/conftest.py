# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Folders to publish, a Hub to publish them on, and clients in processes of their own.

The libraries of Hugging Face read where the Hub is when they are imported, so a client cannot be this process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from transformers import CLIPImageProcessor

from tmor_hf import (
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorModel,
    TMorProcessor,
)
from tmor_hf.hub import export_to_hub_folder

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from loopback_hub import LoopbackHub, running_hub  # noqa: E402

NAMES = {index: name for index, name in enumerate(["drink", "jump", "wave"])}
CARD = """\
---
license: apache-2.0
library_name: transformers
pipeline_tag: {task}
---

# A tiny model with random weights
"""


@pytest.fixture
def contrastive(tiny_config, tiny_feature_extractor, tiny_tokenizer, tmp_path) -> Path:
    """A checkpoint of three towers, whose processor prepares videos too, with a card."""
    folder = tmp_path / "checkpoints" / "tmor-base"
    torch.manual_seed(0)
    TMorModel(tiny_config).save_pretrained(folder)
    image_processor = CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    TMorProcessor(tiny_feature_extractor, tiny_tokenizer, image_processor).save_pretrained(folder)
    (folder / "README.md").write_text(CARD.format(task="zero-shot-skeleton-action-classification"), encoding="utf-8")
    return folder


def _save_classifier(model_class: type, seed: int, folder: Path, config, feature_extractor, task: str) -> Path:
    config.id2label = NAMES
    torch.manual_seed(seed)
    model_class(config).save_pretrained(folder)
    feature_extractor.save_pretrained(folder)
    (folder / "README.md").write_text(CARD.format(task=task), encoding="utf-8")
    return folder


@pytest.fixture
def classifier(tiny_skeleton_config, tiny_feature_extractor, tmp_path) -> Path:
    """A checkpoint of a classifier, with a card."""
    folder, task = tmp_path / "checkpoints" / "tmor-base-actions", "skeleton-action-classification"
    model_class = TMorForSkeletonActionClassification
    return _save_classifier(model_class, 1, folder, tiny_skeleton_config, tiny_feature_extractor, task)


@pytest.fixture
def frame_classifier(tiny_skeleton_config, tiny_feature_extractor, tmp_path) -> Path:
    """A checkpoint of a frame classifier, with a card."""
    folder, task = tmp_path / "checkpoints" / "tmor-base-frames", "skeleton-temporal-action-detection"
    model_class = TMorForSkeletonFrameClassification
    return _save_classifier(model_class, 2, folder, tiny_skeleton_config, tiny_feature_extractor, task)


@pytest.fixture
def exported(contrastive, classifier, frame_classifier, tmp_path) -> dict[str, Path]:
    """Name -> folder as it is published."""
    checkpoints = (contrastive, classifier, frame_classifier)
    return {path.name: export_to_hub_folder(path, tmp_path / "exported" / path.name) for path in checkpoints}


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with running_hub() as hub:
        yield hub


@pytest.fixture
def run_client(tmp_path) -> Callable[..., dict[str, str]]:
    """Runs the checks of a client in a process of its own; what the report says of each."""

    def run(script: str, given: dict, python: str = sys.executable, **environment: str) -> dict[str, str]:
        (tmp_path / "given.json").write_text(json.dumps(given, default=str), encoding="utf-8")
        report = tmp_path / "report.json"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))}
        environment = {
            "HF_HOME": str(tmp_path / "hf_home"),
            "HF_TOKEN": "hf_loopback",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "OMP_NUM_THREADS": "1",
            **environment,
        }
        command = [python, str(HERE / script), str(tmp_path / "given.json"), str(report)]
        done = subprocess.run(
            command, env=inherited | environment, cwd=tmp_path, capture_output=True, text=True, timeout=600
        )
        assert report.is_file(), done.stderr
        return json.loads(report.read_text(encoding="utf-8"))

    return run
