"""`data/decisions.csv`: what people decided. Committed to Git; an input like any other.

Cells are guarded against spreadsheets that would run them as formulas (`contracts/cells.py`); a row written by hand
need not be.
"""

from __future__ import annotations

import csv
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd

from stages.contracts.cells import bare, replace_csv
from stages.contracts.errors import DecisionsError
from stages.contracts.vocabulary import Decision

PATH = "data/decisions.csv"
LOCK = ".winnow/decisions.lock"
COLUMNS = ["item_id", "content_id", "path", "frame", "decision", "label", "reason", "reviewer", "decided_at"]


def read_decisions(root: Path = Path()) -> pd.DataFrame:
    """Every row of `data/decisions.csv`; see `read_decisions_file`."""
    path = root / PATH
    if not path.exists():
        raise DecisionsError("the decisions are not there", where=path, do=f"echo {','.join(COLUMNS)} > {PATH}")
    return read_decisions_file(path)


def read_decisions_file(path: Path) -> pd.DataFrame:
    """Every row as text, empty cells as "", `line` being the line in the file.

    Raises
    ------
    DecisionsError : the file is missing, has another header, or a row holds an unknown decision or no time.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            _check_header(header, path)
            rows = [
                _checked(dict(zip(header, map(bare, cells), strict=False)), f"{path}, line {reader.line_num}", cells)
                | {"line": reader.line_num}
                for cells in reader
                if cells
            ]
    except FileNotFoundError:
        raise DecisionsError("there is no such file of decisions", where=path) from None
    except OSError as error:
        raise DecisionsError("the decisions cannot be read", where=path, got=error.strerror or error) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecisionsError("the decisions are not a CSV in UTF-8", where=path, got=error) from error
    found = pd.DataFrame(rows, columns=[*COLUMNS, "line"]).astype(dict.fromkeys(COLUMNS, object))
    _check_times(found, path)
    return found


def write_decisions(decisions: pd.DataFrame, root: Path = Path()) -> None:
    """Write `data/decisions.csv` anew, in one rename, so that nobody ever reads half of it."""
    replace_csv(root / PATH, decisions[COLUMNS])


def changing(root: Path = Path()) -> AbstractContextManager:
    """To be held by whoever reads the decisions in order to write them anew, so that two who do lose nothing."""
    from filelock import FileLock

    (root / LOCK).parent.mkdir(exist_ok=True)
    return FileLock(root / LOCK)


def _check_header(header: list[str], path: Path) -> None:
    if header != COLUMNS:
        raise DecisionsError(
            "the decisions have another header",
            where=f"{path}, line 1",
            expected=",".join(COLUMNS),
            got=",".join(header),
        )


def _check_times(rows: pd.DataFrame, path: Path) -> None:
    """A row whose time is not understood would lose against every other one, and nobody would know."""
    told = rows["decided_at"].str.strip() != ""
    wrong = rows[told & pd.to_datetime(rows["decided_at"], errors="coerce", utc=True, format="ISO8601").isna()]
    if len(wrong):
        row = wrong.iloc[0]
        raise DecisionsError(
            "a decision has no valid time",
            where=f"{path}, line {row['line']}",
            expected="ISO 8601, such as 2026-01-31 or 2026-01-31T09:30:00Z, or an empty cell",
            got=repr(row["decided_at"]),
        )


def _checked(row: dict[str, str], where: str, cells: list[str]) -> dict:
    if len(cells) != len(COLUMNS):
        raise DecisionsError(
            "a decision has the wrong number of cells", where=where, expected=len(COLUMNS), got=len(cells)
        )
    if row["decision"] not in tuple(Decision):
        raise DecisionsError(
            "a decision is not known", where=where, expected=", ".join(Decision), got=repr(row["decision"])
        )
    if row["decision"] == Decision.RELABEL and not row["label"]:
        raise DecisionsError("a relabel names no label", where=where, expected="the new label", got="an empty cell")
    return row
