"""Why a label is in doubt or not, in a sentence with the numbers and the neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

SHOWN = 3
"""Labels of neighbours that are told, the most frequent first."""


def explain(row: Any, chance: float) -> str:
    """One sentence on an item.

    Parameters
    ----------
    row : a named tuple; `label`, `suggested`, `suggested_p`, `given_p`, `neighbors`, `best`, `confidence`, `by_chance`,
        `among`.
    chance : of fitting as well by accident, above which no label fits.
    """
    if row.label is None:
        return _without_label(row, chance)
    if row.suggested is None:
        told = f"Labelled {_quoted(row.label)}, which cannot be judged: too few other pictures have a label"
    elif row.suggested == row.label:
        told = f"Labelled {_quoted(row.label)}, as the other pictures say ({row.given_p:.2f})"
    else:
        told = (
            f"Labelled {_quoted(row.label)}; the other pictures say {_quoted(row.suggested)} "
            f"({row.suggested_p:.2f} against {row.given_p:.2f})"
        )
    return f"{told}{_around(row.neighbors)}."


def _without_label(row: Any, chance: float) -> str:
    if not row.among:
        return "No label is given, and none is asked for."
    best = f"{_quoted(row.best)} ({row.confidence:.2f})"
    if row.by_chance <= chance:
        others = f" of {row.among} labels" if row.among > 1 else ", the only label"
        return f"No label is given; {best} fits best{others}."
    as_well = "a name of anything else" if row.among == 1 else f"the best of {row.among} names of anything else"
    return (
        f"None of the labels fits: {best} comes closest, but {as_well} fits better by a chance of {row.by_chance:.2f}."
    )


def _around(labels: Sequence[str]) -> str:
    if not labels:
        return ""
    counts = Counter(labels).most_common()
    counts.sort(key=lambda pair: (-pair[1], pair[0]))
    shown = ", ".join(f"{count} {_quoted(label)}" for label, count in counts[:SHOWN])
    return f"; its nearest pictures with a label are {shown}{' and others' if len(counts) > SHOWN else ''}"


def _quoted(label: str) -> str:
    return f"“{label}”"
