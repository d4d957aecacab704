"""What a command costs, all that it starts included: time by the clock, of the processors, and memory at its peak."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # comes with DVC

from tests.benchmarks.clocks import Cost

INTERVAL_S = 0.2
"""Between two looks at the memory."""
LINGER_S = 1.0
BE_SUBREAPER = 36


@dataclass(frozen=True)
class Spent:
    """Of one command.

    cost : its CPU time is that of every process that somebody waited for, or on Linux could have.
    memory : the most that all its processes held at one time, in bytes; pages that several share count once.
    load : of the machine, before.
    code : 0 where it did what was asked.
    said : what it printed, both streams.
    """

    cost: Cost
    memory: int
    load: float
    code: int
    said: str

    @property
    def last_line(self) -> str:
        """Why it stopped, as a rule."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}, and not a word"


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Spent:
    """Run it to its end, whatever that is."""
    load, started = os.getloadavg()[0], time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=subprocess.STDOUT)
        peak = _Peak(process.pid)
        with _adopting():
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = _seconds(used) + sum(map(_seconds, _orphans()))
        memory = peak.stop()
        printed.seek(0)
        said = printed.read().decode(errors="replace")
    return Spent(Cost(wall, cpu), memory, load, process.returncode, said)


@contextmanager
def _adopting() -> Iterator[None]:
    """Meanwhile be the one to wait for descendants whose own parent is gone (prctl(2)); elsewhere they are not seen."""
    if sys.platform != "linux":
        yield
        return
    library = ctypes.CDLL(None)
    library.prctl(BE_SUBREAPER, 1)
    try:
        yield
    finally:
        library.prctl(BE_SUBREAPER, 0)


def _orphans() -> Iterator[resource.struct_rusage]:
    """What each of those used that end within a second: processes that others were forked from do, daemons do not."""
    until = time.perf_counter() + LINGER_S
    while time.perf_counter() < until:
        try:
            pid, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            yield used
        else:
            time.sleep(0.01)


def _seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


class _Peak:
    """Looks at a tree of processes until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._over = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._over.is_set():
            self._most = max(self._most, held(self._pid))
            self._over.wait(INTERVAL_S)


def held(pid: int) -> int:
    """Bytes that a process and its descendants hold now; 0 when it is gone."""
    try:
        root = psutil.Process(pid)
        return sum(map(_held_by, [root, *root.children(recursive=True)]))
    except psutil.Error:
        return 0


def _held_by(process: psutil.Process) -> int:
    """Its proportional share of what it shares, where the system tells (Linux); else all that is resident."""
    try:
        full = process.memory_full_info()
        return getattr(full, "pss", full.rss)
    except psutil.Error:
        return 0
