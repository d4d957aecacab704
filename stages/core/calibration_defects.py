"""Defects that calibration plants in sound pictures, at fixed strengths, to see which of them quality issues find.

Strengths are physical: pixels at the size that quality is measured at, stops of exposure, shares of contrast. None is
set by the score that is to find it: at which strength the score begins to do so is what calibration shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from stages.contracts.vocabulary import QualityIssue
from stages.core.alterations import Change, greyed
from stages.core.quality import WORKING_DIAGONAL

GRAIN = 1.5
"""Noise that is left in an empty picture, grey levels: a sensor's, in good light."""


@dataclass(frozen=True)
class Defect:
    """One defect at one strength; `told` follows "pictures"."""

    issue: QualityIssue
    kind: str
    strength: str
    told: str
    change: Change

    @property
    def name(self) -> str:
        return f"{self.kind} {self.strength}"


def out_of_focus(pixels: np.ndarray, _: np.random.Generator, radius: float) -> np.ndarray:
    """Gaussian, sigma in pixels as the working size has them."""
    return cv2.GaussianBlur(pixels, (0, 0), radius * _enlargement(pixels))


def shaken(pixels: np.ndarray, rng: np.random.Generator, length: float) -> np.ndarray:
    """Motion along a line in any direction, its length in pixels as the working size has them."""
    angle, reach = rng.uniform(0, math.pi), length * _enlargement(pixels) / 2
    size = 2 * math.ceil(reach) + 3
    steps = (math.cos(angle) * reach, math.sin(angle) * reach)
    ends = [[round((size // 2 + sign * step) * 256) for step in steps] for sign in (-1, 1)]
    line = cv2.line(np.zeros((size, size), np.uint8), *ends, 255, 1, cv2.LINE_AA, 8).astype(np.float32)
    return cv2.filter2D(pixels, -1, line / line.sum(), borderType=cv2.BORDER_REFLECT)


def _enlargement(pixels: np.ndarray) -> float:
    """Pixels of the picture per pixel of the working size; small pictures are looked at as they are."""
    return max(math.hypot(*pixels.shape[:2]) / WORKING_DIAGONAL, 1.0)


def exposed(pixels: np.ndarray, _: np.random.Generator, stops: float) -> np.ndarray:
    """So many stops more light, in the linear light behind sRGB (IEC 61966-2-1)."""
    coded = np.arange(256) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    light = np.clip(linear * 2.0**stops, 0, 1)
    table = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return cv2.LUT(pixels, np.rint(table * 255).astype(np.uint8))


def faded(pixels: np.ndarray, _: np.random.Generator, black: float) -> np.ndarray:
    """Black lifted to this share of white, and all else with it: fog, glare, a faded print."""
    table = 255 * black + np.arange(256) * (1 - black)
    return cv2.LUT(pixels, np.rint(table).astype(np.uint8))


def emptied(pixels: np.ndarray, rng: np.random.Generator, left: float) -> np.ndarray:
    """This share of the contrast left, about the picture's mean colour, under a sensor's noise."""
    mean = pixels.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
    grain = rng.standard_normal(pixels.shape, np.float32) * np.float32(GRAIN)
    return np.rint(np.clip(mean + (pixels - mean) * np.float32(left) + grain, 0, 255)).astype(np.uint8)


DEFECTS = (
    *(
        Defect(
            QualityIssue.BLURRY,
            "out of focus",
            f"{radius} px",
            f"blurred by {radius} pixels, at {WORKING_DIAGONAL} or fewer along the diagonal",
            partial(out_of_focus, radius=radius),
        )
        for radius in (2, 4, 6)
    ),
    *(
        Defect(
            QualityIssue.BLURRY,
            "motion",
            f"{length} px",
            f"shaken along {length} pixels, at {WORKING_DIAGONAL} or fewer along the diagonal",
            partial(shaken, length=length),
        )
        for length in (10, 20)
    ),
    *(
        Defect(
            QualityIssue.DARK,
            "under-exposed",
            f"{stops} stops",
            f"under-exposed by {stops} stops",
            partial(exposed, stops=-stops),
        )
        for stops in (3, 4, 5)
    ),
    *(
        Defect(
            QualityIssue.BRIGHT,
            "over-exposed",
            f"{stops} stops",
            f"over-exposed by {stops} stops",
            partial(exposed, stops=stops),
        )
        for stops in (3, 4)
    ),
    *(
        Defect(
            QualityIssue.BRIGHT,
            "faded",
            f"{black} %",
            f"faded until black is {black} % of white",
            partial(faded, black=black / 100),
        )
        for black in (70, 80, 90)
    ),
    *(
        Defect(
            QualityIssue.LOW_INFORMATION,
            "emptied",
            f"{left} %",
            f"with {left} % of their contrast left",
            partial(emptied, left=left / 100),
        )
        for left in (3, 1, 0)
    ),
    Defect(QualityIssue.GRAYSCALE, "greyscale", "", "made grey", greyed),
)
"""Everything that is planted, the weaker of a kind first."""
