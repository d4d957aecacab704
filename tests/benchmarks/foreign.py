"""Foreign pictures: the photographs and drawings that scikit-image and scikit-learn ship, whole and in quarters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from stages.sources.photographs import CLASSES, STRAYS, photograph

LONGEST_SIDE = 600
SMALLEST_QUARTER = 200


def pictures(with_photographs: bool) -> Iterator[tuple[str, str, Image.Image]]:
    """(photograph, part, picture) of each.

    Parameters
    ----------
    with_photographs : those that the demo is cut from, too; they are foreign to every other folder.
    """
    for name, shipped in sorted({**(CLASSES if with_photographs else {}), **STRAYS}.items()):
        pixels = photograph(shipped)
        for part, seen in _parts(pixels):
            image = Image.fromarray(np.ascontiguousarray(seen))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            yield name, part, image


def _parts(pixels: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    yield "whole", pixels
    height, width = (side // 2 for side in pixels.shape[:2])
    if min(height, width) >= SMALLEST_QUARTER:
        for row in (0, 1):
            for column in (0, 1):
                part = pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]
                yield f"quarter {2 * row + column + 1}", part
