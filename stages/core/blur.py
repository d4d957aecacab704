"""How wide the edges of a picture are: the blur radius, of defocus and of motion.

An edge of spread s, blurred once more by a known amount, loses slope by a ratio that tells s and does not
depend on the edge's height (Zhuo & Sim, "Defocus map estimation from a single image", Pattern Recognition
2011). So dark, pale and plain pictures are judged by the same rule as bright and busy ones. The ratio is
taken along four directions, each at the strongest edges found along it: defocus widens the profiles of all
directions, motion along a line those of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

SMALLEST_SIDE = 24
"""Pictures with a shorter side than this have too few edges to tell anything, in pixels."""
SMALL_SIDE = 64
"""Pictures with a shorter side than this cannot spare a margin: they are mirrored at their borders, in pixels."""
MARGIN = 9
"""Pixels left out along the border, so that no filter looks over it."""
FIRST_BLUR, SECOND_BLUR = 1.0, 2.5
"""Blur before either gradient, against noise, and along the direction before the second one, in pixels."""
QUIETEST = 0.5
"""Slopes below this, in grey levels a pixel, are rounding and compression."""
SHARES = (0.4, 0.2, 0.1, 0.05, 0.0)
"""Edges of at least this share of the strongest slope are looked at; the next share is tried when they are too few."""
FEWEST_EDGES, MOST_EDGES = 30, 1000
CONFIDENCE = 1.64
"""Standard errors below the median that count as the spread: 95 % sure that it is at least this."""
SHARED = 2 * math.sqrt(math.pi) * FIRST_BLUR
"""Neighbouring edge pixels that share what the first blur mixed, and so speak with one voice."""
WIDEST = 20.0
"""Spreads above this are not told apart, in pixels."""

_LEVELS = 128
"""Steps of a grey level in the smoothed picture: as many as 16 bits have room for."""
_SMOOTHING = cv2.getGaussianKernel(7, FIRST_BLUR) * math.sqrt(_LEVELS)


@dataclass(frozen=True)
class _Direction:
    """A direction in pixel steps, and the filters along it.

    taps : offsets in steps.  weights : of the re-blurred slope.
    before, after : variance of the blur that comes before each slope, square pixels.
    """

    down: int
    right: int
    length: float
    taps: np.ndarray
    weights: np.ndarray
    before: float
    after: float


def edge_spread(grey: np.ndarray) -> float:
    """Radius of the blur that the strongest edges show, root mean square over directions.

    Parameters
    ----------
    grey : (h, w) uint8 luminance. The radius is in its pixels, so bring pictures to one size first.

    Returns
    -------
    Standard deviation of the blur's spread in pixels, 0 to 20. NaN where nothing can be told: no edges that
    stand out of the noise, or a shorter side of less than `SMALLEST_SIDE` pixels.
    """
    if min(grey.shape) < SMALLEST_SIDE:
        return math.nan
    quietest = max(QUIETEST, noise(grey))
    if min(grey.shape) < SMALL_SIDE:
        grey = cv2.copyMakeBorder(grey, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_REFLECT_101)
    smooth = cv2.sepFilter2D(grey, cv2.CV_16S, _SMOOTHING, _SMOOTHING)
    spreads = [_spread_along(smooth, direction, quietest) for direction in _DIRECTIONS]
    known = [spread for spread in spreads if not math.isnan(spread)]
    return math.sqrt((max(known) ** 2 + min(known) ** 2) / 2) if known else math.nan


def noise(grey: np.ndarray) -> float:
    """Standard deviation of the pixel noise, in grey levels.

    A second difference in both axes cancels edges (Immerkaer, "Fast noise variance estimation", CVIU 1996); its median
    size is taken instead of its mean, because texture survives it.
    """
    # Every third row and column, so that no pixel counts twice: (n, m) of them have two behind them.
    height, width = ((side - 3) // 3 * 3 + 1 for side in grey.shape)
    first, second, third = (grey[start : start + height : 3].astype(np.int16) for start in range(3))
    down = first - 2 * second + third
    rough = np.abs(down[:, :width:3] - 2 * down[:, 1 : 1 + width : 3] + down[:, 2 : 2 + width : 3])
    return _median(rough) / (0.6745 * 6)


def _median(values: np.ndarray) -> float:
    """Of small whole numbers from zero on, by counting them."""
    reached = np.cumsum(np.bincount(values.ravel()))
    low, high = np.searchsorted(reached, [(values.size + 1) // 2, values.size // 2 + 1])
    return float(low + high) / 2


def _spread_along(smooth: np.ndarray, direction: _Direction, quietest: float) -> float:
    """Spread of the strongest edges along one direction; NaN where they are too few."""
    flat, step = smooth.ravel(), direction.down * smooth.shape[1] + direction.right
    edges, slopes = _strongest_edges(smooth, direction, quietest)
    if len(edges) < FEWEST_EDGES:
        return math.nan
    every = -(-len(edges) // MOST_EDGES)
    edges, slopes = edges[::every], slopes[::every]
    profiles = flat[edges[:, None] + step * direction.taps].astype(np.float32)
    reblurred = np.abs(profiles @ direction.weights)
    return _surely_reached(_spreads(slopes, reblurred, direction), _weights(slopes))


def _strongest_edges(smooth: np.ndarray, direction: _Direction, quietest: float) -> tuple[np.ndarray, np.ndarray]:
    """Places (in the flattened picture) and slopes of local maxima of the slope along a direction."""
    down, right = direction.down, direction.right
    # With the pixel around the places that are looked at, so that each has the slopes before and behind it.
    around = cv2.absdiff(_inner(smooth, down, right), _inner(smooth, -down, -right))
    slopes = around[1:-1, 1:-1]
    least, steepest = int(quietest * 2 * direction.length * _LEVELS), int(cv2.minMaxLoc(slopes)[1])
    for share in SHARES:
        limit = max(least, int(share * steepest))
        row, column, peaks = _peaks(around, down, right, np.flatnonzero(slopes > limit))
        if len(peaks) >= FEWEST_EDGES or limit == least:
            break
    return (row + MARGIN) * smooth.shape[1] + column + MARGIN, peaks


def _peaks(around: np.ndarray, down: int, right: int, steep: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and slopes of the steep places (numbered within the margin) that are steeper than those before and
    behind them.
    """
    steep = steep[:: -(-len(steep) // (6 * MOST_EDGES)) or 1]
    flat, width = around.ravel(), around.shape[1]
    row, column = np.divmod(steep, width - 2)
    places, step = (row + 1) * width + column + 1, down * width + right
    here, back, ahead = (flat[places + shift] for shift in (0, -step, step))
    is_peak = (here >= back) & (here > ahead)
    return row[is_peak], column[is_peak], here[is_peak].astype(np.float32)


def _inner(smooth: np.ndarray, down: int, right: int) -> np.ndarray:
    """The picture without its margin but for one pixel of it, moved by some pixels."""
    height, width = smooth.shape
    margin = MARGIN - 1
    return smooth[margin + down : height - margin + down, margin + right : width - margin + right]


def _spreads(slopes: np.ndarray, reblurred: np.ndarray, direction: _Direction) -> np.ndarray:
    """Spread of each edge, from its slope before and after the second blur.

    A step of height c, blurred to variance v, has the slope c / sqrt(2 pi v). So the squared ratio of the two slopes is
    (s² + after) / (s² + before), which is solved for s.
    """
    ratio = np.maximum(slopes / np.maximum(reblurred, 1e-6), 1.0001) ** 2
    variance = (direction.after - ratio * direction.before) / (ratio - 1)
    return np.sqrt(np.clip(variance, 0, WIDEST**2))


def _weights(slopes: np.ndarray) -> np.ndarray:
    """Fourth power of the slope, so that the few crisp edges of a sharp picture outvote its soft shades.

    The few steepest count no more than the one after them: a hot pixel is not an edge.
    """
    steep = np.partition(slopes, -FEWEST_EDGES // 2)[-FEWEST_EDGES // 2]
    return np.minimum(slopes / steep, 1) ** 4


def _surely_reached(values: np.ndarray, weights: np.ndarray) -> float:
    """Lower confidence bound of the weighted median, an order statistic.

    So a small picture, which has few edges, is not called blurry on the word of one or two.
    """
    voices = weights.sum() ** 2 / np.square(weights).sum() / SHARED
    share = max(0.5 - CONFIDENCE * 0.5 / math.sqrt(voices), 0.05)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] * share)])


def _direction(down: int, right: int) -> _Direction:
    length = math.hypot(down, right)
    more = math.sqrt(SECOND_BLUR**2 - FIRST_BLUR**2) / length
    reach = min(math.ceil(2.5 * more), MARGIN - 2)
    at = np.arange(-reach, reach + 1)
    kernel = np.exp(-(at**2) / (2 * more**2))
    kernel /= kernel.sum()
    # A central difference spans two steps, and so blurs like a box of that width.
    before = FIRST_BLUR**2 + length**2 / 3
    after = before + float(kernel @ at**2) * length**2
    weights = np.convolve(kernel, [-1, 0, 1]).astype(np.float32)
    return _Direction(down, right, length, np.arange(-reach - 1, reach + 2), weights, before, after)


_DIRECTIONS = tuple(_direction(down, right) for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)))
