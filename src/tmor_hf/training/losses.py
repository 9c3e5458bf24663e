# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Contrastive losses as pure functions of tensors.

Axes: B clips of this process, N clips of all processes (N = B for one process), D projection size. A clip's rows are
`offset ... offset + B` of the N gathered ones. Embeddings are L2-normalised. Every loss is a sum over the local rows
divided by the *global* number of pairs; the sum over processes is therefore the loss of the whole batch, however
unevenly it is split.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

SAME_CAPTION_MODES = ("exclude", "positive")
# Odd multiplier of the 64-bit linear congruential generator of Knuth (MMIX); powers of it tell positions apart.
_HASH_MULTIPLIER = 6364136223846793005


class PairMasks(NamedTuple):
    """What each local clip is to each gathered clip.

    Attributes:
        positives: (B, N) bool, pairs that the loss pulls together. A row without any does not count.
        candidates: (B, N) bool, pairs that take part at all, positives included; the others are left out.
    """

    positives: Tensor
    candidates: Tensor


class LossWeights(NamedTuple):
    """Factors of the three pair losses; a factor of 0 leaves the pair out."""

    skeleton_text: float = 1.0
    skeleton_video: float = 1.0
    video_text: float = 0.0


@dataclass
class ContrastiveEmbeddings:
    """Normalised embeddings of some clips, with what the loss must know of each clip.

    Attributes:
        skeleton: (B, D).
        text: (B, D), zeros where `has_text` is False; None when no loss uses text.
        video: (B, D), zeros where `has_video` is False; None when no loss uses video.
        has_text: (B,) bool.
        has_video: (B,) bool.
        caption_ids: (B,) int64, equal for clips whose captions say the same.
        caption_features: (B, E) embeddings of the captions for the search of near-duplicates, or None.
    """

    skeleton: Tensor
    text: Tensor | None
    video: Tensor | None
    has_text: Tensor
    has_video: Tensor
    caption_ids: Tensor
    caption_features: Tensor | None = None


def hash_rows(rows: Tensor, mask: Tensor | None = None) -> Tensor:
    """One integer per row, equal for rows of equal content; used as caption ids where a data set gives none.

    Args:
        rows: (B, L) token ids or float features.
        mask: (B, L) bool or int, False at padding, which then does not change the result.

    Returns:
        (B,) int64. Different rows collide with a probability of about 2**-64 per pair.
    """
    if rows.is_floating_point():
        rows = rows.contiguous().float().view(torch.int32)
    values = rows.to(torch.int64) + 1
    if mask is not None:
        values = values * mask.to(torch.int64)
    powers = torch.full((rows.shape[1],), _HASH_MULTIPLIER, dtype=torch.int64, device=rows.device).cumprod(0)
    mixed = (values * powers) ^ ((values * powers) >> 29)
    return (mixed * _HASH_MULTIPLIER).sum(dim=1)


def pair_masks(
    local: ContrastiveEmbeddings,
    gathered: ContrastiveEmbeddings,
    offset: int,
    *,
    valid: Tensor,
    all_valid: Tensor,
    same_caption: str = "exclude",
    near_duplicate_threshold: float | None = None,
) -> PairMasks:
    """Tells positives, negatives and pairs that count as neither.

    Clips with the same caption are never negatives of each other. Clips whose captions are near-duplicates (cosine
    similarity of `caption_features` at or over the threshold) are left out of each other's negatives.

    Args:
        local: B clips of this process.
        gathered: N clips of all processes.
        offset: row of `gathered` that is the first local clip.
        valid: (B,) bool, clips that have both modalities of the pair; the others take no part.
        all_valid: (N,) bool, the same of the gathered clips.
        same_caption: "exclude" leaves clips with the same caption out of the denominator, "positive" makes them
            positives that share the target evenly.
        near_duplicate_threshold: cosine similarity in (0, 1], or None for no search.
    """
    if same_caption not in SAME_CAPTION_MODES:
        raise ValueError(f"expected same_caption to be one of {SAME_CAPTION_MODES}, got {same_caption!r}")
    num_local, num_all = valid.shape[0], all_valid.shape[0]
    own = torch.zeros(num_local, num_all, dtype=torch.bool, device=valid.device)
    rows = torch.arange(num_local, device=valid.device)
    own[rows, rows + offset] = True
    both_have_text = local.has_text[:, None] & gathered.has_text[None, :]
    same = (local.caption_ids[:, None] == gathered.caption_ids[None, :]) & both_have_text | own
    positives = same if same_caption == "positive" else own
    left_out = same & ~positives
    if near_duplicate_threshold is not None:
        similar = _cosine_similarity(local, gathered) >= near_duplicate_threshold
        left_out = left_out | (similar & both_have_text & ~same)
    pairs = valid[:, None] & all_valid[None, :]
    return PairMasks(positives=positives & pairs, candidates=~left_out & pairs)


def _cosine_similarity(local: ContrastiveEmbeddings, gathered: ContrastiveEmbeddings) -> Tensor:
    """(B, N) similarities of captions."""
    if local.caption_features is None or gathered.caption_features is None:
        raise ValueError(
            "expected `caption_features` (B, E) in the batch to find near-duplicate captions, got none; "
            "let the data set give them, or set near_duplicate_threshold=None"
        )
    a = F.normalize(local.caption_features.float(), dim=-1)
    b = F.normalize(gathered.caption_features.float(), dim=-1)
    return a @ b.T


def info_nce(
    a: Tensor,
    b: Tensor,
    logit_scale: Tensor,
    *,
    masks: PairMasks | None = None,
    all_a: Tensor | None = None,
    all_b: Tensor | None = None,
    num_pairs: Tensor | int | None = None,
) -> Tensor:
    """Symmetric InfoNCE: each a must find its b, and each b its a (Radford et al. 2021, with masks).

    Args:
        a: (B, D) normalised embeddings.
        b: (B, D) normalised embeddings, row i belongs to row i of `a`.
        logit_scale: logarithm of the inverse temperature, one element.
        masks: positives and candidates; without them the diagonal is positive and the rest negative.
        all_a: (N, D) gathered `a`, by default `a`.
        all_b: (N, D) gathered `b`, by default `b`.
        num_pairs: rows with a positive over all processes, by default the local ones.

    Returns:
        0-d tensor: sum over local rows of the mean of both directions, divided by `num_pairs`.
    """
    all_a = a if all_a is None else all_a
    all_b = b if all_b is None else all_b
    masks = _diagonal(a) if masks is None else masks
    num_pairs = count_pairs(masks) if num_pairs is None else num_pairs
    scale = logit_scale.exp().reshape(())
    forth = _cross_entropy_sum(scale * (a @ all_b.T), masks)
    back = _cross_entropy_sum(scale * (b @ all_a.T), masks)
    return 0.5 * (forth + back) / num_pairs


def sigmoid_loss(
    a: Tensor,
    b: Tensor,
    logit_scale: Tensor,
    logit_bias: Tensor,
    *,
    masks: PairMasks | None = None,
    all_b: Tensor | None = None,
    num_pairs: Tensor | int | None = None,
) -> Tensor:
    """Sigmoid loss: each pair on its own is a match or not (Zhai et al. 2023, with masks).

    Arguments as in `info_nce`; `logit_bias` is added to the scaled similarity. The loss is symmetric in itself.

    Returns:
        0-d tensor: sum over local rows and all candidates, divided by `num_pairs`.
    """
    all_b = b if all_b is None else all_b
    masks = _diagonal(a) if masks is None else masks
    num_pairs = count_pairs(masks) if num_pairs is None else num_pairs
    logits = logit_scale.exp().reshape(()) * (a @ all_b.T) + logit_bias.reshape(())
    signs = masks.positives.to(logits.dtype) * 2 - 1
    return -(F.logsigmoid(signs * logits) * masks.candidates).sum() / num_pairs


def count_pairs(masks: PairMasks) -> Tensor:
    """Number of rows that have a positive, at least 1 so that it can divide."""
    return masks.positives.any(dim=1).sum().clamp(min=1)


def tri_modal_loss(
    local: ContrastiveEmbeddings,
    gathered: ContrastiveEmbeddings,
    offset: int,
    logit_scale: Tensor,
    logit_bias: Tensor | None = None,
    *,
    weights: LossWeights = LossWeights(),  # noqa: B008 (immutable)
    same_caption: str = "exclude",
    near_duplicate_threshold: float | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Weighted sum of the skeleton-text, skeleton-video and video-text losses.

    A pair loss sees only the clips that have both of its modalities: it equals the plain loss of that subset.

    Args:
        local: B clips of this process.
        gathered: N clips of all processes, `local` itself for a single process.
        offset: row of `gathered` that is the first local clip.
        logit_scale: logarithm of the inverse temperature.
        logit_bias: bias of the sigmoid loss; None chooses InfoNCE.
        weights: factors of the pairs.
        same_caption: see `pair_masks`.
        near_duplicate_threshold: see `pair_masks`.

    Returns:
        The local share of the global loss (the shares of all processes add up to it), and the unweighted shares by
        name (`skeleton_text`, ...), detached.
    """
    always = torch.ones_like(local.has_text), torch.ones_like(gathered.has_text)
    text, video = (local.has_text, gathered.has_text), (local.has_video, gathered.has_video)
    pairs = {
        "skeleton_text": (local.skeleton, local.text, gathered.skeleton, gathered.text, always, text),
        "skeleton_video": (local.skeleton, local.video, gathered.skeleton, gathered.video, always, video),
        "video_text": (local.video, local.text, gathered.video, gathered.text, video, text),
    }
    exclusion = {"same_caption": same_caption, "near_duplicate_threshold": near_duplicate_threshold}
    total, parts = logit_scale.new_zeros(()), {}
    for name, (a, b, all_a, all_b, (has_a, all_has_a), (has_b, all_has_b)) in pairs.items():
        weight = getattr(weights, name)
        if weight == 0 or a is None or b is None:
            continue
        valid, all_valid = has_a & has_b, all_has_a & all_has_b
        masks = pair_masks(local, gathered, offset, valid=valid, all_valid=all_valid, **exclusion)
        # Every valid clip is its own positive, so the global number of pairs needs no communication.
        num_pairs = all_valid.sum().clamp(min=1)
        if logit_bias is None:
            part = info_nce(a, b, logit_scale, masks=masks, all_a=all_a, all_b=all_b, num_pairs=num_pairs)
        else:
            part = sigmoid_loss(a, b, logit_scale, logit_bias, masks=masks, all_b=all_b, num_pairs=num_pairs)
        total = total + weight * part
        parts[name] = part.detach()
    return total, parts


def _diagonal(a: Tensor) -> PairMasks:
    """Row i belongs to column i, every other pair is a negative."""
    positives = torch.eye(a.shape[0], dtype=torch.bool, device=a.device)
    return PairMasks(positives, torch.ones_like(positives))


def _cross_entropy_sum(logits: Tensor, masks: PairMasks) -> Tensor:
    """Sum over rows of the cross-entropy with targets spread evenly over the positives."""
    # The lowest finite number instead of -inf: a row without candidates then has a zero, not a NaN, gradient.
    log_probabilities = logits.masked_fill(~masks.candidates, torch.finfo(logits.dtype).min).log_softmax(dim=1)
    targets = masks.positives.to(logits.dtype) / masks.positives.sum(dim=1, keepdim=True).clamp(min=1)
    return -(targets * log_probabilities.masked_fill(~masks.positives, 0.0)).sum()
