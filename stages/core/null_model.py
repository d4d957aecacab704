"""How strange an image may be by chance: the null, p-values, and q-values that control the false-discovery rate.

What the null assumes: most images are no outliers, and the excess distances of those fall off above their median
like a generalised Pareto distribution (Pickands 1975), which holds short tails, as a normal distribution's or that
of bounded distances, as well as long ones. It is read between the median and the 87.5th percentile; of what lies
higher only the number counts, not where it lies. So up to an eighth of the images may be outliers, the lower half
does no harm however skewed it is, and outliers make the tail somewhat too heavy, which errs towards flagging fewer.
How the tail ends is extrapolated: where images fall off more slowly than their body promises, more are flagged
falsely than was asked for. `goodness` holds the fit against the data, for people to look at.

A second fit without the certain outliers finds more strangers, but two to three times the false ones on Gaussian
classes, since what the outliers add to the tail is what keeps the extrapolation honest. So there is one fit.

The shape is hard to know from 40 images, so it has a prior (Coles & Dixon 1999; Martins & Stedinger 2000):
normal, with the mean and the spread of the shapes found on 60 simulated sets without outliers (1 to 10 Gaussian
classes of 5 to 100 dimensions and different tightness, 150 to 1,000 points in all). Nor are more than 400 images
believed: the family is an approximation, and thousands of images would press it into ending the tail too early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.contracts.vocabulary import NOISE

FEWEST = 50
"""Under so many images no null is fitted: its tail would rest on fewer than 20 of them."""

UPPER = 0.875
"""Quantile above which values are counted but not looked at."""

SHAPE_MEAN, SHAPE_SPREAD = -0.27, 0.16
SHAPES = np.linspace(-0.7, 0.4, 45)
RELATIVE_SCALES = np.geomspace(0.12, 5, 60)
"""The grid on which the likelihood is maximised; scales are in units of the body's height."""

FEWEST_OWN = 5
"""Fewest members of a cluster that is judged on its own."""

MOST_COUNTED = 400
"""The likelihood weighs at most as much as that of so many images."""

BODY_POINTS = 400
"""The body is summarised by at most so many of its quantiles, which bounds time and memory."""

SMALLEST_BODY = 1e-3
"""Differences of cosine distance below this are noise of the arithmetic (bfloat16), not of the images."""

SMALLEST_P = 1e-30
"""Nothing is impossible; and numbers this small keep their order in 32 bits."""

PARETO_UNTIL = 0.02
"""Share of the upper half from which on the tail is continued like a normal distribution's. A Pareto tail of negative
shape would end soon after."""

CHECKED_LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99)


@dataclass(frozen=True)
class Null:
    """A fitted null. Half of all lie under `center`; above it `scale` and `shape` are the Pareto's.

    center, body, scale : cosine distance; `body` is the height of the 87.5th percentile above the centre.
    shape : negative where the tail ends, 0 for an exponential one.
    n : how many values it was fitted on.
    """

    center: float
    body: float
    scale: float
    shape: float
    n: int

    def p_values(self, values: np.ndarray) -> np.ndarray:
        """Chance (n,) of lying so far above the centre or farther; 0.5 for all below it; NaN stays."""
        above = np.maximum(values - self.center, 0) / self.scale
        p = 0.5 * np.exp(_log_survival_on(above, self.shape))
        return np.where(np.isnan(values), np.nan, np.maximum(p, SMALLEST_P))

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Values that the given shares, 0.5 to 0.99, should lie under."""
        return self.center + self.scale * _height(2 * (1 - levels), self.shape)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Strangeness (n,) in [0, 1]: 0.5 is usual, 0.75 is the edge of the body; NaN gives 0.5.

        Rational, not exponential, so that even the strangest of all keep their order in 32 bits.
        """
        height = np.nan_to_num((values - self.center) / self.body, nan=0.0)
        return 0.5 + 0.5 * height / (1 + np.abs(height))


def fit(values: np.ndarray) -> Null:
    """The null of values (n,), NaN left out, by maximum penalised likelihood on a grid.

    References
    ----------
    Efron 2004, for taking an empirical null from the bulk of the data.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return Null(0.0, SMALLEST_BODY, SMALLEST_BODY, SHAPE_MEAN, 0)
    center, body = _center_and_body(known)
    upper = center + body
    inside = np.sort(known[(known > center) & (known <= upper)] - center) / body
    beyond = int((known > upper).sum())
    believed = min(1.0, MOST_COUNTED / len(known))
    points, weight = _summary(inside)
    shape, scale = _most_likely(points, weight * believed, beyond * believed)
    return Null(center, body, scale * body, shape, len(known))


def against_own_cluster(values: np.ndarray, homes: np.ndarray) -> tuple[np.ndarray, list[dict]]:
    """Bring the clusters that lie apart as a whole into line with the rest.

    A small class of loose images among many tight ones is no set of outliers. So where half of a cluster lies
    beyond the body of all values, its members are judged within their cluster: moved to the median of the
    rest, and narrowed to the body of the rest if the cluster's own is wider.

    Parameters
    ----------
    values : (n,) excess distances, NaN where there is none.
    homes : (n,) cluster of each, `NOISE` for none.

    Returns
    -------
    values : a copy.
    moved : for each such cluster its number, size, median and body.
    """
    result, moved = values.copy(), []
    known = ~np.isnan(values)
    if not known.any():
        return result, moved
    apart = _clusters_apart(values, np.where(known, homes, NOISE))
    center, body = _center_and_body(values[known & ~np.isin(homes, apart)])
    for number in apart:
        members = known & (homes == number)
        median, own = _center_and_body(values[members])
        result[members] = center + (values[members] - median) * body / max(body, own)
        moved.append({"cluster": int(number), "n": int(members.sum()), "center": median, "body": own})
    return result, moved


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
    """The clusters of which half lies beyond the body of all; so each holds less than a quarter of all."""
    center, body = _center_and_body(values[~np.isnan(values)])
    numbers = [number for number in np.unique(homes) if number != NOISE]
    members = {number: values[homes == number] for number in numbers}
    return [n for n in numbers if len(members[n]) >= FEWEST_OWN and np.median(members[n]) > center + body]


def _center_and_body(values: np.ndarray) -> tuple[float, float]:
    """The median, and how far the 87.5th percentile lies above it."""
    center, upper = np.quantile(values, [0.5, UPPER])
    return float(center), max(float(upper - center), SMALLEST_BODY)


def _summary(inside: np.ndarray) -> tuple[np.ndarray, float]:
    """At most `BODY_POINTS` values that stand for all, and how many each of them stands for."""
    if len(inside) <= BODY_POINTS:
        return inside, 1.0
    return np.quantile(inside, (np.arange(BODY_POINTS) + 0.5) / BODY_POINTS), len(inside) / BODY_POINTS


def _most_likely(inside: np.ndarray, weight: float, beyond: float) -> tuple[float, float]:
    """Shape and scale of greatest penalised likelihood, of values in (0, 1] and so many beyond 1."""
    shapes, scales = SHAPES[:, None], RELATIVE_SCALES[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = _log_survival(inside / scales[..., None], shapes[..., None])
        # The density is the survival to the power 1 + shape, over the scale.
        density = ((1 + shapes[..., None]) * survival).sum(axis=2) - len(inside) * np.log(scales)
        likelihood = weight * density + beyond * _log_survival(1 / scales, shapes)
    penalty = 0.5 * ((shapes - SHAPE_MEAN) / SHAPE_SPREAD) ** 2
    likelihood = np.where(np.isfinite(likelihood), likelihood, -np.inf) - penalty
    row, column = np.unravel_index(likelihood.argmax(), likelihood.shape)
    return float(SHAPES[row]), float(RELATIVE_SCALES[column])


def _log_survival(height: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Log of the share of a generalised Pareto distribution of scale 1 that lies above `height`."""
    safe = np.where(np.abs(shape) < 1e-9, 1.0, shape)
    return np.where(np.abs(shape) < 1e-9, -height, -np.log(np.maximum(1 + shape * height, 0)) / safe)


def _log_survival_on(height: np.ndarray, shape: float) -> np.ndarray:
    """The same, with an end that never comes: beyond `PARETO_UNTIL` the hazard grows on as a straight line.

    A normal distribution's does so too; value and slope of the hazard are those of the Pareto there.
    """
    turn = _height(np.float64(PARETO_UNTIL), shape)
    beyond = np.maximum(height - turn, 0)
    hazard = 1 / (1 + shape * turn)
    within = _log_survival(np.minimum(height, turn), np.float64(shape))
    return within - hazard * beyond - 0.5 * max(-shape, 0.0) * hazard**2 * beyond**2


def _height(survival: np.ndarray, shape: float) -> np.ndarray:
    """Inverse of the Pareto's survival."""
    return -np.log(survival) if abs(shape) < 1e-9 else (survival**-shape - 1) / shape
