from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages import cluster, score
from stages.contracts import tables
from stages.contracts.params.cluster import Params as ClusterParams
from stages.contracts.params.outliers import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import Neighbors, write_neighbors
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.tables import as_arrow, check
from stages.core.knn import nearest
from tests import frames
from tests.blobs import blobs, strangers

NONE = frames.duplicates()
USUAL = Params()


def dataset(vectors: np.ndarray, labels: list[str] | None = None) -> tuple[pd.DataFrame, Embeddings]:
    """Images 0.jpg, 1.jpg, … with the given vectors, in no order that positions could agree by."""
    images = frames.images(*({"path": f"{i}.jpg", "label": labels[i] if labels else None} for i in range(len(vectors))))
    order = np.argsort(images["content_id"].to_numpy())
    ids = images["content_id"].to_numpy(dtype=object)[order]
    return images.sample(frac=1, random_state=1), Embeddings(ids, vectors[order])


def run(
    images: pd.DataFrame,
    embeddings: Embeddings,
    duplicates=NONE,
    params=USUAL,
    width=30,
    **bad,
):
    neighbors = Neighbors(embeddings.content_ids, *nearest(embeddings.vectors, width))
    clusters, _ = cluster.run(ClusterParams(), images, embeddings)
    quality = frames.quality(images.loc[images["status"] == "ok", "path"].tolist(), **bad)
    rows, null = score.run(params, images, quality, embeddings, neighbors, duplicates, clusters)
    check(OUTLIERS, as_arrow(OUTLIERS, rows))
    return rows.set_index(rows["item_id"].map(images.set_index("item_id")["path"])), null


def paths(numbers: range) -> list[str]:
    return [f"{i}.jpg" for i in numbers]


@pytest.fixture(scope="module")
def planted():
    return run(*dataset(np.concatenate([blobs([100, 100], [0.1, 0.4], d=64), strangers(6, d=64)])))


def test_strangers_are_flagged_and_little_else(planted) -> None:
    rows, _ = planted
    assert rows.loc[paths(range(200, 206)), "is_outlier"].all()
    assert rows.loc[paths(range(200)), "is_outlier"].sum() <= 1


def test_strangers_score_highest(planted) -> None:
    rows, _ = planted
    assert set(rows["outlier_score"].nlargest(6).index) == set(paths(range(200, 206)))
    assert rows["outlier_score"].astype(np.float32).nlargest(6).is_unique


def test_the_flag_is_the_q_value_against_the_rate(planted) -> None:
    rows, null = planted
    stored = as_arrow(OUTLIERS, rows.reset_index(drop=True)).to_pandas()
    assert (stored["is_outlier"] == (stored["q_value"] <= null["rate"])).all()
    assert (rows.sort_values("outlier_score")["q_value"].diff().dropna() <= 0).all()


def test_the_neighbours_are_those_of_the_vectors(planted) -> None:
    vectors = np.concatenate([blobs([100, 100], [0.1, 0.4], d=64), strangers(6, d=64)])
    rows, _ = planted
    images, _ = dataset(vectors)
    path_of = images.set_index("content_id")["path"]
    for i in (0, 150, 203):
        order = np.argsort(-(vectors @ vectors[i]))[1:11]
        assert [path_of[content] for content in rows.loc[f"{i}.jpg", "nearest_ids"]] == paths(order)
        assert rows.loc[f"{i}.jpg", "knn_distance"] == pytest.approx(1 - (vectors[order] @ vectors[i]).mean(), abs=1e-5)


def test_the_evidence_has_the_numbers(planted) -> None:
    rows, _ = planted
    row = rows.loc["203.jpg"]
    for number in (
        f"{row.knn_distance:.2f} to its 10 nearest",
        "to those that are no suspects themselves",
        "is usual in its surroundings",
        "q is under 0.001",
        f"flagged in {round(20 * row.stability)} of 20 resamples",
    ):
        assert number in row.evidence
    images, _ = dataset(np.empty((206, 1)))
    nearest_one = images.set_index("content_id").loc[row["nearest_ids"][0], "path"]
    assert f"(nearest: {nearest_one})" in row.evidence


def test_what_is_told_apart_is_the_distance_to_those_that_are_no_suspects(planted) -> None:
    rows, _ = planted
    vectors = np.concatenate([blobs([100, 100], [0.1, 0.4], d=64), strangers(6, d=64)])
    cosine = np.sort(vectors[:200] @ vectors[203])[::-1]
    told = float(rows.loc["203.jpg", "evidence"].split(", ")[1].split()[0])
    assert told >= 1 - cosine[:10].mean() - 0.01
    assert rows.loc["203.jpg", "knn_distance"] < told - 0.005


def test_stable_and_unstable_flags_are_told_apart(planted) -> None:
    rows, null = planted
    assert (rows.loc[paths(range(200, 206)), "stability"] >= 0.9).all()
    assert rows.loc[~rows["is_outlier"], "stability"].mean() < 0.02
    assert rows["stability"].between(0, 1).all()
    assert null["resamples"] == 20
    unstable = rows["is_outlier"] & (rows["stability"] < 0.75)
    assert (rows["evidence"].str.endswith("unstable.") == unstable).all()


def test_a_flag_by_a_hair_is_called_unstable() -> None:
    for seed in range(30):
        rows, _ = run(*dataset(np.concatenate([blobs([90], 0.5, d=64, seed=seed), strangers(1, d=64)])))
        by_a_hair = rows[rows["is_outlier"] & (rows["stability"] < 0.75)]
        if len(by_a_hair):
            assert by_a_hair["evidence"].str.contains("of 20 resamples: unstable").all()
            return
    pytest.fail("no set had a flag by a hair")


def test_the_null_is_told(planted) -> None:
    _, null = planted
    assert null["fitted"]
    assert null["n"] == 206
    assert 0 <= null["goodness"]["largest_gap"] < 0.1
    assert len(null["goodness"]["observed"]) == len(null["goodness"]["expected"])


def test_a_clean_set_flags_under_one_in_a_hundred() -> None:
    flagged = [
        run(*dataset(blobs([80, 120], [0.1, 0.4], d=64, seed=seed)))[0]["is_outlier"].mean() for seed in range(6)
    ]
    assert np.mean(flagged) < 0.01


def test_a_small_loose_class_is_not_flagged_for_being_small_or_loose() -> None:
    shares = []
    for seed in range(5):
        rows, null = run(*dataset(blobs([150, 25], [0.1, 0.4], d=64, seed=seed)))
        shares.append(rows.loc[paths(range(150, 175)), "is_outlier"].mean())
        assert [own["n"] for own in null["clusters_on_their_own"]] == [25]
    assert np.mean(shares) < 0.1


def test_near_copies_of_a_stranger_do_not_hide_it() -> None:
    vectors = np.concatenate([blobs([100], d=64), np.repeat(strangers(1, d=64), 40, axis=0)])
    images, embeddings = dataset(vectors)
    group = frames.duplicates({path: (None if path == "100.jpg" else "near") for path in paths(range(100, 140))})
    hidden, _ = run(images, embeddings)
    found, _ = run(images, embeddings, group)
    strange = paths(range(100, 140))
    assert not hidden.loc[strange, "is_outlier"].any()
    assert found.loc[strange, "knn_distance"].min() > found.loc[paths(range(100)), "knn_distance"].max()
    contents = set(images.loc[images["path"].isin(strange), "content_id"])
    assert not contents & set(found.loc["100.jpg", "nearest_ids"])
    assert all(len(contents & set(ids)) <= 1 for ids in found["nearest_ids"])


def test_items_with_the_same_content_share_their_values() -> None:
    images, embeddings = dataset(np.concatenate([blobs([60], d=64), strangers(1, d=64)]))
    content = images.set_index("path").loc["60.jpg", "content_id"]
    more = frames.images(
        {"path": "copy.jpg", "content_id": content}, {"path": "bad.jpg", "status": "empty", "reason": "no bytes"}
    )
    group = frames.duplicates({"60.jpg": None, "copy.jpg": "exact"})
    rows, _ = run(pd.concat([images, more]), embeddings, group)
    assert "bad.jpg" not in rows.index
    assert rows.loc["copy.jpg"].drop("item_id").equals(rows.loc["60.jpg"].drop("item_id"))
    assert rows.loc["copy.jpg", "is_outlier"]


def test_a_picture_is_held_against_its_class_where_it_has_one() -> None:
    vectors = blobs([60, 60], [0.05, 0.6], d=64)
    labels = ["brick"] * 60 + ["hat"] * 60
    apart, _ = run(*dataset(vectors, labels))
    moved, _ = run(*dataset(vectors, [*labels[:100], "brick", *labels[101:]]))
    assert moved.loc["100.jpg", "outlier_score"] > apart.loc["100.jpg", "outlier_score"]
    assert "in class brick" in moved.loc["100.jpg", "evidence"]


def test_copies_with_different_labels_count_for_no_class() -> None:
    images, embeddings = dataset(blobs([60], d=64), ["brick"] * 60)
    content = images.set_index("path").loc["7.jpg", "content_id"]
    both = pd.concat([images, frames.images({"path": "copy.jpg", "content_id": content, "label": "hat"})])
    rows, _ = run(both, embeddings)
    assert "in class" not in rows.loc["7.jpg", "evidence"]
    assert "in class brick" in rows.loc["8.jpg", "evidence"]


@pytest.mark.parametrize("n", [0, 1, 2, 20, 49])
def test_under_fifty_images_are_ranked_but_not_flagged(n: int) -> None:
    rows, null = run(*dataset(np.concatenate([blobs([max(n - 1, 0)], d=64), strangers(min(n, 1), d=64)])))
    assert len(rows) == n
    assert not null["fitted"]
    assert not rows["is_outlier"].any()
    assert rows[["q_value", "stability"]].isna().all(axis=None)
    if n >= 20:
        assert rows["outlier_score"].idxmax() == f"{n - 1}.jpg"
        assert rows["evidence"].str.contains(f"too few pictures \\({n}, at least 50\\)").all()


def test_fifty_images_are_enough() -> None:
    rows, null = run(*dataset(np.concatenate([blobs([49], d=64), strangers(1, d=64)])))
    assert null["fitted"]
    assert rows.loc["49.jpg", "is_outlier"]
    assert rows["is_outlier"].sum() <= 2


def test_one_image_has_nothing_to_be_compared_with() -> None:
    rows, _ = run(*dataset(blobs([1])))
    row = rows.iloc[0]
    assert row["nearest_ids"] == []
    assert np.isnan(row["knn_distance"])
    assert row["outlier_score"] == 0.5
    assert row["evidence"] == "There is no other picture to compare it with."


def test_an_image_with_no_sound_picture_beside_its_copies_is_not_judged() -> None:
    data = dataset(blobs([60], d=64))
    group = frames.duplicates({path: (None if path == "0.jpg" else "near") for path in paths(range(55))})
    rows, null = run(*data, group, blurry=paths(range(55, 60)))
    assert null["fitted"] is False
    assert (rows.loc[paths(range(55)), "evidence"] == "There is no other sound picture to compare it with.").all()
    assert rows.loc[paths(range(55)), "nearest_ids"].str.len().eq(5).all()
    assert rows.loc[paths(range(55, 60)), "evidence"].str.startswith("Mean cosine distance").all()


def test_equal_images_are_not_strange() -> None:
    rows, _ = run(*dataset(np.repeat(blobs([1]), 60, axis=0)))
    assert not rows["is_outlier"].any()
    assert (rows["outlier_score"] == rows["outlier_score"].iloc[0]).all()


def test_the_rate_decides_how_many_are_flagged() -> None:
    data = dataset(np.concatenate([blobs([150], 0.5, d=64), strangers(10, d=64)]))
    counts = [run(*data, params=Params(false_discovery_rate=rate))[0]["is_outlier"].sum() for rate in (1e-9, 0.1, 0.9)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_more_neighbours_than_the_graph_holds_are_looked_up() -> None:
    data = dataset(blobs([60], d=64))
    narrow, _ = run(*data, params=Params(neighbors=20), width=5)
    wide, _ = run(*data, params=Params(neighbors=20), width=30)
    np.testing.assert_allclose(narrow["knn_distance"], wide["knn_distance"], atol=1e-5)
    assert narrow["nearest_ids"].str.len().eq(20).all()


def test_pictures_with_a_known_defect_do_not_make_strangers_usual() -> None:
    """Twenty blurred pictures lie apart: too many to be outliers of a null that they shape themselves."""
    rng = np.random.default_rng(3)
    data = dataset(np.concatenate([blobs([100], d=64), strangers(24, d=64)]))
    blurred = paths(rng.permutation(range(100, 124))[:20])
    believed = run(*data)[0]
    told = run(*data, blurry=blurred)[0]
    assert (told["q_value"] <= believed["q_value"] + 1e-6).all()
    assert told["is_outlier"].sum() > believed["is_outlier"].sum()
    assert told.loc[paths(range(100)), "is_outlier"].sum() <= 3


def test_cells_of_kmeans_are_no_places_to_be_usual_in() -> None:
    """k-means puts strangers into a cell of their own; judged within it, they would look usual."""
    images, embeddings = dataset(np.concatenate([blobs([120], [0.05], d=64), strangers(8, d=64)]))
    clusters, _ = cluster.run(ClusterParams(), images, embeddings)
    odd = images["path"].isin(paths(range(120, 128))).to_numpy()
    cells = pd.DataFrame({"item_id": images["item_id"], "own": np.where(odd, 1, 0)})
    clusters = clusters.merge(cells, on="item_id").assign(cluster=lambda rows: rows["own"]).drop(columns="own")
    neighbors = Neighbors(embeddings.content_ids, *nearest(embeddings.vectors, 30))
    parts = (USUAL, images, frames.quality(images["path"].tolist()), embeddings, neighbors, NONE, clusters)
    as_cells, as_places = (score.run(*parts, method)[0]["is_outlier"].sum() for method in ("kmeans", "hdbscan"))
    assert as_cells >= 8 > as_places


def test_where_defects_are_usual_all_count() -> None:
    data = dataset(np.concatenate([blobs([100], d=64), strangers(3, d=64)]))
    pd.testing.assert_frame_equal(run(*data)[0], run(*data, dark=paths(range(60)))[0])


def test_main_writes_the_table_with_its_null_and_origin(tmp_path) -> None:
    images, embeddings = dataset(np.concatenate([blobs([60], d=64), strangers(1, d=64)]))
    clusters, _ = cluster.run(ClusterParams(), images, embeddings)
    (tmp_path / "params.yaml").write_text("outliers: {neighbors: 5}\n")
    tables.write(IMAGES, images, tmp_path)
    tables.write(QUALITY, frames.quality(images["path"].tolist()), tmp_path)
    tables.write(CLUSTERS, clusters, tmp_path)
    tables.write(DUPLICATES, tables.empty(DUPLICATES), tmp_path)
    write_embeddings(embeddings, 64, tmp_path, {"dim": 64})
    write_neighbors(Neighbors(embeddings.content_ids, *nearest(embeddings.vectors, 30)), tmp_path)
    score.main(tmp_path)
    rows = tables.read(OUTLIERS, tmp_path)
    assert len(rows) == 61
    assert rows["nearest_ids"].str.len().eq(5).all()
    told = tables.metadata(OUTLIERS, tmp_path)
    assert told["null"]["n"] == 61
    assert set(told["inputs"]) == set(score.INPUTS)
