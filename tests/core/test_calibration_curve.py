from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from stages.core.calibration_curve import SANE, THRESHOLDS, Choice, Trial, are_copies, chosen, is_found, point
from stages.core.verification import NOT_ALIKE, Verification

DEFAULT = 0.6
SURE = replace(NOT_ALIKE, inliers=50, matches=50)


def seen(agreement: float) -> Verification:
    return replace(SURE, agreement=agreement)


def trials(agreements: dict[float, int], pictures: int = 50, proposed: bool = True) -> list[Trial]:
    """So many pairs of each agreement, dealt out to the pictures in turn."""
    flat = [agreement for agreement, count in agreements.items() for _ in range(count)]
    return [Trial(number % pictures, 0, seen(agreement), 100, proposed) for number, agreement in enumerate(flat)]


def choice(copies: list[Trial], lookalikes: list[Trial], pictures: int = 50, asked: float = 0.99) -> Choice:
    curve = [point(at, 0.9, copies, lookalikes, pictures) for at in THRESHOLDS]
    return chosen(curve, DEFAULT, asked)


def test_the_default_is_on_the_curve() -> None:
    assert DEFAULT in THRESHOLDS
    assert list(THRESHOLDS) == sorted(set(THRESHOLDS))
    assert THRESHOLDS[0] < SANE[0] < DEFAULT < SANE[1] < THRESHOLDS[-1]


def test_the_default_stands_where_nothing_speaks_against_it() -> None:
    found = choice(trials({0.95: 490, 0.3: 10}), trials({0.1: 500}))
    assert (found.threshold, found.source) == (DEFAULT, "default")
    assert "98 %" in found.why


def test_one_wrong_pair_does_not_move_it() -> None:
    found = choice(trials({0.95: 500}), trials({0.7: 6, 0.1: 500}))
    assert (found.threshold, found.source) == (DEFAULT, "default")


def test_it_is_raised_to_the_lowest_that_reaches_the_asked_precision() -> None:
    found = choice(trials({0.95: 500}), trials({0.71: 100, 0.1: 500}))
    assert (found.threshold, found.source) == (0.725, "calibrated")
    assert "83.3 %" in found.why


def test_lookalikes_of_one_picture_alone_do_not_raise_it() -> None:
    """A clump of wrong pairs around one picture is one accident."""
    clump = [Trial(0, 0, seen(0.71), 100) for _ in range(20)]
    assert choice(trials({0.95: 500}), clump).source == "default"


def test_it_is_never_raised_out_of_the_sane() -> None:
    found = choice(trials({0.95: 500}), trials({0.93: 300}))
    assert found.source == "calibrated"
    assert DEFAULT <= found.threshold <= SANE[1]
    assert "comes nearest" in found.why


def test_it_is_lowered_where_that_finds_more_and_lets_nothing_in() -> None:
    found = choice(trials({0.95: 400, 0.52: 200}), trials({0.1: 500}))
    assert (found.threshold, found.source) == (0.5, "calibrated")


def test_it_is_not_lowered_where_that_lets_one_in() -> None:
    found = choice(trials({0.95: 400, 0.52: 200}), trials({0.53: 1}))
    assert found.source == "default"


def test_it_is_never_lowered_under_the_sane() -> None:
    found = choice(trials({0.95: 400, 0.32: 200}), [])
    assert (found.threshold, found.source) == (DEFAULT, "default")


def test_it_is_not_lowered_for_a_few_more() -> None:
    assert choice(trials({0.95: 490, 0.52: 5}), []).source == "default"


@pytest.mark.parametrize("pictures", [1, 2, 29])
def test_few_pictures_tell_too_little(pictures: int) -> None:
    copies = trials({0.5: 500}, pictures)
    found = choice(copies, trials({0.95: 300}, pictures), pictures)
    assert (found.threshold, found.source) == (DEFAULT, "too_few")
    assert f"of {pictures} pictures" in found.why


def test_no_copies_at_all() -> None:
    assert choice([], [], 0).source == "too_few"


def test_copies_that_nobody_proposes_are_not_found() -> None:
    hidden = trials({0.95: 100}, proposed=False)
    at = point(DEFAULT, 0.9, hidden, [], 50)
    assert (at.recall.found, at.recall.n) == (0, 100)
    assert not is_found(hidden[0], 0.1, 0.1)


def test_recall_falls_and_precision_is_counted_over_both() -> None:
    curve = [point(at, 0.9, trials({0.95: 50, 0.5: 50}), trials({0.7: 10}), 50) for at in THRESHOLDS]
    recalls = [at.recall.found for at in curve]
    assert recalls == sorted(recalls, reverse=True)
    at = next(at for at in curve if at.threshold == DEFAULT)
    assert (at.precision.found, at.precision.n, at.false) == (50, 60, 10)


@pytest.mark.parametrize(
    ("agreement", "distance", "cosine", "copies"),
    [
        (0.95, 10, 0.1, True),
        (0.95, 100, 0.95, True),
        (0.3, 10, 0.95, True),
        (0.95, 100, 0.5, False),
        (0.3, 10, 0.5, False),
        (0.3, 100, 0.95, False),
        (0.7, 100, 0.95, False),
    ],
)
def test_two_of_three_signals_are_beyond_doubt(agreement: float, distance: int, cosine: float, copies: bool) -> None:
    assert are_copies(seen(agreement), distance, cosine, 0.9) is copies


def test_without_copies_to_compare_with_the_cosine_says_nothing() -> None:
    assert not are_copies(seen(0.3), 10, 1.0, math.nan)
    assert are_copies(seen(0.95), 10, np.float32(1), math.nan)
    assert not are_copies(replace(NOT_ALIKE, agreement=0.95), 100, 1.0, 0.9), "pixels without a geometry are no signal"
