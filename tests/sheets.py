"""Sheets of thumbnails, as `measure` makes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stages.core.sheet_joining import join
from stages.core.sheets import Cell, cells, decode, encode
from tests.encoded import encoded


def sheet_of(thumbnails: Sequence[np.ndarray], longest: int) -> tuple[bytes, list[Cell]]:
    """The JPEG, and where each of the thumbnails (h, w, 3) lies in it."""
    sizes = [(one.shape[1], one.shape[0]) for one in thumbnails]
    return join([encode(one, longest) for one in thumbnails], longest), cells(sizes, longest)


def uncut(sheet: bytes) -> bytes:
    """The same picture without restart marks, as other programs write it."""
    return encoded(decode(sheet), quality=90)
