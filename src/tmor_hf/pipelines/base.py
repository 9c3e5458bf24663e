# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What the pipelines on skeletons share: reading a clip, splitting it by person, batching ragged clips, saving.

The stock collation of transformers pads one axis, but clips differ in frames *and* in people. `preprocess` therefore
hands over the clips as lists, which that collation leaves alone, and `_forward` pads them to one batch.

Axes: N clips in a batch, T frames, M people, V joints, C coordinates.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers.pipelines.base import Pipeline

from ..processing.joint_layouts import JointLayout
from ..processing.skeletons import Skeletons

_BACKENDS = ("torch", "onnx")
ModelInputs = Mapping[str, torch.Tensor]

CLIP_DOCSTRING = r"""
        inputs (`np.ndarray`, `torch.Tensor`, `dict`, `Skeletons`, `str`, `Path`, or many of them):
            One clip, or a list, a generator or a `Dataset` (such as `KeyDataset`) of clips. A clip is

            - an array `(T, V, C)` or `(T, M, V, C)`: T frames, M people, V joints, C = 2 or 3 coordinates,
            - a dict with `keypoints` and, if known, the other fields of [`Skeletons`],
            - a [`Skeletons`] object,
            - a path to a file of any format that `tmor_hf.io.read_skeletons` knows.
        layout (`str` or `JointLayout`, *optional*):
            The joint layout of clips that do not say theirs (arrays, `.npy` files), such as `"ntu25"` or `"coco17"`.
        scores (`np.ndarray`, *optional*):
            Confidences `(T, V)` or `(T, M, V)` of a single array. For many clips put them into dicts.
        fps (`float`, *optional*):
            Frames per second of clips that do not say theirs.
        image_size (`tuple[int, int]`, *optional*):
            `(height, width)` in pixels of 2D clips that do not say theirs.
        up_axis (`str`, *optional*):
            The axis that points up (`"y"`, `"-y"`, `"z"`, ...) in clips that do not say theirs.
        per_person (`bool`, *optional*, defaults to `False`):
            Whether to give one result for each person slot of a clip, in the order of the slots, in place of one for
            the clip. Each person is then seen alone.
        batch_size (`int`, *optional*, defaults to 1):
            How many clips run through the model at once. It changes the speed, not the results."""


class SkeletonPipeline(Pipeline):
    """Base of the pipelines that take clips of skeletons.

    A subclass implements `_forward_clips`, which gives one result for each clip of a batch, and `postprocess`, which
    receives the results of one input under `"results"`: one, or one for each person slot, `None` for an empty slot.
    """

    _load_processor = False
    _load_image_processor = False
    _load_video_processor = False
    _load_feature_extractor = True
    _load_tokenizer = False

    def __init__(self, *, backend: str = "torch", **kwargs: Any) -> None:
        """Makes a pipeline.

        Args:
            backend: `"onnx"` runs the skeleton encoder with ONNX Runtime on the CPU; it needs the extra `onnx`. A
                model that was exported already runs so in any case.
            kwargs: As of the stock pipeline.

        Raises:
            TypeError: If the model was exported for another task, or cannot run in ONNX.
            ValueError: If `backend` is another.
        """
        if backend not in _BACKENDS:
            raise ValueError(f"expected backend as one of {_BACKENDS}, got {backend!r}")
        super().__init__(**kwargs)
        exported_task = getattr(self.model.config, "exported_task", None)
        if exported_task not in (None, self.task):
            raise TypeError(
                f"expected a model for the task {self.task!r}, got one that was exported for {exported_task!r}; "
                "export the checkpoint again, or choose that task"
            )
        if backend == "onnx":
            from ..export import with_onnx_encoder  # an extra, so not at import

            self.model = with_onnx_encoder(self.model)

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        if isinstance(inputs, tuple):
            inputs = list(inputs)
        if isinstance(inputs, (list, Dataset)) and hasattr(inputs, "__len__") and len(inputs) == 0:
            return []
        return super().__call__(inputs, **kwargs)

    def preprocess(self, inputs: Any, per_person: bool = False, **clip_options: Any) -> dict[str, list]:
        """Reads one clip and turns it into model inputs.

        Returns:
            `clips`: a list with one set of model inputs of batch size 1, or with one for each person slot, `None` for
            an empty slot.

        Raises:
            TypeError: If `inputs` is no clip.
            ValueError: If the clip cannot be read.
        """
        clip = read_clip(inputs, clip_options.get("layout"))
        if not per_person:
            return {"clips": [self._extract(clip, **clip_options)]}
        people = self.feature_extractor.split_people(clip, **clip_options)
        if all(person is None for person in people):
            return {"clips": [self._extract(clip, **clip_options)]}  # raises, and says what is wrong with the clip
        return {"clips": [None if person is None else self._extract(person) for person in people]}

    def _extract(self, clip: Any, **clip_options: Any) -> ModelInputs:
        # In float32 whatever the type of the model, which rounds by itself: that of recordings centres windows before.
        return self.feature_extractor(clip, return_tensors="pt", **clip_options)

    def _forward(self, model_inputs: Mapping[str, list], **forward_params: Any) -> dict[str, list]:
        items = model_inputs["clips"]
        is_batched = isinstance(items[0], list)
        items = items if is_batched else [items]
        clips = [clip for item in items for clip in item if clip is not None]
        found = iter(self._forward_clips(clips, **forward_params))
        results = [[None if clip is None else next(found) for clip in item] for item in items]
        return {"results": results if is_batched else results[0]}

    def _forward_clips(self, clips: list[ModelInputs], **forward_params: Any) -> Iterable[torch.Tensor]:
        """One result for each of N sets of model inputs of batch size 1; `stack_clips` makes one batch of them."""
        raise NotImplementedError("_forward_clips not implemented")

    def save_pretrained(self, save_directory: str | os.PathLike, **kwargs: Any) -> None:
        """Saves the model and its processor or feature extractor: `pipeline(task, model=save_directory)` loads them.

        The stock method also copies the pipeline's code and marks the task as custom code of that folder, after which
        it loads with `trust_remote_code=True` only. These pipelines come with the package, so nothing is copied.

        Args:
            save_directory: Folder to write to; it is created.
            kwargs: Passed to each `save_pretrained`, such as `push_to_hub=True`.

        Raises:
            ValueError: If `save_directory` is a file.
        """
        if os.path.isfile(save_directory):
            raise ValueError(f"expected a folder to save to, got the file {save_directory}")
        self.model.save_pretrained(save_directory, **kwargs)
        saved = self.processor if self.processor is not None else self.feature_extractor
        saved.save_pretrained(save_directory, **kwargs)


def clip_parameters(**options: Any) -> dict[str, Any]:
    """The options of a call that were given, for `preprocess`."""
    return {name: value for name, value in options.items() if value is not None}


def read_clip(inputs: Any, layout: str | JointLayout | None) -> Any:
    """The clip itself, or what the file at its path holds.

    Raises:
        TypeError: If it is no clip.
        ValueError: If its file cannot be read.
    """
    if isinstance(inputs, (str, Path)):
        from ..io import read_skeletons  # not needed for arrays, so not at import

        # Every other format says its layout itself.
        return read_skeletons(inputs, **({"layout": layout} if str(inputs).lower().endswith(".npy") else {}))
    if isinstance(inputs, (np.ndarray, torch.Tensor, Mapping, Skeletons)):
        return inputs
    cure = "pass np.asarray(clip) for a clip" if isinstance(inputs, (list, tuple)) else "load it as one of these first"
    raise TypeError(
        "expected a clip as an array (T, V, C) or (T, M, V, C), a tensor, a dict, Skeletons, or a path to a saved "
        f"clip, got {type(inputs).__name__}; {cure}"
    )


def stack_clips(clips: list[ModelInputs]) -> dict[str, torch.Tensor]:
    """Pads model inputs of batch size 1 with zeros (masks: False) to common sizes, and stacks them."""
    return {name: _stack([clip[name][0] for clip in clips]) for name in clips[0]}


def _stack(tensors: list[torch.Tensor]) -> torch.Tensor:
    shape = [max(sizes) for sizes in zip(*(tensor.shape for tensor in tensors), strict=True)]
    batch = tensors[0].new_zeros(len(tensors), *shape)
    for row, tensor in zip(batch, tensors, strict=True):
        row[tuple(slice(size) for size in tensor.shape)] = tensor
    return batch
