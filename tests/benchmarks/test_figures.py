from math import isnan, nan

import numpy as np
import pytest

from tests.benchmarks import figures


def test_a_share_has_the_interval_of_wilson():
    found = figures.share(9, 10)
    assert (found.value, found.n) == (0.9, 10)
    assert found.low == pytest.approx(0.5958, abs=1e-3)
    assert found.high == pytest.approx(0.9821, abs=1e-3)


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (1, 1)])
def test_an_interval_holds_its_share_and_stays_within_0_and_1(hits, n):
    found = figures.share(hits, n)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_nothing_gives_no_figure():
    assert isnan(figures.share(0, 0).value)
    assert isnan(figures.mean([nan, nan]).value)
    assert isnan(figures.f1([]).value)
    assert str(figures.share(0, 0)) == "-"
    assert str(figures.Figure(360, nan, nan, 60)) == "360"


def test_a_mean_leaves_out_what_is_not_known_and_counts_the_rest():
    found = figures.mean([1.0, nan, 0.5, 0.0])
    assert (found.value, found.n) == (0.5, 3)
    assert found.low < 0.5 < found.high


def test_f1_is_of_the_pooled_counts():
    assert figures.f1([(8, 2, 0), (0, 0, 2)]).value == pytest.approx(2 * 8 / (2 * 8 + 2 + 2))


def test_auroc_needs_both_kinds():
    scores = np.array([0.1, 0.9, 0.4])
    assert figures.auroc(scores, np.array([False, True, False])) == 1
    assert isnan(figures.auroc(scores, np.zeros(3, bool)))


def test_what_has_no_score_lowers_average_precision():
    scores, positive = np.array([3.0, 2.0, 1.0]), np.array([True, False, False])
    assert figures.average_precision(scores, positive) == 1
    assert figures.average_precision(scores, positive, all_positive=4) == 0.25
    assert figures.average_precision(scores, np.zeros(3, bool), all_positive=4) == 0


def test_the_best_threshold_takes_ties_together():
    scores = np.array([5.0, 4.0, 4.0, 1.0])
    assert figures.best_threshold(scores, np.array([True, True, False, False])) == 4
    assert figures.best_threshold(scores, np.array([True, False, False, False])) == 5
    assert isnan(figures.best_threshold(np.empty(0), np.empty(0, bool)))
