from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.engines.local import in_parallel, mapping, worker_count


@given(st.lists(st.integers(), max_size=40), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_results_come_with_their_items_in_order(items: list[int], workers: int, ahead: int) -> None:
    assert list(in_parallel(lambda item: item * 2, items, workers, ahead)) == [(item, item * 2) for item in items]


def test_the_slowest_first_item_still_comes_first() -> None:
    found = list(in_parallel(lambda pause: time.sleep(pause) or pause, [0.05, 0.0, 0.01], 3))
    assert [result for _, result in found] == [0.05, 0.0, 0.01]


def test_it_runs_ahead_by_a_bounded_number() -> None:
    taken: list[int] = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = in_parallel(lambda item: item, items(), workers=2, ahead=5)
    next(results)
    assert len(taken) <= 6
    results.close()


def test_items_are_worked_on_at_the_same_time() -> None:
    together = threading.Barrier(2, timeout=5)
    assert len(list(in_parallel(lambda _: together.wait(), range(2), workers=2))) == 2


def test_a_failure_comes_in_its_turn_and_ends_it() -> None:
    def inverse(item: int) -> float:
        return 1 / item

    results = in_parallel(inverse, [1, 2, 0, 4], workers=2)
    assert next(results) == (1, 1.0)
    assert next(results) == (2, 0.5)
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_leaving_early_starts_no_more() -> None:
    started: list[int] = []
    results = in_parallel(lambda item: started.append(item) or time.sleep(0.005), range(500), workers=1, ahead=4)
    next(results)
    results.close()
    assert len(started) <= 6


def test_a_mapping_gives_results_alone_in_order() -> None:
    assert list(mapping(2)(lambda item: item * 2, iter([3, 1, 2]))) == [6, 2, 4]


def test_workers_are_as_many_as_asked_for_or_as_there_are() -> None:
    assert worker_count(3) == 3
    assert worker_count(None) >= 1
