"""What became of each image between two versions.

An image is what it shows: its content. So contents are looked for first, at the same path and then at any other, and
only what is left at the same path with other content counts as changed. Copies of one content are told apart by their
file names, then by the order of their paths.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import Change, Verdict

ITEM = ["item_id", "content_id", "path", "frame", "label", "split", "verdict", "rule", "detail"]
"""Columns that a version's items have; verdict, rule and detail are missing throughout where nothing was judged."""
CHANGES = ["item_id", "content_id", "path", "change", "before", "after", "rule", "detail", "frame", "label", "row"]
SHOWN = ["item_id", "content_id", "path", "frame", "label"]
BEFORE, AFTER = "_before", "_after"
KINDS = {kind: place for place, kind in enumerate(Change)}


def match(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """One row per image: its columns in the one version and in the other.

    Parameters
    ----------
    before, after : columns of ITEM, `item_id` distinct.

    Returns
    -------
    Each column of ITEM with `_before` and `_after`; all of one side are missing where the image is in the other only.
    """
    found = [_paired(before[ITEM], after[ITEM], ["item_id", "content_id"])]
    before, after = _others(before, found[0]["item_id_before"]), _others(after, found[0]["item_id_after"])
    for keys in (["content_id", "name"], ["content_id"], ["item_id"]):
        found.append(_paired(before, after, keys))
        before = before.drop(found[-1]["row_before"])
        after = after.drop(found[-1]["row_after"])
    found += [before.add_suffix(BEFORE), after.add_suffix(AFTER)]
    columns = [name + side for side in (BEFORE, AFTER) for name in ITEM]
    return pd.concat([rows.astype(object) for rows in found], ignore_index=True).reindex(columns=columns)


def changes(matched: pd.DataFrame) -> pd.DataFrame:
    """A row per image and change, in the order of `Change`, then of paths.

    Parameters
    ----------
    matched : as `match` gives it.

    Returns
    -------
    `item_id`, `content_id`, `path`, `frame`, `label` : of the later version, of the earlier where it is gone.
    `change` : a word of `Change`.  `before`, `after` : the verdict, path, content, label, split or rule that changed;
    None for what there was not.  `rule`, `detail` : why it is removed or flagged now, or why it had
    been.  `row` : of `matched`.
    """
    rows = matched.copy()
    there, here = rows["item_id_before"].notna(), rows["item_id_after"].notna()
    both, judged = there & here, rows["verdict_before"].notna() & rows["verdict_after"].notna()
    kept, keeps = rows["verdict_before"] == Verdict.KEEP, rows["verdict_after"] == Verdict.KEEP
    found = [
        _told(rows[here & ~there], Change.ADDED, "verdict"),
        _told(rows[there & ~here], Change.GONE, "verdict"),
        _told(rows[both & judged & kept & ~keeps], Change.REMOVED, "verdict"),
        _told(rows[both & judged & ~kept & keeps], Change.RESTORED, "verdict"),
        _told(rows[both & _differ(rows, "label")], Change.RELABELLED, "label"),
        _told(rows[both & _differ(rows, "split")], Change.SPLIT, "split"),
        _told(rows[both & _differ(rows, "content_id")], Change.CONTENT, "content_id"),
        _told(rows[both & (_differ(rows, "path") | _differ(rows, "frame"))], Change.RENAMED, "path"),
        _told(rows[both & judged & (kept == keeps) & _differ(rows, "rule")], Change.FLAG, "rule"),
    ]
    told = pd.concat(found, ignore_index=True)
    order = told["change"].map(KINDS)
    return (
        told.assign(order=order)
        .sort_values(["order", "path", "item_id"], kind="stable")[CHANGES]
        .reset_index(drop=True)
    )


def counts(found: pd.DataFrame) -> dict[str, int]:
    """Images per change; every word is there, zero or not."""
    per_kind = found["change"].value_counts()
    return {str(kind): int(per_kind.get(kind, 0)) for kind in Change}


def per_class(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Images of each class, and how many of them stay; images without a label are left out.

    Returns
    -------
    `label`, `before`, `after`, `stay_before`, `stay_after`; the last two are missing where nothing was judged.
    """
    labels = sorted(set(before["label"].dropna()) | set(after["label"].dropna()))
    found = {"label": pd.Series(labels, dtype=object)}
    for side, rows in (("before", before), ("after", after)):
        stays = rows[rows["verdict"] == Verdict.KEEP]
        found[side] = _sizes(rows, labels)
        found[f"stay_{side}"] = _sizes(stays, labels) if rows["verdict"].notna().any() else pd.NA
    names = ["before", "after", "stay_before", "stay_after"]
    return pd.DataFrame(found)[["label", *names]].astype(dict.fromkeys(names[2:], "Int64"))


def _sizes(rows: pd.DataFrame, labels: list[str]) -> np.ndarray:
    return rows["label"].value_counts().reindex(labels, fill_value=0).to_numpy(np.int64)


def class_shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float] | None:
    """How far the shares of the classes have moved; None where a version has no labelled image.

    Parameters
    ----------
    before, after : (c,) images per class.

    Returns
    -------
    moved : total variation, the share of images that would have to change class to get from one to the other, 0 to 1.
    psi : population stability index (Siddiqi, "Credit Risk Scorecards", 2006), the symmetric Kullback-Leibler
        divergence; by custom under 0.1 is steady and over 0.25 a shift. Half an image is added to every class, so that
        an empty one does not make it infinite.
    """
    if not before.sum() or not after.sum():
        return None
    moved = np.abs(before / before.sum() - after / after.sum()).sum() / 2
    p, q = ((sizes + 0.5) / (sizes + 0.5).sum() for sizes in (before, after))
    return float(moved), float(np.sum((q - p) * np.log(q / p)))


def numbers(before: dict, after: dict) -> list[tuple[str, object, object]]:
    """Every entry of `metrics.json` that differs: its dotted name, and its values; None where it is not there."""
    flat_before, flat_after = dict(_flat(before)), dict(_flat(after))
    names = sorted(flat_before.keys() | flat_after.keys())
    rows = [(name, flat_before.get(name), flat_after.get(name)) for name in names]
    return [row for row in rows if row[1] != row[2]]


def _others(items: pd.DataFrame, matched: pd.Series) -> pd.DataFrame:
    """The rows that are not matched yet, in order of path, numbered, with the file's name."""
    rows = items.loc[~items["item_id"].isin(matched), ITEM].astype(object)
    rows = rows.sort_values(["path", "frame", "item_id"], kind="stable", ignore_index=True)
    names = [path.rpartition("/")[2] for path in rows["path"]]
    return rows.assign(row=np.arange(len(rows)), name=pd.Series(names, dtype=object))


def _paired(before: pd.DataFrame, after: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows with the same keys, the first of the one with the first of the other, and so on."""
    on = [key + BEFORE for key in keys], [key + AFTER for key in keys]
    before, after = before.add_suffix(BEFORE), after.add_suffix(AFTER)
    if "item_id" not in keys:  # which is distinct
        before, after = before.assign(place=_places(before, on[0])), after.assign(place=_places(after, on[1]))
        return before.merge(after, left_on=[*on[0], "place"], right_on=[*on[1], "place"]).drop(columns="place")
    return before.merge(after, left_on=on[0], right_on=on[1])


def _places(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    return rows.groupby(keys, sort=False).cumcount()


def _differ(rows: pd.DataFrame, name: str) -> pd.Series:
    before, after = rows[name + BEFORE], rows[name + AFTER]
    return (before != after) & ~(before.isna() & after.isna())


def _told(rows: pd.DataFrame, kind: Change, column: str) -> pd.DataFrame:
    """The rows as changes of `column`, told of the version that still has the image."""
    gone = rows["item_id_after"].isna()
    # Why an image was removed or flagged matters where it no longer is.
    past = gone | (rows["rule_after"].isna() & (kind in (Change.RESTORED, Change.FLAG)))
    told = {name: rows[name + AFTER].where(~gone, rows[name + BEFORE]) for name in SHOWN}
    told |= {name: rows[name + AFTER].where(~past, rows[name + BEFORE]) for name in ("rule", "detail")}
    told |= {"row": rows.index, "change": str(kind), "before": rows[column + BEFORE], "after": rows[column + AFTER]}
    found = pd.DataFrame(told, columns=CHANGES).astype(object)
    return found.where(found.notna(), None)


def _flat(values: dict, above: str = "") -> list[tuple[str, object]]:
    found = []
    for name, value in values.items():
        found += _flat(value, f"{above}{name}.") if isinstance(value, dict) else [(above + name, value)]
    return found
