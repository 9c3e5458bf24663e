# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor search`: where in a folder of recordings somebody does what words say, or what an example shows."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import FAILED, add_command, add_reading, number_of, positive, read_clips, reading_options, whole_number

if TYPE_CHECKING:
    import numpy as np

    from ..search import Hit


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "search",
        run,
        "TEXT FOLDER [options], or tmor search FOLDER --like FILE [options]",
        "find motion in a folder of recordings by words, or by an example",
        '  tmor search "a person waves with the left hand" recordings/\n'
        '  tmor search "someone sits down" recordings/ --model outputs/pretrain --top 3 --json\n'
        "  tmor search recordings/ --like wave.bvh",
    )
    parser.add_argument("text", metavar="TEXT", help="what to find; left and right are the person's own")
    folder = parser.add_argument("folder", metavar="FOLDER", help="a folder of pose files, and of folders of them")
    # An optional TEXT (nargs="?") would be passed over wherever options stand between TEXT and FOLDER.
    folder.required = False
    parser.add_argument("--like", metavar="FILE", help="find motion like that of this pose file instead")
    parser.add_argument(
        "--model", metavar="MODEL", help="name or folder of a contrastive checkpoint (the bundled one)"
    )
    parser.add_argument("--top", type=whole_number, default=10, metavar="N", help="how many to show (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object for each")
    group = parser.add_argument_group("the index, which is built by the first search and kept up to date by the next")
    group.add_argument("--window", type=positive, default=4.0, metavar="X", help="seconds that are one (%(default)s)")
    group.add_argument("--stride", type=positive, default=2.0, metavar="X", help="seconds to the next (%(default)s)")
    group.add_argument("--index-dir", metavar="DIR", help="where it is kept (.tmor_index in FOLDER)")
    group.add_argument("--rebuild", action="store_true", help="build it anew")
    add_reading(parser, "--format")


def run(arguments: argparse.Namespace) -> int:
    from ..checkpoints import bundled
    from ..search import index_folder

    if arguments.folder is None:
        arguments.text, arguments.folder = None, arguments.text
    _check(arguments)
    model, processor = _load_model(arguments.model or bundled())
    feature_extractor = getattr(processor, "feature_extractor", processor)
    query = _embed(arguments, model, processor, feature_extractor)
    options = reading_options(arguments) | ({"format": arguments.format} if arguments.format else {})
    failures: list[str] = []
    index = index_folder(
        arguments.folder,
        model,
        feature_extractor,
        window_seconds=arguments.window,
        stride_seconds=arguments.stride,
        index_dir=arguments.index_dir,
        rebuild=arguments.rebuild,
        progress=sys.stderr.isatty(),
        on_failure=lambda name, message: failures.append(name),
        **options,
    )
    if not len(index):
        raise ValueError(f"{arguments.folder}: expected recordings with visible people, got none that can be searched")
    hits = index.search(query, arguments.top, distinct=True)
    print("\n".join(map(_as_json, hits) if arguments.json else _lines(hits)))
    if failures:
        print(f"tmor: {number_of(len(failures), 'file')} could not be read", file=sys.stderr)
    return FAILED if failures else 0


def _check(arguments: argparse.Namespace) -> None:
    if (arguments.text is None) == (arguments.like is None):
        raise ValueError("expected either words, `tmor search TEXT FOLDER`, or `tmor search FOLDER --like FILE`")
    if arguments.clip is not None and arguments.like is None:
        raise ValueError("--clip says which clip of the file of --like is meant; give both")
    if not Path(arguments.folder).is_dir():
        raise ValueError(f"expected a folder of pose files, got {arguments.folder}, which is none")


def _load_model(name: str) -> tuple[Any, Any]:
    """The model, and its processor or, for one without text, its feature extractor."""
    from transformers import AutoModel, AutoProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()
    return AutoModel.from_pretrained(name).eval(), AutoProcessor.from_pretrained(name)


def _embed(arguments: argparse.Namespace, model: Any, processor: Any, feature_extractor: Any) -> np.ndarray:
    from ..search import embed_motion, embed_query

    if arguments.text is not None:
        if not hasattr(model, "get_text_features"):
            raise ValueError(
                f"expected a contrastive checkpoint, which knows words, got {type(model).__name__}; "
                "search with --like FILE, or pass another --model"
            )
        return embed_query(model, processor, arguments.text)
    clips = [clip for _, clip in read_clips(arguments, arguments.like)]
    if len(clips) != 1:
        raise ValueError(f"expected one clip in {arguments.like}, got {len(clips)}; choose one with --clip NAME")
    cut = {"window_seconds": arguments.window, "stride_seconds": arguments.stride}
    return embed_motion(model, feature_extractor, clips[0], **cut)


def _as_json(hit: Hit) -> str:
    fields = {"file": hit.name, "clip": hit.clip, "start": hit.start, "end": hit.end, "unit": hit.unit}
    return json.dumps({**fields, "score": round(hit.score, 6)}, allow_nan=False)


def _lines(hits: list[Hit]) -> list[str]:
    names = [hit.name if hit.clip is None else f"{hit.name} {hit.clip}" for hit in hits]
    width, lines = max(map(len, names)), []
    for rank, (hit, name) in enumerate(zip(hits, names, strict=True), start=1):
        digits, unit = (2, "s") if hit.unit == "seconds" else (0, "frames")
        lines.append(
            f"{rank:4}  {hit.score:6.3f}  {name:<{width}}  {hit.start:.{digits}f} to {hit.end:.{digits}f} {unit}"
        )
    return lines


__all__ = ["add", "run"]
