# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest

from tmor_hf.data.posecap.building.arguments import BuildArguments
from tmor_hf.data.posecap.building.cutting import cut_clips
from tmor_hf.data.posecap.building.poses import VideoPoses

RATE = 15.0
BODY = np.random.default_rng(3).uniform(-1, 1, (17, 2)) * [20, 40]


def arguments(**options):
    return BuildArguments("in", "out", "CC0-1.0", **{"min_seconds": 1.0, "max_seconds": 4.0, **options})


def walker(frames: int, start=(60.0, 100.0), speed: float = 60.0, score: float = 0.9, size: float = 1.0):
    """(frames, 17, 2) poses of a body that moves to the right and waves its joints, and their scores."""
    seconds = np.arange(frames) / RATE
    wave = np.sin(seconds[:, None] * 5 + np.arange(17)) * 6 * np.sign(speed) ** 2
    poses = size * (BODY + wave[..., None]) + np.array(start)
    poses[..., 0] += seconds[:, None] * speed
    return poses.astype(np.float32), np.full((frames, 17), score, np.float32)


def video(*people, frames: int, changes=(), times=None, seed: int = 0) -> VideoPoses:
    """A video of people (first frame, (poses, scores)), in random order in every frame."""
    rng = np.random.default_rng(seed)
    keypoints, scores, counts = [], [], []
    for frame in range(frames):
        here = [(p[frame - first], s[frame - first]) for first, (p, s) in people if 0 <= frame - first < len(p)]
        for index in rng.permutation(len(here)):
            keypoints.append(here[index][0])
            scores.append(here[index][1])
        counts.append(len(here))
    jumps = np.zeros(frames, np.float32)
    jumps[list(changes)] = 0.5
    return VideoPoses(
        times=np.arange(frames) / RATE if times is None else np.asarray(times),
        counts=np.array(counts),
        keypoints=np.array(keypoints, np.float32).reshape(-1, 17, 2),
        scores=np.array(scores, np.float32).reshape(-1, 17),
        changes=jumps,
        rate=RATE,
        image_size=(240, 640),
        layout="coco17",
    )


def reasons(drops):
    return sorted({(drop.what, drop.reason) for drop in drops})


def test_one_person_who_moves_is_one_clip():
    person = walker(30)
    clips, drops = cut_clips(video((0, person), frames=30), arguments())
    assert len(clips) == 1 and not drops
    np.testing.assert_allclose(clips[0].keypoints[:, 0], person[0], atol=1e-4)
    np.testing.assert_allclose(clips[0].scores[:, 0], person[1])
    assert (clips[0].start, clips[0].end) == (0.0, pytest.approx(29 / RATE))


def test_people_keep_their_place_though_their_order_changes():
    left, right = walker(30), walker(30, start=(400, 100), speed=-40)
    (clip,), _ = cut_clips(video((0, left), (0, right), frames=30), arguments())
    first = np.argmin([abs(clip.keypoints[0, person, 0, 0] - left[0][0, 0, 0]) for person in (0, 1)])
    np.testing.assert_allclose(clip.keypoints[:, first], left[0], atol=1e-4)
    np.testing.assert_allclose(clip.keypoints[:, 1 - first], right[0], atol=1e-4)
    assert len(set(clip.person_ids)) == 2


def test_a_long_absence_ends_a_clip_and_a_short_one_does_not():
    before, after = walker(30), walker(30, start=(200, 100))
    clips, _ = cut_clips(video((0, before), (60, after), frames=90), arguments())
    assert [(clip.start, clip.end) for clip in clips] == [(0, pytest.approx(29 / 15)), (4, pytest.approx(89 / 15))]
    whole = walker(40)
    parts = [(0, tuple(a[:18] for a in whole)), (22, tuple(a[22:] for a in whole))]
    (clip,), _ = cut_clips(video(*parts, frames=40), arguments())
    assert clip.keypoints.shape == (40, 1, 17, 2)
    assert np.isnan(clip.keypoints[18:22]).all() and (clip.scores[18:22] == 0).all()


def test_a_scene_ends_a_clip():
    clips, _ = cut_clips(video((0, walker(60)), frames=60, changes=[25]), arguments())
    assert [len(clip.keypoints) for clip in clips] == [25, 35]


def test_a_hole_in_time_ends_a_clip():
    times = np.arange(60) / RATE + 5.0 * (np.arange(60) >= 30)
    clips, _ = cut_clips(video((0, walker(60)), frames=60, times=times), arguments())
    assert [len(clip.keypoints) for clip in clips] == [30, 30]


def test_long_motion_is_cut_into_equal_parts():
    clips, _ = cut_clips(video((0, walker(135, speed=2)), frames=135), arguments())
    assert [len(clip.keypoints) for clip in clips] == [45, 45, 45]
    assert len({int(clip.person_ids[0]) for clip in clips}) == 1


def test_still_stretches_are_cut_out():
    moving, still = walker(40, speed=30), walker(60, speed=0)
    after = walker(40, start=(60, 100), speed=30)
    clips, drops = cut_clips(video((0, moving), (40, still), (100, after), frames=140), arguments())
    assert reasons(drops) == [("clip", "still")]
    assert len(clips) == 2 and clips[0].end < 45 / RATE and clips[1].start > 95 / RATE
    assert cut_clips(video((0, still), frames=60), arguments())[0] == []


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (walker(30, score=0.35), ("person", "low pose confidence")),
        (walker(30, size=0.2), ("person", "too small")),
        (walker(12), ("clip", "too short")),
    ],
)
def test_what_is_not_good_enough_is_left_out_with_the_reason(person, reason):
    clips, drops = cut_clips(video((0, person), frames=30), arguments())
    assert not clips and reasons(drops) == [reason]


def test_unsure_joints_are_missing():
    poses, scores = walker(30)
    scores[:, 4] = 0.1
    (clip,), _ = cut_clips(video((0, (poses, scores)), frames=30), arguments())
    assert np.isnan(clip.keypoints[:, 0, 4]).all() and (clip.scores[:, 0, 4] == 0).all()
    assert np.isfinite(np.delete(clip.keypoints, 4, axis=2)).all()


def test_uneven_times_become_an_even_pace():
    times = np.cumsum(np.tile([0.05, 0.1, 0.05], 20))
    times -= times[0]
    poses = np.repeat(BODY[None], 60, axis=0) + 100.0
    poses[..., 0] += 60 * times[:, None]
    (clip,), _ = cut_clips(
        video((0, (poses.astype(np.float32), np.ones((60, 17), np.float32))), frames=60, times=times),
        arguments(max_seconds=8),
    )
    moments = np.arange(len(clip.keypoints)) / RATE
    np.testing.assert_allclose(clip.keypoints[:, 0, 0, 0], BODY[0, 0] + 100 + 60 * moments, atol=1e-2)
    assert len(moments) == int(times[-1] * RATE + 1e-3) + 1


def test_a_crowd_is_cut_down_to_those_who_are_there_longest():
    people = [(0, walker(30, start=(60 + 90 * index, 100), speed=10)) for index in range(5)]
    people.append((0, tuple(a[:18] for a in walker(30, start=(520, 100), speed=10))))
    (clip,), _ = cut_clips(video(*people, frames=30), arguments(max_people=5))
    assert clip.keypoints.shape[1] == 5 and np.isfinite(clip.keypoints).all()


def test_nobody_at_all_gives_nothing():
    assert cut_clips(video(frames=20), arguments()) == ([], [])


def test_poses_survive_a_file(tmp_path):
    poses = video((0, walker(10)), (4, walker(6)), frames=12)
    poses.save(tmp_path / "poses.npz")
    again = VideoPoses.load(tmp_path / "poses.npz")
    assert again.facts == poses.facts
    for name in ("times", "counts", "keypoints", "scores", "changes"):
        np.testing.assert_array_equal(getattr(again, name), getattr(poses, name))
