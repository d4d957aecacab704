"""Stands in for `python -m stages.<name>`, and writes down what the import and the stage itself cost."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stages.contracts.errors import exit_on_error
from tests.benchmarks.clocks import Cost, processor_time

LEDGER = "WINNOW_BENCH_LEDGER"
"""Environment variable: the file that a line is added to."""


def main() -> None:
    # Processor time counts from the start of the process, so that Python's own start is in the import.
    start = time.perf_counter()
    _, name = sys.argv[1:3]
    module = importlib.import_module(name)
    imported = Cost(time.perf_counter(), processor_time())
    exit_on_error(partial(_noted, name, module.main, start, imported))


def _noted(name: str, stage: Callable[[], None], start: float, imported: Cost) -> None:
    stage()
    done = Cost(time.perf_counter(), processor_time())
    line = {
        "stage": name.removeprefix("stages."),
        "import": Cost(imported.wall - start, imported.cpu),
        "run": done - imported,
    }
    with Path(os.environ[LEDGER]).open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
