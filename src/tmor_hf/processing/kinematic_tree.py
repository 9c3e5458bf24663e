# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A joint layout as a tree of bones, for changes that go along the body.

Axes: T frames, M people, V joints, C coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .joint_layouts import JointLayout


@dataclass(frozen=True)
class KinematicTree:
    """A layout as a tree of bones. A joint with several parents hangs on their middle, which keeps trees symmetric.

    Args:
        bone_vectors: (V, V) matrix that takes joints to the vectors from their parents.
        chains: (V, V) matrix that adds up vectors along the bones, from the root to each joint.
        symmetric_joint: (V,) the index that stands for both joints of a mirror pair.
        levels: The joints from the root outwards, each with its parents; roots are left out.
        limbs: (L, V) bool, the branches of at least two joints that belong to one side of the body.
    """

    bone_vectors: np.ndarray
    chains: np.ndarray
    symmetric_joint: np.ndarray
    levels: tuple[tuple[int, tuple[int, ...]], ...]
    limbs: np.ndarray


@lru_cache(maxsize=64)
def kinematic_tree(layout: JointLayout) -> KinematicTree:
    """The tree of a layout, from its root; a root in one hip counts as both hips."""
    roots = tuple(sorted({layout.root, int(layout.mirror_order[layout.root])}))
    levels = _levels(layout, roots)
    joints = layout.num_joints
    parents = np.zeros((joints, joints))
    for joint, found in levels:
        parents[joint, list(found)] = 1.0 / len(found)
    chains = np.linalg.inv(np.eye(joints) - parents)
    anchors = parents.copy()
    anchors[np.ix_(roots, roots)] = 1.0 / len(roots)  # two hips spread from their middle; one root stays
    return KinematicTree(
        bone_vectors=(np.eye(joints) - anchors).astype(np.float32),
        chains=chains.astype(np.float32),
        symmetric_joint=np.minimum(np.arange(joints), layout.mirror_order),
        levels=levels,
        limbs=_limbs(layout, roots, np.abs(chains.T) > 1e-9),
    )


def _levels(layout: JointLayout, roots: tuple[int, ...]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """(joint, parents) from the roots outwards; joints that no bone connects hang on the roots."""
    neighbours: dict[int, set[int]] = {joint: set() for joint in range(layout.num_joints)}
    for first, second in layout.bones:
        neighbours[first].add(second)
        neighbours[second].add(first)
    found, reached, frontier = [], set(roots), set(roots)
    while frontier:
        following = sorted(set().union(*(neighbours[joint] for joint in frontier)) - reached)
        found += [(joint, tuple(sorted(neighbours[joint] & frontier))) for joint in following]
        frontier = set(following)
        reached |= frontier
    loose = [joint for joint in range(layout.num_joints) if joint not in reached]
    return tuple(found) + tuple((joint, roots) for joint in loose)


def _limbs(layout: JointLayout, roots: tuple[int, ...], below: np.ndarray) -> np.ndarray:
    """(L, V) bool from `below` (V, V), True where the second joint hangs on the first or is it."""
    side = np.zeros(layout.num_joints, dtype=int)
    for left, right in layout.mirror_pairs:
        side[left], side[right] = 1, -1
    branches = below & (side[:, None] == side[None, :])
    is_start = (side != 0) & (branches.sum(axis=1) > 1)
    is_start[list(roots)] = False
    return branches[is_start]


def fill_missing(points: np.ndarray, missing: np.ndarray, tree: KinematicTree) -> np.ndarray:
    """Puts every joint somewhere sensible: interpolated in time, or where its parents are if it is never seen.

    Args:
        points: (T, M, V, C) float32 joints, NaN where missing.
        missing: (T, M, V) bool.
        tree: The tree of their layout.

    Returns:
        (T, M, V, C) finite float32; a person who is never seen is put at the origin.
    """
    filled = _interpolate_gaps(points, missing)
    unseen = missing.all(axis=0)
    if not unseen.any():
        return filled
    seen = ~unseen[None, :, :, None]
    middle = np.where(seen, filled, np.float32(0.0)).sum(axis=2) / np.maximum(seen.sum(axis=2), 1)
    filled = np.where(seen, filled, middle[:, :, None])
    for joint, parents in tree.levels:
        for person in np.flatnonzero(unseen[:, joint]):
            filled[:, person, joint] = filled[:, person, list(parents)].mean(axis=1)
    return filled.astype(np.float32, copy=False)


def _interpolate_gaps(points: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Fills gaps linearly in time and holds the ends; joints that are never seen stay NaN."""
    frames = len(points)
    index = np.arange(frames)[:, None, None]
    before = np.maximum.accumulate(np.where(missing, -1, index), axis=0)
    after = np.minimum.accumulate(np.where(missing, frames, index)[::-1], axis=0)[::-1]
    before, after = np.where(before < 0, after, before), np.where(after >= frames, before, after)
    before, after = np.clip(before, 0, frames - 1), np.clip(after, 0, frames - 1)
    weight = ((index - before) / np.maximum(after - before, 1)).astype(np.float32)[..., None]
    start = np.take_along_axis(points, before[..., None], axis=0)
    return start + weight * (np.take_along_axis(points, after[..., None], axis=0) - start)


__all__ = ["KinematicTree", "fill_missing", "kinematic_tree"]
