"""`data/tags.csv`: names that people gave to images. Committed to Git; an input like `data/decisions.csv`.

An image may have several, one a row; to take one back, delete its row. Cells are guarded against spreadsheets
(`contracts/cells.py`).
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from stages.contracts.cells import bare, replace_csv
from stages.contracts.errors import DecisionsError
from stages.contracts.vocabulary import TAG_SEPARATOR

PATH = "data/tags.csv"
COLUMNS = ["item_id", "content_id", "path", "frame", "tag"]


def read_tags(root: Path = Path()) -> pd.DataFrame:
    """Every row of `data/tags.csv`; none where there is no such file. See `read_tags_file`."""
    path = root / PATH
    return read_tags_file(path) if path.exists() else pd.DataFrame(columns=COLUMNS, dtype=object)


def read_tags_file(path: Path) -> pd.DataFrame:
    """Every row as text, empty cells as "".

    Raises
    ------
    DecisionsError : the file is missing, has another header, or a row names no tag, or one with a semicolon.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            if header != COLUMNS:
                raise DecisionsError(
                    "the tags have another header", where=path, expected=",".join(COLUMNS), got=",".join(header)
                )
            rows = [
                _checked([bare(cell) for cell in cells], f"{path}, line {reader.line_num}") for cells in reader if cells
            ]
    except FileNotFoundError:
        raise DecisionsError("the tags are not there", where=path) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecisionsError("the tags are not a CSV in UTF-8", where=path, got=error) from error
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def write_tags(tags: pd.DataFrame, root: Path = Path()) -> None:
    """Write `data/tags.csv` anew, in one rename."""
    replace_csv(root / PATH, tags[COLUMNS])


def _checked(cells: list[str], where: str) -> list[str]:
    if len(cells) != len(COLUMNS):
        raise DecisionsError("a tag has the wrong number of cells", where=where, expected=len(COLUMNS), got=len(cells))
    if not cells[-1].strip() or TAG_SEPARATOR in cells[-1]:
        raise DecisionsError("a tag is empty or holds a semicolon", where=where, got=repr(cells[-1]))
    return cells
