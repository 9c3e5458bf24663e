# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The build from end to end: from rendered videos whose poses are known, and with tiny models of the real classes."""

import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from rendered_videos import JOINTS, LAYOUT, MarkerPoseEstimator, draw, project, render_folder, write_video

from tmor_hf.data.posecap import row_to_record
from tmor_hf.data.posecap.build import BuildArguments, build_posecap, split_of


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Folder of six videos, and their true poses."""
    folder = tmp_path_factory.mktemp("rendered")
    return folder, render_folder(folder, 6)


def arguments(videos, tmp_path, **options) -> BuildArguments:
    options = {"validation_share": 0.0, "test_share": 0.0, "progress_bar": False, "source": "rendered", **options}
    return BuildArguments(str(videos), str(tmp_path / "out"), "CC0-1.0", **options)


def build(videos, tmp_path, captioner=None, estimator=None, **options):
    return build_posecap(
        arguments(videos, tmp_path, **options), estimator=estimator or MarkerPoseEstimator(), captioner=captioner
    )


def records(folder: Path) -> list:
    import pyarrow.parquet as parquet

    rows = [row for path in sorted((folder / "data").iterdir()) for row in parquet.read_table(path).to_pylist()]
    return [row_to_record(row) for row in rows]


def contents(folder: Path) -> dict[str, bytes]:
    names = ("README.md", "posecap.json", *(f"data/{path.name}" for path in (folder / "data").iterdir()))
    return {name: (folder / name).read_bytes() for name in names}


def times_of(work: Path, stage: str) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (work / stage).rglob("*.*")}


@dataclass
class FixedCaptioner:
    """Says how many images it saw, and of what brightness."""

    word: str = "sees"
    num_frames: int = 3

    @property
    def settings(self):
        return {"word": self.word}

    def __call__(self, clips):
        return [(f"{self.word} {len(images)} images, {np.mean(images):.2f}",) for images in clips]


def test_poses_come_back_within_two_pixels(rendered, tmp_path):
    videos, truth = rendered
    report = build(videos, tmp_path)
    found = records(tmp_path / "out")
    assert report.num_clips == len(found) >= 6
    assert {record.video_path for record in found} == set(truth)
    seen = 0
    for record in found:
        clip, poses = record.skeletons, truth[record.video_path]
        first = round(record.video_start * 15)
        assert clip.layout == LAYOUT and clip.fps == 15 and clip.image_size == (96, 128)
        assert record.video_end == pytest.approx(record.video_start + (clip.num_frames - 1) / 15)
        errors = np.linalg.norm(clip.keypoints[:, :, None] - poses[first : first + clip.num_frames, None], axis=-1)
        # The same true person for a track in all its frames: tracks do not jump.
        match = np.nanmean(errors, axis=(0, 3)).argmin(axis=1)
        assert len(set(match)) == clip.num_people == poses.shape[1]
        own = errors[:, np.arange(clip.num_people), match]
        assert np.nanmax(own) < 2.0
        seen += np.isfinite(own).sum()
    assert seen > 0.85 * sum(len(poses) * poses.shape[1] * len(JOINTS) for poses in truth.values())


def test_a_second_build_does_nothing_anew_and_gives_the_same(rendered, tmp_path):
    build(rendered[0], tmp_path)
    before, stamps = contents(tmp_path / "out"), times_of(tmp_path / "out-work", "poses")
    report = build(rendered[0], tmp_path)
    assert report.totals["videos done before"] == 6
    assert contents(tmp_path / "out") == before
    assert times_of(tmp_path / "out-work", "poses") == stamps


def test_changed_settings_redo_only_what_depends_on_them(rendered, tmp_path):
    work = tmp_path / "out-work"
    build(rendered[0], tmp_path, captioner=FixedCaptioner())
    first = {stage: times_of(work, stage) for stage in ("poses", "clips", "captions")}
    build(rendered[0], tmp_path, captioner=FixedCaptioner("beholds"))
    assert {stage: times_of(work, stage) for stage in ("poses", "clips")} == {s: first[s] for s in ("poses", "clips")}
    assert all(record.captions[0].startswith("beholds") for record in records(tmp_path / "out"))
    build(rendered[0], tmp_path, captioner=FixedCaptioner(), max_seconds=3.5)
    assert times_of(work, "poses") == first["poses"]
    assert len(times_of(work, "clips")) == 2 * len(first["clips"])
    build(rendered[0], tmp_path, captioner=FixedCaptioner(), fps=7.5)
    assert len(times_of(work, "poses")) == 2 * len(first["poses"])


def test_a_changed_video_is_looked_at_again(rendered, tmp_path):
    videos = shutil.copytree(rendered[0], tmp_path / "videos")
    build(videos, tmp_path)
    before = {record.id for record in records(tmp_path / "out")}
    shutil.copy(videos / "a/video_002.mp4", videos / "a/video_000.mp4")
    report = build(videos, tmp_path)
    assert report.totals["videos done before"] == 5
    assert report.dropped["clip"]["near-duplicate motion"] >= 1
    assert {record.id for record in records(tmp_path / "out")} != before


def test_broken_videos_are_reported_and_skipped(rendered, tmp_path):
    videos = shutil.copytree(rendered[0], tmp_path / "videos")
    (videos / "c.mp4").write_bytes((videos / "a/video_000.mp4").read_bytes()[:2000])
    report = build(videos, tmp_path)
    assert list(report.failures) == ["c.mp4"] and "readable video" in report.failures["c.mp4"]
    assert "c.mp4" in str(report) and json.loads((tmp_path / "out/build_report.json").read_text())["failures"]
    assert not any("c.mp4" in record.id for record in records(tmp_path / "out"))


def test_given_captions_go_to_their_clips(rendered, tmp_path):
    table = tmp_path / "captions.csv"
    table.write_text("file,caption,label,licence\na/video_000.mp4,she moves,move,CC-BY-4.0\nzzz.mp4,nothing,,\n")
    report = build(rendered[0], tmp_path, captions=str(table))
    (record,) = records(tmp_path / "out")
    assert record.captions == ("she moves",) and record.labels == ("move",) and record.licence == "CC-BY-4.0"
    assert report.dropped["clip"]["no caption"] == 5 and "zzz.mp4" in str(report)


def test_a_captioner_describes_what_nobody_did(rendered, tmp_path):
    table = tmp_path / "captions.json"
    table.write_text(json.dumps({"a/video_000": ["she moves"]}))
    report = build(rendered[0], tmp_path, captions=str(table), captioner=FixedCaptioner())
    texts = {record.video_path: record.captions for record in records(tmp_path / "out")}
    assert texts.pop("a/video_000.mp4") == ("she moves",)
    assert all(text[0].startswith("sees 3 images") for text in texts.values()) and len(set(texts.values())) == 5
    assert report.clips_by_captions == {"given": 1, "model": 5}


def test_repeated_captions_and_motions_are_left_out(rendered, tmp_path):
    videos = shutil.copytree(rendered[0], tmp_path / "videos")
    shutil.copy(videos / "a/video_000.mp4", videos / "zz.mp4")
    for path in videos.rglob("*.mp4"):
        path.with_suffix(".txt").write_text("Somebody moves.")
    report = build(videos, tmp_path, captions="sidecar", max_same_caption=4)
    assert report.dropped["clip"] == {"near-duplicate motion": 1, "caption used too often": 2}
    assert report.examples["clip"]["near-duplicate motion"][0].startswith("zz.mp4#t=")
    assert build(videos, tmp_path, captions="sidecar", max_same_caption=0, duplicate_distance=0.0).num_clips == 7


def test_no_video_is_in_two_splits(rendered, tmp_path):
    report = build(rendered[0], tmp_path, validation_share=0.3, test_share=0.3, max_seconds=1.2, min_seconds=0.6)
    found = records(tmp_path / "out")
    splits = {}
    for record in found:
        splits.setdefault(record.video_path, set()).add(record.split)
    assert len(found) > 6 and all(len(split) == 1 for split in splits.values())
    assert sum(report.clips_by_split.values()) == report.num_clips and len(report.clips_by_split) > 1
    shares = [split_of(f"video {index}", 0.2, 0.1) for index in range(5000)]
    assert abs(shares.count("validation") / 5000 - 0.2) < 0.02 and abs(shares.count("test") / 5000 - 0.1) < 0.02


def test_excerpts_hold_the_clips_pictures(rendered, tmp_path):
    import av

    build(rendered[0], tmp_path, video_bytes=True, excerpt_side=48, video_prefix="https://example.org/")
    for record in records(tmp_path / "out"):
        assert record.video_path.startswith("https://example.org/")
        with av.open(io.BytesIO(record.video_bytes)) as container:
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(frames) == record.skeletons.num_frames and frames[0].shape == (48, 64, 3)
        x, y = record.skeletons.keypoints[0, 0, 0] / 2
        assert frames[0][round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].max() > 100


def test_a_video_with_a_varying_rate_keeps_its_motion(tmp_path):
    rng = np.random.default_rng(0)
    fine = project(rng, "squat", 3.0, 60.0, (64, 48, 66))
    times = np.sort(rng.choice(np.arange(1, 179), 52, replace=False))
    times = np.concatenate(([0], times, [179])) / 60
    images = [draw(fine[round(time * 60)][None], (96, 128)) for time in times]
    write_video(tmp_path / "videos/v.mp4", images, fps=15, times=times)
    build(tmp_path / "videos", tmp_path, min_seconds=1.0)
    for record in records(tmp_path / "out"):
        clip = record.skeletons
        moments = record.video_start + np.arange(clip.num_frames) / clip.fps
        errors = np.linalg.norm(clip.keypoints[:, 0] - fine[np.round(moments * 60).astype(int).clip(max=179)], axis=-1)
        assert np.nanmean(errors) < 1.0 and np.nanpercentile(errors, 95) < 3.0


def test_a_cut_in_the_pictures_ends_a_clip(tmp_path):
    poses = project(np.random.default_rng(0), "jumping_jacks", 4.0, 15.0, (64, 48, 66))[:, None]
    images = [draw(frame, (96, 128), background=12 if index < 28 else 70) for index, frame in enumerate(poses)]
    write_video(tmp_path / "videos/v.mp4", images)
    build(tmp_path / "videos", tmp_path)
    assert [round(record.video_start * 15) for record in records(tmp_path / "out")] == [0, 28]
    assert sum(record.skeletons.num_frames for record in records(tmp_path / "out")) == 60


def test_tiny_models_of_the_real_classes_go_all_the_way(rendered, vision_models, tmp_path):
    models = {
        name: str(vision_models / folder) for name, folder in (("detector", "detector"), ("pose_model", "poser"))
    }
    lenient = {
        "detection_threshold": 0.0, "min_joint_score": 0.0, "min_pose_score": 0.0, "min_person_height": 0.0,
        "max_detections": 2, "still_speed": 0.0, "duplicate_distance": 0.0, "scene_threshold": 1.0, "min_seconds": 0.5,
        "max_same_caption": 0,
    }  # fmt: skip
    report = build_posecap(
        arguments(
            rendered[0] / "a",
            tmp_path,
            device="cpu",
            captioner=str(vision_models / "blip"),
            caption_tokens=4,
            **models,
            **lenient,
        )
    )
    found = records(tmp_path / "out")
    assert report.num_clips == len(found) > 0 and report.totals["poses"] > 0
    assert all(record.skeletons.layout == "coco17" and record.captions for record in found)
    assert {"decode", "estimate", "cut", "caption", "filter and write"} <= set(report.seconds)


def test_folders_of_others_are_left_alone(rendered, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/README.md").write_text("mine")
    with pytest.raises(FileExistsError, match="holds README.md.*choose another --output"):
        build(rendered[0], tmp_path)
    assert (tmp_path / "out/README.md").read_text() == "mine"


def test_sets_of_other_origin_are_not_replaced(rendered, tmp_path):
    build(rendered[0], tmp_path)
    build(rendered[0], tmp_path, max_people=1)  # its own may be
    (tmp_path / "out/build_report.json").unlink()
    build(rendered[0], tmp_path)
    (tmp_path / "out/build_report.json").unlink()
    shutil.rmtree(tmp_path / "out-work")
    with pytest.raises(FileExistsError, match="holds posecap.json, which no build put there"):
        build(rendered[0], tmp_path)


@pytest.mark.parametrize(("module", "options"), [("av", {}), ("ray", {"engine": "ray"})])
def test_a_missing_extra_is_named(rendered, tmp_path, monkeypatch, module, options):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"pip install tmor_hf\[build\]"):
        build(rendered[0], tmp_path, **options)


def test_no_clip_left_is_an_error_with_the_reasons(rendered, tmp_path):
    with pytest.raises(ValueError, match="too short 6"):
        build(rendered[0], tmp_path, min_seconds=5.0)
    assert not (tmp_path / "out/posecap.json").exists()
