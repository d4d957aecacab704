"""Winnow as a user has it, `dvc repro` in a project just cloned with nothing in its caches; and `measure` alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from stages.contracts.params.base import FILE
from stages.engines.shards import CACHE
from tests.benchmarks.clocks import Cost, together
from tests.benchmarks.fixed_cost import clone, prepare
from tests.benchmarks.process_tree import Spent, run
from tests.benchmarks.trial_project import SHIPPED

ENCODER = "packaged"


def pipeline(images: Path, into: Path) -> tuple[Spent, Path, dict[str, Cost]]:
    """The whole of it on a folder of images: what it cost, the project with its tables, and the cost of each stage.

    Raises
    ------
    SystemExit : it failed; with what it said.
    """
    project, ledger = into / "project", into / "ledger"
    project.mkdir(parents=True)
    clone(project)
    _point(project, images)
    environment = prepare(project, ledger)
    spent = _whole(run([sys.executable, "-m", "dvc", "repro"], project, environment))
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    return spent, project, {each["stage"]: together(Cost(*each[part]) for part in ("import", "run")) for each in lines}


class MeasureAlone:
    """A project in which `ingest` has run, so that `measure` can, again and again."""

    def __init__(self, images: Path, into: Path) -> None:
        self._project = into
        into.mkdir(parents=True)
        shutil.copyfile(SHIPPED / FILE, into / FILE)
        _point(into, images)
        _whole(self._stage("ingest"))

    def measure(self) -> Spent:
        """As a process of its own, on images that it never saw."""
        shutil.rmtree(self._project / CACHE, ignore_errors=True)
        return _whole(self._stage("measure"))

    def _stage(self, name: str) -> Spent:
        environment = {**os.environ, "PYTHONPATH": str(SHIPPED)}
        return run([sys.executable, "-m", f"stages.{name}"], self._project, environment)


def _point(project: Path, images: Path) -> None:
    """Let a project be about these images, seen by the packaged encoder."""
    yaml = YAML()
    params = yaml.load((project / FILE).read_text(encoding="utf-8"))
    params["data"]["source"] = str(images)
    params["encoder"]["model"], params["encoder"]["fallback"] = ENCODER, None
    with (project / FILE).open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def _whole(spent: Spent) -> Spent:
    if spent.code:
        sys.exit(f"{spent.said}\nWinnow itself failed, with exit code {spent.code}")
    return spent


def version() -> str:
    """The commit, and whether there is more in the working tree."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    told = subprocess.run(command, cwd=SHIPPED, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "no commit"
