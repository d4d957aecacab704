from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stages.contracts import tables
from stages.contracts.identity import digest
from stages.contracts.schemas.embeddings import read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.core.looks import compare
from stages.core.phash import hamming
from stages.core.sheets import sheets_of
from stages.sources.thumbnails import looked_at
from tests.benchmarks import scale
from tests.benchmarks.mixture import NOISE, mixture
from tests.benchmarks.mixture_project import _hashes, write_project
from tests.benchmarks.scale import STAGES, Cost, Measured, run, shortfalls, table
from tests.benchmarks.tree_agreement import tree_of_all_pairs


def costs(seconds: float, memory: float = 1.0) -> dict[str, Cost]:
    return {stage: Cost(seconds, seconds, memory, 0.5, f"{stage}: done") for stage in STAGES}


def measured(**by_rows: dict[str, Cost]) -> Measured:
    return Measured({(int(rows[1:]), stage): cost for rows, own in by_rows.items() for stage, cost in own.items()})


def test_the_slope_is_the_power_with_which_seconds_grow() -> None:
    found = measured(n10000=costs(1.0), n100000=costs(100.0))
    assert found.slope([10_000, 100_000], "connect", 1) == "2.00"
    assert found.slope([10_000, 100_000], "connect", 0) == ""
    assert "connect: done" in table(found, [10_000, 100_000])


def test_figures_over_their_targets_are_told_and_others_are_not() -> None:
    assert shortfalls(measured(n100000=costs(1.0)), [100_000]) == []
    slow = shortfalls(measured(n100000=costs(100.0)), [100_000])
    assert [line.split(": ")[1].split(" ")[0] for line in slow] == ["connect", "deduplicate+score", "export+report"]
    assert len(shortfalls(measured(n100000=costs(1.0, memory=5.0)), [100_000])) == len(STAGES)
    assert shortfalls(measured(n5000=costs(1e6, memory=99.0)), [5_000]) == [], "there is no target for this size"


def test_a_process_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"stages\.connect failed with code 2"):
        run("stages.connect", tmp_path)


def test_the_mixture_has_noise_and_copies_near_their_originals() -> None:
    originals = np.arange(0, 400, 40)
    drawn = mixture(1_000, 64, originals)
    np.testing.assert_allclose(np.linalg.norm(drawn.vectors, axis=1), 1, atol=1e-5)
    assert (drawn.clusters == NOISE).sum() == 10
    near = (drawn.vectors[-10:] * drawn.vectors[originals]).sum(axis=1)
    assert (near > 0.95).all()
    np.testing.assert_array_equal(drawn.clusters[-10:], drawn.clusters[originals])
    np.testing.assert_array_equal(drawn.vectors, mixture(1_000, 64, originals).vectors)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mixture")
    write_project(ROWS, root)
    return root


ROWS = 200


def content(number: int) -> str:
    return digest(f"content {number}".encode())


def test_a_project_of_a_mixture_holds_all_that_stages_read(project: Path) -> None:
    images, quality = tables.read(IMAGES, project), tables.read(QUALITY, project)
    places = tables.read(THUMBNAILS, project)
    embeddings = read_embeddings(project)
    assert len(images) == len(quality) == len(embeddings) == ROWS
    assert set(embeddings.content_ids) == set(images["content_id"]) == set(places["content_id"])
    named = dict(sheets_of(sorted(places["content_id"])))
    assert places.groupby("sheet")["content_id"].agg(sorted).to_dict() == named


def test_a_planted_copy_is_one_and_a_member_of_the_cluster_is_none(project: Path) -> None:
    copy, original, other = content(ROWS - 1), content(ROWS - 3), content(ROWS - 4)
    places = tables.read(THUMBNAILS, project).set_index("content_id")
    parts = looked_at(places, project / SHEET_FOLDER, {copy, original, other}, 1)
    features = dict(pair for part in parts for pair in part)
    assert all(len(found) > 100 for found in features.values())
    assert compare(features[copy], features[original]).agreement > 0.9
    assert compare(features[copy], features[other]).agreement < 0.6


def test_hashes_of_a_mixture_are_alike_as_those_of_photographs_are() -> None:
    originals = np.arange(20)
    hashes = _hashes(3_000, originals, np.random.default_rng(0))
    assert hamming(hashes[-20:], hashes[originals]).max() < 40
    apart = hamming(hashes[:2_900, None], hashes[None, :2_900])[np.triu_indices(2_900, 1)]
    assert 1e-5 < (apart <= 80).mean() < 2e-4


def test_the_tree_of_all_pairs_is_that_of_scipy() -> None:
    from scipy.sparse.csgraph import minimum_spanning_tree

    vectors = mixture(60, 16, np.empty(0, int)).vectors
    distances = np.sqrt(np.maximum(2 - 2 * vectors.astype(float) @ vectors.T, 0))
    core = np.sort(distances, axis=1)[:, 2]
    reach = np.maximum(distances, np.maximum(core[:, None], core))
    np.fill_diagonal(reach, 0)
    tree = tree_of_all_pairs(vectors, 2)
    assert tree.nnz == 2 * 59
    assert tree.sum() / 2 == pytest.approx(minimum_spanning_tree(reach).sum(), rel=1e-4)


def test_stages_of_the_benchmark_are_stages() -> None:
    for stage in STAGES:
        assert (scale.SHIPPED / "stages" / f"{stage}.py").exists()
