# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pipeline "skeleton-action-classification": the action of a clip out of the classes a model was trained on."""

from __future__ import annotations

from typing import Any

import torch
from transformers.pipelines.base import build_pipeline_init_args
from transformers.utils import add_end_docstrings

from .base import CLIP_DOCSTRING, ModelInputs, SkeletonPipeline, clip_parameters, stack_clips

_FUNCTIONS = ("softmax", "sigmoid", "none")


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

    This pipeline can be loaded from [`pipeline`] using the task identifier `"skeleton-action-classification"`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not hasattr(self.model, "classifier"):
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
    ):
        preprocess_params = clip_parameters(
            layout=layout, scores=scores, fps=fps, image_size=image_size, up_axis=up_axis, per_person=per_person
        )
        if top_k is not None and top_k < 1:
            raise ValueError(f"expected top_k of at least 1, got {top_k}")
        if function_to_apply is not None and function_to_apply not in _FUNCTIONS:
            raise ValueError(f"expected function_to_apply as one of {_FUNCTIONS}, got {function_to_apply!r}")
        postprocess_params = clip_parameters(top_k=top_k, function_to_apply=function_to_apply, per_person=per_person)
        return preprocess_params, {}, postprocess_params

    def _forward_clips(self, clips: list[ModelInputs]) -> torch.Tensor:
        return self.model(**stack_clips(clips)).logits

    def postprocess(
        self,
        model_outputs: dict[str, list],
        top_k: int = 5,
        function_to_apply: str | None = None,
        per_person: bool = False,
    ) -> list:
        apply = function_to_apply or self._default_function()
        results = [[] if logits is None else self._name(logits, apply, top_k) for logits in model_outputs["results"]]
        return results if per_person else results[0]

    def _default_function(self) -> str:
        by_problem = {"regression": "none", "multi_label_classification": "sigmoid"}
        return by_problem.get(self.model.config.problem_type, "softmax")

    def _name(self, logits: torch.Tensor, apply: str, top_k: int) -> list[dict[str, Any]]:
        logits = logits.float()
        scores = {"softmax": lambda: logits.softmax(-1), "sigmoid": logits.sigmoid, "none": lambda: logits}[apply]()
        best = scores.topk(min(top_k, len(scores)))
        names = self.model.config.id2label
        return [
            {"label": names[index], "score": score}
            for score, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]
