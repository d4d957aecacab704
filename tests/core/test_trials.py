from __future__ import annotations

from stages.core.trials import THRESHOLDS, Trial, point
from tests.core.test_calibration_curve import DEFAULT, trials


def test_recall_falls_and_precision_is_counted_over_both() -> None:
    curve = [point(at, trials({0.95: 50, 0.5: 50}), trials({0.7: 10}), trials({0.65: 5}), 50) for at in THRESHOLDS]
    recalls = [at.recall.found for at in curve]
    assert recalls == sorted(recalls, reverse=True)
    at = next(at for at in curve if at.threshold == DEFAULT)
    assert (at.precision.found, at.precision.n, at.mistakes, at.unconfirmed) == (50, 65, 10, 5)
    assert (at.at_most.found, at.at_most.n) == (50, 60)


def test_a_copy_beside_a_lookalike_is_a_mistake_only_where_the_originals_are_not_accepted() -> None:
    wrong = [Trial(0, 0.8, above=0.55)]
    counted = {at: point(at, [], wrong, [], 1).mistakes for at in (0.5, 0.55, 0.6, 0.8, 0.825)}
    assert counted == {0.5: 0, 0.55: 0, 0.6: 1, 0.8: 1, 0.825: 0}
