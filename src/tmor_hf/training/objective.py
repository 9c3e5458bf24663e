# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The training objective as one module: batch in, loss over all processes out.

DistributedDataParallel and FSDP synchronise what happens inside the forward of the module they wrap. So embedding,
gathering and loss, with the temperature, live in this forward, and not around the model's.

Large batches in little memory (gradient caching, Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under
Memory Limited Setup"): embed all micro-batches without a graph, take the gradient of one loss with respect to the
embeddings and the temperature, then embed each micro-batch again and send its part of that gradient back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .distributed import gather_rows, gather_sizes, process_index, world_size
from .losses import ContrastiveEmbeddings, LossWeights, hash_rows, tri_modal_loss

SKELETON_INPUTS = ("keypoints", "joint_mask", "frame_mask", "depth_mask")
TOKEN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TEXT_INPUTS = (*TOKEN_INPUTS, "text_embeds")
VIDEO_INPUTS = ("pixel_values_videos", "video_embeds")


@dataclass
class EmbeddingGradients:
    """Gradient of a loss with respect to embeddings, and, once per step, to the temperature and bias."""

    embeddings: tuple[Tensor, ...]
    scalars: tuple[Tensor, ...] = ()


class ContrastiveObjective(nn.Module):
    """Tri-modal contrastive loss of a `TMorModel` with the negatives of all processes.

    Args:
        model: the three-tower model; `model.logit_bias` is used if it exists (sigmoid loss).
        weights: factors of the pair losses. A pair whose tower the model lacks is left out.
        same_caption: "exclude" or "positive", see `losses.pair_masks`.
        near_duplicate_threshold: cosine similarity of captions that are not negatives, or None.
        always_run_towers: run the video and text tower even for a batch without any (FSDP needs every process to
            take the same path); such batches must still hold placeholder inputs.
    """

    def __init__(
        self,
        model: nn.Module,
        weights: LossWeights = LossWeights(),  # noqa: B008 (immutable)
        same_caption: str = "exclude",
        near_duplicate_threshold: float | None = None,
        always_run_towers: bool = False,
    ):
        super().__init__()
        self.model = model
        self.same_caption = same_caption
        self.near_duplicate_threshold = near_duplicate_threshold
        self.always_run_towers = always_run_towers
        if getattr(model, "video_projection", None) is None:
            weights = LossWeights(skeleton_text=weights.skeleton_text, skeleton_video=0.0, video_text=0.0)
        self.weights = weights
        self.uses_text = weights.skeleton_text != 0 or weights.video_text != 0
        self.uses_video = weights.skeleton_video != 0 or weights.video_text != 0

    def forward(
        self, batch: Mapping[str, Tensor], gradients: EmbeddingGradients | None = None, embed_only: bool = False
    ) -> tuple[Tensor, dict[str, Tensor]] | ContrastiveEmbeddings | Tensor:
        """Loss of a batch, or one of the two passes of gradient caching.

        Args:
            batch: model inputs of B clips, and optionally `caption_ids (B,)`, `caption_features (B, E)`,
                `has_text (B,)`, `has_video (B,)`. Text and video inputs hold a row for each of the B clips, or one
                for each clip that has the modality. Other keys are ignored.
            gradients: pass 2: gradient of the loss with respect to the embeddings of this batch.
            embed_only: pass 1: return the embeddings.

        Returns:
            (loss, parts), where the mean over processes of `loss` is the loss of the whole batch and the mean of its
            gradients the gradient of the whole batch; or the embeddings; or a scalar whose gradient is the
            product of `gradients` with the Jacobian of the embeddings.
        """
        embeddings = self.embed(batch)
        if embed_only:
            return embeddings
        if gradients is not None:
            products = zip(embedding_tensors(embeddings), gradients.embeddings, strict=True)
            surrogate = sum((embedding * gradient).sum() for embedding, gradient in products)
            scalars = zip(self.scalars(), gradients.scalars, strict=False)
            return surrogate + sum((scalar * gradient).sum() for scalar, gradient in scalars)
        return self.loss(embeddings, *self.scalars())

    def scalars(self) -> tuple[nn.Parameter, ...]:
        """Logarithm of the inverse temperature and, for the sigmoid loss, the bias."""
        bias = getattr(self.model, "logit_bias", None)
        return (self.model.logit_scale,) if bias is None else (self.model.logit_scale, bias)

    def loss(
        self, local: ContrastiveEmbeddings, logit_scale: Tensor, logit_bias: Tensor | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss of the gathered batch, times the number of processes, which their averaging of gradients takes off."""
        gathered, offset = gather_embeddings(local)
        # Logits reach 100: bfloat16 would round them by up to 0.25, so the loss stays in float32 under autocast.
        with torch.autocast(device_type=local.skeleton.device.type, enabled=False):
            share, parts = tri_modal_loss(
                local,
                gathered,
                offset,
                logit_scale.float(),
                None if logit_bias is None else logit_bias.float(),
                weights=self.weights,
                same_caption=self.same_caption,
                near_duplicate_threshold=self.near_duplicate_threshold,
            )
        factor = world_size()
        return share * factor, {name: part * factor for name, part in parts.items()}

    def embed(self, batch: Mapping[str, Tensor]) -> ContrastiveEmbeddings:
        """Embeds the clips of a batch; a modality that a clip lacks has zeros and False in its mask."""
        num_clips, device = batch["keypoints"].shape[0], batch["keypoints"].device
        inputs = {name: batch[name] for name in SKELETON_INPUTS if batch.get(name) is not None}
        none = torch.zeros(num_clips, dtype=torch.bool, device=device)
        has_text = has_video = none
        if self.uses_text:
            text_inputs, has_text, text_rows = self._select(batch, TEXT_INPUTS, "has_text")
            text_inputs, repetition = _without_repetition(text_inputs)
            inputs.update(text_inputs)
        if self.uses_video:
            video_inputs, has_video, video_rows = self._select(batch, VIDEO_INPUTS, "has_video")
            inputs.update(video_inputs)
        outputs = self.model(**inputs, return_loss=False)
        skeleton = outputs.skeleton_embeds.float()
        text = video = None
        if self.uses_text:
            text = outputs.text_embeds
            if text is not None and repetition is not None:
                text = text.index_select(0, repetition)
            text = _place(text, text_rows, skeleton)
        if self.uses_video:
            video = _place(outputs.video_embeds, video_rows, skeleton)
        return ContrastiveEmbeddings(
            skeleton=skeleton,
            text=text,
            video=video,
            has_text=has_text,
            has_video=has_video,
            caption_ids=_caption_ids(batch, has_text),
            caption_features=batch.get("caption_features"),
        )

    def _select(
        self, batch: Mapping[str, Tensor], names: Sequence[str], mask_name: str
    ) -> tuple[dict[str, Tensor], Tensor, Tensor | None]:
        """Inputs of the clips that have a modality, the mask (B,), and their rows; None stands for all rows."""
        num_clips, device = batch["keypoints"].shape[0], batch["keypoints"].device
        inputs = {name: batch[name] for name in names if batch.get(name) is not None}
        if not inputs:
            if self.always_run_towers:
                raise ValueError(
                    f"expected one of {tuple(names)} in every batch under FSDP, got none; "
                    f"let the collator give placeholders with {mask_name}=False"
                )
            return {}, torch.zeros(num_clips, dtype=torch.bool, device=device), None
        has = batch.get(mask_name)
        has = torch.ones(num_clips, dtype=torch.bool, device=device) if has is None else has.to(torch.bool)
        num_rows, num_present = next(iter(inputs.values())).shape[0], int(has.sum())
        if num_rows not in (num_clips, num_present):
            raise ValueError(
                f"expected {num_clips} rows (one per clip) or {num_present} (one per clip with {mask_name}) in "
                f"{tuple(inputs)}, got {num_rows}; let the collator give one of the two"
            )
        if num_present == num_clips:
            return inputs, has, None
        rows = has.nonzero().squeeze(1)
        if num_present == 0:
            if not self.always_run_towers:
                return {}, has, rows
            return {name: value[:1] for name, value in inputs.items()}, has, rows
        if num_rows == num_clips:
            inputs = {name: value.index_select(0, rows) for name, value in inputs.items()}
        return inputs, has, rows


def gather_embeddings(local: ContrastiveEmbeddings) -> tuple[ContrastiveEmbeddings, int]:
    """Embeddings of all processes with gradient, and the row at which this process's begin."""
    sizes = gather_sizes(local.skeleton.shape[0], local.skeleton.device)
    if len(sizes) == 1:
        return local, 0
    tensors = embedding_tensors(local)
    # One collective for the embeddings and one for what is known of the clips, whatever the number of modalities.
    together = gather_rows(torch.stack(tensors, dim=1), sizes)
    facts = torch.stack([local.caption_ids, local.has_text.long(), local.has_video.long()], dim=1)
    facts = gather_rows(facts, sizes)
    features = None if local.caption_features is None else gather_rows(local.caption_features.float(), sizes)
    gathered = with_embedding_tensors(
        ContrastiveEmbeddings(
            skeleton=local.skeleton,
            text=local.text,
            video=local.video,
            has_text=facts[:, 1].bool(),
            has_video=facts[:, 2].bool(),
            caption_ids=facts[:, 0],
            caption_features=features,
        ),
        together.unbind(dim=1),
    )
    return gathered, sum(sizes[: process_index()])


def concatenate(parts: Sequence[ContrastiveEmbeddings]) -> ContrastiveEmbeddings:
    """Embeddings of several micro-batches as one."""

    def join(name: str) -> Tensor | None:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else torch.cat(values)

    return ContrastiveEmbeddings(**{name: join(name) for name in ContrastiveEmbeddings.__dataclass_fields__})


def embedding_tensors(embeddings: ContrastiveEmbeddings) -> tuple[Tensor, ...]:
    """The embeddings that exist, in the order skeleton, text, video."""
    return tuple(x for x in (embeddings.skeleton, embeddings.text, embeddings.video) if x is not None)


def with_embedding_tensors(embeddings: ContrastiveEmbeddings, tensors: Sequence[Tensor]) -> ContrastiveEmbeddings:
    """The inverse of `embedding_tensors`: the same clips with other embedding tensors."""
    remaining = iter(tensors)
    return ContrastiveEmbeddings(
        skeleton=next(remaining),
        text=None if embeddings.text is None else next(remaining),
        video=None if embeddings.video is None else next(remaining),
        has_text=embeddings.has_text,
        has_video=embeddings.has_video,
        caption_ids=embeddings.caption_ids,
        caption_features=embeddings.caption_features,
    )


def _without_repetition(inputs: dict[str, Tensor]) -> tuple[dict[str, Tensor], Tensor | None]:
    """Token inputs with each distinct caption once, for many clips share few captions.

    Returns:
        the inputs, and for each original row its row among the distinct ones (None: inputs unchanged).
    """
    if "input_ids" not in inputs:
        return inputs, None
    names = [name for name in TOKEN_INPUTS if name in inputs]
    length = inputs["input_ids"].shape[1]
    joined = torch.cat([inputs[name].long() for name in names], dim=1)
    distinct, inverse = torch.unique(joined, dim=0, return_inverse=True)
    if distinct.shape[0] == joined.shape[0]:
        return inputs, None
    parts = distinct.split(length, dim=1)
    return {name: part.to(inputs[name].dtype) for name, part in zip(names, parts, strict=True)}, inverse


def _place(embeds: Tensor | None, rows: Tensor | None, like: Tensor) -> Tensor:
    """(B, D) embeddings with `embeds` at `rows` and zeros elsewhere."""
    if embeds is None:
        return torch.zeros_like(like)
    if rows is None:
        return embeds.float()
    if rows.shape[0] == 0:
        # The placeholder's row: in the graph, so that every process runs the same backward, but of no weight.
        return torch.zeros_like(like) + 0.0 * embeds.float().sum()
    return torch.zeros_like(like).index_copy(0, rows, embeds.float())


def _caption_ids(batch: Mapping[str, Tensor], has_text: Tensor) -> Tensor:
    """(B,) ids of captions: the batch's own, else a hash of the caption's tokens or features."""
    num_clips = has_text.shape[0]
    if batch.get("caption_ids") is not None:
        return batch["caption_ids"].to(torch.int64)
    if batch.get("input_ids") is not None:
        ids = hash_rows(batch["input_ids"], batch.get("attention_mask"))
    elif batch.get("text_embeds") is not None:
        ids = hash_rows(batch["text_embeds"])
    else:
        ids = torch.zeros(num_clips, dtype=torch.int64, device=has_text.device)
    if ids.shape[0] != num_clips:
        rows = has_text.nonzero().squeeze(1)
        ids = torch.zeros(num_clips, dtype=torch.int64, device=has_text.device).index_copy(0, rows, ids)
    return ids
