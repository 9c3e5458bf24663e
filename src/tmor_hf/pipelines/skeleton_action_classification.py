# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pipeline "skeleton-action-classification": the action of a clip out of the classes a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.pipelines.base import build_pipeline_init_args
from transformers.utils import add_end_docstrings

from .base import CLIP_DOCSTRING, ModelInputs, SkeletonPipeline, clip_parameters, stack_clips

_FUNCTIONS = ("softmax", "sigmoid", "none")
_DEFAULT_FUNCTIONS = {"regression": "none", "multi_label_classification": "sigmoid"}  # by problem type


@add_end_docstrings(build_pipeline_init_args(has_feature_extractor=True))
class SkeletonActionClassificationPipeline(SkeletonPipeline):
    """
    Skeleton action classification pipeline using any `AutoModelForVideoClassification` of this package. It predicts
    the action in a clip of skeletons out of the classes of the model.

    Example:

    ```python
    >>> import tmor_hf
    >>> from transformers import pipeline

    >>> classifier = pipeline("skeleton-action-classification", model="path/to/a/fine-tuned/model")
    >>> classifier(keypoints, layout="ntu25", top_k=2)  # keypoints: an array (T, V, C) or (T, M, V, C)
    [{'label': 'drink water', 'score': 0.91}, {'label': 'eat meal', 'score': 0.05}]

    >>> classifier(keypoints, layout="ntu25", per_person=True, top_k=1)
    [[{'label': 'handshake', 'score': 0.83}], [{'label': 'handshake', 'score': 0.79}]]
    ```

    With `adapters=`, such as a [`tmor_hf.few_shot.AdapterBank`], each call can choose one by its name, and answers
    with the classes that it was made for; those that the bank gets later count, too:

    ```python
    >>> classifier = pipeline("skeleton-action-classification", bank["gym"], adapters=bank, feature_extractor=...)
    >>> classifier(keypoints, layout="ntu25", adapter="kitchen", top_k=1)
    [{'label': 'stirring', 'score': 0.77}]
    ```

    This pipeline can be loaded from [`pipeline`] using the task identifier `"skeleton-action-classification"`.
    """

    def __init__(self, *, adapters: Mapping[str, PreTrainedModel] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.adapters = {} if adapters is None else adapters  # not a copy: an AdapterBank may get others later
        is_exported = hasattr(self.model.config, "exported_task")  # for this task, which the base has checked
        if not hasattr(self.model, "classifier") and not is_exported:
            raise TypeError(
                "expected a model with a classification head, such as TMorForSkeletonActionClassification, got "
                f"{type(self.model).__name__}; fine-tune one, or name classes freely with the task "
                "'zero-shot-skeleton-action-classification'"
            )

    @add_end_docstrings(CLIP_DOCSTRING)
    def __call__(self, inputs: Any, **kwargs: Any) -> list[dict[str, Any]] | list[list[dict[str, Any]]]:
        """
        Assign labels to the clip(s) passed as inputs.

        Return:
            A list of dictionaries `{"label", "score"}`, best first, for a clip; a list of such lists for several. With
            `per_person=True`, a list of them for each clip, empty for a person slot without any visible joint.

        Args:
            top_k (`int`, *optional*, defaults to 5):
                How many labels to return, at most the number of labels of the model.
            function_to_apply (`str`, *optional*):
                What turns logits into scores: `"softmax"`, `"sigmoid"` or `"none"`. By default what the model's
                `problem_type` asks for: `"sigmoid"` for multi-label classification, `"none"` for regression, otherwise
                `"softmax"`.
            adapter (`str`, *optional*):
                Name of the one of `adapters` that is to answer, in place of the pipeline's model.
        """
        return super().__call__(inputs, **kwargs)

    def _sanitize_parameters(
        self,
        top_k=None,
        function_to_apply=None,
        layout=None,
        scores=None,
        fps=None,
        image_size=None,
        up_axis=None,
        per_person=None,
        adapter=None,
    ):
        preprocess_params = clip_parameters(
            layout=layout, scores=scores, fps=fps, image_size=image_size, up_axis=up_axis, per_person=per_person
        )
        if top_k is not None and top_k < 1:
            raise ValueError(f"expected top_k of at least 1, got {top_k}")
        if function_to_apply is not None and function_to_apply not in _FUNCTIONS:
            raise ValueError(f"expected function_to_apply as one of {_FUNCTIONS}, got {function_to_apply!r}")
        if adapter is not None:
            if adapter not in self.adapters:
                known = ", ".join(self.adapters) or "(none; pass adapters= to the pipeline)"
                raise ValueError(f"expected an adapter out of {known}, got {adapter!r}")
            self.adapters[adapter].to(device=self.device, dtype=self.model.dtype)  # it may have joined since
        postprocess_params = clip_parameters(
            top_k=top_k, function_to_apply=function_to_apply, per_person=per_person, adapter=adapter
        )
        return preprocess_params, clip_parameters(adapter=adapter), postprocess_params

    def _classifier(self, adapter: str | None) -> PreTrainedModel:
        return self.model if adapter is None else self.adapters[adapter]

    def _forward_clips(self, clips: list[ModelInputs], adapter: str | None = None) -> torch.Tensor:
        return self._classifier(adapter)(**stack_clips(clips)).logits

    def postprocess(
        self,
        model_outputs: dict[str, list],
        top_k: int = 5,
        function_to_apply: str | None = None,
        per_person: bool = False,
        adapter: str | None = None,
    ) -> list:
        config = self._classifier(adapter).config
        apply = function_to_apply or _DEFAULT_FUNCTIONS.get(config.problem_type, "softmax")
        results = [
            [] if logits is None else self._name(logits, config.id2label, apply, top_k)
            for logits in model_outputs["results"]
        ]
        return results if per_person else results[0]

    @staticmethod
    def _name(logits: torch.Tensor, names: Mapping[int, str], apply: str, top_k: int) -> list[dict[str, Any]]:
        logits = logits.float()
        scores = {"softmax": lambda: logits.softmax(-1), "sigmoid": logits.sigmoid, "none": lambda: logits}[apply]()
        best = scores.topk(min(top_k, len(scores)))
        return [
            {"label": names[index], "score": score}
            for score, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]
