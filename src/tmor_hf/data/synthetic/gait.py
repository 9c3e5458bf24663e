# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Travel over the floor and stepping: where the body goes, and where its feet stand.

A foot stands on a foothold that lies where the travelling point is in the middle of that stand, so standing feet do
not slide, however the path bends. Axes: B clips, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .body import Bodies, pose
from .controls import INDEX, LEFT_ARM, LEFT_LEG, RIGHT_ARM, RIGHT_LEG, GaitStyle, Plan

_DEGREE = np.pi / 180


def _cumulative(rate: np.ndarray, step: np.ndarray) -> np.ndarray:
    total = np.cumsum(rate, axis=1, dtype=np.float32) * step[:, None]
    return total - total[:, :1]


def _phases(controls: np.ndarray, step: np.ndarray, frames: np.ndarray, plans: Sequence[Plan], begin: np.ndarray):
    """Step phase in cycles (B, T). A gait that comes to rest is stretched to end with both feet on the floor."""
    phase = _cumulative(np.maximum(controls[..., INDEX["gait"]], 0.0), step)
    clip = np.arange(len(phase))
    total = phase[clip, frames - 1]
    resting = controls[clip, frames - 1, INDEX["gait"]] < 0.08
    whole = np.maximum(np.round(2 * total), 1) / 2
    phase *= np.where(resting & (total > 0.25), whole / np.maximum(total, 1e-6), 1.0)[:, None]
    duty = np.array([plan.gait_style.duty for plan in plans], np.float32)
    return phase + (duty / 2 + 0.25 + begin)[:, None], total > 0.05


def _at(path: np.ndarray, index: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Samples paths (B, T, C) at fractional frames (B, T), going on straight beyond the ends."""
    clip = np.arange(len(path))[:, None]
    low = np.clip(np.floor(index).astype(int), 0, np.maximum(frames - 2, 0)[:, None])
    high = np.minimum(low + 1, path.shape[1] - 1)
    return path[clip, low] + (path[clip, high] - path[clip, low]) * (index - low)[..., None]


def _when(wanted: np.ndarray, phase: np.ndarray, frames: np.ndarray, walking: np.ndarray) -> np.ndarray:
    """Fractional frame at which each clip's phase reaches the wanted values (B, T)."""
    index = np.zeros_like(wanted)
    for clip in np.flatnonzero(walking):
        count = frames[clip]
        known = phase[clip, :count]
        values = wanted[clip]
        found = np.interp(values, known, np.arange(count))
        if count > 1:
            first, last = known[1] - known[0], known[-1] - known[-2]
            if last > 1e-3:
                found += np.maximum(values - known[-1], 0) / last
            if first > 1e-3:
                found -= np.maximum(known[0] - values, 0) / first
        index[clip] = found
    return index


def _feet(path, phase, controls, bodies: Bodies, style: dict[str, np.ndarray], frames, walking, side: int):
    """Foothold track of one foot: ankle offset from the floor frame (B, T, 3) and sole yaw and pitch (B, T, 2)."""
    duty = style["duty"] - (0.06 * style["drag"] if side < 0 else 0.0)
    cycles = phase + (0.0 if side > 0 else 0.5)
    number = np.floor(cycles)
    part = cycles - number
    shift = (duty / 2) - (0.0 if side > 0 else 0.5)
    now = _at(path, _when(number + shift, phase, frames, walking), frames)
    following = _at(path, _when(number + 1 + shift, phase, frames, walking), frames)
    swing = np.clip((part - duty) / (1 - duty), 0, 1)
    s = swing**3 * (10 + swing * (6 * swing - 15))
    place = now + (following - now) * s[..., None]
    half_width = bodies.hip_half_width[:, None] * style["width"] * side
    yaw = place[..., 2]
    leg = bodies.leg[:, None]
    lift = style["lift"] * (1 - 0.5 * style["drag"] if side < 0 else 1.0) * leg
    arc = np.sin(np.pi * swing**0.85) ** 1.3
    stands = part < duty
    leave = np.where(stands, np.clip((part - duty + 0.22) / 0.22, 0, 1), np.clip(1 - 2.5 * swing, 0, 1))
    leave = leave * leave * (3 - 2 * leave)
    roll_off = style["roll_off"] * _DEGREE
    foot = bodies.foot_length[:, None]
    up = lift * arc + foot * np.sin(roll_off * leave) * 0.9
    forward = foot * (1 - np.cos(roll_off * leave))
    strike = np.where(stands, np.clip(1 - part / 0.08, 0, 1), np.clip((swing - 0.6) / 0.4, 0, 1))
    pitch = -roll_off * leave + 0.35 * roll_off * strike
    live = walking[:, None].astype(np.float32)
    ankle = np.stack(
        (
            place[..., 0] + half_width * np.cos(yaw) + forward * np.sin(yaw) * live,
            bodies.ankle_height[:, None] + up * live,
            place[..., 1] - half_width * np.sin(yaw) + forward * np.cos(yaw) * live,
        ),
        -1,
    )
    return ankle, yaw, pitch * live, swing * live


def _foot_offsets(ankle, yaw, pitch, controls, bodies: Bodies, heading, side: int):
    """Adds an action's own foot offsets to the foothold track."""
    base = LEFT_LEG if side > 0 else RIGHT_LEG
    out, up, front, sole, toe = np.moveaxis(controls[..., base : base + 5], -1, 0)
    leg = bodies.leg[:, None]
    sin, cos = np.sin(heading), np.cos(heading)
    left, front, air = side * out * leg, front * leg, controls[..., INDEX["air"]] * leg
    offset = np.stack((left * cos + front * sin, np.maximum(up * leg, 0.0) + air, front * cos - left * sin), -1)
    sole = sole + pitch - np.clip(air / (0.15 * leg), 0, 1) * 0.5  # toes hang in flight
    return ankle + offset, np.stack((yaw + side * toe, sole), -1)


def _add_arm_swing(controls, phase, style, live) -> None:
    wave = np.sin(2 * np.pi * (phase - style["duty"] / 2)) * live
    swing = style["swing"] * _DEGREE
    for base, sign in ((LEFT_ARM, 1.0), (RIGHT_ARM, -1.0)):
        hanging = np.clip(1.2 - controls[..., base + 8] * 2, 0, 1)
        forward = sign * wave * swing * hanging
        controls[..., base] += forward
        controls[..., base + 2] -= np.maximum(forward, 0) * 0.12
    controls[..., INDEX["twist"]] -= 1.4 * wave * style["twist"] * _DEGREE
    controls[..., INDEX["yaw"]] += wave * style["twist"] * 0.6 * _DEGREE


def _limited_height(height, pelvis_xz, ankles, planted, bodies: Bodies) -> np.ndarray:
    """Pelvis height (B, T) that standing legs can reach, smoothed over time."""
    leg = bodies.leg[:, None, None] * 0.997
    gap = np.hypot(ankles[..., 0] - pelvis_xz[..., None, 0], ankles[..., 2] - pelvis_xz[..., None, 1])
    gap = np.maximum(gap - bodies.hip_half_width[:, None, None], 0.0)
    limit = ankles[..., 1] + np.sqrt(np.maximum(leg * leg - gap * gap, 0.04 * leg * leg))
    limit = limit + (1 - planted) * 0.5 + bodies.hip_drop[:, None, None] * 0.9
    limited = np.minimum(height, limit.min(-1))
    padded = np.pad(limited, ((0, 0), (2, 2)), mode="edge")
    count = limited.shape[1]
    smooth = sum(weight * padded[:, i : i + count] for i, weight in enumerate((0.1, 0.2, 0.4, 0.2, 0.1)))
    return np.minimum(smooth, height)


def move(
    controls: np.ndarray,
    bodies: Bodies,
    plans: Sequence[Plan],
    step: np.ndarray,
    frames: np.ndarray,
    begin: np.ndarray,
) -> np.ndarray:
    """Makes joints (B, T, 22, 3) of control values.

    Args:
        controls: (B, T, C); changed in place by the gait's arm swing.
        bodies: proportions.
        plans: for gait style and flags.
        step: seconds between frames, (B,).
        frames: real frames of each clip, (B,).
        begin: 0 or 0.5, which foot steps first, (B,).
    """
    leg = bodies.leg[:, None]
    heading = _cumulative(controls[..., INDEX["turn"]], step)
    sin, cos = np.sin(heading), np.cos(heading)
    speed, strafe = controls[..., INDEX["speed"]] * leg, controls[..., INDEX["strafe"]] * leg
    path = np.stack(
        (_cumulative(speed * sin + strafe * cos, step), _cumulative(speed * cos - strafe * sin, step), heading), -1
    )
    phase, walking = _phases(controls, step, frames, plans, begin)
    table = np.array([plan.gait_style for plan in plans], np.float32)
    style = {name: table[:, i, None] for i, name in enumerate(GaitStyle._fields)}
    drag_left = np.array([plan.flipped for plan in plans])[:, None]
    rate = np.clip(controls[..., INDEX["gait"]] / 0.3, 0, 1) * walking[:, None]
    _add_arm_swing(controls, phase, style, rate)
    follows = np.array([plan.follows_root for plan in plans])[:, None, None]
    ankles, soles, planted = [], [], []
    for side in (1, -1):
        limping = style | {"drag": style["drag"] * (drag_left == (side > 0))}
        ankle, yaw, pitch, swing = _feet(path, phase, controls, bodies, limping, frames, walking, side)
        shift = np.where(follows, path - path[:, :1], 0.0)
        ankle[..., 0] += shift[..., 0]
        ankle[..., 2] += shift[..., 1]
        yaw = yaw + shift[..., 2]
        ankle, sole = _foot_offsets(ankle, yaw, pitch, controls, bodies, heading, side)
        ankles.append(ankle)
        soles.append(sole)
        free = controls[..., (LEFT_LEG if side > 0 else RIGHT_LEG) + 8]
        planted.append((1 - np.clip(free * 3, 0, 1)) * (swing < 0.15))
    ankles, soles, planted = np.stack(ankles, 2), np.stack(soles, 2), np.stack(planted, -1)

    beat = 2 * np.pi * (phase - style["duty"] / 2)
    px = controls[..., INDEX["px"]] * leg + rate * style["sway"] * leg * np.cos(beat)
    lean = np.sin(controls[..., INDEX["pitch"]]) + 0.5 * np.sin(controls[..., INDEX["bend"]])
    upright = np.clip(controls[..., INDEX["py"]] * 4 - 1.6, 0, 1)
    balance = np.array([plan.balance for plan in plans], np.float32)[:, None]
    pz = controls[..., INDEX["pz"]] * leg - 0.20 * leg * lean * balance * upright * (1 - 0.7 * rate)
    height = controls[..., INDEX["py"]] * bodies.pelvis_height[:, None] + controls[..., INDEX["air"]] * leg
    height = height + rate * style["bob"] * leg * np.cos(2 * beat)
    centre = np.stack((path[..., 0] + px * cos + pz * sin, path[..., 1] + pz * cos - px * sin), -1)
    height = _limited_height(height, centre, ankles, planted, bodies)
    pelvis = np.stack((centre[..., 0], height, centre[..., 1]), -1)
    origin = np.stack((path[..., 0], np.zeros_like(heading), path[..., 1]), -1)
    return pose(controls, bodies, heading, pelvis, origin, ankles, soles)
