"""Plain words and numbers, as a reader who is no expert wants them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from stages.contracts.calibration_record import Share
from stages.contracts.vocabulary import NOISE, QualityIssue, Rule, Status
from stages.core.numerals import plural

TOO_FEW = "too few to tell"


@dataclass(frozen=True)
class Issue:
    """How a quality issue is told: its name, what one sees, may do and looked for, and what its score measures."""

    title: str
    sees: str
    does: str
    seeks: str
    score: str


ISSUES: dict[QualityIssue, Issue] = {
    QualityIssue.DARK: Issue(
        "Dark",
        "Even the brightest parts of these pictures stay dark.",
        "Keep them if night scenes belong to the task; otherwise brighten or drop them.",
        "Looked for pictures whose brightest parts are dark.",
        "brightness of the brightest parts",
    ),
    QualityIssue.BRIGHT: Issue(
        "Bright",
        "These pictures are washed out: even their darkest parts are close to white, or much of them is lost in it.",
        "Check that the subject can still be told from its surroundings.",
        "Looked for washed-out pictures, whose darkest parts are nearly white.",
        "darkness of the darkest parts",
    ),
    QualityIssue.BLURRY: Issue(
        "Blurry",
        "Not one edge in these pictures is sharp: out of focus, or moved.",
        "Drop them unless blur is what the model must cope with.",
        "Looked for pictures without one sharp edge.",
        "sharpness of the sharpest edges",
    ),
    QualityIssue.LOW_INFORMATION: Issue(
        "Low information",
        "These pictures are almost empty: one tone, or next to nothing on it.",
        "Usually placeholders or failed exports: drop them.",
        "Looked for pictures that are almost one tone.",
        "variety of tones",
    ),
    QualityIssue.ODD_ASPECT: Issue(
        "Odd shape",
        "These pictures are far longer than they are wide, or the other way round.",
        "Squeezing them into a square distorts them: crop, pad or drop.",
        "Looked for very long and very tall pictures.",
        "shorter side divided by longer side",
    ),
    QualityIssue.ODD_SIZE: Issue(
        "Odd size",
        "These pictures are far smaller or larger than the rest of the data.",
        "Tiny ones are often icons or thumbnails that slipped in.",
        "Looked for pictures far smaller or larger than the rest.",
        "closeness to the usual size",
    ),
    QualityIssue.GRAYSCALE: Issue(
        "Greyscale",
        "These pictures have no colour, whatever their file format says.",
        "Fine if the model ignores colour; otherwise find out why they lack it.",
        "Looked for pictures without colour.",
        "amount of colour",
    ),
}

RULES: dict[Rule, tuple[str, str, str | None]] = {
    Rule.DECISION: ("Your decisions", "Somebody said so in data/decisions.csv.", "index.html#decisions"),
    Rule.UNREADABLE: ("Unreadable", "The file cannot be opened as an image.", "quality.html#unreadable"),
    Rule.EXACT_DUPLICATE: ("Exact duplicate", "The same bytes as an image that stays.", "duplicates.html#exact"),
    Rule.LEAK: ("Leak", "A copy of an image in a protected split.", "duplicates.html#leaks"),
    Rule.NEAR_DUPLICATE: (
        "Near duplicate",
        "The same picture as one that stays, edited or resized.",
        "duplicates.html#near",
    ),
    Rule.OUTLIER: ("Outlier", "Unlike everything else in the data.", "outliers.html"),
    Rule.LABEL_ISSUE: (
        "Label in doubt",
        "The other pictures contradict its label, or no label that was asked for fits.",
        "labels.html",
    ),
    **{
        Rule(issue.value): (words.title, words.sees, f"quality.html#{issue.value.replace('_', '-')}")
        for issue, words in ISSUES.items()
    },
}

STATUSES: dict[Status, str] = {
    Status.UNREADABLE: "Broken",
    Status.UNSUPPORTED: "Not a known image format",
    Status.EMPTY: "Empty file",
    Status.TOO_LARGE: "Too large to open safely",
}


def number(value: int) -> str:
    """1234 -> 1,234"""
    return f"{value:,}"


def firm(text: str) -> str:
    """Numbers stay with their percent signs where the line breaks."""
    return re.sub(r"(?<=\d) (?=%)", "\u00a0", text)


def percent(share: float) -> str:
    """A share of 1 as a percentage: one decimal, none from 10 on; never 0 or 100 for what only comes near."""
    if 0 < share < 0.001:
        return "under 0.1\u00a0%"
    if 0.999 < share < 1:
        return "over 99.9\u00a0%"
    return f"{share * 100:.0f}\u00a0%" if share >= 0.0995 or share == 0 else f"{share * 100:.1f}\u00a0%"


def interval(share: Share) -> str:
    """`88–96 %`: between what the true share lies with 95 % confidence; empty where there are too few to tell."""
    if not share.enough:
        return ""
    return f"{_low(100 * share.low)}–{_high(100 * share.high)}\u00a0%"


def _low(percent: float) -> str:
    """Without decimals; but with one, rounded down, where it would be 100 and is not."""
    return f"{math.floor(10 * percent) / 10:.1f}" if 99.5 <= percent < 100 else f"{percent:.0f}"


def _high(percent: float) -> str:
    """Without decimals; but with one, rounded up, where it would be 0 and is not."""
    return f"{math.ceil(10 * percent) / 10:.1f}" if 0 < percent <= 0.5 else f"{percent:.0f}"


def figure(share: Share | None) -> str:
    """`93 % (88–96 %)`, as far as there are enough to tell; never 100 % for what only comes near."""
    if share is None or not share.enough:
        return TOO_FEW
    return f"{whole(share)} ({interval(share)})"


def at_least(share: Share, unconfirmed: int) -> str:
    """A precision as `whole` tells it; as a lower bound where it counts unconfirmed pairs as mistakes."""
    bound = "at least " if unconfirmed and share.enough else ""
    return bound + (whole(share).removeprefix("over ") if bound else whole(share))


def precision(share: Share, unconfirmed: int) -> str:
    """`at least 97 % (95–100 %)`, as far as there are enough to tell."""
    return f"{at_least(share, unconfirmed)} ({interval(share)})" if share.enough else TOO_FEW


def whole(share: Share) -> str:
    """`93 %`: a measured share without decimals, rounded to 100 % only where all were found."""
    if not share.enough:
        return TOO_FEW
    told = f"{100 * share.share:.0f}"
    return ("over 99" if told == "100" and share.found < share.n else told) + "\u00a0%"


def moving(moved: dict[str, int]) -> str:
    """What moving a threshold by a tenth does, to follow "Moving it by 10 %"."""
    more, fewer = moved["looser"], moved["stricter"]
    if not more and not fewer:
        return "changes nothing"
    return f"changes {plural(more + fewer, 'image')} ({number(more)} more, {number(fewer)} fewer)"


def clock(seconds: float) -> str:
    """1:02.5, or 1:00:02.5 from an hour on, as players write it."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def size(count: int) -> str:
    """Bytes in the unit that leaves one to three digits before the point."""
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def pixels(width: int | None, height: int | None) -> str:
    return f"{width:,} × {height:,}" if width and height else "unknown size"


def q_value(value: float | None) -> str:
    """A false-discovery rate; small ones as a bound, since their digits mean nothing."""
    if value is None:
        return "not available"
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def cluster(value: int | None, name: str | None = None) -> str:
    """`Cluster 3`, or `Cluster 3 · dress` where it has a name."""
    if value is None:
        return "none"
    if value == NOISE:
        return "No cluster"
    return f"Cluster {value} · {name}" if name else f"Cluster {value}"


def rule(name: str | None) -> str:
    return RULES[Rule(name)][0] if name else "Nothing wrong"


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
