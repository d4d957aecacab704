"""Folding one list of decisions into another, so that nobody's word is lost in silence."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from stages.core.decisions import IMAGE, alone, disputes, in_full, newest

KEY = ["content_id", "path", "frame"]
WORD = ["decision", "label"]


@dataclass(frozen=True)
class Merged:
    """The decisions of both, and what a person should know of them.

    rows : the newest per image, those of the first list in their order, then new ones by path.
    added, changed : how many of the second list's were new, or took the place of another word.
    older : how many of the second list's lost against a newer row of the first, or one with a time where it has none.
    together : the rows of both lists, the first's lines before the second's.
    """

    rows: pd.DataFrame
    added: int
    changed: int
    older: int
    together: pd.DataFrame

    @property
    def conflicts(self) -> pd.DataFrame:
        """Pairs of rows, of one list or of both, that say different things of one image, as `disputes` has them."""
        return disputes(self.together)


def merge(first: pd.DataFrame, second: pd.DataFrame, images: pd.DataFrame | None = None) -> Merged:
    """Fold `second` into `first`, both as `read_decisions` gives them.

    With `images`, rows that mean one image are held against each other however they name it, and the outcome names
    it in full; rows that mean none stay as they are.

    The newest word per (content, path, frame) wins by its time, and the second list's where times are equal. An
    `undecided` is kept as a row: without it an older file, merged later, would bring the word back that it undid.
    """
    if images is not None:
        first, second = in_full(first, images), in_full(second, images)
    first, second = (rows.assign(alone=alone(rows)) for rows in (first, second))
    a, b = newest(first), newest(second)
    after = first["line"].max() if len(first) else 0
    together = pd.concat([first, second.assign(line=second["line"] + after)], ignore_index=True)
    both = newest(together)
    rank = {key: place for place, key in enumerate(map(tuple, first[IMAGE].to_numpy()))}
    keys = list(map(tuple, both[IMAGE].to_numpy()))
    order = sorted(range(len(both)), key=lambda at: (rank.get(keys[at], len(rank)), keys[at][1], keys[at][2], keys[at]))
    held = {key: tuple(word) for key, word in zip(map(tuple, a[IMAGE].to_numpy()), a[WORD].to_numpy(), strict=True)}
    now = {key: tuple(word) for key, word in zip(keys, both[WORD].to_numpy(), strict=True)}
    changed = sum(word != now[key] for key, word in held.items())
    lost = set(map(tuple, both.loc[both["line"] <= after, IMAGE].to_numpy()))
    older = sum(key in lost for key in map(tuple, b[IMAGE].to_numpy()))
    rows = both.iloc[order].drop(columns="alone").reset_index(drop=True)
    return Merged(rows, len(now) - len(held), changed, older, together)
