# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PyTorch three-tower T-MOR model, built from the published description (arXiv 2606.21607).

Axes: B clips, T frames, M people, V joints, D projection size.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoModel
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.processing_utils import Unpack
from transformers.utils import ModelOutput, TransformersKwargs
from transformers.utils.generic import can_return_tuple

from .configuration_tmor import TMorConfig
from .modeling_tmor_skeleton import TMorPreTrainedModel, TMorSkeletonModel


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


def mean_of_tokens(tokens: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """(B, H): the mean over the tokens (B, L, H) that are no padding."""
    weight = attention_mask.unsqueeze(-1).to(tokens.dtype)
    return (tokens * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)


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

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if module is self:
            init.constant_(module.logit_scale, self.config.logit_scale_init_value)
            if module.logit_bias is not None:
                init.constant_(module.logit_bias, self.config.logit_bias_init_value)

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
            kwargs["video_config"] = (
                getattr(towers["video_model"].config, "vision_config", None) or towers["video_model"].config
            )
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
        return tokens.mean(dim=1) if attention_mask is None else mean_of_tokens(tokens, attention_mask)

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


__all__ = ["TMorModel", "TMorOutput"]
