from __future__ import annotations

import pytest

from stages.contracts.vocabulary import QualityIssue, Rule, Status
from stages.pages import words


def test_every_word_of_the_vocabulary_is_told() -> None:
    assert set(words.ISSUES) == set(QualityIssue)
    assert set(words.RULES) == set(Rule)
    assert set(words.STATUSES) == set(Status) - {Status.OK}


@pytest.mark.parametrize(
    ("share", "told"),
    [(0, "0%"), (1, "100%"), (0.0001, "under 0.1%"), (0.9999, "over 99.9%"), (0.031, "3.1%"), (0.31, "31%")],
)
def test_a_share_is_never_rounded_to_nothing_or_everything(share: float, told: str) -> None:
    assert words.percent(share) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (53_400, "53 KB"), (2_500_000, "2.5 MB"), (3e9, "3.0 GB")],
)
def test_sizes(count: int, told: str) -> None:
    assert words.size(count) == told


def test_plural_and_lists() -> None:
    assert words.plural(1, "image") == "1 image"
    assert words.plural(1234, "class", "classes") == "1,234 classes"
    assert [words.listed(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_a_missing_q_value_is_told_as_missing() -> None:
    assert words.q_value(None) == "not available"
    assert words.q_value(0.0) == "under 0.001"
    assert words.q_value(0.0345) == "0.035"
