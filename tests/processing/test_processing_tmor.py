# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The processor: what goes in comes out of its parts unchanged, and it is saved and loaded whole."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor, AutoImageProcessor, AutoProcessor, AutoTokenizer

from tmor_hf import TMorFeatureExtractor, TMorProcessor

TEXTS = ["walking", "a person is waving with the left hand"]


@pytest.fixture
def image_processor():
    pytest.importorskip("PIL")
    from transformers.models.clip import CLIPImageProcessorPil

    return CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})


@pytest.fixture
def video_processor(tiny_feature_extractor, tiny_tokenizer, image_processor) -> TMorProcessor:
    return TMorProcessor(tiny_feature_extractor, tiny_tokenizer, image_processor)


def test_texts_and_clips_are_what_tokenizer_and_feature_extractor_give(tiny_processor, mixed_clips):
    inputs = tiny_processor(text=TEXTS, skeletons=mixed_clips, return_tensors="pt")
    expected = {
        **tiny_processor.tokenizer(TEXTS, padding=True, return_tensors="pt"),
        **tiny_processor.feature_extractor(mixed_clips, return_tensors="pt"),
    }
    assert inputs.keys() == expected.keys()
    for name, values in expected.items():
        assert torch.equal(inputs[name], values), name


def test_model_input_names_are_what_comes_out(tiny_processor, mixed_clips):
    inputs = tiny_processor(text=TEXTS, skeletons=mixed_clips, return_tensors="pt")
    assert set(inputs) <= set(tiny_processor.model_input_names)
    assert set(tiny_processor.feature_extractor.model_input_names) <= set(inputs)


def test_one_modality_alone(tiny_processor, random_clip):
    assert "keypoints" not in tiny_processor(text="walking", return_tensors="pt")
    assert "input_ids" not in tiny_processor(skeletons=random_clip(), return_tensors="pt")
    with pytest.raises(ValueError, match="expected text, skeletons or videos, got none of them"):
        tiny_processor()


def test_one_text_and_one_clip_make_batches_of_one(tiny_processor, random_clip):
    inputs = tiny_processor(text="walking", skeletons=random_clip(), return_tensors="pt")
    assert inputs["input_ids"].shape[0] == inputs["keypoints"].shape[0] == 1


@pytest.mark.parametrize(("return_tensors", "kind"), [("pt", torch.Tensor), ("np", np.ndarray)])
def test_return_tensors_hold_for_all_parts(tiny_processor, random_clip, return_tensors, kind):
    inputs = tiny_processor(text=TEXTS, skeletons=[random_clip(), random_clip()], return_tensors=return_tensors)
    assert all(isinstance(values, kind) for values in inputs.values())


def test_options_of_plain_arrays(tiny_processor, random_clip):
    clip = random_clip(layout="coco17", coordinates=2, fps=30.0)
    scores = np.ones(clip.keypoints.shape[:3], dtype=np.float32)
    scores[:, :, 9] = 0
    options = {"layout": "coco17", "scores": scores, "fps": 30.0, "up_axis": "y"}
    expected = tiny_processor.feature_extractor(clip.keypoints, return_tensors="pt", **options)
    inputs = tiny_processor(skeletons=clip.keypoints, return_tensors="pt", **options)
    nested = tiny_processor(skeletons=clip.keypoints, return_tensors="pt", skeleton_kwargs=options)
    for name, values in expected.items():
        assert torch.equal(inputs[name], values) and torch.equal(nested[name], values), name


def test_long_texts_are_cut_to_what_the_tokenizer_allows(tiny_processor):
    assert tiny_processor(text="walking " * 100, return_tensors="pt")["input_ids"].shape == (1, 32)


def test_options_of_the_tokenizer_pass_through(tiny_processor):
    inputs = tiny_processor(text=TEXTS, padding="max_length", max_length=20, return_tensors="pt")
    assert inputs["input_ids"].shape == (2, 20)


def test_round_trip(tiny_tokenizer, random_clip, tmp_path):
    processor = TMorProcessor(TMorFeatureExtractor(num_frames=8, layout="ntu25", do_scale=False), tiny_tokenizer)
    processor.save_pretrained(tmp_path)
    keypoints = random_clip(frames=20).keypoints
    expected = processor(text=TEXTS[1], skeletons=keypoints, return_tensors="pt")
    for loaded in (TMorProcessor.from_pretrained(tmp_path), AutoProcessor.from_pretrained(tmp_path)):
        assert isinstance(loaded, TMorProcessor)
        inputs = loaded(text=TEXTS[1], skeletons=keypoints, return_tensors="pt")
        assert all(torch.equal(inputs[name], values) for name, values in expected.items())
    assert AutoFeatureExtractor.from_pretrained(tmp_path).to_dict() == processor.feature_extractor.to_dict()
    assert AutoTokenizer.from_pretrained(tmp_path).get_vocab() == tiny_tokenizer.get_vocab()


def test_saved_files_hold_no_code_and_no_paths(tiny_processor, tmp_path):
    tiny_processor.save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "processor_config.json").read_text())
    assert saved["processor_class"] == "TMorProcessor"
    assert saved["feature_extractor"]["feature_extractor_type"] == "TMorFeatureExtractor"
    assert not list(tmp_path.glob("*.py"))


def test_wrong_parts_are_refused(tiny_feature_extractor, tiny_tokenizer):
    with pytest.raises(TypeError):
        TMorProcessor(tiny_feature_extractor, tiny_feature_extractor)
    with pytest.raises(TypeError, match="expected an image processor"):
        TMorProcessor(tiny_feature_extractor, tiny_tokenizer, image_processor=tiny_tokenizer)


def test_videos_need_an_image_processor(tiny_processor):
    with pytest.raises(ValueError, match="no image_processor for videos"):
        tiny_processor(videos=np.zeros((3, 16, 16, 3), dtype=np.uint8))


def test_videos_keep_their_frames(video_processor, rng):
    videos = [rng.integers(0, 255, size=(3, 20, 24, 3), dtype=np.uint8) for _ in range(2)]
    pixels = video_processor(videos=videos, return_tensors="pt")["pixel_values_videos"]
    assert pixels.shape == (2, 3, 3, 16, 16)
    frame = video_processor.image_processor(videos[1][2], return_tensors="pt")["pixel_values"][0]
    torch.testing.assert_close(pixels[1, 2], frame)
    one = video_processor(videos=videos[1], return_tensors="pt")["pixel_values_videos"]
    torch.testing.assert_close(one, pixels[1:])
    assert "pixel_values_videos" in video_processor.model_input_names


def test_videos_of_different_lengths_are_refused(video_processor):
    videos = [np.zeros((frames, 16, 16, 3), dtype=np.uint8) for frames in (2, 3)]
    with pytest.raises(ValueError, match=r"same number of frames, got \[2, 3\]"):
        video_processor(videos=videos)


def test_round_trip_with_videos(video_processor, rng, tmp_path):
    video_processor.save_pretrained(tmp_path)
    video = rng.integers(0, 255, size=(2, 20, 24, 3), dtype=np.uint8)
    expected = video_processor(text=TEXTS, videos=video, return_tensors="pt")
    loaded = AutoProcessor.from_pretrained(tmp_path)
    inputs = loaded(text=TEXTS, videos=video, return_tensors="pt")
    assert all(torch.equal(inputs[name], values) for name, values in expected.items())
    assert type(AutoImageProcessor.from_pretrained(tmp_path)) is type(video_processor.image_processor)
