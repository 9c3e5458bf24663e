# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Builds PoseCap out of videos: people, poses, tracks, clips, captions, filters, shards. Needs the extra `build`.

Runs the stages of `building`, then filters all clips in the order of their videos' names.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from ...processing.joint_layouts import get_layout
from ...processing.skeletons import Skeletons
from .building.arguments import BuildArguments
from .building.captioners import Captioner, TransformersCaptioner
from .building.cutting import Clip
from .building.duplicates import CaptionCounter, MotionIndex
from .building.engines import run_locally, run_on_ray
from .building.estimators import PoseEstimator, TransformersPoseEstimator
from .building.given_captions import GivenCaptions, texts_for
from .building.report import REPORT_NAME, BuildReport
from .building.stages import CaptionStage, ClipStage, ExcerptStage, PoseStage, Stage, load_clips
from .building.videos import VideoFile, find_videos, require_av
from .building.work_files import load_arrays, only_one_build, remove_unfinished, take_notes
from .schema import PoseCapRecord
from .writer import CARD, DATA_FOLDER, MANIFEST, PoseCapWriter

logger = logging.getLogger(__name__)


def build_posecap(
    arguments: BuildArguments, *, estimator: PoseEstimator | None = None, captioner: Captioner | None = None
) -> BuildReport:
    """Makes a PoseCap set out of videos.

    Each video's poses, clips, captions and excerpts are files in the work folder, so a build that was stopped or
    killed goes on where it was when it is called again, and changed arguments redo only what depends on them. The
    shards are the same for any engine and number of workers.

    Args:
        arguments: What to build from what, and how.
        estimator: Finds people and poses; by default the models that `arguments` name.
        captioner: Describes clips without given captions; by default the model that `arguments` name, if any.

    Returns:
        The report, which also lies in the output folder.

    Raises:
        ValueError: If there are no videos, the captions cannot be read, or no clip is left.
        FileExistsError: If the output folder holds something else.
        ImportError: If PyAV, or Ray for its engine, is not installed.
    """
    require_av()
    output = Path(arguments.output)
    videos = find_videos(arguments.input)
    given = GivenCaptions(arguments.captions)
    report = BuildReport(str(output), num_videos=len(videos), settings=asdict(arguments))
    with only_one_build(arguments.work_folder):
        remove_unfinished(arguments.work_folder)
        _claim_output(output, arguments.work_folder)
        if begun := take_notes(arguments.work_folder):
            report.warnings.append(
                f"the last build ended while it was at {', '.join(begun[:5])}; if it was not stopped, "
                "suspect these videos"
            )
        stages = _stages(arguments, estimator, captioner, given)
        done = _run(videos, stages, arguments, report)
        if unmatched := given.unmatched(videos):
            report.warnings.append(f"{len(unmatched)} names in {arguments.captions} fit no video, e.g. {unmatched[0]}")
        since = perf_counter()
        _write(done, stages, given, arguments, report)
        report.add("seconds", {"filter and write": perf_counter() - since})
    report.save(output if report.num_clips else arguments.work_folder)
    if not report.num_clips:
        raise ValueError(f"expected clips, but none is left; the reasons:\n{report}")
    return report


def _claim_output(output: Path, work: Path) -> None:
    """Refuses a folder whose card or data no build put there, and notes that this one may be written to.

    Raises:
        FileExistsError: If it holds a set of other origin, or something else of the same names.
    """
    claim, place = work / "output", str(output.resolve())
    is_ours = (output / f"{REPORT_NAME}.json").exists() or (claim.exists() and claim.read_text() == place)
    foreign = [name for name in (MANIFEST, CARD, DATA_FOLDER) if (output / name).exists()]
    if foreign and not is_ours:
        raise FileExistsError(f"{output} holds {foreign[0]}, which no build put there; choose another --output")
    claim.write_text(place)


def _stages(
    arguments: BuildArguments, estimator: PoseEstimator | None, captioner: Captioner | None, given: GivenCaptions
) -> list[Stage]:
    poses = PoseStage(arguments, estimator=estimator)
    clips = ClipStage(arguments, poses)
    stages: list[Stage] = [poses, clips]
    if captioner is not None or arguments.captioner is not None:
        stages.append(CaptionStage(arguments, clips, captioner=captioner, given=given))
    if arguments.video_bytes:
        stages.append(ExcerptStage(arguments, clips))
    return stages


def _run(
    videos: Sequence[VideoFile], stages: Sequence[Stage], arguments: BuildArguments, report: BuildReport
) -> list[VideoFile]:
    """Runs all stages; returns the videos that came through, in the order of their names."""
    is_finished = [all(stage.path(video).exists() for stage in stages) for video in videos]
    report.totals["videos done before"] = sum(is_finished)
    waiting = [video for video, flag in zip(videos, is_finished, strict=True) if not flag]
    run = run_on_ray if arguments.engine == "ray" else run_locally
    bar = tqdm(total=len(videos), initial=sum(is_finished), unit="video", disable=not arguments.progress_bar)
    with bar:
        for name, outcomes in run(waiting, stages, arguments) if waiting else ():
            error = next((outcome.error for outcome in outcomes if outcome.error is not None), None)
            if error is not None:
                report.failures[name] = error
                logger.warning("skipped %s: %s", name, error)
            bar.update()
            bar.set_postfix(failed=len(report.failures), refresh=False)
    report.failures = dict(sorted(report.failures.items()))
    return [video for video in videos if video.name not in report.failures]


def _write(
    videos: Sequence[VideoFile],
    stages: Sequence[Stage],
    given: GivenCaptions,
    arguments: BuildArguments,
    report: BuildReport,
) -> None:
    """Filters and writes all clips."""
    name = arguments.source_name
    captions, motions = CaptionCounter(arguments.max_same_caption), MotionIndex(arguments.duplicate_distance)
    needs_caption = arguments.captions is not None or any(isinstance(stage, CaptionStage) for stage in stages)
    writer = PoseCapWriter(
        arguments.output,
        rows_per_shard=arguments.rows_per_shard,
        encoding=arguments.encoding,
        name=name,
        overwrite=True,
    )
    try:
        for video in tqdm(videos, unit="video", desc="writing", disable=not arguments.progress_bar):
            for record, origin in _records(video, stages, given, arguments, report):
                if needs_caption and not record.captions:
                    report.count_drop("clip", "no caption", record.id)
                elif motions.find_or_add(record.id, record.skeletons) is not None:
                    report.count_drop("clip", "near-duplicate motion", record.id)
                elif not captions.add(record.captions):
                    report.count_drop("clip", "caption used too often", record.id)
                else:
                    writer.write(record)
                    report.num_clips += 1
                    report.add("clips_by_split", {record.split: 1})
                    report.add("clips_by_captions", {origin: 1})
                    report.add("totals", {"clip seconds": record.video_end - record.video_start})
        if report.num_clips:
            writer.close()
    finally:
        writer.abort()


def _records(
    video: VideoFile, stages: Sequence[Stage], given: GivenCaptions, arguments: BuildArguments, report: BuildReport
) -> Iterator[tuple[PoseCapRecord, str]]:
    """All clips of a video as records, each with where its captions come from."""
    results = {type(stage): stage.path(video) for stage in stages}
    clips, drops, facts = load_clips(results[ClipStage])
    report.add("seconds", facts["seconds"])
    report.add("totals", {"video seconds": facts["video_seconds"], "frames": facts["frames"], "poses": facts["poses"]})
    for drop in drops:
        report.count_drop(drop.what, drop.reason, _fragment(video, drop.start, drop.end))
    written, excerpts = _captions(results.get(CaptionStage), report), _excerpts(results.get(ExcerptStage), report)
    entries = given.of(video)
    for index, clip in enumerate(clips):
        texts, labels = texts_for(entries, clip.start, clip.end)
        origin = "given" if texts else "model" if written and written[index] else "none"
        texts = texts or (tuple(written[index]) if written else ())
        source = next((entry.source for entry in entries if entry.source), arguments.source_name)
        licence = next((entry.licence for entry in entries if entry.licence), arguments.licence)
        yield (
            PoseCapRecord(
                id=_fragment(video, clip.start, clip.end),
                source=source,
                licence=licence,
                skeletons=_skeletons(clip, facts),
                captions=texts,
                labels=labels,
                split=split_of(video.name, arguments.validation_share, arguments.test_share),
                video_path=arguments.video_prefix + video.name,
                video_bytes=None if excerpts is None else excerpts[index],
                video_start=clip.start,
                video_end=clip.end,
            ),
            origin,
        )


def _captions(path: Path | None, report: BuildReport) -> list[list[str]] | None:
    if path is None:
        return None
    result = json.loads(path.read_text(encoding="utf-8"))
    report.add("seconds", result["seconds"])
    return result["captions"]


def _excerpts(path: Path | None, report: BuildReport) -> list[bytes] | None:
    if path is None:
        return None
    arrays, facts = load_arrays(path)
    report.add("seconds", facts["seconds"])
    return [arrays[f"video_{index}"].tobytes() for index in range(len(arrays))]


def _skeletons(clip: Clip, facts: dict[str, Any]) -> Skeletons:
    return Skeletons(
        clip.keypoints,
        scores=clip.scores,
        fps=facts["rate"],
        layout=facts["layout"] if isinstance(facts["layout"], str) else get_layout(facts["layout"]),
        image_size=tuple(facts["image_size"]),
        person_ids=np.asarray(clip.person_ids, dtype=np.int64),
    )


def _fragment(video: VideoFile, start: float, end: float) -> str:
    """Name of a stretch of a video, in the form of a media fragment."""
    return f"{video.name}#t={start:.3f},{end:.3f}"


def split_of(name: str, validation_share: float, test_share: float) -> str:
    """The split of a video: a matter of its name alone, so no video is in two, and more videos move none."""
    place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    if place < test_share:
        return "test"
    return "validation" if place < test_share + validation_share else "train"


__all__ = [
    "BuildArguments",
    "BuildReport",
    "Captioner",
    "PoseEstimator",
    "TransformersCaptioner",
    "TransformersPoseEstimator",
    "build_posecap",
    "split_of",
]
