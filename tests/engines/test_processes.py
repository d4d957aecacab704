from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from stages.contracts.errors import INTERRUPTED, SetupError, TableError
from stages.engines import local, processes
from stages.engines.processes import WORTH, best_for, get_ready, in_parallel


def times(factor: int, item: int) -> int:
    return factor * item


def where(_: int) -> int:
    return os.getpid()


def refused_at(limit: int, item: int) -> int:
    if item == limit:
        raise TableError("too many", where=item, do="fewer")
    return item


def killed_at(limit: int, item: int) -> int:
    if item == limit:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def descendants() -> set[int]:
    """Of this process, but for the one that others are forked of, and those like it."""
    return {process.pid for child in psutil.Process().children() for process in child.children(recursive=True)}


@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_results_come_with_their_items_in_order(count: int) -> None:
    assert list(in_parallel(partial(times, 3), range(count), 2)) == [(item, 3 * item) for item in range(count)]


def test_the_work_is_done_elsewhere_by_as_many_as_asked_for() -> None:
    found = {pid for _, pid in in_parallel(where, range(400), 2, ahead=8)}
    assert os.getpid() not in found
    assert 1 <= len(found) <= 2
    assert {pid for _, pid in in_parallel(where, range(9), 1)} == {os.getpid()}, "one is done here"


def test_it_runs_ahead_by_a_bounded_number() -> None:
    taken: list[int] = []

    def items():
        for number in range(10_000):
            taken.append(number)
            yield number

    before = descendants()
    results = in_parallel(partial(times, 1), items(), 2, ahead=40)
    next(results)
    assert len(taken) <= 60
    assert descendants() - before
    results.close()
    assert not descendants() - before


def test_an_error_arrives_with_all_that_it_told() -> None:
    results = in_parallel(partial(refused_at, 50), range(10_000), 2, ahead=40)
    with pytest.raises(TableError) as error:
        list(results)
    assert (error.value.what, error.value.where, error.value.do) == ("too many", 50, "fewer")


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(SetupError, match=r"machine\.workers"):
        list(in_parallel(partial(killed_at, 30), range(100), 2))


def test_processes_are_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_for(WORTH - 1) is local.in_parallel
    assert best_for(WORTH) is in_parallel
    monkeypatch.setattr(processes.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert best_for(WORTH) is local.in_parallel


def test_they_are_made_ready_only_where_they_will_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(processes, "_can_start", lambda: started.append(True))
    get_ready(WORTH - 1, 2)
    get_ready(WORTH, 1)
    assert not started
    get_ready(WORTH, 2)
    assert started


def test_where_none_can_be_started_threads_do_it(tmp_path: Path) -> None:
    far = tmp_path / ("far" * 40)
    far.mkdir()
    script = tmp_path / "script.py"
    script.write_text(SLEEPY.replace("[0.2] * 1000", "[0.001] * 3"))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(far)}
    told = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["0.001"] * 3


SLEEPY = """
import time, sys
from stages.engines.processes import in_parallel

if __name__ == "__main__":
    for item, _ in in_parallel(time.sleep, [0.2] * 1000, 2):
        print(item, flush=True)
"""


@pytest.fixture
def busy(tmp_path: Path) -> subprocess.Popen:
    """A script in the midst of work that it has processes for."""
    script = tmp_path / "sleepy.py"
    script.write_text(SLEEPY)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(script)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def gone(family: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(family, timeout=10)
    return not alive


def test_none_outlives_the_one_that_started_it(busy: subprocess.Popen) -> None:
    family = psutil.Process(busy.pid).children(recursive=True)
    assert len(family) >= 3
    busy.kill()
    assert gone(family)


def test_ctrl_c_ends_all_and_only_one_tells_of_it(busy: subprocess.Popen) -> None:
    family = psutil.Process(busy.pid).children(recursive=True)
    time.sleep(0.3)
    os.killpg(busy.pid, signal.SIGINT)
    _, told = busy.communicate(timeout=20)
    assert told.decode().count("Traceback") == 1
    assert told.decode().strip().endswith("KeyboardInterrupt")
    assert gone(family)


STARTING = """
import os, signal, sys, threading, time
from stages.contracts.errors import exit_on_error
from stages.core import looks, quality
from stages.engines.processes import in_parallel

def main():
    after = float(sys.argv[1])
    threading.Timer(after, os.killpg, (0, signal.SIGINT)).start()
    for _ in in_parallel(time.sleep, [0.2] * 1000, 2):
        pass

if __name__ == "__main__":
    exit_on_error(main)
"""


@pytest.mark.parametrize("after", [0.05, 0.2, 0.4, 0.7])
def test_ctrl_c_while_they_are_started_is_told_in_one_line(tmp_path: Path, after: float) -> None:
    script = tmp_path / "starting.py"
    script.write_text(STARTING)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(script), str(after)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, start_new_session=True)
    assert told.returncode == INTERRUPTED
    assert len(told.stderr.splitlines()) == 1, told.stderr
