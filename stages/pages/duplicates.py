"""Duplicates: groups side by side, leaks and label conflicts first, the keeper marked, differences in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stages.contracts.vocabulary import Decision, DuplicateKind, Rule, Verdict
from stages.core import evidence
from stages.core.counts import leaking, leaking_between
from stages.core.numerals import plural
from stages.pages import cards, words
from stages.pages.facts import Facts, Item
from stages.pages.gallery import Album, Sheets, repack
from stages.pages.skeleton import render, script

MEMBERS_SHOWN = 24
"""Of a larger group the keeper and the first others are shown, and the rest are counted."""


@dataclass(frozen=True)
class Member:
    """One copy, as the table has it; `kind` is None for the keeper."""

    item: Item
    kind: str | None
    keep: bool
    leak: bool
    label_conflict: bool
    evidence: str


@dataclass(frozen=True)
class Group:
    """Copies of one picture, the keeper first; or (`across`) a pair that links two groups and has no keeper."""

    members: list[Member]
    reason: str
    similarity: float
    across: bool = False

    @property
    def leak(self) -> bool:
        return any(member.leak for member in self.members)

    @property
    def conflict(self) -> bool:
        return any(member.label_conflict for member in self.members)

    @property
    def kinds(self) -> list[str]:
        return [str(kind) for kind in DuplicateKind if any(member.kind == kind for member in self.members)]


@dataclass(frozen=True)
class Beside:
    """What cards take from beside the group: thumbnails, how two are copies, which images leak, what was decided.

    pairs : rows of `pairs` by the two items.
    leaks, between : items that leak into a protected split, and those that lie in two of them.
    """

    facts: Facts
    sheets: Sheets
    pairs: dict[frozenset, tuple]
    leaks: set[str]
    between: set[str]


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    found = groups(facts)
    shown = [group for group in found if not _is_settled(group, facts)][: facts.gallery_limit]
    shown += [group for group in found if _is_settled(group, facts)][: facts.gallery_limit]
    contents = [member.item.content_id for group in shown for member in group.members[:MEMBERS_SHOWN]]
    sheets, files = repack(album, contents, "duplicates")
    leaks = [find(facts.images, facts.pairs, facts.protect) for find in (leaking, leaking_between)]
    beside = Beside(facts, sheets, _pairs(facts), *leaks)
    told = [_group(group, beside) for group in shown]
    yield "assets/data/duplicates.js", script("duplicates", {"sheets": sheets.files, "groups": told})
    yield from ((f"assets/{name}", content) for name, content in files)
    yield (
        "duplicates.html",
        render(
            "duplicates",
            facts,
            shown=len(shown),
            cut=len(found) - len(shown),
            protected=words.listed(facts.protected),
            calibration=facts.calibration.duplicates,
        ),
    )


def _is_settled(group: Group, facts: Facts) -> bool:
    """Whether somebody decided on it, and nothing else in it asks for a word."""
    asking = [member.item.item_id for member in group.members if asks(member, facts)]
    return bool(asking) and all(item in facts.settled for item in asking)


def groups(facts: Facts) -> list[Group]:
    """All groups, and pairs across groups that leak or conflict; the gravest first, then the largest."""
    rows_of: dict[str, list] = {}
    for row in facts.duplicates.sort_values("group_id", kind="stable").itertuples(index=False):
        rows_of.setdefault(row.group_id, []).append(row)
    found = [_from_rows(facts, rows) for rows in rows_of.values()] + _across(facts)
    return sorted(found, key=lambda g: (not g.leak, not g.conflict, g.across, -len(g.members), g.members[0].item.path))


def _from_rows(facts: Facts, rows: list) -> Group:
    members = [
        Member(
            facts.items[row.item_id],
            row.kind if isinstance(row.kind, str) else None,
            row.keep,
            row.leak,
            row.label_conflict,
            row.evidence,
        )
        for row in rows
    ]
    members.sort(key=lambda member: (not member.keep, member.item.path))
    return Group(members, rows[0].reason, float(rows[0].min_similarity))


def _across(facts: Facts) -> list[Group]:
    """Leaking or conflicting pairs whose images are in different groups: groups do not show them together."""
    group_of = dict(zip(facts.duplicates["item_id"], facts.duplicates["group_id"], strict=True))
    found = []
    for pair in facts.pairs[facts.pairs["leak"] | facts.pairs["label_conflict"]].itertuples(index=False):
        ends = [group_of.get(item, item) for item in (pair.item_a, pair.item_b)]
        if ends[0] == ends[1]:
            continue
        told = f"{evidence.percent(pair.agreement)} of the content is the same."
        members = [
            Member(facts.items[item], pair.kind, False, pair.leak, pair.label_conflict, told)
            for item in (pair.item_a, pair.item_b)
        ]
        members.sort(key=lambda member: member.item.path)
        found.append(Group(members, "", float(pair.agreement), across=True))
    return found


def _pairs(facts: Facts) -> dict[frozenset, tuple]:
    return {frozenset((row.item_a, row.item_b)): row for row in facts.pairs.itertuples(index=False)}


def _group(group: Group, beside: Beside) -> dict:
    title = f"{plural(len(group.members), 'copy', 'copies')} of one picture"
    return {
        "title": "A pair across two groups" if group.across else title,
        "leak": group.leak,
        "conflict": group.conflict,
        "kinds": group.kinds,
        "across": group.across,
        "similarity": round(group.similarity, 6),
        "reason": group.reason,
        "more": max(0, len(group.members) - MEMBERS_SHOWN),
        "cards": [_card(member, group.members[0].item, beside) for member in group.members[:MEMBERS_SHOWN]],
    }


def _card(member: Member, reference: Item, beside: Beside) -> cards.Card:
    item = member.item
    told = cards.card(item, beside.sheets.places.get(item.content_id), keeper=member.keep)
    told |= cards.settled(item, beside.facts) | _suggested(member, beside.facts)
    told["asks"] = asks(member, beside.facts)
    # Why it was removed says all of the evidence but the numbers behind it.
    told["text"] = "" if told["why"] else member.evidence
    told["tags"] = _tags(member, beside)
    pair = beside.pairs.get(frozenset((item.item_id, reference.item_id)))
    told["facts"] = [cards.file_fact(item), *cards.label_and_split(item), *_numbers(pair)]
    told["differences"] = [] if item is reference else differences(item, reference, pair.transform if pair else "")
    return told


def asks(member: Member, facts: Facts) -> bool:
    """Whether a person has to say what becomes of it: rules remove copies, but not where labels differ.

    Nor do they in protected splits. What was decided asked once.
    """
    stays = member.item.verdict == Verdict.KEEP
    return member.item.item_id in facts.settled or (stays and (member.label_conflict or not member.keep))


def _suggested(member: Member, facts: Facts) -> dict:
    """A copy that no rule removes may go. Which of two labels is right, and what is to be tested, a person knows."""
    is_open = asks(member, facts) and not member.label_conflict and member.item.split not in facts.protect
    is_copy = member.item.rule in (Rule.EXACT_DUPLICATE, Rule.NEAR_DUPLICATE, Rule.LEAK)
    return cards.suggest(Decision.DROP, "copy of an image that stays") if is_open and is_copy else {}


def _numbers(pair: tuple | None) -> list[list[str]]:
    """How near two near copies are, to the encoder and to the perceptual hash."""
    if pair is None or pair.kind == DuplicateKind.EXACT:
        return []
    return [
        cards.fact("Cosine", f"{pair.cosine:.2f}"),
        cards.fact("Hashes apart", f"{pair.phash_distance} of 256 bits".replace(" ", "\u00a0")),
    ]


def _tags(member: Member, beside: Beside) -> list[dict]:
    tags = [{"kind": "keeper", "text": "Keeper"}] if member.keep else []
    tags.append(cards.verdict_tag(member.item))
    if member.item.item_id in beside.leaks:
        tags.append({"kind": "leak", "text": "Leaks into a protected split"})
    if member.item.item_id in beside.between:
        tags.append({"kind": "leak", "text": "In two protected splits"})
    if member.label_conflict:
        tags.append({"kind": "conflict", "text": "Labels differ"})
    return tags


def differences(item: Item, keeper: Item, transform: str) -> list[str]:
    """How a copy differs from its keeper, in words; the picture first, then the file, then where it lies."""
    same = item.content_id == keeper.content_id
    found = ["The same bytes"] if same else [transform[0].upper() + transform[1:]] if transform else []
    return found + [
        f"{name} {ours}, keeper {theirs}"
        for name, ours, theirs in _contrasts(item, keeper)
        if ours != theirs and f"{theirs} to {ours}" not in transform
    ]


def _contrasts(item: Item, keeper: Item) -> list[tuple[str, str, str]]:
    return [
        ("Size", words.pixels(item.width, item.height), words.pixels(keeper.width, keeper.height)),
        ("Format", item.format or "unknown", keeper.format or "unknown"),
        ("File", words.size(item.bytes), words.size(keeper.bytes)),
        ("Label", item.label or "none", keeper.label or "none"),
        ("Split", item.split or "none", keeper.split or "none"),
    ]
