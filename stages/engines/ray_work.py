"""A Ray cluster: pieces of a stage's work, each done by the code that does the whole of it on one machine.

A worker is a process with all processors of a node, or with a GPU and its share of them. It opens what it needs once
(an encoder, say), takes pieces of some thousand contents, puts what it computes where every node finds it, and gives
back ids: nothing large passes the driver. What a worker puts there is named by its content, so doing a piece twice
changes nothing, and a lost node costs no more than the pieces it had in hand.
"""

from __future__ import annotations

import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from stages.contracts.errors import SetupError, WinnowError
from stages.contracts.params import machine
from stages.engines.progress import Progress
from stages.engines.ray_cluster import Workers, connected, divided, import_ray, installed, must_match, processors

if TYPE_CHECKING:
    import ray

Item = TypeVar("Item")
Result = TypeVar("Result")

Work = Callable[[pa.Table], pa.Table]
"""Does a piece; gives back a row at least."""
OpenWork = Callable[[int], Work]
"""Called once in each worker, with the number of threads it may use."""

PIECE = 1_000
"""Rows of a piece, at most."""
PIECES_EACH = 4
"""Pieces that there are for a worker at least, so that none waits long for the last."""
LOSSES = 5
"""Rounds that may fail one after the other without a single piece done."""
NUMBER = "piece"
CHUNK = 16


def done_on_all_nodes(
    label: str, rows: pa.Table, open_work: OpenWork, wish: machine.Params, uses_gpu: bool = False
) -> None:
    """`spread`, for work that keeps what it finds; tells how far it is."""
    with connected(wish), Progress(label, len(rows)) as progress:
        for done in spread(rows, open_work, wish, uses_gpu):
            progress.advance(len(done))


def spread(
    rows: pa.Table, open_work: OpenWork, wish: machine.Params, uses_gpu: bool = False, piece: int = PIECE
) -> Iterator[pa.Table]:
    """Do `rows` in pieces on all nodes; yields what the work gives back, piece by piece as they are done.

    When a node is lost, what it had in hand is done anew by those that are left, or that have come. Ray itself would
    wait for room to start the lost worker again, and there may never be any.

    Parameters
    ----------
    open_work : is pickled; see `OpenWork`.
    uses_gpu : a worker takes a GPU, where the cluster has any.
    piece : rows of a piece, at most.

    Raises
    ------
    WinnowError : what a worker raised.
    SetupError : workers are lost again and again.
    """
    ray = import_ray()
    waiting = dict(enumerate(_pieces(rows, divided(wish, uses_gpu).count, piece)))
    failures = 0
    while waiting:
        try:
            for found in _round(list(waiting.items()), open_work, divided(wish, uses_gpu)):
                for number in found[NUMBER].unique().to_pylist():
                    del waiting[number]
                failures = 0
                yield found.drop_columns([NUMBER])
        except ray.exceptions.RayError as error:
            failures += 1
            _raise_unless_lost(error, failures)


def on_a_worker(function: Callable[[], Result], wish: machine.Params, uses_gpu: bool = False) -> Result:
    """What `function` gives where a worker would run: how pictures are embedded hangs on the machine that does it."""
    ray = import_ray()
    size = divided(wish, uses_gpu)
    asked = ray.remote(num_cpus=size.cpus, num_gpus=size.gpus)(_called)
    try:
        return ray.get(asked.remote(function, installed()))
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None


def in_parallel(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    ahead: int | None = None,
    chunk: int = CHUNK,
) -> Iterator[tuple[Item, Result]]:
    """As `local.in_parallel`, on the cluster: (item, result) in the items' order, the first exception with its chunk.

    Parameters
    ----------
    function : pickled once. Arrays that it holds lie in each node's shared memory once, and may not be written to.
    workers : processors of the cluster, one a task.
    ahead : items that may wait to be taken; default: four tasks a worker.
    chunk : items that a task takes, at most, so that short ones are worth the way.
    """
    ray = import_ray()
    # A task whose node is lost is done elsewhere.
    task = ray.remote(num_cpus=1, max_retries=LOSSES)(_each)
    shared, remaining = ray.put(function), iter(items)
    ahead = ahead or 4 * workers * chunk
    chunk = max(min(chunk, ahead // (2 * workers)), 1)
    chunks = iter(lambda: list(islice(remaining, chunk)), [])
    waiting: deque[tuple[list[Item], ray.ObjectRef]] = deque()
    try:
        waiting.extend((some, task.remote(shared, some)) for some in islice(chunks, ceil(ahead / chunk)))
        while waiting:
            some, results = waiting.popleft()
            found = _taken(results)
            waiting.extend((more, task.remote(shared, more)) for more in islice(chunks, 1))
            yield from zip(some, found, strict=True)
    finally:
        for _, results in waiting:
            ray.cancel(results)


def mapped(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map`, on the cluster."""
    for _, result in in_parallel(function, items, processors(), chunk=4):
        yield result


class _Worker:
    """Opens its work with the first piece: Ray tells nobody what was raised before."""

    def __init__(self, open_work: OpenWork, threads: int, versions: dict[str, str | None]) -> None:
        self.open_work, self.threads, self.versions = open_work, threads, versions

    @cached_property
    def work(self) -> Work:
        must_match(self.versions)
        return self.open_work(self.threads)

    def __call__(self, piece: pa.Table) -> pa.Table:
        found = self.work(piece.drop_columns([NUMBER]))
        return found.append_column(NUMBER, pa.array([piece[NUMBER][0].as_py()] * len(found), pa.int64()))


def _round(pieces: list[tuple[int, pa.Table]], open_work: OpenWork, workers: Workers) -> Iterator[pa.Table]:
    """What comes of the pieces, in any order, until a worker is lost."""
    from ray.data import ActorPoolStrategy, from_arrow

    workers = replace(workers, count=min(workers.count, len(pieces)))
    numbered = [rows.append_column(NUMBER, pa.array([number] * len(rows), pa.int64())) for number, rows in pieces]
    # From 2.64 on `ray_remote_args_fn` is to go, and nothing else says `_once`: pyproject.toml asks for less.
    with warnings.catch_warnings(action="ignore"):
        data = from_arrow(numbered).map_batches(
            _Worker,
            fn_constructor_args=(open_work, workers.cpus, installed()),
            batch_size=None,  # a piece
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=workers.count, max_tasks_in_flight_per_actor=2),
            num_cpus=workers.cpus,
            num_gpus=workers.gpus,
            ray_remote_args_fn=_once,
        )
    yield from data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)


def _once() -> dict[str, int]:
    """A worker that is lost stays lost, and so does what it was asked: another round asks anew."""
    return {"max_restarts": 0, "max_task_retries": 0}


def _pieces(rows: pa.Table, workers: int, piece: int) -> list[pa.Table]:
    size = min(piece, max(1, ceil(len(rows) / (PIECES_EACH * workers))))
    return [rows.slice(start, size).combine_chunks() for start in range(0, len(rows), size)]


def _each(function: Callable[[Item], Result], items: list[Item]) -> list[Result]:
    return [function(item) for item in items]


def _called(function: Callable[[], Result], versions: dict[str, str | None]) -> Result:
    must_match(versions)
    return function()


def _taken(results: ray.ObjectRef) -> list:
    import ray

    try:
        return ray.get(results)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from (None if isinstance(error.cause, WinnowError) else error)


def _raise_unless_lost(error: ray.exceptions.RayError, failures: int) -> None:
    """A worker's own error is raised as it was; a lost worker is forgiven so often."""
    from ray import exceptions

    if isinstance(error, exceptions.RayTaskError) and isinstance(error.cause, WinnowError):
        raise error.cause from None
    lost = (
        exceptions.RayActorError,
        exceptions.WorkerCrashedError,
        exceptions.NodeDiedError,
        exceptions.ObjectLostError,
        exceptions.OutOfMemoryError,
    )
    if not isinstance(error, lost):
        raise error
    told = str(error).splitlines()[0]
    if failures > LOSSES:
        raise SetupError(
            "the cluster loses worker after worker, and nothing gets done", got=told, do="ray status"
        ) from error
    print(f"a worker was lost; what it had in hand is done anew ({told})", file=sys.stderr)
