from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from stages.core.sheet_reading import SheetReader
from stages.core.sheets import cut, decode_grey
from tests.sheets import sheet_of, uncut


def thumbnails(count: int, longest: int) -> list[np.ndarray]:
    """Cut at random out of a photograph."""
    rng, cat = np.random.default_rng(count), data.chelsea()
    found = []
    for height, width in rng.integers(1, min(longest, 300) + 1, (count, 2)):
        top, left = rng.integers(0, cat.shape[0] - height + 1), rng.integers(0, cat.shape[1] - width + 1)
        found.append(np.ascontiguousarray(cat[top : top + height, left : left + width]))
    return found


@pytest.mark.parametrize(("count", "longest"), [(36, 320), (7, 100), (5, 320), (1, 32), (3, 16), (2, 1)])
def test_a_thumbnail_is_what_it_is_in_the_whole_sheet(count: int, longest: int) -> None:
    file, cells = sheet_of(thumbnails(count, longest), longest)
    reader, whole = SheetReader(file), decode_grey(file)
    for cell in cells:
        box = (cell.x, cell.y, cell.w, cell.h)
        assert np.array_equal(reader.grey(*box), cut(whole, *box))


def test_a_part_is_a_jpeg_that_others_read_and_far_smaller() -> None:
    pictures = thumbnails(36, 320)
    file, cells = sheet_of(pictures, 320)
    for picture, cell in zip(pictures, cells, strict=True):
        part = SheetReader(file).jpeg(cell.x, cell.y, cell.w, cell.h)
        shown = np.asarray(Image.open(io.BytesIO(part)).convert("RGB"), float)
        assert shown.shape == (cell.h, 320, 3)
        assert np.abs(shown[:, : cell.w] - picture).mean() < 6
        assert len(part) < len(file) / 10


def test_a_sheet_that_is_not_cut_is_decoded_as_a_whole() -> None:
    sheet, cells = sheet_of(thumbnails(8, 320), 320)
    file = uncut(sheet)
    reader, whole = SheetReader(file), decode_grey(file)
    for cell in cells:
        box = (cell.x, cell.y, cell.w, cell.h)
        assert reader.jpeg(*box) is None
        assert np.array_equal(reader.grey(*box), cut(whole, *box))


def test_a_place_that_is_no_cell_is_cut_from_the_whole() -> None:
    file = sheet_of(thumbnails(8, 320), 320)[0]
    reader = SheetReader(file)
    for box in ((5, 0, 100, 100), (0, 7, 100, 100), (0, 0, 500, 20)):
        assert reader.jpeg(*box) is None
        assert np.array_equal(reader.grey(*box), cut(decode_grey(file), *box))


def test_intervals_that_are_not_all_there_are_not_trusted() -> None:
    file = sheet_of(thumbnails(8, 320), 320)[0]
    first = next(at for at in range(len(file)) if file[at : at + 2] == b"\xff\xd0")
    assert SheetReader(file[:first] + file[first + 2 :]).jpeg(0, 0, 20, 20) is None


@pytest.mark.parametrize("bytes_", [b"", b"\xff\xd8", b"no picture at all"])
def test_what_is_no_jpeg_is_said_to_be_none(bytes_: bytes) -> None:
    with pytest.raises(ValueError, match="not a sequential JPEG"):
        SheetReader(bytes_)
