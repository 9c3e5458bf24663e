# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""An index finds what brute force finds, and comes back from its file as it was."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tmor_hf.search import MotionIndex, Span


@pytest.fixture
def embeddings(rng) -> np.ndarray:
    return rng.normal(size=(300, 8)).astype(np.float32) * rng.uniform(0.1, 9, size=(300, 1))


@pytest.fixture
def index(embeddings) -> MotionIndex:
    index = MotionIndex("auto")
    for start in range(0, 300, 90):
        names = range(start, min(start + 90, 300))
        index.add([Span(f"{name}.npz", name, name + 4) for name in names], embeddings[start : start + 90])
    return index


def by_brute_force(query: np.ndarray, embeddings: np.ndarray, count: int) -> list[tuple[str, float]]:
    cosines = [float(query @ row / np.linalg.norm(query) / np.linalg.norm(row)) for row in embeddings.astype(float)]
    best = sorted(range(len(cosines)), key=lambda place: -cosines[place])[:count]
    return [(f"{place}.npz", cosines[place]) for place in best]


def test_hits_are_those_of_brute_force(index, embeddings, rng):
    queries = rng.normal(size=(5, 8))
    for query, hits in zip(queries, index.search(queries, 7), strict=True):
        expected = by_brute_force(query, embeddings, 7)
        assert [hit.name for hit in hits] == [name for name, _ in expected]
        np.testing.assert_allclose([hit.score for hit in hits], [score for _, score in expected], atol=1e-6)
        assert all(hit.end == hit.start + 4 and f"{hit.start:.0f}.npz" == hit.name for hit in hits)
        assert [hit.name for hit in index.search(query, 7)] == [name for name, _ in expected]


def test_each_finds_itself_first_and_no_more_come_than_there_are(index, embeddings):
    hits = index.search(embeddings, 1000)
    assert [row[0].name for row in hits] == [f"{place}.npz" for place in range(300)]
    assert {len(row) for row in hits} == {300}


def test_many_queries_are_compared_piece_by_piece(index, rng, monkeypatch):
    queries = rng.normal(size=(9, 8))
    whole = index.search(queries, 3)
    monkeypatch.setattr("tmor_hf.search.motion_index._SCORES_AT_ONCE", 700)
    for one, other in zip(whole, index.search(queries, 3), strict=True):
        assert [hit.name for hit in one] == [hit.name for hit in other]


def test_equal_scores_keep_their_order():
    index = MotionIndex()
    index.add(["b", "a", "c"], np.ones((3, 2)))
    assert [hit.name for hit in index.search(np.ones(2), 2)] == ["b", "a"]


def test_distinct_hits_do_not_overlap(rng):
    index = MotionIndex()
    index.add([Span("long", start, start + 4) for start in range(0, 40, 2)], np.eye(20) * 0.01 + 1)
    index.add([Span("other", 0, 4), Span("long", 0, 4, clip="second")], rng.normal(size=(2, 20)))
    query = np.ones(20) + np.eye(20)[7]
    hits = index.search(query, 12, distinct=True)
    assert hits[0] == index.search(query, 1)[0] and hits[0].start == 14
    assert [hit.name for hit in hits].count("long") + 1 == len(hits)
    for place, hit in enumerate(hits):
        for better in hits[:place]:
            same = (hit.name, hit.clip) == (better.name, better.clip)
            assert not same or hit.start >= better.end or hit.end <= better.start


def test_of_stretches_without_length_one_of_a_recording_is_distinct():
    index = MotionIndex()
    index.add(["a", "a", "b", Span("a", 0, 4), Span("a", 5, 5), Span("a", 0, 0, clip="second")], np.eye(6) + 1)
    hits = index.search(np.arange(6, 0, -1), 6, distinct=True)
    assert [hit[:3] for hit in hits] == [("a", 0, 0), ("b", 0, 0), ("a", 5, 5), ("a", 0, 0)]


def test_removed_ones_are_not_found(index, embeddings):
    index.remove(["3.npz", "5.npz", "unknown"])
    assert len(index) == 298
    assert index.search(embeddings[4], 1)[0].name == "4.npz"
    assert not {hit.name for hit in index.search(embeddings[3], 298)} & {"3.npz", "5.npz"}
    index.remove([span.name for span in index.spans])
    assert index.search(embeddings[3], 1) == []
    index.add(["new"], np.ones((1, 3)))  # an empty index takes any size
    assert len(index) == 1


def test_what_is_loaded_is_what_was_saved(index, embeddings, tmp_path):
    index.metadata = {"made": ["by", 1]}
    index.add([Span("ä.bvh", 0, 12, "frames", "clip 1")], np.ones((1, 8)))
    index.save(tmp_path)
    loaded = MotionIndex.load(tmp_path)
    assert loaded.spans == index.spans and loaded.metadata == index.metadata
    np.testing.assert_array_equal(loaded.embeddings, index.embeddings)
    assert [row[0].name for row in loaded.search(embeddings[:9], 4)] == [f"{place}.npz" for place in range(9)]
    assert [path.name for path in tmp_path.iterdir()] == ["index.safetensors"]
    MotionIndex().save(tmp_path)
    assert len(MotionIndex.load(tmp_path)) == 0


@pytest.mark.parametrize("number", [np.int64, np.float32, int])
def test_ends_of_stretches_become_floats_and_are_saved(tmp_path, number):
    index = MotionIndex()
    index.add([Span("a", number(0), number(4), "frames")], np.ones((1, 3)))
    assert [type(end) for end in index.spans[0][1:3]] == [float, float]
    index.save(tmp_path)
    assert MotionIndex.load(tmp_path).spans == index.spans == (Span("a", 0.0, 4.0, "frames"),)


def test_a_damaged_file_is_told(index, tmp_path):
    with pytest.raises(FileNotFoundError, match="no index"):
        MotionIndex.load(tmp_path)
    path = index.save(tmp_path)
    data = path.read_bytes()
    for damaged in (data[:-5], data[:4], b"", data.replace(b'"version": 1', b'"version": 9')):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="build it anew"):
            MotionIndex.load(tmp_path)


@pytest.mark.parametrize(
    ("spans", "values", "message"),
    [
        (["a"], np.ones((2, 8)), "one for each name"),
        (["a"], np.ones((1, 7)), "size 8"),
        (["a"], np.zeros((1, 8)), "other than zero"),
        (["a"], np.full((1, 8), np.nan), "finite"),
    ],
)
def test_wrong_embeddings_are_refused_and_change_nothing(index, spans, values, message):
    with pytest.raises(ValueError, match=message):
        index.add(spans, values)
    assert len(index) == 300 == len(index.embeddings)


def test_wrong_queries_are_refused(index):
    for query, top_k in ((np.ones(7), 1), (np.ones(8), 0), (np.ones((1, 1, 8)), 1)):
        with pytest.raises(ValueError, match="expected a query"):
            index.search(query, top_k)


class TestFaiss:
    def test_it_finds_what_numpy_finds(self, index, embeddings, rng):
        pytest.importorskip("faiss")
        other = MotionIndex("faiss")
        other.add(index.spans, embeddings)
        queries = rng.normal(size=(20, 8))
        for own, exact in zip(other.search(queries, 9), index.search(queries, 9), strict=True):
            assert [hit.name for hit in own] == [hit.name for hit in exact]
            np.testing.assert_allclose([hit.score for hit in own], [hit.score for hit in exact], atol=1e-5)
        other.remove([other.search(queries[0], 1)[0].name])
        assert other.search(queries[0], 1)[0].name == index.search(queries[0], 2)[1].name

    def test_auto_takes_it_for_single_queries_to_many_embeddings(self, index, embeddings, monkeypatch):
        asked = []

        def ask(index, units, count):
            asked.append(len(units))
            return index._compare(units, count)

        monkeypatch.setattr(MotionIndex, "_ask_faiss", ask)
        monkeypatch.setattr("tmor_hf.search.motion_index._has_faiss", lambda: True)
        index.search(embeddings[4])
        assert asked == []
        monkeypatch.setattr("tmor_hf.search.motion_index._FAISS_FROM", 300)
        index.search(embeddings[:4])
        assert asked == []
        assert index.search(embeddings[4], 1)[0].name == "4.npz" and asked == [1]

    def test_without_it_the_extra_is_named_and_auto_does_without(self, index, embeddings, monkeypatch):
        monkeypatch.setitem(sys.modules, "faiss", None)
        monkeypatch.setattr("tmor_hf.search.motion_index._FAISS_FROM", 10)
        with pytest.raises(ImportError, match=r"tmor_hf\[faiss\]"):
            MotionIndex("faiss")
        assert index.search(embeddings[4], 1)[0].name == "4.npz"
        with pytest.raises(ValueError, match="exact, faiss, got 'annoy'"):
            MotionIndex("annoy")
