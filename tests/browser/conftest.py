"""A real Chromium, and pages opened from `file://` with the console and every request watched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from stages import report
from tests.pages import dataset
from tests.pages.conftest import DECIDED
from tests.review.conftest import app, root, running

__all__ = ["app", "root", "running"]  # fixtures: the review app, as its own tests have it

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {1280: 800, 390: 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if os.environ.get("WINNOW_SKIP_BROWSER") == "1":
        pytest.skip("WINNOW_SKIP_BROWSER=1: the pages were not opened in a browser")
    found = CHROMIUM if CHROMIUM.exists() else shutil.which("chromium")
    if not found:
        pytest.fail("There is no Chromium. Type: sudo apt-get install -y chromium (or set WINNOW_SKIP_BROWSER=1)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(found), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted project's report, moved away from the project: it must be complete as a folder."""
    root = dataset.make(tmp_path_factory.mktemp("project"), dataset.shots(), decided=DECIDED)
    report.main(root)
    return Path(shutil.move(root / "reports", tmp_path_factory.mktemp("elsewhere") / "my #1 reports"))


@pytest.fixture
def visit(browser: Browser, reports: Path) -> Iterator[Callable[..., Page]]:
    """`visit("outliers")` opens a page; any error, warning of ours or foreign request fails the test."""
    wrong: list[str] = []
    contexts = []

    def watched(page: Page) -> Page:
        page.on("console", lambda message: wrong.append(message.text) if _bad(message) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(request.url)
        )
        page.on("requestfailed", lambda request: None if _left(request) else wrong.append(f"not there: {request.url}"))
        return page

    def open_page(
        name: str, *, width: int = 1280, theme: str = "light", anchor: str = "", folder: Path = reports
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = watched(context.new_page())
        page.goto((folder / f"{name}.html").as_uri() + anchor)
        if name == "clusters":
            page.wait_for_selector("#stage[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def _left(request: object) -> bool:
    """Whether the request only ended because the page was left."""
    return "ERR_ABORTED" in (request.failure or "")


def _bad(message: object) -> bool:
    # The driver's remarks on speed are not ours; Bokeh's warnings are.
    return message.type == "error" or (message.type == "warning" and "GL Driver Message" not in message.text)


def lasso_all(page: Page) -> None:
    """Draw around the whole of the map."""
    box = page.locator("#stage").bounding_box()
    left, top, right, bottom = box["x"] + 2, box["y"] + 2, box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    page.get_by_role("button", name="Lasso").click()
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in [(right, top), (right, bottom), (left, bottom), (left, top)]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()
