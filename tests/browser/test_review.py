"""`winnow review` in a real Chromium: two windows, the viewer, copies laid on each other, all images."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from stages.contracts.decisions import read_decisions
from tests.pages.dataset import HOSTILE
from tests.review.app import App

TOLD = ("ERR_CONNECTION_REFUSED", "status of 400", "status of 415")
"""What the browser itself notes on its console where a test asks for what cannot be."""
Opened = Callable[..., Page]
NAMED = "document.querySelector('.viewer .path').textContent"


@pytest.fixture
def window(browser: Browser, app: App) -> Iterator[Opened]:
    """`window("outliers.html")` is a browser of its own; an error on its console or a foreign request fails."""
    wrong: list[str] = []
    contexts = []

    def open_window(name: str, *, beside: Page | None = None, motion: str = "reduce", width: int = 1280) -> Page:
        if beside is None:
            contexts.append(browser.new_context(viewport={"width": width, "height": 800}, reduced_motion=motion))
        page = (beside.context if beside else contexts[-1]).new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        own = f"http://{app.host}/"
        page.on(
            "request", lambda request: None if request.url.startswith((own, "data:")) else wrong.append(request.url)
        )
        if beside is None:
            page.goto(f"{own}?token={app.guard.token}")
            page.wait_for_url("**/index.html")
        page.goto(own + name)
        expect(page.locator(".review-count")).to_contain_text("decided")
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not [text for text in wrong if not any(told in text for told in TOLD)]


def words(root: Path) -> dict[str, str]:
    return read_decisions(root).set_index("path")["decision"].to_dict()


def wait_for_words(page: Page, root: Path, expected: dict[str, str]) -> None:
    for _ in range(100):
        if words(root) == expected:
            return
        page.wait_for_timeout(100)
    assert words(root) == expected


def until(page: Page, expression: str) -> None:
    """Wait until it is true in the page; Playwright's own way needs `eval`, which the app's pages may not."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {expression}")


def open_first(page: Page) -> str:
    """Open the first card's picture; its path."""
    card = page.locator(".card[data-id]").first
    path = card.locator(".path").get_attribute("title")
    card.locator("> .thumb").click()
    expect(page.locator(".viewer .path")).to_have_text(path)
    return path


def test_a_decision_is_on_the_disk_and_in_the_other_windows(window: Opened, root: Path) -> None:
    """A window of the same browser, and another browser."""
    first, second = window("outliers.html"), window("outliers.html")
    beside = window("outliers.html", beside=first)
    path = open_first(first)
    first.keyboard.press("d")
    wait_for_words(first, root, {path: "drop"})
    for page in (second, beside):
        expect(page.locator(".review-count")).to_contain_text("1 of ")
        assert open_first(page) == path
        expect(page.locator(".viewer .decided")).to_have_text("Dropped")
    second.keyboard.press("k")
    expect(beside.locator(".viewer .decided")).to_have_text("Kept")
    wait_for_words(first, root, {path: "keep"})
    first.reload()
    open_first(first)
    expect(first.locator(".viewer .decided")).to_have_text("Kept")


def test_two_windows_lose_nothing_to_each_other(window: Opened, root: Path) -> None:
    pages = [window("review.html?sort=path"), window("review.html?sort=path&descending=1")]
    for page in pages:
        open_first(page)
    seen = set()
    for _ in range(5):
        for page in pages:
            seen.add(page.evaluate(NAMED))
            before = page.evaluate(NAMED)
            page.keyboard.press("k")
            until(page, f"({NAMED}) !== {json.dumps(before)}")
    assert len(seen) == 10
    wait_for_words(pages[0], root, dict.fromkeys(seen, "keep"))


def test_all_suspects_are_decided_from_the_keyboard_alone(window: Opened, root: Path, app: App) -> None:
    page = window("index.html")
    total = app.get("/api/progress")["suspects"]
    page.keyboard.press("n")
    expect(page.locator(".viewer")).to_be_visible()
    for number in range(1, total + 1):
        expect(page.locator(".viewer .decided")).to_have_text("Not decided yet")
        page.keyboard.press("kd"[number % 2])
        told = f"{number} of {total} suspects" if number < total else f"All {total} suspects are decided"
        expect(page.locator(".viewer-head .muted")).to_contain_text(told)
    wait_for_words(page, root, words(root))
    assert app.get("/api/progress") == {"suspects": total, "decided": total, "next": None}
    page.keyboard.press("u")
    expect(page.locator(".review-count")).to_contain_text(f"{total - 1} of {total}")


def test_what_was_decided_while_the_app_was_away_is_sent_when_it_is_back(window: Opened, root: Path, app: App) -> None:
    page = window("outliers.html")
    path = open_first(page)
    page.route("**/api/decisions*", lambda route: route.abort("connectionrefused"))
    page.keyboard.press("d")
    expect(page.locator(".viewer .review-trouble")).to_contain_text("1 decision waits in this browser")
    page.keyboard.press("Escape")
    expect(page.locator("body > .review-trouble")).to_be_visible()  # beside the viewer it would be behind it
    assert words(root) == {}
    again = window("outliers.html", beside=page)  # the window was closed, and another one opened
    wait_for_words(again, root, {path: "drop"})
    page.unroute("**/api/decisions*")
    expect(page.locator(".review-trouble")).to_be_hidden(timeout=10_000)


def test_the_viewer_shows_the_original_and_keeps_the_focus(window: Opened, root: Path) -> None:
    page = window("outliers.html")
    card = page.locator(".card[data-id]").first
    card.focus()
    page.keyboard.press("Enter")
    picture = page.locator(".viewer-sheet img")
    expect(picture).to_have_attribute("src", f"api/original/{card.get_attribute('data-id')}")
    until(page, "document.querySelector('.viewer-sheet img').naturalWidth > 0")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )
    scale = "new DOMMatrix(getComputedStyle(document.querySelector('.viewer-sheet')).transform).a"
    before = page.evaluate(scale)
    page.keyboard.press("+")
    assert page.evaluate(scale) == pytest.approx(1.25 * before)
    page.keyboard.press("1")
    assert page.evaluate(scale) == pytest.approx(1)
    page.keyboard.press("0")
    assert page.evaluate(scale) == pytest.approx(before)
    page.keyboard.press("ArrowRight")
    second = page.locator(".card[data-id]").nth(1)
    expect(page.locator(".viewer .path")).to_have_text(second.locator(".path").get_attribute("title"))
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_be_hidden()
    expect(second).to_be_focused()


def test_relabelling_asks_in_a_dialog_on_top(window: Opened, root: Path) -> None:
    page = window("outliers.html")
    path = open_first(page)
    page.keyboard.press("r")
    page.get_by_label("The right label").fill("a k-d tree")  # the keys are letters here
    page.keyboard.press("Enter")
    wait_for_words(page, root, {path: "relabel"})
    assert read_decisions(root)["label"].tolist() == ["a k-d tree"]
    expect(page.locator(".viewer")).to_be_visible()


def layers(page: Page) -> list[str]:
    return page.locator(".viewer-sheet img:visible").evaluate_all("nodes => nodes.map(node => node.className)")


def copy_of(page: Page, path: str) -> None:
    page.locator(f'.card:has(.path[title="{path}"]) > .thumb').first.click()
    expect(page.locator(".viewer .path")).to_have_text(path)


def test_a_copy_is_compared_with_its_keeper(window: Opened) -> None:
    page = window("duplicates.html")
    copy_of(page, "train/astronaut/mirrored.jpg")
    page.keyboard.press("b")
    expect(page.locator(".viewer-compare .hint")).to_contain_text("mirrored")
    assert layers(page) == ["first"]
    page.keyboard.press("b")
    assert layers(page) == ["first", "second"]
    page.keyboard.press("x")
    assert layers(page) == ["difference"]
    page.keyboard.press("x")
    expect(page.locator(".viewer-sheet img")).to_have_attribute(
        "src", r := page.locator(".viewer-sheet img").get_attribute("src")
    )
    assert "original" in r
    assert page.get_by_role("button", name="Blink").is_disabled()  # less motion is asked for


def test_blinking_changes_by_itself_until_it_is_stopped(window: Opened) -> None:
    page = window("duplicates.html", motion="no-preference")
    copy_of(page, "train/coffee/smaller.png")
    blink = page.get_by_role("button", name="Blink")
    blink.click()
    topmost = "[...document.querySelectorAll('.viewer-sheet img')].filter(node => !node.hidden).at(-1)?.className"
    for shown in ("first", "second", "first"):
        until(page, f"{topmost} === '{shown}'")
    blink.click()
    expect(blink).to_have_attribute("aria-pressed", "false")
    at = layers(page)
    page.wait_for_timeout(1200)
    assert layers(page) == at


def test_all_images_are_filtered_and_sorted(window: Opened) -> None:
    page = window("review.html")
    shown = "[...document.querySelectorAll('#gallery .card .path')].map(n => n.title)"
    expect(page.locator("#gallery .where").first).to_have_text("1–48 of 53 images")
    page.get_by_role("button", name="Next", exact=True).first.click()
    expect(page.locator("#gallery .where").first).to_have_text("49–53 of 53 images")
    page.select_option("#column", "split")
    page.locator("#value").fill("test")
    page.get_by_role("button", name="Add to the condition").click()
    expect(page.locator("#gallery .where").first).to_have_text("1–12 of 12 images")
    assert page.locator("#where").input_value() == "split = 'test'"
    page.select_option("#sort", "brightness")
    page.locator("#descending").check()
    expect(page.locator("#gallery .card .facts").first).to_contain_text("brightness")
    page.wait_for_function(
        """() => {
          const cells = [...document.querySelectorAll("#gallery .card .facts dd")];
          const values = cells.map((cell) => Number(cell.innerText));
          return values.length === 12 && values.every((value, i) => i === 0 || values[i - 1] >= value);
        }"""
    )
    page.reload()
    expect(page.locator("#gallery .where").first).to_have_text("1–12 of 12 images")
    assert page.locator("#descending").is_checked()
    page.locator("#where").fill("nosuch = 1")
    page.keyboard.press("Enter")
    expect(page.locator("#error")).to_contain_text("there is no column nosuch")
    page.go_back()
    expect(page.locator("#gallery .where").first).to_have_text("1–12 of 12 images")
    assert len(page.evaluate(shown)) == 12


def test_a_condition_that_cannot_be_understood_leaves_the_columns_to_choose_from(window: Opened) -> None:
    page = window("review.html?where=nosuch = 1")
    expect(page.locator("#error")).to_contain_text("there is no column nosuch")
    assert "--where" not in page.locator("#error").inner_text(), "an option of the command, not of this page"
    expect(page.locator("#column")).to_have_value("label")
    expect(page.locator("#sort")).to_have_value("path")
    assert page.locator("#where").input_value() == "nosuch = 1"


def test_a_search_tells_its_doubts_and_needs_no_order(window: Opened) -> None:
    page = window("review.html")
    expect(page.locator("#sort")).to_be_enabled()
    told = {"items": [], "sheets": [], "notes": ['"zxblat": <b>unknown</b>']}
    page.route("**/api/search?*", lambda route: route.fulfill(json=told))
    page.locator("#words").fill("a zxblat")
    page.keyboard.press("Enter")
    expect(page.locator(".review-notes")).to_have_text('"zxblat": <b>unknown</b>')
    expect(page.locator("#sort")).to_be_disabled()
    expect(page.locator("#sort")).to_have_value("path")
    page.locator("#words").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#gallery .where").first).to_have_text("1–48 of 53 images")
    expect(page.locator(".review-notes")).to_be_hidden()
    expect(page.locator("#sort")).to_be_enabled()


def test_hostile_names_are_text_everywhere(window: Opened, root: Path) -> None:
    page = window("review.html?where=" + "label like '%25script%25'")
    expect(page.locator("#gallery .where").first).to_have_text(f"1–{len(HOSTILE)} of {len(HOSTILE)} images")
    open_first(page)
    for number in range(len(HOSTILE)):
        until(page, "document.querySelector('.viewer-sheet img')?.naturalWidth > 0")
        expect(page.locator(".viewer .decided")).to_have_text("Not decided yet")
        page.keyboard.press("d")
        until(page, f"document.querySelectorAll('.card.is-decided').length === {number + 1}")
    wait_for_words(page, root, dict.fromkeys(HOSTILE, "drop"))
    assert page.evaluate("window.broken") is None


def test_an_image_that_cannot_be_read_says_why(window: Opened) -> None:
    page = window("review.html?where=status <> 'ok'")
    with page.expect_response("**/api/original/*"):
        open_first(page)
    expect(page.locator(".viewer-note")).to_contain_text("holds is no image")


@pytest.mark.parametrize("name", ["review.html", "outliers.html", "index.html"])
def test_a_narrow_window_is_enough(window: Opened, name: str) -> None:
    page = window(name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    if name == "outliers.html":
        open_first(page)
        assert page.locator(".viewer-stage").bounding_box()["height"] > 150


@pytest.mark.parametrize("name", ["clusters", "quality", "calibration"])
def test_the_other_pages_work_under_the_apps_policy(window: Opened, name: str) -> None:
    """Scripts from nowhere else, and no `eval`: the map is drawn all the same."""
    page = window(f"{name}.html")
    if name == "clusters":
        page.wait_for_selector("#stage[data-ready]")
        assert page.locator("#stage canvas").count()
        open_first(page)
