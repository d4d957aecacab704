"""dvc.yaml against the code: DVC does not follow imports, so `deps` must name every module a stage runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.contracts.params.sections import SECTIONS
from tests.imports import ROOT, runs

SECTION_OF = {
    "ingest": "data",
    "fetch": "encoder",
    "deduplicate": "duplicates",
    "score": "outliers",
    "project": "map",
}
"""Sections that are not named after their stage."""


def pipeline(path: str) -> dict:
    return YAML(typ="safe").load((ROOT / path).read_text(encoding="utf-8"))


def stages() -> list[tuple[str, dict, Path]]:
    ours = [(name, stage, ROOT) for name, stage in pipeline("dvc.yaml")["stages"].items()]
    demo = [
        (name, stage, ROOT / "data" / stage.get("wdir", "."))
        for name, stage in pipeline("data/dvc.yaml")["stages"].items()
    ]
    return ours + [(name, stage, folder.resolve()) for name, stage, folder in demo]


@pytest.mark.parametrize(
    ("name", "stage", "folder"), stages(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_deps_list_every_module_that_the_stage_runs(name: str, stage: dict, folder: Path) -> None:
    listed = {dep for dep in stage["deps"] if dep.endswith(".py")}
    expected = {path.as_posix() for path in runs(Path(f"stages/{name}.py"))}
    assert listed == expected, f"deps of {name} should be:\n" + "\n".join(
        f"      - {path}" for path in sorted(expected)
    )


@pytest.mark.parametrize(
    ("name", "stage", "folder"), stages(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_stage_is_one_module_one_cmd_one_section(name: str, stage: dict, folder: Path) -> None:
    assert stage["cmd"] == f"python -m stages.{name}"
    assert stage["desc"]
    section = SECTION_OF.get(name, name)
    named = [
        param
        for entry in stage.get("params", [])
        for param in (next(iter(entry.values())) if isinstance(entry, dict) else [entry])
    ]
    assert section in named
    assert "machine" not in named


def test_params_yaml_has_every_section_and_comments_every_key() -> None:
    lines = (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()
    content = YAML(typ="safe").load("\n".join(lines))
    assert set(content) == set(SECTIONS)
    for number, line in enumerate(lines):
        if line.startswith("  ") and not line.strip().startswith("#"):
            assert lines[number - 1].strip().startswith("#"), f"params.yaml line {number + 1} has no comment: {line}"


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_params_yaml_ships_the_defaults(section: str) -> None:
    content = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert SECTIONS[section].model_validate(content[section]) == SECTIONS[section]()


def test_no_stage_imports_another() -> None:
    names = {name for name, _, _ in stages()}
    for name in names:
        others = {Path(f"stages/{other}.py") for other in names - {name}}
        assert not runs(Path(f"stages/{name}.py")) & others


def test_ingest_does_not_run_torch() -> None:
    for path in runs(Path("stages/ingest.py")):
        assert "import torch" not in (ROOT / path).read_text(encoding="utf-8")


def test_every_out_is_ignored_by_git() -> None:
    for name, stage, _ in stages():
        for out in (out if isinstance(out, str) else next(iter(out)) for out in stage["outs"]):
            folder, _, rest = out.partition("/")
            assert f"/{rest}" in (ROOT / folder / ".gitignore").read_text(encoding="utf-8").split(), (name, out)


def test_dvc_pull_does_not_ask_for_a_demo_that_was_never_made() -> None:
    """Its lock is committed; whoever curates a folder of their own has none of it, in no cache and on no remote."""
    (demo,) = pipeline("data/dvc.yaml")["stages"].values()
    assert [options for out in demo["outs"] for options in out.values()] == [{"cache": False}] * 2
