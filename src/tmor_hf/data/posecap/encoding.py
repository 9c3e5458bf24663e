# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Keypoints and scores as compact bytes, and back.

Axes: T frames, M people, V joints, C coordinates (2 or 3). All bytes are little-endian, in C order.

``int16`` stores q with ``value = q * scale + offset``, one scale and offset per coordinate of a clip, and -32768 for a
missing joint. A value comes back wrong by half a step (``scale / 2``) at most, plus the rounding of float32 itself. A
step is 1/65533 of the range of that coordinate in the clip: 0.03 mm for a path of two metres.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal

import numpy as np

Encoding = Literal["int16", "float16", "float32"]
DTYPES: dict[str, np.dtype] = {
    "int16": np.dtype("<i2"),
    "float16": np.dtype("<f2"),
    "float32": np.dtype("<f4"),
    "uint8": np.dtype("u1"),
}
KEYPOINT_DTYPES: tuple[str, ...] = ("int16", "float16", "float32")
SCORE_DTYPES: tuple[str, ...] = ("uint8", "float32")
MISSING = -32768
_LARGEST = 1e38  # a third of what float32 holds, so that no sum overflows
_STEPS = 65533  # one fewer than fit between -32767 and 32767: room to shift the grid by half a step


def encode_keypoints(keypoints: np.ndarray, valid: np.ndarray, encoding: Encoding) -> dict[str, Any]:
    """The columns `keypoints`, `keypoints_dtype`, `keypoints_scale` and `keypoints_offset` of a clip.

    Args:
        keypoints: (T, M, V, C) float32.
        valid: (T, M, V) bool; where False, the joint is stored as missing and comes back as NaN.
        encoding: ``"int16"`` (2 bytes, error of half a step), ``"float16"`` (2 bytes, relative error 2^-11) or
            ``"float32"`` (4 bytes, exact).

    Raises:
        ValueError: For an unknown encoding, or a joint beyond its range: above 1e38 for int16; above 65504, or too
            close to 0 in all coordinates, for float16.
    """
    if encoding not in KEYPOINT_DTYPES:
        raise ValueError(f"expected an encoding out of {', '.join(KEYPOINT_DTYPES)}, got {encoding!r}")
    if encoding == "int16":
        return _encode_int16(keypoints, valid)
    values = np.where(valid[..., None], keypoints, np.float32(np.nan))
    if encoding == "float16":
        values = _to_float16(values, valid)
    data = values.astype(DTYPES[encoding], copy=False).tobytes()
    return {"keypoints": data, "keypoints_dtype": encoding, "keypoints_scale": None, "keypoints_offset": None}


def _encode_int16(keypoints: np.ndarray, valid: np.ndarray) -> dict[str, Any]:
    seen = np.ascontiguousarray(keypoints[valid].T, dtype=np.float64)  # (C, N): long rows are fast
    low = seen.min(1) if seen.size else np.zeros(len(seen))
    high = seen.max(1) if seen.size else np.zeros(len(seen))
    if max(high.max(), -low.min()) > _LARGEST:
        raise ValueError(
            f"expected coordinates up to {_LARGEST:g} for int16, got larger ones; store this clip as float32"
        )
    scale, offset = _grid(low, high)
    seen -= offset[:, None]
    seen /= np.where(scale > 0, scale, 1)[:, None]
    seen[scale == 0] = 0
    stored = np.full(keypoints.shape, MISSING, dtype=DTYPES["int16"])
    stored[valid] = np.clip(np.rint(seen, out=seen), -32767, 32767, out=seen).T
    return {
        "keypoints": stored.tobytes(),
        "keypoints_dtype": "int16",
        "keypoints_scale": scale.tolist(),
        "keypoints_offset": offset.tolist(),
    }


def _grid(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step and offset (C,) of each coordinate, numbers that float32 can hold."""
    # The next one above, so that the range still fits.
    scale = np.nextafter(((high - low) / _STEPS).astype(np.float32), np.float32(np.inf)).astype(np.float64)
    scale[high == low] = 0.0
    offset = (low + high) / 2
    # All zero would read as missing: where the range holds 0, the grid is shifted so that 0 lies between two steps.
    shifted = (scale > 0) & (low <= 0) & (high >= 0)
    steps = np.where(shifted, scale, 1.0)
    offset = np.where(shifted, (np.round(offset / steps - 0.5) + 0.5) * steps, offset)
    return scale, offset.astype(np.float32).astype(np.float64)


def _to_float16(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    largest = np.abs(values[valid]).max(initial=0)
    if largest > np.finfo(np.float16).max:
        raise ValueError(
            f"expected coordinates up to {np.finfo(np.float16).max:g} for float16, got {largest:g}; "
            "store this clip as int16 or float32"
        )
    halves = values.astype(np.float16)
    if (valid & (halves == 0).all(-1)).any():
        raise ValueError(
            "expected coordinates that float16 can tell from 0, for a joint at exactly 0 counts as missing; "
            "store this clip as int16 or float32"
        )
    return halves


def decode_keypoints(
    data: Any, dtype: str, shape: tuple[int, int, int, int], scale: Any = None, offset: Any = None
) -> np.ndarray:
    """(T, M, V, C) float32 keypoints with NaN where a joint is missing; a new array.

    Args:
        data: Bytes, or any object with the buffer protocol, such as a `pyarrow.Buffer`.
        dtype: ``"int16"``, ``"float16"`` or ``"float32"``.
        shape: (T, M, V, C).
        scale: C numbers, for int16.
        offset: C numbers, for int16.

    Raises:
        ValueError: If the number of bytes does not fit the shape, or scale and offset are no C finite numbers.
    """
    if dtype not in KEYPOINT_DTYPES:
        raise ValueError(f"expected keypoints_dtype out of {', '.join(KEYPOINT_DTYPES)}, got {dtype!r}")
    stored = _from_bytes(data, dtype, shape, "keypoints")
    if dtype != "int16":
        return stored.astype(np.float32)
    frames, people, joints, coordinates = shape
    wide = np.empty((2, joints, coordinates), dtype=np.float32)
    wide[0] = _coefficients(scale, coordinates, "keypoints_scale")
    wide[1] = _coefficients(offset, coordinates, "keypoints_offset")
    wide = wide.reshape(2, joints * coordinates)
    # Rows of V * C numbers instead of C: numpy's inner loop is long, which is several times faster.
    flat = stored.reshape(frames * people, joints * coordinates)
    values = flat.astype(np.float32)
    values *= wide[0]
    values += wide[1]
    if flat.min() == MISSING:
        values[flat == MISSING] = np.nan
    return values.reshape(shape)


def _coefficients(values: Any, coordinates: int, name: str) -> np.ndarray:
    array = np.asarray([] if values is None else values, dtype=np.float32)
    if array.shape != (coordinates,) or not all(map(isfinite, array.tolist())):
        raise ValueError(f"expected {coordinates} finite numbers in {name}, got {values!r}")
    return array


def encode_scores(scores: np.ndarray | None, encoding: Encoding) -> dict[str, Any]:
    """The columns `scores` and `scores_dtype`: uint8 in steps of 1/255 if all scores are at most 1, else float32.

    Scores of 0 or less and NaN mean missing and become 0; a score above 0 stays above 0. With the encoding
    ``"float32"`` all scores are kept as they are.
    """
    if scores is None:
        return {"scores": None, "scores_dtype": None}
    if encoding == "float32" or np.nanmax(scores, initial=0) > 1:
        return {"scores": scores.astype(DTYPES["float32"]).tobytes(), "scores_dtype": "float32"}
    shares = np.where(scores > 0, scores, 0)
    steps = np.where(shares > 0, np.maximum(np.round(shares * 255), 1), 0)
    return {"scores": steps.astype(np.uint8).tobytes(), "scores_dtype": "uint8"}


def decode_scores(data: Any, dtype: str | None, shape: tuple[int, int, int]) -> np.ndarray:
    """(T, M, V) float32 scores; a new array.

    Raises:
        ValueError: If the number of bytes does not fit the shape, or the type is unknown.
    """
    if dtype not in SCORE_DTYPES:
        raise ValueError(f"expected scores_dtype out of {', '.join(SCORE_DTYPES)}, got {dtype!r}")
    stored = _from_bytes(data, dtype, shape, "scores")
    return stored * np.float32(1 / 255) if dtype == "uint8" else stored.astype(np.float32)


def _from_bytes(data: Any, dtype: str, shape: tuple[int, ...], name: str) -> np.ndarray:
    """A read-only view of the bytes; nothing is allocated before their number is known to be right."""
    try:
        view = memoryview(data)
    except TypeError:
        raise ValueError(f"expected bytes in {name}, got {type(data).__name__}") from None
    expected = DTYPES[dtype].itemsize
    for size in shape:
        expected *= size
    if view.nbytes != expected:
        raise ValueError(f"expected {expected} bytes of {dtype} {name} for shape {shape}, got {view.nbytes}")
    return np.frombuffer(view, dtype=DTYPES[dtype]).reshape(shape)


__all__ = [
    "DTYPES",
    "KEYPOINT_DTYPES",
    "MISSING",
    "SCORE_DTYPES",
    "Encoding",
    "decode_keypoints",
    "decode_scores",
    "encode_keypoints",
    "encode_scores",
]
