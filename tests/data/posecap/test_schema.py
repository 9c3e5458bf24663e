# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Rows of PoseCap: what goes in comes out, to half a step, and damaged rows are told."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tmor_hf import JointLayout, Skeletons, get_layout
from tmor_hf.data.posecap import PoseCapRecord, arrow_schema, record_to_row, row_to_record, row_to_skeletons
from tmor_hf.data.posecap.schema import NAMED_LAYOUTS, SKELETON_COLUMNS, TEXT_COLUMNS, VIDEO_COLUMNS

pa = pytest.importorskip("pyarrow")

TWO_JOINTS = JointLayout("two", ("neck", "head"), (("neck", "head"),))
FLOATS = st.floats(-1e6, 1e6, width=32)
UP_TO_THE_LARGEST = st.floats(-float(np.float32(9e37)), float(np.float32(9e37)), width=32)
MISSING = st.sampled_from([0.0, float("nan"), float("inf"), -float("inf")])
ANY_FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


def record(keypoints=None, captions=("a person walks",), **options) -> PoseCapRecord:
    clip_options = {f.name: options.pop(f.name) for f in fields(Skeletons) if f.name in options}
    keypoints = np.ones((2, 1, 25, 3), dtype=np.float32) if keypoints is None else keypoints
    clip = Skeletons(keypoints, **{"layout": "ntu25", **clip_options})
    return PoseCapRecord("clip", "test", "CC0-1.0", clip, captions, **options)


def clips(elements) -> st.SearchStrategy:
    shapes = st.tuples(st.integers(1, 5), st.integers(1, 3), st.just(2), st.integers(2, 3))
    return shapes.flatmap(lambda shape: hnp.arrays(np.float32, shape, elements=elements))


def through_arrow(row: dict) -> dict:
    return pa.Table.from_pylist([row], schema=arrow_schema()).to_pylist()[0]


@given(clips(st.one_of(FLOATS, UP_TO_THE_LARGEST, MISSING)))
@settings(max_examples=300, deadline=None)
def test_int16_is_wrong_by_half_a_step_at_most_and_keeps_what_is_missing(keypoints):
    clip = Skeletons(keypoints, layout=TWO_JOINTS)
    row = record_to_row(record(keypoints, layout=TWO_JOINTS))
    decoded = row_to_skeletons(row)
    np.testing.assert_array_equal(decoded.valid, clip.valid)
    np.testing.assert_array_equal(np.isnan(decoded.keypoints).all(-1), ~clip.valid)
    seen = clip.keypoints[clip.valid].astype(np.float64)
    if len(seen):
        half_step = np.array(row["keypoints_scale"]) / 2
        rounding = 2 * np.spacing(np.abs(seen).max(0).astype(np.float32))
        assert (np.abs(decoded.keypoints[clip.valid] - seen) <= half_step + rounding).all()
        span = seen.max(0) - seen.min(0)
        assert (half_step * 2 <= span / 65533 * 1.000001 + 1e-44).all()


@given(clips(ANY_FLOATS))
@settings(max_examples=100, deadline=None)
def test_float32_is_exact(keypoints):
    clip = Skeletons(keypoints, layout=TWO_JOINTS)
    decoded = row_to_skeletons(record_to_row(record(keypoints, layout=TWO_JOINTS), "float32"))
    np.testing.assert_array_equal(decoded.keypoints, np.where(clip.valid[..., None], keypoints, np.nan))


@given(clips(st.floats(-1000, 1000, width=16)))
@settings(max_examples=100, deadline=None)
def test_float16_keeps_what_float16_can_hold(keypoints):
    clip = Skeletons(keypoints, layout=TWO_JOINTS)
    decoded = row_to_skeletons(record_to_row(record(keypoints, layout=TWO_JOINTS), "float16"))
    np.testing.assert_array_equal(decoded.keypoints, np.where(clip.valid[..., None], keypoints, np.nan))


def test_encodings_refuse_what_they_cannot_hold():
    with pytest.raises(ValueError, match="up to 1e[+]38 for int16"):
        record_to_row(record(np.full((2, 1, 25, 3), (2e38, 0, 0))))
    with pytest.raises(ValueError, match="'clip': expected coordinates up to 65504 for float16, got 70000; store"):
        record_to_row(record(np.full((2, 1, 25, 3), 7e4)), "float16")
    with pytest.raises(ValueError, match="can tell from 0"):
        record_to_row(record(np.full((2, 1, 25, 3), 1e-9)), "float16")
    with pytest.raises(ValueError, match="expected an encoding out of int16"):
        record_to_row(record(), "int8")


@given(hnp.arrays(np.float32, (2, 1, 2), elements=st.floats(-1, 1, width=32)))
@settings(max_examples=100, deadline=None)
def test_scores_up_to_one_are_bytes(scores):
    row = record_to_row(record(np.ones((2, 1, 2, 3)), layout=TWO_JOINTS, scores=scores))
    decoded = row_to_skeletons(row).scores
    assert row["scores_dtype"] == "uint8" and len(row["scores"]) == 4
    np.testing.assert_array_equal(decoded > 0, scores > 0)
    assert np.abs(decoded - np.maximum(scores, 0)).max() <= 1 / 255


def test_scores_above_one_and_exact_rows_keep_float32():
    scores = np.array([[[0.25, 7.5]], [[np.nan, -1.0]]], dtype=np.float32)
    for encoding in ("int16", "float32"):
        row = record_to_row(record(np.ones((2, 1, 2, 3)), layout=TWO_JOINTS, scores=scores), encoding)
        np.testing.assert_array_equal(row_to_skeletons(row).scores, scores)
        assert row["scores_dtype"] == "float32"


def test_every_field_comes_back(rng):
    scores = rng.uniform(0.1, 1, size=(2, 3, 17)).astype(np.float32)
    original = record(
        rng.normal(size=(2, 3, 17, 2)).astype(np.float32),
        captions=("a person walks", "die Person geht: \u6b69\u304f"),
        scores=scores, fps=25.0, layout="coco17", image_size=(480, 640), up_axis="y",
        person_ids=np.array([7, -1, 72057594037931101]), labels=("walking",), split="validation",
        video_path="videos/a.mp4", video_bytes=b"\x00film", video_start=1.5, video_end=2.25,
        text_embeds=rng.normal(size=(2, 4)).astype(np.float32), video_embeds=rng.normal(size=3).astype(np.float32),
    )  # fmt: skip
    row = record_to_row(original, "float32")
    assert list(row) == arrow_schema().names
    back = row_to_record(through_arrow(row))
    for field in fields(PoseCapRecord):
        if field.name != "skeletons":
            np.testing.assert_array_equal(getattr(back, field.name), getattr(original, field.name))
    for field in fields(Skeletons):
        np.testing.assert_array_equal(getattr(back.skeletons, field.name), getattr(original.skeletons, field.name))


def test_what_is_not_known_stays_unknown():
    back = row_to_record(through_arrow(record_to_row(record(captions=()))))
    clip = back.skeletons
    assert (clip.scores, clip.fps, clip.image_size, clip.up_axis, clip.person_ids) == (None,) * 5
    assert back.captions == back.labels == () and back.text_embeds is None and back.video_bytes is None


def test_layouts_of_ones_own_travel_with_the_row():
    tilted = JointLayout("two", ("neck", "head"), (("neck", "head"),), up_axis="z", canonical={"nose": "head + neck"})
    row = through_arrow(record_to_row(record(np.ones((2, 1, 2, 3)), layout=tilted)))
    assert row["layout"].startswith("{") and row_to_skeletons(row).layout == tilted
    assert all(get_layout(name).name == name for name in NAMED_LAYOUTS)
    assert record_to_row(record())["layout"] == "ntu25"


def test_the_skeleton_columns_alone_make_skeletons():
    row = record_to_row(record(scores=np.ones((2, 25))))
    part = {name: row[name] for name in SKELETON_COLUMNS}
    np.testing.assert_array_equal(row_to_skeletons(part).keypoints, row_to_skeletons(row).keypoints)
    without_text = {name: row[name] for name in row if name not in TEXT_COLUMNS + VIDEO_COLUMNS}
    assert row_to_record(without_text).captions == ()


def test_buffers_do_as_well_as_bytes_and_decoded_arrays_are_writable():
    for encoding in ("int16", "float16", "float32"):
        row = record_to_row(record(scores=np.ones((2, 25))), encoding)
        buffers = {**row, "keypoints": pa.py_buffer(row["keypoints"]), "scores": memoryview(row["scores"])}
        clip = row_to_skeletons(buffers)
        np.testing.assert_array_equal(clip.keypoints, row_to_skeletons(row).keypoints)
        assert clip.keypoints.flags.writeable and clip.scores.flags.writeable


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": b"12"}, "expected 300 bytes of int16 keypoints"),
        ({"keypoints": None}, "expected bytes in keypoints, got NoneType"),
        ({"num_frames": 2_000_000_000}, "bytes of int16 keypoints"),
        ({"num_people": 0}, "expected sizes of 1 or more"),
        ({"num_joints": None}, "expected sizes of 1 or more"),
        ({"keypoints_dtype": "float8"}, "expected keypoints_dtype out of"),
        ({"keypoints_scale": None}, "expected 3 finite numbers in keypoints_scale"),
        ({"keypoints_offset": [0.0, 0.0, float("nan")]}, "expected 3 finite numbers in keypoints_offset"),
        ({"layout": "ntu26"}, "unknown layout 'ntu26'"),
        ({"layout": "{]"}, "expected a joint layout as JSON"),
        ({"layout": '{"name":' + "[" * 100_000}, "expected a joint layout as JSON"),
        ({"layout": '{"surname": 1}'}, "expected a joint layout as JSON"),
        ({"scores": b"1", "scores_dtype": "uint8"}, "expected 50 bytes of uint8 scores"),
        ({"scores": b"1"}, "expected scores_dtype out of"),
        ({"text_embeds": b"1234", "text_embeds_dim": 2}, "expected text_embeds of shape"),
        ({"video_embeds": b"1234"}, "expected video_embeds of shape"),
        ({"image_height": 5}, "image_size"),
        ({"fps": -1.0}, "fps"),
        ({"captions": ["  "]}, "not blank"),
    ],
)  # fmt: skip
def test_damaged_rows_are_value_errors(change, message):
    with pytest.raises(ValueError, match=message) as caught:
        row_to_record({**record_to_row(record()), **change})
    assert "'clip'" in str(caught.value)


def test_a_row_without_keypoints_says_so():
    with pytest.raises(ValueError, match="'keypoints' is lacking"):
        row_to_skeletons({name: 1 for name in SKELETON_COLUMNS if name != "keypoints"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"captions": "a person walks"}, "expected a tuple of captions, got 'a person walks'; put it into"),
        ({"captions": None}, "expected a tuple of captions, got None"),
        ({"video_path": Path("a.mp4")}, "expected video_path as str, got .*Path"),
        ({"video_bytes": "a.mp4"}, "expected video_bytes as bytes, got str"),
        ({"video_start": "1"}, "expected video_start in seconds of 0 or more, got '1'"),
        ({"split": None}, "expected split as str, got NoneType"),
        ({"labels": ("",)}, "expected labels as strings that are not blank"),
        ({"split": "train set"}, "expected a split"),
        ({"video_start": -1.0}, "video_start in seconds"),
        ({"video_start": 2.0, "video_end": 1.0}, "video_start before video_end"),
        ({"text_embeds": np.ones((2, 4))}, r"text_embeds of shape \(captions, E\)"),
        ({"video_embeds": np.array([np.nan])}, "finite video_embeds"),
    ],
)
def test_records_refuse_what_makes_no_sense(change, message):
    with pytest.raises(ValueError, match=message):
        record(**change)


def test_what_a_column_cannot_hold_is_refused_at_once():
    with pytest.raises(ValueError, match="text that UTF-8 can hold, got 'a.udcff.mp4'"):
        record_to_row(record(video_path="a\udcff.mp4"))
    with pytest.raises(ValueError, match="image_size below"):
        record_to_row(record(image_size=(2**31, 5)))
    with pytest.raises(ValueError, match="number the people"):
        record_to_row(record(person_ids=np.array([2**64 - 1], dtype=np.uint64)))
    with pytest.raises(ValueError, match="number the people"):
        record_to_row(record(person_ids=np.array(["anna"])))
