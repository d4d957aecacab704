"""How strange an image may be by chance: the null, p-values, and q-values that control the false-discovery rate.

What the null assumes: most images are no outliers, and the excess of those falls off above its median like a
generalised Pareto distribution (Pickands 1975), which holds short tails, as a normal distribution's or that of bounded
distances, as well as long ones. It is read twice, and the more cautious of the two counts:

- from the body, between the median and the 90th percentile; of what lies higher only the number counts, not where it
  lies. So up to a tenth of the images may be outliers, the lower half does no harm however skewed it is, and outliers
  make the tail somewhat too heavy, which errs towards flagging fewer. How the tail ends is extrapolated;
- from all of the upper half, a share of which may be strangers that lie anywhere (Banfield & Raftery 1993). Where
  there are many images this sees the tail that the other has to guess: on sets of 1,000 to 3,000 with a few strangers
  in a thousand, the first alone flagged two false ones for every right one.

Where images fall off more slowly than both say, more are flagged falsely than was asked for. `goodness` holds the
fit against the data, for people to look at. A further fit without the certain outliers finds more strangers, but two to
three times the false ones on Gaussian classes, so there is none.

The shape is hard to know from 40 images, so it has a prior (Coles & Dixon 1999; Martins & Stedinger 2000): normal, with
the mean and the spread of the shapes of cosine distances on 60 simulated sets without outliers (-0.27 and 0.16; 1 to 10
Gaussian classes of 5 to 100 dimensions and different tightness, 150 to 1,000 points in all), less 0.06, by which
chords have lower shapes than cosine distances on 60 more such sets. Nor are more than 1,000 images believed: the family
is an approximation, and more of them would press it into ending the tail too early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.contracts.vocabulary import NOISE
from stages.core import pareto_tail
from stages.core.pareto_tail import Tail

FEWEST = 50
"""Under so many images no null is fitted: its tail would rest on fewer than 20 of them."""

UPPER = 0.9
"""Quantile above which values are counted but not looked at."""

APART = 0.95
"""Share of the other images that half of a cluster must exceed to lie apart."""

FEWEST_OWN = 5
"""Fewest members of a cluster that is judged on its own."""

MOST_COUNTED = 1000
"""The likelihood weighs at most as much as that of so many images."""

BODY_POINTS = 400
"""The body is summarised by at most so many of its quantiles, which bounds time and memory."""

SMALLEST_BODY = 1e-3
"""Differences below this are noise of the arithmetic, not of the images."""

SMALLEST_P = 1e-30
"""Nothing is impossible; and numbers this small keep their order in 32 bits."""

CHECKED_LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99)


@dataclass(frozen=True)
class Null:
    """A fitted null. Half of all lie under `center`; above it are two readings of one tail, heights in chords.

    center, body : `body` is the height of the 90th percentile above the centre.
    scale, shape : of the Pareto read from the body.
    seen_scale, seen_shape, strange : of the one read from all, and the share of the upper half that it takes for
        strangers.
    n : how many values it was fitted on.
    """

    center: float
    body: float
    scale: float
    shape: float
    seen_scale: float
    seen_shape: float
    strange: float
    n: int

    @property
    def tails(self) -> tuple[Tail, Tail]:
        return Tail(self.scale, self.shape), Tail(self.seen_scale, self.seen_shape)

    def p_values(self, values: np.ndarray) -> np.ndarray:
        """Chance (n,) of lying so far above the centre or farther; 0.5 for all below it; NaN stays."""
        above = np.maximum(values - self.center, 0)
        p = 0.5 * np.exp(np.maximum(*(tail.log_survival(above) for tail in self.tails)))
        return np.where(np.isnan(values), np.nan, np.maximum(p, SMALLEST_P))

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Values that the given shares, 0.5 to 0.99, should lie under."""
        return self.center + np.maximum(*(tail.height(2 * (1 - levels)) for tail in self.tails))

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Strangeness (n,) in [0, 1]: 0.5 is usual, 0.75 is the edge of the body; NaN gives 0.5.

        Rational, not exponential, so that even the strangest of all keep their order in 32 bits.
        """
        height = np.nan_to_num((values - self.center) / self.body, nan=0.0)
        return 0.5 + 0.5 * height / (1 + np.abs(height))


@dataclass(frozen=True)
class Alignment:
    """Brings the clusters that lie apart as a whole into line with the rest.

    A small class of loose images among many tight ones is no set of outliers. So where half of a cluster lies
    beyond the body of the others, its members are judged within their cluster: moved to the median of the
    rest, and narrowed to the body of the rest if the cluster's own is wider.

    center, body : of the rest.
    apart : of each such cluster its number, size, center and body.
    """

    center: float
    body: float
    apart: tuple[dict, ...]

    def __call__(self, values: np.ndarray, homes: np.ndarray) -> np.ndarray:
        """A copy of the values (n,), moved where their home (n,) lies apart."""
        result = values.copy()
        for own in self.apart:
            members = homes == own["cluster"]
            narrowed = self.body / max(self.body, own["body"])
            result[members] = self.center + (values[members] - own["center"]) * narrowed
        return result


def alignment(values: np.ndarray, homes: np.ndarray) -> Alignment:
    """Which clusters lie apart.

    Parameters
    ----------
    values : (n,) excess, NaN where there is none.
    homes : (n,) cluster of each, `NOISE` for none.
    """
    known = ~np.isnan(values)
    if not known.any():
        return Alignment(0.0, SMALLEST_BODY, ())
    homes = np.where(known, homes, NOISE)
    apart = _clusters_apart(values, homes)
    center, body = _center_and_body(values[known & ~np.isin(homes, apart)])
    return Alignment(center, body, tuple(_own(number, values[homes == number]) for number in apart))


def fit(values: np.ndarray) -> Null:
    """The null of values (n,), NaN left out, by maximum penalised likelihood on a grid.

    References
    ----------
    Efron 2004, for taking an empirical null from the bulk of the data.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        shape = pareto_tail.SHAPE_MEAN
        return Null(0.0, SMALLEST_BODY, SMALLEST_BODY, shape, SMALLEST_BODY, shape, 0.0, 0)
    center, body = _center_and_body(known)
    heights = (known[known > center] - center) / body
    inside = np.sort(heights[heights <= 1])
    believed = min(1.0, MOST_COUNTED / len(known))
    points, weight = _summary(inside)
    counted = pareto_tail.counted(points, weight * believed, (len(heights) - len(inside)) * believed)
    seen, strange = pareto_tail.seen(heights, believed)
    return Null(center, body, counted.scale * body, counted.shape, seen.scale * body, seen.shape, strange, len(known))


def q_values(p: np.ndarray) -> np.ndarray:
    """False-discovery rate (n,) at which each would just be flagged; NaN stays and does not count.

    References
    ----------
    Benjamini & Hochberg 1995.
    """
    result = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return result


def q_values_beside(p: np.ndarray, others: np.ndarray) -> np.ndarray:
    """q-values (n,) that each p-value would have as one more beside the `others` (m,); NaN stays, or is left out."""
    known = np.sort(others[~np.isnan(others)])
    total = len(known) + 1
    below = np.searchsorted(known, p, side="right")
    # Those above it are one rank higher than they were without it, and it is flagged where any of them is.
    scaled = known * total / np.arange(2, total + 1)
    least = np.append(np.minimum.accumulate(scaled[::-1])[::-1], np.inf)
    return np.where(np.isnan(p), np.nan, np.minimum(np.minimum(p * total / (below + 1), least[below]), 1))


def goodness(null: Null, values: np.ndarray) -> dict:
    """How the values lie against the fitted null, for people to look at.

    Returns
    -------
    `levels`, `observed`, `expected`: quantiles of the upper half. `largest_gap`: the largest difference of
    share (0 to 1) between the two over the body that was fitted.
    """
    known = np.sort(values[~np.isnan(values)])
    levels = np.array(CHECKED_LEVELS)
    body = known[(known > null.center) & (known <= null.center + null.body)]
    shares = np.searchsorted(known, body, side="right") / len(known)
    return {
        "levels": levels.tolist(),
        "observed": np.quantile(known, levels).round(6).tolist(),
        "expected": null.quantiles(levels).round(6).tolist(),
        "largest_gap": round(float(np.abs(shares - (1 - null.p_values(body))).max(initial=0)), 6),
    }


def _clusters_apart(values: np.ndarray, homes: np.ndarray) -> list[int]:
    """The clusters of which half lies beyond the body of the others, the farthest first; no NaN has a home."""
    order = np.argsort(homes, kind="stable")
    numbers, starts = np.unique(homes[order], return_index=True)
    members = dict(zip(numbers.tolist(), np.split(values[order], starts[1:]), strict=True))
    members.pop(NOISE, None)
    medians = {number: np.median(own) for number, own in members.items() if len(own) >= FEWEST_OWN}
    rest = np.sort(values[~np.isnan(values)])
    apart = []
    for number in sorted(medians, key=medians.get, reverse=True):
        own, others = members[number], len(rest) - len(members[number])
        above = _beyond(rest, medians[number]) - _beyond(np.sort(own), medians[number])
        if above > (1 - APART) * others or not others:
            break
        apart.append(number)
        rest = rest[~np.isin(rest, own)]
    return apart


def _beyond(ascending: np.ndarray, value: float) -> int:
    return len(ascending) - int(np.searchsorted(ascending, value, side="right"))


def _own(number: int, values: np.ndarray) -> dict:
    center, body = _center_and_body(values)
    return {"cluster": int(number), "n": len(values), "center": center, "body": body}


def _center_and_body(values: np.ndarray) -> tuple[float, float]:
    """The median, and how far the 90th percentile lies above it."""
    center, upper = np.quantile(values, [0.5, UPPER])
    return float(center), max(float(upper - center), SMALLEST_BODY)


def _summary(inside: np.ndarray) -> tuple[np.ndarray, float]:
    """At most `BODY_POINTS` values that stand for all, and how many each of them stands for."""
    if len(inside) <= BODY_POINTS:
        return inside, 1.0
    return np.quantile(inside, (np.arange(BODY_POINTS) + 0.5) / BODY_POINTS), len(inside) / BODY_POINTS
