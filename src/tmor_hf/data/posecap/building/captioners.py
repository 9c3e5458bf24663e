# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Captions from a model: what the build asks of a captioner, and the one made of transformers' models.

Axes: H, W pixels.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch

from .estimators import resolve_device
from .work_files import model_fingerprint

logger = logging.getLogger(__name__)

DEFAULT_PROMPT = "These are frames of a video, in order. Say in one short sentence what the person does."


class Captioner(Protocol):
    """What describes clips. Any object of this form goes into `build_posecap`.

    It is sent to worker processes, so it must load what it needs at its first call.
    """

    num_frames: int

    @property
    def settings(self) -> Mapping[str, Any]:
        """JSON-able values on which the results depend; other values make the captions be made anew."""

    def __call__(self, clips: Sequence[Sequence[np.ndarray]]) -> list[tuple[str, ...]]:
        """Sentences for each clip, given `num_frames` images (H, W, 3) uint8 RGB of it."""


@dataclass
class TransformersCaptioner:
    """An image-text-to-text model of transformers.

    A model with a chat template sees all frames of a clip at once and gives one caption. One without (BLIP, GIT) sees
    them one by one and gives up to as many, equal ones once. There is no sampling, so a clip has one result.

    Args:
        model: The checkpoint.
        prompt: What to ask; by default a fixed question for chat models and nothing for others.
        num_frames: Frames of a clip that it sees.
        max_tokens: Longest caption in tokens.
        device: As torch names it; ``"auto"`` is the GPU if there is one.
        dtype: Number type of the model.
        batch_size: Images in a forward pass of a model without chat template.
    """

    model: str
    prompt: str | None = None
    num_frames: int = 4
    max_tokens: int = 40
    device: str = "auto"
    dtype: str = "float32"
    batch_size: int = 16
    _model: Any = field(default=None, init=False, repr=False)
    _processor: Any = field(default=None, init=False, repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        names = ("prompt", "num_frames", "max_tokens", "dtype")
        return {"model": model_fingerprint(self.model), **{name: getattr(self, name) for name in names}}

    def __call__(self, clips: Sequence[Sequence[np.ndarray]]) -> list[tuple[str, ...]]:
        if self._model is None:
            self._load()
        if getattr(self._processor, "chat_template", None):
            texts = [[self._ask(clip)] for clip in clips]
        else:
            flat = self._describe([image for clip in clips for image in clip])
            ends = np.cumsum([len(clip) for clip in clips]).tolist()
            texts = [flat[end - len(clip) : end] for clip, end in zip(clips, ends, strict=True)]
        return [tuple(dict.fromkeys(text for text in map(_tidy, found) if text)) for found in texts]

    def _load(self) -> None:
        from transformers import AutoModelForImageTextToText, AutoProcessor

        device, dtype = resolve_device(self.device), getattr(torch, self.dtype)
        self._processor = AutoProcessor.from_pretrained(self.model)
        self._model = AutoModelForImageTextToText.from_pretrained(self.model, dtype=dtype).to(device).eval()
        logger.info("captions by %s, on %s", self.model, device)

    def _ask(self, images: Sequence[np.ndarray]) -> str:
        content = [{"type": "image", "image": _as_picture(image)} for image in images]
        content.append({"type": "text", "text": self.prompt or DEFAULT_PROMPT})
        inputs = self._processor.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        )  # fmt: skip
        tokens = self._generate(inputs)
        return self._processor.decode(tokens[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)

    def _describe(self, images: list[np.ndarray]) -> list[str]:
        texts: list[str] = []
        for start in range(0, len(images), self.batch_size):
            batch = [_as_picture(image) for image in images[start : start + self.batch_size]]
            prompts = {} if self.prompt is None else {"text": [self.prompt] * len(batch)}
            inputs = self._processor(images=batch, return_tensors="pt", **prompts)
            texts += self._processor.batch_decode(self._generate(inputs), skip_special_tokens=True)
        return [_without_prompt(_tidy(text), _tidy(self.prompt or "")) for text in texts]

    @torch.inference_mode()
    def _generate(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        model = self._model
        moved = {
            name: value.to(model.device, model.dtype if value.is_floating_point() else None)
            for name, value in inputs.items()
        }
        return model.generate(**moved, max_new_tokens=self.max_tokens, do_sample=False, num_beams=1).cpu()


def _as_picture(image: np.ndarray) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("captions from a model need pillow: pip install tmor_hf[build]") from error
    return Image.fromarray(image)


def _without_prompt(text: str, prompt: str) -> str:
    """Models without a chat template begin their answer with the prompt, some in lower case."""
    return text[len(prompt) :] if text.lower().startswith(prompt.lower()) else text


def _tidy(text: str) -> str:
    return " ".join(text.split())


__all__ = ["DEFAULT_PROMPT", "Captioner", "TransformersCaptioner"]
