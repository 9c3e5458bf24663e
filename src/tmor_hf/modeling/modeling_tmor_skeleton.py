# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PyTorch models of the skeleton tower of T-MOR, built from the published description (arXiv 2606.21607).

Axes: B clips, T frames, M people, V joints, C coordinates, P body parts, S frames per tubelet, N = T / S tubelets,
H hidden size, D projection size. Masks are boolean, True = real.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from transformers import initialization as init
from transformers.activations import ACT2FN
from transformers.masking_utils import create_bidirectional_mask
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import BaseModelOutputWithPooling, ImageClassifierOutput
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS, PreTrainedModel
from transformers.processing_utils import Unpack
from transformers.utils import ModelOutput, TransformersKwargs
from transformers.utils.generic import can_return_tuple, merge_with_config_defaults
from transformers.utils.output_capturing import capture_outputs

from .configuration_tmor import TMorConfig, TMorSkeletonConfig
from .input_statistics import MEAN, SCALE


@dataclass
class TMorSkeletonModelOutput(ModelOutput):
    """Output of `TMorSkeletonModelWithProjection`.

    Args:
        skeleton_embeds: (B, D) embeddings of unit length in the space shared with text and video.
        last_hidden_state: (B, M * N * P, H) tokens.
        hidden_states: Tokens after the embeddings and after each layer, if asked for.
        attentions: Attention weights of each layer, if asked for.
    """

    skeleton_embeds: torch.FloatTensor | None = None
    last_hidden_state: torch.FloatTensor | None = None
    hidden_states: tuple[torch.FloatTensor, ...] | None = None
    attentions: tuple[torch.FloatTensor, ...] | None = None


def sinusoidal_time_embedding(num_steps: int, dim: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """(num_steps, dim) sines and cosines of the step (Vaswani et al., 2017), for clips of any length."""
    half = torch.arange(dim // 2, device=device, dtype=torch.float32)
    angles = torch.arange(num_steps, device=device, dtype=torch.float32)[:, None] * 10000 ** (-2 * half / dim)
    return torch.cat([angles.sin(), angles.cos()], dim=-1).to(dtype)


class TMorChannelLayerNorm(nn.LayerNorm):
    """Layer norm over the channels of (B, channels, T)."""

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        return super().forward(hidden_states.transpose(1, 2)).transpose(1, 2)


class TMorStemConv(nn.Conv1d):
    """A convolution whose output is as large as its input at first, so that tokens outweigh the time embedding."""


class TMorPartStem(nn.Module):
    """Tokens of one body part by convolutions over time, which halve the frames until S of them are one token.

    Convolutions in place of one linear map for each tubelet help transformers that learn from few examples, as for
    images (Xiao et al., 2021, arXiv 2106.14881). What is computed for moments at which no joint of the part was seen
    is 0, so that padding changes nothing.
    """

    def __init__(self, config: TMorSkeletonConfig, num_channels: int):
        super().__init__()
        kernel_size = config.stem_kernel_size
        self.convs, self.norms, self.strides = nn.ModuleList(), nn.ModuleList(), []
        frames = config.tubelet_size
        for channels in config.stem_channels:
            stride = 2 if frames % 2 == 0 else 1
            frames //= stride
            self.convs.append(TMorStemConv(num_channels, channels, kernel_size, stride, padding=kernel_size // 2))
            self.norms.append(TMorChannelLayerNorm(channels, eps=config.layer_norm_eps))
            self.strides.append(stride)
            num_channels = channels
        # Odd, and at least as long as the frames that become one.
        kernel_size = max(3, frames + 1 - frames % 2)
        self.out = TMorStemConv(num_channels, config.hidden_size, kernel_size, frames, padding=kernel_size // 2)
        self.activation_fn = ACT2FN[config.hidden_act]

    def forward(self, features: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(B, channels, T) features and (B, T) where a joint was seen to (B, N, H)."""
        mask = mask.unsqueeze(1).to(features.dtype)
        hidden_states = features * mask
        for conv, norm, stride in zip(self.convs, self.norms, self.strides, strict=True):
            mask = nn.functional.max_pool1d(mask, stride)
            hidden_states = self.activation_fn(norm(conv(hidden_states))) * mask
        return self.out(hidden_states).transpose(1, 2)


class TMorSkeletonEmbeddings(nn.Module):
    """Poses to tokens: one for each person, body part and tubelet of S frames.

    A token sees its joints relative to the root joint, their velocity and their masks, and the same of the root, whose
    path through space tells people apart; with `stem_channels` also those of the frames next to its tubelet.
    """

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__()
        self.config = config
        self.num_channels = 2 * config.num_coordinates + 1  # position, velocity, mask
        features = config.tubelet_size * self.num_channels
        if config.stem_channels:
            shape = (config.num_joints + 1, 2 * config.num_coordinates)
            self.register_buffer("input_mean", torch.zeros(shape))
            self.register_buffer("input_scale", torch.ones(shape))
            self.part_projections = nn.ModuleList(
                [TMorPartStem(config, (len(part) + 1) * self.num_channels) for part in config.body_parts]
            )
        else:
            self.part_projections = nn.ModuleList(
                [nn.Linear(len(part) * features, config.hidden_size) for part in config.body_parts]
            )
        self.root_projection = nn.Linear(features, config.hidden_size)
        self.part_embeddings = nn.Parameter(torch.zeros(len(config.body_parts), config.hidden_size))
        self.flat_embedding = nn.Parameter(torch.zeros(config.hidden_size))  # added where depth is not known
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(
        self, keypoints: torch.Tensor, joint_mask: torch.Tensor, depth_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns tokens (B, M * N * P, H) and their mask (B, M * N * P); T must be a multiple of S."""
        batch_size, num_frames, num_people = joint_mask.shape[:3]
        num_tubelets = num_frames // self.config.tubelet_size
        features, root_features = self.joint_features(keypoints.to(self.root_projection.weight.dtype), joint_mask)
        project = self._convolve if self.config.stem_channels else self._project
        tokens = project(features, root_features, joint_mask, depth_mask)  # (B, M, N, P, H)

        # (B, T, M, ...) -> (B, M, N, S, ...): the frames of a tubelet become channels
        shape = (batch_size, num_tubelets, self.config.tubelet_size, num_people)
        root_features = root_features.reshape(*shape, self.num_channels).permute(0, 3, 1, 2, 4)
        joint_mask = joint_mask.reshape(*shape, -1).permute(0, 3, 1, 2, 4)
        mask = torch.stack([joint_mask[..., part].flatten(3).any(dim=-1) for part in self.config.body_parts], dim=3)

        time = sinusoidal_time_embedding(num_tubelets, self.config.hidden_size, tokens.device, tokens.dtype)
        is_flat = ~depth_mask.reshape(batch_size, num_tubelets, -1).any(dim=-1)
        context = self.root_projection(root_features.flatten(3)) + time
        context = context + is_flat[:, None, :, None].to(tokens.dtype) * self.flat_embedding
        tokens = self.norm(tokens + context[:, :, :, None] + self.part_embeddings)
        return self.dropout(tokens.flatten(1, 3)), mask.flatten(1, 3)

    def _project(
        self, features: torch.Tensor, root_features: torch.Tensor, joint_mask: torch.Tensor, depth_mask: torch.Tensor
    ) -> torch.Tensor:
        """Tokens (B, M, N, P, H) as linear maps of tubelets."""
        batch_size, _, num_people = joint_mask.shape[:3]
        shape = (batch_size, -1, self.config.tubelet_size, num_people, joint_mask.shape[3], self.num_channels)
        features = features.reshape(shape).permute(0, 3, 1, 2, 4, 5)
        parts = zip(self.config.body_parts, self.part_projections, strict=True)
        return torch.stack([projection(features[..., part, :].flatten(3)) for part, projection in parts], dim=3)

    def _convolve(
        self, features: torch.Tensor, root_features: torch.Tensor, joint_mask: torch.Tensor, depth_mask: torch.Tensor
    ) -> torch.Tensor:
        """Tokens (B, M, N, P, H) by convolutions; each part sees the root, too."""
        batch_size, _, num_people, num_joints = joint_mask.shape
        size = self.config.num_coordinates
        features = torch.cat([features, root_features.unsqueeze(3)], dim=3)  # (B, T, M, V + 1, 7)
        values, masks = features.split([2 * size, 1], dim=-1)
        is_depth = torch.arange(2 * size, device=values.device) % size == size - 1  # of position and velocity
        is_known = masks * (depth_mask[:, :, None, None, None] | ~is_depth)
        values = (values - self.input_mean) / self.input_scale * is_known
        features = torch.cat([values.to(masks.dtype), masks], dim=-1)  # FSDP keeps buffers in float32

        rows = features.permute(0, 2, 3, 4, 1).flatten(0, 1)  # (B * M, V + 1, 7, T)
        seen = joint_mask.permute(0, 2, 3, 1).flatten(0, 1)  # (B * M, V, T)
        parts = zip(self.config.body_parts, self.part_projections, strict=True)
        tokens = [stem(rows[:, [*part, num_joints]].flatten(1, 2), seen[:, part].any(dim=1)) for part, stem in parts]
        return torch.stack(tokens, dim=2).unflatten(0, (batch_size, num_people))

    def joint_features(self, keypoints: torch.Tensor, joint_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Position relative to the root, velocity and mask: (B, T, M, V, 7), and the same of the root (B, T, M, 7).

        The root of a frame is the root joint, or the mean of the seen joints where the root joint is missing.
        """
        weight = joint_mask.unsqueeze(-1).to(keypoints.dtype)
        seen = weight[..., self.config.root_joint, :]
        mean = keypoints.sum(dim=-2) / weight.sum(dim=-2).clamp(min=1)
        root = torch.where(seen > 0, keypoints[..., self.config.root_joint, :], mean)
        has_root = joint_mask.any(dim=-1, keepdim=True)
        return (
            self.with_velocity((keypoints - root.unsqueeze(-2)) * weight, joint_mask),
            self.with_velocity(root.unsqueeze(-2), has_root).squeeze(-2),
        )

    @staticmethod
    def with_velocity(position: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(B, T, ..., 7): position, change since the frame before (0 unless both frames are seen), and mask."""
        both = (mask[:, 1:] & mask[:, :-1]).unsqueeze(-1).to(position.dtype)
        velocity = (position[:, 1:] - position[:, :-1]) * both
        velocity = torch.cat([torch.zeros_like(position[:, :1]), velocity], dim=1)
        return torch.cat([position, velocity, mask.unsqueeze(-1).to(position.dtype)], dim=-1)


def eager_attention_forward(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **kwargs,
) -> tuple[torch.Tensor, torch.Tensor]:
    attn_weights = torch.matmul(query, key.transpose(-1, -2)) * scaling
    if attention_mask is not None:
        attn_weights = attn_weights + attention_mask
    attn_weights = nn.functional.softmax(attn_weights, dim=-1, dtype=torch.float32).to(query.dtype)
    attn_weights = nn.functional.dropout(attn_weights, p=dropout, training=module.training)
    attn_output = torch.matmul(attn_weights, value).transpose(1, 2).contiguous()
    return attn_output, attn_weights


class TMorSkeletonAttention(nn.Module):
    """Multi-head attention among all tokens of a clip."""

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__()
        self.config = config
        self.head_dim = config.hidden_size // config.num_attention_heads
        self.scaling = self.head_dim**-0.5
        self.attention_dropout = config.attention_probs_dropout_prob
        self.is_causal = False
        self.q_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.k_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.v_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.out_proj = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(
        self,
        hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        input_shape = hidden_states.shape[:-1]
        hidden_shape = (*input_shape, -1, self.head_dim)
        query = self.q_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        key = self.k_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        value = self.v_proj(hidden_states).view(hidden_shape).transpose(1, 2)

        attention_interface: Callable = ALL_ATTENTION_FUNCTIONS.get_interface(
            self.config._attn_implementation, eager_attention_forward
        )
        attn_output, attn_weights = attention_interface(
            self,
            query,
            key,
            value,
            attention_mask,
            dropout=0.0 if not self.training else self.attention_dropout,
            scaling=self.scaling,
            is_causal=self.is_causal,
            **kwargs,
        )
        attn_output = self.out_proj(attn_output.reshape(*input_shape, -1).contiguous())
        return attn_output, attn_weights


class TMorSkeletonMLP(nn.Module):
    def __init__(self, config: TMorSkeletonConfig):
        super().__init__()
        self.activation_fn = ACT2FN[config.hidden_act]
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        return self.fc2(self.activation_fn(self.fc1(hidden_states)))


class TMorSkeletonLayer(GradientCheckpointingLayer):
    """Pre-norm transformer layer."""

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.self_attn = TMorSkeletonAttention(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = TMorSkeletonMLP(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(
        self,
        hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> torch.Tensor:
        attn_output, _ = self.self_attn(self.layer_norm1(hidden_states), attention_mask, **kwargs)
        hidden_states = hidden_states + self.dropout(attn_output)
        return hidden_states + self.dropout(self.mlp(self.layer_norm2(hidden_states)))


class TMorPreTrainedModel(PreTrainedModel):
    config: TMorConfig
    base_model_prefix = "tmor"
    main_input_name = "keypoints"
    input_modalities = ("skeleton", "text", "video")
    supports_gradient_checkpointing = True
    _no_split_modules = ["TMorSkeletonEmbeddings", "TMorSkeletonLayer"]
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = True
    _supports_attention_backend = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, TMorStemConv):
            init.normal_(module.weight, std=(module.in_channels * module.kernel_size[0]) ** -0.5)
            init.zeros_(module.bias)
            return
        super()._init_weights(module)
        if isinstance(module, TMorSkeletonEmbeddings):
            init.normal_(module.part_embeddings, std=self.config.initializer_range)
            init.normal_(module.flat_embedding, std=self.config.initializer_range)
            if module.config.stem_channels:
                is_canonical = module.config.num_joints == len(MEAN) - 1
                mean, scale = (MEAN, SCALE) if is_canonical else (0.0, 1.0)
                init.copy_(module.input_mean, torch.tensor(mean).expand_as(module.input_mean))
                init.copy_(module.input_scale, torch.tensor(scale).expand_as(module.input_scale))
        elif isinstance(module, TMorSkeletonModel) and module.prompt_embeddings is not None:
            init.normal_(module.prompt_embeddings, std=self.config.initializer_range)


class TMorSkeletonPreTrainedModel(TMorPreTrainedModel):
    """What the models share that need the skeleton tower only; they load it out of a full checkpoint, too."""

    config: TMorSkeletonConfig
    base_model_prefix = "skeleton_model"
    input_modalities = ("skeleton",)
    _keys_to_ignore_on_load_unexpected = [
        r"^text_model\.", r"^video_model\.", r"^(skeleton|text|video)_projection\.", r"^logit_(scale|bias)$",
        r"^classifier\.", r"^temporal_head\.",
    ]  # fmt: skip
    _can_record_outputs = {"hidden_states": TMorSkeletonLayer, "attentions": TMorSkeletonAttention}

    def get_input_embeddings(self) -> nn.Module:
        return self.skeleton_model.get_input_embeddings()


class TMorSkeletonModel(TMorSkeletonPreTrainedModel):
    """The skeleton encoder: a transformer over tokens of body parts and short spans of time."""

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__(config)
        self.embeddings = TMorSkeletonEmbeddings(config)
        self.layers = nn.ModuleList([TMorSkeletonLayer(config) for _ in range(config.num_hidden_layers)])
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        prompt_shape = (config.num_hidden_layers, config.num_prompt_tokens, config.hidden_size)
        self.prompt_embeddings = nn.Parameter(torch.zeros(prompt_shape)) if config.num_prompt_tokens else None
        self.gradient_checkpointing = False
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.embeddings.root_projection

    @merge_with_config_defaults
    @capture_outputs(tie_last_hidden_states=False)
    def forward(
        self,
        keypoints: torch.FloatTensor,
        joint_mask: torch.BoolTensor | None = None,
        frame_mask: torch.BoolTensor | None = None,
        depth_mask: torch.BoolTensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> BaseModelOutputWithPooling:
        r"""Encodes clips.

        Args:
            keypoints: (B, T, M, V, C) canonical joints as the feature extractor gives them; C is 2 or 3.
            joint_mask: (B, T, M, V), True where a joint was seen. By default where all coordinates are finite.
            frame_mask: (B, T), False where a clip was padded.
            depth_mask: (B, T), True where the third coordinate is known. By default all where C is 3, none where 2.

        Returns:
            `last_hidden_state` (B, M * N * P, H) and `pooler_output` (B, H), the mean of the tokens that were seen.

        Raises:
            ValueError: If the shape is another.
        """
        keypoints, joint_mask, depth_mask = self._prepare(keypoints, joint_mask, frame_mask, depth_mask)
        hidden_states, token_mask = self.embeddings(keypoints, joint_mask, depth_mask)
        num_prompts = self.config.num_prompt_tokens
        if num_prompts:
            hidden_states = nn.functional.pad(hidden_states, (0, 0, num_prompts, 0))
            token_mask = nn.functional.pad(token_mask, (num_prompts, 0), value=True)
        attention_mask = create_bidirectional_mask(
            config=self.config, inputs_embeds=hidden_states, attention_mask=token_mask
        )
        for index, layer in enumerate(self.layers):
            if num_prompts:  # each layer has prompts of its own (Jia et al., 2022, arXiv 2203.12119)
                prompts = self.prompt_embeddings[index].expand(hidden_states.shape[0], -1, -1)
                hidden_states = torch.cat([prompts, hidden_states[:, num_prompts:]], dim=1)
            hidden_states = layer(hidden_states, attention_mask, **kwargs)
        hidden_states, token_mask = self.layernorm(hidden_states[:, num_prompts:]), token_mask[:, num_prompts:]

        weight = token_mask.unsqueeze(-1).to(hidden_states.dtype)
        pooled = (hidden_states * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
        return BaseModelOutputWithPooling(last_hidden_state=hidden_states, pooler_output=pooled)

    def _prepare(
        self,
        keypoints: torch.Tensor,
        joint_mask: torch.Tensor | None,
        frame_mask: torch.Tensor | None,
        depth_mask: torch.Tensor | None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Fills in masks, zeroes what they hide, and pads T to a multiple of S."""
        if keypoints.ndim != 5 or keypoints.shape[-2] != self.config.num_joints or keypoints.shape[-1] not in (2, 3):
            raise ValueError(
                f"expected keypoints (B, T, M, {self.config.num_joints}, 2 or 3), got {tuple(keypoints.shape)}; "
                "prepare clips with TMorFeatureExtractor"
            )
        if depth_mask is None:
            depth_mask = keypoints.new_full(keypoints.shape[:2], keypoints.shape[-1] == 3, dtype=torch.bool)
        if joint_mask is None:
            joint_mask = keypoints.isfinite().all(dim=-1)
        if keypoints.shape[-1] == 2:
            keypoints = nn.functional.pad(keypoints, (0, 1))
            depth_mask = torch.zeros_like(depth_mask, dtype=torch.bool)

        # Masks are padded before they are combined: torch 2.13 compiles the padding of a combined mask to invalid C++.
        missing = -keypoints.shape[1] % self.config.tubelet_size
        keypoints = nn.functional.pad(keypoints, (0, 0, 0, 0, 0, 0, 0, missing))
        joint_mask = nn.functional.pad(joint_mask.bool(), (0, 0, 0, 0, 0, missing))
        depth_mask = nn.functional.pad(depth_mask.bool(), (0, missing))
        if frame_mask is not None:
            joint_mask = joint_mask & nn.functional.pad(frame_mask.bool(), (0, missing))[:, :, None, None]

        keypoints = torch.where(joint_mask.unsqueeze(-1), keypoints, 0)
        has_depth = depth_mask[:, :, None, None, None]
        keypoints = torch.cat([keypoints[..., :2], torch.where(has_depth, keypoints[..., 2:], 0)], dim=-1)
        return keypoints, joint_mask, depth_mask


class TMorSkeletonModelWithProjection(TMorSkeletonPreTrainedModel):
    """The skeleton encoder with its projection into the space shared with text and video."""

    _keys_to_ignore_on_load_unexpected = [
        r"^text_model\.", r"^video_model\.", r"^(text|video)_projection\.", r"^logit_(scale|bias)$", r"^classifier\.",
        r"^temporal_head\.",
    ]  # fmt: skip

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__(config)
        self.skeleton_model = TMorSkeletonModel(config)
        self.skeleton_projection = nn.Linear(config.hidden_size, config.projection_dim, bias=False)
        self.post_init()

    @can_return_tuple
    def forward(
        self,
        keypoints: torch.FloatTensor,
        joint_mask: torch.BoolTensor | None = None,
        frame_mask: torch.BoolTensor | None = None,
        depth_mask: torch.BoolTensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> TMorSkeletonModelOutput:
        """Encodes clips; the arguments are those of `TMorSkeletonModel`."""
        outputs = self.skeleton_model(keypoints, joint_mask, frame_mask, depth_mask, **kwargs)
        return TMorSkeletonModelOutput(
            skeleton_embeds=nn.functional.normalize(self.skeleton_projection(outputs.pooler_output), dim=-1),
            last_hidden_state=outputs.last_hidden_state,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )


class TMorForSkeletonActionClassification(TMorSkeletonPreTrainedModel):
    """The skeleton encoder with a linear classifier over its pooled output."""

    _keys_to_ignore_on_load_unexpected = [
        r"^text_model\.", r"^video_model\.", r"^(skeleton|text|video)_projection\.", r"^logit_(scale|bias)$",
        r"^temporal_head\.",
    ]  # fmt: skip

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__(config)
        # transformers picks the loss by the class name, and none matches this one; without it: language modeling loss.
        self.loss_type = "ForVideoClassification"
        self.num_labels = config.num_labels
        self.skeleton_model = TMorSkeletonModel(config)
        dropout = config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    @can_return_tuple
    def forward(
        self,
        keypoints: torch.FloatTensor,
        joint_mask: torch.BoolTensor | None = None,
        frame_mask: torch.BoolTensor | None = None,
        depth_mask: torch.BoolTensor | None = None,
        labels: torch.LongTensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> ImageClassifierOutput:
        """Classifies clips; the arguments are those of `TMorSkeletonModel`, and `labels` (B,) for the loss."""
        outputs = self.skeleton_model(keypoints, joint_mask, frame_mask, depth_mask, **kwargs)
        logits = self.classifier(self.dropout(outputs.pooler_output))
        loss = None
        if labels is not None:
            loss = self.loss_function(labels, logits, self.config, **kwargs)
        return ImageClassifierOutput(
            loss=loss, logits=logits, hidden_states=outputs.hidden_states, attentions=outputs.attentions
        )


__all__ = [
    "TMorForSkeletonActionClassification",
    "TMorPreTrainedModel",
    "TMorSkeletonModel",
    "TMorSkeletonModelOutput",
    "TMorSkeletonModelWithProjection",
]
