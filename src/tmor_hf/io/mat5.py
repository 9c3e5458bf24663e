# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Numbers and text out of MATLAB files of version 5 (what MATLAB saves up to ``-v7``) that nobody vouches for.

Every size that the file claims is held against what is there before memory is taken. Cells, structures and sparse
matrices are passed over; objects and functions are refused.
"""

from __future__ import annotations

import math
import os
import struct
import zlib
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from .files import PoseFile, check_size, read_bytes, read_error

_HEADER = 128  # bytes
_MAX_UNPACKED = 1 << 26  # bytes of one compressed variable
_MAX_VARIABLES = 1000
_MAX_DIMENSIONS = 8
_HDF5 = b"\x89HDF\r\n\x1a\n"
_MATRIX, _COMPRESSED = 14, 15
_CHAR = 4
_REFUSED = {3: "an object", 16: "a function", 17: "an object"}
# Classes of arrays, and types of stored numbers, which may be narrower than the class.
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_ENCODINGS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}


class _Element(NamedTuple):
    """A piece of the file: its type, where it starts, its bytes, and where the next one starts."""

    kind: int
    start: int
    data: memoryview
    end: int


class _Source(NamedTuple):
    """Bytes to take elements from, the byte order as `struct` writes it, and what to say of the place in messages."""

    path: str | os.PathLike
    data: memoryview
    order: str
    place: str


def is_mat(file: PoseFile) -> bool:
    """Whether it has the header of a MATLAB file."""
    return file.head[:6] == b"MATLAB" or file.suffix == ".mat"


def read_mat(path: str | os.PathLike, names: Collection[str] | None = None) -> dict[str, np.ndarray | str]:
    """The numeric arrays and texts of a MATLAB file by name; complex arrays without their imaginary part.

    Args:
        path: The file.
        names: Read these only, those of them that are there.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or cut short, of another version, larger than the limits, or holds objects or
            functions; the file and the place are named.
    """
    data = read_bytes(path)
    _check_header(path, data)
    order = "<" if data[126:128] == b"IM" else ">"
    found: dict[str, np.ndarray | str] = {}
    for count, source in enumerate(_matrices(_Source(path, memoryview(data), order, ""))):
        if count >= _MAX_VARIABLES:
            raise read_error(path, f"expected at most {_MAX_VARIABLES} variables, got more")
        variable = _read_matrix(source, names)
        if variable is None:
            continue
        if variable[0] in found:
            raise read_error(path, f"expected each variable once, got {variable[0]!r} again", source.place)
        found[variable[0]] = variable[1]
    return found


def _check_header(path: str | os.PathLike, data: bytes) -> None:
    if data[:8] == _HDF5 or data[512:520] == _HDF5 or data[:10] == b"MATLAB 7.3":
        raise read_error(
            path, "expected a MATLAB file of version 5, got version 7.3 (HDF5); save it by MATLAB's save(..., '-v7')"
        )
    if len(data) < _HEADER:
        raise read_error(path, f"expected a MATLAB file of version 5, got {len(data)} bytes; it may be cut short")
    if data[126:128] not in (b"IM", b"MI"):
        raise read_error(path, "expected a MATLAB file of version 5, got something else", "byte 126")


def _matrices(file: _Source) -> Iterator[_Source]:
    """The contents of each variable, unpacked."""
    at = _HEADER
    while at < len(file.data):
        place = f"byte {at}"
        element = _element(file._replace(place=place), at, is_padded=False)
        at = element.end
        if element.kind == _COMPRESSED:
            unpacked = memoryview(_unpack(file._replace(place=place), element.data))
            source = file._replace(data=unpacked, place=place)
            element = _element(source, 0, is_padded=False)
        if element.kind == _MATRIX:
            yield file._replace(data=element.data, place=place)


def _element(source: _Source, at: int, is_padded: bool = True) -> _Element:
    """The element whose tag starts at a byte."""
    if at + 8 > len(source.data):
        raise read_error(source.path, "expected 8 bytes of a tag, got the end of a file cut short", source.place)
    kind, size = struct.unpack_from(f"{source.order}II", source.data, at)
    if kind >> 16:  # up to four bytes fit into the tag
        kind, size, start, end = kind & 0xFFFF, kind >> 16, at + 4, at + 8
        if size > 4:
            raise read_error(source.path, f"expected at most 4 bytes in a short element, got {size}", source.place)
    else:
        start = at + 8
        end = start + size + (-size % 8 if is_padded else 0)
    if start + size > len(source.data):
        raise read_error(
            source.path,
            f"expected {size:,} bytes, got {len(source.data) - start:,}; it may be cut short",
            source.place,
        )
    return _Element(kind, start, source.data[start : start + size], end)


def _unpack(source: _Source, data: memoryview) -> bytes:
    """The bytes of a compressed variable, no more than its own tag claims."""
    stream = zlib.decompressobj()
    try:
        tag = stream.decompress(data, 8)
        size = struct.unpack(f"{source.order}II", tag)[1] if len(tag) == 8 else 0
        if size > _MAX_UNPACKED:
            raise read_error(
                source.path, f"expected a variable of at most {_MAX_UNPACKED:,} bytes, got {size:,}", source.place
            )
        return tag + stream.decompress(stream.unconsumed_tail, size) if size else tag
    except zlib.error as error:
        raise read_error(source.path, f"expected compressed data, got damaged data ({error})", source.place) from error


def _read_matrix(source: _Source, names: Collection[str] | None) -> tuple[str, np.ndarray | str] | None:
    """Name and value of a variable; None if it is not wanted or neither numbers nor text."""
    path, place = source.path, source.place
    flags = _element(source, 0)
    if flags.kind != 6 or len(flags.data) != 8:
        raise read_error(path, "expected the flags of an array, got something else", place)
    kind = struct.unpack_from(f"{source.order}I", flags.data)[0] & 0xFF
    if kind in _REFUSED:
        raise read_error(path, f"expected numbers and text, got {_REFUSED[kind]}, which is refused", place)
    dimensions = _element(source, flags.end)
    if dimensions.kind != 5 or len(dimensions.data) % 4 or not 2 <= len(dimensions.data) // 4 <= _MAX_DIMENSIONS:
        raise read_error(path, f"expected 2 to {_MAX_DIMENSIONS} dimensions, got something else", place)
    shape = struct.unpack(f"{source.order}{len(dimensions.data) // 4}i", dimensions.data)
    if min(shape) < 0:
        raise read_error(path, f"expected dimensions of 0 or more, got {shape}", place)
    title = _element(source, dimensions.end)
    name = bytes(title.data).decode("latin-1")
    if title.kind not in (1, 2, 16) or len(name) > 200:
        raise read_error(path, "expected the name of a variable, got something else", place)
    if names is not None and name not in names or kind not in (*_CLASSES, _CHAR):
        return None
    content = _element(source, title.end)
    source = source._replace(place=f"variable {name!r}")
    return name, _text(source, content) if kind == _CHAR else _numbers(source, content, shape, _CLASSES[kind])


def _numbers(source: _Source, content: _Element, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    if content.kind not in _TYPES:
        raise read_error(source.path, f"expected numbers, got data of type {content.kind}", source.place)
    stored = np.dtype(source.order + _TYPES[content.kind])
    if len(content.data) != math.prod(shape) * stored.itemsize:
        raise read_error(
            source.path,
            f"expected {math.prod(shape) * stored.itemsize:,} bytes for shape {shape}, got {len(content.data):,}",
            source.place,
        )
    check_size(source.path, (1, *shape), source.place)
    array = np.frombuffer(content.data, stored) if content.data else np.empty(0, stored)
    with np.errstate(invalid="ignore", over="ignore"):
        return array.astype(dtype).reshape(shape, order="F")


def _text(source: _Source, content: _Element) -> str:
    if content.kind not in _ENCODINGS or len(content.data) > 1 << 20:
        raise read_error(source.path, f"expected text, got data of type {content.kind}", source.place)
    encoding = _ENCODINGS[content.kind]
    if encoding.startswith("utf-") and encoding != "utf-8":
        encoding += "-le" if source.order == "<" else "-be"
    try:
        return bytes(content.data).decode(encoding)
    except UnicodeDecodeError as error:
        raise read_error(source.path, f"expected text in {encoding}, got something else", source.place) from error


__all__ = ["is_mat", "read_mat"]
