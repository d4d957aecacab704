"""Small videos, made by the tests with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

CODECS = {".mp4": "libx264", ".mkv": "libx264", ".webm": "libvpx-vp9", ".avi": "mpeg4", ".gif": "gif"}
RATE = 10
WIDTH, HEIGHT = 160, 120


def scene(seed: int, frames: int) -> list[np.ndarray]:
    """Frames (120, 160, 3) of a coloured pattern on which a square moves; two seeds look nothing like each other."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    ground = np.kron(blocks, np.ones((20, 20, 1), np.uint8))
    result = []
    for number in range(frames):
        picture = ground.copy()
        picture[50:70, 5 * number % 140 : 5 * number % 140 + 20] = 255 - blocks[0, 0]
        result.append(picture)
    return result


def write_video(path: Path, pictures: Sequence[np.ndarray], rate: int = RATE) -> Path:
    """A video of these frames (h, w, 3) uint8, in the format that the name tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec = CODECS[path.suffix]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        container.mux(stream.encode())
    return path
