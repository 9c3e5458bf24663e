# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What every reader gets from the reading of files: encodings, depth, duplicates, bounds, special files."""

from __future__ import annotations

import json
import os

import forms
import numpy as np
import pytest

from tmor_hf.io import FORMATS, Limits, read_skeletons, sniff
from tmor_hf.io.files import as_numbers, as_rows, check_size, open_npy, read_json, read_text, use_limits

GOOD = json.dumps(forms.openpose_frame(forms.walkers("openpose25", frames=1)[0]))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "image_keypoints.json"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_with_and_without_a_mark_is_read(encoding, path):
    path.write_text(GOOD, encoding=encoding)
    assert read_skeletons(path).num_people == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD.encode("utf-16"), "byte 0: expected text in UTF-8, got UTF-16"),
        (GOOD.encode("utf-16-le"), "byte 1: expected text in UTF-8, got a zero byte"),
        (GOOD.replace("version", "versión").encode("latin-1"), "byte 7: expected text in UTF-8, got byte 0xf3"),
        (b"", "got an empty file"),
        (b"  \n ", "expected a JSON document, got an empty file"),
        (b'{"people": ', "line 1 column 12: expected a JSON document"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"people":' * 100_000, "nested too deep"),
        (b'{"version": 1, "people": [], "version": 2}', "the key 'version' stands twice"),
        (b'{"version": 1' + b"0" * 5000 + b', "people": []}', "expected a JSON document"),
        (b'{"people": [{"pose_keypoints_2d": [1' + b"0" * 400 + b"]}]}", "an integer beyond all floats"),
        (b"not json", "expected a JSON document"),
        (GOOD.encode() + b"}", "expected a JSON document: Extra data"),
    ],
)
def test_wrong_text_is_refused_with_its_place(content, message, path):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_skeletons(path, "openpose")
    assert path.name in str(caught.value)
    with pytest.raises(ValueError, match=path.name):
        read_skeletons(path)


def test_nan_and_infinity_are_missing_joints(path):
    data = json.loads(GOOD)
    data["people"][0]["pose_keypoints_2d"][:6] = [float("nan"), 1, 0.9, 1, float("inf"), 0.9]
    path.write_text(json.dumps(data))
    assert read_skeletons(path).valid[0, 0].tolist() == [False, False] + [True] * 23


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.json"):
        read_skeletons(tmp_path / "nowhere.json")
    with pytest.raises(ValueError, match="name a file in it, or use read_folder"):
        read_skeletons(tmp_path)
    with pytest.raises(ValueError, match="expected a file, got a folder"):
        read_skeletons(tmp_path, "mmpose")
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(ValueError, match="got a device, pipe or socket"):
        read_skeletons(tmp_path / "pipe.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    with pytest.raises((ValueError, OSError), match="loop.json"):
        read_skeletons(tmp_path / "loop.json")
    (tmp_path / "gone.json").symlink_to("nowhere.json")
    with pytest.raises(FileNotFoundError, match="gone.json"):
        read_skeletons(tmp_path / "gone.json")


def test_unknown_content_lists_the_formats(tmp_path):
    (tmp_path / "clip.json").write_text('{"something": [1, 2, 3]}')
    (tmp_path / "clip.txt").write_text("once upon a time")
    (tmp_path / "clip.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for name in ("clip.json", "clip.txt", "clip.png"):
        with pytest.raises(ValueError, match=f"{name}: expected poses in one of the formats npz, json.*pass format="):
            sniff(tmp_path / name)
    with pytest.raises(ValueError, match="expected a format out of npz, .*, got 'nonsense'"):
        read_skeletons(tmp_path / "clip.json", "nonsense")


def test_unknown_options_are_named_with_the_known_ones(path):
    path.write_text(GOOD)
    with pytest.raises(ValueError, match="unknown option colour for format 'openpose'; it takes layout, .*fps"):
        read_skeletons(path, colour="red")


def test_options_count_more_than_the_file(path):
    path.write_text(GOOD)
    clip = read_skeletons(path, fps=12.5, image_size=(100, 200))
    assert (clip.fps, clip.image_size) == (12.5, (100, 200))
    with pytest.raises(ValueError, match="image_keypoints.json.*expected fps above 0"):
        read_skeletons(path, fps=-1)
    with pytest.raises(ValueError, match="image_keypoints.json.*expected 17 joints for layout 'coco17', got 25"):
        read_skeletons(path, layout="coco17")


@pytest.mark.parametrize("case", list(forms.all_forms()), ids=lambda case: case[0])
def test_each_form_is_claimed_by_one_format_alone(case, tmp_path):
    from tmor_hf.io.files import PoseFile

    name, suffix, data = case
    path = tmp_path / f"clip{suffix}"
    path.write_bytes(data)
    assert [known.name for known in FORMATS if known.is_match(PoseFile(path))] == [name]


def test_names_of_formats_are_distinct_and_described():
    names = [known.name for known in FORMATS]
    assert len(set(names)) == len(names)
    assert all(known.description and known.suffixes for known in FORMATS)


def test_numbers_are_numbers_only():
    assert as_numbers("f", [1, 2.5, None]).tolist()[:2] == [1, 2.5]
    for value in ("1", True, [1], {}, 10**400):
        with pytest.raises(ValueError, match="f, here: expected numbers"):
            as_numbers("f", [1, value], "here")
        with pytest.raises(ValueError, match="f, row 1: expected numbers"):
            as_rows("f", [[1, 2], [1, value]], lambda index: f"row {index}")
    with pytest.raises(ValueError, match="f, row 2: expected 2 numbers, got 1"):
        as_rows("f", [[1, 2], [1, 2], [1]], lambda index: f"row {index}")
    with pytest.raises(ValueError, match="expected a list of numbers, got an object with 'a'"):
        as_numbers("f", {"a": 1})
    assert as_rows("f", []).shape == (0, 0)


def test_limits_hold_within_their_context_only(tmp_path):
    text = tmp_path / "text"
    text.write_text("twelve bytes")
    with use_limits(Limits(max_bytes=5)), pytest.raises(ValueError, match="at most 5 bytes"):
        read_text(text)
    assert read_text(text) == "twelve bytes"
    with pytest.raises(ValueError, match="at most 3 bytes"):
        read_text(text, max_bytes=3)
    with pytest.raises(ValueError, match="at most 67,108,864 numbers"):
        check_size("f", (1000, 1000, 25, 3))


def test_json_is_parsed_once_for_finding_out_and_reading(path, monkeypatch):
    path.write_text(GOOD)
    parsed = []
    monkeypatch.setattr(
        "tmor_hf.io.files.json.loads", lambda *args, **kwargs: parsed.append(1) or json.JSONDecoder().decode(args[0])
    )
    read_skeletons(path)
    assert len(parsed) == 1
    assert read_json(path)["version"] == 1.3


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 3)),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(4, dtype=">i2"),
        np.array(["a", "bc"]),
    ],
)
def test_plain_arrays_are_read_as_numpy_does(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(open_npy(tmp_path / "a.npy"), array)
