"""How often each label is suggested for images that have another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Confusion:
    """Images by the label they have (rows) and the one the other pictures suggest (columns).

    names : (c,) the labels that are confused most, in order of name.
    counts, doubted : (c, c) images, and those of them whose label is in doubt.
    left_out : labels that are not among them.
    """

    names: list[str]
    counts: np.ndarray
    doubted: np.ndarray
    left_out: int


def confusion(
    given: Sequence[str | None], suggested: Sequence[str | None], doubted: Sequence[bool], most: int
) -> Confusion:
    """Of images whose label was judged, all labels, or the `most` that are confused most often.

    Parameters
    ----------
    given, suggested : (n,) None where there is none; such images do not count.
    """
    rows = pd.DataFrame({"given": given, "suggested": suggested, "doubted": doubted}).dropna()
    apart = rows[rows["given"] != rows["suggested"]]
    every = sorted(set(rows["given"]) | set(rows["suggested"]))
    often = pd.concat([apart["given"], apart["suggested"]]).value_counts()
    ranked = sorted(every, key=lambda name: (-often.get(name, 0), name))
    names = sorted(ranked[:most])
    return Confusion(
        names, _table(rows, names), _table(rows[rows["doubted"].astype(bool)], names), len(every) - len(names)
    )


def _table(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    number = {name: place for place, name in enumerate(names)}
    places = rows[["given", "suggested"]].apply(lambda column: column.map(number)).dropna().astype(int)
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (places["given"].to_numpy(), places["suggested"].to_numpy()), 1)
    return counts
