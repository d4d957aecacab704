"""Thumbnails in the order in which a page shows them.

The sheets of `measure` are in order of content, so the first 48 cards of a ranking lie on as many sheets.
Pages therefore repack what they show: a page of cards then needs a sheet or two. `<img>` shows a part of a
sheet, which works from `file://`, is lazy by itself, and prints.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import pandas as pd
import simplejpeg
from PIL import Image

from stages.core.sheet_reading import SheetReader

GRID = (6, 4)
"""Columns and rows of a gallery's sheet: two sheets hold the 48 cards of a page."""
SIDE = 320
"""Long side of a card's thumbnail, pixels."""
SMALL_GRID = (16, 15)
SMALL_SIDE = 112
"""Neighbours beside a card: the 5 of each of 48 cards fill one sheet."""
MAP_SIDE = 160
"""Behind the map, sheets with longer thumbnails are halved: 320 pixels become 160."""
THREADS = min(os.cpu_count() or 1, 8)
AT_ONCE = 64
"""sheets made at once by all threads; bounds memory"""
JPEG_QUALITY = 85
PAPER = (128, 128, 128)
BLOCK = 16
"""JPEG codes colour in blocks of this side; all cells begin at multiples of it."""
BATCH_SHEETS = 8
"""Sheets filled at once; bounds memory at about 100 MB."""

Place = list[int]
"""[sheet, x, y, w, h]: the number of the sheet in `Sheets.files`, then pixels."""


@dataclass(frozen=True)
class Sheets:
    """Where thumbnails lie: per sheet (file below assets/, width, height), per content its place."""

    files: list[list]
    places: dict[str, Place]


class Album:
    """The thumbnails of `measure`, by content id.

    Parameters
    ----------
    thumbnails : the table.
    read : gives the bytes of a sheet by its name.
    """

    def __init__(self, thumbnails: pd.DataFrame, read: Callable[[str], bytes]) -> None:
        self.read = read
        columns = (thumbnails[name].tolist() for name in ("content_id", "sheet", "x", "y", "w", "h"))
        self.where = {content: (sheet, x, y, w, h) for content, sheet, x, y, w, h in zip(*columns, strict=True)}

    def __contains__(self, content_id: str) -> bool:
        return content_id in self.where

    def cut(self, content_ids: Iterable[str], side: int | None = None) -> dict[str, Image.Image]:
        """Thumbnails, no longer than `side` where it is given; each sheet is read once, in threads."""
        wanted: dict[str, list[str]] = {}
        for content in sorted(content_ids):
            wanted.setdefault(self.where[content][0], []).append(content)
        found: dict[str, Image.Image] = {}
        with ThreadPoolExecutor(THREADS) as pool:
            for part in pool.map(lambda name: self._cut(name, wanted[name], side), sorted(wanted)):
                found |= part
        return found

    def _cut(self, name: str, content_ids: list[str], side: int | None) -> dict[str, Image.Image]:
        """Thumbnails of one sheet."""
        sheet = SheetReader(self.read(name))
        cells = {content: self.where[content][1:] for content in content_ids}
        parts = {content: sheet.jpeg(*cell) for content, cell in cells.items()}
        if any(part is None for part in parts.values()):
            # A sheet from before sheets were cut.
            whole = Image.open(io.BytesIO(sheet.data)).convert("RGB")
            found = {content: whole.crop((x, y, x + w, y + h)) for content, (x, y, w, h) in cells.items()}
        else:
            found = {content: _opened(part, *cells[content][2:], side) for content, part in parts.items()}
        if side is None:
            return found
        sizes = {content: _fitted(*self.where[content][3:], side) for content in found}
        return {content: _resized(thumbnail, sizes[content]) for content, thumbnail in found.items()}


def _opened(part: bytes, width: int, height: int, side: int | None) -> Image.Image:
    """The thumbnail on the left of a JPEG; where it is twice as long as `side` or more, at half its size."""
    image = Image.open(io.BytesIO(part))
    if side is not None and max(width, height) >= 2 * side and min(image.size) > 1:
        # JPEG gives half the size in a third of the time.
        image.draft("RGB", (image.width // 2, image.height // 2))
        width, height = -(-width // 2), -(-height // 2)
    return image.convert("RGB").crop((0, 0, width, height))


def repack(
    album: Album, content_ids: Iterable[str], name: str, side: int = SIDE, grid: tuple[int, int] = GRID
) -> tuple[Sheets, Iterator[tuple[str, bytes]]]:
    """Sheets holding the given contents in the given order, each once; contents without a thumbnail are left out.

    Returns
    -------
    sheets : where everything lies, known before a pixel is touched.
    files : (file below assets/, JPEG bytes), made as they are taken.
    """
    columns, rows = grid
    ids = [content for content in dict.fromkeys(content_ids) if content in album]
    files, places = [], {}
    for number, chunk in enumerate(batched(ids, columns * rows)):
        width = side * min(len(chunk), columns)
        height = side * -(-len(chunk) // columns)
        files.append([f"sheets/{name}-{number:03d}.jpg", width, height])
        for cell, content in enumerate(chunk):
            w, h = _fitted(*album.where[content][3:], side)
            places[content] = [number, cell % columns * side, cell // columns * side, w, h]
    return Sheets(files, places), _filled(album, ids, Sheets(files, places), side, columns * rows)


def shrink(album: Album) -> tuple[Sheets, Iterator[tuple[str, bytes]]]:
    """Every sheet of `measure`, at half its size where it holds large thumbnails, and otherwise as it is: for the map,
    which may show any image at any time."""
    contents: dict[str, list[str]] = {}
    for content, (on, *_) in sorted(album.where.items()):
        contents.setdefault(on, []).append(content)
    files, places, halved = [], {}, []
    for number, name in enumerate(sorted(contents)):
        cells = {content: list(album.where[content][1:]) for content in contents[name]}
        halved.append(max(max(w, h) for *_, w, h in cells.values()) > MAP_SIDE)
        if halved[-1]:
            cells = {content: [x // 2, y // 2, -(-w // 2), -(-h // 2)] for content, (x, y, w, h) in cells.items()}
        places |= {content: [number, *cell] for content, cell in cells.items()}
        files.append([f"sheets/map-{number:03d}.jpg", *_size(album.read(name), halved[-1])])
    return Sheets(files, places), _halved(album, sorted(contents), files, halved)


def _size(data: bytes, is_halved: bool) -> tuple[int, int]:
    width, height = Image.open(io.BytesIO(data)).size
    return (-(-width // 2), -(-height // 2)) if is_halved else (width, height)


def _halved(album: Album, names: list[str], files: list, halved: list[bool]) -> Iterator[tuple[str, bytes]]:
    """In threads, since reading and writing JPEG takes nearly all of the time and leaves Python alone."""

    def made(task: tuple[str, bool]) -> bytes:
        name, is_halved = task
        return _half(album.read(name)) if is_halved else album.read(name)

    with ThreadPoolExecutor(THREADS) as pool:
        for chunk in batched(zip(names, files, halved, strict=True), AT_ONCE):
            done = pool.map(made, [(name, is_halved) for name, _, is_halved in chunk])
            yield from ((file, data) for (_, (file, *_), _), data in zip(chunk, done, strict=True))


def _half(data: bytes) -> bytes:
    """A sheet at half its size. JPEG gives it without the finer half, block by block, so that no thumbnail bleeds into
    the next, in a fraction of the time of shrinking each by itself."""
    height, width, *_ = simplejpeg.decode_jpeg_header(data)
    pixels = simplejpeg.decode_jpeg(data, "RGB", min_height=-(-height // 2), min_width=-(-width // 2))
    return simplejpeg.encode_jpeg(pixels, JPEG_QUALITY, colorsubsampling="420", fastdct=False)


def batched(ids: Iterable[str], count: int) -> Iterator[list[str]]:
    """Lists of at most `count`."""
    remaining = iter(ids)
    while chunk := list(islice(remaining, count)):
        yield chunk


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """The size that `Image.thumbnail` makes of a picture: never larger than it is."""
    image = Image.new("1", (width, height))
    image.thumbnail((side, side))
    return image.size


def _resized(thumbnail: Image.Image, size: tuple[int, int]) -> Image.Image:
    return thumbnail if thumbnail.size == size else thumbnail.resize(size, Image.Resampling.LANCZOS)


def _filled(album: Album, ids: list[str], sheets: Sheets, side: int, per_sheet: int) -> Iterator[tuple[str, bytes]]:
    number = 0
    for chunk in batched(ids, per_sheet * BATCH_SHEETS):
        cut = album.cut(chunk, side)
        for part in batched(chunk, per_sheet):
            file, width, height = sheets.files[number]
            canvas = Image.new("RGB", (width, height), PAPER)
            for content in part:
                _paste(canvas, cut[content], *sheets.places[content][1:3])
            yield file, _jpeg(canvas)
            number += 1


def _paste(canvas: Image.Image, thumbnail: Image.Image, x: int, y: int) -> None:
    """Put a thumbnail in its cell, last column and row repeated to the end of the block: paper shall not bleed in."""
    w, h = thumbnail.size
    right, below = -w % BLOCK, -h % BLOCK
    canvas.paste(thumbnail, (x, y))
    if right:
        canvas.paste(thumbnail.crop((w - 1, 0, w, h)).resize((right, h)), (x + w, y))
    if below:
        canvas.paste(thumbnail.crop((0, h - 1, w, h)).resize((w, below)), (x, y + h))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()
