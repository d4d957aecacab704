"""Quality: issue by issue, the worst first, with the distribution of the score; then files that cannot be read.

Beside each threshold stands how much hangs on it, and how much of what was planted it finds.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from stages.contracts.calibration_record import Quality
from stages.contracts.vocabulary import Decision, QualityIssue, Status
from stages.core import evidence
from stages.pages import cards, words
from stages.pages.charts import histogram
from stages.pages.facts import Facts
from stages.pages.gallery import Album, repack
from stages.pages.skeleton import render, script


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    data: dict[str, dict] = {}
    for issue in QualityIssue:
        rows = cards.open_first(worst(facts.quality, issue, facts), facts)
        sheets, files = repack(album, [facts.items[row.item_id].content_id for row in rows], f"quality-{anchor(issue)}")
        data[anchor(issue)] = {
            "sheets": sheets.files,
            "cards": [_card(facts, issue, row, sheets.places) for row in rows],
        }
        yield from ((f"assets/{name}", content) for name, content in files)
    yield "assets/data/quality.js", script("quality", data)
    unreadable = [item for item in facts.items.values() if item.status != Status.OK]
    yield (
        "quality.html",
        render(
            "quality",
            facts,
            sections=sorted(
                (_section(facts, issue, len(data[anchor(issue)]["cards"])) for issue in QualityIssue),
                key=lambda section: not section["count"],
            ),
            unreadable=unreadable[: facts.gallery_limit],
            unreadable_count=sum(facts.metrics["unreadable"].values()),
        ),
    )


def anchor(issue: QualityIssue) -> str:
    return issue.value.replace("_", "-")


def worst(quality: pd.DataFrame, issue: QualityIssue, facts: Facts) -> list:
    """The rows that have the issue, as named tuples (item_id, score), worst first; of equals the first by path."""
    rows = quality.loc[quality[f"is_{issue}"], ["item_id", f"{issue}_score"]].set_axis(["item_id", "score"], axis=1)
    rows = rows.assign(path=[facts.items[item].path for item in rows["item_id"]])
    return list(rows.sort_values(["score", "path", "item_id"])[["item_id", "score"]].itertuples(index=False))


def _card(facts: Facts, issue: QualityIssue, row: tuple, places: dict) -> cards.Card:
    item = facts.items[row.item_id]
    return cards.card(
        item,
        places.get(item.content_id),
        **cards.settled(item, facts),
        **_suggested(issue),
        score=round(float(row.score), 6),
        text=evidence.of_quality(issue, float(row.score), item.width, item.height, facts.thresholds[issue]),
        facts=[cards.fact("Score", f"{row.score:.2f}"), cards.file_fact(item), *cards.label_and_split(item)],
    )


def _suggested(issue: QualityIssue) -> dict:
    """That it goes; not because it is grey, which many are meant to be: one click would drop them all."""
    if issue == QualityIssue.GRAYSCALE:
        return {}
    return cards.suggest(Decision.DROP, f"flagged as {words.ISSUES[issue].title.lower()}")


def _section(facts: Facts, issue: QualityIssue, shown: int) -> dict:
    told, threshold = words.ISSUES[issue], facts.thresholds.get(issue)
    scores = facts.quality[f"{issue}_score"].to_numpy()
    return {
        "anchor": anchor(issue),
        "key": str(issue),
        "title": told.title,
        "sees": told.sees,
        "does": told.does,
        "seeks": told.seeks,
        "score": told.score,
        "count": facts.metrics["quality_issues"][issue],
        "shown": shown,
        "threshold": threshold,
        "moved": facts.metrics["sensitivity"]["measure"][issue],
        "measured": measured(facts, issue),
        "lowest": float(scores.min()) if len(scores) else None,
        "chart": histogram(scores, f"the {told.title.lower()} score", low=0, high=1, threshold=threshold),
    }


def measured(facts: Facts, issue: QualityIssue) -> Quality | None:
    """What calibration found of an issue; None where nothing of the kind is planted."""
    return next((one for one in facts.calibration.quality if one.issue == issue), None)
