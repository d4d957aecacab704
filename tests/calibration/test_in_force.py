from __future__ import annotations

from stages.calibration.in_force import LOWEST, at, in_force
from stages.contracts.calibration_record import Calibration, Duplicates, Mistakes, OwnPair
from tests.pages import calibrated


def record() -> Calibration:
    """200 copies of each kind, found up to 0.8; a mistake, and a pair of the user's own, at 0.7."""
    pair = OwnPair(picture=2, a="a", b="b", level=0.7, agreement=0.7, phash_distance=99, cosine=0.5)
    known = calibrated.record(unconfirmed=[pair])
    wrong = Mistakes(pictures=[1], levels=[0.75], above=[0.5])
    return known.model_copy(update={"duplicates": known.duplicates.model_copy(update={"mistakes": wrong})})


def figures(threshold: float) -> Duplicates:
    return in_force(record(), threshold).duplicates


def test_the_threshold_that_was_chosen_has_the_figures_that_were_written() -> None:
    assert in_force(record(), 0.6) == record()


def test_any_other_has_its_own_between_the_points_of_the_curve_too() -> None:
    planted = sum(one.share.n for one in record().duplicates.transforms)
    found = sum(one.share.found for one in record().duplicates.transforms)
    told = figures(0.7)
    assert (told.recall.found, told.recall.n) == (found, planted)
    assert (told.precision.found, told.precision.n) == (found, found + 2)
    assert (told.precision_at_most.n, figures(0.7001).precision.n, figures(0.7501).precision.n) == (
        found + 1,
        found + 1,
        found,
    )
    assert (figures(0.8).recall.found, figures(0.8001).recall.found) == (found, 0)
    assert [one.share.found for one in figures(0.81).transforms] == [0] * len(told.transforms)
    assert figures(0.81).precision.n == 0


def test_what_auto_would_take_and_why_stays() -> None:
    known, told = record().duplicates, figures(0.95)
    assert (told.threshold, told.source, told.why, told.curve) == (
        known.threshold,
        known.source,
        known.why,
        known.curve,
    )


def test_under_the_lowest_that_was_tried_its_figures_are_told() -> None:
    assert figures(0.1) == figures(LOWEST)


def test_where_nothing_was_planted_nothing_is_told() -> None:
    empty = {"transforms": [], "mistakes": Mistakes(pictures=[], levels=[], above=[]), "unconfirmed": []}
    told = at(record().duplicates.model_copy(update=empty), 0.95, 0)
    assert told.recall.n == told.precision.n == 0
