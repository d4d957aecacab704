"""What each tool found, in one form, and how much of what was planted that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.vocabulary import DuplicateKind, QualityIssue, Status
from stages.core.truth import found
from stages.pages.words import ISSUES

Pair = frozenset[str]
KINDS = {
    "unreadable": "Files nobody can open",
    "exact_duplicate": "Exact copies, pairs",
    "near_duplicate": "Near copies, pairs",
    "foreign": "Foreign pictures",
    **{str(issue): ISSUES[issue].title for issue in QualityIssue},
}
"""What is planted, and what it is called in a table."""


@dataclass(frozen=True)
class Answer:
    """Paths relative to the folder. None, or an issue or kind of pair that is not there: the tool does not judge that.

    pairs : by kind of copy.  issues : by name, as in `QualityIssue`.
    """

    pairs: dict[str, set[Pair]]
    unreadable: set[str] | None
    outliers: set[str] | None
    issues: dict[str, set[str]]

    def judges(self, kind: str) -> bool:
        """Whether it can find what is planted as `kind`."""
        if kind.endswith("_duplicate"):
            return bool(self.pairs)
        if kind in ("unreadable", "foreign"):
            return (self.unreadable if kind == "unreadable" else self.outliers) is not None
        return kind in self.issues

    def count(self, kind: str) -> int | None:
        """How many it flags of a kind; None where it does not judge it, or does not tell it from another."""
        if kind.endswith("_duplicate"):
            pairs = self.pairs.get(kind.removesuffix("_duplicate"))
            return None if pairs is None else len(pairs)
        if not self.judges(kind):
            return None
        flagged = {"unreadable": self.unreadable, "foreign": self.outliers}.get(kind, self.issues.get(kind))
        return len(flagged)


def of_peer(answer: dict) -> Answer:
    """From what a peer's script wrote: copies are groups there, and every two of a group a pair."""

    def paths(given: list[str] | None) -> set[str] | None:
        return None if given is None else set(given)

    return Answer(
        {kind: pairs_of(groups) for kind, groups in answer["pairs"].items()},
        paths(answer["unreadable"]),
        paths(answer["outliers"]),
        {issue: set(flagged) for issue, flagged in answer["issues"].items()},
    )


def pairs_of(groups: Iterable[Iterable[str]]) -> set[Pair]:
    """Every two members of a group."""
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def of_project(root: Path) -> Answer:
    """From Winnow's tables."""
    images, quality, pairs, outliers = (tables.read(table, root) for table in (IMAGES, QUALITY, PAIRS, OUTLIERS))
    path = dict(zip(images["item_id"], images["path"], strict=True))

    def both(rows: pd.DataFrame) -> set[Pair]:
        return {frozenset((path[a], path[b])) for a, b in zip(rows["item_a"], rows["item_b"], strict=True)}

    def paths(rows: pd.DataFrame) -> set[str]:
        return {path[item] for item in rows["item_id"]}

    return Answer(
        {str(kind): both(pairs[pairs["kind"] == kind]) for kind in DuplicateKind},
        set(images.loc[images["status"] != Status.OK, "path"]),
        paths(outliers[outliers["is_outlier"]]),
        {str(issue): paths(quality[quality[f"is_{issue}"]]) for issue in QualityIssue},
    )


def score(truth: pd.DataFrame, answer: Answer) -> pd.DataFrame:
    """Hold an answer against what was planted, by the rules of `core.truth`.

    Parameters
    ----------
    truth : kind, path, other_path, ...: as the demo writes it.

    Returns
    -------
    DataFrame of kind (index), planted, found, flagged, precision: kinds that the tool judges. A tool that does not tell
    exact copies from near ones has all its pairs as near; exact ones then have no precision of their own.
    """
    paths = sorted({*truth["path"], *truth["other_path"]} - {""})
    table = found(truth, _images(paths, answer), _quality(paths, answer), _pairs(answer), _outliers(paths, answer))
    judged = table["kind"].map(lambda kind: kind in KINDS and answer.judges(kind))
    return table[judged].set_index("kind")


def _images(paths: list[str], answer: Answer) -> pd.DataFrame:
    unreadable = answer.unreadable or set()
    status = [Status.UNREADABLE if path in unreadable else Status.OK for path in paths]
    return pd.DataFrame({"item_id": paths, "path": paths, "status": status})


def _quality(paths: list[str], answer: Answer) -> pd.DataFrame:
    flags = {f"is_{issue}": [path in answer.issues.get(issue, ()) for path in paths] for issue in QualityIssue}
    return pd.DataFrame({"item_id": paths, **flags})


def _pairs(answer: Answer) -> pd.DataFrame:
    rows = [(*sorted(pair), kind, False) for kind, pairs in answer.pairs.items() for pair in sorted(map(sorted, pairs))]
    return pd.DataFrame(rows, columns=["item_a", "item_b", "kind", "leak"]).astype({"leak": bool})


def _outliers(paths: list[str], answer: Answer) -> pd.DataFrame:
    return pd.DataFrame({"item_id": paths, "is_outlier": [path in (answer.outliers or ()) for path in paths]})
