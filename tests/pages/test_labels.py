from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from stages.pages import labels
from stages.report import read_facts, run
from tests.pages import labelled
from tests.pages.dataset import HOSTILE_LABEL
from tests.pages.decode import Page, data, picture, shows
from tests.pages.labelled import BARE, MISLABELLED


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    root = labelled.make(tmp_path_factory.mktemp("labels"))
    facts = read_facts(root)
    files = dict(run(facts))
    return SimpleNamespace(facts=facts, files=files, shots={shot.path: shot for shot in labelled.shots()})


def test_labels_in_doubt_come_first_and_the_most_suspect_of_them(project: SimpleNamespace) -> None:
    found = data(project.files, "labels")
    assert {card["path"] for card in found["doubted"]} == {*MISLABELLED, BARE}
    for cards in (found["doubted"], found["next"]):
        scores = [card["score"] for card in cards]
        assert scores == sorted(scores)
    cards = found["doubted"] + found["next"]
    assert [card["rank"] for card in cards] == list(range(1, len(cards) + 1))
    assert len(found["doubted"]) == project.facts.metrics["label_issues"]


def test_a_card_tells_both_labels_and_proposes_the_other(project: SimpleNamespace) -> None:
    by_path = {card["path"]: card for card in data(project.files, "labels")["doubted"]}
    table = project.facts.labels.set_index("item_id")
    for path, (suggested, _) in MISLABELLED.items():
        card = by_path[path]
        told = {name: value for name, value, *_ in card["facts"]}
        assert told["Given"] == path.split("/")[1]
        assert told["Suggested"] == suggested
        assert told["Confidence in it"] == f"{table.loc[card['id'], 'label_score']:.2f}"
        assert card["text"] == table.loc[card["id"], "evidence"]
        assert card["suggest"]["decision"] == "relabel"
        assert card["suggest"]["label"] == suggested
    assert "suggest" not in by_path[BARE], "that no word fits is too little to drop it unseen"
    assert all("suggest" not in card for card in data(project.files, "labels")["next"])


@pytest.mark.parametrize("doubt", ["an outlier", "none of these"])
def test_no_click_gives_a_foreign_picture_a_class(project: SimpleNamespace, doubt: str) -> None:
    facts = project.facts
    foreign = [item.item_id for item in facts.items.values() if item.path in MISLABELLED]
    if doubt == "an outlier":
        strange = facts.outliers["is_outlier"] | facts.outliers["item_id"].isin(foreign)
        changed = replace(facts, outliers=facts.outliers.assign(is_outlier=strange))
    else:
        fits_none = facts.labels["fits_none"] | facts.labels["item_id"].isin(foreign)
        changed = replace(facts, labels=facts.labels.assign(fits_none=fits_none))
    cards = [card for card in data(dict(run(changed)), "labels")["doubted"] if card["id"] in foreign]
    assert len(cards) == len(MISLABELLED)
    assert all("suggest" not in card and card["suggested"] for card in cards)


def test_pictures_and_neighbours_are_the_right_ones_with_their_labels(project: SimpleNamespace) -> None:
    found = data(project.files, "labels")
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    nearest = project.facts.outliers.set_index("item_id")["nearest_ids"]
    for card in found["doubted"]:
        content = project.shots[card["path"]].content_id
        assert shows(picture(project.files, found["sheets"], card["place"]), content, pixels)
        assert [near["content"] for near in card["neighbors"]] == list(nearest[card["id"]])[:5]
        assert card["meter"] == pytest.approx(1 - card["score"]), "full for the most suspect"
        for near in card["neighbors"]:
            assert near["label"] == (project.shots[near["path"]].label or "")
            assert shows(picture(project.files, found["small"], near["place"]), near["content"], pixels)


def test_galleries_show_what_each_label_fits_best(project: SimpleNamespace) -> None:
    found = data(project.files, "labels")["seen"]
    table = project.facts.labels
    shown = table["zero_shot_label"].mask(table["fits_none"])
    counts = shown.value_counts()
    assert [each["label"] for each in found] == [
        *sorted(counts.index, key=lambda label: (-counts[label], label)),
        labels.NONE,
    ]
    confidence = table.set_index("item_id")["zero_shot_confidence"]
    fits = shown.set_axis(table["item_id"])
    for each in found:
        if each["label"] != labels.NONE:
            shares = [confidence[card["id"]] for card in each["cards"]]
            assert shares == sorted(shares, reverse=True)
        assert each["count"] == counts.get(each["label"], fits.isna().sum())
        for card in each["cards"]:
            assert (fits[card["id"]] == each["label"]) or (each["label"] == labels.NONE and fits.isna()[card["id"]])
        assert len(each["cards"]) == min(counts.get(each["label"], fits.isna().sum()), labels.MOST_PER_LABEL)


def test_where_hardly_any_label_fits_the_page_says_why(project: SimpleNamespace) -> None:
    none = replace(project.facts, labels=project.facts.labels.assign(fits_none=True))
    told = "For over half of the images no label fits"
    assert told in dict(run(none))["labels.html"]
    assert told not in project.files["labels.html"]


def test_the_confusion_has_every_judged_label_and_links_those_in_doubt(project: SimpleNamespace) -> None:
    html = project.files["labels.html"]
    table = labels.confused(project.facts)
    judged = project.facts.labels["suggested_label"].notna().sum()
    assert table.counts.sum() == judged
    assert table.doubted.sum() == len(MISLABELLED)
    assert html.count('class="pair"') == len(MISLABELLED)
    for path, (suggested, _) in MISLABELLED.items():
        assert f'data-given="{path.split("/")[1]}" data-suggested="{suggested}"' in html


def test_labels_that_try_to_break_the_page_do_not(project: SimpleNamespace) -> None:
    assert HOSTILE_LABEL not in project.files["labels.html"]
    assert HOSTILE_LABEL not in project.files["assets/data/labels.js"]
    assert HOSTILE_LABEL in Page(project.files["labels.html"]).text


def test_without_labels_the_page_says_how_to_have_some(tmp_path) -> None:
    shots = [shot for shot in labelled.shots() if shot.pixels is None]
    files = dict(run(read_facts(labelled.make(tmp_path, shots))))
    assert "There are no labels to judge" in files["labels.html"]
    assert data(files, "labels")["doubted"] == data(files, "labels")["seen"] == []


def test_the_same_files_twice(project: SimpleNamespace) -> None:
    again = dict(run(project.facts))
    assert {name for name in again if again[name] != project.files[name]} == set()


@pytest.mark.parametrize(("count", "shown"), [(0, 48), (1, 48), (100, 48), (200, 24), (1000, 6), (20_000, 6)])
def test_of_many_labels_fewer_images_each_are_shown(count: int, shown: int) -> None:
    assert labels.per_label(count) == shown
