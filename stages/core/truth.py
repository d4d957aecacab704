"""How much of what was planted in the demo the tables found."""

from __future__ import annotations

import pandas as pd

from stages.contracts.vocabulary import DuplicateKind, QualityIssue, Status

COLUMNS = ["kind", "planted", "found", "flagged", "precision"]


def found(
    truth: pd.DataFrame,
    images: pd.DataFrame,
    quality: pd.DataFrame | None = None,
    pairs: pd.DataFrame | None = None,
    outliers: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Hold the tables against the truth, a row for each planted kind that a given table judges.

    Parameters
    ----------
    truth : kind, path, other_path, detail, label, as the demo writes it.
    images : item_id, path, status.
    quality, pairs, outliers, labels : the tables of these names; None for one that is not there.

    Returns
    -------
    DataFrame of kind, planted, found (how many of the planted), flagged (by the tables, planted or not) and precision
    (NaN where nothing is flagged). Items: the share of the flagged that are not clean; a picture with another planted
    fault may well be strange, or dark, so it is no false flag. Pairs: the share of the flagged that are true pairs.
    """
    ids = dict(zip(images["path"], images["item_id"], strict=True))
    rows = [_items(truth, ids, "unreadable", set(images.loc[images["status"] != Status.OK, "item_id"]))]
    if pairs is not None:
        rows += _pair_kinds(truth, ids, pairs)
    if outliers is not None:
        rows.append(_items(truth, ids, "foreign", set(outliers.loc[outliers["is_outlier"], "item_id"])))
    if labels is not None:
        rows.append(_items(truth, ids, "wrong_label", set(labels.loc[labels["is_label_issue"], "item_id"])))
    if quality is not None:
        rows += [
            _items(truth, ids, issue, set(quality.loc[quality[f"is_{issue}"], "item_id"])) for issue in QualityIssue
        ]
    return pd.DataFrame([row for row in rows if row[1]], columns=COLUMNS)


def _items(truth: pd.DataFrame, ids: dict[str, str], kind: str, flagged: set[str]) -> tuple:
    planted = [ids.get(path) for path in truth.loc[truth["kind"] == kind, "path"]]
    clean = {ids.get(path) for path in truth.loc[truth["kind"] == "clean", "path"]} - set(planted)
    return _row(kind, len(planted), _count(planted, flagged), flagged, flagged - clean)


def _pair_kinds(truth: pd.DataFrame, ids: dict[str, str], pairs: pd.DataFrame) -> list[tuple]:
    """Any pair in the table counts as found, whatever kind it says; flags are counted by the kind it says."""
    exact, near = _true_pairs(truth, ids, "exact_duplicate"), _true_pairs(truth, ids, "near_duplicate")
    leaks = _true_pairs(truth, ids, "leak")
    listed = _unordered(pairs)
    flagged = {
        "exact_duplicate": _unordered(pairs[pairs["kind"] == DuplicateKind.EXACT]),
        "near_duplicate": _unordered(pairs[pairs["kind"] == DuplicateKind.NEAR]),
        "leak": _unordered(pairs[pairs["leak"]]),
    }
    real = {*exact, *near}
    return [
        _row("exact_duplicate", len(exact), _count(exact, listed), flagged["exact_duplicate"], real),
        _row("near_duplicate", len(near), _count(near, listed), flagged["near_duplicate"], real),
        _row("leak", len(leaks), _count(leaks, flagged["leak"]), flagged["leak"], set(leaks)),
    ]


def _true_pairs(truth: pd.DataFrame, ids: dict[str, str], kind: str) -> list[frozenset]:
    """The planted pairs as item ids; a path that is in no table stands for itself, so that its pair is not found."""
    rows = truth[truth["kind"] == kind]
    both = zip(rows["path"], rows["other_path"], strict=True)
    return [frozenset((ids.get(path, path), ids.get(other, other))) for path, other in both]


def _unordered(pairs: pd.DataFrame) -> set[frozenset]:
    return {frozenset(pair) for pair in zip(pairs["item_a"], pairs["item_b"], strict=True)}


def _count(planted: list, flagged: set) -> int:
    return sum(one in flagged for one in planted)


def _row(kind: str, planted: int, hits: int, flagged: set, right: set) -> tuple:
    precision = len(flagged & right) / len(flagged) if flagged else float("nan")
    return str(kind), planted, hits, len(flagged), precision
