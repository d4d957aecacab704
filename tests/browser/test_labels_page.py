"""The labels page in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from stages import report
from tests.pages import labelled
from tests.pages.labelled import BARE, MISLABELLED

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = labelled.make(tmp_path_factory.mktemp("labels"))
    report.main(root)
    return root / "reports"


def paths(page: Page, inside: str) -> list[str]:
    return page.locator(f"{inside} .card .path").evaluate_all("nodes => nodes.map(node => node.title)")


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_its_window_and_every_picture_loads(visit: Visit, labels: Path, width: int) -> None:
    page = visit("labels", width=width, theme="dark" if width == 390 else "light", folder=labels)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for picture in page.locator("img").element_handles()[:40]:
        picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.images].slice(0, 40).every(image => image.complete && image.naturalWidth > 0)")
    assert page.evaluate("window.broken") is None


def test_suspects_can_be_narrowed_to_a_pair_and_back(visit: Visit, labels: Path) -> None:
    page = visit("labels", folder=labels)
    assert set(paths(page, "#gallery")) == {*MISLABELLED, BARE}
    page.locator('.pair[data-given="coffee"][data-suggested="cat"]').click()
    assert paths(page, "#gallery") == ["train/coffee/wrong.jpg"]
    assert "1 in doubt that have coffee and look like cat" in page.locator("#pair").inner_text()
    page.get_by_role("button", name="Show all in doubt").click()
    assert set(paths(page, "#gallery")) == {*MISLABELLED, BARE}
    assert page.locator("#pair").is_hidden()
    page.locator('[data-filter="next"]').click()
    assert not {*MISLABELLED, BARE} & set(paths(page, "#gallery"))


def test_the_neighbours_tell_their_labels(visit: Visit, labels: Path) -> None:
    page = visit("labels", folder=labels)
    called = page.locator("#gallery .card").first.locator(".nearest .called")
    assert called.count() >= 3
    assert all(called.all_inner_texts())


def test_what_pictures_look_like_is_shown_label_by_label(visit: Visit, labels: Path) -> None:
    page = visit("labels", folder=labels)
    buttons = page.locator("[data-seen]")
    seen = []
    for at in range(buttons.count()):
        buttons.nth(at).click()
        assert buttons.nth(at).get_attribute("aria-pressed") == "true"
        seen += paths(page, "#looks")
    assert len(seen) == len(set(seen)) > 30
    assert "None of these" in buttons.last.inner_text()
    assert BARE in paths(page, "#looks")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_people(visit: Visit, labels: Path, theme: str) -> None:
    page = visit("labels", theme=theme, folder=labels)
    found = [
        (rule["id"], rule["nodes"][0]["html"])
        for rule in Axe().run(page, options={"preload": False}).response["violations"]
        if rule["impact"] in ("serious", "critical")
    ]
    assert not found
