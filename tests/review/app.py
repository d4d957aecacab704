"""The planted project with its images in place, and the app that serves it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer

from stages.review.guard import Guard, cookie_name
from stages.review.project import Project
from stages.review.server import application, bind
from tests.encoded import encoded
from tests.pages import dataset

SOURCE = "photos/my cats"


def make(root: Path, shots: list[dataset.Shot]) -> Path:
    """A project whose files are the very ones that its tables speak of."""
    dataset.make(root, shots)
    for shot in shots:
        path = root / SOURCE / shot.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(shot.data if shot.pixels is None else encoded(shot.pixels))
    return root


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class App:
    """A running app, and requests as its own pages send them."""

    project: Project
    guard: Guard
    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def headers(self) -> dict[str, str]:
        return {"Host": self.host, "Cookie": f"{cookie_name(self.host)}={self.guard.token}"}

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None) -> Answer:
        """A request; a header of None is not sent. `_` stands for `-`."""
        sent = self.headers() | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        answer = self.ask(path)
        assert answer.status == 200, answer.body
        return answer.json

    def decide(self, *rows: dict, **headers: str | None) -> Answer:
        sent = {"Origin": f"http://{self.host}", "Content_Type": "application/json"} | headers
        return self.ask("/api/decisions", "POST", json.dumps({"rows": list(rows)}).encode(), **sent)


@contextmanager
def serving(root: Path) -> Iterator[App]:
    """The app on a port of its own, in a thread."""
    project, guard = Project(root), Guard()
    sockets = bind("127.0.0.1", 0)
    loop = asyncio.new_event_loop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()

    with ThreadPoolExecutor(4) as pool:
        server = HTTPServer(application(project, guard, pool))
        loop.call_soon(server.add_sockets, sockets)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield App(project, guard, sockets[0].getsockname()[1])
        finally:
            loop.call_soon_threadsafe(server.stop)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
