"""What `winnow compare` prints: the whole comparison on one screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from stages.contracts.vocabulary import Change
from stages.core.comparison import Comparison
from stages.exports.plain_text import visible
from stages.pages import compare as page
from stages.pages import words
from stages.pages.compare_numbers import signed

CLASSES_TOLD = 5


def show(found: Comparison, written: Iterable[Path], console: Console | None = None) -> None:
    """Print the comparison, and what was written."""
    # What is no terminal, such as the log of a CI job, has room for whole lines.
    console = console or (Console() if sys.stdout.isatty() else Console(width=120))
    console.print(Text(f"{visible(found.before.name)} → {visible(found.after.name)}", style="bold"))
    grid = Grid.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(overflow="fold")
    for name, told in lines(found):
        grid.add_row(Text(name, style="dim"), Text(visible(told.replace("\u00a0", " "))))
    console.print(grid)
    for path in written:
        console.print(Text(str(path)), soft_wrap=True)


def lines(found: Comparison) -> list[tuple[str, str]]:
    """What to print: (name, text)."""
    if found.nothing_changed:
        return [("Same", "nothing changed"), *_notes(found)]
    return [*_totals(found), *_changes(found), *_classes(found), *_clusters(found), *_shift(found), *_notes(found)]


def _totals(found: Comparison) -> list[tuple[str, str]]:
    before, after = found.before.totals, found.after.totals
    rows = [("Images", "images"), ("Stay", "kept")]
    return [(name, _both(before[key], after[key])) for name, key in rows if None not in (before[key], after[key])]


def _both(before: int, after: int) -> str:
    same = before == after
    return f"{before:,}, as before" if same else f"{before:,} → {after:,} ({signed(after - before)})"


def _changes(found: Comparison) -> list[tuple[str, str]]:
    if found.changes.empty:
        return [("Changed", "no image")]
    rows = []
    for kind, count in found.counts.items():
        if count:
            told = page.KINDS[Change(kind)]
            rules = ", ".join(f"{words.rule(rule).lower()} {n:,}" for rule, n in found.removed_by.items())
            means = f"{told.means}: {rules}" if kind == Change.REMOVED else told.means
            rows.append((told.title, f"{count:,}  {means}"))
    return rows


def _classes(found: Comparison) -> list[tuple[str, str]]:
    if not found.class_shift:
        return []
    moved, psi = found.class_shift
    listed = _most_changed(found.classes, "before", "after")
    told = f"{words.percent(moved)} would have to change class, PSI {psi:.2g}{': ' if listed else ''}{listed}"
    stay = _most_changed(found.classes, "stay_before", "stay_after")
    return [("Classes", told), *([("Stay", f"of {stay}")] if stay else [])]


def _most_changed(classes: pd.DataFrame, before: str, after: str) -> str:
    """`cat 30 → 12, dog 7 → 9, 3 more`: the classes whose size differs most between two columns."""
    rows = classes.assign(moved=(classes[after] - classes[before]).abs().fillna(0))
    rows = rows[rows["moved"] > 0].sort_values(["moved", "label"], ascending=[False, True])
    told = [f"{row['label']} {row[before]:,} → {row[after]:,}" for _, row in rows[:CLASSES_TOLD].iterrows()]
    more = [f"{len(rows) - CLASSES_TOLD:,} more"] if len(rows) > CLASSES_TOLD else []
    return ", ".join(told + more)


def _clusters(found: Comparison) -> list[tuple[str, str]]:
    counts = found.cluster_counts
    if counts is None:
        return []
    told = [f"{count:,} {'new' if state == 'born' else state}" for state, count in counts.items() if count]
    return [("Clusters", ", ".join(told) or "none")]


def _shift(found: Comparison) -> list[tuple[str, str]]:
    told = page.shift(found)
    return [("Look", f"{told.title.lower()}. {told.numbers}".strip())] if told else []


def _notes(found: Comparison) -> list[tuple[str, str]]:
    return [("Note", note) for note in found.notes]
