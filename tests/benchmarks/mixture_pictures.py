"""The sheets of thumbnails of a mixture: as many as real contents have, each thumbnail where `measure` would put it.

Drawing a million pictures would take hours and tell nothing: 4,608 are drawn, in 128 sheets, and all others are names
for one of these. So members of one cluster have different pictures, as far as there are, and each is found, decoded
and described as a real one. A near copy's thumbnail is its original's, cropped and relit, in a sheet of its own making.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from stages.contracts.schemas.thumbnails import THUMBNAILS
from stages.core.sheet_joining import join
from stages.core.sheet_reading import SheetReader
from stages.core.sheets import PLACES, Cell, cells, encode, sheets_of
from tests.pictures import busy, cropped
from tests.sheets import sheet_of

SHEETS = 128
WIDTH, HEIGHT = 320, 240


def write_sheets(ids: list[str], original_of: Mapping[str, str], folder: Path) -> pd.DataFrame:
    """Fill the folder; rows of `thumbnails`.

    Parameters
    ----------
    original_of : of each content that is a copy, the one that it is a copy of.
    """
    folder.mkdir(parents=True, exist_ok=True)
    layout = list(sheets_of(ids))
    place_of = {one: (at % SHEETS, place) for at, (_, ids_) in enumerate(layout) for place, one in enumerate(ids_)}
    for number in range(min(SHEETS, len(layout))):
        pictures = [_picture(number, place) for place in range(PLACES)]
        (folder / f"drawn.{number:03}").write_bytes(sheet_of(pictures, WIDTH)[0])
    rows = []
    for at, (name, members) in enumerate(layout):
        drawn = f"drawn.{at % SHEETS:03}"
        copies = {place: place_of[original_of[one]] for place, one in enumerate(members) if one in original_of}
        if copies:
            (folder / name).write_bytes(_with_copies(folder / drawn, copies))
        else:
            (folder / name).symlink_to(drawn)
        rows += [(one, name, cell.x, cell.y, cell.w, cell.h) for one, cell in zip(members, CELLS, strict=False)]
    return pd.DataFrame(rows, columns=THUMBNAILS.names)


def _with_copies(drawn: Path, copies: Mapping[int, tuple[int, int]]) -> bytes:
    """A drawn sheet with copies in some places, of what stands in places of other sheets."""
    reader = SheetReader(drawn.read_bytes())
    thumbnails = [reader.jpeg(*astuple(cell)) for cell in CELLS]
    for place, original in copies.items():
        thumbnails[place] = encode(_altered(_picture(*original)), WIDTH)
    return join(thumbnails, WIDTH)


CELLS: list[Cell] = cells([(WIDTH, HEIGHT)] * PLACES, WIDTH)


def _picture(sheet: int, place: int) -> np.ndarray:
    """As many corners as a photograph has: three drawings that show through one another."""
    seed = sheet * PLACES + place
    layers = [busy(3 * seed + number, WIDTH, HEIGHT).astype(np.float32) for number in range(3)]
    grey = np.clip(0.5 * layers[0] + 0.35 * layers[1] + 0.15 * layers[2], 0, 255).astype(np.uint8)
    return np.stack([grey, grey // 2 + 60, 255 - grey // 2], axis=-1)


def _altered(picture: np.ndarray) -> np.ndarray:
    """Cropped by a tenth, and a little brighter; of the same size as before."""
    parts = [cv2.resize(cropped(picture[..., channel], 0.1), (WIDTH, HEIGHT)) for channel in range(3)]
    return np.clip(np.stack(parts, axis=-1) * 1.05 + 6, 0, 255).astype(np.uint8)
