# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from __future__ import annotations

import pytest
import torch

from tmor_hf import TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.export import TMorOnnxModel, export_onnx, quantize_onnx


@torch.no_grad()
def test_int8_is_a_third_of_the_size_and_close(tiny_feature_extractor, tmp_path, make_inputs):
    torch.manual_seed(0)
    model = TMorForSkeletonActionClassification(TMorSkeletonConfig.small()).eval()
    plain = export_onnx(model, tiny_feature_extractor, tmp_path / "plain")
    small = export_onnx(model, tiny_feature_extractor, tmp_path / "int8", int8=True)
    sizes = [(folder / "model.onnx").stat().st_size for folder in (plain, small)]
    assert sizes[1] < 0.5 * sizes[0]
    quantised = TMorOnnxModel.from_pretrained(small)
    assert quantised.config.quantization == "int8"
    for shape in ((1, 1, 1), (3, 50, 2)):
        inputs = make_inputs(*shape)
        expected = model(**inputs).logits
        found = quantised(**inputs).logits
        assert not torch.equal(found, expected)
        assert (found - expected).norm() < 0.1 * expected.norm()


def test_layers_to_keep_stay_in_float32(classifier_folder):
    onnx = pytest.importorskip("onnx")
    content = (classifier_folder / "model.onnx").read_bytes()

    def plain_layers(keep):
        nodes = onnx.load_model_from_string(quantize_onnx(content, keep)).graph.node
        return {node.name for node in nodes if node.op_type in ("MatMul", "Gemm")}

    everything, kept = plain_layers(()), plain_layers((r"layers\.0.*fc1", "classifier"))
    assert any("fc1" in name for name in kept - everything)
    assert not any("layers.1" in name and "fc1" in name for name in kept)


def test_keeping_all_is_refused(classifier_folder):
    with pytest.raises(ValueError, match="expected linear layers besides those to keep"):
        quantize_onnx((classifier_folder / "model.onnx").read_bytes(), keep=(".",))
