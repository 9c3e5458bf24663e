# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The pre-training example from the command line: it helps, it trains, and pipelines load what it wrote."""

import json

import numpy as np
import pytest
from transformers import AutoModel, AutoProcessor, pipeline

import tmor_hf
from tmor_hf import Skeletons
from tmor_hf.data.posecap import write_posecap_mini


@pytest.mark.slow
def test_help_fits_a_screen_and_a_half(run_script):
    result = run_script("--help")
    lines = result.stdout.splitlines()
    assert result.returncode == 0 and "--smoke" in result.stdout
    assert len(lines) <= 75 and max(map(len, lines)) <= 120


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--video",)])
def test_a_run_writes_a_checkpoint_that_pipelines_load(run_script, tmp_path, options):
    sizes = ("--synthetic", 80, "--preset", "tiny", "--max-steps", 2, "--batch-size", 16, "--num-frames", 16)
    result = run_script(*sizes, *options, "--output-dir", tmp_path, "--cpu", "--no-progress-bar")
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


TINY = ("--preset", "tiny", "--max-steps", "2", "--batch-size", "6", "--num-frames", "8", "--cpu", "--no-progress-bar")


def train(example, folder, *options):
    return example.pretrain(example.get_arguments([*map(str, options), *TINY, "--output-dir", str(folder)]))


def write_clips(folder, count=9):
    folder.mkdir(parents=True)
    for number in range(count):
        keypoints = np.random.default_rng(number).normal(size=(10 + number, 17, 2))
        Skeletons(keypoints, layout="coco17").save(folder / f"clip{number}.npz")
    return folder


def posecap_mini(folder):
    return write_posecap_mini(folder / "mini", num_clips=30)


def captions_file(folder):
    rows = [
        f"clip{number}.npz,a person does {number},{'validation' if number > 6 else 'train'}" for number in range(9)
    ]
    write_clips(folder / "mine")
    (folder / "mine" / "captions.csv").write_text("\n".join(["file,caption,split", *rows]))
    return folder / "mine"


def class_folders(folder):
    for name in ("wave", "sit_down"):
        write_clips(folder / "classes" / name)
    return folder / "classes"


def benchmark(folder):
    rng = np.random.default_rng(0)
    arrays = {
        "kp": rng.uniform(0.1, 1, (80, 20, 3)).astype(np.float32), "offsets": np.arange(0, 81, 5),
        "names": np.array([f"clip{number}" for number in range(16)]), "labels": np.arange(16) % 2,
        "subject": np.where(np.arange(16) < 12, 1, 10), "split": np.zeros(16, int), "leak": np.zeros(16, bool),
    }  # fmt: skip
    (folder / "nw_ucla").mkdir()
    np.savez(folder / "nw_ucla" / "data.npz", **arrays)
    (folder / "nw_ucla" / "meta.json").write_text(json.dumps({"classes": ["sit down", "donning"]}))
    return "nw_ucla"


SOURCES = {
    "PoseCap": posecap_mini,
    "a captions file": captions_file,
    "folders of classes": class_folders,
    "a benchmark": benchmark,
    "synthetic motion": lambda folder: "synthetic:20",
    "posecap-mini": lambda folder: "posecap-mini",
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_kind_of_source_trains(example, tmp_path, monkeypatch, name):
    if "osecap" in name or name == "PoseCap":
        pytest.importorskip("pyarrow")
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "hub"))
    source = SOURCES[name](tmp_path)
    metrics = train(example, tmp_path / "out", "--dataset", source, "--data-dir", tmp_path, "--smoke")
    assert metrics["steps"] == 2 and np.isfinite(metrics["loss"])
    has_held_out = name != "folders of classes"
    assert ("eval_retrieval/skeleton_to_text_R@1" in metrics) == has_held_out


@pytest.mark.parametrize("options", [(), ("--text-lr-scale", "0", "--num-workers", "1", "--group-by-length")])
def test_a_mixture_trains(example, tmp_path, options):
    pytest.importorskip("pyarrow")
    sources = (f"{posecap_mini(tmp_path)}=0.5", f"{captions_file(tmp_path)}:train=0.2", "synthetic:20=0.3")
    metrics = train(example, tmp_path / "out", "--dataset", *sources, *options)
    assert metrics["steps"] == 2 and np.isfinite(metrics["loss"])


@pytest.mark.parametrize("is_strict", [False, True])
def test_damaged_data_is_counted_or_stops_the_run(example, tmp_path, is_strict):
    pytest.importorskip("pyarrow")
    folder = write_posecap_mini(tmp_path / "mini", num_clips=60, rows_per_shard=16)
    (shard, *_) = sorted((folder / "data").glob("train-*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-8])
    options = ("--dataset", folder, "--strict-data") if is_strict else ("--dataset", folder)
    if is_strict:
        with pytest.raises(ValueError, match=shard.name):
            train(example, tmp_path / "out", *options)
    else:
        assert train(example, tmp_path / "out", *options)["damaged_shards"] == 1


def test_what_is_not_at_hand_is_said_at_once(example, tmp_path, capsys):
    for options, words in (((), "nothing to train on"), (("--dataset", "nw_ucla"), "needs --data-dir")):
        with pytest.raises(SystemExit):
            train(example, tmp_path, *options)
        assert words in capsys.readouterr().err


@pytest.mark.slow
def test_nothing_to_train_on_is_said_at_once(run_script, tmp_path):
    result = run_script("--output-dir", tmp_path)
    assert result.returncode == 2 and "nothing to train on" in result.stderr
    result = run_script("--output-dir", tmp_path, "--dataset", "nw_ucla")
    assert result.returncode == 2 and "--data-dir" in result.stderr
