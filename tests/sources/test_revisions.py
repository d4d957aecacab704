from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stages.contracts.errors import SetupError, SourceError, TableError
from stages.sources.revisions import Version, open_version
from tests import versions

IMAGES = "data/images.parquet"


def write(root: Path, images: bytes, **more: bytes) -> None:
    """A project whose tables are any bytes: where they lie is tested here, not what they say."""
    (root / "data" / "thumbnails").mkdir(parents=True, exist_ok=True)
    (root / "reports").mkdir(exist_ok=True)
    (root / IMAGES).write_bytes(images)
    (root / "data" / "thumbnails" / "sheet-0.jpg").write_bytes(b"sheet of " + images)
    (root / "reports" / "metrics.json").write_text(json.dumps({"images": len(images)}))
    (root / "dvc.yaml").write_text("stages: {}\n")
    for name, data in more.items():
        (root / "data" / f"{name}.parquet").write_bytes(data)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two commits, and a working tree that has gone on since."""
    root = tmp_path / "my project"
    write(root, b"old")
    versions.commit(root, "the first")
    versions.git(root, "tag", "v1")
    write(root, b"newer", clusters=b"some")
    versions.commit(root, "the second")
    write(root, b"newest!", clusters=b"others")
    return root


def images(version: Version) -> bytes:
    return version.need(IMAGES).read_bytes()


def test_a_revision_gives_the_bytes_it_had_and_nothing_is_checked_out(project: Path) -> None:
    before = versions.git(project, "status", "--porcelain")
    assert images(open_version(project, "v1")) == b"old"
    assert images(open_version(project, "HEAD")) == b"newer"
    assert images(open_version(project, "now")) == b"newest!"
    assert versions.git(project, "status", "--porcelain") == before


def test_files_of_a_folder_that_dvc_keeps_as_one(project: Path) -> None:
    first, now = open_version(project, "v1"), open_version(project, "now")
    assert first.inside("data/thumbnails", "sheet-0.jpg").read_bytes() == b"sheet of old"
    assert now.inside("data/thumbnails", "sheet-0.jpg").read_bytes() == b"sheet of newest!"
    assert first.inside("data/thumbnails", "sheet-9.jpg") is None
    assert first.inside("data/nothing", "sheet-0.jpg") is None


def test_files_that_git_keeps(project: Path) -> None:
    for name, size in (("v1", 3), ("HEAD", 5), ("now", 7)):
        assert json.loads(open_version(project, name).text("reports/metrics.json")) == {"images": size}
        assert open_version(project, name).text("reports/nothing.json") is None


def test_a_table_that_there_was_not_yet(project: Path) -> None:
    first = open_version(project, "v1")
    assert first.path("data/clusters.parquet") is None
    assert first.why_not("data/clusters.parquet") == "it has no data/clusters.parquet"
    with pytest.raises(TableError, match="it has no data/clusters"):
        first.need("data/clusters.parquet")


def test_bytes_that_are_not_cached_are_told_with_the_way_to_get_them(project: Path) -> None:
    shutil.rmtree(project / ".dvc" / "cache")
    first = open_version(project, "v1")
    assert first.path(IMAGES) is None
    assert first.inside("data/thumbnails", "sheet-0.jpg") is None
    with pytest.raises(TableError, match="is not in DVC's cache") as raised:
        first.need(IMAGES)
    short = first.commit[:10]
    assert raised.value.do.startswith(f"git worktree add ../my project-{short} {short}")
    (project / ".dvc" / "config").write_text("[core]\n    remote = store\n['remote \"store\"']\n    url = /tmp/store\n")
    assert open_version(project, "v1").how.startswith("dvc fetch --all-commits; or git worktree add")


@pytest.mark.parametrize("level", ["config", "config.local"])
def test_a_cache_that_lies_elsewhere(project: Path, level: str) -> None:
    shutil.move(project / ".dvc" / "cache", project.parent / "shared")
    (project / ".dvc" / level).write_text("[cache]\n    dir = ../../shared\n")
    assert images(open_version(project, "v1")) == b"old"


def test_a_cache_that_dvc_2_filled(project: Path) -> None:
    cache = project / ".dvc" / "cache"
    for folder in (cache / "files" / "md5").iterdir():
        shutil.move(folder, cache / folder.name)
    assert images(open_version(project, "v1")) == b"old"


def test_folders(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "checkout")
    shutil.copytree(project / "data", tmp_path / "data of last year")
    for name in ("checkout", "checkout/data", "data of last year"):
        version = open_version(project, str(tmp_path / name))
        assert images(version) == b"newest!"
        assert version.inside("data/thumbnails", "sheet-0.jpg").read_bytes() == b"sheet of newest!"
    assert open_version(project, str(tmp_path / "checkout/data")).text("reports/metrics.json")
    assert open_version(project, str(tmp_path / "data of last year")).text("reports/metrics.json") is None


def test_folders_need_no_git_and_no_dvc(tmp_path: Path) -> None:
    write(tmp_path / "a", b"a")
    assert images(open_version(tmp_path, str(tmp_path / "a"))) == b"a"
    with pytest.raises(SourceError, match="no version 'HEAD'") as raised:
        open_version(tmp_path, "HEAD")
    assert raised.value.do.startswith("name two folders")


def test_a_name_that_is_a_branch_and_a_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    write(project / "v1", b"a folder")
    assert images(open_version(Path(), "v1")) == b"old"
    assert images(open_version(Path(), "./v1")) == b"a folder"


def test_a_folder_without_tables(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError, match="it has no data/images") as raised:
        open_version(tmp_path, str(tmp_path / "empty"))
    assert "dvc repro" in raised.value.do


@pytest.mark.parametrize("name", ["nothing", "./nothing", "v9", "", " ", "--all", "v1^{tree}", "a\nb", "HEAD~7"])
def test_a_name_that_means_nothing(project: Path, name: str) -> None:
    with pytest.raises(SourceError, match="there is no version"):
        open_version(project, name)


def test_a_shallow_clone_is_told_how_to_become_deep(project: Path, tmp_path: Path) -> None:
    versions.git(tmp_path, "clone", "--quiet", "--depth=1", project.as_uri(), "clone")
    with pytest.raises(SourceError) as raised:
        open_version(tmp_path / "clone", "HEAD~1")
    assert "git fetch --unshallow" in raised.value.do


def test_before_the_first_commit(tmp_path: Path) -> None:
    versions.git(tmp_path, "init", "--quiet")
    with pytest.raises(SourceError) as raised:
        open_version(tmp_path, "HEAD")
    assert raised.value.got == "no commit yet"


def test_a_revision_before_the_first_run(tmp_path: Path) -> None:
    versions.git(tmp_path, "init", "--quiet")
    (tmp_path / ".dvc").mkdir()
    versions.git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "nothing yet")
    with pytest.raises(TableError, match="revision HEAD has no tables"):
        open_version(tmp_path, "HEAD")


@pytest.mark.parametrize("text", ["stages: [", "stages: [1]", "- 1", "stages: {a: {outs: [{md5: x}]}}"])
def test_a_lock_that_is_not_understood(tmp_path: Path, text: str) -> None:
    versions.git(tmp_path, "init", "--quiet")
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "dvc.lock").write_text(text)
    versions.git(tmp_path, "add", "--all")
    versions.git(tmp_path, "commit", "--quiet", "--message", "broken")
    with pytest.raises(TableError, match=r"dvc\.lock of HEAD is not understood"):
        open_version(tmp_path, "HEAD")


def test_a_git_repository_without_dvc(tmp_path: Path) -> None:
    versions.git(tmp_path, "init", "--quiet")
    (tmp_path / "dvc.lock").write_text("stages: {}\n")
    versions.git(tmp_path, "add", "--all")
    versions.git(tmp_path, "commit", "--quiet", "--message", "no dvc")
    with pytest.raises(SetupError, match="no DVC project"):
        open_version(tmp_path, "HEAD")


def test_how_a_version_is_named(project: Path) -> None:
    commit = versions.git(project, "rev-parse", "v1")
    assert str(open_version(project, "v1")) == f"v1 ({commit[:10]})"
    assert str(open_version(project, commit[:7])) == commit[:10]
    assert str(open_version(project, "now")) == "now"
    assert open_version(project, "v1").note.endswith("the first")
