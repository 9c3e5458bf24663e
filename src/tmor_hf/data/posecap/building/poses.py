# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""All poses in a video, before anybody knows who is who.

Axes: T frames that were looked at, N poses in all of them, V joints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from ....processing.joint_layouts import JointLayout, get_layout
from .estimators import PoseEstimator
from .videos import Frame, VideoError, VideoReader
from .work_files import load_arrays, save_arrays


@dataclass
class VideoPoses:
    """The poses of a video.

    Args:
        times: (T,) seconds of the frames.
        counts: (T,) number of poses in each.
        keypoints: (N, V, 2) float32 pixels, frame after frame.
        scores: (N, V) float32 confidences.
        changes: (T,) mean change of brightness since the frame before, 0..1.
        rate: Frames per second that the frames come near to.
        image_size: (height, width) in pixels.
        layout: Layout of the joints.
        seconds: Time that each part of the work took, by its name.
    """

    times: np.ndarray
    counts: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
    changes: np.ndarray
    rate: float
    image_size: tuple[int, int]
    layout: str | JointLayout
    seconds: dict[str, float] = field(default_factory=dict)

    def per_frame(self, values: np.ndarray, frames: slice) -> list[np.ndarray]:
        """`keypoints` or `scores` of some frames as a list with one array for each."""
        ends = np.concatenate(([0], np.cumsum(self.counts)))
        start, stop, _ = frames.indices(len(self.times))
        return [values[ends[index] : ends[index + 1]] for index in range(start, stop)]

    def save(self, path: Path) -> None:
        """Writes a file for `load`."""
        arrays = {name: getattr(self, name) for name in ("times", "counts", "keypoints", "scores", "changes")}
        save_arrays(path, arrays, self.facts)

    @property
    def facts(self) -> dict[str, Any]:
        """What is not in arrays, as JSON-able values, with the numbers that a report needs."""
        return {
            "rate": self.rate,
            "image_size": list(self.image_size),
            "layout": self.layout if isinstance(self.layout, str) else self.layout.to_dict(),
            "seconds": self.seconds,
            "frames": len(self.times),
            "poses": len(self.keypoints),
            "video_seconds": float(self.times[-1] + 1 / self.rate) if len(self.times) else 0.0,
        }

    @classmethod
    def load(cls, path: Path) -> VideoPoses:
        """Reads what `save` wrote.

        Raises:
            ValueError: If the file is damaged.
        """
        arrays, facts = load_arrays(path)
        layout = facts["layout"] if isinstance(facts["layout"], str) else get_layout(facts["layout"])
        return cls(
            **arrays,
            rate=facts["rate"],
            image_size=tuple(facts["image_size"]),
            layout=layout,
            seconds=facts["seconds"],
        )


class _Clock:
    """Adds up the time that parts of the work take."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = perf_counter()

    def split(self, part: str) -> None:
        """Counts the time since the last split as spent on `part`."""
        now = perf_counter()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now


def estimate_poses(
    path: str | Path,
    estimator: PoseEstimator,
    fps: float,
    max_side: int = 1280,
    batch_size: int = 16,
    threads: int = 1,
) -> VideoPoses:
    """Looks for people in a video, a batch of frames at a time, so that memory does not grow with its length.

    Args:
        path: The video.
        estimator: Finds people and their poses.
        fps: Frames per second to come near to.
        max_side: Longest side of the frames in pixels.
        batch_size: Frames given to the estimator at once.
        threads: Threads of the decoder.

    Raises:
        VideoError: If the video cannot be read to its end, or has no frames.
    """
    clock, thumbnail = _Clock(), None
    times: list[float] = []
    changes: list[float] = []
    found: list[tuple[np.ndarray, np.ndarray]] = []
    size: tuple[int, int] | None = None
    with VideoReader(path, fps, max_side, threads) as video:
        for batch in _batches(video.frames(), batch_size):
            clock.split("decode")
            size = size or batch[0].image.shape[:2]
            if any(frame.image.shape[:2] != size for frame in batch):
                raise VideoError(f"{path}: expected frames of one size, got {size} and another; cut the video there")
            found += estimator([frame.image for frame in batch])
            for frame in batch:
                times.append(frame.time)
                changes.append(_change(thumbnail, frame.thumbnail))
                thumbnail = frame.thumbnail
            clock.split("estimate")
        rate = video.rate
    if size is None:
        raise VideoError(f"{path}: expected a video with frames, got none")
    joints = get_layout(estimator.layout).num_joints
    return VideoPoses(
        times=np.array(times),
        counts=np.array([len(keypoints) for keypoints, _ in found], dtype=np.int64),
        keypoints=np.concatenate([keypoints for keypoints, _ in found]).reshape(-1, joints, 2).astype(np.float32),
        scores=np.concatenate([scores for _, scores in found]).reshape(-1, joints).astype(np.float32),
        changes=np.array(changes, dtype=np.float32),
        rate=rate,
        image_size=size,
        layout=estimator.layout,
        seconds=clock.seconds,
    )


def _batches(frames: Iterator[Frame], size: int) -> Iterator[list[Frame]]:
    while batch := list(islice(frames, size)):
        yield batch


def _change(before: np.ndarray | None, now: np.ndarray) -> float:
    return 0.0 if before is None else float(np.abs(now.astype(np.float32) - before).mean() / 255)


__all__ = ["VideoPoses", "estimate_poses"]
