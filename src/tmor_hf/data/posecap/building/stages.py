# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The stages of a build that work on one video at a time: poses, clips, captions, excerpts.

A stage reads the files of the stages before it and writes one of its own. It knows the file's name before it begins,
so what is there is never made again, and it holds nothing from video to video but its models.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

import numpy as np

from ....processing.joint_layouts import get_layout
from .arguments import BuildArguments
from .captioners import Captioner, TransformersCaptioner
from .cutting import Clip, Drop, cut_clips
from .estimators import PoseEstimator, TransformersPoseEstimator
from .given_captions import GivenCaptions, texts_for
from .poses import VideoPoses, estimate_poses
from .videos import VideoError, VideoFile, VideoReader, require_av
from .work_files import atomic_write, digest, load_arrays, noted, result_path, save_arrays

_CLIPS_AT_ONCE = 8  # whose sampled frames are held in memory
_EXCERPT_OPTIONS = {"crf": "26", "preset": "medium"}


@dataclass(frozen=True)
class Outcome:
    """What became of a video in a stage.

    Args:
        stage: Name of the stage.
        is_new: False if the result was there before.
        error: Why there is no result, or None.
    """

    stage: str
    is_new: bool
    error: str | None = None


@dataclass
class Stage:
    """One step from a video to clips.

    Args:
        arguments: The build's.
        upstream: The stage whose result this one reads.
    """

    arguments: BuildArguments
    upstream: Stage | None = None
    name: ClassVar[str] = ""
    version: ClassVar[int] = 1  # to be raised when the same settings give other results
    suffix: ClassVar[str] = ".npz"
    has_model: ClassVar[bool] = False
    settings_of: ClassVar[tuple[str, ...]] = ()  # arguments on which the result depends
    _own: str | None = field(default=None, init=False, repr=False)

    def settings(self) -> dict[str, Any]:
        """All settings on which the result depends beside the video, JSON-able."""
        return {name: getattr(self.arguments, name) for name in self.settings_of}

    def key(self, video: VideoFile) -> str:
        """Name of the result: what it depends on, as a digest."""
        if self._own is None:
            self._own = digest(self.name, self.version, self.settings())
        if self.upstream is None:
            return digest(video.name, video.size, video.mtime_ns, self._own)
        return digest(self.upstream.key(video), self._own)

    def path(self, video: VideoFile) -> Path:
        """File of the result."""
        return result_path(self.arguments.work_folder, self.name, self.key(video), self.suffix)

    def __call__(self, video: VideoFile) -> Outcome:
        """Makes the result if it is not there. A video that cannot be read is an outcome, all else an exception."""
        path = self.path(video)
        if path.exists():
            return Outcome(self.name, is_new=False)
        try:
            self.make(video, path)
        except VideoError as error:
            return Outcome(self.name, is_new=True, error=str(error).removeprefix(f"{video.path}: "))
        return Outcome(self.name, is_new=True)

    def make(self, video: VideoFile, path: Path) -> None:
        """Makes the result and writes it to `path`."""
        raise NotImplementedError


@dataclass
class PoseStage(Stage):
    """Finds everybody in every frame."""

    estimator: PoseEstimator | None = None
    name = "poses"
    has_model = True
    settings_of = ("fps", "max_side")

    def __post_init__(self) -> None:
        arguments = self.arguments
        self.estimator = self.estimator or TransformersPoseEstimator(
            arguments.detector, arguments.pose_model, arguments.detection_threshold, arguments.max_detections,
            arguments.device, arguments.dtype, arguments.batch_size,
        )  # fmt: skip

    def settings(self) -> dict[str, Any]:
        who = {"estimator": type(self.estimator).__name__, "layout": get_layout(self.estimator.layout).name}
        return {**super().settings(), **who, **self.estimator.settings}

    def make(self, video: VideoFile, path: Path) -> None:
        arguments = self.arguments
        with noted(arguments.work_folder, path.stem, video.name):
            estimate_poses(
                video.path, self.estimator, arguments.fps, arguments.max_side, arguments.batch_size, arguments.threads
            ).save(path)


@dataclass
class ClipStage(Stage):
    """Tracks people and cuts clips."""

    name = "clips"
    settings_of = (
        "min_joint_score", "min_pose_score", "min_person_height", "max_people", "min_seconds", "max_seconds",
        "max_gap", "still_speed", "still_seconds", "scene_threshold",
    )  # fmt: skip

    def make(self, video: VideoFile, path: Path) -> None:
        since = perf_counter()
        poses = VideoPoses.load(self.upstream.path(video))
        clips, drops = cut_clips(poses, self.arguments)
        arrays = {"spans": np.array([(clip.start, clip.end) for clip in clips]).reshape(-1, 2)}
        for index, clip in enumerate(clips):
            for name in ("keypoints", "scores", "person_ids"):
                arrays[f"{name}_{index}"] = getattr(clip, name)
        facts = {**poses.facts, "drops": [asdict(drop) for drop in drops]}
        save_arrays(path, arrays, {**facts, "seconds": {**poses.seconds, "cut": perf_counter() - since}})


def load_clips(path: Path) -> tuple[list[Clip], list[Drop], dict[str, Any]]:
    """Clips, what was left out, and the facts of a video, from a file of `ClipStage`.

    Raises:
        ValueError: If the file is damaged.
    """
    arrays, facts = load_arrays(path)
    clips = [
        Clip(float(start), float(end), *(arrays[f"{name}_{index}"] for name in ("keypoints", "scores", "person_ids")))
        for index, (start, end) in enumerate(arrays["spans"])
    ]
    return clips, [Drop(**drop) for drop in facts.pop("drops")], facts


@dataclass
class CaptionStage(Stage):
    """Describes the clips for which nobody gave a caption."""

    captioner: Captioner | None = None
    given: GivenCaptions | None = None
    name = "captions"
    suffix = ".json"
    has_model = True
    settings_of = ()

    def __post_init__(self) -> None:
        arguments = self.arguments
        self.captioner = self.captioner or TransformersCaptioner(
            arguments.captioner, arguments.caption_prompt, arguments.caption_frames, arguments.caption_tokens,
            arguments.device, arguments.dtype, arguments.batch_size,
        )  # fmt: skip

    def settings(self) -> dict[str, Any]:
        return {"captioner": type(self.captioner).__name__, **self.captioner.settings}

    def key(self, video: VideoFile) -> str:
        return digest(super().key(video), self._open_clips_key(video))

    def _open_clips_key(self, video: VideoFile) -> Any:
        """What given captions change: the stretches that are described already."""
        entries = self.given.of(video) if self.given else []
        return [(entry.start, min(entry.end, 1e9)) for entry in entries if entry.captions]

    def make(self, video: VideoFile, path: Path) -> None:
        since = perf_counter()
        clips, _, _ = load_clips(self.upstream.path(video))
        entries = self.given.of(video) if self.given else []
        is_open = [not texts_for(entries, clip.start, clip.end)[0] for clip in clips]
        captions: list[list[str]] = [[] for _ in clips]
        wanted = np.flatnonzero(is_open)
        for batch in np.split(wanted, range(_CLIPS_AT_ONCE, len(wanted), _CLIPS_AT_ONCE)):
            count = self.captioner.num_frames
            images = [sample_frames(video, clips[index], count, self.arguments) for index in batch]
            for index, texts in zip(batch, self.captioner(images) if images else [], strict=True):
                captions[index] = list(texts)
        result = {"captions": captions, "seconds": {"caption": perf_counter() - since}}
        with atomic_write(path) as file:
            file.write(json.dumps(result, ensure_ascii=False).encode())


def sample_frames(video: VideoFile, clip: Clip, count: int, arguments: BuildArguments) -> list[np.ndarray]:
    """`count` images spread evenly over a clip; those of short clips repeat.

    Raises:
        VideoError: If the video cannot be read there.
    """
    wanted = clip.start + (np.arange(count) + 0.5) / count * (clip.end - clip.start)
    images: list[np.ndarray] = []
    with VideoReader(video.path, arguments.fps, arguments.max_side, arguments.threads) as reader:
        last = None
        for frame in reader.frames(clip.start, clip.end):
            while len(images) < count and frame.time >= wanted[len(images)] - 0.5 / reader.rate:
                images.append(frame.image)
            last = frame
            if len(images) == count:
                return images
    if last is None:
        raise VideoError(f"{video.path}: expected frames from {clip.start:.2f} to {clip.end:.2f} s, got none")
    return images + [last.image] * (count - len(images))


@dataclass
class ExcerptStage(Stage):
    """Encodes each clip's video, small, to go into the shards."""

    name = "excerpts"
    settings_of = ("excerpt_side",)

    def make(self, video: VideoFile, path: Path) -> None:
        since = perf_counter()
        clips, _, _ = load_clips(self.upstream.path(video))
        arrays = {}
        for index, clip in enumerate(clips):
            with VideoReader(
                video.path, self.arguments.fps, self.arguments.max_side, self.arguments.threads
            ) as reader:
                images = [(frame.time, frame.image) for frame in reader.frames(clip.start, clip.end)]
                data = encode_video(images, reader.rate, self.arguments.excerpt_side)
            arrays[f"video_{index}"] = np.frombuffer(data, dtype=np.uint8)
        save_arrays(path, arrays, {"seconds": {"excerpt": perf_counter() - since}})


def encode_video(frames: Sequence[tuple[float, np.ndarray]], rate: float, side: int) -> bytes:
    """An MP4 file of (seconds, (H, W, 3) uint8 image) pairs, the shorter side scaled down to `side` pixels.

    One thread encodes, for with several the bytes would depend on their number.
    """
    av = require_av()
    height, width = frames[0][1].shape[:2]
    scale = min(1.0, side / min(height, width))
    height, width = (max(2, 2 * round(length * scale / 2)) for length in (height, width))
    buffer, base, first = io.BytesIO(), Fraction(1, 90_000), frames[0][0]
    with av.open(buffer, "w", format="mp4") as container:
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        options = _EXCERPT_OPTIONS if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=Fraction(rate).limit_denominator(1001), options=options)
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        stream.codec_context.thread_count, stream.codec_context.time_base = 1, base
        for time, image in frames:
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(width=width, height=height, format="yuv420p")
            frame.pts, frame.time_base = round((time - first) / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


__all__ = [
    "CaptionStage",
    "ClipStage",
    "ExcerptStage",
    "Outcome",
    "PoseStage",
    "Stage",
    "encode_video",
    "load_clips",
    "sample_frames",
]
