"""How much of what two aligned pictures show is the same.

Features say how two pictures lie on each other; pixels say whether they are one picture. Two garments on one
carpet share the carpet's features but not the middle; two shots of a burst share everything roughly and little
exactly; a copy shares all but a caption.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

WINDOW = 7
"""Side of the places at which pixels are compared, pixels of the 192-px frame."""
SAME = 0.8
"""Structural similarity from which a place is the same in both."""
NOISE = 6.0
"""Grey levels (0 to 255, at ordinary contrast) under which a place shows nothing."""
ORDINARY_CONTRAST = 48.0
MOST_GAIN = 4.0
STRONG = 10.0
"""Grey levels of local contrast above which a place counts no more than another."""
LEAST_CONTENT = 0.02
"""Share of the overlap that must show something: two blank pictures agree on nothing."""


@dataclass(frozen=True)
class Overlap:
    """Two pictures laid on each other.

    same : share of the content, within the overlap, that is the same in both, 0 to 1; 0 where there is no content.
    fine : correlation of the finest detail, pixel by pixel, -1 to 1; what two smooth pictures seldom share by chance.
    of_a, of_b : share of each picture's area that lies within the other.
    gain, offset : contrast and brightness of b against a, within the overlap: b = gain * a + offset.
    """

    same: float
    fine: float
    of_a: float
    of_b: float
    gain: float
    offset: float


NOTHING = Overlap(0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def overlap(a: np.ndarray, b: np.ndarray, matrix: np.ndarray) -> Overlap:
    """Compare grey pictures a (h, w) and b, uint8, after `matrix` (2, 3), which maps pixels of a to pixels of b.

    The comparison at each place is the structure term of SSIM (Wang et al. 2004), which brightness and contrast
    do not change; places count by how much they show.
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if not 0.1 < scale < 10:
        return NOTHING
    warped, inside = _laid_on(a.shape, b, matrix, scale)
    of_a = float(inside.mean())
    of_b = float(min(inside.sum() * scale**2 / b.size, 1.0))
    inside = _without_rim(inside)
    if inside.sum() < WINDOW**2:
        return NOTHING
    first, second = cv2.GaussianBlur(a.astype(np.float32), (0, 0), 1), cv2.GaussianBlur(warped, (0, 0), 1)
    means = first[inside].mean(), second[inside].mean()
    spreads = max(float(first[inside].std()), 1e-3), max(float(second[inside].std()), 1e-3)
    gain = spreads[1] / spreads[0]
    same = _share_the_same(_levelled(first, means[0], spreads[0]), _levelled(second, means[1], spreads[1]), inside)
    fine = correlation(_detail(a)[inside], _detail(warped)[inside])
    return Overlap(same, fine, of_a, of_b, gain, float(means[1] - gain * means[0]))


def _laid_on(shape: tuple[int, int], b: np.ndarray, matrix: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """b in a's pixels (h, w) float32, and where it has any (h, w) bool."""
    size = (shape[1], shape[0])
    if scale > 1.2:
        # Sampling every `scale`-th pixel would alias.
        b = cv2.GaussianBlur(b, (0, 0), 0.5 * scale)
    smoothly, nearest = (how | cv2.WARP_INVERSE_MAP for how in (cv2.INTER_LINEAR, cv2.INTER_NEAREST))
    warped = cv2.warpAffine(b, matrix, size, flags=smoothly, borderMode=cv2.BORDER_REPLICATE)
    whole = np.full(b.shape, 255, np.uint8)
    inside = cv2.warpAffine(whole, matrix, size, flags=nearest)
    return warped.astype(np.float32), inside > 0


def _without_rim(inside: np.ndarray) -> np.ndarray:
    """Half a pixel of the rim is another picture's border."""
    square = np.ones((3, 3), np.uint8)
    return cv2.erode(inside.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=1) > 0


def _levelled(picture: np.ndarray, mean: float, spread: float) -> np.ndarray:
    """At ordinary contrast, as far as that does not only raise noise."""
    return (picture - mean) * np.clip(ORDINARY_CONTRAST / spread, 1 / MOST_GAIN, MOST_GAIN)


def _share_the_same(a: np.ndarray, b: np.ndarray, inside: np.ndarray) -> float:
    mask = inside.astype(np.float32)
    count = np.maximum(_boxed(mask), 1e-3)
    mean_a, mean_b = _boxed(a * mask) / count, _boxed(b * mask) / count
    variance_a = np.maximum(_boxed(a * a * mask) / count - mean_a**2, 0)
    variance_b = np.maximum(_boxed(b * b * mask) / count - mean_b**2, 0)
    covariance = _boxed(a * b * mask) / count - mean_a * mean_b
    structure = (2 * covariance + NOISE**2) / (variance_a + variance_b + NOISE**2)
    contrast = np.sqrt(np.maximum(variance_a, variance_b))
    if (contrast[inside] > NOISE).mean() < LEAST_CONTENT:
        return 0.0
    weight = np.clip(contrast - NOISE / 2, 0, STRONG) * mask
    return float(weight[structure >= SAME].sum() / max(weight.sum(), 1e-6))


def _detail(picture: np.ndarray) -> np.ndarray:
    """A picture without its smooth part: a difference of two Gaussians, the finest detail that survives JPEG."""
    picture = picture.astype(np.float32)
    return cv2.GaussianBlur(picture, (0, 0), 0.7) - cv2.GaussianBlur(picture, (0, 0), 1.5)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation of two arrays of one shape, -1 to 1; 0 where either is constant."""
    first, second = a - a.mean(), b - b.mean()
    return float((first * second).sum() / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-6))


def _boxed(values: np.ndarray) -> np.ndarray:
    return cv2.boxFilter(values, -1, (WINDOW, WINDOW), normalize=True)
