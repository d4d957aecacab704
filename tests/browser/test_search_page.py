"""The page of a search, moved away from its project."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stages.commands import search as command
from stages.commands.searcher import Query
from stages.encoders import opening
from stages.pages.skeleton import unturned
from tests import searchable
from tests.pages.dataset import HOSTILE


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = searchable.make(tmp_path_factory.mktemp("project"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "open_encoder", lambda *_: searchable.Colours())
        page = command.write_page(command.search(Query("white", k=100), root), root)
    return Path(shutil.move(page, tmp_path_factory.mktemp("elsewhere") / "search.html"))


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_and_every_picture_loads(visit: Callable[..., Page], moved: Path, width: int) -> None:
    page = visit("search", width=width, theme="dark" if width == 390 else "light", folder=moved.parent)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.locator("img").count() == page.locator(".card").count() > 40
    assert page.evaluate("window.broken") is None
    names = page.locator(".card .path").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert set(map(unturned, HOSTILE)) <= set(names)


def test_the_theme_can_be_changed(visit: Callable[..., Page], moved: Path) -> None:
    page = visit("search", folder=moved.parent)
    page.get_by_label("Dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
