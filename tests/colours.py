"""An encoder that reads colours off the pixels, so that a vector on the wrong row shows; it needs no weights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from stages.encoders.interface import mean_of_groups, unit
from tests.encoder_records import FALLBACK


class Colours:
    """The mean colour of each quarter of a picture, as a unit vector."""

    dim = 12
    input_size = 8
    logit_scale = 1.0
    engine = "numpy"
    fingerprint = "colours"

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.seen = 0

    def preprocess(self, pixels: np.ndarray) -> np.ndarray:
        rows, columns = (np.linspace(0, side - 1, 8).astype(int) for side in pixels.shape[:2])
        return pixels[rows][:, columns]

    def image_features(self, pixels: np.ndarray) -> np.ndarray:
        self.seen += len(pixels)
        if self.stop_after is not None and self.seen > self.stop_after:
            raise KeyboardInterrupt
        quarters = pixels.reshape(len(pixels), 2, 4, 2, 4, 3).mean(axis=(2, 4)).reshape(len(pixels), 12)
        return (quarters / np.linalg.norm(quarters, axis=1, keepdims=True)).astype(np.float32)

    def text_features(self, texts: Sequence[str]) -> np.ndarray:
        raw = [np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint8)[: self.dim] for text in texts]
        return unit(np.array(raw, np.float32).reshape(-1, self.dim))

    def prompt_features(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        return mean_of_groups(groups, self.text_features)


ENCODER = FALLBACK.model_copy(
    update={"model": "colours", "requested": "colours", "revision": "1", "is_fallback": False, "why": "a test"}
    | {"dim": Colours.dim, "input_size": Colours.input_size}
)
