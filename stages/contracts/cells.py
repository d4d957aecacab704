"""Text in CSV cells that no spreadsheet takes for a formula, and that is read back as it was.

A cell that begins with =, +, -, @, a tab or a line's end is a formula to Excel, LibreOffice or Sheets, whatever the
quotes around it (OWASP, "CSV Injection"). It gets an apostrophe in front, as people do by hand; so does a cell that
begins with an apostrophe and then one of these, so that there is only one way back.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pandas as pd

_STARTS_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""the last four are the full-width forms: some spreadsheets read them as the others"""
_GUARDED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """`text` as it may stand in a cell."""
    return f"'{text}" if _STARTS_FORMULA.match(text) else text


def bare(cell: str) -> str:
    """The text that a cell stands for; a cell that somebody wrote by hand, unguarded, stands for itself."""
    return cell[1:] if _GUARDED.match(cell) else cell


def guard(rows: pd.DataFrame) -> pd.DataFrame:
    """A copy whose texts are guarded; numbers stay numbers."""
    texts = [name for name in rows.columns if not pd.api.types.is_numeric_dtype(rows[name])]
    safe = {name: rows[name].map(lambda value: guarded(value) if isinstance(value, str) else value) for name in texts}
    return rows.assign(**safe)


def quoting(rows: pd.DataFrame) -> int:
    r"""How to quote these rows: all cells where one holds a carriage return; with \n line ends csv leaves it bare."""
    texts = rows.select_dtypes(exclude="number")
    bare_return = any("\r" in text for name in texts for text in texts[name] if isinstance(text, str))
    return csv.QUOTE_ALL if bare_return else csv.QUOTE_MINIMAL


def replace_csv(path: Path, rows: pd.DataFrame) -> None:
    """Write all cells as guarded text, in one rename and on the disk, so that nobody ever reads half of it."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=quoting(rows))
        writer.writerow(rows.columns)
        writer.writerows([guarded(str(cell)) for cell in row] for row in rows.itertuples(index=False))
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
