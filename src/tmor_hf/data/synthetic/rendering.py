# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Small rendered videos of a motion: limbs as shaded capsules in front of a plain background, all in numpy.

Axes: F frames, S capsules (one per bone), P pixels.
"""

from __future__ import annotations

import numpy as np

from ...processing.augmentation import virtual_camera
from ...processing.skeletons import Skeletons

# From joint, to joint, radius as a fraction of the body's height in the image, colour group.
_CAPSULES = (
    (14, 18, 0.055, "trousers"), (0, 2, 0.062, "shirt"), (2, 3, 0.060, "shirt"), (6, 10, 0.042, "shirt"),
    (14, 15, 0.040, "trousers"), (15, 16, 0.030, "trousers"), (16, 17, 0.022, "shoes"),
    (18, 19, 0.040, "trousers"), (19, 20, 0.030, "trousers"), (20, 21, 0.022, "shoes"),
    (6, 7, 0.028, "shirt"), (7, 8, 0.022, "sleeves"), (8, 9, 0.020, "skin"),
    (10, 11, 0.028, "shirt"), (11, 12, 0.022, "sleeves"), (12, 13, 0.020, "skin"),
    (3, 4, 0.030, "skin"), (4, 4, 0.058, "skin"), (5, 5, 0.020, "skin"),
)  # fmt: skip
_GROUPS = ("shirt", "trousers", "shoes", "sleeves", "skin")
_START = np.array([c[0] for c in _CAPSULES])
_END = np.array([c[1] for c in _CAPSULES])
_RADIUS = np.array([c[2] for c in _CAPSULES], np.float32)
_GROUP = np.array([_GROUPS.index(c[3]) for c in _CAPSULES])


def _colours(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Clothing colours (5, 3) and two background colours (2, 3), each in 0..255."""
    clothes = rng.uniform(15, 240, (5, 3))
    skin = np.array([[236, 200, 175], [198, 145, 110], [120, 80, 55], [80, 52, 38]])[rng.integers(4)]
    clothes[4] = skin + rng.uniform(-12, 12, 3)
    if rng.random() < 0.6:
        clothes[3] = clothes[4] if rng.random() < 0.5 else clothes[0]
    background = rng.uniform(40, 220, 3)
    return clothes.astype(np.float32), np.stack((background, background * rng.uniform(0.6, 1.1))).astype(np.float32)


def _depths(clip: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Order (F, S) from far to near, by the capsules' depth along the camera's line of sight.

    The camera's direction is recovered from the projection itself: the horizontal direction of space that leaves no
    trace in the image.
    """
    centred = clip - clip.mean((0, 1))
    image = pixels - pixels.mean((0, 1))
    solution, *_ = np.linalg.lstsq(centred.reshape(-1, 3), image.reshape(-1, 2), rcond=None)
    right, down = solution[:, 0], solution[:, 1]
    view = np.cross(right, down)
    view /= max(np.linalg.norm(view), 1e-9)
    depth = clip @ view
    return (depth[:, _START] + depth[:, _END]) / 2


def render_clip(
    skeletons: Skeletons, num_frames: int = 8, size: int = 32, rng: np.random.Generator | None = None, **camera
) -> np.ndarray:
    """Renders a 3D clip of one person as a small video.

    Args:
        skeletons: layout `tmor22`, 3D, no joint missing.
        num_frames: frames of the video, evenly spread over the clip.
        size: height and width in pixels.
        rng: colours and camera; a fixed generator by default.
        **camera: options of `augmentation.virtual_camera`.

    Returns:
        (num_frames, size, size, 3) uint8.

    Raises:
        ValueError: if the clip is not 3D `tmor22` or has missing joints.
    """
    if skeletons.num_coordinates != 3 or skeletons.layout != "tmor22" or not np.isfinite(skeletons.keypoints).all():
        raise ValueError("expected a complete 3D clip of layout 'tmor22'; render before joints are dropped")
    rng = np.random.default_rng(0) if rng is None else rng
    chosen = np.linspace(0, skeletons.num_frames - 1, num_frames).round().astype(int)
    clip = Skeletons(skeletons.keypoints[chosen, :1], layout="tmor22")
    camera = {"azimuth": (-60.0, 60.0), "distance": (1.1, 1.6), **camera}
    pixels = virtual_camera(clip, rng, image_size=(size, size), **camera).keypoints[:, 0]
    points = clip.keypoints[:, 0]
    height = np.linalg.norm(np.diff(pixels[:, [16, 15, 14, 0, 2, 3, 4]], axis=1), axis=-1).sum(1).max() * 1.05
    order = np.argsort(-_depths(points, pixels), axis=1)
    clothes, background = _colours(rng)
    return _paint(pixels, order, max(float(height), 4.0), clothes, background, size)


def _paint(pixels, order, height: float, clothes, background, size: int) -> np.ndarray:
    """Draws capsules from far to near with one pixel of anti-aliasing."""
    frames = len(pixels)
    pixels = pixels.astype(np.float32)
    column, row_number = (axis.ravel().astype(np.float32) for axis in np.meshgrid(np.arange(size), np.arange(size)))
    # Coordinates apart: reductions over an axis of two are slow.
    (start_x, start_y), (end_x, end_y) = (np.moveaxis(pixels[:, which, None], -1, 0) for which in (_START, _END))
    line_x, line_y = end_x - start_x, end_y - start_y
    from_x, from_y = column - start_x, row_number - start_y
    along = (from_x * line_x + from_y * line_y) / np.maximum(line_x * line_x + line_y * line_y, 1e-6)
    np.clip(along, 0, 1, out=along)
    from_x -= along * line_x
    from_y -= along * line_y
    distance = np.sqrt(from_x * from_x + from_y * from_y)
    radius = np.maximum(_RADIUS * height, 0.5)[None, :, None]
    cover = np.clip(radius - distance + 0.5, 0, 1)
    shade = 1.0 - 0.35 * np.clip(distance / radius, 0, 1) ** 2
    ramp = np.linspace(0, 1, size, dtype=np.float32).repeat(size)[:, None]
    image = np.broadcast_to(background[0] * (1 - ramp) + background[1] * ramp, (frames, size * size, 3)).copy()
    row = np.arange(frames)
    for rank in range(order.shape[1]):
        which = order[:, rank]
        opacity = cover[row, which][..., None]
        colour = clothes[_GROUP[which]][:, None] * shade[row, which][..., None]
        image += (colour - image) * opacity
    return np.clip(image, 0, 255).astype(np.uint8).reshape(frames, size, size, 3)
