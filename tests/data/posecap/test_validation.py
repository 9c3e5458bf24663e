# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The report is right on a whole set, and tells every kind of damage instead of failing at it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tmor_hf import Skeletons
from tmor_hf.data import load_benchmark
from tmor_hf.data.posecap import (
    PoseCapRecord,
    PoseCapWriter,
    mini_records,
    record_to_row,
    row_to_skeletons,
    validate_posecap,
    write_posecap_mini,
)

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

TRAIN = "data/train-00000-of-00003.parquet"


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    return write_posecap_mini(tmp_path_factory.mktemp("posecap") / "set", 30, rows_per_shard=10)


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "set"))


def errors(folder: Path) -> dict[str, tuple[int, str]]:
    """What is wrong -> number of cases, examples."""
    return {found.what: (found.count, "; ".join(found.examples)) for found in validate_posecap(folder).errors}


def warnings(folder: Path) -> dict[str, tuple[int, str]]:
    return {found.what: (found.count, "; ".join(found.examples)) for found in validate_posecap(folder).warnings}


def rewrite(path: Path, change: Callable[[list[dict]], object]) -> None:
    """Changes rows of a shard, and leaves the manifest as it is."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def test_a_whole_set_is_valid_and_counted(original):
    report = validate_posecap(original)
    records = list(mini_records(30))
    assert report.is_valid and report.errors == () and report.name == "posecap-mini"
    assert report.num_rows == 30
    assert {split: entry["num_rows"] for split, entry in report.splits.items()} == {
        "train": 24, "validation": 3, "test": 3,
    }  # fmt: skip
    assert report.splits["train"]["num_shards"] == 3
    frames = [record.skeletons.num_frames for record in records]
    assert report.num_frames == sum(frames)
    assert (report.frames.minimum, report.frames.maximum) == (min(frames), max(frames))
    assert report.frames.median == np.median(frames)
    missing = [1 - record.skeletons.valid.mean() for record in records]
    assert report.missing.mean == pytest.approx(np.mean(missing), abs=1e-5)
    captions = [caption for record in records for caption in record.captions]
    assert (report.num_captions, report.distinct_captions) == (len(captions), len(set(captions)))
    common = next(iter(report.common_captions))
    assert report.common_captions[common] == captions.count(common) == max(map(captions.count, captions))
    assert report.vocabulary == len({word for caption in captions for word in caption.lower().split()})
    assert sum(report.layouts.values()) == sum(report.coordinates.values()) == 30
    assert report.licences == {"CC0-1.0": 30} and report.with_video == 0


def test_the_report_is_a_page_and_plain_data(original, folder):
    page = str(validate_posecap(original))
    assert "valid" in page.splitlines()[0] and "no errors" in page and "CC0-1.0 30" in page
    assert max(map(len, page.splitlines())) < 400 and 15 < len(page.splitlines()) < 60
    (folder / TRAIN).unlink()
    report = validate_posecap(folder)
    assert "NOT VALID" in str(
        report
    ) and f"  - shards that posecap.json lists and that are not there\n      {TRAIN}" in str(report)
    data = json.loads(json.dumps(report.to_dict()))
    assert data["is_valid"] is False and data["errors"][0]["examples"] == [TRAIN]


def test_a_truncated_shard_is_a_finding(folder):
    content = (folder / TRAIN).read_bytes()
    for length in (0, 3, 1000, len(content) - 1):
        (folder / TRAIN).write_bytes(content[:length])
        found = errors(folder)
        assert TRAIN in found["shards that are no Parquet file, or truncated"][1]
        assert TRAIN in found["shards that are not what posecap.json says (SHA-256)"][1]
        assert validate_posecap(folder).num_rows == 20


def test_a_changed_byte_is_found_and_the_other_row_groups_are_read(tmp_path):
    folder = tmp_path / "set"
    with PoseCapWriter(folder, row_group_size=5) as writer:
        for record in mini_records(16):
            writer.write(record)
    shard = next(folder.glob("data/train-*"))
    content = bytearray(shard.read_bytes())
    column = pq.read_metadata(shard).row_group(1).column(pq.read_schema(shard).get_field_index("keypoints"))
    content[column.data_page_offset + column.total_compressed_size // 2] ^= 0xFF
    shard.write_bytes(content)
    assert "rows 5 to 9" in errors(folder)["damaged row groups"][1]
    assert validate_posecap(folder).num_rows == 16 - 5


def test_random_damage_never_crashes_the_validation(folder, rng):
    content = (folder / TRAIN).read_bytes()
    for _ in range(60):
        damaged = bytearray(content)
        for position in rng.integers(0, len(content), size=rng.integers(1, 20)):
            damaged[position] = rng.integers(256)
        (folder / TRAIN).write_bytes(damaged)
        assert not validate_posecap(folder).is_valid or bytes(damaged) == content


def test_rows_that_do_not_decode_are_named(folder):
    def damage(rows):
        rows[2]["keypoints"] = rows[2]["keypoints"][:-2]
        rows[4]["layout"] = "ntu26"
        rows[5]["licence"] = " "

    rewrite(folder / TRAIN, damage)
    count, examples = errors(folder)["rows that do not decode"]
    assert count == 3 and f"{TRAIN}, row 2: " in examples and "unknown layout 'ntu26'" in examples
    assert "expected licence as a string that is not blank" in examples
    assert validate_posecap(folder).num_rows == 27


def test_rows_that_no_model_can_take_or_that_lie_elsewhere_are_errors(folder):
    def damage(rows):
        rows[0]["keypoints"] = np.full(len(rows[0]["keypoints"]) // 2, -32768, dtype="<i2").tobytes()
        rows[1]["split"] = "test"

    rewrite(folder / TRAIN, damage)
    found = errors(folder)
    assert found["clips without a single visible joint"] == (1, f"{TRAIN}, row 0")
    assert found["rows of another split than their shard"] == (1, f"{TRAIN}, row 1: 'test'")


def test_another_schema_is_told_by_column(folder):
    table = pq.read_table(folder / TRAIN)
    changed = table.drop_columns(["captions"]).set_column(0, "id", pa.array(range(len(table))))
    pq.write_table(changed, folder / TRAIN)
    count, examples = errors(folder)["shards with another schema"]
    assert count == 2 and "column id is int64, not string" in examples and "column captions is lacking" in examples
    more = table.append_column("mood", pa.array(["fine"] * len(table)))
    pq.write_table(more, folder / TRAIN)
    assert list(errors(folder)) == ["shards that are not what posecap.json says (SHA-256)"]
    newer = table.replace_schema_metadata({"posecap_schema_version": "9"})
    pq.write_table(newer, folder / TRAIN)
    assert "schema version 9, not 1" in errors(folder)["shards with another schema"][1]


def test_duplicates_are_found_by_place(tmp_path, rng):
    clip = Skeletons(rng.normal(size=(4, 17, 2)), layout="coco17")
    other = Skeletons(rng.normal(size=(4, 17, 2)), layout="coco17")
    with PoseCapWriter(tmp_path / "set", row_group_size=2) as writer:
        for index, (skeletons, split) in enumerate(
            [(other, "train"), (clip, "train"), (clip, "train"), (clip, "test")]
        ):
            writer.write(PoseCapRecord(f"{index}", "s", "CC0-1.0", skeletons, ("walks", "walks"), split=split))
    report = validate_posecap(tmp_path / "set")
    train, test = "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"
    found = warnings(tmp_path / "set")
    assert report.is_valid
    assert found["clips with the same keypoints"] == (1, f"{train}, row 1 and {train}, row 2")
    assert found["clips with the same keypoints in two splits"] == (1, f"{train}, row 1 and {test}, row 0")
    assert found["clips that have a caption twice"][0] == 4
    assert report.common_captions == {"walks": 8}
    rewrite(tmp_path / "set" / test, lambda rows: rows[0].update(id="2"))
    assert errors(tmp_path / "set")["ids that occur twice"] == (1, f"{train}, row 2 and {test}, row 0")


def test_places_are_right_after_rows_that_do_not_decode(folder):
    def damage(rows):
        rows[3]["keypoints"] = b""
        rows[6]["id"] = rows[1]["id"]

    rewrite(folder / TRAIN, damage)
    assert errors(folder)["ids that occur twice"] == (1, f"{TRAIN}, row 1 and {TRAIN}, row 6")


def test_files_that_do_not_belong_together_are_found(folder):
    (folder / TRAIN).rename(folder / "data" / "train-extra.parquet")
    found = errors(folder)
    assert found["shards that posecap.json lists and that are not there"] == (1, TRAIN)
    assert found["shards that posecap.json does not list"] == (1, "data/train-extra.parquet")


def test_a_wrong_number_of_rows_is_found(folder):
    manifest = json.loads((folder / "posecap.json").read_text())
    manifest["splits"]["train"]["shards"][0]["num_rows"] = 11
    (folder / "posecap.json").write_text(json.dumps(manifest))
    assert errors(folder) == {"shards with another number of rows than listed": (1, f"{TRAIN}: 10, not 11")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "posecap.json is lacking"),
        ("{", "posecap.json is no JSON"),
        ("[" * 100_000, "posecap.json is no JSON"),
        ("[1]", "expected schema version 1, got None"),
        ('{"schema_version": 2}', "expected schema version 1, got 2"),
        ('{"schema_version": 1, "splits": 5}', "expected splits with their shards"),
        ('{"schema_version": 1, "splits": {"train": {"shards": [{"file": "../x.parquet"}]}}}', "names of shards"),
    ],
)
def test_without_a_usable_manifest_the_shards_are_read_all_the_same(folder, content, message):
    (folder / "posecap.json").unlink()
    if content is not None:
        (folder / "posecap.json").write_text(content)
    report = validate_posecap(folder)
    assert any(message in found.what for found in report.errors)
    assert report.num_rows == 30


def test_what_is_no_set_at_all(tmp_path):
    assert {"no shards data/*.parquet"} < set(errors(tmp_path))
    assert str(validate_posecap(tmp_path)).startswith("PoseCap set in ")
    with pytest.raises(FileNotFoundError, match="expected the folder of a PoseCap set"):
        validate_posecap(tmp_path / "none")


def test_missing_videos_and_captions_are_warnings(tmp_path):
    (tmp_path / "set" / "videos").mkdir(parents=True)
    (tmp_path / "set" / "videos" / "a.mp4").touch()
    clip = Skeletons(np.ones((2, 17, 2)), layout="coco17")
    with PoseCapWriter(tmp_path / "set") as writer:
        for index, path in enumerate(["videos/a.mp4", "videos/b.mp4", "https://example.org/c.mp4", None]):
            writer.write(PoseCapRecord(f"{index}", "s", "CC0-1.0", clip, (), video_path=path))
    report, found = validate_posecap(tmp_path / "set"), warnings(tmp_path / "set")
    assert report.is_valid and report.with_video == 3
    assert found["video files that are not there"] == (1, "data/train-00000-of-00001.parquet, row 1: videos/b.mp4")
    assert "clips without a caption" in found


def test_the_most_frequent_texts_are_counted_in_bounded_tables(tmp_path, monkeypatch):
    monkeypatch.setattr("tmor_hf.data.posecap.validation._MOST_CANDIDATES", 20)
    monkeypatch.setattr("tmor_hf.data.posecap.validation._MOST_WORDS", 30)
    clip = Skeletons(np.ones((2, 17, 2)), layout="coco17")
    with PoseCapWriter(tmp_path / "set") as writer:
        for index in range(100):
            captions = ("walks", f"word{index} once") if index % 2 else (f"word{index} once",)
            writer.write(PoseCapRecord(f"{index}", "s", "CC0-1.0", clip, captions))
    report = validate_posecap(tmp_path / "set")
    assert next(iter(report.common_captions.items())) == ("walks", 50)
    assert (report.num_captions, report.distinct_captions) == (150, 101)
    assert report.common_words["once"] == 100 and 30 <= report.vocabulary <= 32


@pytest.mark.skipif("TMOR_DATA_DIR" not in os.environ, reason="needs the benchmarks: set TMOR_DATA_DIR")
def test_the_copies_in_nw_ucla_are_found_and_real_poses_come_back(tmp_path):
    with PoseCapWriter(tmp_path / "set") as writer:
        for split in ("train", "validation", "test"):
            for clip in load_benchmark("nw_ucla", os.environ["TMOR_DATA_DIR"], split, leak_free=False):
                record = PoseCapRecord(clip.name, "nw_ucla", "research", clip.skeletons, clip.captions, split=split)
                row = record_to_row(record)
                back = row_to_skeletons(row)
                np.testing.assert_array_equal(back.valid, clip.skeletons.valid)
                error = np.abs(back.keypoints - clip.skeletons.keypoints)[clip.skeletons.valid].max(0)
                assert (error <= np.array(row["keypoints_scale"]) / 2 + 1e-6).all()
                writer.write(record)
    report = validate_posecap(tmp_path / "set")
    assert report.is_valid and report.num_rows == 1484
    (leaks,) = [found for found in report.warnings if found.what == "clips with the same keypoints in two splits"]
    assert leaks.count == 95  # as the set's own notes say: view 3 of two actions is a copy of view 2
