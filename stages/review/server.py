"""Starting and ending the app.

Tornado alone, which Bokeh brings with it, and not a Bokeh server: no document lives on the Python side (the map is
drawn by the page), and a Bokeh server would add a websocket, a page of its own and files that may be asked for from
other origins, each to be guarded for nothing.
"""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from stages.contracts.errors import SetupError
from stages.review.guard import TOKEN, Guard
from stages.review.handlers import Nothing, routes
from stages.review.project import Project

PORT = 8720
PORTS_TRIED = 20
THREADS = 4
MOST_SENT = 32 * 2**20
"""bytes of a request: decisions on some 100,000 images at once"""
TAKEN = (errno.EADDRINUSE, errno.EACCES)


def application(project: Project, guard: Guard, pool: ThreadPoolExecutor) -> Application:
    return Application(
        routes(project, guard, pool),
        default_handler_class=Nothing,
        default_handler_args={"guard": guard},
        log_function=lambda _: None,  # addresses hold the token, and a person sees no use in them
    )


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets on the port, or on the next that is free.

    Raises
    ------
    SetupError : the address is not this machine's, or all of them are taken.
    """
    for candidate in [port] if port == 0 else range(port, min(port + PORTS_TRIED, 65_536)):
        try:
            return bind_sockets(candidate, host)
        except OSError as error:
            if error.errno not in TAKEN:
                raise SetupError("the app cannot listen there", where=f"--host {host}", got=error) from None
    raise SetupError("no port is free", where=f"--port {port}", expected=f"one of {PORTS_TRIED}", do="--port 0")


def address(host: str, port: int, token: str) -> str:
    """What a person opens."""
    name = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/?{TOKEN}={token}"


async def serve(project: Project, guard: Guard, sockets: list[socket.socket], ready: Callable[[], None]) -> None:
    """Answer until Ctrl-C or a request to end; what is being written is written first."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        _on(loop, name, ended)
    with ThreadPoolExecutor(THREADS, "review") as pool:
        server = HTTPServer(application(project, guard, pool), max_buffer_size=MOST_SENT)
        server.add_sockets(sockets)
        ready()
        await ended.wait()
        server.stop()
        await server.close_all_connections()


def _on(loop: asyncio.AbstractEventLoop, name: signal.Signals, ended: asyncio.Event) -> None:
    try:
        loop.add_signal_handler(name, ended.set)
    except NotImplementedError:  # Windows
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(ended.set))
