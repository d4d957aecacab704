"""The examples for CI, as far as they can be held against this project: their YAML, and every command in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from stages.cli import app
from tests.imports import ROOT

EXAMPLES = ROOT / ".github/examples"


def load(name: str) -> dict:
    return YAML(typ="safe").load((EXAMPLES / name).read_text(encoding="utf-8"))


def commands(name: str) -> list[list[str]]:
    """What the example runs, a line each, and what its comments say one may run instead."""
    if name == "github-actions.yml":
        lines = [step["run"] for step in load(name)["jobs"]["check"]["steps"] if "run" in step]
    else:
        lines = load(name)["winnow"]["script"]
    told = re.findall(r"`(\.venv/bin/[^`]+)`", (EXAMPLES / name).read_text(encoding="utf-8"))
    return [shlex.split(line) for line in [*lines, *told]]


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
class TestExamples:
    def test_they_set_up_get_the_tables_and_check_in_that_order(self, name: str) -> None:
        assert [" ".join(line[:2]) for line in commands(name)] == [
            "make setup",
            ".venv/bin/dvc pull",
            ".venv/bin/winnow check",
            ".venv/bin/dvc repro",
        ]

    def test_make_knows_its_targets(self, name: str) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = [target for program, *targets in commands(name) if program == "make" for target in targets]
        assert targets
        assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)

    def test_winnow_knows_its_commands_and_options(self, name: str) -> None:
        known = get_command(app).commands
        for _, command, *arguments in [line for line in commands(name) if line[0].endswith("/winnow")]:
            options = {option for parameter in known[command].params for option in parameter.opts}
            assert {argument for argument in arguments if argument.startswith("--")} <= options

    def test_dvc_knows_its_commands(self, name: str) -> None:
        from dvc.cli.parser import get_main_parser

        lines = [line[1:] for line in commands(name) if line[0].endswith("/dvc")]
        assert lines
        assert all(get_main_parser().parse_args(line) for line in lines)

    def test_they_keep_what_was_computed_where_git_does_not_look(self, name: str) -> None:
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")
        for folder in (".dvc/cache", ".winnow"):
            assert re.search(rf"^\s+(- )?{re.escape(folder)}( #.*)?$", text, re.MULTILINE)
            assert f"/{folder}/" in ignored


def test_gitlab_shows_the_file_that_check_writes() -> None:
    job = load("gitlab-ci.yml")["winnow"]
    (check,) = [shlex.split(line) for line in job["script"] if "winnow check" in line]
    assert job["artifacts"]["reports"]["junit"] == check[check.index("--junit") + 1]
    assert check[check.index("--summary") + 1] in job["artifacts"]["paths"]


def test_the_readme_names_files_that_are_there() -> None:
    named = set(re.findall(r"\.github/examples/[\w.-]+", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {Path(name).name for name in named} == {path.name for path in EXAMPLES.iterdir()}
