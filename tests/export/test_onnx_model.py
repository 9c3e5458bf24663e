# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from __future__ import annotations

import pytest
import torch

from tmor_hf.export import TMorOnnxModel


def test_saving_and_loading_changes_nothing(classifier_folder, tmp_path, make_inputs):
    exported = TMorOnnxModel.from_pretrained(classifier_folder)
    exported.save_pretrained(tmp_path / "copy")
    again = TMorOnnxModel.from_pretrained(tmp_path / "copy")
    assert again.config.to_dict() == exported.config.to_dict()
    inputs = make_inputs(2, 9, 1)
    torch.testing.assert_close(again(**inputs).logits, exported(**inputs).logits, atol=0, rtol=0)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 9, 22, 3), "expected keypoints"),
        ((2, 9, 1, 25, 3), r"expected keypoints \(B, T, M, 22, 2 or 3\), got \(2, 9, 1, 25, 3\)"),
        ((2, 9, 1, 22, 4), "expected keypoints"),
        ((2, 0, 1, 22, 3), "at least one clip, frame and person"),
        ((0, 9, 1, 22, 3), "at least one clip, frame and person"),
    ],
)
def test_inputs_of_other_shapes_are_refused(classifier_folder, shape, message):
    with pytest.raises(ValueError, match=message):
        TMorOnnxModel.from_pretrained(classifier_folder)(torch.zeros(shape))


def test_a_damaged_file_is_named(classifier_folder):
    path = classifier_folder / "model.onnx"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"model\.onnx: expected a model in ONNX.*export it again"):
        TMorOnnxModel.from_pretrained(classifier_folder)


def test_a_folder_without_an_exported_model_is_refused(classifier, classifier_folder, tmp_path):
    (classifier_folder / "model.onnx").unlink()
    with pytest.raises(OSError, match=r"model\.onnx"):
        TMorOnnxModel.from_pretrained(classifier_folder)
    classifier.save_pretrained(tmp_path / "torch")
    with pytest.raises(ValueError, match="got a checkpoint of PyTorch"):
        TMorOnnxModel.from_pretrained(tmp_path / "torch")
