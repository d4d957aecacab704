"""One thumbnail out of a sheet, without decoding the others.

`sheets.encode` cuts thumbnails at every sixteen rows, and a sheet consists of these intervals. So those of one cell are
a JPEG of their own: a thumbnail takes 0.2 ms instead of the 10 ms of its sheet. Sheets that are not cut so are decoded
as a whole.
"""

from __future__ import annotations

import numpy as np

from stages.core import jpeg_intervals
from stages.core.sheets import BLOCK, cut, decode_grey


class SheetReader:
    """The thumbnails of a sheet, each decoded when asked for.

    Parameters
    ----------
    data : JPEG bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._whole: np.ndarray | None = None
        self._intervals = jpeg_intervals.cut(data)
        self._side = self._intervals.blocks * BLOCK
        width, height = self._intervals.size
        self._across = -(-width // self._side) if self._side else 0
        self._is_cut = self._side > 0 and len(self._intervals) == self._across * -(-height // BLOCK)

    def grey(self, x: int, y: int, w: int, h: int) -> np.ndarray:
        """Luminance (h, w) uint8 of the thumbnail at a place, pixels."""
        part = self.jpeg(x, y, w, h)
        if part is None:
            if self._whole is None:
                self._whole = decode_grey(self.data)
            return np.ascontiguousarray(cut(self._whole, x, y, w, h))
        return np.ascontiguousarray(decode_grey(part)[:, :w])

    def jpeg(self, x: int, y: int, w: int, h: int) -> bytes | None:
        """The thumbnail as a JPEG as wide as a cell and `h` high, on its left; None where the sheet is not cut so."""
        if not self._is_cut or x % self._side or y % BLOCK or w > self._side:
            return None
        rows = range(y // BLOCK, -(-(y + h) // BLOCK))
        places = (row * self._across + x // self._side for row in rows)
        return self._intervals.jpeg(self._side, h, (self._intervals[place] for place in places))
