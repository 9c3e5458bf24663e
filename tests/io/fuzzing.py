# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Damages good files in many ways and watches a reader cope: success or a ValueError that names the file, in bounds.

A test writes `assert_survives(read_format, tmp_path / "clip.json", good_bytes)`.
"""

from __future__ import annotations

import ctypes
import io
import json
import multiprocessing
import re
import resource
import signal
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

COUNT = 2000
SECONDS_EACH = 5.0  # of computing, for one file; a mutation may make a clip of the greatest length that is allowed
SECONDS_ALL = 480.0  # by the clock, which a busy machine stretches
MEMORY = 1 << 30

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|[A-Za-z_]+|[\[\]{}:,;\s]')
_NASTY = (
    b"1e999", b"-1e999", b"1" + b"0" * 400, b"1" * 5000, b"-1", b"0", b"1000000000", b"999999", b"4294967296",
    b"9223372036854775807", b"-9223372036854775809", b"NaN", b"nan", b"Infinity", b"-inf", b"null", b"true", b'"x"',
    b'"1"', b'""', b"[]", b"{}", b"[[]]", b"[" * 3000, b'{"a":' * 3000, b"1.5", b"-0.0", b"1e300", b"1e-400", b"",
    b"0x10", b"1_000", b'"../../etc"', b"\xff\xfe", b"\x00", b"\xc3\xa9", b",", b"\n", b"\n\n\n", b"\t", b'"',
)  # fmt: skip

_ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 10**400, -(10**30), 2**31, 2**63, 2**64, 999_999, 10**9, 1e308, 1e39, -0.0, 0.5,
    float("nan"), float("inf"), "", "x", "1", "\0", "../../x", "é" * 50, [], {}, [[]], [None], [[[[1.0]]]], [1, "2"],
    [1.0] * 51, [1.0] * 75, {"x": 1}, {"x": []}, [{}], [[], {}],
)  # fmt: skip


def mutations(data: bytes, count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """Damaged forms of a file, the same ones for the same seed.

    A third are raw (bits, cuts, insertions, repeats). A third exchange, drop or repeat whole tokens of text, and a
    third, in JSON, whole values of a document that stays one. In zip archives both of these damage an unpacked member
    instead, which is packed again with a good checksum.
    """
    rng = np.random.default_rng(seed)
    is_archive = data[:2] == b"PK"
    is_json = data.lstrip()[:1] in (b"{", b"[")
    for index in range(count):
        if index % 3 == 0:
            yield _raw(data, rng)
        elif is_archive:
            yield _in_archive(data, rng)
        else:
            yield _values(data, rng) if is_json and index % 3 == 1 else _tokens(data, rng)


def assert_survives(
    read: Callable[[Path], Any],
    path: Path,
    data: bytes,
    count: int = COUNT,
    seed: int = 0,
    allow: tuple[type[Exception], ...] = (ValueError,),
) -> None:
    """Writes `count` damaged forms of `data` to `path`, one after another, and calls `read(path)` on each.

    All happens in a process of its own, so that a crash or a hang is a failed test, and with at most 1 GiB more memory
    than the process starts with.

    Args:
        read: The reader. For formats that are folders it may ignore its argument and read the folder.
        path: Where to write; it keeps the good file in the end.
        data: A good file, which must be read without an error.
        count: How many damaged forms.
        seed: Draws them.
        allow: Errors that are right; a message must name the file or its folder.

    Raises:
        AssertionError: Names the first damaged file that did harm, which is kept beside `path`.
    """
    path.write_bytes(data)
    read(path)
    report = path.with_name(f"{path.name}.report")
    context = multiprocessing.get_context("fork")
    number = context.Value("q", 0, lock=False)
    process = context.Process(target=_watch, args=(read, path, data, count, seed, allow, number, report))
    process.start()
    process.join(SECONDS_ALL)
    if process.is_alive():
        process.kill()
        process.join()
    error = report.read_text() if report.exists() else f"exit code {process.exitcode}"
    if error:
        kept = path.with_name(f"damaged-{number.value}{path.suffix}")
        kept.write_bytes(path.read_bytes())
        raise AssertionError(f"{kept} (mutation {number.value}): {error}")
    report.unlink()
    path.write_bytes(data)


def _watch(
    read, path: Path, data: bytes, count: int, seed: int, allow: tuple, number: ctypes.c_longlong, report: Path
) -> None:
    """Counts in `number` how far it is, and writes a report when all is over: what went wrong, or nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEMORY, resource.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _out_of_time)
    error = None
    for number.value, damaged in enumerate(mutations(data, count, seed)):
        path.unlink()  # file systems wait for the disk when a file is cut short and written again
        path.write_bytes(damaged)
        error = _one(read, path, allow)
        if error:
            break
    report.write_text(error or "")


def _one(read, path: Path, allow: tuple) -> str | None:
    """What went wrong, if anything did."""
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, 4 * SECONDS_EACH)
    try:
        read(path)
    except allow as error:
        if path.name not in str(error) and path.parent.name not in str(error):
            return f"the message names no file: {error}"
    except BaseException:  # noqa: B036 - whatever else comes is what the test looks for
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - start
    return f"took {took:.1f} s" if took > SECONDS_EACH else None


class _TimeIsUp(BaseException):
    """Past all handlers of Exception."""


def _out_of_time(*_: Any) -> None:
    raise _TimeIsUp


def _address_space() -> int:
    """Bytes of address space that this process has by now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmSize:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmSize in /proc/self/status")


def _raw(data: bytes, rng: np.random.Generator) -> bytes:
    """Bits, bytes and pieces without regard to the content."""
    damaged = bytearray(data)
    kind = rng.integers(6)
    start = int(rng.integers(len(data) + 1))
    length = int(rng.integers(1, 1 + min(64, len(data) or 1)))
    if kind == 0:
        return bytes(damaged[:start])
    if kind == 1:
        del damaged[start : start + length]
    elif kind == 2:
        damaged[start:start] = rng.bytes(length)
    elif kind == 3:
        damaged[start:start] = damaged[start : start + length] * int(rng.integers(1, 20))
    elif kind == 4:
        return bytes(damaged).decode("latin-1").encode(("utf-16", "utf-8-sig", "utf-32")[int(rng.integers(3))])
    else:
        for place in rng.integers(len(data) or 1, size=int(rng.integers(1, 9))):
            if damaged:
                damaged[place] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def _tokens(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three tokens exchanged, dropped or repeated, or a line dropped or repeated."""
    for _ in range(int(rng.integers(1, 4))):
        start, end = _span(data, rng)
        kind = rng.integers(5)
        if kind <= 1:
            piece = _NASTY[int(rng.integers(len(_NASTY)))]
        elif kind == 2:
            piece = b""
        elif kind == 3:
            piece = data[start:end] * int(rng.integers(2, 40))
        else:
            other = _span(data, rng)
            piece = data[other[0] : other[1]]
        data = data[:start] + piece + data[end:]
    return data


def _values(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three values of a JSON document exchanged, dropped, repeated or moved."""
    document = json.loads(data)
    for _ in range(int(rng.integers(1, 4))):
        holder, key = _place(document, rng)
        if holder is None:
            continue
        kind = rng.integers(6)
        if kind <= 2:
            holder[key] = deepcopy(_ODD[int(rng.integers(len(_ODD)))])
        elif kind == 3:
            del holder[key]
        elif kind == 4 and isinstance(holder, list):
            holder[key:key] = [holder[key]] * int(rng.integers(1, 9))
        elif kind == 4:
            holder[f"{key}s"] = holder.pop(key)
        else:
            other, other_key = _place(document, rng)
            if other is not None:
                holder[key] = deepcopy(other[other_key])  # a copy, so that nothing holds itself
    return json.dumps(document).encode()


def _place(document: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """A list or object in a document, and an index or a key in it; None without any."""
    holder, key = None, None
    node = document
    while isinstance(node, list | dict) and node:
        if holder is not None and rng.integers(4) == 0:
            break
        holder = node
        key = int(rng.integers(len(node))) if isinstance(node, list) else list(node)[rng.integers(len(node))]
        node = node[key]
    return holder, key


def _span(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    """Where some token lies, or (one time in eight) some line. Numbers and strings are drawn as often as marks."""
    start = int(rng.integers(len(data) or 1))
    if rng.integers(8) == 0:
        begin = data.rfind(b"\n", 0, start) + 1
        end = data.find(b"\n", start)
        return begin, len(data) if end < 0 else end + 1
    back = max(start - 40, 0)
    matches = [match.span() for match in _TOKEN.finditer(data, back, start + 80)]
    wanted = [span for span in matches if span[1] - span[0] > 1 or data[span[0] : span[1]].isalnum()]
    chosen = wanted if wanted and rng.integers(4) else matches
    return chosen[int(rng.integers(len(chosen)))] if chosen else (start, min(start + 1, len(data)))


def _in_archive(data: bytes, rng: np.random.Generator) -> bytes:
    """A member damaged and packed again, so that the archive itself is sound; now and then a member's name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    chosen = int(rng.integers(len(members)))
    name, content = members[chosen]
    kind = rng.integers(8)
    if kind == 0:
        name = ("../" + name, "/etc/" + name, "", name + "x", "C:\\" + name, members[0][0], "a" * 5000)[
            rng.integers(7)
        ]
    elif kind == 1:
        content = b"\x93NUMPY\x01\x00" + _header(rng) + content[-64:]
    elif kind <= 4:
        content = _tokens(content[:128], rng) + content[128:]
    else:
        content = _raw(content, rng)
    members[chosen] = (name, content)
    if rng.integers(10) == 0:
        del members[int(rng.integers(len(members)))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _header(rng: np.random.Generator) -> bytes:
    """A header that asks for much, or for what must not be."""
    shape = ("(1000000000, 17, 3)", "(-1, 17, 3)", "()", "(0,)", "(2**62, 2**62)", "(1,)*70", "'x'")[rng.integers(7)]
    dtype = ("'<f4'", "'|O'", "'<U0'", "'<M8[s]'", "[('a', '<f4')]", "'<f2'", "'>c16'")[rng.integers(7)]
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return len(text).to_bytes(2, "little") + text


__all__ = ["assert_survives", "mutations"]
