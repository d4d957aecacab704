"""This machine, where threads would wait for one another: processes that run ahead of whoever takes their results.

Work that is a long row of short calls holds the interpreter's lock between them: two threads that compare pictures get
a seventh more done than one, two that measure them half as much again; two processes twice as much. Starting them takes
half a second.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from math import ceil
from multiprocessing import connection, forkserver
from typing import Any, TypeVar

from stages.contracts.errors import SetupError
from stages.engines import local
from stages.engines.memory import keep_freed

Item = TypeVar("Item")
Result = TypeVar("Result")

START = "forkserver"
"""A process that has loaded what is needed, and of which the others are forked: of this one, which has threads, that
is not safe, and to load everything in each takes a second."""
WARNINGS = "PYTHONWARNINGS"
WORTH = 500
"""Items from which on processes are worth starting."""
CHUNK = 16


def best_for(count: int) -> local.InParallel:
    """What to do so many items with: threads, or for many of them, where the system can start them so, processes."""
    return in_parallel if count >= WORTH and START in multiprocessing.get_all_start_methods() else local.in_parallel


def get_ready(count: int, workers: int) -> None:
    """Where `in_parallel` will probably be asked to do so many items: begin to load what its processes need."""
    if workers > 1 and best_for(count) is in_parallel:
        _can_start()


def in_parallel(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, ahead: int | None = None
) -> Iterator[tuple[Item, Result]]:
    """As `local.in_parallel`, in processes: (item, result) in the items' order, the first exception with its chunk.

    Parameters
    ----------
    function : of a module, or a `partial` of such a one; pickled once a process, as is every item and result.

    Raises
    ------
    SetupError : a process was killed.
    """
    if workers == 1 or not _can_start():
        yield from local.in_parallel(function, items, workers, ahead)
        return
    ahead = ahead or 4 * workers * CHUNK
    chunk = max(min(CHUNK, ahead // (2 * workers)), 1)
    remaining = iter(items)
    chunks = iter(lambda: list(islice(remaining, chunk)), [])
    with ProcessPoolExecutor(workers, multiprocessing.get_context(START), _begin, (function,)) as pool:
        try:
            for some, found in local.run_ahead(partial(pool.submit, _each), chunks, ceil(ahead / chunk)):
                yield from zip(some, found, strict=True)
        except BrokenProcessPool:
            raise SetupError(
                "a process that did part of the work was killed",
                expected="memory for as many processes as machine.workers says, some 300 MB each",
                do="run it again; if that ends so, too, machine.workers: 1 in params.yaml",
            ) from None


def _can_start() -> bool:
    """Whether there is a process to fork others of, or can be: it listens on a file whose name may be too long."""
    forkserver.set_forkserver_preload([name for name in sys.modules if name.startswith("stages.")])
    try:
        with _in_silence():
            forkserver.ensure_running()
    except OSError:
        return False
    return True


@contextmanager
def _in_silence() -> Iterator[None]:
    """What is started meanwhile ignores Ctrl-C from its first moment, and does not warn of what a killed one left."""
    warned_of = os.environ.get(WARNINGS)
    os.environ[WARNINGS] = "ignore:resource_tracker:UserWarning"
    is_main = threading.current_thread() is threading.main_thread()  # no other may say what signals do
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_main else None
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)
        os.environ.pop(WARNINGS)
        if warned_of is not None:
            os.environ[WARNINGS] = warned_of


_function: Callable[[Any], Any]


def _begin(function: Callable[[Item], Result]) -> None:
    """What a process does first. Ctrl-C is for the one that started it; and it goes when that one is gone."""
    global _function
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    keep_freed()
    _function = function


def _leave_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _each(items: list[Item]) -> list:
    return [_function(item) for item in items]
