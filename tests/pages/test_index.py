from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from stages.contracts.vocabulary import Rule
from stages.report import run
from tests.pages.dataset import HOSTILE_LABEL
from tests.pages.decode import Page, data, picture, shows


def nested(metrics: dict, key: str) -> int:
    if key == "removed":
        return sum(metrics["removed"].values())
    for part in key.split("."):
        metrics = metrics[part]
    return metrics


def test_every_marked_number_is_the_one_of_the_metrics(project: SimpleNamespace) -> None:
    found = Page(project.files["index.html"]).numbers
    metrics = project.facts.metrics
    for key, values in found.items():
        assert set(values) == {nested(metrics, key)}, key
    assert {"images", "readable", "kept", "removed"} <= set(found)
    for kind in ("removed", "flagged"):
        nonzero = {f"{kind}.{rule}" for rule, count in metrics[kind].items() if count}
        assert nonzero == {key for key in found if key.startswith(f"{kind}.")}


def test_every_number_links_to_a_place_that_is_there(project: SimpleNamespace) -> None:
    pages = {name: Page(html) for name, html in project.files.items() if name.endswith(".html")}
    filters = {"all", "leaks", "conflicts", "exact", "near", "flagged", "next"}
    clusters = {group.get("anchor") for mode in data(project.files, "clusters")["modes"] for group in mode["groups"]}
    for name, page in pages.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            assert (target or name) in pages, link
            assert not anchor or anchor in {*pages[target or name].ids, *filters, *clusters}, link


def test_the_cards_of_decisions_are_the_decided_items(project: SimpleNamespace) -> None:
    found = data(project.files, "index")
    assert [card["path"] for card in found["decisions"]] == ["train/cat/stray noise.jpg"]
    card = found["decisions"][0]
    assert card["text"] == "kept: <b>art</b>"
    pixels = {shot.content_id: shot.pixels for shot in project.shots.values() if shot.pixels is not None}
    shot = project.shots[card["path"]]
    assert shows(picture(project.files, found["sheets"], card["place"]), shot.content_id, pixels)


def test_rows_of_decisions_that_disagree_or_reach_nothing_are_told(project: SimpleNamespace) -> None:
    def told(**counted: int) -> str:
        metrics = {**project.facts.metrics, "decisions": {**project.facts.metrics["decisions"], **counted}}
        return " ".join(Page(dict(run(replace(project.facts, metrics=metrics)))["index.html"]).text.split())

    text = told(disputed=2, ambiguous=1, unmatched=3)
    assert "Its rows disagree about 2 images, where the newest holds. 4 rows reach no image; winnow decide" in text
    assert "disagree" not in told()


def test_classes_are_told_with_what_stays_and_goes(project: SimpleNamespace) -> None:
    page = Page(project.files["index.html"])
    assert HOSTILE_LABEL in page.text
    assert page.tags.count("script") == 4, "the page's own scripts, and none that a label brings"


def test_the_encoder_is_told(project: SimpleNamespace, spotless: SimpleNamespace) -> None:
    text = Page(project.files["index.html"]).text
    for fact in (project.facts.encoder.model, project.facts.encoder.why, project.facts.encoder.licence, "1,280"):
        assert fact in text
    assert spotless.facts.encoder.model in Page(spotless.files["index.html"]).text


def test_labels_in_doubt_are_among_what_is_wrong(project: SimpleNamespace) -> None:
    metrics = {**project.facts.metrics, "label_issues": 7}
    html = dict(run(replace(project.facts, metrics=metrics)))["index.html"]
    (row,) = [line for line in html.splitlines() if 'href="labels.html"><span class="value">' in line]
    assert '<span class="value">7</span><span class="name">Labels in doubt</span>' in row
    assert "images whose label the other pictures contradict" in row


def test_outliers_that_were_not_judged_are_not_said_to_be_none(spotless: SimpleNamespace) -> None:
    few = replace(spotless.facts, null={**spotless.facts.null, "fitted": False, "n": 36, "fewest": 50})
    text = " ".join(Page(dict(run(few))["index.html"]).text.split())
    assert "Not judged: outliers. At least 50 distinct images without a defect are needed" in text
    assert "outliers" not in text.split("Looked for and not found:")[1].split(".")[0]


def test_where_nothing_is_wrong_the_page_says_so(spotless: SimpleNamespace) -> None:
    text = Page(spotless.files["index.html"]).text
    assert "Nothing is wrong" in text
    assert "Nothing was removed" in text
    assert "36 images: all of them stay" in text
    assert "Your decisions" not in text
    assert not [rule for rule in Rule if f"removed.{rule}" in Page(spotless.files["index.html"]).numbers]
