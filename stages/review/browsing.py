"""Filtering, sorting and paging all images, and what is decided of each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from stages.contracts.errors import QueryError
from stages.contracts.schemas.images import IMAGES
from stages.core import filters
from stages.core.decisions import apply
from stages.review.catalog import Catalog
from stages.review.ledger import Held

REVIEW = "review"
"""The table of the app's own: what is decided now, and whether somebody should look at it."""
KEPT = 32
"""conditions and orders whose outcome is remembered"""


@dataclass(frozen=True, eq=False)
class View:
    """The catalog together with the decisions of one moment.

    decisions : `item_id` (index), `decision`, `label`, `reason`, `reviewer`: those that reach an image.
    said : the last word on each image, `undecided` as well, as rows of the file that name it in full.
    """

    catalog: Catalog
    revision: str
    decisions: pd.DataFrame
    said: pd.DataFrame
    review: pa.Table

    @property
    def tables(self) -> dict[str, pa.Table]:
        return {**self.catalog.tables, REVIEW: self.review}

    @property
    def columns(self) -> dict[str, list[str]]:
        """Per table the columns that can be filtered and sorted by; an item's id is named by `images` alone."""
        return {
            name: [column for column in table.column_names if name == IMAGES.name or column != "item_id"]
            for name, table in self.tables.items()
        }

    @property
    def decided(self) -> np.ndarray:
        """(n,) bool."""
        return self.review["decision"].is_valid().to_numpy()

    @property
    def open(self) -> np.ndarray:
        """Rows of the suspects that nobody decided on, as they are worked off."""
        queue = self.catalog.queue
        return queue[~self.decided[queue]]

    def rows(self, numbers: Iterable[int]) -> list[dict[str, dict]]:
        """Per row number its values by table and column."""
        numbers = pa.array(numbers, pa.int64())
        found = {name: table.take(numbers).to_pylist() for name, table in self.tables.items()}
        return [{name: rows[at] for name, rows in found.items()} for at in range(len(numbers))]


def view(catalog: Catalog, held: Held) -> View:
    """What each image's decision is, by the rule that `export` follows."""
    applied = apply(held.rows, catalog.places)
    found = applied.by_item
    at = [catalog.row_of[item] for item in found.index]
    cells = {name: np.full(len(catalog), None, object) for name in ("decision", "label", "reviewer")}
    for name, column in cells.items():
        column[at] = [value or None for value in found[name]]
    review = pa.table(
        {
            "suspect": catalog.suspects,
            "decision": pa.array(cells["decision"], pa.string()),
            "new_label": pa.array(cells["label"], pa.string()),
            "reviewer": pa.array(cells["reviewer"], pa.string()),
        }
    )
    return View(catalog, held.revision, found, applied.rows, review)


class Browser:
    """Answers what a gallery of all images asks; remembers the last conditions and orders."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple, np.ndarray] = OrderedDict()

    def find(self, seen: View, where: str = "", sort: str = "path", descending: bool = False) -> np.ndarray:
        """Row numbers of the images that a condition holds for, in order.

        Raises
        ------
        QueryError : the condition is not understood, or there is no such column.
        """
        table, column = column_of(sort, seen.columns)
        order = self._once(seen, {table}, (table, column, descending), lambda: ordered(seen, table, column, descending))
        return order[self.passing(seen, where)[order]] if where.strip() else order

    def passing(self, seen: View, where: str) -> np.ndarray:
        """(n,) bool: which images a condition holds for.

        Raises
        ------
        QueryError : it is not understood.
        """
        condition = _understood(where, seen.columns)
        return self._once(seen, condition.needs, where, lambda: passing(seen, condition))

    def _once(self, seen: View, needs: Iterable[str], key: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """What `make` gives, remembered as long as the tables that it needs are the same."""
        of = seen if REVIEW in needs else seen.catalog
        key = (of, key)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def _understood(where: str, columns: dict[str, list[str]]) -> filters.Filter:
    """The condition; what is wrong with it is said of the box it stands in, not of a command's option."""
    try:
        return filters.understand(where, columns)
    except QueryError as error:
        error.where = None
        raise


def column_of(name: str, columns: dict[str, list[str]]) -> tuple[str, str]:
    """Table and column that a name means: `outliers.outlier_score`, or alone, then the first table that has it.

    Raises
    ------
    QueryError : there is no such column.
    """
    table, _, column = name.rpartition(".")
    for candidate, names in columns.items():
        if column in names and table in ("", candidate):
            return candidate, column
    raise QueryError("there is no such column to sort by", got=ascii(name[:80]))


def ordered(seen: View, table: str, column: str, descending: bool) -> np.ndarray:
    """All row numbers by one column; of equals, and where there is no value, by path; those without come last."""
    direction = "descending" if descending else "ascending"
    keys = pa.table({"value": seen.tables[table][column], "row": np.arange(len(seen.catalog))})
    found = pc.sort_indices(keys, sort_keys=[("value", direction, "at_end"), ("row", "ascending")])
    return found.to_numpy()


def passing(seen: View, condition: filters.Filter) -> np.ndarray:
    needed = {name: seen.tables[name].select(columns).to_pandas() for name, columns in condition.needs.items()}
    return filters.passing(condition, needed, len(seen.catalog))


def told_columns(seen: View) -> list[dict]:
    """What one can filter and sort by: the name that means it, its table, and its kind."""
    told = []
    for table, names in seen.columns.items():
        for name in names:
            shown = name if column_of(name, seen.columns)[0] == table else f"{table}.{name}"
            told.append({"name": shown, "table": table, "kind": _kind(seen.tables[table].schema.field(name).type)})
    return told


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "flag"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else "text"
