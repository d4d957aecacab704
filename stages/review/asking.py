"""Answering a request: only to those who may ask, and with errors that say what to do.

Work is done in threads, so that a large TIFF or a long condition keeps nobody else waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any

from tornado import web
from tornado.ioloop import IOLoop

from stages.contracts.errors import (
    DecisionsError,
    ImageError,
    QueryError,
    SetupError,
    SourceError,
    TableError,
    WinnowError,
)
from stages.review.catalog import UnknownItem
from stages.review.guard import HEADERS, Guard, cookie_name
from stages.review.originals import Shown
from stages.review.project import Project

STATUSES = {
    UnknownItem: 404,
    QueryError: 400,
    DecisionsError: 409,
    SourceError: 409,
    TableError: 409,
    ImageError: 415,
    SetupError: 404,
}
"""What a person can mend, and the status by which it is told."""
RUNNING = "if dvc repro is running now, wait for its end: a stage's outputs are removed when it starts"


def or_wait(error: WinnowError) -> WinnowError:
    """Where something is not there, or not yet: that a run may be making it anew."""
    do = error.do or ""
    if do.startswith("dvc repro") and "--force" not in do and RUNNING not in do:
        error.do = f"{do}; {RUNNING}"
    return error


class Guarded(web.RequestHandler):
    """Answers only those who may ask; see `guard.py`. Errors are told as JSON, a page that is not there as text."""

    guard: Guard

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        reason = self.guard.refusal(self.request.method or "", self.request.headers)
        if reason is None and not self._has_address():
            foreign = self.guard.is_foreign(self.request.headers)
            reason = "the request comes from another site" if foreign else None
            if reason is None and not self.guard.knows(self.get_cookie(cookie_name(self.request.host))):
                reason = "open the address that winnow review printed: it holds the key to this app"
        if reason is not None:
            raise Refused(reason)

    def _has_address(self) -> bool:
        """Whether somebody opens the address with its token; only the first page takes it."""
        return False

    def write_error(self, status_code: int, **told: Any) -> None:
        error = told.get("exc_info", (None, None, None))[1]
        text = f"{status_code}: {self._reason}"
        if isinstance(error, Refused):
            text = f"403: {error.why}"
        elif isinstance(error, WinnowError):
            text = str(or_wait(error))
        is_asked_by_script = self.request.path.startswith("/api/")
        self.set_header("Content-Type", "application/json" if is_asked_by_script else "text/plain; charset=utf-8")
        self.finish(json.dumps({"error": text}) if is_asked_by_script else f"{text}\n")

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """What a person can mend is told to whoever asked; the log is for our own mistakes."""
        if not isinstance(error, (Refused, WinnowError)):
            super().log_exception(kind, error, trace)

    def send_error(self, status_code: int = 500, **told: Any) -> None:
        error = told.get("exc_info", (None, None, None))[1]
        if isinstance(error, WinnowError):
            status_code = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 500)
        super().send_error(status_code, **told)


class Refused(web.HTTPError):
    """Somebody asked who may not."""

    def __init__(self, reason: str) -> None:
        super().__init__(403)
        self.why = reason


class Asking(Guarded):
    """Has the project at hand, and threads."""

    def initialize(self, guard: Guard, project: Project, pool: Executor) -> None:
        self.guard, self.project, self.pool = guard, project, pool

    async def off(self, work: Callable[..., Any], *given: Any) -> Any:
        """Do it in a thread."""
        return await IOLoop.current().run_in_executor(self.pool, partial(work, *given))

    def number(self, name: str, default: int, most: int) -> int:
        text = self.get_query_argument(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 12):
            raise QueryError("that is no number", where=name, expected="a whole number", got=ascii(text[:40]))
        return min(int(text), most)

    def tell(self, value: object) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(value, allow_nan=False))

    def show(self, shown: Shown, keep: int = 0) -> None:
        if keep:
            self.set_header("Cache-Control", f"private, max-age={keep}")
        self.set_header("Content-Type", shown.kind)
        self.finish(shown.data)
