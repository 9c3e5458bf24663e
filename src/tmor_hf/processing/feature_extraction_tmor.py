# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Feature extractor: clips of any joint layout, length and number of people to the tensors that T-MOR models take.

Axes: B clips, T frames, M people, V joints of the source layout, J = 22 canonical joints, C coordinates.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from transformers.feature_extraction_utils import BatchFeature, FeatureExtractionMixin

from .joint_layouts import CANONICAL, CANONICAL_JOINTS, LAYOUTS, JointLayout, get_layout, to_canonical, to_y_up
from .skeletons import Skeletons

_J = {joint: index for index, joint in enumerate(CANONICAL_JOINTS)}

# Bones whose length says how large a body is, with their length in metres on a person 1.7 m tall (segment lengths
# after Winter, Biomechanics and Motor Control of Human Movement). Layouts place hips and spine differently: left out.
_MEASURED_BONES: tuple[tuple[str, str, float], ...] = (
    ("pelvis", "neck", 0.50),
    ("left_shoulder", "left_elbow", 0.29), ("right_shoulder", "right_elbow", 0.29),
    ("left_elbow", "left_wrist", 0.25), ("right_elbow", "right_wrist", 0.25),
    ("left_hip", "left_knee", 0.42), ("right_hip", "right_knee", 0.42),
    ("left_knee", "left_ankle", 0.41), ("right_knee", "right_ankle", 0.41),
)  # fmt: skip
_BONE_START = np.array([_J[start] for start, _, _ in _MEASURED_BONES])
_BONE_END = np.array([_J[end] for _, end, _ in _MEASURED_BONES])
_BONE_LENGTH = np.array([length for _, _, length in _MEASURED_BONES], dtype=np.float32)
_ACROSS = np.array([_J[f"{side}_{joint}"] for joint in ("hip", "shoulder") for side in ("left", "right")])
_BODY_SPREAD = 0.4  # root mean square distance of the joints from their mean, metres; used when no such bone is seen
_FACING_SHARE = 0.25  # the first quarter of a clip says which way its person faces


class InvisibleClipError(ValueError):
    """A clip without a single joint that was seen.

    Args:
        index: Its place among the clips that were given.
    """

    def __init__(self, index: int):
        super().__init__(
            f"clip {index}: expected at least one joint that was seen, got none in any frame; joints that are NaN, "
            "infinite, all zero, or whose score is not above score_threshold are missing: drop such clips"
        )
        self.index = index


class TMorFeatureExtractor(FeatureExtractionMixin):
    """Brings clips onto the canonical joints, centres, scales and turns them, and pads them to one batch.

    A clip keeps its motion: centre, scale and turn are one for the whole clip and for all people in it, so that the
    path of a person through space and the place of people to each other remain.

    Args:
        layout: Layout of clips that do not say theirs: a name, a `JointLayout` or its dict form. `None` asks for it.
        num_frames: Resample every clip to so many frames (linear in time), the usual way where frame rates are not
            known. `None` keeps the frames.
        sampling_rate: Resample clips whose `fps` is known to this rate in hertz. Not together with `num_frames`.
        max_frames: Resample longer clips to so many frames. `None` sets no limit.
        max_people: Keep so many people, those with the most visible joints. `None` keeps all.
        score_threshold: Joints with a score up to this one count as missing.
        max_gap: A joint that is missing for up to so many frames, between two that show it, is interpolated; longer
            gaps stay masked. 0 interpolates none.
        do_center: Move the mean pelvis of a clip to the origin.
        do_scale: Divide by the size of the body, measured over its bones, so that a body is about 1.7 tall.
        do_align_facing: Turn 3D clips about the vertical so that the person faces +z when the clip starts.

    Raises:
        ValueError: If an option is out of its range.
    """

    model_input_names = ["keypoints", "joint_mask", "frame_mask", "depth_mask"]

    def __init__(
        self,
        layout: str | JointLayout | Mapping[str, Any] | None = None,
        num_frames: int | None = None,
        sampling_rate: float | None = None,
        max_frames: int | None = None,
        max_people: int | None = None,
        score_threshold: float = 0.0,
        max_gap: int = 8,
        do_center: bool = True,
        do_scale: bool = True,
        do_align_facing: bool = True,
        padding_value: float = 0.0,
        padding_side: str = "right",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        sizes = dict(num_frames=num_frames, sampling_rate=sampling_rate, max_frames=max_frames, max_people=max_people)
        for name, value in sizes.items():
            if value is not None and value <= 0:
                raise ValueError(f"expected {name} above 0 or None, got {value}")
        if num_frames is not None and sampling_rate is not None:
            raise ValueError("num_frames and sampling_rate exclude each other; pass one of them")
        if not 0 <= score_threshold < 1:
            raise ValueError(f"expected a score_threshold in [0, 1), got {score_threshold}")
        if max_gap < 0:
            raise ValueError(f"expected max_gap of 0 or more, got {max_gap}")
        if padding_value != 0 or padding_side != "right":
            raise ValueError("clips are padded with zeros on the right; padding_value and padding_side are fixed")
        if layout is not None and not isinstance(layout, str):
            layout = get_layout(layout).to_dict()
        elif layout is not None:
            get_layout(layout)
        self.layout = layout
        self.num_frames = num_frames
        self.sampling_rate = sampling_rate
        self.max_frames = max_frames
        self.max_people = max_people
        self.score_threshold = score_threshold
        self.max_gap = max_gap
        self.do_center = do_center
        self.do_scale = do_scale
        self.do_align_facing = do_align_facing
        self.padding_value = padding_value
        self.padding_side = padding_side

    def __call__(
        self,
        skeletons: Any,
        layout: str | JointLayout | Sequence[str | JointLayout] | None = None,
        scores: Any = None,
        fps: float | Sequence[float] | None = None,
        image_size: tuple[int, int] | Sequence[tuple[int, int]] | None = None,
        up_axis: str | Sequence[str] | None = None,
        return_tensors: str | None = None,
        **kwargs,
    ) -> BatchFeature:
        """Prepares one clip or a list of clips.

        Args:
            skeletons: A clip or a list of clips, each a numpy array or torch tensor (T, V, C) or (T, M, V, C), a dict
                with the fields of `Skeletons`, or a `Skeletons` object.
            layout: Joint layout of clips that do not say theirs, as plain arrays; one for all or one for each. So are
                the other fields.
            scores: (T, V) or (T, M, V) confidences; a list of them for a list of clips.
            fps: Frames per second.
            image_size: (height, width) of 2D clips in pixels.
            up_axis: The axis that points up.
            return_tensors: ``"pt"``, ``"np"`` or `None` for numpy arrays.

        Returns:
            `keypoints` (B, T, M, 22, 3) float32, unknown values 0; `joint_mask` (B, T, M, 22) bool;
            `frame_mask` (B, T) bool, False where a clip was padded; `depth_mask` (B, T) bool, False where the third
            coordinate is not known because the clip is 2D.

        Raises:
            ValueError: If a clip cannot be read, has no frame, or no joint that was seen; the clip is named.
        """
        if kwargs:
            warnings.warn(
                f"arguments {sorted(kwargs)} are not known to {type(self).__name__} and ignored", stacklevel=2
            )
        clips = self._as_clips(skeletons, layout, scores, fps, image_size, up_axis)
        clips = [self._without_empty_slots(clip) for clip in clips]
        people = max(clip.num_people for clip in clips)
        keypoints, mask = self._canonical(clips, people)
        keypoints, mask, frame_mask = self._sample(clips, keypoints, mask)
        self._check_visible(mask)
        depth_mask = frame_mask & np.array([clip.num_coordinates == 3 for clip in clips])[:, None]
        keypoints, mask = self._select_people(keypoints, mask)
        keypoints = np.ascontiguousarray(keypoints)
        self._normalize(keypoints, mask, depth_mask)
        data = {"keypoints": keypoints, "joint_mask": mask, "frame_mask": frame_mask, "depth_mask": depth_mask}
        return BatchFeature(data, tensor_type=return_tensors)

    def split_people(
        self,
        skeletons: Any,
        layout: str | JointLayout | None = None,
        scores: Any = None,
        fps: float | None = None,
        image_size: tuple[int, int] | None = None,
        up_axis: str | None = None,
    ) -> list[Skeletons | None]:
        """One clip for each person slot of a clip, so that people can be looked at one by one.

        Args:
            skeletons: A clip, and further down its fields, as for `__call__`.

        Returns:
            A `Skeletons` with one person for each slot; `None` for a slot in which no joint is seen.

        Raises:
            ValueError: If the clip cannot be read.
        """
        given = {"layout": layout, "scores": scores, "fps": fps, "image_size": image_size, "up_axis": up_axis}
        clip = self._as_clip(skeletons, given, "the clip")
        _, mask, _ = self._sample([clip], *self._canonical([clip], clip.num_people))
        return [
            clip.select_people(slice(slot, slot + 1)) if is_seen else None
            for slot, is_seen in enumerate(mask.any(axis=(0, 1, 3)))
        ]

    def _as_clips(self, skeletons: Any, *fields: Any) -> list[Skeletons]:
        """A list of `Skeletons`; `fields` are layout, scores, fps, image_size and up_axis of plain arrays."""
        names = ("layout", "scores", "fps", "image_size", "up_axis")
        if not isinstance(skeletons, (list, tuple)):
            return [self._as_clip(skeletons, dict(zip(names, fields, strict=True)), "the clip")]
        if len(skeletons) == 0:
            raise ValueError("expected at least one clip, got an empty list")
        if isinstance(skeletons[0], (int, float, list, tuple)):
            raise ValueError(
                "expected an array, a dict or Skeletons, or a list of these, got nested lists of numbers; "
                "pass np.asarray(clip)"
            )
        columns = [_per_clip(name, value, len(skeletons)) for name, value in zip(names, fields, strict=True)]
        return [
            self._as_clip(clip, dict(zip(names, row, strict=True)), f"clip {index}")
            for index, (clip, *row) in enumerate(zip(skeletons, *columns, strict=True))
        ]

    def _as_clip(self, clip: Any, given: dict[str, Any], where: str) -> Skeletons:
        try:
            if isinstance(clip, Skeletons):
                unsaid = {name: _to_numpy(value) for name, value in given.items() if value is not None}
                unsaid = {name: value for name, value in unsaid.items() if getattr(clip, name) is None}
                return replace(clip, **unsaid) if unsaid else clip
            if isinstance(clip, Mapping):
                data = dict(clip)
            else:
                data = {"keypoints": clip}
            for name, value in given.items():
                if value is not None:
                    data.setdefault(name, value)
            data = {name: _to_numpy(value) for name, value in data.items() if value is not None}
            if "layout" not in data and "keypoints" in data:
                data["layout"] = self._default_layout(data["keypoints"])
            return Skeletons.from_dict(data)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where}: {error}") from error

    def _default_layout(self, keypoints: Any) -> str | JointLayout:
        if self.layout is not None:
            return self.layout if isinstance(self.layout, str) else get_layout(self.layout)
        shape = np.shape(keypoints)
        fitting = [name for name, known in LAYOUTS.items() if len(shape) > 2 and known.num_joints == shape[-2]]
        hint = f"layouts with {shape[-2]} joints: {', '.join(fitting)}" if fitting else f"known: {', '.join(LAYOUTS)}"
        raise ValueError(f"expected `layout=` for keypoints of shape {shape}, got none; {hint}")

    def _without_empty_slots(self, clip: Skeletons) -> Skeletons:
        """The clip without person slots in which nobody is ever seen, which cost as much as people do."""
        if clip.num_people == 1:
            return clip
        slots = np.flatnonzero(self._valid(clip).any(axis=(0, 2)))
        return clip.select_people(slots.tolist()) if 0 < len(slots) < clip.num_people else clip

    def _canonical(self, clips: list[Skeletons], people: int) -> tuple[np.ndarray, np.ndarray]:
        """All frames of all clips in a row, on the canonical joints, y up: (sum of T, M, J, 3) and its mask."""
        if all(_is_canonical(clip) for clip in clips):
            keypoints, mask = _join_canonical(clips, people)
        else:
            keypoints, mask = self._map_to_canonical(clips, people)
        if self.max_gap:
            _bridge_gaps(keypoints, mask, np.array([clip.num_frames for clip in clips]), self.max_gap)
        return keypoints, mask

    def _map_to_canonical(self, clips: list[Skeletons], people: int) -> tuple[np.ndarray, np.ndarray]:
        """(sum of T, M, J, 3) and its mask for any clips, those of one form together."""
        starts = np.cumsum([0] + [clip.num_frames for clip in clips])
        keypoints = np.zeros((starts[-1], people, CANONICAL.num_joints, 3), dtype=np.float32)
        mask = np.zeros(keypoints.shape[:-1], dtype=bool)
        groups: dict[tuple, list[int]] = {}
        for index, clip in enumerate(clips):
            # By identity: layouts of one's own may bear the same name and differ.
            key = (id(get_layout(clip.layout)), clip.num_people, clip.num_coordinates, clip.resolved_up_axis)
            groups.setdefault(key, []).append(index)
        for (_, num_people, num_coordinates, up_axis), members in groups.items():
            layout = get_layout(clips[members[0]].layout)
            source = _concatenate([clips[index].keypoints for index in members])
            if all(clips[index].scores is None for index in members):
                valid = Skeletons(source, layout=layout).valid
            else:
                valid = _concatenate([self._valid(clips[index]) for index in members])
            flat, flat_mask = to_canonical(
                source.reshape(-1, layout.num_joints, num_coordinates), valid.reshape(-1, layout.num_joints), layout
            )
            flat = to_y_up(flat, up_axis)
            shape = (-1, num_people, CANONICAL.num_joints)
            flat, flat_mask = flat.reshape(*shape, num_coordinates), flat_mask.reshape(shape)
            end = 0
            for index in members:
                frames = slice(end, end := end + clips[index].num_frames)
                rows = slice(starts[index], starts[index + 1])
                keypoints[rows, :num_people, :, :num_coordinates] = flat[frames]
                mask[rows, :num_people] = flat_mask[frames]
        return keypoints, mask

    def _valid(self, clip: Skeletons) -> np.ndarray:
        if clip.scores is None or self.score_threshold == 0:
            return clip.valid
        return clip.valid & (clip.scores > self.score_threshold)

    def _target_frames(self, clip: Skeletons) -> int:
        frames = clip.num_frames
        if self.num_frames is not None:
            return self.num_frames
        if self.sampling_rate is not None and clip.fps is not None and frames > 1:
            frames = int(round((frames - 1) * self.sampling_rate / clip.fps)) + 1
        return frames if self.max_frames is None else min(frames, self.max_frames)

    def _sample(
        self, clips: list[Skeletons], keypoints: np.ndarray, mask: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Resamples every clip in time and pads: (B, T, M, J, 3), (B, T, M, J) and the frame mask (B, T)."""
        sources = np.array([clip.num_frames for clip in clips])
        targets = np.array([self._target_frames(clip) for clip in clips])
        starts = np.cumsum(sources) - sources
        steps = np.arange(targets.max())
        frame_mask = steps < targets[:, None]
        span = np.where(targets > 1, (sources - 1) / np.maximum(targets - 1, 1), 0)
        position = np.minimum(steps * span[:, None], sources[:, None] - 1)
        position = np.where(targets[:, None] == 1, (sources[:, None] - 1) / 2, position)
        position = np.where(frame_mask, position, 0)
        before = np.floor(position + 1e-6).astype(np.int64)
        share = (position - before).astype(np.float32)
        before += starts[:, None]
        if np.abs(share).max() < 1e-5:
            sampled, sampled_mask = keypoints[before], mask[before]
        else:
            after = np.minimum(before + 1, (starts + sources - 1)[:, None])
            sampled, sampled_mask = _interpolate(keypoints, mask, before, after, share)
        sampled_mask &= frame_mask[:, :, None, None]
        for index in np.flatnonzero(~sampled_mask.any(axis=(1, 2, 3))):  # all that is seen lies between the samples
            rows = slice(starts[index], starts[index] + sources[index])
            fullest = mask[rows].sum(axis=(1, 2)).argmax()
            step = np.abs(position[index, : targets[index]] - fullest).argmin()
            sampled[index, step], sampled_mask[index, step] = keypoints[rows][fullest], mask[rows][fullest]
        return sampled, sampled_mask, frame_mask

    def _check_visible(self, mask: np.ndarray) -> None:
        empty = np.flatnonzero(~mask.any(axis=(1, 2, 3)))
        if len(empty):
            raise InvisibleClipError(int(empty[0]))

    def _select_people(self, keypoints: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Drops person slots that are empty in every clip, and the least visible people above `max_people`."""
        visible = mask.sum(axis=(1, 3))
        keep = visible.astype(bool).sum(axis=1).max()
        if self.max_people is not None:
            keep = min(keep, self.max_people)
        if keep == mask.shape[2]:
            return keypoints, mask
        order = np.argsort(-visible, axis=1, kind="stable")[:, :keep]
        order = np.sort(order, axis=1)[:, None, :, None]
        return np.take_along_axis(keypoints, order[..., None], axis=2), np.take_along_axis(mask, order, axis=2)

    def _normalize(self, keypoints: np.ndarray, mask: np.ndarray, depth_mask: np.ndarray) -> None:
        """Centres, scales and turns each clip, in place."""
        rows = keypoints.reshape(*keypoints.shape[:2], -1)  # operations on long rows are several times faster
        if self.do_center:
            rows -= np.tile(_centre(keypoints, mask), (1, rows.shape[-1] // 3))[:, None]
        if self.do_scale:
            rows /= _body_scale(keypoints, mask)[:, None, None]
        if self.do_align_facing and depth_mask.any():
            _turn_to_front(keypoints, mask, depth_mask[:, 0])
        # Of 2D clips, the third coordinate is 0 from the start.
        keypoints.reshape(-1, 3)[np.flatnonzero(~mask)] = 0.0


def _per_clip(name: str, value: Any, count: int) -> list:
    """One value for each clip: a single one is repeated, a list is checked for its length."""
    is_list = isinstance(value, list) or (name != "image_size" and isinstance(value, tuple))
    if name == "image_size" and isinstance(value, (list, tuple)) and all(np.ndim(size) == 0 for size in value):
        is_list = False
    if name == "scores" and value is not None and not is_list:
        raise ValueError(f"expected a list of {count} scores for {count} clips, got {type(value).__name__}")
    if not is_list:
        return [value] * count
    if len(value) != count:
        raise ValueError(f"expected {count} values of `{name}` for {count} clips, got {len(value)}")
    return list(value)


def _to_numpy(value: Any) -> Any:
    """Torch tensors as numpy arrays (without importing torch); anything else as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        return (value.float() if value.is_floating_point() else value).numpy()
    return value


def _concatenate(arrays: list[np.ndarray]) -> np.ndarray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _is_canonical(clip: Skeletons) -> bool:
    """Whether a clip is as training makes it: such clips go together, whatever their people and coordinates."""
    return clip.scores is None and clip.resolved_up_axis in ("y", "-y") and get_layout(clip.layout) == CANONICAL


def _join_canonical(clips: list[Skeletons], people: int) -> tuple[np.ndarray, np.ndarray]:
    """As `_map_to_canonical`, for clips that are canonical: (sum of T, M, J, 3) and its mask (sum of T, M, J)."""
    ends = np.cumsum([clip.num_frames for clip in clips])
    keypoints = np.zeros((ends[-1], people, CANONICAL.num_joints, 3), dtype=np.float32)
    for clip, end in zip(clips, ends.tolist(), strict=True):
        rows = keypoints[end - clip.num_frames : end, : clip.num_people]
        for axis in range(clip.num_coordinates):  # one by one: inner loops over 2 or 3 numbers are slow
            if axis and clip.resolved_up_axis == "-y":
                np.negative(clip.keypoints[..., axis], out=rows[..., axis])
            else:
                rows[..., axis] = clip.keypoints[..., axis]
    joints = keypoints.reshape(-1, CANONICAL.num_joints, 3)
    joints, mask = to_canonical(joints, Skeletons(joints).valid[:, 0], CANONICAL)
    return joints.reshape(keypoints.shape), mask.reshape(keypoints.shape[:-1])


def _bridge_gaps(keypoints: np.ndarray, mask: np.ndarray, lengths: np.ndarray, max_gap: int) -> None:
    """Fills short gaps of clips that stand in a row, linear in time, in place.

    Args:
        keypoints: (sum of T, M, J, C).
        mask: (sum of T, M, J).
        lengths: (clips,) T of each.
        max_gap: Frames of the longest gap that is filled.
    """
    if mask.all():
        return
    num_frames = len(mask)
    seen = np.ascontiguousarray(mask.reshape(num_frames, -1).T)  # a row for each joint: (M * J, sum of T)
    clip = np.repeat(np.arange(len(lengths)), lengths)
    # Where a joint was seen last before each gap, and where it is seen again first: numbers joint * frames + frame.
    row, frame = np.nonzero(seen[:, :-1] & ~seen[:, 1:])
    before = row * num_frames + frame
    row, frame = np.nonzero(~seen[:, :-1] & seen[:, 1:])
    ends = row * num_frames + frame + 1
    place = np.searchsorted(ends, before, side="right")
    before, after = before[place < len(ends)], ends[place[place < len(ends)]]
    is_one = (before // num_frames == after // num_frames) & (clip[before % num_frames] == clip[after % num_frames])
    is_bridged = is_one & (after - before <= max_gap + 1)
    before, after = before[is_bridged], after[is_bridged]

    sizes = after - before - 1
    step = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    share = (step / np.repeat(sizes + 1, sizes)).astype(keypoints.dtype)[:, None]
    joint, first = np.divmod(np.repeat(before, sizes), num_frames)
    last = np.repeat(after, sizes) % num_frames
    points = keypoints.reshape(num_frames, -1, keypoints.shape[-1])
    points[first + step, joint] = (1 - share) * points[first, joint] + share * points[last, joint]
    mask.reshape(num_frames, -1)[first + step, joint] = True


def _interpolate(
    keypoints: np.ndarray, mask: np.ndarray, before: np.ndarray, after: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Linear interpolation between frames; where one of the two misses a joint, the nearer one decides."""
    first, second = np.take(mask, before, axis=0), np.take(mask, after, axis=0)
    start, between = np.take(keypoints, before, axis=0), np.take(keypoints, after, axis=0)
    is_later = share >= 0.5
    one_sided = np.flatnonzero(first != second)  # few, as a rule
    side = is_later.reshape(-1)[one_sided // (first.size // share.size)]
    nearer = np.where(side[:, None], between.reshape(-1, 3)[one_sided], start.reshape(-1, 3)[one_sided])
    between -= start
    rows = between.reshape(*share.shape, -1)
    rows *= share[:, :, None]
    between += start
    between.reshape(-1, 3)[one_sided] = nearer
    return between, np.where(is_later[:, :, None, None], second, first)


def _centre(keypoints: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(B, 3) mean pelvis of each clip, or the mean of all joints where no pelvis was seen."""
    pelvis = mask[:, :, :, _J["pelvis"], None].astype(np.float32)
    seen = pelvis.sum(axis=(1, 2))
    centre = (keypoints[:, :, :, _J["pelvis"]] * pelvis).sum(axis=(1, 2)) / np.maximum(seen, 1)
    for clip in np.flatnonzero(seen[:, 0] == 0):
        centre[clip] = keypoints[clip][mask[clip]].mean(axis=0)
    return centre


def _body_scale(keypoints: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(B,) size of the bodies in a clip relative to the reference body; 1 where all seen joints coincide.

    Root mean square bone lengths over frames: in 3D they are lengths, in 2D they lean to the frames with the least
    foreshortening. Missing bones drop out of both sums.
    """
    bones = np.take(keypoints, _BONE_END, axis=3) - np.take(keypoints, _BONE_START, axis=3)
    seen = np.take(mask, _BONE_END, axis=3) & np.take(mask, _BONE_START, axis=3)
    bones.reshape(-1, 3)[np.flatnonzero(~seen)] = 0.0
    squares = np.square(bones, out=bones).reshape(len(bones), -1, 3 * len(_BONE_LENGTH))
    squared = squares.sum(axis=1).reshape(len(bones), -1, 3).sum(axis=-1)
    counts = seen.sum(axis=(1, 2))
    lengths = np.sqrt(squared / np.maximum(counts, 1))
    scale = lengths.sum(axis=1) / np.maximum(((counts > 0) * _BONE_LENGTH).sum(axis=1), 1e-6)
    for clip in np.flatnonzero(counts.sum(axis=1) == 0):
        points = keypoints[clip][mask[clip]]
        scale[clip] = np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=-1).mean()) / _BODY_SPREAD
    return np.where(scale > 1e-6, scale, 1).astype(np.float32)


def _turn_to_front(keypoints: np.ndarray, mask: np.ndarray, is_3d: np.ndarray) -> None:
    """Turns 3D clips about the vertical, in place, so that the most visible person's left side points to +x.

    The direction across the body, from the right to the left hip and shoulder, is averaged over the first quarter of
    the frames in which it is seen.
    """
    lead = np.argmax(mask.sum(axis=(1, 3)) + _liveliness(keypoints, mask), axis=1)
    clips = np.arange(len(lead))
    place = (clips[:, None], slice(None), lead[:, None], _ACROSS)
    own, own_mask = keypoints[place], mask[place]  # (B, 4, T, 3) and (B, 4, T)
    both = own_mask[:, ::2] & own_mask[:, 1::2]
    across = ((own[:, ::2, :, ::2] - own[:, 1::2, :, ::2]) * both[..., None]).sum(axis=1)
    known = both.any(axis=1)
    rank = np.cumsum(known, axis=1)
    early = known & (rank <= np.maximum(rank[:, -1:] * _FACING_SHARE, 1))
    direction = (across * early[..., None]).sum(axis=1)
    length = np.linalg.norm(direction, axis=-1)
    turned = np.flatnonzero(is_3d & (length > 1e-6))
    turns = np.zeros((len(turned), 3, 3), dtype=np.float32)
    cos, sin = (direction[turned] / length[turned, None]).T
    turns[:, 0, 0] = turns[:, 2, 2] = cos
    turns[:, 1, 1] = 1.0
    turns[:, 2, 0], turns[:, 0, 2] = sin, -sin
    own = keypoints[turned]
    keypoints[turned] = (own.reshape(len(own), mask[0].size, 3) @ turns).reshape(own.shape)


def _liveliness(keypoints: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(B, M) in [0, 1): how much each person moves; breaks ties between equally visible people."""
    if mask.shape[2] == 1 or mask.shape[1] == 1:
        return np.zeros((mask.shape[0], mask.shape[2]), dtype=np.float32)
    moved = np.abs(np.diff(keypoints, axis=1)).sum(axis=-1) * (mask[:, 1:] & mask[:, :-1])
    moved = moved.sum(axis=(1, 3))
    return moved / (1 + moved)


__all__ = ["InvisibleClipError", "TMorFeatureExtractor"]
