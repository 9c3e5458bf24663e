# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import tracemalloc

import numpy as np
import pytest
from rendered_videos import write_video

from tmor_hf.data.posecap.building.videos import VideoError, VideoReader, find_videos, frame_rate


def ramp(count: int, size: tuple[int, int] = (32, 48)) -> list[np.ndarray]:
    """Grey images, each brighter than the one before."""
    return [np.full((*size, 3), 8 * index, dtype=np.uint8) for index in range(count)]


def levels(frames) -> list[int]:
    """Which image of `ramp` each frame is."""
    return [round(float(frame.image.mean()) / 8) for frame in frames]


@pytest.mark.parametrize(
    ("own", "wanted", "rate"),
    [(30, 15, 15), (25, 15, 12.5), (24, 30, 24), (60, 15, 15), (None, 15, 15), (9000, 15, 15)],
)
def test_a_rate_divides_the_videos_own(own, wanted, rate):
    assert frame_rate(own, wanted) == rate


def test_frames_are_evenly_spaced_and_the_right_ones(tmp_path):
    path = write_video(tmp_path / "a.mp4", ramp(30), fps=30)
    with VideoReader(path, fps=10) as video:
        frames = list(video.frames())
        assert video.rate == 10
    assert levels(frames) == list(range(0, 30, 3))
    np.testing.assert_allclose([frame.time for frame in frames], np.arange(10) / 10, atol=1e-6)
    assert frames[0].image.shape == (32, 48, 3) and frames[0].image.dtype == np.uint8


def test_a_part_is_what_the_whole_has_there(tmp_path):
    path = write_video(tmp_path / "a.mp4", ramp(31), fps=15)
    with VideoReader(path, fps=15) as video:
        whole = list(video.frames())
    with VideoReader(path, fps=15) as video:
        part = list(video.frames(0.8, 1.4))
    assert levels(part) == levels(whole)[12:22]
    assert [frame.time for frame in part] == [frame.time for frame in whole][12:22]


def test_a_varying_rate_keeps_its_times(tmp_path):
    # Ten frames at 30 per second, then ten at 10 per second.
    times = [index / 30 for index in range(10)] + [1 / 3 + index / 10 for index in range(10)]
    path = write_video(tmp_path / "a.mp4", ramp(20), fps=15, times=times)
    with VideoReader(path, fps=15) as video:
        frames = list(video.frames())
    found = np.array([frame.time for frame in frames])
    assert np.all(np.diff(found) > 0)
    np.testing.assert_allclose(found, [times[level] for level in levels(frames)], atol=1e-3)
    assert set(range(10, 19)) <= set(levels(frames))  # where the video is slower than the pace, each frame counts


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (-90, -1), (180, 2)])
def test_frames_are_upright(tmp_path, rotation, turns):
    image = np.zeros((32, 48, 3), dtype=np.uint8)
    image[:16, :24] = 200
    path = write_video(tmp_path / "a.mp4", [image] * 3, rotation=rotation)
    with VideoReader(path, fps=15) as video:
        frame = next(video.frames())
    assert np.abs(frame.image.astype(int) - np.rot90(image, turns)).mean() < 3


def test_large_frames_are_scaled_down(tmp_path):
    path = write_video(tmp_path / "a.mp4", ramp(2, size=(64, 128)))
    with VideoReader(path, fps=15, max_side=64) as video:
        assert next(video.frames()).image.shape == (32, 64, 3)


def test_memory_does_not_grow_with_the_length(tmp_path):
    path = write_video(tmp_path / "a.mp4", [np.zeros((240, 320, 3), np.uint8)] * 120)
    tracemalloc.start()
    with VideoReader(path, fps=15) as video:
        assert sum(1 for _ in video.frames()) == 120
    assert tracemalloc.get_traced_memory()[1] < 8 * 240 * 320 * 3
    tracemalloc.stop()


def test_broken_videos_are_errors_that_name_the_file(tmp_path):
    whole = write_video(tmp_path / "a.mp4", ramp(30)).read_bytes()
    files = {"empty.mp4": b"", "text.mp4": b"no video" * 100, "half.mp4": whole[: len(whole) // 2]}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(VideoError, match=name):
            with VideoReader(tmp_path / name, fps=15) as video:
                list(video.frames())


def test_a_file_without_pictures_is_an_error(tmp_path):
    import av

    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(VideoError, match="without pictures"):
        VideoReader(tmp_path / "sound.mp4", fps=15)


def test_videos_are_found_in_the_order_of_their_names(tmp_path):
    for name in ("b/z.mp4", "a.MOV", "b/a.webm", "notes.txt", "b/.hidden.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [video.name for video in find_videos(tmp_path)] == ["a.MOV", "b/a.webm", "b/z.mp4"]
    assert [video.name for video in find_videos(tmp_path / "b/z.mp4")] == ["z.mp4"]
    (tmp_path / "list.txt").write_text("# two of them\nb/z.mp4\n\na.MOV\n")
    assert [video.name for video in find_videos(tmp_path / "list.txt")] == ["a.MOV", "b/z.mp4"]


def test_no_video_and_a_video_twice_are_errors(tmp_path):
    with pytest.raises(ValueError, match="expected videos"):
        find_videos(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "list.txt").write_text("a.mp4\n./a.mp4\n")
    with pytest.raises(ValueError, match="each video once"):
        find_videos(tmp_path / "list.txt")
    with pytest.raises(FileNotFoundError):
        find_videos(tmp_path / "none.mp4")
