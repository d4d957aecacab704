"""What is freed stays with the process: no page is asked for again."""

import platform
import subprocess
import sys

import pytest

from stages.engines import memory

SCRIPT = """
import resource, sys
import numpy as np
from stages.engines.memory import keep_freed

def faults(rounds):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        held = [np.ones(1 << 20) for _ in range(8)]
        del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep":
    keep_freed()
faults(2)
print(faults(20))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is nothing to say to another C library")
def test_what_was_freed_is_not_taken_from_the_system_again() -> None:
    told = {
        how: int(subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True).stdout)
        for how in ("keep", "leave")
    }
    assert told["keep"] < told["leave"] / 10


def test_where_the_c_library_cannot_be_asked_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError("no such library")

    monkeypatch.setattr(memory.ctypes, "CDLL", refuse)
    memory.keep_freed()
