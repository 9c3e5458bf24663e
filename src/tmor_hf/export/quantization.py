# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Weights in eight bits: a model in ONNX of a third of the size."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

# The first layer sees raw coordinates, velocities and masks side by side, which one scale for all serves badly; the
# last one decides between classes. Both are small.
KEPT_LAYERS: tuple[str, ...] = (r"embeddings", r"classifier", r"label_head", r"skeleton_projection")


def quantize_onnx(content: bytes, keep: Sequence[str] = KEPT_LAYERS) -> bytes:
    """Dynamic quantisation: weights of linear layers as int8, one scale a channel; activations as they come.

    Args:
        content: A model in ONNX, float32.
        keep: Regular expressions; layers whose name one of them is found in stay in float32.

    Returns:
        The quantised model.

    Raises:
        ImportError: If onnx or ONNX Runtime is not installed.
        ValueError: If nothing is left to quantise.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise ImportError(
            f"quantising a model needs {error.name}, which is not installed; pip install 'tmor_hf[onnx]'"
        ) from error
    model = onnx.load_model_from_string(content)
    weights = {weight.name for weight in model.graph.initializer}
    layers = [
        node.name for node in model.graph.node if node.op_type in ("MatMul", "Gemm") and node.input[1] in weights
    ]
    chosen = [name for name in layers if not any(re.search(pattern, name) for pattern in keep)]
    if not chosen:
        raise ValueError(f"expected linear layers besides those to keep ({', '.join(keep)}), got none; keep fewer")
    with tempfile.TemporaryDirectory() as folder, _without_advice():
        path = Path(folder, "int8.onnx")
        quantize_dynamic(
            model, path, nodes_to_quantize=chosen, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
            weight_type=QuantType.QInt8,
        )  # fmt: skip
        return path.read_bytes()


@contextmanager
def _without_advice():
    """ONNX Runtime advises its own preprocessing on the root logger, which these small graphs do not need."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


__all__ = ["KEPT_LAYERS", "quantize_onnx"]
