"""Every declared table: written down once, in full, and able to hold nothing."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import numpy as np
import pytest

from stages.contracts import schemas, tables
from stages.contracts.errors import TableError
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings, write_embeddings
from stages.contracts.schemas.neighbors import Neighbors, read_neighbors, write_neighbors
from stages.contracts.tables import Table

MODULES = [
    importlib.import_module(f"{schemas.__name__}.{info.name}") for info in pkgutil.iter_modules(schemas.__path__)
]
DECLARED = [value for module in MODULES for value in vars(module).values() if isinstance(value, Table)]


@pytest.mark.parametrize("table", DECLARED, ids=lambda table: table.name)
def test_a_declaration_is_whole(table: Table) -> None:
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    assert all(column.meaning for column in table.columns)
    assert table.made_by


@pytest.mark.parametrize("table", DECLARED, ids=lambda table: table.name)
def test_a_table_of_no_rows_is_a_table(table: Table, tmp_path: Path) -> None:
    tables.write(table, tables.empty(table), tmp_path)
    assert len(tables.read(table, tmp_path)) == 0


def unit(n: int, d: int) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ids(n: int) -> np.ndarray:
    return np.array([f"{number:032x}" for number in range(n)], dtype=object)


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_embeddings_come_back(tmp_path: Path, n: int) -> None:
    written = Embeddings(ids(n), unit(n, 8))
    write_embeddings(written, 8, tmp_path, {"dim": 8})
    found = read_embeddings(tmp_path)
    assert found.content_ids.tolist() == written.content_ids.tolist()
    np.testing.assert_array_equal(found.vectors, written.vectors)


def test_embeddings_that_are_not_of_unit_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="unit"):
        write_embeddings(Embeddings(ids(2), 2 * unit(2, 8)), 8, tmp_path, {"dim": 8})
    with pytest.raises(TableError, match="unit"):
        write_embeddings(Embeddings(ids(1), np.full((1, 8), np.nan, np.float32)), 8, tmp_path, {"dim": 8})


def test_rows_of_finds_ids_and_refuses_strangers() -> None:
    found = Embeddings(ids(5), unit(5, 8))
    assert found.rows_of(ids(5)[[3, 0, 3]]).tolist() == [3, 0, 3]
    with pytest.raises(TableError):
        found.rows_of(np.array(["f" * 32], dtype=object))
    with pytest.raises(TableError):
        Embeddings(ids(0), unit(0, 8)).rows_of(ids(1))


@pytest.mark.parametrize(("n", "k"), [(0, 0), (1, 0), (2, 1), (40, 7)])
def test_the_graph_comes_back(tmp_path: Path, n: int, k: int) -> None:
    random = np.random.default_rng(1)
    indices = np.array([random.permutation(n)[:k] for _ in range(n)], np.int32).reshape(n, k)
    similarities = np.sort(random.random((n, k)).astype(np.float32), axis=1)[:, ::-1]
    write_neighbors(Neighbors(ids(n), indices, similarities), tmp_path)
    found = read_neighbors(tmp_path)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_array_equal(found.similarities, similarities)
