"""The planted project, made once, and its pages."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from stages.report import read_facts, run
from tests.pages import dataset

DECIDED = ({"path": "train/cat/stray noise.jpg", "decision": "keep", "reason": "<b>art</b>"},)


def made(root: Path, **options: object) -> SimpleNamespace:
    """A project's facts, files and shots by path."""
    shots = options.pop("shots") if "shots" in options else dataset.shots()
    options.pop("make", dataset.make)(root, shots, **options)
    facts = read_facts(root)
    return SimpleNamespace(root=root, facts=facts, files=dict(run(facts)), shots={shot.path: shot for shot in shots})


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return made(tmp_path_factory.mktemp("pages"), decided=DECIDED)


@pytest.fixture(scope="session")
def spotless(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Nothing is wrong with it, and it is made by the encoder asked for."""
    return made(tmp_path_factory.mktemp("spotless"), shots=dataset.clean(), fallback=False)
