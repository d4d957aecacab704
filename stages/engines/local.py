"""This machine: threads that run ahead of whoever takes their results.

Decoders, OpenCV and OpenVINO release the interpreter's lock, nothing is pickled, and there is no start-up cost per
worker. For many items whose calls are short there is `processes`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TypeVar

from stages.engines.processors import available

Item = TypeVar("Item")
Result = TypeVar("Result")


InParallel = Callable[..., Iterator[tuple]]
"""`in_parallel`, or what does the same on many machines."""


def worker_count(asked: int | None) -> int:
    """`machine.workers`, or as many as there are processors for this process."""
    return asked or available()


def in_parallel(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, ahead: int | None = None
) -> Iterator[tuple[Item, Result]]:
    """Apply `function` to each item in threads; yield (item, result) in the order of the items.

    At most `ahead` results (default: four a worker) wait to be taken, so memory is bounded whatever
    the number of items. The first exception is raised where its result would have been.
    """
    with ThreadPoolExecutor(workers) as pool:
        yield from run_ahead(partial(pool.submit, function), items, ahead or 4 * workers)


def mapping(workers: int) -> Callable[[Callable[[Item], Result], Iterable[Item]], Iterator[Result]]:
    """What does as `map` does, in threads."""
    return lambda function, items: (result for _, result in in_parallel(function, items, workers))


def run_ahead(
    submit: Callable[[Item], Future[Result]], items: Iterable[Item], ahead: int
) -> Iterator[tuple[Item, Result]]:
    """Hand out items, at most `ahead` of them before their results are taken; yields (item, result) in their order."""
    remaining = iter(items)
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    try:
        waiting.extend((item, submit(item)) for item in islice(remaining, ahead))
        while waiting:
            item, future = waiting.popleft()
            result = future.result()
            waiting.extend((more, submit(more)) for more in islice(remaining, 1))
            yield item, result
    finally:
        for _, future in waiting:
            future.cancel()
