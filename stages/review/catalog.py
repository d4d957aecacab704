"""The tables in memory, lined up: row i of each is about image i, in order of path.

They are read once and again when their files change, so that a gallery of 100,000 images answers at once. While
`dvc repro` makes them anew the app goes on with those that it has.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from stages.contracts import tables
from stages.contracts.errors import QueryError, WinnowError
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import THUMBNAILS
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.tags import PATH as TAGS_FILE
from stages.contracts.tags import read_tags
from stages.contracts.vocabulary import QualityIssue, Rule, Verdict
from stages.core import tagging

LINED_UP = (IMAGES, QUALITY, OUTLIERS, DUPLICATES, CLUSTERS, LABELS, VERDICTS)
"""What a condition may speak of, in the order in which a bare name is looked up, as in `winnow search --where`."""
READ = (*LINED_UP, PAIRS, THUMBNAILS)
TAGS = "tags"
"""The names that people gave to images: `data/tags.csv` as a table of one column, joined as in the manifest."""
SUSPICIONS = {
    QUALITY.name: [f"is_{issue}" for issue in QualityIssue],
    OUTLIERS.name: ["is_outlier"],
    LABELS.name: ["is_label_issue"],
}
"""Columns that say of an image that somebody should look at it."""


class UnknownItem(QueryError):
    """There is no image of that id."""


@dataclass(frozen=True, eq=False)
class Catalog:
    """All tables at one moment.

    tables : by name, n rows each; null where a table has no row for the image. Lists are left out.
    pairs : `item_a`, `item_b`, `transform`.  thumbnails : per content its sheet and box (x, y, w, h).
    """

    tables: dict[str, pa.Table]
    pairs: pd.DataFrame
    thumbnails: dict[str, tuple[str, tuple[int, int, int, int]]]

    def __len__(self) -> int:
        return self.tables[IMAGES.name].num_rows

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {item: row for row, item in enumerate(self.values(IMAGES.name, "item_id"))}

    @cached_property
    def places(self) -> pd.DataFrame:
        """What decisions are matched by: `item_id`, `content_id`, `path`, `frame`."""
        return self.tables[IMAGES.name].select(["item_id", "content_id", "path", "frame"]).to_pandas()

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Per group of duplicates its items, the keeper first."""
        members = self.tables[DUPLICATES.name].select(["item_id", "group_id", "keep"]).to_pandas().dropna()
        ordered = members.sort_values(["group_id", "keep"], ascending=[True, False], kind="stable")
        return ordered.groupby("group_id")["item_id"].agg(list).to_dict()

    @cached_property
    def partners(self) -> dict[str, list[str]]:
        """Per item those that it is a copy of, pair by pair; groups do not hold all pairs."""
        both = pd.concat([self.pairs, self.pairs.rename(columns={"item_a": "item_b", "item_b": "item_a"})])
        return both.groupby("item_a")["item_b"].agg(list).to_dict()

    @cached_property
    def transforms(self) -> dict[frozenset[str], str]:
        """Per pair of copies what was done to one of them, in words."""
        ends = zip(self.pairs["item_a"], self.pairs["item_b"], strict=True)
        return dict(zip(map(frozenset, ends), self.pairs["transform"], strict=True))

    @cached_property
    def suspects(self) -> np.ndarray:
        """(n,) bool: images that ask for a decision, or asked for it before it was made."""
        found = self._copies_that_ask()
        for name, columns in SUSPICIONS.items():
            for column in columns:
                found |= self.flags(name, column)
        return found

    def _copies_that_ask(self) -> np.ndarray:
        """As on the page of duplicates: those that stay though they are copies, or whose labels differ."""
        verdicts, copies = self.tables[VERDICTS.name], self.tables[DUPLICATES.name]
        stays = pc.equal(verdicts["verdict"], Verdict.KEEP).to_numpy()
        decided = pc.equal(verdicts["rule"], Rule.DECISION).fill_null(False).to_numpy()
        asks = self.flags(DUPLICATES.name, "label_conflict") | ~self.flags(DUPLICATES.name, "keep")
        return copies["keep"].is_valid().to_numpy() & (decided | (stays & asks))

    @cached_property
    def queue(self) -> np.ndarray:
        """Rows of the suspects, as they are worked off: copies group by group, then outliers, then the rest by path."""
        group = pd.Series(self.values(DUPLICATES.name, "group_id"), dtype=object).fillna("~").to_numpy(dtype=str)
        score = self.tables[OUTLIERS.name]["outlier_score"].fill_null(0).to_numpy()
        strange = np.where(self.flags(OUTLIERS.name, "is_outlier"), -score, 1.0)
        order = np.lexsort((np.arange(len(self)), strange, group))
        return order[self.suspects[order]]

    @cached_property
    def rank(self) -> np.ndarray:
        """(n,) each suspect's place in the queue; -1 for the others."""
        found = np.full(len(self), -1)
        found[self.queue] = np.arange(len(self.queue))
        return found

    def values(self, table: str, column: str) -> list:
        return self.tables[table][column].to_pylist()

    def flags(self, table: str, column: str) -> np.ndarray:
        """(n,) bool; null is false."""
        return self.tables[table][column].fill_null(False).to_numpy()

    def image(self, item_id: str) -> dict:
        """
        Raises
        ------
        UnknownItem : there is no such item.
        """
        return self.tables[IMAGES.name].slice(self.number(item_id), 1).to_pylist()[0]

    def copies_of(self, item_id: str) -> list[str]:
        """The other items of its group, the keeper first, then what else it is a copy of."""
        group = self.tables[DUPLICATES.name]["group_id"][self.number(item_id)].as_py()
        found = [*self.groups.get(group, ()), *self.partners.get(item_id, ())]
        return [other for other in dict.fromkeys(found) if other != item_id]

    def number(self, item_id: str) -> int:
        """
        Raises
        ------
        UnknownItem : there is no such item.
        """
        if item_id not in self.row_of:
            raise UnknownItem("there is no such image", got=ascii(item_id[:64]))
        return self.row_of[item_id]


class Shelf:
    """Keeps a project's catalog of now; may be used from many threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._marks: list | None = None
        self._catalog: Catalog | None = None

    def catalog(self) -> Catalog:
        """
        Raises
        ------
        TableError : a table is missing or wrong, and there was never a right one.
        """
        with self._lock:
            marks = [mark_of(self.root / path) for path in (*(table.path for table in READ), TAGS_FILE)]
            if self._catalog is None or marks != self._marks:
                try:
                    self._catalog = read(self.root)
                except WinnowError:
                    if self._catalog is None:
                        raise
                self._marks = marks
            return self._catalog


def read(root: Path) -> Catalog:
    """Read everything.

    Raises
    ------
    TableError : a table is missing, or does not match its declaration.
    """
    found = {table.name: tables.read_arrow(table, root) for table in READ}
    images = found[IMAGES.name].sort_by([("path", "ascending"), ("frame", "ascending"), ("item_id", "ascending")])
    ids = images["item_id"].to_pandas()
    lined_up = {table.name: line_up(found[table.name], ids) for table in LINED_UP if table is not IMAGES}
    boxes = found[THUMBNAILS.name].to_pydict()
    places = zip(boxes["sheet"], zip(*(boxes[name] for name in "xywh"), strict=True), strict=True)
    return Catalog(
        {IMAGES.name: _plain(images), **lined_up, TAGS: _tags(images, root)},
        found[PAIRS.name].select(["item_a", "item_b", "transform"]).to_pandas(),
        dict(zip(boxes["content_id"], places, strict=True)),
    )


def _tags(images: pa.Table, root: Path) -> pa.Table:
    places = images.select(["item_id", "content_id", "path", "frame"]).to_pandas()
    named = tagging.by_item(read_tags(root), places)
    return pa.table({TAGS: pa.array(tagging.joined(places["item_id"], named), pa.string())})


def line_up(table: pa.Table, ids: pd.Series) -> pa.Table:
    """The table with row i about item `ids[i]`, nulls where it has none; numbers stay whole."""
    at = pd.Index(table["item_id"].to_pandas()).get_indexer(ids)
    return _plain(table).take(pa.array(at, pa.int64(), mask=at < 0))


def _plain(table: pa.Table) -> pa.Table:
    """Without lists, which can neither be compared nor sorted by; in one piece."""
    names = [field.name for field in table.schema if not pa.types.is_list(field.type)]
    return table.select(names).combine_chunks()


def mark_of(path: Path) -> tuple | None:
    """Changes whenever the file does: a rename gives another inode, an edit in place another time."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
