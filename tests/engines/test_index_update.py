from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts.errors import TableError
from stages.contracts.schemas.embeddings import Embeddings
from stages.engines import index_update
from stages.engines.index_update import Change, ids_digest, update
from stages.engines.vector_index import RECORD, open_index
from tests.blobs import blobs
from tests.imports import ROOT
from tests.vectors import content_ids, unit

DIM = 16
NEVER = 10**9
ENCODER = {"encoder": "a"}


def some(rows: list[int] | np.ndarray, seed: int = 0, dim: int = DIM) -> Embeddings:
    """Contents by number; each has the vector of its own number."""
    rows = sorted(rows)
    vectors = [unit(1, dim, seed=1_000 * seed + row)[0] for row in rows]
    return Embeddings(np.array([f"{row:032x}" for row in rows], dtype=object), np.array(vectors).reshape(-1, dim))


def brought(folder: Path, wanted: Embeddings, made_from: dict = ENCODER, exact_below: int = NEVER) -> Change:
    return update(folder, wanted, made_from, exact_below, 0.98)


def must_hold(folder: Path, wanted: Embeddings) -> None:
    """Each id once, each with its own vector."""
    index = open_index(folder)
    assert sorted(index.content_ids) == wanted.content_ids.tolist()
    np.testing.assert_array_equal(index.vectors[np.argsort(index.content_ids)], wanted.vectors)
    assert index.record.ids == ids_digest(wanted.content_ids)


def files(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()
    }


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@settings(max_examples=15)
@given(steps=st.lists(st.sets(st.integers(0, 30), max_size=20), min_size=1, max_size=4))
def test_whatever_it_held_it_then_holds_what_is_wanted(
    tmp_path_factory: pytest.TempPathFactory, steps: list[set[int]]
) -> None:
    folder = tmp_path_factory.mktemp("index") / "x"
    before: set[int] | None = None
    for rows in steps:
        change = brought(folder, some(list(rows)))
        must_hold(folder, some(list(rows)))
        assert change.is_new == (before is None)
        assert (change.added, change.deleted) == (len(rows - (before or set())), len((before or set()) - rows))
        before = rows


def test_nothing_new_writes_no_vector(tmp_path: Path) -> None:
    brought(tmp_path / "x", some(range(50)))
    before = files(tmp_path / "x")
    change = brought(tmp_path / "x", some(range(50)))
    assert (change.added, change.deleted, change.is_new) == (0, 0, False)
    after = files(tmp_path / "x")
    assert {name for name in after if after[name] != before.get(name)} <= {RECORD}


def test_a_few_new_ones_cost_a_few(tmp_path: Path) -> None:
    """What is written for 1 % new contents is about 1 % of the index."""
    everything = Embeddings(content_ids(20_200), unit(20_200, 64))
    first = Embeddings(everything.content_ids[:20_000], everything.vectors[:20_000])
    brought(tmp_path / "x", first)
    before = files(tmp_path / "x")
    brought(tmp_path / "x", everything)
    after = files(tmp_path / "x")
    written = sum((tmp_path / "x" / name).stat().st_size for name in after if after[name] != before.get(name))
    assert written < 0.03 * size(tmp_path / "x")
    must_hold(tmp_path / "x", everything)


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    sizes = []
    for step in range(12):
        brought(folder, some(range(step * 20, step * 20 + 200), dim=64))
        sizes.append(size(folder))
    assert sizes[-1] < 2 * sizes[0]


def test_many_small_updates_are_tidied_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_update, "COMMITS", 6)
    for step in range(20):
        brought(tmp_path / "x", some(range(300 + step)))
        assert len(files(tmp_path / "x")) < 40
    must_hold(tmp_path / "x", some(range(319)))


@pytest.mark.parametrize(
    "changed",
    [
        lambda folder: brought(folder, some(range(40), seed=1), {"encoder": "b"}),
        lambda folder: brought(folder, some(range(40), dim=DIM * 2)),
    ],
    ids=["encoder", "width"],
)
def test_another_encoder_or_width_begins_anew(tmp_path: Path, changed: object) -> None:
    brought(tmp_path / "x", some(range(40)))
    change = changed(tmp_path / "x")
    assert (change.is_new, change.added, change.deleted) == (True, 40, 0)
    wanted = some(range(40), seed=1) if change.record.dim == DIM else some(range(40), dim=DIM * 2)
    must_hold(tmp_path / "x", wanted)


def test_a_folder_that_lost_its_table_or_record_is_made_anew(tmp_path: Path) -> None:
    for path in (f"{index_update.TABLE}.lance/_versions", RECORD):
        brought(tmp_path / "x", some(range(10)))
        lost = tmp_path / "x" / path
        if lost.is_dir():
            for file in lost.iterdir():
                file.unlink()
        else:
            lost.unlink()
        assert brought(tmp_path / "x", some(range(12))).is_new
        must_hold(tmp_path / "x", some(range(12)))


@pytest.mark.parametrize("step", ["_delete", "_add", "_tidy", "_with_cells", "_measured", "write_record"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_update_that_was_stopped_is_noticed_and_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, moment: str
) -> None:
    folder, wanted = tmp_path / "x", some(range(20, 90))
    brought(folder, some(range(60)))
    real = getattr(index_update, step)

    def stopped(*arguments: object) -> None:
        if moment == "after":
            real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(index_update, step, stopped)
        with pytest.raises(KeyboardInterrupt):
            brought(folder, wanted)
    try:
        found = sorted(open_index(folder).content_ids)
        assert found in (some(range(60)).content_ids.tolist(), wanted.content_ids.tolist()), (
            "half an update was believed"
        )
    except TableError as error:
        assert error.do == "dvc repro index"  # noqa: PT017 (either of the two is right)
    assert not brought(folder, wanted).is_new
    must_hold(folder, wanted)


KILLED = """
import os, sys
from pathlib import Path
from stages.engines import index_update
from tests.engines.test_index_update import brought, some
real = index_update._tidy
def kill(table, record):
    os.kill(os.getpid(), 9)
index_update._tidy = kill
brought(Path(sys.argv[1]), some(range(20, 90)))
"""


def test_an_update_that_was_killed_leaves_nothing_behind_for_long(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    brought(folder, some(range(60)))
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], cwd=ROOT, check=False)
    assert done.returncode == -9
    with pytest.raises(TableError, match="did not come to its end"):
        open_index(folder)
    brought(folder, some(range(20, 90)))
    must_hold(folder, some(range(20, 90)))


def test_cells_are_made_where_there_are_many_and_go_where_there_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_update, "ROWS_PER_CELL", 100)
    folder, vectors = tmp_path / "x", blobs([150] * 20, 0.5, DIM)
    ids = content_ids(3_000)
    many = brought(folder, Embeddings(ids, vectors), exact_below=2_000).record
    assert many.cells == 30
    assert 1 <= many.probes <= many.cells
    assert many.recall >= 0.98
    fewer = brought(folder, Embeddings(ids[:2_500], vectors[:2_500]), exact_below=2_000).record
    assert (fewer.cells, fewer.cells_for, fewer.recall) == (many.cells, 3_000, many.recall)
    must_hold(folder, Embeddings(ids[:2_500], vectors[:2_500]))
    few = brought(folder, Embeddings(ids[:1_500], vectors[:1_500]), exact_below=2_000).record
    assert (few.cells, few.probes, few.recall) == (0, 0, None)
    must_hold(folder, Embeddings(ids[:1_500], vectors[:1_500]))


def test_cells_that_are_outgrown_are_made_anew(tmp_path: Path) -> None:
    ids, vectors = content_ids(4_000), blobs([200] * 20, 0.5, DIM)
    brought(tmp_path / "x", Embeddings(ids[:1_500], vectors[:1_500]), exact_below=1_000)
    grown = brought(tmp_path / "x", Embeddings(ids, vectors), exact_below=1_000).record
    assert grown.cells_for == 4_000
    assert grown.recall >= 0.98


def test_new_rows_are_found_through_old_cells(tmp_path: Path) -> None:
    ids, vectors = content_ids(2_100), np.concatenate([blobs([200] * 10, 0.3, DIM), unit(100, DIM, seed=3)])
    brought(tmp_path / "x", Embeddings(ids[:2_000], vectors[:2_000]), exact_below=1_000)
    brought(tmp_path / "x", Embeddings(ids, vectors), exact_below=1_000)
    index = open_index(tmp_path / "x")
    for row in range(2_000, 2_100):
        assert index.content_ids[index.nearest(vectors[row], 1)[0]].tolist() == [ids[row]]


def test_cells_are_added_until_the_recall_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_update, "ROWS_PER_CELL", 100)
    made = Embeddings(content_ids(5_000), unit(5_000, DIM))
    low = update(tmp_path / "x", made, ENCODER, 1_000, 0.2).record
    again = update(tmp_path / "x", made, ENCODER, 1_000, 0.2).record
    high = update(tmp_path / "x", made, ENCODER, 1_000, 0.99).record
    assert again == low
    assert 0.2 <= low.recall < 0.99 <= high.recall
    assert low.probes < high.probes <= high.cells == 50


def test_the_digest_is_that_of_a_set() -> None:
    ids = content_ids(9)
    assert ids_digest(ids) == ids_digest(ids[::-1])
    assert len({ids_digest(ids), ids_digest(ids[1:]), ids_digest(ids[:0])}) == 3
