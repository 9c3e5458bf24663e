# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Reading PoseCap: the clips that were written, from any place, and what happens to damaged ones."""

import functools
import http.server
import json
import logging
import pickle
import threading

import numpy as np
import pytest

from tmor_hf.data.clips import MissingSplitError
from tmor_hf.data.posecap import PoseCapRecord, PoseCapWriter
from tmor_hf.data.posecap.locating import find_shards
from tmor_hf.data.posecap.reading import PoseCapShards
from tmor_hf.processing.skeletons import Skeletons

parquet = pytest.importorskip("pyarrow.parquet")


def record(number, **fields):
    rng = np.random.default_rng(number)
    keypoints = rng.normal(size=(5 + number % 7, 1 + number % 2, 25, 3))
    keypoints[0, 0, 3] = np.nan
    scores = rng.uniform(0.1, 1, size=keypoints.shape[:3]) if number % 3 == 0 else None
    given = {"captions": (f"clip number {number}", "a person moves"), "labels": (f"class {number % 4}",)}
    skeletons = Skeletons(keypoints, scores=scores, fps=30, layout="ntu25")
    return PoseCapRecord(f"id{number}", "test", "CC0-1.0", skeletons, **{**given, **fields})


def write(folder, count=90, **options):
    with PoseCapWriter(folder, **{"rows_per_shard": 30, "row_group_size": 10, **options}) as writer:
        for number in range(count):
            writer.write(record(number))
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write(tmp_path_factory.mktemp("posecap") / "set")


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "set")


def names(clips):
    return [clip.name for clip in clips]


def damage_row_group(folder, shard=1, column="keypoints", group=1):
    """Overwrites bytes in the middle of one column of a row group."""
    path = sorted((folder / "data").glob("*.parquet"))[shard]
    chunks = parquet.read_metadata(path).row_group(group)
    chunk = next(chunks.column(i) for i in range(chunks.num_columns) if chunks.column(i).path_in_schema == column)
    data = bytearray(path.read_bytes())
    middle = chunk.data_page_offset + chunk.total_compressed_size // 2
    data[middle : middle + 8] = b"damaged!"
    path.write_bytes(data)
    return path


def test_clips_come_back_as_they_were_written(whole):
    clips = PoseCapShards(whole)
    assert len(clips) == 90 and names(clips) == [f"id{number}" for number in range(90)]
    for number in (0, 3, 44, 89):
        expected, clip = record(number), clips[number]
        assert clip.captions == expected.captions and clip.group == expected.labels[0] == clip.class_name
        np.testing.assert_allclose(clip.skeletons.keypoints, expected.skeletons.keypoints, atol=1e-3)
        assert clip.skeletons.fps == 30 and clip.skeletons.layout == "ntu25"
        if expected.skeletons.scores is not None:
            np.testing.assert_allclose(clip.skeletons.scores, expected.skeletons.scores, atol=1 / 255)
    assert clips.damaged == {} and clips.take_damage() == []


def test_an_index_is_as_in_a_list(whole):
    clips = PoseCapShards(whole)
    assert clips[-1].name == "id89" and names(clips[88:]) == ["id88", "id89"]
    assert names(clips.__getitems__([50, 2, 50])) == ["id50", "id2", "id50"]
    with pytest.raises(IndexError):
        clips[90]


def test_blocks_are_row_groups_and_lengths_are_frames(whole):
    clips = PoseCapShards(whole)
    np.testing.assert_array_equal(clips.blocks, np.arange(0, 90, 10))
    assert clips.lengths.tolist() == [clip.skeletons.num_frames for clip in clips]
    assert list(clips.iter_captions()) == [clip.captions for clip in clips]


def test_a_row_group_is_read_once_while_it_is_kept(whole, monkeypatch):
    clips = PoseCapShards(whole, kept_groups=2)
    read = []
    original = PoseCapShards._read_table

    def noting(self, group, columns):
        read.append(group)
        return original(self, group, columns)

    monkeypatch.setattr(PoseCapShards, "_read_table", noting)
    clips.__getitems__([0, 15, 3, 12])
    assert read == [0, 1]
    clips.__getitems__([25, 13, 0])
    assert read == [0, 1, 2, 0]


def test_a_set_can_go_to_another_process_after_reading(whole):
    clips = PoseCapShards(whole)
    _ = clips[0]
    assert names(pickle.loads(pickle.dumps(clips))) == names(clips)


def test_splits_are_read_apart_or_together(tmp_path):
    with PoseCapWriter(tmp_path / "set") as writer:
        for number in range(20):
            writer.write(record(number, split=("train", "validation")[number % 5 == 0]))
    assert len(PoseCapShards(tmp_path / "set")) == 16 and len(PoseCapShards(tmp_path / "set", "validation")) == 4
    assert len(PoseCapShards(tmp_path / "set", "train+validation")) == len(PoseCapShards(tmp_path / "set", None)) == 20
    with pytest.raises(MissingSplitError, match="no split 'test'; it has train, validation"):
        PoseCapShards(tmp_path / "set", "test")


def test_what_is_no_set_is_said(tmp_path, folder):
    with pytest.raises(FileNotFoundError, match="nothing here"):
        PoseCapShards(tmp_path / "nothing here" / "at all")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="empty, got none"):
        PoseCapShards(tmp_path / "empty")
    (folder / "posecap.json").write_text(json.dumps({"splits": {"train": {"shards": [{"file": "../../secret"}]}}}))
    with pytest.raises(ValueError, match="inside the folder"):
        PoseCapShards(folder)
    (folder / "posecap.json").write_text("{")
    with pytest.raises(ValueError, match="no PoseCap manifest"):
        PoseCapShards(folder)


def test_a_set_without_manifest_and_a_single_shard_are_read_too(folder):
    (folder / "posecap.json").unlink()
    assert len(PoseCapShards(folder)) == 90
    path = sorted((folder / "data").glob("*.parquet"))[1]
    assert names(PoseCapShards(path)) == [f"id{number}" for number in range(30, 60)]


# ---------------------------------------------------------------- damage


def test_a_damaged_shard_is_left_out_logged_and_counted(folder, caplog):
    path = sorted((folder / "data").glob("*.parquet"))[1]
    path.write_bytes(path.read_bytes()[:-20])
    with caplog.at_level(logging.WARNING):
        clips = PoseCapShards(folder)
    assert names(clips) == [f"id{number}" for number in [*range(30), *range(60, 90)]]
    assert list(clips.damaged) == [str(path)] and list(clips.damaged[str(path)]) == [-1]
    assert caplog.text.count(str(path)) == 1
    with pytest.raises(ValueError, match=path.name):
        PoseCapShards(folder, strict=True)


def test_a_missing_shard_counts_as_damaged(folder):
    path = sorted((folder / "data").glob("*.parquet"))[2]
    path.unlink()
    clips = PoseCapShards(folder)
    assert len(clips) == 60 and "not there" in clips.damaged[str(path)][-1]


@pytest.mark.parametrize("column", ["keypoints", "num_frames", "captions.list.element"])
def test_in_the_place_of_damaged_rows_come_others_always_the_same(folder, caplog, column):
    path = damage_row_group(folder, shard=1, column=column, group=1)
    clips = PoseCapShards(folder)
    with caplog.at_level(logging.WARNING):
        first = names(clips)
    good = [f"id{number}" for number in range(90) if not 40 <= number < 50]
    assert [first[number] for number in range(90) if not 40 <= number < 50] == good
    assert set(first[40:50]) <= set(good)
    assert caplog.text.count(path.name) == 1
    assert sorted(clips.damaged[str(path)]) == list(range(10, 20))
    assert [(found.shard, found.row) for found in clips.take_damage()] == [(str(path), row) for row in range(10, 20)]
    again = PoseCapShards(folder)
    assert [again[number].name for number in reversed(range(90))][::-1] == first, "in any order of reading"
    with pytest.raises(ValueError, match=rf"{path.name}, row 10: row group 1 cannot be read"):
        names(PoseCapShards(folder, strict=True))


def test_a_single_bad_row_is_replaced_and_named(folder):
    path = sorted((folder / "data").glob("*.parquet"))[0]
    table = parquet.read_table(path)
    rows = table.to_pylist()
    rows[3]["keypoints"] = rows[3]["keypoints"][:-2]
    rows[4]["captions"], rows[4]["labels"] = [], []
    rows[5]["layout"] = "no such layout"
    rows[6]["num_frames"] = 2**30
    rows[7]["keypoints"] = np.full(len(rows[7]["keypoints"]) // 2, -32768, dtype="<i2").tobytes()
    parquet.write_table(type(table).from_pylist(rows, schema=table.schema), path, row_group_size=10)
    clips = PoseCapShards(folder)
    found = names(clips)
    assert found[:3] == ["id0", "id1", "id2"] and found[8:] == [f"id{number}" for number in range(8, 90)]
    assert not {f"id{number}" for number in range(3, 8)} & set(found)
    reasons = clips.damaged[str(path)]
    assert sorted(reasons) == [3, 4, 5, 6, 7]
    for row, words in {3: "bytes", 4: "captions", 5: "layout", 6: "bytes", 7: "joint"}.items():
        assert words in reasons[row] and f"id{row}" in reasons[row]
    with pytest.raises(ValueError, match=r"row 3: id 'id3'"):
        names(PoseCapShards(folder, strict=True))


def test_labels_stand_in_for_captions(tmp_path):
    with PoseCapWriter(tmp_path / "set") as writer:
        writer.write(record(0, captions=()))
        writer.write(record(1, labels=()))
    first, second = PoseCapShards(tmp_path / "set")
    assert first.captions == ("class 0",) and second.group == "clip number 1"


def test_a_flipped_byte_anywhere_gives_the_same_clip_or_is_noticed(folder):
    path = sorted((folder / "data").glob("*.parquet"))[0]
    whole = path.read_bytes()
    expected = {clip.name: clip for clip in PoseCapShards(path)}
    rng = np.random.default_rng(0)
    noticed = 0
    for _ in range(150):
        data = bytearray(whole)
        data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        path.write_bytes(data)
        try:
            clips = PoseCapShards(path)
            found = list(clips)
        except ValueError:
            noticed += 1
            continue
        noticed += bool(clips.damaged)
        for clip in found:
            np.testing.assert_array_equal(clip.skeletons.keypoints, expected[clip.name].skeletons.keypoints)
            assert clip.captions == expected[clip.name].captions
    assert noticed > 75


# ---------------------------------------------------------------- other places


@pytest.fixture
def served(whole):
    """URL of a server of the folder above the set. It lists nothing, and gives files or ranges of them."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def list_directory(self, path):
            self.send_error(404)

        def do_GET(self):
            path = whole.parent / self.path.lstrip("/")
            if "Range" not in self.headers or not path.is_file():
                return super().do_GET()
            first, last = self.headers["Range"].removeprefix("bytes=").split("-")
            data = path.read_bytes()
            part = data[int(first) : int(last) + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part)

    handler = functools.partial(Quiet, directory=str(whole.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_url_prefix_is_read_by_its_manifest(whole, served):
    pytest.importorskip("aiohttp")
    clips = PoseCapShards(f"{served}/set")
    assert names(clips) == names(PoseCapShards(whole))
    np.testing.assert_array_equal(clips[7].skeletons.keypoints, PoseCapShards(whole)[7].skeletons.keypoints)


def test_any_file_system_of_fsspec_serves(whole):
    from fsspec.implementations.memory import MemoryFileSystem

    memory = MemoryFileSystem()
    for path in whole.rglob("*.parquet"):
        memory.pipe(f"/posecap-test/data/{path.name}", path.read_bytes())
    assert [shard.split for shard in find_shards("memory://posecap-test", "train")] == ["train"] * 3
    assert names(PoseCapShards("memory://posecap-test")) == names(PoseCapShards(whole))
