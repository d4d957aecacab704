from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from stages.core.cluster_stability import Stability
from stages.pages import clusters, groups
from stages.pages.cards import card, neighbor
from stages.pages.colouring import found_again
from stages.pages.skeleton import unturned
from tests.pages import labelled
from tests.pages.conftest import made
from tests.pages.dataset import GUESS
from tests.pages.decode import Page, data, picture, points, shows


def test_every_readable_image_is_a_point_with_its_own_facts(project: SimpleNamespace) -> None:
    facts, found = project.facts, points(project.files)
    assert sorted(found["ids"]) == sorted(facts.placed["item_id"])
    clusters = facts.clusters.set_index("item_id").loc[found["ids"]]
    outliers = facts.outliers.set_index("item_id").loc[found["ids"]]
    images = facts.images.set_index("item_id").loc[found["ids"]]
    removed = facts.verdicts.set_index("item_id").loc[found["ids"], "verdict"] == "remove"
    assert found["paths"] == images["path"].tolist()
    assert found["contents"] == images["content_id"].tolist()
    np.testing.assert_array_equal(found["flags"] & 1, clusters["is_medoid"])
    np.testing.assert_array_equal(found["flags"] >> 1 & 1, outliers["is_outlier"])
    np.testing.assert_array_equal(found["flags"] >> 2, removed)
    np.testing.assert_array_equal(found["score"], outliers["outlier_score"].to_numpy(np.float32))
    assert set(found["frames"]) == {None}


def test_a_frame_of_a_video_is_told_with_its_time(project: SimpleNamespace) -> None:
    still = next(iter(project.facts.items.values()))
    frame = still._replace(frame=70, timestamp_s=7.0)
    named = clusters._items(project.facts, [still, frame], SimpleNamespace(places={}))
    assert named["times"] == {1: "0:07.0"}
    assert (card(frame, None)["frame"], card(frame, None)["time"]) == (70, "0:07.0")
    assert "time" not in card(still, None)


def test_a_neighbour_is_told_with_its_time_too(project: SimpleNamespace) -> None:
    still = next(iter(project.facts.items.values()))
    frame = still._replace(frame=70, timestamp_s=7.0)
    small = SimpleNamespace(places={still.content_id: [0, 0, 0, 9, 9]})
    told = neighbor(frame, small, label="cat")
    assert (told["frame"], told["time"], told["label"], told["place"]) == (70, "0:07.0", "cat", [0, 0, 0, 9, 9])
    assert "time" not in neighbor(still, small)


def test_points_lie_where_the_map_has_them(project: SimpleNamespace) -> None:
    found = points(project.files)
    where = project.facts.placed.set_index("item_id").loc[found["ids"]]
    np.testing.assert_array_equal(found["x"], where["x"].to_numpy())
    np.testing.assert_array_equal(found["y"], where["y"].to_numpy())


def test_thumbnails_on_the_map_are_those_of_the_points(project: SimpleNamespace) -> None:
    found = points(project.files)
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    for path, place in zip(found["paths"], found["places"], strict=True):
        assert shows(picture(project.files, found["sheets"], place), project.shots[path].content_id, pixels)


def test_groups_are_those_of_the_tables(project: SimpleNamespace) -> None:
    facts, found = project.facts, points(project.files)
    assert list(found["modes"]) == ["cluster", "label", "split", "verdict", "issue"]
    truth = {
        "cluster": facts.clusters.set_index("item_id")["cluster"].replace(-1, np.nan),
        "label": facts.images.set_index("item_id")["label"],
        "split": facts.images.set_index("item_id")["split"],
        "verdict": facts.verdicts.set_index("item_id")["verdict"].map({"remove": "Goes"}),
        "issue": facts.verdicts.set_index("item_id")["rule"],
    }
    for key, mode in found["modes"].items():
        values = [mode["groups"][code]["value"] for code in mode["codes"]]
        expected = truth[key].loc[found["ids"]].astype(object)
        assert values == expected.where(expected.notna(), None).tolist()
        assert [group["size"] for group in mode["groups"]] == [
            mode["codes"].count(c) for c in range(len(mode["groups"]))
        ]


def test_the_map_can_show_what_pictures_look_like(tmp_path_factory: pytest.TempPathFactory) -> None:
    shots = labelled.shots()
    project = made(tmp_path_factory.mktemp("labelled"), shots=shots, make=labelled.make)
    found, table = points(project.files), labelled.table(shots).set_index("item_id")
    told = table["zero_shot_label"].mask(table["fits_none"])
    mode = found["modes"]["shows"]
    assert mode["groups"][0]["name"] == "None fits"
    values = [mode["groups"][code]["value"] for code in mode["codes"]]
    assert values == told.loc[found["ids"]].astype(object).where(told.loc[found["ids"]].notna(), None).tolist()
    rules = {group["value"] for group in found["modes"]["issue"]["groups"]}
    assert "label_issue" in rules


def test_a_cluster_begins_with_its_medoid_and_goes_on_by_distance(project: SimpleNamespace) -> None:
    found = points(project.files)
    clusters = project.facts.clusters.set_index("item_id").loc[found["ids"]]
    mode = found["modes"]["cluster"]
    codes = np.array(mode["codes"])
    for code in range(1, len(mode["groups"])):
        members = clusters[codes == code]
        assert members["is_medoid"].tolist() == [True] + [False] * (len(members) - 1)
        assert members["centroid_distance"].iloc[1:].is_monotonic_increasing
        assert mode["groups"][code]["place"] == found["places"][mode["codes"].index(code)]
    assert (codes[-3:] == 0).all(), "noise comes last"


def test_only_the_ways_of_colouring_that_the_data_has_are_offered(spotless: SimpleNamespace) -> None:
    assert list(points(spotless.files)["modes"]) == ["cluster", "label", "split"]


def test_clusters_have_their_names_and_what_prevails_in_them(project: SimpleNamespace) -> None:
    found = data(project.files, "clusters")["modes"][0]["groups"]
    assert [group["name"] for group in found] == [
        "No cluster", "Cluster 0 · astronaut", f"Cluster 1 · {GUESS}", "Cluster 2",
    ]  # fmt: skip
    assert [group.get("label") for group in found] == [None, "astronaut", GUESS, "2"]
    assert [group.get("guess") for group in found] == [None, False, True, False]
    assert found[1]["note"] == "all astronaut"
    assert found[3]["note"].startswith("mostly cat (")


def test_a_name_that_two_clusters_have_is_shown_with_their_numbers(project: SimpleNamespace) -> None:
    names = project.facts.cluster_names.assign(name=["Cat", "cat", "dog"], source="label")
    facts = replace(project.facts, cluster_names=names)
    assert [groups.on_map(facts, number) for number in range(3)] == ["Cat · 0", "cat · 1", "dog"]


def test_links_to_clusters_outlive_a_re_run_and_old_ones_are_still_known(project: SimpleNamespace) -> None:
    keys = project.facts.cluster_names["key"].tolist()
    found = data(project.files, "clusters")["modes"][0]["groups"]
    assert [group["anchor"] for group in found] == ["no-cluster", *(f"cluster-{key}" for key in keys)]
    assert [group.get("older") for group in found] == [None, "cluster-0", "cluster-1", "cluster-2"]
    assert f"clusters.html#cluster-{keys[0]}" in Page(project.files["index.html"]).links
    cards = data(project.files, "outliers")["next"]
    assert ["Cluster", "0 · astronaut", f"clusters.html#cluster-{keys[0]}"] in [
        one for c in cards for one in c["facts"]
    ]


def test_a_cluster_without_a_row_of_names_is_known_by_its_number(project: SimpleNamespace) -> None:
    facts = replace(project.facts, cluster_names=project.facts.cluster_names[:0])
    assert groups.anchor(facts, 1) == "cluster-1"
    assert groups.title(facts, 1) == "Cluster 1"
    assert groups.on_map(facts, 1) == "1"


def test_names_are_escaped_in_the_pages(project: SimpleNamespace) -> None:
    assert "<b>flat" not in project.files["index.html"]
    assert unturned(GUESS) in Page(project.files["index.html"]).text
    assert "<b>flat" not in project.files["assets/data/clusters.js"]


def test_each_cluster_tells_how_often_it_was_found_again(project: SimpleNamespace) -> None:
    found = data(project.files, "clusters")["modes"][0]["groups"]
    assert [group.get("found") for group in found] == [
        None,
        "found again in 20 of 20 resamples",
        "found again in 11 of 20 resamples",
        "",
    ]
    assert [group.get("unstable") for group in found] == [None, False, True, False]
    text = Page(project.files["clusters.html"]).text
    assert "1 cluster is unstable" in text
    assert "0.74 for the middle cluster" in text, "the median of the two that were measured"
    index = Page(project.files["index.html"]).text
    assert index.count("Unstable: found again in 11 of 20 resamples") == 1


def test_clusters_that_were_not_measured_are_not_called_anything() -> None:
    assert found_again(Stability(0, 0, 50, [None, None], [None, None]), 1) == ""
    assert found_again(Stability(20, 0, 50, [], []), 3) == ""
