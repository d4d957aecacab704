from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.errors import TableError
from stages.contracts.schemas.embeddings import Embeddings
from stages.engines import index_update, vector_index
from stages.engines.index_update import update
from stages.engines.vector_index import RECORD, VectorIndex, open_index
from tests.blobs import blobs
from tests.vectors import content_ids, unit

N, DIM = 3_000, 24
NEVER = 10**9


def shuffled(n: int, seed: int = 0) -> np.ndarray:
    """Ids that do not ascend with the rows."""
    return np.random.default_rng(seed).permutation(content_ids(n))


@pytest.fixture(scope="module")
def made() -> Embeddings:
    return Embeddings(np.array(sorted(shuffled(N)), dtype=object), blobs([N // 30] * 30, 0.5, DIM))


@pytest.fixture(scope="module", params=[NEVER, 1_000], ids=["exact", "cells"])
def index(made: Embeddings, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> VectorIndex:
    folder = tmp_path_factory.mktemp("index") / "x.lance"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(index_update, "ROWS_PER_CELL", 100)
        update(folder, made, {"encoder": 1}, request.param, 0.98)
    return open_index(folder)


def expected(made: Embeddings, query: np.ndarray, k: int, passing: set[str] | None = None) -> list[str]:
    similarities = made.vectors @ query
    order = np.lexsort((made.content_ids, -similarities))
    return [made.content_ids[row] for row in order if passing is None or made.content_ids[row] in passing][:k]


def queries(made: Embeddings) -> np.ndarray:
    near = made.vectors[::97] + 0.4 * unit(len(made.vectors[::97]), DIM, seed=5)
    both = np.concatenate([near, unit(20, DIM, seed=6)])
    return (both / np.linalg.norm(both, axis=1, keepdims=True)).astype(np.float32)


def test_the_nearest_are_found(index: VectorIndex, made: Embeddings) -> None:
    shared = []
    for query in queries(made):
        rows, similarities = index.nearest(query, 10)
        found = index.content_ids[rows]
        vectors = made.vectors[np.searchsorted(made.content_ids, found)]
        np.testing.assert_allclose(similarities, vectors @ query, atol=1e-5)
        assert (np.diff(similarities) <= 0).all()
        shared.append(len(set(found) & set(expected(made, query, 10))) / 10)
    assert np.mean(shared) >= (0.95 if index.record.cells else 1)


@pytest.mark.parametrize("count", [0, 1, 9, 400, 1_500, N])
def test_a_filter_hides_no_result(index: VectorIndex, made: Embeddings, count: int) -> None:
    passes = np.zeros(N, bool)
    passes[np.random.default_rng(count).permutation(N)[:count]] = True
    passing = set(index.content_ids[passes])
    shared = []
    for query in queries(made)[::5]:
        rows, _ = index.nearest(query, 10, passes)
        assert passes[rows].all()
        assert len(rows) == len(set(rows.tolist())) == min(10, count)
        shared.append(
            len(set(index.content_ids[rows]) & set(expected(made, query, 10, passing))) / max(min(10, count), 1)
        )
    assert np.mean(shared) >= (0.95 if index.record.cells else 1) or count == 0


def test_what_passes_may_be_farthest_of_all(index: VectorIndex, made: Embeddings) -> None:
    query = queries(made)[0]
    vectors = made.vectors[np.searchsorted(made.content_ids, index.content_ids)]
    passes = np.zeros(N, bool)
    passes[np.argsort(vectors @ query)[:1_200]] = True
    rows, _ = index.nearest(query, 10, passes)
    assert set(index.content_ids[rows]) == set(expected(made, query, 10, set(index.content_ids[passes])))


@pytest.mark.parametrize("k", [1, 2_000, N, N + 1, 10 * N])
def test_there_are_k_results_where_there_are_so_many_rows(index: VectorIndex, made: Embeddings, k: int) -> None:
    rows, _ = index.nearest(made.vectors[0], k)
    assert len(rows) == len(set(rows.tolist())) == min(k, N)


def test_more_than_the_cells_give_is_read_from_all(
    index: VectorIndex, made: Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "FARTHEST", 20)
    rows, _ = index.nearest(made.vectors[0], 30)
    assert index.content_ids[rows].tolist() == expected(made, made.vectors[0], 30)


def test_taken_vectors_are_those_of_their_rows(index: VectorIndex, made: Embeddings) -> None:
    rows = np.array([0, 7, 1_234, N - 1])
    own = made.vectors[np.searchsorted(made.content_ids, index.content_ids[rows])]
    np.testing.assert_array_equal(index.take(rows), own)
    np.testing.assert_array_equal(index.sample(50), index.sample(50))
    assert index.sample(50).shape == (50, DIM)
    assert index.sample(N + 1).shape == (N, DIM)


@given(n=st.integers(1, 40), k=st.integers(1, 45), copies=st.integers(1, 4), seed=st.integers(0, 99))
def test_ties_are_in_order_of_their_ids(
    tmp_path_factory: pytest.TempPathFactory, n: int, k: int, copies: int, seed: int
) -> None:
    vectors = np.repeat(unit(n, 4, seed), copies, axis=0)
    index = _of(Embeddings(content_ids(n * copies), vectors), seed)
    rows, _ = index.nearest(vectors[0], k)
    assert index.content_ids[rows].tolist() == expected(Embeddings(index.content_ids, index.vectors), vectors[0], k)


def _of(made: Embeddings, seed: int) -> VectorIndex:
    """An index whose rows are in any order, without a database."""
    order = np.random.default_rng(seed).permutation(len(made))
    record = vector_index.Record({}, "", len(made), made.vectors.shape[1], 1)
    index = VectorIndex(None, record)
    index.__dict__ |= {"content_ids": made.content_ids[order], "vectors": made.vectors[order]}
    return index


@pytest.mark.parametrize("n", [0, 1, 2])
def test_tiny_and_empty_ones_are_searched_too(tmp_path: Path, n: int) -> None:
    update(tmp_path / "x", Embeddings(content_ids(n), unit(n, 4)), {}, NEVER, 0.98)
    index = open_index(tmp_path / "x")
    rows, similarities = index.nearest(unit(1, 4)[0], 5)
    assert len(index) == len(rows) == len(similarities) == n
    assert index.sample(3).shape == (n, 4)


def test_no_index_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(TableError, match="no search index") as raised:
            open_index(folder)
        assert raised.value.do == "dvc repro index"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rows": 1}', '{"unknown": 1}'])
def test_a_record_that_is_not_understood_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(TableError, match="no search index"):
        open_index(tmp_path)


def test_a_folder_without_its_table_is_told(tmp_path: Path) -> None:
    vector_index.write_record(vector_index.Record({}, "", 1, 4, 1), tmp_path)
    with pytest.raises(TableError, match="cannot be read") as raised:
        open_index(tmp_path)
    assert "delete" in raised.value.do
