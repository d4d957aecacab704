"""Which threshold for copies to choose, from the precision and recall of each on planted copies and on lookalikes.

A lookalike is one of the user's own pictures that resembles an original of the sample. The original, and each planted
copy of it, are compared with it, and should not be accepted as its copies. But some lookalikes are real copies, and
verification must not be the judge of its own mistakes. So three independent signals are counted: the hashes are within
the distance that vouches; the embeddings are as near as those of planted copies; and nearly all content is the same, on
a sure geometry or down to the finest detail.

- With two signals or three, the original and the lookalike are copies of each other. The pair is left out.
- With fewer, where verification accepts the pair nevertheless, only a person can say: the pair is unconfirmed. It
  counts as one mistake, however many planted copies of the original were compared with the lookalike, since they all
  raise the same question. So precision is a lower bound; beside it stands its value if the unconfirmed are copies.
- A planted copy that is accepted as a copy of the lookalike, although its original is not, is a mistake for certain, as
  verification contradicts itself; but only if no signal speaks for the pair. With one signal it is left out.

Only certain mistakes raise the threshold of `auto`. If they do, it is raised until precision is as asked for with
unconfirmed pairs counted as mistakes, too. It is lowered only if that lets in no pair that is wrong or unconfirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stages.core.intervals import ENOUGH, Proportion
from stages.core.trials import Point
from stages.core.verification import HASHES_VOUCH, Verification, vouched

SANE = (0.40, 0.90)
"""The range of thresholds to choose from: below it most content differs, above it re-encoding is a difference."""
BEYOND_DOUBT = 0.8
"""Agreement, on a sure geometry, that leaves room for a caption over a fifth of the content, and for nothing else."""
PIXELS_BEYOND_DOUBT = 0.95
"""The same where no geometry is sure: one laid on the other as it is, down to the finest detail."""
SIGNALS = 2
"""Of three, that make a pair of the user's own copies."""
DIGITS = 6


@dataclass(frozen=True)
class Choice:
    """A threshold, and whether the figures moved it: `calibrated`, `default` or `too_few`."""

    threshold: float
    source: str
    why: str


def level(found: Verification, distance: int, threshold_pixels: float) -> float:
    """The highest threshold at which two pictures are accepted as copies; 1: at any, 0: at none."""
    if vouched(found, distance):
        return min(max(round(float(found.agreement), DIGITS), 0.0), 1.0)
    return 1.0 if found.agreement >= threshold_pixels else 0.0


def signals(seen: Verification, distance: int, cosine: float, usual_cosine: float) -> int:
    """How many of three independent signals call two of the user's pictures copies.

    Parameters
    ----------
    cosine : of the two.  usual_cosine : the median of planted copies to their originals; NaN where there is none.
    """
    found = (
        distance <= HASHES_VOUCH,
        bool(cosine >= usual_cosine),
        seen.agreement >= (BEYOND_DOUBT if seen.is_sure else PIXELS_BEYOND_DOUBT),
    )
    return sum(found)


def chosen(curve: Sequence[Point], default: float, asked: float) -> Choice:
    """The threshold for these images.

    The default stands unless the figures speak against it beyond their 95 % intervals. If it misses the precision asked
    for even with all unconfirmed pairs counted as copies, the lowest threshold that reaches it is taken. If a lower
    threshold finds more copies, has the precision asked for, and accepts no further pair that is wrong or unconfirmed,
    that one is taken.

    Parameters
    ----------
    curve : ascending thresholds, the default among them.
    asked : precision, 0 to 1.
    """
    usual = next(at for at in curve if at.threshold == default)
    if min(usual.recall.independent, usual.at_most.independent) < ENOUGH:
        return Choice(default, "too_few", _too_few(usual))
    if usual.at_most.high < asked:
        return _raised(curve, usual, asked)
    better = [
        at
        for at in curve
        if SANE[0] <= at.threshold < default
        and at.recall.low > usual.recall.high
        and at.precision.share >= asked
        and at.mistakes + at.unconfirmed <= usual.mistakes + usual.unconfirmed
    ]
    if better:
        best = max(better, key=lambda at: (at.recall.found, at.threshold))
        return Choice(
            best.threshold,
            "calibrated",
            f"{best.threshold:g} finds {_percent(best.recall)} of the planted copies, the default, {default:g}, "
            f"{_percent(usual.recall)}; neither takes more lookalikes for copies than the other.",
        )
    return Choice(default, "default", _kept(usual, asked))


def _too_few(usual: Point) -> str:
    planted, found = usual.recall.independent, usual.at_most.independent
    return (
        f"Too few to tell: copies were planted of {planted} {'picture' if planted == 1 else 'pictures'}, and found of "
        f"{found}; {ENOUGH} are needed. The default, {usual.threshold:g}, stands."
    )


def _kept(usual: Point, asked: float) -> str:
    told = (
        f"The default, {usual.threshold:g}, finds {_percent(usual.recall)} of the planted copies, and of the pairs "
        f"that it accepts {'at least ' if usual.unconfirmed else ''}{_percent(usual.precision)} are copies; "
    )
    if usual.precision.share >= asked or not usual.unconfirmed:
        return told + "these images give no reason to move it."
    pairs = "one pair" if usual.unconfirmed == 1 else f"{usual.unconfirmed} pairs"
    return told + (
        f"whether that is short of the {100 * asked:g} % asked for hangs on {pairs} of your own that nobody confirmed, "
        f"and that alone does not move it."
    )


def _raised(curve: Sequence[Point], usual: Point, asked: float) -> Choice:
    higher = [at for at in curve if usual.threshold <= at.threshold <= SANE[1] and at.precision.n]
    reached = [at for at in higher if at.precision.share >= asked]
    best = reached[0] if reached else max(higher, key=lambda at: (at.precision.share, -at.threshold))
    told = f"reaches {_percent(best.precision)}" if reached else f"comes nearest, with {_percent(best.precision)}"
    return Choice(
        best.threshold,
        "calibrated",
        f"At the default, {usual.threshold:g}, {'at most ' if usual.unconfirmed else ''}{_percent(usual.at_most)} of "
        f"the pairs accepted are copies, short of the {100 * asked:g} % asked for; {best.threshold:g} {told}, and "
        f"finds {_percent(best.recall)} of the planted copies.",
    )


def _percent(share: Proportion) -> str:
    """`93 % (88 to 96 %)`."""
    low, middle, high = (f"{100 * value:.3g}" for value in (share.low, share.share, share.high))
    return f"{middle} % ({low} to {high} %)"
