# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Everything that a build of PoseCap needs to know, in one dataclass that is its command line too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ....arguments import Arguments, option

ENGINES = ("local", "ray")
ENCODINGS = ("int16", "float16", "float32")
DTYPES = ("float32", "bfloat16", "float16")
SIDECAR = "sidecar"


@dataclass
class BuildArguments(Arguments):
    """Arguments of `build_posecap`; the text of each field is also its `--help`.

    Raises:
        ValueError: If a value is out of its range.
    """

    title: ClassVar[str] = "building PoseCap"

    input: str = option(text="folder of videos, one video, or a text file with a path in each line", metavar="PATH")
    output: str = option(text="folder for the shards, the card and the report", metavar="DIR")
    licence: str = option(text="terms of the videos, if possible an SPDX name such as CC-BY-4.0", metavar="TERMS")
    source: str | None = option(None, "where the videos come from; default: name of the input")
    work: str | None = option(None, "folder for results by video; default: OUTPUT-work", metavar="DIR")
    # Poses: a change redoes everything.
    fps: float = option(15.0, "frames per second to look at; a video's own rate is divided by a whole number")
    max_side: int = option(1280, "longest side of a frame in pixels; larger ones are scaled down")
    detector: str = option(
        "PekingU/rtdetr_r50vd", "object detector of transformers that knows people", metavar="MODEL"
    )
    pose_model: str = option("usyd-community/vitpose-base-simple", "ViTPose checkpoint", metavar="MODEL")
    detection_threshold: float = option(0.5, "confidence from which a detected person counts")
    max_detections: int = option(20, "people looked at in a frame, the surest first")
    dtype: str = option("float32", "number type of the models", DTYPES)
    # Clips: a change cuts anew, and captions anew where the cuts moved.
    min_joint_score: float = option(0.3, "confidence under which a joint counts as missing")
    min_pose_score: float = option(0.4, "mean confidence under which a person is dropped")
    min_person_height: float = option(0.1, "height under which a person is dropped, as a part of the image's")
    max_people: int = option(4, "people in a clip, those seen most first")
    min_seconds: float = option(1.5, "shortest clip")
    max_seconds: float = option(10.0, "longest clip; longer motion is cut into equal parts")
    max_gap: float = option(0.5, "seconds without anybody at which a clip ends")
    still_speed: float = option(0.08, "motion under which people are still, in body heights per second")
    still_seconds: float = option(2.0, "still stretches from this length on are cut out")
    scene_threshold: float = option(0.15, "mean change of brightness (0 to 1) between frames that is a scene's end")
    # Captions and excerpts of the videos.
    captions: str | None = option(None, "captions in a .csv, .json or .jsonl file, or 'sidecar'", metavar="FILE")
    captioner: str | None = option(None, "image-text-to-text model, for clips without given captions", metavar="MODEL")
    caption_prompt: str | None = option(None, "what to ask the captioner", metavar="TEXT")
    caption_frames: int = option(4, "frames of a clip that the captioner sees")
    caption_tokens: int = option(40, "longest caption in tokens")
    video_bytes: bool = option(False, "store each clip's video, small, in the shards")
    excerpt_side: int = option(224, "shorter side of such a video in pixels")
    video_prefix: str = option("", "what to put before the videos' names in the shards", metavar="URL")
    # What is kept, and how it is written.
    max_same_caption: int = option(100, "clips that may share a caption; 0: any number")
    duplicate_distance: float = option(0.03, "mean joint distance in body sizes that makes a duplicate; 0: keep all")
    validation_share: float = option(0.01, "part of the videos for validation")
    test_share: float = option(0.01, "part of the videos for testing")
    encoding: str = option("int16", "how keypoints are stored", ENCODINGS)
    rows_per_shard: int = option(20_000, "clips in a shard")
    # Where it runs; none of this changes the shards.
    engine: str = option("local", "this process and its workers, or Ray Data", ENGINES)
    num_workers: int = option(1, "processes, each with its own models")
    num_gpus: float = option(0.0, "GPUs of a Ray worker that runs a model")
    ray_address: str | None = option(None, "a running Ray cluster; default: Ray on this machine", metavar="ADDRESS")
    device: str = option("auto", "device of the models")
    threads: int = option(1, "CPU threads of a worker")
    batch_size: int = option(16, "frames, and people, that a model sees at once")
    progress_bar: bool = option(True, "show progress")

    def __post_init__(self) -> None:
        for name in ("fps", "min_seconds", "max_gap", "still_seconds", "scene_threshold"):
            self._check(name, getattr(self, name) > 0, "above 0")
        for name in ("max_side", "max_detections", "max_people", "caption_frames", "caption_tokens", "excerpt_side"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("rows_per_shard", "num_workers", "threads", "batch_size"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("detection_threshold", "min_joint_score", "min_pose_score", "min_person_height"):
            self._check(name, 0 <= getattr(self, name) < 1, "in [0, 1)")
        for name in ("still_speed", "max_same_caption", "duplicate_distance", "num_gpus"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        self._check("max_seconds", self.max_seconds >= 2 * self.min_seconds, "twice min_seconds or more")
        self._check("validation_share", self.validation_share >= 0, "0 or more")
        self._check(
            "test_share", self.test_share >= 0 and self.held_out_share < 1, "0 or more, and leave some to train"
        )
        self._check("licence", bool(self.licence.strip()), "the terms of the videos")
        for name, choices in (("engine", ENGINES), ("encoding", ENCODINGS), ("dtype", DTYPES)):
            self._check(name, getattr(self, name) in choices, f"one of {choices}")

    @property
    def held_out_share(self) -> float:
        return self.validation_share + self.test_share

    @property
    def source_name(self) -> str:
        """`source`, or the name of the input."""
        return self.source or Path(self.input).resolve().stem

    @property
    def work_folder(self) -> Path:
        """`work`, or a folder beside the output."""
        if self.work is not None:
            return Path(self.work)
        output = Path(self.output).resolve()
        return output.with_name(output.name + "-work")


__all__ = ["SIDECAR", "BuildArguments"]
