"""256-bit perceptual hash, of a picture and of its mirror image.

The signs of the lowest frequencies of the cosine transform, about their median (Zauner, "Implementation and
benchmarking of perceptual image hash functions", 2010). Resizing, compression and changes of light leave
most of the bits alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

SIDE = 64
"""The picture is brought to a square of this side first, pixels."""
FREQUENCIES = 16
BITS = FREQUENCIES**2
BYTES = BITS // 8
HALF = BITS // 2
FLAT = 3.0
"""Standard deviation under which a row or column is of one colour, grey levels; above what JPEG leaves there."""
SAME_COLOUR = 8.0
"""Difference under which the four sides of a frame are of one colour, grey levels."""
WIDEST_FRAME = 0.25
"""Share of the picture that a frame may take on each side."""

_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
_EVEN, _ODD = (np.packbits(_BITS[:, first::2], axis=1)[:, 0] >> 4 for first in (0, 1))


def perceptual_hashes(grey: np.ndarray) -> tuple[str, str]:
    """Hashes of a picture and of its mirror image (left and right exchanged).

    A frame of one colour is left out: it would move every other pixel, and copies are often framed.

    Parameters
    ----------
    grey : (h, w) uint8 luminance.

    Returns
    -------
    Two strings of 64 hex digits.
    """
    grey = without_frame(grey)
    # Averaging is right for making smaller; for the tiny, which are made larger, it would repeat pixels.
    way = cv2.INTER_AREA if min(grey.shape) >= SIDE else cv2.INTER_LINEAR
    square = cv2.resize(grey, (SIDE, SIDE), interpolation=way)
    low = cv2.dct(square.astype(np.float32))[:FREQUENCIES, :FREQUENCIES]
    # Mirroring turns the sign of every odd horizontal frequency, and nothing else.
    mirrored = low * np.where(np.arange(FREQUENCIES) % 2, -1, 1)
    return _hex(low), _hex(mirrored)


def without_frame(grey: np.ndarray) -> np.ndarray:
    """The picture inside a frame of one colour on all four sides; the whole of it where there is none.

    Parameters
    ----------
    grey : (h, w) uint8 luminance.
    """
    flat = []
    for side in (grey, grey[::-1], grey.T, grey.T[::-1]):
        flat.append(_flat_rows(side))
        if not flat[-1]:
            return grey
    top, bottom, left, right = flat
    sides = [grey[0].mean(), grey[-1].mean(), grey[:, 0].mean(), grey[:, -1].mean()]
    if max(sides) - min(sides) > SAME_COLOUR:
        return grey
    return grey[top : grey.shape[0] - bottom, left : grey.shape[1] - right]


def _flat_rows(grey: np.ndarray) -> int:
    """How many rows from the top have the colour of the first one, up to the widest frame."""
    rows = grey[: int(WIDEST_FRAME * len(grey))].astype(np.float32)
    if not len(rows) or rows[0].std() >= FLAT:
        return 0
    flat = (rows.std(axis=1) < FLAT) & (np.abs(rows.mean(axis=1) - rows[0].mean()) < SAME_COLOUR)
    return len(rows) if flat.all() else int(flat.argmin())


def to_bits(hashes: Sequence[str]) -> np.ndarray:
    """Hashes of 64 hex digits as bytes (n, 32) uint8, eight bits each, as faiss' binary indexes take them."""
    packed = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8)
    return packed.reshape(len(hashes), BYTES)


def halves(hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bits of even and those of odd horizontal frequencies, two arrays (n, 16) uint8, of hashes (n, 32) uint8.

    The even half of a mirror image is the picture's, its odd half the picture's with every bit turned: but for the few
    frequencies that lie between the medians of the two, 1 to 3 % of the bits of photographs.
    """
    return tuple((four[hashes[:, 0::2]] << 4) | four[hashes[:, 1::2]] for four in (_EVEN, _ODD))


def hamming(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Number of differing bits, 0 to 256, between rows of (..., 32) uint8 arrays; int32, leading axes broadcast."""
    return np.bitwise_count(np.bitwise_xor(a, b)).sum(axis=-1, dtype=np.int32)


def _hex(low: np.ndarray) -> str:
    return np.packbits(low > np.median(low)).tobytes().hex()
