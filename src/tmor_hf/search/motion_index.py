# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`MotionIndex`: embeddings of stretches of motion, with the nearest found by cosine.

Axes: N stretches, Q queries, D embedding size.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

_FILE, _VERSION = "index.safetensors", 1
_BACKENDS = ("auto", "exact", "faiss")
_FAISS_FROM = 10_000  # embeddings from which "auto" takes faiss for a single query, if it is installed
_SCORES_AT_ONCE = 1 << 26  # 256 MiB


class Span(NamedTuple):
    """A stretch of a recording.

    Args:
        name: The recording, e.g. its path.
        start: Where it starts, in seconds, or frames if the frame rate is not known.
        end: Where it ends.
        unit: "seconds" or "frames".
        clip: Name of the clip, in a recording of several.
    """

    name: str
    start: float
    end: float
    unit: str = "seconds"
    clip: str | None = None


class Hit(NamedTuple):
    """A stretch that was found, with its cosine similarity to the query."""

    name: str
    start: float
    end: float
    score: float
    unit: str = "seconds"
    clip: str | None = None


class MotionIndex:
    """Stretches of motion by their embeddings.

    ```python
    >>> index = MotionIndex()
    >>> index.add([Span("walk.bvh", 0, 4), Span("wave.bvh", 0, 4)], embeddings)
    >>> index.search(query, top_k=1)
    [Hit(name='wave.bvh', start=0.0, end=4.0, score=0.71, unit='seconds', clip=None)]
    ```

    The search is exact with either backend: faiss holds a copy of the embeddings in an `IndexFlatIP`. On one thread it
    answered a single query in 0.6 to 0.9 of the time of numpy, at all sizes; 32 queries at once, to 10,000 embeddings
    or more, took it four to seven times as long. The copy costs as much as ten or more queries.

    Args:
        backend: ``"exact"``, numpy; ``"faiss"``; or ``"auto"``, faiss for single queries to 10,000 embeddings or more
            where it is installed.

    Attributes:
        metadata: What goes with the index into its file; anything that JSON knows.

    Raises:
        ValueError: For another backend.
        ImportError: For ``"faiss"`` where it is not installed.
    """

    def __init__(self, backend: str = "exact"):
        if backend not in _BACKENDS:
            raise ValueError(f"expected a backend of {', '.join(_BACKENDS)}, got {backend!r}")
        if backend == "faiss":
            _import_faiss()
        self.backend = backend
        self.metadata: dict[str, Any] = {}
        self._spans: list[Span] = []
        self._parts: list[np.ndarray] = []
        self._faiss: Any = None

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The stretches, in the order in which they came."""
        return tuple(self._spans)

    @property
    def embeddings(self) -> np.ndarray:
        """(N, D) float32 of unit length."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate(self._parts)] if self._parts else [np.empty((0, 0), np.float32)]
        return self._parts[0]

    def add(self, spans: Sequence[Span | str], embeddings: np.ndarray) -> None:
        """Adds stretches.

        Args:
            spans: N stretches; a bare name stands for a recording of unknown length, from 0 to 0.
            embeddings: (N, D), brought to unit length here.

        Raises:
            ValueError: If there is not one embedding for each, they differ in size from those that are there, or one
                is zero or not finite.
        """
        spans = [Span(span, 0.0, 0.0) if isinstance(span, str) else Span(*span) for span in spans]
        spans = [span._replace(start=float(span.start), end=float(span.end)) for span in spans]  # numpy's are no JSON
        embeddings = np.asarray(embeddings, dtype=np.float32)
        if embeddings.ndim != 2 or len(embeddings) != len(spans):
            raise ValueError(f"expected embeddings ({len(spans)}, D), one for each name, got {embeddings.shape}")
        if not spans:
            return
        if len(self) and embeddings.shape[1] != self.embeddings.shape[1]:
            raise ValueError(f"expected embeddings of size {self.embeddings.shape[1]}, got {embeddings.shape[1]}")
        unit = _unit(embeddings)
        self._parts = [*self._parts, unit] if len(self) else [unit]
        self._spans += spans
        self._faiss = None

    def remove(self, names: Collection[str]) -> None:
        """Drops all stretches of some recordings; names that are not there are passed over."""
        names = set(names)
        kept = [index for index, span in enumerate(self._spans) if span.name not in names]
        if len(kept) < len(self):
            self._parts = [self.embeddings[kept]] if kept else []
            self._spans = [self._spans[index] for index in kept]
            self._faiss = None

    def search(self, embedding: np.ndarray, top_k: int = 10, *, distinct: bool = False) -> list[Hit] | list[list[Hit]]:
        """The nearest stretches.

        Args:
            embedding: (D,) one query, or (Q, D) several.
            top_k: How many to find; fewer come if there are no more.
            distinct: Leave out stretches that overlap a better one of the same recording, or start with it.

        Returns:
            Hits, best first, those of equal score in the order in which they were added; for (Q, D) a list of them
            for each query.

        Raises:
            ValueError: If the size of the embedding is another, or `top_k` is below 1.
            ImportError: If the backend is faiss and it is not installed.
        """
        queries = np.asarray(embedding, dtype=np.float32)
        if top_k < 1 or queries.ndim not in (1, 2) or (len(self) and queries.shape[-1] != self.embeddings.shape[1]):
            size = self.embeddings.shape[1] if len(self) else "D"
            raise ValueError(
                f"expected a query ({size},) or (Q, {size}) and top_k of at least 1, got {queries.shape} and {top_k}"
            )
        units = _unit(np.atleast_2d(queries))
        if not len(self):
            hits: list[list[Hit]] = [[] for _ in units]
        elif distinct:
            hits = [self._find_distinct(query, top_k) for query in units]
        else:
            hits = self._find(units, min(top_k, len(self)))
        return hits if queries.ndim == 2 else hits[0]

    def save(self, folder: str | os.PathLike) -> Path:
        """Writes the index into a folder as ``index.safetensors``, whole or not at all.

        Names and metadata are JSON in a tensor of bytes: one file cannot disagree with another.

        Returns:
            the file.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": _VERSION, "spans": self._spans, "metadata": self.metadata})
        tensors = {"embeddings": self.embeddings, "json": np.frombuffer(text.encode(), dtype=np.uint8)}
        target = folder / _FILE
        partial = folder / f".part-{_FILE}"
        save_file(tensors, partial)
        os.replace(partial, target)
        return target

    @classmethod
    def load(cls, folder: str | os.PathLike, backend: str = "exact") -> MotionIndex:
        """Reads an index that `save` wrote.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If the file is damaged or of another version.
        """
        path = Path(folder) / _FILE
        if not path.is_file():
            raise FileNotFoundError(f"no index in {folder}: expected {path}")
        index = cls(backend)
        try:
            tensors = load_file(path)
            data = json.loads(tensors["json"].tobytes())
            if data["version"] != _VERSION:
                raise ValueError(f"expected version {_VERSION}, got {data['version']}")
            index.add([Span(*span) for span in data["spans"]], tensors["embeddings"])
            index._parts = [tensors["embeddings"]]  # bit by bit as they were
            index.metadata = data["metadata"]
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no index of motion, or damaged: {error}; build it anew") from error
        return index

    def _find(self, units: np.ndarray, count: int) -> list[list[Hit]]:
        pays = self.backend == "auto" and len(units) == 1 and len(self) >= _FAISS_FROM
        use_faiss = self.backend == "faiss" or (pays and _has_faiss())
        scores, nearest = self._ask_faiss(units, count) if use_faiss else self._compare(units, count)
        return [
            [_hit(self._spans[place], score) for place, score in zip(places.tolist(), row.tolist(), strict=True)]
            for places, row in zip(nearest, scores, strict=True)
        ]

    def _find_distinct(self, unit: np.ndarray, top_k: int) -> list[Hit]:
        count = min(4 * top_k, len(self))
        while True:
            kept: list[Hit] = []
            for hit in self._find(unit[None], count)[0]:
                if not any(_overlap(hit, better) for better in kept):
                    kept.append(hit)
            if len(kept) >= top_k or count == len(self):
                return kept[:top_k]
            count = min(4 * count, len(self))

    def _compare(self, units: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores and places (Q, count), best first."""
        step = max(_SCORES_AT_ONCE // len(self), 1)
        scores, places = [], []
        for start in range(0, len(units), step):
            similarity = units[start : start + step] @ self.embeddings.T
            nearest = np.stack([_best(row, count) for row in similarity])
            scores.append(np.take_along_axis(similarity, nearest, axis=1))
            places.append(nearest)
        return np.concatenate(scores), np.concatenate(places)

    def _ask_faiss(self, units: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        if self._faiss is None:
            self._faiss = _import_faiss().IndexFlatIP(self.embeddings.shape[1])
            self._faiss.add(self.embeddings)
        return self._faiss.search(np.ascontiguousarray(units), count)


def _best(scores: np.ndarray, count: int) -> np.ndarray:
    """Places of the highest of scores (N,), best first, and of equal ones the first."""
    worst = np.partition(scores, -count)[-count]
    places = np.flatnonzero(scores >= worst)
    return places[np.argsort(-scores[places], kind="stable")[:count]]


def _hit(span: Span, score: float) -> Hit:
    return Hit(span.name, span.start, span.end, score, span.unit, span.clip)


def _overlap(one: Hit, other: Hit) -> bool:
    """Whether two hits share time of a recording, or start together: one of no length has no time to share."""
    is_same = (one.name, one.clip) == (other.name, other.clip)
    return is_same and (one.start == other.start or (one.start < other.end and other.start < one.end))


def _unit(embeddings: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(embeddings, axis=-1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ValueError("expected finite embeddings other than zero, got some that are not")
    return embeddings / lengths


def _import_faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise ImportError("the backend 'faiss' is not installed: pip install tmor_hf[faiss]") from error
    return faiss


def _has_faiss() -> bool:
    try:
        _import_faiss()
    except ImportError:
        return False
    return True


__all__ = ["Hit", "MotionIndex", "Span"]
