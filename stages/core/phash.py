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


def perceptual_hashes(grey: np.ndarray) -> tuple[str, str]:
    """Hashes of a picture and of its mirror image (left and right exchanged).

    Parameters
    ----------
    grey : (h, w) uint8 luminance.

    Returns
    -------
    Two strings of 64 hex digits.
    """
    # Averaging is right for making smaller; for the tiny, which are made larger, it would repeat pixels.
    way = cv2.INTER_AREA if min(grey.shape) >= SIDE else cv2.INTER_LINEAR
    square = cv2.resize(grey, (SIDE, SIDE), interpolation=way)
    low = cv2.dct(square.astype(np.float32))[:FREQUENCIES, :FREQUENCIES]
    # Mirroring turns the sign of every odd horizontal frequency, and nothing else.
    mirrored = low * np.where(np.arange(FREQUENCIES) % 2, -1, 1)
    return _hex(low), _hex(mirrored)


def to_bits(hashes: Sequence[str]) -> np.ndarray:
    """Hashes of 64 hex digits as bytes (n, 32) uint8, eight bits each, as faiss' binary indexes take them."""
    packed = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8)
    return packed.reshape(len(hashes), BYTES)


def hamming(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Number of differing bits, 0 to 256, between rows of (..., 32) uint8 arrays; int32, leading axes broadcast."""
    return np.bitwise_count(np.bitwise_xor(a, b)).sum(axis=-1, dtype=np.int32)


def _hex(low: np.ndarray) -> str:
    return np.packbits(low > np.median(low)).tobytes().hex()
