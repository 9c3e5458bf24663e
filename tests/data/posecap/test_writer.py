# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Shards, card and manifest: whole or not there, the same bytes each time, and `load_dataset` reads them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import yaml

from tmor_hf import JointLayout, Skeletons
from tmor_hf.data.posecap import PoseCapRecord, PoseCapWriter, row_to_record, validate_posecap
from tmor_hf.data.posecap.card import CONFIGS, columns_of

pq = pytest.importorskip("pyarrow.parquet")


def record(index: int, split: str = "train", **options) -> PoseCapRecord:
    rng = np.random.default_rng(index)
    clip = Skeletons(rng.normal(size=(4 + index % 3, 17, 2)), layout="coco17", fps=25)
    options = {"source": "test", "licence": "CC0-1.0", "captions": (f"caption {index}",), **options}
    return PoseCapRecord(f"clip-{index}", skeletons=clip, split=split, **options)


def write(folder: Path, count: int = 10, **options) -> Path:
    with PoseCapWriter(folder, **options) as writer:
        for index in range(count):
            writer.write(record(index, "test" if index % 5 == 4 else "train"))
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_shards_are_named_when_their_number_is_known(tmp_path):
    folder = write(tmp_path / "set", rows_per_shard=3, row_group_size=2)
    assert names(folder) == [
        "README.md",
        "data/test-00000-of-00001.parquet",
        "data/train-00000-of-00003.parquet",
        "data/train-00001-of-00003.parquet",
        "data/train-00002-of-00003.parquet",
        "posecap.json",
    ]
    ids = [pq.read_table(path, columns=["id"])["id"].to_pylist() for path in sorted(folder.glob("data/train-*"))]
    assert ids == [["clip-0", "clip-1", "clip-2"], ["clip-3", "clip-5", "clip-6"], ["clip-7", "clip-8"]]


def test_row_groups_are_small_in_rows_and_in_bytes(tmp_path):
    with PoseCapWriter(tmp_path, row_group_size=4) as writer:
        for index in range(10):
            writer.write(record(index))
        for index in range(10, 14):
            writer.write(record(index, video_bytes=bytes(10 * 2**20)))
    metadata = pq.read_metadata(next(tmp_path.glob("data/*.parquet")))
    rows = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert rows == [4, 4, 4, 2]
    assert max(metadata.row_group(index).total_byte_size for index in range(4)) < 32 * 2**20


def test_shards_end_at_their_size_in_bytes(tmp_path):
    with PoseCapWriter(tmp_path, bytes_per_shard=100_000, row_group_size=2) as writer:
        for index in range(12):
            writer.write(record(index, video_bytes=os.urandom(30_000)))
    assert [pq.read_metadata(path).num_rows for path in sorted(tmp_path.glob("data/*"))] == [4, 4, 4]


def test_the_same_records_give_the_same_bytes(tmp_path):
    first, second = write(tmp_path / "a", rows_per_shard=3), write(tmp_path / "b", rows_per_shard=3)
    assert names(first) == names(second)
    for name in names(first):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_manifest_counts_and_hashes(tmp_path):
    folder = write(tmp_path, rows_per_shard=3)
    manifest = json.loads((folder / "posecap.json").read_text())
    assert list(manifest["splits"]) == ["train", "test"]
    assert manifest["num_rows"] == 10 and manifest["licences"] == {"CC0-1.0": 10}
    assert manifest["num_frames"] == sum(4 + index % 3 for index in range(10))
    for split in manifest["splits"].values():
        assert split["num_rows"] == sum(shard["num_rows"] for shard in split["shards"])
        for shard in split["shards"]:
            content = (folder / shard["file"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == shard["sha256"] and len(content) == shard["num_bytes"]


def test_the_card_is_valid_and_names_what_is_in_the_set(tmp_path):
    own = JointLayout("two", ("neck", "head"), (("neck", "head"),))
    with PoseCapWriter(tmp_path, name="My | set: [1]") as writer:
        writer.write(record(0, licence="CC-BY-4.0", source="a | b"))
        writer.write(record(1, "val", licence="research only"))
        clip = Skeletons(np.ones((2, 2, 3)), layout=own)
        writer.write(PoseCapRecord("own", "c", "CC0-1.0", clip, ()))
    text = (tmp_path / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["pretty_name"] == "My | set: [1]" and front["size_categories"] == ["n<1K"]
    assert front["license"] == ["cc-by-4.0", "cc0-1.0", "other"]
    assert [config["config_name"] for config in front["configs"]] == list(CONFIGS)
    assert "| a \\| b | 1 |" in text and "| defined in its row | 1 |" in text and "| research only | 1 |" in text


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("config", list(CONFIGS))
def test_load_dataset_reads_the_folder(tmp_path, config, streaming):
    datasets = pytest.importorskip("datasets")
    folder = write(tmp_path / "set", rows_per_shard=3)
    rows = datasets.load_dataset(
        str(folder), config, split="train", streaming=streaming, cache_dir=str(tmp_path / "cache")
    )
    assert list(rows.features) == columns_of(config)
    records = [row_to_record(row) for row in rows]
    assert [found.id for found in records] == [f"clip-{index}" for index in range(10) if index % 5 != 4]
    expected = record(3).skeletons.keypoints
    assert np.abs(records[3].skeletons.keypoints - expected).max() < 1e-4
    assert records[3].captions == (() if config == "skeleton_only" else ("caption 3",))


def test_duplicate_ids_are_refused_and_the_writer_goes_on(tmp_path):
    with PoseCapWriter(tmp_path) as writer:
        writer.write(record(0))
        with pytest.raises(ValueError, match="'clip-0' twice"):
            writer.write(record(0, "test"))
        writer.write(record(1))
    assert pq.read_table(tmp_path / "data").num_rows == 2


def test_a_clip_that_shows_nobody_is_refused(tmp_path):
    with PoseCapWriter(tmp_path) as writer:
        with pytest.raises(ValueError, match="'ghost': expected at least one visible joint"):
            clip = Skeletons(np.zeros((3, 17, 2)), layout="coco17")
            writer.write(PoseCapRecord("ghost", "test", "CC0-1.0", clip, ()))
        writer.write(record(1))
    assert pq.read_table(tmp_path / "data").num_rows == 1


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), PoseCapWriter(tmp_path, rows_per_shard=2, row_group_size=1) as writer:
        for index in range(5):
            writer.write(record(index))
        raise RuntimeError
    assert names(tmp_path) == []
    with pytest.raises(ValueError, match="expected an open writer"):
        writer.write(record(9))


def test_a_set_without_records_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="expected at least one record"), PoseCapWriter(tmp_path):
        pass
    assert names(tmp_path) == []


def test_a_killed_writer_leaves_no_shard_and_the_next_one_cleans_up(tmp_path):
    script = textwrap.dedent(f"""
        import sys, time
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_writer import PoseCapWriter, record
        writer = PoseCapWriter({str(tmp_path)!r}, rows_per_shard=2, row_group_size=1)
        for index in range(5):
            writer.write(record(index))
        print("written", flush=True)
        time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "data").exists() and not (tmp_path / "posecap.json").exists()
    assert names(tmp_path)
    write(tmp_path)
    assert names(tmp_path)[0] == "README.md" and len(names(tmp_path)) == 4


def test_a_set_is_replaced_only_when_told(tmp_path):
    write(tmp_path, rows_per_shard=2)
    before = (tmp_path / "posecap.json").read_bytes()
    with pytest.raises(FileExistsError, match="already holds posecap.json, data, README.md"):
        PoseCapWriter(tmp_path)
    with pytest.raises(RuntimeError), PoseCapWriter(tmp_path, overwrite=True) as writer:
        writer.write(record(99))
        raise RuntimeError
    assert (tmp_path / "posecap.json").read_bytes() == before
    write(tmp_path, count=3, overwrite=True)
    assert pq.read_table(tmp_path / "data").num_rows == 3
    (tmp_path / "data" / "thesis.docx").touch()
    with pytest.raises(FileExistsError, match="such as thesis.docx"):
        PoseCapWriter(tmp_path, overwrite=True)


@pytest.mark.parametrize("moves", range(6))
def test_a_set_that_replaces_another_is_not_lost_between_two_moves(tmp_path, monkeypatch, moves):
    write(tmp_path, count=3)
    writer, done, replace = PoseCapWriter(tmp_path, overwrite=True), [], os.replace

    def stop_after_some(source: Path, target: Path) -> None:
        if tmp_path in (Path(source).parent, Path(target).parent):
            if len(done) == moves:
                raise OSError("stopped here")
            done.append(target)
        replace(source, target)

    for index in range(5):
        writer.write(record(index))
    with monkeypatch.context() as patched, pytest.raises(OSError, match="stopped here"):
        patched.setattr(os, "replace", stop_after_some)
        writer.close()
    writer.abort()  # as the end of a `with` block might do
    if (tmp_path / "posecap.json").exists():
        assert moves == 0 and validate_posecap(tmp_path).num_rows == 3
    with pytest.raises(FileExistsError):
        PoseCapWriter(tmp_path)
    report = validate_posecap(tmp_path)
    assert report.is_valid and report.num_rows == 5
    assert len(names(tmp_path)) == 3


def test_options_are_checked(tmp_path):
    with pytest.raises(ValueError, match="of 1 or more"):
        PoseCapWriter(tmp_path, rows_per_shard=0)
    with pytest.raises(ValueError, match="expected an encoding"):
        PoseCapWriter(tmp_path, encoding="int8")
