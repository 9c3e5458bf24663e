# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Labels start once, end once, and end with their person."""

from __future__ import annotations

import pytest

from tmor_hf.streaming import LabelEvents, StreamResult


def result(person: str, age: float = 0.0, since: float = 0.0, **scores: float) -> StreamResult:
    labels = [{"label": label, "score": score} for label, score in scores.items()]
    return StreamResult(person, 0.0, labels, age, 0.0, since)


def test_a_score_that_wavers_between_the_thresholds_starts_once():
    events = LabelEvents(start_score=0.6, end_score=0.4)
    found = []
    for time, score in enumerate((0.5, 0.6, 0.5, 0.61, 0.41, 0.39, 0.5, 0.7)):
        found += events.update([result("a", walk=score)], time)
    assert [(event.kind, event.time) for event in found] == [("start", 1), ("end", 5), ("start", 7)]


def test_several_labels_of_several_people_are_kept_apart():
    events = LabelEvents(start_score=0.6, end_score=0.4)
    events.update([result("a", walk=0.9, wave=0.8), result("b", walk=0.1, wave=0.7)], 0.0)
    found = events.update([result("a", walk=0.9, wave=0.1), result("b", walk=0.8, wave=0.7)], 1.0)
    assert [(event.kind, event.person_id, event.label) for event in found] == [
        ("end", "a", "wave"),
        ("start", "b", "walk"),
    ]


def test_results_that_are_carried_bring_nothing_and_lost_people_end():
    events = LabelEvents()
    assert events.update([result("a", age=0.1, walk=0.9)], 0.0) == []
    events.update([result("a", walk=0.9)], 1.0)
    (event,) = events.update([], 2.0)
    assert (event.kind, event.person_id, event.label, event.time) == ("end", "a", "walk", 2.0)
    assert events.update([], 3.0) == []


def test_labels_of_who_was_forgotten_end_though_the_same_id_is_named_at_once():
    events = LabelEvents()
    events.update([result("a", walk=0.9)], 0.0)
    found = events.update([result("a", since=9.0, walk=0.8)], 9.0)
    assert [(event.kind, event.time, event.score) for event in found] == [("end", 9.0, 0.0), ("start", 9.0, 0.8)]


def test_thresholds_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="expected end_score up to start_score"):
        LabelEvents(start_score=0.4, end_score=0.6)
