# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The entry of `tmor`: what it need not import it does not, and what it must it does, from a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from tmor_hf import Skeletons

RUN_AND_REPORT = """
import json, sys
from tmor_command import main

code = main()
loaded = [name for name in ("torch", "transformers") if name in sys.modules]
print(json.dumps({"code": code, "loaded": loaded}), file=sys.stderr)
"""


def report(*words: str) -> dict:
    done = subprocess.run([sys.executable, "-c", RUN_AND_REPORT, *words], capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--help"], 0), (["stream", "--help"], 0), (["--version"], 0), (["shwo"], 2), (["detect"], 2), ([], 2)],
)
def test_help_and_errors_of_words_import_nothing_large(words, code):
    assert report(*words) == {"code": code, "loaded": []}


def test_looking_at_a_file_imports_nothing_large(tmp_path):
    Skeletons(np.random.default_rng(0).normal(size=(3, 25, 3)), layout="ntu25").save(tmp_path / "clip.npz")
    assert report("show", str(tmp_path / "clip.npz")) == {"code": 0, "loaded": []}
    assert report("convert", str(tmp_path / "clip.npz"), str(tmp_path / "clip.csv")) == {"code": 0, "loaded": []}


def test_other_commands_find_the_package_as_an_import_leaves_it():
    program = """
import sys
sys.argv = ["tmor", "stream", "--model", "none"]
from tmor_command import main
assert main() == 1  # no such model
import tmor_hf, transformers
assert tmor_hf.__version__ and tmor_hf.TMorModel
assert type(transformers.AutoConfig.for_model("tmor")).__name__ == "TMorConfig"
"""
    environment = {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
