# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A model in ONNX that stands where a PyTorch model of this package does: in the pipelines and the Auto classes.

Axes: B clips, T frames, M people, V joints, C coordinates, P body parts, N tubelets, H hidden size, D projection size.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.dataclasses import strict
from torch import nn
from transformers.utils import ModelOutput, cached_file

from ..modeling.configuration_tmor import TMorSkeletonConfig

ONNX_NAME = "model.onnx"
INPUT_NAMES = ("keypoints", "joint_mask", "frame_mask", "depth_mask")
_HUB_OPTIONS = ("cache_dir", "force_download", "local_files_only", "revision", "subfolder", "token")


@strict
class TMorOnnxConfig(TMorSkeletonConfig):
    """Configuration of an exported model: that of its encoder, its class names, and what it was exported for.

    Args:
        exported_task: The task of the pipeline that the exported model serves.
        output_names: What it computes, of the fields of `TMorOnnxOutput`.
        contrastive_loss: Of an exported zero-shot model, ``"infonce"`` (softmax over classes) or ``"sigmoid"``.
        templates: Of an exported zero-shot model, the sentences that its class names were put into.
        quantization: ``"int8"``, or `None` for float32.
    """

    model_type = "tmor_onnx"

    exported_task: str = "skeleton-feature-extraction"
    output_names: list[str] | None = None
    contrastive_loss: str | None = None
    templates: list[str] | None = None
    quantization: str | None = None


@dataclass
class TMorOnnxOutput(ModelOutput):
    """Output of `TMorOnnxModel`; what it was not exported for is `None`.

    Args:
        logits: (B, number of classes).
        skeleton_embeds: (B, D) embeddings of unit length in the space shared with text.
        pooler_output: (B, H) mean of the tokens that were seen.
        last_hidden_state: (B, M * N * P, H) tokens.
    """

    logits: torch.FloatTensor | None = None
    skeleton_embeds: torch.FloatTensor | None = None
    pooler_output: torch.FloatTensor | None = None
    last_hidden_state: torch.FloatTensor | None = None
    hidden_states: None = None
    attentions: None = None


class TMorOnnxModel(nn.Module):
    """Runs an exported model with ONNX Runtime on the CPU; inputs and outputs are those of the PyTorch model.

    It has no parameters. It runs on as many threads as PyTorch is set to use when it is made.

    Args:
        config: What was exported.
        content: The model in ONNX.

    Raises:
        ImportError: If ONNX Runtime is not installed.
        ValueError: If `content` is no model in ONNX that ONNX Runtime can run.
    """

    config_class = TMorOnnxConfig
    main_input_name = "keypoints"
    input_modalities = ("skeleton",)
    dtype = torch.float32
    device = torch.device("cpu")

    def __init__(self, config: TMorOnnxConfig, content: bytes) -> None:
        super().__init__()
        self.config = config
        self.content = content
        self.session = _start_session(content)

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike, *, config: TMorOnnxConfig | None = None, **kwargs: Any
    ) -> TMorOnnxModel:
        """Loads what `export_onnx` or `save_pretrained` wrote.

        Args:
            pretrained_model_name_or_path: Folder, or name of a repository.
            config: Its configuration; by default that of the folder.
            **kwargs: `cache_dir`, `revision` and the like say where to look; options of PyTorch models say nothing
                here and are passed over.

        Raises:
            OSError: If there is no exported model.
            ValueError: If the model cannot be run, or was exported by something else.
        """
        hub_options = {name: kwargs[name] for name in _HUB_OPTIONS if name in kwargs}
        if config is None:
            config = TMorOnnxConfig.from_pretrained(pretrained_model_name_or_path, **hub_options)
        if config.output_names is None:
            raise ValueError(
                f"expected a folder of `tmor export`, got a checkpoint of PyTorch in {pretrained_model_name_or_path}; "
                "export it, or load it with AutoModel"
            )
        path = cached_file(pretrained_model_name_or_path, ONNX_NAME, **hub_options)
        try:
            return cls(config, Path(path).read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def save_pretrained(self, save_directory: str | os.PathLike) -> None:
        """Writes the model and its configuration to a folder, which is created."""
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ONNX_NAME).write_bytes(self.content)
        self.config.save_pretrained(folder)

    def forward(
        self,
        keypoints: torch.Tensor,
        joint_mask: torch.Tensor | None = None,
        frame_mask: torch.Tensor | None = None,
        depth_mask: torch.Tensor | None = None,
    ) -> TMorOnnxOutput:
        """Runs the model.

        Args:
            keypoints: (B, T, M, V, C) canonical joints as the feature extractor gives them; C is 2 or 3.
            joint_mask: (B, T, M, V), True where a joint was seen. By default where all coordinates are finite.
            frame_mask: (B, T), False where a clip was padded. By default all are real.
            depth_mask: (B, T), True where the third coordinate is known. By default all where C is 3, none where 2.

        Raises:
            ValueError: If the shape is another.
        """
        filled = _fill_masks(keypoints, joint_mask, frame_mask, depth_mask, self.config.num_joints)
        feed = {name: values.cpu().numpy() for name, values in zip(INPUT_NAMES, filled, strict=True)}
        outputs = self.session.run(self.config.output_names, feed)
        tensors = [torch.from_numpy(values).to(keypoints) for values in outputs]
        return TMorOnnxOutput(**dict(zip(self.config.output_names, tensors, strict=True)))


def _fill_masks(
    keypoints: torch.Tensor,
    joint_mask: torch.Tensor | None,
    frame_mask: torch.Tensor | None,
    depth_mask: torch.Tensor | None,
    num_joints: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """All inputs of the graph, which knows no defaults."""
    if keypoints.ndim != 5 or keypoints.shape[-2] != num_joints or keypoints.shape[-1] not in (2, 3):
        raise ValueError(
            f"expected keypoints (B, T, M, {num_joints}, 2 or 3), got {tuple(keypoints.shape)}; "
            "prepare clips with TMorFeatureExtractor"
        )
    if 0 in keypoints.shape:
        raise ValueError(f"expected at least one clip, frame and person, got keypoints {tuple(keypoints.shape)}")
    is_flat = keypoints.shape[-1] == 2
    if joint_mask is None:
        joint_mask = keypoints.isfinite().all(dim=-1)
    if frame_mask is None:
        frame_mask = keypoints.new_ones(keypoints.shape[:2], dtype=torch.bool)
    if depth_mask is None or is_flat:
        depth_mask = keypoints.new_full(keypoints.shape[:2], not is_flat, dtype=torch.bool)
    if is_flat:
        keypoints = nn.functional.pad(keypoints, (0, 1))
    return keypoints.float(), joint_mask.bool(), frame_mask.bool(), depth_mask.bool()


def _start_session(content: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            "running a model in ONNX needs onnxruntime, which is not installed; pip install 'tmor_hf[onnx]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the errors of ONNX Runtime share no other base
        raise ValueError(
            f"expected a model in ONNX, got a file that ONNX Runtime cannot run ({error}); export it again"
        ) from error


__all__ = ["INPUT_NAMES", "ONNX_NAME", "TMorOnnxConfig", "TMorOnnxModel", "TMorOnnxOutput"]
