"""Parts of a JPEG that are decoded by themselves, taken out of one and put into another.

A JPEG is one long run of bits, in which nothing can be found without reading all that comes before it; but it may be
cut into intervals that each begin anew (ITU-T T.81, restart intervals). Intervals that were encoded with the same
tables can be laid beside each other under a header that tells the new size, and none is decoded for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

START_OF_FRAME, RESTART_INTERVAL, START_OF_SCAN = 0xC0, 0xDD, 0xDA
RESTART, END = 0xD0, b"\xff\xd9"
SIZE_AT = 5
"""Bytes from a frame's beginning to where its height and width are told."""


@dataclass(frozen=True)
class Intervals:
    """A JPEG cut at its restart marks.

    data : the whole of it.
    frame : where its header tells the size.
    blocks : of an interval; 0 where the file is not cut.
    starts, ends : of the intervals, in `data`.
    """

    data: bytes
    frame: int
    blocks: int
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> bytes:
        return self.data[self.starts[number] : self.ends[number]]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        at = self.frame + SIZE_AT
        return int.from_bytes(self.data[at + 2 : at + 4]), int.from_bytes(self.data[at : at + 2])

    def jpeg(self, width: int, height: int, intervals: Iterable[bytes]) -> bytes:
        """A JPEG of another size, made of these intervals under this one's tables."""
        at = self.frame + SIZE_AT
        parts = [self.data[:at], height.to_bytes(2), width.to_bytes(2), self.data[at + 4 : self.starts[0]]]
        for number, interval in enumerate(intervals):
            if number:
                parts.append(bytes([0xFF, RESTART | (number - 1) % 8]))
            parts.append(interval)
        return b"".join([*parts, END])


def cut(data: bytes) -> Intervals:
    """The intervals of a JPEG; all in one where it is not cut.

    Raises
    ------
    ValueError : it is no JPEG of the common kind.
    """
    first, frame, blocks = _header(data)
    marks = _marks(data, first) if blocks else np.empty(0, np.int64)
    return Intervals(data, frame, blocks, [first, *(marks + 2).tolist()], [*marks.tolist(), len(data) - len(END)])


def _marks(data: bytes, start: int) -> np.ndarray:
    """Where intervals end, but for the last."""
    codes = np.frombuffer(data, np.uint8)
    at = np.flatnonzero(codes[start:-1] == 0xFF) + start
    return at[(codes[at + 1] & 0xF8) == RESTART]


def _header(data: bytes) -> tuple[int, int, int]:
    """Where the first interval begins, where the frame tells its size, blocks of an interval (0 if it is not cut)."""
    at, frame, blocks = 2, 0, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if kind == START_OF_FRAME:
            frame = at
        if kind == RESTART_INTERVAL:
            blocks = int.from_bytes(data[at + 4 : at + 6])
        at += 2 + length
        if kind == START_OF_SCAN and frame:
            return at, frame, blocks
    raise ValueError("not a sequential JPEG")
