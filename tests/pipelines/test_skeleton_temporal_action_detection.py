# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Detection of actions in recordings: times, rates, thresholds, people, saving."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import pipeline

import tmor_hf
from tmor_hf import TMorFeatureExtractor, TMorForSkeletonFrameClassification
from tmor_hf.processing.temporal_segments import segments_from_scores

TASK = "skeleton-temporal-action-detection"


def detector(model: TMorForSkeletonFrameClassification, **extractor_options):
    return pipeline(TASK, model, feature_extractor=TMorFeatureExtractor(**extractor_options), device="cpu")


@pytest.fixture
def planned_pipe(detection_pipe, monkeypatch):
    """Answers with planned logits, spread over as many frames as the model sees."""

    def plan(logits: np.ndarray, pipe=detection_pipe):
        def predict_frames(inputs, **options):
            index = np.linspace(0, len(logits) - 1, inputs["keypoints"].shape[1]).round().astype(int)
            return torch.from_numpy(logits[index].astype(np.float32))

        monkeypatch.setattr(pipe.model, "predict_frames", predict_frames)
        return pipe

    return plan


def blocks(num_frames: int, **spans: tuple[int, int]) -> np.ndarray:
    """(T, 4) logits: 4 of a class (c0, c1, ...) within its span, else -4."""
    logits = np.full((num_frames, 4), -4.0)
    for name, (start, end) in spans.items():
        logits[start:end, int(name[1:])] = 4
    return logits


def test_scores_are_those_of_the_model_and_segments_those_of_the_scores(detection_pipe, random_clip):
    clip = random_clip(frames=150)
    result = detection_pipe(clip, threshold=0.5, min_duration=3, max_gap=2)
    inputs = detection_pipe.feature_extractor(clip, return_tensors="pt")
    with torch.no_grad():
        expected = detection_pipe.model(**inputs).logits[0].sigmoid().numpy()
    np.testing.assert_allclose(result["frame_scores"], expected, atol=1e-5)
    assert result["frame_scores"].dtype == np.float32 and result["num_frames"] == 150
    names = result["labels"]
    found = [(s["start"], s["end"], names.index(s["label"]), s["score"]) for s in result["segments"]]
    segments = segments_from_scores(result["frame_scores"], 0.5, min_frames=3, max_gap=2)
    assert found == [(s.start, s.end, s.label, s.score) for s in segments]
    assert segments, "random weights that find nothing check nothing"


def test_times_are_seconds_where_the_rate_is_known(planned_pipe, random_clip):
    pipe = planned_pipe(blocks(60, c1=(15, 30), c2=(20, 60)))
    result = pipe(random_clip(frames=60, fps=30.0))
    assert result["unit"] == "seconds" and result["fps"] == 30
    assert [(s["start"], s["end"], s["label"]) for s in result["segments"]] == [
        (0.5, 1.0, "sitting down"), (20 / 30, 2.0, "waving"),
    ]  # fmt: skip
    result = pipe(random_clip(frames=60))
    assert result["unit"] == "frames" and result["fps"] is None
    assert [(s["start"], s["end"]) for s in result["segments"]] == [(15, 30), (20, 60)]


def test_the_rate_may_be_given_of_any_form_of_a_clip(planned_pipe, random_clip, tmp_path):
    pipe, clip = planned_pipe(blocks(40, c0=(10, 30))), random_clip(frames=40)
    np.save(tmp_path / "clip.npy", clip.keypoints)
    forms = [clip, clip.keypoints, {"keypoints": clip.keypoints}, torch.from_numpy(clip.keypoints)]
    for form in (*forms, tmp_path / "clip.npy"):
        (segment,) = pipe(form, layout="ntu25", fps=20.0)["segments"]
        assert (segment["start"], segment["end"]) == (0.5, 1.5)
    (segment,) = pipe(replace(clip, fps=10.0), fps=20.0)["segments"]  # what the clip says itself comes first
    assert (segment["start"], segment["end"]) == (1.0, 3.0)


@pytest.mark.parametrize("rate", [7.5, 10.0, 50.0])
def test_resampled_recordings_keep_their_own_time(planned_pipe, frame_model, random_clip, rate):
    pipe = planned_pipe(blocks(240, c0=(60, 150)), detector(frame_model, sampling_rate=rate))
    seen = pipe.feature_extractor(random_clip(frames=240, fps=30.0))["keypoints"].shape[1]
    assert seen == round(239 * rate / 30) + 1  # the model sees another number of frames
    result = pipe(random_clip(frames=240, fps=30.0))
    (segment,) = result["segments"]
    assert segment["start"] == pytest.approx(2.0, abs=1 / rate) and segment["end"] == pytest.approx(5.0, abs=1 / rate)
    assert result["frame_scores"].shape == (240, 4) and result["num_frames"] == 240


@pytest.mark.parametrize("option", ["num_frames", "max_frames"])
def test_a_feature_extractor_that_squeezes_recordings_is_refused(frame_model, option):
    with pytest.raises(ValueError, match=f"{option}=64.*set feature_extractor.{option} = None"):
        detector(frame_model, **{option: 64})


def test_other_models_are_refused(classifier_model, tiny_feature_extractor):
    with pytest.raises(ValueError, match="classifies frames"):
        pipeline(TASK, classifier_model, feature_extractor=tiny_feature_extractor)


def test_durations_and_gaps_are_in_the_unit_of_the_result(planned_pipe, random_clip):
    logits = np.maximum(blocks(100, c0=(10, 30)), blocks(100, c0=(36, 50), c1=(60, 69)))
    pipe, clip = planned_pipe(logits), random_clip(frames=100, fps=20.0)
    assert len(pipe(clip)["segments"]) == 3
    assert [s["label"] for s in pipe(clip, max_gap=0.3)["segments"]] == ["walking", "sitting down"]
    assert len(pipe(clip, max_gap=0.29)["segments"]) == 3
    assert [s["end"] for s in pipe(clip, min_duration=0.5)["segments"]] == [1.5, 2.5]
    assert len(pipe(clip, min_duration=0.45)["segments"]) == 3
    unknown = random_clip(frames=100)
    assert len(pipe(unknown, max_gap=6)["segments"]) == 2 and len(pipe(unknown, min_duration=10)["segments"]) == 2


def test_exclusive_labels_share_their_scores_and_background_is_no_segment(frame_model, random_clip, planned_pipe):
    config = frame_model.config
    config.problem_type = "single_label_classification"
    config.id2label = {0: "background", 1: "walking", 2: "waving", 3: "jumping"}
    pipe = planned_pipe(blocks(50, c0=(0, 20), c2=(20, 50)), detector(frame_model))
    result = pipe(random_clip(frames=50))
    np.testing.assert_allclose(result["frame_scores"].sum(axis=1), 1, atol=1e-5)
    assert [(s["start"], s["label"]) for s in result["segments"]] == [(20, "waving")]
    assert result["labels"][0] == "background"


def test_nothing_is_found_where_nobody_is(planned_pipe, random_clip):
    pipe, clip = planned_pipe(blocks(300, c0=(0, 300))), random_clip(frames=300)
    window = pipe.model.config.frame_window_size
    clip.keypoints[20:30] = np.nan  # short: the model bridges it
    clip.keypoints[100 : 101 + window] = np.nan
    assert [(s["start"], s["end"]) for s in pipe(clip)["segments"]] == [(0, 100), (101 + window, 300)]


@pytest.mark.parametrize("threshold", [0.0, 0.1])
def test_people_have_their_own_segments_and_empty_slots_none(detection_pipe, random_clip, threshold):
    clip = random_clip(frames=40, people=3, fps=30.0)
    clip.keypoints[:, 1] = np.nan
    people = detection_pipe(clip, per_person=True, threshold=threshold)
    assert [len(person["segments"]) > 0 for person in people] == [True, False, True]
    assert people[1]["frame_scores"].shape == (40, 4) and not people[1]["frame_scores"].any()
    assert np.abs(people[0]["frame_scores"] - people[2]["frame_scores"]).max() > 1e-4


def test_poses_stay_exact_for_a_rounding_model(detection_pipe, random_clip):
    clip = random_clip(frames=40)
    expected = detection_pipe.preprocess(clip)["clips"][0]["keypoints"]
    detection_pipe.model.to(torch.bfloat16)
    torch.testing.assert_close(detection_pipe.preprocess(clip)["clips"][0]["keypoints"], expected, rtol=0, atol=0)


def test_without_frame_scores_the_result_is_json(detection_pipe, random_clip):
    result = detection_pipe(random_clip(fps=30.0), return_frame_scores=False, threshold=0.0)
    assert "frame_scores" not in result and json.loads(json.dumps(result)) == result
    assert [s["end"] for s in result["segments"]] == [12 / 30] * 4


def test_save_and_reload_gives_the_same(detection_pipe, random_clip, tmp_path, assert_close):
    clip = random_clip(frames=70, fps=30.0)
    detection_pipe.save_pretrained(tmp_path)
    assert_close(pipeline(TASK, model=str(tmp_path))(clip), detection_pipe(clip))
    model = tmor_hf.AutoModelForSkeletonFrameClassification.from_pretrained(tmp_path)
    assert isinstance(model, TMorForSkeletonFrameClassification)


@pytest.mark.parametrize(
    "options", [{"threshold": 1.5}, {"end_threshold": -0.1}, {"min_duration": -1}, {"max_gap": float("inf")}]
)
def test_options_out_of_range_are_refused(detection_pipe, random_clip, options):
    with pytest.raises(ValueError, match=f"expected {next(iter(options))}"):
        detection_pipe(random_clip(), **options)
    with pytest.raises(ValueError, match="end_threshold up to"):
        detection_pipe(random_clip(), threshold=0.3, end_threshold=0.4)
