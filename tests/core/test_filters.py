from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.errors import QueryError
from stages.core.filters import LONGEST, passing, understand

COLUMNS = {
    "images": ["item_id", "path", "label", "split", "width"],
    "outliers": ["is_outlier", "centroid_distance"],
    "clusters": ["cluster", "centroid_distance"],
    "verdicts": ["label", "verdict"],
}
TABLES = {
    "images": pd.DataFrame(
        {
            "item_id": ["1", "2", "3", "4"],
            "path": ["a/one.jpg", "b/O'Neil.jpg", "b/日本.jpg", "c/four.jpg"],
            "label": ["cat", "dog", None, "cat"],
            "split": ["train", "train", "test", None],
            "width": [10, 20, 30, np.nan],
        }
    ),
    "outliers": pd.DataFrame(
        {
            "is_outlier": pd.array([True, False, None, True], dtype="boolean"),
            "centroid_distance": [0.1, 0.2, np.nan, 0.4],
        }
    ),
    "clusters": pd.DataFrame({"cluster": [0, -1, 2, 2], "centroid_distance": [0.9, 0.8, 0.7, 0.6]}),
    "verdicts": pd.DataFrame({"label": ["hat", "dog", "cat", "cat"], "verdict": ["keep", "remove", "keep", "keep"]}),
}


def rows(text: str) -> list[int]:
    """Numbers of the items that pass, from 1."""
    return (np.flatnonzero(passing(understand(text, COLUMNS), TABLES, 4)) + 1).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("split = 'train' and is_outlier", [1]),
        ("is_outlier", [1, 4]),
        ("not is_outlier", [2]),
        ("is_outlier is null", [3]),
        ("is_outlier = true", [1, 4]),
        ("IS_OUTLIER", [1, 4]),
        ("label = 'cat'", [1, 4]),
        ("verdicts.label = 'cat'", [3, 4]),
        ("images.label = 'cat' and verdicts . label = 'hat'", [1]),
        ("label is null or split is null", [3, 4]),
        ("centroid_distance > 0.3", [4]),
        ("clusters.centroid_distance > 0.75", [1, 2]),
        ("cluster = -1", [2]),
        ("cluster in (0, 2) and width between 5 and 30", [1, 3]),
        ("path like 'B/%'", [2, 3]),
        ("path glob 'b/*'", [2, 3]),
        ("path like '%O''Neil%'", [2]),
        ("path like '%日本%'", [3]),
        ('"split" = "test"', [3]),
        ("length(path) > 9 and lower(label) = 'dog'", [2]),
        ("path = 'a;--/*' or width = 10", [1]),
        ("case when width > 15 then split = 'train' end", [2]),
        ("coalesce(width, 0) < 15", [1, 4]),
        ("max(width, 25) = 25", [1, 2]),
        ("1", [1, 2, 3, 4]),
        ("null", []),
    ],
)
def test_a_condition_is_true_where_it_says(text: str, expected: list[int]) -> None:
    assert rows(text) == expected


def test_only_the_columns_that_are_named_are_needed() -> None:
    assert understand("split = 'train' and is_outlier", COLUMNS).needs == {
        "images": ["split"],
        "outliers": ["is_outlier"],
    }
    assert understand("1 = 1", COLUMNS).needs == {}


@pytest.mark.parametrize(
    "text",
    [
        "1; drop table images",
        "1) limit 1 --",
        "1) limit 1 /*",
        "1 limit 1",
        "1 order by 1",
        "1) union select 1 from images where (1",
        "(select count(*) from images) > 0",
        "exists (select 1 from sqlite_master)",
        "item_id in (select item_id from images)",
        "with x as (select 1) select 1",
        "load_extension('x')",
        "readfile('/etc/passwd') is not null",
        "randomblob(1000000000) is null",
        "zeroblob(1000000000) is null",
        "printf('%1000000000d', 1) is null",
        "replace(path, '', 'x') = ''",
        "path regexp '.*'",
        "path match 'x'",
        "count(*) > 1",
        "row_number() over () = 1",
        "?1",
        ":name",
        "(",
        "=",
        "label = 'open",
        "\0",
        "",
        "  \n ",
        "1" * (LONGEST + 1),
    ],
)
def test_what_is_no_plain_condition_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        rows(text)


@pytest.mark.parametrize("name", ["is_outlyer", "train", "schnörkel", "images.nope", "nope.label", "rowid"])
def test_an_unknown_column_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(QueryError) as raised:
        rows(f"{name} = 1")
    assert raised.value.what == f"there is no column {name}"
    for table, names in COLUMNS.items():
        assert f"{table}: {', '.join(names)}" in raised.value.expected


def test_the_column_that_was_meant_comes_first() -> None:
    with pytest.raises(QueryError) as raised:
        rows("is_outlyer")
    assert raised.value.expected.startswith("is_outlier, perhaps")


def test_no_items_pass_no_condition() -> None:
    none = {name: table.head(0) for name, table in TABLES.items()}
    assert passing(understand("is_outlier or 1", COLUMNS), none, 0).tolist() == []


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(["label", "(", ")", "'", '"', "=", "or", ".", "-", "/", "*", "select", "1"]), max_size=9
    ).map(" ".join)
)
def test_whatever_is_typed_is_answered_or_refused(text: str) -> None:
    try:
        found = rows(text)
    except QueryError:
        return
    assert set(found) <= {1, 2, 3, 4}


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_a_quoted_text_is_only_ever_compared(value: str) -> None:
    tables = TABLES | {"images": TABLES["images"].assign(path=["x", value, f"{value}x", ""])}
    quoted = value.replace("'", "''")
    found = passing(understand(f"path = '{quoted}'", COLUMNS), tables, 4)
    assert found.tolist() == [one == value for one in tables["images"]["path"]]


def test_sqlite_is_the_one_that_this_was_written_for() -> None:
    assert sqlite3.sqlite_version_info >= (3, 23), "`is_outlier = true` needs it"
