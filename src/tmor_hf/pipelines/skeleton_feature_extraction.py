# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pipeline "skeleton-feature-extraction": embeddings of clips, for retrieval, clustering, k-NN and linear probes.

Axes: M people, N tubelets (short spans of frames), P body parts, H hidden size, D projection.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import normalize
from transformers.pipelines.base import build_pipeline_init_args
from transformers.utils import add_end_docstrings

from .base import CLIP_DOCSTRING, ModelInputs, SkeletonPipeline, clip_parameters, stack_clips

_FEATURES = ("projected", "pooled", "tokens")
_RETURN_TENSORS = (True, False, "pt", "np")


@add_end_docstrings(build_pipeline_init_args(has_feature_extractor=True))
class SkeletonFeatureExtractionPipeline(SkeletonPipeline):
    """
    Skeleton feature extraction pipeline using any model of this package. Of a contrastive checkpoint it loads the
    skeleton tower and its projection only.

    Example:

    ```python
    >>> import tmor_hf
    >>> from transformers import pipeline

    >>> extractor = pipeline("skeleton-feature-extraction", model="path/to/a/model")
    >>> embeddings = extractor(clips, layout="smpl22", return_tensors="np", batch_size=8)  # clips: a list
    >>> embeddings[0].shape  # (D,), of unit length: the dot product is the cosine similarity
    (256,)
    ```

    This pipeline can be loaded from [`pipeline`] using the task identifier `"skeleton-feature-extraction"`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        tower = getattr(self.model, "skeleton_model", self.model)
        if getattr(tower, "main_input_name", None) != "keypoints":
            raise TypeError(f"expected a T-MOR model, such as TMorModel, got {type(self.model).__name__}")

    @add_end_docstrings(CLIP_DOCSTRING)
    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """
        Extract the features of the clip(s) passed as inputs.

        Return:
            The features of a clip as (nested) lists of `float`, a tensor or an array; for several clips a list of
            them. With `per_person=True`, a list of them for each clip, `None` for a person slot without any visible
            joint.

        Args:
            features (`str`, *optional*):
                Which features to return:

                - `"projected"`: (D,) embedding of unit length in the space shared with text and video; the default for
                  models that have that projection,
                - `"pooled"`: (H,) mean of the tokens of the encoder; the default for the others,
                - `"tokens"`: (M, N, P, H) the tokens themselves, for each person, tubelet and body part.
            return_tensors (`bool` or `str`, *optional*, defaults to `False`):
                `True` or `"pt"` for a torch tensor, `"np"` for a numpy array, `False` for nested lists.
        """
        return super().__call__(inputs, **kwargs)

    def _sanitize_parameters(
        self,
        features=None,
        return_tensors=None,
        layout=None,
        scores=None,
        fps=None,
        image_size=None,
        up_axis=None,
        per_person=None,
    ):
        preprocess_params = clip_parameters(
            layout=layout, scores=scores, fps=fps, image_size=image_size, up_axis=up_axis, per_person=per_person
        )
        if features is not None and features not in _FEATURES:
            raise ValueError(f"expected features as one of {_FEATURES}, got {features!r}")
        if return_tensors is not None and return_tensors not in _RETURN_TENSORS:
            raise ValueError(f"expected return_tensors as one of {_RETURN_TENSORS}, got {return_tensors!r}")
        postprocess_params = clip_parameters(return_tensors=return_tensors, per_person=per_person)
        return preprocess_params, clip_parameters(features=features), postprocess_params

    def _forward_clips(
        self, clips: list[ModelInputs], features: str | None = None
    ) -> torch.Tensor | list[torch.Tensor]:
        projection = getattr(self.model, "skeleton_projection", None)
        is_projected = projection is not None or "skeleton_embeds" in self._exported_outputs()
        if features is None:
            features = "projected" if is_projected else "pooled"
        if features == "projected" and not is_projected:
            raise ValueError(
                f"expected a model with a projection for features='projected', got {type(self.model).__name__}; "
                "use features='pooled', or a contrastive checkpoint"
            )
        tower = getattr(self.model, "skeleton_model", self.model)
        outputs = tower(**stack_clips(clips))
        if features == "tokens":
            return self._split_tokens(outputs.last_hidden_state, clips)
        if features == "pooled":
            return outputs.pooler_output
        return outputs.skeleton_embeds if projection is None else normalize(projection(outputs.pooler_output), dim=-1)

    def _exported_outputs(self) -> list[str]:
        """What a model in ONNX computes; nothing of one in PyTorch."""
        return getattr(self.model.config, "output_names", None) or []

    def _split_tokens(self, tokens: torch.Tensor, clips: list[ModelInputs]) -> list[torch.Tensor]:
        """Each clip's own tokens (M, N, P, H), without those of the padding."""
        config = getattr(self.model.config, "skeleton_config", self.model.config)
        sizes = [clip["joint_mask"].shape[1:3] for clip in clips]  # frames and people
        most_people = max(people for _, people in sizes)
        tokens = tokens.unflatten(1, (most_people, -1, len(config.body_parts)))
        return [
            clip_tokens[:people, : -(-frames // config.tubelet_size)]
            for clip_tokens, (frames, people) in zip(tokens, sizes, strict=True)
        ]

    def postprocess(
        self, model_outputs: dict[str, list], return_tensors: bool | str = False, per_person: bool = False
    ) -> Any:
        results = [
            None if features is None else _as_returned(features, return_tensors)
            for features in model_outputs["results"]
        ]
        return results if per_person else results[0]


def _as_returned(features: torch.Tensor, return_tensors: bool | str) -> Any:
    if return_tensors in (True, "pt"):
        return features
    return features.float().numpy() if return_tensors == "np" else features.tolist()
