# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Reading files that nobody vouches for: bounded in size and depth, and every fault a ValueError that names the place.

Readers go through here, so that a damaged or hostile file costs a message and never the process.
"""

from __future__ import annotations

import json
import math
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np

MAX_BYTES = 1 << 28  # 256 MiB: all of COCO's person keypoints of 2017 are 240 MB; JSON takes some ten times its size
MAX_FRAMES = 1_000_000  # nine hours at 30 frames per second
MAX_ELEMENTS = 1 << 26  # 256 MiB as float32
_HEAD_BYTES = 1 << 16
_MAX_MEMBERS = 10_000
_NO_PICKLES = "pickles can run any code when they are read"


@dataclass(frozen=True)
class Limits:
    """What reading one file may take.

    Args:
        max_bytes: Size of a file, or of all arrays in an archive.
        max_frames: Frames of one clip.
        max_elements: Numbers in the keypoints of one clip: frames x people x joints x coordinates.
    """

    max_bytes: int = MAX_BYTES
    max_frames: int = MAX_FRAMES
    max_elements: int = MAX_ELEMENTS


_DEFAULT_LIMITS = Limits()
_LIMITS: ContextVar[Limits] = ContextVar("limits", default=_DEFAULT_LIMITS)


@contextmanager
def use_limits(limits: Limits | None) -> Iterator[None]:
    """Reads inside of this context under other limits; None leaves them as they are."""
    token = _LIMITS.set(limits or _LIMITS.get())
    try:
        yield
    finally:
        _LIMITS.reset(token)


class PoseFile(os.PathLike):
    """A file or folder whose format is being found out: its path, and what was read of it so far.

    It stands for its path everywhere; `read_json` on it parses only once.

    Args:
        path: The file or folder.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)

    def __fspath__(self) -> str:
        return str(self.path)

    __str__ = __fspath__

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def suffix(self) -> str:
        """Suffix in lower case, with its dot."""
        return self.path.suffix.lower()

    @cached_property
    def is_folder(self) -> bool:
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB; nothing for a folder."""
        return b"" if self.is_folder else _read_at_most(self.path, _HEAD_BYTES)

    @cached_property
    def text(self) -> str:
        """`head` as text, without a byte order mark; empty if it is no UTF-8."""
        try:
            # A character that the cut goes through is left out.
            return self.head.decode("utf-8-sig", errors="strict" if len(self.head) < _HEAD_BYTES else "ignore")
        except UnicodeDecodeError:
            return ""

    @property
    def lines(self) -> list[str]:
        """The lines of `text`."""
        return self.text.splitlines()

    @property
    def looks_like_json(self) -> bool:
        return self.text.lstrip()[:1] in ("{", "[") and self.suffix not in (".csv", ".txt", ".skeleton", ".bvh")

    @cached_property
    def json(self) -> Any:
        """The parsed document.

        Raises:
            ValueError: As `read_json`.
        """
        return _parse_json(self.path, read_text(self.path))


class PoseFileError(ValueError):
    """A fault in a file, with the file's name in its message."""


def read_error(path: str | os.PathLike, message: str, place: str | int | None = None) -> ValueError:
    """The error for a fault in a file: ``"clip.txt, line 12: expected ..., got ..."``.

    Args:
        path: The file.
        message: What was expected, what came, and the cure.
        place: Where in the file: words, or the number of a line.
    """
    where = "" if place is None else f", line {place}" if isinstance(place, int) else f", {place}"
    return PoseFileError(f"{os.fspath(path)}{where}: {message}")


@contextmanager
def naming(path: str | os.PathLike, place: str | int | None = None) -> Iterator[None]:
    """Gives every ValueError raised inside, such as those of `Skeletons`, the name of the file if it lacks one."""
    try:
        yield
    except PoseFileError:
        raise
    except ValueError as error:
        raise read_error(path, str(error), place) from error


def read_bytes(path: str | os.PathLike, max_bytes: int | None = None) -> bytes:
    """All bytes of a file.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is a folder or no regular file, or larger than `max_bytes` (by default that of the limits).
    """
    limit = _LIMITS.get().max_bytes if max_bytes is None else max_bytes
    data = _read_at_most(path, limit + 1)
    if len(data) > limit:
        raise read_error(
            path, f"expected at most {limit:,} bytes, got more; pass limits=Limits(max_bytes=...) if this file is good"
        )
    return data


def read_text(path: str | os.PathLike, max_bytes: int | None = None) -> str:
    """A text file in UTF-8, with or without a byte order mark.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: As `read_bytes`, or if the encoding is another one.
    """
    data = read_bytes(path, max_bytes)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise read_error(path, "expected text in UTF-8, got UTF-16; save it as UTF-8", "byte 0")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise read_error(
            path,
            f"expected text in UTF-8, got byte 0x{data[error.start]:02x}; save it as UTF-8",
            f"byte {error.start}",
        ) from error
    if "\0" in text:
        raise read_error(path, "expected text in UTF-8, got a zero byte", f"byte {data.index(0)}")
    return text


def read_json(path: str | os.PathLike, max_bytes: int | None = None) -> Any:
    """A JSON document; the NaN and Infinity that Python writes are read as such.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: As `read_text`, or if it is no JSON, nested too deep, or says a key twice.
    """
    return path.json if isinstance(path, PoseFile) else _parse_json(path, read_text(path, max_bytes))


def as_numbers(
    path: str | os.PathLike, values: Any, place: str | int | None = None, length: int | Collection[int] | None = None
) -> np.ndarray:
    """A flat list of a JSON document as (N,) float32; null becomes NaN.

    Args:
        path: The file, for messages.
        values: What ought to be a list of numbers.
        place: Where in the file, for messages.
        length: The length that it ought to have, or several that are good.

    Raises:
        ValueError: If it is no list of numbers, or has another length. Strings and booleans are no numbers.
    """
    if not isinstance(values, list):
        raise read_error(path, f"expected a list of numbers, got {_named(values)}", place)
    if length is not None:
        lengths = (length,) if isinstance(length, int) else tuple(length)
        if len(values) not in lengths:
            expected = " or ".join(map(str, lengths))
            raise read_error(path, f"expected {expected} numbers, got {len(values)}", place)
    kinds = set(map(type, values))
    if not kinds <= {int, float, type(None)}:
        stranger = next(value for value in values if type(value) not in (int, float, type(None)))
        raise read_error(path, f"expected numbers, got {_named(stranger)}", place)
    with np.errstate(over="ignore"):  # beyond float32 is infinity, which counts as missing
        try:
            return np.array(values, dtype=np.float32)
        except OverflowError as error:
            raise read_error(path, "expected numbers, got an integer beyond all floats", place) from error


def as_rows(
    path: str | os.PathLike,
    lists: Sequence[Any],
    place: Callable[[int], str | int] | str | None = None,
    length: int | None = None,
) -> np.ndarray:
    """Flat lists of one length as (N, length) float32, much faster than one by one; null becomes NaN.

    Args:
        path: The file, for messages.
        lists: N of what ought to be lists of numbers.
        place: Where they are in the file, for messages, or a function that says it of each by its index.
        length: Their length; by default that of most.

    Raises:
        ValueError: As `as_numbers`; the message names the list.
    """
    if length is None:
        most = Counter(len(values) for values in lists if isinstance(values, list)).most_common(1)
        length = most[0][0] if most else 0
    if set(map(type, lists)) <= {list} and set(map(len, lists)) <= {length}:
        flat = list(chain.from_iterable(lists))
        if set(map(type, flat)) <= {int, float, type(None)}:
            try:
                with np.errstate(over="ignore"):
                    return np.array(flat, dtype=np.float32).reshape(len(lists), length)
            except OverflowError:
                pass  # found again below, with its place
    for index, values in enumerate(lists):
        as_numbers(path, values, place(index) if callable(place) else place, length)
    raise AssertionError("unreachable: one of the lists was at fault")


def is_number(value: Any) -> bool:
    """Whether a value of a document is a number that a float can hold; text and booleans are none."""
    return type(value) is float or (type(value) is int and abs(value) < 2**1000)


def as_count(path: str | os.PathLike, value: Any, place: str | int | None = None, minimum: int = 0) -> int:
    """A whole number of a document, such as a frame number.

    Raises:
        ValueError: If it is none (a float with a fraction, a string, a boolean), below `minimum`, or beyond 2**62.
    """
    is_whole = type(value) is int or (type(value) is float and value.is_integer())
    if not is_whole or not minimum <= value < 2**62:
        raise read_error(path, f"expected a whole number of at least {minimum}, got {_named(value)}", place)
    return int(value)


def as_id(path: str | os.PathLike, value: Any, place: str | int | None = None) -> int:
    """A track id of a document, such as ``7``, ``7.0`` or ``[7]``; -1 for null and negative numbers: not known.

    Raises:
        ValueError: If it is no whole number.
    """
    for _ in range(4):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
    if value is None or (type(value) in (int, float) and value < 0):
        return -1
    return as_count(path, value, place)


def check_size(path: str | os.PathLike, shape: Sequence[int], place: str | int | None = None) -> None:
    """Refuses keypoints (frames, people, joints, coordinates), or any part of it, before they take memory.

    Raises:
        ValueError: If there are more frames (the first entry) or more numbers than the limits allow.
    """
    limits = _LIMITS.get()
    if shape and shape[0] > limits.max_frames:
        raise read_error(
            path,
            f"expected at most {limits.max_frames:,} frames, got {shape[0]:,}; "
            "pass limits=Limits(max_frames=...) if this file is good",
            place,
        )
    if math.prod(int(size) for size in shape) > limits.max_elements:
        raise read_error(
            path,
            f"expected at most {limits.max_elements:,} numbers, got {' x '.join(f'{size:,}' for size in shape)}; "
            "pass limits=Limits(max_elements=...) if this file is good",
            place,
        )


def open_npz(path: str | os.PathLike, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` archive.

    Args:
        path: The archive.
        names: Read these only, those of them that are there.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is no such archive, damaged, holds pickles, has members with paths, or unpacks to more than
            the limits allow.
    """
    _check_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked_members(path, archive)
            wanted = {name: info for name, info in members.items() if names is None or name in names}
            arrays = {}
            for name, info in wanted.items():
                with archive.open(info) as file:
                    arrays[name] = _read_array(path, file, info.file_size, f"array {name!r}")
            return arrays
    except PoseFileError:
        raise
    except _ZIP_FAULTS as error:
        raise read_error(path, f"expected an .npz archive, got a damaged one or another file ({error})") from error


def list_npz(path: str | os.PathLike) -> list[str]:
    """Names of the arrays in an ``.npz`` archive, without reading them.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: As `open_npz`.
    """
    _check_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return list(_checked_members(path, archive))
    except PoseFileError:
        raise
    except _ZIP_FAULTS as error:
        raise read_error(path, f"expected an .npz archive, got a damaged one or another file ({error})") from error


def open_npy(path: str | os.PathLike) -> np.ndarray:
    """The array of an ``.npy`` file.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is no such file, damaged, holds pickles, or is larger than the limits allow.
    """
    data = read_bytes(path)
    return _read_array(path, BytesIO(data), len(data))


# What zipfile and zlib raise on damaged archives.
_ZIP_FAULTS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, IndexError, KeyError,
    NotImplementedError, OSError, OverflowError, RuntimeError, ValueError,
)  # fmt: skip


def _named(value: Any) -> str:
    """A short description of a value for messages, never the whole of a long one."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object with {', '.join(repr(key[:40]) for key in list(value)[:5]) or 'no keys'}"
    if type(value) is int and abs(value) >= 2**64:
        return f"an integer of {value.bit_length()} bits"
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_regular(path: str | os.PathLike) -> None:
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(f"no file {os.fspath(path)}") from error
    if stat.S_ISDIR(mode):
        raise read_error(path, "expected a file, got a folder; name a file in it, or use read_folder")
    if not stat.S_ISREG(mode):
        raise read_error(path, "expected a regular file, got a device, pipe or socket")


def _read_at_most(path: str | os.PathLike, count: int) -> bytes:
    _check_regular(path)
    with open(path, "rb") as file:
        return file.read(count)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} stands twice in one object")
    return found


def _parse_json(path: str | os.PathLike, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        if not text.strip():
            raise read_error(path, "expected a JSON document, got an empty file") from error
        place = f"line {error.lineno} column {error.colno}"
        raise read_error(path, f"expected a JSON document: {error.msg}", place) from error
    except RecursionError as error:
        raise read_error(path, "expected a JSON document, got one that is nested too deep") from error
    except MemoryError as error:
        raise read_error(path, "expected a JSON document that fits into memory, got a larger one") from error
    except ValueError as error:  # a key twice, or an integer of thousands of digits
        raise read_error(path, f"expected a JSON document: {error}") from error


def _checked_members(path: str | os.PathLike, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MAX_MEMBERS:
        raise read_error(path, f"expected at most {_MAX_MEMBERS} arrays, got {len(infos)}")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename
        if any(mark in name for mark in ("/", "\\", "\0", ":")) or name.startswith("."):
            raise read_error(path, f"expected plain array names, got the path {name[:80]!r}")
        if not name.endswith(".npy"):
            raise read_error(path, f"expected members that end in .npy, got {name[:80]!r}")
        if name[:-4] in members:
            raise read_error(path, f"the array {name[:-4][:80]!r} stands twice in the archive")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise read_error(path, f"expected {name[:80]!r} stored or deflated as numpy does, got another way")
        members[name[:-4]] = info
    limit = _LIMITS.get().max_bytes
    if (total := sum(info.file_size for info in infos)) > limit:
        raise read_error(
            path,
            f"expected arrays of at most {limit:,} bytes, got {total:,}; "
            "pass limits=Limits(max_bytes=...) if this file is good",
        )
    return members


def _read_array(path: str | os.PathLike, file: IO[bytes], num_bytes: int, place: str | None = None) -> np.ndarray:
    """Reads one array whose data must be exactly the rest of the file, so that no header can ask for more."""
    try:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in read_header:
            raise ValueError(f"expected .npy version 1 or 2, got {version}")
        shape, is_fortran, dtype = read_header[version](file)
    except Exception as error:  # numpy evaluates the header as Python text, which can go wrong in any way
        raise read_error(path, f"expected a numpy array, got a damaged header ({error})", place) from error
    if dtype.hasobject:
        raise read_error(
            path,
            f"expected an array of numbers, got Python objects, and {_NO_PICKLES}; where you trust the file, convert "
            "it: load it with numpy's allow_pickle option and save plain arrays with np.savez",
            place,
        )
    if dtype.kind not in "biufUS" or not dtype.itemsize:
        raise read_error(path, f"expected numbers or text, got dtype {dtype}", place)
    count = math.prod(shape)
    start = file.tell()
    if min(shape, default=0) < 0 or count * dtype.itemsize != num_bytes - start:
        raise read_error(
            path, f"expected {count * dtype.itemsize:,} bytes for shape {shape}, got {num_bytes - start:,}", place
        )
    data = file.read(num_bytes - start)
    if len(data) != num_bytes - start:
        raise read_error(path, f"expected {num_bytes - start:,} bytes of data, got {len(data):,}", place)
    with naming(path, place):
        array = np.frombuffer(data, dtype=dtype, count=count) if count else np.empty(0, dtype)
        return array.reshape(shape, order="F" if is_fortran else "C")


__all__ = [
    "MAX_BYTES",
    "MAX_ELEMENTS",
    "MAX_FRAMES",
    "Limits",
    "PoseFile",
    "PoseFileError",
    "as_count",
    "as_id",
    "as_numbers",
    "as_rows",
    "check_size",
    "is_number",
    "list_npz",
    "naming",
    "open_npy",
    "open_npz",
    "read_bytes",
    "read_error",
    "read_json",
    "read_text",
    "use_limits",
]
