from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from stages.core.cluster_stability import Stability
from stages.pages.clusters import found_again
from tests.pages.decode import Page, column, data, picture, shows


def test_every_readable_image_is_a_point_with_its_own_facts(project: SimpleNamespace) -> None:
    facts, found = project.facts, data(project.files, "clusters")
    assert sorted(found["ids"]) == sorted(facts.placed["item_id"])
    clusters = facts.clusters.set_index("item_id")
    outliers = facts.outliers.set_index("item_id")
    images = facts.images.set_index("item_id")
    for i, item in enumerate(found["ids"]):
        assert found["paths"][i] == images.loc[item, "path"]
        assert abs(found["strength"][i] - clusters.loc[item, "strength"]) < 1e-4
        assert found["medoid"][i] == clusters.loc[item, "is_medoid"]
        assert found["outlier"][i] == outliers.loc[item, "is_outlier"]
        assert abs(found["score"][i] - outliers.loc[item, "outlier_score"]) < 1e-5


def test_points_lie_where_the_map_has_them(project: SimpleNamespace) -> None:
    item = data(project.files, "map")
    where = project.facts.placed.set_index("item_id").loc[data(project.files, "clusters")["ids"]]
    np.testing.assert_array_equal(column(item, "points", "x"), where["x"].to_numpy())
    np.testing.assert_array_equal(column(item, "points", "y"), where["y"].to_numpy())


def test_thumbnails_on_the_map_are_those_of_the_points(project: SimpleNamespace) -> None:
    found = data(project.files, "clusters")
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    for path, place in zip(found["paths"], found["places"], strict=True):
        assert shows(picture(project.files, found["sheets"], place), project.shots[path].content_id, pixels)


def test_groups_are_those_of_the_tables(project: SimpleNamespace) -> None:
    facts, found = project.facts, data(project.files, "clusters")
    modes = {mode["key"]: mode for mode in found["modes"]}
    assert list(modes) == ["cluster", "label", "split", "verdict", "issue"]
    truth = {
        "cluster": facts.clusters.set_index("item_id")["cluster"].replace(-1, np.nan),
        "label": facts.images.set_index("item_id")["label"],
        "split": facts.images.set_index("item_id")["split"],
        "verdict": facts.verdicts.set_index("item_id")["verdict"].map({"remove": "Goes"}),
        "issue": facts.verdicts.set_index("item_id")["rule"],
    }
    for key, mode in modes.items():
        values = [mode["groups"][code]["value"] for code in mode["codes"]]
        expected = truth[key].loc[found["ids"]].astype(object)
        assert values == expected.where(expected.notna(), None).tolist()
        assert [group["size"] for group in mode["groups"]] == [
            mode["codes"].count(c) for c in range(len(mode["groups"]))
        ]


def test_a_cluster_begins_with_its_medoid_and_goes_on_by_distance(project: SimpleNamespace) -> None:
    found = data(project.files, "clusters")
    clusters = project.facts.clusters.set_index("item_id").loc[found["ids"]]
    codes = np.array(found["modes"][0]["codes"])
    for code in range(1, len(found["modes"][0]["groups"])):
        members = clusters[codes == code]
        assert members["is_medoid"].tolist() == [True] + [False] * (len(members) - 1)
        assert members["centroid_distance"].iloc[1:].is_monotonic_increasing
    assert (codes[-3:] == 0).all(), "noise comes last"


def test_only_the_ways_of_colouring_that_the_data_has_are_offered(spotless: SimpleNamespace) -> None:
    keys = [mode["key"] for mode in data(spotless.files, "clusters")["modes"]]
    assert keys == ["cluster", "label", "split"]


def test_clusters_are_named_by_their_prevailing_label(project: SimpleNamespace) -> None:
    groups = data(project.files, "clusters")["modes"][0]["groups"]
    assert [group["name"] for group in groups] == ["No cluster", "Cluster 0", "Cluster 1", "Cluster 2"]
    assert groups[1]["note"] == "all astronaut"
    assert groups[3]["note"].startswith("mostly cat (")


def test_each_cluster_tells_how_often_it_was_found_again(project: SimpleNamespace) -> None:
    groups = data(project.files, "clusters")["modes"][0]["groups"]
    assert [group["found"] for group in groups] == [
        "",
        "found again in 20 of 20 resamples",
        "found again in 11 of 20 resamples",
        "",
    ]
    assert [group["unstable"] for group in groups] == [False, False, True, False]
    text = Page(project.files["clusters.html"]).text
    assert "1 cluster is unstable" in text
    assert "0.74 for the middle cluster" in text, "the median of the two that were measured"
    index = Page(project.files["index.html"]).text
    assert index.count("Unstable: found again in 11 of 20 resamples") == 1


def test_clusters_that_were_not_measured_are_not_called_anything() -> None:
    assert found_again(Stability(0, 0, 50, [None, None], [None, None]), 1) == ""
    assert found_again(Stability(20, 0, 50, [], []), 3) == ""
