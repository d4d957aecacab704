"""The report stage: from tables to a folder that opens anywhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from stages import report
from stages.contracts.errors import TableError
from stages.contracts.identity import digest
from stages.pages.skeleton import PAGES
from tests.pages import dataset
from tests.pages.decode import Page, data, points

HTML = [f"{name}.html" for name, _ in PAGES]
PAGE_LIMIT = 5_000_000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = dataset.make(tmp_path_factory.mktemp("report"), dataset.shots())
    report.main(root)
    return root


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_folder_holds_the_pages_the_assets_and_the_metrics(project: Path) -> None:
    assert {path.name for path in (project / "reports").iterdir()} == {*HTML, "assets", "metrics.json"}
    assert {path.name for path in (project / "reports/assets").iterdir()} == {
        "bokeh", "data", "sheets", "theme.js", "winnow.css", "winnow.js",
    }  # fmt: skip


def test_the_same_tables_give_the_same_bytes(project: Path) -> None:
    before = contents(project / "reports")
    report.main(project)
    assert contents(project / "reports") == before


def test_every_file_that_a_page_names_is_there_and_none_is_elsewhere(project: Path) -> None:
    folder = project / "reports"
    named = set()
    for html in HTML:
        for source in Page((folder / html).read_text()).sources:
            if source.startswith("data:image/svg+xml,"):
                continue
            assert (folder / source).is_file(), source
            named.add(source)
        named |= set(re.findall(r'data-items="([^"]+)"', (folder / html).read_text()))
    for script in (folder / "assets/data").glob("*.js"):
        named |= {f"assets/{sheet}" for sheet in re.findall(r"sheets/[\w-]+\.jpg", script.read_text())}
    assert named == {path.relative_to(folder).as_posix() for path in (folder / "assets").rglob("*") if path.is_file()}


def test_nothing_asks_for_the_network_or_the_clock(project: Path) -> None:
    for path, content in contents(project / "reports").items():
        if path.endswith((".html", ".css", ".js")) and "/bokeh/" not in path:
            found = re.findall(r"https?://[^\s\"'`]+", content.decode())
            assert set(found) <= {"http://www.w3.org/2000/svg"}, path
            # What talks to the review app is only called by the app, which names itself in the page.
            alone = re.sub(r"const module_review_api = .*?\n}\)\(\);\n", "", content.decode(), flags=re.DOTALL)
            assert "fetch(" not in alone
            assert str(project) not in content.decode()


def test_assets_that_are_no_longer_made_go(project: Path) -> None:
    stale = project / "reports/assets/sheets/outliers-999.jpg"
    stale.write_bytes(b"old")
    report.main(project)
    assert not stale.exists()
    assert not list((project / "reports").glob(".*"))


def test_a_run_that_is_interrupted_leaves_the_old_report_whole(project: Path) -> None:
    before = contents(project / "reports")

    def broken():
        yield "assets/winnow.css", "half"
        yield "index.html", "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report.publish(broken(), project / "reports")
    kept = {name: content for name, content in contents(project / "reports").items() if not name.startswith(".")}
    assert kept == before
    report.main(project)
    assert contents(project / "reports") == before


def test_the_title_is_the_source_folder_unless_given(project: Path, tmp_path: Path) -> None:
    assert report.read_facts(project).title == "my cats"
    named = dataset.make(tmp_path, dataset.clean(1), title="Shoes <2026>")
    report.main(named)
    assert "<bdi>Shoes &lt;2026&gt;</bdi>" in (named / "reports/index.html").read_text()


@pytest.mark.parametrize(
    ("file", "stage"),
    [("reports/metrics.json", "export"), ("data/map.parquet", "project"), ("data/encoder.json", "fetch")],
)
def test_what_is_missing_is_named_with_the_command_that_makes_it(
    project: Path, tmp_path: Path, file: str, stage: str
) -> None:
    shutil.copytree(project, tmp_path / "copy")
    (tmp_path / "copy" / file).unlink()
    with pytest.raises(TableError, match=rf"dvc repro {stage}"):
        report.main(tmp_path / "copy")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_image_still_gives_whole_pages(tmp_path: Path, count: int) -> None:
    found = [shot for shot in dataset.shots() if shot.pixels is None] + dataset.clean()[:count]
    root = dataset.make(tmp_path, found)
    report.main(root)
    page = Page((root / "reports/index.html").read_text())
    assert page.numbers["images"] == [count + 2]
    assert page.numbers["readable"] == [count]
    text = Page((root / "reports/clusters.html").read_text()).text
    assert ("No image to show" in text) == (count == 0)


def test_images_without_labels_or_splits_have_no_table_of_classes(tmp_path: Path) -> None:
    found = [dataset.Shot(shot.path, shot.pixels) for shot in dataset.clean(3)]
    root = dataset.make(tmp_path, found)
    report.main(root)
    assert 'id="labels"' not in (root / "reports/index.html").read_text()
    assert [
        mode["key"]
        for mode in data(
            {"assets/data/clusters.js": (root / "reports/assets/data/clusters.js").read_text()}, "clusters"
        )["modes"]
    ] == ["cluster"]


def test_many_images_keep_every_page_small(tmp_path: Path) -> None:
    """20,000 rows: pages carry no row of theirs, and galleries stop at their limit."""
    facts = report.read_facts(dataset.make(tmp_path, dataset.clean()))
    grown = {
        name: _repeated(getattr(facts, name), 556)
        for name in ("images", "quality", "clusters", "outliers", "labels", "placed", "verdicts")
    }
    fields = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    files = dict(report.run(type(facts)(**{**fields, **grown, "gallery_limit": 5000})))
    assert len(points(files)["ids"]) == 36 * 556
    assert len(data(files, "outliers")["next"]) == 5000
    assert max(len(files[name].encode()) for name in HTML) < PAGE_LIMIT / 10


def _repeated(table: pd.DataFrame, times: int) -> pd.DataFrame:
    """The table again and again, each time with other item ids."""
    parts = [table.assign(item_id=[digest(f"{item} {n}".encode()) for item in table["item_id"]]) for n in range(times)]
    return pd.concat(parts, ignore_index=True)
