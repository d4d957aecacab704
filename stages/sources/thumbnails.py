"""Pictures as they lie in the sheets of thumbnails, and their local features."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import pandas as pd

from stages.contracts.errors import TableError
from stages.core.local_features import Features, describe
from stages.core.sheet_reading import SheetReader
from stages.engines.local import InParallel, in_parallel


def described(
    places: pd.DataFrame, sheets: Path, content_ids: set[str], workers: int, each: InParallel = in_parallel
) -> Iterator[list[tuple[str, Features]]]:
    """Local features of contents, found on their thumbnails; a list a sheet, each sheet opened once.

    Parameters
    ----------
    places : the table `thumbnails`, by `content_id`.
    sheets : the folder.

    Raises
    ------
    TableError : a sheet is not there.
    """
    wanted = places[places.index.isin(list(content_ids))]
    by_sheet = list(wanted.groupby("sheet", sort=True))
    for _, found in each(partial(_of_sheet, sheets), by_sheet, workers, workers):
        yield found


def _of_sheet(sheets: Path, sheet: tuple[str, pd.DataFrame]) -> list[tuple[str, Features]]:
    cv2.setNumThreads(1)  # the threads are ours, a sheet each
    name, places = sheet
    reader = _opened(sheets / name)
    boxes = places[["x", "y", "w", "h"]].itertuples()
    return [(content_id, describe(reader.grey(*box))) for content_id, *box in boxes]


def _opened(path: Path) -> SheetReader:
    try:
        return SheetReader(path.read_bytes())
    except OSError:
        raise TableError("a sheet of thumbnails is not there", where=path, do="dvc repro --force measure") from None
