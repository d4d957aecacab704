"""From any of Pillow's pixel modes to 8-bit RGB: alpha on white, deep pixels scaled and not clipped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms

BAND_PIXELS = 4_000_000
DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
UNBOUNDED = ("I", "F")
WHITE_16 = 65_535
PHOTOMETRIC_TAG = 262


def to_rgb(image: Image.Image, factor: int = 1) -> np.ndarray:
    """Pixels of a loaded image as RGB.

    The work goes band by band, so that beside Pillow's own pixels and the result there is never
    a second full-size copy.

    Parameters
    ----------
    image : any mode. Palettes and transparency are resolved, alpha is flattened on white. 16-bit
        grey is divided by 257 (65,535 becomes 255). 32-bit integers and floats have no agreed
        white: floats within [0, 1] are taken as such, all others are stretched from their
        smallest to their largest finite value.
    factor : average squares of this side into one pixel.

    Returns
    -------
    (ceil(h / factor), ceil(w / factor), 3) uint8, C-contiguous.
    """
    convert = _converter(image)
    width, height = image.size
    rows = max(factor, BAND_PIXELS // width // factor * factor)
    if height <= rows:
        return _reduced(convert(image), factor)
    pixels = np.empty((-(-height // factor), -(-width // factor), 3), np.uint8)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        reduced = _reduced(convert(band), factor)
        pixels[top // factor : top // factor + len(reduced)] = reduced
    return pixels


def _converter(image: Image.Image) -> Callable[[Image.Image], np.ndarray]:
    """How a band of this image becomes RGB; what depends on the whole image is settled here."""
    if image.mode in DEEP:
        # Pillow turns 8-bit negatives (TIFF photometric 0) round, but not these.
        white_is_zero = getattr(image, "tag_v2", {}).get(PHOTOMETRIC_TAG) == 0
        return lambda band: _from_deep(band, white_is_zero)
    if image.mode in UNBOUNDED:
        low, high = _bounds(image)
        return lambda band: _from_unbounded(band, low, high)
    if image.mode == "LAB":
        return _from_lab
    if image.has_transparency_data:
        return _on_white
    return lambda band: np.asarray(band.convert("RGB"))


def _from_deep(band: Image.Image, white_is_zero: bool) -> np.ndarray:
    values = np.array(band).astype(np.uint32)
    if white_is_zero:
        values = WHITE_16 - values
    values[values == band.info.get("transparency", -1)] = WHITE_16
    return _grey((values * 255 + WHITE_16 // 2) // WHITE_16)


def _bounds(image: Image.Image) -> tuple[float, float]:
    """Values that become black and white."""
    if image.format == "PPM":  # Pillow has scaled these to 16 bits already
        return 0.0, float(WHITE_16)
    if image.mode == "I":
        low, high = image.getextrema()
        return float(low), float(high)
    values = np.asarray(image)
    finite = np.isfinite(values)
    if not finite.any():
        return 0.0, 1.0
    low, high = float(values.min(where=finite, initial=np.inf)), float(values.max(where=finite, initial=-np.inf))
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def _from_unbounded(band: Image.Image, low: float, high: float) -> np.ndarray:
    values = np.nan_to_num(np.asarray(band).astype(np.float64), nan=low, posinf=high, neginf=low)
    span = high - low if high > low else 1.0
    return _grey(np.rint(np.clip((values - low) / span, 0, 1) * 255))


def _from_lab(band: Image.Image) -> np.ndarray:
    profiles = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(*profiles, "LAB", "RGB")
    return np.asarray(ImageCms.applyTransform(band, transform))


def _on_white(band: Image.Image) -> np.ndarray:
    white = Image.new("RGBA", band.size, "white")
    return np.asarray(Image.alpha_composite(white, _with_alpha(band)).convert("RGB"))


def _with_alpha(band: Image.Image) -> Image.Image:
    """The band as RGBA, however its transparency is stored."""
    straight = {"La": "LA", "RGBa": "RGBA"}.get(band.mode)  # stored multiplied by alpha
    return (band.convert(straight) if straight else band).convert("RGBA")


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)


def _reduced(pixels: np.ndarray, factor: int) -> np.ndarray:
    # Copied where it still is Pillow's, which cannot be written to.
    return np.require(pixels if factor == 1 else np.asarray(Image.fromarray(pixels).reduce(factor)), requirements="CW")
