from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from stages.contracts.errors import TableError
from stages.exports.junit import junit, junit_of_error
from stages.exports.plain_text import visible
from tests.exports.findings import HOSTILE, finding

WHEN = datetime(2026, 1, 31, 12, 0, 5, 999, tzinfo=UTC)
SUITE = {"name", "timestamp", "hostname", "tests", "failures", "errors", "time"}
"""What the schema asks of a test suite."""


def parsed(content: bytes) -> ElementTree.Element:
    """The file, held against the order and the attributes that the schema of Ant's reports asks for."""
    suite = ElementTree.fromstring(content)
    assert suite.tag == "testsuite"
    assert set(suite.attrib) == SUITE
    tags = [child.tag for child in suite]
    assert tags == ["properties", *["testcase"] * (len(tags) - 3), "system-out", "system-err"]
    for case in suite.iter("testcase"):
        assert set(case.attrib) == {"name", "classname", "time"}
        assert [child.tag for child in case] in ([], ["failure"], ["error"])
        assert all(set(child.attrib) == {"type", "message"} for child in case)
    counts = {"tests": "testcase", "failures": "failure", "errors": "error"}
    for attribute, tag in counts.items():
        assert int(suite.get(attribute)) == len(list(suite.iter(tag)))
    return suite


def test_a_test_case_per_rule_and_a_failure_per_broken_one() -> None:
    suite = parsed(junit([finding("a.jpg"), finding(rule="undecided", holds=True)], WHEN, 1.25))
    assert [case.get("name") for case in suite.iter("testcase")] == ["max_leaks", "undecided"]
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "images that leak: 7; the limit is at most 0, beyond it by 7"
    assert failure.text == "a.jpg\nsee reports/duplicates.html"
    assert (suite.get("timestamp"), suite.get("time")) == ("2026-01-31T12:00:05", "1.250")


def test_what_is_left_out_is_counted() -> None:
    (failure,) = parsed(junit([finding("a.jpg", count=1235)], WHEN, 0)).iter("failure")
    assert failure.text == "a.jpg\nand 1,234 more: reports/duplicates.html"


def test_no_rules_make_an_empty_suite() -> None:
    assert parsed(junit([], WHEN, 0)).get("tests") == "0"


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_text_and_nothing_else(path: str) -> None:
    hostile = finding(path, what=f"images like {path}")
    (failure,) = parsed(junit([hostile], WHEN, 0)).iter("failure")
    assert failure.text.splitlines()[0] == visible(path)
    assert failure.get("message").startswith(f"images like {visible(path)}")


def test_a_check_that_could_not_be_made_is_an_error() -> None:
    suite = parsed(junit_of_error(TableError("a table is <not> there", where="a\x00b", do="dvc pull"), WHEN, 0))
    (error,) = suite.iter("error")
    assert error.get("message") == "a table is <not> there"
    assert error.get("type") == "TableError"
    assert "dvc pull" in error.text
    assert "a\\x00b" in error.text
