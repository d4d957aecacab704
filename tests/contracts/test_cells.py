"""Cells are no formulas, and nothing is lost."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.cells import bare, guard, guarded, quoting

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1", "＝1", "=cmd|' /C calc'!A0", '"=1"']


@given(st.text())
def test_every_text_comes_back(text):
    assert bare(guarded(text)) == text


@given(st.text())
def test_no_cell_starts_a_formula(text):
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["a.jpg", "", "'tis.jpg", "it's = fine", "1 - 2", "💃.jpg"])
def test_ordinary_text_is_left_alone(text):
    assert guarded(text) == text
    assert bare(text) == text


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_survive_a_file(text):
    rows = pd.DataFrame({"path": [text], "size": [-3], "share": [-0.5]})
    written = guard(rows).to_csv(index=False, lineterminator="\n", quoting=quoting(rows))
    read = pd.read_csv(io.StringIO(written, newline=""), dtype={"path": str})
    assert bare(read["path"][0]) == text
    assert read[["size", "share"]].to_numpy().tolist() == [[-3, -0.5]]


def test_missing_texts_stay_missing():
    rows = guard(pd.DataFrame({"label": ["=a", None]}))
    assert rows["label"][0] == "'=a"
    assert pd.isna(rows["label"][1])
