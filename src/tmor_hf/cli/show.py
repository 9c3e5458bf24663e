# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor show`: what a pose file holds, in words and in a picture."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import (
    add_command,
    add_reading,
    check_output,
    number_of,
    positive,
    read_clips,
    whole_number,
    whole_or_nothing,
)

if TYPE_CHECKING:
    from ..processing.skeletons import Skeletons

_FILMS, _PICTURES = (".gif", ".mp4"), (".png", ".jpg", ".pdf", ".svg")
_LISTED = 20  # clips that a summary lists one by one


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "show",
        run,
        "FILE [--output PICTURE] [options]",
        "say what a pose file holds, and draw it",
        "  tmor show walk.bvh\n  tmor show walk.bvh --output walk.png\n"
        "  tmor show match.json --clip 12 --video match.mp4 --output match.gif\n"
        "  tmor show points.npy --layout coco17 --fps 30 --json",
    )
    parser.set_defaults(is_light=True)
    parser.add_argument("file", metavar="FILE", help="a pose file, or a folder where the format has one file a frame")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="key frames (.png, .jpg, .pdf, .svg) or film (.gif, .mp4)"
    )
    parser.add_argument("--force", "-f", action="store_true", help="replace the output if it is there")
    add_reading(parser, "--format")
    group = parser.add_argument_group("the picture")
    group.add_argument(
        "--frames", type=whole_number, default=8, metavar="N", help="key frames of a picture (%(default)s)"
    )
    group.add_argument("--by-motion", action="store_true", help="take more key frames where more happens")
    group.add_argument("--speed", type=positive, default=1.0, metavar="X", help="pace of a film (%(default)s)")
    group.add_argument("--title", metavar="TEXT", help="words above; by default the clip's name")
    group.add_argument("--video", metavar="FILE", help="draw 2D poses on this video")
    group.add_argument("--video-start", type=float, default=0.0, metavar="SECONDS", help="where the clip starts in it")
    group.add_argument("--azimuth", type=float, metavar="DEGREES", help="where the camera stands around 3D poses")
    group.add_argument("--elevation", type=float, metavar="DEGREES", help="how high the camera stands")


def run(arguments: argparse.Namespace) -> int:
    from ..io import describe_companion, sniff

    note = None if arguments.format or arguments.output else describe_companion(arguments.file)
    if note is not None:
        print(json.dumps({"file": arguments.file, "note": note, "clips": []}) if arguments.json else note)
        return 0
    output = None if arguments.output is None else Path(arguments.output)
    if output is not None:
        check_output(output, (*_PICTURES, *_FILMS), arguments.force)
    elif arguments.video is not None:
        raise ValueError("--video is drawn on; say where with --output PICTURE")
    format = arguments.format or sniff(arguments.file)
    summaries, shown = [], None
    for name, clip in read_clips(arguments, arguments.file):
        shown = (name, clip) if not summaries else shown
        summaries.append({"clip": name, **summarize(clip)})
        if output is not None and len(summaries) > 1:
            names = " and ".join(summary["clip"] for summary in summaries)
            raise ValueError(f"{arguments.file} holds several clips, such as {names}; choose one with --clip NAME")
    if shown is None:
        raise ValueError(f"{arguments.file}: expected poses, got a file without a clip")
    if arguments.json:
        print(json.dumps({"file": arguments.file, "format": format, "clips": summaries}, allow_nan=False))
    else:
        print("\n".join(_summary_lines(arguments.file, format, summaries)))
    if output is not None:
        _draw(*shown, output, arguments)
        print(f"tmor: wrote {output}", file=sys.stderr)
    return 0


def summarize(clip: Skeletons) -> dict[str, Any]:
    """What a clip holds, in plain values: sizes, layout, missing joints, extent, and when each person is there."""
    from ..processing import get_layout

    valid, points = clip.valid, clip.keypoints
    seen = points[valid]
    people = []
    for person in range(clip.num_people):
        times = valid[:, person].any(axis=1).nonzero()[0]
        inside = valid[times, person]
        people.append(
            {
                "id": person if clip.person_ids is None else clip.person_ids[person].item(),
                "first_frame": int(times[0]) if len(times) else None,
                "last_frame": int(times[-1]) if len(times) else None,
                "frames": len(times),
                "missing": float(1 - inside.mean()) if len(times) else None,
            }
        )
    return {
        "frames": clip.num_frames,
        "fps": clip.fps,
        "seconds": None if clip.fps is None else clip.num_frames / clip.fps,
        "num_people": clip.num_people,
        "joints": clip.num_joints,
        "coordinates": clip.num_coordinates,
        "layout": get_layout(clip.layout).name,
        "up_axis": clip.resolved_up_axis,
        "image_size": None if clip.image_size is None else list(clip.image_size),
        "has_scores": clip.scores is not None,
        "missing": float(1 - valid.mean()),
        "low": seen.min(axis=0).tolist() if len(seen) else None,
        "high": seen.max(axis=0).tolist() if len(seen) else None,
        "people": people,
    }


def _summary_lines(file: str, format: str, summaries: list[dict[str, Any]]) -> list[str]:
    if len(summaries) == 1:
        return [file, f"  format    {format}", *_clip_lines(summaries[0])]
    lines = [file, f"  format    {format}", f"  clips     {len(summaries)}; `--clip NAME` says more about one"]
    width = max(len(str(summary["clip"])) for summary in summaries[:_LISTED])
    for summary in summaries[:_LISTED]:
        size = f"{number_of(summary['frames'], 'frame')}, {number_of(summary['num_people'], 'person')}"
        joints = f"{summary['layout']} {summary['coordinates']}D, {summary['missing']:.1%} missing"
        lines.append(f"    {summary['clip']:<{width}}  {size}, {joints}")
    hidden = len(summaries) - _LISTED
    return lines + ([f"    ... and {hidden} more; --json lists them all"] if hidden > 0 else [])


def _clip_lines(summary: dict[str, Any]) -> list[str]:
    fps, size = summary["fps"], summary["image_size"]
    rate = "frame rate unknown" if fps is None else f"{summary['seconds']:.2f} s at {fps:g} per second"
    lines = [
        f"  clip      {summary['clip']}",
        f"  frames    {summary['frames']} ({rate})",
        f"  joints    {summary['joints']} in {summary['coordinates']}D, layout {summary['layout']}, "
        f"up is {summary['up_axis']}" + (", with scores" if summary["has_scores"] else ""),
    ]
    if summary["coordinates"] == 2:
        lines.append("  image     " + ("size unknown" if size is None else f"{size[1]} wide, {size[0]} high"))
    if summary["low"] is not None:
        ends = zip("xyz", summary["low"], summary["high"], strict=False)
        lines.append("  extent    " + ", ".join(f"{axis} {low:.4g} to {high:.4g}" for axis, low, high in ends))
    lines.append(f"  missing   {summary['missing']:.1%} of all joints")
    lines.append(f"  people    {summary['num_people']}")
    for person in summary["people"]:
        if person["frames"] == 0:
            lines.append(f"    {person['id']}: never seen")
            continue
        span = f"frames {person['first_frame']} to {person['last_frame']}"
        seen = f"seen in {person['frames']}, there {person['missing']:.1%} of joints missing"
        lines.append(f"    {person['id']}: {span}, {seen}")
    return lines


def _draw(name: str, clip: Skeletons, output: Path, arguments: argparse.Namespace) -> None:
    from ..visualization import View, animate_clip, plot_clip

    angles = {
        name: getattr(arguments, name) for name in ("azimuth", "elevation") if getattr(arguments, name) is not None
    }
    title = name if arguments.title is None else arguments.title
    options = {"title": title, "video": arguments.video, "video_start": arguments.video_start, "view": View(**angles)}
    if output.suffix.lower() in _FILMS:
        fps = (clip.fps or 30.0) * arguments.speed
        animate_clip(clip, output, fps, progress=sys.stderr.isatty(), **options)
        return
    figure = plot_clip(clip, arguments.frames, frames="motion" if arguments.by_motion else "even", **options)
    with whole_or_nothing(output) as partial:
        figure.savefig(partial, dpi=150)


__all__ = ["add", "run", "summarize"]
