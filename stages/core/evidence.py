"""Why an image is removed or flagged: one sentence with what was measured, the threshold, and the one that stays.

The sentences stand by themselves, in `removed.csv` as on the pages, for readers who know nothing of the code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from stages.contracts.vocabulary import DuplicateKind, QualityIssue
from stages.core.groups import why
from stages.core.quality import HISTOGRAM_BITS, SEEN_CHROMA, WORKING_DIAGONAL

MOST_DIGITS = 7
"""Of a score that is a float32: further ones say nothing."""


@dataclass(frozen=True)
class Thresholds:
    """What was in force when the images were judged.

    quality : of each issue's score; None where it is switched off.
    agreement : share of the content that two copies have in common.
    agreement_pixels : the same where nothing but the pixels vouches for how one lies on the other.
    rate : false-discovery rate up to which outliers are flagged.
    """

    quality: Mapping[str, float | None]
    agreement: float
    agreement_pixels: float
    rate: float


@dataclass(frozen=True)
class Copy:
    """How an item is a copy of another.

    transform : what was done to it, in words; empty where nobody can tell.
    vouched : details or hashes vouched for how one lies on the other, so that less agreement was enough.
    """

    kind: str
    agreement: float
    transform: str = ""
    vouched: bool = True


def of_unreadable(reason: str, frames: int = 0) -> str:
    """What is wrong with a file that cannot be opened.

    Parameters
    ----------
    frames : of the same file that could be read, where it is a video that breaks off.
    """
    if frames:
        used = "Its first frame is used" if frames == 1 else f"Its first {frames:,} frames are used"
        return f"{used}; the rest of the video cannot be read; {reason}."
    return f"The file cannot be opened as an image; {reason}."


def of_quality(issue: QualityIssue, score: float, width: int, height: int, threshold: float | None) -> str:
    """Score, what was measured in its own unit, and the threshold.

    Parameters
    ----------
    score : 0 worst, 1 best.
    width, height : pixels.
    """
    limit = "" if threshold is None else f", threshold {threshold:.3g}"
    return f"{measured(issue, score, width, height)}; score {_below(score, threshold)}{limit}."


def measured(issue: QualityIssue, score: float, width: int, height: int) -> str:
    """What a score was made from (see `stages/core/quality.py`), in words."""
    size = f"{width:,} × {height:,} pixels"
    told = {
        QualityIssue.DARK: lambda: f"99 % of the picture is darker than {score:.2f} (1 is white)",
        QualityIssue.BRIGHT: lambda: (
            f"Light shadows, or light that was too much, leave {100 * score:.0f} % of the scale"
        ),
        QualityIssue.BLURRY: lambda: f"Even the sharpest edges are blurred{_radius(score)}",
        QualityIssue.LOW_INFORMATION: lambda: (
            f"The tones hold {HISTOGRAM_BITS * score:.1f} of {HISTOGRAM_BITS} bits of information"
        ),
        QualityIssue.ODD_ASPECT: lambda: f"{size}: one side is {_times(score)} the other",
        QualityIssue.ODD_SIZE: lambda: f"{size}, far from the usual size here",
        QualityIssue.GRAYSCALE: lambda: f"The colour channels differ by {100 * _chroma(score):.1f} % of the tones",
    }
    return told[issue]()


def of_outlier(evidence: str, rate: float) -> str:
    """The evidence that `score` gave, and the q-value up to which images are flagged."""
    return f"{evidence.rstrip('.')}; threshold q = {rate:g}."


def of_copy(copy: Copy, keeper: str, thresholds: Thresholds, reason: str) -> str:
    """Of which image it is a copy, how far they agree, and why the other stays.

    Parameters
    ----------
    keeper : name of the one that stays.
    reason : why that one, to follow "that one"; empty where it needs none.
    """
    stays = f"; that one {reason}" if reason else ""
    if copy.kind == DuplicateKind.EXACT:
        return f"The same bytes as {keeper}{stays}."
    done = f" ({copy.transform})" if copy.transform else ""
    return f"Near copy of {keeper}{done}: {_agreement(copy, thresholds)}{stays}."


def of_conflict(sentence: str) -> str:
    """The sentence on a copy, and why it stays although it is one."""
    return f"{sentence.rstrip('.')}; their labels differ, so a person has to decide."


def why_that_one(keeper: Mapping, other: Mapping, *, decided: bool) -> str:
    """Why the keeper stays rather than the other, to follow "that one".

    Parameters
    ----------
    keeper, other : items as `stages.core.groups.ranked` gives them.
    decided : a person said that the keeper stays.
    """
    if decided:
        return "stays by your decision"
    if keeper["rank"] > other["rank"]:
        return "stays"
    reason = why(keeper, other)
    kind, _, told = reason.partition(": ")
    words = {"more bytes": f"has more bytes: {told}", "first by path": "comes first by path"}
    return words.get(kind, f"is {reason}")


def _agreement(copy: Copy, thresholds: Thresholds) -> str:
    """With as many digits as the threshold that held for this pair has."""
    limit = f"{100 * (thresholds.agreement if copy.vouched else thresholds.agreement_pixels):.4g}"
    told = percent(copy.agreement, len(limit.partition(".")[2]))
    where = "" if copy.vouched else ", since little detail shows"
    return f"{told} of the content is the same, threshold {limit} %{where}"


def percent(share: float, digits: int = 0) -> str:
    """Rounded down: 100 % is all."""
    return f"{math.floor(100 * share * 10**digits + 1e-4) / 10**digits:.{digits}f} %"


def _below(score: float, threshold: float | None) -> str:
    """Two digits, or as many as it takes to show that a score is under its threshold."""
    if threshold is None or not score < threshold:
        return f"{score:.2f}"
    told = (f"{score:.{digits}f}" for digits in range(2, MOST_DIGITS))
    return next((text for text in told if float(text) < float(f"{threshold:.3g}")), f"{score:.{MOST_DIGITS}f}")


def _radius(score: float) -> str:
    return f" over {1 / score - 1:.1f} pixels at a diagonal of {WORKING_DIAGONAL}" if score > 0 else ""


def _times(ratio: float) -> str:
    return f"{1 / ratio:.1f} times" if ratio > 0 else "many times"


def _chroma(score: float) -> float:
    return SEEN_CHROMA * score / max(1 - score, 1e-9)
