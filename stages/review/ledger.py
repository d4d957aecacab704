"""`data/decisions.csv` while the app runs: read anew when others changed it, written before a request is answered.

Whoever adds holds a lock, of this process and, for other ones, of a file; then the file is read anew, the new rows are
folded in, and the whole is written beside it and renamed. So two windows, a colleague's `winnow decide merge` and a
`git pull` lose nothing to each other, and a process that is killed leaves the file of before or of after. Rows that
name their image by a path or an id alone, as one writes by hand, are folded as `winnow decide merge` does.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from stages.contracts.decisions import COLUMNS, PATH, changing, read_decisions, write_decisions
from stages.contracts.errors import QueryError
from stages.contracts.identity import digest
from stages.contracts.vocabulary import Decision
from stages.core.decisions import in_full, newest
from stages.core.merging import KEY, merge
from stages.review.catalog import mark_of

LONGEST = 4_096
"""characters of a cell, as long as a path may be"""


Place = Callable[[str], Mapping[str, str]]
"""From an item's id to its `content_id`, `path` and `frame`, as the file has them."""


@dataclass(frozen=True)
class Held:
    """The decisions at one moment: the newest per image, in the order of the file, and which state that is."""

    revision: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class Added:
    """What became of new rows: the revisions before and after, and the rows that now hold for the same images."""

    before: str
    after: Held
    rows: pd.DataFrame


class Ledger:
    """The decisions of one project; may be used from many threads.

    images : gives the images of now, which rows are held against; the same frame as long as they are the same.
    """

    def __init__(self, root: Path, images: Callable[[], pd.DataFrame] | None = None) -> None:
        self.root = root
        self._images = images or (lambda: None)
        self._lock = threading.Lock()
        self._mark: tuple | None = None
        self._against: pd.DataFrame | None = None
        self._held: Held | None = None

    def held(self) -> Held:
        """The decisions as the file has them now.

        Raises
        ------
        DecisionsError : the file is gone, or cannot be understood.
        """
        with self._lock:
            return self._fresh()

    def add(self, rows: pd.DataFrame) -> Added:
        """Fold rows in; when this returns they are on the disk.

        Raises
        ------
        DecisionsError : as `held`; then nothing is written.
        """
        with self._lock, changing(self.root):
            before = self._fresh()
            merged = merge(before.rows, rows.assign(line=range(len(rows)))).rows
            after = before if merged[COLUMNS].equals(before.rows[COLUMNS]) else self._written(merged)
        asked = set(_keys(rows))
        return Added(before.revision, after, after.rows[[key in asked for key in _keys(after.rows)]])

    def _written(self, rows: pd.DataFrame) -> Held:
        path = self.root / PATH
        write_decisions(rows, self.root)
        _sync(path.parent)
        self._mark = mark_of(path)
        self._held = Held(digest(path.read_bytes()), rows.assign(line=range(2, len(rows) + 2)))
        return self._held

    def _fresh(self) -> Held:
        path = self.root / PATH
        mark, images = mark_of(path), self._images()
        if self._held is None or mark != self._mark or images is not self._against:
            rows = read_decisions(self.root)
            rows = newest(rows if images is None else in_full(rows, images)).sort_values("line")
            self._held = Held(digest(path.read_bytes()), rows.reset_index(drop=True))
            self._mark, self._against = mark, images
        return self._held


def as_rows(told: object, place: Place, now: datetime | None = None) -> pd.DataFrame:
    """Rows of decisions from what a page sent: objects with the file's columns.

    Parameters
    ----------
    place : where an item lies, for rows that name nothing but the item.
    now : stands where a row does not say when it was decided.

    Raises
    ------
    QueryError : they are no such rows, name an unknown word, or hold text that no file can hold.
    UnknownItem : a row names neither a path nor an item that there is.
    """
    if not isinstance(told, list):
        raise QueryError("decisions are sent as a list of rows", got=type(told).__name__)
    moment = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
    rows = [_row(one, place, moment) for one in told]
    return pd.DataFrame(rows, columns=COLUMNS).astype(object)


def _row(told: object, place: Place, moment: str) -> dict[str, str]:
    if not isinstance(told, dict):
        raise QueryError("a decision is sent as an object", got=type(told).__name__)
    row = {name: _cell(name, told.get(name, "")) for name in COLUMNS}
    if not row["path"]:
        row |= place(row["item_id"])
    row["decided_at"] = _moment(row["decided_at"] or moment)
    _check_word(row)
    return row


def _cell(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        got = f"{len(value):,} characters" if isinstance(value, str) else repr(value)
        raise QueryError(
            "a cell of a decision is no text, or too long",
            where=name,
            expected=f"up to {LONGEST:,} characters",
            got=got,
        )
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        raise QueryError("a cell of a decision holds no valid text", where=name, got=ascii(value)) from None
    return value


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise QueryError("a decision has no valid time", where="decided_at", expected="ISO 8601", got=text) from None
    return text


def _check_word(row: Mapping[str, str]) -> None:
    if row["decision"] not in tuple(Decision):
        raise QueryError(
            "a decision is not known", where=row["path"], expected=", ".join(Decision), got=repr(row["decision"])
        )
    if row["decision"] == Decision.RELABEL and not row["label"].strip():
        raise QueryError("a relabel names no label", where=row["path"], expected="the new label")


def frame_cell(frame: object) -> str:
    """A frame's number as `decisions.csv` has it; empty for stills."""
    return "" if frame is None or pd.isna(frame) else str(int(frame))


def _keys(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(map(tuple, rows[KEY].to_numpy()))


def _sync(folder: Path) -> None:
    """Make the rename itself outlast a power cut; Windows opens no folders, and needs no such thing."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
