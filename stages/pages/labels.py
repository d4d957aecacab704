"""The labels: those in doubt, most suspect first; which are confused; what pictures show by zero-shot."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from stages.contracts.vocabulary import Decision
from stages.core.label_confusion import Confusion, confusion
from stages.pages import cards
from stages.pages.facts import Facts, Item
from stages.pages.gallery import SMALL_GRID, SMALL_SIDE, Album, Sheets, repack
from stages.pages.skeleton import render, script

NEIGHBORS_SHOWN = 5
MOST_CONFUSED = 16
"""labels in the table; a larger one would not fit a page"""
MOST_PER_LABEL, FEWEST_PER_LABEL, MOST_SHOWN = 48, 6, 4_800
"""Images shown of what a label fits best, the surest first: fewer of each where there are more than 100 labels, else
those of a thousand would take longer than all other pages, and nobody could look at them."""
NONE = "None of these"


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    ranked = cards.open_first(rank(facts), facts)
    shown_as = shows(facts)
    large, large_files = repack(album, [facts.items[row.item_id].content_id for row in ranked], "labels")
    near = _near(facts)
    small, small_files = repack(
        album, [content for row in ranked for content in near[row.item_id]], "label-neighbors", SMALL_SIDE, SMALL_GRID
    )
    zero, zero_files = repack(
        album, [facts.items[row.item_id].content_id for rows in shown_as.values() for row in rows], "zero-shot"
    )
    suspects = [_suspect(facts, number, row, near, large, small) for number, row in enumerate(ranked, 1)]
    doubted = [card for card, row in zip(suspects, ranked, strict=True) if row.is_label_issue]
    counts = _counts(facts)
    seen = [
        {"label": label, "count": counts[label], "cards": [_shown(facts, row, zero) for row in rows]}
        for label, rows in shown_as.items()
    ]
    yield (
        "assets/data/labels.js",
        script(
            "labels",
            {
                "sheets": large.files,
                "small": small.files,
                "zero": zero.files,
                "doubted": doubted,
                "next": suspects[len(doubted) :],
                "seen": seen,
            },
        ),
    )
    for files in (large_files, small_files, zero_files):
        yield from ((f"assets/{name}", content) for name, content in files)
    table = confused(facts)
    yield (
        "labels.html",
        render(
            "labels",
            facts,
            doubted=len(doubted),
            next=len(suspects) - len(doubted),
            confusion=table,
            cells=_cells(table),
            judged=int(facts.labels["label_score"].notna().sum()),
            seen=list(counts.items()),
            mostly_none=_mostly_none(counts),
            bare=bool(facts.images["label"].isna().all()),
        ),
    )


def rank(facts: Facts) -> list:
    """Judged rows as named tuples: those in doubt first, then by score; of equals the first by path."""
    rows = facts.labels[facts.labels["label_score"].notna()]
    rows = rows.assign(path=[facts.items[item].path for item in rows["item_id"]])
    rows = rows.sort_values(["is_label_issue", "label_score", "path", "item_id"], ascending=[False, True, True, True])
    return list(rows.itertuples(index=False))


def shows(facts: Facts) -> dict[str, list]:
    """Per zero-shot label the images that it fits, the surest first; last those that none fits, the worst first."""
    rows = _told(facts)
    sure = rows["zero_shot_confidence"].where(~rows["fits_none"], 1 - rows["fit_score"])
    rows = rows.assign(sure=sure).sort_values(["sure", "item_id"], ascending=[False, True])
    counts = _counts(facts)
    groups = rows.groupby("shows").head(per_label(len(counts))).groupby("shows")
    return {label: list(groups.get_group(label).itertuples(index=False)) for label in counts}


def per_label(labels: int) -> int:
    """How many images of each label are shown, where there are so many labels."""
    return max(min(MOST_PER_LABEL, MOST_SHOWN // max(labels, 1)), FEWEST_PER_LABEL)


def confused(facts: Facts) -> Confusion:
    """Given labels against suggested ones."""
    rows = facts.labels
    labels = facts.images.set_index("item_id")["label"].reindex(rows["item_id"])
    return confusion(labels.tolist(), rows["suggested_label"].tolist(), rows["is_label_issue"].tolist(), MOST_CONFUSED)


def _told(facts: Facts) -> pd.DataFrame:
    """Rows of which zero-shot says anything, with what it `shows`."""
    rows = facts.labels[facts.labels["zero_shot_confidence"].notna()]
    return rows.assign(shows=rows["zero_shot_label"].astype(object).where(~rows["fits_none"], NONE))


def _counts(facts: Facts) -> dict[str, int]:
    """Images per zero-shot label, the most first; those that none fits last."""
    counts = _told(facts)["shows"].value_counts().to_dict()
    order = sorted(counts, key=lambda label: (label == NONE, -counts[label], label))
    return {label: int(counts[label]) for label in order}


def _mostly_none(counts: dict[str, int]) -> bool:
    """Whether over half of the images are such that no label fits: that says more of the labels than of them."""
    return 2 * counts.get(NONE, 0) > sum(counts.values())


def _cells(table: Confusion) -> list[list[dict]]:
    """Per row of the table its cells: `count`, `doubted`, `share` of the row 0 to 1, and whether the labels agree."""
    totals = table.counts.sum(axis=1)
    return [
        [
            {
                "count": int(count),
                "doubted": int(table.doubted[row, column]),
                "share": round(float(count / max(totals[row], 1)), 3),
                "agrees": row == column,
            }
            for column, count in enumerate(counts)
        ]
        for row, counts in enumerate(table.counts)
    ]


def _near(facts: Facts) -> dict[str, list[str]]:
    """The contents nearest to each item, no copies among them."""
    columns = facts.outliers["item_id"], facts.outliers["nearest_ids"]
    return {item: list(nearest[:NEIGHBORS_SHOWN]) for item, nearest in zip(*columns, strict=True)}


def _suspect(
    facts: Facts, number: int, row: tuple, near: dict[str, list[str]], large: Sheets, small: Sheets
) -> cards.Card:
    item = facts.items[row.item_id]
    given, suggested = item.original_label or item.label, _or_none(row.suggested_label)
    return cards.card(
        item,
        large.places.get(item.content_id),
        rank=number,
        score=round(float(row.label_score), 6),
        meter=round(1 - float(row.label_score), 6),
        given=given,
        suggested=suggested,
        **cards.settled(item, facts),
        **_proposed(item, row, given, suggested),
        text=row.evidence,
        facts=[
            *([cards.fact("Given", given)] if given else []),
            *([cards.fact("Suggested", suggested)] if suggested else []),
            cards.fact("Confidence in it" if given else "Fit", f"{row.label_score:.2f}"),
            *([cards.fact("Looks like", _looks_like(row))] if pd.notna(row.zero_shot_label) else []),
            *([cards.fact("Split", item.split)] if item.split else []),
            *cards.cluster_fact(item, facts),
        ],
        neighbors=[_neighbor(facts, content, small) for content in near[row.item_id] if content in facts.first_of],
    )


def _proposed(item: Item, row: tuple, given: str | None, suggested: str | None) -> dict:
    """What one click accepts.

    No other label for what may be a foreign picture, an outlier or one that none of the labels fits: it would have a
    class then, and nobody would look at it again. And nothing where there is no label: that no word fits is too little
    to drop a picture unseen.
    """
    unsure = given is None or item.is_outlier or row.fits_none
    if not row.is_label_issue or unsure or not suggested or suggested == given:
        return {}
    return cards.suggest(Decision.RELABEL, "the other pictures say so", suggested)


def _neighbor(facts: Facts, content: str, small: Sheets) -> dict:
    item = facts.first_of[content]
    return cards.neighbor(item, small, label=item.label or "")


def _shown(facts: Facts, row: tuple, zero: Sheets) -> cards.Card:
    item = facts.items[row.item_id]
    best = ", ".join(f"{guess['label']} {guess['confidence']:.2f}" for guess in row.top_k)
    alone = not row.fits_none and row.top_k[0]["label"] == row.zero_shot_label
    text = best if alone else f"{_looks_like(row)}. By itself: {best}"
    return cards.card(item, zero.places.get(item.content_id), text=text, facts=cards.label_and_split(item))


def _looks_like(row: tuple) -> str:
    """`cat (0.81)`; `cat, judging by similar pictures` where by itself it looks more like something else."""
    if row.fits_none:
        return f"none of the labels; closest to {row.zero_shot_label}"
    if row.top_k[0]["label"] != row.zero_shot_label:
        return f"{row.zero_shot_label}, judging by similar pictures"
    return f"{row.zero_shot_label} ({row.zero_shot_confidence:.2f})"


def _or_none(value: object) -> str | None:
    return None if pd.isna(value) else str(value)
