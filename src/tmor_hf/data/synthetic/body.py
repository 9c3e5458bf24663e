# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The synthetic body: proportions, spine kinematics and two-bone limbs.

Axes: B clips, T frames. Metres, y up, a person who faces +z has the left side at +x. Limbs are solved by two-bone
inverse kinematics with a fixed bending side, so a knee can only bend backwards and an elbow only one way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .controls import INDEX, LEFT_ARM, LEFT_LEG, RIGHT_ARM, RIGHT_LEG

NUM_JOINTS = 22
_FIELDS = {  # mean in fractions of the height, relative spread between people
    "thigh": (0.246, 0.06),
    "shank": (0.244, 0.06),
    "ankle_height": (0.042, 0.15),
    "foot_length": (0.085, 0.20),
    "hip_half_width": (0.048, 0.22),
    "hip_drop": (0.030, 0.60),
    "lower_spine": (0.062, 0.30),
    "upper_spine": (0.080, 0.20),
    "chest_to_neck": (0.113, 0.16),
    "neck_to_head": (0.098, 0.30),
    "nose_reach": (0.056, 0.20),
    "shoulder_half_width": (0.102, 0.17),
    "shoulder_drop": (0.026, 0.60),
    "upper_arm": (0.152, 0.08),
    "forearm": (0.135, 0.08),
    "hand": (0.042, 0.25),
}
FIELD_NAMES = tuple(_FIELDS)
_MEANS = np.array([mean for mean, _ in _FIELDS.values()])
_SPREADS = np.array([spread for _, spread in _FIELDS.values()])


@dataclass(frozen=True)
class Bodies:
    """Bone lengths of B people, each field (B,) in metres."""

    thigh: np.ndarray
    shank: np.ndarray
    ankle_height: np.ndarray
    foot_length: np.ndarray
    hip_half_width: np.ndarray
    hip_drop: np.ndarray
    lower_spine: np.ndarray
    upper_spine: np.ndarray
    chest_to_neck: np.ndarray
    neck_to_head: np.ndarray
    nose_reach: np.ndarray
    shoulder_half_width: np.ndarray
    shoulder_drop: np.ndarray
    upper_arm: np.ndarray
    forearm: np.ndarray
    hand: np.ndarray

    @property
    def leg(self) -> np.ndarray:
        """Length from hip to ankle, (B,)."""
        return self.thigh + self.shank

    @property
    def arm(self) -> np.ndarray:
        """Length from shoulder to wrist, (B,)."""
        return self.upper_arm + self.forearm

    @property
    def pelvis_height(self) -> np.ndarray:
        """Height of the pelvis centre above the floor in upright standing, (B,)."""
        return self.leg + self.ankle_height + self.hip_drop


def sample_lengths(rng: np.random.Generator) -> np.ndarray:
    """Draws one person's bone lengths in the order of `FIELD_NAMES`, (16,), metres.

    Heights run from children to tall adults; every ratio varies on its own, limited to two standard deviations. The
    spread is wider than anatomy's, since sensors and motion capture place the joints of one body differently.
    """
    draws = np.clip(rng.standard_normal(len(FIELD_NAMES) + 1), -2, 2)
    height = 1.69 + 0.10 * draws[0]
    return height * _MEANS * (1.0 + _SPREADS * 0.8 * draws[1:])


def stack_lengths(lengths: np.ndarray) -> Bodies:
    """Makes `Bodies` of sampled lengths (B, 16)."""
    return Bodies(**{name: lengths[:, i].astype(np.float32) for i, name in enumerate(FIELD_NAMES)})


def rotations(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) of roll, then pitch (positive leans forward), then yaw (positive to the left)."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    out = np.empty((*np.shape(yaw), 3, 3), np.float32)
    out[..., 0, 0], out[..., 0, 1], out[..., 0, 2] = cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, sy * cp
    out[..., 1, 0], out[..., 1, 1], out[..., 1, 2] = cp * sr, cp * cr, -sp
    out[..., 2, 0], out[..., 2, 1], out[..., 2, 2] = cy * sp * sr - sy * cr, sy * sr + cy * sp * cr, cy * cp
    return out


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.sqrt(np.maximum(np.einsum("...c,...c->...", vectors, vectors), 1e-12))[..., None]


def two_bone(
    root: np.ndarray, target: np.ndarray, pole: np.ndarray, upper: np.ndarray, lower: np.ndarray, fold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Solves a limb of two bones.

    Args:
        root, target: (..., 3), where the limb hangs and where its end should be.
        pole: (..., 3), towards which the middle joint bends.
        upper, lower: bone lengths, broadcastable to (...).
        fold: smallest allowed distance between root and end, as a fraction of the limb (joint limit).

    Returns:
        Middle joint and end, (..., 3). An end out of reach is moved along its line from the root.
    """
    reach = upper + lower
    line = target - root
    distance = np.sqrt(np.maximum(np.einsum("...c,...c->...", line, line), 1e-12))
    direction = line / distance[..., None]
    length = np.clip(distance, fold * reach, 0.9985 * reach)
    along = (upper * upper + length * length - lower * lower) / (2 * length)
    aside = np.sqrt(np.maximum(upper * upper - along * along, 0.0))
    pole = _unit(pole - direction * np.einsum("...c,...c->...", pole, direction)[..., None])
    middle = root + direction * along[..., None] + pole * aside[..., None]
    return middle, root + direction * length[..., None]


def _turn_about(vector: np.ndarray, axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Rotates vectors that are orthogonal to their axes, (..., 3) by (...)."""
    return vector * np.cos(angle)[..., None] + np.cross(axis, vector) * np.sin(angle)[..., None]


def _apply(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return np.matmul(matrices, vectors[..., None])[..., 0]


def _along(matrices: np.ndarray, left: np.ndarray, up: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Vectors (B, T, 3) with these components in frames (B, T, 3, 3)."""
    return (
        matrices[..., :, 0] * np.asarray(left)[..., None]
        + matrices[..., :, 1] * np.asarray(up)[..., None]
        + matrices[..., :, 2] * np.asarray(front)[..., None]
    )


def limb_direction(alpha: np.ndarray, beta: np.ndarray, side: int) -> np.ndarray:
    """Direction (..., 3) of a limb's end in its trunk frame; `side` is 1 for left, -1 for right."""
    cb = np.cos(beta)
    return np.stack((side * np.sin(beta), -np.cos(alpha) * cb, np.sin(alpha) * cb), -1)


def _arm(joints, controls, bodies: Bodies, frames: dict[str, np.ndarray], origin: np.ndarray, side: int) -> None:
    base, first = (LEFT_ARM, 6) if side > 0 else (RIGHT_ARM, 10)
    al, be, r, sw, g, x, y, z, w, shrug = np.moveaxis(controls[..., base : base + 10], -1, 0)
    chest, upright, heading = frames["chest"], frames["upright"], frames["heading"]
    arm = bodies.arm[:, None]
    local = limb_direction(al, be, side)
    direction = _unit(_apply(chest, local) * (1 - g)[..., None] + _apply(upright, local) * g[..., None])
    raised = np.clip((local[..., 1] + 0.3) / 1.3, 0, 1)  # shoulder blade follows high hands
    lift = 0.22 * raised + np.sin(shrug)
    width = bodies.shoulder_half_width[:, None]
    shoulder = joints[..., 3, :] + _along(
        chest, side * width * (1 - 0.12 * raised), width * lift - bodies.shoulder_drop[:, None], 0.0 * width
    )
    shoulder += _along(chest, 0 * w, 0 * w, width * 0.18 * np.clip(local[..., 2], -0.7, 1.0))
    target = shoulder + direction * (r * arm)[..., None]
    leg = bodies.leg[:, None]
    world = origin + _along(heading, x * leg, y * leg, z * leg)
    target = target + (world - target) * w[..., None]
    target[..., 1] = np.maximum(target[..., 1], 0.04)  # hands stay above the floor
    line = _unit(target - shoulder)
    seen = np.einsum("...ji,...j->...i", chest, line)
    pole_local = np.stack((np.full_like(w, 0.5 * side), -seen[..., 2] - 0.30, seen[..., 1]), -1)
    pole = _apply(chest, pole_local)
    pole = _unit(pole - line * np.einsum("...c,...c->...", pole, line)[..., None])
    pole = _turn_about(pole, line, sw * side)
    upper, lower = bodies.upper_arm[:, None], bodies.forearm[:, None]
    elbow, wrist = two_bone(shoulder, target, pole, upper, lower, 0.30)
    joints[..., first, :], joints[..., first + 1, :], joints[..., first + 2, :] = shoulder, elbow, wrist
    joints[..., first + 3, :] = wrist + _unit(wrist - elbow) * bodies.hand[:, None, None]


def _leg(joints, controls, bodies: Bodies, frames: dict[str, np.ndarray], ankle, sole, side: int) -> None:
    """`ankle` (B, T, 3) is the planted target, `sole` (B, T, 2) its yaw and pitch."""
    base, first = (LEFT_LEG, 14) if side > 0 else (RIGHT_LEG, 18)
    al, be, r, w, knee_out = np.moveaxis(controls[..., base + 5 : base + 10], -1, 0)
    pelvis = frames["pelvis"]
    leg = bodies.leg[:, None]
    hip = joints[..., first, :]
    free = hip + _apply(pelvis, limb_direction(al, be, side)) * (r * leg)[..., None]
    target = ankle + (free - ankle) * w[..., None]
    target[..., 1] = np.maximum(target[..., 1], 0.04)
    line = _unit(target - hip)
    seen = np.einsum("...ji,...j->...i", pelvis, line)
    pole = _apply(
        pelvis, np.stack((np.full_like(w, 0.12 * side), np.maximum(seen[..., 2], -0.4), -seen[..., 1] + 0.15), -1)
    )
    pole = _unit(pole - line * np.einsum("...c,...c->...", pole, line)[..., None])
    pole = _turn_about(pole, line, -knee_out * side)
    knee, end = two_bone(hip, target, pole, bodies.thigh[:, None], bodies.shank[:, None], 0.28)
    joints[..., first + 1, :], joints[..., first + 2, :] = knee, end
    shank = _unit(end - knee)
    bent = _unit(pole - shank * np.einsum("...c,...c->...", pole, shank)[..., None])
    hanging = bent * 0.85 + shank * 0.53
    yaw, pitch = sole[..., 0], sole[..., 1]
    flat = np.stack((np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)), -1)
    toes = _unit(flat + (hanging - flat) * np.clip(w, 0, 1)[..., None])
    joints[..., first + 3, :] = end + toes * bodies.foot_length[:, None, None]


def _above_floor(joints: np.ndarray) -> np.ndarray:
    """Lifts whole bodies, smoothly in time, where a joint would sink into the floor."""
    sunk = np.maximum(0.015 - joints[..., 1].min(-1), 0.0)
    if not sunk.any():
        return joints
    count, reach = sunk.shape[1], 4
    padded = np.pad(sunk, ((0, 0), (2 * reach, 2 * reach)), mode="edge")
    widest = np.max([padded[:, i : i + count + 2 * reach] for i in range(2 * reach + 1)], axis=0)
    joints[..., 1] += np.mean([widest[:, i : i + count] for i in range(2 * reach + 1)], axis=0)[..., None]
    return joints


def pose(
    controls: np.ndarray, bodies: Bodies, heading: np.ndarray, pelvis: np.ndarray, origin: np.ndarray,
    ankles: np.ndarray, soles: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Poses all bodies.

    Args:
        controls: (B, T, C) of `controls.evaluate`.
        bodies: proportions.
        heading: direction of travel in radians, (B, T).
        pelvis: pelvis centre, (B, T, 3).
        origin: travelling point on the floor, (B, T, 3); the frame of hand targets.
        ankles: planted ankle targets, left and right, (B, T, 2, 3).
        soles: their yaw and pitch, (B, T, 2, 2).

    Returns:
        Joints (B, T, 22, 3) in metres, in the canonical order.
    """

    def channel(name: str) -> np.ndarray:
        return controls[..., INDEX[name]]

    joints = np.empty((*controls.shape[:2], NUM_JOINTS, 3), np.float32)
    turned = heading + channel("yaw")
    hips = rotations(turned, channel("pitch"), channel("roll"))
    half = hips @ rotations(channel("twist") / 2, channel("bend") / 2, channel("side") / 2)
    chest = half @ rotations(channel("twist") / 2, channel("bend") / 2, channel("side") / 2)
    head = chest @ rotations(channel("look"), channel("nod"), channel("tilt"))
    zero = np.zeros_like(heading)
    upright = rotations(np.arctan2(chest[..., 0, 2], chest[..., 2, 2]), zero, zero)
    frames = {"pelvis": hips, "chest": chest, "upright": upright, "heading": rotations(heading, zero, zero)}
    joints[..., 0, :] = pelvis
    joints[..., 1, :] = pelvis + _along(hips, zero, bodies.lower_spine[:, None], zero)
    joints[..., 2, :] = joints[..., 1, :] + _along(half, zero, bodies.upper_spine[:, None], zero)
    joints[..., 3, :] = joints[..., 2, :] + _along(chest, zero, bodies.chest_to_neck[:, None], zero)
    neck_to_head = bodies.neck_to_head[:, None]
    joints[..., 4, :] = joints[..., 3, :] + _along(head, zero, neck_to_head, 0.18 * neck_to_head)
    joints[..., 5, :] = joints[..., 4, :] + _along(head, zero, -0.15 * neck_to_head, bodies.nose_reach[:, None])
    for side, first, foot in ((1, 14, 0), (-1, 18, 1)):
        joints[..., first, :] = pelvis + _along(
            hips, side * bodies.hip_half_width[:, None], -bodies.hip_drop[:, None], zero
        )
        _arm(joints, controls, bodies, frames, origin, side)
        _leg(joints, controls, bodies, frames, ankles[..., foot, :], soles[..., foot, :], side)
    return _above_floor(joints)
