from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from stages import report
from stages.contracts.decisions import COLUMNS, write_decisions
from stages.contracts.identity import item_id
from tests.pages import dataset
from tests.review.app import App, make, serving


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted project with its images and its report."""
    made = make(tmp_path_factory.mktemp("review"), dataset.shots())
    report.main(made)
    return made


@pytest.fixture(scope="session")
def running(root: Path) -> Iterator[App]:
    with serving(root) as app:
        yield app


@pytest.fixture
def app(running: App, root: Path) -> App:
    """The app, with nothing decided yet."""
    write_decisions(pd.DataFrame(columns=COLUMNS), root)
    return running


@pytest.fixture(scope="session")
def ids() -> dict[str, str]:
    """Item ids by path."""
    return {shot.path: item_id(shot.path) for shot in dataset.shots()}
