"""Pictures as they lie in the sheets of thumbnails, and a first look at them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import pandas as pd

from stages.contracts.errors import TableError
from stages.core.looks import Look, look
from stages.core.sheet_reading import SheetReader
from stages.engines.local import InParallel, in_parallel

Place = tuple[str, int, int, int, int]
"""A content id, and where its thumbnail lies in a sheet: x, y, w, h."""


def looked_at(
    places: pd.DataFrame, sheets: Path, content_ids: set[str], workers: int, each: InParallel = in_parallel
) -> Iterator[list[tuple[str, Look]]]:
    """A first look at contents, at their thumbnails; a list a sheet, each sheet opened once.

    Parameters
    ----------
    places : the table `thumbnails`, by `content_id`.
    sheets : the folder.

    Raises
    ------
    TableError : a sheet is not there.
    """
    wanted = places[places.index.isin(list(content_ids))]
    by_sheet: dict[str, list[Place]] = {}
    for sheet, *place in zip(wanted["sheet"], wanted.index, *(wanted[name] for name in "xywh"), strict=True):
        by_sheet.setdefault(sheet, []).append(tuple(place))
    for _, found in each(partial(_of_sheet, sheets), sorted(by_sheet.items()), workers):
        yield found


def _of_sheet(sheets: Path, sheet: tuple[str, list[Place]]) -> list[tuple[str, Look]]:
    cv2.setNumThreads(1)  # the threads are ours, a sheet each
    name, places = sheet
    reader = _opened(sheets / name)
    return [(content_id, look(reader.grey(*box))) for content_id, *box in places]


def _opened(path: Path) -> SheetReader:
    try:
        return SheetReader(path.read_bytes())
    except OSError:
        raise TableError("a sheet of thumbnails is not there", where=path, do="dvc repro --force measure") from None
