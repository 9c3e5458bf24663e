# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What all pipelines share: inputs, batching, people, saving."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from transformers import pipeline
from transformers.pipelines.pt_utils import KeyDataset

import tmor_hf
from tmor_hf.pipelines.base import stack_clips


def test_every_form_of_a_clip_gives_the_same_result(any_pipe, random_clip, tmp_path, assert_close):
    clip = random_clip(people=2)
    expected = any_pipe(clip)
    forms = [
        {"keypoints": clip.keypoints, "layout": "ntu25"},
        {"keypoints": torch.from_numpy(clip.keypoints), "layout": "ntu25"},
        clip.save(tmp_path / "clip.npz"),
        str(clip.save(tmp_path / "clip.json")),
    ]
    for form in forms:
        assert_close(any_pipe(form), expected)
    for array in (clip.keypoints, torch.from_numpy(clip.keypoints), clip.keypoints.astype(np.float64)):
        assert_close(any_pipe(array, layout="ntu25"), expected)


def test_files_of_other_tools_are_clips_too(any_pipe, random_clip, tmp_path, assert_close):
    clip = random_clip(layout="coco17", coordinates=2)
    np.save(tmp_path / "clip.npy", clip.keypoints)
    expected = any_pipe(clip)
    assert_close(any_pipe(tmp_path / "clip.npy", layout="coco17"), expected)
    triples = np.insert(clip.keypoints[:, 0], 2, 1, axis=2).reshape(-1, 51).tolist()  # x, y, score of each joint
    results = [{"image_id": i, "category_id": 1, "score": 1.0, "keypoints": pose} for i, pose in enumerate(triples)]
    (tmp_path / "results.json").write_text(json.dumps(results))
    assert_close(any_pipe(tmp_path / "results.json"), expected)


def test_array_of_one_person_needs_no_person_axis(any_pipe, random_clip, assert_close):
    keypoints = random_clip().keypoints
    assert_close(any_pipe(keypoints[:, 0], layout="ntu25"), any_pipe(keypoints, layout="ntu25"))


def test_options_reach_raw_arrays(any_pipe, random_clip, assert_close):
    clip = random_clip(layout="coco17", coordinates=2)
    scores = np.ones(clip.keypoints.shape[:3], dtype=np.float32)
    scores[:, :, 5:9] = 0
    options = {"scores": scores, "fps": 25.0, "image_size": (480, 640), "up_axis": "y"}
    expected = any_pipe(tmor_hf.Skeletons(clip.keypoints, layout="coco17", **options))
    assert_close(any_pipe(clip.keypoints, layout="coco17", **options), expected)
    with pytest.raises(AssertionError):
        assert_close(any_pipe(clip.keypoints, layout="coco17"), expected)


def test_options_reach_files_and_skeletons_that_do_not_say_theirs(any_pipe, random_clip, tmp_path, assert_close):
    keypoints = random_clip().keypoints
    np.save(tmp_path / "clip.npy", keypoints)
    expected = any_pipe(keypoints, layout="ntu25", up_axis="z")
    assert_close(any_pipe(tmp_path / "clip.npy", layout="ntu25", up_axis="z"), expected)
    assert_close(any_pipe(tmor_hf.Skeletons(keypoints, layout="ntu25"), up_axis="z"), expected)
    own = tmor_hf.Skeletons(keypoints, layout="ntu25", up_axis="z")
    assert_close(any_pipe(own, up_axis="y"), expected)
    with pytest.raises(AssertionError):
        assert_close(any_pipe(keypoints, layout="ntu25"), expected)


def test_options_may_be_given_when_the_pipeline_is_built(classifier_model, tiny_feature_extractor, random_clip):
    pipe = pipeline(
        "skeleton-action-classification",
        classifier_model,
        feature_extractor=tiny_feature_extractor,
        layout="ntu25",
        top_k=1,
    )
    assert len(pipe(random_clip().keypoints)) == 1


@pytest.mark.parametrize("batch_size", [1, 3])
def test_lists_tuples_generators_and_datasets_equal_single_clips(any_pipe, mixed_clips, batch_size, assert_close):
    expected = [any_pipe(clip) for clip in mixed_clips]
    rows = [{"skeleton": clip} for clip in mixed_clips]
    assert_close(any_pipe(mixed_clips, batch_size=batch_size), expected)
    assert_close(any_pipe(tuple(mixed_clips), batch_size=batch_size, num_workers=0), expected)
    assert_close(list(any_pipe((clip for clip in mixed_clips), batch_size=batch_size)), expected)
    assert_close(list(any_pipe(KeyDataset(rows, "skeleton"), batch_size=batch_size, num_workers=0)), expected)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_each_person_is_seen_alone(any_pipe, random_clip, batch_size, assert_close):
    clips = [random_clip(people=2), random_clip(frames=7, people=3), random_clip(people=1)]
    clips[1].keypoints[:, 1] = np.nan
    results = any_pipe(clips, per_person=True, batch_size=batch_size)
    for clip, people in zip(clips, results, strict=True):
        assert len(people) == clip.num_people
        for slot, result in enumerate(people):
            if np.isnan(clip.keypoints[:, slot]).all():
                assert not (result["segments"] if isinstance(result, dict) else result)
            else:
                assert_close(result, any_pipe(clip.keypoints[:, slot], layout="ntu25"))


def test_scores_follow_their_person(any_pipe, random_clip, assert_close):
    clip = random_clip(people=2)
    clip.scores = np.ones(clip.keypoints.shape[:3], dtype=np.float32)
    clip.scores[:, 1, :12] = 0
    alone = tmor_hf.Skeletons(clip.keypoints[:, 1], scores=clip.scores[:, 1], layout="ntu25")
    assert_close(any_pipe(clip, per_person=True)[1], any_pipe(alone))


def test_no_clips_give_no_results(any_pipe):
    assert any_pipe([]) == []
    assert any_pipe(()) == []
    assert list(any_pipe(clip for clip in [])) == []
    assert list(any_pipe(KeyDataset([], "skeleton"))) == []


def test_nested_lists_are_refused_with_a_cure(any_pipe, random_clip):
    with pytest.raises(TypeError, match=r"got list; pass np\.asarray\(clip\)"):
        any_pipe(random_clip().keypoints.tolist(), layout="ntu25")


@pytest.mark.parametrize("wrong", [None, 3.0, object(), b"clip"])
def test_what_is_no_clip_is_refused(any_pipe, wrong):
    with pytest.raises(TypeError, match=f"expected a clip as an array .* got {type(wrong).__name__}"):
        any_pipe(wrong)


def test_unreadable_clips_are_refused(any_pipe, random_clip, tmp_path):
    keypoints = random_clip().keypoints
    with pytest.raises(ValueError, match="expected `layout=`"):
        any_pipe(keypoints)
    with pytest.raises(ValueError, match="expected 17 joints for layout 'coco17', got 25"):
        any_pipe(keypoints, layout="coco17")
    (tmp_path / "notes.csv").write_text("day,hours\n1,8\n")
    with pytest.raises(ValueError, match="notes.csv.*expected"):
        any_pipe(tmp_path / "notes.csv")
    with pytest.raises(FileNotFoundError):
        any_pipe(str(tmp_path / "none.npz"))
    for per_person in (False, True):
        with pytest.raises(ValueError, match="at least one joint that was seen"):
            any_pipe(np.full_like(keypoints, np.nan), layout="ntu25", per_person=per_person)
    with pytest.raises(TypeError, match="layuot"):
        any_pipe(keypoints, layuot="ntu25")


def test_bfloat16_is_near_float32(any_pipe, random_clip):
    clip = random_clip()
    before = any_pipe(clip)
    any_pipe.model.to(torch.bfloat16)
    after = any_pipe(clip)
    if isinstance(before, dict):
        before, after = before["frame_scores"], after["frame_scores"]
    elif isinstance(before[0], dict):
        before, after = ({row["label"]: row["score"] for row in rows} for rows in (before, after))
        before, after = [before[label] for label in before], [after[label] for label in before]
    np.testing.assert_allclose(after, before, atol=0.05)


def test_saved_pipeline_gives_the_same_results(any_pipe, mixed_clips, tmp_path, assert_close):
    any_pipe.save_pretrained(tmp_path)
    options = {"candidate_labels": ["walking", "waving"]} if "zero-shot" in any_pipe.task else {}
    loaded = pipeline(any_pipe.task, model=str(tmp_path), device="cpu")
    assert_close(loaded(mixed_clips, **options), any_pipe(mixed_clips, **options))
    assert not list(tmp_path.glob("*.py"))
    assert not getattr(loaded.model.config, "custom_pipelines", None)


def test_saving_over_a_file_is_refused(any_pipe, tmp_path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(ValueError, match="expected a folder"):
        any_pipe.save_pretrained(path)


def test_a_task_without_a_bundled_checkpoint_asks_for_a_model():
    task = "skeleton-temporal-action-detection"
    with pytest.raises(ValueError, match=f"expected `model=` for the task '{task}'"):
        pipeline(task)


def test_stacking_pads_frames_and_people():
    clips = [
        {"keypoints": torch.ones(1, 4, 1, 22, 3), "frame_mask": torch.ones(1, 4, dtype=torch.bool)},
        {"keypoints": torch.ones(1, 2, 3, 22, 3), "frame_mask": torch.ones(1, 2, dtype=torch.bool)},
    ]
    batch = stack_clips(clips)
    assert batch["keypoints"].shape == (2, 4, 3, 22, 3)
    assert batch["keypoints"].sum(dim=(3, 4)).gt(0).tolist() == [
        [[True, False, False]] * 4,
        [[True] * 3] * 2 + [[False] * 3] * 2,
    ]
    assert batch["frame_mask"].tolist() == [[True] * 4, [True, True, False, False]]
