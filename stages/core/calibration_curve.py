"""What each threshold would give on planted copies and on lookalikes, and which threshold follows from it.

A lookalike is a pair of different pictures: an original, or a planted copy of it, and one of the user's pictures that
looks like it. Among the user's own there may be copies, too, and to find those is no mistake. So a pair of originals
counts as copies, and as no lookalike, where two of three independent signals say so beyond doubt: hashes within the
distance that vouches, embeddings as near as those of planted copies, and a sure geometry with nearly all content the
same. What one signal alone calls copies counts against Winnow; precision is therefore a lower bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stages.core.intervals import ENOUGH, Proportion, clustered
from stages.core.verification import HASHES_VOUCH, Verification, accepted

THRESHOLDS = tuple(round(0.30 + 0.025 * step, 3) for step in range(27))
"""0.30 to 0.95."""
SANE = (0.40, 0.90)
"""Between these a threshold may be chosen: below, most of the content differs; above, re-encoding is a difference."""
BEYOND_DOUBT = 0.8
"""Agreement, on a sure geometry, that leaves room for a caption over a fifth of the content, and for nothing else."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One pair that was judged.

    picture : of the sample.  kind : number of the alteration, -1 for an unaltered pair.
    seen, distance : what verification found, and bits between the hashes.  proposed : whether it is looked at at all.
    """

    picture: int
    kind: int
    seen: Verification
    distance: int
    proposed: bool = True


@dataclass(frozen=True)
class Point:
    """What a threshold gives: precision of the pairs accepted, recall of the copies; and how many false pairs."""

    threshold: float
    precision: Proportion
    recall: Proportion
    false: int


@dataclass(frozen=True)
class Choice:
    """A threshold, and whether the figures moved it: `calibrated`, `default` or `too_few`."""

    threshold: float
    source: str
    why: str


def are_copies(seen: Verification, distance: int, cosine: float, usual_cosine: float) -> bool:
    """Whether two of the user's pictures are copies beyond doubt: by two of three signals.

    Parameters
    ----------
    cosine : of the two.  usual_cosine : the median of planted copies to their originals; NaN where there is none.
    """
    signals = (
        distance <= HASHES_VOUCH,
        bool(cosine >= usual_cosine),
        seen.is_sure and seen.agreement >= BEYOND_DOUBT,
    )
    return sum(signals) >= 2


def is_found(trial: Trial, threshold: float, threshold_pixels: float) -> bool:
    """Whether Winnow calls the pair copies: proposed, and accepted."""
    return trial.proposed and accepted(trial.seen, threshold, threshold_pixels, trial.distance)


def point(
    threshold: float, threshold_pixels: float, copies: Sequence[Trial], lookalikes: Sequence[Trial], pictures: int
) -> Point:
    """
    Parameters
    ----------
    pictures : in the sample; pairs of one picture stand and fall together, so intervals count pictures.
    """
    n = np.bincount([trial.picture for trial in copies], minlength=pictures)
    found = _per_picture(copies, threshold, threshold_pixels, pictures)
    wrong = _per_picture(lookalikes, threshold, threshold_pixels, pictures)
    return Point(threshold, clustered(found, found + wrong), clustered(found, n), int(wrong.sum()))


def _per_picture(trials: Sequence[Trial], threshold: float, threshold_pixels: float, pictures: int) -> np.ndarray:
    found = [trial.picture for trial in trials if is_found(trial, threshold, threshold_pixels)]
    return np.bincount(np.array(found, np.int64), minlength=pictures)


def chosen(curve: Sequence[Point], default: float, asked: float) -> Choice:
    """The threshold for these images.

    The default stands unless the figures speak against it beyond their 95 % interval: it misses the asked precision,
    then the lowest that reaches it is taken; or a lower one finds more copies, at the asked precision even at the
    lower end of its interval, and lets no further false pair in.

    Parameters
    ----------
    curve : ascending thresholds, the default among them.
    asked : precision, 0 to 1.
    """
    usual = next(at for at in curve if at.threshold == default)
    if min(usual.recall.independent, usual.precision.independent) < ENOUGH:
        return Choice(
            default,
            "too_few",
            f"Too few to tell: copies were planted of {usual.recall.independent} pictures, and found of "
            f"{usual.precision.independent}; {ENOUGH} are needed. The default, {default:g}, stands.",
        )
    if usual.precision.high < asked:
        return _raised(curve, usual, asked)
    better = [
        at
        for at in curve
        if SANE[0] <= at.threshold < default
        and at.recall.low > usual.recall.high
        and at.precision.low >= asked
        and at.false <= usual.false
    ]
    if better:
        best = max(better, key=lambda at: (at.recall.found, at.threshold))
        return Choice(
            best.threshold,
            "calibrated",
            f"{best.threshold:g} finds {_percent(best.recall)} of the planted copies, the default, {default:g}, "
            f"{_percent(usual.recall)}; neither takes more lookalikes for copies than the other.",
        )
    return Choice(
        default,
        "default",
        f"The default, {default:g}, finds {_percent(usual.recall)} of the planted copies, and of the pairs that it "
        f"accepts {_percent(usual.precision)} are copies; these images give no reason to move it.",
    )


def _raised(curve: Sequence[Point], usual: Point, asked: float) -> Choice:
    higher = [at for at in curve if usual.threshold <= at.threshold <= SANE[1] and at.precision.n]
    reached = [at for at in higher if at.precision.share >= asked]
    best = reached[0] if reached else max(higher, key=lambda at: (at.precision.share, -at.threshold))
    told = f"reaches {_percent(best.precision)}" if reached else f"comes nearest, with {_percent(best.precision)}"
    return Choice(
        best.threshold,
        "calibrated",
        f"At the default, {usual.threshold:g}, {_percent(usual.precision)} of the pairs accepted are copies, short of "
        f"the {100 * asked:g} % asked for; {best.threshold:g} {told}, and finds {_percent(best.recall)} of the planted "
        f"copies.",
    )


def _percent(share: Proportion) -> str:
    """`93 % (88 to 96 %)`."""
    low, middle, high = (f"{100 * value:.3g}" for value in (share.low, share.share, share.high))
    return f"{middle} % ({low} to {high} %)"
