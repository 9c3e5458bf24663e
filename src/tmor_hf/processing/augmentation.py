# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Random changes of a clip that leave its action recognisable, for training.

Every function takes a `Skeletons`, leaves it as it is, and returns a new one; randomness comes from the generator that
the caller passes. Joints that are missing stay missing and come out as NaN; nothing else becomes missing unless the
function is there to drop it. Lengths (noise) are relative to the size of the body in the clip, so that metres,
millimetres and pixels behave alike; angles are in degrees.

No function turns a body into its mirror image by accident: rotations are proper, the camera shows left where an
onlooker sees it, and `mirror` swaps the names of left and right joints, so that a left hand that waves becomes a right
hand that waves. What a caption says about left and right is then wrong: swap it with `mirror_caption`.

Axes: T frames, M people, V joints, C coordinates (2 or 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .caption_sides import mirror_caption
from .joint_layouts import CANONICAL, get_layout
from .kinematic_tree import fill_missing, kinematic_tree
from .layout_augmentation import imitate_layout, shift_joints
from .skeletons import Skeletons

# ---------------------------------------------------------------- space


def rotate(
    skeletons: Skeletons, rng: np.random.Generator, *, yaw: float | None = None, tilt: float = 10.0
) -> Skeletons:
    """Turns the whole clip about its centre.

    Args:
        skeletons: The clip.
        rng: Source of randomness.
        yaw: Largest turn about the vertical, either way; 180 by default in 3D. A 2D clip cannot be turned so.
        tilt: Largest tilt of the vertical, towards any side in 3D; in 2D the image is rolled by up to this angle.

    Raises:
        ValueError: If an angle lies outside 0..180, or a yaw is asked for in 2D.
    """
    is_3d = skeletons.num_coordinates == 3
    yaw = (180.0 if is_3d else 0.0) if yaw is None else yaw
    _check_between("yaw", yaw, 0.0, 180.0)
    _check_between("tilt", tilt, 0.0, 180.0)
    if yaw and not is_3d:
        raise ValueError(f"expected a 3D clip to turn about the vertical, got 2D keypoints and yaw {yaw}; pass yaw=0")
    yaw_angle, tilt_angle = np.radians(rng.uniform(-1.0, 1.0, size=2) * (yaw, tilt))
    if is_3d:
        side, up, front = _basis(skeletons.resolved_up_axis)
        heading = rng.uniform(0.0, 2.0 * np.pi)
        axis = np.cos(heading) * side + np.sin(heading) * front
        rotation = _axis_rotation(axis, tilt_angle) @ _axis_rotation(up, yaw_angle)
    else:
        cos, sin = np.cos(tilt_angle), np.sin(tilt_angle)
        rotation = np.array([[cos, -sin], [sin, cos]])
    points = _points(skeletons)
    return replace(skeletons, keypoints=_map_about(points, rotation, _box_centre(points)))


def virtual_camera(
    skeletons: Skeletons,
    rng: np.random.Generator,
    *,
    azimuth: tuple[float, float] = (-180.0, 180.0),
    elevation: tuple[float, float] = (-10.0, 35.0),
    roll: float = 5.0,
    distance: tuple[float, float] = (1.1, 2.5),
    field_of_view: tuple[float, float] = (30.0, 70.0),
    image_size: tuple[int, int] = (480, 640),
) -> Skeletons:
    """Films a 3D clip from a random viewpoint: perspective projection onto an image.

    One pinhole camera that stands still looks at the middle of the whole clip, all people included, from far enough
    that every joint of every frame is in front of it and inside the image.

    Args:
        skeletons: A 3D clip.
        rng: Source of randomness.
        azimuth: Range of the camera's direction around the vertical.
        elevation: Range of its height angle, from -90 (from below) to 90 (from above).
        roll: Largest roll about the viewing direction, either way.
        distance: Range of its distance, as a multiple of the least distance from which the clip fits into the image.
        field_of_view: Range of the angle that the height of the image spans.
        image_size: (height, width) of the image in pixels.

    Returns:
        A 2D clip in pixels, x to the right and y down, with `image_size` set.

    Raises:
        ValueError: For a 2D clip, or a range that is empty or out of bounds.
    """
    if skeletons.num_coordinates != 3:
        raise ValueError(
            "expected a 3D clip for virtual_camera, got 2D keypoints; they already are a view, so use rotate or scale"
        )
    _check_range("azimuth", azimuth, -360.0, 360.0)
    _check_range("elevation", elevation, -90.0, 90.0)
    _check_between("roll", roll, 0.0, 180.0)
    _check_range("distance", distance, 1.01, np.inf)
    _check_range("field_of_view", field_of_view, 1.0, 150.0)
    if len(image_size) != 2 or min(image_size) < 2:
        raise ValueError(f"expected image_size (height, width) of at least 2 pixels, got {image_size}")
    angles = [rng.uniform(*azimuth), rng.uniform(*elevation), rng.uniform(-roll, roll), rng.uniform(*field_of_view)]
    azimuth_angle, elevation_angle, roll_angle, view_angle = np.radians(angles)
    view = _camera_axes(skeletons.resolved_up_axis, azimuth_angle, elevation_angle, roll_angle)
    points = _points(skeletons)
    local = _map_about(points, view, _box_centre(points), to=np.zeros(3, dtype=np.float32))
    pixels = _project(local, image_size, view_angle, factor=rng.uniform(*distance))
    return replace(skeletons, keypoints=pixels, image_size=image_size, up_axis="-y")


def scale(skeletons: Skeletons, rng: np.random.Generator, *, factor: tuple[float, float] = (0.8, 1.25)) -> Skeletons:
    """Enlarges or shrinks the whole clip about its centre by one factor, drawn evenly on a logarithmic scale.

    Raises:
        ValueError: If the range is empty or not above 0.
    """
    _check_range("factor", factor, 1e-6, np.inf)
    points = _points(skeletons)
    matrix = np.eye(skeletons.num_coordinates) * _log_uniform(rng, factor)
    return replace(skeletons, keypoints=_map_about(points, matrix, _box_centre(points)))


def change_proportions(skeletons: Skeletons, rng: np.random.Generator, *, strength: float = 0.15) -> Skeletons:
    """Gives each person another build: every bone gets a length factor of its own, the same on both sides.

    Factors are drawn from 1 - strength to 1 + strength and hold for the whole clip. Bones keep their directions, and
    joints move with the bones before them, along the layout's bones from its root, which stays in place (for a layout
    rooted in one hip, the middle of both does). A bone whose end is missing is bridged: positions are interpolated in
    time, or the bone counts as absent if its end is never seen.

    Raises:
        ValueError: If the strength is not in [0, 1).
    """
    _check_between("strength", strength, 0.0, 0.99)
    points = _points(skeletons)
    tree = kinematic_tree(get_layout(skeletons.layout))
    factors = rng.uniform(-strength, strength, size=(skeletons.num_people, skeletons.num_joints))
    excess = factors.astype(np.float32)[:, tree.symmetric_joint, None]
    shifts = tree.chains @ (excess * tree.bone_vectors)  # (M, V, V): what each joint adds to the place of each other
    missing = np.isnan(points[..., 0])
    if missing.any():
        moves = shifts @ fill_missing(points, missing, tree)
    else:
        moves = shifts @ points
    return replace(skeletons, keypoints=points + moves)


def add_noise(
    skeletons: Skeletons,
    rng: np.random.Generator,
    *,
    jitter: float = 0.02,
    drift: float = 0.02,
    drift_period: float = 16.0,
) -> Skeletons:
    """Adds the errors of a sensor to each coordinate of each joint.

    Args:
        skeletons: The clip.
        rng: Source of randomness.
        jitter: Standard deviation of the part that is new in each frame, as a fraction of the body's size (the root
            mean square distance of the joints from the middle of their person, about 0.5 m for an adult).
        drift: The same for the part that wanders smoothly.
        drift_period: Frames between two independent values of the drift.

    Raises:
        ValueError: If a deviation is below 0 or the period below 1.
    """
    _check_between("jitter", jitter, 0.0, np.inf)
    _check_between("drift", drift, 0.0, np.inf)
    _check_between("drift_period", drift_period, 1.0, np.inf)
    points = _points(skeletons)
    size = _body_size(points)
    frames, people, joints, coordinates = points.shape
    noise = sensor_noise(rng, (coordinates, people, frames, joints), jitter * size, drift * size, drift_period)
    return replace(skeletons, keypoints=points + noise.transpose(2, 1, 3, 0))


def mirror(skeletons: Skeletons) -> Skeletons:
    """The same action done with the other side: the clip in a mirror, with left and right joints swapped.

    3D clips are reflected through the origin's vertical plane, 2D clips within their image (or within the box around
    all joints if `image_size` is not known). There is no randomness: the caller decides, since captions that say left
    or right must change with it (`mirror_caption`).
    """
    points = _points(skeletons)
    order = get_layout(skeletons.layout).mirror_order
    if skeletons.num_coordinates == 3:
        axis, total = int(np.flatnonzero(_basis(skeletons.resolved_up_axis)[0])[0]), np.float32(0.0)
    elif skeletons.image_size is not None:
        axis, total = 0, np.float32(skeletons.image_size[1] - 1)
    else:
        axis, total = 0, 2.0 * _box_centre(points)[0]
    mirrored = points[:, :, order]
    mirrored[..., axis] = total - mirrored[..., axis]
    scores = None if skeletons.scores is None else skeletons.scores[:, :, order]
    return replace(skeletons, keypoints=mirrored, scores=scores)


# ---------------------------------------------------------------- what is seen


def drop_joints(
    skeletons: Skeletons,
    rng: np.random.Generator,
    *,
    rate: float = 0.1,
    limb_probability: float = 0.2,
    span: tuple[float, float] = (0.1, 1.0),
) -> Skeletons:
    """Hides joints for a while, as occlusion does.

    Args:
        skeletons: The clip.
        rng: Source of randomness.
        rate: Probability of each joint of each person to be hidden during one random span of time.
        limb_probability: Probability of each person to have one limb hidden during a span: a joint of the left or the
            right side, and all that hangs on it.
        span: Range of the length of a span, as a fraction of the clip.

    Returns:
        The clip with hidden joints NaN and their scores 0. If nothing would be left, nothing is hidden.

    Raises:
        ValueError: If a probability or the range lies outside 0..1.
    """
    _check_between("rate", rate, 0.0, 1.0)
    _check_between("limb_probability", limb_probability, 0.0, 1.0)
    _check_range("span", span, 0.0, 1.0)
    people, joints = skeletons.num_people, skeletons.num_joints
    hidden = rng.random((people, joints)) < rate
    dropped = hidden & _random_spans(rng, skeletons.num_frames, (people, joints), span)
    limbs = kinematic_tree(get_layout(skeletons.layout)).limbs
    if len(limbs):
        hit = rng.random((people, 1)) < limb_probability
        limb = limbs[(rng.random(people) * len(limbs)).astype(int)]
        dropped |= (limb & hit) & _random_spans(rng, skeletons.num_frames, (people, 1), span)
    return _hide(skeletons, dropped)


def drop_people(skeletons: Skeletons, rng: np.random.Generator, *, probability: float = 0.2) -> Skeletons:
    """Hides whole people, each with this probability, but never the last one; their slots stay, all missing.

    Raises:
        ValueError: If the probability lies outside 0..1.
    """
    _check_between("probability", probability, 0.0, 1.0)
    present = skeletons.valid.any(axis=(0, 2))
    if present.sum() < 2:
        return replace(skeletons, keypoints=_points(skeletons))
    dropped = rng.random(skeletons.num_people) < probability
    kept = rng.choice(np.flatnonzero(present))
    if not (present & ~dropped).any():
        dropped[kept] = False
    return _hide(skeletons, np.broadcast_to(dropped[:, None], skeletons.keypoints.shape[:3]))


# ---------------------------------------------------------------- time


def temporal_crop(skeletons: Skeletons, rng: np.random.Generator, *, min_fraction: float = 0.6) -> Skeletons:
    """Keeps a random stretch of the clip that is at least `min_fraction` of it long.

    The stretch holds at least one joint if the clip does.

    Raises:
        ValueError: If the fraction is not above 0 and at most 1.
    """
    _check_between("min_fraction", min_fraction, 1e-6, 1.0)
    frames = skeletons.num_frames
    dice = rng.random(4)
    least = math.ceil(min_fraction * frames)
    length = least + int(dice[0] * (frames - least + 1))
    start = int(dice[1] * (frames - length + 1))
    points = _points(skeletons)
    if np.isnan(points[start : start + length, ..., 0]).all():
        start = _start_of_seen(points, length, start, dice[2:])
    stretch = slice(start, start + length)
    scores = None if skeletons.scores is None else skeletons.scores[stretch].copy()
    return replace(skeletons, keypoints=points[stretch], scores=scores)


def change_speed(
    skeletons: Skeletons,
    rng: np.random.Generator,
    *,
    factor: tuple[float, float] = (0.75, 1.33),
    warp: float = 0.0,
) -> Skeletons:
    """Plays the clip faster (factor above 1) or slower at the same fps, so that it gets shorter or longer.

    The factor is drawn evenly on a logarithmic scale; frames are interpolated linearly. The last frames go if they do
    not fill a step.

    Args:
        skeletons: The clip.
        rng: Source of randomness.
        factor: Range of the factor.
        warp: Strength of a `time_warp` on top, which costs less here than in a second pass.

    Raises:
        ValueError: If the range is empty or not above 0, or the strength not in [0, 1).
    """
    _check_range("factor", factor, 1e-3, np.inf)
    _check_between("warp", warp, 0.0, 0.99)
    speed, last = _log_uniform(rng, factor), skeletons.num_frames - 1
    knots = rng.uniform(1.0 - warp, 1.0 + warp, size=4) if warp else None
    steps = int(np.floor(last / speed + 1e-6))
    positions = np.arange(steps + 1.0)
    if warp and steps > 1:
        speeds = np.interp(np.linspace(0.0, 3.0, steps), np.arange(4), knots)
        np.cumsum(speeds, out=positions[1:])
        positions *= steps / positions[-1]
    return _resample(skeletons, np.minimum(positions * speed, last))


def time_warp(skeletons: Skeletons, rng: np.random.Generator, *, strength: float = 0.3) -> Skeletons:
    """Makes parts of the clip faster and others slower; its length, first and last frame stay.

    Args:
        skeletons: The clip.
        rng: Source of randomness.
        strength: The speed wanders smoothly between 1 - strength and 1 + strength, before it is scaled to end in time.

    Raises:
        ValueError: If the strength is not in [0, 1).
    """
    _check_between("strength", strength, 0.0, 0.99)
    return change_speed(skeletons, rng, factor=(1.0, 1.0), warp=strength)


# ---------------------------------------------------------------- all of it


class AugmentedClip(NamedTuple):
    """What `SkeletonAugmentation.augment` returns: the clip, and whether its left and right were swapped."""

    skeletons: Skeletons
    is_mirrored: bool


@dataclass(frozen=True)
class SkeletonAugmentation:
    """All augmentations in a sensible order; the defaults suit contrastive pre-training on 3D and 2D clips.

    Mirroring is off by default because it makes captions that say left or right wrong. With it on, call `augment` and
    pass the caption of each clip that `is_mirrored` through `mirror_caption`.

    Args:
        min_crop: Least fraction of the clip that is kept; 1 keeps it whole. See `temporal_crop`.
        max_speed: Largest factor by which the clip gets faster or slower; 1 leaves it. See `change_speed`.
        warp: Strength of `time_warp`.
        proportions: Strength of `change_proportions`.
        camera_probability: Probability of a 3D clip to become 2D by `virtual_camera`.
        yaw: Largest turn about the vertical of the other 3D clips. See `rotate`.
        tilt: Largest tilt (3D) or roll (2D). See `rotate`.
        max_scale: Largest factor of `scale`, up or down; 1 leaves the size, which the feature extractor takes out.
        jitter: Largest `add_noise` jitter; each clip draws its own level from 0 to this.
        drift: Largest `add_noise` drift; likewise.
        joint_rate: Rate of `drop_joints`.
        limb_probability: Probability of each person to lose a limb for a while. See `drop_joints`.
        person_probability: Probability of `drop_people`.
        mirror_probability: Probability of `mirror`.
        layout_probability: Probability of a clip on the canonical joints to lack the joints that another layout lacks.
            See `layout_augmentation.imitate_layout`.
        joint_shift: Strength of `layout_augmentation.shift_joints`, for clips on the canonical joints.

    Raises:
        ValueError: If an option is out of its range.
    """

    min_crop: float = 0.75
    max_speed: float = 1.3
    warp: float = 0.2
    proportions: float = 0.15
    camera_probability: float = 0.5
    yaw: float = 180.0
    tilt: float = 8.0
    max_scale: float = 1.0
    jitter: float = 0.03
    drift: float = 0.03
    joint_rate: float = 0.05
    limb_probability: float = 0.1
    person_probability: float = 0.1
    mirror_probability: float = 0.0
    layout_probability: float = 0.6
    joint_shift: float = 0.06

    def __post_init__(self) -> None:
        limits = {
            "min_crop": (1e-6, 1.0), "max_speed": (1.0, 10.0), "max_scale": (1.0, 10.0), "warp": (0.0, 0.99),
            "proportions": (0.0, 0.99), "yaw": (0.0, 180.0), "tilt": (0.0, 180.0), "jitter": (0.0, np.inf),
            "drift": (0.0, np.inf),
        }  # fmt: skip
        for field in fields(self):
            _check_between(field.name, getattr(self, field.name), *limits.get(field.name, (0.0, 1.0)))

    def __call__(self, skeletons: Skeletons, rng: np.random.Generator) -> Skeletons:
        """The augmented clip alone; with `mirror_probability` above 0, use `augment` where captions name a side."""
        return self.augment(skeletons, rng).skeletons

    def augment(self, skeletons: Skeletons, rng: np.random.Generator) -> AugmentedClip:
        """Augments a clip and says whether it was mirrored."""
        clip = self._change_view(self._change_body(self._change_time(skeletons, rng), rng), rng)
        if self.jitter or self.drift:
            level = rng.random()
            clip = add_noise(clip, rng, jitter=level * self.jitter, drift=level * self.drift)
        if self.joint_rate or self.limb_probability:
            clip = drop_joints(clip, rng, rate=self.joint_rate, limb_probability=self.limb_probability)
        if self.layout_probability and get_layout(clip.layout) == CANONICAL:
            clip = imitate_layout(clip, rng, probability=self.layout_probability)
        is_mirrored = bool(rng.random() < self.mirror_probability)
        if self.person_probability and clip.num_people > 1:
            clip = drop_people(clip, rng, probability=self.person_probability)
        return AugmentedClip(mirror(clip) if is_mirrored else clip, is_mirrored)

    def _change_time(self, clip: Skeletons, rng: np.random.Generator) -> Skeletons:
        if self.min_crop < 1.0:
            clip = temporal_crop(clip, rng, min_fraction=self.min_crop)
        if self.max_speed > 1.0 or self.warp:
            clip = change_speed(clip, rng, factor=(1.0 / self.max_speed, self.max_speed), warp=self.warp)
        return clip

    def _change_body(self, clip: Skeletons, rng: np.random.Generator) -> Skeletons:
        if self.proportions:
            clip = change_proportions(clip, rng, strength=self.proportions)
        if self.joint_shift and get_layout(clip.layout) == CANONICAL:
            clip = shift_joints(clip, rng, strength=self.joint_shift)
        if self.max_scale > 1.0:
            clip = scale(clip, rng, factor=(1.0 / self.max_scale, self.max_scale))
        return clip

    def _change_view(self, clip: Skeletons, rng: np.random.Generator) -> Skeletons:
        if clip.num_coordinates == 2:
            return rotate(clip, rng, yaw=0.0, tilt=self.tilt) if self.tilt else clip
        if rng.random() < self.camera_probability:
            return virtual_camera(clip, rng)
        return rotate(clip, rng, yaw=self.yaw, tilt=self.tilt) if self.yaw or self.tilt else clip


# ---------------------------------------------------------------- geometry


def _points(skeletons: Skeletons) -> np.ndarray:
    """A copy of the keypoints with every missing joint NaN."""
    points = skeletons.keypoints.copy()
    points[~skeletons.valid] = np.nan
    return points


def _box_centre(points: np.ndarray) -> np.ndarray:
    """(C,) middle of the box around all joints of the clip; NaN if there are none."""
    columns = np.ascontiguousarray(points.reshape(-1, points.shape[-1]).T)  # reductions along rows are much faster
    return (np.fmin.reduce(columns, axis=1) + np.fmax.reduce(columns, axis=1)) / np.float32(2.0)


def _body_size(points: np.ndarray) -> float:
    """Root mean square distance of the joints from the mean joint of their person and frame; 0 if there are none."""
    few = points[:: 1 + len(points) // 16]  # a body keeps its size: some frames tell it
    known = ~np.isnan(few[..., :1])
    values = np.where(known, few, np.float32(0.0))
    mean = values.sum(axis=2, keepdims=True) / np.maximum(known.sum(axis=2, keepdims=True), 1)
    away = np.where(known, values - mean, np.float32(0.0)).ravel()
    return float(np.sqrt(away @ away / max(int(known.sum()), 1)))


def _map_about(points: np.ndarray, matrix: np.ndarray, centre: np.ndarray, to: np.ndarray | None = None) -> np.ndarray:
    """Applies a (C, C) matrix to points (T, M, V, C) about a centre, which goes to `to` or stays."""
    turn = matrix.T.astype(np.float32)
    offset = (centre if to is None else to) - centre @ turn
    rows = (points.reshape(-1, len(turn)) @ turn).reshape(len(points), -1)
    rows += np.tile(offset, rows.shape[1] // len(turn))  # long rows: adding to triples one by one is slow
    return rows.reshape(points.shape)


@lru_cache(maxsize=8)
def _basis(up_axis: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right-handed unit vectors (to the right, up, to the front) in the coordinates of the clip."""
    index = "xyz".index(up_axis[-1])
    side, up = np.zeros(3), np.zeros(3)
    up[index] = -1.0 if up_axis.startswith("-") else 1.0
    side[(index - 1) % 3] = 1.0
    return side, up, np.cross(side, up)


def _axis_rotation(axis: np.ndarray, angle: float) -> np.ndarray:
    """(3, 3) rotation about a unit axis (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross)


def _camera_axes(up_axis: str, azimuth: float, elevation: float, roll: float) -> np.ndarray:
    """(3, 3) rows: image right, image down, viewing direction, of a camera that looks at the middle (radians)."""
    side, up, front = _basis(up_axis)
    level = np.sin(azimuth) * side + np.cos(azimuth) * front
    right = np.cos(azimuth) * side - np.sin(azimuth) * front
    down = np.sin(elevation) * level - np.cos(elevation) * up
    to_camera = np.cos(elevation) * level + np.sin(elevation) * up
    rolled_right = np.cos(roll) * right + np.sin(roll) * down
    rolled_down = np.cos(roll) * down - np.sin(roll) * right
    return np.stack([rolled_right, rolled_down, -to_camera])


def _project(local: np.ndarray, image_size: tuple[int, int], view_angle: float, factor: float) -> np.ndarray:
    """Pixels of points (right, down, away) from the middle, seen from `factor` times the least fitting distance."""
    right, down, away = local[..., 0], local[..., 1], local[..., 2]
    half_height, half_width = (image_size[0] - 1) / 2.0, (image_size[1] - 1) / 2.0
    focal = np.float32(half_height / np.tan(view_angle / 2.0))
    # A joint is inside the image if |right| * focal / half_width <= distance + away, and the same for its height.
    sideways = np.abs(right) * np.float32(focal / half_width) - away
    upright = np.abs(down) * np.float32(focal / half_height) - away
    fitting = np.fmax.reduce(np.fmax(sideways, upright), axis=None)
    fitting = fitting if fitting > 0.0 else np.float32(1.0)
    magnify = focal / (away + np.float32(factor) * fitting)
    pixels = np.empty((*local.shape[:-1], 2), dtype=np.float32)
    pixels[..., 0] = right * magnify + np.float32(half_width)
    pixels[..., 1] = down * magnify + np.float32(half_height)
    return pixels


# ---------------------------------------------------------------- time and chance


def _resample(skeletons: Skeletons, positions: np.ndarray) -> Skeletons:
    """The clip at fractional frame positions; a joint is missing where a frame that it is made of lacks it."""
    low = positions.astype(int)
    weight = (positions - low).astype(np.float32)
    high = np.where(weight > 0.0, low + 1, low)  # a frame that is hit exactly does not look at the next one
    points = _points(skeletons)
    weights = weight[:, None, None]
    scores = skeletons.scores
    if scores is not None:
        scores = scores[low] + weights * (scores[high] - scores[low])
    start = points[low]
    return replace(skeletons, keypoints=start + weights[..., None] * (points[high] - start), scores=scores)


def _start_of_seen(points: np.ndarray, length: int, start: int, dice: np.ndarray) -> int:
    """A start of the stretch with which it holds a frame in which a joint is seen, if there is one."""
    seen = np.flatnonzero(~np.isnan(points[..., 0]).all(axis=(1, 2)))
    if not len(seen):
        return start
    return int(np.clip(seen[int(dice[0] * len(seen))] - int(dice[1] * length), 0, len(points) - length))


def sensor_noise(
    rng: np.random.Generator, shape: tuple[int, int, int, int], jitter: float, drift: float, drift_period: float
) -> np.ndarray:
    """(C, M, T, V) float32 of that shape, what `add_noise` adds, with absolute deviations."""
    coordinates, people, frames, joints = shape
    noise = _draw_normals(rng, shape) * np.float32(jitter)
    if drift:
        waves = _smooth_waves(frames, drift_period)
        values = _draw_normals(rng, (coordinates, people, waves.shape[1], joints))
        noise += waves @ (values * np.float32(drift))
    return noise


def _draw_normals(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Float32 from the standard normal distribution: a stretch of a fixed sequence, which begins at a random place.

    Drawing each number took a tenth of the time of loading a batch.
    """
    normals, count = _fixed_normals(), math.prod(shape)
    start = int(rng.random() * len(normals))
    if start + count <= len(normals):
        return normals[start : start + count].reshape(shape)
    return np.take(normals, np.arange(start, start + count), mode="wrap").reshape(shape)


@lru_cache(maxsize=1)
def _fixed_normals() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(1 << 18, dtype=np.float32)


@lru_cache(maxsize=256)
def _smooth_waves(frames: int, period: float) -> np.ndarray:
    """(T, K) weights that blend K independent values into a smooth curve of unit variance."""
    count = int(np.ceil((frames - 1) / period)) + 2
    distance = np.abs(np.arange(frames)[:, None] / period - np.arange(count)[None, :])
    weights = np.where(distance < 1.0, np.cos(0.5 * np.pi * distance), 0.0)  # squares of neighbours add up to 1
    return weights.astype(np.float32)


def _random_spans(
    rng: np.random.Generator, frames: int, shape: tuple[int, int], span: tuple[float, float]
) -> np.ndarray:
    """(T, *shape) bool, True during one random stretch each."""
    length = np.ceil(rng.uniform(*span, size=shape) * frames)
    start = np.floor(rng.random(shape) * (frames - length + 1.0))
    time = np.arange(frames)[:, None, None]
    return (time >= start) & (time < start + length)


def _hide(skeletons: Skeletons, dropped: np.ndarray) -> Skeletons:
    """Makes joints (T, M, V) missing, unless none would be left."""
    points = _points(skeletons)
    hidden = points.copy()
    hidden[dropped] = np.nan
    if np.isnan(hidden[..., 0]).all():
        return replace(skeletons, keypoints=points)
    scores = None if skeletons.scores is None else np.where(dropped, np.float32(0.0), skeletons.scores)
    return replace(skeletons, keypoints=hidden, scores=scores)


def _log_uniform(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    return math.exp(rng.uniform(math.log(bounds[0]), math.log(bounds[1])))


# ---------------------------------------------------------------- options


def _check_between(name: str, value: Any, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"expected {name} between {low:g} and {high:g}, got {value}")


def _check_range(name: str, bounds: tuple[float, float], low: float, high: float) -> None:
    if len(bounds) != 2 or not low <= bounds[0] <= bounds[1] <= high:
        raise ValueError(f"expected {name} as (least, most) between {low:g} and {high:g}, got {bounds}")


__all__ = [
    "AugmentedClip",
    "SkeletonAugmentation",
    "add_noise",
    "change_proportions",
    "change_speed",
    "drop_joints",
    "drop_people",
    "mirror",
    "mirror_caption",
    "rotate",
    "scale",
    "temporal_crop",
    "time_warp",
    "virtual_camera",
]
