# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Finds clips that say or do what an earlier one did.

Axes: K = 8 moments of a clip, J = 22 canonical joints.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from ....processing.skeletons import Skeletons
from .motion import body_size

_MOMENTS = 8
_TABLES, _BITS = 10, 18
# Heights of the canonical joints of somebody who stands, as parts of the body's. The hash sees what differs from that:
# else all who stand would be alike to it.
_STANDING = np.array(
    [0.53, 0.62, 0.72, 0.83, 0.93, 0.91, 0.81, 0.63, 0.49, 0.45, 0.81, 0.63, 0.49, 0.45]
    + [0.51, 0.28, 0.05, 0.02, 0.51, 0.28, 0.05, 0.02]
)  # fmt: skip
_LONGEST_BUCKET = 64  # comparisons per table, so that a million clips of the same walk stay affordable


class CaptionCounter:
    """Counts how often a caption was used, without regard to case and punctuation.

    Args:
        limit: Clips that may share a caption; 0 for any number.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self._counts: Counter[str] = Counter()

    def add(self, captions: tuple[str, ...]) -> bool:
        """Counts the captions of a clip; False, and nothing counted, if each of them was used up before."""
        keys = {_plain(caption) for caption in captions}
        if self.limit and keys and all(self._counts[key] >= self.limit for key in keys):
            return False
        self._counts.update(keys)
        return True


def _plain(caption: str) -> str:
    kept = "".join(letter if letter.isalnum() else " " for letter in caption.casefold())
    return " ".join(kept.split())


def motion_signature(clip: Skeletons) -> np.ndarray:
    """(K * J * 2,) float16 signature of the person seen most: the motion in body sizes, whatever its place and size.

    Clips whose signatures lie close show the same motion over the whole of the clip, at the same relative pace.
    """
    person = int(clip.valid.any(axis=2).sum(axis=0).argmax())
    clip = clip.select_people([person]).to_layout()
    poses = clip.keypoints[:, 0, :, :2]
    with np.errstate(invalid="ignore"):
        size = body_size(poses)
        poses = poses / size if np.isfinite(size) and size > 0 else poses
    chosen = _at_moments(poses)
    is_seen = np.isfinite(chosen).all(axis=-1, keepdims=True)
    counts = np.maximum(is_seen.sum(axis=0, keepdims=True), 1)
    own_mean = np.where(is_seen, chosen, 0).sum(axis=0, keepdims=True) / counts
    chosen = np.where(is_seen, chosen, own_mean)
    return (chosen - chosen.mean(axis=(0, 1))).astype(np.float16).reshape(-1)


def _at_moments(poses: np.ndarray) -> np.ndarray:
    """(K, J, 2) poses at even moments of (T, J, 2), by linear interpolation; missing where a neighbour is."""
    at = np.linspace(0, len(poses) - 1, _MOMENTS)
    low = np.floor(at + 1e-9).astype(int)
    share = (at - low)[:, None, None].clip(0)
    after = poses[np.where(at - low < 1e-6, low, np.minimum(low + 1, len(poses) - 1))]
    return poses[low] * (1 - share) + after * share


class MotionIndex:
    """The motions of earlier clips, found again by locality-sensitive hashing and then compared in full.

    A hash finds nearly all of the motions that are near, not every one. Nothing is left to chance: the same clips in
    the same order give the same answers.

    Args:
        distance: Mean distance of joints, in body sizes, up to which two motions are the same; 0: never.
    """

    def __init__(self, distance: float):
        self.distance = distance
        self._names: list[str] = []
        self._signatures: list[np.ndarray] = []
        self._tables: list[dict[int, list[int]]] = [{} for _ in range(_TABLES)]
        rng = np.random.default_rng(0)
        self._planes = rng.normal(size=(_MOMENTS * 22 * 2, _TABLES * _BITS)).astype(np.float32)
        self._weights = 1 << np.arange(_BITS, dtype=np.int64)

    def find_or_add(self, name: str, clip: Skeletons) -> str | None:
        """Name of an earlier clip with the same motion; else None, and the clip counts as an earlier one."""
        if not self.distance:
            return None
        signature = motion_signature(clip)
        keys = self._keys(signature)
        seen: set[int] = set()
        for table, key in zip(self._tables, keys, strict=True):
            seen.update(table.get(key, ())[:_LONGEST_BUCKET])
        for index in sorted(seen):
            if self._apart(signature, self._signatures[index]) <= self.distance:
                return self._names[index]
        for table, key in zip(self._tables, keys, strict=True):
            table.setdefault(key, []).append(len(self._names))
        self._names.append(name)
        self._signatures.append(signature)
        return None

    def _keys(self, signature: np.ndarray) -> list[int]:
        poses = signature.astype(np.float32).reshape(_MOMENTS, -1, 2)
        poses[..., 1] -= _STANDING - _STANDING.mean()
        bits = (poses.reshape(-1) @ self._planes > 0).reshape(_TABLES, _BITS)
        return (bits @ self._weights).tolist()

    @staticmethod
    def _apart(one: np.ndarray, other: np.ndarray) -> float:
        moved = (one.astype(np.float32) - other).reshape(-1, 2)
        return float(np.sqrt((moved**2).sum(axis=-1)).mean())


__all__ = ["CaptionCounter", "MotionIndex", "motion_signature"]
