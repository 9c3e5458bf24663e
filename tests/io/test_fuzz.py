# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""2,000 damaged files for each form of the JSON and table families: an error that names the file, or success."""

from __future__ import annotations

import warnings
from pathlib import Path

import forms
import pytest
from fuzzing import assert_survives

from tmor_hf.io import read_skeletons

FORMS = list(forms.all_forms())
pytestmark = pytest.mark.filterwarnings("ignore:positions are relative")


@pytest.mark.parametrize("case", range(len(FORMS)), ids=[f"{name}-{index}" for index, (name, *_) in enumerate(FORMS)])
def test_damaged_files_do_no_harm(case, tmp_path):
    name, suffix, data = FORMS[case]

    def read(path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for format in (None, name):  # found out, and insisted upon, which gets further into the reader
                try:
                    read_skeletons(path, format)
                except ValueError:
                    if format:
                        raise

    assert_survives(read, tmp_path / f"clip{suffix}", data, seed=case)


def test_damaged_frames_of_a_folder_do_no_harm(tmp_path):
    folder = forms.openpose_folder(tmp_path / "walk", forms.walkers("openpose25", frames=3))
    path = sorted(folder.iterdir())[1]
    assert_survives(lambda _: read_skeletons(folder), path, path.read_bytes())
