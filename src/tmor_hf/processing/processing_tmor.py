# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Processor: one object that prepares skeletons, texts and videos for `TMorModel`."""

from __future__ import annotations

from typing import Any

from transformers import AutoImageProcessor
from transformers.feature_extraction_utils import BatchFeature
from transformers.image_processing_base import ImageProcessingMixin
from transformers.processing_utils import ProcessingKwargs, ProcessorMixin, TypedDict, Unpack


class SkeletonKwargs(TypedDict, total=False):
    """Arguments of `TMorFeatureExtractor.__call__` for clips that are plain arrays."""

    layout: Any
    scores: Any
    fps: Any
    image_size: Any
    up_axis: Any


class TMorProcessorKwargs(ProcessingKwargs, total=False):
    skeleton_kwargs: SkeletonKwargs


class _KnownKwargs(ProcessingKwargs, total=False):
    """What every transformers 5 merges itself; older ones cannot merge a modality of ours."""

    _defaults = {"text_kwargs": {"padding": True, "truncation": True}}  # older ones read these


class TMorProcessor(ProcessorMixin):
    """A `TMorFeatureExtractor` for skeletons and a tokenizer for texts; with an image processor also for video frames.

    Args:
        feature_extractor: A `TMorFeatureExtractor`.
        tokenizer: The tokenizer of the text tower.
        image_processor: The image processor of the video tower, which prepares every frame. `None`, the default, for
            models without a video tower.
    """

    valid_processor_kwargs = TMorProcessorKwargs
    text_kwargs = _KnownKwargs._defaults["text_kwargs"]
    skeleton_kwargs: SkeletonKwargs = {}

    def __init__(self, feature_extractor=None, tokenizer=None, image_processor=None, **kwargs):
        super().__init__(feature_extractor, tokenizer, **kwargs)
        if image_processor is not None and not isinstance(image_processor, ImageProcessingMixin):
            raise TypeError(f"expected an image processor for `image_processor`, got {type(image_processor).__name__}")
        self.image_processor = image_processor

    def __call__(
        self,
        text: str | list[str] | None = None,
        skeletons: Any = None,
        videos: Any = None,
        **kwargs: Unpack[TMorProcessorKwargs],
    ) -> BatchFeature:
        """Prepares what is given.

        Args:
            text: A text or a list of texts.
            skeletons: A clip or a list of clips, as `TMorFeatureExtractor` takes them.
            videos: A video or a list of videos, each a sequence of frames (frames, height, width, 3). All must have
                the same number of frames.
            **kwargs: `return_tensors` for all of them; `layout`, `scores`, `fps`, `image_size` and `up_axis` of plain
                arrays of keypoints; and the arguments of the tokenizer and the image processor.

        Returns:
            `input_ids`, `attention_mask`, ... of the texts, `keypoints`, `joint_mask`, `frame_mask`, `depth_mask` of
            the clips, and `pixel_values_videos` (number of videos, frames, 3, height, width).

        Raises:
            ValueError: If nothing is given, or videos are given without an image processor.
        """
        if text is None and skeletons is None and videos is None:
            raise ValueError("expected text, skeletons or videos, got none of them")
        clip_kwargs = {**self.skeleton_kwargs, **kwargs.pop("skeleton_kwargs", {})}
        clip_kwargs |= {name: kwargs.pop(name) for name in SkeletonKwargs.__annotations__ if name in kwargs}
        merged = self._merge_kwargs(_KnownKwargs, tokenizer_init_kwargs=self.tokenizer.init_kwargs, **kwargs)
        return_tensors = merged["text_kwargs"].get("return_tensors")
        data: dict[str, Any] = {}
        if text is not None:
            data.update(self.tokenizer(text, **merged["text_kwargs"]))
        if skeletons is not None:
            data.update(self.feature_extractor(skeletons, **{**clip_kwargs, "return_tensors": return_tensors}))
        if videos is not None:
            data["pixel_values_videos"] = self._process_frames(videos, return_tensors, merged["images_kwargs"])
        return BatchFeature(data, tensor_type=return_tensors)

    def _process_frames(self, videos: Any, return_tensors: str | None, kwargs: dict[str, Any]) -> Any:
        """All frames through the image processor at once, then back to (number of videos, frames, ...)."""
        if self.image_processor is None:
            raise ValueError("this processor has no image_processor for videos; build it with one")
        videos = videos if isinstance(videos, (list, tuple)) else [videos]
        lengths = {len(video) for video in videos}
        if len(lengths) != 1:
            raise ValueError(f"expected videos with the same number of frames, got {sorted(lengths)}")
        frames = [frame for video in videos for frame in video]
        pixels = self.image_processor(frames, **{**kwargs, "return_tensors": return_tensors or "np"})["pixel_values"]
        return pixels.reshape(len(videos), lengths.pop(), *pixels.shape[1:])

    @property
    def model_input_names(self) -> list[str]:
        names = [*self.feature_extractor.model_input_names, *self.tokenizer.model_input_names]
        return names + ["pixel_values_videos"] if self.image_processor is not None else names

    # transformers knows no optional sub-processors. The image processor is therefore no declared attribute; `to_dict`
    # writes it into processor_config.json all the same, and it is read back from there.

    @classmethod
    def get_attributes(cls) -> list[str]:
        return ["feature_extractor", "tokenizer"]

    @classmethod
    def _get_arguments_from_pretrained(cls, pretrained_model_name_or_path, processor_dict=None, **kwargs):
        args = super()._get_arguments_from_pretrained(pretrained_model_name_or_path, processor_dict, **kwargs)
        if processor_dict is not None and processor_dict.pop("image_processor", None) is not None:
            args.append(AutoImageProcessor.from_pretrained(pretrained_model_name_or_path, **kwargs))
        return args


__all__ = ["TMorProcessor", "TMorProcessorKwargs"]
