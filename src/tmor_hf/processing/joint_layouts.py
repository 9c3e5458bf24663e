# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Joint layouts as data, and the conversion of every layout onto one canonical set of joints.

A layout says which joints a pose source delivers and in which order. The models never see a source layout: all of them
are mapped onto ``tmor22``, the canonical layout below, so that weights do not depend on where a skeleton came from.

Axes: N poses (frames x people), V joints of the source layout, C coordinates (2 or 3), J = 22 canonical joints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

CANONICAL_JOINTS: tuple[str, ...] = (
    "pelvis", "spine", "chest", "neck", "head", "nose",
    "left_shoulder", "left_elbow", "left_wrist", "left_hand",
    "right_shoulder", "right_elbow", "right_wrist", "right_hand",
    "left_hip", "left_knee", "left_ankle", "left_foot",
    "right_hip", "right_knee", "right_ankle", "right_foot",
)  # fmt: skip

# What anatomy gives when a pose lacks a canonical joint: a weighted mean of others, tried in this order. Limbs are
# never guessed: an elbow does not lie between shoulder and wrist.
_ANATOMY: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = (
    ("pelvis", (("left_hip", 0.5), ("right_hip", 0.5))),
    ("neck", (("left_shoulder", 0.5), ("right_shoulder", 0.5))),
    ("spine", (("pelvis", 0.55), ("neck", 0.45))),
    ("chest", (("pelvis", 0.25), ("neck", 0.75))),
    ("head", (("nose", 1.0),)),
)

# Proper rotations (determinant +1) that bring an up axis to +y; a reflection would swap a body's left and right.
_TO_Y_UP: dict[str, np.ndarray] = {
    "y": np.eye(3),
    "-y": np.diag([1.0, -1.0, -1.0]),
    "z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "-z": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "x": np.array([[0, -1.0, 0], [1, 0, 0], [0, 0, 1]]),
    "-x": np.array([[0, 1.0, 0], [-1, 0, 0], [0, 0, 1]]),
}
UP_AXES: tuple[str, ...] = tuple(_TO_Y_UP)


@dataclass(frozen=True)
class JointLayout:
    """The joints that a pose source delivers, in its order.

    Args:
        name: Unique name, e.g. ``"ntu25"``.
        joints: Joint names in the order of the source.
        bones: Pairs (parent, child), as names or indices; they are kept as indices.
        mirror_pairs: Pairs (left, right) that change places when a body is mirrored, as names or indices.
        root: The joint that the body hangs on, as a name or an index.
        canonical: Canonical joint -> how it comes out of `joints`: a joint name, a mean ``"left_ear + right_ear"``, or
            a tuple of such expressions of which the first whose joints are all present in a pose is taken. Joints that
            bear a canonical name need no entry. What is left out is derived where anatomy allows, else masked.
        up_axis: The axis that points up in 3D data of this layout: ``"y"``, ``"-y"``, ``"z"``, ...

    Raises:
        ValueError: If a name stands twice, or an entry names a joint that the layout does not have.
    """

    name: str
    joints: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    mirror_pairs: tuple[tuple[int, int], ...] = ()
    root: int = 0
    canonical: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)
    up_axis: str = "y"

    def __post_init__(self) -> None:
        object.__setattr__(self, "joints", tuple(self.joints))
        if len(set(self.joints)) != len(self.joints) or not self.joints:
            raise ValueError(f"expected distinct joint names in layout {self.name!r}, got {self.joints}")
        check_up_axis(self.up_axis)
        object.__setattr__(self, "bones", self._index_pairs(self.bones))
        object.__setattr__(self, "mirror_pairs", self._index_pairs(self.mirror_pairs))
        object.__setattr__(self, "root", self._index(self.root))
        canonical = {k: (v,) if isinstance(v, str) else tuple(v) for k, v in dict(self.canonical).items()}
        for joint, alternatives in canonical.items():
            if joint not in CANONICAL_JOINTS:
                raise ValueError(
                    f"layout {self.name!r} maps onto {joint!r}, which is no canonical joint; "
                    f"expected one of {', '.join(CANONICAL_JOINTS)}"
                )
            for expression in alternatives:
                self._indices(expression)
        object.__setattr__(self, "canonical", canonical)

    def _index(self, joint: int | str) -> int:
        if isinstance(joint, str):
            if joint not in self.joints:
                raise ValueError(f"layout {self.name!r} has no joint {joint!r}; it has {', '.join(self.joints)}")
            return self.joints.index(joint)
        if not 0 <= joint < len(self.joints):
            raise ValueError(f"expected a joint index below {len(self.joints)} in layout {self.name!r}, got {joint}")
        return int(joint)

    def _index_pairs(self, pairs: Iterable[tuple[int | str, int | str]]) -> tuple[tuple[int, int], ...]:
        return tuple((self._index(first), self._index(second)) for first, second in pairs)

    def _indices(self, expression: str) -> tuple[int, ...]:
        return tuple(self._index(name.strip()) for name in expression.split("+"))

    @property
    def num_joints(self) -> int:
        return len(self.joints)

    @cached_property
    def mirror_order(self) -> np.ndarray:
        """(V,) joint indices that swap left and right."""
        order = np.arange(self.num_joints)
        for left, right in self.mirror_pairs:
            order[left], order[right] = right, left
        return order

    @cached_property
    def _alternatives(self) -> dict[int, tuple[tuple[int, ...], ...]]:
        """Canonical index -> alternatives, each a tuple of source indices to average."""
        found = {}
        for index, joint in enumerate(CANONICAL_JOINTS):
            if joint in self.canonical:
                found[index] = tuple(self._indices(expression) for expression in self.canonical[joint])
            elif joint in self.joints:
                found[index] = ((self.joints.index(joint),),)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and strings, for JSON; `JointLayout.from_dict` reads it back."""
        return {
            "name": self.name,
            "joints": list(self.joints),
            "bones": [list(bone) for bone in self.bones],
            "mirror_pairs": [list(pair) for pair in self.mirror_pairs],
            "root": self.root,
            "canonical": {joint: list(alternatives) for joint, alternatives in self.canonical.items()},
            "up_axis": self.up_axis,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JointLayout:
        canonical = {joint: tuple(alternatives) for joint, alternatives in data.get("canonical", {}).items()}
        return cls(**{**data, "canonical": canonical})


def check_up_axis(up_axis: str) -> None:
    if up_axis not in UP_AXES:
        raise ValueError(f"expected an up axis out of {', '.join(UP_AXES)}, got {up_axis!r}")


def to_y_up(keypoints: np.ndarray, up_axis: str) -> np.ndarray:
    """Turns keypoints (..., C) so that y points up; 2D data knows ``"y"`` and ``"-y"`` only.

    Raises:
        ValueError: For an unknown axis, or one that 2D data does not have.
    """
    check_up_axis(up_axis)
    if up_axis == "y":
        return keypoints
    if keypoints.shape[-1] == 2:
        if up_axis != "-y":
            raise ValueError(f"expected up axis 'y' or '-y' for 2D keypoints, got {up_axis!r}")
    if up_axis == "-y":
        turned = keypoints.copy()
        np.negative(turned[..., 1:], out=turned[..., 1:])
        return turned
    return keypoints @ _TO_Y_UP[up_axis].T.astype(keypoints.dtype)


def to_canonical(
    keypoints: np.ndarray, valid: np.ndarray, layout: JointLayout, missing: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Maps poses of a layout onto the canonical joints.

    Args:
        keypoints: (N, V, C) coordinates; values of joints that are not valid are ignored.
        valid: (N, V) bool, True where a joint was seen.
        layout: The layout of the V joints.
        missing: Value of the joints that there are not.

    Returns:
        (N, 22, C) canonical joints, and (N, 22) bool, True where there is one.
    """
    if layout.joints == CANONICAL_JOINTS:
        joints, mask = keypoints.copy(), valid.copy()
    else:
        joints, mask = _pick(keypoints, valid, layout)
    for name, sources in _ANATOMY:
        target = CANONICAL_JOINTS.index(name)
        if mask[:, target].all():
            continue
        parts = [(CANONICAL_JOINTS.index(source), weight) for source, weight in sources]
        fill = ~mask[:, target] & mask[:, [index for index, _ in parts]].all(axis=1)
        _fill(joints, target, fill, joints, parts)
        mask[:, target] |= fill
    _set_missing(joints, mask, missing)
    return joints, mask


def _pick(keypoints: np.ndarray, valid: np.ndarray, layout: JointLayout) -> tuple[np.ndarray, np.ndarray]:
    """Applies the layout's own rules: first a gather of the plain joints, then means and second choices."""
    alternatives = layout._alternatives
    first = [alternatives.get(index, ((0,),))[0][0] for index in range(len(CANONICAL_JOINTS))]
    known = np.array([index in alternatives for index in range(len(CANONICAL_JOINTS))])
    joints, mask = np.take(keypoints, first, axis=1), valid[:, first] & known
    for index, choices in alternatives.items():
        if len(choices) == 1 and len(choices[0]) == 1:
            continue
        mask[:, index] = False
        for sources in choices:
            fill = ~mask[:, index] & valid[:, list(sources)].all(axis=1)
            _fill(joints, index, fill, keypoints, [(source, 1.0 / len(sources)) for source in sources])
            mask[:, index] |= fill
    return joints, mask


# Of two ways with one result, `_fill` and `_set_missing` take the one that is faster for few or for many poses.


def _fill(
    joints: np.ndarray, target: int, fill: np.ndarray, origin: np.ndarray, parts: list[tuple[int, float]]
) -> None:
    """Sets one joint, in the poses (N,) to fill, to a weighted sum of joints of `origin`."""
    if 4 * np.count_nonzero(fill) < len(fill):
        rows = np.flatnonzero(fill)
        joints[rows, target] = sum(weight * origin[rows, index] for index, weight in parts)
    else:
        with np.errstate(invalid="ignore"):  # of what is not filled: infinity may stand for missing
            value = sum(weight * origin[:, index] for index, weight in parts)
        joints[:, target] = np.where(fill[:, None], value, joints[:, target])


def _set_missing(joints: np.ndarray, mask: np.ndarray, missing: float) -> None:
    """Sets the joints (N, V, C) to one value where the mask (N, V) is false."""
    coordinates = joints.shape[-1]
    if 4 * np.count_nonzero(mask) > 3 * mask.size:
        joints.reshape(-1, coordinates)[np.flatnonzero(~mask)] = missing
    else:
        wide = np.empty(joints.shape, dtype=bool)  # a mask over an axis of 2 or 3 makes inner loops that short
        for coordinate in range(coordinates):
            np.logical_not(mask, out=wide[..., coordinate])
        np.copyto(joints, missing, where=wide)


LAYOUTS: dict[str, JointLayout] = {}


def register_layout(layout: JointLayout) -> JointLayout:
    """Makes a layout known by its name; the same name with other content is refused.

    Raises:
        ValueError: If another layout has this name.
    """
    known = LAYOUTS.setdefault(layout.name, layout)
    if known != layout:
        raise ValueError(f"a different layout named {layout.name!r} is registered; give yours a name of its own")
    return layout


def get_layout(layout: str | JointLayout | Mapping[str, Any]) -> JointLayout:
    """The layout of this name; a `JointLayout` comes back as it is, and its dict form is read.

    Raises:
        ValueError: If no layout has this name.
    """
    if isinstance(layout, JointLayout):
        return layout
    if not isinstance(layout, str) and isinstance(layout, Mapping):  # a str is told faster
        return JointLayout.from_dict(layout)
    if layout not in LAYOUTS:
        raise ValueError(
            f"unknown layout {layout!r}; expected one of {', '.join(sorted(LAYOUTS))}, or a JointLayout of your own"
        )
    return LAYOUTS[layout]


def sides(*names: str) -> tuple[tuple[str, str], ...]:
    """Mirror pairs ``left_x`` and ``right_x`` for each x."""
    return tuple((f"left_{name}", f"right_{name}") for name in names)


def chains(*chains: str) -> tuple[tuple[str, str], ...]:
    """Bones of chains such as ``"neck left_shoulder left_elbow"``; ``*`` stands for left and right in turn."""
    bones: list[tuple[str, str]] = []
    for chain in chains:
        for written in dict.fromkeys((chain.replace("*", "left_"), chain.replace("*", "right_"))):
            names = written.split()
            bones += zip(names[:-1], names[1:], strict=True)
    return tuple(dict.fromkeys(bones))


_FACE = {"head": ("left_ear + right_ear", "left_eye + right_eye", "nose")}
_LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")

CANONICAL = register_layout(
    JointLayout(
        name="tmor22",
        joints=CANONICAL_JOINTS,
        bones=chains(
            "pelvis spine chest neck head nose",
            "neck *shoulder *elbow *wrist *hand",
            "pelvis *hip *knee *ankle *foot",
        ),
        mirror_pairs=sides("shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle", "foot"),
        root="pelvis",
    )
)

_COCO17 = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee",
    "left_ankle", "right_ankle",
)  # fmt: skip

register_layout(
    JointLayout(
        name="coco17",
        joints=_COCO17,
        bones=chains(
            "left_shoulder right_shoulder", "left_hip right_hip", "nose *eye *ear", "nose *shoulder",
            "*shoulder *elbow *wrist", "*shoulder *hip *knee *ankle",
        ),
        mirror_pairs=sides("eye", "ear", *_LIMBS),
        root="left_hip",
        canonical=_FACE,
    )
)  # fmt: skip

_BODY_AND_FEET = (
    "left_shoulder right_shoulder", "left_hip right_hip", "nose *eye *ear", "*shoulder *elbow *wrist",
    "*shoulder *hip *knee *ankle *big_toe *small_toe", "*ankle *heel",
)  # fmt: skip
_TOES = {
    "left_foot": ("left_big_toe + left_small_toe", "left_big_toe"),
    "right_foot": ("right_big_toe + right_small_toe", "right_big_toe"),
}
_TOE_SIDES = sides("eye", "ear", *_LIMBS, "big_toe", "small_toe", "heel")

register_layout(
    JointLayout(
        name="halpe26",
        joints=(
            *_COCO17, "head", "neck", "hip", "left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe",
            "left_heel", "right_heel",
        ),
        bones=chains("hip neck nose", "neck head", "hip *hip", "neck *shoulder", *_BODY_AND_FEET),
        mirror_pairs=_TOE_SIDES,
        root="hip",
        canonical={**_FACE, **_TOES, "pelvis": "hip"},  # its head is the top of it, ours the middle
    )
)  # fmt: skip

# The body and the feet of COCO-WholeBody, whose other 110 joints are of face and hands.
register_layout(
    JointLayout(
        name="coco23",
        joints=(
            *_COCO17, "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
        ),
        bones=chains("nose *shoulder", *_BODY_AND_FEET),
        mirror_pairs=_TOE_SIDES,
        root="left_hip",
        canonical={**_FACE, **_TOES},
    )
)  # fmt: skip

register_layout(
    JointLayout(
        name="ntu25",
        joints=(
            "spine_base", "spine_mid", "neck_top", "head", "left_shoulder", "left_elbow", "left_wrist", "left_hand",
            "right_shoulder", "right_elbow", "right_wrist", "right_hand", "left_hip", "left_knee", "left_ankle",
            "left_foot", "right_hip", "right_knee", "right_ankle", "right_foot", "spine_shoulder", "left_hand_tip",
            "left_thumb", "right_hand_tip", "right_thumb",
        ),
        bones=chains(
            "spine_base spine_mid spine_shoulder neck_top head",
            "spine_shoulder *shoulder *elbow *wrist *hand *hand_tip", "*wrist *thumb",
            "spine_base *hip *knee *ankle *foot",
        ),
        mirror_pairs=sides(*_LIMBS, "hand", "foot", "hand_tip", "thumb"),
        root="spine_base",
        canonical={"pelvis": "spine_base", "spine": "spine_mid", "neck": ("spine_shoulder", "neck_top")},
    )
)  # fmt: skip

register_layout(
    JointLayout(
        name="kinect20",
        joints=(
            "hip_center", "spine", "shoulder_center", "head", "left_shoulder", "left_elbow", "left_wrist",
            "left_hand", "right_shoulder", "right_elbow", "right_wrist", "right_hand", "left_hip", "left_knee",
            "left_ankle", "left_foot", "right_hip", "right_knee", "right_ankle", "right_foot",
        ),
        bones=chains(
            "hip_center spine shoulder_center head",
            "shoulder_center *shoulder *elbow *wrist *hand", "hip_center *hip *knee *ankle *foot",
        ),
        mirror_pairs=sides(*_LIMBS, "hand", "foot"),
        root="hip_center",
        canonical={"pelvis": "hip_center", "neck": "shoulder_center"},
    )
)  # fmt: skip

register_layout(
    JointLayout(
        name="h36m17",
        joints=(
            "pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "spine",
            "thorax", "nose", "head_top", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder",
            "right_elbow", "right_wrist",
        ),
        bones=chains(
            "pelvis spine thorax nose head_top", "thorax *shoulder *elbow *wrist", "pelvis *hip *knee *ankle",
        ),
        mirror_pairs=sides(*_LIMBS),
        root="pelvis",
        canonical={"neck": "thorax", "head": ("nose + head_top", "head_top")},
        up_axis="-y",  # lifters such as VideoPose3D and MotionBERT give camera coordinates, y down
    )
)  # fmt: skip

_OPENPOSE18 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear",
)  # fmt: skip

register_layout(
    JointLayout(
        name="openpose18",
        joints=_OPENPOSE18,
        bones=chains("neck nose *eye *ear", "neck *shoulder *elbow *wrist", "neck *hip *knee *ankle"),
        mirror_pairs=sides("eye", "ear", *_LIMBS),
        root="neck",
        canonical=_FACE,
    )
)

register_layout(
    JointLayout(
        name="openpose25",
        joints=(
            *_OPENPOSE18[:8], "mid_hip", *_OPENPOSE18[8:], "left_big_toe", "left_small_toe", "left_heel",
            "right_big_toe", "right_small_toe", "right_heel",
        ),
        bones=chains(
            "mid_hip neck nose *eye *ear", "neck *shoulder *elbow *wrist",
            "mid_hip *hip *knee *ankle *big_toe *small_toe", "*ankle *heel",
        ),
        mirror_pairs=_TOE_SIDES,
        root="mid_hip",
        canonical={
            **_FACE,
            **_TOES,
            "pelvis": "mid_hip",
        },
    )
)  # fmt: skip

_SMPL24 = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip
_SMPL_CHAINS = ("pelvis spine1 spine2 spine3 neck head", "pelvis *hip *knee *ankle *foot")

register_layout(
    JointLayout(
        name="smpl22",
        joints=_SMPL24[:22],
        bones=chains(*_SMPL_CHAINS, "spine3 *collar *shoulder *elbow *wrist"),
        mirror_pairs=sides(*_LIMBS, "foot", "collar"),
        root="pelvis",
        canonical={"spine": "spine2", "chest": "spine3"},
    )
)

register_layout(
    JointLayout(
        name="smpl24",
        joints=_SMPL24,
        bones=chains(*_SMPL_CHAINS, "spine3 *collar *shoulder *elbow *wrist *hand"),
        mirror_pairs=sides(*_LIMBS, "foot", "collar", "hand"),
        root="pelvis",
        canonical={"spine": "spine2", "chest": "spine3"},
    )
)

register_layout(
    JointLayout(
        name="mediapipe33",
        joints=(
            "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
            "right_eye_outer", "left_ear", "right_ear", "left_mouth", "right_mouth", "left_shoulder",
            "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky",
            "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee",
            "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index",
            "right_foot_index",
        ),
        bones=chains(
            "left_shoulder right_shoulder", "left_hip right_hip", "nose *eye_inner *eye *eye_outer *ear",
            "nose *mouth", "left_mouth right_mouth", "nose *shoulder", "*shoulder *elbow *wrist *index *pinky",
            "*wrist *thumb",
            "*shoulder *hip *knee *ankle *heel *foot_index", "*ankle *foot_index",
        ),
        mirror_pairs=sides(
            "eye_inner", "eye", "eye_outer", "ear", "mouth", *_LIMBS, "pinky", "index", "thumb", "heel", "foot_index"
        ),
        root="left_hip",
        canonical={
            **_FACE,
            "left_hand": ("left_index + left_pinky", "left_index"),
            "right_hand": ("right_index + right_pinky", "right_index"),
            "left_foot": "left_foot_index",
            "right_foot": "right_foot_index",
        },
        up_axis="-y",
    )
)  # fmt: skip

# Penn Action's own list says left before right, but its second joint is the person's right shoulder, and so on: seen
# from the front it lies at the image's left in 96% of the frames, and guitar players strum with it.
register_layout(
    JointLayout(
        name="penn13",
        joints=(
            "head", "right_shoulder", "left_shoulder", "right_elbow", "left_elbow", "right_wrist", "left_wrist",
            "right_hip", "left_hip", "right_knee", "left_knee", "right_ankle", "left_ankle",
        ),
        bones=chains(
            "head *shoulder", "left_shoulder right_shoulder", "left_hip right_hip", "*shoulder *elbow *wrist",
            "*shoulder *hip *knee *ankle",
        ),
        mirror_pairs=sides(*_LIMBS),
        root="left_hip",
    )
)  # fmt: skip

# The names are those of ASF bones, and a position is the end of its bone: "lfemur" is the left knee.
register_layout(
    JointLayout(
        name="hdm05_31",
        joints=(
            "root", "lhipjoint", "lfemur", "ltibia", "lfoot", "ltoes", "rhipjoint", "rfemur", "rtibia", "rfoot",
            "rtoes", "lowerback", "upperback", "thorax", "lowerneck", "upperneck", "head", "lclavicle", "lhumerus",
            "lradius", "lwrist", "lhand", "lfingers", "lthumb", "rclavicle", "rhumerus", "rradius", "rwrist",
            "rhand", "rfingers", "rthumb",
        ),
        bones=chains(
            "root lhipjoint lfemur ltibia lfoot ltoes", "root rhipjoint rfemur rtibia rfoot rtoes",
            "root lowerback upperback thorax lowerneck upperneck head",
            "thorax lclavicle lhumerus lradius lwrist lhand lfingers", "lwrist lthumb",
            "thorax rclavicle rhumerus rradius rwrist rhand rfingers", "rwrist rthumb",
        ),
        mirror_pairs=tuple(
            (f"l{name}", f"r{name}")
            for name in (
                "hipjoint", "femur", "tibia", "foot", "toes", "clavicle", "humerus", "radius", "wrist", "hand",
                "fingers", "thumb",
            )
        ),
        root="root",
        canonical={
            "pelvis": "root", "spine": "lowerback", "chest": "upperback", "neck": "thorax",
            "head": ("head + upperneck", "head"),
            "left_shoulder": "lclavicle", "left_elbow": "lhumerus", "left_wrist": "lradius", "left_hand": "lhand",
            "right_shoulder": "rclavicle", "right_elbow": "rhumerus", "right_wrist": "rradius", "right_hand": "rhand",
            "left_hip": "lhipjoint", "left_knee": "lfemur", "left_ankle": "ltibia", "left_foot": "lfoot",
            "right_hip": "rhipjoint", "right_knee": "rfemur", "right_ankle": "rtibia", "right_foot": "rfoot",
        },
    )
)  # fmt: skip

register_layout(
    JointLayout(
        name="bandai21",
        joints=(
            "Hips", "Spine", "Chest", "Neck", "Head", "Shoulder_L", "UpperArm_L", "LowerArm_L", "Hand_L",
            "Shoulder_R", "UpperArm_R", "LowerArm_R", "Hand_R", "UpperLeg_L", "LowerLeg_L", "Foot_L", "Toes_L",
            "UpperLeg_R", "LowerLeg_R", "Foot_R", "Toes_R",
        ),
        bones=chains(
            "Hips Spine Chest Neck Head", "Chest Shoulder_L UpperArm_L LowerArm_L Hand_L",
            "Chest Shoulder_R UpperArm_R LowerArm_R Hand_R", "Hips UpperLeg_L LowerLeg_L Foot_L Toes_L",
            "Hips UpperLeg_R LowerLeg_R Foot_R Toes_R",
        ),
        mirror_pairs=tuple(
            (f"{name}_L", f"{name}_R")
            for name in ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toes")
        ),
        root="Hips",
        canonical={
            "pelvis": "Hips", "spine": "Spine", "chest": "Chest", "neck": "Neck", "head": "Head",
            "left_shoulder": "UpperArm_L", "left_elbow": "LowerArm_L", "left_wrist": "Hand_L",
            "right_shoulder": "UpperArm_R", "right_elbow": "LowerArm_R", "right_wrist": "Hand_R",
            "left_hip": "UpperLeg_L", "left_knee": "LowerLeg_L", "left_ankle": "Foot_L", "left_foot": "Toes_L",
            "right_hip": "UpperLeg_R", "right_knee": "LowerLeg_R", "right_ankle": "Foot_R", "right_foot": "Toes_R",
        },
    )
)  # fmt: skip

__all__ = ["CANONICAL", "CANONICAL_JOINTS", "LAYOUTS", "JointLayout", "get_layout", "register_layout"]
