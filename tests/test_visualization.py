# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pictures and films of clips: what is where in them, and in which colour."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tmor_hf import JointLayout, Skeletons, get_layout
from tmor_hf.data.synthetic import generate_clip
from tmor_hf.processing.joint_layouts import LAYOUTS
from tmor_hf.visualization import View, animate_clip, plot_clip
from tmor_hf.visualization.pictures import _key_frames
from tmor_hf.visualization.scene import CENTRE, LEFT, RIGHT, make_scene

pytest.importorskip("matplotlib")
Image = pytest.importorskip("PIL.Image")
av = pytest.importorskip("av")

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)
FRONT = View(azimuth=0, elevation=0)
# A person who stands facing +z, arms stretched out; the person's left is +x.
STANDING = {
    "pelvis": (0, 1, 0), "spine": (0, 1.15, 0), "chest": (0, 1.3, 0), "neck": (0, 1.45, 0), "head": (0, 1.65, 0),
    "nose": (0, 1.62, 0.1), "shoulder": (0.2, 1.4, 0), "elbow": (0.45, 1.4, 0), "wrist": (0.7, 1.4, 0),
    "hand": (0.8, 1.4, 0), "hip": (0.1, 1, 0), "knee": (0.1, 0.5, 0), "ankle": (0.1, 0.1, 0),
    "foot": (0.1, 0.02, 0.15),
}  # fmt: skip
TURNS = {  # how data with another up axis writes the point (x, y, z) of a y-up world
    "y": lambda x, y, z: (x, y, z),
    "-y": lambda x, y, z: (x, -y, -z),
    "z": lambda x, y, z: (x, -z, y),
    "-z": lambda x, y, z: (x, z, -y),
    "x": lambda x, y, z: (y, -x, z),
    "-x": lambda x, y, z: (-y, x, z),
}


def standing(frames: int = 3, **fields) -> Skeletons:
    points = []
    for joint in get_layout("tmor22").joints:
        x, y, z = STANDING[joint.removeprefix("left_").removeprefix("right_")]
        points.append((-x if joint.startswith("right_") else x, y, z))
    return Skeletons(np.tile(np.array(points, dtype=np.float32), (frames, 1, 1)), **fields)


def joint(name: str, layout: str = "tmor22") -> int:
    return get_layout(layout).joints.index(name)


def pixels(figure, dpi: int = 100) -> np.ndarray:
    figure.set_dpi(dpi)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)


def places(image: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """(N, 2) rows and columns of the pixels of this colour, without the legend in the top row of a picture."""
    found = np.argwhere(np.abs(image - colour).max(axis=-1) < 12)
    return found[found[:, 0] > 25]


def picture(clip: Skeletons, **options) -> np.ndarray:
    return pixels(plot_clip(clip, 1, **{"view": FRONT, **options}))


def moving(frames: int = 20, seed: int = 0, **fields) -> Skeletons:
    clip = generate_clip(np.random.default_rng(seed), "wave", num_frames=frames, sensor=None).skeletons
    return Skeletons(clip.keypoints, **{"fps": 10, **fields})


def in_pixels(frames: int = 12, height: int = 90, width: int = 120, **fields) -> Skeletons:
    """A 2D clip: the standing person in the left half of an image, rows downwards."""
    points = standing(frames).keypoints[..., :2] * [1, -1] * 40 + [width / 4, height * 0.95]
    return Skeletons(points, **{"fps": 12, "image_size": (height, width), **fields})


class TestSides:
    def test_a_person_who_faces_us_has_the_left_at_our_right(self):
        image = picture(standing())
        blue, orange = places(image, BLUE), places(image, ORANGE)
        assert len(blue) > 100 and len(orange) > 100
        assert blue[:, 1].min() > orange[:, 1].max()

    @pytest.mark.parametrize("heading", [0.0, 1.0, 3.0, -2.0])
    def test_people_are_turned_to_the_camera(self, heading):
        cos, sin = np.cos(heading), np.sin(heading)
        turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        clip = standing()
        turned = make_scene(Skeletons(clip.keypoints @ turn.T), FRONT, None, False)
        np.testing.assert_allclose(turned.points, make_scene(clip, FRONT, None, False).points, atol=1e-5)

    def test_from_behind_the_left_is_at_the_left(self):
        image = picture(standing(), view=View(azimuth=180, elevation=0))
        assert places(image, BLUE)[:, 1].max() < places(image, ORANGE)[:, 1].min()

    def test_azimuth_brings_the_left_side_nearer(self):
        scene = make_scene(standing(), View(azimuth=60, elevation=0), None, False)
        assert scene.nearness[0, 0, joint("left_wrist")] > scene.nearness[0, 0, joint("right_wrist")]

    @pytest.mark.parametrize("name", sorted(LAYOUTS))
    def test_sides_follow_the_names_of_every_layout(self, name):
        layout = get_layout(name)
        points = np.random.default_rng(0).normal(size=(1, layout.num_joints, 3))
        sides = make_scene(Skeletons(points, layout=name), FRONT, None, False).joint_sides
        for label, side in zip(layout.joints, sides, strict=True):
            if "left" in label or label.endswith("_L"):
                assert side == LEFT
            elif "right" in label or label.endswith("_R"):
                assert side == RIGHT
        assert {LEFT, RIGHT, CENTRE} >= set(sides)

    def test_a_bone_across_the_body_belongs_to_the_middle(self):
        scene = make_scene(Skeletons(np.ones((1, 17, 3)), layout="coco17"), FRONT, None, False)
        names = get_layout("coco17").joints
        sides = {(names[a], names[b]): side for (a, b), side in zip(scene.bones, scene.bone_sides, strict=True)}
        assert sides["left_shoulder", "right_shoulder"] == CENTRE
        assert sides["nose", "right_shoulder"] == RIGHT

    def test_people_differ_a_little_and_keep_their_sides(self):
        clip = standing()
        two = Skeletons(np.concatenate([clip.keypoints, clip.keypoints + [2, 0, 0]], axis=1))
        image = picture(two)
        first, second = places(image, BLUE), places(image, (86, 180, 233))
        assert len(first) and len(second) and first[:, 1].max() < second[:, 1].min()


class TestUpright:
    @pytest.mark.parametrize("up_axis", sorted(TURNS))
    def test_any_up_axis_gives_the_same_picture(self, up_axis):
        clip = moving(6)
        turned = np.stack(TURNS[up_axis](*np.moveaxis(clip.keypoints, -1, 0)), axis=-1)
        expected = make_scene(clip, View(), None, True)
        scene = make_scene(Skeletons(turned, up_axis=up_axis), View(), None, True)
        np.testing.assert_allclose(scene.points, expected.points, atol=1e-4)
        head, foot = scene.points[0, 0, joint("head")], scene.points[0, 0, joint("left_foot")]
        assert head[1] > foot[1]

    def test_image_rows_grow_downwards(self):
        scene = make_scene(in_pixels(), FRONT, None, False)
        points = scene.points[0, 0]
        assert points[joint("head"), 1] > points[joint("left_foot"), 1]
        assert points[joint("left_wrist"), 0] > points[joint("right_wrist"), 0], "columns grow to the right"

    def test_2d_with_y_up_is_upright_too(self):
        flat = standing().keypoints[..., :2]
        points = make_scene(Skeletons(flat, up_axis="y"), FRONT, None, False).points[0, 0]
        assert points[joint("head"), 1] > points[joint("left_foot"), 1]

    def test_lengths_are_equal_in_both_directions(self):
        figure = plot_clip(standing(), 1, view=FRONT)
        image = pixels(figure, 200)
        orange, blue = places(image, ORANGE), places(image, BLUE)
        span = blue[:, 1].max() - orange[:, 1].min()  # hand to hand: 1.6
        grey = places(image, (77, 77, 77))
        grey = grey[grey[:, 0] < blue[:, 0].max()]
        body = blue[:, 0].max() - grey[:, 0].min()  # head to foot: 1.63
        assert abs(span / body - 1.6 / 1.63) < 0.03

    @pytest.mark.parametrize("scale,shift", [(1e-9, 0), (1e3, 5e3), (1e15, -3e15)])
    def test_the_unit_does_not_matter(self, scale, shift):
        clip = moving(5)
        scaled = Skeletons(clip.keypoints.astype(np.float64) * scale + shift)
        expected = make_scene(clip, View(), None, True)
        scene = make_scene(scaled, View(), None, True)
        np.testing.assert_allclose(scene.points, expected.points, atol=2e-3)
        assert [len(lines) for lines in scene.floor] == [len(lines) for lines in expected.floor]

    def test_the_floor_lies_under_the_feet(self):
        scene = make_scene(standing(), View(elevation=10), None, False)
        feet = scene.points[0, 0, [joint("left_foot"), joint("right_foot")]]
        heights = scene.floor[0][..., 1]
        assert len(scene.floor[0]) >= 4
        assert heights.min() <= feet[:, 1].max() and heights.max() < scene.points[0, 0, joint("pelvis"), 1]
        assert not len(make_scene(in_pixels(), FRONT, None, False).floor[0])


class TestMissing:
    def test_a_joint_that_was_not_seen_is_faint(self):
        clip = standing()
        full = picture(clip, frames=[1])
        clip.keypoints[1, 0, joint("left_hand")] = np.nan
        clip.keypoints[1, 0, joint("left_wrist")] = np.nan
        image = picture(clip, frames=[1])
        solid, before = places(image, BLUE), places(full, BLUE)
        assert solid[:, 1].max() < before[:, 1].max() - 10, "nothing that was not seen is solid"
        is_tinted = (image.max(axis=-1) - image.min(axis=-1) > 20) & (image[..., 2] > image[..., 0])
        assert np.argwhere(is_tinted)[:, 1].max() > before[:, 1].max() - 6, "but there it is, faint"

    def test_a_guess_lies_between_its_neighbours_in_time(self):
        clip = standing(5)
        clip.keypoints[..., 0] += np.arange(5)[:, None, None] * 0.1  # the whole body walks
        clip.keypoints[0, 0, joint("left_hand"), 1] += 0.4
        complete = make_scene(clip, FRONT, None, False)
        clip.keypoints[1:4, 0, joint("left_hand")] = 0
        scene = make_scene(clip, FRONT, None, False)
        assert not scene.seen[1:4, 0, joint("left_hand")].any()
        track, others = scene.points[:, 0, joint("left_hand")], complete.points[:, 0, joint("left_hand")]
        np.testing.assert_allclose(track[2], (others[0] + others[4]) / 2, atol=1e-5)

    def test_at_the_ends_a_guess_moves_along_with_the_body(self):
        clip = standing(5)
        clip.keypoints[..., 0] += np.arange(5)[:, None, None] * 0.3
        complete = make_scene(clip, FRONT, None, False).points
        clip.scores = np.ones((5, 1, 22), dtype=np.float32)
        clip.scores[3:, 0, joint("right_knee")] = 0
        clip.keypoints[3:, 0, joint("right_knee")] = 99  # a wild value of score 0
        np.testing.assert_allclose(make_scene(clip, FRONT, None, False).points, complete, atol=1e-5)

    def test_a_joint_that_is_never_seen_is_nowhere(self):
        clip = standing()
        clip.keypoints[:, 0, joint("left_foot")] = np.nan
        assert np.isnan(make_scene(clip, FRONT, None, False).points[:, 0, joint("left_foot")]).all()

    def test_a_person_who_is_away_is_not_drawn(self):
        clip = standing()
        two = np.concatenate([clip.keypoints, clip.keypoints + [2, 0, 0]], axis=1)
        two[1, 1] = np.nan
        scene = make_scene(Skeletons(two), FRONT, None, False)
        assert np.isnan(scene.points[1, 1]).all() and np.isfinite(scene.points[[0, 2], 1]).all()
        assert not len(places(picture(Skeletons(two), frames=[1]), (86, 180, 233)))

    @pytest.mark.parametrize("coordinates", [2, 3])
    def test_a_clip_without_anybody_is_an_empty_picture_that_says_so(self, coordinates, tmp_path):
        clip = Skeletons(np.full((4, 2, 22, coordinates), np.nan), image_size=(20, 30))
        figure = plot_clip(clip)
        assert "nobody seen" in [text.get_text() for axes in figure.axes for text in axes.texts]
        assert animate_clip(clip, tmp_path / "empty.gif").stat().st_size > 0

    def test_a_wild_joint_does_not_shrink_the_people(self):
        clip = moving(40)
        body = make_scene(clip, View(), None, False).body
        clip.keypoints[7, 0, 3] = 1e4
        assert make_scene(clip, View(), None, False).body > body / 4


class TestPictures:
    @pytest.mark.parametrize("name", sorted(LAYOUTS))
    @pytest.mark.parametrize("coordinates", [2, 3])
    def test_every_layout_draws(self, name, coordinates):
        layout = get_layout(name)
        points = np.random.default_rng(0).normal(size=(3, 2, layout.num_joints, coordinates))
        image = picture(Skeletons(points, layout=name))
        assert len(places(image, BLUE)) > 5 and len(places(image, ORANGE)) > 5

    def test_a_layout_of_ones_own_draws_with_or_without_bones(self):
        points = np.array([[[0.0, 1, 0], [1, 1, 0], [0.5, 2, 0]]])
        bones = JointLayout("three", ("l", "r", "top"), bones=((2, 0), (2, 1)), mirror_pairs=((0, 1),))
        dots = JointLayout("dots", ("l", "r", "top"), bones=())
        with_bones = picture(Skeletons(points, layout=bones))
        assert len(places(with_bones, BLUE)) > 20 and len(places(with_bones, ORANGE)) > 20
        assert (picture(Skeletons(points, layout=dots))[30:] < 200).any()

    def test_one_panel_for_each_key_frame(self):
        clip = moving(30)
        figure = plot_clip(clip, 5, title="a title", caption="a caption")
        labels = [axes.get_title() for axes in figure.axes]
        assert labels == ["0.00 s", "0.70 s", "1.40 s", "2.20 s", "2.90 s"]
        words = {text.get_text() for text in figure.texts}
        assert {"a title", "a caption", "left", "right"} <= words
        assert len(plot_clip(standing(2), 8).axes) == 2

    def test_without_a_frame_rate_frames_have_numbers(self):
        assert plot_clip(standing(), frames=[0, 2]).axes[1].get_title() == "frame 2"

    def test_key_frames_by_motion_go_where_the_motion_is(self):
        clip = standing(100)
        clip.keypoints[60:80, 0, joint("left_hand"), 1] += np.linspace(0, 1, 20)
        clip.keypoints[80:, 0, joint("left_hand"), 1] += 1
        even, motion = (_key_frames(clip, 8, frames) for frames in ("even", "motion"))
        assert ((60 <= motion) & (motion <= 80)).sum() >= 5 > ((60 <= even) & (even <= 80)).sum()
        assert motion[0] == 0 and motion[-1] == 99
        assert list(_key_frames(standing(20), 4, "motion")) == list(_key_frames(standing(20), 4, "even"))

    def test_words_with_signs_that_matplotlib_reads_stay_words(self):
        pixels(plot_clip(standing(), title=r"costs $5 and $6 \frac{1}_^", caption="$"))

    def test_long_words_take_several_lines_inside_the_picture(self):
        figure = plot_clip(standing(), 2, title="a long title " * 12)
        figure.canvas.draw()
        title = next(text for text in figure.texts if "long" in text.get_text())
        box = title.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1

    @pytest.mark.parametrize(
        "options", [{"frames": "odd"}, {"num_frames": 0}, {"frames": [3]}, {"frames": [-1]}, {"frames": [0.5]}]
    )
    def test_wrong_key_frames_are_refused(self, options):
        with pytest.raises(ValueError, match="expected"):
            plot_clip(standing(), **options)

    def test_an_array_is_refused_with_the_cure(self):
        with pytest.raises(ValueError, match=r"Skeletons\(array"):
            plot_clip(np.zeros((3, 22, 3)))


class TestCamera:
    def test_a_film_stands_still_and_key_frames_follow(self):
        clip = standing(10)
        clip.keypoints[..., 0] += np.arange(10)[:, None, None] * 1.0
        pelvis = joint("pelvis")
        still = make_scene(clip, FRONT, None, may_follow=False).points[:, 0, pelvis, 0]
        following = make_scene(clip, FRONT, None, may_follow=True).points[:, 0, pelvis, 0]
        assert np.ptp(still) > 1 and np.ptp(following) < 1e-5

    def test_the_floor_goes_by_under_a_camera_that_follows(self):
        clip = standing(10)
        clip.keypoints[..., 0] += np.arange(10)[:, None, None] * 0.13
        scene = make_scene(clip, View(is_following=True), None, False)
        assert not all(np.array_equal(scene.floor[0], lines) for lines in scene.floor)
        scene = make_scene(clip, View(is_following=False), None, True)
        assert all(np.array_equal(scene.floor[0], lines) for lines in scene.floor)

    def test_everything_seen_is_inside(self):
        scene = make_scene(moving(50), View(), None, False)
        assert scene.points.min() >= 0
        assert (scene.points[..., 0] <= scene.aspect).all() and (scene.points[..., 1] <= 1).all()


class TestFilms:
    def test_a_gif_has_the_frames_and_the_time_of_the_clip(self, tmp_path):
        clip = moving(25, fps=24)
        path = animate_clip(clip, tmp_path / "clip.gif")
        with Image.open(path) as film:
            durations = []
            for number in range(film.n_frames):
                film.seek(number)
                durations.append(film.info["duration"])
            assert film.n_frames == 25 and max(film.size) == 480
        assert abs(sum(durations) - 25 / 24 * 1000) <= 10 and set(durations) == {40, 50}

    def test_a_fast_gif_leaves_frames_out_and_keeps_the_pace(self, tmp_path):
        path = animate_clip(moving(60, fps=120), tmp_path / "clip.gif", size=80)
        with Image.open(path) as film:
            total = 0
            for number in range(film.n_frames):
                film.seek(number)
                total += film.info["duration"]
            assert film.n_frames == 20 and total == 500

    def test_an_mp4_decodes_with_its_size_rate_and_frames(self, tmp_path):
        path = animate_clip(moving(15), tmp_path / "clip.mp4", fps=12.5, size=201)
        with av.open(str(path)) as film:
            stream = film.streams.video[0]
            frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(stream)]
            assert float(stream.average_rate) == 12.5
        assert len(frames) == 15 and max(frames[0].shape) in (201, 202)
        assert all(size % 2 == 0 for size in frames[0].shape[:2])
        assert np.abs(frames[0] - frames[-1]).max() > 100

    def test_a_film_shows_each_frame_as_the_picture_does(self, tmp_path):
        clip = standing(4)
        clip.keypoints[2:, 0, joint("left_hand")] = np.nan
        path = animate_clip(clip, tmp_path / "clip.gif", view=FRONT)
        with Image.open(path) as film:
            images = []
            for number in range(4):
                film.seek(number)
                images.append(np.array(film.convert("RGB")).astype(int))
        assert places(images[0], BLUE)[:, 1].max() > places(images[3], BLUE)[:, 1].max() + 10

    @pytest.mark.parametrize("suffix", [".gif", ".mp4"])
    def test_a_clip_of_one_frame(self, suffix, tmp_path):
        assert animate_clip(standing(1), tmp_path / f"clip{suffix}", size=64).stat().st_size > 0

    @pytest.mark.parametrize(
        "name,options",
        [("a.avi", {}), ("a.gif", {"fps": 0}), ("a.gif", {"fps": float("nan")}), ("a.mp4", {"size": 2})],
    )
    def test_what_does_not_fit_is_refused(self, name, options, tmp_path):
        with pytest.raises(ValueError, match="expected"):
            animate_clip(standing(), tmp_path / name, **options)
        assert not list(tmp_path.iterdir())

    def test_a_film_that_fails_leaves_the_old_one(self, tmp_path, monkeypatch):
        path = animate_clip(standing(2), tmp_path / "clip.gif", size=64)
        before = path.read_bytes()

        def fail(*args):
            raise RuntimeError("disk full")

        monkeypatch.setattr("tmor_hf.visualization.films.write_gif", fail)
        with pytest.raises(RuntimeError):
            animate_clip(standing(3), path)
        assert path.read_bytes() == before and [entry.name for entry in tmp_path.iterdir()] == ["clip.gif"]


def grey_video(frames: int, height: int = 90, width: int = 120) -> np.ndarray:
    """Frame number times ten as grey, so that a frame can be told by its colour."""
    levels = (np.arange(frames) * 10 + 40).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (frames, height, width, 3)).copy()


def corner(image: np.ndarray) -> float:
    """Mean of the lower right part, where there is no person and no word."""
    return float(image[-40:-8, -40:-8].mean())


class TestVideo:
    def test_a_film_has_the_size_of_its_video_and_its_images(self, tmp_path):
        path = animate_clip(in_pixels(12), tmp_path / "clip.mp4", video=grey_video(12))
        with av.open(str(path)) as film:
            frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert len(frames) == 12 and frames[0].shape == (90, 120, 3)
        np.testing.assert_allclose([corner(frame) for frame in frames], np.arange(12) * 10 + 40, atol=4)

    @pytest.mark.parametrize("size", [None, 60, 240])
    def test_in_a_film_the_person_stands_at_its_pixels(self, size, tmp_path):
        clip = in_pixels(3)
        path = animate_clip(
            clip, tmp_path / "clip.gif", video=grey_video(3), size=size, title="a title", caption="words"
        )
        with Image.open(path) as film:
            image = np.array(film.convert("RGB")).astype(int)
        scale = (size or 120) / 120
        assert image.shape[1] == 120 * scale and image.shape[0] > 90 * scale
        top = image.shape[0] - round(90 * scale) - 27  # under the image is one line of words
        hip = clip.keypoints[0, 0, [joint("left_hip"), joint("left_knee")]].mean(axis=0) * scale
        row, column = int(hip[1]) + top, int(hip[0])
        near = image[row - 2 : row + 3, column - 2 : column + 3].reshape(-1, 3)
        assert np.abs(near - BLUE).max(axis=-1).min() < 40

    def test_the_person_stands_at_its_pixels(self):
        clip = in_pixels(3)
        figure = plot_clip(clip, 1, video=grey_video(3), height=4.5)  # 450 pixels for 90
        image = pixels(figure)
        top = image.shape[0] - 450 - 21
        wrist = clip.keypoints[0, 0, joint("left_wrist")] * 5
        place = (int(wrist[1]) + top, int(wrist[0]))
        near = image[place[0] - 3 : place[0] + 4, place[1] - 3 : place[1] + 4].reshape(-1, 3)
        assert np.abs(near - BLUE).max(axis=-1).min() < 12

    def test_fewer_images_are_spread_over_the_clip(self):
        figure = plot_clip(in_pixels(9), frames=[0, 4, 8], video=grey_video(3))
        shown = [corner(axes.get_images()[0].get_array()) for axes in figure.axes]
        assert shown == [40, 50, 60]

    def test_a_file_is_followed_in_time(self, tmp_path):
        levels = animate_clip(in_pixels(20, fps=10), tmp_path / "video.mp4", video=grey_video(20))
        clip = in_pixels(5, fps=5)
        figure = plot_clip(clip, 5, video=levels, video_start=0.4)
        shown = [corner(axes.get_images()[0].get_array()) for axes in figure.axes]
        np.testing.assert_allclose(shown, 40 + 10 * np.array([4, 6, 8, 10, 12]), atol=4)

    def test_a_file_is_spread_where_the_frame_rate_is_not_known(self, tmp_path):
        levels = animate_clip(in_pixels(21, fps=10), tmp_path / "video.mp4", video=grey_video(21))
        figure = plot_clip(in_pixels(3, fps=None), 3, video=levels)
        shown = [corner(axes.get_images()[0].get_array()) for axes in figure.axes]
        np.testing.assert_allclose(shown, [40, 140, 240], atol=4)

    def test_the_video_may_be_smaller_than_the_images_were(self):
        large = in_pixels(3, height=900, width=1200)
        large = Skeletons(in_pixels(3).keypoints * 10, image_size=(900, 1200))
        expected = make_scene(in_pixels(3), FRONT, (90, 120), False)
        np.testing.assert_allclose(make_scene(large, FRONT, (90, 120), False).points, expected.points, atol=1e-6)

    def test_relative_coordinates_count_in_images(self):
        relative = Skeletons(in_pixels(3).keypoints / [120, 90], image_size=(90, 120))
        for video in (None, (90, 120)):
            expected = make_scene(in_pixels(3), FRONT, video, False)
            np.testing.assert_allclose(make_scene(relative, FRONT, video, False).points, expected.points, atol=1e-6)

    def test_3d_on_a_video_is_refused(self):
        with pytest.raises(ValueError, match="2D"):
            plot_clip(standing(), video=grey_video(3))

    @pytest.mark.parametrize("video", [np.zeros((3, 8, 8)), np.zeros((3, 8, 8, 3)), np.zeros((0, 8, 8, 3), np.uint8)])
    def test_what_is_no_video_is_refused(self, video):
        with pytest.raises(ValueError, match="expected video frames"):
            plot_clip(in_pixels(), video=video)

    def test_a_file_that_is_no_video_is_named(self, tmp_path):
        path = tmp_path / "video.mp4"
        with pytest.raises(FileNotFoundError, match="video.mp4"):
            plot_clip(in_pixels(), video=path)
        path.write_bytes(b"no video" * 100)
        with pytest.raises(ValueError, match="video.mp4"):
            plot_clip(in_pixels(), video=path)


def test_a_hundred_frames_take_a_few_seconds(tmp_path):
    import time

    clip = generate_clip(np.random.default_rng(0), "walk", num_frames=100).skeletons
    start = time.perf_counter()
    animate_clip(clip, tmp_path / "clip.gif")
    assert time.perf_counter() - start < 20  # about one on an idle core


@pytest.mark.parametrize("missing", ["matplotlib", "PIL", "av"])
def test_a_missing_extra_is_named(missing, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)
    path = tmp_path / ("clip.gif" if missing == "PIL" else "clip.mp4")
    with pytest.raises(ImportError, match=r"tmor_hf\[viz\]"):
        animate_clip(standing(), path)


LEAVES_ALONE = """
import json, sys
import numpy as np
import tmor_hf.visualization
at_import = sorted({"matplotlib", "av"} & set(sys.modules))
import matplotlib
settings = lambda: dict(dict.items(matplotlib.rcParams))  # looking at the backend through rcParams would choose one
before = settings()
clip = tmor_hf.Skeletons(np.random.rand(3, 22, 3))
tmor_hf.visualization.plot_clip(clip).savefig(sys.argv[1])
print(json.dumps({
    "at_import": at_import,
    "pyplot": "matplotlib.pyplot" in sys.modules,
    "same": settings() == before,
}))
"""


def test_matplotlib_is_left_alone(tmp_path: Path):
    path = tmp_path / "clip.png"
    done = subprocess.run([sys.executable, "-c", LEAVES_ALONE, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report == {"at_import": [], "pyplot": False, "same": True} and path.stat().st_size > 0
