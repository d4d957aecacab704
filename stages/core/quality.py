"""The quality of pictures, in three steps: measure pixels, make scores of the measures, judge the scores.

======================= ======================================================================= =========
score (0 worst, 1 best) what it is                                                              under
======================= ======================================================================= =========
dark                    99th percentile of brightness: how light the lights are                 0.39
bright                  1 - 5th percentile of brightness - 0.7 x the share that is over-exposed  0.25
blurry                  sharpness, 1 / (1 + blur radius); 1 where it cannot be told             0.42
low_information         entropy / 8 bits, of the luminance without its noise and its slope       0.375
odd_aspect              shorter side / longer side                                              0.35
odd_size                1 / (1 + distance from the dataset's middle sizes, in fences)           0.5
grayscale               c / (c + 0.02) of the 99th percentile of chroma c                       0.5
======================= ======================================================================= =========

The thresholds for odd aspect and low information (3 bits) are cleanvision's; the others are explained at
their scores and in ``stages/contracts/params/measure.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import cv2
import numpy as np
import pandas as pd

from stages.contracts.vocabulary import QualityIssue
from stages.core.blur import edge_spread
from stages.core.phash import perceptual_hashes

VERSION = "5"
"""Part of the cache's fingerprint: to be raised whenever a measure of the same pixels changes."""
WORKING_DIAGONAL = 640
"""Blur is measured on pictures of at most this diagonal, so its radius is relative to the picture, pixels."""
WORKING_SIDE = math.ceil(WORKING_DIAGONAL / math.sqrt(2))
"""A decoded picture whose shorter side is at least this has the whole working diagonal, whatever its shape, pixels."""
COLOR_DIAGONAL = 160
"""Light and colour are measured on pictures of at most this diagonal: averaging takes sensor and JPEG noise away."""
LEAST_RANGE = 0.2
SEEN_CHROMA = 0.02
"""Difference between channels, of 1, that begins to be seen: some 2.3 CIELAB units at middle grey (Mahy et al. 1994)"""
LOST = 0.98
"""Level, of 1, from which a channel is at its end: what was brighter is lost."""
PALE = 0.4
"""Least channel, of 1, of what is over-exposed; under it, a channel at its end is a saturated colour."""
LEAST_LOST = 0.05
"""Share of all but the white that has to have lost a channel: a picture on white paper has not."""
EXPOSURE_WEIGHT = 0.7
"""How much of the scale an over-exposed picture has lost besides what its shadows tell. With it a picture of all tones
alike is bright, by the threshold of 0.25, when its levels are four times what they were: shadows at 0.2, 3/4 lost."""
SIZE_FENCE = 2.0
"""Sizes within this many doublings of the side of the dataset's middle half are never odd."""
FAR_OUT = 3.0
"""Tukey's far-out fence, in interquartile ranges (Exploratory Data Analysis, 1977)."""
HISTOGRAM_BITS = 8


# Measure


def measure(pixels: np.ndarray) -> dict[str, float | str]:
    """Everything that is measured on one picture.

    Parameters
    ----------
    pixels : (h, w, 3) uint8 RGB, whole or reduced to a shorter side of at least `WORKING_SIDE`.

    Returns
    -------
    brightness, contrast, highlights, shadows, overexposed, chroma : of 1.  sharpness : 0 to 1, NaN where it cannot be
    told.  entropy : bits.  phash, phash_mirrored : 64 hex digits.
    """
    grey = shrunk(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), WORKING_DIAGONAL)
    phash, mirrored = perceptual_hashes(grey)
    return {
        **_light_and_color(averaged(pixels, COLOR_DIAGONAL).astype(np.float32) / 255),
        "sharpness": 1 / (1 + edge_spread(grey)),
        "entropy": information(cv2.blur(averaged(grey, COLOR_DIAGONAL), (3, 3))),
        "phash": phash,
        "phash_mirrored": mirrored,
    }


def shrunk(grey: np.ndarray, diagonal: int) -> np.ndarray:
    """The picture (h, w) made so small that its diagonal is `diagonal` pixels; smaller ones stay as they are."""
    height, width = grey.shape
    scale = diagonal / math.hypot(height, width)
    if scale >= 1:
        return grey
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Down to a half, two pixels a side are all there is to mix.
    return cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA)


def averaged(pixels: np.ndarray, diagonal: int) -> np.ndarray:
    """Means of blocks of pixels (h, w) or (h, w, 3), so large that at most about `diagonal` make the diagonal."""
    height, width = pixels.shape[:2]
    block = math.ceil(math.hypot(height, width) / diagonal)
    down, right = min(block, height), min(block, width)
    size = (width // right, height // down)
    return cv2.resize(pixels[: size[1] * down, : size[0] * right], size, interpolation=cv2.INTER_AREA)


def brightness(colors: np.ndarray) -> np.ndarray:
    """How bright colours (..., 3) look, of 1: the HSP model (Finley 2006), which cleanvision's thresholds are for."""
    return np.sqrt(np.minimum(np.square(colors) @ np.array([0.241, 0.691, 0.068], np.float32), 1))


def entropy(grey: np.ndarray) -> float:
    """Shannon entropy of the histogram of grey levels (h, w) uint8, in bits, 0 to 8."""
    shares = np.bincount(grey.ravel(), minlength=256) / grey.size
    shares = shares[shares > 0]
    return float(max(0.0, -(shares * np.log2(shares)).sum()))


def information(grey: np.ndarray) -> float:
    """Entropy of a picture (h, w) uint8, or of what is left of it without its slope, if that is less, in bits.

    A wall that is lit from one side runs through many grey levels, and shows nothing.
    """
    height, width = grey.shape
    across, down = np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2
    levels = grey - grey.mean()
    # The columns of a plane are orthogonal on a grid, so each slope is fitted by itself.
    right = (levels * across).sum() / max((across**2).sum() * height, 1)
    below = (levels * down[:, None]).sum() / max((down**2).sum() * width, 1)
    level = levels - right * across - below * down[:, None]
    return min(entropy(grey), entropy(np.clip(np.rint(level + 128), 0, 255).astype(np.uint8)))


def overexposed(colors: np.ndarray) -> float:
    """Share of a picture (h, w, 3), of 1, that is white or pale with a channel at its end; 0 where only white is.

    Light that is too much for a camera takes the channels one after the other, so between what is white and what is
    not there are pale places that have lost one or two. Paper, or a background that was cut away, is white at once.
    """
    red, green, blue = cv2.split(colors)
    least, most = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    white, lost = float((least >= LOST).mean()), float(((most >= LOST) & (least >= PALE)).mean())
    return lost if lost - white > LEAST_LOST * (1 - white) else 0.0


def _light_and_color(colors: np.ndarray) -> dict[str, float]:
    light = brightness(colors)
    darkest, shadows, lights, highlights = (float(p) for p in np.percentile(light, [1, 5, 95, 99]))
    # Averaged once more: one percent of the blocks is few, and noise is in each channel by itself.
    red, green, blue = cv2.split(cv2.blur(colors, (3, 3)))
    chroma = cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)
    return {
        "brightness": float(light.mean()),
        "contrast": lights - shadows,
        "highlights": highlights,
        "shadows": shadows,
        "overexposed": overexposed(colors),
        # A dark or washed-out picture has little of everything, colour too, and is not grey for that.
        "chroma": float(np.percentile(chroma, 99)) / min(max(highlights - darkest, LEAST_RANGE), 1.0),
    }


# Score


def score(measures: pd.DataFrame) -> pd.DataFrame:
    """Scores of the pictures of one dataset; only `odd_size` depends on the others.

    Parameters
    ----------
    measures : a row per distinct content; the columns of `measure`, `aspect_ratio`, `width` and `height` (pixels).

    Returns
    -------
    Columns `<issue>_score` in the same rows, 0 worst, 1 best.
    """
    scores = {
        QualityIssue.DARK: measures["highlights"],
        QualityIssue.BRIGHT: 1 - measures["shadows"] - EXPOSURE_WEIGHT * measures["overexposed"],
        QualityIssue.BLURRY: measures["sharpness"].fillna(1.0),
        QualityIssue.LOW_INFORMATION: measures["entropy"] / HISTOGRAM_BITS,
        QualityIssue.ODD_ASPECT: measures["aspect_ratio"],
        QualityIssue.ODD_SIZE: size_score(measures["width"], measures["height"]),
        QualityIssue.GRAYSCALE: measures["chroma"] / (measures["chroma"] + SEEN_CHROMA),
    }
    return pd.DataFrame({f"{issue}_score": values.clip(0, 1) for issue, values in scores.items()}, index=measures.index)


def size_score(width: pd.Series, height: pd.Series) -> pd.Series:
    """How usual each size is among the others: 1 within the middle half, 0.5 at the fence, near 0 far out.

    Sizes are compared by ratio: doublings of the mean side, sqrt(width * height). The fence lies three
    interquartile ranges beyond the quartiles, and never nearer than a factor of four, so that a dataset of one
    size has room for others.
    """
    size = np.log2(width * height) / 2
    if not len(size):
        return size
    low, high = np.percentile(size, [25, 75])
    outside = np.maximum(np.maximum(low - size, size - high), 0)
    return 1 / (1 + outside / max(FAR_OUT * (high - low), SIZE_FENCE))


# Judge


def judge(scores: pd.DataFrame, thresholds: Mapping[str, float | None]) -> pd.DataFrame:
    """Columns `is_<issue>`: whether the score is under the issue's threshold; never where that is None."""
    return pd.DataFrame(
        {
            f"is_{issue}": is_under(scores[f"{issue}_score"].to_numpy(np.float64), thresholds[issue])
            for issue in QualityIssue
        },
        index=scores.index,
    )


def is_under(scores: np.ndarray, threshold: float | None) -> np.ndarray:
    """(n,) bool, of the scores (n,) of one issue: what `judge` calls it, and nothing where it is switched off."""
    return scores < (-math.inf if threshold is None else threshold)
