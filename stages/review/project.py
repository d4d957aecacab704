"""One project as the app has it open: its tables, its decisions, its images."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from stages.contracts.encoder_record import read_record
from stages.contracts.errors import ImageError
from stages.contracts.params import data, report
from stages.contracts.params.base import load
from stages.contracts.schemas.thumbnails import SHEET_FOLDER
from stages.contracts.vocabulary import Status
from stages.core import sheets
from stages.core.pixels import decode
from stages.review.browsing import Browser, View, view
from stages.review.catalog import Shelf
from stages.review.ledger import Ledger, frame_cell
from stages.review.originals import Shown, for_browser, jpeg
from stages.review.overlay import SIDE, Overlay, lay
from stages.sources.folder import folder_of
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.opening import read_content

SHEETS_OPEN = 12
"""decoded sheets of thumbnails that are kept, some 11 MB each"""
OVERLAYS_KEPT = 6
THUMBNAIL_QUALITY = 85


class Project:
    """May be asked from many threads.

    Raises
    ------
    WinnowError : params.yaml, the source or a table is not there, or wrong.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        where = load(data.Params, "data", root)
        self.source = folder_of(where.source, root)
        self.max_pixels = where.max_pixels
        self.title = load(report.Params, "report", root).title or PurePosixPath(where.source.rstrip("/")).name
        self.encoder = read_record(root)
        self.shelf, self.browser = Shelf(root), Browser()
        self.ledger = Ledger(root, lambda: self.shelf.catalog().places)
        self._lock = threading.Lock()
        self._view: View | None = None
        self._sheet = lru_cache(SHEETS_OPEN)(self._read_sheet)
        self._overlay = lru_cache(OVERLAYS_KEPT)(self._lay)

    def view(self) -> View:
        """The tables and decisions of now."""
        catalog, held = self.shelf.catalog(), self.ledger.held()
        with self._lock:
            if self._view is None or (self._view.catalog, self._view.revision) != (catalog, held.revision):
                self._view = view(catalog, held)
            return self._view

    def place(self, item_id: str) -> dict[str, str]:
        """What a row of decisions says of where an item lies.

        Raises
        ------
        UnknownItem : there is no such item.
        """
        row = self.shelf.catalog().image(item_id)
        return {"content_id": row["content_id"], "path": row["path"], "frame": frame_cell(row["frame"])}

    def original(self, item_id: str) -> Shown:
        """An item's file, or its pixels where no browser shows such files.

        Raises
        ------
        UnknownItem : there is no such item.
        SourceError : the file is gone, or is another one than `ingest` saw.
        ImageError : it holds no image.
        """
        return for_browser(self._content(item_id), self.max_pixels)

    def thumbnail(self, item_id: str) -> Shown:
        """
        Raises
        ------
        UnknownItem : there is no such item.
        ImageError : it has no thumbnail.
        """
        catalog = self.shelf.catalog()
        row = catalog.image(item_id)
        if row["content_id"] not in catalog.thumbnails:
            raise ImageError(Status.UNREADABLE, row["reason"] or "it has no thumbnail")
        sheet, box = catalog.thumbnails[row["content_id"]]
        path = self.root / SHEET_FOLDER / sheet
        return jpeg(
            np.ascontiguousarray(sheets.cut(self._sheet(path, path.stat().st_mtime_ns), *box)), THUMBNAIL_QUALITY
        )

    def overlay(self, item_a: str, item_b: str) -> Overlay:
        """Item b laid on item a.

        Raises
        ------
        UnknownItem, SourceError, ImageError : as `original`, of either.
        """
        catalog = self.shelf.catalog()
        contents = (catalog.image(item)["content_id"] for item in (item_a, item_b))
        return self._overlay(item_a, item_b, *contents)

    def _lay(self, item_a: str, item_b: str, *_: str) -> Overlay:
        """The contents are there so that other ones are another pair."""
        return lay(*(decode(self._content(item), SIDE, self.max_pixels) for item in (item_a, item_b)))

    def _content(self, item_id: str) -> bytes:
        """The bytes that `ingest` saw: the table says where they lie, and a file that holds others is not given."""
        row = self.shelf.catalog().image(item_id)
        if row["status"] != Status.OK:
            raise ImageError(row["status"], row["reason"])
        return read_content(self.source, row["path"], row["content_id"], self.root / FRAMES)

    @staticmethod
    def _read_sheet(path: Path, _: int) -> np.ndarray:
        return sheets.decode(path.read_bytes())
