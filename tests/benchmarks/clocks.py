"""What a piece of work costs, and the machine that it was measured on."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil  # comes with DVC


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of processor time of all threads and processes."""

    wall: float
    cpu: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu)

    def per(self, count: int) -> Cost:
        return Cost(self.wall / count, self.cpu / count)

    def times(self, count: int) -> Cost:
        return Cost(self.wall * count, self.cpu * count)


def cost(work: Callable[[], object]) -> Cost:
    """Of doing some work once, in this process and those that it starts."""
    wall, cpu = time.perf_counter(), processor_time()
    work()
    return Cost(time.perf_counter() - wall, processor_time() - cpu)


def processor_time() -> float:
    """Seconds that this process and its descendants have used until now, those that are gone included."""
    waited_for = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() + waited_for.ru_utime + waited_for.ru_stime
    return own + sum(map(_used_by, psutil.Process().children(recursive=True)))


def _used_by(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.Error:  # gone since: whoever waited for it counts it
        return 0.0
    return used.user + used.system + getattr(used, "children_user", 0.0) + getattr(used, "children_system", 0.0)


def together(costs: Iterable[Cost]) -> Cost:
    """One after the other."""
    walls, cpus = zip(*costs, strict=True)
    return Cost(sum(walls), sum(cpus))


def middle(costs: Iterable[Cost]) -> Cost:
    """The medians, each by itself."""
    costs = list(costs)
    return Cost(median(each.wall for each in costs), median(each.cpu for each in costs))


def machine() -> str:
    """Cores, processor and load, for the reader of a figure."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{cores} cores, {_processor()}{load}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
