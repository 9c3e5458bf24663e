# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Penn Action's MATLAB files, as scipy writes them; with TMOR_DATA_DIR also the original ones."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from fuzzing import assert_survives
from scipy.io import loadmat, savemat

from tmor_hf.io import read_penn_action_clip, read_skeletons, sniff
from tmor_hf.io.mat5 import read_mat


@pytest.fixture
def fields(rng):
    visibility = rng.integers(0, 2, (4, 13)).astype(np.uint8)
    visibility[0, :2] = 0, 1
    return {
        "x": rng.uniform(1, 300, (4, 13)),
        "y": rng.uniform(1, 200, (4, 13)),
        "visibility": visibility,
        "dimensions": np.array([[270, 480, 4]], dtype=np.uint16),
        "action": "tennis_serve",
        "pose": "left",
        "train": np.array([[-1]], dtype=np.int32),
        "bbox": rng.uniform(1, 200, (4, 4)),
        "nframes": np.array([[4]], dtype=np.uint8),
    }


def mat(fields, do_compression=True) -> bytes:
    file = io.BytesIO()
    savemat(file, fields, do_compression=do_compression)
    return file.getvalue()


@pytest.mark.parametrize("do_compression", [True, False])
def test_joints_and_labels(do_compression, fields, tmp_path):
    path = tmp_path / "0001.mat"
    path.write_bytes(mat(fields, do_compression))
    clip = read_skeletons(path)
    assert sniff(path) == "penn_action" and clip.layout == "penn13" and clip.image_size == (270, 480)
    np.testing.assert_allclose(clip.keypoints[:, 0], np.stack([fields["x"], fields["y"]], axis=-1), rtol=1e-6)
    np.testing.assert_array_equal(clip.valid[:, 0], fields["visibility"] > 0)
    found = read_penn_action_clip(path)
    assert (found.action, found.viewpoint, found.is_train) == ("tennis_serve", "left", False)
    np.testing.assert_allclose(found.boxes, fields["bbox"], rtol=1e-6)


@pytest.mark.parametrize("do_compression", [True, False])
def test_arrays_of_all_types_are_what_scipy_reads(do_compression, rng, tmp_path):
    types = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
    arrays = {f"a_{dtype}": rng.integers(0, 100, (3, 5)).astype(dtype) for dtype in types}
    arrays |= {"cube": rng.normal(size=(2, 3, 4)), "one": np.float64(7), "none": np.zeros((0, 3)), "text": "größe"}
    path = tmp_path / "all.mat"
    path.write_bytes(mat(arrays, do_compression))
    expected, found = loadmat(path), read_mat(path)
    assert found.pop("text") == "größe"
    for name, array in found.items():
        np.testing.assert_array_equal(array, expected[name])
        assert array.dtype == expected[name].dtype
    assert set(found) == set(arrays) - {"text"}


def test_what_is_neither_numbers_nor_text_is_passed_over(fields, tmp_path):
    path = tmp_path / "0001.mat"
    cell = np.array([[1.0], ["x"]], dtype=object)
    path.write_bytes(mat(fields | {"extra": cell, "more": {"a": 1}, "complex": np.array([[1 + 2j]])}))
    assert read_skeletons(path).num_frames == 4
    assert {"extra", "more"}.isdisjoint(read_mat(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": None}, "got none 'x'"),
        ({"x": "text"}, "got none 'x'"),
        ({"y": np.zeros((3, 13))}, "variable 'y': expected 13 joints for each frame"),
        ({"visibility": np.zeros((4, 14))}, "variable 'visibility'"),
        ({"x": np.zeros((0, 13)), "y": np.zeros((0, 13)), "visibility": np.zeros((0, 13))}, "variable 'x'"),
        ({"dimensions": np.array([[0, 480, 4]])}, "variable 'dimensions'"),
        ({"dimensions": np.array([[np.nan, 480, 4]])}, "variable 'dimensions'"),
        ({"dimensions": np.array([[270]])}, "variable 'dimensions'"),
        ({"action": 7}, "texts 'action' and 'pose'"),
        ({"train": np.zeros((2, 2))}, "variable 'train'"),
        ({"bbox": np.zeros((4, 3))}, "variable 'bbox'"),
    ],
)
def test_other_variables_are_refused(change, message, fields, tmp_path):
    path = tmp_path / "0001.mat"
    path.write_bytes(mat({name: value for name, value in (fields | change).items() if value is not None}))
    with pytest.raises(ValueError, match=rf"0001\.mat.*{message}"):
        read_penn_action_clip(path)


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(kind: int, shape=(1, 1), name=b"x", content=b"") -> bytes:
    flags, dimensions = struct.pack("<II", kind, 0), struct.pack(f"<{len(shape)}i", *shape)
    return element(14, element(6, flags) + element(5, dimensions) + element(1, name) + content)


HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
BOMB = zlib.compress(struct.pack("<II", 14, 1 << 29) + bytes(1 << 22))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (HEADER[:100], "100 bytes; it may be cut short"),
        (b"x" * 200, "byte 126: expected a MATLAB file of version 5"),
        (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", r"version 7.3 \(HDF5\); save it .*-v7"),
        (HEADER + matrix(3), "byte 128: expected numbers and text, got an object"),
        (HEADER + matrix(16), "byte 128: .* a function"),
        (HEADER + matrix(17), "byte 128: .* an object"),
        (HEADER + struct.pack("<II", 14, 1 << 30), "byte 128: expected 1,073,741,824 bytes, got 0"),
        (HEADER + struct.pack("<II", 15, 1 << 30) + b"x" * 9, "byte 128: expected 1,073,741,824 bytes, got 9"),
        (HEADER + struct.pack("<II", 15, len(BOMB)) + BOMB, "byte 128: .* at most 67,108,864 bytes, got 536,870,912"),
        (HEADER + element(15, b"no deflate"), "byte 128: expected compressed data"),
        (
            HEADER + matrix(6, (1 << 20, 1 << 10), content=element(9, b"")),
            "variable 'x': expected 8,589,934,592 bytes",
        ),
        (HEADER + matrix(6, (-1, 4), content=element(9, b"")), r"byte 128: expected dimensions .* got \(-1, 4\)"),
        (HEADER + matrix(6, (1,) * 20), "byte 128: expected 2 to 8 dimensions"),
        (HEADER + matrix(6, content=element(9, b"1234567")), "variable 'x': expected 8 bytes"),
        (HEADER + matrix(6, content=element(77, b"12345678")), "variable 'x': expected numbers, got data of type 77"),
        (HEADER + matrix(6, content=element(9, bytes(8))) * 2, "byte 200: expected each variable once"),
        (HEADER + matrix(4, content=element(16, b"\xff")), "variable 'x': expected text in utf-8"),
        (HEADER + b"\0" * 5, "byte 128: expected 8 bytes of a tag"),
    ],
)
def test_hostile_files_are_refused_before_memory_is_taken(data, message, tmp_path):
    path = tmp_path / "0001.mat"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=rf"0001\.mat.*{message}"):
        read_mat(path)


def test_big_endian_files(tmp_path):
    def piece(kind, data):
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    parts = piece(6, struct.pack(">II", 6, 0)) + piece(5, struct.pack(">ii", 1, 2)) + piece(1, b"x")
    parts += piece(9, struct.pack(">dd", 1.5, -2.5))
    path = tmp_path / "0001.mat"
    path.write_bytes(HEADER[:124] + b"\x01\x00MI" + piece(14, parts))
    np.testing.assert_array_equal(read_mat(path)["x"], [[1.5, -2.5]])
    np.testing.assert_array_equal(read_mat(path)["x"], loadmat(path)["x"])


@pytest.mark.parametrize("do_compression", [True, False])
def test_a_file_cut_anywhere_is_refused(do_compression, fields, tmp_path):
    data = mat(fields, do_compression)
    path = tmp_path / "0001.mat"
    for length in range(0, len(data) - 1, 7):
        path.write_bytes(data[:length])
        try:
            read_penn_action_clip(path)
        except ValueError as error:
            assert "0001.mat" in str(error)
        else:  # all that is needed stood before the cut
            assert length > len(data) - 100


def test_damaged_files_do_no_harm(fields, tmp_path):
    assert_survives(read_penn_action_clip, tmp_path / "0001.mat", mat(fields, do_compression=False))
    assert_survives(read_skeletons, tmp_path / "0001.mat", mat(fields), count=500, seed=1)


@pytest.mark.skipif("TMOR_DATA_DIR" not in os.environ, reason="set TMOR_DATA_DIR to the folder of the data sets")
def test_original_files_give_the_arrays_of_the_set():
    data_dir = Path(os.environ["TMOR_DATA_DIR"])
    with np.load(data_dir / "penn_action" / "data.npz") as data:
        arrays = {name: data[name] for name in data.files}
    paths = sorted((data_dir / "raw" / "penn_action_mat").glob("*.mat"))
    assert len(paths) == 3
    for path in paths:
        index = arrays["names"].tolist().index(path.stem)
        rows = slice(*arrays["offsets"][index : index + 2])
        clip = read_skeletons(path)
        np.testing.assert_allclose(clip.keypoints[:, 0], arrays["kp"][rows], atol=0.006)  # the set is rounded
        np.testing.assert_array_equal(clip.scores[:, 0], arrays["vis"][rows])
        assert clip.image_size == tuple(arrays["frame_hw"][index])
        found, expected = read_penn_action_clip(path), loadmat(path)
        assert found.is_train == (arrays["split"][index] == 0)
        assert [found.action] == expected["action"] and [found.viewpoint] == expected["pose"]
        np.testing.assert_allclose(found.boxes, expected["bbox"], rtol=1e-6)
