"""Pictures as they lie in the sheets of thumbnails, and a first look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pandas as pd

from stages.contracts.errors import TableError
from stages.core.looks import look
from stages.core.sheet_reading import SheetReader
from stages.engines.local import InParallel, in_parallel

Seen = TypeVar("Seen")

Place = tuple[str, int, int, int, int]
"""A content id, and where its thumbnail lies in a sheet: x, y, w, h."""


def looked_at(
    places: pd.DataFrame,
    sheets: Path,
    content_ids: set[str],
    workers: int,
    each: InParallel = in_parallel,
    seen: Callable[[np.ndarray], Seen] = look,
) -> Iterator[list[tuple[str, Seen]]]:
    """A first look at contents, at their thumbnails; a list a sheet, each sheet opened once.

    Parameters
    ----------
    places : the table `thumbnails`, by `content_id`.
    sheets : the folder.
    seen : what to make of a thumbnail (h, w) uint8 grey.

    Raises
    ------
    TableError : a sheet is not there.
    """
    wanted = places[places.index.isin(list(content_ids))]
    by_sheet: dict[str, list[Place]] = {}
    for sheet, *place in zip(wanted["sheet"], wanted.index, *(wanted[name] for name in "xywh"), strict=True):
        by_sheet.setdefault(sheet, []).append(tuple(place))
    for _, found in each(partial(_of_sheet, sheets, seen), sorted(by_sheet.items()), workers):
        yield found


def _of_sheet(
    sheets: Path, seen: Callable[[np.ndarray], Seen], sheet: tuple[str, list[Place]]
) -> list[tuple[str, Seen]]:
    cv2.setNumThreads(1)  # the threads are ours, a sheet each
    name, places = sheet
    reader = _opened(sheets / name)
    return [(content_id, seen(reader.grey(*box))) for content_id, *box in places]


def _opened(path: Path) -> SheetReader:
    try:
        return SheetReader(path.read_bytes())
    except OSError:
        raise TableError("a sheet of thumbnails is not there", where=path, do="dvc repro --force measure") from None
