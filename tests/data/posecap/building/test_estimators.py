# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest
import torch
from tiny_vision_models import save_detector, save_poser

from tmor_hf.data.posecap.build import TransformersPoseEstimator


@pytest.fixture
def images(rng):
    return [rng.integers(0, 255, (96, 128, 3), dtype=np.uint8) for _ in range(5)]


def estimator(models, **options):
    options = {"threshold": 0.0, "max_people": 3, "batch_size": 4, "device": "cpu", **options}
    return TransformersPoseEstimator(str(models / "detector"), str(models / "poser"), **options)


def test_every_image_gets_its_people(vision_models, images):
    found = estimator(vision_models)(images)
    assert len(found) == 5
    for keypoints, scores in found:
        assert keypoints.shape == (3, 17, 2) and scores.shape == (3, 17)
        assert keypoints.dtype == scores.dtype == np.float32
        assert np.isfinite(keypoints).all() and scores.min() >= 0 and scores.max() <= 1


def test_results_do_not_depend_on_the_company(vision_models, images):
    together, alone = estimator(vision_models)(images), estimator(vision_models, batch_size=1)(images[3:4])
    np.testing.assert_allclose(together[3][0], alone[0][0], atol=1e-2)
    np.testing.assert_allclose(together[3][1], alone[0][1], atol=1e-4)


def test_nobody_is_an_empty_result(vision_models, images):
    found = estimator(vision_models, threshold=0.999)(images)
    assert [keypoints.shape for keypoints, _ in found] == [(0, 17, 2)] * 5


def test_a_pose_is_where_its_heatmap_has_its_top(vision_models, images, monkeypatch):
    """With boxes and heatmaps that are given, the way from heatmap to image is checked by geometry."""
    model = estimator(vision_models)
    model(images[:1])
    box = np.array([40.0, 20.0, 32.0, 32.0], dtype=np.float32)
    monkeypatch.setattr(model, "_detect", lambda images: [box[None] for _ in images])
    heatmaps = torch.zeros(1, 17, 8, 8)
    heatmaps[:, :, 2, 5] = 1.0  # row 2, column 5 of 8
    monkeypatch.setattr(model._poser[0].head, "forward", lambda *args, **kwargs: heatmaps)
    keypoints, scores = model(images[:1])[0]
    # The crop is the box with a quarter more, 40 pixels wide, around (56, 36); its corners are the heatmap's.
    expected = np.array([56, 36]) + (np.array([5, 2]) / 7 - 0.5) * 40
    np.testing.assert_allclose(keypoints[0], np.tile(expected, (17, 1)), atol=0.6)
    np.testing.assert_allclose(scores, 1.0)


def test_mixture_of_experts_models_work(vision_models, images, tmp_path):
    save_poser(tmp_path / "plus", experts=2)
    model = estimator(vision_models)
    model.pose_model = str(tmp_path / "plus")
    assert model(images[:2])[0][0].shape == (3, 17, 2)


def test_settings_change_with_the_weights_and_not_with_the_device(vision_models, tmp_path):
    assert estimator(vision_models).settings == estimator(vision_models, device="meta", batch_size=1).settings
    assert estimator(vision_models).settings != estimator(vision_models, threshold=0.1).settings
    save_detector(tmp_path / "detector", {0: "person"})
    other = estimator(vision_models)
    other.detector = str(tmp_path / "detector")
    before = other.settings
    (tmp_path / "detector" / "model.safetensors").touch()
    assert other.settings != before


def test_models_that_do_not_fit_are_errors(vision_models, images, tmp_path):
    save_detector(tmp_path / "dogs", {0: "dog", 1: "cat"})
    model = estimator(vision_models)
    model.detector = str(tmp_path / "dogs")
    with pytest.raises(ValueError, match="class 'person'"):
        model(images)
    save_poser(tmp_path / "hands", joints=21)
    model = estimator(vision_models)
    model.pose_model = str(tmp_path / "hands")
    with pytest.raises(ValueError, match="expected a model of 17 joints"):
        model(images)
