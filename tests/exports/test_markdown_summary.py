from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from stages.contracts.errors import TableError
from stages.exports.markdown_summary import code, headline, markdown, markdown_of_error
from stages.exports.plain_text import visible
from tests.exports.findings import HOSTILE, finding

PAGE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def rendered(text: str) -> str:
    return PAGE.render(text)


def cells(text: str) -> list[list[str]]:
    """The table's rows as a browser shows them, as text."""
    rows = re.findall(r"<tr>(.*?)</tr>", rendered(text), re.DOTALL)[1:]
    return [
        [html.unescape(re.sub(r"<.*?>", "", cell)) for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        for row in rows
    ]


def test_broken_rules_come_first_with_their_first_offenders() -> None:
    text = markdown([finding(rule="undecided", holds=True, see=""), finding("a.jpg", "b.jpg", count=7)])
    assert text.startswith("### Winnow: 1 of 2 rules is broken\n")
    assert cells(text) == [
        ["❌", "max_leaksimages that leak", "at most 0", "7", "a.jpgb.jpgand 5 more in reports/duplicates.html"],
        ["✅", "undecidedimages that leak", "at most 0", "7", ""],
    ]


@pytest.mark.parametrize(
    ("holding", "broken", "told"),
    [
        (0, 0, "no rule is set in section check of params.yaml"),
        (1, 0, "the one rule holds"),
        (3, 0, "all 3 rules hold"),
        (0, 1, "1 of 1 rule is broken"),
        (1, 2, "2 of 3 rules are broken"),
    ],
)
def test_the_headline_counts(holding: int, broken: int, told: str) -> None:
    assert headline([finding(holds=True)] * holding + [finding()] * broken) == told


def test_without_rules_there_is_no_table() -> None:
    assert "|" not in markdown([])


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_stays_in_its_cell_as_it_is(path: str) -> None:
    text = markdown([finding(path, told_found=path)])
    ((_, _, _, found, offenders),) = cells(text)
    assert found == visible(path).strip()
    assert offenders.startswith(visible(path).strip())
    ours = {"h3", "table", "thead", "tbody", "tr", "th", "td", "code", "br"}
    assert set(re.findall(r"<(\w+)", rendered(text))) <= ours


def test_a_plain_path_is_plain_code() -> None:
    assert code("train/a_b c.jpg") == "`train/a_b c.jpg`"


def test_a_check_that_could_not_be_made_says_why_and_what_to_type() -> None:
    told = rendered(
        markdown_of_error(TableError("a table is <b>not</b> there", where="x\n```\n<script>", do="dvc pull"))
    )
    assert "could not be checked" in told
    assert "dvc pull" in told
    assert "<b>" not in told
    assert "<script>" not in told
