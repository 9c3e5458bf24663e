# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PYSKL's annotations as JSON and as our archive; the same clips come out of both."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from fuzzing import assert_survives

from tmor_hf.io import (
    Limits,
    iter_pyskl,
    iter_skeletons,
    read_pyskl,
    read_pyskl_annotations,
    read_skeletons,
    save_pyskl_npz,
    sniff,
)


@pytest.fixture
def data(rng):
    def annotation(name, label, people, frames):
        return {
            "frame_dir": name, "label": label, "img_shape": (480, 640), "original_shape": (480, 640),
            "total_frames": frames, "keypoint": rng.uniform(1, 400, (people, frames, 17, 2)).astype(np.float32),
            "keypoint_score": rng.uniform(0.1, 1, (people, frames, 17)).astype(np.float32),
        }  # fmt: skip

    annotations = [annotation("a", 3, 1, 4), annotation("b", 0, 2, 2), annotation("c", 7, 1, 1)]
    annotations[1]["keypoint"][1, 0] = 0  # the second person comes later
    return {"split": {"train": ["a", "b"], "test": ["c"], "all": ["c", "a", "b"]}, "annotations": annotations}


def as_json(data) -> str:
    return json.dumps(data, default=lambda value: value.tolist())


@pytest.fixture(params=["json", "npz"])
def path(request, data, tmp_path):
    path = tmp_path / f"clips.{request.param}"
    if request.param == "npz":
        return save_pyskl_npz(path, data)
    path.write_text(as_json(data))
    return path


def test_clips_with_labels_and_parts(data, path):
    clips = read_pyskl_annotations(path)
    assert sniff(path) == "pyskl" and [clip.name for clip in clips] == ["a", "b", "c"]
    assert [clip.label for clip in clips] == [3, 0, 7]
    assert [set(clip.splits) for clip in clips] == [{"train", "all"}, {"train", "all"}, {"test", "all"}]
    for clip, annotation in zip(clips, data["annotations"], strict=True):
        assert clip.skeletons.layout == "coco17" and clip.skeletons.image_size == (480, 640)
        np.testing.assert_allclose(clip.skeletons.keypoints.swapaxes(0, 1), annotation["keypoint"], rtol=1e-6)
        np.testing.assert_allclose(clip.skeletons.scores.swapaxes(0, 1), annotation["keypoint_score"], rtol=1e-6)
    assert clips[1].skeletons.valid.all(axis=2).tolist() == [[True, False], [True, True]]


def test_one_clip_is_chosen_by_name_or_position(path):
    assert read_skeletons(path, clip="b").num_people == 2
    assert read_pyskl(path, clip=0).num_frames == 4
    assert [name for name, _ in iter_skeletons(path)] == ["a", "b", "c"]
    with pytest.raises(ValueError, match=r"clips\..*got several \('a', 'b', 'c'\); pass clip="):
        read_skeletons(path)


def test_parts(path):
    assert [clip.name for clip in read_pyskl_annotations(path, split="train")] == ["a", "b"]
    assert [name for name, _ in iter_pyskl(path, split="test")] == ["c"]
    with pytest.raises(ValueError, match="expected a split out of all, test, train, got 'val'"):
        read_pyskl_annotations(path, split="val")


@pytest.mark.parametrize(
    ("shape", "layout"), [((25, 3), "ntu25"), ((18, 2), "openpose18"), ((20, 3), "kinect20"), ((17, 2), "coco17")]
)
def test_joints_tell_the_layout(shape, layout, rng, tmp_path):
    data = [{"frame_dir": "a", "label": [1, 4], "keypoint": rng.normal(size=(1, 2, *shape))}]
    (tmp_path / "a.json").write_text(as_json(data))
    for path in (tmp_path / "a.json", save_pyskl_npz(tmp_path / "a.npz", data)):
        (clip,) = read_pyskl_annotations(path)
        assert clip.skeletons.layout == layout and clip.skeletons.scores is None and clip.skeletons.image_size is None
        assert clip.labels == (1, 4) and clip.label is None and clip.splits == ()


def test_a_layout_can_be_given(rng, tmp_path):
    path = save_pyskl_npz(tmp_path / "a.npz", [{"frame_dir": "a", "keypoint": rng.normal(size=(1, 2, 17, 3))}])
    with pytest.raises(ValueError, match=r"a\.npz, annotation 0 \('a'\): .*17 joints in 3D; pass layout="):
        read_skeletons(path)
    assert read_skeletons(path, layout="h36m17").layout == "h36m17"


def test_pickles_are_refused_with_a_way_out(data, tmp_path):
    path = tmp_path / "ntu60.pkl"
    path.write_bytes(pickle.dumps(data))
    for read in (read_pyskl, read_pyskl_annotations, read_skeletons):
        with pytest.raises(ValueError, match=r"ntu60\.pkl.*pickle.*convert it"):
            read(path)
    with pytest.raises(ValueError, match=r"save_pyskl_npz\('clips\.npz', pickle\.load"):
        read_pyskl(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frame_dir": None}, "annotation 0: expected an object with a text 'frame_dir'"),
        ({"keypoint": []}, r"annotation 0 \('a'\), keypoint: expected 4 nested lists"),
        ({"keypoint": None}, r"annotation 0 \('a'\), keypoint: expected 4 nested lists"),
        ({"keypoint": [[[[1, 2]] * 17, [[1, 2]] * 16]]}, r"annotation 0 \('a'\), keypoint: expected 4 nested lists"),
        ({"keypoint": [[[[1, "x"]] * 17]]}, r"annotation 0 \('a'\), keypoint: expected numbers"),
        ({"keypoint": [[[[1, 2]] * 17]]}, r"annotation 0 \('a'\): expected total_frames 4, got 1"),
        ({"keypoint_score": [[1]]}, r"annotation 0 \('a'\), keypoint_score: expected a list of numbers"),
        ({"keypoint_score": [[[1, 2]]]}, r"annotation 0 \('a'\): expected scores of shape"),
        ({"total_frames": -1}, r"annotation 0 \('a'\), total_frames"),
        ({"label": "x"}, r"annotation 0 \('a'\), label: expected a whole number"),
        ({"img_shape": [480]}, r"annotation 0 \('a'\), img_shape"),
        ({"img_shape": [480, -640]}, r"annotation 0 \('a'\), img_shape"),
    ],
)
def test_faults_are_named_with_their_annotation(change, message, data, tmp_path):
    data["annotations"][0] |= change
    path = tmp_path / "clips.json"
    path.write_text(as_json(data))
    with pytest.raises(ValueError, match=rf"clips\.json, {message}"):
        read_pyskl_annotations(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people": np.array([10**9, 2, 1])}, "people and frames above 0 that make up 9 rows"),
        ({"people": np.array([-1, 2, 1])}, "people and frames above 0"),
        ({"people": np.array([1, 2])}, "array 'people'"),
        ({"frames": np.array([4.0, 2.0, 1.0])}, "array 'frames'"),
        ({"keypoint": np.zeros(9)}, "array 'keypoint'"),
        ({"keypoint_score": np.zeros((9, 16))}, "array 'keypoint_score'"),
        ({"label_offsets": np.array([0, 2, 1, 3])}, "array 'label_offsets'"),
        ({"label_offsets": np.array([0, 1, 2, 9])}, "array 'label_offsets'"),
        ({"split_member": np.zeros((3, 4), dtype=bool)}, "array 'split_member'"),
        ({"img_shape": np.zeros((3, 3), dtype=int)}, "array 'img_shape'"),
        ({"label": None}, "got none 'label'"),
        ({"frame_dir": np.array([{}] * 3)}, "pickles"),
    ],
)
def test_archives_whose_arrays_do_not_fit_are_refused(change, message, data, tmp_path):
    with np.load(save_pyskl_npz(tmp_path / "clips.npz", data)) as archive:
        arrays = {name: archive[name] for name in archive.files} | change
    np.savez(tmp_path / "clips.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(ValueError, match=rf"clips\.npz.*{message}"):
        read_pyskl_annotations(tmp_path / "clips.npz")


def test_limits_can_be_set(path):
    with pytest.raises(ValueError, match="at most 100 bytes"):
        read_pyskl_annotations(path, limits=Limits(max_bytes=100))


def test_what_cannot_be_saved_is_named(data, tmp_path):
    for change, message in (
        ({"keypoint": np.zeros((1, 2, 18, 2))}, r"\(1, 2, 18, 2\) in 'c'"),
        ({"keypoint_score": np.zeros((1, 2, 17))}, r"keypoint_score \(1, 1, 17\), got \(1, 2, 17\) in 'c'"),
    ):
        annotations = [*data["annotations"][:2], data["annotations"][2] | change]
        with pytest.raises(ValueError, match=message):
            save_pyskl_npz(tmp_path / "clips.npz", annotations)
    for wrong in ([], [{"frame_dir": "a"}]):
        with pytest.raises(ValueError, match="annotations to save|annotation 0"):
            save_pyskl_npz(tmp_path / "clips.npz", wrong)
    with pytest.raises(ValueError, match=r"ends in \.npz"):
        save_pyskl_npz(tmp_path / "clips.pkl", data)


def test_damaged_files_do_no_harm(data, tmp_path):
    data["annotations"] = data["annotations"][1:]
    path = tmp_path / "clips.json"
    assert_survives(read_pyskl_annotations, path, as_json(data).encode())
    path = save_pyskl_npz(tmp_path / "clips.npz", data)
    assert_survives(read_pyskl_annotations, path, path.read_bytes())
