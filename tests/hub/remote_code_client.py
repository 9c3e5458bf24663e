# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a user does who has transformers but not this package: everything with `trust_remote_code=True`."""

from __future__ import annotations

import sys

import checks
import numpy as np
import torch
from huggingface_hub import HfApi
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioFrameClassification,
    AutoModelForVideoClassification,
    AutoProcessor,
    pipeline,
)

GIVEN = checks.given()
FOLDERS = [name for name in GIVEN if name.startswith("tmor-base")]
EXPECTED = dict(np.load(GIVEN["expected"]))
CLIP, LABELS = EXPECTED["clip"], ["walking", "waving", "sitting down"]


def places(name: str) -> list[str]:
    """Where a checkpoint is: its folder, and its name on the Hub."""
    return [GIVEN[name], f"org/{name}"]


def assert_close(found: object, name: str) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=np.float32), EXPECTED[name], atol=1e-5)


def the_package_is_not_installed():
    assert "No module named 'tmor_hf'" in checks.error_of(lambda: __import__("tmor_hf"))


def folders_go_to_the_hub():
    for name in FOLDERS:
        HfApi().create_repo(f"org/{name}")
        HfApi().upload_folder(repo_id=f"org/{name}", folder_path=GIVEN[name])


def code_must_be_trusted():
    for place in places("tmor-base"):
        error = checks.error_of(lambda place=place: AutoModel.from_pretrained(place, trust_remote_code=False))
        assert "trust_remote_code=True" in error, error


def every_auto_class_loads():
    expected = {
        ("tmor-base", AutoConfig): "TMorConfig",
        ("tmor-base", AutoModel): "TMorModel",
        ("tmor-base", AutoFeatureExtractor): "TMorFeatureExtractor",
        ("tmor-base", AutoProcessor): "TMorProcessor",
        ("tmor-base-actions", AutoConfig): "TMorSkeletonConfig",
        ("tmor-base-actions", AutoModel): "TMorSkeletonModel",
        ("tmor-base-actions", AutoFeatureExtractor): "TMorFeatureExtractor",
        ("tmor-base-actions", AutoProcessor): "TMorFeatureExtractor",
        ("tmor-base-actions", AutoModelForVideoClassification): "TMorForSkeletonActionClassification",
        ("tmor-base-frames", AutoModelForAudioFrameClassification): "TMorForSkeletonFrameClassification",
    }
    for (name, auto_class), kind in expected.items():
        for place in places(name):
            found = auto_class.from_pretrained(place, trust_remote_code=True)
            assert type(found).__name__ == kind, (place, auto_class, type(found))


def a_contrastive_model_compares_clips_texts_and_videos():
    for place in places("tmor-base"):
        model = AutoModel.from_pretrained(place, trust_remote_code=True).eval()
        processor = AutoProcessor.from_pretrained(place, trust_remote_code=True)
        videos = np.zeros((1, 2, 16, 16, 3), dtype=np.uint8)
        inputs = processor(text=LABELS, skeletons=CLIP, videos=list(videos), layout="ntu25", return_tensors="pt")
        with torch.no_grad():
            outputs = model(**inputs)
        assert_close(outputs.skeleton_embeds[0], "embedding")
        assert outputs.text_embeds.shape == (3, 16) and outputs.video_embeds.shape == (1, 16)


def pipelines_of_a_contrastive_model_run():
    for place in places("tmor-base"):
        zero_shot = pipeline("zero-shot-skeleton-action-classification", model=place, trust_remote_code=True)
        scores = {one["label"]: one["score"] for one in zero_shot(CLIP, layout="ntu25", candidate_labels=LABELS)}
        assert_close([scores[label] for label in LABELS], "zero_shot")
        extractor = pipeline("skeleton-feature-extraction", model=place, trust_remote_code=True)
        assert_close(extractor(CLIP, layout="ntu25"), "embedding")
        assert_close(extractor(CLIP, layout="ntu25", per_person=True)[0], "embedding")


def pipelines_of_classifiers_run():
    for place in places("tmor-base-actions"):
        for task in ("skeleton-action-classification", None):  # the one task of this code need not be named
            classifier = pipeline(task, model=place, trust_remote_code=True)
            assert_close([one["score"] for one in classifier(CLIP, layout="ntu25")], "action")
        error = checks.error_of(lambda classifier=classifier: classifier("clip.bvh"))
        assert "pip install tmor_hf" in error, error
    for place in places("tmor-base-frames"):
        detector = pipeline("skeleton-temporal-action-detection", model=place, trust_remote_code=True)
        assert_close(detector(CLIP, layout="ntu25")["frame_scores"], "frames")


def nothing_of_the_package_was_imported():
    assert not [name for name in sys.modules if name.split(".")[0] == "tmor_hf"]


if __name__ == "__main__":
    checks.run(
        the_package_is_not_installed,
        folders_go_to_the_hub,
        code_must_be_trusted,
        every_auto_class_loads,
        a_contrastive_model_compares_clips_texts_and_videos,
        pipelines_of_a_contrastive_model_run,
        pipelines_of_classifiers_run,
        nothing_of_the_package_was_imported,
    )
