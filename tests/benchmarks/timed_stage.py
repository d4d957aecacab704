"""Stands in for `python -m stages.<name>`, and writes down what the import and the stage itself cost."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path

LEDGER = "WINNOW_BENCH_LEDGER"
"""Environment variable: the file that a line is added to."""


def main() -> None:
    # Processor time counts from the start of the process, so that Python's own start is in the import.
    start = time.perf_counter()
    _, name = sys.argv[1:3]
    module = importlib.import_module(name)
    imported, imported_cpu = time.perf_counter(), time.process_time()
    module.main()
    done, used = time.perf_counter(), os.times()
    line = {
        "stage": name.removeprefix("stages."),
        "import": [imported - start, imported_cpu],
        "run": [done - imported, used.user + used.system + used.children_user + used.children_system - imported_cpu],
    }
    with Path(os.environ[LEDGER]).open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
