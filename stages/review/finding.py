"""Searching by words and by example, over the images of the catalog."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stages.contracts.errors import QueryError
from stages.contracts.schemas.images import IMAGES
from stages.core import ranking
from stages.review.catalog import Catalog, mark_of

if TYPE_CHECKING:
    from stages.commands.searcher import Searcher

MADE_FROM = ("data/index.lance/record.json", "data/embeddings.parquet", "data/encoder.json")
SAMPLE = 2_000
"""vectors by which words and an example are brought to the same scale"""


class Finder:
    """Opens the index and the encoder when first asked, which takes seconds, and again when they are made anew."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._marks: list | None = None
        self._searcher: Searcher | None = None

    def find(
        self, catalog: Catalog, text: str | None, item_id: str | None, k: int, passes: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """Rows of the catalog and their cosines, most alike first; of exact copies the first by path.

        Parameters
        ----------
        text, item_id : words, an example, or both, which then count the same. The example itself is not found.
        passes : (n,) bool, the images that may be found; all where it is not given.

        Raises
        ------
        QueryError : nothing is asked for, there is no such item, or it has no vector.
        TableError : there is no index, or it is not that of the present embeddings.
        """
        text = text.strip() if text else None
        if not text and item_id is None:
            raise QueryError("nothing is asked for", expected="words, or an image")
        with self._lock:
            searcher = self._opened()
            contents = catalog.tables[IMAGES.name]["content_id"].to_pandas()
            row_of = pd.Index(searcher.index.content_ids).get_indexer(contents)
            own = None if item_id is None else row_of[catalog.number(item_id)]
            query = _query(searcher, text, own)
            allowed = _allowed(row_of, own, passes)
            hits = ranking.search(searcher.index.nearest, query, k, row_of, len(searcher.index), allowed)
        return [(hit.items[0], hit.similarity) for hit in hits]

    def doubts(self, text: str | None) -> list[str]:
        """What `winnow search` says too of words that the encoder does not know."""
        from stages.commands.searcher import Query

        if not (text and text.strip()):
            return []
        with self._lock:
            return self._opened().doubts(Query(text=text))

    def _opened(self) -> Searcher:
        from stages.commands.searcher import Searcher

        marks = [mark_of(self.root / name) for name in MADE_FROM]
        if self._searcher is None or marks != self._marks:
            self._searcher, self._marks = Searcher(self.root), marks
        return self._searcher


def _query(searcher: Searcher, text: str | None, row: int | None) -> np.ndarray:
    from stages.commands.searcher import Query

    if row is not None and row < 0:
        raise QueryError("this image has no vector: it could not be read", do="take another one as the example")
    words = searcher.vector(Query(text=text)) if text else None
    example = None if row is None else searcher.index.take(np.array([row]))[0]
    if words is None or example is None:
        return words if example is None else example
    return ranking.blend(words, example, 0.5, searcher.index.sample(SAMPLE))


def _allowed(row_of: np.ndarray, own: int | None, passes: np.ndarray | None) -> np.ndarray | None:
    """Those that pass, without the example and its exact copies."""
    if own is None:
        return passes
    others = row_of != own
    return others if passes is None else others & passes
