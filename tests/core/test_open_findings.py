from __future__ import annotations

import pandas as pd

from stages.contracts.identity import item_id
from stages.core.counts import leaking
from stages.core.open_findings import still_open
from tests import frames

PROTECT = frozenset({"test"})


def tables(images: pd.DataFrame, verdicts: dict[str, dict], **more: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """`verdicts`: of a path what differs from an image that stays, of which no rule speaks, with its own label."""
    rows = [
        {"item_id": item, "verdict": "keep", "rule": None, "label": label, "original_label": label}
        | verdicts.get(path, {})
        for item, path, label in zip(images["item_id"], images["path"], images["label"], strict=True)
    ]
    paths = images["path"].tolist()
    return {
        "images": images,
        "quality": frames.quality(paths),
        "pairs": frames.pairs(),
        "duplicates": frames.duplicates(),
        "clusters": frames.clusters(),
        "outliers": frames.outliers(paths),
        "verdicts": pd.DataFrame(rows, columns=["item_id", "verdict", "rule", "label", "original_label"]),
        **more,
    }


def leak(verdict: dict) -> set[str]:
    """Who leaks still, when that is the verdict on the training image."""
    found = tables(
        frames.images({"path": "a.jpg", "split": "train"}, {"path": "b.jpg", "split": "test"}),
        {"a.jpg": verdict},
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.9)),
        duplicates=frames.duplicates({"b.jpg": None, "a.jpg": "near"}),
    )
    opened = still_open(found)
    return leaking(opened["images"], opened["pairs"], PROTECT)


def test_a_leak_is_open_while_both_stay_and_nobody_decided() -> None:
    assert leak({}) == {item_id("a.jpg")}
    assert leak({"rule": "near_duplicate"}) == {item_id("a.jpg")}


def test_a_leak_is_closed_when_one_is_removed_or_decided_on() -> None:
    assert leak({"verdict": "remove", "rule": "leak"}) == set()
    assert leak({"rule": "decision"}) == set()


def test_nothing_stays_of_nothing() -> None:
    opened = still_open(tables(frames.images(), {}))
    assert all(len(table) == 0 for table in opened.values())


def test_a_suspect_is_settled_by_a_decision_and_gone_by_a_removal() -> None:
    found = tables(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}, {"path": "c.jpg"}),
        {"a.jpg": {"rule": "decision"}, "b.jpg": {"verdict": "remove", "rule": "outlier"}},
        outliers=frames.outliers(["a.jpg", "b.jpg", "c.jpg"], ("a.jpg", "b.jpg", "c.jpg")),
        quality=frames.quality(["a.jpg", "b.jpg", "c.jpg"], dark=["a.jpg", "c.jpg"]),
        labels=pd.DataFrame({"item_id": [item_id(f"{name}.jpg") for name in "abc"], "is_label_issue": True}),
        clusters=frames.clusters(a=0, b=-1, c=-1),
    )
    opened = still_open(found)
    for table, flag in (("outliers", "is_outlier"), ("quality", "is_dark"), ("labels", "is_label_issue")):
        flags = opened[table].set_index("item_id")[flag]
        assert flags.to_dict() == {item_id("a.jpg"): False, item_id("c.jpg"): True}
    assert opened["clusters"]["cluster"].tolist() == [0, -1]


def test_of_open_copies_the_proposed_keeper_is_the_first() -> None:
    """b is the keeper; a goes before c by its path; d copies both a in its bytes and b."""
    paths = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    found = tables(
        frames.images(*({"path": path} for path in paths)),
        {},
        pairs=frames.pairs(
            ("a.jpg", "b.jpg", "near", 0.9),
            ("b.jpg", "c.jpg", "near", 0.9),
            ("a.jpg", "d.jpg", "exact", 1.0),
            ("b.jpg", "d.jpg", "near", 0.9),
        ),
        duplicates=frames.duplicates({"b.jpg": None, "a.jpg": "near", "c.jpg": "near", "d.jpg": "near"}),
    )
    kinds = still_open(found)["duplicates"].set_index("item_id")["kind"]
    assert pd.isna(kinds[item_id("b.jpg")])
    assert [kinds[item_id(f"{name}.jpg")] for name in "acd"] == ["near", "near", "exact"]


def test_without_its_keeper_a_copy_is_no_copy() -> None:
    found = tables(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}),
        {"a.jpg": {"verdict": "remove", "rule": "decision"}},
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.9)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
    )
    assert still_open(found)["duplicates"].empty


def test_labels_conflict_as_they_are_after_decisions() -> None:
    paths = ["a.jpg", "b.jpg", "c.jpg"]
    found = tables(
        frames.images(
            {"path": "a.jpg", "label": "cat"}, {"path": "b.jpg", "label": "dog"}, {"path": "c.jpg", "label": None}
        ),
        {},
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.9, True), ("a.jpg", "c.jpg", "near", 0.9)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near", "c.jpg": "near"}),
    )
    conflicts = still_open(found)["duplicates"].set_index("item_id")["label_conflict"]
    assert [bool(conflicts[item_id(path)]) for path in paths] == [True, True, False]
    found["verdicts"].loc[1, ["rule", "label"]] = ["decision", "cat"]
    assert item_id("b.jpg") not in set(still_open(found)["duplicates"]["item_id"])
