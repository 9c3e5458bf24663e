# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Time lines: which rows there are, where their bars lie, and that everything is on the paper."""

from __future__ import annotations

import numpy as np
import pytest

from tmor_hf import plot_timeline

pytest.importorskip("matplotlib")

LABELS = ["walking", "taking a very long look at what stands on the table in the kitchen", "waving", "costs $5 or $6"]


def result(*segments: tuple[float, float, int], fps: float | None = 20.0, num_frames: int = 400, **fields) -> dict:
    spans = [{"start": start, "end": end, "label": LABELS[label], "score": 0.8} for start, end, label in segments]
    unit = "frames" if fps is None else "seconds"
    return {"segments": spans, "unit": unit, "fps": fps, "num_frames": num_frames, "labels": LABELS, **fields}


def bars(axes) -> list[tuple[float, float]]:
    """Starts and ends of all bars, by place in the figure."""
    paths = [path for collection in axes.collections for path in collection.get_paths()]
    return sorted((float(path.vertices[:, 0].min()), float(path.vertices[:, 0].max())) for path in paths)


def rows(axes) -> list[str]:
    return [label.get_text().replace("\n", " ").replace(r"\$", "$") for label in axes.get_yticklabels()]


def test_there_is_a_row_for_each_label_found_and_a_bar_for_each_segment():
    (axes,) = plot_timeline(result((1, 4, 2), (2, 3, 0), (6, 20, 2))).axes
    assert rows(axes) == ["walking", "waving"]
    assert bars(axes) == [(1, 4), (2, 3), (6, 20)]
    assert axes.get_xlim() == (0, 20) and axes.get_xlabel() == "seconds"
    (axes,) = plot_timeline(result((10, 400, 2), fps=None)).axes
    assert bars(axes) == [(10, 400)] and axes.get_xlim() == (0, 400) and axes.get_xlabel() == "frame"


def test_rows_can_be_chosen():
    (axes,) = plot_timeline(result((1, 4, 2)), labels=[LABELS[3], LABELS[2]]).axes
    assert rows(axes) == [LABELS[3], LABELS[2]]
    with pytest.raises(ValueError, match="labels out of those"):
        plot_timeline(result((1, 4, 2)), labels=["flying"])


def test_truth_lies_below_what_was_found_and_brings_its_own_rows():
    truth = [{"start": 2, "end": 5, "label": "waving"}, {"start": 0, "end": 1, "label": "unheard of"}]
    (axes,) = plot_timeline(result((1, 4, 2)), truth).axes
    assert rows(axes) == ["waving", "unheard of"]
    assert bars(axes) == [(0, 1), (1, 4), (2, 5)]
    found, true = (collection.get_paths()[0].vertices[:, 1] for collection in axes.collections[:2])
    assert found.max() < true.min()  # y points down


def test_scores_are_drawn_over_their_row_in_the_time_of_the_recording():
    scores = np.zeros((400, 4), dtype=np.float32)
    scores[100:200, 2] = 1
    (axes,) = plot_timeline(result((5, 10, 2), frame_scores=scores)).axes
    curve = next(line for line in axes.lines if len(line.get_xdata()) == 400)
    high = curve.get_xdata()[curve.get_ydata() < curve.get_ydata().mean()]
    assert 5 <= high.min() and high.max() <= 10
    assert all(len(line.get_xdata()) == 2 for line in plot_timeline(
        result((5, 10, 2), frame_scores=scores), show_scores=False
    ).axes[0].lines)  # fmt: skip


def test_a_short_peak_in_an_hour_is_still_seen():
    scores = np.zeros((108_000, 4), dtype=np.float32)
    scores[54_321, 0] = 1
    (axes,) = plot_timeline(result((1, 2, 0), fps=30.0, num_frames=108_000, frame_scores=scores)).axes
    curve = max(axes.lines, key=lambda line: len(line.get_xdata()))
    assert len(curve.get_xdata()) <= 2000
    assert curve.get_xdata()[curve.get_ydata().argmin()] == pytest.approx(54_321 / 30, abs=2)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert "30:00" in labels and "1:00:00" in labels


def test_people_follow_each_other():
    people = [result((1, 4, 2)), result(), result((5, 6, 0))]
    figure = plot_timeline(people)
    assert [rows(axes) for axes in figure.axes] == [["waving"], [], ["walking"]]
    assert [text.get_text() for text in figure.texts] == ["person 0", "person 1", "person 2"]
    assert "no action found" in [text.get_text() for text in figure.axes[1].texts]
    with pytest.raises(ValueError, match="ground truth of 3 people, got that of 1"):
        plot_timeline(people, [[]])


@pytest.mark.parametrize("scores", [False, True])
def test_nothing_leaves_the_paper_and_no_words_overlap(scores, tmp_path):
    segments = [(index, index + 2, index % 4) for index in range(12)]
    fields = {"frame_scores": np.zeros((400, 4), dtype=np.float32)} if scores else {}
    figure = plot_timeline([result(*segments, **fields)] * 2, title="kitchen $1 and $2.bvh")
    figure.savefig(tmp_path / "timeline.png")
    width, height = figure.get_size_inches() * figure.dpi
    for axes in figure.axes:
        boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
        assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height for box in boxes)
        assert all(upper.y0 >= lower.y1 - 1 for upper, lower in zip(boxes, boxes[1:], strict=False))
    ticks = [label.get_window_extent() for label in figure.axes[-1].get_xticklabels()]
    assert max(box.x1 for box in ticks) <= width


def test_what_is_no_result_is_refused():
    for wrong in ([], {"labels": []}, [3]):
        with pytest.raises(ValueError, match="expected a result of the pipeline"):
            plot_timeline(wrong)
    with pytest.raises(ValueError, match="ground truth as dicts"):
        plot_timeline(result(), [(1, 2, "waving")])
