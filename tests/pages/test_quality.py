from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from stages.contracts.vocabulary import QualityIssue
from stages.pages import quality, words
from stages.pages.gallery import Album
from tests.pages.decode import Page, data, picture, shows


@pytest.mark.parametrize("issue", list(QualityIssue))
def test_cards_are_the_flagged_images_worst_first(project: SimpleNamespace, issue: QualityIssue) -> None:
    cards = data(project.files, "quality")[quality.anchor(issue)]["cards"]
    table = project.facts.quality.set_index("item_id")
    assert {card["id"] for card in cards} == set(table.index[table[f"is_{issue}"]])
    assert len(cards) == project.facts.metrics["quality_issues"][issue]
    assert [card["score"] for card in cards] == sorted(card["score"] for card in cards)
    for card in cards:
        assert abs(card["score"] - table.loc[card["id"], f"{issue}_score"]) < 1e-5
        assert f"score {card['score']:.2f}, threshold 0.2." in card["text"]


def test_pictures_are_the_right_ones(project: SimpleNamespace) -> None:
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    seen = 0
    for found in data(project.files, "quality").values():
        for card in found["cards"]:
            seen += 1
            assert shows(
                picture(project.files, found["sheets"], card["place"]), project.shots[card["path"]].content_id, pixels
            )
    assert seen >= 3


def test_the_page_counts_as_the_metrics_do(project: SimpleNamespace) -> None:
    numbers = Page(project.files["quality.html"]).numbers
    for issue, count in project.facts.metrics["quality_issues"].items():
        assert numbers[f"quality_issues.{issue}"] == [count]
    assert numbers["unreadable"] == [sum(project.facts.metrics["unreadable"].values())] == [2]


def test_unreadable_files_are_listed_with_their_reasons(project: SimpleNamespace) -> None:
    text = Page(project.files["quality.html"]).text
    for path in ("train/cat/broken.jpg", "train/cat/zero.jpg"):
        assert path in text
        assert f"what <b>{path}</b> holds is no image" in text
    assert "Broken" in text
    assert "Empty file" in text


def test_each_threshold_is_drawn_and_told(project: SimpleNamespace) -> None:
    html = project.files["quality.html"]
    assert html.count('class="threshold"') == len(QualityIssue)
    assert html.count('<div class="threshold" style="left:20.0%"') == len(QualityIssue)
    assert Page(html).text.count("threshold 0.2") == len(QualityIssue)


def test_beside_each_threshold_stands_what_hangs_on_it_and_how_much_it_finds(project: SimpleNamespace) -> None:
    text = Page(project.files["quality.html"]).text
    moved = project.facts.metrics["sensitivity"]["measure"]
    for issue in QualityIssue:
        assert words.moving(moved[issue]) in text
    table = project.facts.quality
    scores = table["dark_score"].to_numpy()
    assert moved["dark"] == {
        "looser": int(((scores >= 0.2) & (scores < 0.22)).sum()),
        "stricter": int(((scores >= 0.18) & (scores < 0.2)).sum()),
    }
    measured = {one.issue: one for one in project.facts.calibration.quality}
    assert f"Of such images planted in your data, {words.figure(measured['dark'].recall)} are flagged" in text
    assert text.count("Of such images planted in your data") == len(measured)


def test_what_was_not_found_is_told_with_what_was_looked_for(spotless: SimpleNamespace) -> None:
    text = Page(spotless.files["quality.html"]).text
    assert text.count("None found") == len(QualityIssue)
    assert "The lowest score is" in text
    assert "Every file could be read" in text


def test_a_check_that_is_switched_off_says_so(project: SimpleNamespace) -> None:
    facts = project.facts
    fields = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    off = type(facts)(**{**fields, "thresholds": {**facts.thresholds, "blurry": None}})
    html = dict(quality.build(off, Album(facts.thumbnails, facts.sheet)))["quality.html"]
    assert "measure.blurry is null" in html
    assert html.count('class="threshold"') == len(QualityIssue) - 1


def test_dropping_is_proposed_for_defects_and_not_for_being_grey(project: SimpleNamespace) -> None:
    facts = project.facts
    grey = replace(facts, quality=facts.quality.assign(is_grayscale=True))
    found = data(dict(quality.build(grey, Album(facts.thumbnails, facts.sheet))), "quality")
    assert len(found["grayscale"]["cards"]) == len(facts.quality)
    assert not any("suggest" in card for card in found["grayscale"]["cards"])
    assert {card["suggest"]["decision"] for card in found["dark"]["cards"]} == {"drop"}
