"""The upper tail of a distribution as a generalised Pareto's, fitted by penalised likelihood on a grid.

Heights are above the centre of the distribution, in units of its body (see `null_model`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHAPE_MEAN, SHAPE_SPREAD = -0.33, 0.16
"""The prior of the shape; `null_model` says where it is from."""

SHAPES = np.linspace(-0.7, 0.4, 45)
RELATIVE_SCALES = np.geomspace(0.12, 5, 60)
"""The grid on which the likelihood is maximised; scales are in units of the body's height."""

STRANGE_SHARES = np.array([0, 0.005, 0.01, 0.02, 0.04, 0.06, 0.09, 0.14, 0.2])
"""Of the upper half: how many may be strangers."""

PARETO_UNTIL = 0.02
"""Share of the upper half from which on the tail is continued like a normal distribution's. A Pareto tail of negative
shape would end soon after."""

EACH = 100
"""The farthest so many count one by one; the others in bins, `BINS` at most, that widen towards the centre."""

BINS = 150


@dataclass(frozen=True)
class Tail:
    """A generalised Pareto distribution of heights above 0.

    scale : in units of the heights.  shape : negative where the tail ends, 0 for an exponential one.
    """

    scale: float
    shape: float

    def log_survival(self, height: np.ndarray) -> np.ndarray:
        """Log of the share above each height, with an end that never comes.

        Beyond `PARETO_UNTIL` the hazard grows on as a straight line, as a normal distribution's does; its value and
        slope are those of the Pareto there.
        """
        height = height / self.scale
        turn = _height(np.float64(PARETO_UNTIL), self.shape)
        beyond = np.maximum(height - turn, 0)
        hazard = 1 / (1 + self.shape * turn)
        within = _log_survival(np.minimum(height, turn), np.float64(self.shape))
        return within - hazard * beyond - 0.5 * max(-self.shape, 0.0) * hazard**2 * beyond**2

    def height(self, survival: np.ndarray) -> np.ndarray:
        """The heights above which the given shares lie, for shares of `PARETO_UNTIL` and more."""
        return self.scale * _height(survival, self.shape)


def counted(inside: np.ndarray, weight: float, beyond: float) -> Tail:
    """The tail of heights that are looked at up to 1, and counted beyond.

    Parameters
    ----------
    inside : (m,) heights in (0, 1], each standing for `weight` of them.
    beyond : how many lie above 1.
    """
    shapes, scales = SHAPES[:, None], RELATIVE_SCALES[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = _log_survival(inside / scales[..., None], shapes[..., None])
        # The density is the survival to the power 1 + shape, over the scale.
        density = ((1 + shapes[..., None]) * survival).sum(axis=2) - len(inside) * np.log(scales)
        likelihood = weight * density + beyond * _log_survival(1 / scales, shapes)
    return _most_likely(likelihood, SHAPES, RELATIVE_SCALES)[0]


def seen(heights: np.ndarray, believed: float) -> tuple[Tail, float]:
    """The tail of heights that are all looked at, some of which may be strangers, and the share that are.

    Strangers lie anywhere up to the greatest height, all heights being equally likely.

    Parameters
    ----------
    heights : (m,), above 0.
    believed : weight of each in the likelihood.

    References
    ----------
    Banfield & Raftery 1993, for a share of noise without structure beside the clusters.
    """
    points, weights = binned(heights)
    shapes, scales = SHAPES[::2, None, None], RELATIVE_SCALES[None, ::2, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.exp((1 + shapes) * _log_survival(points / scales, shapes)) / scales
    density = np.where(1 + shapes * points / scales > 0, density, 0)
    anywhere = 1 / max(points.max(initial=0), 1.0)
    found = []
    for share in STRANGE_SHARES:
        with np.errstate(divide="ignore"):
            log_density = np.log((1 - share) * density + share * anywhere)
        # A point where nothing can lie counts for nothing else: minus infinity, unless no point is there at all.
        likelihood = believed * (log_density * weights).sum(axis=2)
        found.append((*_most_likely(likelihood, SHAPES[::2], RELATIVE_SCALES[::2]), float(share)))
    tail, _, share = max(found, key=lambda one: one[1])
    return tail, share


def binned(heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A few heights that stand for all, and for how many each; the farthest stand for themselves."""
    descending = -np.sort(-heights)
    if len(descending) <= EACH:
        return descending, np.ones(len(descending))
    edges = np.unique(np.geomspace(EACH, len(descending), BINS).round().astype(int))
    counts = np.diff(edges)
    sums = np.add.reduceat(descending, edges[:-1])
    return np.concatenate([descending[:EACH], sums / counts]), np.concatenate([np.ones(EACH), counts])


def _most_likely(likelihood: np.ndarray, shapes: np.ndarray, scales: np.ndarray) -> tuple[Tail, float]:
    """The tail of greatest likelihood (shapes, scales), with the prior on the shape, and its value."""
    penalised = np.where(np.isfinite(likelihood), likelihood, -np.inf)
    penalised = penalised - 0.5 * ((shapes[:, None] - SHAPE_MEAN) / SHAPE_SPREAD) ** 2
    row, column = np.unravel_index(penalised.argmax(), penalised.shape)
    return Tail(float(scales[column]), float(shapes[row])), float(penalised[row, column])


def _log_survival(height: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Log of the share of a generalised Pareto distribution of scale 1 that lies above `height`."""
    safe = np.where(np.abs(shape) < 1e-9, 1.0, shape)
    return np.where(np.abs(shape) < 1e-9, -height, -np.log(np.maximum(1 + shape * height, 0)) / safe)


def _height(survival: np.ndarray, shape: float) -> np.ndarray:
    """Inverse of the Pareto's survival."""
    return -np.log(survival) if abs(shape) < 1e-9 else (survival**-shape - 1) / shape
