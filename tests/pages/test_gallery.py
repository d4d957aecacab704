from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest

from stages.contracts.schemas.thumbnails import THUMBNAILS
from stages.pages.gallery import Album, repack, shrink
from tests.pages.decode import picture, shows
from tests.sheets import sheet_of, uncut


@pytest.fixture
def album(project: SimpleNamespace) -> Album:
    return Album(project.facts.thumbnails, project.facts.sheet)


@pytest.fixture
def pixels(project: SimpleNamespace) -> dict:
    return {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}


def test_repacked_thumbnails_show_the_right_pictures_in_the_order_given(album: Album, pixels: dict) -> None:
    order = sorted(pixels, reverse=True)
    sheets, files = repack(album, order, "ranked", side=64, grid=(5, 4))
    made = {f"assets/{name}": data for name, data in files}
    assert [f"assets/{file}" for file, *_ in sheets.files] == list(made)
    assert [sheets.places[content][0] for content in order] == [rank // 20 for rank in range(len(order))]
    for content in order:
        assert shows(picture(made, sheets.files, sheets.places[content]), content, pixels)


def test_a_content_shown_twice_is_packed_once_and_an_unknown_one_not_at_all(album: Album, pixels: dict) -> None:
    one, two = sorted(pixels)[:2]
    sheets, _ = repack(album, [one, two, one, "nowhere"], "few")
    assert list(sheets.places) == [one, two]
    assert sheets.files == [["sheets/few-000.jpg", 640, 320]]


def test_nothing_to_show_makes_no_sheet(album: Album) -> None:
    sheets, files = repack(album, [], "none")
    assert sheets.files == []
    assert list(files) == []


def test_each_sheet_is_read_once_however_the_ranking_jumps(project: SimpleNamespace, pixels: dict) -> None:
    opened: Counter = Counter()

    def read(name: str) -> bytes:
        opened[name] += 1
        return project.facts.sheet(name)

    _, files = repack(Album(project.facts.thumbnails, read), list(pixels)[::-1], "jumping")
    list(files)
    assert set(opened.values()) == {1}
    assert len(opened) == project.facts.thumbnails["sheet"].nunique()


def test_the_map_has_every_thumbnail_and_small_ones_as_they_are(album: Album, pixels: dict) -> None:
    sheets, files = shrink(album)
    made = {f"assets/{name}": data for name, data in files}
    assert [f"assets/{file}" for file, *_ in sheets.files] == list(made)
    assert set(sheets.places) == set(pixels)
    for content, place in sheets.places.items():
        assert shows(picture(made, sheets.files, place), content, pixels)
        assert place[3:] == list(album.where[content][3:])


def enlarged(pixels: dict, is_cut: bool = True) -> tuple[dict, Album]:
    """A few pictures at three times their size, on one sheet."""
    large = {content: cv2.resize(found, None, fx=3, fy=3) for content, found in sorted(pixels.items())[:5]}
    sheet, cells = sheet_of(list(large.values()), 576)
    rows = [(content, "one.jpg", cell.x, cell.y, cell.w, cell.h) for content, cell in zip(large, cells, strict=True)]
    file = sheet if is_cut else uncut(sheet)
    return large, Album(pd.DataFrame(rows, columns=THUMBNAILS.names), lambda name: file)


@pytest.mark.parametrize(("side", "is_cut"), [(50, True), (112, True), (112, False), (300, True), (300, False)])
def test_however_small_a_card_is_it_shows_the_same_and_has_the_size_said(pixels: dict, side: int, is_cut: bool) -> None:
    large, album = enlarged(pixels, is_cut)
    sheets, files = repack(album, large, "cards", side=side)
    made = {f"assets/{name}": data for name, data in files}
    for content, thumbnail in album.cut(large, side).items():
        assert list(thumbnail.size) == sheets.places[content][3:]
        assert max(thumbnail.size) == min(side, max(large[content].shape[:2]))
        assert shows(picture(made, sheets.files, sheets.places[content]), content, large)


def test_the_map_has_large_thumbnails_at_half_their_size(pixels: dict) -> None:
    large, album = enlarged(pixels)
    sheets, files = shrink(album)
    made = {f"assets/{name}": data for name, data in files}
    for content, place in sheets.places.items():
        assert place[3:] == [-(-side // 2) for side in album.where[content][3:]]
        assert shows(picture(made, sheets.files, place), content, large)


def test_a_thumbnail_a_pixel_high_is_shown_whole() -> None:
    line = np.repeat(np.arange(0, 256, 0.8, np.float32).astype(np.uint8)[None, :, None], 3, axis=2)
    sheet, (cell,) = sheet_of([line], 320)
    rows = [("a" * 32, "one.jpg", cell.x, cell.y, cell.w, cell.h)]
    album = Album(pd.DataFrame(rows, columns=THUMBNAILS.names), lambda name: sheet)
    shown = album.cut(["a" * 32], 64)["a" * 32]
    assert shown.size == (64, 1)
    assert np.asarray(shown.convert("L"))[0, -1] > 240
