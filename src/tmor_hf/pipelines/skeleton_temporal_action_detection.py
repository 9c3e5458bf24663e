# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pipeline "skeleton-temporal-action-detection": when each action of a recording starts and ends.

Axes: T frames, M people, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from transformers.pipelines.base import build_pipeline_init_args
from transformers.utils import add_end_docstrings

from ..processing.skeletons import Skeletons
from ..processing.temporal_segments import segments_from_labels, segments_from_scores
from .base import CLIP_DOCSTRING, ModelInputs, SkeletonPipeline, clip_parameters, read_clip

_BACKGROUND = "background"


@add_end_docstrings(build_pipeline_init_args(has_feature_extractor=True))
class SkeletonTemporalActionDetectionPipeline(SkeletonPipeline):
    """
    Temporal action detection pipeline using any `AutoModelForSkeletonFrameClassification`. It predicts which actions
    go on in each frame of a recording of any length, and from when to when.

    Example:

    ```python
    >>> import tmor_hf
    >>> from transformers import pipeline

    >>> detector = pipeline("skeleton-temporal-action-detection", model="path/to/a/frame/classifier")
    >>> result = detector("recording.bvh", threshold=0.5, min_duration=0.5, max_gap=0.3)
    >>> result["segments"], result["unit"]
    ([{'start': 1.2, 'end': 4.8, 'label': 'walking', 'score': 0.93}], 'seconds')
    >>> tmor_hf.plot_timeline(result).savefig("timeline.png")
    ```

    This pipeline can be loaded from [`pipeline`] using the task identifier `"skeleton-temporal-action-detection"`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not hasattr(self.model, "predict_frames"):
            raise ValueError(
                "expected a model that classifies frames, such as TMorForSkeletonFrameClassification, got "
                f"{type(self.model).__name__}; train one with examples/train_detection.py"
            )
        for name in ("num_frames", "max_frames"):
            count = getattr(self.feature_extractor, name, None)
            if count is not None:
                raise ValueError(
                    f"expected a feature extractor that keeps all frames of a recording, got {name}={count}, which "
                    f"would squeeze an hour into so many; set feature_extractor.{name} = None before, and "
                    "sampling_rate for another frame rate"
                )

    @add_end_docstrings(CLIP_DOCSTRING)
    def __call__(self, inputs: Any, **kwargs: Any) -> dict[str, Any] | list:
        """
        Find the actions in the recording(s) passed as inputs.

        Return:
            A dictionary for a recording; a list of them for several. With `per_person=True`, a list of them for each
            recording, without segments for a person slot without any visible joint. The keys are

            - **segments** -- a list of `{"start", "end", "label", "score"}` by start; segments of several labels may
              overlap. The score is the mean over the segment. A label named "background" makes no segment.
            - **unit** -- of start and end: `"seconds"` where the frame rate is known, else `"frames"`. The end is that
              of the last frame, that is the start of the next one.
            - **fps**, **num_frames** -- of the recording, whatever rate the model saw.
            - **labels** -- the names of all K labels.
            - **frame_scores** -- `(T, K)` float32, each frame of the recording; 0 where nobody is seen for longer than
              a window of the model.

        Args:
            threshold (`float`, *optional*, defaults to 0.5):
                Score that a segment reaches.
            end_threshold (`float`, *optional*):
                Score down to which it goes on; by default `threshold`.
            min_duration (`float`, *optional*, defaults to 0):
                Shorter segments are dropped, in the unit of the result.
            max_gap (`float`, *optional*, defaults to 0):
                Segments of a label that lie no further apart become one, in the unit of the result.
            return_frame_scores (`bool`, *optional*, defaults to `True`):
                Whether to give `frame_scores`; without it, many long recordings need less memory.
        """
        return super().__call__(inputs, **kwargs)

    def _sanitize_parameters(
        self,
        threshold=None,
        end_threshold=None,
        min_duration=None,
        max_gap=None,
        return_frame_scores=None,
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
        for name, value in (("threshold", threshold), ("end_threshold", end_threshold)):
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"expected {name} from 0 to 1, got {value}")
        for name, value in (("min_duration", min_duration), ("max_gap", max_gap)):
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"expected {name} of at least 0, got {value}")
        postprocess_params = clip_parameters(
            threshold=threshold,
            end_threshold=end_threshold,
            min_duration=min_duration,
            max_gap=max_gap,
            return_frame_scores=return_frame_scores,
            per_person=per_person,
        )
        return preprocess_params, {}, postprocess_params

    def preprocess(self, inputs: Any, per_person: bool = False, **clip_options: Any) -> dict[str, Any]:
        """As of the base; also says under `source` how many frames the recording has, and its rate."""
        clip = read_clip(inputs, clip_options.get("layout"))
        prepared = super().preprocess(clip, per_person, **clip_options)
        if isinstance(clip, Skeletons):
            num_frames, fps = clip.num_frames, clip.fps
        elif isinstance(clip, Mapping):
            num_frames, fps = len(clip["keypoints"]), clip.get("fps")
        else:
            num_frames, fps = len(clip), None
        fps = clip_options.get("fps") if fps is None else fps
        return {**prepared, "source": {"num_frames": num_frames, "fps": None if fps is None else float(fps)}}

    def _forward(self, model_inputs: Mapping[str, Any], **forward_params: Any) -> dict[str, Any]:
        return {**super()._forward(model_inputs, **forward_params), "source": model_inputs["source"]}

    def _forward_clips(self, clips: list[ModelInputs]) -> list[torch.Tensor]:
        return [self._frame_scores(clip) for clip in clips]

    def _frame_scores(self, clip: ModelInputs) -> torch.Tensor:
        """(T, K) scores of the frames that the model saw."""
        logits = self.model.predict_frames(clip).float()
        is_exclusive = self.model.config.problem_type == "single_label_classification"
        scores = logits.softmax(dim=-1) if is_exclusive else logits.sigmoid()
        is_empty = ~clip["joint_mask"][0].flatten(1).any(dim=1).cpu().numpy()
        longest = self.model.config.frame_window_size
        for _, start, end, _ in segments_from_labels(is_empty[:, None]):
            if end - start > longest:
                scores[start:end] = 0
        return scores

    def postprocess(
        self,
        model_outputs: dict[str, Any],
        threshold: float = 0.5,
        end_threshold: float | None = None,
        min_duration: float = 0.0,
        max_gap: float = 0.0,
        return_frame_scores: bool = True,
        per_person: bool = False,
    ) -> dict[str, Any] | list[dict[str, Any]]:
        source, names = model_outputs["source"], self.model.config.id2label
        rate = source["fps"] or 1.0
        options = {
            "threshold": threshold,
            "end_threshold": end_threshold,
            "min_frames": max(int(np.ceil(min_duration * rate - 1e-6)), 1),
            "max_gap": int(max_gap * rate + 1e-6),
            "ignored": [index for index, name in names.items() if name == _BACKGROUND],
        }
        results = []
        for scores in model_outputs["results"]:
            if scores is None:
                scores, segments = np.zeros((source["num_frames"], len(names)), dtype=np.float32), []
            else:
                scores = _at_frames(np.asarray(scores), source["num_frames"])
                segments = segments_from_scores(scores, **options)
            result = {
                "segments": self._name(segments, source["fps"]),
                "unit": "frames" if source["fps"] is None else "seconds",
                **source,
                "labels": [names[index] for index in range(len(names))],
            }
            results.append({**result, "frame_scores": scores} if return_frame_scores else result)
        return results if per_person else results[0]

    def _name(self, segments: list, fps: float | None) -> list[dict[str, Any]]:
        return [
            {
                "start": segment.start if fps is None else segment.start / fps,
                "end": segment.end if fps is None else segment.end / fps,
                "label": self.model.config.id2label[segment.label],
                "score": segment.score,
            }
            for segment in segments
        ]


def _at_frames(scores: np.ndarray, num_frames: int) -> np.ndarray:
    """(T, K) scores at another frame rate, linear between frames, as (num_frames, K) over the same time."""
    if len(scores) == num_frames:
        return scores
    places = np.linspace(0, len(scores) - 1, num_frames)
    before = np.minimum(places.astype(np.int64), max(len(scores) - 2, 0))
    share = (places - before).astype(np.float32)[:, None]
    return scores[before] * (1 - share) + scores[np.minimum(before + 1, len(scores) - 1)] * share


__all__ = ["SkeletonTemporalActionDetectionPipeline"]
