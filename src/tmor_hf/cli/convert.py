# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor convert`: pose files of any known format to clips of this package."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from .options import (
    FAILED,
    add_command,
    add_reading,
    check_folder,
    check_output,
    number_of,
    one_line,
    read_clips,
    reading_options,
    whole_number,
    whole_or_nothing,
)

if TYPE_CHECKING:
    from ..processing.skeletons import Skeletons

_SUFFIXES = (".npz", ".json", ".npy", ".csv")
_LONGEST_NAME = 120  # bytes
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)(\.|$)", re.IGNORECASE)  # no file on Windows has such a name


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "convert",
        run,
        "INPUT OUTPUT [options]",
        "convert pose files of any known format into clips of this package",
        "  tmor convert walk.bvh walk.npz\n  tmor convert recordings/ clips/ --workers 4\n"
        "  tmor convert results.json clips/            # a file of several clips: a file for each\n"
        "  tmor convert points.npy points.csv --layout coco17 --fps 30",
    )
    parser.set_defaults(is_light=True)
    parser.add_argument("input", metavar="INPUT", help="a pose file, or a folder of them")
    parser.add_argument(
        "output", metavar="OUTPUT", help="a file (.npz, .json, .csv, .npy), or a folder for several clips"
    )
    parser.add_argument("--to-layout", choices=("tmor22",), help="convert the joints as well, to the canonical ones")
    parser.add_argument(
        "--to", choices=[suffix[1:] for suffix in _SUFFIXES], help="kind of the files in an output folder (npz)"
    )
    parser.add_argument("--force", "-f", action="store_true", help="replace files that are there")
    parser.add_argument(
        "--workers", type=whole_number, metavar="N", help="processes that read a folder; default: as many as pay"
    )
    add_reading(parser, "--from")


def run(arguments: argparse.Namespace) -> int:
    source, output = Path(arguments.input), Path(arguments.output)
    code = _convert(arguments, source, output)
    if ".npy" in (output.suffix.lower(), f".{arguments.to}"):
        print(
            "tmor: .npy keeps positions alone, without scores, layout and frame rate; .npz keeps all", file=sys.stderr
        )
    return code


def _convert(arguments: argparse.Namespace, source: Path, output: Path) -> int:
    if source.is_dir() and not _is_clip(source):
        return _convert_folder(arguments, source, output)
    if output.suffix.lower() in _SUFFIXES and not output.is_dir():
        if arguments.to is not None:
            raise ValueError(f"--to is for an output folder; {output} says itself what it is to be")
        check_output(output, _SUFFIXES, arguments.force)
        clips = list(islice(read_clips(arguments, source), 2))
        if len(clips) != 1:
            cure = "choose one with --clip NAME, or give a folder" if clips else "nothing to convert"
            raise ValueError(f"{source} holds {'several clips' if clips else 'no clip'}; {cure}")
        _write(clips[0][1], output, arguments.to_layout)
        print(f"tmor: wrote {output}", file=sys.stderr)
        return 0
    if output.suffix and not output.is_dir():
        raise ValueError(f"expected an output that ends in {', '.join(_SUFFIXES)}, or a folder, got {output}")
    check_folder(output, arguments.force)
    count = _write_all(read_clips(arguments, source), output, arguments)
    print(f"tmor: wrote {number_of(count, 'clip')} to {output}", file=sys.stderr)
    return 0


def _is_clip(folder: Path) -> bool:
    """Whether a folder is one clip, with a file for each frame."""
    from ..io import sniff

    try:
        return bool(sniff(folder))
    except ValueError:
        return False


def _convert_folder(arguments: argparse.Namespace, source: Path, output: Path) -> int:
    from ..io import iter_folder

    if arguments.clip is not None:
        raise ValueError("--clip chooses a clip of one file; name the file")
    if output.suffix.lower() in _SUFFIXES:
        raise ValueError(f"{source} is a folder of files, so the output must be a folder, got {output}")
    if output.resolve().is_relative_to(source.resolve()):
        raise ValueError(f"{output} lies in {source}, where it would be read again; put it elsewhere")
    check_folder(output, arguments.force)
    failures: list[str] = []

    def report(path: str, message: str) -> None:
        failures.append(path)
        tqdm.write(f"tmor: skipped {one_line(message)}", file=sys.stderr)

    options = {"num_workers": arguments.workers, "progress": sys.stderr.isatty(), **reading_options(arguments)}
    clips = iter_folder(source, format=arguments.format, on_failure=report, **options)
    with closing(clips):
        count = _write_all(clips, output, arguments)
    skipped = f", {number_of(len(failures), 'file')} skipped" if failures else ""
    print(f"tmor: wrote {number_of(count, 'clip')} to {output}{skipped}", file=sys.stderr)
    return FAILED if failures else 0


def _write_all(clips: Iterable[tuple[str, Skeletons]], folder: Path, arguments: argparse.Namespace) -> int:
    """Writes clips into a folder and counts them."""
    taken: set[str] = set()
    for name, clip in clips:
        path = _unused(folder, safe_name(name), arguments.to or "npz", taken)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(clip, path, arguments.to_layout)
    return len(taken)


def safe_name(name: str) -> str:
    """A name out of a file as a path below a folder: no way up, no root, no signs that file systems refuse."""
    parts = [re.sub(r"[^\w .+-]", "_", part) for part in re.split(r"[/\\]", name)]
    parts = [part.encode()[:_LONGEST_NAME].decode(errors="ignore").strip(" .") for part in parts]
    parts = [f"_{part}" if _DEVICE.match(part) else part for part in parts]
    return "/".join(part for part in parts if part) or "clip"


def _unused(folder: Path, name: str, suffix: str, taken: set[str]) -> Path:
    """A path that no earlier clip of this run has, also where capitals do not count."""
    number, candidate = 1, name
    while candidate.lower() in taken:
        number += 1
        candidate = f"{name}-{number}"
    taken.add(candidate.lower())
    return folder / f"{candidate}.{suffix}"


def _write(clip: Skeletons, path: Path, to_layout: str | None) -> None:
    from ..io import write_skeletons

    with whole_or_nothing(path) as partial:
        write_skeletons(clip if to_layout is None else clip.to_layout(to_layout), partial)


__all__ = ["add", "run", "safe_name"]
