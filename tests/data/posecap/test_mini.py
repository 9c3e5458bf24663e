# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""posecap-mini: varied, the same for the same seed, and true to the motion that it is made of."""

from __future__ import annotations

import io
from collections import Counter

import numpy as np
import pytest

from tmor_hf import get_layout
from tmor_hf.data.posecap import mini_records, record_to_row, write_posecap_mini
from tmor_hf.data.posecap.mini import split_of
from tmor_hf.data.synthetic import SyntheticMotion


def test_it_holds_several_layouts_dimensions_people_and_splits():
    records = list(mini_records(40))
    clips = [record.skeletons for record in records]
    assert len({clip.layout for clip in clips}) == 7
    assert {clip.num_coordinates for clip in clips} == {2, 3} and {clip.num_people for clip in clips} == {1, 2}
    assert Counter(record.split for record in records) == {"train": 32, "validation": 4, "test": 4}
    assert len({record.id for record in records}) == 40 and all(len(record.captions) >= 1 for record in records)
    assert all(clip.valid.any(axis=(0, 2)).all() for clip in clips), "somebody is never seen"
    assert all((clip.scores is not None) == (clip.num_coordinates == 2) for clip in clips)


def test_a_record_depends_on_seed_and_index_alone():
    rows = [record_to_row(record) for record in mini_records(20, seed=3)]
    assert rows[7:9] == [record_to_row(record) for record in mini_records(500, seed=3, indices=[7, 8])]
    assert rows[5]["num_people"] == 2 and rows[5] == record_to_row(next(mini_records(6, seed=3, indices=[5])))
    assert rows[0]["keypoints"] != record_to_row(next(mini_records(20, seed=4)))["keypoints"]


def test_the_joints_keep_their_meaning_in_every_layout():
    motion = SyntheticMotion(7)
    for record, clip in zip(mini_records(7), motion, strict=True):
        if record.skeletons.num_coordinates == 3 and record.skeletons.num_people == 1:
            original = clip.skeletons.keypoints
            canonical = record.skeletons.to_layout().keypoints
            measured = [get_layout("tmor22").joints.index(f"{side}_wrist") for side in ("left", "right")]
            np.testing.assert_allclose(canonical[:, :, measured], original[:, :, measured], atol=1e-5)


def test_the_folder_is_the_same_each_time(tmp_path):
    folders = [write_posecap_mini(tmp_path / name, 12, rows_per_shard=4) for name in "ab"]
    files = [sorted(path for path in folder.rglob("*") if path.is_file()) for folder in folders]
    assert len(files[0]) == 7
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    with pytest.raises(FileExistsError, match="overwrite=True"):
        write_posecap_mini(tmp_path / "a", 12)


def test_videos_show_the_clip_for_as_long_as_it_lasts():
    av = pytest.importorskip("av")
    records = list(mini_records(6, with_video=True))
    assert [record.video_bytes is None for record in records] == [False] * 5 + [True]
    for record in records[:5]:
        with av.open(io.BytesIO(record.video_bytes)) as video:
            seconds = video.duration / av.time_base
            frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
        assert len(frames) == 16 and frames[0].shape == (64, 64, 3) and np.std(frames[0]) > 5
        assert record.video_end == pytest.approx(record.skeletons.num_frames / record.skeletons.fps)
        assert seconds == pytest.approx(record.video_end, abs=0.05)


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="num_clips of 1 or more"):
        next(mini_records(0))
    with pytest.raises(ValueError, match="indices below 3"):
        next(mini_records(3, indices=[3]))
    assert [split_of(index) for index in range(7, 11)] == ["train", "validation", "test", "train"]
