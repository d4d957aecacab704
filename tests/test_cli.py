from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages import cli
from stages.contracts.errors import SetupError

MERGE = ["decide", "merge", "decisions.csv"]


@pytest.mark.parametrize("asked", [["search", "dog"], ["use", "photos"], ["cache"], MERGE], ids=" ".join)
def test_outside_of_a_project_nothing_is_done_and_it_is_said_where_to_go(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["winnow", *asked])
    with pytest.raises(SetupError, match="no project") as raised:
        cli.answer()
    assert raised.value.do.startswith("cd to")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("asked", [[], ["--help"], ["search", "--help"], ["compare", "--help"]])
def test_help_is_had_anywhere(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["winnow", *asked])
    with pytest.raises(SystemExit):
        cli.answer()
    assert "Usage:" in capsys.readouterr().out
