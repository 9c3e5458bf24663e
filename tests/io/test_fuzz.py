# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""2,000 damaged files for each form of the JSON and table families: an error that names the file, or success."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import forms
import pytest
from fuzzing import assert_survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tmor_hf.io import FORMATS, read_skeletons

FORMS = list(forms.all_forms())
pytestmark = pytest.mark.filterwarnings("ignore:positions are relative")


@pytest.mark.parametrize("case", range(len(FORMS)), ids=[f"{name}-{index}" for index, (name, *_) in enumerate(FORMS)])
def test_damaged_files_do_no_harm(case, tmp_path):
    name, suffix, data = FORMS[case]

    def read(path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for format in (None, name):  # found out, and insisted upon, which gets further into the reader
                try:
                    read_skeletons(path, format)
                except ValueError:
                    if format:
                        raise

    assert_survives(read, tmp_path / f"clip{suffix}", data, seed=case)


def test_damaged_frames_of_a_folder_do_no_harm(tmp_path):
    folder = forms.openpose_folder(tmp_path / "walk", forms.walkers("openpose25", frames=3))
    path = sorted(folder.iterdir())[1]
    assert_survives(lambda _: read_skeletons(folder), path, path.read_bytes())


# Keys and values that readers look for, in any combination.
KEYS = (
    "people", "pose_keypoints_2d", "pose_keypoints_3d", "person_id", "version", "images", "annotations", "categories",
    "id", "image_id", "file_name", "keypoints", "category_id", "track_id", "frame_id", "instances", "instance_info",
    "meta_info", "keypoint_id2name", "keypoint_scores", "bodies", "joints", "idx", "x", "y", "visible", "landmarks",
    "pose_world_landmarks", "landmark", "z", "frames", "scores", "layout", "fps", "name", "bones", "skeletons",
)  # fmt: skip
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, 1, 2.0, -1, 10**400])
LEAVES = (
    st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "0.jpg", "coco17", "nose", "1"])
    | st.sampled_from([17, 33, 51, 54, 75]).map(lambda count: [0.5] * count)
    | st.sampled_from([2, 3, 4]).map(lambda count: [[0.5] * count] * 17)
    | st.just([{"x": 0.5, "y": 0.5, "z": 0.5, "visibility": 1}] * 33)
)  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("name", [None, *(known.name for known in FORMATS if ".json" in known.suffixes)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
def test_any_document_is_a_clip_or_an_error_that_names_the_file(name, tmp_path, document):
    path = tmp_path / "clip.json"
    path.write_text(json.dumps(document))
    try:
        read_skeletons(path, name)
    except ValueError as error:
        assert path.name in str(error)
