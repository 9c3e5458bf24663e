# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Sets in a prepared form: a folder with `data.npz` (no pickles) and `meta.json`.

`kp[offsets[i]:offsets[i + 1]]` is recording i as (T, V, C), relative to joint 0 where an array `root` exists.

Axes: T frames, V joints, C coordinates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...processing.skeletons import Skeletons
from ..captions import class_texts
from ..clips import MotionClip

_FILES = ("data.npz", "meta.json")


class Prepared(NamedTuple):
    """Arrays and facts of one set."""

    name: str
    arrays: dict[str, np.ndarray]
    meta: dict[str, Any]

    def rows(self, index: int) -> slice:
        """The frames of recording `index`."""
        return slice(*self.arrays["offsets"][index : index + 2])

    def world(self, index: int) -> np.ndarray:
        """(T, V, C) float32 world positions of recording `index`."""
        rows = self.rows(index)
        keypoints = self.arrays["kp"][rows].astype(np.float32)
        return keypoints + self.arrays["root"][rows, None] if "root" in self.arrays else keypoints

    def clip(self, label: int, skeletons: Skeletons, name: str, **known: Any) -> MotionClip:
        """A clip of the class `label` with its words."""
        return labelled_clip(self.name, self.meta["classes"][label], int(label), skeletons, name, **known)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Phrase of each class."""
        texts = class_texts(self.name) if "classes" in self.meta else {}
        return tuple(texts[name].phrase for name in self.meta.get("classes", ()))


def labelled_clip(
    dataset: str, class_name: str, label: int, skeletons: Skeletons, name: str, **known: Any
) -> MotionClip:
    """A clip with the words of its class; `known` counts more."""
    text = class_texts(dataset)[class_name]
    fields = {"captions": text.captions, "group": text.group, **known}
    return MotionClip(skeletons, name, dataset, label=label, class_name=text.phrase, **fields)


def is_prepared(folder: Path) -> bool:
    """Whether a folder holds a set in the prepared form."""
    return all((folder / file).is_file() for file in _FILES)


def read_prepared(name: str, folder: Path) -> Prepared:
    """Reads a set in the prepared form.

    Raises:
        FileNotFoundError: If its files are not there.
    """
    for file in _FILES:
        if not (folder / file).is_file():
            raise FileNotFoundError(f"expected {folder / file}; pass the folder that holds {folder.name}/ as data_dir")
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    with np.load(folder / "data.npz", allow_pickle=False) as file:
        return Prepared(name, {key: file[key] for key in file.files}, meta)


__all__ = ["Prepared", "is_prepared", "labelled_clip", "read_prepared"]
