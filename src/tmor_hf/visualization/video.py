# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The images of a video that belong to the frames of a clip, and the way back to a file.

Axes: T frames of the clip, F frames of the video.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..processing.skeletons import Skeletons


def need(*modules: str) -> None:
    """Imports what the extra `viz` brings.

    Raises:
        ImportError: If it is not there; the message names the extra.
    """
    for name in modules:
        try:
            __import__(name)
        except ImportError as error:
            raise ImportError(f"pictures and films need {name}: pip install tmor_hf[viz]") from error


class Video:
    """Images behind the frames of a clip.

    Args:
        source: (F, height, width, 3) uint8, evenly spread over the clip, or the path of a video file.
        clip: The clip. A file is followed in time where the clip's `fps` is known, else spread evenly like an array.
        start: Time in the file at which the clip starts, in seconds.

    Attributes:
        size: (height, width) in pixels.

    Raises:
        ValueError: If the source is neither, or the file is no video.
        FileNotFoundError: If there is no such file.
    """

    def __init__(self, source: np.ndarray | str | Path, clip: Skeletons, start: float = 0.0) -> None:
        self._clip = clip
        self._start = start
        if isinstance(source, (str, Path)):
            self._path, self._array = Path(source), None
            if not self._path.is_file():
                raise FileNotFoundError(f"expected a video file, found none at {self._path}")
            self.size = next(_decode(self._path))[1].shape[:2]
            return
        self._path, self._array = None, np.asarray(source)
        if (
            self._array.ndim != 4
            or self._array.shape[-1] != 3
            or self._array.dtype != np.uint8
            or not self._array.size
        ):
            raise ValueError(
                f"expected video frames (F, height, width, 3) uint8, got {self._array.dtype} {self._array.shape}"
            )
        self.size = self._array.shape[1:3]

    def images(self, frames: Iterable[int]) -> Iterator[np.ndarray]:
        """(height, width, 3) for each of these frames of the clip, which must rise; the last image stays on."""
        if self._array is not None:
            share = (len(self._array) - 1) / max(self._clip.num_frames - 1, 1)
            yield from (self._array[int(frame * share + 0.5)] for frame in frames)
            return
        times = self._times()
        decoded = _decode(self._path)
        time, image = next(decoded)
        ahead = next(decoded, None)
        for frame in frames:
            while ahead is not None and ahead[0] <= times[frame] + 1e-3:
                time, image = ahead
                ahead = next(decoded, None)
            yield image

    def _times(self) -> np.ndarray:
        """(T,) seconds in the file."""
        count = self._clip.num_frames
        if self._clip.fps is not None:
            return self._start + np.arange(count) / self._clip.fps
        known = np.array([time for time, _ in _decode(self._path, with_images=False)])
        known = known[known >= self._start - 1e-3] if (known >= self._start - 1e-3).any() else known[-1:]
        return known[np.linspace(0, len(known) - 1, count).round().astype(int)]


def _decode(path: Path, with_images: bool = True) -> Iterator[tuple[float, np.ndarray | None]]:
    """Seconds from the first frame, and the image, of each frame of a file, upright."""
    need("av")
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ValueError(f"expected a video, got no video stream in {path}")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            first, count = None, 0
            for frame in container.decode(stream):
                time = count / float(stream.average_rate or 25) if frame.time is None else frame.time
                first = time if first is None else first
                count += 1
                yield time - first, _upright(frame) if with_images else None
    except av.error.FFmpegError as error:
        raise ValueError(f"{path} cannot be read as a video: {error}") from error
    if count == 0:
        raise ValueError(f"expected a video, got one without frames: {path}")


def _upright(frame: Any) -> np.ndarray:
    """The image as players show it: telephones store turned frames."""
    return np.rot90(frame.to_ndarray(format="rgb24"), getattr(frame, "rotation", 0) // 90)


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """An image (height, width, 3) uint8 of this size."""
    if image.shape[:2] == (height, width):
        return image
    need("PIL")
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def write_gif(
    path: Path, images: Iterable[np.ndarray], sample: np.ndarray, count: int, fps: float, colours: int
) -> None:
    """Writes `count` images (height, width, 3) uint8 as a looping GIF, with `colours` colours out of `sample`.

    GIFs count in hundredths of a second: frames last a little longer or shorter, so that the whole keeps its time.
    """
    from PIL import Image

    palette = _with_white(Image.fromarray(sample).quantize(colours, method=Image.Quantize.MEDIANCUT))
    ends = np.round(np.arange(1, count + 1) * 100 / fps).astype(int)
    durations = np.maximum(np.diff(ends, prepend=0), 1) * 10
    frames = (Image.fromarray(image).quantize(palette=palette, dither=Image.Dither.NONE) for image in images)
    first = next(frames)
    first.save(
        path, format="GIF", save_all=True, append_images=frames, duration=durations.tolist(), loop=0, disposal=1,
    )  # fmt: skip


def _with_white(palette: Any) -> Any:
    """The image with its nearly white colours white: a median of a bright paper and its grey lines is not."""
    colours = np.array(palette.getpalette(), dtype=np.uint8).reshape(-1, 3)
    colours[(colours > 246).all(axis=1)] = 255
    palette.putpalette(colours.ravel().tolist())
    return palette


def write_mp4(path: Path, images: Iterable[np.ndarray], fps: float) -> None:
    """Writes images (height, width, 3) uint8 as H.264, which browsers play; odd sizes get one more row or column."""
    import av

    images = iter(images)
    first = next(images)
    rate = Fraction(fps).limit_denominator(1001)
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream(codec, rate=rate, options={"crf": "20"} if codec == "libx264" else {})
        stream.height, stream.width = (size + size % 2 for size in first.shape[:2])
        stream.pix_fmt = "yuv420p"
        for number, image in enumerate(chain([first], images)):
            pad = ((0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.pad(image, pad, mode="edge")), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


__all__ = ["Video", "need", "resized", "write_gif", "write_mp4"]
