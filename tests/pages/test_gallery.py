from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from stages.pages.gallery import Album, repack, shrink
from tests.pages.decode import picture, shows


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


def test_each_sheet_is_decoded_once_however_the_ranking_jumps(project: SimpleNamespace, pixels: dict) -> None:
    opened: Counter = Counter()

    def read(name: str) -> bytes:
        opened[name] += 1
        return project.facts.sheet(name)

    _, files = repack(Album(project.facts.thumbnails, read), list(pixels)[::-1], "jumping")
    list(files)
    assert set(opened.values()) == {1}
    assert len(opened) == project.facts.thumbnails["sheet"].nunique()


def test_the_map_has_every_thumbnail_smaller(album: Album, pixels: dict) -> None:
    sheets, files = shrink(album)
    made = {f"assets/{name}": data for name, data in files}
    assert set(sheets.places) == set(pixels)
    for content, place in sheets.places.items():
        assert shows(picture(made, sheets.files, place), content, pixels)
        assert max(place[3:]) < max(album.where[content][3:])
