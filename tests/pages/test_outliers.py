from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from stages.core import null_model
from stages.pages import outliers, words
from stages.pages.gallery import Album
from stages.report import read_facts
from tests.pages import dataset
from tests.pages.decode import Page, data, picture, shows


def test_cards_are_the_table_ranked(project: SimpleNamespace) -> None:
    found = data(project.files, "outliers")
    table = project.facts.outliers.set_index("item_id")
    flagged, others = found["flagged"], found["next"]
    assert {card["id"] for card in flagged} == set(table.index[table["is_outlier"]])
    assert {card["id"] for card in flagged + others} == set(table.index)
    assert [card["rank"] for card in flagged + others] == list(range(1, len(table) + 1))
    for cards in (flagged, others):
        scores = [card["score"] for card in cards]
        assert scores == sorted(scores, reverse=True)


def test_a_card_tells_what_the_tables_say_of_its_image(project: SimpleNamespace) -> None:
    table = project.facts.outliers.set_index("item_id")
    clusters = project.facts.clusters.set_index("item_id")["cluster"]
    for card in data(project.files, "outliers")["flagged"]:
        row = table.loc[card["id"]]
        told = {name: value for name, value, *_ in card["facts"]}
        assert abs(card["score"] - row["outlier_score"]) < 1e-5
        assert told["Score"] == f"{row['outlier_score']:.2f}"
        assert told["q-value"] == words.q_value(float(row["q_value"]))
        assert told["Cluster"] == words.cluster(int(clusters[card["id"]])).removeprefix("Cluster ")
        assert card["text"] == row["evidence"]
        assert [near["content"] for near in card["neighbors"]] == list(row["nearest_ids"])[:5]


def test_pictures_and_neighbours_are_the_right_ones(project: SimpleNamespace) -> None:
    found = data(project.files, "outliers")
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    for card in found["flagged"] + found["next"][:10]:
        assert shows(
            picture(project.files, found["sheets"], card["place"]), project.shots[card["path"]].content_id, pixels
        )
        for near in card["neighbors"]:
            assert shows(picture(project.files, found["small"], near["place"]), near["content"], pixels)


def test_the_first_cards_are_on_the_first_sheet(project: SimpleNamespace) -> None:
    found = data(project.files, "outliers")
    cards = found["flagged"] + found["next"]
    assert [card["place"][0] for card in cards[:24]] == [0] * 24


def test_the_page_counts_as_the_metrics_do(project: SimpleNamespace) -> None:
    assert Page(project.files["outliers.html"]).numbers == {"outliers": [project.facts.metrics["outliers"]]}
    assert len(data(project.files, "outliers")["flagged"]) == project.facts.metrics["outliers"]


def test_without_outliers_the_page_says_what_was_looked_for(spotless: SimpleNamespace) -> None:
    assert data(spotless.files, "outliers")["flagged"] == []
    assert "No outliers found" in Page(spotless.files["outliers.html"]).text


def test_distances_come_back_out_of_the_scores() -> None:
    distances = np.array([-0.1, 0.02, 0.1, 0.15, 0.3, 0.9])
    fitted = null_model.fit(distances)
    found = outliers.distances_of(fitted.scores(distances).astype(np.float32).astype(float), fitted)
    np.testing.assert_allclose(found, distances, atol=2e-3)


def test_the_chart_has_every_distinct_image_and_parts_the_flagged(project: SimpleNamespace) -> None:
    facts = project.facts
    found = outliers.chart(facts)
    contents = {facts.items[item].content_id for item in facts.outliers["item_id"]}
    assert sum(bar.count for bar in found.bars) == len(contents)
    assert sum(bar.count for bar in found.bars if bar.flagged) == facts.metrics["outliers"]
    assert found.curve
    assert "threshold" in Page(project.files["outliers.html"]).text


def test_where_nothing_is_flagged_the_line_is_where_the_first_would_have_been(spotless: SimpleNamespace) -> None:
    found = outliers.chart(spotless.facts)
    assert not any(bar.flagged and bar.count for bar in found.bars)
    null = spotless.facts.null
    fitted = null_model.Null(**{name.name: null[name.name] for name in fields(null_model.Null)})
    assert fitted.p_values(np.array([found.threshold]))[0] == pytest.approx(null["rate"] / null["n"], rel=0.05)


def test_a_flag_tells_in_how_many_draws_it_holds_and_is_marked_where_in_few(project: SimpleNamespace) -> None:
    facts = project.facts
    table = facts.outliers.copy()
    flagged = table.index[table["is_outlier"]]
    table["stability"] = table["stability"].astype(float)
    table.loc[flagged[:2], "stability"] = [0.95, 0.6]
    metrics = {**facts.metrics, "outliers_unstable": 1}
    changed = type(facts)(**{**vars_of(facts), "outliers": table, "metrics": metrics})
    files = dict(outliers.build(changed, Album(facts.thumbnails, facts.sheet)))
    for card in data(files, "outliers")["flagged"]:
        share = table.set_index("item_id").loc[card["id"], "stability"]
        told = {name: value for name, value, *_ in card["facts"]}
        assert told.get("Flagged in") == (None if np.isnan(share) else f"{round(20 * share)} of 20 resamples")
        assert ("unstable" in [tag["kind"] for tag in card["tags"]]) == (share == 0.6)
    told = f"1 of the {facts.metrics['outliers']} flagged is flagged in fewer than 75\u00a0% of these"
    assert told in Page(files["outliers.html"]).text


def vars_of(facts: object) -> dict:
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__}


def test_too_few_images_are_ranked_and_told_so(tmp_path: Path) -> None:
    facts = read_facts(dataset.make(tmp_path, dataset.clean(4)))
    assert outliers.chart(facts).threshold is None
    files = dict(outliers.build(facts, Album(facts.thumbnails, facts.sheet)))
    text = Page(files["outliers.html"]).text
    assert "Too few images to flag any" in text
    assert "With 12 distinct images no image is flagged" in text
