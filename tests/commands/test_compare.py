from __future__ import annotations

import csv
import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from stages.cli import app
from stages.commands import compare_text
from stages.commands.compare import Result, as_json, run
from stages.contracts import tables
from stages.contracts.errors import SourceError, TableError
from stages.contracts.identity import item_id
from stages.contracts.schemas.images import IMAGES
from stages.core.comparison import Comparison
from stages.sources.revisions import open_version
from tests import versions
from tests.pages import dataset
from tests.pages.dataset import HOSTILE
from tests.pages.decode import data
from tests.versions import GONE, HAT


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return versions.changed(tmp_path_factory.mktemp("project") / "photos")


@pytest.fixture(scope="module")
def result(project: Path) -> Result:
    return run("HEAD", "now", project)


def rows(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_everything_that_was_done_is_found(result: Result) -> None:
    assert {kind: count for kind, count in result.comparison.counts.items() if count} == {
        "added": 10,
        "gone": 1,
        "removed": 1,
        "relabelled": 1,
        "split_changed": 1,
        "content_changed": 1,
        "renamed": 2,
        "flag_changed": 1,
    }
    assert result.comparison.notes == []
    assert result.comparison.drift.shared == 34
    assert result.comparison.cluster_counts["grown"] + result.comparison.cluster_counts["shrunk"] > 0


def test_the_csv_has_every_change_and_no_formula(result: Result) -> None:
    found = rows(result.csv)
    assert list(found[0]) == ["item_id", "content_id", "path", "change", "before", "after", "rule", "detail", "frame"]
    assert len(found) == sum(result.comparison.counts.values())
    by_change = {row["change"]: row for row in found}
    assert (by_change["gone"]["path"], by_change["gone"]["item_id"]) == (GONE, item_id(GONE))
    assert (by_change["split_changed"]["before"], by_change["split_changed"]["after"]) == ("train", "test")
    assert (by_change["relabelled"]["path"], by_change["relabelled"]["after"]) == (HAT, "hat")
    assert by_change["removed"]["rule"] == "decision"
    assert set(HOSTILE) <= {row["path"] for row in found}
    for row in found:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_the_same_input_gives_the_same_bytes(project: Path, result: Result) -> None:
    def everything() -> dict[str, bytes]:
        folder = result.page.parent
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    first = everything()
    run("HEAD", "now", project)
    assert everything() == first
    assert [path.name for path in result.page.parent.parent.iterdir()] == ["compare-HEAD..now"]


def test_json_is_for_programs(result: Result) -> None:
    found = json.loads(as_json(result))
    assert found["changes"]["added"] == 10
    assert found["removed_by"] == {"decision": 1}
    assert found["before"]["images"] == 36
    assert found["after"]["images"] == 45
    assert found["drift"]["shared"] == 34
    assert {row["label"] for row in found["classes"]} == {"astronaut", "cat", "coffee", "hat"}
    assert Path(found["csv"]).exists()


def printed(found: Comparison) -> str:
    console = Console(width=120, record=True, file=StringIO())
    compare_text.show(found, [Path("a page")], console)
    return console.export_text()


def test_what_is_printed(result: Result) -> None:
    text = printed(result.comparison)
    lines = text.splitlines()
    assert lines[0].startswith("HEAD (")
    assert lines[0].endswith("→ now")
    assert "36 → 45 (+9)" in text
    assert "Now removed    1  images that stayed before and go now: your decisions 1" in text
    assert "hat 0 → 1" in text
    assert "Squared MMD 0.00" in text
    assert lines[-1].strip() == "a page"


def test_two_commits_a_tag_and_two_folders(project: Path, tmp_path: Path) -> None:
    same = run("HEAD", "main", project)
    assert same.comparison.nothing_changed
    assert "nothing changed" in printed(same.comparison)
    shutil.copytree(project / "data", tmp_path / "was/data")
    found = run(str(tmp_path / "was/data"), "now", project)
    assert found.comparison.changes.empty
    assert "it has no reports/metrics.json" in found.comparison.notes[0]
    assert found.page.exists()
    assert found.page.parent.parent == project / "reports/adhoc"


def test_without_a_project_two_folders_are_compared(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project / "data", tmp_path / "one")
    shutil.copytree(project / "data", tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    assert run("./one", "./other").page.exists()


def test_another_encoder_is_told_and_the_rest_compared(project: Path, tmp_path: Path) -> None:
    versions.project(tmp_path / "fallback", dataset.clean(), fallback=True)
    found = run(str(tmp_path / "fallback"), "HEAD", project).comparison
    assert found.clusters is None
    assert found.drift is None
    assert "two encoders" in printed(found)
    assert found.changes.empty


def test_tables_that_are_not_there(tmp_path: Path) -> None:
    root = versions.project(tmp_path / "photos", dataset.clean(2))
    versions.commit(root)
    for name in ("clusters", "verdicts", "thumbnails", "embeddings"):
        (root / f"data/{name}.parquet").unlink()
    found = run("HEAD", "now", root).comparison
    assert found.changes.empty
    assert "it has no data/verdicts.parquet; it has no data/clusters.parquet" in found.notes[0]
    (root / "data/images.parquet").unlink()
    with pytest.raises(TableError, match="now cannot be read: it has no data/images"):
        run("HEAD", "now", root)
    shutil.rmtree(root / ".dvc/cache")
    with pytest.raises(TableError, match="not in DVC's cache"):
        run("HEAD", "now", root)
    with pytest.raises(SourceError, match="no version 'v7'"):
        run("v7", "now", root)


def test_sheets_that_are_not_cached_leave_cards_without_a_picture(tmp_path: Path) -> None:
    root = versions.project(tmp_path / "photos", dataset.clean(2))
    versions.commit(root)
    shutil.rmtree(root / "data/thumbnails")
    tables.write(IMAGES, tables.read(IMAGES, root).assign(label="cat"), root)
    assert run("HEAD", "now", root).page.exists()


def test_an_empty_version(project: Path, tmp_path: Path) -> None:
    empty = versions.project(tmp_path / "empty", [])
    found = run("HEAD", str(empty), project).comparison
    assert found.counts["gone"] == 36
    assert found.after.totals["images"] == 0
    assert run(str(empty), str(empty), project).comparison.nothing_changed


def test_many_changes_are_shown_in_part_and_written_in_full(tmp_path: Path) -> None:
    root = versions.project(tmp_path / "photos", dataset.clean())
    (root / "params.yaml").write_text("report:\n  gallery_limit: 10\n")
    versions.commit(root)
    tables.write(IMAGES, tables.empty(IMAGES), root)
    found = run("HEAD", "now", root)
    assert len(rows(found.csv)) == 36
    page = found.page.read_text()
    assert "10 of 36 are shown" in page
    cards = data({"assets/data/compare.js": (found.page.parent / "assets/data/compare.js").read_text()}, "compare")[
        "cards"
    ]
    assert [card["kinds"] for card in cards] == [["gone"]] * 10
    assert {dict(card["facts"])["Label"] for card in cards} == {"astronaut", "cat", "coffee"}, "spread over all classes"


def test_what_is_only_not_cached_is_told_with_the_way_to_get_it(tmp_path: Path) -> None:
    root = versions.project(tmp_path / "photos", dataset.clean(2))
    versions.commit(root)
    found = open_version(root, "HEAD").find("data/clusters.parquet")
    found.unlink()
    notes = run("HEAD", "now", root).comparison.notes
    assert "its data/clusters.parquet is not in DVC's cache. To have it: git worktree add" in notes[0]


def test_the_command_compares_the_last_commit_with_now(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    done = CliRunner().invoke(app, ["compare", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["after"]["version"] == "now"
    assert "Added" in CliRunner().invoke(app, ["compare"]).stdout
