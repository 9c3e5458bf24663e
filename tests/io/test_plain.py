# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips of our own: what is written is read back whole, and damaged or hostile files do no harm."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from fuzzing import assert_survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tmor_hf import JointLayout, Skeletons, get_layout
from tmor_hf.io import Limits, read_skeletons, sniff, write_skeletons

OWN = JointLayout("own3", ("head", "pelvis", "left_knee"), bones=((1, 0), (1, 2)), root="pelvis")
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.fixture
def clip(rng) -> Skeletons:
    keypoints = rng.normal(size=(5, 2, 17, 2)).astype(np.float32)
    keypoints[1, 0] = np.nan
    return Skeletons(
        keypoints, scores=rng.random((5, 2, 17)), fps=30, layout="coco17", image_size=(480, 640), person_ids=[3, 7]
    )


def assert_equal(one: Skeletons, other: Skeletons) -> None:
    np.testing.assert_array_equal(one.keypoints, other.keypoints)
    assert (one.scores is None) == (other.scores is None)
    if one.scores is not None:
        np.testing.assert_array_equal(one.scores, other.scores)
    for name in ("fps", "layout", "image_size", "up_axis"):
        assert getattr(one, name) == getattr(other, name), name
    if one.person_ids is not None:
        assert one.person_ids.tolist() == other.person_ids.tolist()


@st.composite
def clips(draw) -> Skeletons:
    """Any clip: zeros, missing joints, extreme numbers, with and without everything that is optional."""
    layout = draw(st.sampled_from([OWN, "penn13", "kinect20", "tmor22", "hdm05_31"]))
    frames, people, coordinates = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(2, 3))
    shape = (frames, people, get_layout(layout).num_joints, coordinates)
    keypoints = draw(arrays.arrays(np.float32, shape, elements=st.one_of(FLOATS, st.just(np.nan)), fill=FLOATS))
    scores = draw(st.none() | arrays.arrays(np.float32, shape[:3], elements=FLOATS, fill=FLOATS))
    return Skeletons(
        keypoints,
        scores=scores,
        layout=layout,
        fps=draw(st.none() | st.floats(0.01, 1000)),
        image_size=draw(st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999))),
        up_axis=draw(st.none() | st.sampled_from(["y", "-y"])),
        person_ids=draw(st.none() | st.just(np.arange(people)[::-1] * 5)),
    )


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clip=clips())
def test_what_is_written_is_read_back(suffix, tmp_path, clip):
    path = write_skeletons(clip, tmp_path / f"clip{suffix}")
    assert sniff(path) == suffix[1:]
    assert_equal(clip, read_skeletons(path))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clip=clips())
def test_positions_alone_are_read_back_with_a_layout(tmp_path, clip):
    again = read_skeletons(write_skeletons(clip, tmp_path / "clip.npy"), layout=clip.layout)
    np.testing.assert_array_equal(again.keypoints, np.where(clip.valid[..., None], clip.keypoints, np.nan))


def test_a_lone_array_needs_a_layout_where_several_fit(tmp_path):
    path = tmp_path / "clip.npy"
    np.save(path, np.ones((4, 31, 3)))
    assert read_skeletons(path).layout == "hdm05_31"
    np.save(path, np.ones((4, 17, 3)))
    with pytest.raises(ValueError, match="layout of 17 joints, and coco17, h36m17 would fit; pass layout="):
        read_skeletons(path)
    assert read_skeletons(path, layout="h36m17", fps=10).fps == 10
    np.save(path, np.ones((4, 5)))
    with pytest.raises(ValueError, match=r"expected keypoints .* got an array of shape \(4, 5\)"):
        read_skeletons(path)


def test_tables_from_elsewhere(tmp_path):
    path = tmp_path / "clip.csv"
    joints = get_layout("penn13").joints
    header = ["frame", *(f"{joint.upper()}_{axis}" for joint in joints for axis in "XY")]
    path.write_text(
        ";".join(header) + "\n" + ";".join(["7", *["1.5"] * 26]) + "\n" + ";".join(["9", *[""] * 26]) + "\n"
    )
    clip = read_skeletons(path)
    assert clip.layout == "penn13" and clip.valid.any(axis=(1, 2)).tolist() == [True, False, False]
    lines = [
        f"{frame},{person},{joint},{frame + 1},{person + 1},0.5"
        for frame in (0, 2)
        for person in (4, 5)
        for joint in joints
    ]
    path.write_text("frame,person,joint,x,y,score\n" + "\n".join(lines))
    clip = read_skeletons(path)
    assert clip.keypoints.shape == (3, 2, 13, 2) and clip.person_ids.tolist() == [4, 5] and clip.scores.max() == 0.5
    assert clip.keypoints[2, 1, 3].tolist() == [3, 6] and np.isnan(clip.keypoints[1]).all()


def wide_table(people: int, person_column: str | None = None, score: str | None = None) -> str:
    """Three frames of people that stand far apart, a row for each."""
    joints = get_layout("penn13").joints
    axes = ["x", "y", *([score] if score else [])]
    lines = [
        ",".join(["frame", *([person_column] if person_column else []), *(f"{j}_{a}" for j in joints for a in axes)])
    ]
    for frame in range(3):
        for person in reversed(range(people)) if frame else range(people):  # their order in the file says nothing
            cells = [str(frame), *([str(person + 5)] if person_column else [])]
            for joint in range(13):
                cells += [str(1000 * person + 10 * joint), str(7 * joint + frame), *(["0.25"] if score else [])]
            lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("person_column", [None, "track_id", "track"])
def test_tables_lose_nobody(person_column, tmp_path):
    path = tmp_path / "clip.csv"
    path.write_text(wide_table(2, person_column))
    clip = read_skeletons(path)
    assert clip.keypoints.shape == (3, 2, 13, 2)
    assert clip.person_ids.tolist() == ([0, 1] if person_column is None else [5, 6])
    assert (clip.keypoints[:, 0, 1, 0] == 10).all() and (clip.keypoints[:, 1, 1, 0] == 1010).all()


@pytest.mark.parametrize("score", ["score", "conf", "confidence", "likelihood", "visibility"])
def test_tables_keep_scores_of_any_name(score, tmp_path):
    path = tmp_path / "clip.csv"
    path.write_text(wide_table(1, score=score))
    assert (read_skeletons(path).scores == 0.25).all()
    lines = [f"{frame},{joint},1,2,0.25" for frame in range(2) for joint in get_layout("penn13").joints]
    path.write_text(f"frame,joint,x,y,{score}\n" + "\n".join(lines))
    assert (read_skeletons(path).scores == 0.25).all()


def test_joints_that_stand_twice_are_refused(clip, tmp_path):
    path = tmp_path / "clip.csv"
    lines = [f"0,{joint},{person},2" for person in (1, 2) for joint in get_layout("penn13").joints]
    path.write_text("frame,joint,x,y\n" + "\n".join(lines))
    with pytest.raises(ValueError, match="line 15: expected each joint once.*a column 'person'"):
        read_skeletons(path)
    write_skeletons(clip, path)
    path.write_text(path.read_text() + path.read_text().splitlines()[-1])
    with pytest.raises(ValueError, match="line 13: expected each person once"):
        read_skeletons(path)


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv", ".npy"])
def test_damaged_files_do_no_harm(suffix, clip, tmp_path):
    if suffix in (".json", ".csv"):  # the other two keep no objects
        clip = Skeletons(np.ones((3, 2, 3, 3)), scores=np.ones((3, 2, 3)), layout=OWN, fps=25, person_ids=["a", "b"])
    path = write_skeletons(clip, tmp_path / f"clip{suffix}")
    options = {"layout": "coco17"} if suffix == ".npy" else {}
    assert_survives(lambda path: read_skeletons(path, **options), path, path.read_bytes())


def test_nothing_of_a_pickle_is_read(tmp_path):
    path = tmp_path / "clip.npz"
    np.savez(path, keypoints=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="Python objects, and pickles can run any code.*convert it: load it with"):
        read_skeletons(path)
    np.save(tmp_path / "clip.npy", np.array([None, {}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="clip.npy: expected an array of numbers, got Python objects"):
        read_skeletons(tmp_path / "clip.npy")
    for name in ("clip.pkl", "clip.json"):  # by suffix, and by content
        (tmp_path / name).write_bytes(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94.")
        with pytest.raises(ValueError, match=f"{name}: pickles can run any code.*save plain arrays"):
            read_skeletons(tmp_path / name)


def archive(path, members: dict[str, bytes], compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def npy_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name", ["../keypoints.npy", "/keypoints.npy", "a/keypoints.npy", "..\\keypoints.npy", "C:k.npy"]
)
def test_paths_in_archives_are_refused(name, tmp_path):
    path = archive(tmp_path / "clip.npz", {name: npy_bytes(np.ones((3, 22, 3)))})
    with pytest.raises(ValueError, match="expected plain array names, got the path"):
        read_skeletons(path)


def test_zip_bombs_are_refused_before_they_unpack(tmp_path):
    path = archive(tmp_path / "clip.npz", {"keypoints.npy": bytes(50_000_000)})
    assert path.stat().st_size < 100_000
    with pytest.raises(ValueError, match="at most 1,000,000 bytes, got 50,000,000; pass limits=Limits"):
        read_skeletons(path, limits=Limits(max_bytes=1_000_000))
    header = npy_bytes(np.ones((1, 22, 3), np.float32)).replace(b"(1, 22, 3)", b"(9999999, 22, 3)")
    with pytest.raises(ValueError, match=r"array 'keypoints': expected 2,639,999,736 bytes for shape"):
        read_skeletons(archive(path, {"keypoints.npy": header}))


def test_clips_beyond_the_limits_say_how_to_raise_them(clip, tmp_path):
    for suffix in (".npz", ".json", ".csv"):
        path = write_skeletons(clip, tmp_path / f"clip{suffix}")
        with pytest.raises(
            ValueError, match=r"at most 100 numbers, got 5 x 2 x 17 x 2; pass limits=Limits\(max_elements"
        ):
            read_skeletons(path, limits=Limits(max_elements=100))
        with pytest.raises(ValueError, match=r"at most 4 frames, got 5; pass limits=Limits\(max_frames"):
            read_skeletons(path, limits=Limits(max_frames=4))
        with pytest.raises(ValueError, match=r"at most 50 bytes.*pass limits=Limits\(max_bytes"):
            read_skeletons(path, limits=Limits(max_bytes=50))
        read_skeletons(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(keypoints=[[[["1", "2"]] * 17]]), "'keypoints': expected nested lists of numbers"),
        (
            lambda data: data.update(keypoints=[[[[True, False]] * 17]]),
            "'keypoints': expected nested lists of numbers",
        ),
        (lambda data: data.update(keypoints=[[[[1, 2]] * 17, [[1, 2]] * 16]]), "nested lists of equal lengths"),
        (lambda data: data.update(keypoints=[[[[[1, 2]]] * 17]]), "at most 4 nested lists"),
        (lambda data: data.update(keypoints=[[[[10**400, 2]] * 17]]), "an integer beyond all floats"),
        (lambda data: data.update(keypoints={}), "'keypoints': expected nested lists of numbers"),
        (lambda data: data.update(keypoints=[]), "expected"),
        (lambda data: data.update(layout="unheard"), "unknown layout 'unheard'"),
        (lambda data: data.update(layout=["coco17"]), "expected the name of a layout"),
        (lambda data: data.update(layout={"name": "x"}), "expected a layout with name, joints and bones"),
        (lambda data: data.update(fps="30"), "expected a number as fps"),
        (lambda data: data.update(fps=True), "expected a number as fps"),
        (lambda data: data.update(fps=-1), "expected fps above 0"),
        (lambda data: data.update(image_size=[480.5, 640]), "whole numbers as image_size"),
        (lambda data: data.update(person_ids=[1]), "expected 2 person_ids"),
        (lambda data: data.update(up_axis="w"), "expected an up axis"),
        (lambda data: data.update(up_axis=3), "expected up_axis as text"),
        (lambda data: data.update(scores=[[1.0]]), "expected scores of shape"),
    ],
)
def test_a_fault_in_json_is_named(change, message, clip, tmp_path):
    path = write_skeletons(clip, tmp_path / "clip.json")
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match=message) as caught:
        read_skeletons(path)
    assert "clip.json" in str(caught.value)


def test_other_suffixes_are_refused(clip, tmp_path):
    with pytest.raises(ValueError, match="ends in .npz, .json, .npy, .csv, got .*clip.pkl"):
        write_skeletons(clip, tmp_path / "clip.pkl")
