"""From pairs of contents that were found to be copies to the rows of `pairs` and `duplicates`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import DuplicateKind
from stages.core.groups import by_content, grouped, name_of
from stages.core.item_pairs import differ, exact_pairs, near_pairs
from stages.core.transforms import SAME_BYTES, File, change, in_words
from stages.core.verification import Verification, vouched

PAIR = ("item_a", "item_b")
TOLD = (
    *("item_id", "group_id", "kind", "min_similarity", "keep", "keeper_id", "reason"),
    *("leak", "label_conflict", "evidence"),
)


@dataclass(frozen=True)
class Copies:
    """Pairs of distinct contents that show the same.

    content_ids : (m, 2) str.  verified : m results of `verify(first, second)`.
    cosines : (m,) of the embeddings.  distances : (m,) bits in which the hashes differ.
    """

    content_ids: np.ndarray
    verified: list[Verification]
    cosines: np.ndarray
    distances: np.ndarray

    def __iter__(self) -> Iterator[tuple[str, str, Verification, float, int]]:
        for (a, b), *rest in zip(self.content_ids, self.verified, self.cosines, self.distances, strict=True):
            yield a, b, *rest

    def near(self) -> dict[str, dict[str, float]]:
        """Of each content its copies, and how far they agree."""
        found: dict[str, dict[str, float]] = {}
        for a, b, seen, *_ in self:
            found.setdefault(a, {})[b] = seen.agreement
            found.setdefault(b, {})[a] = seen.agreement
        return found


def pairs_table(items: pd.DataFrame, copies: Copies) -> pd.DataFrame:
    """Every pair of items that are copies.

    Parameters
    ----------
    items : readable items, best keeper first, as `ranked` gives them.
    """
    rows = [(*pair, str(DuplicateKind.EXACT), 1.0, 0, 1.0, True, SAME_BYTES) for pair in exact_pairs(items)]
    rows += _near_rows(items, copies)
    names = [*PAIR, "kind", "cosine", "phash_distance", "agreement", "vouched", "transform"]
    pairs = pd.DataFrame(rows, columns=names)
    facts = items.set_index("item_id")
    pairs["vouched"] = pairs["vouched"].astype(bool)
    for name, column in (("leak", "split"), ("label_conflict", "label")):
        first, second = (facts[column].reindex(pairs[side]).reset_index(drop=True) for side in PAIR)
        pairs[name] = differ(first, second).astype(bool)
    return pairs


def _near_rows(items: pd.DataFrame, copies: Copies) -> Iterator[tuple]:
    members = by_content(items[items["content_id"].isin(copies.content_ids.ravel().tolist())])
    for a, b, seen, cosine, distance in copies:
        words = _words(members[a][0], members[b][0], seen)
        for pair in near_pairs(members[a], members[b]):
            measured = (float(cosine), int(distance), seen.agreement, vouched(seen, int(distance)))
            yield (*pair, str(DuplicateKind.NEAR), *measured, words)


def _words(a: Mapping, b: Mapping, seen: Verification) -> str:
    """What was done to the copy, which is whichever of the two items makes the worse keeper."""
    copy_is_b = bool(a["rank"] < b["rank"])
    files = [File(int(row["width"]), int(row["height"]), row["format"]) for row in (a, b)]
    original, copy = files if copy_is_b else reversed(files)
    return in_words(change(seen, original, copy, copy_is_b), original, copy)


def duplicates_table(items: pd.DataFrame, copies: Copies, pairs: pd.DataFrame) -> pd.DataFrame:
    """Members of groups, with what is proposed and why.

    Parameters
    ----------
    items : readable items, best keeper first, as `ranked` gives them.
    pairs : as `pairs_table` gives them.
    """
    rows = grouped(items, copies.near())
    for name in ("leak", "label_conflict"):
        rows[name] = rows["item_id"].isin(_members(pairs[pairs[name]])).astype(bool)
    rows["evidence"] = list(_evidence(rows, items, copies))
    return rows[list(TOLD)].astype({"keep": bool, "min_similarity": float})


def _members(pairs: pd.DataFrame) -> set[str]:
    return {*pairs["item_a"], *pairs["item_b"]}


def _evidence(rows: pd.DataFrame, items: pd.DataFrame, copies: Copies) -> Iterator[str]:
    known = {(a, b): rest for a, b, *rest in copies}
    members = items[items["item_id"].isin(rows["item_id"])].to_dict("records")
    facts = {item["item_id"]: item for item in members}
    counts = rows.groupby(["group_id", "kind"]).size().to_dict()
    for row in rows.itertuples():
        keeper = facts[row.keeper_id]
        name = name_of(keeper["path"], keeper["frame"])
        if row.keep:
            yield _kept(*(counts.get((row.group_id, kind), 0) for kind in DuplicateKind), row.min_similarity)
        elif row.kind == DuplicateKind.EXACT:
            yield f"The same bytes as {name}."
        else:
            copy = facts[row.item_id]
            first, second = sorted((keeper, copy), key=lambda item: item["content_id"])
            seen, cosine, distance = known[first["content_id"], second["content_id"]]
            yield _sentence(name, seen, cosine, distance, _words(first, second, seen))


def _kept(exact: int, near: int, min_similarity: float) -> str:
    told = [f"{exact} with the same bytes"] * bool(exact)
    if near:
        shows = f"that shows {_share(min_similarity)}" if near == 1 else f"that show at least {_share(min_similarity)}"
        told.append(f"{near} {shows} of the same")
    return f"Stands for {exact + near} {'copy' if exact + near == 1 else 'copies'}: {', '.join(told)}."


def _sentence(keeper: str, seen: Verification, cosine: float, distance: int, words: str) -> str:
    if seen.is_sure:
        how = f"{seen.inliers} of {seen.matches} matched details fit one geometry"
    elif vouched(seen, distance):
        how = "it has few details, but the hashes are as near as those of copies"
    else:
        how = "it has few details, so the pixels alone tell"
    return (
        f"{_share(seen.agreement)} of the content is the same as in {keeper} ({words}); {how}; "
        f"cosine {cosine:.2f}, hashes {distance} of 256 bits apart."
    )


def _share(value: float) -> str:
    """In percent, rounded down: 100 % is all."""
    return f"{int(100 * value + 1e-6)} %"
