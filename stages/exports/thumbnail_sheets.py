"""Thumbnails packed in sheets. A sheet is made once, and copied by later runs that want the same contents in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from stages.contracts.identity import digest
from stages.contracts.schemas.thumbnails import THUMBNAILS
from stages.core import sheets
from stages.core.sheet_joining import join
from stages.engines.local import in_parallel

AT_ONCE = 128
"""Sheets whose thumbnails are in memory together: some 80 MB."""

MADE = "joined"
"""How sheets are made; those that were kept are made anew when it changes."""

Thumbnails = Mapping[str, bytes]
"""JPEG by content id, as `sheets.encode` makes them."""
Sheet = tuple[str, list[str]]
"""File name, and the content ids in it."""


def write_sheets(
    folder: Path,
    kept: Path,
    sizes: Mapping[str, tuple[int, int]],
    read: Callable[[Sequence[str]], Thumbnails],
    longest: int,
    workers: int,
) -> pd.DataFrame:
    """Write the sheets and delete those of earlier runs; returns the thumbnails table.

    Parameters
    ----------
    folder : where they are wanted; DVC empties it before each run.
    kept : where they stay; thumbnails that are made in another way need another folder.
    sizes : width and height of every content's thumbnail, pixels.
    longest : side of the largest thumbnail, pixels.
    """
    wanted = list(sheets.sheets_of(list(sizes)))
    for place in (folder, kept):
        place.mkdir(parents=True, exist_ok=True)
    missing = [sheet for sheet in wanted if not _kept(kept, sheet).exists()]
    for start in range(0, len(missing), AT_ONCE):
        some = missing[start : start + AT_ONCE]
        thumbnails = read([one for _, ids in some for one in ids])
        _all(partial(_make, kept, thumbnails, longest), some, workers)
    _all(lambda sheet: shutil.copyfile(_kept(kept, sheet), folder / sheet[0]), wanted, workers)
    _remove_others(folder, {name for name, _ in wanted})
    _remove_others(kept, {_kept(kept, sheet).name for sheet in wanted})
    return pd.DataFrame([row for sheet in wanted for row in _rows(sheet, sizes, longest)], columns=THUMBNAILS.names)


def _all(work: Callable[[Sheet], object], some: Sequence[Sheet], workers: int) -> None:
    for _ in in_parallel(work, some, workers):
        pass


def _make(kept: Path, thumbnails: Thumbnails, longest: int, sheet: Sheet) -> None:
    partial_file = _kept(kept, sheet).with_suffix(".partial")
    partial_file.write_bytes(join([thumbnails[one] for one in sheet[1]], longest))
    os.replace(partial_file, _kept(kept, sheet))


def _kept(folder: Path, sheet: Sheet) -> Path:
    return folder / f"{digest(''.join([MADE, *sheet[1]]).encode())}.jpg"


def _rows(sheet: Sheet, sizes: Mapping[str, tuple[int, int]], longest: int) -> list[tuple]:
    name, ids = sheet
    cells = sheets.cells([sizes[one] for one in ids], longest)
    return [(one, name, cell.x, cell.y, cell.w, cell.h) for one, cell in zip(ids, cells, strict=True)]


def _remove_others(folder: Path, used: set[str]) -> None:
    for old in {path.name for path in folder.iterdir()} - used:
        (folder / old).unlink()
