"""Manifests as files: Parquet, CSV and JSON Lines, each complete in itself, each in one atomic rename."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from stages.contracts.cells import guard, quoting

LINES_AT_ONCE = 100_000


def write_parquet(rows: pd.DataFrame, path: Path) -> None:
    _atomically(path, lambda partial: rows.to_parquet(partial, index=False))


def write_csv(rows: pd.DataFrame, path: Path) -> None:
    """UTF-8, comma, a header; empty where there is nothing to say; no cell is a formula to a spreadsheet."""
    _atomically(path, lambda partial: partial.write_bytes(csv_bytes(rows)))


def csv_bytes(rows: pd.DataFrame) -> bytes:
    """What `write_csv` writes."""
    return guard(rows).to_csv(index=False, lineterminator="\n", quoting=quoting(rows)).encode()


def write_jsonl(rows: pd.DataFrame, path: Path) -> None:
    """An object a line; null where there is nothing to say."""
    _atomically(path, lambda partial: _write_lines(rows, partial))


def _write_lines(rows: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for start in range(0, len(rows), LINES_AT_ONCE):
            some = rows.iloc[start : start + LINES_AT_ONCE].to_json(orient="records", lines=True, force_ascii=False)
            # pandas writes each / as \/, which is the same to a parser, but not to who looks for a path.
            file.write(some.replace("\\/", "/"))


def _atomically(path: Path, write: Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    write(partial)
    os.replace(partial, path)
