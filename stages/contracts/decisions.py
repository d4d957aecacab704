"""`data/decisions.csv`: what people decided. Committed to Git; an input like any other."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from stages.contracts.errors import DecisionsError
from stages.contracts.vocabulary import Decision

PATH = "data/decisions.csv"
COLUMNS = ["item_id", "content_id", "path", "frame", "decision", "label", "reason", "reviewer", "decided_at"]


def read_decisions(root: Path = Path()) -> pd.DataFrame:
    """Every row as text, empty cells as "", `line` being the line in the file.

    Raises
    ------
    DecisionsError : the file is missing, has another header, or a row holds an unknown decision.
    """
    path = root / PATH
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            _check_header(header)
            rows = [
                _checked(dict(zip(header, cells, strict=False)), reader.line_num, cells) for cells in reader if cells
            ]
    except FileNotFoundError:
        raise DecisionsError(
            "there is no data/decisions.csv", where=path, do=f"echo {','.join(COLUMNS)} > {PATH}"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecisionsError("data/decisions.csv is not a CSV in UTF-8", where=path, got=error) from error
    return pd.DataFrame(rows, columns=[*COLUMNS, "line"]).astype(dict.fromkeys(COLUMNS, object))


def _check_header(header: list[str]) -> None:
    if header != COLUMNS:
        raise DecisionsError(
            "data/decisions.csv has another header",
            where=f"{PATH}, line 1",
            expected=",".join(COLUMNS),
            got=",".join(header),
        )


def _checked(row: dict[str, str], line: int, cells: list[str]) -> dict:
    where = f"{PATH}, line {line}"
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
    return {**row, "line": line}
