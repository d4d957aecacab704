"""The rules of cleanvision 0.3.7 at its defaults, written from its source, for comparison."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
from PIL import Image, ImageFilter, ImageStat

from stages.contracts.vocabulary import QualityIssue

BLUR_SIDE = 64


def issues(image: Image.Image, mode: str) -> dict[str, bool]:
    """What cleanvision would say of a picture.

    Parameters
    ----------
    image : in colour.
    mode : as the file has it; to cleanvision, only files of one channel are grey.
    """
    as_stored = image.convert("L") if mode == "L" else image
    red, green, blue = (channel.astype(float) for channel in np.moveaxis(np.asarray(image), 2, 0))
    light = np.sqrt(0.241 * red**2 + 0.691 * green**2 + 0.068 * blue**2) / 255
    shadow, highlight = np.percentile(light, [5, 99])
    return {
        QualityIssue.DARK: bool(highlight < 0.32),
        QualityIssue.BRIGHT: bool(1 - shadow < 0.05),
        QualityIssue.LOW_INFORMATION: bool(min(as_stored.entropy() / 10, 1) < 0.3),
        QualityIssue.BLURRY: _is_blurry(image),
        QualityIssue.GRAYSCALE: mode == "L",
    }


def _is_blurry(image: Image.Image) -> bool:
    ratio = max(image.size) / BLUR_SIDE
    if ratio > 1:
        image = image.resize((max(int(image.width // ratio), 1), max(int(image.height // ratio), 1)))
    grey = image.convert("L")
    edges = sqrt(ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).var[0])
    levels = 1 - exp(-0.01 * float(np.std(grey.histogram())))
    return min(1 - exp(-0.01 * edges) + (levels if levels > 0.18 else 0), 1) < 0.29
