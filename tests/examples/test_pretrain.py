# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The pre-training example from the command line: it helps, it trains, and pipelines load what it wrote."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModel, AutoProcessor, pipeline

import tmor_hf

SCRIPT = Path(__file__).parents[2] / "examples" / "pretrain.py"


def run(*options):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, options)], capture_output=True, text=True, env=environment
    )


@pytest.mark.slow
def test_help_fits_a_screen_and_a_half():
    result = run("--help")
    lines = result.stdout.splitlines()
    assert result.returncode == 0 and "--smoke" in result.stdout
    assert len(lines) <= 75 and max(map(len, lines)) <= 120


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--video",)])
def test_a_run_writes_a_checkpoint_that_pipelines_load(tmp_path, options):
    sizes = ("--synthetic", 80, "--preset", "tiny", "--max-steps", 2, "--batch-size", 16, "--num-frames", 16)
    result = run(*sizes, *options, "--output-dir", tmp_path, "--cpu", "--no-progress-bar")
    assert result.returncode == 0, result.stderr
    metrics = json.loads(result.stdout.splitlines()[-1])
    assert metrics["steps"] == 2 and np.isfinite(metrics["loss"])
    assert 0 <= metrics["eval_retrieval/skeleton_to_text_R@1"] <= 1
    assert isinstance(AutoModel.from_pretrained(tmp_path), tmor_hf.TMorModel)
    assert AutoProcessor.from_pretrained(tmp_path).feature_extractor.num_frames == 16
    classifier = pipeline("zero-shot-skeleton-action-classification", model=str(tmp_path))
    clip = np.random.default_rng(0).normal(size=(10, 17, 2))
    answer = classifier(clip, layout="coco17", candidate_labels=["walking", "sitting down"])
    assert {entry["label"] for entry in answer} == {"walking", "sitting down"}


@pytest.mark.slow
def test_nothing_to_train_on_is_said_at_once(tmp_path):
    result = run("--output-dir", tmp_path)
    assert result.returncode == 2 and "nothing to train on" in result.stderr
    result = run("--output-dir", tmp_path, "--datasets", "nw_ucla")
    assert result.returncode == 2 and "--data-dir" in result.stderr
