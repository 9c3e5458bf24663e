# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor stream`: lines in, lines out, and what happens to bad ones."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tmor_hf import TMorFeatureExtractor
from tmor_hf.cli import main
from tmor_hf.cli.stream import read_frame

ENTRY = [
    sys.executable,
    "-c",
    "import signal, sys; from tmor_command import main\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell starts jobs with the signal ignored
    "sys.exit(main())",
]


@pytest.fixture
def checkpoint(classifier, tmp_path) -> Path:
    classifier.save_pretrained(tmp_path / "model")
    TMorFeatureExtractor(layout="coco17").save_pretrained(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def lines(random_clip) -> list[str]:
    """A clip of two people as lines of JSON, with null for a joint that is missing."""
    clip = random_clip(frames=12, people=2, layout="coco17", coordinates=2)
    clip.keypoints[:, :, 3] = np.nan
    frames = np.where(np.isnan(clip.keypoints), None, clip.keypoints.astype(object)).tolist()
    return [
        json.dumps(
            {"time": number / 30, "people": [{"id": f"p{i}", "keypoints": one} for i, one in enumerate(people)]}
        )
        for number, people in enumerate(frames)
    ]


@pytest.fixture
def stream(checkpoint, monkeypatch, capsys):
    """Runs the command on lines: its exit code, its lines as objects, and its words."""

    def run(lines: list[str], *words: str) -> tuple[int, list[dict], str]:
        text = io.BytesIO("\n".join(lines).encode(errors="surrogateescape"))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(text))
        code = main(["stream", "--model", str(checkpoint), "--num-frames", "8", *words])
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return run


def test_a_line_for_each_scoring_with_everybody(stream, lines):
    code, rows, err = stream(lines)
    assert (code, err) == (0, "")
    assert [row["time"] for row in rows] == pytest.approx([3 / 30, 7 / 30, 11 / 30])
    for row in rows:
        assert [person["id"] for person in row["people"]] == ["p0", "p1"]
        assert all(person["age"] == 0 and len(person["labels"]) == 3 for person in row["people"])


def test_every_frame_can_have_a_line_with_fewer_labels(stream, lines):
    _, rows, _ = stream(lines, "--every-frame", "--top-k", "1")
    assert len(rows) == 12 and rows[0]["people"] == []
    assert [len(person["labels"]) for person in rows[5]["people"]] == [1, 1]
    assert rows[5]["people"][0]["age"] == pytest.approx(2 / 30, abs=1e-5)


def test_events_start_and_end_with_the_person(stream, lines):
    gone = [json.dumps({"time": 5.0, "people": []})]
    _, rows, _ = stream(lines + gone, "--events", "--start-score", "0.001", "--end-score", "0.0001")
    assert {row["event"] for row in rows if row["time"] < 1} == {"start"}
    assert {(row["id"], row["event"]) for row in rows if row["time"] == 5} == {("p0", "end"), ("p1", "end")}


def test_labels_that_still_run_end_with_the_input(stream, lines):
    _, rows, _ = stream(lines, "--events", "--start-score", "0.001", "--end-score", "0.0001")
    started, ended = ([row for row in rows if row["event"] == event] for event in ("start", "end"))
    assert started and sorted(row["label"] for row in ended) == sorted(row["label"] for row in started)
    assert {row["time"] for row in ended} == {11 / 30} and {row["id"] for row in ended} == {"p0", "p1"}


@pytest.mark.parametrize(
    "bad",
    [
        "{", "[1]", '{"people": 3}', '{"people": [3]}', '{"people": [{"keypoints": "x"}]}', "[" * 100_000,
        '{"people": [{"keypoints": [[1, "2"]]}]}', '{"people": [{"keypoints": [[1, 2], [3]]}]}',
        '{"time": "1", "people": []}', '{"time": 0, "people": []}', '{"time": NaN, "people": []}',
        '{"people": [{"id": [1], "keypoints": []}]}', '{"people": [{"id": 1, "keypoints": [[1, 2]]}]}', "\udce4",
        '{"time": 1e308, "people": []}', f'{{"time": {10**400}, "people": []}}',
        f'{{"people": [{{"keypoints": [[1, {10**400}]]}}]}}',
    ],
)  # fmt: skip
def test_bad_lines_are_told_with_their_number_and_skipped_or_end_it(stream, lines, bad):
    lines = [*lines[:2], bad, *lines[2:]]
    code, rows, err = stream(lines)
    assert code == 1 and len(rows) == 3
    assert err.startswith("tmor: skipped line 3: ") and err.endswith("tmor: skipped 1 line\n") and err.count("\n") == 2
    code, rows, err = stream(lines, "--strict")
    assert code == 1 and rows == [] and err.startswith("tmor: error: line 3: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["--events", "--every-frame"], ["--start-score", "0.5"], ["--events", "--top-k", "1"]]
)
def test_options_that_would_do_nothing_are_refused(stream, lines, words):
    code, rows, err = stream(lines, *words)
    assert code == 1 and rows == [] and "would do nothing with" in err


def test_empty_lines_and_no_lines_are_no_mistake(stream, lines):
    assert stream([]) == (0, [], "")
    assert stream(["", *lines, "  "])[0] == 0


def test_read_frame_gives_what_push_takes():
    frame = read_frame(b'{"people": [{"keypoints": [[1, 2], [null, 3]], "scores": [0.5, 1]}]}')
    np.testing.assert_array_equal(frame["keypoints"], [[[1, 2], [np.nan, 3]]])
    np.testing.assert_array_equal(frame["scores"], [[0.5, 1]])
    assert frame["time"] is None and frame["person_ids"] is None
    with pytest.raises(ValueError, match='"id" of everybody or of nobody'):
        read_frame(b'{"people": [{"id": 1, "keypoints": [[1, 2]]}, {"keypoints": [[1, 2]]}]}')


def test_lines_come_at_once_and_an_interrupt_ends_it_quietly(checkpoint, lines):
    words = [*ENTRY, "stream", "--model", str(checkpoint), "--num-frames", "8"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, text=True, **pipes) as process:
        process.stdin.write("\n".join(lines[:4]) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["people"]  # while standard input stays open
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in err


def test_a_reader_that_leaves_ends_it_quietly(checkpoint, lines):
    words = [*ENTRY, "stream", "--model", str(checkpoint), "--num-frames", "8"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(words, input="\n".join(lines), stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.returncode == 141 and "Traceback" not in done.stderr
