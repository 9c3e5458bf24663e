# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The example that a file tests, by the name of that file: as a module, and as a command."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def script_of(request):
    return EXAMPLES / f"{request.path.stem.removeprefix('test_')}.py"


@pytest.fixture(scope="module")
def example(request):
    """The example as a module: in this process, a run takes a second instead of ten."""
    script = script_of(request)
    spec = importlib.util.spec_from_file_location(f"{script.stem}_example", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_script(request):
    """Runs the example from the command line; `launcher` are words of Python's command line before it."""

    def run(*options, launcher=()):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, *launcher, str(script_of(request)), *map(str, options)]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    return run


@pytest.fixture
def checkpoint(tiny_model, tiny_processor, tmp_path):
    """A contrastive checkpoint with its processor."""
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    return tmp_path / "model"
