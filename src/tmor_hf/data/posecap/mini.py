# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""posecap-mini: a small set of generated motion in the PoseCap format, for tests and examples.

Axes: T frames, M people, V joints, C coordinates.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...processing.augmentation import virtual_camera
from ...processing.joint_layouts import CANONICAL_JOINTS, get_layout
from ...processing.skeletons import Skeletons
from ..synthetic import SensorModel, SyntheticClip, SyntheticMotion, generate_batch
from .encoding import Encoding
from .schema import PoseCapRecord
from .writer import PoseCapWriter

LICENCE = "CC0-1.0"
SOURCE = "tmor_hf synthetic motion"
IMAGE_SIZE = (480, 640)
# What a sensor delivers, in turn: layout, and whether it is a camera's image.
_VIEWS: tuple[tuple[str, bool], ...] = (
    ("tmor22", False), ("ntu25", False), ("coco17", True), ("kinect20", False), ("openpose25", True),
    ("h36m17", False), ("penn13", True),
)  # fmt: skip
_PAIR_EVERY = 10  # every tenth clip shows two people
_VIDEO_FRAMES, _VIDEO_SIZE = 16, 64
_PAIR_SENSOR = SensorModel(low_rate_probability=0)  # both people at one frame rate


def split_of(index: int) -> str:
    """The split of clip `index`: of ten clips, eight for training, one for validation, one for the test."""
    return {8: "validation", 9: "test"}.get(index % 10, "train")


def mini_records(
    num_clips: int = 200, seed: int = 0, *, indices: Sequence[int] | None = None, with_video: bool = False
) -> Iterator[PoseCapRecord]:
    """The records of posecap-mini, made as they are asked for.

    They differ in layout (seven), in 2D and 3D, in people (one or two), in frames and frame rate; joints are missing
    where a sensor would lose them and where a layout has joints that the generator does not make. A record depends on
    the seed and its index alone.

    Args:
        num_clips: Size of the set.
        seed: Seed of everything random.
        indices: Which of the clips to make; all by default.
        with_video: Render and encode a small video (H.264) of each clip of one person; needs the extra `viz`.

    Raises:
        ValueError: If there are no clips, or an index is out of range.
        ImportError: If a video is asked for and PyAV is not installed.
    """
    if num_clips < 1:
        raise ValueError(f"expected num_clips of 1 or more, got {num_clips}")
    indices = range(num_clips) if indices is None else indices
    video = {"num_frames": _VIDEO_FRAMES, "size": _VIDEO_SIZE}
    motion = SyntheticMotion(num_clips, seed, with_video=with_video, video=video)
    for index in indices:
        if not 0 <= index < num_clips:
            raise ValueError(f"expected indices below {num_clips}, got {index}")
        rng = np.random.default_rng([seed, index])
        if index % _PAIR_EVERY == _PAIR_EVERY // 2:
            people = generate_batch(rng.spawn(2), sensor=_PAIR_SENSOR)
        else:
            people = [motion[index]]
        yield _record(f"mini-{seed}-{index:06d}", split_of(index), people, _VIEWS[index % len(_VIEWS)], rng)


def _record(
    name: str, split: str, people: Sequence[SyntheticClip], view: tuple[str, bool], rng: np.random.Generator
) -> PoseCapRecord:
    skeletons = people[0].skeletons if len(people) == 1 else _together(*(one.skeletons for one in people))
    captions = [text for one in people for text in (one.caption, f"a person is {one.class_phrase}")]
    return PoseCapRecord(
        id=name,
        source=SOURCE,
        licence=LICENCE,
        skeletons=_seen(skeletons, *view, rng),
        captions=tuple(dict.fromkeys(captions)),
        labels=tuple(dict.fromkeys(one.class_phrase for one in people)),
        split=split,
        **({} if people[0].video is None else _video_fields(people[0])),
    )


def _together(first: Skeletons, second: Skeletons) -> Skeletons:
    """Two people in one clip, two metres apart; who has fewer frames comes later."""
    frames = max(first.num_frames, second.num_frames)
    keypoints = np.full((frames, 2, *first.keypoints.shape[2:]), np.nan, dtype=np.float32)
    keypoints[frames - first.num_frames :, 0] = first.keypoints[:, 0]
    keypoints[frames - second.num_frames :, 1] = second.keypoints[:, 0] + np.float32([2, 0, 0])
    return replace(first, keypoints=keypoints, person_ids=np.array([1, 2]))


def _seen(skeletons: Skeletons, layout: str, is_image: bool, rng: np.random.Generator) -> Skeletons:
    if is_image:
        skeletons = virtual_camera(skeletons, rng, image_size=IMAGE_SIZE)
    converted = _to_layout(skeletons, layout)
    if not is_image:
        return converted
    scores = rng.uniform(0.5, 1, size=converted.keypoints.shape[:3]) * converted.valid
    return replace(converted, scores=scores)


def _to_layout(skeletons: Skeletons, layout: str) -> Skeletons:
    """Canonical joints under the names of another layout; joints that have no canonical counterpart are missing."""
    target = get_layout(layout)
    keypoints = np.full((*skeletons.keypoints.shape[:2], target.num_joints, skeletons.num_coordinates), np.nan)
    for index, joint in enumerate(CANONICAL_JOINTS):
        source = target.canonical.get(joint, (joint,))[0]
        if source in target.joints:
            keypoints[:, :, target.joints.index(source)] = skeletons.keypoints[:, :, index]
    return replace(skeletons, keypoints=keypoints, layout=layout, up_axis=skeletons.resolved_up_axis)


def _video_fields(clip: SyntheticClip) -> dict[str, Any]:
    seconds = clip.skeletons.num_frames / clip.skeletons.fps
    video = encode_video(clip.video, len(clip.video) / seconds)
    return {"video_bytes": video, "video_start": 0.0, "video_end": seconds}


def encode_video(frames: np.ndarray, fps: float) -> bytes:
    """An MP4 file (H.264) of frames (T, height, width, 3) uint8 with even sides.

    Raises:
        ImportError: If PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError("encoding a video needs PyAV: pip install tmor_hf[viz]") from error
    from fractions import Fraction

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        rate = Fraction(fps).limit_denominator(1000)
        stream = container.add_stream("libx264", rate=rate, options={"threads": "1"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def write_posecap_mini(
    folder: str | Path,
    num_clips: int = 200,
    seed: int = 0,
    *,
    with_video: bool = False,
    rows_per_shard: int = 100,
    encoding: Encoding = "int16",
    overwrite: bool = False,
) -> Path:
    """Writes posecap-mini into a folder: Parquet shards, card and manifest, the same bytes for the same arguments.

    Args:
        folder: Where the set goes.
        num_clips: Size of the set; a tenth each is for validation and test.
        seed: Seed of everything random.
        with_video: Embed a small video in each row of one person; needs the extra `viz`.
        rows_per_shard: Rows of a shard.
        encoding: How keypoints are stored, see `PoseCapWriter`.
        overwrite: Replace a set that is already there.

    Returns:
        The folder.

    Raises:
        FileExistsError: If the folder holds a set already and `overwrite` is not set.
        ValueError: If a number is below 1.
        ImportError: If pyarrow, or PyAV for video, is not installed.
    """
    options = {"rows_per_shard": rows_per_shard, "encoding": encoding, "overwrite": overwrite}
    with PoseCapWriter(folder, name="posecap-mini", **options) as writer:
        for record in mini_records(num_clips, seed, with_video=with_video):
            writer.write(record)
    return Path(folder)


__all__ = ["encode_video", "mini_records", "split_of", "write_posecap_mini"]
