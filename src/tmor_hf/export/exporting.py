# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From a PyTorch model to ONNX: the encoder, the classifiers, and zero-shot classification with its texts folded in.

Any number of clips, frames and people goes through an exported model. `torch.onnx` traces it by TorchScript: its newer
way by `torch.export` takes about 30 times as long and refuses clips of one tubelet.

Axes: B clips, T frames, M people, V joints, K classes, D projection size.
"""

from __future__ import annotations

import copy
import io
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import normalize

from .onnx_model import INPUT_NAMES, TMorOnnxConfig, TMorOnnxModel
from .quantization import quantize_onnx

DEFAULT_TEMPLATES = ("a person is {}.",)  # that of the zero-shot pipeline
TOLERANCE = 1e-4
_DYNAMIC_AXES = {
    **{name: {0: "batch", 1: "frames", 2: "people"} for name in ("keypoints", "joint_mask")},
    **{name: {0: "batch", 1: "frames"} for name in ("frame_mask", "depth_mask")},
    "last_hidden_state": {0: "batch", 1: "tokens"},
    **{name: {0: "batch"} for name in ("pooler_output", "skeleton_embeds", "logits")},
}
_TRACED_SHAPE = (2, 13, 2)  # clips, frames, people
_CHECKED_SHAPES = ((1, 1, 1), (3, 70, 1), (2, 21, 3))


class EncoderGraph(nn.Module):
    """Pooled tokens, the tokens themselves, and the projected embedding if the model has one."""

    task = "skeleton-feature-extraction"

    def __init__(self, encoder: nn.Module, skeleton_projection: nn.Module | None = None) -> None:
        super().__init__()
        self.encoder, self.skeleton_projection = encoder, skeleton_projection
        projected = [] if skeleton_projection is None else ["skeleton_embeds"]
        self.output_names = ["pooler_output", "last_hidden_state", *projected]

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs = self.encoder(*inputs)
        found = (outputs.pooler_output, outputs.last_hidden_state)
        if self.skeleton_projection is None:
            return found
        return (*found, normalize(self.skeleton_projection(outputs.pooler_output), dim=-1))


class ClassifierGraph(nn.Module):
    """Logits of clips."""

    task = "skeleton-action-classification"
    output_names = ["logits"]

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.model(*inputs).logits


class ZeroShotGraph(nn.Module):
    """Embeddings, and their scaled similarities to the texts of K classes, which are the weights of a linear layer."""

    task = "zero-shot-skeleton-action-classification"
    output_names = ["logits", "skeleton_embeds"]

    def __init__(self, model: nn.Module, label_embeds: torch.Tensor) -> None:
        super().__init__()
        self.encoder, self.skeleton_projection = model.skeleton_model, model.skeleton_projection
        self.label_head = nn.Linear(*label_embeds.T.shape, bias=model.logit_bias is not None)
        self.label_head.weight.data = label_embeds * model.logit_scale.exp()
        if model.logit_bias is not None:
            self.label_head.bias.data = model.logit_bias.data.expand(len(label_embeds)).clone()

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        embeds = normalize(self.skeleton_projection(self.encoder(*inputs).pooler_output), dim=-1)
        return self.label_head(embeds), embeds


def export_onnx(
    model: nn.Module,
    processor: Any,
    output_dir: str | os.PathLike,
    *,
    labels: Sequence[str] | None = None,
    templates: Sequence[str] = DEFAULT_TEMPLATES,
    int8: bool = False,
) -> Path:
    """Writes a folder with `model.onnx`, its configuration with the class names, and its feature extractor.

    The folder loads as a checkpoint does: `pipeline(task, model=folder)`, or `AutoModel.from_pretrained(folder)`.

    Args:
        model: A classifier of clips; a contrastive model; or a skeleton encoder with or without projection.
        processor: Its processor or feature extractor.
        output_dir: Where to; it is created, and files of the same names are replaced.
        labels: Of a contrastive model, the classes for zero-shot classification. Without them its skeleton tower is
            exported for embeddings.
        templates: Sentences that the labels are put into, at their `{}`; their embeddings are averaged.
        int8: Quantise the weights to eight bits.

    Returns:
        The folder.

    Raises:
        ImportError: If onnx or ONNX Runtime is not installed.
        RuntimeError: If the exported model, before quantisation, does not compute what the model does.
        TypeError: If the model is of another kind, such as a classifier of frames, whose windows ONNX cannot cut.
        ValueError: If labels are given for a model without texts, twice, or not at all.
    """
    _check_model(model)
    model = _in_float32(model)
    graph = _graph_of(model, processor, labels, templates).eval()
    content = _trace(graph)
    config = _config_of(model, graph, labels, templates)
    _check_equal(graph, TMorOnnxModel(config, content))
    if int8:
        config.quantization = "int8"
        content = quantize_onnx(content)
    folder = Path(output_dir)
    TMorOnnxModel(config, content).save_pretrained(folder)
    extractor = copy.deepcopy(getattr(processor, "feature_extractor", processor))
    extractor._processor_class = None  # the folder has no tokenizer
    extractor.save_pretrained(folder)
    return folder


def with_onnx_encoder(model: nn.Module) -> nn.Module:
    """A model whose skeleton encoder runs in ONNX; its heads and other towers are those of the given one.

    Args:
        model: A model that embeds or classifies clips; a model that is in ONNX already is returned as it is.

    Raises:
        ImportError: If onnx or ONNX Runtime is not installed.
        TypeError: If it is another model.
    """
    if isinstance(model, TMorOnnxModel):
        return model
    _check_model(model)
    encoder = getattr(model, "skeleton_model", model)
    graph = EncoderGraph(_in_float32(encoder)).eval()
    tower = TMorOnnxModel(_config_of(encoder, graph), _trace(graph))
    if encoder is model:
        return tower
    clone = copy.copy(model)
    clone._modules = {**model._modules, "skeleton_model": tower}
    return clone


def _check_model(model: nn.Module) -> None:
    encoder = getattr(model, "skeleton_model", model)
    if getattr(encoder, "main_input_name", None) != "keypoints" or hasattr(model, "temporal_head"):
        raise TypeError(
            f"expected a T-MOR model in PyTorch that embeds or classifies clips, got {type(model).__name__}; run "
            "others with PyTorch"
        )


def _in_float32(model: nn.Module) -> nn.Module:
    """A copy on the CPU for inference."""
    return copy.deepcopy(model).to(device="cpu", dtype=torch.float32).eval()


def _graph_of(
    model: nn.Module, processor: Any, labels: Sequence[str] | None, templates: Sequence[str]
) -> EncoderGraph | ClassifierGraph | ZeroShotGraph:
    if labels is None:
        if hasattr(model, "classifier"):
            return ClassifierGraph(model)
        return EncoderGraph(getattr(model, "skeleton_model", model), getattr(model, "skeleton_projection", None))
    if not hasattr(model, "get_text_features"):
        raise ValueError(
            f"expected a contrastive model for labels, got {type(model).__name__}, which knows no texts; pass none"
        )
    if not labels or len(set(labels)) != len(labels):
        raise ValueError(f"expected at least one label, each once, got {list(labels)}")
    return ZeroShotGraph(model, label_embeddings(model, processor, labels, templates))


def label_embeddings(
    model: nn.Module, processor: Any, labels: Sequence[str], templates: Sequence[str]
) -> torch.Tensor:
    """(K, D) of unit length: for each label the mean over the templates."""
    from ..evaluation import class_embeddings, embed_texts  # not needed to load a model, so not at import

    embeds = class_embeddings(lambda texts: embed_texts(model, processor.tokenizer, texts), labels, templates)
    return torch.from_numpy(embeds).float()


def _config_of(
    model: nn.Module, graph: nn.Module, labels: Sequence[str] | None = None, templates: Sequence[str] | None = None
) -> TMorOnnxConfig:
    encoder_config = getattr(model.config, "skeleton_config", model.config).to_dict()
    ours = ("model_type", "architectures", "dtype", "transformers_version", "auto_map", "custom_pipelines")
    fields = {name: value for name, value in encoder_config.items() if name not in ours}
    if labels is not None:
        fields |= {"id2label": dict(enumerate(labels)), "label2id": {name: i for i, name in enumerate(labels)}}
        fields |= {"contrastive_loss": model.config.contrastive_loss, "templates": list(templates)}
    return TMorOnnxConfig(**fields, exported_task=graph.task, output_names=list(graph.output_names))


def _trace(graph: nn.Module) -> bytes:
    try:
        import onnx  # noqa: F401 (torch.onnx needs it and would say so in other words)
    except ImportError as error:
        raise ImportError("export to ONNX needs onnx, which is not installed; pip install 'tmor_hf[onnx]'") from error
    names = [*INPUT_NAMES, *graph.output_names]
    dynamic_axes = {name: _DYNAMIC_AXES[name] for name in names}
    file = io.BytesIO()
    with warnings.catch_warnings():
        # What it warns of is constant here (the number of joints) or was checked (advanced indexing), and its own age.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph, random_inputs(*_TRACED_SHAPE, joints=_joints_of(graph)), file, input_names=list(INPUT_NAMES),
            output_names=list(graph.output_names), dynamic_axes=dynamic_axes, opset_version=17, dynamo=False,
        )  # fmt: skip
    return file.getvalue()


def _joints_of(graph: nn.Module) -> int:
    return (graph.model if isinstance(graph, ClassifierGraph) else graph.encoder).config.num_joints


def random_inputs(
    clips: int, frames: int, people: int, joints: int = 22, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs of a model with missing joints, padded frames, and 2D and 3D clips among them."""
    rng = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, frames + 1, (clips, 1), generator=rng)
    lengths[0] = frames
    is_deep = torch.rand(clips, 1, generator=rng) < 0.5
    return (
        torch.randn(clips, frames, people, joints, 3, generator=rng),
        torch.rand(clips, frames, people, joints, generator=rng) < 0.8,
        torch.arange(frames) < lengths,
        is_deep.expand(clips, frames).contiguous(),
    )


@torch.no_grad()
def _check_equal(graph: nn.Module, exported: TMorOnnxModel) -> None:
    for shape in _CHECKED_SHAPES:
        inputs = random_inputs(*shape, joints=exported.config.num_joints, seed=1)
        expected = graph(*inputs)
        expected = expected if isinstance(expected, tuple) else (expected,)
        found = exported(*inputs)
        for name, values in zip(graph.output_names, expected, strict=True):
            difference = (found[name] - values).abs().max().item()
            if not difference <= TOLERANCE * max(1.0, values.abs().max().item()):
                raise RuntimeError(
                    f"expected {name} within {TOLERANCE} of PyTorch, got a difference of {difference:.1e} for clips, "
                    f"frames, people {shape}; this export cannot be trusted, please report it with the versions of "
                    "torch and onnx"
                )


__all__ = ["DEFAULT_TEMPLATES", "export_onnx", "random_inputs", "with_onnx_encoder"]
