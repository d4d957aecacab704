"""Copies of a picture as they turn up in real folders, by kind and with a strength drawn for each.

Written for the yardstick, apart from what `demo` and `calibrate` plant, so that nothing is judged on what it was
made with. Strengths are shares of the picture, so that small pictures are changed as much as large ones.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

Rng = np.random.Generator
SAVED = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "BMP": ".bmp", "TIFF": ".tif", "GIF": ".gif"}
WORDS = ("SOLD OUT", "50 % OFF", "www.example.com", "Studio No. 7", "NEW", "© Example Press", "lot 4711")
REFERENCE_SIDE = 400
"""Shorter side for which strengths in pixels are told."""


@dataclass(frozen=True, eq=False)
class Saved:
    """A picture as a file."""

    data: bytes
    suffix: str


@dataclass(frozen=True)
class Kind:
    """A way of copying. Of the groups, `asked` has a recall to reach, `other` counts, `hard` is only shown."""

    name: str
    group: str
    make: Callable[[Image.Image, Rng], Saved]


def saved(image: Image.Image, format: str = "JPEG", quality: int = 92) -> Saved:
    """The bytes of a file; pictures of thumbnail size stay whole, as they are kept in practice."""
    if format == "JPEG" and max(image.size) < 100:
        format = "PNG"
    file = io.BytesIO()
    image.save(file, format, quality=quality)
    return Saved(file.getvalue(), SAVED[format])


def _kept(change: Callable[[Image.Image, Rng], Image.Image]) -> Callable[[Image.Image, Rng], Saved]:
    return lambda image, rng: saved(change(image, rng))


def _either(rng: Rng, low: tuple[float, float], high: tuple[float, float]) -> float:
    return float(rng.uniform(*(low if rng.random() < 0.5 else high)))


def recompressed(image: Image.Image, rng: Rng) -> Saved:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(20, 91)))
    return Saved(file.getvalue(), ".jpg")


def reformatted(image: Image.Image, rng: Rng) -> Saved:
    format = str(rng.choice(["PNG", "WEBP", "BMP", "TIFF", "GIF"]))
    return saved(image, format, int(rng.integers(60, 96)))


def resized(image: Image.Image, rng: Rng) -> Image.Image:
    factor = _either(rng, (0.4, 0.8), (1.25, 2.0))
    return image.resize(_size(image, factor, factor), Image.Resampling.BICUBIC)


def relit(image: Image.Image, rng: Rng) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(_either(rng, (0.6, 0.85), (1.15, 1.5)))


def recontrasted(image: Image.Image, rng: Rng) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(_either(rng, (0.6, 0.85), (1.15, 1.5)))


def captioned(image: Image.Image, rng: Rng) -> Image.Image:
    """A line of words, 6 to 14 % of the height, half of them on a plain box."""
    copy = image.copy()
    drawing = ImageDraw.Draw(copy)
    width, height = copy.size
    font = ImageFont.load_default(max(height * rng.uniform(0.06, 0.14), 5))
    at = (rng.uniform(0, 0.3) * width, rng.uniform(0.02, 0.8) * height)
    words = str(rng.choice(WORDS))
    colour = (255, 255, 255) if rng.random() < 0.5 else tuple(int(level) for level in rng.integers(0, 256, 3))
    if rng.random() < 0.5:
        drawing.rectangle(drawing.textbbox(at, words, font=font), fill=tuple(255 - level for level in colour))
    drawing.text(at, words, font=font, fill=colour)
    return copy


def mirrored(image: Image.Image, _: Rng) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def cropped(cut: float) -> Callable[[Image.Image, Rng], Image.Image]:
    """`cut` of the width and of the height cut off, anywhere."""

    def change(image: Image.Image, rng: Rng) -> Image.Image:
        width, height = _size(image, 1 - cut, 1 - cut)
        left, top = rng.integers(0, image.width - width + 1), rng.integers(0, image.height - height + 1)
        return image.crop((left, top, left + width, top + height))

    return change


def turned(image: Image.Image, rng: Rng) -> Image.Image:
    """2 to 6 degrees; the corners black, or cut off with what lies beside them."""
    degrees = rng.uniform(2, 6) * rng.choice([-1, 1])
    copy = image.rotate(degrees, Image.Resampling.BICUBIC)
    if rng.random() < 0.5:
        return copy
    margin = int(abs(np.sin(np.radians(degrees))) * max(image.size) / 2) + 1
    return copy.crop((margin, margin, image.width - margin, image.height - margin))


def blurred(image: Image.Image, rng: Rng) -> Image.Image:
    """Gaussian, sigma 1 to 2.5 pixels of a picture whose shorter side has 400."""
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(1, 2.5) * min(image.size) / REFERENCE_SIDE))


def noisy(image: Image.Image, rng: Rng) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    pixels = pixels + rng.normal(0, rng.uniform(5, 20), pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def framed(image: Image.Image, rng: Rng) -> Image.Image:
    """A border of one colour, 3 to 8 % of the longer side."""
    border = max(round(max(image.size) * rng.uniform(0.03, 0.08)), 1)
    colour = tuple(int(level) for level in rng.integers(0, 256, 3))
    frame = Image.new("RGB", (image.width + 2 * border, image.height + 2 * border), colour)
    frame.paste(image, (border, border))
    return frame


def greyed(image: Image.Image, _: Rng) -> Image.Image:
    return image.convert("L").convert("RGB")


def squared(image: Image.Image, _: Rng) -> Image.Image:
    """Pressed into a square, as training pipelines do."""
    side = max(round(float(np.sqrt(image.width * image.height)) * 0.6), 8)
    return image.resize((side, side), Image.Resampling.BILINEAR)


def recoloured(image: Image.Image, rng: Rng) -> Image.Image:
    """Hue turned by 15 to 60 degrees."""
    hue, saturation, value = image.convert("HSV").split()
    shift = int(rng.uniform(15, 60) / 360 * 256) * rng.choice([-1, 1])
    hue = hue.point([(level + int(shift)) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def upended(image: Image.Image, rng: Rng) -> Image.Image:
    """Turned by 90, 180 or 270 degrees."""
    ways = [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
    return image.transpose(ways[rng.integers(3)])


def three_at_once(image: Image.Image, rng: Rng) -> Image.Image:
    """Cropped, with a caption, and one more change."""
    last = (mirrored, relit, recontrasted, greyed, resized)[rng.integers(5)]
    return last(captioned(cropped(0.10)(image, rng), rng), rng)


KINDS = (
    Kind("re-encoding", "asked", recompressed),
    Kind("resize", "asked", _kept(resized)),
    Kind("brightness", "asked", _kept(relit)),
    Kind("contrast", "asked", _kept(recontrasted)),
    Kind("format", "asked", reformatted),
    Kind("text overlay", "asked", _kept(captioned)),
    Kind("mirror", "asked", _kept(mirrored)),
    Kind("crop 5 %", "asked", _kept(cropped(0.05))),
    Kind("crop 10 %", "asked", _kept(cropped(0.10))),
    Kind("crop 15 %", "asked", _kept(cropped(0.15))),
    Kind("rotation", "other", _kept(turned)),
    Kind("blur", "other", _kept(blurred)),
    Kind("noise", "other", _kept(noisy)),
    Kind("border", "other", _kept(framed)),
    Kind("greyscale", "other", _kept(greyed)),
    Kind("crop 30 %", "hard", _kept(cropped(0.30))),
    Kind("pressed into a square", "hard", _kept(squared)),
    Kind("hue", "hard", _kept(recoloured)),
    Kind("quarter turns", "hard", _kept(upended)),
    Kind("crop, caption, one more", "hard", _kept(three_at_once)),
)


def _size(image: Image.Image, across: float, down: float) -> tuple[int, int]:
    return max(round(image.width * across), 1), max(round(image.height * down), 1)
