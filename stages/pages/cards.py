"""A card's data: an image and what is said of it. The words are made here; the scripts only lay them out."""

from __future__ import annotations

from stages.contracts.vocabulary import Decision, Rule, Verdict
from stages.pages import groups, words
from stages.pages.facts import Facts, Item
from stages.pages.gallery import Place, Sheets

Card = dict
"""id, content, path, frame and its time in a video, place, tags, facts, text, why (it was removed), what a page adds.

`settled` is a decision that the verdicts follow already, `suggest` one that the page proposes.
"""


def card(item: Item, place: Place | None, **more: object) -> Card:
    """The facts that every card has; `more` is the page's own."""
    return {
        "id": item.item_id,
        "content": item.content_id,
        "path": item.path,
        "frame": item.frame,
        **({} if item.timestamp_s is None else {"time": words.clock(item.timestamp_s)}),
        "place": place,
        "tags": [verdict_tag(item)],
        "facts": [],
        "text": "",
        "why": item.detail if item.verdict == Verdict.REMOVE else "",
        **more,
    }


def neighbor(item: Item, small: Sheets, **more: object) -> dict:
    """A neighbour beside a card: what it is called, as a card is, and its small thumbnail."""
    return {
        "content": item.content_id,
        "path": item.path,
        "frame": item.frame,
        **({} if item.timestamp_s is None else {"time": words.clock(item.timestamp_s)}),
        "place": small.places.get(item.content_id),
        **more,
    }


def verdict_tag(item: Item) -> dict:
    """Whether it stays, in two or three words; the icon says it as well as the colour."""
    # Whose decision it was, the sentence beside it tells.
    if item.rule == Rule.DECISION:
        stays = item.verdict != Verdict.REMOVE
        return {"kind": "kept", "text": "Stays: decided"} if stays else {"kind": "removed", "text": "Removed: decided"}
    if item.verdict == Verdict.REMOVE:
        return {"kind": "removed", "text": f"Removed: {words.rule(item.rule).lower()}"}
    if item.rule:
        return {"kind": "flagged", "text": f"Stays, flagged: {words.rule(item.rule).lower()}"}
    return {"kind": "kept", "text": "Stays"}


def fact(name: str, value: str, link: str | None = None) -> list[str]:
    return [name, value, link] if link else [name, value]


def settled(item: Item, facts: Facts) -> dict:
    """What to add to the card of an item that somebody decided on."""
    return {"settled": facts.settled[item.item_id]} if item.item_id in facts.settled else {}


def suggest(decision: Decision, reason: str, label: str = "") -> dict:
    """What a page proposes for an image; a person accepts it, or does not."""
    return {"suggest": {"decision": str(decision), "label": label, "reason": reason}}


def open_first(rows: list, facts: Facts) -> list:
    """Of rows in their order as many as galleries show, those that wait for a decision before those that do not."""
    waiting = [row for row in rows if row.item_id not in facts.settled][: facts.gallery_limit]
    shown = {row.item_id for row in waiting}
    shown |= {row.item_id for row in [row for row in rows if row.item_id in facts.settled][: facts.gallery_limit]}
    return [row for row in rows if row.item_id in shown]


def label_and_split(item: Item) -> list[list[str]]:
    label = item.label
    if item.original_label and label != item.original_label:
        label = f"{label} (was {item.original_label})"
    return [fact(name, value) for name, value in (("Label", label), ("Split", item.split)) if value]


def cluster_fact(item: Item, facts: Facts) -> list[list[str]]:
    """`3 · dress`, and where it is shown."""
    if item.cluster is None:
        return []
    link = f"clusters.html#{groups.anchor(facts, item.cluster)}"
    return [fact("Cluster", groups.title(facts, item.cluster).removeprefix("Cluster "), link)]


def file_fact(item: Item) -> list[str]:
    """Numbers stay with their units where the line breaks."""
    told = f"{words.pixels(item.width, item.height)} {item.format or ''}".strip(), words.size(item.bytes)
    return fact("File", ", ".join(part.replace(" ", "\u00a0") for part in told))
