# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A stream says what the pipelines say of the same frames, keeps people apart, and does not grow."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch

from tmor_hf import Skeletons, TMorFeatureExtractor, TMorSkeletonConfig, TMorSkeletonModel
from tmor_hf.streaming import LabelEvents, SkeletonStream
from tmor_hf.streaming.window_scoring import WindowScorer


def part(clip: Skeletons, frames: slice, person: int = 0) -> Skeletons:
    clip = clip.select_people([person])
    scores = None if clip.scores is None else clip.scores[frames]
    return Skeletons(clip.keypoints[frames], scores=scores, fps=30, layout=clip.layout)


class TestAgreement:
    @pytest.mark.parametrize("fields", [{}, {"layout": "coco17", "coordinates": 2}])
    def test_labels_are_those_of_the_pipeline_on_the_last_frames(
        self, make_stream, classify, random_clip, with_holes, assert_labels, fields
    ):
        clip = with_holes(random_clip(frames=40, **fields))
        stream = make_stream(layout=clip.layout)
        scored = []
        for frame in range(clip.num_frames):
            for result in stream.push(clip.keypoints[frame]):
                if result.is_new:
                    scored.append(frame)
                    assert_labels(result.labels, classify(part(clip, slice(max(frame - 15, 0), frame + 1))))
        assert scored == list(range(3, 40, 4))

    def test_free_texts_are_scored_like_the_zero_shot_pipeline(
        self, zero_shot, random_clip, with_holes, assert_labels
    ):
        stream, pipe = zero_shot
        clip = with_holes(random_clip(frames=24, layout="coco17", coordinates=2))
        for pose in clip.keypoints:
            results = stream.push(pose)
        assert_labels(results[0].labels, pipe(part(clip, slice(8, 24))))

    def test_people_of_one_batch_do_not_change_each_other(self, make_stream, classify, random_clip, assert_labels):
        clip, stream = random_clip(frames=20, people=3), make_stream()
        for frame, poses in enumerate(clip.keypoints):
            present = [0, 1, 2] if frame >= 6 else [0, 2]  # the second comes later: a shorter window
            results = stream.push(poses[present], person_ids=[f"p{person}" for person in present])
        for person, start in enumerate((4, 6, 4)):
            result = next(result for result in results if result.person_id == f"p{person}")
            assert_labels(result.labels, classify(part(clip, slice(start, 20), person)))

    def test_scores_below_the_threshold_hide_joints(
        self, make_stream, classifier, classify, random_clip, rng, assert_labels
    ):
        clip = random_clip(frames=16)
        clip.scores = rng.random(clip.keypoints.shape[:3]).astype(np.float32)
        extractor = classify.feature_extractor = TMorFeatureExtractor(layout="ntu25", score_threshold=0.4)
        stream = SkeletonStream(classifier, extractor, num_frames=16)
        for pose, scores in zip(clip.keypoints, clip.scores, strict=True):
            results = stream.push(pose, scores=scores)
        assert_labels(results[0].labels, classify(clip))

    def test_a_joint_at_the_origin_after_conversion_is_not_lost(
        self, make_stream, classify, random_clip, assert_labels
    ):
        clip = random_clip(frames=16, layout="coco17")
        clip.keypoints[:, :, 4] = -clip.keypoints[:, :, 3]  # the head, the mean of the ears, is at 0
        stream = make_stream(layout="coco17")
        for pose in clip.keypoints:
            results = stream.push(pose)
        assert_labels(results[0].labels, classify(clip))

    def test_between_scorings_the_last_labels_are_carried_and_their_age_said(self, make_stream, random_clip):
        stream, clip = make_stream(), random_clip(frames=12)
        results = [stream.push(pose, time=100 + frame / 30) for frame, pose in enumerate(clip.keypoints)]
        assert results[:3] == [[], [], []]
        ages = [result.age * 30 for (result,) in results[3:]]
        assert ages == pytest.approx([0, 1, 2, 3, 0, 1, 2, 3, 0], abs=1e-4)
        assert results[4][0].labels is results[3][0].labels


class TestTime:
    def test_another_rate_gives_the_interpolated_frames(self, make_stream, classify, random_clip, assert_labels):
        clip, stream = random_clip(frames=21), make_stream()  # at 20 frames per second
        for frame, pose in enumerate(clip.keypoints):
            results = stream.push(pose, time=frame / 20)
        whole = TMorFeatureExtractor(sampling_rate=30, do_center=False, do_scale=False, do_align_facing=False)
        resampled = whole(Skeletons(clip.keypoints, fps=20, layout="ntu25"))["keypoints"][0]
        end = 4 * (31 // 4)  # the last scoring: a multiple of the hop was passed
        assert_labels(results[0].labels, classify(Skeletons(resampled[end - 16 : end], layout="tmor22")))

    def test_times_that_tremble_by_a_little_change_nothing(self, make_stream, random_clip, rng, assert_labels):
        clip, streams = random_clip(frames=16), [make_stream(), make_stream()]
        for frame, pose in enumerate(clip.keypoints):
            even = streams[0].push(pose)
            uneven = streams[1].push(pose, time=1.6e9 + frame / 30 + rng.uniform(-1e-6, 1e-6))
        assert_labels(uneven[0].labels, even[0].labels)

    @pytest.mark.parametrize(("lost", "is_bridged"), [(5, True), (8, False)])
    def test_short_gaps_are_bridged_and_long_ones_missing(
        self, make_stream, classify, random_clip, assert_labels, lost, is_bridged
    ):
        clip, stream = random_clip(frames=16), make_stream(max_gap=0.25)  # 7.5 frames
        for frame, pose in enumerate(clip.keypoints):
            results = stream.push([] if 2 <= frame < 2 + lost else pose)
        expected = part(clip, slice(0, 16))
        gap = expected.keypoints[2 : 2 + lost]
        shares = np.arange(1, lost + 1)[:, None, None, None] / (lost + 1)
        before, after = expected.keypoints[1], expected.keypoints[2 + lost]
        gap[:] = before + (after - before) * shares if is_bridged else np.nan
        assert_labels(results[0].labels, classify(expected))

    def test_a_pause_of_hours_costs_one_scoring(self, make_stream, random_clip, monkeypatch):
        clip, stream = random_clip(frames=8), make_stream(forget_after=1e6)
        calls, score = [], WindowScorer.__call__
        monkeypatch.setattr(WindowScorer, "__call__", lambda self, clips: calls.append(1) or score(self, clips))
        for frame, pose in enumerate(clip.keypoints):
            stream.push(pose, time=frame / 30 + (36000 if frame > 3 else 0), person_ids=["a"])
        assert len(calls) == 2

    def test_times_that_do_not_rise_are_refused_and_leave_the_stream_as_it_was(self, make_stream, random_clip):
        clip, stream = random_clip(frames=8), make_stream()
        for frame, pose in enumerate(clip.keypoints):
            results = stream.push(pose, time=frame / 30)
            for wrong in (frame / 30, -1.0, float("nan")):
                with pytest.raises(ValueError, match="expected a time after"):
                    stream.push(pose, time=wrong)
        assert results[0].is_new

    @pytest.mark.parametrize("wrong", [1e308, -1e308, float("inf"), 10**400, 2**53])
    def test_times_that_no_clock_shows_are_refused_and_leave_the_stream_as_it_was(
        self, make_stream, random_clip, wrong
    ):
        clip, stream = random_clip(frames=8), make_stream()
        with pytest.raises(ValueError, match="expected a time in seconds"):
            stream.push(clip.keypoints[0], time=wrong)
        assert stream.time is None and stream.person_ids == []
        for frame, pose in enumerate(clip.keypoints):
            results = stream.push(pose, time=frame / 30)
            with pytest.raises(ValueError, match="expected a time"):
                stream.push(pose, time=wrong)
        assert results[0].is_new and stream.time == 7 / 30

    def test_the_furthest_times_are_taken(self, make_stream, random_clip):
        clip, stream = random_clip(frames=8), make_stream(fps=32)
        for start in (-(2**47), 2**47):
            for frame, pose in enumerate(clip.keypoints):
                results = stream.push(pose, time=start + frame, person_ids=["a"])
            assert results == []  # a second apart: no frame is bridged
        assert stream.person_ids == ["a"]


class TestPeople:
    def test_people_without_ids_are_told_apart_however_they_are_listed(self, make_stream, random_clip, rng):
        clip, stream = random_clip(frames=30, people=2), make_stream()
        clip.keypoints[:, 1] += 20
        seen = {}
        for poses in clip.keypoints:
            order = rng.permutation(2)
            for result in stream.push(poses[order]):
                seen.setdefault(result.person_id, []).append(result)
        assert sorted(seen) == [0, 1] and len(seen[0]) == len(seen[1]) == 27

    def test_who_is_lost_is_carried_then_forgotten_and_starts_anew(
        self, make_stream, classify, random_clip, assert_labels
    ):
        clip, stream = random_clip(frames=48), make_stream(forget_after=0.5)  # 15 frames
        known = {}
        for frame, pose in enumerate(clip.keypoints):
            is_there = not 8 <= frame < 28
            results = stream.push(pose[None, 0] if is_there else [], person_ids=["a"] if is_there else [])
            known[frame] = results
        assert known[22][0].unseen == pytest.approx(0.5) and known[22][0].age == pytest.approx(15 / 30)
        assert known[23] == [] and known[29] == []
        assert_labels(known[35][0].labels, classify(part(clip, slice(28, 36))))

    def test_a_pose_without_any_joint_is_nobody(self, make_stream, random_clip):
        stream = make_stream()
        for pose in random_clip(frames=8).keypoints:
            results = stream.push(np.concatenate([pose, np.full_like(pose, np.nan)]), person_ids=["a", "b"])
        assert [result.person_id for result in results] == ["a"] and stream.person_ids == ["a"]

    def test_no_more_people_are_remembered_than_asked_for(self, make_stream, random_clip):
        stream = make_stream(max_people=3)
        for frame, pose in enumerate(random_clip(frames=12).keypoints):
            stream.push(pose, person_ids=[frame])
        assert stream.person_ids == [9, 10, 11]

    def test_of_a_frame_of_more_people_those_who_are_known_stay(self, make_stream, random_clip):
        stream, clip = make_stream(max_people=3), random_clip(frames=12, people=5)
        for frame, poses in enumerate(clip.keypoints):
            order = [4, 3, 2, 1, 0] if frame else [0, 1, 2, 3, 4]
            results = stream.push(poses[order], person_ids=order)
            assert sorted(stream.person_ids) == [0, 1, 2]
        assert sorted(result.person_id for result in results if result.is_new) == [0, 1, 2]

    def test_who_is_in_the_frame_is_not_forgotten_for_others_of_it(self, make_stream, random_clip):
        stream, poses = make_stream(max_people=3), random_clip(people=5).keypoints[0]
        stream.push(poses[:3], person_ids=["a", "b", "c"])
        stream.push(poses[1:3], person_ids=["b", "c"])
        stream.push(poses[[3, 4, 0, 1]], person_ids=["d", "e", "a", "b"])  # "c" alone is out of sight
        assert sorted(stream.person_ids) == ["a", "b", "d"]
        hidden = np.concatenate([poses[:1], np.full_like(poses[:1], np.nan)])
        stream.push(hidden, person_ids=["f", "a"])  # an id without a joint is out of sight, too
        assert sorted(stream.person_ids) == ["b", "d", "f"]

    @pytest.mark.parametrize("options", [{}, {"hop": 1}])
    def test_who_comes_back_late_starts_anew_though_no_frame_came_in_between(self, make_stream, random_clip, options):
        clip, stream = random_clip(frames=24), make_stream(forget_after=0.5, **options)
        fresh, events = make_stream(**options), LabelEvents(0.01, 0.0)
        kinds = []
        for frame, pose in enumerate(clip.keypoints):
            time = frame / 30 + (10 if frame >= 12 else 0)
            results = stream.push(pose, time=time, person_ids=["a"])
            kinds.append({event.kind for event in events.update(results, time)})
            if frame >= 12:
                expected = fresh.push(pose, time=time, person_ids=["a"])
                assert [result.labels for result in results] == [result.labels for result in expected]
                assert {result.since for result in results} <= {10 + 12 / 30}
        assert kinds[stream.hop - 1] == {"start"} and "end" in kinds[12] and not kinds[11]
        assert "start" in kinds[11 + stream.hop]

    def test_ids_given_twice_or_given_at_times_are_refused(self, make_stream, random_clip):
        stream, poses = make_stream(), random_clip(people=2).keypoints[0]
        with pytest.raises(ValueError, match="expected 2 person_ids that differ"):
            stream.push(poses, person_ids=[1, 1])
        stream.push(poses, person_ids=[1, 2])
        with pytest.raises(ValueError, match="expected people with ids"):
            stream.push(poses)
        stream.push([])  # nobody needs no id


class TestBounds:
    def test_memory_does_not_grow_with_time_and_with_people(self, make_stream, random_clip, monkeypatch):
        monkeypatch.setattr(WindowScorer, "__call__", lambda self, clips: np.full((len(clips), 4), 0.25))
        stream, clip = make_stream(forget_after=0.2), random_clip(frames=50, people=3)

        def run(start: int, count: int) -> None:
            for frame in range(start, start + count):
                ids = [f"person {(frame + place) // 5}" for place in (0, 5, 10)]
                stream.push(clip.keypoints[frame % 50], person_ids=ids)

        run(0, 100)
        tracemalloc.start()
        try:
            run(100, 100)
            before = tracemalloc.get_traced_memory()[0]
            run(200, 2000)
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert grown < 20_000  # 400 people came and went, of whom each holds more than 4,000
        assert len(stream.person_ids) < 8

    def test_the_tracker_does_not_grow(self, make_stream, random_clip):
        stream, clip = make_stream(forget_after=0.2), random_clip(frames=50)
        for frame in range(300):
            stream.push(clip.keypoints[frame % 50] + 100 * frame)
        assert len(stream.person_ids) < 10 and len(stream._tracker._tracker.numbers) < 10

    def test_a_new_stream_and_a_reset_one_are_the_same(self, make_stream, random_clip, assert_labels):
        stream, clip = make_stream(), random_clip(frames=8)
        first, second = [], []
        for answers in (first, second):
            stream.reset()
            for frame, pose in enumerate(clip.keypoints):
                answers.append(stream.push(pose, time=frame / 30))
        assert first == second


def test_smoothing_is_an_exponential_mean_over_time(make_stream, random_clip):
    clip, plain, smooth = random_clip(frames=8), make_stream(), make_stream(smoothing=0.2)
    history = {plain: [], smooth: []}
    for pose in clip.keypoints:
        for stream in (plain, smooth):
            for result in stream.push(pose):
                if result.is_new:
                    history[stream].append({row["label"]: row["score"] for row in result.labels})
    share = 1 - np.exp(-4 / 30 / 0.2)
    first, second = history[plain]
    assert history[smooth][0] == first
    assert history[smooth][1] == pytest.approx(
        {name: first[name] + share * (second[name] - first[name]) for name in first}
    )


def test_checkpoints_load_by_name(classifier, zero_shot, tiny_model, tiny_processor, tmp_path, random_clip):
    classifier.save_pretrained(tmp_path / "classifier")
    TMorFeatureExtractor(layout="ntu25").save_pretrained(tmp_path / "classifier")
    tiny_model.save_pretrained(tmp_path / "contrastive")
    tiny_processor.save_pretrained(tmp_path / "contrastive")
    streams = [
        SkeletonStream.from_pretrained(tmp_path / "classifier", num_frames=8),
        SkeletonStream.from_pretrained(tmp_path / "contrastive", ["walking", "waving"], layout="ntu25", num_frames=8),
    ]
    for stream in streams:
        for pose in random_clip(frames=8).keypoints:
            results = stream.push(pose)
        assert {row["label"] for row in results[0].labels} == set(stream.labels)
    TMorSkeletonModel(TMorSkeletonConfig.tiny()).save_pretrained(tmp_path / "encoder")
    with pytest.raises(ValueError, match="expected a checkpoint of .* got .'TMorSkeletonModel'."):
        SkeletonStream.from_pretrained(tmp_path / "encoder", layout="ntu25")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 0}, "expected fps above 0"),
        ({"hop": 17}, "expected hop and min_frames up to the 16 frames"),
        ({"max_people": 0}, "expected max_people of at least 1"),
        ({"window_seconds": 1.0}, "exclude each other"),
        ({"smoothing": -1}, "expected smoothing"),
        ({"labels": ["walking"]}, "expected no labels for a classifier"),
    ],
)
def test_wrong_options_are_refused(make_stream, options, message):
    with pytest.raises(ValueError, match=message):
        make_stream(**options)


def test_wrong_models_and_poses_are_refused(classifier, make_stream, tiny_model, tiny_processor, random_clip):
    with pytest.raises(TypeError, match="expected a TMorForSkeletonActionClassification, or a TMorModel with labels"):
        SkeletonStream(TMorSkeletonModel(TMorSkeletonConfig.tiny()), TMorFeatureExtractor())
    with pytest.raises(ValueError, match="expected labels such as"):
        SkeletonStream(tiny_model, tiny_processor, layout="ntu25")
    with pytest.raises(ValueError, match="expected `layout=`"):
        SkeletonStream(classifier, TMorFeatureExtractor())
    stream = make_stream()
    for wrong in (np.zeros((2, 17, 3)), np.zeros((2, 25, 4)), np.zeros(3)):
        with pytest.raises(ValueError, match="expected keypoints"):
            stream.push(wrong + 1)
    stream.push(random_clip().keypoints[0])
    with pytest.raises(ValueError, match="expected keypoints .people, 25, 3."):
        stream.push(np.ones((1, 25, 2)))


def test_scores_of_another_shape_are_refused_and_a_row_is_one_person(make_stream, random_clip):
    stream, poses = make_stream(), random_clip(people=2).keypoints[0]
    for wrong in (np.ones((25, 2)), np.ones(50), np.ones((1, 25)), np.ones((2, 25, 1)), np.ones(25), []):
        with pytest.raises(ValueError, match=r"expected scores of shape \(2, 25\), got"):
            stream.push(poses, scores=wrong)
    assert stream.time is None
    stream.push(poses, scores=np.ones((2, 25)))
    for pose in (poses[0], poses[:1]):
        for scores in (np.ones(25), np.ones((1, 25))):
            stream.push(pose, scores=scores)


def test_the_model_is_run_without_gradients(make_stream, random_clip, classifier):
    stream = make_stream()
    with torch.enable_grad():
        for pose in random_clip(frames=4).keypoints:
            stream.push(pose)
    assert all(parameter.grad is None for parameter in classifier.parameters())
