"""The outliers: the strangest images first, each with its neighbours, and how the threshold was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import Decision
from stages.core.counts import STEADY
from stages.core.null_model import Null
from stages.pages import cards, words
from stages.pages.charts import Histogram, histogram
from stages.pages.facts import Facts
from stages.pages.gallery import SMALL_GRID, SMALL_SIDE, Album, Sheets, repack
from stages.pages.skeleton import render, script

NEIGHBORS_SHOWN = 5
WHAT = "how much farther from its neighbours an image is than they lead one to expect"
POSSIBLE = np.linspace(-2, 2, 40_001)
"""Differences of two cosine distances that there can be."""


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    ranked = cards.open_first(rank(facts.outliers, facts), facts)
    items = [facts.items[row.item_id] for row in ranked]
    nearest = [content for row in ranked for content in row.nearest_ids[:NEIGHBORS_SHOWN]]
    large, large_files = repack(album, [item.content_id for item in items], "outliers")
    small, small_files = repack(album, nearest, "neighbors", SMALL_SIDE, SMALL_GRID)
    shown = [_card(facts, number, row, large, small) for number, row in enumerate(ranked, 1)]
    flagged = [card for card, row in zip(shown, ranked, strict=True) if row.is_outlier]
    yield (
        "assets/data/outliers.js",
        script(
            "outliers",
            {"sheets": large.files, "small": small.files, "flagged": flagged, "next": shown[len(flagged) :]},
        ),
    )
    yield from ((f"assets/{name}", content) for name, content in large_files)
    yield from ((f"assets/{name}", content) for name, content in small_files)
    yield (
        "outliers.html",
        render(
            "outliers",
            facts,
            null=facts.null,
            chart=chart(facts),
            flagged=len(flagged),
            next=len(shown) - len(flagged),
            calibration=facts.calibration.outliers,
            steady=STEADY,
        ),
    )


def rank(outliers: pd.DataFrame, facts: Facts) -> list:
    """Rows as named tuples: the flagged ones first, then by score; of equals the first by path."""
    rows = outliers.assign(path=[facts.items[item].path for item in outliers["item_id"]])
    rows = rows.sort_values(["is_outlier", "outlier_score", "path", "item_id"], ascending=[False, False, True, True])
    return list(rows.itertuples(index=False))


def chart(facts: Facts) -> Histogram | None:
    """How far every distinct image lies beyond what its surroundings lead one to expect, the null, the threshold."""
    rows = facts.outliers.assign(content=[facts.items[item].content_id for item in facts.outliers["item_id"]])
    rows = rows[rows["knn_distance"].notna()].drop_duplicates("content")
    fitted = Null(**{name.name: facts.null[name.name] for name in fields(Null)})
    distances = distances_of(rows["outlier_score"].to_numpy(float), fitted)
    if not facts.null["fitted"]:
        return histogram(distances, WHAT)
    return histogram(
        distances,
        WHAT,
        threshold=_threshold(distances, rows["is_outlier"].to_numpy(bool), fitted, facts.null["rate"]),
        flagged_above=True,
        expected=lambda edges: _expected(fitted, edges),
    )


def distances_of(scores: np.ndarray, fitted: Null) -> np.ndarray:
    """The distances that the scores were made from; the table has only the scores, which grow with them."""
    return np.interp(scores, fitted.scores(POSSIBLE), POSSIBLE)


def _threshold(distances: np.ndarray, flagged: np.ndarray, fitted: Null, rate: float) -> float | None:
    """Half way between the flagged and the others; where nothing is flagged, where the first would have been."""
    if flagged.any() and not flagged.all():
        return float((distances[flagged].min() + distances[~flagged].max()) / 2)
    # Benjamini and Hochberg's bound for the smallest of n p-values.
    beyond = POSSIBLE[fitted.p_values(POSSIBLE) <= rate / fitted.n]
    return float(beyond[0]) if len(beyond) else None


def _expected(fitted: Null, edges: np.ndarray) -> np.ndarray:
    """Images per bin that the null expects; NaN below its centre, of which it says nothing."""
    counts = -fitted.n * np.diff(fitted.p_values(edges))
    return np.where(edges[:-1] >= fitted.center, counts, np.nan)


def _card(facts: Facts, number: int, row: tuple, large: Sheets, small: Sheets) -> cards.Card:
    item = facts.items[row.item_id]
    q_value = None if pd.isna(row.q_value) else float(row.q_value)
    unstable = {"kind": "unstable", "text": "Unstable: not flagged every time"}
    return cards.card(
        item,
        large.places.get(item.content_id),
        rank=number,
        score=round(float(row.outlier_score), 6),
        q_value=q_value if q_value is None else round(q_value, 6),
        **cards.settled(item, facts),
        **(cards.suggest(Decision.DROP, "flagged as an outlier") if row.is_outlier else {}),
        text=row.evidence,
        tags=[cards.verdict_tag(item)] + [unstable] * (row.is_outlier and row.stability < STEADY),
        facts=[
            cards.fact("Score", f"{row.outlier_score:.2f}"),
            cards.fact("q-value", words.q_value(q_value)),
            *stability(row.stability, facts.null.get("resamples", 0)),
            *cards.cluster_fact(item, facts),
            *cards.label_and_split(item),
        ],
        neighbors=[
            cards.neighbor(facts.first_of[content], small)
            for content in row.nearest_ids[:NEIGHBORS_SHOWN]
            if content in facts.first_of
        ],
    )


def stability(share: float | None, resamples: int) -> list[list[str]]:
    """In how many resamples of the images it is flagged; nothing where that was not measured."""
    return [] if pd.isna(share) else [cards.fact("Flagged in", f"{round(share * resamples)} of {resamples} resamples")]
