# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""One frame of a scene on one pair of axes: bones from far to near, joints, floor, image, and the words around.

Axes: M people, V joints, S bones, N bones of all people in a frame.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from .scene import LEFT, RIGHT, Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Centre, left, right; a row for each person, then again. Blue and orange differ for every kind of colour blindness.
PALETTE = (("#4d4d4d", "#0072b2", "#d55e00"), ("#8c8c8c", "#56b4e9", "#e69f00"), ("#1a1a1a", "#004a75", "#8f3f00"))
TEXT_COLOUR = "#404040"
_FLOOR_COLOUR = "#dedede"
_FAINT = 0.3  # opacity of what was not seen
_TITLE_SIZE, _CAPTION_SIZE = 11, 9  # points
_LINE = 0.21  # inches
_WIDE = 4.0  # inches, from which the legend stands beside the title
_LEGEND_WIDTH = 0.75  # inches
_LETTER_WIDTH = 0.6  # of a typical letter, as a share of the font's size
_LEGEND = (("left", PALETTE[0][LEFT]), ("right", PALETTE[0][RIGHT]))
_HALO_GAP = 0.25  # share of a bone at either end
_POINTS = 72  # in an inch


class Panel:
    """One frame of a scene; `show` changes the frame without drawing anything anew.

    Args:
        axes: Where to draw.
        scene: What to draw.
        height: Height of the axes in inches, by which lines get their width.
    """

    def __init__(self, axes: Axes, scene: Scene, height: float) -> None:
        from matplotlib.collections import LineCollection
        from matplotlib.colors import to_rgba

        self._axes, self._scene = axes, scene
        self._palette = np.array([[to_rgba(colour) for colour in row] for row in PALETTE])
        self._line_width = float(np.clip(0.02 * scene.body * height * _POINTS, 0.8, 4.0))
        self._halo = np.array(to_rgba("black", 0.65) if scene.has_video else to_rgba("white"))
        axes.set_axis_off()
        axes.set(xlim=(0, scene.aspect), ylim=(0, 1), aspect="equal")
        self._image = None
        self._floor = LineCollection([], colors=_FLOOR_COLOUR, linewidths=0.6, zorder=1)
        self._edge = LineCollection([], colors=_FLOOR_COLOUR, linewidths=0.8, zorder=1)
        self._bones = LineCollection([], capstyle="round", zorder=3)
        for lines in (self._floor, self._edge, self._bones):
            axes.add_collection(lines, autolim=False)
        self._joints = axes.scatter([], [], zorder=4)
        self._note = axes.text(
            scene.aspect / 2, 0.5, "", ha="center", va="center", fontsize=8, color=TEXT_COLOUR, style="italic"
        )

    def show(self, frame: int, image: np.ndarray | None = None) -> None:
        """Shows a frame of the clip, over `image` (height, width, 3) if one is given."""
        scene = self._scene
        if image is not None:
            self._show_image(image)
        self._floor.set_segments(scene.floor[frame])
        if scene.image_box is not None and not scene.has_video:
            left, right, bottom, top = scene.image_box[frame]
            self._edge.set_segments([[(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]])
        self._show_bones(frame)
        self._show_joints(frame)
        self._note.set_text("" if scene.seen[frame].any() else "nobody seen")

    def _show_image(self, image: np.ndarray) -> None:
        if self._image is None:
            extent = (0, self._scene.aspect, 0, 1)
            self._image = self._axes.imshow(
                image, extent=extent, zorder=0, aspect="equal", interpolation="antialiased"
            )
            self._axes.set(xlim=extent[:2], ylim=extent[2:])
        else:
            self._image.set_data(image)

    def _colours(self, sides: np.ndarray, is_sure: np.ndarray) -> np.ndarray:
        """(M, n, 4) for the sides (n,), faint where not sure (M, n)."""
        people = np.arange(len(is_sure)) % len(self._palette)
        colours = self._palette[people[:, None], sides]
        colours[..., 3] = np.where(is_sure, 1.0, _FAINT)
        return colours

    def _show_bones(self, frame: int) -> None:
        scene = self._scene
        ends = scene.points[frame][:, scene.bones]
        is_sure = scene.seen[frame][:, scene.bones].all(axis=-1)
        colours = self._colours(scene.bone_sides, is_sure)
        nearness = scene.nearness[frame][:, scene.bones].mean(axis=-1)
        is_there = np.isfinite(ends).all(axis=(-1, -2))
        # What is not sure lies below all that is.
        order = np.lexsort((nearness[is_there], is_sure[is_there]))
        ends, colours, is_sure = (array[is_there][order] for array in (ends, colours, is_sure))
        # A halo below each bone, drawn just before it and shorter, keeps limbs apart that cross.
        halos = np.where(is_sure[:, None], self._halo, 0.0)
        widths = np.where(is_sure, self._line_width, 0.7 * self._line_width)
        inner = ends + _HALO_GAP * (ends[:, ::-1] - ends)
        self._bones.set_segments(np.stack([inner, ends], axis=1).reshape(-1, 2, 2))
        self._bones.set_color(np.stack([halos, colours], axis=1).reshape(-1, 4))
        self._bones.set_linewidth(np.stack([widths + 0.4 * self._line_width, widths], axis=1).ravel())

    def _show_joints(self, frame: int) -> None:
        scene = self._scene
        points, is_sure = scene.points[frame], scene.seen[frame]
        is_there = np.isfinite(points).all(axis=-1)
        colours = self._colours(scene.joint_sides, is_sure)[is_there]
        is_sure = is_sure[is_there]
        self._joints.set_offsets(points[is_there])
        self._joints.set_facecolor(np.where(is_sure[:, None], colours, [1, 1, 1, 0]))
        self._joints.set_edgecolor(np.where(is_sure[:, None], [1, 1, 1, 0], colours))
        self._joints.set_linewidth(np.where(is_sure, 0, 0.5 * self._line_width))
        self._joints.set_sizes(np.full(len(is_sure), (1.55 * self._line_width) ** 2))


def new_figure(
    scene: Scene, height: float, columns: int, title: str | None, caption: str | None, is_film: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure with a row of axes of the scene's shape, the words around them, and which colour is which side.

    Args:
        scene: What will be drawn.
        height: Height of the axes in inches.
        columns: Number of axes.
        title: Words above.
        caption: Words below.
        is_film: Without words of ours around the axes, so that a film has the size of its video, and without paper
            if there is a video.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    gap = 0.0 if columns == 1 else 0.08
    width = columns * scene.aspect * height + (columns - 1) * gap
    has_legend_beside = not is_film and width > _WIDE
    title = _wrap(title, _TITLE_SIZE, width - (2 * _LEGEND_WIDTH if has_legend_beside else 0))
    caption = _wrap(caption, _CAPTION_SIZE, width)
    legend_room = 0.0 if is_film or (has_legend_beside and title) else _LINE
    title_room, caption_room = (_LINE * (words.count("\n") + 1) + 0.06 if words else 0.0 for words in (title, caption))
    bottom = caption_room + (0.0 if is_film else _LINE)
    total = bottom + height + title_room + legend_room
    figure = Figure(figsize=(width, total), facecolor="none" if is_film and scene.has_video else "white")
    FigureCanvasAgg(figure)
    step = (scene.aspect * height + gap) / width
    grid = [
        figure.add_axes((column * step, bottom / total, scene.aspect * height / width, height / total))
        for column in range(columns)
    ]
    words = {"ha": "center", "va": "center", "color": TEXT_COLOUR}
    figure.text(0.5, 1 - (legend_room + title_room / 2) / total, title, fontsize=_TITLE_SIZE, **words)
    figure.text(0.5, 0.5 * caption_room / total, caption, fontsize=_CAPTION_SIZE, **words)
    _add_legend(figure, title_room if is_film else 0.0, "white" if scene.has_video and is_film else None)
    return figure, grid


def _wrap(words: str | None, size: int, width: float) -> str:
    """Words in lines that fit into a width in inches; dollar signs stay what they are."""
    per_line = max(int(width * _POINTS / (_LETTER_WIDTH * size)), 8)
    return "\n".join(textwrap.wrap(words or "", per_line)).replace("$", r"\$")


def _add_legend(figure: Figure, below: float, outline: str | None) -> None:
    """The words left and right in their colours, at the left, `below` inches under the top."""
    width, height = figure.get_size_inches()
    for place, (word, colour) in zip((0.05, 0.35), _LEGEND, strict=True):
        text = figure.text(place / width, 1 - (below + 0.05) / height, word, fontsize=8, color=colour, weight="bold")
        text.set(ha="left", va="top", path_effects=outlined(outline))


def outlined(colour: str | None) -> list:
    """Path effects that make words readable on images; none without a colour."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.8, foreground=colour)] if colour else []


__all__ = ["PALETTE", "TEXT_COLOUR", "Panel", "new_figure", "outlined"]
