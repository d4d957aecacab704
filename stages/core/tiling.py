"""Cutting photographs into disjoint tiles, as large as the wanted number of them allows.

A tile is kept when nothing is wrong with it by measures that are not Winnow's own:

- dark, bright, low in information: cleanvision's measures (0.3.7) and thresholds, each with a margin;
- blurred: the no-reference measure of Crété et al. 2007 ("The blur effect: perception and estimation with a new
  no-reference perceptual blur metric"), as scikit-image has it;
- showing nothing: the edges of Canny 1986 ("A computational approach to edge detection"), because a cloudless sky has
  grey levels enough.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from skimage.measure import blur_effect

from stages.contracts.errors import ParamsError

SMALLEST_SIDE = 48
JITTER = 0.04

DARKEST_HIGHLIGHT = 0.40
"""99th percentile of luminance; cleanvision calls a picture dark under 0.32."""

BRIGHTEST_SHADOW = 0.90
"""5th percentile of luminance; cleanvision calls a picture bright over 0.95."""

LEAST_ENTROPY = 4.0
"""Bits; cleanvision calls a picture low in information under 3."""

MOST_BLUR = 0.5
"""Crété's measure runs from 0, sharp, to 1."""

FEWEST_EDGES = 0.03
"""Share of a tile's pixels that lie on an edge; each side of a square tile of 100 pixels is 1 %."""

EDGE_GRADIENT = (25, 50)
"""Canny's two thresholds on the Sobel gradient of 0 to 255: steps of some 6 and 12 grey levels."""

LUMINANCE = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, eq=False)
class Tile:
    """A rectangle of a photograph: which one, where in its grid, where in its pixels, and the pixels (h, w, 3)."""

    label: str
    row: int
    column: int
    top: int
    left: int
    pixels: np.ndarray


def stream(seed: int, *names: object) -> np.random.Generator:
    """Random numbers of their own for each purpose, so that a change to one kind leaves the others as they were."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])


def luminance(pixels: np.ndarray) -> np.ndarray:
    """(h, w) in [0, 1] from (h, w, 3) uint8, ITU-R BT.601."""
    return pixels @ LUMINANCE / 255


def entropy(light: np.ndarray) -> float:
    """Shannon entropy of the 256-bin histogram of luminance, bits."""
    shares = np.bincount(np.rint(light * 255).astype(int).ravel(), minlength=256) / light.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def edges(light: np.ndarray) -> float:
    """Share of pixels on an edge."""
    grey = np.rint(light * 255).astype(np.uint8)
    return float((cv2.Canny(grey, *EDGE_GRADIENT, L2gradient=True) > 0).mean())


def is_clear(pixels: np.ndarray) -> bool:
    """Whether a tile is neither dark, nor bright, nor empty, nor blurred."""
    light = luminance(pixels)
    shadow, highlight = np.percentile(light, [5, 99])
    if highlight < DARKEST_HIGHLIGHT or shadow > BRIGHTEST_SHADOW or entropy(light) < LEAST_ENTROPY:
        return False
    return edges(light) >= FEWEST_EDGES and blur_effect(light) <= MOST_BLUR


def cut_lines(length: int, parts: int, rng: np.random.Generator) -> np.ndarray:
    """Where to cut `length` pixels into `parts`: (parts + 1,) from 0 to `length`, even but for a small jitter."""
    lines = np.linspace(0, length, parts + 1)
    lines[1:-1] += rng.uniform(-JITTER, JITTER, max(parts - 1, 0)) * length / parts
    return np.rint(lines).astype(int)


def grid(label: str, pixels: np.ndarray, rows: int, columns: int, seed: int) -> list[Tile]:
    """Disjoint tiles that cover a photograph; only the clear ones."""
    rng = stream(seed, "grid", label, rows, columns)
    tops, lefts = cut_lines(pixels.shape[0], rows, rng), cut_lines(pixels.shape[1], columns, rng)
    found = []
    for row in range(rows):
        for column in range(columns):
            part = pixels[tops[row] : tops[row + 1], lefts[column] : lefts[column + 1]]
            if is_clear(part):
                found.append(Tile(label, row, column, int(tops[row]), int(lefts[column]), part))
    return found


def largest_tiles(photographs: dict[str, np.ndarray], count: int, seed: int) -> list[Tile]:
    """At least `count` clear tiles, of the largest common side that gives so many.

    Parameters
    ----------
    photographs : label to (h, w, 3) uint8.
    count : tiles wanted.
    seed : moves the cuts a little.

    Raises
    ------
    ParamsError : the photographs do not give so many of at least `SMALLEST_SIDE` pixels.
    """
    known: dict[tuple[str, int, int], list[Tile]] = {}
    most = 0
    area = sum(math.prod(pixels.shape[:2]) for pixels in photographs.values())
    for side in range(max(math.isqrt(area // max(count, 1)), SMALLEST_SIDE), SMALLEST_SIDE - 1, -1):
        tiles = []
        for label, pixels in sorted(photographs.items()):
            key = (label, pixels.shape[0] // side, pixels.shape[1] // side)
            if key not in known:
                known[key] = grid(label, pixels, *key[1:], seed)
            tiles += known[key]
        if len(tiles) >= count:
            return tiles
        most = max(most, len(tiles))
    raise ParamsError(
        "demo.images is more than the photographs give",
        where="params.yaml, demo.images",
        expected=f"{count} clear tiles of {SMALLEST_SIDE} pixels or more",
        got=most,
        do="lower demo.images",
    )


def neighbours(tiles: list[Tile]) -> list[tuple[Tile, Tile]]:
    """Pairs of tiles side by side in one row, in the order of the first; a tile may be in two pairs."""
    at = {(tile.label, tile.row, tile.column): tile for tile in tiles}
    return [
        (tile, at[tile.label, tile.row, tile.column + 1])
        for tile in tiles
        if (tile.label, tile.row, tile.column + 1) in at
    ]
