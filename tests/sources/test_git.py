from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.errors import SetupError
from stages.sources import git
from tests import versions


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    versions.git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.txt").write_text("one\n")
    versions.git(tmp_path, "add", "--all")
    versions.git(tmp_path, "commit", "--quiet", "--message", "the first", "--date", "2026-02-03T12:00:00Z")
    versions.git(tmp_path, "tag", "--annotate", "v1", "--message", "one")
    (tmp_path / "inner" / "a.txt").write_text("two\n")
    versions.git(tmp_path, "commit", "--quiet", "--all", "--message", "the second")
    return tmp_path


def test_names_of_commits(repository: Path) -> None:
    first, second = versions.git(repository, "rev-list", "--reverse", "main").split()
    assert (
        git.commit(repository, "v1") == git.commit(repository, "HEAD~1") == git.commit(repository, first[:8]) == first
    )
    assert git.commit(repository, "main") == second
    for nothing in ("nothing", "--all", "v1:inner", "HEAD^{tree}", "a b", "", "HEAD~9"):
        assert git.commit(repository, nothing) is None


def test_an_experiment_of_dvc_is_found_by_its_name(repository: Path) -> None:
    first = git.commit(repository, "v1")
    versions.git(repository, "update-ref", "refs/exps/ab/cdef/lucky-cat", first)
    assert git.commit(repository, "lucky-cat") == first


def test_a_project_may_be_a_folder_of_the_repository(repository: Path) -> None:
    first = git.commit(repository, "v1")
    assert git.content(repository / "inner", first, "a.txt") == "one\n"
    assert git.content(repository, first, "a.txt") is None


def test_a_commit_is_told_by_its_subject(repository: Path) -> None:
    assert git.note(repository, git.commit(repository, "v1")).endswith(" the first")


def test_no_repository(tmp_path: Path, repository: Path) -> None:
    assert git.is_repository(repository / "inner")
    assert not git.is_shallow(repository)


def test_a_folder_outside_of_git(tmp_path: Path) -> None:
    assert not git.is_repository(tmp_path)
    assert git.commit(tmp_path, "HEAD") is None


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="git is not installed"):
        git.commit(tmp_path, "HEAD")
