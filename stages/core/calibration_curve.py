"""Which threshold for copies follows from what each would give on planted copies and on lookalikes.

A lookalike is a pair of different pictures: an original, or a planted copy of it, and one of the user's pictures that
looks like it. Among the user's own there may be copies, too, and to find those is no mistake; but verification must not
be the judge of its own mistakes. So three signals are asked: hashes within the distance that vouches, embeddings as
near as those of planted copies, and nearly all content the same on a sure geometry, or down to the finest detail.

- Two signals or three: the pair are copies, and count neither for nor against.
- Otherwise, where verification accepts the two originals, nobody can say but a person: the pair is unconfirmed. It
  counts as a mistake once, however many copies of the one were held against the other, since all of them ask the same;
  so precision is told as "at least". What it is if those pairs are copies is told beside it.
- A planted copy that is accepted beside a picture where its original is not, and no signal speaks for the two, is a
  mistake for certain: verification contradicts itself. Where one signal does speak for them, it counts as neither.

Only mistakes that are certain raise the threshold of `auto`; once they do, it goes to where unconfirmed pairs do no
harm either. And it is lowered only where that lets neither kind in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stages.core.intervals import ENOUGH, Proportion
from stages.core.trials import Point
from stages.core.verification import HASHES_VOUCH, Verification, vouched

SANE = (0.40, 0.90)
"""Between these a threshold may be chosen: below, most of the content differs; above, re-encoding is a difference."""
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
    """The highest threshold at which two pictures are accepted; 1 where none matters, 0 where none is low enough."""
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

    The default stands unless the figures speak against it beyond their 95 % interval: it misses the asked precision
    even if all unconfirmed pairs are copies, then the lowest that reaches it is taken; or a lower one finds more
    copies, keeps to the asked precision, and lets no further pair in that is wrong or unconfirmed.

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
