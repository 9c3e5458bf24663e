# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Episodes: what they hold, and that seeds decide it."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf import Skeletons
from tmor_hf.data import FileClips
from tmor_hf.data.benchmarks import ClipFile
from tmor_hf.few_shot import episodes, sample_k_shot


def names(clips):
    return [clip.name for clip in clips]


@pytest.mark.parametrize(("num_queries", "expected"), [(None, 6), (4, 4), (100, 6)])
def test_k_clips_of_each_class_and_other_ones_to_test_on(toy_clips, num_queries, expected):
    episode = sample_k_shot(toy_clips, 2, np.random.default_rng(0), num_queries)
    assert np.bincount(episode.support.labels).tolist() == [2, 2, 2]
    assert np.bincount(episode.query.labels).tolist() == [expected] * 3
    assert not set(names(episode.support)) & set(names(episode.query))
    assert episode.support.class_names == episode.query.class_names == toy_clips.class_names


def test_queries_may_come_from_another_split(toy_clips):
    train, test = toy_clips[:15], toy_clips[15:]
    episode = sample_k_shot(train, 5, np.random.default_rng(0), query_clips=test)
    assert set(names(episode.support)) == set(names(train)) and names(episode.query) == names(test)


def test_an_episode_depends_on_seed_k_and_index_alone(toy_clips):
    draws = [names(episode.support) for episode in episodes(toy_clips, 2, 4, seed=3)]
    again = {episode.index: names(episode.support) for episode in episodes(toy_clips, 2, 4, seed=3, start=2)}
    assert again == {2: draws[2], 3: draws[3]}
    assert len({tuple(draw) for draw in draws}) == 4
    assert names(next(episodes(toy_clips, 2, 1, seed=4)).support) != draws[0]


def test_classes_without_names_get_some(toy_clips):
    episode = sample_k_shot(list(toy_clips), 1, np.random.default_rng(0))
    assert episode.support.class_names == toy_clips.class_names


@pytest.mark.parametrize("k", [8, 9])
def test_a_class_with_too_few_clips_is_named(toy_clips, k):
    with pytest.raises(ValueError, match=f"at least {k + 1} clips of each class.*got 8 of 'walking'; lower k"):
        sample_k_shot(toy_clips, k, np.random.default_rng(0))


def test_wrong_numbers_and_missing_queries_are_refused(toy_clips):
    with pytest.raises(ValueError, match="expected k of at least 1, got 0"):
        sample_k_shot(toy_clips, 0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="num_queries of at least 1"):
        sample_k_shot(toy_clips, 1, np.random.default_rng(0), num_queries=0)
    with pytest.raises(ValueError, match="got none"):
        sample_k_shot(toy_clips, 1, np.random.default_rng(0), query_clips=toy_clips[:0])


# ---------------------------------------------------------------- files that cannot be read


@pytest.fixture
def damaged_clips() -> FileClips:
    """Eight clips of two classes in files; the first two of each cannot be read."""
    files = [
        ClipFile(f"{label}-{number}", f"{label}-{number}", "set", (), str(label), label, f"class {label}")
        for label in (0, 1)
        for number in range(4)
    ]

    def read(path: str) -> Skeletons:
        if int(path[-1]) < 2:
            raise ValueError(f"{path} is damaged")
        return Skeletons(np.ones((3, 1, 17, 2), dtype=np.float32), layout="coco17")

    return FileClips(files, read, "set", ("class 0", "class 1"))


@pytest.mark.parametrize("index", range(10))
def test_the_next_clip_takes_the_place_of_a_damaged_one(damaged_clips, index, caplog):
    episode = sample_k_shot(damaged_clips, 1, np.random.default_rng(index))
    assert episode.support.labels.tolist() == [0, 1]
    names = [[clip.name for clip in part] for part in (episode.support, episode.query)]
    assert not set(names[0]) & set(names[1])
    assert all(clip.name.startswith(str(clip.label)) for part in (episode.support, episode.query) for clip in part)


def test_too_few_clips_that_can_be_read_are_an_error(damaged_clips):
    with pytest.raises(ValueError, match="expected 3 clips of 'class 0' that can be read, got 2"):
        sample_k_shot(damaged_clips, 3, np.random.default_rng(0))


def test_nobody_is_tested_on_what_they_learned_though_the_clips_are_given_twice(damaged_clips):
    clips = damaged_clips.load()
    episode = sample_k_shot(clips, 1, np.random.default_rng(0), query_clips=clips)
    assert not {clip.name for clip in episode.support} & {clip.name for clip in episode.query}
