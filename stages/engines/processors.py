"""How many processors there are for this process: fewer than the machine has, where it runs in a container.

A container's share of a machine is a quota of time, which no library looks at. On 64 processors of which it may use
four, each would start 64 threads that wait for one another.
"""

from __future__ import annotations

import math
import os
from collections.abc import MutableMapping
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
"""Where Linux tells what a container may use (Documentation/admin-guide/cgroup-v2.rst; v1: scheduler/sched-bwc.rst)."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What faiss, numpy, scikit-learn and torch go by."""
PATIENCE = {"OPENBLAS_THREAD_TIMEOUT": "20"}
"""For how many turns, as a power of two, numpy's and scipy's threads wait for more work before they sleep. By default
they keep their processors for a tenth of a second, once they are loaded and after each product, and keep other threads
from them; with a third of a millisecond products of matrices are as fast."""


def allowed() -> int:
    """Processors that the system lets this process run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def quota(groups: Path = GROUPS) -> int | None:
    """Processors' worth of time that a container has, rounded up; None without such a limit."""
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            time, period = (int(word) for name in names for word in (groups / name).read_text().split())
        except (OSError, ValueError):  # no such file; or "max", which is no number
            continue
        if time > 0 and period > 0:
            return math.ceil(time / period)
    return None


def available() -> int:
    """Processors to use."""
    return min(allowed(), quota() or allowed())


def share_threads(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let libraries that are loaded after this start no more threads than there are processors to use, which sleep when
    there is nothing to do.

    What the user has set stays; where there is no quota, no number of threads is set.
    """
    for name, turns in PATIENCE.items():
        environment.setdefault(name, turns)
    if available() < allowed():
        for name in THREADS:
            environment.setdefault(name, str(available()))
