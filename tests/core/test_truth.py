import math

import pandas as pd
import pytest

from stages.core.truth import found

TRUTH = pd.DataFrame(
    [
        ("clean", "a.jpg", "", "", "x"),
        ("clean", "b.jpg", "", "", "x"),
        ("clean", "grey.jpg", "", "", "x"),
        ("grayscale", "grey.jpg", "", "the photograph is grey", "x"),
        ("dark", "dark.jpg", "", "", "x"),
        ("foreign", "f.jpg", "", "", ""),
        ("wrong_label", "w.jpg", "", "", "x"),
        ("unreadable", "broken.jpg", "", "", ""),
        ("unreadable", "half.jpg", "", "", ""),
        ("exact_duplicate", "a2.jpg", "a.jpg", "", "x"),
        ("near_duplicate", "b2.jpg", "b.jpg", "", "x"),
        ("leak", "b2.jpg", "b.jpg", "", "x"),
    ],
    columns=["kind", "path", "other_path", "detail", "label"],
)
PATHS = sorted({*TRUTH["path"]})
IMAGES = pd.DataFrame({"path": PATHS, "item_id": [f"id of {path}" for path in PATHS], "status": "ok"})
IMAGES.loc[IMAGES["path"] == "broken.jpg", "status"] = "unreadable"
PAIRS = pd.DataFrame(
    [("a.jpg", "a2.jpg", "exact", False), ("b2.jpg", "b.jpg", "near", True), ("a.jpg", "b.jpg", "near", True)],
    columns=["item_a", "item_b", "kind", "leak"],
)
PAIRS[["item_a", "item_b"]] = "id of " + PAIRS[["item_a", "item_b"]]
QUALITY_KINDS = ["dark", "bright", "blurry", "low_information", "odd_aspect", "odd_size", "grayscale"]


def flags(names: list[str], column: str) -> pd.DataFrame:
    return pd.DataFrame({"item_id": IMAGES["item_id"], column: IMAGES["path"].isin(names)})


def quality(**flagged: list[str]) -> pd.DataFrame:
    table = IMAGES[["item_id"]].copy()
    for kind in QUALITY_KINDS:
        table[f"is_{kind}"] = IMAGES["path"].isin(flagged.get(kind, []))
    return table


def row(table: pd.DataFrame, kind: str) -> list:
    return table.set_index("kind").loc[kind].tolist()


def test_a_file_that_was_read_all_the_same_is_not_found():
    assert row(found(TRUTH, IMAGES), "unreadable") == [2, 1, 1, 1.0]


def test_kinds_that_no_given_table_judges_are_left_out():
    assert found(TRUTH, IMAGES)["kind"].tolist() == ["unreadable"]
    judged = found(TRUTH, IMAGES, quality(), PAIRS, flags([], "is_outlier"))["kind"].tolist()
    assert judged == ["unreadable", "exact_duplicate", "near_duplicate", "leak", "foreign", "dark", "grayscale"]


def test_pairs_count_in_either_order_and_a_false_one_costs_precision():
    table = found(TRUTH, IMAGES, pairs=PAIRS)
    assert row(table, "exact_duplicate") == [1, 1, 1, 1.0]
    assert row(table, "near_duplicate") == [1, 1, 2, 0.5]
    assert row(table, "leak") == [1, 1, 2, 0.5]


def test_a_missed_pair_is_missed():
    table = found(TRUTH, IMAGES, pairs=PAIRS[:1])
    assert row(table, "near_duplicate")[:3] == [1, 0, 0]
    assert math.isnan(row(table, "near_duplicate")[3])


def test_only_clean_items_are_false_outliers():
    table = found(TRUTH, IMAGES, outliers=flags(["f.jpg", "w.jpg", "dark.jpg", "a.jpg"], "is_outlier"))
    assert row(table, "foreign") == [1, 1, 4, 0.75]


def test_a_clean_picture_of_a_grey_photograph_is_rightly_grey_but_wrongly_dark():
    table = found(TRUTH, IMAGES, quality(grayscale=["grey.jpg"], dark=["grey.jpg", "dark.jpg"]))
    assert row(table, "grayscale") == [1, 1, 1, 1.0]
    assert row(table, "dark") == [1, 1, 2, 0.5]


@pytest.mark.parametrize("known", [[], ["a.jpg", "b.jpg"]])
def test_items_that_no_table_knows_are_not_found(known: list[str]):
    table = found(TRUTH, IMAGES[IMAGES["path"].isin(known)], pairs=PAIRS, outliers=flags([], "is_outlier"))
    assert table.set_index("kind").loc[["exact_duplicate", "near_duplicate", "leak", "foreign"], "found"].sum() == 0


def test_no_truth_no_rows():
    assert found(TRUTH[:0], IMAGES, quality(), PAIRS, flags([], "is_outlier")).empty
