"""Images as browsers can show them: the file itself where it can be, else its pixels anew."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from stages.core.pixels import ORIENTATION_TAG, decode, probe

SHOWN = {
    ("JPEG", "RGB"): "image/jpeg",
    ("JPEG", "L"): "image/jpeg",
    ("PNG", "1"): "image/png",
    ("PNG", "L"): "image/png",
    ("PNG", "LA"): "image/png",
    ("PNG", "P"): "image/png",
    ("PNG", "RGB"): "image/png",
    ("PNG", "RGBA"): "image/png",
    ("WEBP", "RGB"): "image/webp",
    ("WEBP", "RGBA"): "image/webp",
    ("GIF", "P"): "image/gif",
    ("GIF", "L"): "image/gif",
    ("GIF", "RGB"): "image/gif",
}
"""What every browser shows as Winnow reads it, by format and stored mode."""
LOSSLESS_PIXELS = 2_000_000
"""A larger picture that has to be made anew becomes a JPEG: a PNG of it would take seconds."""
QUALITY = 95


@dataclass(frozen=True)
class Shown:
    """Bytes and their media type."""

    data: bytes
    kind: str


def for_browser(data: bytes, max_pixels: int) -> Shown:
    """The file as it is, or its upright pixels as PNG or JPEG.

    Raises
    ------
    ImageError : it cannot be decoded.
    """
    header = probe(data, max_pixels)
    kind = SHOWN.get((header.format, header.mode))
    if kind and (header.format == "JPEG" or not _is_turned(data)):
        return Shown(data, kind)
    return encoded(decode(data, max_pixels=max_pixels))


def encoded(pixels: np.ndarray) -> Shown:
    """Pixels (h, w, 3) RGB uint8 as a PNG, a JPEG where there are many."""
    if pixels.shape[0] * pixels.shape[1] <= LOSSLESS_PIXELS:
        return png(pixels)
    return jpeg(pixels, QUALITY)


def png(pixels: np.ndarray) -> Shown:
    """(h, w, 3) RGB or (h, w, 4) RGBA."""
    order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return Shown(_made(".png", cv2.cvtColor(pixels, order), [cv2.IMWRITE_PNG_COMPRESSION, 1]), "image/png")


def jpeg(pixels: np.ndarray, quality: int) -> Shown:
    """(h, w, 3) RGB."""
    return Shown(
        _made(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]), "image/jpeg"
    )


def _made(suffix: str, pixels: np.ndarray, options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, pixels, options)
    if not done:
        raise ValueError(f"{pixels.shape} cannot be encoded as {suffix}")
    return data.tobytes()


def _is_turned(data: bytes) -> bool:
    """Whether EXIF turns it; of other formats than JPEG not every browser looks there."""
    with Image.open(io.BytesIO(data)) as image:
        try:
            return Image.Image.getexif(image).get(ORIENTATION_TAG, 1) != 1
        except Exception:  # metadata that cannot be parsed turns nothing
            return False
