# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Labels of frames out of the spans of actions.

Axes: T frames, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...processing.skeletons import Skeletons


@dataclass(frozen=True, slots=True)
class ActionSpans:
    """The actions of a recording: makes the labels of its frames.

    Args:
        spans: Class, start and end of each action.
        num_classes: K.
        in_seconds: Whether starts and ends are seconds; else they count frames of the video.
        duration: Length of the recording in the same unit, if known.
        with_ends: Whether an action is going on at its very start and end.
    """

    spans: tuple[tuple[int, float, float], ...]
    num_classes: int
    in_seconds: bool = False
    duration: float | None = None
    with_ends: bool = True

    def __call__(self, skeletons: Skeletons) -> np.ndarray:
        """(T, K) bool, which actions go on in each frame.

        Raises:
            ValueError: If neither the frame rate nor the duration is known, for spans in seconds.
        """
        times = self._times(skeletons)
        labels = np.zeros((len(times), self.num_classes), dtype=bool)
        for label, start, end in self.spans:
            if self.with_ends:
                labels[:, label] |= (times >= start) & (times <= end)
            else:
                labels[:, label] |= (times > start) & (times < end)
        return labels

    def _times(self, skeletons: Skeletons) -> np.ndarray:
        """(T,) where each frame lies, in the unit of the spans."""
        frames = np.arange(skeletons.num_frames, dtype=np.float64)
        if self.in_seconds and skeletons.fps is not None:
            return frames / skeletons.fps
        if self.duration is not None:
            return frames * (self.duration / skeletons.num_frames)
        if self.in_seconds:
            raise ValueError(
                "expected skeletons with fps, or a recording of known duration, to place spans in seconds"
            )
        return frames


__all__ = ["ActionSpans"]
