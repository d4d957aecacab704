"""Pictures with a defect, and pictures with changes that are none.

Strengths are set by what a person would call the defect, in photographic terms, not against any tool's threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from stages.contracts.vocabulary import QualityIssue
from tests.benchmarks.copies import REFERENCE_SIDE, Rng, Saved, noisy, recompressed, resized, saved


@dataclass(frozen=True)
class Defect:
    """A way of spoiling a picture, and the issue that should be found; None where nothing should."""

    name: str
    issue: QualityIssue | None
    make: Callable[[Image.Image, Rng], Saved]


def out_of_focus(image: Image.Image, rng: Rng) -> Saved:
    """Gaussian, sigma 2 to 6 pixels of a picture whose shorter side has 400."""
    return saved(image.filter(ImageFilter.GaussianBlur(rng.uniform(2, 6) * min(image.size) / REFERENCE_SIDE)))


def moved(image: Image.Image, rng: Rng) -> Saved:
    """Motion blur along a line of 12 to 30 such pixels, in any direction."""
    length = max(round(rng.uniform(12, 30) * min(image.size) / REFERENCE_SIDE), 2)
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), rng.uniform(0, 180), 1)
    line = cv2.warpAffine(line, turn, (length, length))
    return saved(Image.fromarray(cv2.filter2D(np.asarray(image), -1, line / line.sum(), borderType=cv2.BORDER_REFLECT)))


def under_exposed(image: Image.Image, rng: Rng) -> Saved:
    """Three to five stops too dark, in linear light."""
    return _exposed(image, -rng.uniform(3, 5))


def over_exposed(image: Image.Image, rng: Rng) -> Saved:
    """Three to five stops too light, in linear light; what is clipped is lost."""
    return _exposed(image, rng.uniform(3, 5))


def washed_out(image: Image.Image, rng: Rng) -> Saved:
    """Fog: 80 to 92 % white over everything."""
    return saved(Image.blend(image, Image.new("RGB", image.size, "white"), rng.uniform(0.80, 0.92)))


def empty(image: Image.Image, rng: Rng) -> Saved:
    """A plain wall: one colour, a slope of up to 12 grey levels, sensor noise of up to 3."""
    width, height = image.size
    colour = rng.uniform(60, 200, 3)
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-0.5, 0.5, width)[None, :] * np.cos(angle)
    down = np.linspace(-0.5, 0.5, height)[:, None] * np.sin(angle)
    wall = colour + (rng.uniform(0, 12) * (across + down))[..., None]
    wall = wall + rng.normal(0, rng.uniform(0, 3), wall.shape)
    return saved(Image.fromarray(np.clip(np.rint(wall), 0, 255).astype(np.uint8)))


def greyed(image: Image.Image, rng: Rng) -> Saved:
    """Without colour, in one channel or in three equal ones."""
    grey = image.convert("L")
    return saved(grey if rng.random() < 0.5 else grey.convert("RGB"))


def harmless_tone(image: Image.Image, rng: Rng) -> Saved:
    """A fifth lighter or darker."""
    return saved(ImageEnhance.Brightness(image).enhance(float(rng.choice([0.8, 1.2]))))


def harmless_softness(image: Image.Image, rng: Rng) -> Saved:
    """Sigma under half a pixel: what a lens does anyway."""
    return saved(image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.5))))


def harmless_noise(image: Image.Image, rng: Rng) -> Saved:
    return saved(noisy(image, rng))


def harmless_size(image: Image.Image, rng: Rng) -> Saved:
    return saved(resized(image, rng))


def _exposed(image: Image.Image, stops: float) -> Saved:
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4) * 2.0**stops
    shown = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    table = np.rint(np.clip(shown, 0, 1) * 255).astype(int).tolist()
    return saved(image.point(table * 3))


DEFECTS = (
    Defect("blur, gaussian", QualityIssue.BLURRY, out_of_focus),
    Defect("blur, motion", QualityIssue.BLURRY, moved),
    Defect("dark", QualityIssue.DARK, under_exposed),
    Defect("bright, over-exposed", QualityIssue.BRIGHT, over_exposed),
    Defect("bright, fog", QualityIssue.BRIGHT, washed_out),
    Defect("low information", QualityIssue.LOW_INFORMATION, empty),
    Defect("greyscale", QualityIssue.GRAYSCALE, greyed),
    Defect("harmless: re-encoded", None, recompressed),
    Defect("harmless: a fifth lighter or darker", None, harmless_tone),
    Defect("harmless: sigma under half a pixel", None, harmless_softness),
    Defect("harmless: noise", None, harmless_noise),
    Defect("harmless: resized", None, harmless_size),
)
