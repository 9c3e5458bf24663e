# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pipeline "zero-shot-skeleton-action-classification": which of some freely worded actions a clip shows.

Axes: N clips in a batch, L labels, P prompt templates, D projection.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import normalize
from transformers.pipelines.base import build_pipeline_init_args
from transformers.utils import add_end_docstrings

from .base import CLIP_DOCSTRING, ModelInputs, SkeletonPipeline, clip_parameters, stack_clips

_TEXT_BATCH = 256  # texts encoded at once: several templates times hundreds of labels would not fit otherwise
_CACHED_LABEL_SETS = 16


@add_end_docstrings(build_pipeline_init_args(has_processor=True))
class ZeroShotSkeletonActionClassificationPipeline(SkeletonPipeline):
    """
    Zero-shot skeleton action classification pipeline using [`TMorModel`]. It says which of the `candidate_labels` a
    clip of skeletons shows; the labels need not have been seen in training.

    The texts of a set of labels are encoded once and kept, so that going through many clips costs the skeleton encoder
    only.

    Example:

    ```python
    >>> import tmor_hf
    >>> from transformers import pipeline

    >>> classifier = pipeline("zero-shot-skeleton-action-classification", model="path/to/a/contrastive/model")
    >>> classifier(keypoints, layout="coco17", candidate_labels=["walking", "sitting down", "throwing a ball"])
    [{'label': 'throwing a ball', 'score': 0.87}, {'label': 'walking', 'score': 0.1}, ...]

    >>> # several prompts for each label are averaged
    >>> classifier(
    ...     keypoints,
    ...     layout="coco17",
    ...     candidate_labels=["walking", "sitting down"],
    ...     hypothesis_template=["a person is {}.", "someone {}", "{}"],
    ... )
    ```

    This pipeline can be loaded from [`pipeline`] using the task identifier
    `"zero-shot-skeleton-action-classification"`.
    """

    # Both if they are there: an exported model has a feature extractor only, a given processor brings its own.
    _load_processor = None
    _load_feature_extractor = None

    def __init__(self, **kwargs: Any) -> None:
        self._label_embeds: OrderedDict[tuple, torch.Tensor] = OrderedDict()
        if hasattr(kwargs["model"].config, "exported_task"):
            kwargs.setdefault("candidate_labels", list(kwargs["model"].config.id2label.values()))
        super().__init__(**kwargs)
        if not self._is_exported and not hasattr(self.model, "get_text_features"):
            raise TypeError(
                f"expected a model with a text tower, such as TMorModel, got {type(self.model).__name__}; a skeleton "
                "model alone knows no words: pass a contrastive checkpoint"
            )
        if not self._is_exported and self.processor is None:
            raise ValueError(
                "expected a processor with the tokenizer of the text tower, got none; pass processor=, or save it "
                "beside the model"
            )

    @property
    def _is_exported(self) -> bool:
        """Whether the texts of the labels are weights of the model, so that it knows these labels and no other."""
        return hasattr(self.model.config, "exported_task")

    @add_end_docstrings(CLIP_DOCSTRING)
    def __call__(self, inputs: Any, **kwargs: Any) -> list[dict[str, Any]] | list[list[dict[str, Any]]]:
        """
        Assign labels to the clip(s) passed as inputs.

        Return:
            A list of dictionaries `{"label", "score"}`, best first, for a clip; a list of such lists for several. With
            `per_person=True`, a list of them for each clip, empty for a person slot without any visible joint. The
            scores are the softmax over the labels, or for a model trained with the sigmoid loss the probability of
            each label on its own.

        Args:
            candidate_labels (`list[str]`):
                The actions to choose from. Of an exported model, all of its labels by default, or some of them.
            hypothesis_template (`str` or `list[str]`, *optional*, defaults to `"a person is {}."`):
                The sentence that a label is put into, at its `{}`; the embeddings of several are averaged. Pass `"{}"`
                for labels that are sentences.
            top_k (`int`, *optional*):
                How many labels to return; all by default.
        """
        return super().__call__(inputs, **kwargs)

    def _sanitize_parameters(
        self,
        candidate_labels=None,
        hypothesis_template=None,
        top_k=None,
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
        if candidate_labels is not None:
            candidate_labels = _check_labels(candidate_labels)
            if self._is_exported and not set(candidate_labels) <= set(self.model.config.label2id):
                raise ValueError(
                    f"expected candidate_labels out of those that the model was exported with, "
                    f"{list(self.model.config.id2label.values())}, got {list(candidate_labels)}; export it with others"
                )
        if hypothesis_template is not None:
            if self._is_exported:
                raise ValueError(
                    "expected no hypothesis_template, as the texts of an exported model are fixed, got "
                    f"{hypothesis_template!r}; export it with this template"
                )
            hypothesis_template = _check_templates(hypothesis_template)
        if top_k is not None and top_k < 1:
            raise ValueError(f"expected top_k of at least 1, got {top_k}")
        forward_params = clip_parameters(candidate_labels=candidate_labels, hypothesis_template=hypothesis_template)
        postprocess_params = clip_parameters(candidate_labels=candidate_labels, top_k=top_k, per_person=per_person)
        return preprocess_params, forward_params, postprocess_params

    def _forward_clips(
        self,
        clips: list[ModelInputs],
        candidate_labels: tuple[str, ...] = (),
        hypothesis_template: tuple[str, ...] = ("a person is {}.",),
    ) -> torch.Tensor:
        if not candidate_labels:
            raise ValueError('expected candidate_labels, got none; pass e.g. candidate_labels=["walking", "sitting"]')
        if self._is_exported:
            columns = [self.model.config.label2id[label] for label in candidate_labels]
            return self.model(**stack_clips(clips)).logits[:, columns]
        label_embeds = self.get_label_embeds(candidate_labels, hypothesis_template)
        skeleton_embeds = normalize(self.model.get_skeleton_features(**stack_clips(clips)).pooler_output, dim=-1)
        return self.model.scale_similarity(skeleton_embeds @ label_embeds.t())

    @torch.no_grad()
    def get_label_embeds(self, candidate_labels: Sequence[str], hypothesis_template: Sequence[str]) -> torch.Tensor:
        """The embedding of each label (L, D): the mean over its templates, L2-normalised.

        It is kept until the weights of the model, its device or its dtype change, for the last sets of labels.
        """
        key = (tuple(candidate_labels), tuple(hypothesis_template), self.device, self.dtype, self._weights_version())
        if key in self._label_embeds:
            self._label_embeds.move_to_end(key)
            return self._label_embeds[key]
        texts = [template.format(label) for template in hypothesis_template for label in candidate_labels]
        embeds = [self._encode(texts[start : start + _TEXT_BATCH]) for start in range(0, len(texts), _TEXT_BATCH)]
        by_template = normalize(torch.cat(embeds), dim=-1).unflatten(0, (len(hypothesis_template), -1))
        self._label_embeds[key] = normalize(by_template.mean(0), dim=-1)
        if len(self._label_embeds) > _CACHED_LABEL_SETS:
            self._label_embeds.popitem(last=False)
        return self._label_embeds[key]

    def _encode(self, texts: list[str]) -> torch.Tensor:
        tokens = self.processor(text=texts, return_tensors="pt").to(self.device)
        return self.model.get_text_features(**tokens).pooler_output

    def _weights_version(self) -> int:
        """Grows when an optimizer or `load_state_dict` writes to the parameters."""
        return sum(parameter._version for parameter in self.model.parameters() if not parameter.is_inference())

    def postprocess(
        self,
        model_outputs: dict[str, list],
        candidate_labels: tuple[str, ...] = (),
        top_k: int | None = None,
        per_person: bool = False,
    ) -> list:
        results = [
            [] if logits is None else self._name(logits, candidate_labels, top_k)
            for logits in model_outputs["results"]
        ]
        return results if per_person else results[0]

    def _name(self, logits: torch.Tensor, labels: tuple[str, ...], top_k: int | None) -> list[dict[str, Any]]:
        is_sigmoid = self.model.config.contrastive_loss == "sigmoid"
        scores = logits.float().sigmoid() if is_sigmoid else logits.float().softmax(-1)
        best = scores.topk(min(top_k or len(labels), len(labels)))
        return [
            {"label": labels[index], "score": score}
            for score, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]


def _check_labels(labels: Any) -> tuple[str, ...]:
    if isinstance(labels, str) or not all(isinstance(label, str) for label in labels) or len(labels) == 0:
        raise ValueError(f"expected candidate_labels as a list of at least one string, got {labels!r}")
    return tuple(labels)


def _check_templates(templates: Any) -> tuple[str, ...]:
    templates = (templates,) if isinstance(templates, str) else tuple(templates)
    if not templates or not all("{}" in template for template in templates):
        raise ValueError(
            f"expected hypothesis_template as one or more strings with {{}} for the label, got {list(templates)!r}"
        )
    return templates
