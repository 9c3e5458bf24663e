# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""NW-UCLA's JSON; with TMOR_DATA_DIR also the original files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from fuzzing import assert_survives

from tmor_hf.io import read_skeletons, sniff
from tmor_hf.io.nw_ucla import read_nw_ucla_clip


@pytest.fixture
def clip(rng):
    return {"file_name": "a05_s03_e01_v02", "skeletons": rng.normal(size=(3, 20, 3)).round(6).tolist(), "label": 5}


@pytest.fixture
def path(clip, tmp_path):
    path = tmp_path / "a05_s03_e01_v02.json"
    path.write_text(json.dumps(clip))
    return path


def test_frames_become_a_clip(clip, path):
    skeletons = read_skeletons(path)
    assert sniff(path) == "nw_ucla" and skeletons.layout == "kinect20" and skeletons.fps is None
    np.testing.assert_allclose(skeletons.keypoints[:, 0], clip["skeletons"], rtol=1e-6)
    found = read_nw_ucla_clip(path)
    assert found[1:] == ("a05_s03_e01_v02", 5, 5, 3, 1, 2)
    np.testing.assert_array_equal(found.skeletons.keypoints, skeletons.keypoints)


def test_one_frame_is_a_clip(clip, path):
    path.write_text(json.dumps(clip | {"skeletons": clip["skeletons"][:1]}))
    assert read_skeletons(path).num_frames == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"skeletons": []}, "a list of frames"),
        ({"skeletons": {}}, "a list of frames"),
        ({"skeletons": [[[0, 0, 0]] * 19]}, "frame 1 of skeletons: expected a list of 20 joints, got 19"),
        ({"skeletons": [[[0, 0, 0]] * 20, 7]}, "frame 2 of skeletons: expected a list of 20 joints"),
        ({"skeletons": [[[0, 0, 0]] * 19 + [[0, 0]]]}, "frame 1 of skeletons, joint 20: expected 3 numbers, got 2"),
        ({"skeletons": [[[0, 0, "x"]] * 20]}, "frame 1 of skeletons, joint 1: expected numbers"),
        ({"skeletons": [[[0, 0, 10**400]] * 20]}, "frame 1 of skeletons, joint 1"),
    ],
)
def test_faults_are_named_with_their_frame(change, message, clip, path):
    path.write_text(json.dumps(clip | change))
    with pytest.raises(ValueError, match=f"a05_s03_e01_v02.json.*{message}"):
        read_skeletons(path)


def test_a_bad_name_or_label_is_refused(clip, path):
    for change in ({"file_name": "wave"}, {"file_name": None}, {"label": 0}, {"label": "5"}):
        path.write_text(json.dumps(clip | change))
        with pytest.raises(ValueError, match="file_name|label"):
            read_nw_ucla_clip(path)


def test_damaged_files_do_no_harm(path):
    assert_survives(read_nw_ucla_clip, path, path.read_bytes())


@pytest.mark.skipif("TMOR_DATA_DIR" not in os.environ, reason="set TMOR_DATA_DIR to the folder of the data sets")
def test_original_files_give_the_arrays_of_the_set():
    data_dir = Path(os.environ["TMOR_DATA_DIR"])
    with np.load(data_dir / "nw_ucla" / "data.npz") as data:
        arrays = {name: data[name] for name in data.files}
    paths = sorted((data_dir / "raw" / "nw_ucla_json").glob("*.json"))
    assert len(paths) == 3
    for path in paths:
        assert sniff(path) == "nw_ucla"
        index = arrays["names"].tolist().index(path.stem)
        found = read_nw_ucla_clip(path)
        expected = arrays["kp"][slice(*arrays["offsets"][index : index + 2])]
        np.testing.assert_allclose(found.skeletons.keypoints[:, 0], expected, atol=1e-5)  # the set is rounded
        assert (found.view, found.subject) == (arrays["view"][index], arrays["subject"][index])
        assert found.label == arrays["labels"][index] + 1
