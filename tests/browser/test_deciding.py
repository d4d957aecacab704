"""Deciding in the report, from a click to the manifest: pages from `file://`, saved, merged, exported, shown again."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from stages import export, report
from stages.commands.decide import merge_files, tag_files
from stages.contracts.decisions import read_decisions
from stages.contracts.identity import item_id
from tests.browser.conftest import lasso_all
from tests.pages import dataset
from tests.pages.dataset import HOSTILE, Shot
from tests.pages.decode import data

FORMULA = "=HYPERLINK(1).jpg"
STRIPES, WIDE = "train/cat/stray stripes.jpg", "train/cat/stray wide.jpg"
MANY = 130
SERIOUS = {"serious", "critical"}
FOCUSED = "document.activeElement.dataset.id"
Visit = Callable[..., Page]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Nothing is decided yet; one file is named like a formula."""
    tile = dataset.tiles()["cat"][7] // 2 + 60
    return remade(dataset.make(tmp_path, [*dataset.shots(), Shot(FORMULA, tile, "cat", "train")]))


def remade(root: Path) -> Path:
    """What `dvc repro` does after a decision."""
    export.main(root)
    report.main(root)
    return root


def card(page: Page, path: str, inside: str = "#gallery") -> Locator:
    return page.locator(f'{inside} .card[data-id="{item_id(path)}"]')


def told(page: Page) -> str:
    return page.locator(".decide-count").inner_text()


def save(page: Page, folder: Path, name: str = "Save decisions") -> Path:
    with page.expect_download() as started:
        page.get_by_role("button", name=name).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def relabel(page: Page, label: str) -> None:
    page.keyboard.press("r")
    page.get_by_label("The right label").fill(label)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")


def manifest(root: Path, name: str) -> dict[str, dict]:
    with (root / f"data/export/{name}.csv").open(newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_the_whole_loop(visit: Visit, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    page = visit("outliers", folder=project / "reports")
    assert told(page) == "0 of 2 suspects decided"
    page.get_by_label("Reviewer").fill("ann")
    card(page, STRIPES).get_by_role("button", name="Drop").click()
    card(page, WIDE).focus()
    page.keyboard.press("d")
    assert told(page) == "All 2 suspects decided"
    page.keyboard.press("u")
    assert told(page) == "1 of 2 suspects decided"
    assert page.evaluate("document.activeElement.ariaLabel").endswith(WIDE), "undo leads back to the card"
    page.get_by_role("button", name="Next strangest").click()
    party = next(path for path in HOSTILE if "🎉" in path)
    card(page, party).focus()
    relabel(page, "=cats; \u202eand “dogs”")

    page.reload()
    assert told(page) == "1 of 2 suspects decided"
    assert card(page, party).locator(".decided").inner_text().startswith("Relabel: =cats")
    page.get_by_role("button", name="Flagged").click()
    assert card(page, STRIPES).locator(".decided").inner_text() == "Drop · ann"
    page.goto((project / "reports/quality.html").as_uri())
    assert page.get_by_text("2 since this report was made").is_visible(), "other pages know of it"

    saved = save(page, tmp_path_factory.mktemp("downloads"))
    lines = merge_files([saved], project)
    assert "3 new, 0 changed" in lines[0]
    words = read_decisions(project).set_index("path")["decision"].to_dict()
    assert words == {STRIPES: "drop", WIDE: "undecided", party: "relabel"}
    remade(project)

    kept, removed = manifest(project, "keep"), manifest(project, "removed")
    assert removed[STRIPES]["rule"] == "decision"
    assert removed[STRIPES]["detail"] == "dropped by ann"
    assert kept[WIDE]["rule"] == "outlier", "what was taken back is no decision"
    row = pd.read_parquet(project / "data/export/keep.parquet").set_index("path").loc[party]
    assert (row["label"], row["original_label"]) == ("=cats; \u202eand “dogs”", dataset.HOSTILE_LABEL)

    page.goto((project / "reports/outliers.html").as_uri())
    assert page.locator("#gallery .path").evaluate_all("nodes => nodes.map(n => n.title)") == [WIDE]
    assert page.locator(".settled").inner_text().startswith("1 image settled by your decisions")
    assert page.get_by_role("button", name="Undo").is_disabled(), "what was merged is no step of this report"
    page.get_by_role("button", name="Show it").click()
    assert "Removed: decided" in card(page, STRIPES).inner_text()
    page.goto((project / "reports/index.html").as_uri())
    told_of_it = card(page, party, "#decided").inner_text()
    assert f"=cats; \\u202eand “dogs” (was {dataset.HOSTILE_LABEL})" in told_of_it, "no mark turns our words round"


def test_every_name_survives_the_page_and_the_file(
    visit: Visit, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = visit("outliers", anchor="#next", folder=project / "reports")
    page.locator("#gallery .card").first.focus()
    for _ in range(len(data(scripts(project), "outliers")["next"])):
        page.keyboard.press("d")
    saved = save(page, tmp_path_factory.mktemp("downloads"))
    assert f"\n{FORMULA}" not in saved.read_text(), "no cell of it is a formula"
    merge_files([saved], project)
    merge_files([saved], project)
    rows = read_decisions(project)
    assert {FORMULA, *HOSTILE} <= set(rows["path"])
    assert set(rows["decision"]) == {"drop"}
    remade(project)
    with (project / "data/export/removed.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert f"'{FORMULA}" in cells
    assert page.evaluate("window.broken") is None


def scripts(project: Path) -> dict[str, str]:
    return {f"assets/data/{path.name}": path.read_text() for path in (project / "reports/assets/data").glob("*.js")}


def test_an_earlier_decision_is_merged_into_what_is_saved_and_an_older_clock_does_not_lose(
    visit: Visit, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = {"path": STRIPES, "decision": "keep", "reviewer": "bob", "decided_at": "2999-01-01T00:00:00Z"}
    root = remade(dataset.make(tmp_path, dataset.shots(), decided=(held,)))
    page = visit("outliers", folder=root / "reports")
    page.get_by_role("button", name="Show it").click()
    card(page, STRIPES).get_by_role("button", name="Drop").click()
    assert card(page, STRIPES).locator(".decided").inner_text() == "Drop"
    merge_files([save(page, tmp_path_factory.mktemp("downloads"))], root)
    remade(root)
    assert manifest(root, "removed")[STRIPES]["rule"] == "decision"


def test_suggestions_are_accepted_in_one_step_and_taken_back_in_one(visit: Visit, project: Path) -> None:
    page = visit("quality", folder=project / "reports")
    count = len({one["id"] for part in data(scripts(project), "quality").values() for one in part["cards"]})
    accept = page.get_by_role("button", name=f"Accept {count} suggestions")
    assert accept.evaluate("node => node !== document.activeElement && !node.autofocus")
    assert f"Accepting drops {count}" in page.locator(".decide-hint").inner_text()
    accept.click()
    assert told(page) == f"All {count} suspects decided"
    page.get_by_role("button", name="Undo").click()
    assert told(page) == f"0 of {count} suspects decided"


def test_another_tab_hears_of_a_decision(visit: Visit, project: Path) -> None:
    page = visit("outliers", folder=project / "reports")
    other = page.context.new_page()
    other.goto(page.url)
    card(page, STRIPES).get_by_role("button", name="Keep").click()
    other.wait_for_selector(".card.is-decided")
    card(other, WIDE).get_by_role("button", name="Drop").click()
    page.wait_for_function("document.querySelector('.decide-count').textContent === 'All 2 suspects decided'")


def test_two_projects_that_are_set_up_alike_do_not_mix(visit: Visit, project: Path, reports: Path) -> None:
    page = visit("outliers", folder=project / "reports")
    card(page, STRIPES).get_by_role("button", name="Keep").click()
    page.goto((reports / "outliers.html").as_uri())
    assert told(page).startswith("0 of")


def test_many_are_selected_with_shift_and_space_and_decided_at_once(visit: Visit, project: Path) -> None:
    page = visit("outliers", anchor="#next", folder=project / "reports")
    cards = page.locator("#gallery .card")
    cards.nth(1).click(position={"x": 40, "y": 60})
    cards.nth(4).click(position={"x": 40, "y": 60}, modifiers=["Shift"])
    assert page.get_by_text("4 images selected", exact=True).first.is_visible()
    cards.nth(6).focus()
    page.keyboard.press("Space")
    page.keyboard.press("d")
    assert page.locator(".card.is-decided").count() == 5
    assert page.locator(".card.is-selected").count() == 0


@pytest.fixture
def crowded(project: Path) -> Path:
    """So many suspects that they fill several pages of the gallery."""
    path = project / "reports/assets/data/outliers.js"
    found = data(scripts(project), "outliers")
    one = found["flagged"][0]
    found["flagged"] = [{**one, "id": f"{i:032x}", "path": f"{i}.jpg", "rank": i + 1} for i in range(MANY)]
    path.write_text(f'window.WINNOW = window.WINNOW || {{}};\nWINNOW["outliers"] = {json.dumps(found)};\n')
    return project


def test_all_suspects_are_decided_from_the_keyboard_alone(visit: Visit, crowded: Path) -> None:
    page = visit("outliers", folder=crowded / "reports")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.card')"):
            break
    for i in range(MANY):
        assert page.evaluate(FOCUSED) == f"{i:032x}", "the next one that waits has the focus, on whatever page"
        page.keyboard.press("k" if i % 2 else "d")
    assert told(page) == f"All {MANY} suspects decided"
    assert page.evaluate(FOCUSED) == f"{MANY - 1:032x}"
    page.reload()
    assert told(page) == f"All {MANY} suspects decided"


def test_what_the_lasso_holds_is_decided_saved_and_tagged(
    visit: Visit, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = visit("clusters", folder=project / "reports")
    lasso_all(page)
    page.wait_for_selector("#chosen:not([hidden])")
    found = data(scripts(project), "clusters")
    downloads = tmp_path_factory.mktemp("downloads")

    with save(page, downloads, "Download as CSV").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found["count"] > page.locator("#members .card").count()
    kept = manifest(project, "keep")
    for row in rows:
        if row["verdict"] == "keep":
            assert {key: row[key] for key in ("label", "split", "item_id", "content_id", "rule")} == {
                key: kept[row["path"]][key] for key in ("label", "split", "item_id", "content_id", "rule")
            }

    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("The tag").fill("=second look")
    tags = save(page, downloads, "Download tags.csv")
    assert f"{len(rows)} new" in tag_files([tags], project)[0]
    assert "0 new" in tag_files([tags], project)[0]
    remade(project)
    kept = pd.read_parquet(project / "data/export/keep.parquet")
    assert set(kept["tags"].dropna()) == {"=second look"}

    page.locator("#chosen").get_by_role("button", name="Drop").click()
    assert told(page) == f"{len(rows)} images decided"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "outliers", "duplicates", "quality", "clusters", "calibration"])
def test_axe_finds_nothing_serious_with_decisions_made(visit: Visit, reports: Path, name: str, theme: str) -> None:
    page = visit("outliers", theme=theme)
    card(page, STRIPES).get_by_role("button", name="Drop").click()
    page.goto((reports / f"{name}.html").as_uri())
    if name == "clusters":
        page.wait_for_selector("#stage[data-ready]")
        page.locator("#groups button").first.click()
    cards = page.locator(".card")
    if cards.count() > 1:
        cards.nth(0).focus()
        page.keyboard.press("k")
        cards.nth(1).focus()
        page.keyboard.press("Space")
        page.keyboard.press("r")
        page.wait_for_selector("dialog[open]")
    found = Axe().run(page, options={"preload": False})  # it would fetch the styles, which local files may not
    assert found.response["passes"]
    assert [one["id"] for one in found.response["violations"] if one["impact"] in SERIOUS] == []


def test_what_the_browser_has_no_room_for_is_told_until_it_is_saved(
    visit: Visit, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = visit("outliers", folder=project / "reports")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    told_of_it = page.get_by_text("did not keep it: save before you leave the page")
    assert told_of_it.is_hidden()
    card(page, STRIPES).get_by_role("button", name="Drop").click()
    assert told_of_it.is_visible()
    assert told(page) == "1 of 2 suspects decided"
    assert f"{STRIPES},,drop" in save(page, tmp_path_factory.mktemp("downloads")).read_text()
    assert told_of_it.is_hidden()
