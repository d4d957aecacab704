"""The map of the clusters page in a real Chromium: points, names, choosing, links, the lasso, both themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stages.pages.skeleton import unturned
from tests.browser.conftest import lasso_all
from tests.browser.test_pages import paths, scripts
from tests.pages.dataset import GUESS
from tests.pages.decode import points

DRAWN = """() => {
  const { data } = Bokeh.documents[0].get_model_by_name("points");
  return Object.fromEntries(["index", "x", "look"].map((name) => [name, [...data[name]]]));
}"""
PIXEL = """([x, y]) => {
  const canvases = [];
  const look = (root) => root.querySelectorAll("*").forEach((node) => {
    if (node.shadowRoot) look(node.shadowRoot);
    if (node.tagName === "CANVAS") canvases.push(node);
  });
  look(document);
  const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvases[0], 1 - x, 1 - y);
  const { data } = copy.getImageData(0, 0, 3, 3);
  const found = [...Array(9).keys()].map((i) => [...data.slice(4 * i, 4 * i + 4)]);
  return found.sort((one, other) => other[3] - one[3])[0];
}"""
SWATCHES = """() => Object.fromEntries([...document.querySelectorAll("#groups [data-code]")].map((row) => [
  row.dataset.code, getComputedStyle(row.querySelector("path")).fill.match(/\\d+/g).map(Number),
]))"""
Visit = Callable[..., Page]


def test_an_unstable_cluster_is_marked_and_tells_how_often_it_was_found(visit: Visit) -> None:
    page = visit("clusters")
    rows = page.locator("#groups button", has=page.locator(".tag.unstable"))
    assert rows.count() == 1
    rows.first.click()
    assert page.locator("#members-note").inner_text().endswith("Found again in 11 of 20 resamples.")


def drawn(page: Page) -> dict[int, dict]:
    """What is drawn, by the number of the point: x, and its look: twice its group, and one more if it is faded."""
    columns = page.evaluate(DRAWN)
    return {index: {"x": x, "look": look} for index, x, look in zip(*columns.values(), strict=True)}


def solid(page: Page) -> set[int]:
    return {index for index, point in drawn(page).items() if point["look"] % 2 == 0}


def colour(page: Page, index: int) -> list[int]:
    """Red, green, blue and opacity of the firmest pixel about the place where Bokeh has the point."""
    x, y = where(page, index)
    box = page.locator("#stage").bounding_box()
    return page.evaluate(PIXEL, [x - box["x"], y - box["y"]])


def test_the_map_has_every_point_where_the_data_has_it(visit: Visit, reports: Path) -> None:
    page, found = visit("clusters"), points(scripts(reports))
    shown = drawn(page)
    assert sorted(shown) == list(range(len(found["ids"])))
    assert all(shown[i]["x"] == x for i, x in enumerate(found["x"].tolist()))
    assert [shown[i]["look"] for i in sorted(shown)] == [2 * code for code in found["modes"]["cluster"]["codes"]]
    assert page.locator("#drawn").is_hidden(), "all are drawn, so nothing is said"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_points_are_seen_in_the_colours_of_the_list(visit: Visit, theme: str) -> None:
    page = visit("clusters", theme=theme)
    first = {point["look"] // 2: index for index, point in drawn(page).items()}
    swatches = page.evaluate(SWATCHES)
    assert len({tuple(rgb) for rgb in swatches.values()}) == len(swatches) == 4
    for code, index in first.items():
        *rgb, opacity = colour(page, index)
        assert opacity > 128
        assert all(abs(a - b) < 40 for a, b in zip(rgb, swatches[str(code)], strict=True)), code


def test_choosing_a_cluster_shows_its_members_medoid_first(visit: Visit, reports: Path) -> None:
    page, found = visit("clusters"), points(scripts(reports))
    of = found["modes"]["cluster"]
    members = [path for path, code in zip(found["paths"], of["codes"], strict=True) if code == 2]
    page.get_by_role("button", name="Cluster 1").click()
    assert paths(page, "#members") == members
    assert page.locator("#members-title").inner_text() == f"Cluster 1 · {unturned(GUESS)}"
    assert page.locator("#members .card").first.get_by_text("Most typical").is_visible()
    assert solid(page) == {i for i, code in enumerate(of["codes"]) if code == 2}
    assert page.url.endswith(f"#{of['groups'][2]['anchor']}")
    for key, group in [("label", "coffee"), ("split", "test"), ("issue", "Leak")]:
        page.locator("#colour").select_option(key)
        page.locator("#groups").get_by_role("button", name=group).click()
        mode = found["modes"][key]
        code = [one["name"] for one in mode["groups"]].index(group)
        assert (
            paths(page, "#members")
            == [path for path, c in zip(found["paths"], mode["codes"], strict=True) if c == code][:48]
        )
    page.locator("#colour").select_option("score")
    scores = sorted(zip((-found["score"]).tolist(), range(len(found["ids"])), strict=True))
    assert paths(page, "#members") == [found["paths"][i] for _, i in scores][:48]


def test_a_name_that_is_a_guess_says_so(visit: Visit) -> None:
    page = visit("clusters")
    guesses = page.locator("#groups button", has_text="Name is a guess")
    assert guesses.count() == 1
    assert "Cluster 1" in guesses.inner_text()


def named(page: Page) -> list[str]:
    return page.evaluate("Bokeh.documents[0].get_model_by_name('names').data.text")


def test_the_clusters_names_stand_on_the_map_and_lead_to_them(visit: Visit) -> None:
    page = visit("clusters")
    assert set(named(page)) <= {"astronaut", "<b>flat white</b> evil", "2"}
    assert named(page)
    at = page.evaluate(
        """() => {
            const model = (name) => Bokeh.documents[0].get_model_by_name(name);
            const { data } = model("names");
            const share = (axis) => {
              const { start, end } = model(`${axis}_range`);
              return (data[axis][0] - start) / (end - start);
            };
            return [share("x"), share("y"), data.dx[0], data.dy[0]];
        }"""
    )
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + at[0] * box["width"] + at[2], box["y"] + (1 - at[1]) * box["height"] + at[3] - 10
    first = named(page)[0]
    page.mouse.click(x, y)
    page.wait_for_function("document.getElementById('members-title').textContent.startsWith('Cluster')")
    title = page.locator("#members-title").inner_text().replace("\\u202e", "")
    assert first in title
    page.locator("#colour").select_option("label")
    assert not page.evaluate("Bokeh.documents[0].get_model_by_name('labels').visible")


def test_a_cluster_is_found_by_its_key_by_its_number_and_missed_if_it_is_gone(visit: Visit, reports: Path) -> None:
    groups = points(scripts(reports))["modes"]["cluster"]["groups"]
    for anchor in (groups[3]["anchor"], "cluster-2"):
        page = visit("clusters", anchor=f"#{anchor}")
        assert page.locator("#members-title").inner_text() == "Cluster 2"
        assert page.locator("#groups [aria-pressed=true]").inner_text().startswith("Cluster 2")
    page = visit("clusters", anchor=f"#cluster-{'0' * 32}")
    assert page.locator("#members-title").inner_text() == "All images"
    assert "is no more" in page.locator("#members-note").inner_text()


def where(page: Page, index: int) -> tuple[float, float]:
    """Where a point lies in the window."""
    share = page.evaluate(
        """index => {
            const model = name => Bokeh.documents[0].get_model_by_name(name);
            const { data } = model("points");
            const share = (axis) => {
                const { start, end } = model(`${axis}_range`);
                return (data[axis][data.index.indexOf(index)] - start) / (end - start);
            };
            return [share("x"), 1 - share("y")];
        }""",
        index,
    )
    box = page.locator("#stage").bounding_box()
    return box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"]


def test_a_point_shows_its_thumbnail_and_leads_to_its_cluster(visit: Visit, reports: Path) -> None:
    page, found = visit("clusters"), points(scripts(reports))
    index = found["paths"].index("train/cat/stray stripes.jpg")
    x, y = where(page, index)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.wait_for_selector(".map-tip:not([hidden]) img")
    assert page.locator(".map-tip .path").inner_text() == "train/cat/stray stripes.jpg"
    assert "No cluster" in page.locator(".map-tip").inner_text()
    page.mouse.click(x, y)
    page.wait_for_function("document.getElementById('members-title').textContent === 'No cluster'")
    assert len(paths(page, "#members")) == found["modes"]["cluster"]["codes"].count(0)


def test_the_lasso_shows_what_it_holds_and_the_map_moves(visit: Visit) -> None:
    page = visit("clusters")
    lasso_all(page)
    page.wait_for_function("document.getElementById('members-title').textContent === 'Your selection'")
    count = page.evaluate("WINNOW.clusters.count")
    assert page.locator("#members-note").inner_text().startswith(f"{count} images")
    ends = "['x_range', 'y_range'].map(name => Bokeh.documents[0].get_model_by_name(name)).map(r => [r.start, r.end])"
    home = page.evaluate(ends)
    page.locator("#stage").focus()
    for key in ("+", "ArrowRight"):
        before = page.evaluate(ends)
        page.keyboard.press(key)
        assert page.evaluate(ends) != before
    page.keyboard.press("0")
    assert page.evaluate(ends) == home


def test_a_link_from_the_overview_opens_the_cluster(visit: Visit) -> None:
    page = visit("index")
    page.locator(".mosaic").nth(1).click()
    page.wait_for_function("document.getElementById('members-title')?.textContent.startsWith('Cluster 1 · ')")


def test_the_map_follows_a_change_of_theme(visit: Visit) -> None:
    page = visit("clusters")
    light = colour(page, 0)
    page.get_by_role("button", name="Dark theme").click()
    page.wait_for_timeout(200)
    assert colour(page, 0) != light
