# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The joint layout behind a hierarchy of named bones, whoever named them.

Known are the ways of MotionBuilder and Mixamo (``LeftUpLeg``), CMU, LAFAN1, 100STYLE and Xsens (``LeftHip``,
``LeftUpperLeg``), Biovision (``LeftLowArm``), Poser and cgspeed (``lShldr``), OptiTrack (``LUArm``), 3ds Max
(``Bip01 L Thigh``), Unreal (``thigh_l``), Blender (``thigh.L``), Reallusion, VRM, Rokoko, SMPL and ASF. A joint is
where its bone starts, so ``LeftArm`` is a shoulder and ``LeftShoulder`` beside it a collar bone. The torso goes by its
place in the chain from pelvis to neck, as its names differ too much.

Axes: V joints.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..processing.joint_layouts import JointLayout, get_layout

# Layouts whose own names BVH files use. Not those of ASF, where a name means the end of a bone.
_KNOWN = ("bandai21", "smpl24", "smpl22", "tmor22", "ntu25", "kinect20")

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}
# Words in front of a name that say which rig it is.
_RIG_WORDS = {
    "actor", "armature", "base", "bip", "bone", "c", "cc", "character", "ctrl", "def", "j", "jnt", "joint", "mixamo",
    "mixamorig", "org", "rig", "sk", "skeleton", "subject", "valve", "biped",
}  # fmt: skip
# Canonical joint -> names of it without their side, the surest first. A joint that is taken is not taken again, so a
# foot is an ankle where nothing else is, a toe joint else.
_LIMBS: dict[str, tuple[str, ...]] = {
    "shoulder": ("upperarm", "uparm", "uarm", "arm", "humerus", "shldr", "shoulder"),
    "elbow": ("elbow", "forearm", "farm", "lowerarm", "lowarm", "loarm", "radius"),
    "wrist": ("wrist", "hand"),
    "hand": ("hand", "palm", "fingerbase", "handmiddle", "middle", "handmid", "mid", "fingermiddle"),
    "hip": ("thigh", "upperleg", "upleg", "uleg", "femur", "hip"),
    "knee": ("knee", "lowerleg", "lowleg", "loleg", "shin", "calf", "tibia", "leg"),
    "ankle": ("ankle", "foot"),
    "foot": ("toebase", "toe", "toes", "ball", "foot"),
}
_CENTRE: dict[str, tuple[str, ...]] = {
    "pelvis": ("hips", "pelvis", "hip"),
    "neck": ("neck", "lowerneck", "necktwist"),
    "head": ("head", "upperneck"),
}
_CHAINS = (("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot"))
_LIMB_NAMES = frozenset(name for names in _LIMBS.values() for name in names)


class Hierarchy(NamedTuple):
    """Bones by name.

    Args:
        names: V distinct names.
        parents: Index of each joint's parent, which comes before it; -1 for the root.
        is_end: True for the end of a chain, which has no name of its own in the file.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    is_end: tuple[bool, ...]


class _Name(NamedTuple):
    """A name taken apart: ``"mixamorig:LeftHandIndex1"`` is left, ``"handindex"``, 1."""

    side: str | None
    core: str
    number: int
    last: str  # the last word


@lru_cache(maxsize=64)
def layout_of_hierarchy(hierarchy: Hierarchy) -> tuple[JointLayout, tuple[int, ...]] | None:
    """The layout, and which joints of the hierarchy are its joints, in its order; None if no limb can be told."""
    known = _known_layout(hierarchy.names)
    if known is not None:
        return known
    canonical = _canonical(hierarchy)
    if not any(joint.endswith(("elbow", "wrist", "knee", "ankle")) for joint in canonical):
        return None
    names, parents, _ = hierarchy
    digest = zlib.crc32("\n".join(names).encode("utf-8", "replace"))
    layout = JointLayout(
        name=f"bvh_{digest:08x}",
        joints=names,
        bones=tuple((parent, child) for child, parent in enumerate(parents) if parent >= 0),
        mirror_pairs=_mirror_pairs(names),
        root=canonical.get("pelvis", 0),
        canonical={joint: names[index] for joint, index in canonical.items()},
    )
    return layout, tuple(range(len(names)))


def _known_layout(names: Sequence[str]) -> tuple[JointLayout, tuple[int, ...]] | None:
    position = {name.lower(): index for index, name in enumerate(names)}
    for known in map(get_layout, _KNOWN):
        indices = tuple(position.get(joint.lower(), -1) for joint in known.joints)
        if -1 not in indices:
            return known, indices
    return None


def _take_apart(name: str) -> _Name:
    words = [word.lower() for word in _WORD.findall(re.split(r"[:|]", name)[-1])]
    words = [part for word in words for part in _unglued(word)]
    while len(words) > 1 and (words[0] in _RIG_WORDS or words[0].isdigit()):
        words = words[1:]
    at = next((index for index, word in enumerate(words) if word in _SIDES), None)
    side = None if at is None else _SIDES[words[at]]
    rest = words if at is None else words[at + 1 :]
    if at is not None and not any(word.isalpha() for word in rest):
        rest = words[:at] + rest
    letters = [word for word in rest if word.isalpha()]
    numbers = [word for word in rest if word.isdigit()]
    number = int(numbers[-1][-9:]) if numbers else 0
    return _Name(side, "".join(letters), number, letters[-1] if letters else "")


def _unglued(word: str) -> list[str]:
    """Splits a side off a word that is written together with it: ``"lefthand"``, ``"rthigh"``, ``"lu"`` of LUArm."""
    for side in ("left", "right"):
        if word.startswith(side) and len(word) > len(side):
            return [side, word[len(side) :]]
    if word[0] in "lr" and (word[1:] in _LIMB_NAMES or word[1:] in ("u", "f")):
        return [word[0], word[1:]]
    return [word]


def _canonical(hierarchy: Hierarchy) -> dict[str, int]:
    """Canonical joint -> index of a joint."""
    apart = [_take_apart(name) for name in hierarchy.names]
    found: dict[str, int] = {}
    for side in ("left", "right"):
        members = [i for i, name in enumerate(apart) if name.side == side and not hierarchy.is_end[i]]
        found |= {f"{side}_{joint}": index for joint, index in _limbs(hierarchy, apart, members).items()}
    centre = [i for i, name in enumerate(apart) if name.side is None and not hierarchy.is_end[i]]
    for joint, names in _CENTRE.items():
        index = _first(apart, centre, names)
        if index is None:  # "Anna_Hips"
            index = next((i for name in names for i in centre if apart[i].last == name), None)
        if index is not None:
            found[joint] = index
    if "pelvis" not in found and {"left_hip", "right_hip"} <= set(found):
        pelvis = _common_ancestor(hierarchy.parents, found["left_hip"], found["right_hip"])
        found |= {} if pelvis is None else {"pelvis": pelvis}
    return found | _torso(hierarchy.parents, found)


def _limbs(hierarchy: Hierarchy, apart: Sequence[_Name], members: Sequence[int]) -> dict[str, int]:
    """Joints of the limbs of one side; what does not hang below its neighbour nearer to the torso is left out."""
    found: dict[str, int] = {}
    for joint, names in _LIMBS.items():
        index = _first(apart, [i for i in members if i not in found.values()], names)
        if index is not None:
            found[joint] = index
    if "hip" not in found:  # LeftLeg above LeftKnee
        index = _first(apart, [i for i in members if i not in found.values()], ("leg",))
        found |= {} if index is None else {"hip": index}
    for chain in _CHAINS:
        above = None
        for joint in chain:
            if joint not in found:
                continue
            if above is not None and above not in _ancestors(hierarchy.parents, found[joint]):
                del found[joint]
                continue
            above = found[joint]
        outer, tip = chain[2:]
        if outer in found and tip not in found:
            ends = [i for i, parent in enumerate(hierarchy.parents) if parent == found[outer] and hierarchy.is_end[i]]
            found |= {tip: ends[0]} if ends else {}
    return found


def _first(apart: Sequence[_Name], members: Iterable[int], names: Sequence[str]) -> int | None:
    """The member with the surest name, and of several with that name the one with the lowest number."""
    ranks = {name: rank for rank, name in enumerate(names)}
    fitting = [i for i in members if apart[i].core in ranks]
    return min(fitting, key=lambda i: (ranks[apart[i].core], apart[i].number), default=None)


def _torso(parents: Sequence[int], found: dict[str, int]) -> dict[str, int]:
    """Spine and chest, from the joints between pelvis and neck."""
    top = None
    if "neck" in found:
        top = parents[found["neck"]]
    elif {"left_shoulder", "right_shoulder"} <= set(found):
        top = _common_ancestor(parents, found["left_shoulder"], found["right_shoulder"])
    if top is None or "pelvis" not in found:
        return {}
    upwards = [top, *_ancestors(parents, top)]
    if found["pelvis"] not in upwards:
        return {}
    chain = upwards[: upwards.index(found["pelvis"])][::-1]
    chain = [index for index in chain if index not in found.values()]
    if not chain:
        return {}
    return {"spine": chain[(len(chain) - 1) // 2]} | ({"chest": chain[-1]} if len(chain) > 1 else {})


def _ancestors(parents: Sequence[int], index: int) -> list[int]:
    """From the parent up to the root."""
    found = []
    while (index := parents[index]) >= 0:
        found.append(index)
    return found


def _common_ancestor(parents: Sequence[int], first: int, second: int) -> int | None:
    others = set(_ancestors(parents, second))
    return next((index for index in _ancestors(parents, first) if index in others), None)


def _mirror_pairs(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Joints whose names differ in the side alone."""
    members: dict[tuple[str, int], dict[str, list[int]]] = {}
    for index, name in enumerate(names):
        apart = _take_apart(name)
        if apart.side is not None and apart.core:
            members.setdefault((apart.core, apart.number), {}).setdefault(apart.side, []).append(index)
    pairs = [(sides["left"], sides["right"]) for sides in members.values() if len(sides) == 2]
    return tuple((left[0], right[0]) for left, right in pairs if len(left) == len(right) == 1)


__all__ = ["Hierarchy", "layout_of_hierarchy"]
