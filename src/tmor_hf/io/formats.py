# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a pose format is to the rest of the package, and the choice of one clip out of a file that holds several."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..processing.skeletons import Skeletons
from .files import PoseFile, read_error


class Companion(NamedTuple):
    """A file without poses that lies beside those of a format.

    Args:
        names: Names that it may have.
        describe: Says in a line what such a file holds; a ValueError if it is another one or damaged.
    """

    names: tuple[str, ...]
    describe: Callable[[str | os.PathLike], str]


@dataclass(frozen=True)
class PoseFormat:
    """A pose format: how it is recognised and read.

    Args:
        name: Short name, which the option `format` takes.
        suffixes: Suffixes of its files, in lower case with a dot.
        is_match: Says whether a file (or folder) has this format, by its content. It must not raise for other files,
            save what `PoseFile.json` raises.
        read: Reads a file with one clip: `read(path, **options)`.
        iter_clips: Yields name and clip of each clip in a file, for formats whose files hold several; `read` then
            takes an option `clip`.
        description: One line for people.
        frame_files: Pattern of the names of a file for each frame, for formats in which a folder of them is a clip.
        companion: The file without poses that comes with this format; folders are read without it.
    """

    name: str
    suffixes: tuple[str, ...]
    is_match: Callable[[PoseFile], bool]
    read: Callable[..., Skeletons]
    iter_clips: Callable[..., Iterator[tuple[str, Skeletons]]] | None = None
    description: str = ""
    frame_files: str | None = None
    companion: Companion | None = None

    def is_companion(self, path: str | os.PathLike) -> bool:
        """Whether a file has the name of this format's companion."""
        return self.companion is not None and Path(path).name in self.companion.names


def choose_clip(
    path: str | os.PathLike, clips: Iterable[tuple[str, Skeletons]], clip: str | int | None = None
) -> Skeletons:
    """One clip of several.

    Args:
        path: The file, for messages.
        clips: Names and clips, read no further than needed.
        clip: The name, or the position from 0; by default the only one.

    Raises:
        ValueError: If there is no such clip, or several and none is chosen; the message lists the first names.
    """
    iterator = iter(clips)
    if clip is None:
        first = list(islice(iterator, 6))
        if len(first) == 1:
            return first[0][1]
        names = ", ".join(repr(name) for name, _ in first[:5]) + (", ..." if len(first) > 5 else "")
        if not first:
            raise read_error(path, "expected a clip, got a file without any")
        raise read_error(path, f"expected one clip, got several ({names}); pass clip=NAME, or use iter_skeletons")
    names = []
    for index, (name, skeletons) in enumerate(iterator):
        if clip in (name, index) and not isinstance(clip, bool):
            return skeletons
        names.append(name)
    known = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
    raise read_error(path, f"expected a clip out of {known or 'none'}, got {clip!r}")


__all__ = ["Companion", "PoseFormat", "choose_clip"]
