from __future__ import annotations

import pytest

from stages.contracts.calibration_record import Share
from stages.contracts.vocabulary import QualityIssue, Rule, Status
from stages.pages import words


def test_a_number_stays_with_its_percent_sign() -> None:
    assert words.firm("cropped by 5 %, 99.3 % (97.5 to 100 %); a % b") == (
        "cropped by 5\u00a0%, 99.3\u00a0% (97.5 to 100\u00a0%); a % b"
    )


def test_every_word_of_the_vocabulary_is_told() -> None:
    assert set(words.ISSUES) == set(QualityIssue)
    assert set(words.RULES) == set(Rule)
    assert set(words.STATUSES) == set(Status) - {Status.OK}


@pytest.mark.parametrize(
    ("share", "told"),
    [(0, "0 %"), (1, "100 %"), (0.0001, "under 0.1 %"), (0.9999, "over 99.9 %"), (0.031, "3.1 %"), (0.31, "31 %")],
)
def test_a_share_is_never_rounded_to_nothing_or_everything(share: float, told: str) -> None:
    assert words.percent(share).replace("\u00a0", " ") == told


def share(found: int, n: int, low: float, high: float, enough: bool = True) -> Share:
    return Share(n=n, found=found, share=found / n, low=low, high=high, enough=enough)


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        (share(37, 40, 0.801, 0.974), "92 % (80–97 %)"),
        (share(40, 40, 0.912, 1.0), "100 % (91–100 %)"),
        (share(999, 1000, 0.9943, 0.9998), "over 99 % (99–100 %)"),
        (share(1000, 1000, 0.9961, 1.0), "100 % (99.6–100 %)"),
        (share(1000, 1000, 0.99999, 1.0), "100 % (99.9–100 %)"),
        (share(0, 1000, 0.0, 0.0038), "0 % (0–0.4 %)"),
        (share(0, 1000, 0.0, 0.0), "0 % (0–0 %)"),
        (share(12, 12, 0.757, 1.0, enough=False), "too few to tell"),
        (Share(n=0, found=0, share=None, low=None, high=None, enough=False), "too few to tell"),
        (None, "too few to tell"),
    ],
)
def test_a_measured_share_has_its_interval_or_says_that_there_are_too_few(measured: Share | None, told: str) -> None:
    assert words.figure(measured).replace("\u00a0", " ") == told


def test_a_precision_that_counts_unconfirmed_pairs_as_mistakes_is_a_lower_bound() -> None:
    some, few = share(970, 1000, 0.95, 0.99), share(12, 12, 0.7, 1.0, enough=False)
    told = [words.precision(some, 0), words.precision(some, 3), words.precision(few, 3)]
    told += [words.at_least(share(999, 1000, 0.99, 1.0), 3)]
    plain = [text.replace("\u00a0", " ") for text in told]
    assert plain == ["97 % (95–99 %)", "at least 97 % (95–99 %)", "too few to tell", "at least 99 %"]


def test_what_moving_a_threshold_does_is_told_with_both_sides() -> None:
    assert words.moving({"looser": 10, "stricter": 4}) == "changes 14 images (10 more, 4 fewer)"
    assert words.moving({"looser": 0, "stricter": 1}) == "changes 1 image (0 more, 1 fewer)"
    assert words.moving({"looser": 0, "stricter": 0}) == "changes nothing"


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (53_400, "53 KB"), (2_500_000, "2.5 MB"), (3e9, "3.0 GB")],
)
def test_sizes(count: int, told: str) -> None:
    assert words.size(count) == told


def test_lists() -> None:
    assert [words.listed(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_a_missing_q_value_is_told_as_missing() -> None:
    assert words.q_value(None) == "not available"
    assert words.q_value(0.0) == "under 0.001"
    assert words.q_value(0.0345) == "0.035"
