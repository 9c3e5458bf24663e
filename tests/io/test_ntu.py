# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Files of NTU RGB+D and UAV-Human, written by hand as their readers describe them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from fuzzing import assert_survives

from tmor_hf.io import read_skeletons, sniff
from tmor_hf.io.ntu import read_ntu

FIRST, SECOND = 72057594037931101, 72057594037931102  # differ by less than float64 can tell


def joints(rng, num_joints=25, state=2) -> np.ndarray:
    """(V, 12) numbers of one body's joints."""
    values = rng.uniform(0.1, 2, (num_joints, 12))
    values[:, 3:5] *= 200
    values[:, 5:7] *= 500
    values[:, 11] = state
    return values


def skeleton_file(frames, num_joints=25, end="\n") -> bytes:
    """Frames are lists of (id, (V, 12) joints)."""
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for number, values in bodies:
            lines += [f"{number} 0 1 1 1 1 0 0.02764709 0.05745083 2", str(num_joints)]
            lines += [" ".join([*(f"{value:.7g}" for value in row[:11]), str(int(row[11]))]) for row in values]
    return (end.join(lines) + end).encode()


@pytest.fixture
def people(rng):
    """Two bodies, the second from the middle on; one frame without anybody."""
    a, b = joints(rng), joints(rng)
    return [[(FIRST, a)], [], [(SECOND, b), (FIRST, a + 0.001)], [(SECOND, b)]]


def write(path, frames, **options):
    path.write_bytes(skeleton_file(frames, **options))
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_people_come_and_go(end, people, tmp_path):
    path = write(tmp_path / "S001C001P001R001A001.skeleton", people, end=end)
    clip = read_skeletons(path)
    assert sniff(path) == "ntu" and clip.layout == "ntu25" and clip.fps == 30 and clip.resolved_up_axis == "y"
    assert clip.person_ids.tolist() == [FIRST, SECOND]
    assert clip.valid.all(axis=2).tolist() == [[True, False], [False, False], [True, True], [False, True]]
    np.testing.assert_allclose(clip.keypoints[0, 0], people[0][0][1][:, :3], rtol=1e-6)
    np.testing.assert_allclose(clip.keypoints[2, 1], people[2][0][1][:, :3], rtol=1e-6)
    assert np.isnan(clip.keypoints[1]).all()


@pytest.mark.parametrize(("coordinates", "start", "size"), [("depth", 3, (424, 512)), ("color", 5, (1080, 1920))])
def test_image_coordinates(coordinates, start, size, people, tmp_path):
    path = write(tmp_path / "clip.skeleton", people)
    clip = read_ntu(path, coordinates=coordinates)
    assert clip.image_size == size and clip.resolved_up_axis == "-y"
    np.testing.assert_allclose(clip.keypoints[0, 0], people[0][0][1][:, start : start + 2], rtol=1e-6)


def test_tracking_states_are_scores(rng, tmp_path):
    values = joints(rng)
    values[3, 11], values[7, 11] = 0, 1
    clip = read_ntu(write(tmp_path / "clip.skeleton", [[(FIRST, values)]]))
    assert clip.scores[0, 0, [3, 7, 8]].tolist() == [0, 0.5, 1]
    assert not clip.valid[0, 0, 3] and clip.valid.sum() == 24


def test_noise_can_be_left_out_and_is_not_by_default(rng, tmp_path):
    still, moving = joints(rng), joints(rng)
    frames = [[(1, still), (2, moving + np.array([step * 0.1] * 11 + [0]))] for step in range(5)]
    frames[2].append((3, joints(rng)))
    path = write(tmp_path / "clip.skeleton", frames)
    assert read_ntu(path).person_ids.tolist() == [1, 2, 3]
    assert read_ntu(path, min_frames=2).person_ids.tolist() == [1, 2]
    assert read_ntu(path, max_people=1).person_ids.tolist() == [2]
    with pytest.raises(ValueError, match="lower min_frames"):
        read_ntu(path, min_frames=6)


def test_six_people(rng, tmp_path):
    clip = read_ntu(write(tmp_path / "clip.skeleton", [[(n, joints(rng)) for n in range(6)]] * 2))
    assert clip.num_people == 6 and clip.valid.all()


def test_a_clip_without_bodies_has_no_joints(tmp_path):
    path = write(tmp_path / "clip.skeleton", [[], [], []])
    assert read_skeletons(path).num_frames == 3 and not read_skeletons(path).valid.any()


def test_uav_human_tracks_people_whose_ids_are_all_zero(rng, tmp_path):
    left, right = joints(rng, 17, state=0), joints(rng, 17, state=0) + 1000
    frames = [[("000", left), ("000", right)], [("000", right + 0.01), ("000", left + 0.01)]]
    path = write(tmp_path / "P000S00G10B10H10UC022000LC021000A000R0_08241716.txt", frames, num_joints=17)
    clip = read_skeletons(path)
    assert sniff(path) == "ntu" and clip.layout == "coco17" and clip.scores is None and clip.valid.all()
    np.testing.assert_allclose(
        clip.keypoints[:, 1] - clip.keypoints[:, 0], np.stack([(right - left)[:, :2]] * 2), 1e-3
    )
    assert read_ntu(path, coordinates="3d").num_coordinates == 3
    with pytest.raises(ValueError, match="2d, 3d"):
        read_ntu(path, coordinates="color")


def test_nan_in_any_spelling_is_a_missing_joint(rng, tmp_path):
    data = skeleton_file([[(FIRST, joints(rng))]]).decode().split("\n")
    for number, value in ((4, "nan"), (5, "-1.#IND"), (6, "1e999"), (7, "-Infinity")):
        data[number] = " ".join([value, *data[number].split()[1:]])
    path = tmp_path / "clip.skeleton"
    path.write_text("\n".join(data))
    assert np.flatnonzero(~read_ntu(path).valid[0, 0]).tolist() == [0, 1, 2, 3]


def edited(data: bytes, line: int, text: str | None) -> bytes:
    lines = data.decode().split("\n")
    lines[line - 1 : line] = [] if text is None else [text]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "1000000000", "line 1|at most"),
        (1, "5", "line 114: expected the number of bodies in frame 5"),
        (1, "3", "line 86: expected the end after 3 frames"),
        (1, "-4", "line 1: expected the number of frames, got '-4'"),
        (1, "0", "line 1: expected the number of frames"),
        (2, "1000000000", "line 30: expected a body's id"),
        (2, "-1", "line 2: expected the number of bodies in frame 1 of 4"),
        (3, "7 0 0", "line 3: expected a body's id"),
        (3, "9" * 30 + " 0 0 0 0 0 0 0 0 0", "line 3: expected a body's id"),
        (4, "1000000000", "line 4: expected 17 or 25 joints"),
        (4, "20", "line 4: expected 17 or 25 joints, got 20"),
        (10, "1 2 3", "line 10: expected 12 numbers, got 3"),
        (10, "1 2 x 4 5 6 7 8 9 10 11 2", "line 10: expected a number, got 'x' in column 3"),
        (10, "1 2 3 4 5 6 7 8 9 10 11 7", "line 10: expected a tracking state"),
        (10, "", "line 10: expected 12 numbers, got 0"),
        (10, None, "line 29: expected"),
    ],
)
def test_faults_are_named_with_their_line(line, text, message, people, tmp_path):
    path = tmp_path / "clip.skeleton"
    path.write_bytes(edited(skeleton_file(people), line, text))
    with pytest.raises(ValueError, match=rf"clip\.skeleton.*({message})"):
        read_skeletons(path)


def test_a_file_cut_anywhere_is_refused(people, tmp_path):
    data = skeleton_file(people).rstrip()
    path = tmp_path / "clip.skeleton"
    for length in range(0, len(data) - 1, 97):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="clip.skeleton"):
            read_skeletons(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_refused(encoding, people, tmp_path):
    path = tmp_path / "clip.skeleton"
    path.write_bytes(skeleton_file(people).decode().encode(encoding))
    with pytest.raises(ValueError, match="clip.skeleton"):
        read_skeletons(path)


def test_reading_is_quick(rng, tmp_path):
    path = write(tmp_path / "clip.skeleton", [[(FIRST, joints(rng))]] * 100)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        read_ntu(path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1  # some 5 ms; the margin is for busy machines


def test_damaged_files_do_no_harm(people, tmp_path):
    assert_survives(read_skeletons, tmp_path / "clip.skeleton", skeleton_file(people[2:]))
