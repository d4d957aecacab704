"""What every encoder offers; whoever embeds, names or searches knows no more of it than this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np


class Encoder(Protocol):
    """Pictures and texts as unit vectors of one space."""

    dim: int
    """length of a vector"""
    input_size: int
    """shorter side of what the image tower takes, pixels; decoding to twice that loses nothing"""
    logit_scale: float
    """what a cosine is multiplied with before the softmax over texts"""
    engine: str
    """what runs it, for people: runtime, device and precision"""
    fingerprint: str
    """id of everything that changes an image's vector: weights, preprocessing, precision, engine and versions"""

    def preprocess(self, pixels: np.ndarray) -> np.ndarray:
        """One upright RGB picture (h, w, 3) uint8 of any size -> (s, t, 3) uint8. Safe to run in threads."""

    def image_features(self, pixels: np.ndarray) -> np.ndarray:
        """Preprocessed pictures (n, s, t, 3) uint8 -> (n, dim) float32, unit rows."""

    def text_features(self, texts: Sequence[str]) -> np.ndarray:
        """Texts -> (n, dim) float32, unit rows."""

    longest_text: int
    """tokens of a text that are read; what follows is left out"""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, with those that mark its ends."""

    def strange_words(self, texts: Sequence[str]) -> list[str]:
        """Words of the texts that it can make nothing of, as far as it can tell; each once, in their order."""

    def prompt_features(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        """Groups of texts that mean the same, such as one label in several prompts -> (n, dim) float32, unit rows."""


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows (n, d) scaled to length 1, float32."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(norms, 1e-12)).astype(np.float32)


def mean_of_groups(groups: Sequence[Sequence[str]], features: Callable[[Sequence[str]], np.ndarray]) -> np.ndarray:
    """Each group's mean (n, dim), of unit length, over the unit features of its texts.

    References
    ----------
    Radford et al. 2021 (CLIP), section 3.1.4: prompts are averaged in the embedding space.
    """
    flat = features([text for group in groups for text in group])
    starts = np.cumsum([0, *map(len, groups)])
    means = [flat[a:b].mean(axis=0) for a, b in pairwise(starts)]
    return unit(np.stack(means)) if means else flat
