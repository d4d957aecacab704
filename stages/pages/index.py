"""The overview: what is in the data, what is wrong with it, what was removed and why, and which encoder."""

from __future__ import annotations

from collections.abc import Iterator

from stages.contracts.vocabulary import NOISE, QualityIssue, Rule
from stages.core.counts import per_cluster, per_label
from stages.core.numerals import plural
from stages.pages import calibration, cards, groups, words
from stages.pages.colouring import found_again
from stages.pages.facts import Facts, Item
from stages.pages.gallery import Album, Sheets, repack
from stages.pages.groups import members_of_clusters, mostly
from stages.pages.skeleton import render, script

CLUSTERS_SHOWN = 12
MOSAIC = 4
MOSAIC_SIDE = 192
LABELS_SHOWN = 30


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    mosaics, told = _mosaics(facts), mostly(facts)
    decided = [item for item in facts.items.values() if item.rule == Rule.DECISION]
    shown = decided[: facts.gallery_limit]
    tiles, tile_files = repack(album, [m.content_id for _, ms in mosaics for m in ms], "index", MOSAIC_SIDE, (6, 6))
    sheets, files = repack(album, [item.content_id for item in shown], "decisions")
    yield "assets/data/index.js", script("index", _data(facts, shown, sheets))
    yield from ((f"assets/{name}", content) for name, content in tile_files)
    yield from ((f"assets/{name}", content) for name, content in files)
    problems = _problems(facts)
    unjudged = None if facts.null["fitted"] else "Outliers"
    yield (
        "index.html",
        render(
            "index",
            facts,
            lede=_lede(facts),
            found=[row for row in problems if row["count"]],
            not_found=[row["title"] for row in problems if not row["count"] and row["title"] != unjudged],
            unjudged=unjudged,
            rules=_rules(facts),
            shares=_shares(facts),
            mosaics=[_mosaic(facts, cluster, members, tiles, told[cluster]) for cluster, members in mosaics],
            sheets=tiles.files,
            labels=_labels(facts),
            sure=_sure(facts),
            decided=len(decided),
        ),
    )


def _lede(facts: Facts) -> str:
    """The whole story in one sentence."""
    metrics, removed = facts.metrics, facts.removed
    if not metrics["images"]:
        return "There are no images in the source."
    stay = "all of them stay" if not removed else f"{words.number(metrics['kept'])} stay and {words.number(removed)} go"
    return f"{plural(metrics['images'], 'image')}: {stay}. Nothing was deleted or moved; the source is untouched."


def _problems(facts: Facts) -> list[dict]:
    """What can be wrong, the gravest first: count, meaning, and the page where one sees it."""
    metrics = facts.metrics
    protected = words.listed(facts.protected) or "a protected split"
    rows = [
        (
            "Leaks",
            metrics["leaks"],
            f"images of other splits with a copy in {protected}, where scores therefore come out too good",
            "duplicates.html#leaks",
        ),
        (
            "Label conflicts",
            metrics["label_conflicts"],
            "copies of one picture that carry different labels",
            "duplicates.html#conflicts",
        ),
        (
            "Unreadable files",
            sum(metrics["unreadable"].values()),
            "files that cannot be opened as images",
            "quality.html#unreadable",
        ),
        (
            "Exact duplicates",
            metrics["exact_duplicate_images"],
            "images with the same bytes as another",
            "duplicates.html#exact",
        ),
        (
            "Near duplicates",
            metrics["near_duplicate_images"],
            "the same picture again: resized, cropped, mirrored or edited",
            "duplicates.html#near",
        ),
        ("Outliers", metrics["outliers"], "images unlike everything else", "outliers.html"),
        ("Labels in doubt", metrics["label_issues"], _doubt(facts), "labels.html"),
    ]
    if len(facts.protected) > 1:
        means = f"images in one of {protected} with a copy in another; no rule touches them, so they are yours to judge"
        between = metrics["leaks_between_protected"]
        rows.insert(1, ("Leaks between protected splits", between, means, "duplicates.html#leaks"))
    for issue, told in words.ISSUES.items():
        rows.append((told.title, metrics["quality_issues"][issue], _lower(told.sees), f"quality.html#{_anchor(issue)}"))
    return [dict(zip(("title", "count", "means", "link"), row, strict=True)) for row in rows]


def _doubt(facts: Facts) -> str:
    if facts.images["label"].isna().all():
        return "images that none of the labels asked for fits"
    return "images whose label the other pictures contradict"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _anchor(issue: QualityIssue) -> str:
    return issue.value.replace("_", "-")


def _rules(facts: Facts) -> list[dict]:
    """Per rule: how many it removed, how many it only flagged."""
    rows = []
    for rule, (title, means, link) in words.RULES.items():
        removed, flagged = facts.metrics["removed"].get(rule, 0), facts.metrics["flagged"].get(rule, 0)
        if removed or flagged:
            rows.append(
                {
                    "rule": str(rule),
                    "title": title,
                    "means": means,
                    "link": link,
                    "removed": removed,
                    "flagged": flagged,
                }
            )
    return sorted(rows, key=lambda row: (-row["removed"], -row["flagged"]))


def _shares(facts: Facts) -> list[dict]:
    """The bar at the top: who stays, then what removes, as shares of all images."""
    total = max(facts.metrics["images"], 1)
    parts = [("Stay", facts.metrics["kept"], None)]
    parts += [(row["title"], row["removed"], row["link"]) for row in _rules(facts) if row["removed"]]
    return [
        {"title": title, "count": count, "share": round(100 * count / total, 3), "link": link}
        for title, count, link in parts
    ]


def _mosaics(facts: Facts) -> list[tuple[int, list[Item]]]:
    """The largest clusters, each with its most typical members of different content."""
    found = []
    for cluster, members in members_of_clusters(facts).items():
        if cluster != NOISE and len(found) < CLUSTERS_SHOWN:
            distinct = {item.content_id: item for item in reversed(members)}
            typical = [item for item in members if distinct[item.content_id] is item]
            found.append((cluster, typical[:MOSAIC]))
    return found


def _mosaic(facts: Facts, cluster: int, members: list[Item], sheets: Sheets, told: str) -> dict:
    sizes = per_cluster(facts.clusters).set_index("cluster")["images"]
    return {
        "title": groups.title(facts, cluster),
        "size": int(sizes[cluster]),
        "mostly": told,
        "guess": cluster in facts.named and facts.named[cluster].is_guess,
        "found": found_again(facts.stability, cluster),
        "unstable": cluster in facts.stability.unstable,
        "link": f"clusters.html#{groups.anchor(facts, cluster)}",
        "places": [sheets.places.get(item.content_id) for item in members],
    }


def _labels(facts: Facts) -> dict | None:
    """Kept and removed per class, after decisions; None when nothing is labelled."""
    if facts.verdicts["label"].isna().all():
        return None
    rows = per_label(facts.verdicts)
    rows["all"] = rows["kept"] + rows["removed"]
    rows = rows.sort_values(["all", "label"], ascending=[False, True]).to_dict("records")
    most = max(row["all"] for row in rows)
    for row in rows:
        row["kept_share"] = round(100 * row["kept"] / most, 2)
        row["removed_share"] = round(100 * row["removed"] / most, 2)
    return {"rows": rows[:LABELS_SHOWN], "more": max(0, len(rows) - LABELS_SHOWN), "classes": len(rows)}


def _sure(facts: Facts) -> list[dict]:
    """How far to trust the findings: a figure, what it says, and where it comes from."""
    copies, strangers = facts.calibration.duplicates, facts.calibration.outliers
    title, found = calibration.flagged(strangers)
    planted = title == calibration.FOREIGN
    strange = "foreign pictures planted among your images" if planted else "pictures of clusters that were held out"
    steady = facts.stability
    rows = [
        ("Copies found", words.figure(copies.recall), "of the copies planted among your images", "#duplicates"),
        (
            "Right about copies",
            words.precision(copies.precision, len(facts.unconfirmed)),
            "of the pairs accepted are copies",
            "#duplicates",
        ),
        ("Strangers found", words.figure(found), f"of the {strange}", "#outliers"),
    ]
    told = [{"title": t, "value": v, "means": m, "link": f"calibration.html{link}"} for t, v, m, link in rows]
    if steady.measured:
        firm = len(steady.measured) - len(steady.unstable)
        value = f"{words.number(firm)} of {words.number(len(steady.measured))}"
        means = "are found again when some of the images are left out"
        told.append({"title": "Stable clusters", "value": value, "means": means, "link": "clusters.html#trust"})
    return told


def _data(facts: Facts, decided: list[Item], sheets: Sheets) -> dict:
    return {
        "sheets": sheets.files,
        "decisions": [
            cards.card(
                item,
                sheets.places.get(item.content_id),
                text=item.detail or "",
                facts=cards.label_and_split(item),
                **cards.settled(item, facts),
            )
            for item in decided
        ],
    }
