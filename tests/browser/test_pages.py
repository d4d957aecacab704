"""Every page in a real Chromium, from `file://`: complete, silent, usable at both widths, by keyboard, in the dark."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stages import report
from tests.pages import dataset
from tests.pages.dataset import HOSTILE
from tests.pages.decode import data

NAMES = ["index", "clusters", "outliers", "labels", "duplicates", "quality", "calibration"]
Visit = Callable[..., Page]


def scripts(reports: Path) -> dict[str, str]:
    return {f"assets/data/{path.name}": path.read_text() for path in (reports / "assets/data").glob("*.js")}


def paths(page: Page, inside: str) -> list[str]:
    return page.locator(f"{inside} .card .path").evaluate_all("nodes => nodes.map(node => node.title)")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_its_window_and_every_picture_loads(visit: Visit, name: str, width: int) -> None:
    page = visit(name, width=width, theme="dark" if width == 390 else "light")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for picture in page.locator("img").element_handles()[:60]:
        picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.images].slice(0, 60).every(image => image.complete && image.naturalWidth > 0)")
    assert page.locator("h1").is_visible()
    assert page.evaluate("window.broken") is None


@pytest.mark.parametrize("kind", ["spotless", "unreadable"])
def test_a_report_with_nothing_to_show_opens_too(
    visit: Visit, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    shots = dataset.clean() if kind == "spotless" else [shot for shot in dataset.shots() if shot.pixels is None]
    root = dataset.make(tmp_path_factory.mktemp(kind), shots, fallback=False)
    report.main(root)
    page = visit("index", folder=root / "reports")
    for name in ("outliers", "duplicates", "quality"):
        page.goto((root / "reports" / f"{name}.html").as_uri())
        assert page.locator(".empty:visible, .found-none").count()
    page.goto((root / "reports/clusters.html").as_uri())
    page.wait_for_selector("#stage[data-ready]" if kind == "spotless" else ".empty")


def test_the_outliers_are_shown_as_the_data_has_them(visit: Visit, reports: Path) -> None:
    page, found = visit("outliers"), data(scripts(reports), "outliers")
    assert paths(page, "#gallery") == [card["path"] for card in found["flagged"]]
    page.get_by_role("button", name="Next strangest").click()
    page.get_by_role("button", name="Show it").click()  # one of them is settled by a decision
    shown = paths(page, "#gallery")
    assert shown == [card["path"] for card in found["next"]][:48]
    assert set(HOSTILE) & set(shown)
    page.get_by_role("button", name="Next", exact=True).first.click()
    assert paths(page, "#gallery") == [card["path"] for card in found["next"]][48:]
    assert page.get_by_role("button", name="Next", exact=True).first.is_disabled()
    page.get_by_role("button", name="Previous").first.click()
    assert paths(page, "#gallery") == shown


def test_a_thumbnail_shows_its_own_pixels(visit: Visit) -> None:
    """The stripes are blue and red where the picture is: the frame is laid over the right part of the sheet."""
    page = visit("outliers")
    frame = page.locator('.card:has(.path[title="train/cat/stray stripes.jpg"]) > .thumb .crop')
    shown = frame.screenshot(type="png")
    colours = page.evaluate(
        """async data => {
            const image = new Image();
            image.src = `data:image/png;base64,${data}`;
            await image.decode();
            const canvas = document.createElement("canvas");
            Object.assign(canvas, { width: image.width, height: image.height });
            const context = canvas.getContext("2d", { willReadFrequently: true });
            context.drawImage(image, 0, 0);
            const at = (x, y) => [...context.getImageData(x * image.width, y * image.height, 1, 1).data].slice(0, 3);
            return [at(0.0625, 0.375), at(0.1875, 0.125), at(0.1875, 0.875)];
        }""",
        base64.b64encode(shown).decode(),
    )
    assert [colour[0] > 128 for colour in colours] == [False, True, True]
    assert [colour[2] > 128 for colour in colours] == [True, False, True]


def test_arrow_keys_move_between_cards_and_pages(visit: Visit) -> None:
    page = visit("outliers", anchor="#next")
    page.get_by_role("button", name="Show it").click()
    focused = "document.activeElement.getAttribute('aria-label')"
    page.locator("#gallery .card").first.focus()
    first = page.evaluate(focused)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) != first
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == first
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert page.locator("#gallery .where").first.inner_text().startswith("49–")
    assert page.evaluate("document.activeElement.classList.contains('card')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Copy path"
    assert page.locator("#gallery .card[tabindex='0']").count() == 1


def test_the_focus_is_seen(visit: Visit) -> None:
    page = visit("index")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_a_path_can_be_copied(visit: Visit) -> None:
    page = visit("outliers")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy path").first.click()
    page.wait_for_function("document.getElementById('status').textContent === 'Path copied'")
    assert page.evaluate("navigator.clipboard.readText()") == paths(page, "#gallery")[0]


def test_the_theme_follows_the_system_until_the_reader_chooses(visit: Visit) -> None:
    page = visit("index", theme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    button = page.get_by_role("button", name="Dark theme")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    light = page.evaluate(ground)
    assert light != dark
    page.reload()
    assert page.evaluate(ground) == light


def test_the_filters_of_duplicates_follow_links_and_clicks(visit: Visit, reports: Path) -> None:
    page, found = visit("duplicates", anchor="#leaks"), data(scripts(reports), "duplicates")["groups"]
    assert paths(page, "#gallery") == [card["path"] for group in found if group["leak"] for card in group["cards"]]
    page.get_by_role("button", name="All groups").click()
    assert paths(page, "#gallery") == [card["path"] for group in found for card in group["cards"]]
    assert page.locator(".card.keeper").count() == len(found)
    assert page.get_by_text("Split train, keeper test").is_visible()


def test_every_issue_of_quality_shows_its_images(visit: Visit, reports: Path) -> None:
    page, found = visit("quality"), data(scripts(reports), "quality")
    for issue, section in found.items():
        assert paths(page, f"#{issue}") == [card["path"] for card in section["cards"]]


def test_another_threshold_can_be_tried_by_keyboard(visit: Visit, reports: Path) -> None:
    page, found = visit("calibration"), data(scripts(reports), "calibration")["tried"]
    told = page.locator("#tried")
    assert told.inner_text() == found[3]["text"], "the one in force, 0.6, to begin with"
    page.locator("#try").focus()
    page.keyboard.press("ArrowRight")
    assert told.inner_text() == found[4]["text"]
    mark, plot = page.locator("#tried-at").bounding_box(), page.locator("#duplicates .curve .plot").bounding_box()
    first, last = found[0]["threshold"], found[-1]["threshold"]
    share = (found[4]["threshold"] - first) / (last - first)
    assert abs(mark["x"] + 1 - plot["x"] - share * plot["width"]) < 2


def test_the_present_page_is_seen_in_the_navigation(visit: Visit) -> None:
    page = visit("calibration", width=390)
    box = page.locator(".nav [aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
