from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.calibration_curve import SANE, SIGNALS, Choice, chosen, level, signals
from stages.core.trials import THRESHOLDS, Trial, point
from stages.core.verification import HASHES_VOUCH, NOT_ALIKE, Verification, accepted

DEFAULT = 0.6
SURE = replace(NOT_ALIKE, inliers=50, matches=50)


def seen(agreement: float) -> Verification:
    return replace(SURE, agreement=agreement)


def trials(agreements: dict[float, int], pictures: int = 50) -> list[Trial]:
    """So many pairs of each agreement, dealt out to the pictures in turn."""
    flat = [agreement for agreement, count in agreements.items() for _ in range(count)]
    return [Trial(number % pictures, agreement) for number, agreement in enumerate(flat)]


def choice(
    copies: list[Trial],
    mistakes: list[Trial],
    pictures: int = 50,
    asked: float = 0.99,
    unconfirmed: list[Trial] | None = None,
) -> Choice:
    curve = [point(at, copies, mistakes, unconfirmed or [], pictures) for at in THRESHOLDS]
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
    clump = [Trial(0, 0.71) for _ in range(20)]
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
    assert ("of 1 picture," if pictures == 1 else f"of {pictures} pictures,") in found.why


def test_no_copies_at_all() -> None:
    assert choice([], [], 0).source == "too_few"


@given(st.integers(0, 1000), st.integers(1, 1000), st.sampled_from([HASHES_VOUCH, 100]), st.sampled_from([0, 50]))
def test_the_level_is_the_highest_threshold_at_which_a_pair_is_accepted(
    agreement: int, threshold: int, distance: int, inliers: int
) -> None:
    found = replace(seen(agreement / 1000), inliers=inliers)
    at = threshold / 1000
    assert Trial(0, level(found, distance, 0.9)).is_found(at) is accepted(found, at, 0.9, distance)


def test_pairs_of_ones_own_that_nobody_confirmed_do_not_raise_it_and_the_reason_says_so() -> None:
    found = choice(trials({0.95: 500}), [], unconfirmed=trials({0.71: 100}))
    assert (found.threshold, found.source) == (DEFAULT, "default")
    assert "at least 83.3 %" in found.why
    assert "hangs on 100 pairs of your own" in found.why


def test_once_mistakes_raise_it_it_goes_to_where_unconfirmed_pairs_do_no_harm_either() -> None:
    found = choice(trials({0.95: 500}), trials({0.66: 100}), unconfirmed=trials({0.71: 100}))
    assert (found.threshold, found.source) == (0.725, "calibrated")
    assert "at most 83.3 %" in found.why


def test_it_is_not_lowered_where_that_lets_an_unconfirmed_one_in() -> None:
    found = choice(trials({0.95: 400, 0.52: 200}), [], unconfirmed=trials({0.53: 1}))
    assert found.source == "default"


@pytest.mark.parametrize(
    ("agreement", "distance", "cosine", "count"),
    [
        (0.95, 10, 0.95, 3),
        (0.95, 10, 0.1, 2),
        (0.95, 100, 0.95, 2),
        (0.3, 10, 0.95, 2),
        (0.95, 100, 0.5, 1),
        (0.3, 10, 0.5, 1),
        (0.3, 100, 0.95, 1),
        (0.7, 100, 0.5, 0),
    ],
)
def test_three_signals_are_asked(agreement: float, distance: int, cosine: float, count: int) -> None:
    assert signals(seen(agreement), distance, cosine, 0.9) == count


def test_without_copies_to_compare_with_the_cosine_says_nothing() -> None:
    assert signals(seen(0.3), 10, 1.0, math.nan) == 1
    assert signals(seen(0.95), 10, np.float32(1), math.nan) == SIGNALS
    assert signals(replace(NOT_ALIKE, agreement=0.94), 100, 1.0, 0.9) == 1, "pixels without a geometry say less"
    assert signals(replace(NOT_ALIKE, agreement=0.96), 100, 1.0, 0.9) == SIGNALS
