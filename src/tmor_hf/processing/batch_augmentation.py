# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`SkeletonAugmentation` on many clips at once: the same draws and the same results up to rounding, many times faster.

What a clip becomes depends on the clip and its generator alone, to the last bit: clips are computed together with
others of the same padded length only, so that every number comes out of operations of the same shapes.

Axes: B clips, C coordinates (2 or 3), M people, T frames (padded to a multiple of 32), V = 22 canonical joints.
Coordinates come first: then every operation runs over long rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from .augmentation import (
    AugmentedClip,
    SkeletonAugmentation,
    _start_of_seen,
    sensor_noise,
)
from .joint_layouts import CANONICAL, get_layout
from .kinematic_tree import KinematicTree, kinematic_tree
from .layout_augmentation import NUM_DICE, hidden_joints
from .skeletons import Skeletons, replace_unchecked

_PADDING = 32
_DRIFT_PERIOD = 16.0
_SPAN = (0.1, 1.0)  # of `drop_joints`
_SIZE_FRAMES = 16  # frames that tell the size of a body
# Azimuth, elevation, roll, field of view, and the distance.
_CAMERA_LOW, _CAMERA_HIGH = np.array([[-180.0, -10.0, -5.0, 30.0, 1.1], [180.0, 35.0, 5.0, 70.0, 2.5]])
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
    alike: dict[tuple[int, int], list[int]] = {}
    for index, (clip, rng) in enumerate(zip(clips, rngs, strict=True)):
        if clip.scores is None and clip.resolved_up_axis == "y" and get_layout(clip.layout) == CANONICAL:
            alike.setdefault((clip.num_people, clip.num_coordinates), []).append(index)
        else:
            done[index] = augmentation.augment(clip, rng)
    for members in alike.values():
        group = _Group(np.array(members), [clips[index] for index in members], [rngs[index] for index in members])
        _draw_time_and_body(augmentation, group)
        padded = -(-group.num_frames // _PADDING)
        for length in np.unique(padded):
            for index, result in _augment_alike(augmentation, group.select(np.flatnonzero(padded == length))):
                done[index] = result
    return done


# ---------------------------------------------------------------- draws, in the order of SkeletonAugmentation.augment


@dataclass
class _Group:
    """B clips with the same numbers of people and coordinates, and what is drawn for them before they are made.

    Args:
        indices: (B,) places among all clips.
        clips: The clips.
        rngs: Their generators.
        starts: (B,) first frame of the stretch that is kept.
        lengths: (B,) frames of this stretch.
        speeds: (B,) by which it gets faster.
        num_frames: (B,) frames at that speed.
        warps: (B, 4) further speeds over the clip, or None.
        factors: (B, M, V) by which bones get longer, or None.
        shares: (B, V) of bones by which joints are shifted, or None.
        scales: (B,) or None.
        is_filmed: (B,) bool.
    """

    indices: np.ndarray
    clips: list[Skeletons]
    rngs: list[np.random.Generator]
    starts: np.ndarray | None = None
    lengths: np.ndarray | None = None
    speeds: np.ndarray | None = None
    num_frames: np.ndarray | None = None
    warps: np.ndarray | None = None
    factors: np.ndarray | None = None
    shares: np.ndarray | None = None
    scales: np.ndarray | None = None
    is_filmed: np.ndarray | None = None

    def select(self, chosen: np.ndarray) -> _Group:
        """Some of the clips."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        lists = {name: [value[index] for index in chosen] for name, value in values.items() if isinstance(value, list)}
        arrays = {name: value[chosen] for name, value in values.items() if isinstance(value, np.ndarray)}
        return _Group(**lists, **arrays)

    @property
    def padded_frames(self) -> int:
        return -(-int(self.num_frames[0]) // _PADDING) * _PADDING

    def dice(self, *sizes: int) -> list[np.ndarray]:
        """(B, size) random numbers from 0 to 1 of each clip, for each size; drawn at once, which is much faster."""
        values = np.empty((len(self.rngs), sum(sizes)))
        for rng, row in zip(self.rngs, values, strict=True):
            rng.random(out=row)
        return np.split(values, np.cumsum(sizes)[:-1], axis=1)


def _draw_time_and_body(options: SkeletonAugmentation, group: _Group) -> None:
    people, joints = group.clips[0].num_people, CANONICAL.num_joints
    changes_speed = options.max_speed > 1.0 or options.warp > 0.0
    crop, speed, warp, factors = group.dice(
        4 if options.min_crop < 1.0 else 0,
        1 if changes_speed else 0,
        4 if options.warp else 0,
        people * joints if options.proportions else 0,
    )
    frames = np.array([clip.num_frames for clip in group.clips])
    group.starts, group.lengths, group.speeds = np.zeros(len(frames), int), frames, np.ones(len(frames))
    if options.min_crop < 1.0:
        _draw_crop(options, group, crop)
    if changes_speed:
        group.speeds = _log_uniform(speed[:, 0], options.max_speed)
    group.num_frames = np.floor((group.lengths - 1) / group.speeds + 1e-6).astype(int) + 1
    if options.warp:
        group.warps = _between(1.0 - options.warp, 1.0 + options.warp, warp)
    if options.proportions:
        group.factors = _between(-options.proportions, options.proportions, factors).reshape(-1, people, joints)
    if options.joint_shift:
        group.shares = np.array([rng.normal(0.0, options.joint_shift, size=joints) for rng in group.rngs])
    if options.max_scale > 1.0:
        group.scales = _log_uniform(group.dice(1)[0][:, 0], options.max_scale)
    group.is_filmed = np.zeros(len(frames), dtype=bool)
    if group.clips[0].num_coordinates == 3:
        group.is_filmed = np.array([rng.random() for rng in group.rngs]) < options.camera_probability


def _draw_crop(options: SkeletonAugmentation, group: _Group, dice: np.ndarray) -> None:
    least = np.ceil(options.min_crop * group.lengths).astype(int)
    lengths = least + (dice[:, 0] * (group.lengths - least + 1)).astype(int)
    group.starts = (dice[:, 1] * (group.lengths - lengths + 1)).astype(int)
    group.lengths = lengths
    stretches = zip(group.clips, group.starts.tolist(), lengths.tolist(), strict=True)
    for place, (clip, start, length) in enumerate(stretches):
        first = clip.keypoints.item(start, 0, 0, 0)  # says nearly always that something is seen
        if first != first and np.isnan(clip.keypoints[start : start + length, ..., 0]).all():
            group.starts[place] = _start_of_seen(clip.keypoints, length, start, dice[place, 2:])


def _between(low: float | np.ndarray, high: float | np.ndarray, dice: np.ndarray) -> np.ndarray:
    return low + (high - low) * dice


def _log_uniform(dice: np.ndarray, largest: float) -> np.ndarray:
    return np.exp(_between(np.log(1.0 / largest), np.log(largest), dice))


# ---------------------------------------------------------------- clips of one shape


def _augment_alike(options: SkeletonAugmentation, group: _Group):
    """(index, result) of clips with the same padded number of frames."""
    points, seen = _resampled(group)
    points = _change_body(options, group, points, seen)
    for is_filmed in (False, True):
        chosen = np.flatnonzero(group.is_filmed == is_filmed)
        if not len(chosen):
            continue
        own, own_points, own_seen = group, points, seen
        if len(chosen) < len(group.clips):
            own, own_points, own_seen = group.select(chosen), points[:, chosen], seen[chosen]
        own_points = (_film if is_filmed else _turn)(options, own, own_points, own_seen)
        yield from zip(own.indices.tolist(), _finish(options, own, own_points, own_seen), strict=True)


def _resampled(group: _Group) -> tuple[np.ndarray, np.ndarray]:
    """(C, B, M, T, V) joints, 0 where missing, at the drawn moments, and (B, M, T, V) whether they are seen."""
    firsts = np.cumsum([0] + [clip.num_frames for clip in group.clips[:-1]]) + group.starts
    frames = np.concatenate([clip.keypoints for clip in group.clips])
    positions = _positions(group)
    low = positions.astype(np.int64)
    weight = (positions - low).astype(np.float32)
    high = np.where(weight > 0.0, low + 1, low) + firsts[:, None]
    rows = frames.reshape(len(frames), -1)
    before, after = np.take(rows, low + firsts[:, None], axis=0), np.take(rows, high, axis=0)
    after -= before
    after *= weight[:, :, None]
    after += before
    points = np.ascontiguousarray(after.reshape(*low.shape, *frames.shape[1:]).transpose(4, 0, 2, 1, 3))
    seen = ~np.isnan(points[0])
    seen &= (np.arange(positions.shape[1]) < group.num_frames[:, None])[:, None, :, None]
    np.copyto(points, np.float32(0.0), where=~seen)
    return points, seen


def _positions(group: _Group) -> np.ndarray:
    """(B, T) moments in the frames of each clip's stretch; the last one is repeated in the padding."""
    columns = np.arange(float(group.padded_frames))
    steps = group.num_frames[:, None] - 1
    positions = np.minimum(columns, steps)
    warped = np.flatnonzero(steps[:, 0] > 1) if group.warps is not None else ()
    if len(warped):
        steps, warps = steps[warped], group.warps[warped]
        places = np.minimum(columns[:-1] * (3.0 / (steps - 1)), 3.0)
        knots = np.minimum(places.astype(np.int64), 2)
        left = np.take_along_axis(warps, knots, axis=1)
        speeds = (np.take_along_axis(warps, knots + 1, axis=1) - left) * (places - knots) + left
        moments = np.zeros((len(warped), len(columns)))
        np.cumsum(speeds, axis=1, out=moments[:, 1:])
        ends = np.take_along_axis(moments, steps, axis=1)
        positions[warped] = np.minimum(moments * (steps / ends), steps)
    return np.minimum(positions * group.speeds[:, None], group.lengths[:, None] - 1)


# ---------------------------------------------------------------- body


def _change_body(options: SkeletonAugmentation, group: _Group, points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The points on changed bodies; where no joint is seen, anything.

    What `change_proportions` and `shift_joints` do is linear in the joints: one matrix does nearly all of it.
    Changes `points`.
    """
    if group.factors is not None or group.shares is not None:
        present = seen.any(axis=2)  # (B, M, V)
        moves, shifts = _bone_changes(group, present)
        is_gap = present[:, :, None] & ~seen & seen.any(axis=-1, keepdims=True)
        _fill_gaps(points, seen, is_gap)
        both = present & present[..., _PARENT_OF]
        eye = np.eye(CANONICAL.num_joints, dtype=np.float32)
        lengthened = np.broadcast_to(eye + moves, (*present.shape, CANONICAL.num_joints))
        change = (eye + shifts * both[..., None]) @ lengthened
        changed = points @ change.swapaxes(-1, -2)
        # Without its parent, a joint is not shifted along the bone between them.
        clips, people, frames, joints = np.nonzero(seen & is_gap[..., _PARENT_OF])
        unshifted = (points[:, clips, people, frames] * lengthened[clips, people, joints]).sum(axis=-1)
        changed[:, clips, people, frames, joints] = unshifted
        points = changed
    if group.scales is not None:
        centre = _box_centre(points, seen)
        points -= centre
        points *= group.scales.astype(np.float32)[:, None, None, None]
        points += centre
    return points


def _bone_changes(group: _Group, present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(B, M, V, V) what joints add to others by the lengths of bones, and (B, 1, V, V) by their places along bones."""
    joints = CANONICAL.num_joints
    moves = shifts = np.zeros((len(present), 1, joints, joints), dtype=np.float32)
    if group.factors is not None:
        excess = group.factors.astype(np.float32)[:, :, _TREE.symmetric_joint, None]
        moves = _TREE.chains @ (excess * _TREE.bone_vectors) @ _filling(present)
    if group.shares is not None:
        shares = group.shares.astype(np.float32)[:, np.minimum(np.arange(joints), CANONICAL.mirror_order)]
        shifts = shares[:, None, :, None] * _BONES
    return moves, shifts


def _filling(present: np.ndarray) -> np.ndarray:
    """(B, M, V, V) matrices that put joints which are never seen somewhere sensible, as `fill_missing`."""
    absent = ~present
    filling = present[..., None] * np.eye(present.shape[-1], dtype=np.float32)
    middle = present / np.maximum(present.sum(axis=-1, keepdims=True), 1).astype(np.float32)
    for root in _ROOTS:
        filling[..., root, :] = np.where(absent[..., root, None], middle, filling[..., root, :])
    for joint, parents in _TREE.levels:
        if absent[..., joint].any():
            place = sum(filling[..., parent, :] for parent in parents) / np.float32(len(parents))
            filling[..., joint, :] = np.where(absent[..., joint, None], place, filling[..., joint, :])
    return filling


def _fill_gaps(points: np.ndarray, seen: np.ndarray, is_gap: np.ndarray) -> None:
    """Fills gaps (B, M, T, V) linearly in time, in place, and holds the ends."""
    chosen = np.flatnonzero(is_gap.any(axis=(1, 2, 3)))
    seen, is_gap = seen[chosen], is_gap[chosen]
    frames = seen.shape[2]
    index = np.arange(frames, dtype=np.int32)[:, None]
    before = np.maximum.accumulate(np.where(seen, index, np.int32(-1)), axis=2)[is_gap]
    after = np.where(seen, index, np.int32(frames))[:, :, ::-1]
    after = np.minimum.accumulate(after, axis=2)[:, :, ::-1][is_gap]
    clip, person, frame, joint = np.nonzero(is_gap)
    clip = chosen[clip]
    before, after = np.where(before < 0, after, before), np.where(after == frames, before, after)
    weight = ((frame - before) / np.maximum(after - before, 1)).astype(np.float32)
    start, end = points[:, clip, person, before, joint], points[:, clip, person, after, joint]
    points[:, clip, person, frame, joint] = start + weight * (end - start)


# ---------------------------------------------------------------- view and noise


def _box_centre(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(C, B, 1, 1, 1) middle of the box around all joints of each clip; 0 where there are none."""
    axes = (2, 3, 4)
    far = _where_missing(seen, np.inf)
    low = (points + far).min(axis=axes, keepdims=True)
    high = (points - far).max(axis=axes, keepdims=True)
    with np.errstate(invalid="ignore"):
        centre = (low + high) / np.float32(2.0)
    return np.where(np.isfinite(centre), centre, np.float32(0.0))


def _where_missing(seen: np.ndarray, value: float) -> np.ndarray:
    """`value` where a joint is missing, else 0: adding this to coordinates is much faster than choosing."""
    return np.where(seen, np.float32(0.0), np.float32(value))


def _map(matrices: np.ndarray, points: np.ndarray, about: np.ndarray, to: np.ndarray | float) -> np.ndarray:
    """Applies a matrix (B, C, C) to the points of each clip about a centre (C, B, 1, 1, 1), which goes to `to`."""
    columns = matrices.astype(np.float32).transpose(1, 2, 0)[..., None, None, None]  # (C, C, B, 1, 1, 1)
    mapped = columns[:, 0] * points[0]
    for k in range(1, len(points)):
        mapped += columns[:, k] * points[k]
    mapped += to - np.einsum("ikb...,kb...->ib...", columns, about)
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


def _turn(options: SkeletonAugmentation, group: _Group, points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(C, B, M, T, V) points, as `rotate`, and with noise."""
    has_noise = options.jitter > 0 or options.drift > 0
    is_turned = options.tilt > 0 or (options.yaw > 0 and len(points) == 3)
    turn, level = group.dice((3 if len(points) == 3 else 2) if is_turned else 0, int(has_noise))
    if is_turned:
        yaw, tilt = _between(-1.0, 1.0, turn[:, :2]).T * [[options.yaw], [options.tilt]]
        angles = [tilt] if len(points) == 2 else [yaw, tilt, 360.0 * turn[:, 2]]
        centre = _box_centre(points, seen)
        points = _map(_rotations(np.radians(np.stack(angles, axis=1))), points, centre, centre)
    if has_noise:
        _add_noise(options, group, points, seen, level[:, 0])
    return points


def _film(options: SkeletonAugmentation, group: _Group, points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(2, B, M, T, V) pixels, as `virtual_camera`, and with noise."""
    has_noise = options.jitter > 0 or options.drift > 0
    camera, level = group.dice(5, int(has_noise))
    camera = _between(_CAMERA_LOW, _CAMERA_HIGH, camera)
    pixels = _pixels(np.radians(camera[:, :4]), camera[:, 4], points, seen)
    if has_noise:
        _add_noise(options, group, pixels, seen, level[:, 0])
    return pixels


def _pixels(angles: np.ndarray, distances: np.ndarray, points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(2, B, M, T, V) pixels for azimuth, elevation, roll, field of view (B, 4) in radians and distances (B,)."""
    local = _map(_cameras(angles), points, _box_centre(points, seen), 0.0)
    right, down, away = local
    half_height, half_width = (_IMAGE_SIZE[0] - 1) / 2.0, (_IMAGE_SIZE[1] - 1) / 2.0
    focal = (half_height / np.tan(angles[:, 3] / 2.0)).astype(np.float32)[:, None, None, None]
    factor = distances.astype(np.float32)[:, None, None, None]
    sideways = np.abs(right) * (focal / np.float32(half_width))
    upright = np.abs(down) * (focal / np.float32(half_height))
    needed = np.maximum(sideways, upright, out=sideways)
    needed -= away
    needed -= _where_missing(seen, np.inf)
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


def _body_size(group: _Group, points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(B,) root mean square distance of the joints from the mean joint of their person and frame."""
    clips, people, frames, joints = seen.shape
    lengths = group.num_frames[:, None]
    chosen = np.arange(_SIZE_FRAMES) * (1 + lengths // _SIZE_FRAMES)
    inside = (chosen < lengths)[:, None, :, None]
    first = np.arange(clips * people).reshape(clips, people, 1) * frames
    rows = first + np.minimum(chosen, lengths - 1)[:, None]
    known = (np.take(seen.reshape(-1, joints), rows, axis=0) & inside).astype(np.float32)  # (B, M, frames, V)
    away = np.take(points.reshape(len(points), -1, joints), rows, axis=1)
    away *= known
    away -= away.sum(axis=-1, keepdims=True) / np.maximum(known.sum(axis=-1, keepdims=True), 1)
    away *= known
    squares = np.square(away, out=away).sum(axis=(2, 3, 4)).sum(axis=0)
    return np.sqrt(squares / np.maximum(known.sum(axis=(1, 2, 3)), 1))


def _add_noise(
    options: SkeletonAugmentation, group: _Group, points: np.ndarray, seen: np.ndarray, levels: np.ndarray
) -> None:
    """As `add_noise`, in place."""
    sizes = levels * _body_size(group, points, seen)
    coordinates, _, people, _, joints = points.shape
    for index, (rng, frames) in enumerate(zip(group.rngs, group.num_frames.tolist(), strict=True)):
        shape = (coordinates, people, frames, joints)
        jitter, drift = options.jitter * sizes[index], options.drift * sizes[index]
        points[:, index, :, :frames] += sensor_noise(rng, shape, jitter, drift, _DRIFT_PERIOD)


# ---------------------------------------------------------------- what is seen, and the end


def _hide(options: SkeletonAugmentation, group: _Group, seen: np.ndarray) -> np.ndarray:
    """Hides joints for a while, and those that another layout lacks, unless nothing would be left; who is mirrored."""
    clips, people, frames, joints = seen.shape
    body = people * joints if options.joint_rate or options.limb_probability else 0
    hit, share, place, limbs, layout, mirrored = group.dice(
        body, body, body, 4 * people if body else 0, NUM_DICE if options.layout_probability else 0, 1
    )
    if body:
        dropped = np.zeros(seen.shape, dtype=bool)
        shape = (clips, people, joints)
        hit = (hit < options.joint_rate).reshape(shape)
        _drop_spans(dropped, hit, share.reshape(shape), place.reshape(shape), group.num_frames)
        hit, choice, share, place = limbs.reshape(clips, 4, people, 1).swapaxes(0, 1)
        limb = _TREE.limbs[(choice[..., 0] * len(_TREE.limbs)).astype(int)] & (hit < options.limb_probability)
        _drop_spans(dropped, limb, share.repeat(joints, axis=2), place.repeat(joints, axis=2), group.num_frames)
        _hide_unless_all(seen, dropped)
    if options.layout_probability:
        _hide_unless_all(seen, hidden_joints(layout, options.layout_probability)[:, None, None])
    return mirrored[:, 0] < options.mirror_probability


def _drop_spans(
    dropped: np.ndarray, hit: np.ndarray, share: np.ndarray, place: np.ndarray, num_frames: np.ndarray
) -> None:
    """Sets (B, M, T, V) during one stretch of each joint (B, M, V) that is hit, which are few."""
    clips, people, joints = np.nonzero(hit)
    lengths = np.ceil(_between(*_SPAN, share[hit]) * num_frames[clips])
    starts = np.floor(place[hit] * (num_frames[clips] - lengths + 1.0))
    spans = zip(starts.astype(int).tolist(), (starts + lengths).astype(int).tolist(), strict=True)
    for clip, person, joint, (start, end) in zip(clips.tolist(), people.tolist(), joints.tolist(), spans, strict=True):
        dropped[clip, person, start:end, joint] = True


def _hide_unless_all(seen: np.ndarray, dropped: np.ndarray) -> None:
    left = seen & ~dropped
    keeps = left.any(axis=(1, 2, 3))
    seen[keeps] = left[keeps]


def _drop_people(options: SkeletonAugmentation, rng: np.random.Generator, seen: np.ndarray) -> None:
    """As `drop_people`, on what is seen (M, T, V) of one clip."""
    present = seen.any(axis=(1, 2))
    if present.sum() < 2:
        return
    dropped = rng.random(len(present)) < options.person_probability
    kept = rng.choice(np.flatnonzero(present))
    if not (present & ~dropped).any():
        dropped[kept] = False
    seen[dropped] = False


def _finish(options: SkeletonAugmentation, group: _Group, points: np.ndarray, seen: np.ndarray):
    """The clips as objects, some of them mirrored."""
    people, is_filmed = seen.shape[1], bool(group.is_filmed[0])
    mirrored = _hide(options, group, seen)
    if options.person_probability and people > 1:
        for rng, own in zip(group.rngs, seen, strict=True):
            _drop_people(options, rng, own)
    if mirrored.any():
        _mirror(group, points, seen, np.flatnonzero(mirrored))
    points += _where_missing(seen, np.nan)
    frames = np.stack(points.swapaxes(2, 3), axis=-1)  # three times faster than a copy of the transposed array
    view = {"image_size": _IMAGE_SIZE, "up_axis": "-y"} if is_filmed else {}
    for clip, own, count, is_mirrored in zip(
        group.clips, frames, group.num_frames.tolist(), mirrored.tolist(), strict=True
    ):
        yield AugmentedClip(replace_unchecked(clip, keypoints=own[:count], **view), is_mirrored)


def _mirror(group: _Group, points: np.ndarray, seen: np.ndarray, chosen: np.ndarray) -> None:
    order = CANONICAL.mirror_order
    own, own_seen = points[:, chosen][..., order], seen[chosen][..., order]
    if len(points) == 3:
        total = np.float32(0.0)
    else:
        sizes = [_IMAGE_SIZE if group.is_filmed[index] else group.clips[index].image_size for index in chosen]
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
_BONES = (np.eye(CANONICAL.num_joints) - np.eye(CANONICAL.num_joints)[_PARENT_OF]).astype(np.float32)
_ROOTS = sorted(set(range(CANONICAL.num_joints)) - {joint for joint, _ in _TREE.levels})

__all__ = ["augment_batch"]
