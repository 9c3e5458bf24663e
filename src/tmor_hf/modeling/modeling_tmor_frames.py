# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PyTorch model that says for each frame of a recording, of any length, which actions go on in it.

Axes: B recordings, T frames, M people, V joints, C coordinates, P body parts, S frames per tubelet, N tubelets,
W windows, H hidden size, K classes. Masks are boolean, True = real.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from transformers import initialization as init
from transformers.activations import ACT2FN
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.processing_utils import Unpack
from transformers.utils import ModelOutput, TransformersKwargs, logging
from transformers.utils.generic import can_return_tuple

from .configuration_tmor import TMorSkeletonConfig
from .modeling_tmor_skeleton import TMorSkeletonModel, TMorSkeletonPreTrainedModel

_FACING_SHARE = 0.25  # as in the feature extractor: the first quarter says which way a person faces
_IGNORED = -100


@dataclass
class TMorFrameClassifierOutput(ModelOutput):
    """Output of `TMorForSkeletonFrameClassification`.

    Args:
        loss: Mean loss over the frames that are real and labelled, if labels were given.
        logits: (B, T, K) scores before sigmoid or softmax.
        hidden_states: Tokens of the windows (B * W, M * N * P, H) after the embeddings and after each layer, if asked
            for.
        attentions: Attention weights of each layer within the windows, if asked for.
    """

    loss: torch.FloatTensor | None = None
    logits: torch.FloatTensor | None = None
    hidden_states: tuple[torch.FloatTensor, ...] | None = None
    attentions: tuple[torch.FloatTensor, ...] | None = None


def pad_frames(frames: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """(B, T, ...) with zeros at the end, so that windows of `size` from every `stride`-th frame on fit."""
    missing = (frames.shape[1] - 1) // stride * stride + size - frames.shape[1]
    return nn.functional.pad(frames, (0, 0) * (frames.ndim - 2) + (0, missing))


def cut_windows(frames: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """(B, padded T, ...) to (B * W, size, ...)."""
    return frames.unfold(1, size, stride).movedim(-1, 2).flatten(0, 1)


def blend_windows(windows: torch.Tensor, stride: int) -> torch.Tensor:
    """(B, W, N, H) to (B, (W - 1) * stride + N, H): the sum of windows that start `stride` steps apart."""
    batch_size, num_windows, size, channels = windows.shape
    overlap = size // stride
    parts = windows.reshape(batch_size, num_windows, overlap, stride, channels).unbind(dim=2)
    return sum(
        nn.functional.pad(part.flatten(1, 2), (0, 0, index * stride, (overlap - 1 - index) * stride))
        for index, part in enumerate(parts)
    )


def centre_clips(keypoints: torch.Tensor, joint_mask: torch.Tensor, root_joint: int) -> torch.Tensor:
    """Moves the mean root joint of each clip (B, T, M, V, 3) to the origin; that of all joints where it is missing."""
    is_root = torch.arange(joint_mask.shape[-1], device=joint_mask.device) == root_joint
    has_root = joint_mask[..., root_joint].flatten(1).any(dim=1)[:, None, None, None]
    weight = (joint_mask & (is_root | ~has_root)).unsqueeze(-1).to(keypoints.dtype)
    total = (keypoints * weight).sum(dim=(1, 2, 3), keepdim=True)
    centre = total / weight.sum(dim=(1, 2, 3), keepdim=True).clamp(min=1)
    return torch.where(joint_mask.unsqueeze(-1), keypoints - centre, 0)


def turn_clips_to_front(
    keypoints: torch.Tensor, joint_mask: torch.Tensor, depth_mask: torch.Tensor, pairs: list[list[int]]
) -> torch.Tensor:
    """Turns 3D clips about the vertical so that the most visible person's left side points to +x when the clip starts.

    The rule is that of the feature extractor: the direction from right to left joints (`pairs`) is averaged over the
    first quarter of the frames in which it is seen.
    """
    clips = torch.arange(keypoints.shape[0], device=keypoints.device)
    lead = (joint_mask.sum(dim=(1, 3)) + _liveliness(keypoints, joint_mask)).argmax(dim=1)
    points, mask = keypoints[clips, :, lead], joint_mask[clips, :, lead]  # (B, T, V, 3), (B, T, V)
    across = points.new_zeros(*points.shape[:2], 2)
    known = torch.zeros_like(mask[..., 0])
    for left, right in pairs:
        both = mask[..., left] & mask[..., right]
        across = across + (points[..., left, ::2] - points[..., right, ::2]) * both.unsqueeze(-1)
        known = known | both
    rank = known.cumsum(dim=1)
    early = known & (rank <= (rank[:, -1:] * _FACING_SHARE).clamp(min=1))
    across = (across * early.unsqueeze(-1)).sum(dim=1)
    length = across.norm(dim=-1)
    is_turned = (length > 1e-6) & depth_mask.any(dim=1)
    direction = across / length.clamp(min=1e-6).unsqueeze(-1)
    cos = torch.where(is_turned, direction[:, 0], 1)[:, None, None, None]
    sin = torch.where(is_turned, direction[:, 1], 0)[:, None, None, None]
    x, y, z = keypoints.unbind(dim=-1)
    return torch.stack([cos * x + sin * z, y, cos * z - sin * x], dim=-1)


def _liveliness(keypoints: torch.Tensor, joint_mask: torch.Tensor) -> torch.Tensor:
    """(B, M) in [0, 1): how much each person moves; breaks ties between equally visible people."""
    moved = (keypoints[:, 1:] - keypoints[:, :-1]).abs().sum(dim=-1) * (joint_mask[:, 1:] & joint_mask[:, :-1])
    moved = moved.sum(dim=(1, 3))
    return moved / (1 + moved)


def frame_loss(
    logits: torch.Tensor,
    labels: torch.Tensor,
    frame_mask: torch.Tensor,
    is_exclusive: bool,
    num_items_in_batch: torch.Tensor | int | None = None,
) -> torch.Tensor:
    """Cross-entropy of each frame, softmax or binary, averaged over real frames; labels of -100 are left out.

    Args:
        logits: (B, T, K).
        labels: (B, T) classes if they exclude each other, else (B, T, K) of 0 and 1.
        frame_mask: (B, T).
        is_exclusive: Whether classes exclude each other.
        num_items_in_batch: What the sum is divided by, in place of the number of labels here (gradient accumulation).

    Raises:
        ValueError: If labels have another shape.
    """
    expected = logits.shape[:2] if is_exclusive else logits.shape
    if labels.shape != expected:
        kind = "single_label_classification" if is_exclusive else "multi_label_classification"
        raise ValueError(
            f"expected labels {tuple(expected)} for {kind}, got {tuple(labels.shape)}; see config.problem_type"
        )
    if is_exclusive:
        labels = labels.masked_fill(~frame_mask, _IGNORED)
        counted = labels != _IGNORED
        losses = nn.functional.cross_entropy(logits.float().mT, labels, ignore_index=_IGNORED, reduction="none")
    else:
        counted = frame_mask.unsqueeze(-1) & (labels != _IGNORED)
        targets = torch.where(counted, labels, 0).float()
        losses = nn.functional.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none")
    total = torch.where(counted, losses, 0).sum()
    return total / (counted.sum().clamp(min=1) if num_items_in_batch is None else num_items_in_batch)


class TMorResidualProjection(nn.Linear):
    """Starts at zero, so that a new block leaves what passes it as it is."""


class TMorTemporalConvolution(nn.Module):
    """Residual block of a dilated convolution over tubelets (Abu Farha and Gall, MS-TCN, 2019)."""

    def __init__(self, config: TMorSkeletonConfig, dilation: int):
        super().__init__()
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.convolution = nn.Conv1d(config.hidden_size, config.hidden_size, 3, padding=dilation, dilation=dilation)
        self.activation_fn = ACT2FN[config.hidden_act]
        self.projection = TMorResidualProjection(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, features: torch.Tensor, is_seen: torch.Tensor) -> torch.Tensor:
        """(B, N, H) features and mask (B, N); what is not seen counts as zero, as what lies beyond the ends does."""
        seen = self.norm(features) * is_seen.unsqueeze(-1)
        around = self.activation_fn(self.convolution(seen.mT).mT)
        return features + self.dropout(self.projection(around))


class TMorForSkeletonFrameClassification(TMorSkeletonPreTrainedModel):
    """The skeleton encoder over overlapping windows of time, a temporal head, and a linear classifier of each frame.

    Windows lie at multiples of `config.frame_window_stride`, and each is centred and turned by itself, so that a
    frame's logits depend on nothing further away than `receptive_field`. New temporal blocks change nothing: with the
    weights of a clip classifier, frames are classified by the mean of their own tokens.
    """

    def __init__(self, config: TMorSkeletonConfig):
        super().__init__(config)
        self.num_labels = config.num_labels
        self.skeleton_model = TMorSkeletonModel(config)
        self.temporal_head = nn.ModuleList(
            [TMorTemporalConvolution(config, dilation) for dilation in config.frame_head_dilations]
        )
        dropout = config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, TMorResidualProjection):
            init.zeros_(module.weight)

    @property
    def is_exclusive(self) -> bool:
        """Whether classes exclude each other (softmax); by default they do not (sigmoid)."""
        return self.config.problem_type == "single_label_classification"

    @property
    def receptive_field(self) -> int:
        """Frames to each side beyond which nothing changes a frame's logits."""
        tubelets = 1 + sum(self.config.frame_head_dilations)
        return tubelets * self.config.tubelet_size + self.config.frame_window_size

    @can_return_tuple
    def forward(
        self,
        keypoints: torch.FloatTensor,
        joint_mask: torch.BoolTensor | None = None,
        frame_mask: torch.BoolTensor | None = None,
        depth_mask: torch.BoolTensor | None = None,
        labels: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> TMorFrameClassifierOutput:
        """Classifies frames; the arguments are those of `TMorSkeletonModel`, and `labels` for the loss.

        `labels` are (B, T, K) of 0 and 1, or (B, T) int64 if `config.problem_type` is "single_label_classification";
        -100 leaves a label out.
        """
        num_items_in_batch = kwargs.pop("num_items_in_batch", None)
        if frame_mask is None:
            frame_mask = torch.ones(keypoints.shape[:2], dtype=torch.bool, device=keypoints.device)
        frame_mask = frame_mask.bool()
        depth_mask = None if depth_mask is None else depth_mask.bool() & frame_mask
        window = self.config.frame_window_size, self.config.frame_window_stride
        given = (keypoints, joint_mask, frame_mask, depth_mask)
        # Padded before masks are combined: see TMorSkeletonModel.
        padded = [None if frames is None else pad_frames(frames, *window) for frames in given]
        features, is_seen, outputs = self._encode(*self.skeleton_model._prepare(*padded), **kwargs)
        for block in self.temporal_head:
            features = block(features, is_seen)
        logits = self._to_frames(self.classifier(self.dropout(features)), padded[2])[:, : keypoints.shape[1]]
        loss = None
        if labels is not None:
            loss = frame_loss(logits, labels, frame_mask, self.is_exclusive, num_items_in_batch)
        return TMorFrameClassifierOutput(
            loss=loss, logits=logits, hidden_states=outputs.hidden_states, attentions=outputs.attentions
        )

    def _encode(
        self, keypoints: torch.Tensor, joint_mask: torch.Tensor, depth_mask: torch.Tensor, **kwargs
    ) -> tuple[torch.Tensor, torch.Tensor, BaseModelOutputWithPooling]:
        """Features of tubelets (B, N, H), whether anything is seen in them (B, N), and the encoder's output."""
        config, batch_size = self.config, keypoints.shape[0]
        size, stride = config.frame_window_size, config.frame_window_stride
        windows, mask, depth = (cut_windows(frames, size, stride) for frames in (keypoints, joint_mask, depth_mask))
        windows = centre_clips(windows, mask, config.root_joint)
        windows = turn_clips_to_front(windows, mask, depth, config.facing_pairs)
        outputs = self.skeleton_model(windows, mask, None, depth, **kwargs)

        token_mask = self._token_mask(mask)  # (B * W, M, N, P)
        tokens = outputs.last_hidden_state.unflatten(1, token_mask.shape[1:])
        weight = token_mask.unsqueeze(-1).to(tokens.dtype)
        features = (tokens * weight).sum(dim=(1, 3)) / weight.sum(dim=(1, 3)).clamp(min=1)

        triangle = self._triangle(features)
        features = (features * triangle).unflatten(0, (batch_size, -1))
        steps = stride // config.tubelet_size
        total = blend_windows(triangle.expand(1, features.shape[1], *triangle.shape), steps)
        is_seen = joint_mask.unflatten(1, (-1, config.tubelet_size)).flatten(2).any(dim=2)
        return blend_windows(features, steps) / total, is_seen, outputs

    def _token_mask(self, joint_mask: torch.Tensor) -> torch.Tensor:
        """(B, M, N, P) of (B, T, M, V): whether a joint of a token is seen."""
        is_seen = joint_mask.unflatten(1, (-1, self.config.tubelet_size)).any(dim=2)
        parts = [is_seen[..., part].any(dim=-1) for part in self.config.body_parts]
        return torch.stack(parts, dim=-1).transpose(1, 2)

    def _triangle(self, features: torch.Tensor) -> torch.Tensor:
        """(N, 1) weights of a window's tubelets, that fall towards its ends."""
        half = features.shape[1] / 2
        places = torch.arange(features.shape[1], device=features.device, dtype=torch.float32) + 0.5
        return (1 - (places - half).abs() / half).unsqueeze(-1).to(features.dtype)

    def _to_frames(self, logits: torch.Tensor, frame_mask: torch.Tensor) -> torch.Tensor:
        """(B, N, K) of tubelets to (B, T, K) of frames, linear between the middles of tubelets with real frames."""
        size = self.config.tubelet_size
        weight = frame_mask.unflatten(1, (-1, size)).any(dim=2).unsqueeze(1).to(logits.dtype)
        values = nn.functional.interpolate(logits.mT * weight, scale_factor=float(size), mode="linear")
        weight = nn.functional.interpolate(weight, scale_factor=float(size), mode="linear")
        return (values / weight.clamp(min=1e-3)).mT

    @torch.no_grad()
    def predict_frames(
        self, inputs: Mapping[str, torch.Tensor], *, segment_frames: int = 4096, progress: bool = False
    ) -> torch.Tensor:
        """Logits of a recording of any length, in overlapping segments: those of one `forward`, in bounded memory.

        Args:
            inputs: What the feature extractor gives for one recording: `keypoints` (1, T, M, V, C) and masks.
            segment_frames: About so many frames are classified at once; fewer need less memory and take longer.
            progress: Show a bar.

        Returns:
            (T, K) float32 logits on the CPU.

        Raises:
            ValueError: If there is more than one recording, or `segment_frames` is below 1.
        """
        names = ("keypoints", "joint_mask", "frame_mask", "depth_mask")
        given = {name: inputs[name] for name in names if inputs.get(name) is not None}
        if given["keypoints"].shape[0] != 1 or segment_frames < 1:
            raise ValueError(
                f"expected one recording and segment_frames of at least 1, got {given['keypoints'].shape[0]} and "
                f"{segment_frames}"
            )
        stride, num_frames = self.config.frame_window_stride, given["keypoints"].shape[1]
        step, margin = (-(-count // stride) * stride for count in (segment_frames, self.receptive_field))
        logits = torch.empty(num_frames, self.num_labels)
        was_training = self.training
        self.eval()
        try:
            for start in logging.tqdm(range(0, num_frames, step), desc="frames", disable=not progress):
                first, end = max(start - margin, 0), min(start + step, num_frames)
                segment = {name: values[:, first : end + margin].to(self.device) for name, values in given.items()}
                logits[start:end] = self(**segment).logits[0, start - first : end - first]
        finally:
            self.train(was_training)
        return logits


__all__ = ["TMorForSkeletonFrameClassification", "TMorFrameClassifierOutput"]
