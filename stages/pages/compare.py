"""Two versions side by side: which images changed and how, classes, clusters, and whether the images look the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import Change
from stages.core.comparison import Comparison
from stages.core.numerals import plural
from stages.pages import bundle, words
from stages.pages.compare_cards import cards_of
from stages.pages.compare_clusters import clusters, counts_told, not_shown
from stages.pages.compare_numbers import difference, signed, small
from stages.pages.gallery import Album
from stages.pages.skeleton import render_alone, script

CLASSES_SHOWN = 40
NUMBERS_SHOWN = 60
BY_CHANCE = 0.05
"""p- and q-values above it are put down to chance."""


@dataclass(frozen=True)
class Kind:
    """How a change is told: its name, what it means, and how a number of them is told in a sentence."""

    title: str
    means: str
    counted: str


KINDS: dict[Change, Kind] = {
    Change.ADDED: Kind("Added", "images that were not there before", "added"),
    Change.GONE: Kind("Gone", "images that are no longer in the source", "gone from the source"),
    Change.REMOVED: Kind("Now removed", "images that stayed before and go now", "removed that stayed before"),
    Change.RESTORED: Kind(
        "Now kept", "images that were removed before and stay now", "kept after being removed before"
    ),
    Change.RELABELLED: Kind("Relabelled", "images with another label than before", "relabelled"),
    Change.SPLIT: Kind("Other split", "images that moved to another split", "in another split"),
    Change.CONTENT: Kind("Other content", "another picture, or other bytes, under the same path", "with other content"),
    Change.RENAMED: Kind("Renamed", "the same picture under another path", "renamed"),
    Change.FLAG: Kind(
        "Other flag", "another reason than before speaks against them; the verdict is the same", "with another flag"
    ),
}


def build(found: Comparison, albums: tuple[Album, Album], limit: int) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below a folder of its own: `compare.html` and `assets/`.

    Parameters
    ----------
    albums : the thumbnails of the earlier version and of the later.
    limit : cards per kind of change.
    """
    cards, sheets, files = cards_of(found, albums, limit)
    changed, tiles, tile_files = clusters(found, albums)
    yield "assets/winnow.css", bundle.styles("compare.css")
    yield "assets/theme.js", bundle.bundle("theme")
    yield "assets/winnow.js", bundle.bundle("compare")
    yield "assets/data/compare.js", script("compare", {"sheets": sheets, "cards": cards})
    yield from ((f"assets/{name}", content) for name, content in (*files, *tile_files))
    yield (
        "compare.html",
        render_alone(
            "compare",
            f"{found.before.name} → {found.after.name}",
            found=found,
            lede=_lede(found),
            tiles=_totals(found),
            kinds=_kinds(found, Counter(kind for card in cards for kind in card["kinds"])),
            shift=shift(found),
            classes=_classes(found),
            clusters=changed,
            cluster_counts=counts_told(found),
            clusters_more=not_shown(found),
            sheets=tiles,
            numbers=[_number(*row) for row in found.numbers[:NUMBERS_SHOWN]],
            numbers_more=max(0, len(found.numbers) - NUMBERS_SHOWN),
        ),
    )


def _lede(found: Comparison) -> str:
    """The whole story in one sentence."""
    if found.nothing_changed:
        return "Nothing changed: the same images, with the same labels, splits and verdicts."
    changed = [f"{words.number(count)} {KINDS[Change(kind)].counted}" for kind, count in found.counts.items() if count]
    return f"{words.listed(changed)}." if changed else "The images are the same; clusters or counts differ."


def _totals(found: Comparison) -> list[dict]:
    """What there was and is: title, both values, and the difference in words; unknown values are None."""
    before, after = found.before.totals, found.after.totals
    titles = {"images": "Images", "readable": "Readable", "kept": "Stay", "classes": "Classes"}
    return [
        {"title": title, "before": before[key], "after": after[key], "change": difference(before[key], after[key])}
        for key, title in titles.items()
    ]


def _kinds(found: Comparison, cards: Counter) -> list[dict]:
    """Every kind of change: title, meaning, count, and how much of it is shown where that is not all."""
    rows = []
    for kind, told in KINDS.items():
        count, means = found.counts[kind], told.means
        if kind == Change.REMOVED and count:
            rules = [f"{words.rule(rule).lower()} {words.number(n)}" for rule, n in found.removed_by.items()]
            means = f"{means}: {words.listed(rules)}"
        cut = f"{words.number(cards[kind])} of {words.number(count)} are shown, spread over all paths."
        cut = cut if cards[kind] < count else ""
        rows.append({"key": str(kind), "title": told.title, "means": means, "count": count, "cut": cut})
    return rows


@dataclass(frozen=True)
class Told:
    """What a test says: in a few words, in a sentence, and in numbers."""

    title: str
    text: str
    numbers: str = ""
    shifted: bool = False


def shift(found: Comparison) -> Told | None:
    """Whether the images still look alike; None where that was not tested."""
    drift = found.drift
    if drift is None:
        return None
    if not drift.judged:
        return Told("Too few images to tell", "Each version needs at least two readable images.")
    if drift.rows == 0:
        return Told("No shift", "Both versions hold the same images.")
    numbers = (
        f"Squared MMD {small(drift.statistic)}; by chance it stays below {small(drift.chance)} in 19 of 20 shuffles; "
        f"p = {drift.p_value:.2g}; {plural(drift.rows, 'image')} looked at."
    )
    shuffled = f"who came, who went and who stayed was shuffled {words.number(drift.permutations)} times."
    if drift.p_value > BY_CHANCE:
        return Told("No more than chance", f"Chance alone makes as large a difference: {shuffled}", numbers)
    return Told(
        "The images have shifted", f"Chance alone hardly makes so large a difference: {shuffled}", numbers, True
    )


def _classes(found: Comparison) -> dict | None:
    """Images per class in both versions, the largest changes first; None where nothing is labelled."""
    rows = found.classes
    if rows.empty:
        return None
    stay = (rows["stay_after"] - rows["stay_before"]).abs().fillna(0)
    moved = np.maximum((rows["after"] - rows["before"]).abs(), stay)
    rows = rows.assign(moved=moved, tested=rows["q_value"].notna())
    rows = rows.sort_values(["moved", "tested", "label"], ascending=[False, False, True]).drop(
        columns=["moved", "tested"]
    )
    most = max(int(rows["before"].max()), int(rows["after"].max()), 1)
    told = [_class(row, most) for row in rows[:CLASSES_SHOWN].itertuples(index=False)]
    return {
        "rows": told,
        "more": max(0, len(rows) - CLASSES_SHOWN),
        "shift": found.class_shift,
        "tested": bool(rows["q_value"].notna().any()),
    }


def _class(row: tuple, most: int) -> dict:
    tested = not np.isnan(row.q_value)
    shifted = tested and row.q_value <= BY_CHANCE
    return {
        "label": row.label,
        "before": row.before,
        "after": row.after,
        "change": difference(row.before, row.after),
        "share_before": round(100 * row.before / most, 2),
        "share_after": round(100 * row.after / most, 2),
        "stay": _stay(row),
        "shifted": shifted,
        "look": f"looks different (q = {row.q_value:.2g})" if shifted else "looks as before" if tested else "",
    }


def _stay(row: tuple) -> str:
    """`91 stay, 103 before`; empty where as many stay as before, or nobody knows."""
    if pd.isna(row.stay_before) or pd.isna(row.stay_after) or row.stay_before == row.stay_after:
        return ""
    return f"{words.number(row.stay_after)} stay, {words.number(row.stay_before)} before"


def _number(name: str, before: object, after: object) -> dict:
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after))
    return {
        "name": name,
        "before": told(before),
        "after": told(after),
        "change": signed(after - before) if plain else "",
    }


def told(value: object) -> str:
    """A value of metrics.json as people read it."""
    if value is None:
        return "none"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
