"""Frames of a video file, decoded once, in order, by FFmpeg (PyAV).

Only frames that are taken are converted to full-size RGB. A file that breaks in the middle gives the frames before
the break, and then the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stages.contracts.errors import ImageError
from stages.contracts.vocabulary import Status
from stages.core.sampling import GLANCE_SIDE, Chooser, Sampling

ENDS_EARLY = 0.9
"""Share of the promised duration, less a second, before which the last frame is a sign that the rest is missing: the
sound may well be longer than the pictures, and a header rounds."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame: its number in the file (from 0), when it is shown (seconds), and upright pixels (h, w, 3) uint8 RGB."""

    number: int
    time_s: float
    pixels: np.ndarray
    format: str


@dataclass
class Reach:
    """How far a video could be decoded: until when its last frame is shown, seconds."""

    end_s: float = 0.0


def frames(path: Path, sampling: Sampling, max_pixels: int, reach: Reach | None = None) -> Iterator[Frame]:
    """The frames that `sampling` asks for.

    Parameters
    ----------
    reach : is told how far the video goes, as it is decoded; also by the frames that are not taken.

    Raises
    ------
    ImageError : at once where nothing can be decoded, or after the last good frame where the file breaks.
    """
    import av

    av.logging.set_level(av.logging.PANIC)  # what is broken is told in our row, not on the terminal
    if not path.stat().st_size:
        raise ImageError(Status.EMPTY, "empty: a file of no bytes")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ImageError(Status.UNREADABLE, f"not a video: {_said(error)}") from None
    with container:
        yield from _of(container, sampling, max_pixels, reach or Reach())


def _of(container: object, sampling: Sampling, max_pixels: int, reach: Reach) -> Iterator[Frame]:
    import av

    if not container.streams.video:
        raise ImageError(Status.UNREADABLE, "not a video: it has no picture, only sound or text")
    stream = container.streams.video[0]
    if stream.codec_context.width * stream.codec_context.height > max_pixels:
        raise ImageError(
            Status.TOO_LARGE, f"too large: {stream.codec_context.width} x {stream.codec_context.height} pixels"
        )
    stream.thread_type = "AUTO"
    chooser, number, time_s = Chooser(sampling), -1, 0.0
    try:
        for number, frame in enumerate(container.decode(stream)):
            time_s = _time(frame, number, stream)
            reach.end_s = max(reach.end_s, time_s + _shown_for(frame, stream))
            if chooser.wants(number, time_s, lambda frame=frame: _small(frame)):
                yield Frame(number, time_s, _upright(frame), container.format.name.split(",")[0])
    except (av.FFmpegError, ValueError) as error:
        raise ImageError(Status.UNREADABLE, f"damaged: after {reach.end_s:.1f} s, {_said(error)}") from None
    if number < 0:
        raise ImageError(Status.EMPTY, "empty: a video of no frames")
    promised = (container.duration or 0) / av.time_base
    if time_s < ENDS_EARLY * promised - 1:
        raise ImageError(Status.UNREADABLE, f"truncated: ends after {reach.end_s:.1f} of {promised:.1f} s")


def _time(frame: object, number: int, stream: object) -> float:
    """Seconds from the start of the video; raw streams that carry no time go by the frame rate."""
    if frame.time is None:
        return number / float(stream.average_rate or 25)
    start = float(stream.start_time * stream.time_base) if stream.start_time else 0.0
    return max(round(frame.time - start, 6), 0.0)


def _shown_for(frame: object, stream: object) -> float:
    """Seconds; by the frame rate where the file does not say."""
    if frame.duration and frame.time_base:
        return float(frame.duration * frame.time_base)
    return 1 / float(stream.average_rate or 25)


def _small(frame: object) -> np.ndarray:
    return frame.reformat(width=GLANCE_SIDE, height=GLANCE_SIDE, format="rgb24", interpolation="AREA").to_ndarray()


def _upright(frame: object) -> np.ndarray:
    """Pixels as a player shows them: phones write the frame lying, and how to turn it."""
    pixels = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90) % 4))


def _said(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
