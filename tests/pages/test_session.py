"""What the pages are told of decisions: the session, and what each card asks, proposes and follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from stages import report
from stages.contracts import tables
from stages.contracts.decisions import COLUMNS
from stages.contracts.identity import item_id
from stages.contracts.schemas.images import IMAGES
from stages.pages import cards, duplicates
from stages.pages.session import build
from stages.pages.skeleton import PAGES
from tests.frames import decisions
from tests.pages.conftest import DECIDED
from tests.pages.dataset import HOSTILE_LABEL, shots
from tests.pages.decode import data

KEPT = DECIDED[0]["path"]


def with_decisions(project: SimpleNamespace, *rows: dict, **more: object) -> object:
    return replace(project.facts, decisions=decisions(*({"content_id": "", **row} for row in rows)), **more)


def test_every_page_is_told_what_was_decided_and_which_labels_there_are(project: SimpleNamespace) -> None:
    session = data(project.files, "session")
    assert session["columns"] == COLUMNS
    assert [row[2] for row in session["decided"]] == [KEPT]
    assert HOSTILE_LABEL in session["labels"]
    for name, _ in PAGES:
        assert project.files[f"{name}.html"].count('src="assets/data/session.js"') == 1


def test_a_data_set_is_known_by_how_it_is_read_and_not_by_what_is_in_it(
    project: SimpleNamespace, tmp_path: Path
) -> None:
    for rows in (project.facts.images, project.facts.images[:3]):
        tables.write(IMAGES, rows, tmp_path, {"params": "of the section data"})
        assert report._dataset(tmp_path) == "of the section data"


def test_flagged_images_are_proposed_to_go_and_settled_ones_say_so(project: SimpleNamespace) -> None:
    found = data(project.files, "outliers")
    assert {card["suggest"]["decision"] for card in found["flagged"]} == {"drop"}
    assert not [card for card in found["next"] if "suggest" in card]
    settled = {card["path"]: card["settled"] for card in found["flagged"] + found["next"] if "settled" in card}
    assert settled == {KEPT: {"decision": "keep", "label": "", "reviewer": ""}}
    assert all(
        card["content"] == shot.content_id for card in found["flagged"] for shot in shots() if shot.path == card["path"]
    )


def test_what_waits_for_a_word_is_shown_before_what_has_one(project: SimpleNamespace) -> None:
    ids = [item_id(path) for path in ("a", "b", "c", "d")]
    rows = [SimpleNamespace(item_id=one) for one in ids]
    facts = SimpleNamespace(settled={one: {} for one in ids[:2]}, gallery_limit=1)
    assert [row.item_id for row in cards.open_first(rows, facts)] == [ids[0], ids[2]]


def test_copies_that_a_rule_removes_ask_nothing_and_conflicts_ask_without_a_proposal(project: SimpleNamespace) -> None:
    found = {card["path"]: card for group in data(project.files, "duplicates")["groups"] for card in group["cards"]}
    asking = {path for path, card in found.items() if card["asks"]}
    assert asking == {"train/cat/05.jpg", "train/coffee/really a cat.jpg"}, "one picture, two labels"
    assert not [path for path in asking if "suggest" in found[path]]


def test_a_copy_that_stays_is_proposed_to_go_and_asks_no_more_once_decided(project: SimpleNamespace) -> None:
    path = "train/cat/same bytes.jpg"
    flagged = project.facts.verdicts.copy()
    own = flagged["item_id"] == item_id(path)
    flagged.loc[own, "verdict"] = "keep"
    facts = with_decisions(project, verdicts=flagged)
    (group,) = [one for one in duplicates.groups(facts) if any(m.item.path == path for m in one.members)]
    (member,) = [one for one in group.members if one.item.path == path]
    assert duplicates.asks(member, facts)
    assert duplicates._suggested(member, facts)["suggest"]["decision"] == "drop"
    assert not duplicates._is_settled(group, facts)
    decided = with_decisions(project, {"path": path, "decision": "keep"}, verdicts=flagged)
    assert duplicates._is_settled(group, decided)


def test_a_relabelled_image_shows_both_labels(project: SimpleNamespace) -> None:
    item = next(iter(project.facts.items.values()))._replace(label="cap", original_label="hat", split=None)
    assert cards.label_and_split(item) == [["Label", "cap (was hat)"]]
    assert cards.label_and_split(item._replace(original_label=None)) == [["Label", "cap"]]


def test_pages_are_told_one_row_an_item_as_export_obeys_it_and_what_reaches_none_apart(
    project: SimpleNamespace,
) -> None:
    rows = [
        {"path": "train/cat/05.jpg", "decision": "keep", "decided_at": "2026-01-02"},
        {"path": "./train/cat/05.jpg", "decision": "drop", "decided_at": "2026-01-03"},
        {"path": "gone.jpg", "decision": "drop"},
    ]
    facts = with_decisions(project, *rows)
    ((_, text),) = build(facts)
    found = data({"assets/data/session.js": text}, "session")
    (own,) = [dict(zip(COLUMNS, cells, strict=True)) for cells in found["decided"]]
    image = facts.images.set_index("path").loc["train/cat/05.jpg"]
    assert (own["decision"], own["content_id"]) == ("drop", image["content_id"])
    assert (own["item_id"], own["path"]) == (image["item_id"], "train/cat/05.jpg")
    assert [cells[2] for cells in found["unmatched"]] == ["gone.jpg"]
