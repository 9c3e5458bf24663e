# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A tiny model, data set and trainer for the tests of training."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor
from transformers import CLIPTextConfig, VideoMAEConfig

from tmor_hf import TMorConfig, TMorModel, TMorSkeletonConfig
from tmor_hf.training import ContrastiveTrainer, ContrastiveTrainingArguments

NUM_CAPTIONS = 6


def tiny_model(with_video: bool = False, loss: str = "infonce", dropout: float = 0.0) -> TMorModel:
    """A three- or two-tower model of some 50,000 parameters, the same at each call."""
    text = CLIPTextConfig(
        vocab_size=50,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        attention_dropout=dropout,
    )
    video = VideoMAEConfig(
        image_size=16,
        patch_size=8,
        num_frames=2,
        tubelet_size=2,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
    )
    skeleton = TMorSkeletonConfig.tiny(hidden_dropout_prob=dropout)
    config = TMorConfig(
        skeleton_config=skeleton,
        text_config=text,
        video_config=video if with_video else None,
        projection_dim=16,
        contrastive_loss=loss,
    )
    torch.manual_seed(0)
    return TMorModel(config)


class TinyClips:
    """Clips of random poses with one of a few captions; the pose depends on (epoch, index), as augmentation would.

    Args:
        num_clips: length.
        video_of: which indices have a video; None for clips without the modality.
    """

    def __init__(self, num_clips: int, video_of: range | None = None):
        self.num_clips = num_clips
        self.video_of = video_of
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self.num_clips

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = torch.Generator().manual_seed(1000 * self.epoch + index)
        caption = index % NUM_CAPTIONS
        words = torch.tensor([1, 5 + caption, 20 + caption, 2, 0])
        item = {
            "keypoints": torch.randn(9, 1, 22, 3, generator=rng),
            "joint_mask": torch.rand(9, 1, 22, generator=rng) > 0.1,
            "depth_mask": torch.full((9,), index % 3 != 0),
            "input_ids": words,
            "attention_mask": words != 0,
            "caption_features": torch.tensor([1.0, caption // 2, caption // 4]),
        }
        if self.video_of is not None:
            item["has_video"] = torch.tensor(index in self.video_of)
            item["pixel_values_videos"] = torch.randn(2, 3, 16, 16, generator=rng)
        return item


def collate(items: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Stacks items of equal shapes."""
    return {name: torch.stack([item[name] for item in items]) for name in items[0]}


def batch_of(indices: range, video_of: range | None = None) -> dict[str, Tensor]:
    """The batch of some clips."""
    clips = TinyClips(1000, video_of)
    return collate([clips[index] for index in indices])


def tiny_trainer(output_dir: Path | str, model: TMorModel | None = None, num_clips: int = 22, **kwargs):
    """A trainer that logs each step; `kwargs` go to the arguments, except the trainer's own."""
    own = {name: kwargs.pop(name) for name in ("evaluate", "processor") if name in kwargs}
    clips = kwargs.pop("clips", None) or TinyClips(num_clips)
    options = {"batch_size": 4, "num_epochs": 2, "logging_steps": 1, "save_steps": 0, "cpu": True}
    options.update(progress_bar=False, text_lr_scale=1.0, video_lr_scale=1.0)
    args = ContrastiveTrainingArguments(output_dir=str(output_dir), **{**options, **kwargs})
    return ContrastiveTrainer(model or tiny_model(), args, clips, collate, **own)


def logged(output_dir: Path | str) -> list[dict[str, float]]:
    """Lines of the log, without what depends on the speed of the machine."""
    lines = (Path(output_dir) / "train_log.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return [{k: v for k, v in record.items() if k != "clips_per_second"} for record in records]
