"""Copies of a picture, as they come about in the wild, at fixed strengths: what calibration plants.

Strengths are relative to the picture, so that they mean the same on icons and on photographs. Pixels are
(h, w, 3) uint8 RGB throughout. A copy is a file again: `saved` gives its bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]

QUALITY = 90
"""JPEG quality of copies that are about something else: a common default of cameras and editors."""
COLOURLESS = 8
"""Grey levels between the channels under which a picture is grey already; JPEG leaves that much."""
BLANK = 4.0
"""Standard deviation of the grey levels under which a picture shows nothing, sensor and JPEG noise averaged away."""
SYMMETRIC = 2.0
"""Mean difference in grey levels under which a picture is its own mirror image."""
BLOCKS = 32
CAPTIONS = ("SAMPLE", "(c) 2024", "sale -30 %", "do not copy", "NEW ARRIVAL", "photo 17")


@dataclass(frozen=True)
class Alteration:
    """One way to make a copy, at one strength.

    told : for people, to follow "copies": `cropped by 10 %`.
    change : what is done to the pixels.
    format, quality : of the file that the copy is saved as.
    """

    kind: str
    strength: str
    told: str
    change: Change
    format: str = "JPEG"
    quality: int = QUALITY

    @property
    def name(self) -> str:
        return f"{self.kind} {self.strength}"


def makes_sense(alteration: Alteration, pixels: np.ndarray) -> bool:
    """Whether it would change the picture: a grey one cannot be made grey, nor a symmetric one mirrored."""
    if alteration.kind == "greyscale":
        return not is_grey(pixels)
    return alteration.kind != "mirror" or not is_symmetric(pixels)


def is_grey(pixels: np.ndarray) -> bool:
    """Whether 99.9 % of the pixels have no colour."""
    chroma = pixels.max(axis=2) - pixels.min(axis=2)
    return bool(np.percentile(chroma, 99.9) < COLOURLESS)


def is_symmetric(pixels: np.ndarray) -> bool:
    small = _blocks(pixels)
    return bool(np.abs(small - small[:, ::-1]).mean() < SYMMETRIC)


def is_blank(pixels: np.ndarray) -> bool:
    """Whether there is nothing to see: nobody, and no measure, tells copies of such pictures from each other."""
    return bool(_blocks(pixels).std() < BLANK)


def _blocks(pixels: np.ndarray) -> np.ndarray:
    """Grey levels of blocks, at most `BLOCKS` a side, float32."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    size = (min(BLOCKS, grey.shape[1]), min(BLOCKS, grey.shape[0]))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def saved(alteration: Alteration, pixels: np.ndarray, rng: np.random.Generator) -> bytes:
    """The copy's file; the same picture and random numbers give the same bytes."""
    return encoded(alteration.change(pixels, rng), alteration.format, alteration.quality)


def encoded(pixels: np.ndarray, name: str = "JPEG", quality: int = QUALITY) -> bytes:
    """A picture as a file of a format that Pillow names so."""
    buffer = io.BytesIO()
    # The fastest ways: PNG loses nothing at any level, and WebP at method 1 a little more than usual.
    Image.fromarray(pixels).save(buffer, name, quality=quality, compress_level=1, method=1)
    return buffer.getvalue()


def unchanged(pixels: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return pixels


def resized(pixels: np.ndarray, _: np.random.Generator, factor: float) -> np.ndarray:
    size = [max(round(side * factor), 1) for side in pixels.shape[1::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def cropped(pixels: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """This share of the width and of the height cut off, anywhere: 10 % leave 81 % of the area."""
    height, width = pixels.shape[:2]
    rows, columns = max(round(height * (1 - share)), 1), max(round(width * (1 - share)), 1)
    top, left = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    return np.ascontiguousarray(pixels[top : top + rows, left : left + columns])


def mirrored(pixels: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return np.ascontiguousarray(pixels[:, ::-1])


def turned(pixels: np.ndarray, rng: np.random.Generator, degrees: float) -> np.ndarray:
    """Turned either way and cut to the largest rectangle of the same shape without corners, as when straightened."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees * rng.choice([-1, 1]), 1)
    whole = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    angle = math.radians(degrees)
    kept = 1 / (math.cos(angle) + max(height, width) / min(height, width) * math.sin(angle))
    rows, columns = max(int(height * kept), 1), max(int(width * kept), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    return np.ascontiguousarray(whole[top : top + rows, left : left + columns])


def relit(pixels: np.ndarray, _: np.random.Generator, gain: float) -> np.ndarray:
    return cv2.convertScaleAbs(pixels, alpha=gain)


def recontrasted(pixels: np.ndarray, _: np.random.Generator, gain: float) -> np.ndarray:
    """About the picture's own mean."""
    table = np.arange(256) * gain + pixels.mean() * (1 - gain)
    return cv2.LUT(pixels, np.rint(np.clip(table, 0, 255)).astype(np.uint8))


def blurred(pixels: np.ndarray, _: np.random.Generator, share: float) -> np.ndarray:
    """Gaussian, sigma as a share of the diagonal: 0.5 % are 3.2 pixels at a diagonal of 640."""
    return cv2.GaussianBlur(pixels, (0, 0), max(share * math.hypot(*pixels.shape[:2]), 0.1))


def noisy(pixels: np.ndarray, rng: np.random.Generator, levels: float) -> np.ndarray:
    """Gaussian, standard deviation in grey levels of 255, each channel by itself."""
    noise = rng.standard_normal(pixels.shape, np.float32) * np.float32(levels)
    return np.rint(np.clip(pixels + noise, 0, 255)).astype(np.uint8)


def captioned(pixels: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Words across the picture, as high as this share of it, edged in black."""
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    at = (round(width * 0.05), round(rng.uniform(0.05, 0.9 - share) * height))
    words = CAPTIONS[rng.integers(len(CAPTIONS))]
    font = ImageFont.load_default(max(height * share, 1))
    edge = max(round(height * share / 15), 1)
    ImageDraw.Draw(image).text(at, words, font=font, fill="white", stroke_width=edge, stroke_fill="black")
    return np.asarray(image)


def framed(pixels: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """A plain border, white or black, as wide as this share of the shorter side."""
    width = max(round(min(pixels.shape[:2]) * share), 1)
    colour = int(rng.choice([0, 255]))
    return cv2.copyMakeBorder(pixels, width, width, width, width, cv2.BORDER_CONSTANT, value=(colour,) * 3)


def greyed(pixels: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


ALTERATIONS = (
    *(
        Alteration("jpeg", f"quality {quality}", f"saved as JPEG of quality {quality}", unchanged, quality=quality)
        for quality in (75, 50, 25)
    ),
    *(
        Alteration("resize", f"{share} %", f"resized to {share} %", partial(resized, factor=share / 100))
        for share in (50, 25)
    ),
    *(
        Alteration("crop", f"{share} %", f"cropped by {share} %", partial(cropped, share=share / 100))
        for share in (5, 10, 15, 25)
    ),
    Alteration("mirror", "", "mirrored", mirrored),
    *(
        Alteration("rotation", f"{degrees}°", f"turned by {degrees}°", partial(turned, degrees=degrees))
        for degrees in (2, 5)
    ),
    Alteration("brightness", "-40 %", "darkened by 40 %", partial(relit, gain=0.6)),
    Alteration("brightness", "+40 %", "brightened by 40 %", partial(relit, gain=1.4)),
    Alteration("contrast", "-40 %", "with 40 % less contrast", partial(recontrasted, gain=0.6)),
    Alteration("contrast", "+50 %", "with 50 % more contrast", partial(recontrasted, gain=1.5)),
    *(
        Alteration("blur", f"{share} %", f"blurred by {share} % of their diagonal", partial(blurred, share=share / 100))
        for share in (0.3, 0.8)
    ),
    *(
        Alteration("noise", f"{levels} levels", f"with noise of {levels} grey levels", partial(noisy, levels=levels))
        for levels in (8, 20)
    ),
    *(
        Alteration(
            "text", f"{share} %", f"with words {share} % high laid over them", partial(captioned, share=share / 100)
        )
        for share in (8, 15)
    ),
    Alteration("border", "5 %", "with a border of 5 %", partial(framed, share=0.05)),
    Alteration("greyscale", "", "made grey", greyed),
    Alteration("format", "WebP", "saved as WebP", unchanged, format="WEBP", quality=80),
    Alteration("format", "PNG", "saved as PNG", unchanged, format="PNG"),
)
"""Everything that is planted. Strengths go from what everybody calls a copy to where it begins to be hard."""


def allotted(pictures: int, kinds: int, wanted: int, least: float) -> list[list[int]]:
    """Which of `kinds` alterations each picture gets, so that each kind is planted about equally often.

    Parameters
    ----------
    wanted : copies of each kind, as far as there are pictures for them.
    least : share of the kinds that each picture gets at least, 0 to 1.

    Returns
    -------
    Per picture, numbers from 0 to `kinds` - 1, ascending.
    """
    each = min(max(math.ceil(kinds * wanted / max(pictures, 1)), math.ceil(kinds * least)), kinds)
    return [sorted((picture * each + step) % kinds for step in range(each)) for picture in range(pictures)]
