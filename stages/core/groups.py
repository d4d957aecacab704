"""Groups of copies: one keeper, and around it the items that were found to be copies of the keeper itself.

A star, never a chain: that a resembles b and b resembles c makes no group of a and c. The best item goes first
and takes its copies; so a group's smallest agreement is one that was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from stages.contracts.vocabulary import DuplicateKind

POLICY = ("labelled", "protected", "pixels", "sharpness", "bytes")
"""What makes a better keeper, in this order; the path decides last, so that there is always one answer."""

ADDED = ("group_id", "keeper_id", "kind", "min_similarity", "keep", "reason")


def ranked(items: pd.DataFrame, protect: Sequence[str]) -> pd.DataFrame:
    """The items, best keeper first: labelled, protected split, resolution, sharpness, bytes, path.

    Parameters
    ----------
    items : `item_id`, `content_id`, `path`, `frame` if there are any, `label`, `split`, `width`, `height`, `bytes`,
        `sharpness`.
    protect : splits whose items are kept before others.

    Returns
    -------
    The same rows with `labelled`, `protected`, `pixels` and `rank` (0 the best) added, sharpness in hundredths; `bytes`
    of frames are 0, as those of their file are the whole video's.
    """
    if "frame" not in items:
        items = items.assign(frame=None)
    known = items.assign(
        labelled=items["label"].notna(),
        protected=items["split"].isin(list(protect)),
        pixels=items["width"].astype("int64") * items["height"].astype("int64"),
        # Less than a hundredth is how it was saved, not how it was taken.
        sharpness=items["sharpness"].astype(float).round(2),
        bytes=items["bytes"].where(items["frame"].isna(), 0),
    )
    keys = [*POLICY, "path", "frame", "item_id"]
    order = [False] * len(POLICY) + [True, True, True]
    known = known.sort_values(keys, ascending=order, kind="stable").reset_index(drop=True)
    return known.assign(rank=range(len(known)))


def name_of(path: str, frame: float | None) -> str:
    """What an item is called in sentences: its path, and the number of its frame where it is one of a video."""
    return path if pd.isna(frame) else f"{path}, frame {int(frame)}"


def by_content(items: pd.DataFrame) -> dict[str, list[dict]]:
    """The items of each content, contents and items in the order of the rows.

    As plain dictionaries: a data frame for each of thousands of contents takes most of a stage's time.
    """
    found: dict[str, list[dict]] = {}
    for item in items.to_dict("records"):
        found.setdefault(item["content_id"], []).append(item)
    return found


def stars(contents: Sequence[str], near: Mapping[str, Mapping[str, float]]) -> list[tuple[str, dict[str, float]]]:
    """Keeper's content and, with their agreement, the contents that are copies of it.

    Parameters
    ----------
    contents : distinct content ids, best keeper first.
    near : of each content that has copies, those copies and their agreement with it.
    """
    free = dict.fromkeys(contents)
    found = []
    for keeper in contents:
        if keeper not in free:
            continue
        del free[keeper]
        members = {other: near[keeper][other] for other in near.get(keeper, {}) if other in free}
        for other in members:
            del free[other]
        found.append((keeper, members))
    return found


def grouped(items: pd.DataFrame, near: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Members of groups of two items and more.

    Parameters
    ----------
    items : as `ranked` gives them.
    near : see `stars`.

    Returns
    -------
    The items' columns and `group_id`, `keeper_id`, `kind`, `min_similarity`, `keep`, `reason`; group by group,
    the keeper first. A group's id is the smallest of its items' ids.
    """
    # An item with neither a copy nor another of the same bytes makes no group; nearly all items are so.
    wanted = items["content_id"].isin(list(near)) | items["content_id"].duplicated(keep=False)
    items_of = by_content(items[wanted])
    rows = []
    for keeper, members in stars(list(items_of), near):
        keeper_item, *others = [item for content in (keeper, *members) for item in items_of[content]]
        if others:
            rows += _group(keeper_item, others, min(members.values(), default=1.0))
    return pd.DataFrame(rows, columns=[*items.columns, *ADDED])


def _group(keeper: dict, others: list[dict], min_similarity: float) -> list[dict]:
    shared = {
        "group_id": min(item["item_id"] for item in (keeper, *others)),
        "keeper_id": keeper["item_id"],
        "min_similarity": min_similarity,
    }
    rows = [{**keeper, **shared, "kind": None, "keep": True, "reason": why(keeper, others[0])}]
    for item in others:
        kind = DuplicateKind.EXACT if item["content_id"] == keeper["content_id"] else DuplicateKind.NEAR
        rows.append({**item, **shared, "kind": str(kind), "keep": False, "reason": why(keeper, item)})
    return rows


def why(keeper: Mapping, other: Mapping) -> str:
    """The first point of the policy on which the keeper is better than another item, in words."""
    if keeper["labelled"] != other["labelled"]:
        return f"labelled: {keeper['label']}, against no label"
    if keeper["protected"] != other["protected"]:
        return f"in {keeper['split']}, a protected split"
    if keeper["pixels"] != other["pixels"]:
        size, against = (f"{int(item['width'])} × {int(item['height'])}" for item in (keeper, other))
        return f"larger: {size} against {against}"
    if keeper["sharpness"] != other["sharpness"]:
        return f"sharper: {keeper['sharpness']:.2f} against {other['sharpness']:.2f}"
    if keeper["bytes"] != other["bytes"] and not other["bytes"]:
        return "a file of its own, against a frame of a video"
    if keeper["bytes"] != other["bytes"]:
        return f"more bytes: {keeper['bytes']:,} against {other['bytes']:,}"
    if keeper["path"] == other["path"]:
        return f"earlier: frame {int(keeper['frame'])} against {int(other['frame'])}"
    return f"first by path: {keeper['path']}, before {other['path']}"
