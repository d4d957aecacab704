"""Thumbnails, and the sheets they are packed in: a folder of many small files is slow to copy, to hash and to open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

COLUMNS = 6
PLACES = COLUMNS * COLUMNS
BLOCK = 16
"""JPEG codes colour in blocks of this side. Cells begin at multiples of it, so thumbnails are laid in as they are."""
QUALITY = 90
PAPER = 255
ID_BITS = 128


@dataclass(frozen=True)
class Cell:
    """Where a thumbnail lies in its sheet, pixels."""

    x: int
    y: int
    w: int
    h: int


def thumbnail(pixels: np.ndarray, longest: int) -> np.ndarray:
    """A picture (h, w, 3) made so small that its longer side is `longest` pixels; never larger, no side under one."""
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Averaging over parts of pixels takes four times as long as whole blocks, and the rest of the way, down to a half
    # at most, by two pixels a side, as there are no more to mix.
    block = int(max(height, width) // longest)
    down, right = min(block, height), min(block, width)
    blocks = (width // right, height // down)
    if block > 1:
        pixels = cv2.resize(pixels[: blocks[1] * down, : blocks[0] * right], blocks, interpolation=cv2.INTER_AREA)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR_EXACT)


def encode(pixels: np.ndarray, longest: int) -> bytes:
    """JPEG of a thumbnail (h, w, 3) uint8 RGB, on the left of a cell of its height; the same pixels, the same bytes.

    Cut so that `sheet_joining` can lay it in a sheet, and `sheet_reading` take it out, as it is.
    """
    side = cell_side(longest)
    filled = _whole_blocks(pixels)
    paper = cv2.copyMakeBorder(filled, 0, 0, 0, side - filled.shape[1], cv2.BORDER_CONSTANT, value=[PAPER] * 3)
    how = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_RST_INTERVAL, side // BLOCK]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(paper, cv2.COLOR_RGB2BGR), how)
    return data.tobytes()


def decode(data: bytes) -> np.ndarray:
    """(h, w, 3) uint8 RGB of a thumbnail or a sheet."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def decode_grey(data: bytes) -> np.ndarray:
    """(h, w) uint8, the luminance as it is stored."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def sheets_of(content_ids: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Which sheet holds which contents, at most `PLACES` each: halved by the ids' next bit until they fit.

    It depends on nothing but the set of ids, and one more id changes one sheet, or splits it in two; so a version of a
    dataset costs only the sheets in which it differs.

    Parameters
    ----------
    content_ids : distinct ids of 32 hex digits.

    Yields
    ------
    File name and ids, both ascending.
    """
    by_number = sorted((int(content_id, 16), content_id) for content_id in content_ids)
    if by_number:
        yield from _halved(by_number, "")


def cells(sizes: Sequence[tuple[int, int]], longest: int) -> list[Cell]:
    """Where thumbnails of these widths and heights lie in their sheet, row by row, six a row.

    Parameters
    ----------
    longest : pixels; the cells are squares of this side, rounded up to whole blocks.
    """
    side = cell_side(longest)
    places = (divmod(number, COLUMNS) for number in range(len(sizes)))
    return [
        Cell(column * side, row * side, width, height)
        for (row, column), (width, height) in zip(places, sizes, strict=True)
    ]


def cell_side(longest: int) -> int:
    """Of a cell for thumbnails of this longer side at most: whole blocks; pixels."""
    return -(-longest // BLOCK) * BLOCK


def cut(sheet: np.ndarray, x: int, y: int, w: int, h: int) -> np.ndarray:
    """The thumbnail (h, w, 3) that lies at a place in a sheet; a view."""
    return sheet[y : y + h, x : x + w]


def _halved(ids: list[tuple[int, str]], bits: str) -> Iterator[tuple[str, list[str]]]:
    if len(ids) <= PLACES:
        yield f"sheet{'-' if bits else ''}{bits}.jpg", [content_id for _, content_id in ids]
        return
    bit = ID_BITS - 1 - len(bits)
    for digit in "01":
        half = [pair for pair in ids if (pair[0] >> bit) & 1 == int(digit)]
        if half:
            yield from _halved(half, bits + digit)


def _whole_blocks(picture: np.ndarray) -> np.ndarray:
    """Its last column repeated to the end of the block, so that paper does not bleed into it."""
    return cv2.copyMakeBorder(picture, 0, 0, 0, -picture.shape[1] % BLOCK, cv2.BORDER_REPLICATE)
