"""From vectors that were found to the images that are shown: one rank a picture, its copies with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Nearest = Callable[[np.ndarray, int, np.ndarray | None], tuple[np.ndarray, np.ndarray]]
"""(query (d,), k, rows that may be found (n,) bool or None) -> rows (m,), cosines (m,), descending."""


@dataclass(frozen=True)
class Hit:
    """One picture: its cosine to the query, and its items, the one that stands for it first."""

    similarity: float
    items: list[int]


def search(
    nearest: Nearest, query: np.ndarray, k: int, row_of: np.ndarray, n: int, passes: np.ndarray | None = None
) -> list[Hit]:
    """The k pictures most like a query; items of one content are one picture, so that copies do not fill the ranks.

    Parameters
    ----------
    nearest : of an index of n vectors.
    query : (d,) unit vector.
    row_of : (m,) per item the row of its vector, -1 where it has none.
    passes : (m,) bool, the items that may be found; all where it is not given.
    """
    findable = row_of >= 0 if passes is None else passes & (row_of >= 0)
    allowed = np.zeros(n, bool)
    allowed[row_of[findable]] = True
    rows, similarities = nearest(query, k, None if allowed.all() else allowed)
    items = _items_of(rows, row_of, findable)
    return [Hit(float(similarity), items[row]) for row, similarity in zip(rows.tolist(), similarities, strict=True)]


def blend(text: np.ndarray, image: np.ndarray, weight: float, sample: np.ndarray) -> np.ndarray:
    """One query out of a text and an image, both (d,) unit vectors.

    Images lie closer to each other than to any text, and by more widely spread cosines, so that in a plain mean the
    image alone would decide. Each is therefore divided by the spread of the images' cosines to it: then a weight of
    one half gives both the same say in who comes first.

    Parameters
    ----------
    weight : of the text, 0 to 1.
    sample : (s, d) vectors of images.
    """
    mixed = sum(
        share * query / max(float(np.std(sample @ query)), 1e-6)
        for share, query in ((weight, text), (1 - weight, image))
        if share
    )
    length = np.linalg.norm(mixed)
    return (mixed / length if length > 1e-12 else text).astype(np.float32)


def _items_of(rows: np.ndarray, row_of: np.ndarray, findable: np.ndarray) -> dict[int, list[int]]:
    """Per row its items that may be found, in their order."""
    found: dict[int, list[int]] = {row: [] for row in rows.tolist()}
    for item in np.flatnonzero(findable & np.isin(row_of, rows)).tolist():
        found[int(row_of[item])].append(item)
    return found
