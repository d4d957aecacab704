"""Pictures and files for tests, made when they are needed."""

from __future__ import annotations

import io

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

LOSSLESS = {
    "PNG": {},
    "BMP": {},
    "TIFF": {},
    "PPM": {},
    "QOI": {},
    "WEBP": {"lossless": True},
    "JPEG2000": {},
}
LOSSY = {
    "JPEG": {"quality": 95},
    "WEBP": {"quality": 95},
    "AVIF": {"quality": 95},
    "HEIF": {"quality": 95},
    "GIF": {},
}
EVERY = [*LOSSLESS.items(), *LOSSY.items()]
"""format and options of files that are written and read back"""


def picture(width: int = 120, height: int = 90, seed: int = 0) -> np.ndarray:
    """(height, width, 3) uint8: gradients, different in each corner and channel, with a little noise."""
    rows, columns = np.mgrid[:height, :width]
    waves = [rows * 200 // height, columns * 200 // width, (rows + columns) * 100 // (width + height) + 50 * (seed % 3)]
    noise = np.random.default_rng(seed).integers(0, 30, (height, width, 3))
    return (np.stack(waves, axis=-1) + noise).astype(np.uint8)


def encoded(pixels: np.ndarray | Image.Image, format: str = "JPEG", **options: object) -> bytes:
    """The bytes of an image file."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()
