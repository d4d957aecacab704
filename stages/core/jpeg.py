"""JPEG by libjpeg-turbo with its warnings taken seriously.

Pillow, OpenCV and browsers call a JPEG fine whose scan ends early but has an end marker, and fill it
up with grey. libjpeg does notice, and says so in a warning; simplejpeg passes it on. The pixels are
the same as Pillow's, in about two thirds of the time.
"""

from __future__ import annotations

import re

import numpy as np
import simplejpeg

from stages.contracts.errors import ImageError
from stages.contracts.vocabulary import Status

SCALES = (8, 4, 2)
TRUNCATED = re.compile("premature end", re.IGNORECASE)
DAMAGED = re.compile("bad (Huffman|arithmetic) code|instead of RST|extraneous bytes before marker 0xd[0-7]")
LEFT_OVER = re.compile(r"(\d+) extraneous bytes")
MUCH_LEFT_OVER = 0.05
"""Cameras pad with some bytes; when more of the file than this is left over, the decoder lost its place."""


def scale_for(width: int, height: int, min_side: int | None) -> int:
    """The largest of 1, 2, 4, 8 that leaves the shorter side at least `min_side` pixels."""
    if not min_side:
        return 1
    return next((scale for scale in SCALES if min(width, height) >= scale * min_side), 1)


def decode_jpeg(data: bytes, width: int, height: int, scale: int = 1) -> np.ndarray | None:
    """Pixels as stored (not turned upright), each side divided by `scale` and rounded up.

    Returns
    -------
    (h, w, 3) uint8 RGB, or None where this decoder does not know the kind of JPEG, or a harmless
    warning hides whether there is more to say: Pillow may know.

    Raises
    ------
    ImageError : data is missing or wrong.
    """
    return _decode(data, "RGB", -(-width // scale), -(-height // scale), exact=True)


def is_whole(data: bytes, is_cmyk: bool = False) -> bool:
    """Whether the scan decodes from its first to its last bit; tried at 1/8 of the size.

    Returns
    -------
    False where this decoder cannot say (as in `decode_jpeg`).

    Raises
    ------
    ImageError : data is missing or wrong.
    """
    return _decode(data, "CMYK" if is_cmyk else "GRAY", 1, 1, exact=False) is not None


def _decode(data: bytes, colors: str, width: int, height: int, exact: bool) -> np.ndarray | None:
    try:
        return simplejpeg.decode_jpeg(
            data, colors, fastdct=not exact, fastupsample=not exact, min_width=width, min_height=height, strict=True
        )
    except ValueError as error:
        _judge(str(error), len(data))
    return None


def _judge(warning: str, size: int) -> None:
    if TRUNCATED.search(warning):
        raise ImageError(Status.UNREADABLE, "truncated: the JPEG ends early")
    left_over = LEFT_OVER.search(warning)
    if DAMAGED.search(warning) or (left_over and int(left_over[1]) > MUCH_LEFT_OVER * size):
        raise ImageError(Status.UNREADABLE, "damaged: the JPEG cannot be decoded")
