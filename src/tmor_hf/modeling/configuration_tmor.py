# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Configurations of the T-MOR models."""

from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PreTrainedConfig

try:
    from transformers.configuration_utils import SubConfigSpec
except ImportError:  # transformers before 5.20
    SubConfigSpec = None

# The canonical joints (`tmor22`) by body part: torso and head, left arm, right arm, left leg, right leg.
_BODY_PARTS = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9], [10, 11, 12, 13], [14, 15, 16, 17], [18, 19, 20, 21]]
_FACING_PAIRS = [[14, 18], [6, 10]]  # hips, shoulders
_FRAME_WINDOW_STRIDE = 32
_FRAME_HEAD_DILATIONS = [1, 2, 4, 8, 16]


@strict
class TMorSkeletonConfig(PreTrainedConfig):
    r"""Configuration of the skeleton encoder.

    Args:
        hidden_size: Width H of the encoder.
        num_hidden_layers: Number of transformer layers.
        num_attention_heads: Attention heads per layer.
        intermediate_size: Width of the feed-forward blocks.
        tubelet_size: Frames in one token; a token holds one body part over so many frames.
        stem_channels: Channels of the convolutions over time that make a token of the frames of a body part; none, the
            default, for a linear map of each tubelet.
        stem_kernel_size: Frames that each of these convolutions sees, an odd number.
        num_joints: Joints of the input, in the order that the feature extractor gives.
        num_coordinates: Coordinates of a joint in the input, 3; 2D input has an unknown third one.
        root_joint: The joint that the others are taken relative to.
        body_parts: Joint indices of each body part; together they hold every joint once.
        hidden_act: Activation of the feed-forward blocks.
        hidden_dropout_prob: Dropout after embeddings, attention and feed-forward blocks.
        attention_probs_dropout_prob: Dropout of attention weights.
        classifier_dropout: Dropout before the classifier; `hidden_dropout_prob` by default.
        layer_norm_eps: Epsilon of the layer norms.
        initializer_range: Standard deviation of new weights.
        projection_dim: Size D of the space shared with text and video.
        num_prompt_tokens: Learned tokens that each layer sees besides those of the clip, for few-shot adaptation.
        frame_window_size: Frames of the windows in which frame classification runs the encoder, a multiple of
            `frame_window_stride`; twice of it by default.
        frame_window_stride: Frames from the start of one window to the next, a multiple of `tubelet_size`; by default
            the one next to 32.
        frame_head_dilations: Steps, in tubelets, of the temporal convolutions of frame classification.
        facing_pairs: Pairs (left, right) of joints that tell which way a body faces; hips and shoulders by default.

    Example:

    ```python
    >>> from tmor_hf import TMorSkeletonConfig, TMorSkeletonModel

    >>> model = TMorSkeletonModel(TMorSkeletonConfig.small())
    ```"""

    model_type = "tmor_skeleton_model"
    base_config_key = "skeleton_config"

    hidden_size: int = 256
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 768
    tubelet_size: int = 8
    stem_channels: list[int] | None = None
    stem_kernel_size: int = 5
    num_joints: int = 22
    num_coordinates: int = 3
    root_joint: int = 0
    body_parts: list[list[int]] | None = None
    hidden_act: str = "gelu"
    hidden_dropout_prob: float | int = 0.0
    attention_probs_dropout_prob: float | int = 0.0
    classifier_dropout: float | int | None = None
    layer_norm_eps: float = 1e-6
    initializer_range: float = 0.02
    projection_dim: int = 256
    num_prompt_tokens: int = 0
    frame_window_size: int | None = None
    frame_window_stride: int | None = None
    frame_head_dilations: list[int] | None = None
    facing_pairs: list[list[int]] | None = None

    def __post_init__(self, **kwargs):
        if self.body_parts is None:
            self.body_parts = [list(part) for part in _BODY_PARTS]
        if self.facing_pairs is None:
            self.facing_pairs = [list(pair) for pair in _FACING_PAIRS] if self.num_joints == 22 else []
        if self.frame_window_stride is None:
            size = max(self.tubelet_size, 1)  # a wrong one is named further down
            self.frame_window_stride = max(round(_FRAME_WINDOW_STRIDE / size), 1) * size
        if self.frame_window_size is None:
            self.frame_window_size = 2 * self.frame_window_stride
        if self.frame_head_dilations is None:
            self.frame_head_dilations = list(_FRAME_HEAD_DILATIONS)
        super().__post_init__(**kwargs)

    def validate_architecture(self):
        """Part of the strict dataclass: checks what types alone do not say."""
        if self.hidden_size % self.num_attention_heads != 0:
            raise ValueError(
                f"expected hidden_size to be a multiple of num_attention_heads, got {self.hidden_size} and "
                f"{self.num_attention_heads}"
            )
        if self.hidden_size % 2 != 0:
            raise ValueError(f"expected an even hidden_size for the time embedding, got {self.hidden_size}")
        if self.tubelet_size < 1:
            raise ValueError(f"expected a tubelet_size of at least 1, got {self.tubelet_size}")
        if any(channels < 1 for channels in self.stem_channels or []):
            raise ValueError(f"expected stem_channels of at least 1, got {self.stem_channels}")
        if self.stem_kernel_size < 1 or self.stem_kernel_size % 2 == 0:
            raise ValueError(f"expected an odd stem_kernel_size, got {self.stem_kernel_size}")
        if self.num_prompt_tokens < 0:
            raise ValueError(f"expected num_prompt_tokens of at least 0, got {self.num_prompt_tokens}")
        if self.num_coordinates != 3:
            raise ValueError(f"expected num_coordinates 3 (2D input masks the third), got {self.num_coordinates}")
        joints = sorted(joint for part in self.body_parts for joint in part)
        if joints != list(range(self.num_joints)):
            raise ValueError(
                f"expected body_parts to hold each of the {self.num_joints} joints once, got {self.body_parts}"
            )
        if not 0 <= self.root_joint < self.num_joints:
            raise ValueError(f"expected a root_joint below {self.num_joints}, got {self.root_joint}")
        if any(len(pair) != 2 or not set(pair) <= set(joints) for pair in self.facing_pairs):
            raise ValueError(f"expected facing_pairs as pairs of {self.num_joints} joints, got {self.facing_pairs}")
        if self.frame_window_stride < 1 or self.frame_window_stride % self.tubelet_size != 0:
            raise ValueError(
                f"expected frame_window_stride to be a multiple of tubelet_size {self.tubelet_size}, got "
                f"{self.frame_window_stride}"
            )
        if self.frame_window_size < 1 or self.frame_window_size % self.frame_window_stride != 0:
            raise ValueError(
                f"expected frame_window_size to be a multiple of frame_window_stride {self.frame_window_stride}, got "
                f"{self.frame_window_size}"
            )
        if any(dilation < 1 for dilation in self.frame_head_dilations):
            raise ValueError(f"expected frame_head_dilations of at least 1, got {self.frame_head_dilations}")

    @classmethod
    def tiny(cls, **kwargs: Any) -> "TMorSkeletonConfig":
        """About 30 thousand parameters, for tests."""
        sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
        return cls(**{**sizes, "tubelet_size": 4, "projection_dim": 16, **kwargs})

    @classmethod
    def small(cls, **kwargs: Any) -> "TMorSkeletonConfig":
        """About 3 million parameters: runs hundreds of clips per second on two CPU cores."""
        return cls(**{"stem_channels": [48, 96], **kwargs})

    @classmethod
    def base(cls, **kwargs: Any) -> "TMorSkeletonConfig":
        """About 20 million parameters, for training on a GPU."""
        sizes = {"hidden_size": 512, "num_hidden_layers": 6, "num_attention_heads": 8, "intermediate_size": 2048}
        return cls(**{**sizes, "stem_channels": [96, 192], "tubelet_size": 4, "projection_dim": 512, **kwargs})


@strict
class TMorConfig(PreTrainedConfig):
    r"""Configuration of the three-tower model.

    Args:
        skeleton_config: A `TMorSkeletonConfig` or its dict.
        text_config: Configuration of any transformers text encoder (CLIP text by default).
        video_config: Configuration of a transformers video encoder (VideoMAE, V-JEPA 2, ...) or image encoder (CLIP
            vision, ...; its frames are averaged). `None`, the default, leaves video out.
        video_embed_dim: Size of pre-computed video features; lets a model without a video tower take `video_embeds`.
        projection_dim: Size D of the shared space; the skeleton configuration follows it.
        text_pooling: How the text tower's tokens become one vector: ``"mean"`` over tokens, ``"cls"`` (the first) or
            ``"pooler"`` (the tower's own pooler). By default the tower's own for CLIP and SigLIP, else the mean.
        contrastive_loss: ``"infonce"`` or ``"sigmoid"``.
        logit_scale_init_value: Start of the log of the inverse temperature; `None` takes 2.6592 (CLIP), or ln 10 for
            the sigmoid loss (SigLIP).
        logit_scale_max: The largest log inverse temperature that training allows.
        logit_bias_init_value: Start of the bias of the sigmoid loss.

    Example:

    ```python
    >>> from transformers import BertConfig
    >>> from tmor_hf import TMorConfig, TMorModel, TMorSkeletonConfig

    >>> config = TMorConfig(skeleton_config=TMorSkeletonConfig.tiny(), text_config=BertConfig(hidden_size=32,
    ...     num_hidden_layers=2, num_attention_heads=2, intermediate_size=64), projection_dim=16)
    >>> model = TMorModel(config)
    ```"""

    model_type = "tmor"
    if SubConfigSpec is None:
        sub_configs = {"skeleton_config": TMorSkeletonConfig, "text_config": AutoConfig, "video_config": AutoConfig}
    else:
        sub_configs_defaults = {
            "skeleton_config": TMorSkeletonConfig,
            "text_config": SubConfigSpec(config_class=AutoConfig, model_type="clip_text_model"),
            "video_config": SubConfigSpec(config_class=AutoConfig, model_type="videomae", optional=True),
        }

    skeleton_config: dict | PreTrainedConfig | None = None
    text_config: dict | PreTrainedConfig | None = None
    video_config: dict | PreTrainedConfig | None = None
    video_embed_dim: int | None = None
    projection_dim: int = 256
    text_pooling: str | None = None
    contrastive_loss: str = "infonce"
    logit_scale_init_value: float | None = None
    logit_scale_max: float = 4.6052  # ln 100
    logit_bias_init_value: float = -10.0
    initializer_range: float = 0.02

    def __post_init__(self, **kwargs):
        if not isinstance(self.skeleton_config, PreTrainedConfig):
            self.skeleton_config = TMorSkeletonConfig(**(self.skeleton_config or {}))
        if self.text_config is None or isinstance(self.text_config, dict):
            self.text_config = AutoConfig.for_model(**{"model_type": "clip_text_model", **(self.text_config or {})})
        if isinstance(self.video_config, dict):
            self.video_config = AutoConfig.for_model(**{"model_type": "videomae", **self.video_config})
        super().__post_init__(**kwargs)
        self.skeleton_config.projection_dim = self.projection_dim
        if self.text_pooling is None:
            is_clip_like = self.text_config.model_type in (
                "clip_text_model",
                "siglip_text_model",
                "siglip2_text_model",
            )
            self.text_pooling = "pooler" if is_clip_like else "mean"
        if self.logit_scale_init_value is None:
            self.logit_scale_init_value = 2.3026 if self.contrastive_loss == "sigmoid" else 2.6592
        if self.video_config is not None:
            self.video_embed_dim = self.video_config.hidden_size

    def validate_architecture(self):
        """Part of the strict dataclass: checks what types alone do not say."""
        if self.text_pooling not in (None, "mean", "cls", "pooler"):
            raise ValueError(f"expected text_pooling 'mean', 'cls' or 'pooler', got {self.text_pooling!r}")
        if self.contrastive_loss not in ("infonce", "sigmoid"):
            raise ValueError(f"expected contrastive_loss 'infonce' or 'sigmoid', got {self.contrastive_loss!r}")


__all__ = ["TMorConfig", "TMorSkeletonConfig"]
