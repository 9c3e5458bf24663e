# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The first five minutes: the wheel in an environment of its own, with every connection refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tmor_hf.checkpoints import BUNDLED
from tmor_hf.data import SyntheticMotion

ROOT = Path(__file__).parents[1]
CHECKPOINTS = ROOT / "src" / "tmor_hf" / "checkpoints"
MAX_BYTES = 32 * 2**20

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((CHECKPOINTS / name).is_dir() for name in BUNDLED),
        reason="this source tree has no weights yet: make weights",
    ),
]

REFUSE = """
import socket

def refuse(*arguments, **options):
    raise RuntimeError(f"a connection was tried: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
"""
FIRST_MINUTES = """
import json, socket, sys

try:
    socket.create_connection(("localhost", 9))
    raise SystemExit("connections are not refused")
except RuntimeError:
    pass
import numpy as np
from transformers import AutoModel, AutoProcessor, pipeline
import tmor_hf

clip = np.load("clip.npy")
closed = pipeline("skeleton-action-classification")(clip, layout="tmor22", fps=30)
free = pipeline("zero-shot-skeleton-action-classification")(
    clip, layout="tmor22", fps=30, candidate_labels=["walking", "clapping", "kicking"]
)
embedding = pipeline("skeleton-feature-extraction")(clip, layout="tmor22", fps=30)
model = AutoModel.from_pretrained(tmor_hf.bundled("tmor-base"))
processor = AutoProcessor.from_pretrained(tmor_hf.bundled("tmor-base"))
print(json.dumps({
    "file": tmor_hf.__file__, "closed": closed, "free": free, "size": int(np.size(embedding)),
    "model": type(model).__name__, "processor": type(processor).__name__,
}))
"""


def run(command, folder, **environment):
    names = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    environment = {**kept, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of the sources, so that nothing is left in them."""
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("sources")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", folder / "dist"]
    run([sys.executable, "-m", "pip", "wheel", *options, "."], folder)
    return next((folder / "dist").iterdir())


@pytest.fixture(scope="module")
def bin_folder(wheel, tmp_path_factory) -> Path:
    """`bin` of an environment with the wheel, what it needs, and no way to connect to anything."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    site_packages = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "tmor" not in path.name and path.suffix != ".pth":
            (site_packages / path.name).symlink_to(path)
    python = folder / "bin" / "python"
    options = ["--no-deps", "--no-index", "--quiet", "--force-reinstall"]
    run([sys.executable, "-m", "pip", "--python", python, "install", *options, wheel], folder)
    (site_packages / "refuse_connections.py").write_text(REFUSE)
    (site_packages / "refuse_connections.pth").write_text("import refuse_connections\n")
    return folder / "bin"


def test_the_wheel_holds_the_weights_and_stays_small(wheel):
    assert wheel.stat().st_size < MAX_BYTES
    names = zipfile.ZipFile(wheel).namelist()
    for name in BUNDLED:
        for file in ("config.json", "model.safetensors"):
            assert f"tmor_hf/checkpoints/{name}/{file}" in names
    assert not [name for name in names if name.endswith((".pyc", ".py~")) or name.startswith(("tests", "examples"))]


def test_the_lines_of_the_mission_run_offline(bin_folder, tmp_path):
    clip = SyntheticMotion(1, seed=77, actions=("clap",))[0].skeletons.to_layout("tmor22")
    np.save(tmp_path / "clip.npy", clip.keypoints)
    report = json.loads(run([bin_folder / "python", "-c", FIRST_MINUTES], tmp_path).splitlines()[-1])
    assert bin_folder.parent in Path(report["file"]).parents
    assert "clapping hands" in [row["label"] for row in report["closed"]]
    assert len(report["free"]) == 3 and sum(row["score"] for row in report["free"]) == pytest.approx(1, abs=1e-4)
    assert (report["model"], report["processor"]) == ("TMorModel", "TMorProcessor") and report["size"] > 1


def test_the_command_names_a_file_offline(bin_folder, tmp_path):
    SyntheticMotion(1, seed=77, actions=("clap",))[0].skeletons.save(tmp_path / "clip.npz")
    for words in ([], ["--labels", "clapping hands", "walking"]):
        row = json.loads(run([bin_folder / "tmor", "classify", "clip.npz", "--json", *words], tmp_path))
        assert "clapping hands" in [answer["label"] for answer in row["labels"]]
