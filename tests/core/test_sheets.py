from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from stages.contracts.identity import digest
from stages.core.sheets import BLOCK, PLACES, cells, cut, decode, encode, sheets_of, thumbnail
from tests.sheets import sheet_of

ids = st.lists(st.binary(min_size=16, max_size=16).map(bytes.hex), unique=True, max_size=300)


def some_ids(count: int) -> list[str]:
    return [digest(str(number).encode()) for number in range(count)]


def flat(height: int, width: int, level: int) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((640, 320), (320, 160)),
        ((100, 200), (100, 200)),
        ((4000, 2), (320, 1)),
        ((1, 5000), (1, 320)),
        ((1, 1), (1, 1)),
        ((321, 321), (320, 320)),
    ],
)
def test_a_thumbnail_is_never_larger_than_the_picture_and_never_gone(shape: tuple, expected: tuple) -> None:
    assert thumbnail(flat(*shape, 9), 320).shape == (*expected, 3)


def test_no_contents_make_no_sheet() -> None:
    assert list(sheets_of([])) == []


@given(ids)
def test_every_content_is_in_one_sheet(content_ids: list[str]) -> None:
    found = list(sheets_of(content_ids))
    assert sorted(one for _, members in found for one in members) == sorted(content_ids)
    assert all(1 <= len(members) <= PLACES for _, members in found)
    assert len({name for name, _ in found}) == len(found)


@given(ids, st.randoms())
def test_sheets_depend_on_the_set_alone(content_ids: list[str], random: object) -> None:
    shuffled = list(content_ids)
    random.shuffle(shuffled)
    assert list(sheets_of(shuffled)) == list(sheets_of(content_ids))


def test_sheets_come_in_order_of_content() -> None:
    members = [one for _, members in sheets_of(some_ids(200)) for one in members]
    assert members == sorted(members)


def test_one_more_content_leaves_all_sheets_but_one_alone() -> None:
    before = dict(sheets_of(some_ids(500)))
    after = dict(sheets_of(some_ids(501)))
    assert sum(after.get(name) != members for name, members in before.items()) == 1


def test_ids_that_agree_in_most_bits_still_fit() -> None:
    alike = [f"{number:032x}" for number in range(100)]
    assert sum(len(members) for _, members in sheets_of(alike)) == 100


def test_cells_begin_at_whole_blocks_whatever_the_size() -> None:
    places = cells([(100, 100)] * 8, 100)
    assert all(cell.x % BLOCK == cell.y % BLOCK == 0 for cell in places)
    assert max(cell.x for cell in places) == 5 * 112
    assert max(cell.y for cell in places) == 112


def test_a_thumbnail_is_on_the_left_of_its_cell_and_the_rest_is_paper() -> None:
    shown = decode(encode(flat(50, 70, 40), 100))
    assert shown.shape == (50, 112, 3)
    assert np.abs(shown[:, :70].astype(int) - 40).max() <= 2
    assert (shown[:, 84:] >= 253).all()


@pytest.mark.parametrize("longest", [16, 100, 320])
@pytest.mark.parametrize("count", [1, 5, 6, 7, 36])
def test_a_sheet_holds_the_thumbnails_as_they_were_encoded(count: int, longest: int) -> None:
    rng = np.random.default_rng(count)
    pictures = [rng.integers(0, 256, (*rng.integers(1, longest + 1, 2), 3), np.uint8) for _ in range(count)]
    sheet, places = sheet_of(pictures, longest)
    side = -(-longest // BLOCK) * BLOCK
    whole = decode(sheet)
    assert whole.shape == (-(-count // 6) * side, min(count, 6) * side, 3)
    for picture, cell in zip(pictures, places, strict=True):
        alone = decode(encode(picture, longest))[:, : cell.w]
        # But for a pixel along its rim, where colours of blocks that lie side by side are mixed.
        inner = np.s_[1 : cell.h - 1, 1 : cell.w - 1]
        assert np.array_equal(cut(whole, cell.x, cell.y, cell.w, cell.h)[inner], alone[inner])


def test_a_place_without_a_thumbnail_is_paper() -> None:
    sheet, _ = sheet_of([flat(90, 100, 0)] * 7, 100)
    assert (decode(sheet)[112:, 2 * 112 :] >= 253).all()


def test_a_photograph_is_hardly_changed() -> None:
    for photo in (data.astronaut, data.coffee, data.chelsea):
        small = thumbnail(photo(), 320)
        assert np.abs(decode(encode(small, 320))[:, : small.shape[1]].astype(int) - small).mean() < 4


def test_the_same_pixels_give_the_same_bytes_and_the_channels_stay_in_order() -> None:
    red = flat(40, 40, 0) + np.array([200, 10, 30], np.uint8)
    assert encode(red, 40) == encode(red.copy(), 40)
    assert np.abs(decode(encode(red, 40))[:, :40].astype(int) - red).max() <= 4
