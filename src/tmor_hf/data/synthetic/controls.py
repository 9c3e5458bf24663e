# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Control channels of the synthetic body, and the small language in which actions are written.

An action writes a *plan*: a few key poses in time over some sixty control channels (pelvis, spine, head, hands,
feet, speed of travel), plus oscillators for what repeats. Plans are cheap Python; turning them into frames is one
vectorised evaluation for a whole batch of clips (`evaluate`).

Axes: B clips, T frames, K key poses, C channels. Plans are always written for the RIGHT side; `Plan.mirrored` swaps
sides. Angles are written in degrees and come out of `evaluate` in radians. Lengths of the trunk and legs are in leg
lengths, lengths of the arms in arm lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TRUNK_CHANNELS = (
    "speed",  # forward travel, leg lengths per second
    "strafe",  # travel to the left, leg lengths per second
    "turn",  # degrees per second, positive to the left
    "gait",  # stride cycles per second (one cycle = two steps)
    "air",  # flight height of the whole body, leg lengths
    "px",  # pelvis offset to the left of the travelling point, leg lengths
    "py",  # pelvis height as a fraction of its height in upright standing
    "pz",  # pelvis offset to the front, leg lengths
    "pitch",  # pelvis rotation, positive leans forward
    "roll",  # positive leans to the right
    "yaw",  # positive turns to the left
    "bend",  # spine flexion, positive forward
    "side",  # spine, positive leans to the right
    "twist",  # spine, positive turns to the left
    "nod",  # head, positive looks down
    "look",  # head, positive looks to the left
    "tilt",  # head, positive leans to the right
)
ARM_CHANNELS = (
    "al",  # hand direction from the shoulder: 0 down, 90 forward, 180 up
    "be",  # hand direction: 90 straight out to the side
    "r",  # distance from shoulder to wrist, fraction of the arm length
    "sw",  # elbow swivel about the shoulder-wrist line, positive lifts the elbow outwards
    "g",  # 0: direction in the chest's frame, 1: in the upright frame (a hanging arm follows gravity)
    "x",  # wrist target in the frame of the travelling point (left, up, front), leg lengths
    "y",
    "z",
    "w",  # weight of that target, 0 to 1
    "shrug",  # shoulder lift, degrees
)
LEG_CHANNELS = (
    "out",  # ankle offset from its foothold: outwards, up, front; leg lengths
    "up",
    "fwd",
    "foot",  # pitch of the sole, positive points the toes up
    "toe",  # toes turned outwards
    "al",  # ankle direction from the hip in the pelvis frame: 0 down, 90 forward
    "be",  # 90 straight out to the side
    "r",  # distance from hip to ankle, fraction of the leg length
    "w",  # weight of the free leg pose: 0 planted, 1 free
    "knee",  # knee swivel, positive outwards
)
CHANNELS = (
    TRUNK_CHANNELS
    + tuple(f"{s}_arm_{c}" for s in ("left", "right") for c in ARM_CHANNELS)
    + tuple(f"{s}_leg_{c}" for s in ("left", "right") for c in LEG_CHANNELS)
)
NUM_CHANNELS = len(CHANNELS)
INDEX = {name: i for i, name in enumerate(CHANNELS)}
LEFT_ARM = len(TRUNK_CHANNELS)
RIGHT_ARM = LEFT_ARM + len(ARM_CHANNELS)
LEFT_LEG = RIGHT_ARM + len(ARM_CHANNELS)
RIGHT_LEG = LEFT_LEG + len(LEG_CHANNELS)

_ANGLES = {"turn", "pitch", "roll", "yaw", "bend", "side", "twist", "nod", "look", "tilt"}
_LIMB_ANGLES = {"al", "be", "sw", "shrug", "foot", "toe", "knee"}
_UNIT = np.array(
    [np.pi / 180 if name in _ANGLES or name.rsplit("_", 1)[-1] in _LIMB_ANGLES else 1.0 for name in CHANNELS],
    dtype=np.float32,
)
_NEGATED = {"strafe", "turn", "px", "roll", "yaw", "side", "twist", "look", "tilt", "left_arm_x", "right_arm_x"}


def _mirror_source(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name[5:]
    return "left_" + name[6:] if name.startswith("right_") else name


MIRROR_INDEX = np.array([INDEX[_mirror_source(name)] for name in CHANNELS])
MIRROR_SIGN = np.array([-1.0 if name in _NEGATED else 1.0 for name in CHANNELS])

SINE, HOP, PUMP, RAMP = range(4)
"""Oscillator shapes: sine; a ballistic hop with a dip between flights; 0 to 1 and back; steady increase per cycle."""


class Dice:
    """Cheap scalar draws from a generator: one call fills a buffer, the rest is plain Python."""

    __slots__ = ("_buffer", "_rng")

    def __init__(self, rng: np.random.Generator):
        self._rng = rng
        self._buffer = rng.random(96).tolist()

    def unit(self) -> float:
        """Draws from [0, 1)."""
        if not self._buffer:
            self._buffer = self._rng.random(96).tolist()
        return self._buffer.pop()

    def u(self, low: float, high: float) -> float:
        """Draws from [low, high)."""
        return low + (high - low) * self.unit()

    def chance(self, probability: float) -> bool:
        """Says yes with this probability."""
        return self.unit() < probability

    def pick(self, options: Sequence):
        """Draws one of the options, all equally likely."""
        return options[int(self.unit() * len(options))]

    def integer(self, low: int, high: int) -> int:
        """Draws an integer from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))


class Oscillator(NamedTuple):
    """A repeating addition to one channel between `start` and `end` seconds, faded in and out.

    `amplitude` is in the unit of the channel, `rate` in cycles per second, `phase` in cycles.
    """

    channel: int
    amplitude: float
    rate: float
    phase: float
    shape: int
    start: float
    end: float


class GaitStyle(NamedTuple):
    """How a body steps. Lengths in leg lengths, angles in degrees."""

    duty: float = 0.62  # part of a cycle that a foot stands
    lift: float = 0.10  # height of the swinging ankle
    width: float = 1.0  # distance of the feet, relative to the hips
    sway: float = 0.03  # pelvis to the standing side
    bob: float = 0.015  # pelvis up and down
    swing: float = 24.0  # arms to and fro
    twist: float = 6.0  # shoulders against the pelvis
    roll_off: float = 25.0  # heel off the floor at the end of a stand
    drag: float = 0.0  # the right leg limps: less lift, shorter stand
    fold: float = 0.0  # swinging heel towards the seat


class Plan:
    """Key poses, oscillators and gait of one clip, written by an action function.

    Attributes:
        dice: source of every random choice of the action.
        arm_ratio: half the shoulder width in arm lengths, so that hands can meet in the middle.
        tempo: factor on all durations (above 1 is slow).
        size: factor that actions apply to their amplitudes.
    """

    __slots__ = (
        "dice", "arm_ratio", "tempo", "size", "times", "rows", "oscillators", "gait_style", "cyclic", "follows_root",
        "balance", "details", "rest_right", "rest_left", "group_suffix", "flipped", "seat",
    )  # fmt: skip

    def __init__(self, dice: Dice, arm_ratio: float = 0.36, tempo: float = 1.0, size: float = 1.0):
        self.dice = dice
        self.arm_ratio = arm_ratio
        self.tempo = tempo
        self.size = size
        self.times: list[float] = [0.0]
        self.oscillators: list[Oscillator] = []
        self.gait_style = GaitStyle()
        self.cyclic = False
        self.follows_root = False
        self.balance = 1.0
        self.details: list[str] = []
        self.group_suffix = ""
        self.flipped = False
        self.seat = dice.u(0.46, 0.60) if dice.chance(0.6) else dice.u(0.60, 0.76)  # chairs, and high stools
        self.rest_right = self._resting_arm()
        self.rest_left = self._resting_arm() if dice.chance(0.3) else self.rest_right
        self.rows: list[list[float]] = [self._standing_row()]

    def _resting_arm(self) -> tuple[float, ...]:
        d = self.dice
        if d.chance(0.06):
            return (-8.0, 28.0, 0.62, 25.0, 0.0)  # hand on the hip
        if d.chance(0.08):
            return (d.u(20, 45), d.u(-25, -5), d.u(0.62, 0.8), 0.0, 0.2)  # hand before the belly
        return (d.u(-6, 14), d.u(5, 16), d.u(0.90, 0.985), d.u(-10, 15), 0.6)

    def _standing_row(self) -> list[float]:
        d = self.dice
        row = [0.0] * NUM_CHANNELS
        row[INDEX["py"]] = d.u(0.965, 1.0)
        # Most people, and still more most sensors, have the hips before the ankles.
        row[INDEX["pz"]] = d.u(-0.02, 0.10) if d.chance(0.6) else d.u(0.10, 0.22)
        row[INDEX["pitch"]] = -d.u(0, 5)
        row[INDEX["bend"]] = d.u(-3, 11)
        row[INDEX["nod"]] = d.u(-6, 18)
        row[INDEX["twist"]] = d.u(-4, 4)
        spread, toe = d.u(-0.04, 0.14), d.u(0, 18)
        for leg in (LEFT_LEG, RIGHT_LEG):
            row[leg] = spread
            row[leg + 2] = d.u(-0.05, 0.05)
            row[leg + 4] = toe
            row[leg + 7] = 0.98
        row[LEFT_ARM : LEFT_ARM + 5] = self.rest_left
        row[RIGHT_ARM : RIGHT_ARM + 5] = self.rest_right
        return row

    @property
    def duration(self) -> float:
        """Seconds from the first to the last key pose."""
        return self.times[-1]

    def start(self, **changes) -> None:
        """Changes the first key pose; same arguments as `to`."""
        _change(self.rows[0], **changes)

    def to(self, seconds: float, **changes) -> None:
        """Adds a key pose after about `seconds`; channels that are not named keep their value.

        Args:
            a, o, both: pose of the acting (right), the other, or both arms: `(al, be, r, sw, g)` or its beginning.
            aw, ow: wrist target `(x, y, z)` of the acting or other arm, in leg lengths, in the travelling frame.
            fa, fo, feet: ankle offset `(out, up, fwd, foot pitch)` of the acting, other or both feet.
            la, lo, legs: free leg pose `(al, be, r, w)`.
            **changes: any trunk channel by name, or a limb channel by its full name.
        """
        row = self.rows[-1].copy()
        _change(row, **changes)
        self.rows.append(row)
        self.times.append(self.times[-1] + seconds * self.tempo * self.dice.u(0.86, 1.16))

    def hold(self, seconds: float) -> None:
        """Keeps the last pose for about `seconds`."""
        self.to(seconds)

    def relax(self, seconds: float, **changes) -> None:
        """Returns to the first pose, apart from the named changes."""
        row = self.rows[0].copy()
        _change(row, **changes)
        self.rows.append(row)
        self.times.append(self.times[-1] + seconds * self.tempo * self.dice.u(0.86, 1.16))

    def swing(
        self, channel: str, amplitude: float, rate: float, phase: float = 0.0, shape: int = SINE,
        start: float = -9.0, end: float = 99.0,
    ) -> None:  # fmt: skip
        """Adds an oscillator; channels `a_...` and `o_...` are those of the acting and the other arm."""
        if channel[:2] in ("a_", "o_"):
            channel = ("right_arm_" if channel[0] == "a" else "left_arm_") + channel[2:]
        self.oscillators.append(Oscillator(INDEX[channel], amplitude, rate / self.tempo, phase, shape, start, end))

    def reach(self, out: float, up: float, front: float, sw: float = 0.0, g: float = 0.0) -> tuple[float, ...]:
        """Arm pose that brings the wrist to a place relative to the shoulder.

        Args:
            out: in half shoulder widths; -1 is the middle of the body, -2 the other shoulder.
            up: in arm lengths.
            front: in arm lengths.
            sw: elbow swivel, degrees.
            g: weight of the upright frame.
        """
        out *= self.arm_ratio
        distance = max(1e-3, (out * out + up * up + front * front) ** 0.5)
        alpha = np.degrees(np.arctan2(front, -up))
        if alpha < -100:
            alpha += 360
        return (float(alpha), float(np.degrees(np.arcsin(out / distance))), min(distance, 0.99), sw, g)

    def detail(self, *phrases: str) -> None:
        """Offers a remark for the caption about how the action is done."""
        self.details.append(self.dice.pick(phrases))


_POSES = {
    "a": (RIGHT_ARM,), "o": (LEFT_ARM,), "both": (LEFT_ARM, RIGHT_ARM),
    "aw": (RIGHT_ARM,), "ow": (LEFT_ARM,),
    "fa": (RIGHT_LEG,), "fo": (LEFT_LEG,), "feet": (LEFT_LEG, RIGHT_LEG),
    "la": (RIGHT_LEG,), "lo": (LEFT_LEG,), "legs": (LEFT_LEG, RIGHT_LEG),
}  # fmt: skip


def _change(row: list[float], **changes) -> None:
    for name, value in changes.items():
        blocks = _POSES.get(name)
        if blocks is None:
            row[INDEX[name]] = value
            continue
        for base in blocks:
            if name in ("a", "o", "both"):
                row[base : base + len(value)] = value
                row[base + 8] = 0.0
            elif name in ("aw", "ow"):
                row[base + 5 : base + 9] = (*value, 1.0)
            elif name in ("fa", "fo", "feet"):
                row[base : base + len(value)] = value
            else:
                row[base + 5 : base + 5 + len(value)] = value


def _slopes(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Monotone tangents (Fritsch-Carlson): zero at turning points, no overshoot in between; (B, K, C)."""
    step = np.maximum(np.diff(times, axis=1), 1e-3)[..., None]
    secant = np.diff(values, axis=1) / step
    before, after = secant[:, :-1], secant[:, 1:]
    product = before * after
    mean = 2.0 * product / np.where(np.abs(before + after) > 1e-9, before + after, 1.0)
    slopes = np.zeros_like(values)
    slopes[:, 1:-1] = np.where(product > 0, mean, 0.0)
    return slopes


def _interpolate(times: np.ndarray, values: np.ndarray, slopes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Cubic Hermite interpolation of key tables (B, K), (B, K, C) at times (B, T); constant outside."""
    last = times.shape[1] - 2
    segment = np.clip((at[:, :, None] >= times[:, None, :]).sum(-1) - 1, 0, last)
    clip = np.arange(len(times))[:, None]
    begin, end = times[clip, segment], times[clip, segment + 1]
    length = np.maximum(end - begin, 1e-3)
    s = np.clip((at - begin) / length, 0.0, 1.0)[..., None]
    length = length[..., None]
    rest = 1.0 - s
    return (
        values[clip, segment] * ((1.0 + 2.0 * s) * rest * rest)
        + values[clip, segment + 1] * (s * s * (3.0 - 2.0 * s))
        + slopes[clip, segment] * (s * rest * rest * length)
        - slopes[clip, segment + 1] * (s * s * rest * length)
    )


def _waveform(shape: np.ndarray, cycles: np.ndarray) -> np.ndarray:
    """Oscillator values (N, T) for shapes (N, 1) at cycle counts (N, T)."""
    part = cycles - np.floor(cycles)
    flight = 0.55
    x = np.minimum(part / flight, 1.0)
    hop = np.where(part < flight, 4.0 * x * (1.0 - x), -0.35 * np.sin(np.pi * (part - flight) / (1.0 - flight)))
    wave = np.sin(2 * np.pi * cycles)
    pump = 0.5 - 0.5 * np.cos(2 * np.pi * cycles)
    return np.where(shape == SINE, wave, np.where(shape == HOP, hop, np.where(shape == PUMP, pump, cycles)))


def _oscillations(plans: Sequence[Plan], at: np.ndarray) -> np.ndarray:
    """Sum of all oscillators per channel, (B, C, T)."""
    total = np.zeros((len(plans), NUM_CHANNELS, at.shape[1]), np.float32)
    rows = [(clip, *osc) for clip, plan in enumerate(plans) for osc in plan.oscillators]
    if not rows:
        return total
    table = np.array(rows, np.float32)
    clip, channel = table[:, 0].astype(int), table[:, 1].astype(int)
    amplitude, rate, phase, shape, start, end = (table[:, i, None] for i in range(2, 8))
    time = at[clip]
    since = np.where(start > -5, start, 0.0)
    value = amplitude * _waveform(shape, np.maximum(time - since, np.where(start > -5, 0.0, -9.0)) * rate + phase)
    fade = np.clip((time - start) / 0.25, 0, 1) * np.clip((end - time) / 0.25, 0, 1)
    value *= np.where(shape == RAMP, 1.0, fade * fade * (3 - 2 * fade))
    mirrored = np.array([plan.flipped for plan in plans])[clip]
    sign = np.where(mirrored, MIRROR_SIGN[channel], 1.0)[:, None]
    channel = np.where(mirrored, MIRROR_INDEX[channel], channel)
    np.add.at(total, (clip, channel), (value * sign).astype(np.float32))
    return total


def evaluate(plans: Sequence[Plan], at: np.ndarray, lags: np.ndarray, sway: np.ndarray) -> np.ndarray:
    """Turns plans into control values.

    Args:
        plans: B plans.
        at: times in seconds, (B, T).
        lags: seconds by which the left and the right arm trail the trunk, (B, 2).
        sway: smooth secondary motion to add, (B, T, C), in the channels' written units.

    Returns:
        (B, T, C) float32, angles in radians.
    """
    keys = max(2, max(len(plan.rows) for plan in plans))
    times = np.empty((len(plans), keys), np.float32)
    values = np.empty((len(plans), keys, NUM_CHANNELS), np.float32)
    for clip, plan in enumerate(plans):
        count = len(plan.rows)
        table = np.array(plan.rows, np.float32)
        values[clip, :count] = table[:, MIRROR_INDEX] * MIRROR_SIGN if plan.flipped else table
        values[clip, count:] = values[clip, count - 1]
        times[clip, :count] = plan.times
        times[clip, count:] = plan.times[-1] + 1.0 + np.arange(keys - count)
    slopes = _slopes(times, values)
    out = np.empty((*at.shape, NUM_CHANNELS), np.float32)
    trunk = np.r_[0:LEFT_ARM, LEFT_LEG:NUM_CHANNELS]
    groups = ((trunk, None), (np.arange(LEFT_ARM, RIGHT_ARM), 0), (np.arange(RIGHT_ARM, LEFT_LEG), 1))
    for columns, lag in groups:
        when = at if lag is None else at - lags[:, lag, None]
        out[..., columns] = _interpolate(times, values[..., columns], slopes[..., columns], when)
    out += _oscillations(plans, at).transpose(0, 2, 1)
    out += sway
    out *= _UNIT
    return out
