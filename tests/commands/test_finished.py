from __future__ import annotations

from pathlib import Path

import pytest

from stages.commands.searcher import Searcher
from stages.commands.select import Wish, select
from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.identity import digest_file
from stages.contracts.schemas.images import IMAGES
from tests import searchable
from tests.pages import dataset


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that came to its end, and after it `ingest` alone, which found that a picture is another one."""
    root = searchable.make(tmp_path_factory.mktemp("project"))
    searchable.embed(root, dataset.shots(), inputs={IMAGES.path: digest_file(root / IMAGES.path)})
    Searcher(root)
    assert select(Wish("diverse", 2), root=root).candidates > 2
    images = tables.read(IMAGES, root)
    images.loc[0, "content_id"] = "0" * 32
    tables.write(IMAGES, images, root, tables.metadata(IMAGES, root))
    return root


def test_nothing_is_searched_for_among_the_vectors_of_other_images(project: Path) -> None:
    with pytest.raises(TableError, match="did not come to its end") as raised:
        Searcher(project)
    assert raised.value.do == "dvc repro"


def test_nothing_is_chosen_from_the_manifest_of_other_images(project: Path) -> None:
    with pytest.raises(TableError, match="did not come to its end") as raised:
        select(Wish("diverse", 2), root=project)
    assert raised.value.do == "dvc repro"
