# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Clips and sets of synthetic motion, from drawn plans to `Skeletons` with captions.

Clips are drawn one by one (cheap) and posed together (vectorised). Axes: B clips, T frames, V joints.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...processing.skeletons import Skeletons
from ..clips import MotionClip
from . import body, captions, controls, gait
from .actions import ACTIONS
from .rendering import render_clip
from .sensor import SensorModel

FPS = 30.0
LAYOUT = "tmor22"
_KNOTS = 10
_CHUNK = 64
_MARGIN = 12  # frames beyond the longest clip, so that smoothing never sees where the batch ends


@dataclass(frozen=True)
class SyntheticClip:
    """One generated clip.

    Attributes:
        skeletons: layout `tmor22`, 3D, metres, y up, one person.
        caption: one English sentence.
        action: name of the action.
        label: the same name; the class of the clip.
        group: action with its variant and side; clips of one group mean the same.
        class_phrase: short gerund of the group, such as "waving the left hand".
        side: "left", "right", or None where the action has no side.
        video: (F, size, size, 3) uint8 frames of the same motion, or None.
    """

    skeletons: Skeletons
    caption: str
    action: str
    label: str
    group: str
    class_phrase: str
    side: str | None = None
    video: np.ndarray | None = None


@dataclass
class _Draft:
    """What is drawn for one clip before it is posed."""

    plan: controls.Plan
    lengths: np.ndarray
    action: str
    side: str | None
    caption: str
    begin: float
    step: float
    frames: int
    view: tuple[float, float, float]  # turn of the world in radians; tilts forward and sideways in -1..1
    first_foot: float
    lags: tuple[float, float]
    sway: np.ndarray
    rng: np.random.Generator


def _sway_amplitudes() -> np.ndarray:
    """Standard deviation of the idle sway of every channel, in written units."""
    amplitude = np.zeros(controls.NUM_CHANNELS, np.float32)
    trunk = {"px": 0.006, "pz": 0.006, "pitch": 1.0, "roll": 0.7, "yaw": 1.5, "bend": 1.8, "side": 1.2, "twist": 2.0}
    for name, value in (trunk | {"nod": 3.5, "look": 5.0, "tilt": 2.0}).items():
        amplitude[controls.INDEX[name]] = value
    for side in ("left", "right"):
        for name, value in {"al": 3.0, "be": 2.2, "r": 0.012, "sw": 4.0}.items():
            amplitude[controls.INDEX[f"{side}_arm_{name}"]] = value
        for name, value in {"al": 1.2, "be": 0.8, "knee": 2.0}.items():
            amplitude[controls.INDEX[f"{side}_leg_{name}"]] = value
    return amplitude


_SWAY = _sway_amplitudes()


def _tempo(dice: controls.Dice) -> float:
    share = dice.unit()
    if share < 0.55:
        return dice.u(0.85, 1.2)
    return dice.u(1.35, 1.8) if share < 0.77 else dice.u(0.6, 0.76)


def _size(dice: controls.Dice) -> float:
    share = dice.unit()
    if share < 0.7:
        return dice.u(0.85, 1.15)
    return dice.u(0.6, 0.74) if share < 0.82 else dice.u(1.22, 1.35)


def _window(plan: controls.Plan, dice: controls.Dice, longest: float) -> tuple[float, float]:
    """Visible stretch of a plan in seconds: with rest around it, or trimmed late at the begin or early at the end."""
    if plan.cyclic:
        length = min(longest, plan.duration * dice.u(0.75, 1.0))
        begin = dice.u(0.0, plan.duration - length) if plan.duration > length else 0.0
        return begin, begin + max(length, 0.8)
    begin = -dice.u(0.0, 0.6) if dice.chance(0.5) else plan.duration * dice.u(0.0, 0.16)
    end = plan.duration + dice.u(0.0, 0.6) if dice.chance(0.45) else plan.duration * dice.u(0.76, 1.0)
    return begin, max(end, begin + 0.8)


def _squeeze(plan: controls.Plan, longest: float) -> None:
    """Speeds a plan up that would not fit, so that its end is not always lost."""
    limit = longest * 0.95
    if plan.cyclic or plan.duration <= limit:
        return
    factor = limit / plan.duration
    plan.times = [time * factor for time in plan.times]
    plan.oscillators = [
        osc._replace(
            rate=osc.rate / factor, start=osc.start * factor if osc.start > -5 else osc.start,
            end=osc.end * factor if osc.end < 90 else osc.end,
        )
        for osc in plan.oscillators
    ]  # fmt: skip
    plan.tempo *= factor


def _draw(
    rng: np.random.Generator, names: Sequence[str], num_frames: int | None, max_frames: int, side: str | None
) -> _Draft:
    dice = controls.Dice(rng)
    lengths = body.sample_lengths(rng)
    action = dice.pick(names)
    spec = ACTIONS[action]
    flipped = dice.chance(0.5) if side is None else side == "left"
    arm = lengths[body.FIELD_NAMES.index("upper_arm")] + lengths[body.FIELD_NAMES.index("forearm")]
    ratio = float(lengths[body.FIELD_NAMES.index("shoulder_half_width")] / arm)
    plan = controls.Plan(dice, ratio, _tempo(dice), _size(dice))
    plan.flipped = flipped
    spec.write(plan)
    longest = max_frames / FPS
    _squeeze(plan, longest)
    begin, end = _window(plan, dice, longest)
    frames = num_frames or int(np.clip(round((end - begin) * FPS), 24, max_frames))
    step = (end - begin) / (frames - 1) if num_frames and frames > 1 else 1.0 / FPS
    shown = ("left" if flipped else "right") if spec.has_sides else None
    caption = captions.caption(dice, action, shown, plan.tempo, plan.size, tuple(plan.details))
    lags = (dice.u(-0.05, 0.08), dice.u(-0.05, 0.08)) if dice.chance(0.5) else (0.0, 0.0)
    sway = rng.standard_normal((_KNOTS, controls.NUM_CHANNELS), dtype=np.float32)
    sway *= _SWAY * dice.u(0.2, 1.5)
    view = (dice.u(-np.pi, np.pi), dice.u(-1, 1), dice.u(-1, 1))
    foot = dice.pick((0.0, 0.5))
    return _Draft(plan, lengths, action, shown, caption, begin, step, frames, view, foot, lags, sway, rng)


def _sway_basis(frames: int) -> np.ndarray:
    """Cubic B-spline weights (T, knots); knots lie a third of a second apart and repeat for long clips."""
    position = np.arange(frames) / 11.0
    distance = np.abs((position[:, None] - np.arange(_KNOTS) + _KNOTS / 2) % _KNOTS - _KNOTS / 2)
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.maximum(2 - distance, 0) ** 3 / 6
    return np.where(distance < 1, near, far).astype(np.float32) * 1.4


def _pose(drafts: Sequence[_Draft], tilt: float) -> np.ndarray:
    """Joints (B, T, 22, 3) of all drafts, T above the longest; frames beyond a clip's own are to be cut off."""
    frames = np.array([draft.frames for draft in drafts])
    step = np.array([draft.step for draft in drafts], np.float32)
    begin = np.array([draft.begin for draft in drafts], np.float32)
    longest = int(frames.max()) + _MARGIN
    at = begin[:, None] + np.arange(longest, dtype=np.float32) * step[:, None]
    sway = np.matmul(_sway_basis(longest), np.stack([draft.sway for draft in drafts]))
    lags = np.array([draft.lags for draft in drafts], np.float32)
    plans = [draft.plan for draft in drafts]
    values = controls.evaluate(plans, at, lags, sway)
    bodies = body.stack_lengths(np.stack([draft.lengths for draft in drafts]))
    first_foot = np.array([draft.first_foot for draft in drafts], np.float32)
    joints = gait.move(values, bodies, plans, step, frames, first_foot)
    yaw, forward, sideways = np.array([draft.view for draft in drafts], np.float32).T
    tilt = np.float32(np.radians(tilt))
    # Turned first, tilted afterwards, for it is the sensor that leans.
    lean = body.rotations(np.zeros_like(yaw), forward * tilt, sideways * tilt)
    turn = lean @ body.rotations(yaw, np.zeros_like(yaw), np.zeros_like(yaw))
    return np.matmul(joints, turn.transpose(0, 2, 1)[:, None])


def _finish(draft: _Draft, joints: np.ndarray, sensor: SensorModel | None, video: dict | None) -> SyntheticClip:
    skeletons = Skeletons(np.ascontiguousarray(joints[: draft.frames, None]), fps=1.0 / draft.step, layout=LAYOUT)
    frames = None if video is None else render_clip(skeletons, rng=draft.rng, **video)
    if sensor is not None:
        skeletons = sensor(skeletons, draft.rng)
    suffix = draft.plan.group_suffix
    group = draft.action + suffix + (f" {draft.side}" if draft.side else "")
    phrase = captions.class_phrase(draft.action, draft.side, suffix)
    return SyntheticClip(skeletons, draft.caption, draft.action, draft.action, group, phrase, draft.side, frames)


def _names(actions: Sequence[str] | str | None) -> tuple[str, ...]:
    names = tuple(ACTIONS) if actions is None else (actions,) if isinstance(actions, str) else tuple(actions)
    unknown = [name for name in names if name not in ACTIONS]
    if unknown or not names:
        raise ValueError(f"expected some of the actions {', '.join(ACTIONS)}; got {unknown or 'none'}")
    return names


def generate_batch(
    rngs: Sequence[np.random.Generator],
    actions: Sequence[str] | str | None = None,
    *,
    num_frames: int | None = None,
    max_frames: int = 120,
    side: str | None = None,
    sensor: SensorModel | None = SensorModel(),  # noqa: B008 - frozen
    video: dict | None = None,
) -> list[SyntheticClip]:
    """Generates one clip per generator, all at once.

    Args:
        rngs: a source of randomness per clip; a clip depends on its own only.
        actions: names to draw from; all by default.
        num_frames: frames of every clip (the whole motion is sampled in that many); None gives 24 to `max_frames`
            frames at 30 per second.
        max_frames: longest clip.
        side: "left" or "right" fixes the side of the actions that have one.
        sensor: errors to add, or None for exact joints.
        video: keyword arguments of `render_clip` to render videos too, or None.

    Raises:
        ValueError: for unknown actions or a side that is neither left nor right.
    """
    names = _names(actions)
    if side not in (None, "left", "right"):
        raise ValueError(f"expected side 'left', 'right' or None, got {side!r}")
    if num_frames is not None and num_frames < 1 or max_frames < 24:
        raise ValueError(f"expected num_frames >= 1 and max_frames >= 24, got {num_frames} and {max_frames}")
    drafts = [_draw(rng, names, num_frames, max_frames, side) for rng in rngs]
    if not drafts:
        return []
    joints = _pose(drafts, 0.0 if sensor is None else sensor.tilt)
    return [_finish(draft, clip, sensor, video) for draft, clip in zip(drafts, joints, strict=True)]


def generate_clip(rng: np.random.Generator, action: str | None = None, **options) -> SyntheticClip:
    """Generates one clip; `options` are those of `generate_batch`. Many clips are faster in one batch."""
    return generate_batch([rng], action, **options)[0]


class SyntheticMotion(Sequence):
    """A set of generated clips, made on access.

    Clip `i` depends on `(seed, i)` and the options alone, whatever is accessed before it. Clips are generated in
    chunks, and the latest chunks are kept.

    Args:
        num_clips: length of the set.
        seed: seed of the set; other seeds give other clips.
        actions: names of the actions, all by default.
        with_video: render small videos of the same motion.
        video: options of `render_clip`.
        **options: `num_frames`, `max_frames`, `side`, `sensor` of `generate_batch`.
    """

    def __init__(
        self, num_clips: int, seed: int = 0, actions: Sequence[str] | str | None = None, with_video: bool = False,
        video: dict | None = None, **options,
    ):  # fmt: skip
        self.num_clips = num_clips
        self.seed = seed
        self.actions = _names(actions)
        self.options = {**options, "video": (video or {}) if with_video else None}
        self._chunks: OrderedDict[int, list[SyntheticClip]] = OrderedDict()

    def __len__(self) -> int:
        return self.num_clips

    def __getitem__(self, index: int) -> SyntheticClip:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"expected an index below {len(self)}, got {index}")
        chunk, place = divmod(index % len(self), _CHUNK)
        if chunk not in self._chunks:
            self._chunks[chunk] = self._generate(chunk)
            while len(self._chunks) > 4:
                self._chunks.popitem(last=False)
        return self._chunks[chunk][place]

    def _generate(self, chunk: int) -> list[SyntheticClip]:
        indices = range(chunk * _CHUNK, min((chunk + 1) * _CHUNK, len(self)))
        rngs = [np.random.default_rng((self.seed, index)) for index in indices]
        return generate_batch(rngs, self.actions, **self.options)

    def motion_clip(self, index: int) -> MotionClip:
        """Clip `index` in the form that the readers of recorded data give, without video."""
        clip = self[index]
        return MotionClip(
            skeletons=clip.skeletons, name=f"synthetic_{self.seed}_{index}", dataset="synthetic",
            captions=(clip.caption,), group=clip.group, class_name=clip.class_phrase,
            label=self.actions.index(clip.action),
        )  # fmt: skip


__all__ = ["FPS", "SyntheticClip", "SyntheticMotion", "generate_batch", "generate_clip"]
