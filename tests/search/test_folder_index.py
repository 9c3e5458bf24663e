# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The index of a folder follows the folder: only what is new is embedded, what is gone is dropped."""

from __future__ import annotations

import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tmor_hf import Skeletons, TMorModel, TMorSkeletonModel
from tmor_hf.search import INDEX_FOLDER, MotionIndex, embed_motion, embed_query, folder_index, index_folder
from tmor_hf.search.folder_index import fingerprint
from tmor_hf.search.windows import cut_windows


@pytest.fixture
def folder(tmp_path, random_clip):
    """Five clips, one in a folder of its own, and one of ten seconds."""
    folder = tmp_path / "recordings"
    (folder / "day 2").mkdir(parents=True)
    for place in range(4):
        random_clip(frames=20, fps=30).save(folder / ("day 2" if place == 3 else "") / f"clip{place}.npz")
    random_clip(frames=100, fps=10).save(folder / "long.npz")
    return folder


@pytest.fixture
def embedded(monkeypatch) -> list[int]:
    """Grows by the number of windows that go through the model."""
    counts: list[int] = []
    embed_clips = folder_index.embed_clips

    def counting(model, feature_extractor, clips, **options):
        counts.append(len(clips))
        return embed_clips(model, feature_extractor, clips, **options)

    monkeypatch.setattr(folder_index, "embed_clips", counting)
    return counts


@pytest.fixture
def build(folder, tiny_model, tiny_feature_extractor):
    def build(model=tiny_model, **options) -> MotionIndex:
        return index_folder(folder, model, tiny_feature_extractor, progress=False, **options)

    return build


def names(index: MotionIndex) -> list[str]:
    return sorted({span.name for span in index.spans})


def assert_same(one: MotionIndex, other: MotionIndex) -> None:
    order, other_order = (sorted(range(len(index)), key=lambda i: index.spans[i]) for index in (one, other))
    assert [one.spans[i] for i in order] == [other.spans[i] for i in other_order]
    np.testing.assert_allclose(one.embeddings[order], other.embeddings[other_order], atol=1e-5)


def test_every_window_of_every_file_is_there_and_each_clip_finds_itself(
    build, folder, tiny_model, tiny_feature_extractor
):
    index = build()
    assert names(index) == ["clip0.npz", "clip1.npz", "clip2.npz", "day 2/clip3.npz", "long.npz"]
    spans = [(span.start, span.end, span.unit) for span in index.spans if span.name == "long.npz"]
    assert spans == [(0, 4, "seconds"), (2, 6, "seconds"), (4, 8, "seconds"), (6, 10, "seconds")]
    for name in names(index)[:4]:
        (hit,) = index.search(embed_motion(tiny_model, tiny_feature_extractor, Skeletons.load(folder / name)), 1)
        assert (hit.name, hit.start) == (name, 0)
        assert hit.score == pytest.approx(1, abs=1e-5) and hit.end == pytest.approx(20 / 30)


def test_a_part_of_a_long_recording_finds_its_place(build, folder, tiny_model, tiny_feature_extractor):
    long = Skeletons.load(folder / "long.npz")
    part = Skeletons(long.keypoints[40:80], fps=10, layout=long.layout)
    (hit,) = build().search(embed_motion(tiny_model, tiny_feature_extractor, part), 1)
    assert hit[:3] == ("long.npz", 4.0, 8.0)


def test_only_new_and_changed_files_are_embedded(build, folder, embedded, random_clip):
    first = build()
    assert sum(embedded) == 8
    embedded.clear()
    assert_same(first, build())
    assert embedded == []
    random_clip(frames=15, fps=30).save(folder / "new.npz")
    assert len(build()) == 9 and embedded == [1]
    embedded.clear()
    changed = random_clip(frames=20, fps=30)
    changed.save(folder / "clip1.npz")
    os.utime(folder / "clip1.npz", ns=(1, 1))
    after = build()
    assert embedded == [1] and len(after) == 9
    assert_same(after, build(rebuild=True))


def test_files_that_are_gone_are_dropped(build, folder, embedded):
    build()
    embedded.clear()
    (folder / "long.npz").unlink()
    assert names(build()) == ["clip0.npz", "clip1.npz", "clip2.npz", "day 2/clip3.npz"]
    assert embedded == []
    assert len(MotionIndex.load(folder / INDEX_FOLDER)) == 4


@pytest.mark.parametrize("options", [{"window_seconds": 5}, {"stride_seconds": 1}, {"fps": 24}, {"rebuild": True}])
def test_another_window_or_way_of_reading_starts_anew(build, embedded, options):
    build()
    before = sum(embedded)
    index = build(**options)
    assert sum(embedded) - before == len(index) > 5


def test_another_model_starts_anew_but_not_another_copy(build, embedded, tiny_model, tmp_path):
    build()
    tiny_model.save_pretrained(tmp_path / "copy")
    copy = TMorModel.from_pretrained(tmp_path / "copy")
    torch.nn.init.normal_(copy.text_projection.weight)
    embedded.clear()
    build(copy)
    assert embedded == []
    with torch.no_grad():
        next(copy.skeleton_model.parameters()).add_(1)
    build(copy)
    assert sum(embedded) == 8


def test_the_fingerprint_sees_each_part(tiny_model, tiny_feature_extractor):
    before = fingerprint(tiny_model, tiny_feature_extractor)
    assert before == fingerprint(tiny_model, tiny_feature_extractor)
    tiny_feature_extractor.max_people = 1
    assert fingerprint(tiny_model, tiny_feature_extractor) != before
    tiny_feature_extractor.max_people = None
    tiny_model.skeleton_projection.weight.data[0, 0] += 1e-3
    assert fingerprint(tiny_model, tiny_feature_extractor) != before


def test_building_goes_on_where_it_was_stopped(build, folder, monkeypatch, embedded):
    monkeypatch.setattr(folder_index, "_WINDOWS_AT_ONCE", 2)
    embed_clips, calls = folder_index.embed_clips, []

    def stopping(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return embed_clips(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(folder_index, "embed_clips", stopping)
        with pytest.raises(KeyboardInterrupt):
            build()
    assert sum(embedded) == len(MotionIndex.load(folder / INDEX_FOLDER)) == 2
    embedded.clear()
    index = build()
    assert sum(embedded) == 6
    assert_same(index, build(rebuild=True))


def test_what_was_done_is_saved_now_and_then(build, monkeypatch):
    monkeypatch.setattr(folder_index, "_WINDOWS_AT_ONCE", 1)
    saved, save = [], MotionIndex.save
    monkeypatch.setattr(MotionIndex, "save", lambda index, target: saved.append(len(index)) or save(index, target))
    build(save_seconds=0)
    assert saved == [1, 2, 3, 4, 8]
    build()
    assert len(saved) == 5  # nothing new, nothing written
    build(rebuild=True, save_seconds=1000)
    assert saved[5:] == [8]


def test_a_stop_between_two_steps_doubles_nothing(build, folder):
    index = build()
    index.metadata["files"].pop("clip0.npz")  # its windows are there, the note that it is done is not
    index.save(folder / INDEX_FOLDER)
    assert len(build()) == 8


def test_damaged_files_are_reported_and_tried_again(build, folder, embedded, random_clip, caplog):
    (folder / "bad.npz").write_bytes(b"PK no archive")
    failures: dict[str, str] = {}
    index = build(on_failure=failures.__setitem__)
    assert len(index) == 8 and list(failures) == ["bad.npz"] and "bad.npz" in caplog.text
    embedded.clear()
    random_clip(frames=9).save(folder / "bad.npz")
    assert len(build()) == 9 and embedded == [1]


def test_a_file_that_the_model_cannot_take_costs_no_other(build, folder, monkeypatch):
    embed_clips = folder_index.embed_clips

    def refusing(model, feature_extractor, clips, **options):
        if any(clip.fps == 10 for clip in clips):
            raise ValueError("no joint was seen")
        return embed_clips(model, feature_extractor, clips, **options)

    monkeypatch.setattr(folder_index, "embed_clips", refusing)
    failures: dict[str, str] = {}
    assert len(build(on_failure=failures.__setitem__)) == 4
    assert failures == {"long.npz": "long.npz: no joint was seen"}


def test_a_window_in_which_hardly_anybody_is_seen_costs_no_other(
    build, folder, embedded, random_clip, tiny_model, tiny_feature_extractor
):
    """Of 40 frames, 8 are looked at; one that is seen alone may lie between them."""
    tiny_feature_extractor.num_frames = 8
    clip = random_clip(frames=200, fps=10)
    clip.keypoints[43:157] = np.nan
    clip.keypoints[101] = clip.keypoints[0]
    clip.save(folder / "sparse.npz")
    failures: dict[str, str] = {}
    index = build(on_failure=failures.__setitem__)
    spans = [span[1:3] for span in index.spans if span.name == "sparse.npz"]
    assert failures == {} and spans == [(0, 4), (2, 6), (4, 8), (8, 12), (10, 14), (12, 16), (14, 18), (16, 20)]
    embedded.clear()
    assert len(build()) == len(index) and embedded == []
    embedding = embed_motion(tiny_model, tiny_feature_extractor, clip)
    mean = index.embeddings[[span.name == "sparse.npz" for span in index.spans]].mean(axis=0)
    np.testing.assert_allclose(embedding, mean / np.linalg.norm(mean), atol=1e-5)


def test_a_rebuild_that_can_read_nothing_leaves_nothing_of_before(build, folder, monkeypatch, embedded):
    build()
    with monkeypatch.context() as patch:
        patch.setattr(folder_index, "iter_skeletons", lambda path, **options: open(folder / "none"))
        failures: dict[str, str] = {}
        assert len(build(rebuild=True, on_failure=failures.__setitem__)) == 0 and len(failures) == 5
    assert len(MotionIndex.load(folder / INDEX_FOLDER)) == 0
    embedded.clear()
    assert len(build()) == sum(embedded) == 8


def test_a_damaged_index_is_built_anew(build, folder, embedded, caplog):
    build()
    (folder / INDEX_FOLDER / "index.safetensors").write_bytes(b"damage")
    embedded.clear()
    assert len(build()) == sum(embedded) == 8 and "damaged" in caplog.text


def test_the_index_may_be_kept_elsewhere(build, folder, tmp_path):
    build(index_dir=tmp_path / "index")
    assert not (folder / INDEX_FOLDER).exists() and len(MotionIndex.load(tmp_path / "index")) == 8


def test_wrong_windows_and_folders_are_refused(build, folder, tmp_path, tiny_model, tiny_feature_extractor):
    wrong = [{"window_seconds": 0}, {"stride_seconds": 0}, {"window_seconds": 1, "stride_seconds": 2}]
    wrong += [{"window_seconds": value} for value in (float("inf"), float("nan"))]
    for options in wrong:
        with pytest.raises(ValueError, match="stride"):
            build(**options)
    with pytest.raises(FileNotFoundError):
        index_folder(tmp_path / "none", tiny_model, tiny_feature_extractor)


def test_windows_without_anybody_are_left_out_and_frames_count_without_a_rate(random_clip):
    clip = random_clip(frames=300)
    clip.keypoints[:130] = np.nan
    windows = list(cut_windows(clip, 4, 2))
    assert [window[1:] for window in windows] == [
        (60, 180, "frames"), (120, 240, "frames"), (180, 300, "frames")
    ]  # fmt: skip
    assert [window.skeletons.num_frames for window in windows] == [120] * 3
    clip.keypoints[:] = 0
    assert list(cut_windows(clip, 4, 2)) == []


def test_a_window_longer_than_the_clip_takes_the_whole_however_long_it_is(random_clip):
    clip = random_clip(frames=50, fps=30)
    for seconds in (2, 1e308):
        (window,) = cut_windows(clip, seconds, seconds)
        assert (window.skeletons.num_frames, window.start, window.end) == (50, 0, 50 / 30)
    assert [window.start for window in cut_windows(clip, 1e308, 1)] == [0]


class TestQueries:
    def test_the_words_reach_the_tokenizer_as_they_are(self, tiny_model, tiny_processor):
        seen = []

        def tokenizer(text, **options):
            seen.extend(text)
            return tiny_processor.tokenizer(text, **options)

        query = "a person waving with the left hand {}"
        embedding = embed_query(tiny_model, SimpleNamespace(tokenizer=tokenizer), query)
        assert seen == [query]
        assert np.linalg.norm(embedding) == pytest.approx(1)
        right = embed_query(tiny_model, tiny_processor, query.replace("left", "right"))
        assert np.abs(right - embedding).max() > 1e-4

    def test_one_template_is_the_text_feature_itself(self, tiny_model, tiny_processor):
        tokens = tiny_processor(text=["jumping"], return_tensors="pt")
        feature = tiny_model.get_text_features(**tokens).pooler_output[0].detach().numpy()
        embedding = embed_query(tiny_model, tiny_processor, "jumping", templates=("{}",))
        np.testing.assert_allclose(embedding, feature / np.linalg.norm(feature), atol=1e-6)

    def test_a_model_without_words_searches_by_example_only(
        self, build, folder, tiny_skeleton_config, tiny_processor, tiny_feature_extractor
    ):
        model = TMorSkeletonModel(tiny_skeleton_config)
        with pytest.raises(ValueError, match="by a clip only"):
            embed_query(model, tiny_processor, "jumping")
        clip = Skeletons.load(folder / "clip2.npz")
        assert build(model).search(embed_motion(model, tiny_feature_extractor, clip), 1)[0].name == "clip2.npz"

    def test_empty_queries_are_refused(self, tiny_model, tiny_processor, tiny_feature_extractor, random_clip):
        with pytest.raises(ValueError, match="words"):
            embed_query(tiny_model, tiny_processor, " ")
        clip = random_clip(frames=9)
        clip.keypoints[:] = np.nan
        with pytest.raises(ValueError, match="visible joints"):
            embed_motion(tiny_model, tiny_feature_extractor, clip)
        with pytest.raises(ValueError, match="stride"):
            embed_motion(tiny_model, tiny_feature_extractor, random_clip(), window_seconds=float("inf"))
