from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from stages.contracts.identity import item_id
from stages.core.counts import leaking
from stages.pages import duplicates, index
from stages.pages.gallery import Album
from stages.report import read_facts
from tests.pages import dataset
from tests.pages.decode import Page, data, picture, shows


@pytest.fixture
def groups(project: SimpleNamespace) -> list[dict]:
    return data(project.files, "duplicates")["groups"]


def texts(card: dict) -> list[str]:
    return [tag["text"] for tag in card["tags"]]


def test_groups_are_those_of_the_table_with_the_keeper_first(project: SimpleNamespace, groups: list[dict]) -> None:
    table = project.facts.duplicates
    assert {frozenset(card["id"] for card in group["cards"]) for group in groups} == {
        frozenset(rows["item_id"]) for _, rows in table.groupby("group_id")
    }
    keepers = set(table.loc[table["keep"], "item_id"])
    for group in groups:
        assert [card["keeper"] for card in group["cards"]] == [card["id"] in keepers for card in group["cards"]]
        assert group["cards"][0]["keeper"]
        assert "Keeper" in texts(group["cards"][0])


def test_it_says_how_many_pairs_were_looked_at_where_not_all_were(project: SimpleNamespace) -> None:
    def told(**looked: int) -> str:
        facts = replace(project.facts, looked=dataset.LOOKED | looked)
        return dict(duplicates.build(facts, Album(facts.thumbnails, facts.sheet)))["duplicates.html"]

    found = told(proposed=123_456, looked_at=45_678)
    assert "Looked at the likeliest 45,678 of 123,456 candidate pairs. After 3,000 in a row without a copy" in found
    assert "candidate pairs" not in told()


def test_leaks_come_first_then_label_conflicts(groups: list[dict]) -> None:
    assert [(group["leak"], group["conflict"]) for group in groups] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]


def test_marks_on_cards_add_up_to_the_metrics(project: SimpleNamespace, groups: list[dict]) -> None:
    cards = [card for group in groups for card in group["cards"]]
    metrics = project.facts.metrics
    assert sum("Leaks into a protected split" in texts(card) for card in cards) == metrics["leaks"] == 1
    assert sum("Labels differ" in texts(card) for card in cards) == metrics["label_conflicts"] == 2
    assert len(groups) == metrics["duplicate_groups"]
    numbers = Page(project.files["duplicates.html"]).numbers
    assert numbers == {
        name: [metrics[name]]
        for name in ("duplicate_groups", "leaks", "label_conflicts", "exact_duplicate_images", "near_duplicate_images")
    }


def test_differences_are_told_in_words(groups: list[dict]) -> None:
    told = {card["path"]: card["differences"] for group in groups for card in group["cards"]}
    assert told["train/cat/same bytes.jpg"] == ["The same bytes"]
    assert told["train/astronaut/mirrored.jpg"][0] == "Mirrored"
    assert told["train/astronaut/mirrored.jpg"][-1] == "Split train, keeper test"
    assert told["train/coffee/smaller.png"][:3] == [
        "Resized",
        "Size 48 × 48, keeper 96 × 96",
        "Format PNG, keeper JPEG",
    ]
    assert "Label coffee, keeper cat" in told["train/coffee/really a cat.jpg"]
    assert told["train/cat/02.jpg"] == []


def test_a_removed_copy_tells_why_and_the_numbers_of_its_pair(project: SimpleNamespace, groups: list[dict]) -> None:
    verdicts = project.facts.verdicts.set_index("item_id")
    evidence = project.facts.duplicates.set_index("item_id")["evidence"]
    pairs = {frozenset((row.item_a, row.item_b)): row for row in project.facts.pairs.itertuples()}
    removed = 0
    for group in groups:
        for card in group["cards"]:
            facts = dict(fact[:2] for fact in card["facts"])
            pair = pairs.get(frozenset((card["id"], group["cards"][0]["id"])))
            assert ("Cosine" in facts) == (pair is not None and pair.kind == "near")
            if "Cosine" in facts:
                assert facts["Cosine"] == f"{pair.cosine:.2f}"
                assert facts["Hashes apart"].startswith(f"{pair.phash_distance}\u00a0of")
            if verdicts.loc[card["id"], "verdict"] == "remove":
                removed += 1
                assert (card["why"], card["text"]) == (verdicts.loc[card["id"], "detail"], "")
                assert group["cards"][0]["path"] in card["why"]
            else:
                assert (card["why"], card["text"]) == ("", evidence[card["id"]])
    assert removed == 3


def test_the_threshold_is_told_with_what_hangs_on_it(project: SimpleNamespace) -> None:
    text = Page(project.files["duplicates.html"]).text
    assert "At least 60 % of what they show has to agree" in text
    assert "Moving duplicates.threshold by 10\u00a0% changes 7 images (5 more, 2 fewer)." in text
    assert "Moving duplicates.threshold_pixels by 10\u00a0% changes 1 image (0 more, 1 fewer)." in text


def test_copies_in_two_protected_splits_are_marked_and_counted(tmp_path) -> None:
    shots = dataset.clean()
    copied = replace(shots[1], path="val/astronaut/copy.png", pixels=shots[0].pixels[::2, ::2], split="val")
    facts = read_facts(dataset.make(tmp_path, [*shots, replace(copied, copy_of=shots[0].path)]))
    assert facts.metrics["leaks_between_protected"] == 2
    files = dict(duplicates.build(facts, Album(facts.thumbnails, facts.sheet)))
    assert Page(files["duplicates.html"]).numbers["leaks_between_protected"] == [2]
    cards = [card for group in data(files, "duplicates")["groups"] for card in group["cards"]]
    assert ["In two protected splits" in texts(card) for card in cards] == [True, True]
    problems = dict(index.build(facts, Album(facts.thumbnails, facts.sheet)))["index.html"]
    assert "Leaks between protected splits" in Page(problems).text


def test_pictures_are_the_right_ones(project: SimpleNamespace, groups: list[dict]) -> None:
    sheets = data(project.files, "duplicates")["sheets"]
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    for group in groups:
        for card in group["cards"]:
            assert shows(picture(project.files, sheets, card["place"]), project.shots[card["path"]].content_id, pixels)


def test_a_leak_between_two_groups_is_shown_as_a_pair(project: SimpleNamespace) -> None:
    a, b = sorted([item_id("train/cat/02.jpg"), item_id("test/astronaut/00.jpg")])
    row = project.facts.pairs.iloc[:1].assign(item_a=a, item_b=b, leak=True, label_conflict=False, agreement=0.5)
    facts = project.facts.__class__(**{**vars_of(project.facts), "pairs": pd.concat([project.facts.pairs, row])})
    across = [group for group in duplicates.groups(facts) if group.across]
    assert [{member.item.item_id for member in group.members} for group in across] == [{a, b}]
    assert item_id("train/cat/02.jpg") in leaking(facts.images, facts.pairs, facts.protect)


def vars_of(facts: object) -> dict:
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__}


def test_without_duplicates_the_page_says_what_was_looked_for(spotless: SimpleNamespace) -> None:
    page = Page(spotless.files["duplicates.html"])
    assert "No duplicates found" in page.text
    assert "mirrored" in page.text
    assert data(spotless.files, "duplicates") == {"sheets": [], "groups": []}
