from __future__ import annotations

from pathlib import Path

import pytest

from stages.commands.use import current, use
from stages.contracts.errors import ParamsError, SourceError

PARAMS = """\
# at the top
data: # ingest
  # Folder of images.
  source: data/demo
  labels: "folders" # quoted

cluster:
  method: hdbscan
  k: null
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "params.yaml").write_text(PARAMS)
    return root


def test_only_the_source_changes(project: Path, tmp_path: Path) -> None:
    photos = tmp_path / "my photos"
    photos.mkdir()
    (photos / "a.jpg").touch()
    assert use(str(photos), project) == str(photos)
    assert (project / "params.yaml").read_text() == PARAMS.replace("data/demo", str(photos))
    assert current(project) == str(photos)


def test_a_folder_of_the_project_is_named_relative_to_it(project: Path) -> None:
    (project / "data" / "mine" / "cat").mkdir(parents=True)
    (project / "data" / "mine" / "cat" / "film.MP4").touch()
    assert use(str(project / "data" / "mine"), project) == "data/mine"


def test_a_folder_whose_name_means_something_in_yaml_comes_back(project: Path, tmp_path: Path) -> None:
    odd = tmp_path / "a: b # c"
    odd.mkdir()
    (odd / "a.png").touch()
    use(str(odd), project)
    assert current(project) == str(odd)


@pytest.mark.parametrize("name", ["", "  ", "."])
def test_the_project_itself_is_no_source(project: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "data").mkdir()
    monkeypatch.chdir(project)
    with pytest.raises(SourceError):
        use(name, project)
    assert (project / "params.yaml").read_text() == PARAMS


def test_a_missing_folder_changes_nothing(project: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        use(str(tmp_path / "nowhere"), project)
    assert (project / "params.yaml").read_text() == PARAMS


@pytest.mark.parametrize("name", ["notes.txt", ".hidden.jpg", "jpg"])
def test_a_folder_without_images_changes_nothing(project: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / name).touch()
    with pytest.raises(SourceError, match="holds no image"):
        use(str(tmp_path / "texts"), project)
    assert (project / "params.yaml").read_text() == PARAMS


@pytest.mark.parametrize("text", [None, "data: [", "- data"])
def test_params_that_cannot_be_read_are_told_and_stay_as_they_are(
    project: Path, tmp_path: Path, text: str | None
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").touch()
    params = project / "params.yaml"
    params.unlink() if text is None else params.write_text(text)
    with pytest.raises(ParamsError):
        use(str(photos), project)
    assert (params.read_text() if params.exists() else None) == text
