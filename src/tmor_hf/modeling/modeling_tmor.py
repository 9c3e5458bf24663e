# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PyTorch T-MOR models, built from the published description (arXiv 2606.21607).

Axes: B clips, T frames, M people, V joints, C coordinates, P body parts, S frames per tubelet, N = T / S tubelets,
H hidden size, D projection size. Masks are boolean, True = real.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoModel
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


@dataclass
class TMorOutput(ModelOutput):
    """Output of `TMorModel`; what was not given or asked for is `None`.

    Args:
        loss: Contrastive loss over the batch of this process.
        logits_per_skeleton: (B, number of texts) scaled similarities.
        logits_per_text: (number of texts, B), its transpose.
        logits_per_video: (number of videos, B) scaled similarities of videos to skeletons.
        skeleton_embeds: (B, D) of unit length.
        text_embeds: (number of texts, D) of unit length.
        video_embeds: (number of videos, D) of unit length.
        skeleton_model_output: Output of the skeleton tower; its `pooler_output` is the projected embedding.
        text_model_output: The same of the text tower.
        video_model_output: The same of the video tower.
    """

    loss: torch.FloatTensor | None = None
    logits_per_skeleton: torch.FloatTensor | None = None
    logits_per_text: torch.FloatTensor | None = None
    logits_per_video: torch.FloatTensor | None = None
    skeleton_embeds: torch.FloatTensor | None = None
    text_embeds: torch.FloatTensor | None = None
    video_embeds: torch.FloatTensor | None = None
    skeleton_model_output: BaseModelOutputWithPooling | None = None
    text_model_output: BaseModelOutputWithPooling | None = None
    video_model_output: BaseModelOutputWithPooling | None = None

    def to_tuple(self) -> tuple[Any, ...]:
        return tuple(value.to_tuple() if isinstance(value, ModelOutput) else value for value in self.values())


def sinusoidal_time_embedding(num_steps: int, dim: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """(num_steps, dim) sines and cosines of the step (Vaswani et al., 2017), for clips of any length."""
    half = torch.arange(dim // 2, device=device, dtype=torch.float32)
    angles = torch.arange(num_steps, device=device, dtype=torch.float32)[:, None] * 10000 ** (-2 * half / dim)
    return torch.cat([angles.sin(), angles.cos()], dim=-1).to(dtype)


class TMorSkeletonEmbeddings(nn.Module):
    """Poses to tokens: one for each person, body part and tubelet of S frames.

    A token sees its joints relative to the root joint, their velocity and their masks, and the same of the root, whose
    path through space tells people apart.
    """

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__()
        self.config = config
        self.num_channels = 2 * config.num_coordinates + 1  # position, velocity, mask
        features = config.tubelet_size * self.num_channels
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
        features, root_features = self.joint_features(keypoints, joint_mask)

        # (B, T, M, ...) -> (B, M, N, S, ...): the frames of a tubelet become channels
        shape = (batch_size, num_tubelets, self.config.tubelet_size, num_people)
        features = features.reshape(*shape, -1, self.num_channels).permute(0, 3, 1, 2, 4, 5)
        root_features = root_features.reshape(*shape, self.num_channels).permute(0, 3, 1, 2, 4)
        joint_mask = joint_mask.reshape(*shape, -1).permute(0, 3, 1, 2, 4)

        tokens, masks = [], []
        for part, projection in zip(self.config.body_parts, self.part_projections):
            tokens.append(projection(features[..., part, :].flatten(3)))
            masks.append(joint_mask[..., part].flatten(3).any(dim=-1))
        tokens, mask = torch.stack(tokens, dim=3), torch.stack(masks, dim=3)  # (B, M, N, P, H), (B, M, N, P)

        time = sinusoidal_time_embedding(num_tubelets, self.config.hidden_size, tokens.device, tokens.dtype)
        is_flat = ~depth_mask.reshape(batch_size, num_tubelets, -1).any(dim=-1)
        context = self.root_projection(root_features.flatten(3)) + time
        context = context + is_flat[:, None, :, None].to(tokens.dtype) * self.flat_embedding
        tokens = self.norm(tokens + context[:, :, :, None] + self.part_embeddings)
        return self.dropout(tokens.flatten(1, 3)), mask.flatten(1, 3)

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
        super()._init_weights(module)
        if isinstance(module, TMorSkeletonEmbeddings):
            init.normal_(module.part_embeddings, std=self.config.initializer_range)
            init.normal_(module.flat_embedding, std=self.config.initializer_range)
        elif isinstance(module, TMorModel):
            init.constant_(module.logit_scale, self.config.logit_scale_init_value)
            if module.logit_bias is not None:
                init.constant_(module.logit_bias, self.config.logit_bias_init_value)


class TMorSkeletonPreTrainedModel(TMorPreTrainedModel):
    """What the models share that need the skeleton tower only; they load it out of a full checkpoint, too."""

    config: TMorSkeletonConfig
    base_model_prefix = "skeleton_model"
    input_modalities = ("skeleton",)
    _keys_to_ignore_on_load_unexpected = [
        r"^text_model\.", r"^video_model\.", r"^(skeleton|text|video)_projection\.", r"^logit_(scale|bias)$",
        r"^classifier\.",
    ]  # fmt: skip
    _can_record_outputs = {"hidden_states": TMorSkeletonLayer, "attentions": TMorSkeletonAttention}


class TMorSkeletonModel(TMorSkeletonPreTrainedModel):
    """The skeleton encoder: a transformer over tokens of body parts and short spans of time."""

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__(config)
        self.embeddings = TMorSkeletonEmbeddings(config)
        self.layers = nn.ModuleList([TMorSkeletonLayer(config) for _ in range(config.num_hidden_layers)])
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
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
        attention_mask = create_bidirectional_mask(
            config=self.config, inputs_embeds=hidden_states, attention_mask=token_mask
        )
        for layer in self.layers:
            hidden_states = layer(hidden_states, attention_mask, **kwargs)
        hidden_states = self.layernorm(hidden_states)

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
        keypoints = keypoints.to(self.embeddings.root_projection.weight.dtype)
        if depth_mask is None:
            depth_mask = keypoints.new_full(keypoints.shape[:2], keypoints.shape[-1] == 3, dtype=torch.bool)
        if keypoints.shape[-1] == 2:
            keypoints = nn.functional.pad(keypoints, (0, 1))
            depth_mask = torch.zeros_like(depth_mask, dtype=torch.bool)
        if joint_mask is None:
            joint_mask = keypoints.isfinite().all(dim=-1)
        joint_mask, depth_mask = joint_mask.bool(), depth_mask.bool()
        if frame_mask is not None:
            joint_mask = joint_mask & frame_mask.bool()[:, :, None, None]
        keypoints = torch.where(joint_mask.unsqueeze(-1), keypoints, 0)
        has_depth = depth_mask[:, :, None, None, None]
        keypoints = torch.cat([keypoints[..., :2], torch.where(has_depth, keypoints[..., 2:], 0)], dim=-1)

        missing = -keypoints.shape[1] % self.config.tubelet_size
        keypoints = nn.functional.pad(keypoints, (0, 0, 0, 0, 0, 0, 0, missing))
        joint_mask = nn.functional.pad(joint_mask, (0, 0, 0, 0, 0, missing))
        return keypoints, joint_mask, nn.functional.pad(depth_mask, (0, missing))


class TMorSkeletonModelWithProjection(TMorSkeletonPreTrainedModel):
    """The skeleton encoder with its projection into the space shared with text and video."""

    _keys_to_ignore_on_load_unexpected = [
        r"^text_model\.", r"^video_model\.", r"^(text|video)_projection\.", r"^logit_(scale|bias)$", r"^classifier\."
    ]  # fmt: skip

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__(config)
        self.skeleton_model = TMorSkeletonModel(config)
        self.skeleton_projection = nn.Linear(config.hidden_size, config.projection_dim, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.skeleton_model.get_input_embeddings()

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
        r"^text_model\.", r"^video_model\.", r"^(skeleton|text|video)_projection\.", r"^logit_(scale|bias)$"
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

    def get_input_embeddings(self) -> nn.Module:
        return self.skeleton_model.get_input_embeddings()

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


def pairwise_contrastive_loss(similarity: torch.Tensor, kind: str) -> torch.Tensor:
    """Contrastive loss of a square matrix of scaled similarities whose diagonal holds the pairs.

    ``"infonce"`` is the symmetric cross-entropy of CLIP (Radford et al., 2021), ``"sigmoid"`` that of SigLIP (Zhai et
    al., 2023).
    """
    if similarity.shape[0] != similarity.shape[1]:
        raise ValueError(f"expected as many rows as columns for a contrastive loss, got {tuple(similarity.shape)}")
    if kind == "sigmoid":
        signs = 2 * torch.eye(len(similarity), device=similarity.device, dtype=similarity.dtype) - 1
        return -nn.functional.logsigmoid(signs * similarity).sum() / len(similarity)
    target = torch.arange(len(similarity), device=similarity.device)
    cross_entropy = nn.functional.cross_entropy
    return (cross_entropy(similarity, target) + cross_entropy(similarity.t(), target)) / 2


class TMorModel(TMorPreTrainedModel):
    """Three towers, for skeletons, text and (optional) video, into one space; inference needs the skeleton alone."""

    def __init__(self, config: TMorConfig):
        super().__init__(config)
        self.skeleton_model = TMorSkeletonModel._from_config(config.skeleton_config)
        self.text_model = AutoModel.from_config(config.text_config)
        self.video_model = None if config.video_config is None else AutoModel.from_config(config.video_config)
        for tower in (self.text_model, self.video_model):
            # A pooler that nothing reads would never get a gradient, which stops distributed training.
            is_read = config.text_pooling == "pooler" if tower is self.text_model else self.is_image_tower
            if not is_read and getattr(tower, "pooler", None) is not None:
                tower.pooler = None

        self.skeleton_projection = nn.Linear(config.skeleton_config.hidden_size, config.projection_dim, bias=False)
        self.text_projection = nn.Linear(config.text_config.hidden_size, config.projection_dim, bias=False)
        self.video_projection = None
        if config.video_embed_dim is not None:
            self.video_projection = nn.Linear(config.video_embed_dim, config.projection_dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(float(config.logit_scale_init_value)))
        is_sigmoid = config.contrastive_loss == "sigmoid"
        self.logit_bias = nn.Parameter(torch.tensor(float(config.logit_bias_init_value))) if is_sigmoid else None
        self.post_init()

    @property
    def is_image_tower(self) -> bool:
        """Whether the video tower sees single frames, whose features are averaged."""
        video = self.config.video_config
        return video is not None and not any(hasattr(video, key) for key in ("tubelet_size", "num_frames"))

    @classmethod
    def from_towers_pretrained(
        cls,
        skeleton_model: str | None = None,
        text_model: str | None = None,
        video_model: str | None = None,
        **kwargs: Any,
    ) -> "TMorModel":
        """Assembles a model from checkpoints of its towers.

        Args:
            skeleton_model: Name or path of a T-MOR checkpoint. `None` starts one from `skeleton_config`, if given, or
                the default configuration.
            text_model: Name or path of any transformers text encoder; required.
            video_model: Name or path of a transformers video or image encoder, or `None`.
            **kwargs: Options of `TMorConfig`.

        Raises:
            ValueError: If no text tower is named.
        """
        if text_model is None:
            raise ValueError("expected `text_model`, the name or path of a transformers text encoder, got None")
        towers = {"text_model": AutoModel.from_pretrained(text_model)}
        if skeleton_model is not None:
            towers["skeleton_model"] = TMorSkeletonModel.from_pretrained(skeleton_model)
            kwargs["skeleton_config"] = towers["skeleton_model"].config
        if video_model is not None:
            towers["video_model"] = AutoModel.from_pretrained(video_model)
            kwargs["video_config"] = getattr(towers["video_model"].config, "vision_config", None) or towers[
                "video_model"
            ].config
        text_config = towers["text_model"].config
        kwargs["text_config"] = getattr(text_config, "text_config", None) or text_config
        model = cls(TMorConfig(**kwargs))
        for name, tower in towers.items():
            if name != "skeleton_model":
                # Dual encoders such as CLIP bring both towers; ours is the one inside.
                tower = getattr(tower, {"text_model": "text_model", "video_model": "vision_model"}[name], tower)
            model.get_submodule(name).load_state_dict(tower.state_dict(), strict=False)
        return model

    @can_return_tuple
    def get_skeleton_features(
        self,
        keypoints: torch.FloatTensor,
        joint_mask: torch.BoolTensor | None = None,
        frame_mask: torch.BoolTensor | None = None,
        depth_mask: torch.BoolTensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> BaseModelOutputWithPooling:
        """Output of the skeleton tower whose `pooler_output` (B, D) is the projected embedding, not normalised."""
        outputs = self.skeleton_model(keypoints, joint_mask, frame_mask, depth_mask, **kwargs)
        outputs.pooler_output = self.skeleton_projection(outputs.pooler_output)
        return outputs

    @can_return_tuple
    def get_text_features(
        self,
        input_ids: torch.LongTensor,
        attention_mask: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> BaseModelOutputWithPooling:
        """Output of the text tower whose `pooler_output` (B, D) is the projected embedding, not normalised."""
        outputs = self.text_model(input_ids=input_ids, attention_mask=attention_mask, return_dict=True, **kwargs)
        pooled = self.pool_text(outputs, attention_mask)
        return BaseModelOutputWithPooling(
            last_hidden_state=outputs.last_hidden_state,
            pooler_output=self.text_projection(pooled),
            hidden_states=outputs.get("hidden_states"),
            attentions=outputs.get("attentions"),
        )

    def pool_text(self, outputs: ModelOutput, attention_mask: torch.Tensor | None) -> torch.Tensor:
        """(B, text hidden size): the text tower's tokens as one vector, by `config.text_pooling`."""
        if self.config.text_pooling == "pooler":
            return outputs.pooler_output
        tokens = outputs.last_hidden_state
        if self.config.text_pooling == "cls":
            return tokens[:, 0]
        if attention_mask is None:
            return tokens.mean(dim=1)
        weight = attention_mask.unsqueeze(-1).to(tokens.dtype)
        return (tokens * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)

    @can_return_tuple
    def get_video_features(
        self, pixel_values_videos: torch.FloatTensor, **kwargs: Unpack[TransformersKwargs]
    ) -> BaseModelOutputWithPooling:
        """Output of the video tower whose `pooler_output` (B, D) is the projected embedding, not normalised.

        Args:
            pixel_values_videos: (B, frames, 3, height, width), as the tower's processor gives them.

        Raises:
            ValueError: If the model has no video tower, or the rank is another.
        """
        if self.video_model is None:
            raise ValueError("this model has no video tower; build it with `video_config`, or pass `video_embeds`")
        if pixel_values_videos.ndim != 5:
            raise ValueError(
                "expected pixel_values_videos (B, frames, channels, height, width), got "
                f"{tuple(pixel_values_videos.shape)}"
            )
        pixels = pixel_values_videos.flatten(0, 1) if self.is_image_tower else pixel_values_videos
        outputs = self.video_model(**{self.video_model.main_input_name: pixels}, return_dict=True, **kwargs)
        pooled = outputs.last_hidden_state.mean(dim=1)
        if self.is_image_tower:
            pooled = outputs.pooler_output if outputs.get("pooler_output") is not None else pooled
            pooled = pooled.unflatten(0, pixel_values_videos.shape[:2]).mean(dim=1)
        return BaseModelOutputWithPooling(
            last_hidden_state=outputs.last_hidden_state,
            pooler_output=self.video_projection(pooled),
            hidden_states=outputs.get("hidden_states"),
            attentions=outputs.get("attentions"),
        )

    @can_return_tuple
    def forward(
        self,
        keypoints: torch.FloatTensor | None = None,
        joint_mask: torch.BoolTensor | None = None,
        frame_mask: torch.BoolTensor | None = None,
        depth_mask: torch.BoolTensor | None = None,
        input_ids: torch.LongTensor | None = None,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.LongTensor | None = None,
        pixel_values_videos: torch.FloatTensor | None = None,
        text_embeds: torch.FloatTensor | None = None,
        video_embeds: torch.FloatTensor | None = None,
        return_loss: bool | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> TMorOutput:
        r"""Embeds what is given and compares skeletons with texts and videos.

        Args:
            keypoints, joint_mask, frame_mask, depth_mask: Clips, as for `TMorSkeletonModel`.
            input_ids, attention_mask, token_type_ids: Texts, as the tokenizer gives them.
            pixel_values_videos: (number of videos, frames, 3, height, width).
            text_embeds: (number of texts, text hidden size) pooled features of the text tower, before the projection,
                in place of `input_ids`.
            video_embeds: The same for videos.
            return_loss: Whether to return the contrastive loss over this batch: the i-th clip, text and video belong
                together. It sums skeleton-text and skeleton-video; negatives over processes are the trainer's work.

        Raises:
            ValueError: If nothing is given, a modality is given twice, or numbers do not agree for the loss.
        """
        skeleton_outputs = text_outputs = video_outputs = None
        if keypoints is not None:
            skeleton_outputs = self.get_skeleton_features(
                keypoints, joint_mask, frame_mask, depth_mask, return_dict=True, **kwargs
            )
        if input_ids is not None:
            if text_embeds is not None:
                raise ValueError("expected `input_ids` or `text_embeds`, got both")
            token_types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            text_outputs = self.get_text_features(input_ids, attention_mask, return_dict=True, **token_types, **kwargs)
        elif text_embeds is not None:
            text_outputs = self._project("text", text_embeds)
        if pixel_values_videos is not None:
            if video_embeds is not None:
                raise ValueError("expected `pixel_values_videos` or `video_embeds`, got both")
            video_outputs = self.get_video_features(pixel_values_videos, return_dict=True, **kwargs)
        elif video_embeds is not None:
            video_outputs = self._project("video", video_embeds)

        skeletons, texts, videos = (
            None if outputs is None else nn.functional.normalize(outputs.pooler_output, dim=-1)
            for outputs in (skeleton_outputs, text_outputs, video_outputs)
        )
        if skeletons is None and texts is None and videos is None:
            raise ValueError("expected keypoints, text or video, got none of them")
        per_skeleton = None if skeletons is None or texts is None else self.scale_similarity(skeletons @ texts.t())
        per_video = None if skeletons is None or videos is None else self.scale_similarity(videos @ skeletons.t())
        return TMorOutput(
            loss=self._contrastive_loss(per_skeleton, per_video) if return_loss else None,
            logits_per_skeleton=per_skeleton,
            logits_per_text=None if per_skeleton is None else per_skeleton.t(),
            logits_per_video=per_video,
            skeleton_embeds=skeletons,
            text_embeds=texts,
            video_embeds=videos,
            skeleton_model_output=skeleton_outputs,
            text_model_output=text_outputs,
            video_model_output=video_outputs,
        )

    def _project(self, modality: str, embeds: torch.Tensor) -> BaseModelOutputWithPooling:
        """Projects pre-computed pooled features of a tower."""
        projection = getattr(self, f"{modality}_projection")
        if projection is None:
            raise ValueError(f"this model takes no {modality}; build it with `{modality}_embed_dim`")
        if embeds.shape[-1] != projection.in_features:
            raise ValueError(
                f"expected `{modality}_embeds` of size {projection.in_features}, the pooled features of the "
                f"{modality} tower before its projection, got {tuple(embeds.shape)}"
            )
        return BaseModelOutputWithPooling(pooler_output=projection(embeds.to(projection.weight.dtype)))

    def scale_similarity(self, similarity: torch.Tensor) -> torch.Tensor:
        """Cosine similarities as logits: times the inverse temperature, plus the bias of the sigmoid loss."""
        logits = similarity * self.logit_scale.exp()
        return logits if self.logit_bias is None else logits + self.logit_bias

    def _contrastive_loss(self, per_skeleton: torch.Tensor | None, per_video: torch.Tensor | None) -> torch.Tensor:
        terms = [pairwise_contrastive_loss(logits, self.config.contrastive_loss)
                 for logits in (per_skeleton, per_video) if logits is not None]  # fmt: skip
        if not terms:
            raise ValueError("expected keypoints together with text or video for the loss, got one modality alone")
        return sum(terms)


__all__ = [
    "TMorForSkeletonActionClassification",
    "TMorModel",
    "TMorOutput",
    "TMorPreTrainedModel",
    "TMorSkeletonModel",
    "TMorSkeletonModelOutput",
    "TMorSkeletonModelWithProjection",
]
