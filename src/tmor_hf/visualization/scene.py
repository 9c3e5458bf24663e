# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From a clip to the plane of a picture: up is up, people face the camera, and one frame fits the whole clip.

Axes: T frames, M people, V joints, S bones, C coordinates (2 or 3), K floor lines. In a picture x goes right, y up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..processing.joint_layouts import CANONICAL_JOINTS, JointLayout, get_layout, to_y_up
from ..processing.skeletons import Skeletons

CENTRE, LEFT, RIGHT = range(3)
_MARGIN = 0.07  # around the people, as a share of the picture
_NARROWEST, _WIDEST = 0.5, 2.2  # width of a picture over its height
_RELATIVE_LIMIT = 2.0  # 2D coordinates that mostly stay below this are shares of the image, not pixels
_FAR = 1.2  # body heights that people go before key frames follow them
_FACING_SHARE = 0.25  # the first quarter of a clip says which way its person faces


@dataclass(frozen=True)
class View:
    """Where the camera stands: one place for the whole clip. In 2D only `is_following` counts.

    Args:
        azimuth: Degrees around the vertical from the person's front; above 0 the camera moves to the person's left.
        elevation: Degrees above the horizon.
        is_turned_to_front: Count `azimuth` from where the person faces when the clip starts. False counts it from the
            data's own front, +z once y is up.
        is_following: Move the camera along over the ground. None leaves it to the picture: key frames follow people
            who go far, films do not.

    Raises:
        ValueError: If an angle is no number.
    """

    azimuth: float = 25.0
    elevation: float = 12.0
    is_turned_to_front: bool = True
    is_following: bool | None = None

    def __post_init__(self) -> None:
        if not np.isfinite([self.azimuth, self.elevation]).all():
            raise ValueError(f"expected angles in degrees, got azimuth {self.azimuth}, elevation {self.elevation}")


@dataclass(frozen=True)
class Scene:
    """A clip as it lies in the picture, which is 1 high.

    Attributes:
        points: (T, M, V, 2) places of the joints; NaN where a person is away or a joint is never seen.
        nearness: (T, M, V) to the camera; 0 in 2D.
        seen: (T, M, V) bool, False where a place is only a guess.
        bones: (S, 2) joint numbers.
        bone_sides: (S,) `CENTRE`, `LEFT` or `RIGHT`.
        joint_sides: (V,) the same.
        aspect: Width of the picture.
        body: Typical height of a person in the picture.
        image_box: Left, right, bottom and top edge of the camera's image in each frame (T, 4), or None.
        has_video: True if the images of a video fill the picture.
        floor: For each frame the (K, 2, 2) ends of lines on the floor; empty in 2D.
    """

    points: np.ndarray
    nearness: np.ndarray
    seen: np.ndarray
    bones: np.ndarray
    bone_sides: np.ndarray
    joint_sides: np.ndarray
    aspect: float
    body: float
    image_box: np.ndarray | None
    has_video: bool
    floor: list[np.ndarray]


def make_scene(clip: Skeletons, view: View, video_size: tuple[int, int] | None, may_follow: bool) -> Scene:
    """Places a clip in a picture.

    Args:
        clip: Of any layout.
        view: The camera.
        video_size: (height, width) of the video to draw on, or None; it becomes the picture.
        may_follow: What `view.is_following` None means for people who go far.

    Raises:
        ValueError: If a 3D clip is to be drawn on a video.
    """
    layout = get_layout(clip.layout)
    seen = clip.valid
    points = np.where(seen[..., None], clip.keypoints, 0).astype(np.float64)
    is_3d = clip.num_coordinates == 3
    if is_3d and video_size is not None:
        raise ValueError("3D keypoints have no place in the frames of a video; pass the 2D keypoints, or no video")
    image_size = None
    if not is_3d:
        points, image_size = _to_pixels(points, seen, clip.image_size, video_size)
    points = _fill_gaps(to_y_up(points, clip.resolved_up_axis), seen, layout.root)
    if is_3d:
        _turn(points, np.radians(-view.azimuth) + (_heading(clip) if view.is_turned_to_front else 0.0))
    target = np.zeros((clip.num_frames, clip.num_coordinates))
    if video_size is None:
        target = _camera_target(points, view.is_following, may_follow)
    flat, nearness = _project(points - target[:, None, None], view.elevation)
    image_box = _image_box(image_size, clip.resolved_up_axis, target)
    is_image_shown = image_box is not None and (video_size is not None or not seen.any())
    frame = image_box[0] if is_image_shown else _bounds(flat, seen)
    origin, unit = frame[[0, 2]], frame[3] - frame[2]
    aspect = (frame[1] - frame[0]) / unit
    floor = _floor(points, seen, target, frame, view.elevation) if is_3d else [np.zeros((0, 2, 2))] * len(points)
    joint_sides = _joint_sides(layout)
    bones = np.array(layout.bones, dtype=np.int64).reshape(-1, 2)
    return Scene(
        points=(flat - origin) / unit,
        nearness=nearness / unit,
        seen=seen,
        bones=bones,
        bone_sides=_bone_sides(joint_sides, bones),
        joint_sides=joint_sides,
        aspect=float(aspect),
        body=_body_height(flat) / unit,
        image_box=None if image_box is None else (image_box - origin.repeat(2)) / unit,
        has_video=video_size is not None,
        floor=[(lines - origin) / unit for lines in floor],
    )


def _to_pixels(
    points: np.ndarray, seen: np.ndarray, image_size: tuple[int, int] | None, video_size: tuple[int, int] | None
) -> tuple[np.ndarray, tuple[int, int] | None]:
    """2D points in the pixels of the video, else of the image, and the (height, width) of that."""
    size = video_size or image_size
    if size is None or not seen.any():
        return points, size
    if np.percentile(np.abs(points[seen]), 90) <= _RELATIVE_LIMIT:  # a few wild joints do not count
        return points * np.array(size[::-1], dtype=np.float64), size
    if video_size is not None and image_size is not None:
        points = points * (np.array(video_size[::-1]) / np.array(image_size[::-1]))
    return points, size


def _fill_gaps(points: np.ndarray, seen: np.ndarray, root: int) -> np.ndarray:
    """(T, M, V, C) with a guess for joints that were not seen while their person was; NaN where there is none.

    A guess keeps or interpolates the joint's place relative to the person's most often seen joint, so that it moves
    along with the body.
    """
    filled = np.where(seen[..., None], points, np.nan)
    frames = np.arange(len(points))
    is_present = seen.any(axis=-1)
    for person in np.flatnonzero(~seen.all(axis=(0, 2)) & is_present.any(axis=0)):
        counts = seen[:, person].sum(axis=0)
        anchor = int(np.argmax(counts + 0.5 * (np.arange(len(counts)) == root)))
        base = _interpolated(points[:, person, anchor], seen[:, person, anchor], frames)
        for joint in np.flatnonzero((counts > 0) & (counts < len(points))):
            offset = _interpolated(points[:, person, joint] - base, seen[:, person, joint], frames)
            is_guessed = is_present[:, person] & ~seen[:, person, joint]
            filled[is_guessed, person, joint] = (base + offset)[is_guessed]
    return filled


def _interpolated(track: np.ndarray, seen: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(T, C) linear between the frames with `seen`, constant beyond."""
    times = np.flatnonzero(seen)
    return np.stack([np.interp(frames, times, track[times, axis]) for axis in range(track.shape[1])], axis=1)


def _heading(clip: Skeletons) -> float:
    """Radians about the vertical that turn the clip's most visible person to +z; 0 where hips and shoulders lack."""
    joints = clip.to_layout().keypoints.astype(np.float64)
    lead = int(np.argmax(np.isfinite(joints[..., 0]).sum(axis=(0, 2))))
    across = np.zeros((len(joints), 2))
    for joint in ("hip", "shoulder"):
        left, right = (joints[:, lead, CANONICAL_JOINTS.index(f"{side}_{joint}")] for side in ("left", "right"))
        across += np.nan_to_num(left - right)[:, ::2]
    known = np.flatnonzero(np.abs(across).sum(axis=1))
    x, z = across[known[: max(int(len(known) * _FACING_SHARE), 1)]].sum(axis=0)
    return float(np.arctan2(z, x))


def _turn(points: np.ndarray, angle: float) -> None:
    """Turns (..., 3) about the vertical, in place."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, z = points[..., 0].copy(), points[..., 2].copy()
    points[..., 0], points[..., 2] = cos * x + sin * z, cos * z - sin * x


def _camera_target(points: np.ndarray, is_following: bool | None, may_follow: bool) -> np.ndarray:
    """(T, C) what the camera looks at in each frame; it never moves up or down."""
    frames, _, _, coordinates = points.shape
    target = np.zeros((frames, coordinates))
    centres = _nanmean(points.reshape(frames, -1, coordinates), axis=1)
    present = np.isfinite(centres).all(axis=1)
    if not present.any():
        return target
    target[:] = (centres[present].min(axis=0) + centres[present].max(axis=0)) / 2
    ground = [0] if coordinates == 2 else [0, 2]
    if is_following is None:
        is_following = may_follow and np.ptp(centres[present], axis=0)[ground].max() > _FAR * _body_height(points)
    if is_following:
        target[:, ground] = _interpolated(np.nan_to_num(centres), present, np.arange(frames))[:, ground]
    return target


def _project(points: np.ndarray, elevation: float) -> tuple[np.ndarray, np.ndarray]:
    """Points (..., C) in the picture (..., 2), and how near they are to the camera (...). Parallel projection."""
    if points.shape[-1] == 2:
        return points, np.zeros(points.shape[:-1])
    cos, sin = np.cos(np.radians(elevation)), np.sin(np.radians(elevation))
    x, y, z = np.moveaxis(points, -1, 0)
    return np.stack([x, cos * y - sin * z], axis=-1), cos * z + sin * y


def _image_box(image_size: tuple[int, int] | None, up_axis: str, target: np.ndarray) -> np.ndarray | None:
    """(T, 4) edges of the camera's image, whose rows grow downwards."""
    if image_size is None:
        return None
    height, width = image_size
    bottom, top = (-height, 0) if up_axis == "-y" else (0, height)
    return np.array([0.0, width, bottom, top]) - target[:, [0, 0, 1, 1]]


def _bounds(flat: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Left, right, bottom, top of a picture that shows every frame; wild joints widen it up to a limit only."""
    points = flat[seen & np.isfinite(flat).all(axis=-1)]
    if not len(points):
        return np.array([-0.5, 0.5, -0.5, 0.5])
    low, high = np.percentile(points, [2, 98], axis=0)
    reach = max((high - low).max(), 1e-6 * np.abs(points).max(), 1e-30)
    low, high = np.maximum(points.min(axis=0), low - reach), np.minimum(points.max(axis=0), high + reach)
    middle, size = (low + high) / 2, high - low
    size = np.maximum(size + 2 * _MARGIN * size.max(), 0.1 * reach)
    size = np.maximum(size, [_NARROWEST * size[1], size[0] / _WIDEST])
    return np.stack([middle - size / 2, middle + size / 2], axis=1).ravel()


def _floor(
    points: np.ndarray, seen: np.ndarray, target: np.ndarray, frame: np.ndarray, elevation: float
) -> list[np.ndarray]:
    """For each frame the (K, 2, 2) ends of a grid's lines in the picture; the grid stands still in the world."""
    if not seen.any():
        return [np.zeros((0, 2, 2))] * len(points)
    height = np.percentile(points[..., 1][seen], 1)
    body, (left, right) = _body_height(points), frame[:2]
    step = max(body / 3, (right - left) / 40, 1e-30)
    away = points[..., 2][seen] - np.broadcast_to(target[:, None, None, 2], seen.shape)[seen]
    far, near = np.percentile(away, [1, 99]) + np.array([-step, step])
    grids: dict[tuple, np.ndarray] = {}
    for place in map(tuple, target):
        if place not in grids:
            lines = _grid(left + place[0], right + place[0], far + place[2], near + place[2], step)
            ends = np.stack([lines[..., 0], np.full(lines.shape[:2], height), lines[..., 1]], axis=-1)
            grids[place] = _project(ends - place, elevation)[0]
    return [grids[place] for place in map(tuple, target)]


def _grid(left: float, right: float, far: float, near: float, step: float) -> np.ndarray:
    """(K, 2, 2) ends (x, z) of the lines at whole steps inside a rectangle, which they cross."""
    xs = step * np.arange(np.ceil(left / step), np.floor(right / step) + 1)
    zs = step * np.arange(np.ceil(far / step), np.floor(near / step) + 1)
    lines = [((x, far), (x, near)) for x in xs] + [((left, z), (right, z)) for z in zs]
    return np.array(lines, dtype=np.float64).reshape(-1, 2, 2)


def _body_height(points: np.ndarray) -> float:
    """Median over frames and people of a person's larger extent; 1 where nothing is seen."""
    seen = np.isfinite(points).all(axis=-1)[..., None]
    low, high = np.where(seen, points, np.inf).min(axis=2), np.where(seen, points, -np.inf).max(axis=2)
    extent = (high - low).max(axis=-1)
    extent = extent[np.isfinite(extent) & (extent > 0)]
    return float(np.median(extent)) if len(extent) else 1.0


def _nanmean(points: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is there; NaN, without a warning, where nothing is."""
    seen = np.isfinite(points)
    counts = seen.sum(axis=axis)
    return np.where(counts > 0, np.where(seen, points, 0).sum(axis=axis) / np.maximum(counts, 1), np.nan)


def _joint_sides(layout: JointLayout) -> np.ndarray:
    sides = np.full(layout.num_joints, CENTRE)
    for left, right in layout.mirror_pairs:
        sides[left], sides[right] = LEFT, RIGHT
    return sides


def _bone_sides(joint_sides: np.ndarray, bones: np.ndarray) -> np.ndarray:
    """A bone from the middle to a side is of that side; one that crosses is of the middle."""
    first, second = joint_sides[bones[:, 0]], joint_sides[bones[:, 1]]
    return np.where(first == CENTRE, second, np.where((second == CENTRE) | (first == second), first, CENTRE))


__all__ = ["CENTRE", "LEFT", "RIGHT", "Scene", "View", "make_scene"]
