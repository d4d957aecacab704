"""Manifests as files: Parquet, CSV and JSON Lines, each complete in itself, each in one atomic rename."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from stages.contracts.cells import guard, quoting


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
    _atomically(path, lambda partial: rows.to_json(partial, orient="records", lines=True, force_ascii=False))


def _atomically(path: Path, write: Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    write(partial)
    os.replace(partial, path)
