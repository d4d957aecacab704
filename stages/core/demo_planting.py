"""What is planted in the demo: defects, and copies of pictures.

Each function takes pixels, (h, w, 3) uint8, and a generator, and gives a `Picture`: pixels, how to save them, and in
words what was done and how strongly. Strengths are set against published thresholds or as shares of the picture's side.

Calibration plants copies and defects of its own (`alterations`, `calibration_defects`): the demo is there to try
calibrated thresholds on, so the two share no code.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stages.core.tiling import luminance

QUALITY = 92
FORMATS = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
CAPTIONS = ("SAMPLE", "sale -30 %", "(c) 2024", "NEW ARRIVAL", "do not copy", "photo 17")


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels (h, w, 3) or grey (h, w) uint8, what was done to them, and the file they go to."""

    pixels: np.ndarray
    detail: str = ""
    suffix: str = ".jpg"
    quality: int = QUALITY


Change = Callable[[np.ndarray, np.random.Generator], Picture]


def encode(picture: Picture) -> bytes:
    """The file's bytes; the same picture gives the same bytes."""
    buffer = io.BytesIO()
    Image.fromarray(picture.pixels).save(buffer, FORMATS[picture.suffix], quality=picture.quality)
    return buffer.getvalue()


def decode(data: bytes) -> np.ndarray:
    """Pixels (h, w, 3) uint8 of a file that `encode` made."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def is_grey(pixels: np.ndarray) -> bool:
    """Whether there is no colour at all: one channel, or three equal ones."""
    return pixels.ndim == 2 or bool((pixels == pixels[..., :1]).all())


def fitted(pixels: np.ndarray, side: int) -> np.ndarray:
    """The middle of a picture, at most 1.5 times as long as wide, its shorter side scaled to `side` pixels."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    kept_height, kept_width = min(height, short * 3 // 2), min(width, short * 3 // 2)
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    part = Image.fromarray(np.ascontiguousarray(pixels[top : top + kept_height, left : left + kept_width]))
    size = (round(kept_width * side / short), round(kept_height * side / short))
    return np.asarray(part.resize(size, Image.Resampling.LANCZOS))


# Defects


def out_of_focus(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Gaussian blur of 3 to 6 % of the shorter side."""
    sigma = rng.uniform(0.03, 0.06) * min(pixels.shape[:2])
    return Picture(cv2.GaussianBlur(pixels, (0, 0), sigma), f"out of focus, sigma {sigma:.1f} px")


def moved(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Motion blur along a line of 12 to 25 % of the shorter side."""
    length, angle = rng.uniform(0.12, 0.25) * min(pixels.shape[:2]), rng.uniform(0, 180)
    size = int(length) | 1
    line = np.zeros((size, size), np.float32)
    line[size // 2] = 1
    turn = cv2.getRotationMatrix2D((size // 2, size // 2), angle, 1)
    line = cv2.warpAffine(line, turn, (size, size))
    moved = cv2.filter2D(pixels, -1, line / line.sum(), borderType=cv2.BORDER_REFLECT)
    return Picture(moved, f"motion blur, {size} px at {angle:.0f} degrees")


def darkened(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Highlights (99th percentile of luminance) brought down to 0.12 to 0.24; cleanvision calls under 0.32 dark."""
    target = rng.uniform(0.12, 0.24)
    gain = target / np.percentile(luminance(pixels), 99)
    return Picture(_levels(pixels / 255 * gain), f"dark, highlights at {target:.2f}")


def overexposed(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Gain, so that the shadows of the darkest channel are at 0.93 to 0.98 and the rest clips.

    A night sky would end as a white sheet; so pictures with shadows under 0.15 are washed out instead.
    """
    shadows = np.percentile(pixels.min(axis=2) / 255, 5)
    if shadows < 0.15:
        return washed_out(pixels, rng)
    target = rng.uniform(0.93, 0.98)
    return Picture(_levels(pixels / 255 * target / shadows), f"over-exposed, shadows at {target:.2f}")


def washed_out(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Black lifted to 0.80 to 0.90 of white: the picture is still there, in what contrast is left."""
    black = rng.uniform(0.80, 0.90)
    return Picture(_levels(black + pixels / 255 * (1 - black)), f"washed out, black at {black:.2f}")


def blank(height: int, width: int, hue: float, rng: np.random.Generator) -> Picture:
    """One flat colour, neither dark nor bright, with noise of under one and a half grey levels.

    Parameters
    ----------
    hue : 0 to 1; blanks of different hues do not pass for copies of each other.
    """
    value, saturation, noise = rng.uniform(0.5, 0.8), rng.uniform(0.25, 0.6), rng.uniform(0.5, 1.5)
    hsv = np.array([[[hue * 360, saturation, value]]], np.float32)
    colour = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0] * 255
    pixels = colour + rng.normal(0, noise, (height, width, 1))
    return Picture(_levels(pixels / 255), f"flat colour, noise of {noise:.1f} grey levels")


def strip(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """The middle band of a wide picture, 0.12 to 0.25 as high as wide; turned upright half of the time."""
    height, width = pixels.shape[:2]
    ratio = rng.uniform(0.12, 0.25)
    band = max(round(width * ratio), 1)
    top = (height - band) // 2
    part = pixels[top : top + band]
    if rng.random() < 0.5:
        part = part.transpose(1, 0, 2)
    return Picture(np.ascontiguousarray(part), f"strip, aspect ratio {ratio:.2f}")


def shrunk(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """A tenth to an eighth of the side: an icon among photographs."""
    return _scaled(pixels, 1 / rng.uniform(8, 10), "tiny")


def enlarged(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Eight to ten times the side."""
    return _scaled(pixels, rng.uniform(8, 10), "huge")


def greyed(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Colour taken away: saved with one channel, or with three equal ones."""
    light = _levels(luminance(pixels))
    if rng.random() < 0.5:
        return Picture(light, "grey, one channel")
    return Picture(np.repeat(light[..., None], 3, axis=2), "grey, three equal channels")


# Copies


def compressed(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    quality = int(rng.integers(30, 81))
    return Picture(pixels, f"JPEG quality {quality}", quality=quality)


def resized(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    return _scaled(pixels, rng.uniform(0.5, 0.8), "resized")


def cropped(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """5 to 15 % of width and height cut off, anywhere."""
    height, width = pixels.shape[:2]
    share = rng.uniform(0.05, 0.15)
    kept_height, kept_width = round(height * (1 - share)), round(width * (1 - share))
    top, left = rng.integers(0, height - kept_height + 1), rng.integers(0, width - kept_width + 1)
    return Picture(pixels[top : top + kept_height, left : left + kept_width], f"cropped by {share:.0%}")


def mirrored(pixels: np.ndarray, _: np.random.Generator) -> Picture:
    return Picture(np.ascontiguousarray(pixels[:, ::-1]), "mirrored")


def crop_mirrored(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    first = cropped(pixels, rng)
    return Picture(mirrored(first.pixels, rng).pixels, f"{first.detail}, mirrored")


def relit(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    gain = 1 + rng.choice([-1, 1]) * rng.uniform(0.10, 0.25)
    return Picture(_levels(pixels / 255 * gain), f"brightness times {gain:.2f}")


def recontrasted(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    gain = 1 + rng.choice([-1, 1]) * rng.uniform(0.15, 0.30)
    centre = luminance(pixels).mean()
    return Picture(_levels(centre + (pixels / 255 - centre) * gain), f"contrast times {gain:.2f}")


def captioned(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """Words across the picture, 12 to 18 % of its height."""
    text, share = CAPTIONS[rng.integers(len(CAPTIONS))], rng.uniform(0.12, 0.18)
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    at = (round(width * 0.05), round(rng.uniform(0.05, 0.75) * height))
    font = ImageFont.load_default(round(height * share))
    ImageDraw.Draw(image).text(at, text, font=font, fill="white", stroke_width=1, stroke_fill="black")
    return Picture(np.asarray(image), f"caption {text!r}, {share:.0%} of the height")


def framed(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    """A plain white or black border of 4 to 8 % of the shorter side."""
    share = rng.uniform(0.04, 0.08)
    colour, name = ((255, "white"), (0, "black"))[rng.integers(2)]
    border = max(round(min(pixels.shape[:2]) * share), 1)
    around = ((border, border), (border, border), (0, 0))
    return Picture(np.pad(pixels, around, constant_values=colour), f"{name} border of {border} px")


def as_png(pixels: np.ndarray, _: np.random.Generator) -> Picture:
    return Picture(pixels, "saved as PNG", ".png")


def as_webp(pixels: np.ndarray, rng: np.random.Generator) -> Picture:
    quality = int(rng.integers(50, 91))
    return Picture(pixels, f"saved as WebP, quality {quality}", ".webp", quality)


COPIES = (
    compressed,
    resized,
    cropped,
    mirrored,
    crop_mirrored,
    relit,
    recontrasted,
    captioned,
    framed,
    as_png,
    as_webp,
)


def _levels(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _scaled(pixels: np.ndarray, factor: float, name: str) -> Picture:
    height, width = (max(round(side * factor), 1) for side in pixels.shape[:2])
    scaled = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
    return Picture(np.asarray(scaled), f"{name}, {factor:.2f} times the side")
