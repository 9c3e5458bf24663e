# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a model says about many clips: class scores, also over several views of each clip, and embeddings.

Axes: N clips, K classes, D embedding size, T frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from ..processing.augmentation import mirror as mirrored
from ..processing.feature_extraction_tmor import InvisibleClipError
from ..processing.skeletons import Skeletons


def predict_logits(
    model: Any,
    feature_extractor: Any,
    clips: Sequence[Any],
    *,
    batch_size: int = 64,
    num_views: int = 1,
    view_share: float = 0.8,
    mirror: bool = False,
    progress: bool = False,
) -> np.ndarray:
    """Scores of the classes for each clip.

    With several views, each clip is seen `num_views` times through a window of `view_share` of its frames, at even
    distances from its start to its end, and (with `mirror`) each of them mirrored too. Their softmax probabilities are
    averaged, and the logarithm of the mean is given, so that its softmax is that mean.

    Args:
        model: A classifier such as `TMorForSkeletonActionClassification`.
        feature_extractor: Its `TMorFeatureExtractor`.
        clips: `Skeletons`, or objects with such `skeletons`.
        batch_size: Views that go through the model at once.
        num_views: Views of each clip in time; 1 takes the whole clip.
        view_share: Share of the frames that a view shows.
        mirror: Look at the mirror image of each view, too; not for classes that say left or right.
        progress: Show a bar.

    Returns:
        (N, K) float32: logits, or logarithms of mean probabilities if there are several views.

    Raises:
        ValueError: If there are no clips, or an option is out of its range.
    """
    if num_views < 1 or not 0 < view_share <= 1:
        raise ValueError(
            f"expected num_views of at least 1 and view_share in (0, 1], got {num_views} and {view_share}"
        )
    views: list[Skeletons] = []
    for clip in _poses(clips):
        own = [clip] if num_views == 1 else _windows(clip, num_views, view_share)
        views += own + [mirrored(view) for view in own] if mirror else own
    logits = _run(lambda inputs: model(**inputs).logits, model, feature_extractor, views, batch_size, progress)
    count = len(views) // len(clips)
    if count == 1:
        return logits
    logits = logits.reshape(len(clips), count, -1).astype(np.float64)
    log_probabilities = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    return (np.logaddexp.reduce(log_probabilities, axis=1) - np.log(count)).astype(np.float32)


def embed_clips(
    model: Any,
    feature_extractor: Any,
    clips: Sequence[Any],
    *,
    features: str = "pooled",
    batch_size: int = 64,
    progress: bool = False,
) -> np.ndarray:
    """The embedding of each clip.

    Args:
        model: Any model of this package that takes skeletons.
        feature_extractor: Its `TMorFeatureExtractor`.
        clips: `Skeletons`, or objects with such `skeletons`.
        features: ``"pooled"``, the mean of the encoder's tokens; or ``"projected"``, the embedding of unit length in
            the space shared with text and video.
        batch_size: Clips that go through the model at once.
        progress: Show a bar.

    Returns:
        (N, D) float32.

    Raises:
        ValueError: If there are no clips, `features` is another, or the model has no projection.
    """
    import torch

    projection = getattr(model, "skeleton_projection", None)
    if features not in ("pooled", "projected") or (features == "projected" and projection is None):
        raise ValueError(
            f"expected features 'pooled', or 'projected' of a model with a projection, got {features!r} of "
            f"{type(model).__name__}"
        )
    encoder = getattr(model, "skeleton_model", model)

    def embed(inputs: dict[str, Any]) -> Any:
        pooled = encoder(**inputs).pooler_output
        return pooled if features == "pooled" else torch.nn.functional.normalize(projection(pooled).float(), dim=-1)

    return _run(embed, model, feature_extractor, _poses(clips), batch_size, progress)


def embed_texts(model: Any, tokenizer: Any, texts: Sequence[str], *, batch_size: int = 128) -> np.ndarray:
    """The embedding of each text in the space shared with skeletons.

    Args:
        model: A model with a text tower, such as `TMorModel`.
        tokenizer: The tokenizer of that tower.
        texts: The texts.
        batch_size: Texts that go through the model at once.

    Returns:
        (N, D) float32 of unit length.

    Raises:
        ValueError: If there are no texts.
    """
    import torch

    if not len(texts):
        raise ValueError("expected at least one text, got none")
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    embeds = []
    try:
        with torch.inference_mode():
            for start in range(0, len(texts), batch_size):
                chunk = list(texts[start : start + batch_size])
                tokens = tokenizer(chunk, padding=True, truncation=True, return_tensors="pt").to(device)
                features = model.get_text_features(**tokens).pooler_output.float()
                embeds.append(torch.nn.functional.normalize(features, dim=-1).cpu().numpy())
    finally:
        model.train(was_training)
    return np.concatenate(embeds)


def _poses(clips: Sequence[Any]) -> list[Skeletons]:
    if not len(clips):
        raise ValueError("expected at least one clip, got none")
    return [clip if isinstance(clip, Skeletons) else clip.skeletons for clip in clips]


def _windows(clip: Skeletons, count: int, share: float) -> list[Skeletons]:
    """Views of equal length whose starts are spread evenly; the whole clip in the place of one that shows no joint."""
    length = max(round(share * clip.num_frames), 1)
    starts = np.linspace(0, clip.num_frames - length, count).round().astype(int)
    is_seen = clip.to_layout().valid.any(axis=(1, 2))
    views = []
    for start in starts:
        frames = slice(start, start + length)
        views.append(clip.select_frames(frames) if is_seen[frames].any() else clip)
    return views


def _run(
    forward: Callable[[dict[str, Any]], Any],
    model: Any,
    feature_extractor: Any,
    clips: list[Skeletons],
    batch_size: int,
    progress: bool,
) -> np.ndarray:
    """(N, ...) float32 output of a function of the model's inputs, with the model in evaluation mode.

    Clips of like length go together, so that few frames are padding.
    """
    import torch

    order = np.argsort([-clip.num_frames for clip in clips], kind="stable")
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    outputs = []
    try:
        with torch.inference_mode(), tqdm(total=len(clips), unit="clip", disable=not progress) as bar:
            for chunk in _chunks(order, batch_size):
                try:
                    inputs = feature_extractor([clips[index] for index in chunk], return_tensors="pt")
                except InvisibleClipError as error:
                    raise InvisibleClipError(int(chunk[error.index])) from None
                outputs.append(forward({name: value.to(device) for name, value in inputs.items()}).float().cpu())
                bar.update(len(chunk))
    finally:
        model.train(was_training)
    result = torch.cat(outputs).numpy()
    restored = np.empty_like(result)
    restored[order] = result
    return restored


def _chunks(order: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (order[start : start + size] for start in range(0, len(order), size))


__all__ = ["embed_clips", "embed_texts", "predict_logits"]
