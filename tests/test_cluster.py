from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages import cluster, connect
from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.params.cluster import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.tables import as_arrow, check
from stages.contracts.vocabulary import NOISE
from stages.core.cells import graph
from stages.core.centres import by_centres
from stages.core.cluster_stability import Stability
from tests import frames
from tests.blobs import blobs

METHODS = ("hdbscan", "kmeans")


def dataset(sizes: list[int], spread: float = 0.15) -> tuple[pd.DataFrame, Embeddings, dict[str, int]]:
    """Images, their vectors, and the class of each item; rows are in no order that positions could agree by."""
    classes = np.repeat(np.arange(len(sizes)), sizes)
    rows = [{"path": f"{number}/{i}.jpg"} for i, number in enumerate(classes)]
    images = frames.images(*rows)
    order = np.argsort(images["content_id"].to_numpy())
    embeddings = Embeddings(images["content_id"].to_numpy(dtype=object)[order], blobs(sizes, spread)[order])
    return images.sample(frac=1, random_state=1), embeddings, dict(zip(images["item_id"], classes, strict=True))


def run(params: Params, images: pd.DataFrame, embeddings: Embeddings) -> tuple[pd.DataFrame, dict]:
    """Rows, and the quality; stability is measured in a few draws only."""
    rows, told = cluster.run(params.model_copy(update={"stability_resamples": 2}), images, embeddings)
    check(CLUSTERS, as_arrow(CLUSTERS, rows))
    return rows, told["quality"]


@pytest.mark.parametrize("params", [Params(), Params(method="kmeans"), Params(method="kmeans", k=3)])
def test_items_of_a_class_are_together_and_the_largest_class_is_first(params: Params) -> None:
    images, embeddings, classes = dataset([40, 90, 60])
    rows, quality = run(params, images, embeddings)
    assert quality["clusters"] == 3
    assert quality["method"] == params.method
    expected = rows["item_id"].map(classes).map({1: 0, 2: 1, 0: 2})
    member = rows["cluster"] != NOISE
    assert member.mean() > 0.9
    assert (rows["cluster"] == expected)[member].all()


@pytest.mark.parametrize("method", METHODS)
def test_each_cluster_has_one_medoid_the_member_nearest_to_its_centroid(method: str) -> None:
    images, embeddings, _ = dataset([40, 50])
    rows, _ = run(Params(method=method), images, embeddings)
    for _, members in rows[rows["cluster"] != NOISE].groupby("cluster"):
        assert members["is_medoid"].sum() == 1
        assert members.loc[members["is_medoid"], "centroid_distance"].item() == members["centroid_distance"].min()
    assert not rows.loc[rows["cluster"] == NOISE, "is_medoid"].any()


@pytest.mark.parametrize("method", METHODS)
def test_copies_share_their_values_and_unreadable_items_have_none(method: str) -> None:
    images, embeddings, _ = dataset([30, 30])
    original = images.iloc[0]
    copy = frames.images({"path": "copy.jpg", "content_id": original["content_id"]})
    broken = frames.images({"path": "broken.jpg", "status": "unreadable", "reason": "cut off"})
    rows, _ = run(Params(method=method), pd.concat([images, copy, broken]), embeddings)
    rows = rows.set_index("item_id")
    assert broken["item_id"].item() not in rows.index
    assert len(rows) == 61
    assert rows.loc[copy["item_id"].item()].equals(rows.loc[original["item_id"]])


def test_copies_make_no_cluster() -> None:
    images, embeddings, _ = dataset([30, 30])
    lonely = images.iloc[:1]
    copies = frames.images(*({"path": f"copy{i}.jpg", "content_id": lonely["content_id"].item()} for i in range(50)))
    alone, quality = run(Params(), images, embeddings)
    crowded, crowded_quality = run(Params(), pd.concat([images, copies]), embeddings)
    assert quality == crowded_quality
    kept = crowded[crowded["item_id"].isin(alone["item_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, alone)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_few_images(method: str, n: int) -> None:
    images, embeddings, _ = dataset([n])
    rows, quality = run(Params(method=method), images, embeddings)
    assert len(rows) == n
    assert quality["contents"] == n
    assert set(rows["cluster"]) <= ({NOISE} if method == "hdbscan" else {0, 1})


def test_all_noise_is_measured_to_the_mean_of_all() -> None:
    images, embeddings, _ = dataset([4])
    rows, _ = run(Params(), images, embeddings)
    mean = embeddings.vectors.mean(axis=0)
    expected = dict(zip(embeddings.content_ids, 1 - embeddings.vectors @ (mean / np.linalg.norm(mean)), strict=True))
    contents = rows["item_id"].map(images.set_index("item_id")["content_id"])
    np.testing.assert_allclose(rows["centroid_distance"], contents.map(expected), atol=1e-5)


def test_params_are_obeyed() -> None:
    images, embeddings, _ = dataset([30, 60])
    assert run(Params(min_cluster_size=40), images, embeddings)[1]["clusters"] == 1
    assert run(Params(method="kmeans", k=5), images, embeddings)[1]["clusters"] == 5


@pytest.mark.parametrize("method", METHODS)
def test_clusters_far_apart_are_stable_and_halves_of_one_blob_are_not(method: str) -> None:
    _, embeddings, _ = dataset([100, 100], spread=0.15)
    params = Params(method=method, stability_resamples=8)
    found = cluster.find(params, embeddings.vectors)
    assert min(cluster.resampled(params, embeddings.vectors, found).measured) > 0.75
    _, one, _ = dataset([200], spread=0.4)
    halves = by_centres(one.vectors, 2, 0)
    steady = cluster.resampled(params.model_copy(update={"method": "kmeans", "seed": 1}), one.vectors, halves)
    assert max(steady.measured) < 0.75


def test_stability_can_be_left_out() -> None:
    images, embeddings, _ = dataset([30, 30])
    _, told = cluster.run(Params(stability_resamples=0), images, embeddings)
    assert told["stability"]["jaccard"] == [None, None]
    assert cluster.summary(told["quality"], Stability(**told["stability"])).endswith("are noise")


def test_unstable_clusters_are_told() -> None:
    steady = Stability(20, 63, 100, [0.9, 0.5], [20, 8])
    quality = {"clusters": 2, "noise_fraction": 0.1}
    assert cluster.summary(quality, steady) == "cluster: 2 clusters, 10% of the contents are noise; 1 unstable"


def test_main_writes_the_table_with_its_quality_and_origin(tmp_path) -> None:
    images, embeddings, _ = dataset([30, 30])
    (tmp_path / "params.yaml").write_text("cluster: {method: kmeans, k: 2}\n")
    tables.write(IMAGES, images, tmp_path)
    write_embeddings(embeddings, embeddings.vectors.shape[1], tmp_path, {"dim": embeddings.vectors.shape[1]})
    connect.main(tmp_path)
    cluster.main(tmp_path)
    assert len(tables.read(CLUSTERS, tmp_path)) == 60
    told = tables.metadata(CLUSTERS, tmp_path)
    assert told["quality"]["clusters"] == 2
    assert told["stability"]["resamples"] == 20
    assert Stability(**told["stability"]).median > 0.9, "two blobs far apart"
    assert set(told["inputs"]) == {"data/images.parquet", "data/embeddings.parquet", "data/neighbors.parquet"}
    first = (tmp_path / CLUSTERS.path).read_bytes()
    cluster.main(tmp_path)
    assert (tmp_path / CLUSTERS.path).read_bytes() == first


def test_the_graph_that_connect_made_gives_the_same_clusters_and_a_narrow_one_is_made_anew() -> None:
    _, embeddings, _ = dataset([40, 50])
    alone = cluster.find(Params(), embeddings.vectors)
    for width in (60, 30, 5):
        shared = graph(embeddings.vectors, width)
        found = cluster.find(Params(), embeddings.vectors, shared)
        np.testing.assert_array_equal(found.labels, alone.labels)
        np.testing.assert_array_equal(found.strengths, alone.strengths)
    assert alone.quality["tree"] == "neighbor_graph"
    assert alone.quality["neighbor_recall"] == 1.0


def test_what_the_graph_knows_of_all_pairs_is_told() -> None:
    _, embeddings, _ = dataset([40, 50])
    near = replace(graph(embeddings.vectors, 30), told={"search": "cells", "recall_at_10": 0.995})
    assert cluster.find(Params(), embeddings.vectors, near).quality["neighbor_recall"] == 0.995


def test_neighbors_of_other_contents_are_refused(tmp_path) -> None:
    _, embeddings, _ = dataset([20])
    (tmp_path / "params.yaml").write_text("cluster: {method: kmeans}\n")
    write_embeddings(embeddings, embeddings.vectors.shape[1], tmp_path, {"dim": embeddings.vectors.shape[1]})
    connect.main(tmp_path)
    fewer = Embeddings(embeddings.content_ids[1:], embeddings.vectors[1:])
    with pytest.raises(TableError, match="other contents"):
        cluster.shared_graph(fewer, tmp_path)
