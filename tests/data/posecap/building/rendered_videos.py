# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Videos with known poses: every joint is a disc whose hue says which joint and whose paleness says which person.

`MarkerPoseEstimator` reads the poses back from the pixels, so that all but the models can be checked from end to end.
Axes: T frames, M people, V = 13 joints, H, W pixels.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from tmor_hf import get_layout
from tmor_hf.data.synthetic import generate_clip
from tmor_hf.processing.joint_layouts import CANONICAL_JOINTS

LAYOUT = "penn13"
JOINTS = get_layout(LAYOUT).joints
SATURATIONS = (1.0, 0.55)  # of the first and the second person
_RADIUS = 2.6


def _colour(joint: int, person: int) -> np.ndarray:
    return 255 * np.array(colorsys.hsv_to_rgb(joint / len(JOINTS), SATURATIONS[person], 1.0), dtype=np.float32)


def project(rng: np.random.Generator, action: str, seconds: float, fps: float, box: tuple[float, float, float]):
    """(T, 13, 2) pixels of a synthetic motion, played to and fro for `seconds`, around a centre in a body height.

    Args:
        rng: Draws the motion.
        action: Name of the action.
        seconds: Length.
        fps: Frames per second.
        box: Centre x, centre y, and height of the body in pixels.
    """
    clip = generate_clip(rng, action, sensor=None).skeletons
    chosen = [CANONICAL_JOINTS.index(name) for name in JOINTS]
    points = clip.keypoints[:, 0, chosen, :2] * np.array([1, -1], np.float32)
    points -= points.reshape(-1, 2).mean(axis=0)
    points *= box[2] / np.ptp(points[0, :, 1])
    last = len(points) - 1
    at = np.arange(round(seconds * fps)) * (clip.fps / fps)
    at = last - np.abs(at % (2 * last) - last) if last else at * 0
    low = np.floor(at).astype(int).clip(max=max(last - 1, 0))
    share = (at - low)[:, None, None]
    moved = points[low] * (1 - share) + points[np.minimum(low + 1, last)] * share
    return (moved + np.array(box[:2])).astype(np.float32)


def draw(poses: np.ndarray, size: tuple[int, int], background: int = 12) -> np.ndarray:
    """(H, W, 3) uint8 image of (M, 13, 2) poses; NaN is not drawn."""
    height, width = size
    image = np.full((height, width, 3), background, dtype=np.float32)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    for person, joints in enumerate(poses):
        for joint, (x, y) in enumerate(joints):
            if not np.isfinite(x):
                continue
            cover = np.clip(_RADIUS + 0.5 - np.hypot(columns - x, rows - y), 0, 1)[..., None]
            image += (_colour(joint, person) - image) * cover
    return image.round().clip(0, 255).astype(np.uint8)


def write_video(
    path: Path,
    images: Sequence[np.ndarray],
    fps: float = 15.0,
    times: Sequence[float] | None = None,
    rotation: int | None = None,
) -> Path:
    """Writes an H.264 file without loss of colour detail; `times` in seconds give it a varying frame rate."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        rate = Fraction(fps).limit_denominator(1001)
        stream = container.add_stream("libx264", rate=rate, options={"crf": "8", "preset": "ultrafast", "g": "30"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv444p"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, 30_000)
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.time_base = Fraction(1, 30_000)
            frame.pts = round(30_000 * (index / float(rate) if times is None else times[index]))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@dataclass
class MarkerPoseEstimator:
    """Finds the discs of `draw`: the plug-in that stands for detector and pose model."""

    layout: str = LAYOUT
    min_pixels: int = 16

    @property
    def settings(self) -> dict[str, int]:
        return {"min_pixels": self.min_pixels}

    def __call__(self, images: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [self._find(image) for image in images]

    def _find(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pixels = image.astype(np.float32)
        high, low = pixels.max(axis=-1), pixels.min(axis=-1)
        rows, columns = np.nonzero(high > 110)
        rgb, top, span = pixels[rows, columns], high[rows, columns], (high - low)[rows, columns]
        red, green, blue = rgb.T
        span_or_1 = np.maximum(span, 1)
        hue = np.select(
            [top == red, top == green], [(green - blue) / span_or_1, 2 + (blue - red) / span_or_1],
            4 + (red - green) / span_or_1,
        ) / 6 % 1.0  # fmt: skip
        joint = np.round(hue * len(JOINTS)).astype(int) % len(JOINTS)
        is_sure = np.abs((hue * len(JOINTS) - joint + 0.5) % len(JOINTS) - 0.5) < 0.3
        person = np.where(span / top > 0.78, 0, 1)
        found_keypoints, found_scores = [], []
        for index in (1, 0):  # the order of people says nothing about who they are
            mine = is_sure & (person == index)
            keypoints, scores = np.zeros((len(JOINTS), 2), np.float32), np.zeros(len(JOINTS), np.float32)
            for number in range(len(JOINTS)):
                chosen = mine & (joint == number)
                disc = np.stack((columns[chosen], rows[chosen]), axis=1)
                if len(disc):  # mixed colours where discs overlap may look like another joint's
                    disc = disc[np.abs(disc - np.median(disc, axis=0)).max(axis=1) < _RADIUS + 1]
                if len(disc) >= self.min_pixels:
                    keypoints[number], scores[number] = disc.mean(axis=0), min(1.0, len(disc) / 20)
            if (scores > 0).sum() >= 6:
                found_keypoints.append(keypoints)
                found_scores.append(scores)
        shape = (len(found_keypoints), len(JOINTS))
        return np.array(found_keypoints, np.float32).reshape(*shape, 2), np.array(found_scores, np.float32).reshape(
            shape
        )


ACTIONS = ("jumping_jacks", "wave_both", "squat", "clap", "walk", "kick", "throw", "elbow_to_knee")


def render_folder(
    folder: Path,
    count: int,
    seed: int = 0,
    seconds: tuple[float, float] = (1.6, 3.0),
    size: tuple[int, int] = (96, 128),
) -> dict[str, np.ndarray]:
    """Writes `count` videos of one or two moving people at 15 frames per second.

    Returns:
        Name of each video -> (T, M, 13, 2) its true poses.
    """
    truth = {}
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        length = rng.uniform(*seconds)
        centres = ((0.5,), (0.27, 0.73))[index % 2]
        people = []
        for share in centres:
            action = ACTIONS[rng.integers(len(ACTIONS))]
            people.append(project(rng, action, length, 15.0, (share * size[1], 0.5 * size[0], 0.7 * size[0])))
        poses = np.stack(people, axis=1)
        name = f"{'ab'[index % 2]}/video_{index:03d}.mp4"
        write_video(folder / name, [draw(frame, size) for frame in poses])
        truth[name] = poses
    return truth
