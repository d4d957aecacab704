"""Calibration: how much of what was planted in the user's own images is found, and how much hangs on each threshold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stages.contracts.calibration_record import CurvePoint, Duplicates, Outliers, OwnPair, Quality, Share, Strength
from stages.contracts.vocabulary import QualityIssue
from stages.core import evidence
from stages.pages import words
from stages.pages.curves import curve
from stages.pages.facts import Facts
from stages.pages.gallery import Album
from stages.pages.skeleton import render, script

PAIRS_SHOWN = 20
HARDEST = 3
"""Kinds of copies that the summary names."""
GOOD = 0.95
"""Share from which a kind of copy is not called hard."""
FOREIGN = "Foreign pictures flagged"
HELD_OUT = "Pictures of held-out clusters flagged"
SOURCES = {
    "calibrated": "calibrated on your images",
    "default": "the default of the literature",
    "too_few": "the default of the literature; too few of your images to tell",
}


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    record = facts.calibration
    copies, in_force = record.duplicates, facts.agreement["threshold"]
    known = [point for point in copies.curve if point.recall.enough and point.precision.enough]
    tried = [_tried(point, copies.unconfirmed) for point in known]
    yield "assets/data/calibration.js", script("calibration", {"tried": tried})
    yield (
        "calibration.html",
        render(
            "calibration",
            facts,
            record=record,
            copies=copies,
            hardest=hardest(copies.transforms),
            in_force=in_force,
            source=source(copies, in_force),
            unconfirmed=[_own(facts, pair) for pair in facts.unconfirmed[:PAIRS_SHOWN]],
            lowest=copies.curve[0].threshold if copies.curve else in_force,
            tried=known,
            start=nearest(known, in_force),
            chart=curve(
                known, {"recall": "Copies found", "precision": "Right among those accepted"}, in_force, words.figure
            ),
            flagged=flagged(record.outliers),
            issues=[_issue(facts, measured) for measured in record.quality],
            thresholds=thresholds(facts),
        ),
    )


def hardest(transforms: list[Strength]) -> list[Strength]:
    """The copies found least often, worst first, of those where there were enough to tell."""
    found = [one for one in transforms if one.share.enough and one.share.share < GOOD]
    return sorted(found, key=lambda one: one.share.share)[:HARDEST]


def flagged(strangers: Outliers | None) -> tuple[str, Share | None]:
    """What the head of the page tells of outliers: of foreign pictures; of a cluster's where too few are."""
    title, found = FOREIGN, strangers and strangers.recall
    if strangers and not strangers.recall.enough:
        held_out = [one for one in strangers.foreign if one.kind == "cluster" and one.share.enough]
        if held_out:
            title, found = HELD_OUT, held_out[0].share
    return title, found


def source(copies: Duplicates, in_force: float) -> str:
    """Where the threshold in force comes from."""
    return SOURCES[copies.source] if in_force == copies.threshold else "set by you in params.yaml"


def nearest(points: list[CurvePoint], threshold: float) -> int:
    """The number of the point that is nearest to a threshold; 0 where there is none."""
    return min(range(len(points)), key=lambda i: abs(points[i].threshold - threshold), default=0)


def _tried(point: CurvePoint, pairs: list[OwnPair]) -> dict:
    """What the page says when the reader tries a threshold."""
    unconfirmed = sum(pair.level >= point.threshold for pair in pairs)
    text = (
        f"At {point.threshold:g}, Winnow would find {words.figure(point.recall)} of the planted copies, "
        f"and {words.precision(point.precision, unconfirmed)} of the pairs that it accepts would be copies."
    )
    return {"threshold": point.threshold, "text": text}


def _own(facts: Facts, pair: OwnPair) -> dict:
    """A pair of the user's own that verification accepts and other signals do not confirm."""
    return {
        "paths": [facts.first_of[content].path for content in (pair.a, pair.b)],
        "agreement": evidence.percent(pair.agreement),
        "cosine": f"{pair.cosine:.2f}",
        "bits": pair.phash_distance,
    }


def _issue(facts: Facts, measured: Quality) -> dict:
    issue = QualityIssue(measured.issue)
    return {
        "measured": measured,
        "key": str(issue),
        "anchor": issue.value.replace("_", "-"),
        "title": words.ISSUES[issue].title,
        "moved": facts.metrics["sensitivity"]["measure"][issue],
        "chart": curve(
            measured.curve,
            {"recall": "Planted ones flagged", "precision": "Right among those flagged"},
            measured.threshold,
            words.figure,
        ),
    }


def thresholds(facts: Facts) -> list[dict]:
    """Every threshold: its key, its value, and what a tenth does; the one on which most hangs first."""
    moved = facts.metrics["sensitivity"]
    rows = [
        _threshold(f"duplicates.{name}", title, facts.agreement[name], moved["duplicates"][name], "duplicates.html")
        for name, title in (("threshold", "Near copies"), ("threshold_pixels", "Near copies, judged by pixels alone"))
    ]
    rate = facts.null["rate"] if facts.null["fitted"] else None
    strange = moved["outliers"]["false_discovery_rate"]
    rows.append(_threshold("outliers.false_discovery_rate", "Outliers", rate, strange, "outliers.html#threshold"))
    for issue, told in words.ISSUES.items():
        link = f"quality.html#{issue.value.replace('_', '-')}"
        rows.append(_threshold(f"measure.{issue}", told.title, facts.thresholds[issue], moved["measure"][issue], link))
    return sorted(rows, key=lambda row: -row["moved"]["looser"] - row["moved"]["stricter"])


def _threshold(key: str, title: str, value: float | None, moved: dict, link: str) -> dict:
    # A long key breaks after its dots and underscores, not anywhere.
    parts = re.findall(r"[^._]+[._]?", key)
    return {"key": key, "parts": parts, "title": title, "value": value, "moved": moved, "link": link}
