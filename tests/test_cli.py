# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The command line: what it prints and writes, its exit codes, and its errors of one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tmor_hf import JointLayout, Skeletons, get_layout
from tmor_hf.cli import main
from tmor_hf.cli.convert import safe_name
from tmor_hf.io import FORMATS, read_skeletons

DATA_DIR = os.environ.get("TMOR_DATA_DIR")


@pytest.fixture(autouse=True)
def work_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def clip(frames: int = 12, people: int = 2, seed: int = 0, **fields) -> Skeletons:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(frames, people, 25, 3)) + 3
    return Skeletons(points, **{"layout": "ntu25", "fps": 30, **fields})


def coco_file(path: Path, videos: tuple[str, ...] = ("first", "second")) -> Path:
    """COCO annotations of some videos, as a file that holds several clips."""
    names = list(get_layout("coco17").joints)
    images, annotations = [], []
    for video in videos:
        for frame in range(3):
            number = len(images)
            images.append({"id": number, "file_name": f"{video}/{frame:04d}.jpg", "height": 90, "width": 120})
            joints = np.random.default_rng(number).uniform(5, 85, size=(17, 2)).round(2)
            keypoints = np.concatenate([joints, np.full((17, 1), 2.0)], axis=1).reshape(-1).tolist()
            annotations.append({"id": number, "image_id": number, "category_id": 1, "keypoints": keypoints})
    category = {"id": 1, "name": "person", "keypoints": names}
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": [category]}))
    return path


def run(*words: str, capsys) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def assert_one_line_error(err: str) -> None:
    assert err.startswith("tmor: error: ") and err.count("\n") == 1 and "Traceback" not in err


class TestShow:
    def test_summary_says_what_the_file_holds(self, capsys):
        points = clip()
        points.keypoints[:4, 1] = np.nan
        points.save("walk.npz")
        code, out, err = run("show", "walk.npz", capsys=capsys)
        assert code == 0 and err == ""
        for words in (
            "format    npz", "frames    12 (0.40 s at 30 per second)", "25 in 3D, layout ntu25, up is y",
            "people    2", "missing   16.7%", "1: frames 4 to 11, seen in 8",
        ):  # fmt: skip
            assert words in out

    def test_json_is_the_only_thing_on_standard_output(self, capsys):
        clip(person_ids=np.array([7, 9])).save("walk.npz")
        code, out, _ = run("show", "walk.npz", "--json", "--output", "walk.png", capsys=capsys)
        data = json.loads(out)
        (summary,) = data["clips"]
        assert code == 0 and data["format"] == "npz" and Path("walk.png").stat().st_size > 0
        assert (summary["frames"], summary["fps"], summary["joints"], summary["layout"]) == (12, 30, 25, "ntu25")
        assert [person["id"] for person in summary["people"]] == [7, 9]
        np.testing.assert_allclose(summary["low"], clip().keypoints.min(axis=(0, 1, 2)), rtol=1e-6)

    def test_a_clip_without_anybody_has_a_summary(self, capsys):
        Skeletons(np.full((3, 1, 25, 3), np.nan), layout="ntu25").save("empty.npz")
        code, out, _ = run("show", "empty.npz", capsys=capsys)
        assert code == 0 and "never seen" in out and "missing   100.0%" in out
        assert json.loads(run("show", "empty.npz", "--json", capsys=capsys)[1])["clips"][0]["low"] is None

    @pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.pdf", "a.svg", "a.gif", "a.mp4"])
    def test_every_kind_of_picture(self, name, capsys):
        clip(3, 1).save("walk.npz")
        assert run("show", "walk.npz", "-o", name, "--frames", 2, capsys=capsys)[0] == 0
        assert Path(name).stat().st_size > 0

    def test_options_of_the_readers_count_more_than_the_file(self, capsys):
        np.save("points.npy", np.random.default_rng(0).uniform(1, 80, size=(5, 17, 2)))
        words = ["points.npy", "--layout", "coco17", "--fps", 25, "--image-size", "90x120"]
        code, out, err = run("show", *words, "--json", capsys=capsys)
        assert code == 0, err
        (summary,) = json.loads(out)["clips"]
        assert (summary["layout"], summary["fps"], summary["image_size"]) == ("coco17", 25.0, [90, 120])

    def test_options_of_one_reader_pass_through(self, capsys):
        rows = "\n".join(" ".join(str(value) for value in [2 * n + 1, *range(1, 61)]) for n in range(20))
        Path("joints_s01_e01.txt").write_text(rows)
        code, out, err = run(
            "show", "joints_s01_e01.txt", "--format", "utkinect", "--option", "resample_fps=15", capsys=capsys
        )
        assert code == 0 and "at 15 per second" in out, err
        code, _, err = run("show", "joints_s01_e01.txt", "--format", "utkinect", "--option", "depth=1", capsys=capsys)
        assert code == 1 and "depth" in err
        assert run("show", "a", "--option", "resample_fps", capsys=capsys)[0] == 2

    def test_a_layout_of_ones_own_comes_from_a_file(self, capsys):
        layout = JointLayout("mine", ("a", "b", "c"), bones=((0, 1), (1, 2)))
        Path("mine.json").write_text(json.dumps(layout.to_dict()))
        np.save("points.npy", np.random.default_rng(0).normal(size=(5, 3, 3)))
        code, out, err = run("show", "points.npy", "--layout", "mine.json", "-o", "points.png", capsys=capsys)
        assert code == 0 and "layout mine" in out, err
        Path("mine.json").write_text("[1, 2]")
        code, _, err = run("show", "points.npy", "--layout", "mine.json", capsys=capsys)
        assert code == 1 and "mine.json" in err
        assert_one_line_error(err)

    def test_a_file_of_several_clips_is_listed_and_one_is_chosen(self, capsys):
        coco_file(Path("many.json"))
        code, out, _ = run("show", "many.json", capsys=capsys)
        assert code == 0 and "clips     2" in out and "first" in out and "second" in out
        code, out, err = run("show", "many.json", "-o", "many.png", capsys=capsys)
        assert code == 1 and "--clip" in err and not Path("many.png").exists()
        code, out, _ = run("show", "many.json", "--clip", "second", "-o", "many.png", capsys=capsys)
        assert code == 0 and "clip      second" in out and Path("many.png").exists()
        code, _, err = run("show", "many.json", "--clip", "third", capsys=capsys)
        assert code == 1 and "first, second" in err

    def test_a_video_without_a_picture_is_not_passed_over(self, capsys):
        clip(2, 1).save("walk.npz")
        code, out, err = run("show", "walk.npz", "--video", "walk.mp4", capsys=capsys)
        assert code == 1 and out == "" and "--output" in err
        assert_one_line_error(err)

    def test_a_film_plays_faster_by_speed(self, capsys):
        image = pytest.importorskip("PIL.Image")
        clip(10, 1, fps=10).save("walk.npz")
        run("show", "walk.npz", "-o", "walk.gif", "--speed", 2, capsys=capsys)
        with image.open("walk.gif") as film:
            assert film.n_frames == 10 and film.info["duration"] == 50

    def test_pictures_are_not_replaced_unasked(self, capsys):
        clip(2, 1).save("walk.npz")
        Path("walk.png").write_text("mine")
        code, _, err = run("show", "walk.npz", "-o", "walk.png", capsys=capsys)
        assert code == 1 and "--force" in err and Path("walk.png").read_text() == "mine"
        assert run("show", "walk.npz", "-o", "walk.png", "--force", capsys=capsys)[0] == 0
        assert Path("walk.png").read_bytes()[:4] == b"\x89PNG"


class TestConvert:
    @pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
    def test_a_file_is_the_same_after_conversion(self, suffix, capsys):
        original = clip(person_ids=np.array([1, 2]))
        original.keypoints[3, 0, 4] = np.nan
        original.save("walk.npz")
        code, out, err = run("convert", "walk.npz", f"out{suffix}", capsys=capsys)
        assert code == 0 and out == "" and "wrote" in err
        back = read_skeletons(f"out{suffix}")
        np.testing.assert_allclose(back.keypoints, original.keypoints, rtol=1e-6)
        assert (back.fps, back.layout, list(back.person_ids)) == (30, "ntu25", [1, 2])
        assert sorted(os.listdir()) == sorted({"walk.npz", f"out{suffix}"})

    def test_plain_arrays_say_what_is_lost(self, capsys):
        clip().save("walk.npz")
        code, _, err = run("convert", "walk.npz", "out.npy", capsys=capsys)
        assert code == 0 and "without" in err and np.load("out.npy").shape == (12, 2, 25, 3)

    def test_joints_become_the_canonical_ones(self, capsys):
        original = clip()
        original.save("walk.npz")
        assert run("convert", "walk.npz", "out.npz", "--to-layout", "tmor22", capsys=capsys)[0] == 0
        back = Skeletons.load("out.npz")
        assert back.layout == "tmor22"
        np.testing.assert_allclose(back.keypoints, original.to_layout().keypoints, equal_nan=True)

    def test_several_clips_go_into_a_folder(self, capsys):
        coco_file(Path("many.json"))
        code, _, err = run("convert", "many.json", "one.npz", capsys=capsys)
        assert code == 1 and "several clips" in err and "--clip" in err and not Path("one.npz").exists()
        assert run("convert", "many.json", "clips", capsys=capsys)[0] == 0
        assert sorted(path.name for path in Path("clips").iterdir()) == ["first.npz", "second.npz"]
        assert run("convert", "many.json", "one.npz", "--clip", "first", capsys=capsys)[0] == 0

    def test_a_folder_keeps_its_shape_and_bad_files_are_named_and_skipped(self, capsys):
        Path("in/deep").mkdir(parents=True)
        clip(seed=1).save("in/a.npz")
        clip(seed=2).save("in/deep/b.json")
        Path("in/bad.npz").write_bytes(b"PK no archive")
        code, out, err = run("convert", "in", "out", "--workers", 1, capsys=capsys)
        lines = err.splitlines()
        assert code == 1 and out == ""
        assert [line for line in lines if line.startswith("tmor: skipped") and "bad.npz" in line]
        assert lines[-1] == "tmor: wrote 2 clips to out, 1 file skipped"
        assert sorted(path.relative_to("out").as_posix() for path in Path("out").rglob("*.npz")) == [
            "a.npz", "deep/b.npz",
        ]  # fmt: skip
        np.testing.assert_allclose(Skeletons.load("out/deep/b.npz").keypoints, clip(seed=2).keypoints)

    def test_a_good_folder_exits_with_zero_and_takes_options(self, capsys):
        Path("in").mkdir()
        clip(seed=1).save("in/a.npz")
        code, _, _ = run("convert", "in", "out", "--to", "csv", "--fps", 12, "--to-layout", "tmor22", capsys=capsys)
        assert code == 0
        back = read_skeletons("out/a.csv")
        assert back.fps == 12 and back.layout == "tmor22"

    @pytest.mark.parametrize("output", ["out.npz", "out"])
    def test_nothing_is_replaced_unasked(self, output, capsys):
        clip().save("walk.npz")
        target = Path(output) if output.endswith("npz") else Path(output) / "walk.npz"
        target.parent.mkdir(exist_ok=True)
        target.write_text("mine")
        code, _, err = run("convert", "walk.npz", output, capsys=capsys)
        assert code == 1 and "--force" in err and target.read_text() == "mine"
        assert run("convert", "walk.npz", output, "--force", capsys=capsys)[0] == 0
        assert Skeletons.load(target).num_frames == 12

    def test_a_folder_is_not_converted_into_itself(self, capsys):
        Path("in").mkdir()
        clip().save("in/a.npz")
        for output in ("in", "in/out"):
            code, _, err = run("convert", "in", output, "--force", capsys=capsys)
            assert code == 1 and "elsewhere" in err

    @pytest.mark.parametrize(
        "words",
        [
            ["walk.npz", "out.xyz"], ["in", "out.npz"], ["in", "out", "--clip", "a"],
            ["walk.npz", "out.npz", "--to", "csv"],
        ],
    )  # fmt: skip
    def test_outputs_that_do_not_fit_are_refused(self, words, capsys):
        Path("in").mkdir()
        clip().save("in/a.npz")
        clip().save("walk.npz")
        code, _, err = run("convert", *words, capsys=capsys)
        assert code == 1
        assert_one_line_error(err)

    @pytest.mark.parametrize(
        "name",
        [
            "../../etc/passwd",
            "/root/x",
            "a/../../b",
            "..",
            "",
            "C:\\x\\y",
            "a\0b",
            "x" * 999,
            ".hidden",
            "a/./b",
            "走" * 99,
            "a/NUL.x",
        ],
    )
    def test_names_in_files_never_lead_out_of_the_folder(self, name, tmp_path):
        path = tmp_path / f"{safe_name(name)}.npz"
        assert path.resolve().is_relative_to(tmp_path) and path.name != ".npz" and "\0" not in str(path)
        parts = path.relative_to(tmp_path).parts
        assert all(len(part.encode()) < 200 and not part.lower().startswith((".", "nul.")) for part in parts)

    def test_clips_whose_names_become_the_same_are_all_kept(self, capsys):
        coco_file(Path("many.json"), ("a:b", "a?b", "A_b"))
        assert run("convert", "many.json", "clips", capsys=capsys)[0] == 0
        assert len(list(Path("clips").rglob("*.npz"))) == 3


class TestFormats:
    def test_formats_and_layouts_are_listed(self, capsys):
        code, out, _ = run("formats", capsys=capsys)
        assert code == 0 and all(name in out for name in ("npz", "coco17", "kinect20", "openpose"))
        data = json.loads(run("formats", "--json", capsys=capsys)[1])
        assert {"npz", "json", "csv"} <= {known["name"] for known in data["formats"]}
        assert len({known["name"]: known["joints"] for known in data["layouts"]}["ntu25"]) == 25


class TestPoseCap:
    def test_a_set_is_made_checked_and_never_made_over_other_things(self, capsys):
        pytest.importorskip("pyarrow")
        code, out, err = run("posecap", "mini", "set", "--num-clips", 4, "--seed", 3, capsys=capsys)
        assert code == 0 and out == "" and "wrote 4 clips to set" in err
        code, out, _ = run("posecap", "validate", "set", capsys=capsys)
        assert code == 0 and "valid" in out
        code, _, err = run("posecap", "mini", "set", "--num-clips", 4, capsys=capsys)
        assert code == 1 and "not empty" in err
        assert run("posecap", "mini", "set", "--num-clips", 5, "--force", capsys=capsys)[0] == 0
        report = json.loads(run("posecap", "validate", "set", "--json", capsys=capsys)[1])
        assert report["is_valid"] and report["num_rows"] == 5

    def test_validate_exits_with_one_for_a_damaged_set(self, capsys):
        pytest.importorskip("pyarrow")
        run("posecap", "mini", "set", "--num-clips", 4, capsys=capsys)
        shard = next(Path("set").rglob("*.parquet"))
        shard.write_bytes(shard.read_bytes()[:-200])
        code, out, _ = run("posecap", "validate", "set", capsys=capsys)
        assert code == 1 and "NOT VALID" in out
        assert not json.loads(run("posecap", "validate", "set", "--json", capsys=capsys)[1])["is_valid"]
        code, _, err = run("posecap", "validate", "nowhere", capsys=capsys)
        assert code == 1
        assert_one_line_error(err)

    def test_build_takes_the_options_of_its_arguments(self, capsys, monkeypatch):
        build = pytest.importorskip("tmor_hf.data.posecap.build")
        code, out, _ = run("posecap", "build", "--help", capsys=capsys)
        assert code == 0 and "--licence" in out and "--engine" in out
        code, _, err = run("posecap", "build", capsys=capsys)
        assert code == 2 and "--input" in err
        seen = []
        monkeypatch.setattr(build, "build_posecap", lambda arguments: seen.append(arguments) or "the report")
        words = ["--input", "videos", "--output", "out", "--licence", "CC0-1.0", "--fps", 10]
        code, out, _ = run("--debug", "posecap", "build", *words, capsys=capsys)
        assert code == 0 and out == "the report\n"
        assert (seen[0].input, seen[0].licence, seen[0].fps) == ("videos", "CC0-1.0", 10)


class TestManners:
    @pytest.mark.parametrize(
        "words",
        [[], ["show"], ["convert"], ["formats"], ["posecap"], ["posecap", "validate"], ["posecap", "mini"]],
    )
    def test_help_fits_a_screen(self, words, capsys):
        code, out, _ = run(*words, "--help", capsys=capsys)
        assert code == 0 and out.startswith("usage: tmor")
        assert len(out.splitlines()) <= 42 and max(map(len, out.splitlines())) <= 110

    def test_version(self, capsys):
        import tmor_hf

        assert run("--version", capsys=capsys)[:2] == (0, f"tmor_hf {tmor_hf.__version__}\n")

    @pytest.mark.parametrize(
        "words",
        [
            [], ["nonsense"], ["show"], ["show", "a", "b"], ["show", "a", "--fps", "0"], ["show", "a", "--fps", "abc"],
            ["show", "a", "--image-size", "90"], ["show", "a", "--frames", "0"], ["convert", "a"], ["posecap"],
            ["convert", "a", "b", "--to", "bvh"], ["show", "a", "--unknown"],
            ["posecap", "mini", "a", "--seed", "-1"],
        ],
    )  # fmt: skip
    def test_wrong_calls_exit_with_two_and_one_line(self, words, capsys):
        code, out, err = run(*words, capsys=capsys)
        assert code == 2 and out == ""
        assert_one_line_error(err)
        assert re.search(r"see tmor.* --help", err) and "invalid" not in err.replace("invalid choice", "")

    @pytest.mark.parametrize("command", ["show", "convert"])
    def test_missing_damaged_and_unknown_files_exit_with_one(self, command, capsys):
        Path("empty.json").write_text("")
        Path("words.txt").write_text("hello\nworld\n")
        Path("cut.npz").write_bytes(b"PK\x03\x04 cut")
        Path("poses.pkl").write_bytes(b"\x80\x04cos\nsystem\n")
        for name in ("none.npz", "empty.json", "words.txt", "cut.npz", "poses.pkl"):
            code, out, err = run(command, name, *(["out.npz"] if command == "convert" else []), capsys=capsys)
            assert code == 1 and out == "" and name in err
            assert_one_line_error(err)

    def test_debug_shows_where(self, capsys):
        with pytest.raises(FileNotFoundError):
            main(["show", "none.npz", "--debug"])
        with pytest.raises(FileNotFoundError):
            main(["--debug", "show", "none.npz"])

    def test_ctrl_c_is_quiet_and_leaves_nothing_half_written(self, capsys, monkeypatch):
        clip().save("walk.npz")

        def stop(skeletons, path):
            Path(path).write_text("half")
            raise KeyboardInterrupt

        monkeypatch.setattr("tmor_hf.io.write_skeletons", stop)
        code, out, err = run("convert", "walk.npz", "out.npz", capsys=capsys)
        assert (code, out, err) == (130, "", "") and os.listdir() == ["walk.npz"]

    def test_a_mistake_of_ours_is_one_line_too(self, capsys, monkeypatch):
        clip().save("walk.npz")

        def fail(*args):
            raise KeyError("x")

        monkeypatch.setattr("tmor_hf.cli.show.summarize", fail)
        code, _, err = run("show", "walk.npz", capsys=capsys)
        assert code == 1 and "KeyError" in err and "--debug" in err
        assert_one_line_error(err)

    def test_a_missing_extra_is_named(self, capsys, monkeypatch):
        clip().save("walk.npz")
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        code, _, err = run("show", "walk.npz", "-o", "walk.png", capsys=capsys)
        assert code == 1 and "tmor_hf[viz]" in err
        assert_one_line_error(err)

    def test_warnings_take_one_line_and_hide_no_result(self, capsys, recwarn):
        detection = {"name": "person", "class": 0, "confidence": 0.9, "box": {}}
        detection["keypoints"] = {"x": [0.5] * 17, "y": [0.25] * 17, "visible": [1] * 17}
        Path("yolo.json").write_text(json.dumps([[detection]]))
        code, out, err = run("show", "yolo.json", "--json", capsys=capsys)
        assert code == 0 and json.loads(out)["format"] == "ultralytics_json"
        assert err.startswith("tmor: warning: ") and err.count("\n") == 1

    def test_logging_is_left_as_it_was(self, capsys):
        import logging

        logger = logging.getLogger("tmor_hf")
        before = (list(logger.handlers), logger.level)
        run("show", "none.npz", capsys=capsys)
        assert (list(logger.handlers), logger.level) == before


@pytest.fixture
def command() -> Path:
    path = Path(sys.executable).parent / "tmor"
    if not path.exists():
        pytest.skip("the package is not installed with its command")
    return path


def test_the_installed_command_works(command, tmp_path):
    clip().save(tmp_path / "walk.npz")
    done = subprocess.run([command, "show", "walk.npz", "--json"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "" and json.loads(done.stdout)["format"] == "npz"


@pytest.mark.slow
def test_a_pipe_that_closes_ends_it_quietly(command):
    reader, writer = os.pipe()
    os.close(reader)
    piped = subprocess.run([command, "formats"], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert piped.returncode == 141 and piped.stderr == ""


@pytest.mark.skipif(DATA_DIR is None, reason="TMOR_DATA_DIR is not set")
def test_every_original_file_is_shown_and_converted(capsys):
    files = [path for path in sorted(Path(DATA_DIR, "raw").rglob("*")) if path.is_file()]
    code, out, err = run("show", *(path for path in files if path.name == "actionLabel.txt"), capsys=capsys)
    assert code == 0 and "199 segments of 10 actions" in out, err
    files = [path for path in files if path.name != "actionLabel.txt"]
    assert len(files) >= 10
    for number, path in enumerate(files):
        code, out, err = run("show", path, "--output", f"{number}.png", capsys=capsys)
        assert code == 0 and "frames" in out, err
        code, _, err = run("convert", path, f"{number}.npz", capsys=capsys)
        assert code == 0, err
        np.testing.assert_array_equal(Skeletons.load(f"{number}.npz").valid, read_skeletons(path).valid)


class TestDocumentation:
    DOCS = Path(__file__).resolve().parents[1] / "docs"

    def test_every_format_is_described_and_shown(self):
        text = (self.DOCS / "formats.md").read_text(encoding="utf-8")
        for known in FORMATS:
            assert f"`{known.name}`" in text, f"docs/formats.md lacks {known.name}"
            assert f"(images/{known.name}.png)" in text, f"docs/formats.md lacks a picture of {known.name}"

    def test_pictures_are_there_and_small(self):
        shown = {
            name
            for path in self.DOCS.glob("*.md")
            for name in re.findall(r"\]\(images/([\w.]+)\)", path.read_text(encoding="utf-8"))
        }
        sizes = {path.name: path.stat().st_size for path in (self.DOCS / "images").iterdir() if path.is_file()}
        assert shown and shown <= set(sizes)
        assert max(sizes.values()) < 200_000 and sum(sizes.values()) < 2_000_000
