"""`winnow review`: the report from a local app that writes decisions at once, and shows the images themselves."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from stages.contracts.decisions import PATH
from stages.contracts.errors import WinnowError
from stages.core.numerals import plural
from stages.review.asking import or_wait
from stages.review.guard import LOOPBACK, Guard
from stages.review.pages import must_be_there
from stages.review.project import Project
from stages.review.server import PORT, address, bind, serve

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
EXPOSED = (
    "winnow review: --host {host} can be reached from other machines, and nothing is encrypted:\n"
    "whoever sees the address with its key can look at the images and decide. An SSH tunnel to {loopback} is safer."
)


def run(
    host: str = LOOPBACK,
    port: int = PORT,
    browser: bool = True,
    root: Path = Path(),
    say: Callable[[str], None] = print,
) -> None:
    """Serve until Ctrl-C.

    Raises
    ------
    WinnowError : the report or a table is not there, or the app cannot listen.
    """
    try:
        must_be_there(root)
        project = Project(root)
        seen = project.view()
    except WinnowError as error:
        raise or_wait(error) from None
    guard = Guard(host)
    sockets = bind(host, port)
    taken = sockets[0].getsockname()[1]
    url = address(host, taken, guard.token)
    if not guard.is_local:
        print(EXPOSED.format(host=host, loopback=LOOPBACK), file=sys.stderr)
    if port not in (0, taken):
        say(f"Port {port} is taken; this is {taken}.")
    say(f"{len(seen.catalog):,} images; every decision is written to {PATH} at once. Ctrl-C ends.")
    say(url)
    asyncio.run(serve(project, guard, sockets, lambda: _show(url) if browser and has_screen() else None))
    say(f"Ended. {PATH} decides on {plural(len(project.view().decisions), 'image')}; dvc repro obeys it.")


def has_screen() -> bool:
    """Whether a browser with a window can be opened; without one Python would start a text browser in the terminal."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in SCREENS)


def _show(url: str) -> None:
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
