# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""When a label starts and when it ends, out of the scores of a stream."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from .skeleton_stream import StreamResult


@dataclass(frozen=True)
class LabelEvent:
    """A label starts or ends for a person.

    Args:
        kind: ``"start"`` or ``"end"``.
        person_id: Whose label.
        label: The label.
        time: Seconds, on the clock of the stream.
        score: The score that decided; 0 where the person was lost.
    """

    kind: str
    person_id: Hashable
    label: str
    time: float
    score: float


class LabelEvents:
    """Turns results of a stream into starts and ends, with hysteresis, so that a score near a threshold starts once.

    Args:
        start_score: A label starts when its score reaches this.
        end_score: It ends when its score falls below this, or when its person is forgotten.

    Raises:
        ValueError: If `end_score` is above `start_score`.

    Example:

    ```python
    >>> events = LabelEvents(start_score=0.6, end_score=0.4)
    >>> for frame in frames:
    ...     for event in events.update(stream.push(frame), stream.time):
    ...         print(event.time, event.person_id, event.kind, event.label)
    ```
    """

    def __init__(self, start_score: float = 0.6, end_score: float = 0.4) -> None:
        if not end_score <= start_score:
            raise ValueError(f"expected end_score up to start_score, got {end_score} and {start_score}")
        self.start_score = start_score
        self.end_score = end_score
        self._running: dict[tuple[Hashable, float], set[str]] = {}  # by id and since when: an id may come back

    def update(self, results: Sequence[StreamResult], time: float) -> list[LabelEvent]:
        """The events that the results of one frame bring; `time` is that of the frame."""
        people = {(result.person_id, result.since): result for result in results}
        events = []
        for key in [key for key in self._running if key not in people]:
            events += [LabelEvent("end", key[0], label, time, 0.0) for label in sorted(self._running.pop(key))]
        for key, result in people.items():
            if result.is_new:
                events += self._compare(key, {row["label"]: row["score"] for row in result.labels}, time)
        return events

    def _compare(self, key: tuple[Hashable, float], scores: dict[str, float], time: float) -> list[LabelEvent]:
        running = self._running.setdefault(key, set())
        ended = sorted(label for label in running if scores[label] < self.end_score)
        started = [label for label, score in scores.items() if score >= self.start_score and label not in running]
        running.difference_update(ended)
        running.update(started)
        return [
            LabelEvent(kind, key[0], label, time, scores[label])
            for kind, labels in (("end", ended), ("start", started))
            for label in labels
        ]


__all__ = ["LabelEvent", "LabelEvents"]
