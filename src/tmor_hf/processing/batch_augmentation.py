# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`SkeletonAugmentation` on many clips at once: the same draws and the same results up to rounding, many times faster.

What a clip becomes depends on the clip and its generator alone, to the last bit: clips are computed together with
others of the same padded length only, so that every number comes out of operations of the same shapes.

Axes: B clips, C coordinates (2 or 3), M people, T frames (padded to a multiple of 16), V = 22 canonical joints.
Coordinates come first: then every operation runs over long rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from .augmentation import AugmentedClip, SkeletonAugmentation, _log_uniform, _smooth_waves
from .joint_layouts import CANONICAL, get_layout
from .kinematic_tree import KinematicTree, kinematic_tree
from .layout_augmentation import draw_hidden_joints
from .skeletons import Skeletons

_PADDING = 16
_DRIFT_PERIOD = 16.0
_SPAN = (0.1, 1.0)  # of `drop_joints`
_SIZE_FRAMES = 16  # frames that tell the size of a body
_CAMERA_ANGLES = ((-180.0, 180.0), (-10.0, 35.0), (-5.0, 5.0), (30.0, 70.0))  # azimuth, elevation, roll, field of view
_DISTANCE = (1.1, 2.5)
_IMAGE_SIZE = (480, 640)


def augment_batch(
    augmentation: SkeletonAugmentation, clips: Sequence[Skeletons], rngs: Sequence[np.random.Generator]
) -> list[AugmentedClip]:
    """What `augmentation.augment(clip, rng)` gives for each clip, up to rounding.

    Args:
        augmentation: What to do.
        clips: The clips; those on the canonical joints, y up, without scores, go together, others one by one.
        rngs: A generator for each clip.
    """
    done: list[AugmentedClip | None] = [None] * len(clips)
    alike: dict[tuple[int, int, int], list[_Draws]] = {}
    for index, (clip, rng) in enumerate(zip(clips, rngs, strict=True)):
        if clip.scores is None and clip.resolved_up_axis == "y" and get_layout(clip.layout) == CANONICAL:
            draws = _draw(augmentation, clip, rng, index)
            alike.setdefault((clip.num_people, clip.num_coordinates, draws.padded_frames), []).append(draws)
        else:
            done[index] = augmentation.augment(clip, rng)
    for group in alike.values():
        for draws, result in _augment_alike(augmentation, group):
            done[draws.index] = result
    return done


# ---------------------------------------------------------------- draws, in the order of SkeletonAugmentation.augment


@dataclass
class _Draws:
    """All that is drawn for one clip before its people can be dropped, and its place among the clips."""

    index: int
    clip: Skeletons
    rng: np.random.Generator
    start: int = 0
    length: int = 0
    speed: float = 1.0
    num_frames: int = 0
    warps: np.ndarray | None = None
    factors: np.ndarray | None = None
    shares: np.ndarray | None = None
    scale: float = 1.0
    angles: tuple[float, ...] = ()  # of the view, in degrees
    is_filmed: bool = False
    distance: float = 0.0
    level: float = 0.0
    jitter: np.ndarray | None = None
    drift: np.ndarray | None = None
    hidden: list[np.ndarray] = field(default_factory=list)
    layout_hidden: np.ndarray | None = None

    @property
    def padded_frames(self) -> int:
        return -(-self.num_frames // _PADDING) * _PADDING


def _draw(options: SkeletonAugmentation, clip: Skeletons, rng: np.random.Generator, index: int) -> _Draws:
    draws = _Draws(index, clip, rng, length=clip.num_frames)
    _draw_time(options, draws)
    people, joints = clip.num_people, clip.num_joints
    if options.proportions:
        draws.factors = rng.uniform(-options.proportions, options.proportions, size=(people, joints))
    if options.joint_shift:
        draws.shares = rng.normal(0.0, options.joint_shift, size=joints)
    if options.max_scale > 1.0:
        draws.scale = _log_uniform(rng, (1.0 / options.max_scale, options.max_scale))
    _draw_view(options, draws)
    coordinates = 2 if draws.is_filmed else clip.num_coordinates
    if options.jitter or options.drift:
        draws.level = rng.random()
        size = people * joints * coordinates
        if draws.level * options.jitter:
            draws.jitter = rng.standard_normal((draws.num_frames, size), dtype=np.float32)
        if draws.level * options.drift:
            waves = _smooth_waves(draws.num_frames, _DRIFT_PERIOD)
            draws.drift = waves @ rng.standard_normal((waves.shape[1], size), dtype=np.float32)
    if options.joint_rate or options.limb_probability:
        hit = rng.random((people, joints)) < options.joint_rate
        spans = rng.uniform(*_SPAN, size=(people, joints)), rng.random((people, joints))
        limbs = _TREE.limbs
        hits = rng.random((people, 1)) < options.limb_probability
        # One number is drawn much faster than an array of one.
        limb = limbs[rng.integers(len(limbs), size=None if people == 1 else people)].reshape(people, joints)
        limb_spans = rng.uniform(*_SPAN, size=(people, 1)), rng.random((people, 1))
        draws.hidden = [hit, *spans, limb & hits, *limb_spans]
    if options.layout_probability:
        draws.layout_hidden = draw_hidden_joints(rng, options.layout_probability)
    return draws


def _draw_time(options: SkeletonAugmentation, draws: _Draws) -> None:
    clip, rng = draws.clip, draws.rng
    frames = clip.num_frames
    if options.min_crop < 1.0:
        draws.length = int(rng.integers(int(np.ceil(options.min_crop * frames)), frames + 1))
        draws.start = int(rng.integers(frames - draws.length + 1))
        seen = clip.keypoints[draws.start : draws.start + draws.length, ..., 0]
        if np.isnan(seen[0, 0, 0]) and np.isnan(seen).all():
            seen = np.flatnonzero(~np.isnan(clip.keypoints[..., 0]).all(axis=(1, 2)))
            if len(seen):
                start = rng.choice(seen) - rng.integers(draws.length)
                draws.start = int(np.clip(start, 0, frames - draws.length))
    draws.num_frames = draws.length
    if options.max_speed > 1.0 or options.warp:
        draws.speed = _log_uniform(rng, (1.0 / options.max_speed, options.max_speed))
        steps = int(np.floor((draws.length - 1) / draws.speed + 1e-6))
        draws.num_frames = steps + 1
        if options.warp and steps > 1:
            draws.warps = rng.uniform(1.0 - options.warp, 1.0 + options.warp, size=4)


def _draw_view(options: SkeletonAugmentation, draws: _Draws) -> None:
    rng = draws.rng
    if draws.clip.num_coordinates == 2:
        if options.tilt:
            draws.angles = (rng.uniform(-1.0, 1.0, size=2)[1] * options.tilt,)
    elif rng.random() < options.camera_probability:
        draws.is_filmed = True
        draws.angles = tuple(rng.uniform(low, high) for low, high in _CAMERA_ANGLES)
        draws.distance = rng.uniform(*_DISTANCE)
    elif options.yaw or options.tilt:
        yaw, tilt = rng.uniform(-1.0, 1.0, size=2)
        draws.angles = (yaw * options.yaw, tilt * options.tilt, rng.uniform(0.0, 360.0))


# ---------------------------------------------------------------- clips of one shape


def _stack(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """`numpy.stack` of many small arrays of one shape, without its cost for each."""
    return np.concatenate(arrays).reshape(len(arrays), *arrays[0].shape)


def _augment_alike(options: SkeletonAugmentation, group: list[_Draws]):
    """(draws, result) of clips with the same numbers of people, coordinates and padded frames."""
    points, seen = _resampled(group)
    _change_body(options, group, points, seen)
    in_camera = np.array([draws.is_filmed for draws in group])
    for is_filmed in (False, True):
        chosen = np.flatnonzero(in_camera == is_filmed)
        if not len(chosen):
            continue
        members = [group[index] for index in chosen]
        own, own_seen = (points, seen) if len(chosen) == len(group) else (points[:, chosen], seen[chosen])
        own = _film(members, own, own_seen) if is_filmed else _turn(members, own, own_seen)
        _add_noise(options, members, own, own_seen)
        _hide(options, members, own_seen)
        yield from zip(members, _finish(options, members, own, own_seen), strict=True)


def _resampled(group: list[_Draws]) -> tuple[np.ndarray, np.ndarray]:
    """(C, B, M, T, V) joints, 0 where missing, at the drawn moments, and (B, M, T, V) whether they are seen."""
    starts = np.cumsum([0] + [draws.clip.num_frames for draws in group[:-1]])
    frames = np.concatenate([draws.clip.keypoints for draws in group])
    positions = _positions(group)
    low = positions.astype(np.int64)
    weight = (positions - low).astype(np.float32)
    first = np.array([start + draws.start for start, draws in zip(starts, group, strict=True)])[:, None]
    high = np.where(weight > 0.0, low + 1, low) + first
    rows = frames.reshape(len(frames), -1)
    before, after = np.take(rows, low + first, axis=0), np.take(rows, high, axis=0)
    after -= before
    after *= weight[:, :, None]
    after += before
    points = np.ascontiguousarray(after.reshape(*low.shape, *frames.shape[1:]).transpose(4, 0, 2, 1, 3))
    seen = ~np.isnan(points[0])
    lengths = np.array([draws.num_frames for draws in group])
    seen &= (np.arange(positions.shape[1]) < lengths[:, None])[:, None, :, None]
    np.copyto(points, np.float32(0.0), where=~seen)
    return points, seen


def _positions(group: list[_Draws]) -> np.ndarray:
    """(B, T) moments in the frames of each clip's stretch; the last one is repeated in the padding."""
    columns = np.arange(float(group[0].padded_frames))
    steps = np.array([draws.num_frames - 1 for draws in group])[:, None]
    positions = np.minimum(columns, steps)
    warped = np.flatnonzero([draws.warps is not None for draws in group])
    if len(warped):
        steps = steps[warped]
        warps = _stack([group[index].warps for index in warped])
        places = np.minimum(columns[:-1] * (3.0 / (steps - 1)), 3.0)
        knots = np.minimum(places.astype(np.int64), 2)
        left = np.take_along_axis(warps, knots, axis=1)
        speeds = (np.take_along_axis(warps, knots + 1, axis=1) - left) * (places - knots) + left
        moments = np.zeros((len(warped), len(columns)))
        np.cumsum(speeds, axis=1, out=moments[:, 1:])
        ends = np.take_along_axis(moments, steps, axis=1)
        positions[warped] = np.minimum(moments * (steps / ends), steps)
    speeds = np.array([[draws.speed] for draws in group])
    last = np.array([[draws.length - 1] for draws in group])
    return np.minimum(positions * speeds, last)


# ---------------------------------------------------------------- body


def _change_body(options: SkeletonAugmentation, group: list[_Draws], points: np.ndarray, seen: np.ndarray) -> None:
    if options.proportions:
        factors = _stack([draws.factors for draws in group]).astype(np.float32)
        excess = factors[:, :, _TREE.symmetric_joint, None]
        moves = _TREE.chains @ (excess * _TREE.bone_vectors)  # (B, M, V, V)
        filled = points if seen.all() else _fill_missing(points, seen)
        points += filled @ moves.swapaxes(-1, -2)
    if options.joint_shift:
        shares = _stack([draws.shares for draws in group]).astype(np.float32)
        shares = shares[:, np.minimum(np.arange(shares.shape[1]), CANONICAL.mirror_order)]
        both = seen & seen[..., _PARENT_OF]
        bones = points - points[..., _PARENT_OF]
        bones *= shares[:, None, None] * both
        points += bones
    if options.max_scale > 1.0:
        centre = _box_centre(points, seen)
        factor = np.array([draws.scale for draws in group], dtype=np.float32)[:, None, None, None]
        points -= centre
        points *= factor
        points += centre


def _fill_missing(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Every joint somewhere sensible, as `kinematic_tree.fill_missing`."""
    present = seen.any(axis=2)  # (B, M, V)
    filled = points.copy()
    frames = seen.any(axis=-1, keepdims=True).any(axis=1, keepdims=True)  # of the padding, no one asks
    with_gaps = np.flatnonzero((present[:, :, None] & ~seen & frames).any(axis=(1, 2, 3)))
    if len(with_gaps):
        filled[:, with_gaps] = _interpolate_gaps(points[:, with_gaps], seen[with_gaps])
    absent = ~present
    if absent[..., _ROOTS].any():
        shown = present[:, :, None]
        middle = np.where(shown, filled, 0.0).sum(axis=-1) / np.maximum(shown.sum(axis=-1), 1)
        for root in _ROOTS:
            filled[..., root] = np.where(absent[:, :, None, root], middle, filled[..., root])
    for joint, parents in _TREE.levels:
        if absent[..., joint].any():
            place = sum(filled[..., parent] for parent in parents) / np.float32(len(parents))
            filled[..., joint] = np.where(absent[:, :, None, joint], place, filled[..., joint])
    return filled


def _interpolate_gaps(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Fills gaps linearly in time and holds the ends."""
    frames = seen.shape[2]
    index = np.arange(frames)[:, None]
    before = np.maximum.accumulate(np.where(seen, index, -1), axis=2)
    after = np.minimum.accumulate(np.where(seen, index, frames)[:, :, ::-1], axis=2)[:, :, ::-1]
    before, after = np.where(before < 0, after, before), np.where(after >= frames, before, after)
    before, after = np.clip(before, 0, frames - 1), np.clip(after, 0, frames - 1)
    weight = ((index - before) / np.maximum(after - before, 1)).astype(np.float32)
    start = np.take_along_axis(points, before[None], axis=3)
    return start + weight * (np.take_along_axis(points, after[None], axis=3) - start)


# ---------------------------------------------------------------- view and noise


def _box_centre(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(C, B, 1, 1, 1) middle of the box around all joints of each clip; 0 where there are none."""
    axes = (2, 3, 4)
    low = np.where(seen, points, np.float32(np.inf)).min(axis=axes, keepdims=True)
    high = np.where(seen, points, np.float32(-np.inf)).max(axis=axes, keepdims=True)
    with np.errstate(invalid="ignore"):
        centre = (low + high) / np.float32(2.0)
    return np.where(np.isfinite(centre), centre, np.float32(0.0))


def _map(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Applies a matrix (B, C, C) to the points of each clip."""
    columns = matrices.astype(np.float32).transpose(1, 2, 0)[..., None, None, None]  # (C, C, B, 1, 1, 1)
    mapped = columns[:, 0] * points[0]
    for k in range(1, len(points)):
        mapped += columns[:, k] * points[k]
    return mapped


def _rotations(angles: np.ndarray) -> np.ndarray:
    """(B, C, C) from roll in 2D (B, 1), or from yaw, tilt and the heading of the tilt's axis in 3D (B, 3), radians."""
    if angles.shape[1] == 1:
        cos, sin = np.cos(angles[:, 0]), np.sin(angles[:, 0])
        return np.stack([np.stack([cos, -sin], axis=-1), np.stack([sin, cos], axis=-1)], axis=-2)
    yaw, tilt, heading = angles.T
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)
    lean = _axis_rotations(np.stack([np.cos(heading), zero, np.sin(heading)], axis=-1), tilt)
    return lean @ _axis_rotations(np.stack([zero, one, zero], axis=-1), yaw)


def _axis_rotations(axes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(B, 3, 3) rotations about unit axes (B, 3), after Rodrigues."""
    x, y, z = axes.T
    zero = np.zeros_like(x)
    rows = ((zero, -z, y), (z, zero, -x), (-y, x, zero))
    cross = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    sin, cos = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    return np.eye(3) + sin * cross + (1.0 - cos) * (cross @ cross)


def _cameras(angles: np.ndarray) -> np.ndarray:
    """(B, 3, 3) rows image right, image down and viewing direction, from azimuth, elevation and roll in radians."""
    (sin_a, sin_e, sin_r), (cos_a, cos_e, cos_r) = np.sin(angles.T[:3]), np.cos(angles.T[:3])
    zero = np.zeros_like(sin_a)
    right = np.stack([cos_a, zero, -sin_a])
    down = np.stack([sin_e * sin_a, -cos_e, sin_e * cos_a])
    to_camera = np.stack([cos_e * sin_a, sin_e, cos_e * cos_a])
    rows = [cos_r * right + sin_r * down, cos_r * down - sin_r * right, -to_camera]
    return np.stack(rows).transpose(2, 0, 1)


def _turn(group: list[_Draws], points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    if not group[0].angles:
        return points
    centre = _box_centre(points, seen)
    points = _map(_rotations(np.radians([draws.angles for draws in group])), points - centre)
    points += centre
    return points


def _film(group: list[_Draws], points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(2, B, M, T, V) pixels, as `virtual_camera`."""
    angles = np.radians([draws.angles for draws in group])
    local = _map(_cameras(angles), points - _box_centre(points, seen))
    right, down, away = local
    half_height, half_width = (_IMAGE_SIZE[0] - 1) / 2.0, (_IMAGE_SIZE[1] - 1) / 2.0
    focal = (half_height / np.tan(angles[:, 3] / 2.0)).astype(np.float32)[:, None, None, None]
    factor = np.array([draws.distance for draws in group], dtype=np.float32)[:, None, None, None]
    sideways = np.abs(right) * (focal / np.float32(half_width))
    upright = np.abs(down) * (focal / np.float32(half_height))
    needed = np.where(seen, np.maximum(sideways, upright) - away, np.float32(-np.inf))
    fitting = needed.max(axis=(1, 2, 3), keepdims=True)
    fitting = np.where(fitting > 0.0, fitting, np.float32(1.0))
    away += factor * fitting
    with np.errstate(divide="ignore", invalid="ignore"):  # of joints that are missing
        magnify = focal / away
        pixels = local[:2]
        pixels *= magnify
    pixels[0] += np.float32(half_width)
    pixels[1] += np.float32(half_height)
    return pixels


def _body_size(group: list[_Draws], points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(B,) root mean square distance of the joints from the mean joint of their person and frame."""
    lengths = np.array([draws.num_frames for draws in group])[:, None]
    chosen = np.arange(_SIZE_FRAMES) * (1 + lengths // _SIZE_FRAMES)
    inside = chosen < lengths
    chosen = np.minimum(chosen, lengths - 1)
    clips = np.arange(len(group))[:, None]
    known = (seen[clips, :, chosen] & inside[..., None, None])[None]  # (1, B, frames, M, V)
    values = np.ascontiguousarray(points[:, clips, :, chosen].transpose(2, 0, 1, 3, 4))
    values = np.where(known, values, np.float32(0.0))
    mean = values.sum(axis=-1, keepdims=True) / np.maximum(known.sum(axis=-1, keepdims=True), 1)
    away = np.where(known, values - mean.astype(np.float32), np.float32(0.0))
    squares = np.square(away, out=away).sum(axis=(2, 3, 4)).sum(axis=0)
    return np.sqrt(squares / np.maximum(known.sum(axis=(0, 2, 3, 4)), 1)).astype(np.float32)


def _add_noise(options: SkeletonAugmentation, group: list[_Draws], points: np.ndarray, seen: np.ndarray) -> None:
    if not (options.jitter or options.drift):
        return
    sizes = _body_size(group, points, seen)
    coordinates, clips, people, frames, joints = points.shape
    noise = np.zeros((clips, frames, people * joints * coordinates), dtype=np.float32)
    for own, draws, size in zip(noise, group, sizes, strict=True):
        if draws.jitter is not None:
            np.multiply(draws.jitter, np.float32(draws.level * options.jitter * size), out=own[: draws.num_frames])
        if draws.drift is not None:
            own[: draws.num_frames] += draws.drift * np.float32(draws.level * options.drift * size)
    points += noise.reshape(clips, frames, people, joints, coordinates).transpose(4, 0, 2, 1, 3)


# ---------------------------------------------------------------- what is seen, and the end


def _hide(options: SkeletonAugmentation, group: list[_Draws], seen: np.ndarray) -> None:
    """Hides joints for a while, and those that another layout lacks; unless nothing would be left."""
    frames = np.array([draws.num_frames for draws in group])[:, None, None]
    if options.joint_rate or options.limb_probability:
        hit, share, place, limb, limb_share, limb_place = map(
            _stack, zip(*(draws.hidden for draws in group), strict=True)
        )
        dropped = _spans(hit, share, place, frames, seen.shape[2])
        dropped |= _spans(limb, limb_share, limb_place, frames, seen.shape[2])
        _hide_unless_all(seen, dropped)
    if options.layout_probability:
        hidden = _stack([draws.layout_hidden for draws in group])
        _hide_unless_all(seen, hidden[:, None, None])


def _spans(
    hit: np.ndarray, share: np.ndarray, place: np.ndarray, frames: np.ndarray, padded_frames: int
) -> np.ndarray:
    """(B, M, T, V) bool, True during one stretch of each joint (B, M, V) that is hit."""
    length = np.ceil(share * frames)
    start = np.floor(place * (frames - length + 1.0))
    time = np.arange(padded_frames)[:, None]
    return hit[:, :, None] & (time >= start[:, :, None]) & (time < (start + length)[:, :, None])


def _hide_unless_all(seen: np.ndarray, dropped: np.ndarray) -> None:
    left = seen & ~dropped
    keeps = left.any(axis=(1, 2, 3))
    seen[keeps] = left[keeps]


def _drop_people(options: SkeletonAugmentation, draws: _Draws, seen: np.ndarray) -> None:
    """As `drop_people`, on what is seen (M, T, V) of one clip."""
    present = seen.any(axis=(1, 2))
    if present.sum() < 2:
        return
    dropped = draws.rng.random(len(present)) < options.person_probability
    kept = draws.rng.choice(np.flatnonzero(present))
    if not (present & ~dropped).any():
        dropped[kept] = False
    seen[dropped] = False


def _finish(options: SkeletonAugmentation, group: list[_Draws], points: np.ndarray, seen: np.ndarray):
    """The clips as objects, some of them mirrored."""
    people, is_filmed = seen.shape[1], group[0].is_filmed
    for draws, own in zip(group, seen, strict=True):
        if options.person_probability and people > 1:
            _drop_people(options, draws, own)
    mirrored = np.array([bool(draws.rng.random() < options.mirror_probability) for draws in group])
    if mirrored.any():
        _mirror(group, points, seen, np.flatnonzero(mirrored))
    np.copyto(points, np.float32(np.nan), where=~seen)
    frames = np.ascontiguousarray(points.transpose(1, 3, 2, 4, 0))
    for draws, own, is_mirrored in zip(group, frames, mirrored, strict=True):
        clip = copy(draws.clip)  # not `replace`, whose checks would take longer than all the rest
        clip.keypoints = own[: draws.num_frames]
        if is_filmed:
            clip.image_size, clip.up_axis = _IMAGE_SIZE, "-y"
        yield AugmentedClip(clip, bool(is_mirrored))


def _mirror(group: list[_Draws], points: np.ndarray, seen: np.ndarray, chosen: np.ndarray) -> None:
    order = CANONICAL.mirror_order
    own, own_seen = points[:, chosen][..., order], seen[chosen][..., order]
    if len(points) == 3:
        total = np.float32(0.0)
    else:
        sizes = [_IMAGE_SIZE if group[index].is_filmed else group[index].clip.image_size for index in chosen]
        width = np.array([np.nan if size is None else size[1] - 1 for size in sizes], dtype=np.float32)
        total = width[:, None, None, None]
        if np.isnan(width).any():
            total = np.where(np.isnan(total), 2.0 * _box_centre(own, own_seen)[0], total)
    own[0] = total - own[0]
    points[:, chosen], seen[chosen] = own, own_seen


def _parents() -> np.ndarray:
    """(V,) parent of each canonical joint along its bone; a joint without one is its own."""
    parents = np.arange(CANONICAL.num_joints)
    for parent, child in CANONICAL.bones:
        parents[child] = parent
    return parents


_TREE: KinematicTree = kinematic_tree(CANONICAL)
_PARENT_OF = _parents()
_ROOTS = sorted(set(range(CANONICAL.num_joints)) - {joint for joint, _ in _TREE.levels})

__all__ = ["augment_batch"]
