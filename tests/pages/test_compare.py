"""What the page that compares two versions says, and that each picture is the one it is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.commands import compare as command
from stages.contracts.vocabulary import Change
from stages.core import sheets
from stages.pages.compare import KINDS
from stages.pages.compare_cards import TAGS
from stages.pages.compare_numbers import difference, signed, small
from tests import versions
from tests.pages import dataset
from tests.pages.dataset import HOSTILE
from tests.pages.decode import Page, data, picture, shows
from tests.versions import GONE, HAT, SAVED


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> command.Result:
    return command.run("HEAD", "now", versions.changed(tmp_path_factory.mktemp("page") / "photos"))


@pytest.fixture(scope="module")
def files(result: command.Result) -> dict:
    """The page's files, text as text."""
    folder = result.page.parent
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() if name.endswith("jpg") else path.read_text() for name, path in found.items()}


def card(files: dict, path: str) -> dict:
    return next(card for card in data(files, "compare")["cards"] if card["path"] == path)


def test_every_image_that_changed_has_one_card_with_all_that_happened(files: dict) -> None:
    cards = data(files, "compare")["cards"]
    assert len({card["id"] for card in cards}) == len(cards) == 16
    assert card(files, GONE)["kinds"] == ["gone"]
    moved = card(files, "test/cat/02.jpg")
    assert moved["kinds"] == ["split_changed", "renamed"]
    assert moved["differences"] == ["Split train, now test", "Was train/cat/02.jpg"]
    assert [tag["text"] for tag in moved["tags"]] == ["Other split", "Renamed"]
    hat = card(files, HAT)
    assert hat["kinds"] == ["relabelled", "flag_changed"]
    assert hat["differences"] == ["Label cat, now hat", "Before: nothing wrong. Now: your decisions"]
    assert card(files, "train/astronaut/01.jpg")["differences"] == ["Stayed before, goes now: your decisions"]


def test_pictures_are_those_of_the_version_they_are_shown_of(files: dict) -> None:
    found = data(files, "compare")
    before = {shot.content_id: shot.pixels for shot in dataset.clean()}
    gone = next(shot for shot in dataset.clean() if shot.path == GONE)
    assert shows(picture(files, found["sheets"], card(files, GONE)["place"]), gone.content_id, before)
    saved = next(shot for shot in dataset.clean() if shot.path == SAVED)
    both = {"was": saved.pixels, "is": 255 - saved.pixels}
    assert shows(picture(files, found["sheets"], card(files, SAVED)["was"]), "was", both)
    assert shows(picture(files, found["sheets"], card(files, SAVED)["place"]), "is", both)
    stripes = next(shot for shot in dataset.strangers() if "stripes" in shot.path)
    assert shows(
        picture(files, found["sheets"], card(files, stripes.path)["place"]),
        stripes.content_id,
        {**before, stripes.content_id: sheets.thumbnail(stripes.pixels, dataset.LONGEST)},
    )
    assert card(files, stripes.path)["was"] is None


def test_numbers_and_words(files: dict) -> None:
    page = Page(files["compare.html"]).text
    assert "10 added, 1 gone from the source, 1 removed that stayed before, 1 relabelled" in page
    assert "45+9, from 36" in "".join(page.splitlines())
    assert "the <b>first</b> run" in page
    assert "2 grown and 1 as large as before" in page
    assert "chance" in page


def test_texts_of_others_stay_texts(files: dict) -> None:
    assert "<b>first</b>" not in files["compare.html"]
    assert "<script>window" not in files["compare.html"] + files["assets/data/compare.js"]
    assert {card["path"] for card in data(files, "compare")["cards"]} >= set(HOSTILE)


def test_the_folder_is_complete_and_leads_nowhere(files: dict) -> None:
    assert {"compare.html", "changes.csv", "assets/winnow.css", "assets/winnow.js", "assets/theme.js"} <= set(files)
    page = Page(files["compare.html"])
    assert set(page.sources) <= {*files, page.sources[0]}
    assert page.sources[0].startswith("data:image/svg+xml")
    assert all(link in ("changes.csv", *(f"#{name}" for name in page.ids)) for link in page.links)


def test_a_version_against_itself(tmp_path: Path) -> None:
    root = versions.project(tmp_path / "photos", dataset.clean(2))
    versions.commit(root)
    page = Page(command.run("HEAD", "now", root).page.read_text()).text
    assert "Nothing changed: the same images" in page
    assert "No image changed" in page
    assert "Both versions hold the same images" in page


def test_every_change_has_its_words() -> None:
    assert set(KINDS) == set(TAGS) == set(Change)


def test_numbers_as_people_write_them() -> None:
    assert [signed(value) for value in (1200, -3, 0, 0.25, -0.1234567)] == ["+1,200", "−3", "0", "+0.25", "−0.123457"]
    assert [difference(3, 5), difference(5, 5), difference(None, 5)] == ["+2", "0", ""]
    assert [small(0.0000653), small(0.0214), small(-0.00012), small(0)] == ["0.000065", "0.021", "−0.00012", "0"]
