# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`SkeletonStream`: labels for each person while the frames come in, in bounded time and memory.

Axes: M people of one frame, V joints of the source layout, C coordinates, T frames of a window, K labels.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import AutoConfig

from ..io import PeopleTracker
from ..modeling import TMorConfig, TMorForSkeletonActionClassification, TMorModel
from ..processing import JointLayout, Skeletons, TMorFeatureExtractor, TMorProcessor, get_layout
from .motion_buffer import MotionBuffer
from .window_scoring import WindowScorer

_SNAP = 1e-3  # parts of a frame by which a time may miss a frame and still be taken as that frame
_MOST_FRAMES = 2**53  # beyond it, a float does not tell a frame from the next


@dataclass(frozen=True)
class StreamResult:
    """What is known of one person after a frame.

    Args:
        person_id: The id that was given, or one of the tracker: 0, 1, ... in order of appearance.
        time: Seconds of the frame that was pushed, on the clock of the stream.
        labels: All labels as `{"label", "score"}`, best first, as the pipelines give them.
        age: Seconds since the labels were computed; 0 if with this frame.
        unseen: Seconds since the person was seen; 0 if in this frame.
        since: Seconds of the frame with which the person came, or came back after it was forgotten.
    """

    person_id: Hashable
    time: float
    labels: list[dict[str, Any]]
    age: float
    unseen: float
    since: float = 0.0

    @property
    def is_new(self) -> bool:
        """Whether the labels were computed with this frame."""
        return self.age == 0


class _Person:
    """What a stream remembers of a person."""

    def __init__(self, buffer: MotionBuffer, since: float) -> None:
        self.buffer = buffer
        self.since = since
        self.scores: np.ndarray | None = None
        self.labels: list[dict[str, Any]] = []
        self.scored_frame = -1
        self.scored_time = -math.inf


class SkeletonStream:
    """Names the actions of people while their poses come in, one frame at a time.

    Frames are brought to an even rate (`fps`) by linear interpolation on their times. Each person has a ring of the
    last `num_frames` frames; every `hop` frames the windows of all people go through the model in one batch, and in
    between the last labels are carried, with their age. Labels are those that the pipeline of the model
    ("skeleton-action-classification" or "zero-shot-skeleton-action-classification") gives for the frames of the
    window, to 1e-5.

    Nothing is looked ahead at: a frame counts in the window that is scored with it. A visible person has labels no
    older than `hop` frames, and the first ones after `min_frames + hop - 1` frames at most. Memory does not grow.

    Args:
        model: A `TMorForSkeletonActionClassification`, or a `TMorModel` with `labels`.
        processor: Its `TMorFeatureExtractor`, or its `TMorProcessor`.
        labels: Free texts, for a `TMorModel`; they are embedded once.
        layout: Joint layout of the poses; by default that of the feature extractor.
        fps: Frames per second of the windows, and of frames that are pushed without a time.
        num_frames: Frames of a window; 64 by default.
        window_seconds: The length of a window in seconds, in place of `num_frames`.
        hop: Frames from one scoring to the next; by default those of one token of the encoder (`tubelet_size`).
        min_frames: Frames that a window must have, from the person's first, to be scored; `hop` by default.
        max_gap: Seconds without a person that interpolation bridges; in longer gaps the frames are missing.
        forget_after: Seconds without a person after which it is forgotten; who comes back starts anew.
        max_people: People who are remembered at once; above that, those who were unseen longest are forgotten, but
            nobody of the present frame: of a frame of more people, those who are known already are kept, then the
            first ones, and the rest is passed over.
        smoothing: Time constant, in seconds, of an exponential mean of the scores of a person over time; 0 for none,
            in which case the scores are those of the pipeline.
        up_axis: The axis that points up in the poses; by default as for `Skeletons`.
        options: Options of the pipeline: `hypothesis_template` for free texts, `function_to_apply` for a classifier.

    Raises:
        TypeError: If the model is of another kind.
        ValueError: If an option is out of its range, or the layout is not known.

    Example:

    ```python
    >>> stream = SkeletonStream.from_pretrained("outputs/quickstart", labels=["walking", "waving"], layout="coco17")
    >>> for pose in poses:  # (17, 2) each
    ...     for result in stream.push(pose):
    ...         print(result.person_id, result.labels[0], result.age)
    ```
    """

    def __init__(
        self,
        model: Any,
        processor: TMorFeatureExtractor | TMorProcessor,
        labels: Sequence[str] | None = None,
        *,
        layout: str | JointLayout | None = None,
        fps: float = 30.0,
        num_frames: int | None = None,
        window_seconds: float | None = None,
        hop: int | None = None,
        min_frames: int | None = None,
        max_gap: float = 0.5,
        forget_after: float = 2.0,
        max_people: int = 32,
        smoothing: float = 0.0,
        up_axis: str | None = None,
        **options: Any,
    ) -> None:
        self._scorer = WindowScorer(model, processor, labels, **options)
        layout = layout or self._scorer.feature_extractor.layout
        if layout is None:
            raise ValueError('expected `layout=` of the poses, such as "coco17", got none')
        if num_frames is not None and window_seconds is not None:
            raise ValueError("num_frames and window_seconds exclude each other; pass one of them")
        if window_seconds is not None:
            num_frames = round(window_seconds * fps)
        config = getattr(model.config, "skeleton_config", model.config)
        self.layout = get_layout(layout)
        self.fps = fps
        self.num_frames = 64 if num_frames is None else num_frames
        self.hop = min(config.tubelet_size, self.num_frames) if hop is None else hop
        self.min_frames = self.hop if min_frames is None else min_frames
        self.max_gap, self.forget_after, self.smoothing = max_gap, forget_after, smoothing
        self.max_people = max_people
        self.up_axis = up_axis
        self._check_options()
        self.reset()

    @classmethod
    def from_pretrained(
        cls, name_or_path: str | os.PathLike, labels: Sequence[str] | None = None, **options: Any
    ) -> SkeletonStream:
        """A stream with the classifier or the contrastive model of a checkpoint.

        Args:
            name_or_path: Name or path of the checkpoint.
            labels: Free texts, for a contrastive model.
            options: As for `SkeletonStream`.

        Raises:
            ValueError: If the checkpoint is of another model.
        """
        config = AutoConfig.from_pretrained(name_or_path)
        if isinstance(config, TMorConfig):
            model, processor = TMorModel.from_pretrained(name_or_path), TMorProcessor.from_pretrained(name_or_path)
        elif TMorForSkeletonActionClassification.__name__ in (config.architectures or []):
            model = TMorForSkeletonActionClassification.from_pretrained(name_or_path)
            processor = TMorFeatureExtractor.from_pretrained(name_or_path)
        else:
            raise ValueError(
                f"expected a checkpoint of TMorForSkeletonActionClassification or TMorModel, got "
                f"{config.architectures} in {name_or_path}"
            )
        return cls(model, processor, labels, **options)

    @property
    def labels(self) -> tuple[str, ...]:
        return self._scorer.labels

    @property
    def person_ids(self) -> list[Hashable]:
        """The people who are remembered."""
        return list(self._people)

    def reset(self) -> None:
        """Forgets everybody, and the clock."""
        self.time: float | None = None
        """Seconds of the last frame."""
        self._start: float | None = None
        self._frame = -1
        self._num_coordinates: int | None = None
        self._has_ids: bool | None = None
        self._people: dict[Hashable, _Person] = {}
        self._tracker = PeopleTracker(max_gap=max(math.ceil(self.forget_after * self.fps), 1))
        self._tracked_frame, self._tracked_position = 0, 0.0

    def push(
        self,
        keypoints: Any,
        time: float | None = None,
        person_ids: Sequence[Hashable] | None = None,
        scores: Any = None,
    ) -> list[StreamResult]:
        """Takes one frame.

        Args:
            keypoints: (M, V, C), or (V, C) for one person; C is 2 or 3. NaN, infinity and all-zero joints are
                missing. An empty list where nobody was seen.
            time: Seconds, on any clock that is less than 2^53 frames at `fps` from 0, after that of the last frame.
                By default one frame later.
            person_ids: M ids that stay with their people. By default people are tracked.
            scores: (M, V) confidences, or (V,) for one person.

        Returns:
            A result for each person who is remembered and has been scored.

        Raises:
            ValueError: If shapes do not fit, the time is not after the last or too far from 0, ids are given twice,
                or a stream of people with ids goes on without them. The stream is then as it was, and takes the next
                frame.
        """
        poses, scores = self._check_poses(keypoints, scores)
        time = self._check_time(time)
        ids = None if person_ids is None else _check_ids(person_ids, len(poses))
        if len(poses) and self._has_ids not in (None, ids is not None):
            words = ("with", "without") if self._has_ids else ("without", "with")
            raise ValueError(f"expected people {words[0]} ids, as in earlier frames, got them {words[1]}")

        position = self._advance(time)
        self._forget(position)
        if len(poses):
            self._has_ids = ids is not None
            self._num_coordinates = poses.shape[-1]
            self._take(position, poses, scores, self._track(position, poses, scores) if ids is None else ids)
        last, self._frame = self._frame, math.floor(position)
        if (self._frame + 1) // self.hop > (last + 1) // self.hop:
            self._score()
        return [self._result(*item, position) for item in self._people.items() if item[1].scores is not None]

    def _check_options(self) -> None:
        for name in ("fps", "max_gap", "forget_after"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"expected {name} above 0, got {getattr(self, name)}")
        for name in ("num_frames", "hop", "min_frames", "max_people"):
            if getattr(self, name) < 1:
                raise ValueError(f"expected {name} of at least 1, got {getattr(self, name)}")
        if max(self.hop, self.min_frames) > self.num_frames:
            raise ValueError(
                f"expected hop and min_frames up to the {self.num_frames} frames of a window, got {self.hop} and "
                f"{self.min_frames}"
            )
        if not 0 <= self.smoothing < math.inf:
            raise ValueError(f"expected smoothing of 0 seconds or more, got {self.smoothing}")

    def _check_poses(self, keypoints: Any, scores: Any) -> tuple[np.ndarray, np.ndarray | None]:
        """(M, V, C) float32 and (M, V), after checks."""
        poses = np.asarray(keypoints, dtype=np.float64)
        if poses.size == 0:
            return np.zeros((0, self.layout.num_joints, 2), dtype=np.float32), None
        poses = poses[None] if poses.ndim == 2 else poses
        joints, coordinates = self.layout.num_joints, self._num_coordinates
        is_known = coordinates is None or poses.shape[-1] == coordinates
        if poses.ndim != 3 or poses.shape[1] != joints or poses.shape[-1] not in (2, 3) or not is_known:
            raise ValueError(
                f"expected keypoints (people, {joints}, {coordinates or '2 or 3'}) for layout {self.layout.name!r}, "
                f"got shape {np.shape(keypoints)}"
            )
        if scores is not None:
            given = np.asarray(scores, dtype=np.float32)
            scores = given[None] if given.ndim == 1 else given
            if scores.shape != poses.shape[:2]:
                raise ValueError(f"expected scores of shape {poses.shape[:2]}, got {given.shape}")
        with np.errstate(over="ignore"):  # too large for float32 is infinity, a joint that is missing
            return poses.astype(np.float32), scores

    def _check_time(self, time: float | None) -> float:
        if time is None:
            time = 0.0 if self.time is None else self.time + 1 / self.fps
        if self.time is not None and not time > self.time:
            raise ValueError(f"expected a time after {self.time}, got {time}")
        limit = _MOST_FRAMES / self.fps
        if not abs(time) < limit:
            raise ValueError(f"expected a time in seconds, less than {limit:.3g} from 0, got {time}")
        return float(time)

    def _advance(self, time: float) -> float:
        """Sets the clock; the position of the time in frames."""
        if self._start is None:
            self._start = time
        self.time = time
        position = (time - self._start) * self.fps
        return float(round(position)) if abs(position - round(position)) < _SNAP else position

    def _track(self, position: float, poses: np.ndarray, scores: np.ndarray | None) -> list[int]:
        """Ids of poses that have none. The tracker counts in frames, at least one for each of its steps."""
        self._tracked_frame += max(round(position - self._tracked_position), 1)
        self._tracked_position = position
        return self._tracker.step(self._tracked_frame, poses, scores).tolist()

    def _take(self, position: float, poses: np.ndarray, scores: np.ndarray | None, ids: list[Hashable]) -> None:
        """Brings the poses of a frame onto the canonical joints, and into the buffers of their people."""
        if scores is not None:
            scores = np.where(scores > self._scorer.feature_extractor.score_threshold, scores, 0)[None]
        frame = Skeletons(poses[None], scores=scores, layout=self.layout, up_axis=self.up_axis).to_layout()
        named = zip(ids, frame.keypoints[0], strict=True)
        present = {person_id: pose for person_id, pose in named if not np.isnan(pose).all()}  # no joint: nobody
        for person_id, pose in present.items():
            if person_id not in self._people:
                if not self._make_room(present):
                    continue
                buffer = MotionBuffer(self.num_frames, self.max_gap * self.fps + _SNAP)
                self._people[person_id] = _Person(buffer, self.time)
            self._people[person_id].buffer.add(position, pose)

    def _make_room(self, present: Collection[Hashable]) -> bool:
        """Whether one more can be remembered; where needed, who was unseen longest goes, but nobody who is present."""
        if len(self._people) < self.max_people:
            return True
        absent = [person for person in self._people if person not in present]
        if absent:
            del self._people[min(absent, key=lambda person: self._people[person].buffer.last_position)]
        return bool(absent)

    def _forget(self, position: float) -> None:
        oldest = position - self.forget_after * self.fps - _SNAP
        for person in [person for person, held in self._people.items() if held.buffer.last_position < oldest]:
            del self._people[person]

    def _score(self) -> None:
        """Runs the windows of all people of whom there is something new through the model."""
        people, clips = [], []
        for person in self._people.values():
            if person.buffer.newest > person.scored_frame:
                window = person.buffer.window(self._frame)
                if len(window) >= self.min_frames:
                    people.append(person)
                    clips.append(self._clip(window))
        if not people:
            return
        for person, scores in zip(people, self._scorer(clips), strict=True):
            if self.smoothing and person.scores is not None:
                share = -math.expm1((person.scored_time - self.time) / self.smoothing)
                scores = person.scores + share * (scores - person.scores)
            person.scores, person.scored_frame, person.scored_time = scores, person.buffer.newest, self.time
            order = np.argsort(-scores, kind="stable").tolist()
            person.labels = [{"label": self.labels[index], "score": float(scores[index])} for index in order]

    def _clip(self, window: np.ndarray) -> Skeletons:
        """A window as a clip. A joint at the very origin would count as missing: it moves by next to nothing."""
        window[~window.any(axis=-1)] = np.finfo(np.float32).tiny
        return Skeletons(window, fps=self.fps, layout="tmor22", up_axis="y")

    def _result(self, person_id: Hashable, person: _Person, position: float) -> StreamResult:
        unseen = (position - person.buffer.last_position) / self.fps
        return StreamResult(person_id, self.time, person.labels, self.time - person.scored_time, unseen, person.since)


def _check_ids(person_ids: Sequence[Hashable], count: int) -> list[Hashable]:
    ids = person_ids.tolist() if isinstance(person_ids, np.ndarray) else list(person_ids)
    if len(ids) != count or len(set(ids)) != count or None in ids:
        raise ValueError(f"expected {count} person_ids that differ, got {ids}")
    return ids


__all__ = ["SkeletonStream", "StreamResult"]
