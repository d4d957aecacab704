"""One thumbnail out of a sheet, without decoding the others.

A JPEG is one long run of bits, in which nothing can be found without reading all that comes before it; but it may be
cut into intervals that each begin anew (ITU-T T.81, restart intervals). `sheets.encode_sheet` cuts at every cell and
every sixteen rows. So the intervals of one cell, under a header that tells its size, are a JPEG of their own: a
thumbnail takes 0.2 ms instead of the 10 ms of its sheet. Sheets that are not cut so are decoded as a whole.
"""

from __future__ import annotations

import numpy as np

from stages.core.sheets import BLOCK, cut, decode_grey

START_OF_FRAME, RESTART_INTERVAL, START_OF_SCAN = 0xC0, 0xDD, 0xDA
RESTART, END = 0xD0, b"\xff\xd9"
SIZE_AT = 5
"""Bytes from a frame's beginning to where its height and width are told."""


class SheetReader:
    """The thumbnails of a sheet, each decoded when asked for.

    Parameters
    ----------
    data : JPEG bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._whole: np.ndarray | None = None
        self._head, self._frame, self._blocks = _header(data)
        marks = _marks(data, len(self._head)) if self._blocks else np.empty(0, np.int64)
        self._starts = [len(self._head), *(marks + 2).tolist()]
        self._ends = [*marks.tolist(), len(data) - len(END)]

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
        side = self._blocks * BLOCK
        if not self._is_cut or x % side or y % BLOCK or w > side:
            return None
        parts = [self._head[: self._frame + SIZE_AT], h.to_bytes(2), side.to_bytes(2)]
        parts.append(self._head[self._frame + SIZE_AT + 4 :])
        for number, row in enumerate(range(y // BLOCK, -(-(y + h) // BLOCK))):
            place = row * self._across + x // side
            if number:
                parts.append(bytes([0xFF, RESTART | (number - 1) % 8]))
            parts.append(self.data[self._starts[place] : self._ends[place]])
        return b"".join([*parts, END])

    @property
    def _is_cut(self) -> bool:
        """Whether there are the intervals that the header speaks of."""
        return self._blocks > 0 and len(self._starts) == self._across * -(-self._size[1] // BLOCK)

    @property
    def _across(self) -> int:
        """Intervals side by side."""
        return -(-self._size[0] // (self._blocks * BLOCK))

    @property
    def _size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        at = self._frame + SIZE_AT
        return int.from_bytes(self._head[at + 2 : at + 4]), int.from_bytes(self._head[at : at + 2])


def _marks(data: bytes, start: int) -> np.ndarray:
    """Where intervals end, but for the last."""
    codes = np.frombuffer(data, np.uint8)
    at = np.flatnonzero(codes[start:-1] == 0xFF) + start
    return at[(codes[at + 1] & 0xF8) == RESTART]


def _header(data: bytes) -> tuple[bytes, int, int]:
    """All before the first interval; where the frame's size is told; and blocks of an interval, 0 where there is none.

    Raises
    ------
    ValueError : it is no JPEG of the common kind.
    """
    at, frame, blocks = 2, 0, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if kind == START_OF_FRAME:
            frame = at
        if kind == RESTART_INTERVAL:
            blocks = int.from_bytes(data[at + 4 : at + 6])
        at += 2 + length
        if kind == START_OF_SCAN and frame:
            return data[:at], frame, blocks
    raise ValueError("not a sequential JPEG")
