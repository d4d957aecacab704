"""`reports/metrics.json`: every count. It is in Git, unlike the tables, so that `dvc metrics diff` works in a clone."""

from __future__ import annotations

import json
from pathlib import Path

from stages.contracts.errors import TableError
from stages.contracts.json_records import write_text

PATH = "reports/metrics.json"


def write_metrics(metrics: dict, root: Path = Path()) -> None:
    """Write the counts, a nested mapping of plain values, in one rename; the same counts give the same bytes."""
    write_text(root / PATH, json.dumps(metrics, indent=2, sort_keys=True) + "\n")


def read_metrics(root: Path = Path()) -> dict:
    """The counts, as `export` wrote them.

    Raises
    ------
    TableError : there are none, or they are not JSON, as in a merge conflict.
    """
    path = root / PATH
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError("the counts are not there", where=path, do="dvc repro export") from None
    except ValueError as error:
        raise TableError("the counts cannot be read", where=path, got=error, do="dvc repro --force export") from error
