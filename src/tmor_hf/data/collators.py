# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Items of a `ContrastiveDataset` to the batches that `ContrastiveTrainer` takes.

Axes: B clips, L tokens, F video frames, E size of the text tower's features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import torch

from .contrastive import ContrastiveItem


class ContrastiveCollator:
    """Makes a batch of a list of items; the feature extractor and the tokenizer run once for the whole batch.

    Args:
        feature_extractor: A `TMorFeatureExtractor`.
        tokenizer: Tokenizer of the text tower; not needed if `caption_features` are given.
        caption_features: Caption -> (E,) pooled features of a locked text tower, see `encode_captions`. They take the
            place of tokens, so that the text tower does not run in training.
        video_shape: (F, height, width) of the videos that a video tower takes; None leaves videos out. A batch in
            which no clip has a video gets zeros, with `has_video` False: every process must see the same inputs.

    Raises:
        ValueError: If neither tokenizer nor caption features are given.
    """

    def __init__(
        self,
        feature_extractor: Any,
        tokenizer: Any = None,
        caption_features: Mapping[str, torch.Tensor] | None = None,
        video_shape: tuple[int, int, int] | None = None,
    ):
        if tokenizer is None and caption_features is None:
            raise ValueError("expected a tokenizer or caption_features, got neither")
        self.feature_extractor = feature_extractor
        self.tokenizer = tokenizer
        self.caption_features = caption_features
        self.video_shape = video_shape
        self._known_tokens: dict[str, np.ndarray] = {}  # caption -> (inputs, L)

    def __call__(self, items: Sequence[ContrastiveItem]) -> dict[str, torch.Tensor]:
        """The batch.

        Returns:
            `keypoints`, `joint_mask`, `frame_mask`, `depth_mask` of the feature extractor; `caption_ids` (B,) int64,
            equal for equal groups; `input_ids` and `attention_mask` (B, L), or `text_embeds` and `caption_features`
            (B, E); with videos, `pixel_values_videos` (clips with a video, F, 3, height, width) and `has_video` (B,).

        Raises:
            KeyError: If a caption has no features.
        """
        batch = dict(self.feature_extractor([item.skeletons for item in items], return_tensors="pt"))
        batch["caption_ids"] = torch.tensor([group_id(item.group) for item in items])
        captions = [item.caption for item in items]
        if self.caption_features is None:
            batch.update(self._tokens(captions))
        else:
            batch["text_embeds"] = torch.stack([self._features(caption) for caption in captions])
            batch["caption_features"] = batch["text_embeds"]
        if self.video_shape is not None:
            batch.update(self._videos(items))
        return batch

    def _tokens(self, captions: list[str]) -> Mapping[str, torch.Tensor]:
        """What the tokenizer gives for the captions, padded; captions that came lately are not tokenized again."""
        tokenizer = self.tokenizer
        padding = {"input_ids": tokenizer.pad_token_id, "attention_mask": 0, "token_type_ids": 0}
        if tokenizer.padding_side != "right" or not set(tokenizer.model_input_names) <= set(padding):
            return tokenizer(captions, padding=True, truncation=True, return_tensors="pt")
        if len(self._known_tokens) > _KEPT_CAPTIONS:
            self._known_tokens.clear()
        new = [caption for caption in dict.fromkeys(captions) if caption not in self._known_tokens]
        if new:
            encoded = tokenizer(new, truncation=True)
            for row, caption in enumerate(new):
                self._known_tokens[caption] = np.array([encoded[name][row] for name in tokenizer.model_input_names])
        rows = [self._known_tokens[caption] for caption in captions]
        names = tokenizer.model_input_names
        tokens = np.empty((len(names), len(rows), max(row.shape[1] for row in rows)), dtype=np.int64)
        tokens[:] = np.array([padding[name] for name in names])[:, None, None]
        for index, row in enumerate(rows):
            tokens[:, index, : row.shape[1]] = row
        return dict(zip(names, torch.from_numpy(tokens), strict=True))

    def _features(self, caption: str) -> torch.Tensor:
        if caption not in self.caption_features:
            raise KeyError(f"no features for the caption {caption!r}; encode ContrastiveDataset.captions() first")
        return self.caption_features[caption]

    def _videos(self, items: Sequence[ContrastiveItem]) -> dict[str, torch.Tensor]:
        videos = [item.video for item in items if item.video is not None]
        for video in videos:
            if video.shape != (*self.video_shape, 3):
                raise ValueError(f"expected videos of shape {(*self.video_shape, 3)}, got {video.shape}")
        has_video = torch.tensor([item.video is not None for item in items])
        if not videos:
            frames, height, width = self.video_shape
            return {"pixel_values_videos": torch.zeros(len(items), frames, 3, height, width), "has_video": has_video}
        pixels = torch.from_numpy(np.stack(videos)).movedim(-1, 2)
        return {"pixel_values_videos": pixels.float() / 127.5 - 1.0, "has_video": has_video}


_KEPT_CAPTIONS = 20_000  # about 20 MB


def group_id(group: str) -> int:
    """A number below 2^63 that stands for a group in every process and every run."""
    return int.from_bytes(blake2b(group.encode(), digest_size=8).digest(), "big") >> 1


@torch.no_grad()
def encode_captions(
    model: torch.nn.Module, tokenizer: Any, captions: Iterable[str], batch_size: int = 256
) -> dict[str, torch.Tensor]:
    """Pooled features of the model's text tower, before the projection, for a locked tower.

    Args:
        model: A `TMorModel`; its text tower runs where it lies.
        tokenizer: The tokenizer of its text tower.
        captions: The texts; each is encoded once.
        batch_size: Texts encoded at once, those of like length together.

    Returns:
        Caption -> (E,) float32 on the CPU.
    """
    was_training = model.training
    model.eval()
    device = next(model.text_model.parameters()).device
    texts = sorted(dict.fromkeys(captions), key=len)
    features: dict[str, torch.Tensor] = {}
    for start in range(0, len(texts), batch_size):
        chunk = texts[start : start + batch_size]
        tokens = tokenizer(chunk, padding=True, truncation=True, return_tensors="pt").to(device)
        outputs = model.text_model(**tokens, return_dict=True)
        pooled = model.pool_text(outputs, tokens["attention_mask"]).float().cpu()
        features.update(zip(chunk, pooled, strict=True))
    model.train(was_training)
    return features


__all__ = ["ContrastiveCollator", "encode_captions", "group_id"]
