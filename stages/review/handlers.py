"""The app's addresses: the report's pages and files, and what their scripts ask for."""

from __future__ import annotations

import json
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from tornado import web

from stages.contracts.errors import QueryError
from stages.review import answers, pages
from stages.review.asking import Asking, Guarded
from stages.review.finding import Finder
from stages.review.guard import TOKEN, Guard, cookie_name
from stages.review.ledger import as_rows
from stages.review.originals import png
from stages.review.project import Project

TYPES = {".js": "text/javascript", ".css": "text/css", ".jpg": "image/jpeg", ".json": "application/json"}
"""Not left to the system's own list: with `nosniff` a wrong one is a script that does not run."""
ID = r"([0-9a-f]{32})"
LAYERS = ("first", "second", "difference")
PER_PAGE = 48
KEEP_SECONDS = 600
"""how long a browser may keep a thumbnail"""


def routes(project: Project, guard: Guard, pool: Executor) -> list[tuple]:
    """Address, handler and what it is given."""
    given = {"guard": guard, "project": project, "pool": pool}
    reports = project.root / pages.REPORTS
    return [
        (r"/", Home, given),
        (r"/review\.html", All, given),
        (r"/(\w[\w-]*\.html)", Page, given),
        (r"/assets/review\.js", Start, given),
        (r"/assets/review\.css", Style, given),
        (r"/assets/(.+)", Asset, {"guard": guard, "path": str(reports / "assets")}),
        (r"/api/decisions", Decisions, given),
        (r"/api/progress", Progress, given),
        (r"/api/items", Items, given),
        (rf"/api/items/{ID}", Item, given),
        (rf"/api/original/{ID}", Original, given),
        (rf"/api/thumbnail/{ID}", Thumbnail, given),
        (rf"/api/difference/{ID}/{ID}", Difference, given),
        (rf"/api/difference/{ID}/{ID}/({'|'.join(LAYERS)})\.png", Layer, given),
        (r"/api/search", Search, {**given, "finder": Finder(project.root)}),
    ]


class Home(Asking):
    """The address that is printed: takes its token, and goes on to the overview."""

    def _has_address(self) -> bool:
        return self.guard.knows(self.get_query_argument(TOKEN, None))

    def get(self) -> None:
        if self._has_address():
            name = cookie_name(self.request.host)
            self.set_cookie(name, self.guard.token, httponly=True, samesite="Strict", path="/")
        # Not a redirect: one that began on another site (a terminal in the browser) would not be given the cookie.
        self.finish(pages.onward("index.html"))


class Page(Asking):
    """A page of the report, as it is, with the script that makes it part of the app."""

    async def get(self, name: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(await self.off(pages.page, self.project.root, name))


class All(Asking):
    """All images: the one page that only the app has."""

    async def get(self) -> None:
        self.finish(await self.off(pages.all_images, self.project))


class Style(Asking):
    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish(pages.styles())


class Start(Asking):
    """What the pages' scripts know of the app from the start, and what it adds to them."""

    async def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(await self.off(pages.start, self.project))


class Asset(Guarded, web.StaticFileHandler):
    """A file of the report. Folders are not listed, and nothing beside them is given."""

    def initialize(self, guard: Guard, path: str) -> None:
        self.guard = guard
        super().initialize(path)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")  # may be kept, if it is asked for whether it is still the same

    def get_content_type(self) -> str:
        return TYPES.get(Path(self.absolute_path).suffix) or super().get_content_type()

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        """Where a link leads counts, not where it lies."""
        try:
            return str(Path(super().get_absolute_path(root, path)).resolve())
        except ValueError:  # a null byte
            raise web.HTTPError(404) from None

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        return super().validate_absolute_path(str(Path(root).resolve()), absolute_path)


class Decisions(Asking):
    """What is decided; and further decisions, which are on the disk when the answer comes."""

    async def get(self) -> None:
        seen = await self.off(self.project.view)
        if self.get_query_argument("since", "") == seen.revision:
            self.tell({"revision": seen.revision})
        else:
            self.tell(answers.decisions(seen))

    async def post(self) -> None:
        self.tell(await self.off(self._add, self._sent()))

    def _sent(self) -> object:
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise QueryError("decisions are sent as JSON", where="Content-Type", expected="application/json")
        try:
            told = json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise QueryError("that is no JSON", got=error) from None
        return told.get("rows") if isinstance(told, dict) else None

    def _add(self, sent: object) -> dict:
        return answers.added(self.project.ledger.add(as_rows(sent, self.project.place)))


class Progress(Asking):
    async def get(self) -> None:
        after = self.get_query_argument("after", None)
        self.tell(await self.off(lambda: answers.progress(self.project.view(), after)))


class Items(Asking):
    """All images that a condition holds for, sorted, a page at a time."""

    async def get(self) -> None:
        asked = self.get_query_argument
        where, sort, shown = asked("where", ""), asked("sort", "path"), asked("shown", "")
        descending = asked("descending", "") in ("1", "true")
        offset, limit = self.number("offset", 0, 2**31), self.number("limit", PER_PAGE, answers.MOST)
        self.tell(await self.off(self._found, where, sort, descending, offset, limit, shown))

    def _found(self, where: str, sort: str, descending: bool, offset: int, limit: int, shown: str) -> dict:
        seen = self.project.view()
        found = self.project.browser.find(seen, where, sort, descending)
        names = tuple(dict.fromkeys(name for name in (sort, *shown.split(",")) if name))
        told = answers.gallery(seen, found[offset : offset + limit], names)
        return {"matched": len(found), "total": len(seen.catalog), "columns": answers.columns(seen), **told}


class Item(Asking):
    async def get(self, item_id: str) -> None:
        self.tell(await self.off(lambda: answers.item(self.project.view(), item_id)))


class Original(Asking):
    async def get(self, item_id: str) -> None:
        self.show(await self.off(self.project.original, item_id))


class Thumbnail(Asking):
    async def get(self, item_id: str) -> None:
        self.show(await self.off(self.project.thumbnail, item_id), KEEP_SECONDS)


class Difference(Asking):
    """What the comparison of two items says; the pictures lie below it."""

    async def get(self, item_a: str, item_b: str) -> None:
        found = await self.off(self.project.overlay, item_a, item_b)
        self.tell(answers.overlay(self.project.view(), found, item_a, item_b))


class Layer(Asking):
    async def get(self, item_a: str, item_b: str, layer: str) -> None:
        self.show(await self.off(lambda: png(getattr(self.project.overlay(item_a, item_b), layer))))


class Search(Asking):
    """The images most like a text, or like an image."""

    def initialize(self, finder: Finder, **given: Any) -> None:
        super().initialize(**given)
        self.finder = finder

    async def get(self) -> None:
        text, item, where = (self.get_query_argument(name, None) for name in ("text", "item", "where"))
        self.tell(await self.off(self._found, text, item, where, self.number("limit", PER_PAGE, answers.MOST)))

    def _found(self, text: str | None, item: str | None, where: str | None, limit: int) -> dict:
        seen = self.project.view()
        passes = self.project.browser.passing(seen, where) if where else None
        hits = self.finder.find(seen.catalog, text, item, limit, passes)
        return {**answers.found(seen, hits), "notes": self.finder.doubts(text)}


class Nothing(Guarded):
    """Every other address."""

    def initialize(self, guard: Guard) -> None:
        self.guard = guard

    def prepare(self) -> None:
        super().prepare()
        raise web.HTTPError(404)
