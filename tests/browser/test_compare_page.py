"""The page that compares two versions, in a real Chromium, from `file://`, its folder moved elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stages.commands.compare import run
from tests import versions
from tests.pages.dataset import HOSTILE
from tests.versions import GONE, SAVED

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = versions.changed(tmp_path_factory.mktemp("changed") / "photos")
    made = run("HEAD", "now", root).page.parent
    return Path(shutil.move(made, tmp_path_factory.mktemp("elsewhere") / "what #1 changed"))


def paths(page: Page) -> list[str]:
    return page.locator("#gallery .card .path").evaluate_all("nodes => nodes.map(node => node.title)")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_it_fits_its_window_and_every_picture_loads(visit: Visit, folder: Path, width: int, theme: str) -> None:
    page = visit("compare", width=width, theme=theme, folder=folder)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for picture in page.locator("img").element_handles():
        picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.locator("h1").inner_text() == "What changed"
    assert page.evaluate("window.broken") is None


def test_each_kind_of_change_shows_its_images(visit: Visit, folder: Path) -> None:
    page = visit("compare", folder=folder)
    assert set(HOSTILE) < set(paths(page))
    page.get_by_role("button", name="Gone").click()
    assert paths(page) == [GONE]
    assert "no longer in the source" in page.locator("#shown").inner_text()
    page.get_by_role("button", name="Other split").click()
    assert page.locator("#gallery .differences li").all_inner_texts() == [
        "Split train, now test",
        "Was train/cat/02.jpg",
    ]
    assert page.url.endswith("#split_changed")


def test_other_content_is_shown_beside_what_it_was(visit: Visit, folder: Path) -> None:
    page = visit("compare", folder=folder, anchor="#content_changed")
    assert paths(page) == [SAVED]
    assert page.locator("#gallery figcaption").all_inner_texts() == ["Before", "After"]
    left, right = (box.bounding_box() for box in page.locator("#gallery figure").all())
    assert left["x"] + left["width"] <= right["x"]
    assert left["y"] == right["y"]


def test_the_headings_are_reached_from_the_top(visit: Visit, folder: Path) -> None:
    page = visit("compare", folder=folder)
    for name in ("Images", "Look", "Classes", "Clusters", "Numbers"):
        page.locator(".nav").get_by_role("link", name=name).click()
        assert page.locator(page.url.partition("compare.html")[2]).is_visible()


def test_nothing_changed_opens_too(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("same") / "photos"
    versions.changed(root)
    page = visit("compare", folder=run("HEAD", "HEAD", root).page.parent)
    assert page.locator(".empty:visible").count() >= 1
    assert page.locator("#filters").count() == 0
