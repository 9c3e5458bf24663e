# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import json

import pytest

from tmor_hf.data.posecap.building.given_captions import GivenCaptions, texts_for
from tmor_hf.data.posecap.building.videos import VideoFile


def video(name, path=""):
    return VideoFile(name, str(path), 1, 1)


CSV = """file,caption,label,start,end,licence
a/x.mp4,she walks,walk,0,2,
a/x.mp4,she runs,run,2,6,CC0-1.0
y,he sits,,,,
"""


def test_a_table_speaks_of_parts_of_videos(tmp_path):
    (tmp_path / "captions.csv").write_text(CSV)
    given = GivenCaptions(str(tmp_path / "captions.csv"))
    entries = given.of(video("a/x.mp4"))
    assert texts_for(entries, 0.5, 2.0) == (("she walks",), ("walk",))
    assert texts_for(entries, 1.5, 4.0) == (("she runs",), ("run",))
    assert texts_for(entries, 7.0, 9.0) == ((), ())
    assert texts_for(given.of(video("y.mp4")), 100.0, 105.0) == (("he sits",), ())
    assert [entry.licence for entry in entries] == [None, "CC0-1.0"]
    assert given.of(video("z.mp4")) == []
    assert given.unmatched([video("a/x.mp4")]) == ["y"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", json.dumps([{"file": "x", "captions": ["one", "two", "one"]}])),
        ("c.json", json.dumps({"x.mp4": ["one", "two"]})),
        ("c.json", json.dumps({"x": {"captions": ["one", "two"]}})),
        ("c.jsonl", '{"video": "x", "caption": "one"}\n\n{"video": "x", "caption": " two "}\n'),
        ("c.csv", "file,caption\nx.mp4,one\nx.mp4,two\n"),
    ],
)
def test_all_forms_say_the_same(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    entries = GivenCaptions(str(tmp_path / name)).of(video("x.mp4"))
    assert texts_for(entries, 0, 1)[0] == ("one", "two")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("c.csv", "path,caption\nx,one\n", "row 1"),
        ("c.csv", "file,caption,start\nx,one,soon\n", "row 1"),
        ("c.csv", "file,caption,start,end\nx,one,4,2\n", "row 1"),
        ("c.jsonl", '{"file": "x"}\n{"file"\n', "line 2"),
        ("c.jsonl", "[1]\n", "line 1"),
        ("c.json", "[1, 2]", "objects"),
        ("c.xml", "<x/>", "expected captions as"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, text, place):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=name) as error:
        GivenCaptions(str(tmp_path / name))
    assert place in str(error.value)


def test_files_beside_the_videos(tmp_path):
    given = GivenCaptions("sidecar")
    (tmp_path / "x.txt").write_text("one\n\ntwo\n")
    assert texts_for(given.of(video("x.mp4", tmp_path / "x.mp4")), 0, 1)[0] == ("one", "two")
    (tmp_path / "y.json").write_text('[{"caption": "one", "start": 0, "end": 3}, {"labels": ["walk"]}]')
    assert texts_for(given.of(video("y.mp4", tmp_path / "y.mp4")), 4, 5) == ((), ("walk",))
    assert given.of(video("z.mp4", tmp_path / "z.mp4")) == []
    (tmp_path / "w.json").write_text("3")
    with pytest.raises(ValueError, match="w.json"):
        given.of(video("w.mp4", tmp_path / "w.mp4"))
