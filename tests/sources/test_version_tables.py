from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.sources.revisions import open_version
from stages.sources.version_tables import encoder_of, read, read_if_there, read_vectors
from tests import frames


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tables.write(IMAGES, frames.images({"path": "a.jpg"}, {"path": "b.jpg"}), tmp_path)
    return tmp_path


def test_only_the_columns_asked_for_in_their_order(project: Path) -> None:
    found = read(open_version(project, "now"), IMAGES, ["path", "item_id"])
    assert list(found.columns) == ["path", "item_id"]
    assert set(found["path"]) == {"a.jpg", "b.jpg"}


def test_a_table_of_another_winnow_is_read_as_far_as_it_goes(project: Path) -> None:
    old = pa.table({"item_id": ["1"], "path": ["a.jpg"], "dropped since": [1]})
    pq.write_table(old, project / IMAGES.path)
    version = open_version(project, "now")
    assert read(version, IMAGES, ["path"])["path"].tolist() == ["a.jpg"]
    with pytest.raises(TableError, match="table images of now cannot be read") as raised:
        read(version, IMAGES, ["path", "split"])
    assert raised.value.expected == "path, split"


def test_a_file_that_is_no_table(project: Path) -> None:
    (project / IMAGES.path).write_bytes(b"not parquet")
    with pytest.raises(TableError, match="cannot be read"):
        read(open_version(project, "now"), IMAGES, ["path"])


def test_a_table_that_is_not_there(project: Path) -> None:
    version = open_version(project, "now")
    (project / IMAGES.path).unlink()
    assert read_if_there(version, IMAGES, ["path"]) is None
    with pytest.raises(TableError, match="it has no data/images"):
        read(version, IMAGES, ["path"])


@pytest.mark.parametrize("n", [0, 1, 5])
def test_vectors_keep_their_names(project: Path, n: int) -> None:
    ids = np.array([f"{i:032x}" for i in range(n)], dtype=object)
    vectors = np.eye(8, dtype=np.float32)[:n]
    write_embeddings(Embeddings(ids, vectors), 8, project, {"encoder": {"kind": "clip"}, "dim": 8})
    version = open_version(project, "now")
    found = read_vectors(version)
    assert found.content_ids.tolist() == ids.tolist()
    assert n == 0 or (found.vectors == vectors).all()
    assert encoder_of(version) == {"kind": "clip"}


def test_who_made_the_vectors_may_not_be_known(project: Path) -> None:
    version = open_version(project, "now")
    assert encoder_of(version) is None
    pd.DataFrame({"content_id": ["1"]}).to_parquet(project / "data/embeddings.parquet")
    assert encoder_of(version) is None
