from __future__ import annotations

from pathlib import Path

import pytest

from stages.commands.doctor import examine, preflight
from stages.contracts.decisions import COLUMNS, PATH
from stages.contracts.errors import DecisionsError, EncoderError, ParamsError, SetupError, SourceError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project before its first run, with the packaged encoder, so that no network is asked."""
    for folder in (".dvc", ".git", "data/demo"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / PATH).write_text(",".join(COLUMNS) + "\n")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    (tmp_path / "params.yaml").write_text("encoder: {model: packaged}\n")
    return tmp_path


def test_ready(project: Path) -> None:
    (line,) = preflight(project)
    assert line.startswith("Ready: params.yaml is understood, images from data/demo")


def test_the_demo_need_not_be_there_yet(project: Path) -> None:
    (project / "data/demo").rmdir()
    assert preflight(project)


def test_a_typo_is_found_before_the_run(project: Path) -> None:
    (project / "params.yaml").write_text("clutser: {}\n")
    with pytest.raises(ParamsError):
        preflight(project)


def test_a_missing_source_is_found_before_the_run(project: Path) -> None:
    (project / "params.yaml").write_text("data: {source: /no/such/folder}\n")
    with pytest.raises(SourceError) as raised:
        preflight(project)
    assert raised.value.got == "/no/such/folder"


def test_a_checkpoint_that_is_not_there_is_found_before_the_run(project: Path) -> None:
    (project / "params.yaml").write_text("encoder: {model: ./nope}\n")
    with pytest.raises(EncoderError):
        preflight(project)
    assert "no tables yet" in "\n".join(examine(project)), "the doctor left at the first complaint"


def test_missing_decisions_are_found_before_the_run(project: Path) -> None:
    (project / PATH).unlink()
    with pytest.raises(DecisionsError):
        preflight(project)


@pytest.mark.parametrize("missing", [".dvc", "dvc.yaml", ".git"])
def test_another_folder_is_no_project(project: Path, missing: str) -> None:
    path = project / missing
    path.rmdir() if path.is_dir() else path.unlink()
    with pytest.raises(SetupError):
        preflight(project)


def test_the_doctor_names_versions_device_encoder_and_tables(project: Path) -> None:
    told = "\n".join(examine(project))
    for word in ("torch 2.13.0", "Device", "packaged:efficientnet-lite0", "1280 dimensions", "no tables yet"):
        assert word in told
