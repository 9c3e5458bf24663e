# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Named ways in which clips are worse, or other, than those that a model was trained on.

Unlike augmentations, each has a fixed strength, so that accuracies under it can be compared.

Axes: T frames, M people, V joints, C coordinates (2 or 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from ..processing.augmentation import add_noise, mirror, virtual_camera
from ..processing.joint_layouts import CANONICAL_JOINTS, JointLayout, get_layout
from ..processing.skeletons import Skeletons

LIMBS: dict[str, tuple[str, ...]] = {
    "left_arm": ("left_elbow", "left_wrist", "left_hand"),
    "right_arm": ("right_elbow", "right_wrist", "right_hand"),
    "left_leg": ("left_knee", "left_ankle", "left_foot"),
    "right_leg": ("right_knee", "right_ankle", "right_foot"),
    "head": ("head", "nose"),
}
_SHARES = (10, 30, 50)  # percent of the joints
_NOISE = (1, 3, 5)  # percent of the body's size
_LAYOUTS_2D = ("coco17", "openpose18", "penn13")
_LAYOUTS_3D = ("coco17", "h36m17")

Corruption = Callable[[Skeletons, np.random.Generator], Skeletons]


def corrupt(name: str, skeletons: Skeletons, rng: np.random.Generator) -> Skeletons:
    """A clip with one of the `CORRUPTIONS`; the clip itself stays as it is.

    Where something is to be missing and no joint would be left in the whole clip, it comes back unchanged.

    Args:
        name: One of

            - ``frame_joints_30``: each joint of each frame is missing with a probability of 30%;
            - ``clip_joints_30``: 30% of the joints of each person are missing in the whole clip;
            - ``no_left_arm``, ...: one of the `LIMBS` is missing in the whole clip, shoulder or hip excepted;
            - ``noise_3``: every coordinate is off by a normal error of 3% of the body's size, see `add_noise`;
            - ``rate_1/2``: every second frame alone;
            - ``coco17_2d``: joints of another layout, filmed from a random side; 3D clips only. Joints that the clip
              lacks are missing; a nose stands where the head is;
            - ``coco17_3d``: likewise, not filmed; also for 2D clips, which stay 2D;
            - ``reversed``, ``mirrored``.
        skeletons: The clip, in any layout.
        rng: Source of randomness.

    Raises:
        ValueError: If there is no such corruption, or it needs a 3D clip.
    """
    if name not in _CORRUPTIONS:
        raise ValueError(f"expected a corruption out of {', '.join(CORRUPTIONS)}, got {name!r}")
    return _CORRUPTIONS[name](skeletons, rng)


def _drop_in_frames(skeletons: Skeletons, rng: np.random.Generator, *, share: float) -> Skeletons:
    return _hide(skeletons, rng.random(skeletons.keypoints.shape[:3]) < share)


def _drop_in_clip(skeletons: Skeletons, rng: np.random.Generator, *, share: float) -> Skeletons:
    """Hides exactly this share of each person's joints, rounded."""
    ranks = rng.random(skeletons.keypoints.shape[1:3]).argsort(axis=1).argsort(axis=1)
    is_dropped = ranks < round(share * skeletons.num_joints)
    return _hide(skeletons, np.broadcast_to(is_dropped, skeletons.keypoints.shape[:3]))


def _drop_limb(skeletons: Skeletons, rng: np.random.Generator, *, limb: str) -> Skeletons:
    clip = skeletons.to_layout()
    is_dropped = np.isin(CANONICAL_JOINTS, LIMBS[limb])
    return _hide(clip, np.broadcast_to(is_dropped, clip.keypoints.shape[:3]))


def _add_error(skeletons: Skeletons, rng: np.random.Generator, *, share: float) -> Skeletons:
    return add_noise(skeletons, rng, jitter=share, drift=0.0)


def _thin_out(skeletons: Skeletons, rng: np.random.Generator, *, step: int) -> Skeletons:
    fps = None if skeletons.fps is None else skeletons.fps / step
    return replace(skeletons.select_frames(slice(None, None, step)), fps=fps)


def _reverse(skeletons: Skeletons, rng: np.random.Generator) -> Skeletons:
    return skeletons.select_frames(slice(None, None, -1))


def _mirror(skeletons: Skeletons, rng: np.random.Generator) -> Skeletons:
    return mirror(skeletons)


def _film(skeletons: Skeletons, rng: np.random.Generator, *, layout: str) -> Skeletons:
    return virtual_camera(_to_joints(skeletons, layout), rng)


def _change_layout(skeletons: Skeletons, rng: np.random.Generator, *, layout: str) -> Skeletons:
    return _to_joints(skeletons, layout)


def _to_joints(skeletons: Skeletons, layout: str) -> Skeletons:
    """The clip with the joints of another layout, as far as it shows them; the others are NaN."""
    clip, target = skeletons.to_layout(), get_layout(layout)
    keypoints = np.full((*clip.keypoints.shape[:2], target.num_joints, clip.num_coordinates), np.nan, np.float32)
    for joint, index in _sources(target).items():
        keypoints[:, :, target.joints.index(joint)] = clip.keypoints[:, :, index]
    if "head" not in target.joints and "nose" in target.joints:
        nose = keypoints[:, :, target.joints.index("nose")]
        nose[:] = np.where(np.isnan(nose), clip.keypoints[:, :, CANONICAL_JOINTS.index("head")], nose)
    changed = replace(clip, keypoints=keypoints, layout=layout)
    return skeletons if not changed.valid.any() else changed


def _sources(layout: JointLayout) -> dict[str, int]:
    """Joint of the layout -> canonical index, where both are the same joint by name or by the layout's own word."""
    sources = {joint: index for index, joint in enumerate(CANONICAL_JOINTS) if joint in layout.joints}
    for joint, alternatives in layout.canonical.items():
        if alternatives[0] in layout.joints:
            sources[alternatives[0]] = CANONICAL_JOINTS.index(joint)
    return sources


def _hide(skeletons: Skeletons, is_dropped: np.ndarray) -> Skeletons:
    """Makes joints (T, M, V) missing, unless none would be left."""
    if not (skeletons.valid & ~is_dropped).any():
        return skeletons
    scores = None if skeletons.scores is None else np.where(is_dropped, np.float32(0), skeletons.scores)
    keypoints = np.where(is_dropped[..., None], np.float32(np.nan), skeletons.keypoints)
    return replace(skeletons, keypoints=keypoints, scores=scores)


_CORRUPTIONS: dict[str, Corruption] = {
    **{f"frame_joints_{share}": partial(_drop_in_frames, share=share / 100) for share in _SHARES},
    **{f"clip_joints_{share}": partial(_drop_in_clip, share=share / 100) for share in _SHARES},
    **{f"no_{limb}": partial(_drop_limb, limb=limb) for limb in LIMBS},
    **{f"noise_{share}": partial(_add_error, share=share / 100) for share in _NOISE},
    **{f"rate_1/{step}": partial(_thin_out, step=step) for step in (2, 4)},
    **{f"{layout}_2d": partial(_film, layout=layout) for layout in _LAYOUTS_2D},
    **{f"{layout}_3d": partial(_change_layout, layout=layout) for layout in _LAYOUTS_3D},
    "reversed": _reverse,
    "mirrored": _mirror,
}
CORRUPTIONS: tuple[str, ...] = tuple(_CORRUPTIONS)

__all__ = ["CORRUPTIONS", "LIMBS", "corrupt"]
