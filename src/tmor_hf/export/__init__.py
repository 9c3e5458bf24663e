# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Models for the edge: to ONNX, to eight-bit integers, and back into the pipelines."""

from .exporting import DEFAULT_TEMPLATES, export_onnx, with_onnx_encoder
from .onnx_model import TMorOnnxConfig, TMorOnnxModel, TMorOnnxOutput
from .quantization import quantize_onnx

__all__ = [
    "DEFAULT_TEMPLATES",
    "TMorOnnxConfig",
    "TMorOnnxModel",
    "TMorOnnxOutput",
    "export_onnx",
    "quantize_onnx",
    "with_onnx_encoder",
]
